//! The commands: registering a letter, receiving a question, and everything that is done to a dossier.

use std::future::Future;

use chrono::Datelike;
use pli_domain::actor::Scope;
use pli_domain::digest::Digest;
use pli_domain::dossier::{Command, Dossier, Event, Facts, NewQuestion};
use pli_domain::ids::DossierId;
use pli_domain::reference::{Reference, Series};
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Act, Claim, Content, UnitOfWork};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::signature::keep_look;
use crate::{App, Caller, Error, Intake, Sheet};

/// The key of a command: the same key with the same command is the same command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

/// What is asked of a dossier.
#[derive(Clone, Debug)]
pub struct Order {
    /// The dossier.
    pub dossier: DossierId,
    /// The version that the caller saw; another one refuses the command.
    pub version: Option<u32>,
    /// The key that makes it run once.
    pub key: Key,
    /// What to do.
    pub command: Command,
}

/// The counter of the commands that were not done, by the stable code of the reason.
pub const REFUSALS: &str = "pli_refusals_total";

/// How often a command that met another one is tried.
const TRIES: u32 = 5;

/// Runs a command to its end, even when whoever waits for it goes away: a transaction left half-way would stay with its
/// connection. A command that met another in the database is run again.
pub(crate) async fn run<T, F, Fut>(command: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Fn() -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, Error>> + Send,
{
    let work = async move {
        for _ in 1..TRIES {
            match command().await {
                Err(Error::Unavailable) => {}
                done => return done,
            }
        }
        command().await
    };
    let done = tokio::spawn(work.in_current_span()).await;
    let done = done.unwrap_or_else(|error| Err(Error::Internal(Box::new(error))));
    if let Err(error) = &done {
        metrics::counter!(REFUSALS, "code" => error.code()).increment(1);
    }
    done
}

impl App {
    /// Registers a letter under the next chrono of the year, with its scan when there is one: both or nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct, or when it may have come before ([`Refusal::ProbableDuplicate`]); no
    /// chrono is used then.
    pub async fn register_mail(
        &self,
        caller: &Caller,
        key: Key,
        intake: impl Into<Intake>,
    ) -> Result<Sheet, Error> {
        let (app, caller, intake) = (self.clone(), caller.clone(), intake.into());
        run(move || app.clone().register_once(caller.clone(), key.clone(), intake.clone())).await
    }

    async fn register_once(self, caller: Caller, key: Key, intake: Intake) -> Result<Sheet, Error> {
        let now = self.clock.now();
        let id = self.new_id();
        let uow = self.store.begin_registration().await?;
        let Intake { mail, scan, compartment, .. } = &intake;
        let scan = scan.clone().map(Command::from);
        let reserve = compartment.map(|compartment| Command::Reserve { compartment });
        let request = format!("register {mail:?} {scan:?} {reserve:?}");
        let (caller, done) = self.claimed(&uow, &caller, &key, &request, id, now).await?;
        if let Some(done) = done {
            return kept(uow, done).await;
        }
        if let Some(member) = mail.member
            && !uow.knows_member(member).await?
        {
            return Err(Refusal::MemberUnknown.into());
        }
        let reference = uow.next_reference(Series::Arrival, now.paris_date().year()).await?;
        let event = mail.register(&caller.actor, &reference, &facts(&caller, now, None))?;
        // Compared once the chrono is taken: nobody else registers anything until this ends, so that of two who bring the
        // same letter at once the second finds the first's. The chrono goes back.
        let alike = intake.alike(&uow, &caller).await?;
        if !alike.is_empty() {
            drop(uow);
            self.record_presented(&caller, &alike, now).await?;
            return Err(Refusal::ProbableDuplicate.into());
        }
        let content = Content { subject: mail.subject.clone(), sender: Some(mail.sender.clone()) };
        let mut sheet = open(&uow, &caller, id, &event, content, now).await?;
        if let Some(attach) = scan {
            self.stored(&attach).await?;
            sheet = apply(&uow, &caller, sheet, &attach, now).await?;
        }
        if let Some(reserve) = reserve {
            sheet = apply(&uow, &caller, sheet, &reserve, now).await?;
        }
        uow.leaves(&sheet);
        uow.commit().await?;
        Ok(sheet)
    }

    /// Receives a question that a clerk enters before its publication is imported.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct, or when the question is followed already.
    pub async fn receive_question(
        &self,
        caller: &Caller,
        key: Key,
        question: NewQuestion,
    ) -> Result<Sheet, Error> {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().receive_once(caller.clone(), key.clone(), question.clone())).await
    }

    async fn receive_once(self, caller: Caller, key: Key, question: NewQuestion) -> Result<Sheet, Error> {
        let now = self.clock.now();
        let id = self.new_id();
        let uow = self.store.begin_act().await?;
        let request = format!("receive {question:?}");
        let (caller, done) = self.claimed(&uow, &caller, &key, &request, id, now).await?;
        if let Some(done) = done {
            return kept(uow, done).await;
        }
        let event = question.receive(&caller.actor, &facts(&caller, now, None))?;
        if uow.followed(&question.identity).await?.is_some() {
            return Err(Refusal::QuestionKnown.into());
        }
        let sheet = open(&uow, &caller, id, &event, words(&question.subject), now).await?;
        uow.commit().await?;
        Ok(sheet)
    }

    /// Does something to a dossier. What is refused is journalled too.
    ///
    /// # Errors
    /// [`Error::NotFound`] out of scope, [`Error::Refused`] by the rules, [`Error::Stale`] when the dossier has moved on.
    pub async fn act(&self, caller: &Caller, order: Order) -> Result<Sheet, Error> {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().act_once(caller.clone(), order.clone())).await
    }

    async fn act_once(self, caller: Caller, order: Order) -> Result<Sheet, Error> {
        let now = self.clock.now();
        let uow = self.store.begin_act().await?;
        let request = format!("{} {:?}", order.dossier, order.command);
        let (caller, done) = self.claimed(&uow, &caller, &order.key, &request, order.dossier, now).await?;
        if let Some(done) = done {
            return kept(uow, done).await;
        }
        let with = if let Command::JoinBatch { with } = order.command { Some(with) } else { None };
        uow.lock_with_batches(&[order.dossier].into_iter().chain(with).collect::<Vec<_>>()).await?;
        let before = uow.dossier(&caller.scope, order.dossier).await?.ok_or(Error::NotFound)?;
        if order.version.is_some_and(|version| version != before.version) {
            return Err(Error::Stale);
        }
        let done = async {
            self.stored(&order.command).await?;
            self.carry_out(&uow, &caller, before, &order.command, now).await
        };
        match done.await {
            Ok(after) => {
                keep_look(&uow, &caller, &order.command, &after, now).await?;
                uow.leaves(&after);
                uow.commit().await?;
                Ok(after)
            }
            Err(Error::Refused(refusal)) => {
                drop(uow);
                self.record_refusal(&caller, &order, &refusal, now).await?;
                Err(refusal.into())
            }
            Err(other) => Err(other),
        }
    }

    pub(crate) fn new_id(&self) -> DossierId {
        DossierId(self.clock.id())
    }

    /// Claims the key of a command. The caller as the transaction finds them, and the dossier when the command was run before.
    pub(crate) async fn claimed(
        &self,
        uow: &UnitOfWork,
        caller: &Caller,
        key: &Key,
        request: &str,
        dossier: DossierId,
        now: Timestamp,
    ) -> Result<(Caller, Option<Sheet>), Error> {
        let claim = claim(uow, caller, key, request, dossier.0, now).await?;
        let caller = self.current(uow, caller).await?;
        let done = match claim {
            Claim::Done { subject, at } => Some(repeated(uow, &caller, DossierId(subject), at).await?),
            Claim::New | Claim::Other => None,
        };
        Ok((caller, done))
    }

    /// Journals what was refused, in a transaction of its own: nothing else of the attempt is kept.
    pub(crate) async fn record_refusal(
        &self,
        caller: &Caller,
        order: &Order,
        refusal: &Refusal,
        now: Timestamp,
    ) -> Result<(), Error> {
        let uow = self.store.begin_act().await?;
        if let Some(sheet) = uow.dossier(&caller.scope, order.dossier).await? {
            let stage = sheet.dossier.stage.code();
            uow.record(Act {
                dossier: order.dossier,
                at: now,
                who: caller.actor.who,
                action: <&str>::from(order.command.action()).to_owned(),
                from: stage.clone(),
                to: stage,
                payload: refusal.code().to_owned(),
                accepted: false,
                note: None,
            })
            .await?;
            uow.commit().await?;
        }
        Ok(())
    }
}

/// Claims the key of a command on something; a part of Pli, which does nothing twice, needs none.
pub(crate) async fn claim(
    uow: &UnitOfWork,
    caller: &Caller,
    key: &Key,
    request: &str,
    subject: Uuid,
    now: Timestamp,
) -> Result<Claim, Error> {
    let Some(person) = caller.actor.user() else {
        return Ok(Claim::New);
    };
    if key.0.trim().is_empty() {
        return Err(Refusal::Required { field: "idempotencyKey" }.into());
    }
    // A client's key may be of any length; an index of PostgreSQL holds short ones only.
    let (key, request) = (Digest::of([key.0.as_str()]), Digest::of([request]));
    match uow.claim(person, key.as_str(), request.as_str(), subject, now).await? {
        Claim::Other => Err(Error::KeyReused),
        claim => Ok(claim),
    }
}

/// The answer to a command that was run before. One that took the dossier out of the caller's sight (a unit declined it)
/// is answered the same as long as nothing else has happened to it, and it is not reserved to others; after that there is
/// nothing left for them to see.
async fn repeated(
    uow: &UnitOfWork,
    caller: &Caller,
    dossier: DossierId,
    at: Timestamp,
) -> Result<Sheet, Error> {
    if let Some(sheet) = uow.dossier(&caller.scope, dossier).await? {
        return Ok(sheet);
    }
    let hidden = uow.dossier(&Scope::ALL, dossier).await?;
    let open = |sheet: &Sheet| caller.scope.compartments.open(sheet.dossier.reserved);
    hidden.filter(|sheet| sheet.updated_at == at && open(sheet)).ok_or(Error::NotFound)
}

/// What was found in a unit of work, once all that others have written in it before is kept.
async fn kept(uow: UnitOfWork, found: Sheet) -> Result<Sheet, Error> {
    uow.commit().await?;
    Ok(found)
}

/// The words of a question's dossier.
pub(crate) fn words(subject: &str) -> Content {
    Content { subject: subject.to_owned(), sender: None }
}

pub(crate) fn facts(caller: &Caller, now: Timestamp, departure: Option<Reference>) -> Facts<'_> {
    Facts { today: now.paris_date(), organisation: &caller.organisation, delays: &caller.delays, departure }
}

/// Keeps a new dossier and its first entry.
pub(crate) async fn open(
    uow: &UnitOfWork,
    caller: &Caller,
    id: DossierId,
    event: &Event,
    content: Content,
    now: Timestamp,
) -> Result<Sheet, Error> {
    let dossier = Dossier::begin(id, event).map_err(internal)?;
    let first = act(caller, "", &dossier, event, None, now)?;
    Ok(uow.add_dossier(&dossier, &content, first).await?)
}

/// Decides, evolves, keeps: the dossier, its journal entry, and the text it brought.
pub(crate) async fn apply(
    uow: &UnitOfWork,
    caller: &Caller,
    before: Sheet,
    command: &Command,
    now: Timestamp,
) -> Result<Sheet, Error> {
    let departure = match command {
        // Taken before the decision; a refusal gives it back with everything else.
        Command::Dispatch { .. } => {
            Some(uow.next_reference(Series::Departure, now.paris_date().year()).await?)
        }
        _ => None,
    };
    let event = before.dossier.decide(&caller.actor, command, &facts(caller, now, departure))?;
    // The other dossier of a duplicate must be one that the caller may read.
    if let Event::MarkedDuplicate { of, .. } = &event
        && !uow.sees(&caller.scope, *of).await?
    {
        return Err(Refusal::DuplicateUnknown.into());
    }
    if let (Command::Draft { text }, Event::Drafted { version, by, .. }) = (command, &event) {
        uow.add_draft(before.dossier.id, *version, text, *by, now).await?;
    }
    let after = keep(uow, caller, before, &event, command.note(), now).await?;
    match command {
        Command::CorrectSender { sender, subject, .. } => {
            let content = Content { subject: subject.clone(), sender: Some(sender.clone()) };
            Ok(uow.write_words(after, content).await?)
        }
        _ => Ok(after),
    }
}

/// Evolves and keeps: the dossier and its journal entry.
pub(crate) async fn keep(
    uow: &UnitOfWork,
    caller: &Caller,
    before: Sheet,
    event: &Event,
    note: Option<&str>,
    now: Timestamp,
) -> Result<Sheet, Error> {
    let after = before.dossier.clone().evolve(event).map_err(internal)?;
    let from = before.dossier.stage.code();
    let act = act(caller, &from, &after, event, note, now)?;
    Ok(uow.save_dossier(&before, after, act).await?)
}

/// What is journalled of an accepted act.
fn act(
    caller: &Caller,
    from: &str,
    after: &Dossier,
    event: &Event,
    note: Option<&str>,
    now: Timestamp,
) -> Result<Act, Error> {
    Ok(Act {
        dossier: after.id,
        at: now,
        who: caller.actor.who,
        action: <&str>::from(event.action()).to_owned(),
        from: from.to_owned(),
        to: after.stage.code(),
        payload: serde_json::to_string(event).map_err(internal)?,
        accepted: true,
        note: note.map(str::to_owned),
    })
}

pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Internal(Box::new(error))
}
