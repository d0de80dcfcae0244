//! What is done to a dossier's deadlines: acknowledging, suspending, asking for more time, following a changed rule.

use chrono::{Days, NaiveDate};

use super::decide::{Facts, person};
use super::{Action, Command, Dossier, Event};
use crate::actor::Actor;
use crate::deadline::{Deadline, DeadlineStage, Due};
use crate::delay::DelayRule;
use crate::digest::Digest;
use crate::refusal::Refusal;

/// The longest suspension or extension: beyond a year it is a slip of the hand.
const LONGEST: Days = Days::new(366);

impl Dossier {
    /// What would happen to a deadline; `None` for commands that are about something else.
    pub(super) fn decide_clock(
        &self,
        actor: &Actor,
        command: &Command,
        note: Option<Digest>,
        facts: &Facts<'_>,
    ) -> Option<Result<Event, Refusal>> {
        Some(match command {
            Command::Acknowledge { on } => {
                self.dated(*on, "on", facts).map(|()| Event::Acknowledged { on: *on })
            }
            Command::Suspend { rule, from, until, .. } => {
                self.suspend(rule, *from, *until, facts).and_then(|()| {
                    let by = person(actor, Action::Suspend)?;
                    Ok(Event::Suspended { rule: rule.clone(), from: *from, until: *until, by, note })
                })
            }
            Command::Resume { rule, on } => {
                self.resume(rule, *on, facts).map(|()| Event::Resumed { rule: rule.clone(), on: *on })
            }
            Command::RequestExtension { rule, until, .. } => {
                self.request(rule, *until, facts).and_then(|()| {
                    let by = person(actor, Action::RequestExtension)?;
                    Ok(Event::ExtensionRequested { rule: rule.clone(), until: *until, by, note })
                })
            }
            Command::GrantExtension { rule, .. } => self.requested(rule, actor).and_then(|()| {
                let by = person(actor, Action::GrantExtension)?;
                Ok(Event::ExtensionGranted { rule: rule.clone(), by, note })
            }),
            Command::RefuseExtension { rule, .. } => self.requested(rule, actor).and_then(|()| {
                let by = person(actor, Action::RefuseExtension)?;
                Ok(Event::ExtensionRefused { rule: rule.clone(), by, note })
            }),
            Command::Reschedule { due } => {
                self.running(&due.rule).map(|_| Event::Rescheduled { due: due.clone() })
            }
            _ => return None,
        })
    }

    /// What of it does not depend on the command's own words: enough to show a button.
    pub(super) fn permits_clock(&self, actor: &Actor, action: Action) -> Result<(), Refusal> {
        let any = |which: fn(&Deadline) -> bool, refusal| {
            if self.deadlines.iter().any(which) { Ok(()) } else { Err(refusal) }
        };
        match action {
            Action::Acknowledge if self.acknowledge_by().is_none() => Err(Refusal::NothingToAcknowledge),
            Action::Suspend => any(|one| one.stage == DeadlineStage::Running, Refusal::NothingRuns),
            Action::Resume => any(|one| one.stage == DeadlineStage::Suspended, Refusal::NotSuspended),
            Action::RequestExtension => {
                any(|one| one.is_open() && one.pending().is_none(), Refusal::ExtensionPending)
            }
            Action::GrantExtension | Action::RefuseExtension => {
                let mut pending = self.deadlines.iter().filter_map(Deadline::pending).peekable();
                if pending.peek().is_none() {
                    return Err(Refusal::NoExtensionPending);
                }
                let others = pending.any(|(_, asker)| actor.user() != Some(asker));
                if others { Ok(()) } else { Err(Refusal::OwnRequest) }
            }
            _ => Ok(()),
        }
    }

    /// The deadline of a rule, while it is still to be met.
    fn running(&self, rule: &str) -> Result<&Deadline, Refusal> {
        let deadline = self.deadline(rule).ok_or(Refusal::DeadlineUnknown { field: "rule" })?;
        if deadline.is_open() { Ok(deadline) } else { Err(Refusal::NothingRuns) }
    }

    /// The code de l’administration stops the clock of a request whose file is incomplete (CRPA, art. L114-5); a written
    /// question's two months know no interruption (règlement AN, art. 135, al. 6).
    fn suspend(
        &self,
        rule: &str,
        from: NaiveDate,
        until: NaiveDate,
        facts: &Facts<'_>,
    ) -> Result<(), Refusal> {
        let deadline = self.running(rule)?;
        if deadline.stage == DeadlineStage::Suspended {
            return Err(Refusal::AlreadySuspended);
        }
        allows(facts.delays.rule_of(&deadline.due), |rule| rule.suspendable, Refusal::ClockCannotStop)?;
        facts.not_future(from, "from")?;
        if from < deadline.due.start_on {
            return Err(Refusal::DateBeforeReceipt { field: "from" });
        }
        if from > deadline.due_on() {
            return Err(Refusal::AfterTheTerm { field: "from" });
        }
        within(from, until, "until")
    }

    fn resume(&self, rule: &str, on: NaiveDate, facts: &Facts<'_>) -> Result<(), Refusal> {
        let deadline = self.running(rule)?;
        let Some(from) = deadline.suspended_from() else {
            return Err(Refusal::NotSuspended);
        };
        facts.not_future(on, "on")?;
        within(from, on, "on")
    }

    fn request(&self, rule: &str, until: NaiveDate, facts: &Facts<'_>) -> Result<(), Refusal> {
        let deadline = self.running(rule)?;
        allows(facts.delays.rule_of(&deadline.due), |rule| rule.extendable, Refusal::ClockCannotExtend)?;
        if deadline.pending().is_some() {
            return Err(Refusal::ExtensionPending);
        }
        if until <= deadline.due_on() {
            return Err(Refusal::NotLater { field: "until" });
        }
        within(deadline.due_on(), until, "until")
    }

    /// A request is decided by another than the one who made it.
    fn requested(&self, rule: &str, actor: &Actor) -> Result<(), Refusal> {
        match self.running(rule)?.pending() {
            None => Err(Refusal::NoExtensionPending),
            Some((_, asker)) if actor.user() == Some(asker) => Err(Refusal::OwnRequest),
            Some(_) => Ok(()),
        }
    }

    /// The delay that a direction starts by saying that another administration is competent for a request; once only.
    pub(super) fn redirection(&self, facts: &Facts<'_>) -> Option<Due> {
        use super::{Body, Category, MailFacts};
        use crate::delay::code::CRPA_REDIRECT;
        let petition = matches!(&self.body, Body::Mail(MailFacts { category: Category::Petition, .. }));
        let known = self.deadline(CRPA_REDIRECT).is_some();
        (petition && !known).then(|| facts.delays.due(CRPA_REDIRECT, facts.today)).flatten()
    }
}

fn allows(rule: Option<&DelayRule>, flag: fn(&DelayRule) -> bool, refusal: Refusal) -> Result<(), Refusal> {
    if rule.is_some_and(flag) { Ok(()) } else { Err(refusal) }
}

fn within(from: NaiveDate, until: NaiveDate, field: &'static str) -> Result<(), Refusal> {
    if until < from {
        return Err(Refusal::EndsBeforeItBegins { field });
    }
    let latest = from.checked_add_days(LONGEST).unwrap_or(NaiveDate::MAX);
    if until > latest { Err(Refusal::TooLong { field }) } else { Ok(()) }
}
