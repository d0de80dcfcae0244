//! What each person finds first: the cabinet's day, a direction's table.

use pli_domain::actor::Role;
use pli_domain::dossier::{Kind, Stage, awaited};

use crate::reminders::own_units;
use crate::{App, Caller, Error, List, Sheet};

/// A figure of the cabinet's day, and the list behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// What is counted.
    pub what: What,
    /// The list.
    pub list: List,
    /// How many dossiers it holds.
    pub count: u64,
}

/// What the cabinet looks at each morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Come in since the person last signed in.
    Arrived,
    /// Given to no unit yet.
    ToRoute,
    /// Refused by the unit that was to lead it.
    Declined,
    /// Letters that somebody brought again, and that were not registered twice.
    Presented,
    /// Questions signalled by a group's president.
    Signalled,
    /// More time was asked for.
    ToDecide,
    /// An acknowledgement is to be sent.
    ToAcknowledge,
    /// Signed letters, to be sent.
    ToDispatch,
    /// Signed answers, to be sent to the SGG.
    ToTransmit,
    /// Questions put in the chamber within a fortnight.
    Sittings,
    /// Due by the end of the week.
    ThisWeek,
    /// Not late yet, but behind.
    AtRisk,
    /// Late.
    Late,
}

/// How far ahead one looks for the sittings: a brief takes ten working days from the attribution on.
const FORTNIGHT: chrono::Days = chrono::Days::new(14);

/// How many dossiers a direction's table holds; beyond, the list has them all.
const TABLE: u64 = 300;

impl App {
    /// The figures of the cabinet's day, each with its list: in two queries, and one more for whoever may see what is reserved.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn day(&self, caller: &Caller) -> Result<Vec<Tile>, Error> {
        let today = self.today();
        let days = 6_u64.saturating_sub(chrono::Datelike::weekday(&today).num_days_from_monday().into());
        let sunday = today.checked_add_days(chrono::Days::new(days)).unwrap_or(today);
        let lists = lists((today, sunday));
        let filters: Vec<_> = lists.iter().map(|(_, list)| list.filter(caller, today)).collect();
        let reader = self.dashboards(caller).await;
        let mut tiles = Vec::new();
        if let Some(person) = caller.actor.user()
            && let Some((since, count)) = reader.arrived(person).await?
        {
            let list = List { open: Some(true), since: Some(since), ..List::default() };
            tiles.push(Tile { what: What::Arrived, list, count });
        }
        let counts = reader.open_counts(&filters).await?;
        tiles.extend(lists.into_iter().zip(counts).map(|((what, list), count)| Tile { what, list, count }));
        Ok(tiles)
    }

    /// The open dossiers of the caller's units, those that wait for the caller first, then by the latest date of their
    /// present stage; whether there are more than are held here.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn table(&self, caller: &Caller) -> Result<(Vec<Sheet>, bool), Error> {
        let mut filter = List { open: Some(true), ..List::default() }.filter(caller, self.today());
        filter.leads = own_units(caller);
        let reader = self.dashboards(caller).await;
        let (mut sheets, mut after, mut more) = (Vec::new(), None, true);
        while more && u64::try_from(sheets.len()).is_ok_and(|held| held < TABLE) {
            let page = reader.dossiers(&filter, after, 100).await?;
            after = page.items.last().map(|sheet| crate::Position::of(sheet, None));
            sheets.extend(page.items);
            more = page.more;
        }
        let place = |sheet: &Sheet| {
            let by = sheet.dossier.targets(&caller.delays).first().map(|target| target.on);
            (!awaits(caller, sheet), by.is_none(), by, sheet.dossier.due_on(), sheet.dossier.id)
        };
        sheets.sort_by_cached_key(place);
        Ok((sheets, more))
    }
}

/// Whether what a dossier awaits is the caller's to do.
#[must_use]
pub fn awaits(caller: &Caller, sheet: &Sheet) -> bool {
    let dossier = &sheet.dossier;
    awaited(dossier.kind(), dossier.stage).is_some_and(|(action, _)| {
        // What is to be submitted must be written first.
        let allowed = dossier.allowed(&caller.actor, &caller.organisation);
        allowed.contains(&action) || (dossier.stage == Stage::Drafting && caller.actor.has(Role::Drafter))
    })
}

/// The lists of the cabinet's day, but for what has arrived.
fn lists(week: (chrono::NaiveDate, chrono::NaiveDate)) -> Vec<(What, List)> {
    let (today, _) = week;
    let fortnight = (today, today.checked_add_days(FORTNIGHT).unwrap_or(today));
    let open = || List { open: Some(true), ..List::default() };
    vec![
        (What::ToRoute, List { unrouted: true, ..open() }),
        (What::Declined, List { declined: true, ..open() }),
        (What::Presented, List { presented: true, ..open() }),
        (What::Signalled, List { signalled: true, kind: Some(Kind::Question), ..open() }),
        (What::ToDecide, List { to_decide: true, ..open() }),
        (What::ToAcknowledge, List { to_acknowledge: true, ..open() }),
        (What::ToDispatch, List { stage: Some(Stage::Outgoing), ..open() }),
        (What::ToTransmit, List { stage: Some(Stage::Ready), ..open() }),
        (What::Sittings, List { sitting: Some(fortnight), kind: Some(Kind::Question), ..open() }),
        (What::ThisWeek, List { due: Some(week), ..open() }),
        (What::AtRisk, List { at_risk: true, ..open() }),
        (What::Late, List { late: Some(crate::Late::Any), ..open() }),
    ]
}
