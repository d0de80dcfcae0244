//! The members of Parliament: their import, and which of them asked a published question.

use std::collections::BTreeSet;

use pli_domain::dossier::Kind;
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::MemberId;
use pli_domain::member::{self, Member, PublishedMember};
use pli_domain::published::PublishedQuestion;
use pli_domain::refusal::Refusal;
use pli_domain::sender;
use pli_feeds::Rejected;
use pli_persistence::{MemberPlace, Page, Published, UnitOfWork};

use crate::import::BATCH;
use crate::lists::PAGE;
use crate::runs::Run;
use crate::{App, Caller, Error, List, Origin, PublishedFilter, Receipt, Rejection, Report, Sheet};

impl App {
    /// Imports members, and tells what it has done so far after each batch; then looks for the authors of the questions that
    /// this concerns. Importing the same again changes nothing, and ends what was interrupted.
    ///
    /// # Errors
    /// [`Error`] when the database fails; the batches before are kept, and the same import can be run again.
    pub async fn import_members(
        &self,
        records: impl Iterator<Item = Result<PublishedMember, Rejected>> + Send,
        progress: impl FnMut(&Report) + Send,
    ) -> Result<Report, Error> {
        let mut report = Report::default();
        self.import_all_members(records, &mut report, None, progress).await?;
        Ok(report)
    }

    /// The same from a file, and leaves a record of the run.
    ///
    /// # Errors
    /// [`Error`] when the database fails; the batches before are kept, and the same import can be run again.
    pub async fn import_members_file(
        &self,
        origin: &Origin,
        records: impl Iterator<Item = Result<PublishedMember, Rejected>> + Send,
        progress: impl FnMut(&Report) + Send,
    ) -> Result<Report, Error> {
        let mut run = self.begin_run(origin).await?;
        let mut report = Report::default();
        let done = Box::pin(self.import_all_members(records, &mut report, Some(&mut run), progress)).await;
        self.end_import(run, &report, &done).await?;
        done.map(|()| report)
    }

    async fn import_all_members(
        &self,
        records: impl Iterator<Item = Result<PublishedMember, Rejected>> + Send,
        report: &mut Report,
        mut run: Option<&mut Run>,
        mut progress: impl FnMut(&Report) + Send,
    ) -> Result<(), Error> {
        let mut records = records;
        while let Some(batch) = report.next_batch(&mut records) {
            self.import_member_batch(&batch, report, run.as_deref_mut()).await?;
            progress(report);
        }
        self.settle_authors().await
    }

    async fn import_member_batch(
        &self,
        batch: &[PublishedMember],
        report: &mut Report,
        run: Option<&mut Run>,
    ) -> Result<(), Error> {
        let (now, mut done) = (self.clock.now(), report.clone());
        let uow = self.store.begin().await?;
        let (told, refused): (Vec<_>, Vec<_>) = batch.iter().partition(|said| readable(said).is_ok());
        refused.into_iter().filter_map(|said| readable(said).err()).for_each(|said| done.reject(said));
        let mut known = uow.members_known_as(&told.iter().flat_map(|said| keys(said)).collect()).await?;
        let mut concerned = BTreeSet::new();
        for said in told {
            let Ok(before) = said.among(&known) else {
                done.reject(rejection(said, "ambiguous_member", AMBIGUOUS));
                continue;
            };
            let before = before.cloned();
            let after = match &before {
                Some(before) => Member { id: before.id, known: before.known.with(said) },
                None => Member { id: MemberId(self.clock.id()), known: said.clone() },
            };
            if before.as_ref() == Some(&after) {
                done.unchanged += 1;
                continue;
            }
            uow.keep_member(&after, now).await?;
            concerned.extend(keys(&after.known).into_iter().chain(keys(said)));
            if let Some(before) = before {
                concerned.extend(keys(&before.known));
                known.retain(|one| one.id != before.id);
                done.updated += 1;
            } else {
                done.created += 1;
            }
            known.push(after);
        }
        uow.unsettle(&concerned).await?;
        if let Some(run) = &run {
            run.keep(&uow, &done, now).await?;
        }
        uow.commit().await?;
        report.has_kept(done, run);
        Ok(())
    }

    /// Looks for the author of every question of which that is to be done, some in each transaction.
    async fn settle_authors(&self) -> Result<(), Error> {
        loop {
            let some = self.store.unsettled(u64::try_from(BATCH).unwrap_or(u64::MAX)).await?;
            if some.is_empty() {
                return Ok(());
            }
            let uow = self.store.begin().await?;
            for identity in some {
                let Some(published) = uow.published(&identity).await? else { continue };
                let published = match uow.published_record(&identity).await? {
                    Some(record) => with_author(&uow, &record, published).await?,
                    // Kept before whole records were: the next import of questions tells it anew.
                    None => published,
                };
                uow.settle(&published).await?;
            }
            uow.commit().await?;
        }
    }

    /// One member; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn member(&self, id: MemberId) -> Result<Option<Member>, Error> {
        Ok(self.store.member(id).await?)
    }

    /// Some members, in no order.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn some_members(&self, ids: &[MemberId]) -> Result<Vec<Member>, Error> {
        Ok(self.store.members(ids.iter().copied()).await?.into_values().collect())
    }

    /// A page of the members, in the order of their names; at most 100. Those of whom a word of the name begins with what is
    /// typed, or whose reference it is; all when nothing is.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn members(
        &self,
        typed: &str,
        after: Option<&MemberPlace>,
        size: u64,
    ) -> Result<Page<Member>, Error> {
        if let Some(one) = self.store.member_by_reference(typed.trim()).await? {
            let items = if after.is_none() { vec![one] } else { Vec::new() };
            return Ok(Page { items, more: false });
        }
        let begun = sender::begun(typed);
        if begun.is_empty() && !typed.trim().is_empty() {
            return Ok(Page { items: Vec::new(), more: false });
        }
        Ok(self.store.members_page(&begun, after, size.min(PAGE)).await?)
    }
}

/// How many members are suggested.
const SUGGESTED: u64 = 8;

impl App {
    /// The members whose name begins so, at any of its words, for whoever types the sender of a letter; at most 8.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn suggested_members(&self, typed: &str) -> Result<Vec<Member>, Error> {
        let begun = sender::begun(typed);
        // One letter begins half of the names.
        if begun.chars().count() < 2 {
            return Ok(Vec::new());
        }
        Ok(self.store.members_page(&begun, None, SUGGESTED).await?.items)
    }

    /// A page of the letters of a member that the caller may read, the latest received first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn letters_of(
        &self,
        caller: &Caller,
        member: MemberId,
        after: Option<Receipt>,
        size: u64,
    ) -> Result<Page<Sheet>, Error> {
        let list = List { kind: Some(Kind::Mail), member: Some(member), ..List::default() };
        let filter = list.filter(caller, self.today());
        Ok(self.reader(caller).latest(&filter, after, size.min(PAGE)).await?)
    }

    /// A page of the questions of a member, to whatever ministry, last published first; at most 100. They are public. Each
    /// with the reference of its dossier, when there is one and the caller may read it.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn questions_of(
        &self,
        caller: &Caller,
        member: MemberId,
        after: Option<&QuestionIdentity>,
        size: u64,
    ) -> Result<Page<(Published, Option<String>)>, Error> {
        let filter = PublishedFilter { member: Some(member), ..PublishedFilter::default() };
        let Page { items, more } = self.store.published_latest(&filter, after, size.min(PAGE)).await?;
        let names = items.iter().map(|one| one.identity.to_string());
        let mut known = self.reader(caller).references(names.collect()).await?;
        let each = items.into_iter().map(|one| {
            let dossier = known.take(&one.identity.to_string());
            (one, dossier)
        });
        Ok(Page { items: each.collect(), more })
    }

    /// How many questions of a member were published.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn count_questions_of(&self, member: MemberId) -> Result<u64, Error> {
        let filter = PublishedFilter { member: Some(member), ..PublishedFilter::default() };
        Ok(self.store.published_count(&filter).await?)
    }
}

const AMBIGUOUS: &str =
    "Plusieurs élus connus portent ce nom et cette date de naissance : rien ne dit duquel il s’agit.";

/// By what a member is found: reference and name.
fn keys(said: &PublishedMember) -> Vec<String> {
    said.reference.iter().cloned().chain([said.name_key()]).collect()
}

/// Whether a record can be kept, and told from another.
fn readable(said: &PublishedMember) -> Result<(), Rejection> {
    let texts = [&said.reference, &said.civility];
    let texts = texts.into_iter().flatten().chain([&said.given_name, &said.family_name]);
    if texts.into_iter().any(|text| text.contains('\0')) {
        let refusal = Refusal::NullCharacter { field: "name" };
        return Err(rejection(said, refusal.code(), &refusal.message()));
    }
    if !said.is_told_apart() {
        let reason = "Ni référence ni date de naissance : rien ne distingue cette personne d’un homonyme.";
        return Err(rejection(said, "not_told_apart", reason));
    }
    Ok(())
}

fn rejection(said: &PublishedMember, code: &'static str, reason: &str) -> Rejection {
    let source = said.reference.clone().unwrap_or_else(|| said.name());
    Rejection { source, code, reason: reason.to_owned() }
}

/// What is kept of a record for searching, with its author when one of the members known is meant.
pub(crate) async fn with_author(
    uow: &UnitOfWork,
    record: &PublishedQuestion,
    published: Published,
) -> Result<Published, Error> {
    let key = member::author_key(&record.author);
    let known = uow.members_known_as(&key.iter().cloned().collect()).await?;
    let member = member::author(record, &known);
    let member = member.and_then(|id| known.iter().find(|one| one.id == id));
    let author = member.map_or_else(|| record.author.clone(), |one| member::completed(record, one));
    Ok(Published {
        author: author.name().or(author.reference),
        group: author.group,
        author_key: key,
        member: member.map(|one| one.id),
        ..published
    })
}
