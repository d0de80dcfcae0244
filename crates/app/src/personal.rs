//! What is held on a person who asks: found, and given as a copy (GDPR, art. 15 and 20).

use std::collections::BTreeSet;

use pli_domain::actor::Role;
use pli_domain::dossier::{Action, Command, Outcome, Stage};
use pli_domain::ids::DossierId;
use pli_domain::member::Member;
use pli_domain::personal::{PersonalRefusal, given};
use pli_domain::refusal::Refusal;
use pli_domain::search::{Piece, Query, excerpt};
use pli_domain::sender;
use pli_domain::text::fold;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, Reader};

use crate::commands::{apply, claim, run};
use crate::lists::PAGE;
use crate::{App, Attached, Caller, Error, Found, Key, List, Order, Page, Receipt, Sheet};

/// How many texts of each sort are looked at beyond the search.
const TEXTS: u64 = 500;

/// How long a passage is, in bytes.
const PASSAGE: usize = 240;

/// What is held on somebody, as far as the caller may read.
#[derive(Clone, Debug)]
pub struct Held {
    /// The dossiers whose sender, subject or texts name them, the latest received first.
    pub dossiers: Page<Found>,
    /// Others, in which they are named by words said with an act or by an older version of an answer.
    pub mentions: Vec<Mentioned>,
    /// The members of Parliament of that name.
    pub members: Vec<Member>,
    /// The people of that name who have or had an account.
    pub people: Vec<String>,
}

/// A dossier in which somebody is named.
#[derive(Clone, Debug)]
pub struct Mentioned {
    /// The dossier.
    pub sheet: Sheet,
    /// The passage.
    pub passage: Vec<Piece>,
}

/// The copy that a person is given.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// The reference of their request.
    pub request: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The dossiers, by reference.
    pub dossiers: Vec<Disclosed>,
}

/// What a dossier holds on the person whom it is about.
#[derive(Clone, Debug)]
pub struct Disclosed {
    /// The dossier.
    pub sheet: Sheet,
    /// The answer, once it is given.
    pub answer: Option<String>,
    /// What was said with acts: when, of which act, the words. Not by whom.
    pub notes: Vec<(Timestamp, Action, String)>,
    /// The documents.
    pub documents: Vec<Attached>,
}

impl App {
    /// What is held on whoever has this name, address or e-mail address; at most 100 dossiers a page, the rest with the first one.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is no coordinator.
    pub async fn held_on(
        &self,
        caller: &Caller,
        typed: &str,
        after: Option<Receipt>,
        size: u64,
    ) -> Result<Held, Error> {
        answers_requests(caller)?;
        let words = sender::named(typed);
        let list = List { words: Some(words.clone()), ..List::default() };
        let found =
            |dossiers| Held { dossiers, mentions: Vec::new(), members: Vec::new(), people: Vec::new() };
        if Query::parse(&words).is_empty() {
            return Ok(found(Page { items: Vec::new(), more: false }));
        }
        let dossiers = self.found(caller, &list, after, size).await?;
        if after.is_some() {
            return Ok(found(dossiers));
        }
        let key = fold(&words);
        let parts: Vec<_> = key.split_whitespace().collect();
        let named = |name: &str| {
            let name = fold(name);
            parts.iter().all(|part| name.split([' ', '-']).any(|word| word == *part) || name == *part)
        };
        let people = self.everybody().await?.into_iter().map(|(_, name)| name);
        Ok(Held {
            mentions: self.mentions(caller, &words, &list).await?,
            members: self.members(&words, None, PAGE).await?.items,
            people: people.filter(|name| named(name)).collect(),
            dossiers,
        })
    }

    /// The dossiers that the search does not find.
    async fn mentions(&self, caller: &Caller, words: &str, list: &List) -> Result<Vec<Mentioned>, Error> {
        let (query, reader) = (Query::parse(words), self.reader(caller));
        let mut texts = reader.mentions(&query, TEXTS).await?;
        let ids: BTreeSet<_> = texts.iter().map(|mention| mention.dossier).collect();
        let found = reader.among(&ids, &list.filter(caller, self.today())).await?;
        texts.retain(|mention| !found.contains(&mention.dossier));
        let left: BTreeSet<_> = texts.iter().map(|mention| mention.dossier).collect();
        let mut sheets = reader.some(&left.into_iter().collect::<Vec<_>>()).await?;
        sheets.sort_by_key(|sheet| std::cmp::Reverse((sheet.dossier.received_on, sheet.dossier.id)));
        let mentioned = |sheet: Sheet| {
            let text = texts.iter().find(|mention| mention.dossier == sheet.dossier.id)?;
            Some(Mentioned { passage: excerpt(&text.text, &query, PASSAGE)?, sheet })
        };
        Ok(sheets.into_iter().filter_map(mentioned).collect())
    }

    /// Gives somebody a copy of what these dossiers hold on them, and their request with it. Each dossier's journal says so, in
    /// one transaction; the same key again gives the same copy and is journalled once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a dossier is out of scope, [`Error::Refused`] to whoever is no coordinator or when the request
    /// may not be read.
    pub async fn disclose(
        &self,
        caller: &Caller,
        key: Key,
        request: Option<DossierId>,
        chosen: Vec<DossierId>,
    ) -> Result<Disclosure, Error> {
        answers_requests(caller)?;
        let Some(request) = request else { return Ok(PersonalRefusal::RequestUnknown.refuse()?) };
        let all = given(request, chosen)?;
        let (app, by) = (self.clone(), caller.clone());
        let ids = all.clone();
        run(move || app.clone().disclose_once(by.clone(), key.clone(), request, ids.clone())).await?;
        self.disclosure(caller, request, &all).await
    }

    async fn disclose_once(
        self,
        caller: Caller,
        key: Key,
        request: DossierId,
        all: BTreeSet<DossierId>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let asked = format!("disclose {request} {all:?}");
        if matches!(claim(&uow, &caller, &key, &asked, request.0, now).await?, Claim::Done { .. }) {
            return Ok(());
        }
        let caller = self.current(&uow, &caller).await?;
        answers_requests(&caller)?;
        uow.lock_with_batches(&all.iter().copied().collect::<Vec<_>>()).await?;
        if !uow.sees(&caller.scope, request).await? {
            return Ok(PersonalRefusal::RequestUnknown.refuse()?);
        }
        let command = Command::Disclose { request };
        for dossier in all {
            let before = uow.dossier(&caller.scope, dossier).await?.ok_or(Error::NotFound)?;
            if let Err(error) = apply(&uow, &caller, before, &command, now).await {
                drop(uow);
                if let Error::Refused(refusal) = &error {
                    let order = Order { dossier, version: None, key, command };
                    self.record_refusal(&caller, &order, refusal, now).await?;
                }
                return Err(error);
            }
        }
        Ok(uow.commit().await?)
    }

    async fn disclosure(
        &self,
        caller: &Caller,
        request: DossierId,
        all: &BTreeSet<DossierId>,
    ) -> Result<Disclosure, Error> {
        let ids: Vec<_> = all.iter().copied().collect();
        let reader = self.reader(caller);
        let mut sheets = reader.some(&ids).await?;
        sheets.sort_by(|one, other| one.dossier.reference.cmp(&other.dossier.reference));
        let asked = sheets.iter().find(|sheet| sheet.dossier.id == request).ok_or(Error::NotFound)?;
        let asked = asked.dossier.reference.clone();
        self.opened(caller, &sheets).await?;
        let mut documents = reader.attachments(&ids).await?;
        let signed = sheets.iter().filter_map(answered);
        let mut answers = reader.drafts(&signed.collect::<Vec<_>>()).await?;
        let mut dossiers = Vec::with_capacity(sheets.len());
        for sheet in sheets {
            let id = sheet.dossier.id;
            dossiers.push(Disclosed {
                answer: answered(&sheet).and_then(|version| answers.remove(&version)),
                notes: notes(&reader, id).await?,
                documents: documents.remove(&id).unwrap_or_default(),
                sheet,
            });
        }
        Ok(Disclosure { request: asked, made_at: self.clock.now(), dossiers })
    }
}

/// Whoever answers people who ask what is held on them.
fn answers_requests(caller: &Caller) -> Result<(), Refusal> {
    let role = Role::Coordinator;
    if caller.actor.has(role) { Ok(()) } else { Err(Refusal::OnlyFor { role }) }
}

/// The version of the answer that was given: what is still being written is no answer.
fn answered(sheet: &Sheet) -> Option<(DossierId, u32)> {
    let given = sheet.dossier.stage == Stage::Closed(Outcome::Answered) && sheet.dossier.signed_by.is_some();
    let draft = sheet.dossier.draft.as_ref().filter(|_| given)?;
    Some((sheet.dossier.id, draft.version))
}

/// What was said with the acts of a dossier that were done; the names of documents stand with these.
async fn notes(reader: &Reader, id: DossierId) -> Result<Vec<(Timestamp, Action, String)>, Error> {
    let (mut notes, mut after) = (Vec::new(), 0);
    loop {
        let page = reader.journal(id, after, PAGE).await?;
        after = page.items.last().map_or(after, |line| line.entry.seq);
        for line in page.items.into_iter().filter(|line| line.entry.accepted) {
            let action = line.entry.action.parse::<Action>().ok().filter(|action| *action != Action::Attach);
            if let (Some(action), Some(words)) = (action, line.note) {
                notes.push((line.entry.at, action, words));
            }
        }
        if !page.more {
            return Ok(notes);
        }
    }
}
