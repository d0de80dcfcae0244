//! The import of the public record: our ministry's questions become dossiers and follow the record, the others are kept
//! for searching. Importing the same again changes nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::actor::{Actor, Scope};
use pli_domain::dossier::{Dossier, NewQuestion};
use pli_domain::identity::House;
use pli_domain::ids::DossierId;
use pli_domain::import_run::Counts;
use pli_domain::ministry::Denominations;
use pli_domain::public_record::{Closing, PublicRecord, Reattribution};
use pli_domain::published::{ClosingKind, PublishedQuestion};
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_feeds::Rejected;
use pli_persistence::{Published, UnitOfWork};

use crate::commands::{apply, facts, internal, open, words};
use crate::members::with_author;
use crate::runs::Run;
use crate::{App, Caller, Error};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Questions that were not known.
    pub created: u64,
    /// Questions of which something new was published.
    pub updated: u64,
    /// Questions known as they are.
    pub unchanged: u64,
    /// Dossiers opened, of the questions created or updated.
    pub dossiers: u64,
    /// What could not be imported; everything else was. Of a file without end, the first only.
    pub rejected: Vec<Rejection>,
    /// How many more could not be.
    pub unnamed: u64,
    /// What is wrong with a file of the source, when one is damaged, in French.
    pub damage: Option<String>,
    /// Names of ministries that look like ours and are not: somebody should say.
    pub doubtful: Vec<String>,
}

/// Who imports, and which names of ministries are ours.
#[derive(Clone, Debug)]
pub(crate) struct Importer {
    pub(crate) feed: Caller,
    pub(crate) ours: Denominations,
}

/// A record that could not be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The file.
    pub source: String,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, in French.
    pub reason: String,
}

impl Report {
    /// Takes over what a batch has done, once that is kept.
    pub(crate) fn has_kept(&mut self, done: Self, run: Option<&mut Run>) {
        if let Some(run) = run {
            run.kept = done.clone();
        }
        *self = done;
    }

    /// How many records were read.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.taken().saturating_add(self.refused())
    }

    /// How many records could not be imported.
    #[must_use]
    pub fn refused(&self) -> u64 {
        u64::try_from(self.rejected.len()).unwrap_or(u64::MAX).saturating_add(self.unnamed)
    }

    fn taken(&self) -> u64 {
        self.created.saturating_add(self.updated).saturating_add(self.unchanged)
    }

    /// Why the import of a file did not end well, in French: a file of it is damaged, or nothing could be read.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let nothing = || match self.rejected.first() {
            Some(first) => format!("Rien n’a pu être importé. {}\u{a0}: {}", first.source, first.reason),
            None => "Ce fichier ne contient rien à importer.".to_owned(),
        };
        self.damage.clone().or_else(|| (self.taken() == 0).then(nothing))
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            created: self.created,
            updated: self.updated,
            unchanged: self.unchanged,
            dossiers: self.dossiers,
            rejected: self.refused(),
        }
    }

    /// Says that the name of a ministry looks like ours.
    fn doubt(&mut self, name: &str) {
        if self.doubtful.len() < MOST_NAMES && self.doubtful.iter().all(|known| known != name) {
            self.doubtful.push(cut(name.to_owned()));
        }
    }

    /// Says that a record could not be imported.
    pub(crate) fn reject(&mut self, rejection: Rejection) {
        if self.rejected.len() < MOST_REJECTIONS {
            let Rejection { source, code, reason } = rejection;
            self.rejected.push(Rejection { source: cut(source), code, reason: cut(reason) });
        } else {
            self.unnamed = self.unnamed.saturating_add(1);
        }
    }

    /// The records that are written next, in one transaction; `None` at the end. What could not be read is rejected.
    pub(crate) fn next_batch<T>(
        &mut self,
        records: &mut impl Iterator<Item = Result<T, Rejected>>,
    ) -> Option<Vec<T>> {
        let mut records = records.take(BATCH).peekable();
        records.peek()?;
        Some(
            records
                .filter_map(|record| record.map_err(|rejected| self.reject_unread(rejected)).ok())
                .collect(),
        )
    }

    /// The same of what a reader could not read.
    fn reject_unread(&mut self, rejected: Rejected) {
        if rejected.reason.is_damage() && self.damage.is_none() {
            self.damage = Some(rejected.to_string());
        }
        let Rejected { source, reason } = rejected;
        self.reject(Rejection { source, code: reason.code(), reason: reason.to_string() });
    }
}

/// The beginning of a text that a file may have made endless.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// How much is kept of a name or a reason, in characters.
const LONGEST_TEXT: usize = 500;

/// How many doubtful names are told.
const MOST_NAMES: usize = 20;

/// How many rejections are named: a file without end takes no memory without end.
const MOST_REJECTIONS: usize = 10_000;

/// How many records are written in one transaction.
pub(crate) const BATCH: usize = 100;

impl App {
    /// Imports records that come from no file, and tells what it has done so far after each batch; those of a file are
    /// imported by [`App::import_file`], which leaves a record of the run.
    ///
    /// # Errors
    /// [`Error`] when the database fails; the batches before are kept, and the same import can be run again.
    pub async fn import(
        &self,
        records: impl Iterator<Item = Result<PublishedQuestion, Rejected>> + Send,
        progress: impl FnMut(&Report) + Send,
    ) -> Result<Report, Error> {
        let mut report = Report::default();
        self.import_all(records, &mut report, None, progress).await?;
        Ok(report)
    }

    pub(crate) async fn import_all(
        &self,
        records: impl Iterator<Item = Result<PublishedQuestion, Rejected>> + Send,
        report: &mut Report,
        mut run: Option<&mut Run>,
        mut progress: impl FnMut(&Report) + Send,
    ) -> Result<(), Error> {
        let importer = self.importer().await?;
        let mut records = records;
        while let Some(batch) = report.next_batch(&mut records) {
            self.import_batch(&importer, &batch, report, run.as_deref_mut()).await?;
            progress(report);
        }
        Ok(())
    }

    pub(crate) async fn importer(&self) -> Result<Importer, Error> {
        Ok(Importer { feed: self.caller(Actor::feed()).await?, ours: self.denominations().await? })
    }

    pub(crate) async fn import_batch(
        &self,
        importer: &Importer,
        batch: &[PublishedQuestion],
        report: &mut Report,
        run: Option<&mut Run>,
    ) -> Result<(), Error> {
        let mut done = report.clone();
        let names: Vec<_> = batch.iter().map(|record| record.identity.to_string()).collect();
        let mut known = self.store.published_digests(names.clone()).await?;
        let touched = self.store.touched_since_published(names).await?;
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let importer = &Importer { feed: self.current(&uow, &importer.feed).await?, ..importer.clone() };
        let mut dossiers = Vec::new();
        for record in batch {
            let name = record.identity.to_string();
            let is = |record: &PublishedQuestion| (record.digest.clone(), importer.is_ours(record));
            importer.doubts(record).into_iter().for_each(|name| done.doubt(name));
            match known.insert(name, is(record)) {
                Some(before) if before == is(record) => {
                    done.unchanged += 1;
                    self.compare_again(&uow, importer, &touched, record, now).await?;
                }
                before => {
                    let record = match complete(&uow, record).await? {
                        Ok(record) if before == Some(is(&record)) => {
                            done.unchanged += 1;
                            self.compare_again(&uow, importer, &touched, &record, now).await?;
                            continue;
                        }
                        Ok(record) => record,
                        Err(rejection) => {
                            done.reject(rejection);
                            continue;
                        }
                    };
                    known.insert(record.identity.to_string(), is(&record));
                    match self.import_one(&uow, importer, &record, now).await? {
                        Imported::Rejected(rejection) => {
                            done.reject(rejection);
                            continue;
                        }
                        Imported::Kept { opened } => {
                            done.dossiers += u64::from(opened.is_some());
                            dossiers.extend(opened);
                        }
                    }
                    if before.is_some() { done.updated += 1 } else { done.created += 1 }
                }
            }
        }
        if let Some(run) = &run {
            run.keep(&uow, &done, now).await?;
            run.keep_opened(&uow, &dossiers).await?;
        }
        uow.commit().await?;
        report.has_kept(done, run);
        Ok(())
    }

    /// Compares a record that has not changed with its dossier, when something was done to that since.
    async fn compare_again(
        &self,
        uow: &UnitOfWork,
        importer: &Importer,
        touched: &BTreeMap<String, DossierId>,
        record: &PublishedQuestion,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Some(id) = touched.get(&record.identity.to_string())
            && let Some(sheet) = uow.dossier(&Scope::ALL, *id).await?
        {
            self.compare(uow, &importer.public_record(record), &sheet.dossier, now).await?;
        }
        Ok(())
    }

    /// Keeps a record and, when it is ours, brings its dossier up to it. Of a record that is rejected nothing is kept.
    async fn import_one(
        &self,
        uow: &UnitOfWork,
        importer: &Importer,
        record: &PublishedQuestion,
        now: Timestamp,
    ) -> Result<Imported, Error> {
        let feed = &importer.feed;
        let published = with_author(uow, record, published(record, importer.is_ours(record))).await?;
        let rejected =
            |code, reason| Ok(Imported::Rejected(Rejection { source: record.uid.clone(), code, reason }));
        let said = importer.public_record(record);
        let followed = match uow.followed(&record.identity).await? {
            Some(id) => Some(uow.dossier(&Scope::ALL, id).await?.ok_or(Error::NotFound)?),
            None => None,
        };
        let received = match (&followed, record.published_on) {
            (None, Some(published_on)) if published.ours => {
                let (identity, subject) = (record.identity.clone(), published.subject.clone());
                let question = NewQuestion { identity, published_on, subject };
                match question.receive(&feed.actor, &facts(feed, now, None)) {
                    Ok(event) => Some((self.new_id(), event)),
                    Err(refusal) => return rejected(refusal.code(), refusal.message()),
                }
            }
            (None, None) if published.ours => {
                let reason = "La question n’a pas de date de publication : aucun délai ne peut être calculé.";
                return rejected("no_publication_date", reason.to_owned());
            }
            _ => None,
        };
        let before = match (&followed, &received) {
            (Some(sheet), _) => Some(sheet.dossier.clone()),
            (None, Some((id, event))) => Some(Dossier::begin(*id, event).map_err(internal)?),
            (None, None) => None,
        };
        // Tried before anything is written: a transaction keeps all of a record, or is given up with all the others.
        if let Some(Err(refusal)) = before.map(|dossier| tried(feed, dossier, &said, now)) {
            return rejected(refusal.code(), refusal.message());
        }
        uow.keep_published(&published, now).await?;
        uow.keep_record(record).await?;
        let opened = received.as_ref().map(|(id, _)| *id);
        let mut sheet = match (followed, received) {
            (Some(sheet), _) => sheet,
            (None, Some((id, event))) => open(uow, feed, id, &event, words(&published.subject), now).await?,
            (None, None) => return Ok(Imported::Kept { opened }),
        };
        for command in said.follow(&sheet.dossier, now.paris_date()) {
            sheet = apply(uow, feed, sheet, &command, now).await?;
        }
        self.compare(uow, &said, &sheet.dossier, now).await?;
        Ok(Imported::Kept { opened })
    }
}

/// Whether the rules let the record be followed, command after command.
fn tried(feed: &Caller, dossier: Dossier, said: &PublicRecord, now: Timestamp) -> Result<(), Refusal> {
    let commands = said.follow(&dossier, now.paris_date());
    commands.iter().try_fold(dossier, |dossier, command| {
        let event = dossier.decide(&feed.actor, command, &facts(feed, now, None))?;
        // What was decided can be applied; should it not, that is told when it is.
        Ok(dossier.clone().evolve(&event).unwrap_or(dossier))
    })?;
    Ok(())
}

/// A record with what other files told of the same question before. The Sénat's numbers start again in the year of an
/// election: another question that has the name already is never taken for this one.
async fn complete(
    uow: &UnitOfWork,
    record: &PublishedQuestion,
) -> Result<Result<PublishedQuestion, Rejection>, Error> {
    let Some(earlier) = uow.published_record(&record.identity).await? else {
        return Ok(Ok(record.clone()));
    };
    let apart = |(one, other)| one != other;
    if record.identity.house == House::Senate
        && earlier.uid != record.uid
        && earlier.published_on.zip(record.published_on).is_some_and(apart)
    {
        let reason = format!("Le nom {} est déjà celui de la question {}.", record.identity, earlier.uid);
        return Ok(Err(Rejection { source: record.uid.clone(), code: "identity_taken", reason }));
    }
    Ok(Ok(record.clone().after(&earlier).map_err(|error| Error::Internal(error.into()))?))
}

/// What became of one record.
enum Imported {
    Kept { opened: Option<DossierId> },
    Rejected(Rejection),
}

/// What is kept of a record for searching.
fn published(record: &PublishedQuestion, ours: bool) -> Published {
    let ministry = record.attributed_ministry().map(|ministry| ministry.label.clone());
    Published {
        identity: record.identity.clone(),
        uid: record.uid.clone(),
        subject: record.subject(),
        author: record.author.name().or_else(|| record.author.reference.clone()),
        group: record.author.group.clone(),
        ours,
        ministry,
        published_on: record.published_on,
        answered_on: record.answered_on(),
        question: record.question_text(),
        answer: record.answer_text(),
        digest: record.digest.clone(),
        author_key: None,
        member: None,
    }
}

impl Importer {
    /// Whether the ministry that has to answer is ours, on the day on which the question was given to it.
    fn is_ours(&self, record: &PublishedQuestion) -> bool {
        given(record).is_some_and(|(ministry, on)| self.ours.are_ours(ministry, on))
    }

    /// The name of that ministry, when it looks like ours and is not.
    fn doubts<'a>(&self, record: &'a PublishedQuestion) -> Option<&'a str> {
        let (ministry, on) = given(record)?;
        self.ours.doubtful(ministry, on).then_some(ministry)
    }

    /// What a record says of the question's life. A closing without a date is passed over until it has one.
    pub(crate) fn public_record(&self, record: &PublishedQuestion) -> PublicRecord {
        let signalled = record.signalled.as_ref();
        let closed = record.closing.as_ref().and_then(|closing| {
            let how = match closing.kind {
                ClosingKind::Answered => return None,
                ClosingKind::Withdrawn => Closing::Withdrawn,
                ClosingKind::EndOfTerm | ClosingKind::Lapsed | ClosingKind::Other => Closing::Lapsed,
            };
            Some((how, closing.on?))
        });
        PublicRecord {
            signalled_on: signalled.and_then(|signalled| signalled.deposited_on.or(signalled.published_on)),
            renewed_on: record.renewed_on.clone(),
            answered_on: record.answered_on(),
            closed_on: closed,
            recalled_on: record.recalled.as_ref().and_then(|recall| recall.on),
            converted_on: record.converted_on,
            published_on: record.published_on,
            sitting_on: record.sitting_on,
            reattributed: self.reattribution(record),
            corrected_on: record
                .answers
                .iter()
                .filter(|text| text.erratum)
                .filter_map(|text| text.on)
                .collect(),
        }
    }

    /// To whom the question was given last, when the record tells since when.
    fn reattribution(&self, record: &PublishedQuestion) -> Option<Reattribution> {
        let last = record.attributions.last()?;
        let (ministry, on) = (last.ministry.label.clone(), last.on?);
        let ours = self.ours.are_ours(&ministry, Some(on));
        let mut before = record.attributions.iter().rev().skip(1).take_while(|before| before.on == Some(on));
        let twice_on_that_day = before.any(|one| self.ours.are_ours(&one.ministry.label, Some(on)) != ours);
        Some(Reattribution { ours, ministry, on, twice_on_that_day })
    }
}

/// The ministry that has to answer, and since when: its attribution, or else the publication.
fn given(record: &PublishedQuestion) -> Option<(&str, Option<NaiveDate>)> {
    let since = record.attributions.last().and_then(|last| last.on);
    Some((record.attributed_ministry()?.label.as_str(), since.or(record.published_on)))
}
