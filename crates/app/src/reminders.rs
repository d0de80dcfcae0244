//! Reminders: the messages that are due, and what became of them; each person's choice; calendar feeds. And what else Pli
//! does by itself when a day has come.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use pli_domain::actor::{Actor, Role, Scope};
use pli_domain::deadline::Standing;
use pli_domain::delay::{Delays, dated};
use pli_domain::digest::Digest;
use pli_domain::dossier::Command;
use pli_domain::ids::{DigestId, UnitId};
use pli_domain::organisation::Organisation;
use pli_domain::refusal::Refusal;
use pli_domain::reminder::{Notifications, ReminderRule, told};
use pli_domain::settings::{SettingsAction, Subject, SubjectKind};
use pli_domain::time::Timestamp;
use pli_persistence::{Item, MessageState, Pursuit, Recipient, SettingsAct, Slot};
use serde_json::json;

use crate::alerts::others;
use crate::commands::apply;
use crate::{App, Caller, Error, List, Position, Secret, Sheet};

/// A message of reminders, to be handed to the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its identifier.
    pub id: DigestId,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// What it is about.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It was certainly not sent: it is tried again later.
    NotSent,
    /// It can never be sent to that address.
    BadAddress,
    /// It may have been sent: it is not sent again.
    Unknown,
}

/// The first hour, in Paris, of the morning's message.
const MORNING: u32 = 7;

/// The last hour at which anybody is told anything.
const EVENING: u32 = 20;

/// How long a server may take to hand a message over before it is taken for stopped.
pub(crate) const HANDING_OVER: TimeDelta = TimeDelta::minutes(10);

/// How long before a message that was not sent is tried again.
const AGAIN: TimeDelta = TimeDelta::minutes(15);

/// How many dossiers a message names; the list has them all.
pub(crate) const NAMED: usize = 40;

/// How many dossiers a calendar feed holds.
const FEED: u64 = 1_000;

/// Everything that says what is to be told today.
struct Today {
    now: Timestamp,
    day: NaiveDate,
    rules: Vec<ReminderRule>,
    organisation: Arc<Organisation>,
    recipients: Vec<Recipient>,
    people: Vec<Actor>,
    pursuits: Vec<Pursuit>,
}

impl App {
    /// The next message that is due, claimed for this server; `None` when there is none, or nobody works today. What it
    /// tells was true the moment before.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn next_message(&self, address: &str) -> Result<Option<Message>, Error> {
        let now = self.clock.now();
        if !is_time(now, &self.store.settings().await?.delays) {
            return Ok(None);
        }
        let mut today = self.gather(now).await?;
        for recipient in today.recipients.clone() {
            if today.items(&recipient).is_empty() {
                continue;
            }
            // Somebody may have acted since the others were told.
            today.pursuits = self.pursued(&today).await?;
            match self.claim(&today, &recipient).await {
                Ok(Some(id)) => {
                    if let Some(message) = self.compose(&today, &recipient, id, address).await? {
                        return Ok(Some(message));
                    }
                }
                // Another server is telling this person.
                Ok(None) | Err(Error::Unavailable) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn gather(&self, now: Timestamp) -> Result<Today, Error> {
        let mut rules = self.store.reminder_rules().await?;
        rules.retain(|rule| rule.active);
        let recipients = self.store.recipients().await?;
        let mut today = Today {
            now,
            day: now.paris_date(),
            rules,
            organisation: self.store.settings().await?.organisation.clone(),
            people: recipients.iter().map(|recipient| recipient.actor.clone()).collect(),
            recipients,
            pursuits: Vec::new(),
        };
        today.pursuits = self.pursued(&today).await?;
        Ok(today)
    }

    async fn pursued(&self, today: &Today) -> Result<Vec<Pursuit>, Error> {
        match today.reach() {
            Some(reach) => Ok(self.store.reader(Scope::ALL).due_until(reach).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Claims a person's message, with what they were not told yet. One a day for those who want it so.
    async fn claim(&self, today: &Today, recipient: &Recipient) -> Result<Option<DigestId>, Error> {
        let (Some(person), Some(reach)) = (recipient.actor.user(), today.reach()) else {
            return Ok(None);
        };
        let uow = self.store.begin().await?;
        let known = uow.told(person, reach).await?;
        let items: Vec<Item> = today.items(recipient).difference(&known).cloned().collect();
        if items.is_empty() {
            return Ok(None);
        }
        let number = match recipient.notifications {
            Notifications::Immediate => uow.next_message(person, today.day).await?,
            Notifications::Daily | Notifications::None => Some(0),
        };
        let Some(number) = number else { return Ok(None) };
        let until = Timestamp::new(today.now.instant() + HANDING_OVER);
        let id = DigestId(self.clock.id());
        let claimed = {
            let slot = (today.day, Slot::Reminders(number));
            uow.claim_message(id, person, slot, (today.now, until)).await?
        };
        let Some(id) = claimed else { return Ok(None) };
        uow.add_items(id, person, &items).await?;
        uow.commit().await?;
        Ok(Some(id))
    }

    /// Writes a message; nothing when everything in it has moved on meanwhile, which closes it.
    async fn compose(
        &self,
        today: &Today,
        recipient: &Recipient,
        id: DigestId,
        address: &str,
    ) -> Result<Option<Message>, Error> {
        let list = List { message: Some(id), open: Some(true), ..List::default() };
        let caller = self.caller(recipient.actor.clone()).await?;
        let mut sheets = Vec::new();
        let mut after = None;
        loop {
            let page = self.dossiers(&caller, &list, after, 100).await?;
            after = page.items.last().map(|sheet| list.position(sheet));
            sheets.extend(page.items);
            if !page.more {
                break;
            }
        }
        if sheets.is_empty() {
            let uow = self.store.begin().await?;
            uow.drop_message(id).await?;
            uow.commit().await?;
            return Ok(None);
        }
        let link = format!("{}/dossiers?etat=tous&relance={id}", address.trim_end_matches('/'));
        Ok(Some(Message {
            id,
            name: recipient.actor.name.clone(),
            email: recipient.email.clone(),
            written_at: today.now,
            subject: subject(&sheets, today.day),
            text: text(&recipient.actor.name, &sheets, today.day, &link),
        }))
    }

    /// Says what became of a message.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn message_done(&self, id: DigestId, outcome: Outcome) -> Result<(), Error> {
        let now = self.clock.now();
        let (state, at) = match outcome {
            Outcome::Sent => (MessageState::Sent, now),
            Outcome::NotSent => (MessageState::Failed, Timestamp::new(now.instant() + AGAIN)),
            Outcome::BadAddress => (MessageState::Refused, now),
            Outcome::Unknown => (MessageState::Unknown, now),
        };
        let uow = self.store.begin().await?;
        uow.end_sending(id, state, at).await?;
        Ok(uow.commit().await?)
    }
}

/// Whether anybody is told anything now: a working day, not in the night.
pub(crate) fn is_time(now: Timestamp, delays: &Delays) -> bool {
    delays.calendar.is_working_day(now.paris_date()) && (MORNING..EVENING).contains(&now.paris_hour())
}

impl Today {
    /// The last due date that any rule concerns today.
    fn reach(&self) -> Option<NaiveDate> {
        self.rules.iter().map(|rule| rule.reaches(self.day)).max()
    }

    /// Everything that a person is to be told, told already or not.
    fn items(&self, recipient: &Recipient) -> BTreeSet<Item> {
        let Some(person) = recipient.actor.user() else {
            return BTreeSet::new();
        };
        let scope = recipient.actor.scope(&self.organisation);
        let mut items = BTreeSet::new();
        for Pursuit { id, pursued, due_on } in &self.pursuits {
            if !scope.allows(pursued.lead.into_iter(), pursued.reserved) {
                continue;
            }
            for rule in &self.rules {
                let Some(fell_on) = rule.fell_on(*due_on, self.day) else { continue };
                if told(*pursued, rule.level, &self.organisation, &self.people).contains(&person) {
                    items.insert(Item { dossier: *id, rule: rule.code.clone(), fell_on });
                }
            }
        }
        items
    }
}

/// « Pli : 3 dossiers en retard, 2 à échéance proche ».
fn subject(sheets: &[Sheet], today: NaiveDate) -> String {
    let late = sheets.iter().filter(|sheet| is_late(sheet, today)).count();
    let count = |number: usize, one: &str, more: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {more}")),
    };
    let parts = [
        count(late, "dossier en retard", "dossiers en retard"),
        count(sheets.len() - late, "dossier à échéance proche", "dossiers à échéance proche"),
    ];
    format!("Pli\u{a0}: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn is_late(sheet: &Sheet, today: NaiveDate) -> bool {
    matches!(sheet.dossier.term().standing(today), Standing::Late { .. })
}

/// The message: what is late, what is due, and the link that opens the very list.
fn text(name: &str, sheets: &[Sheet], today: NaiveDate, link: &str) -> String {
    let mut text = format!("Bonjour {name},\n");
    let (late, coming): (Vec<_>, Vec<_>) = sheets.iter().partition(|sheet| is_late(sheet, today));
    let mut named = 0_usize;
    for (title, sheets) in [("En retard", late), ("À échéance proche", coming)] {
        if sheets.is_empty() {
            continue;
        }
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\n{title}\u{a0}: {}", sheets.len());
        for sheet in sheets {
            named = named.saturating_add(1);
            if named <= NAMED {
                let due = sheet.dossier.due_on().map(dated).unwrap_or_default();
                let standing = sheet.dossier.term().standing(today).french();
                let _ = writeln!(
                    text,
                    "- {}\u{a0}: {} ({due}, {standing})",
                    sheet.dossier.reference, sheet.subject
                );
            }
        }
    }
    if named > NAMED {
        let _ = writeln!(text, "… et {}.", others(named - NAMED));
    }
    let _ = write!(
        text,
        "\nLa liste\u{a0}: {link}\n\nVous recevez ce message parce que ces dossiers attendent votre service. Pour en \
         recevoir moins, ou plus du tout\u{a0}: «\u{a0}Mes notifications\u{a0}», dans Pli.\n"
    );
    text
}

/// A deadline in a person's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The person's name.
    pub name: String,
    /// The open dossiers, first due first.
    pub dossiers: Vec<Sheet>,
    /// Now.
    pub now: Timestamp,
}

impl App {
    /// How the caller wants to be told, and at which address.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn notifications(&self, caller: &Caller) -> Result<(Notifications, Option<String>), Error> {
        let person = caller.actor.user().ok_or(Error::NotFound)?;
        self.store.notifications(person).await?.ok_or(Error::NotFound)
    }

    /// Keeps how the caller wants to be told. The same choice twice is the same choice.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn choose_notifications(
        &self,
        caller: &Caller,
        notifications: Notifications,
    ) -> Result<(), Error> {
        let person = caller.actor.user().ok_or(Error::NotFound)?;
        let uow = self.store.begin().await?;
        uow.set_notifications(person, notifications).await?;
        Ok(uow.commit().await?)
    }

    /// The reminder rules, in the order of their days.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn reminder_rules(&self) -> Result<Vec<ReminderRule>, Error> {
        Ok(self.store.reminder_rules().await?)
    }

    /// Changes a reminder rule. The same change twice is the same change.
    ///
    /// # Errors
    /// [`Error::Refused`] when it makes no sense, or the caller is no administrator.
    pub async fn change_reminder(&self, caller: &Caller, rule: &ReminderRule) -> Result<(), Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        rule.check()?;
        let uow = self.store.begin().await?;
        let place = uow.settings_place().await?;
        let known = self.store.reminder_rules().await?.into_iter().find(|known| known.code == rule.code);
        let Some(known) = known else { return Err(Refusal::RuleUnknown { field: "code" }.into()) };
        if known == *rule {
            return Ok(());
        }
        uow.change_reminder(rule).await?;
        let told =
            |rule: &ReminderRule| json!({ "code": rule.code, "when": rule.french(), "active": rule.active });
        let act = SettingsAct {
            at: self.clock.now(),
            who: caller.actor.who,
            action: SettingsAction::ChangeReminderRule,
            subject: Subject { kind: SubjectKind::ReminderRule, id: rule.code.clone() },
            payload: json!({ "before": told(&known), "after": told(rule) }).to_string(),
        };
        uow.record_setting(place, act).await?;
        Ok(uow.commit().await?)
    }

    /// Gives the caller a private address for a calendar, in place of the one they had; it is shown once.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn open_feed(&self, caller: &Caller) -> Result<Secret, Error> {
        // It would outlive the link.
        caller.not_by_link()?;
        let secret = Secret::draw()?;
        let digest = Digest::of([secret.reveal()]);
        self.set_feed(caller, Some(&digest)).await?;
        Ok(secret)
    }

    /// Takes the caller's calendar address back.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn close_feed(&self, caller: &Caller) -> Result<(), Error> {
        self.set_feed(caller, None).await
    }

    async fn set_feed(&self, caller: &Caller, digest: Option<&Digest>) -> Result<(), Error> {
        let person = caller.actor.user().ok_or(Error::NotFound)?;
        let uow = self.store.begin().await?;
        uow.set_feed(person, digest, self.clock.now()).await?;
        Ok(uow.commit().await?)
    }

    /// Since when the caller has a calendar address.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn feed_since(&self, caller: &Caller) -> Result<Option<Timestamp>, Error> {
        let person = caller.actor.user().ok_or(Error::NotFound)?;
        Ok(self.store.feed_since(person).await?)
    }

    /// The deadlines of whoever has that calendar address: those of their units, or of the whole register for the cabinet.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is nobody's, or was taken back.
    pub async fn feed(&self, secret: &str) -> Result<Feed, Error> {
        let digest = Digest::of([secret]);
        let actor = self.store.by_feed(&digest).await?.ok_or(Error::NotFound)?;
        let caller = self.caller(actor).await?;
        let now = self.clock.now();
        let far = now.paris_date().checked_add_days(Days::new(3_660)).unwrap_or(NaiveDate::MAX);
        let mut filter = List { open: Some(true), due: Some((NaiveDate::MIN, far)), ..List::default() }
            .filter(&caller, now.paris_date());
        filter.leads = own_units(&caller);
        let reader = self.reader(&caller);
        let (mut dossiers, mut after) = (Vec::new(), None);
        while u64::try_from(dossiers.len()).is_ok_and(|held| held < FEED) {
            let page = reader.dossiers(&filter, after, 100).await?;
            after = page.items.last().map(|sheet| Position::of(sheet, None));
            dossiers.extend(page.items);
            if !page.more {
                break;
            }
        }
        dossiers.extend(self.sittings_to_come(&caller, &dossiers).await?);
        Ok(Feed { name: caller.actor.name.clone(), dossiers, now })
    }

    /// Lets the clocks run again whose time given has passed, and gives up the messages that a stopped server was handing
    /// over. How many of each.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn keep_time(&self) -> Result<(usize, usize), Error> {
        let pli = self.caller(Actor::reminder()).await?;
        let now = self.clock.now();
        let today = now.paris_date();
        let mut resumed = 0_usize;
        for sheet in self.store.reader(Scope::ALL).suspended().await? {
            let ended = sheet.dossier.deadlines.iter().filter_map(|deadline| {
                let until = deadline.suspended_until().filter(|until| *until < today)?;
                Some((deadline.due.rule.clone(), until))
            });
            for (rule, on) in ended.collect::<Vec<_>>() {
                let uow = self.store.begin().await?;
                let Some(sheet) = uow.dossier(&Scope::ALL, sheet.dossier.id).await? else { continue };
                match apply(&uow, &pli, sheet, &Command::Resume { rule, on }, now).await {
                    Ok(_) => {
                        uow.commit().await?;
                        resumed = resumed.saturating_add(1);
                    }
                    // Somebody, or another server, ended it meanwhile.
                    Err(Error::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let uow = self.store.begin().await?;
        let given_up = uow.give_up_interrupted(now).await?;
        uow.commit().await?;
        Ok((resumed, given_up))
    }
}

/// The units whose deadlines are one's own; all for the cabinet, which follows the whole register.
pub(crate) fn own_units(caller: &Caller) -> Option<BTreeSet<UnitId>> {
    let cabinet = [Role::Clerk, Role::Coordinator, Role::Auditor];
    if cabinet.into_iter().any(|role| caller.actor.has(role)) {
        return None;
    }
    let units = caller.actor.grants.iter().map(|grant| caller.organisation.subtree(grant.unit));
    Some(units.flatten().collect())
}
