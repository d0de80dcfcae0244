//! Batches: questions that get one answer, and which questions may well be about the same thing.

use std::collections::BTreeMap;

use chrono::Days;
use pli_domain::alike::Corpus;
use pli_domain::dossier::{Command, Kind, Stage};
use pli_domain::ids::{BatchId, DossierId};
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Filter, Page, Position, Sheet, UnitOfWork};

use crate::commands::{apply, keep};
use crate::{App, Caller, Error};

/// Questions published further apart are not proposed to each other.
const WINDOW: Days = Days::new(92);

/// How many questions are compared at most: the first due of those in the window.
const COMPARED: usize = 300;

/// How many are proposed.
const PROPOSED: usize = 5;

/// A question that may well be about the same thing as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearQuestion {
    /// The question.
    pub sheet: Sheet,
    /// How alike the texts are, in hundredths.
    pub percent: u8,
}

impl App {
    /// The questions of some batches that the caller may read, each batch's lead question first.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn batches(
        &self,
        caller: &Caller,
        wanted: &[BatchId],
    ) -> Result<BTreeMap<BatchId, Vec<Sheet>>, Error> {
        Ok(self.store.reader(caller.scope.clone()).batches(wanted).await?)
    }

    /// A page of the batches of which the caller may read a question, the newest first.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn batch_page(
        &self,
        caller: &Caller,
        before: Option<BatchId>,
        size: u64,
    ) -> Result<Page<Vec<Sheet>>, Error> {
        let reader = self.store.reader(caller.scope.clone());
        let page = reader.batch_page(before, size).await?;
        let mut batches = reader.batches(&page.items).await?;
        let items = page.items.iter().filter_map(|batch| batches.remove(batch)).collect();
        Ok(Page { items, more: page.more })
    }

    /// The open questions that look like this one, that could join it or that it could join, most alike first. Their
    /// texts are the published ones; where none is published, the subject.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn near_questions(&self, caller: &Caller, sheet: &Sheet) -> Result<Vec<NearQuestion>, Error> {
        let received = sheet.dossier.received_on;
        let (Some(from), Some(to)) = (received.checked_sub_days(WINDOW), received.checked_add_days(WINDOW))
        else {
            return Ok(Vec::new());
        };
        let filter = Filter {
            open: Some(true),
            kind: Some(Kind::Question),
            stages: vec![Stage::Received, Stage::Routed, Stage::Drafting, Stage::Review, Stage::Signature],
            received: Some((from, to)),
            ..Filter::default()
        };
        let reader = self.store.reader(caller.scope.clone());
        let mut compared = vec![sheet.clone()];
        let mut after: Option<Position> = None;
        while compared.len() < COMPARED {
            let page = reader.dossiers(&filter, after, 100).await?;
            after = page.items.last().map(|last| Position::of(last, None));
            compared.extend(page.items.into_iter().filter(|other| is_another(sheet, other)));
            if !page.more {
                break;
            }
        }
        let identities = compared.iter().filter_map(|sheet| Some(&sheet.dossier.question()?.identity));
        let published = self.store.published(identities).await?;
        let text = |sheet: &Sheet| {
            let facts = sheet.dossier.question()?;
            let text = published.get(&facts.identity).map(|published| published.question.clone());
            text.filter(|text| !text.is_empty())
        };
        let texts: Vec<_> =
            compared.iter().map(|sheet| text(sheet).unwrap_or(sheet.subject.clone())).collect();
        let corpus = Corpus::new(texts.iter().map(String::as_str));
        let near = corpus.nearest(0).into_iter().take(PROPOSED).filter_map(|(place, likeness)| {
            Some(NearQuestion { sheet: compared.get(place)?.clone(), percent: likeness.percent() })
        });
        Ok(near.collect())
    }

    /// Does to a dossier what was asked; what leads to an answer is done to every question of its batch.
    pub(crate) async fn carry_out(
        &self,
        uow: &UnitOfWork,
        caller: &Caller,
        before: Sheet,
        command: &Command,
        now: Timestamp,
    ) -> Result<Sheet, Error> {
        let seat = before.dossier.seat().filter(|_| command.action().is_shared());
        match (command, seat) {
            (Command::JoinBatch { with }, _) => self.join(uow, caller, before, *with, now).await,
            (_, None) => apply(uow, caller, before, command, now).await,
            (_, Some(seat)) => {
                let id = before.dossier.id;
                let (mates, _) = uow.batch(seat.batch).await?;
                let after = apply(uow, caller, before, command, now).await?;
                for mate in mates.into_iter().filter(|mate| *mate != id) {
                    // Whoever acts on the batch acts on all of it: not by what they see, but by what the rules let them do.
                    let mate =
                        uow.dossier(&pli_domain::actor::Scope::ALL, mate).await?.ok_or(Error::NotFound)?;
                    apply(uow, caller, mate, command, now).await?;
                }
                Ok(after)
            }
        }
    }

    /// Puts a question in the batch of another, which begins one when it is in none.
    async fn join(
        &self,
        uow: &UnitOfWork,
        caller: &Caller,
        before: Sheet,
        with: DossierId,
        now: Timestamp,
    ) -> Result<Sheet, Error> {
        let beside = uow.dossier(&caller.scope, with).await?.ok_or(Refusal::BatchUnknown)?;
        before.dossier.may_join(&caller.actor, &beside.dossier, &caller.organisation)?;
        let beside = if beside.dossier.seat().is_some() {
            beside
        } else {
            let open = Command::OpenBatch { batch: BatchId(self.clock.id()) };
            apply(uow, caller, beside, &open, now).await?
        };
        let batch = beside.dossier.seat().ok_or(Error::NotFound)?.batch;
        let (_, last) = uow.batch(batch).await?;
        let facts = crate::commands::facts(caller, now, None);
        let place = last.saturating_add(1);
        let event = before.dossier.join(&caller.actor, &beside.dossier, place, &facts)?;
        // The lead question's text becomes this question's next version: each dossier has its answer whole.
        if let Some((version, _, author)) = event.written() {
            let text = uow.draft(&beside.dossier).await?.ok_or(Error::NotFound)?;
            uow.add_draft(before.dossier.id, version, &text, author, now).await?;
        }
        keep(uow, caller, before, &event, None, now).await
    }
}

/// Whether a question is another one, written, that is not in the same batch.
fn is_another(sheet: &Sheet, other: &Sheet) -> bool {
    let written = other.dossier.question().is_some_and(|facts| facts.identity.kind.is_written());
    let together =
        sheet.dossier.seat().zip(other.dossier.seat()).is_some_and(|(one, two)| one.batch == two.batch);
    written && !together && other.dossier.id != sheet.dossier.id
}
