//! One month: what is due on each day, and what day it is.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use pli_app::{Caller, DueDay, List};
use pli_domain::actor::Role;
use pli_domain::calendar::{self, Calendar, DayOff};
use pli_domain::delay::{day_of_issue, month_and_year, spelled, weekday};
use pli_domain::french::French as _;
use pli_domain::identity::House;
use strum::VariantArray as _;

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::filters::{self, CLOCKS, Filters};
use crate::form::Choice;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// What is due on a day, and the list of it.
#[derive(Debug, PartialEq)]
struct Due {
    count: String,
    href: String,
    /// The day in full, for those who hear the link alone.
    day: String,
    late: bool,
}

/// The day of a Journal officiel.
#[derive(Debug, PartialEq)]
struct Issue {
    house: &'static str,
    appears: bool,
}

/// A day of the month.
#[derive(Debug)]
struct Day {
    date: String,
    number: u32,
    /// « mercredi », where no column says it.
    weekday: &'static str,
    /// « novembre 2026 », where no caption says it.
    month: String,
    today: bool,
    off: bool,
    due: Option<Due>,
    /// Why nobody works, but for a weekend, which its column says.
    closed: Option<String>,
    issues: Vec<Issue>,
    sittings: Vec<&'static str>,
}

/// A week; the days of another month are empty.
#[derive(Debug)]
struct Week {
    number: u32,
    days: Vec<Option<Day>>,
}

/// Another month.
#[derive(Debug)]
struct Other {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    frame: Frame,
    /// Said to those who keep the calendar, or watch it.
    running_out: Vec<String>,
    keeps: bool,
    month: String,
    heading: String,
    total: String,
    units: Vec<Choice>,
    clocks: Vec<Choice>,
    previous: Option<Other>,
    now: Option<Other>,
    next: Option<Other>,
    weekdays: Vec<&'static str>,
    weeks: Vec<Week>,
}

/// `GET /calendrier`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (query, today) = (query.unwrap_or_default(), web.app.today());
    let month = Month::parse(&query, &session.caller, today).ok_or(Kind::Unreadable)?;
    let due = web.app.due_days(&session.caller, &month.list(month.days())).await?;
    let frame = Frame::of("Calendrier", &session, Here::Calendar);
    html(StatusCode::OK, &CalendarPage::new(frame, &month, &due, &session.caller, today))
}

/// A month, and what of it is counted.
#[derive(Clone, Debug, PartialEq)]
struct Month {
    first: NaiveDate,
    /// By unit and by clock.
    list: List,
}

impl Month {
    /// Reads an address; `None` when a word of it is none of ours.
    fn parse(query: &str, caller: &Caller, today: NaiveDate) -> Option<Self> {
        let Filters { list: List { unit, clock, .. }, .. } = Filters::parse(query, &caller.organisation)?;
        let first = match Fields::parse(query.as_bytes()).text("mois") {
            "" => today.with_day(1)?,
            month => format!("{month}-01").parse().ok()?,
        };
        within(first).then(|| Self { first, list: List { unit, clock, ..List::default() } })
    }

    /// The address of the same page in a month.
    fn href(&self, first: NaiveDate, caller: &Caller) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("mois", &first.format("%Y-%m").to_string());
        if let Some(unit) = self.list.unit.and_then(|unit| caller.organisation.unit(unit)) {
            query.append_pair("service", &unit.code);
        }
        if let Some((code, ..)) = CLOCKS.iter().find(|(_, clock, _)| Some(*clock) == self.list.clock) {
            query.append_pair("horloge", code);
        }
        format!("/calendrier?{}", query.finish())
    }

    fn other(&self, first: Option<NaiveDate>, caller: &Caller) -> Option<Other> {
        let first = first.filter(|first| within(*first) && *first != self.first)?;
        Some(Other { href: self.href(first, caller), label: month_and_year(first) })
    }

    /// The first day and the last.
    fn days(&self) -> (NaiveDate, NaiveDate) {
        let next = self.first + Months::new(1);
        (self.first, next.pred_opt().unwrap_or(next))
    }

    /// What is open and due on these days.
    fn list(&self, due: (NaiveDate, NaiveDate)) -> List {
        List { open: Some(true), due: Some(due), ..self.list.clone() }
    }

    /// Its weeks, from Monday to Sunday.
    fn weeks<T>(&self, day: impl Fn(NaiveDate) -> T) -> Vec<(u32, Vec<Option<T>>)> {
        let (first, last) = self.days();
        let monday = first.week(Weekday::Mon).first_day();
        let mondays = std::iter::successors(Some(monday), |monday| monday.checked_add_days(Days::new(7)));
        let week = |monday: NaiveDate| {
            let days = monday.iter_days().take(7);
            let days = days.map(|on| (first..=last).contains(&on).then(|| day(on)));
            (monday.iso_week().week(), days.collect())
        };
        mondays.take_while(|monday| *monday <= last).map(week).collect()
    }
}

/// Beyond, a month in the address is a slip of the hand.
fn within(first: NaiveDate) -> bool {
    (1900..=2200).contains(&first.year())
}

impl CalendarPage {
    fn new(frame: Frame, month: &Month, due: &[DueDay], caller: &Caller, today: NaiveDate) -> Self {
        let counts: BTreeMap<NaiveDate, u64> = due.iter().map(|day| (day.on, day.count)).collect();
        let total = counts.values().sum();
        let day = |on| Day::new(on, month, counts.get(&on).copied(), caller, today);
        let monday = month.first.week(Weekday::Mon).first_day();
        Self {
            frame,
            running_out: running_out(caller, today),
            keeps: caller.actor.administers_all(&caller.organisation),
            month: month.first.format("%Y-%m").to_string(),
            heading: month_and_year(month.first),
            total: words::counted(total, "dossier ouvert échoit", "dossiers ouverts échoient"),
            units: filters::units(month.list.unit, &caller.organisation, today),
            clocks: filters::clocks(month.list.clock),
            previous: month.other(month.first.checked_sub_months(Months::new(1)), caller),
            now: month.other(today.with_day(1), caller),
            next: month.other(month.first.checked_add_months(Months::new(1)), caller),
            weekdays: monday.iter_days().take(7).map(weekday).collect(),
            weeks: month.weeks(day).into_iter().map(|(number, days)| Week { number, days }).collect(),
        }
    }
}

impl Day {
    fn new(on: NaiveDate, month: &Month, count: Option<u64>, caller: &Caller, today: NaiveDate) -> Self {
        let calendar = &caller.delays.calendar;
        let off = calendar.day_off(on);
        let issue =
            |house: &House| Issue { house: short(*house), appears: calendar.issue_appears(*house, on) };
        let sits = |house: &&House| off.is_none() && calendar.sits(**house, on);
        let due = |count| Due {
            count: words::number(count),
            href: Filters::of(month.list((on, on))).href(&caller.organisation),
            day: spelled(on),
            late: on < today,
        };
        Self {
            date: on.to_string(),
            number: on.day(),
            weekday: weekday(on),
            month: month_and_year(on),
            today: on == today,
            due: count.map(due),
            issues: House::VARIANTS
                .iter()
                .filter(|house| on.weekday() == day_of_issue(**house))
                .map(issue)
                .collect(),
            sittings: House::VARIANTS.iter().filter(sits).map(|house| short(*house)).collect(),
            closed: closed(on, off.as_ref(), calendar),
            off: off.is_some(),
        }
    }
}

/// A house in a few letters.
fn short(house: House) -> &'static str {
    match house {
        House::Assembly => "AN",
        House::Senate => "Sénat",
    }
}

/// « férié (Toussaint) », also on a Sunday.
fn closed(on: NaiveDate, off: Option<&DayOff>, calendar: &Calendar) -> Option<String> {
    match (calendar::holiday(on, calendar.zone), off) {
        (Some(name), _) => Some(format!("férié ({name})")),
        (None, Some(DayOff::Closed(label))) => Some(format!("fermé ({label})")),
        _ => None,
    }
}

/// What is to be said of sitting periods that run out, to those who keep the calendar or work by it.
pub(super) fn running_out(caller: &Caller, today: NaiveDate) -> Vec<String> {
    if ![Role::Administrator, Role::Coordinator].into_iter().any(|role| caller.actor.has(role)) {
        return Vec::new();
    }
    let said = |(house, last): (House, Option<NaiveDate>)| match last {
        Some(last) => format!(
            "{}\u{a0}: la dernière période de séance saisie se termine le {}.",
            house.french(),
            words::date(last)
        ),
        None => format!("{}\u{a0}: aucune période de séance n’est saisie.", house.french()),
    };
    caller.delays.calendar.running_out(today).into_iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_domain::calendar::{Entry, EntryKind};
    use pli_domain::delay::Delays;
    use pli_domain::ids::EntryId;
    use std::sync::Arc;
    use uuid::Uuid;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn entry(kind: EntryKind, first: &str, last: &str, house: Option<House>) -> Entry {
        let label = samples::NASTY.to_owned();
        Entry { id: EntryId(Uuid::nil()), kind, first: on(first), last: on(last), zone: None, house, label }
    }

    fn session(role: Role) -> Session {
        let mut session = samples::session(&[(role, "MJ")]);
        let entries = vec![
            entry(EntryKind::Closed, "2026-05-15", "2026-05-15", None),
            entry(EntryKind::Sitting, "2026-05-04", "2026-05-22", Some(House::Senate)),
            entry(EntryKind::NoIssue, "2026-05-12", "2026-05-12", Some(House::Assembly)),
        ];
        session.caller.delays = Arc::new(Delays::seed().with_entries(entries));
        session
    }

    fn page(query: &str, due: &[DueDay], role: Role) -> CalendarPage {
        let session = session(role);
        let month = Month::parse(query, &session.caller, samples::today()).unwrap();
        let frame = Frame::of("Calendrier", &session, Here::Calendar);
        CalendarPage::new(frame, &month, due, &session.caller, samples::today())
    }

    fn day(page: &CalendarPage, date: &str) -> String {
        let mut days = page.weeks.iter().flat_map(|week| week.days.iter().flatten());
        let day = days.find(|day| day.date == date).unwrap();
        let issues = day.issues.iter().map(|issue| format!("{} {}", issue.house, issue.appears));
        let closed = day.closed.iter().cloned();
        issues
            .chain(closed)
            .chain(day.sittings.iter().map(|house| format!("séance {house}")))
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn a_month_is_made_of_whole_weeks() {
        let may = page("mois=2026-05", &[], Role::Manager);
        assert_eq!(may.weekdays[0], "lundi");
        assert_eq!(may.weeks.iter().map(|week| week.number).collect::<Vec<_>>(), [18, 19, 20, 21, 22]);
        assert!(may.weeks.iter().all(|week| week.days.len() == 7));
        let days: Vec<_> =
            may.weeks.iter().flat_map(|week| week.days.iter().flatten()).map(|day| day.number).collect();
        assert_eq!(days, (1..=31).collect::<Vec<_>>());
        let february = page("mois=2027-02", &[], Role::Manager);
        assert_eq!(february.weeks.len(), 4, "from Monday the first to Sunday the last");
        let december = page("mois=2026-12", &[], Role::Manager);
        assert_eq!(december.weeks.last().unwrap().number, 53);
        assert_eq!(december.next.unwrap().href, "/calendrier?mois=2027-01");
    }

    #[test]
    fn each_day_says_what_it_is() {
        let may = page("mois=2026-05", &[], Role::Manager);
        for (date, said) in [
            ("2026-05-01", "férié (1er\u{a0}mai)"),
            ("2026-05-05", "AN true, séance Sénat"),
            ("2026-05-07", "Sénat true, séance Sénat"),
            ("2026-05-12", "AN false, séance Sénat"),
            ("2026-05-14", "Sénat true, férié (Ascension)"),
            ("2026-05-16", ""),
        ] {
            assert_eq!(day(&may, date), said, "{date}");
        }
        assert!(day(&may, "2026-05-15").starts_with("fermé ("));
        let toussaint = page("mois=2026-11", &[], Role::Manager);
        assert_eq!(day(&toussaint, "2026-11-01"), "férié (Toussaint)", "on a Sunday");
        let html = may.render().unwrap();
        assert!(!html.contains("<script>alert") && html.contains("alert(1)"));
        assert!(html.contains("<s>JO&nbsp;AN</s>") && html.contains("sans parution"));
    }

    #[test]
    fn each_figure_opens_the_list_that_it_counts() {
        let due = [DueDay { on: on("2026-03-04"), count: 1 }, DueDay { on: on("2026-03-30"), count: 1_200 }];
        let march = page("service=DACS&horloge=interne&q=rien", &due, Role::Manager);
        let found: Vec<_> = march
            .weeks
            .iter()
            .flat_map(|week| week.days.iter().flatten())
            .filter_map(|day| day.due.as_ref())
            .collect();
        let hrefs: Vec<_> =
            found.iter().map(|due| (due.count.as_str(), due.href.as_str(), due.late)).collect();
        let list = "/dossiers?service=DACS&horloge=interne&echeance=";
        let (first, second) =
            (format!("{list}2026-03-04_2026-03-04"), format!("{list}2026-03-30_2026-03-30"));
        assert_eq!(hrefs, [("1", first.as_str(), true), ("1\u{202f}200", second.as_str(), false)]);
        assert_eq!(march.previous.unwrap().href, "/calendrier?mois=2026-02&service=DACS&horloge=interne");
        assert!(march.now.is_none(), "it is this month");
    }

    #[test]
    fn who_keeps_the_calendar_is_told_when_it_runs_out() {
        for (role, told) in [(Role::Administrator, true), (Role::Coordinator, true), (Role::Manager, false)] {
            assert_eq!(!page("", &[], role).running_out.is_empty(), told, "{role:?}");
        }
        let html = page("mois=2026-07", &[], Role::Administrator).render().unwrap();
        assert!(html.contains("aucune période de séance"));
        assert!(html.contains("href=\"/reglages/calendrier"));
    }

    #[test]
    fn an_address_that_is_no_month_is_not_read() {
        let session = session(Role::Manager);
        for wrong in
            ["mois=2026", "mois=2026-13", "mois=x", "mois=1899-12", "mois=2201-01", "service=x", "horloge=x"]
        {
            assert_eq!(Month::parse(wrong, &session.caller, samples::today()), None, "{wrong}");
        }
        let edge = page("mois=2200-12", &[], Role::Manager);
        assert!(edge.next.is_none() && edge.previous.is_some());
    }
}
