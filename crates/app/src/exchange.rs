//! The exchange with *Réponses*: signed answers go out, and what it tells of questions comes in. As files: whoever carries
//! them is not Pli's business.

use pli_domain::actor::Scope;
use pli_domain::digest::Digest;
use pli_domain::dossier::{Command, Kind, Seat, Stage};
use pli_domain::ids::{BatchId, DossierId};
use pli_domain::notice::{Change, Notice};
use pli_domain::published::PublishedQuestion;
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_feeds::reponses::{
    self, Attribution, Erratum, Page, QuestionRef, Received, Rejected, State, StateChange,
};
use pli_persistence::{Filter, Position, Published, Sheet, UnitOfWork};

use crate::commands::apply;
use crate::import::{Importer, Rejection, Report};
use crate::runs::Run;
use crate::{App, Caller, Error, Origin};

/// A signed answer that has not been sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAnswer {
    /// The questions that it answers, as *Réponses* names them, the lead question first.
    pub questions: Vec<QuestionRef>,
    /// The text that was signed.
    pub text: String,
}

/// What a message of *Réponses* changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// The questions of the message, when it holds some.
    pub report: Report,
    /// Acts on dossiers, and texts and ministries of published questions, that follow the message.
    pub applied: u64,
    /// What was known already, or does not concern a dossier of Pli.
    pub passed: u64,
    /// Parts that could not be read or applied.
    pub rejected: Vec<Rejection>,
    /// The jeton by which what follows is asked for, and whether nothing follows.
    pub token: Option<(String, bool)>,
}

impl Exchanged {
    /// All that was done, as of any import.
    fn told(&self) -> Report {
        let mut told = self.report.clone();
        told.updated = told.updated.saturating_add(self.applied);
        told.unchanged = told.unchanged.saturating_add(self.passed);
        self.rejected.iter().cloned().for_each(|rejection| told.reject(rejection));
        told
    }
}

/// A part of a message, applied.
enum Done {
    Applied,
    Passed,
}

/// The service by which questions are asked for; its jeton is kept under this name.
const QUESTIONS: &str = "questions";

/// How many dossiers are read at once.
const PAGE: u64 = 100;

impl App {
    /// The signed answers to written questions that are to be transmitted, in the order in which they are due. A text that is
    /// not the one that was signed is not given: its reference is, beside.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn signed_answers(&self) -> Result<(Vec<SignedAnswer>, Vec<String>), Error> {
        let reader = self.store.reader(Scope::ALL);
        let filter = Filter {
            open: Some(true),
            kind: Some(Kind::Question),
            stages: vec![Stage::Ready],
            ..Filter::default()
        };
        let (mut signed, mut broken) = (Vec::new(), Vec::new());
        let mut after = None;
        loop {
            let page = reader.dossiers(&filter, after, PAGE).await?;
            after = page.items.last().map(|sheet| Position::of(sheet, None));
            let written = page.items.iter().filter(|sheet| is_written(sheet));
            let drafts: Vec<_> = written
                .clone()
                .filter_map(|sheet| Some((sheet.dossier.id, sheet.dossier.draft.as_ref()?.version)))
                .collect();
            let mut texts = reader.drafts(&drafts).await?;
            for sheet in written {
                let (Some(draft), Some(facts)) = (&sheet.dossier.draft, sheet.dossier.question()) else {
                    continue;
                };
                match texts.remove(&(sheet.dossier.id, draft.version)) {
                    Some(text) if Digest::of([text.as_str()]) == draft.text => {
                        let question = QuestionRef::of(&facts.identity, sheet.dossier.received_on);
                        signed.push((facts.seat, question, text));
                    }
                    _ => broken.push(sheet.dossier.reference.clone()),
                }
            }
            if !page.more {
                return Ok((together(signed), broken));
            }
        }
    }

    /// The jeton after which questions are to be asked for; `None` when none has ever come in.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn questions_token(&self) -> Result<Option<String>, Error> {
        Ok(self.store.exchange_token(QUESTIONS).await?)
    }

    /// Takes in a message of *Réponses* from a file, and leaves a record of the run: there, what was applied counts as
    /// updated, and what says nothing new as unchanged.
    ///
    /// # Errors
    /// [`Error`] when the database fails; the same message can be taken in again.
    pub async fn receive_file(&self, origin: &Origin, message: Received) -> Result<Exchanged, Error> {
        let mut run = self.begin_run(origin).await?;
        let done = Box::pin(self.receive_message(message, Some(&mut run))).await;
        let (report, failure) = match &done {
            Ok(done) => (done.told(), None),
            Err(error) => (run.kept.clone(), Some(error.message())),
        };
        self.end_run(run, &report, failure).await?;
        done
    }

    /// Takes in a message of *Réponses*. Taking it in again changes nothing.
    ///
    /// # Errors
    /// [`Error`] when the database fails; the same message can be taken in again.
    pub async fn receive_exchange(&self, message: Received) -> Result<Exchanged, Error> {
        Box::pin(self.receive_message(message, None)).await
    }

    async fn receive_message(&self, message: Received, run: Option<&mut Run>) -> Result<Exchanged, Error> {
        let importer = self.importer().await?;
        match message {
            Received::Questions(page) => self.receive_questions(&importer, page, run).await,
            Received::Changes(page) => self.receive_each(&importer, page, "changes", Part::Change).await,
            Received::Errata(page) => self.receive_each(&importer, page, "errata", Part::Erratum).await,
            Received::Attributions(page) => {
                self.receive_each(&importer, page, "attributions", Part::Attribution).await
            }
            Received::Receipts(receipts) => {
                let mut done = Exchanged::default();
                for receipt in receipts {
                    match receipt {
                        Ok(receipt) => match receipt.refused {
                            Some(reason) => done.rejected.push(Rejection {
                                source: receipt.question.to_string(),
                                code: "answer_refused",
                                reason,
                            }),
                            None => done.passed += 1,
                        },
                        Err(rejected) => done.rejected.push(rejection(rejected)),
                    }
                }
                Ok(done)
            }
        }
    }

    /// Questions come in as from the houses' files. What a house has published itself says more, and stays.
    async fn receive_questions(
        &self,
        importer: &Importer,
        page: Page<PublishedQuestion>,
        run: Option<&mut Run>,
    ) -> Result<Exchanged, Error> {
        let mut done = Exchanged { token: Some((page.token.clone(), page.last)), ..Exchanged::default() };
        let (mut records, mut rejected) = (Vec::new(), Vec::new());
        for item in page.items {
            match item {
                Ok(record) => records.push(record),
                Err(part) => rejected.push(rejection(part)),
            }
        }
        let known = self.store.published(records.iter().map(|record| &record.identity)).await?;
        let by_house = |record: &PublishedQuestion| {
            known.get(&record.identity).is_some_and(|known| !known.uid.starts_with(reponses::UID))
        };
        let before = records.len();
        records.retain(|record| !by_house(record));
        let kept = u64::try_from(before.saturating_sub(records.len())).unwrap_or_default();
        done.report.unchanged += kept;
        self.import_batch(importer, &records, &mut done.report, run).await?;
        done.report.rejected.append(&mut rejected);
        let uow = self.store.begin().await?;
        uow.keep_exchange_token(QUESTIONS, &page.token, self.clock.now()).await?;
        uow.commit().await?;
        Ok(done)
    }

    /// The other pages, a part at a time, all of them in one transaction with their jeton.
    async fn receive_each<T>(
        &self,
        importer: &Importer,
        page: Page<T>,
        service: &str,
        part: fn(T) -> Part,
    ) -> Result<Exchanged, Error> {
        let now = self.clock.now();
        let mut done = Exchanged { token: Some((page.token.clone(), page.last)), ..Exchanged::default() };
        let uow = self.store.begin().await?;
        for item in page.items {
            let part = match item {
                Ok(item) => part(item),
                Err(rejected) => {
                    done.rejected.push(rejection(rejected));
                    continue;
                }
            };
            let question = part.question();
            match receive(&uow, importer, part, now).await {
                Ok(Done::Applied) => done.applied += 1,
                Ok(Done::Passed) => done.passed += 1,
                Err(Error::Refused(refusal)) => done.rejected.push(Rejection {
                    source: question.to_string(),
                    code: refusal.code(),
                    reason: refusal.message(),
                }),
                Err(error) => return Err(error),
            }
        }
        uow.keep_exchange_token(service, &page.token, now).await?;
        uow.commit().await?;
        Ok(done)
    }
}

/// One answer for each batch, the others one by one, in the order in which the first question of each is due.
fn together(signed: Vec<(Option<Seat>, QuestionRef, String)>) -> Vec<SignedAnswer> {
    type Common = (Option<BatchId>, String, Vec<(u32, QuestionRef)>);
    let mut answers: Vec<Common> = Vec::new();
    for (seat, question, text) in signed {
        let (batch, place) = seat.map_or((None, 0), |seat| (Some(seat.batch), seat.place));
        let same = |(known, words, _): &&mut Common| batch.is_some() && *known == batch && *words == text;
        if let Some((_, _, questions)) = answers.iter_mut().find(same) {
            questions.push((place, question));
        } else {
            answers.push((batch, text, vec![(place, question)]));
        }
    }
    let answer = |(_, text, mut questions): Common| {
        questions.sort();
        SignedAnswer { questions: questions.into_iter().map(|(_, question)| question).collect(), text }
    };
    answers.into_iter().map(answer).collect()
}

/// A part of a page.
enum Part {
    Change(StateChange),
    Erratum(Erratum),
    Attribution(Attribution),
}

impl Part {
    fn question(&self) -> QuestionRef {
        match self {
            Self::Change(change) => change.question,
            Self::Erratum(erratum) => erratum.question,
            Self::Attribution(attribution) => attribution.question,
        }
    }
}

async fn receive(uow: &UnitOfWork, importer: &Importer, part: Part, now: Timestamp) -> Result<Done, Error> {
    match part {
        Part::Change(change) => receive_change(uow, &importer.feed, &change, now).await,
        Part::Erratum(erratum) => receive_erratum(uow, &erratum, now).await,
        Part::Attribution(attribution) => receive_attribution(uow, importer, &attribution, now).await,
    }
}

async fn receive_change(
    uow: &UnitOfWork,
    feed: &Caller,
    change: &StateChange,
    now: Timestamp,
) -> Result<Done, Error> {
    let Some(sheet) = followed(uow, change.question, now).await? else {
        return Ok(Done::Passed);
    };
    if change.on < sheet.dossier.received_on && is_written(&sheet) {
        return Err(Refusal::DateBeforeReceipt { field: "on" }.into());
    }
    let change = match change.state {
        State::Open => return Ok(Done::Passed),
        State::Answered => Notice { change: Change::Answered, on: change.on },
        State::Withdrawn => Notice { change: Change::Withdrawn, on: change.on },
        State::Signalled => Notice { change: Change::Signalled, on: change.on },
        State::Renewed => Notice { change: Change::Renewed, on: change.on },
        State::Lapsed | State::ClosedOtherwise => Notice { change: Change::Lapsed, on: change.on },
    };
    let renewed_on = uow.renewals(sheet.dossier.id).await?;
    match change.follow(&sheet.dossier, &renewed_on) {
        Some(command) => apply(uow, feed, sheet, &command, now).await.map(|_| Done::Applied),
        None => Ok(Done::Passed),
    }
}

/// The text of a published question as it stands now, whoever published it first.
async fn receive_erratum(uow: &UnitOfWork, erratum: &Erratum, now: Timestamp) -> Result<Done, Error> {
    let text = erratum.text();
    let Some(known) = kept(uow, erratum.question, now).await?.filter(|known| known.question != text) else {
        return Ok(Done::Passed);
    };
    uow.keep_published(&Published { question: text, ..known }, now).await?;
    Ok(Done::Applied)
}

/// A transfer that was asked for is done when the question is another ministry's. One that nobody asked for is left to the
/// cabinet: the record then says who has to answer.
async fn receive_attribution(
    uow: &UnitOfWork,
    importer: &Importer,
    given: &Attribution,
    now: Timestamp,
) -> Result<Done, Error> {
    let on = given.on.unwrap_or_else(|| now.paris_date());
    let ours = importer.ours.are_ours(&given.ministry.label, Some(on));
    let mut done = Done::Passed;
    if let Some(known) = kept(uow, given.question, now).await?
        && known.ministry.as_ref() != Some(&given.ministry.label)
    {
        let ministry = Some(given.ministry.label.clone());
        uow.keep_published(&Published { ministry, ours, ..known }, now).await?;
        done = Done::Applied;
    }
    let Some(sheet) = followed(uow, given.question, now).await? else {
        return Ok(done);
    };
    let pending = sheet.dossier.question().is_some_and(|facts| facts.transfer_to.is_some());
    if ours || !pending || !sheet.dossier.stage.is_open() {
        return Ok(done);
    }
    apply(uow, &importer.feed, sheet, &Command::AcceptTransfer { on }, now).await.map(|_| Done::Applied)
}

/// The dossier of a question. The Sénat's number is looked for in each year of its legislature; the day on which the question
/// appeared tells two of one number apart, in a year that two legislatures share.
async fn followed(uow: &UnitOfWork, question: QuestionRef, now: Timestamp) -> Result<Option<Sheet>, Error> {
    for identity in question.identities(now.paris_date()) {
        let Some(id): Option<DossierId> = uow.followed(&identity).await? else {
            continue;
        };
        let sheet = uow.dossier(&Scope::ALL, id).await?.ok_or(Error::NotFound)?;
        if QuestionRef::of(&identity, sheet.dossier.received_on) == question {
            return Ok(Some(sheet));
        }
    }
    Ok(None)
}

/// A published question, found in the same way.
async fn kept(uow: &UnitOfWork, question: QuestionRef, now: Timestamp) -> Result<Option<Published>, Error> {
    for identity in question.identities(now.paris_date()) {
        let known = uow.published(&identity).await?;
        let same = |known: &Published| {
            known.published_on.is_none_or(|on| QuestionRef::of(&identity, on) == question)
        };
        if let Some(known) = known.filter(same) {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

fn is_written(sheet: &Sheet) -> bool {
    sheet.dossier.question().is_some_and(|facts| facts.identity.kind.is_written())
}

fn rejection(rejected: Rejected) -> Rejection {
    Rejection { source: rejected.source_name, code: rejected.code, reason: rejected.reason }
}
