//! The letters of the demonstration, and what happens to each, as `letters.json` tells it.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use pli_app::Sheet;
use pli_domain::dossier::{Category, Channel, NewMail};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Letter {
    pub(super) sender: String,
    pub(super) subject: String,
    pub(super) category: String,
    pub(super) channel: String,
    pub(super) received_days_ago: u64,
    pub(super) document_days_before: u64,
    #[serde(default)]
    pub(super) urgent: bool,
    /// The file of its scan, when it has one.
    pub(super) scan: Option<String>,
    pub(super) steps: Vec<Step>,
}

impl Letter {
    /// The letter, as the clerk registers it on that day.
    pub(super) fn mail(&self, received_on: NaiveDate) -> Result<NewMail> {
        Ok(NewMail {
            sender: self.sender.clone(),
            member: None,
            subject: self.subject.clone(),
            category: self.category.parse::<Category>()?,
            document_on: received_on
                .checked_sub_days(Days::new(self.document_days_before))
                .context("date du document")?,
            received_on,
            first_received_on: None,
            urgent: self.urgent,
            channel: self.channel.parse::<Channel>()?,
        })
    }
}

/// What happened to a letter, as `letters.json` tells it.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub(super) enum Step {
    Route {
        lead: String,
        contributors: Vec<String>,
        informed: Vec<String>,
    },
    Accept,
    Decline {
        reason: String,
        proposed: Option<String>,
        note: String,
    },
    Draft {
        text: String,
    },
    Submit,
    Approve,
    SendBack {
        note: String,
    },
    Sign,
    Dispatch {
        channel: String,
        tracking: String,
    },
    AnswerByPhone {
        note: String,
    },
    ProposeFiling {
        note: String,
    },
    File,
    Redirect {
        note: String,
    },
    Cancel {
        note: String,
    },
    Acknowledge,
    /// Pieces are asked for: so many days to send them.
    Suspend {
        rule: String,
        days: u64,
        note: String,
    },
    RequestExtension {
        rule: String,
        days: u64,
        note: String,
    },
    GrantExtension {
        rule: String,
        note: String,
    },
}

/// A letter's story, as far as it has been played.
pub(super) struct Story {
    pub(super) number: usize,
    pub(super) letter: Letter,
    /// When the letter comes: on a working day.
    pub(super) morning: DateTime<Utc>,
    pub(super) sheet: Option<Sheet>,
    pub(super) steps: std::vec::IntoIter<Step>,
}

impl Story {
    pub(super) fn new(number: usize, mut letter: Letter, now: DateTime<Utc>) -> Result<Self> {
        let minutes = i64::try_from(number % 60)?;
        let mut day = (now - TimeDelta::days(i64::try_from(letter.received_days_ago)?)).date_naive();
        while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            day = day.checked_sub_days(Days::new(1)).context("date")?;
        }
        let morning =
            day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(9) + TimeDelta::minutes(minutes);
        let steps = std::mem::take(&mut letter.steps).into_iter();
        Ok(Self { number, letter, morning, sheet: None, steps })
    }

    /// When its acts happen: it is registered, then one act every other day.
    pub(super) fn acts(&self) -> impl Iterator<Item = DateTime<Utc>> + use<> {
        let morning = self.morning;
        let days = (1..).step_by(2).take(self.steps.len());
        std::iter::once(morning).chain(days.map(move |days| morning + TimeDelta::days(days)))
    }
}
