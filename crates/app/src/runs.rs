//! The runs of imports: each leaves a record of its file, of what it did and of how it ended; one that did not end well is
//! told to the administrators.
//!
//! A use case that imports calls [`App::begin_run`], gives the [`Run`] to each batch ([`Run::keep`], in the batch's own
//! transaction), and ends with [`App::end_run`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::TimeDelta;
use pli_domain::digest::Digest;
use pli_domain::french::French as _;
use pli_domain::ids::{DigestId, DossierId};
use pli_domain::import_run::{Ending, Feed, ImportRun, RunState};
use pli_domain::published::PublishedQuestion;
use pli_domain::time::Timestamp;
use pli_feeds::Rejected;
use pli_persistence::{KEPT_REJECTIONS, Page, Recipient, RejectedRecord, RunFilter, Slot, UnitOfWork};

use crate::commands::run;
use crate::import::Report;
use crate::lists::PAGE;
use crate::reminders::{HANDING_OVER, Message};
use crate::{App, Caller, Error};

/// Where an import comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What is imported.
    pub feed: Feed,
    /// The name of the file or the folder, never where it lies.
    pub source: String,
    /// Its digest; `None` when it cannot be read.
    pub digest: Option<Digest>,
}

/// A run that goes on.
#[derive(Debug)]
pub(crate) struct Run {
    number: u32,
    /// How far it is kept.
    pub(crate) kept: Report,
}

impl Run {
    /// Keeps what the run has done so far, in the transaction of its batch: [`Run::kept`] once that is kept.
    pub(crate) async fn keep(&self, uow: &UnitOfWork, report: &Report, now: Timestamp) -> Result<(), Error> {
        self.keep_with(uow, report, None, now).await
    }

    /// Keeps which dossiers a batch has opened, in its transaction.
    pub(crate) async fn keep_opened(&self, uow: &UnitOfWork, dossiers: &[DossierId]) -> Result<(), Error> {
        Ok(uow.keep_opened(self.number, dossiers).await?)
    }

    async fn keep_with(
        &self,
        uow: &UnitOfWork,
        report: &Report,
        ending: Option<&Ending>,
        now: Timestamp,
    ) -> Result<(), Error> {
        uow.keep_run(self.number, report.counts(), &report.doubtful, ending, now).await?;
        let before = self.kept.rejected.len().min(KEPT_REJECTIONS);
        let more = report.rejected.iter().take(KEPT_REJECTIONS).skip(before);
        let more: Vec<_> = more
            .map(|rejection| RejectedRecord {
                source: rejection.source.clone(),
                code: rejection.code.to_owned(),
                reason: rejection.reason.clone(),
            })
            .collect();
        Ok(uow.keep_rejections(self.number, before, &more).await?)
    }
}

/// A run, with what the page of it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDetail {
    /// The run.
    pub run: ImportRun,
    /// How it stands now.
    pub state: RunState,
    /// The first records that it could not take.
    pub rejections: Vec<RejectedRecord>,
    /// The run that read the same file to its end before.
    pub before: Option<ImportRun>,
}

/// How long a run that did not end well is told to administrators who were not told yet.
const TOLD_FOR: TimeDelta = TimeDelta::hours(24);

/// How many rejections a message names.
const NAMED: usize = 10;

impl App {
    /// Imports questions from a file, and leaves a record of the run. A file that was imported before is read again: what is
    /// known is unchanged.
    ///
    /// # Errors
    /// [`Error`] when the database fails; the batches before are kept, and the same import can be run again.
    pub async fn import_file(
        &self,
        origin: &Origin,
        records: impl Iterator<Item = Result<PublishedQuestion, Rejected>> + Send,
        progress: impl FnMut(&Report) + Send,
    ) -> Result<Report, Error> {
        let mut begun = self.begin_run(origin).await?;
        let mut report = Report::default();
        let done = Box::pin(self.import_all(records, &mut report, Some(&mut begun), progress)).await;
        self.end_import(begun, &report, &done).await?;
        done.map(|()| report)
    }

    /// Keeps that a file could not even be opened, and why, in French.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn import_refused(&self, origin: &Origin, why: String) -> Result<(), Error> {
        let begun = self.begin_run(origin).await?;
        self.end_run(begun, &Report::default(), Some(why)).await
    }

    /// Begins a run.
    pub(crate) async fn begin_run(&self, origin: &Origin) -> Result<Run, Error> {
        let (app, origin) = (self.clone(), origin.clone());
        run(move || app.clone().begin_run_once(origin.clone())).await
    }

    async fn begin_run_once(self, origin: Origin) -> Result<Run, Error> {
        let uow = self.store.begin().await?;
        let Origin { feed, source, digest } = &origin;
        let number = uow.begin_run(*feed, source, digest.as_ref(), self.clock.now()).await?;
        uow.commit().await?;
        Ok(Run { number, kept: Report::default() })
    }

    /// Ends the run of an import that read a file up to its end, or up to an error.
    pub(crate) async fn end_import(
        &self,
        run: Run,
        report: &Report,
        done: &Result<(), Error>,
    ) -> Result<(), Error> {
        let failure = done.as_ref().err().map(Error::message).or_else(|| report.failure());
        self.end_run(run, report, failure).await
    }

    /// Ends a run: done, or failed with a reason in French.
    pub(crate) async fn end_run(
        &self,
        run: Run,
        report: &Report,
        failure: Option<String>,
    ) -> Result<(), Error> {
        let uow = self.store.begin().await?;
        let ending = failure.map_or(Ending::Done, Ending::Failed);
        run.keep_with(&uow, report, Some(&ending), self.clock.now()).await?;
        Ok(uow.commit().await?)
    }

    /// When a file of this digest was last read to its end.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn already_imported(&self, digest: &Digest) -> Result<Option<Timestamp>, Error> {
        let before = self.store.imported_before(digest, u32::MAX).await?;
        Ok(before.map(|run| run.started_at))
    }

    /// A page of the runs, each with how it stands, the latest first; `before` is the last one already seen.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not look after the imports.
    pub async fn import_runs(
        &self,
        caller: &Caller,
        filter: RunFilter,
        before: Option<u32>,
        size: u64,
    ) -> Result<Page<(ImportRun, RunState)>, Error> {
        ImportRun::readable_by(&caller.actor)?;
        let now = self.clock.now();
        let Page { items, more } = self.store.import_runs(filter, before, size.clamp(1, PAGE), now).await?;
        let items = items.into_iter().map(|run| {
            let state = run.state(now);
            (run, state)
        });
        Ok(Page { items: items.collect(), more })
    }

    /// A run.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not look after the imports.
    pub async fn import_run(&self, caller: &Caller, number: u32) -> Result<Option<RunDetail>, Error> {
        ImportRun::readable_by(&caller.actor)?;
        let Some(run) = self.store.import_run(number).await? else { return Ok(None) };
        let before = match &run.digest {
            Some(digest) => self.store.imported_before(digest, number).await?,
            None => None,
        };
        let rejections = self.store.import_rejections(number).await?;
        Ok(Some(RunDetail { state: run.state(self.clock.now()), run, rejections, before }))
    }

    /// How many of the dossiers that some runs have opened the caller may read; runs that opened none of these are missing.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not look after the imports.
    pub async fn opened_by_runs(&self, caller: &Caller, runs: &[u32]) -> Result<BTreeMap<u32, u64>, Error> {
        ImportRun::readable_by(&caller.actor)?;
        Ok(self.reader(caller).opened_by(runs).await?)
    }

    /// The next message about a run that did not end well, claimed for this server; `None` when everybody knows. Unlike a
    /// reminder it does not wait for the morning.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn next_import_notice(&self, address: &str) -> Result<Option<Message>, Error> {
        let now = self.clock.now();
        let since = Timestamp::new(now.instant() - TOLD_FOR);
        let runs = self.store.unwell_runs(since, now).await?;
        if runs.is_empty() {
            return Ok(None);
        }
        let organisation = self.organisation().await?;
        let mut people = self.store.everybody_reachable().await?;
        people.retain(|recipient| recipient.actor.administers_all(&organisation));
        for run in runs {
            for recipient in &people {
                let Some(id) = self.claim_notice(&run, recipient, now).await? else { continue };
                let rejections = self.store.import_rejections(run.number).await?;
                return Ok(Some(message(id, &run, &rejections, recipient, now, address)));
            }
        }
        Ok(None)
    }

    async fn claim_notice(
        &self,
        run: &ImportRun,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Option<DigestId>, Error> {
        let Some(person) = recipient.actor.user() else { return Ok(None) };
        let until = Timestamp::new(now.instant() + HANDING_OVER);
        let id = DigestId(self.clock.id());
        let slot = (run.beat_at.paris_date(), Slot::Import(run.number));
        let uow = self.store.begin().await?;
        let claimed = match uow.claim_message(id, person, slot, (now, until)).await {
            Ok(claimed) => claimed,
            // Another server is telling this person.
            Err(error) => match Error::from(error) {
                Error::Unavailable => return Ok(None),
                other => return Err(other),
            },
        };
        if claimed.is_some() {
            uow.commit().await?;
        }
        Ok(claimed)
    }
}

fn message(
    id: DigestId,
    run: &ImportRun,
    rejections: &[RejectedRecord],
    recipient: &Recipient,
    now: Timestamp,
    address: &str,
) -> Message {
    let (name, address) = (&recipient.actor.name, address.trim_end_matches('/'));
    let ImportRun { number, feed, source, counts, .. } = run;
    let (what, why) = match &run.ending {
        Some(Ending::Failed(why)) => ("a échoué", why.as_str()),
        _ => ("s’est interrompu", "Le programme s’est arrêté avant la fin, sans dire pourquoi."),
    };
    let subject = format!("Pli\u{a0}: l’import «\u{a0}{}\u{a0}» {what}", feed.french());
    let mut text = format!(
        "Bonjour {name},\n\nL’import n°\u{a0}{number} du fichier «\u{a0}{source}\u{a0}», commencé le {}, {what}.\n{why}\n\n",
        run.started_at.french()
    );
    let kept = counts.created.saturating_add(counts.updated);
    let state = match kept {
        0 => "Rien n’a été changé dans Pli.".to_owned(),
        1 => "Ce qui a été lu avant est gardé\u{a0}: un enregistrement nouveau ou mis à jour.".to_owned(),
        kept => {
            format!("Ce qui a été lu avant est gardé\u{a0}: {kept} enregistrements nouveaux ou mis à jour.")
        }
    };
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{state}");
    if counts.rejected > 0 {
        let _ = writeln!(text, "\nRefusés\u{a0}: {}", counts.rejected);
        for rejection in rejections.iter().take(NAMED) {
            let _ = writeln!(text, "- {}\u{a0}: {}", rejection.source, rejection.reason);
        }
    }
    let _ = write!(
        text,
        "\nLe détail\u{a0}: {address}/imports/{number}\nRelancez l’import avec un fichier entier\u{a0}: ce qui est déjà connu ne \
         change pas.\n\nVous recevez ce message parce que vous administrez Pli.\n"
    );
    Message { id, name: name.clone(), email: recipient.email.clone(), written_at: now, subject, text }
}
