//! How the work stands, in figures for whoever watches over the machines: they name nobody, and nothing that is reserved
//! shows in them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pli_domain::actor::{Actor, Scope};
use pli_domain::deadline::AgeClass;
use pli_domain::ids::UnitId;
use pli_domain::organisation::Unit;
use pli_domain::time::Timestamp;
use pli_persistence::MessageState;
use strum::IntoStaticStr;

use crate::{App, Caller, Error, List};

/// Messages older than this are not looked at: whatever they were, they are over.
const WATCHED: TimeDelta = TimeDelta::hours(24);

/// How the work stands now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// A row for each direction, the dossiers that were not routed first.
    pub directions: Vec<StandingRow>,
    /// How many messages of the last day are in each state.
    pub messages: BTreeMap<MessageState, u64>,
}

/// How the work of a direction stands.
#[derive(Clone, Debug)]
pub struct StandingRow {
    /// The code of the direction; `None` for the dossiers not given to any unit.
    pub direction: Option<String>,
    /// How many dossiers it has open.
    pub open: u64,
    /// How many of them are late on their own term.
    pub late: BTreeMap<AgeClass, u64>,
}

/// Why a server cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Unready {
    /// The database does not answer.
    Database,
    /// Its schema lacks what this Pli stands on.
    Schema,
    /// The folder of the documents cannot be written to.
    Files,
}

impl App {
    /// Whether everything that the work stands on is there.
    ///
    /// # Errors
    /// [`Unready`] with the first thing that is missing.
    pub async fn ready(&self) -> Result<(), Unready> {
        self.store.ping().await.map_err(|_| Unready::Database)?;
        match self.store.is_up_to_date().await {
            Ok(true) => {}
            Ok(false) => return Err(Unready::Schema),
            Err(_) => return Err(Unready::Database),
        }
        self.files.receive().await.map(drop).map_err(|_| Unready::Files)
    }

    /// How the work stands. What it costs follows what is open.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn standing(&self) -> Result<Standing, Error> {
        let watcher = Caller { scope: Scope::unreserved(), ..self.caller(Actor::reminder()).await? };
        let list = List { open: Some(true), ..List::default() };
        let organisation = &watcher.organisation;
        let mut open: BTreeMap<Option<UnitId>, u64> = BTreeMap::new();
        for (lead, number) in
            self.dashboards(&watcher).await.by_lead(&list.filter(&watcher, self.today())).await?
        {
            let count = open.entry(lead.map(|lead| list.row_of(lead, organisation))).or_default();
            *count = count.saturating_add(number);
        }
        let late = self.retards(&watcher, &list).await?;
        let row = |unit: Option<&Unit>| {
            let id = unit.map(|unit| unit.id);
            let late = late.rows.iter().find(|row| row.unit == id).map(|row| row.counts.clone());
            StandingRow {
                direction: unit.map(|unit| unit.code.clone()),
                open: open.get(&id).copied().unwrap_or(0),
                late: late.unwrap_or_default(),
            }
        };
        let directions = organisation.in_order();
        let directions = directions.into_iter().filter(|unit| organisation.branch(unit.id) == unit.id);
        let directions = std::iter::once(None).chain(directions.map(Some)).map(row).collect();
        let since = Timestamp::new(self.now().instant() - WATCHED);
        let messages = self.store.messages_since(since).await?.into_iter().collect();
        Ok(Standing { directions, messages })
    }
}
