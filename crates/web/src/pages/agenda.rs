//! The agenda of oral questions: the sittings of a week, day by day, with what each question still needs.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use pli_app::{Caller, Oral, Page};
use pli_domain::deadline::{Deadline, DeadlineStage, Standing, Term};
use pli_domain::delay::spelled;
use pli_domain::dossier::SittingSource;
use pli_domain::french::French as _;
use pli_domain::identity::House;

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::Choice;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

const HOUSES: [(&str, House); 2] = [("AN", House::Assembly), ("SENAT", House::Senate)];

/// A week, and the house whose sittings are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Week {
    monday: NaiveDate,
    house: Option<House>,
}

impl Week {
    /// Reads an address; `None` when it makes no sense. Any day of a week stands for it.
    fn read(fields: &Fields, today: NaiveDate) -> Option<Self> {
        let day = match fields.text("semaine") {
            "" => today,
            day => day.parse().ok().filter(|day: &NaiveDate| (1900..=2200).contains(&day.year()))?,
        };
        let house = match fields.text("assemblee") {
            "" => None,
            code => Some(HOUSES.iter().find(|(own, _)| *own == code)?.1),
        };
        Some(Self { monday: day.week(Weekday::Mon).first_day(), house })
    }

    fn sunday(self) -> NaiveDate {
        self.monday + Days::new(6)
    }

    /// The address of the week of a day, for the same house.
    fn href(self, day: NaiveDate) -> String {
        let house = HOUSES.iter().find(|(_, house)| Some(*house) == self.house);
        let house = house.map(|(code, _)| format!("&assemblee={code}")).unwrap_or_default();
        format!("/agenda?semaine={}{house}", day.week(Weekday::Mon).first_day())
    }
}

/// The sittings of a day.
#[derive(Debug)]
struct Day {
    date: String,
    name: String,
    rows: Vec<Row>,
}

/// A question that is put on a day.
#[derive(Debug)]
struct Row {
    reference: String,
    kind: &'static str,
    subject: String,
    author: String,
    /// Who gave the day: said when nobody has.
    supposed: bool,
    stage: &'static str,
    unit: Option<(String, String)>,
    brief: String,
    late: bool,
    attendee: Option<String>,
}

#[derive(Template)]
#[template(path = "agenda.html")]
struct AgendaPage {
    frame: Frame,
    monday: String,
    heading: String,
    houses: Vec<Choice>,
    previous: String,
    now: Option<String>,
    next: String,
    days: Vec<Day>,
    /// Not all that is put this week fits.
    more: bool,
    /// The next sitting after an empty week.
    upcoming: Option<(String, String)>,
}

/// `GET /agenda`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let (app, caller, today) = (&web.app, &session.caller, web.app.today());
    let week = Week::read(&query, today).ok_or(Kind::Unreadable)?;
    let page = app.agenda(caller, (week.monday, week.sunday()), week.house).await?;
    let upcoming = if page.items.is_empty() && week.house.is_none() {
        app.next_sitting(caller, week.sunday()).await?
    } else {
        None
    };
    let choice = |value: &str, label: &str, house| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: week.house == house,
    };
    let view = AgendaPage {
        frame: Frame::of("Agenda des questions orales", &session, Here::Agenda),
        monday: week.monday.to_string(),
        heading: format!("semaine du {} au {}", words::date(week.monday), words::date(week.sunday())),
        houses: [choice("", "Les deux assemblées", None)]
            .into_iter()
            .chain(HOUSES.map(|(code, house)| choice(code, house.french(), Some(house))))
            .collect(),
        previous: week.href(week.monday - Days::new(7)),
        now: (!(week.monday..=week.sunday()).contains(&today)).then(|| week.href(today)),
        next: week.href(week.monday + Days::new(7)),
        days: days(&page, caller, today),
        more: page.more,
        upcoming: upcoming.map(|on| (week.href(on), spelled(on))),
    };
    html(StatusCode::OK, &view)
}

/// The days on which something is put, in order.
fn days(page: &Page<Oral>, caller: &Caller, today: NaiveDate) -> Vec<Day> {
    let on = |oral: &Oral| oral.sheet.dossier.sitting().map(|sitting| sitting.on);
    let same_day = page.items.chunk_by(|one, other| on(one) == on(other));
    let day = |orals: &[Oral]| {
        let on = orals.first().and_then(on)?;
        let rows = orals.iter().filter_map(|oral| Row::new(oral, caller, today)).collect();
        Some(Day { date: on.to_string(), name: spelled(on), rows })
    };
    same_day.filter_map(day).collect()
}

impl Row {
    fn new(oral: &Oral, caller: &Caller, today: NaiveDate) -> Option<Self> {
        let dossier = &oral.sheet.dossier;
        let facts = dossier.question()?;
        let unit = dossier.lead.and_then(|lead| caller.organisation.unit(lead));
        let (brief, late) = brief(dossier.briefs().last(), today);
        Some(Self {
            reference: dossier.reference.clone(),
            kind: facts.identity.kind.french(),
            subject: oral.sheet.subject.clone(),
            author: author(oral),
            supposed: facts.sitting.as_ref()?.source == SittingSource::Supposed,
            stage: dossier.stage.french(),
            unit: unit.map(|unit| (unit.code.clone(), unit.name.clone())),
            brief,
            late,
            attendee: oral.attendee.clone(),
        })
    }
}

/// « M. Raphaël Daubet (RDSE) ».
fn author(oral: &Oral) -> String {
    let Some(published) = &oral.published else { return String::new() };
    let group = published.group.as_ref().map(|group| format!("({group})"));
    published.author.iter().cloned().chain(group).collect::<Vec<_>>().join(" ")
}

/// Where the brief stands, in words, and whether it is late.
fn brief(deadline: Option<&Deadline>, today: NaiveDate) -> (String, bool) {
    let Some(deadline) = deadline else { return ("Aucune fiche n’est due".to_owned(), false) };
    match deadline.stage {
        DeadlineStage::Met => ("Fiche remise".to_owned(), false),
        DeadlineStage::Missed => ("Fiche remise après la date".to_owned(), false),
        DeadlineStage::Cancelled => ("Plus de fiche à remettre".to_owned(), false),
        DeadlineStage::Running | DeadlineStage::Suspended => {
            let due_on = deadline.due_on();
            let standing = Term { due_on: Some(due_on), answered_on: None, open: true }.standing(today);
            let late = matches!(standing, Standing::Late { .. });
            (format!("Fiche due le {}, {}", words::date(due_on), standing.french()), late)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_day_stands_for_its_week_and_what_makes_no_sense_is_none() {
        let today = "2026-11-22".parse().unwrap();
        let read = |query: &str| Week::read(&Fields::parse(query.as_bytes()), today);
        let monday = |query: &str| read(query).map(|week| week.monday.to_string());
        assert_eq!(monday("").as_deref(), Some("2026-11-16"));
        assert_eq!(monday("semaine=2026-12-03").as_deref(), Some("2026-11-30"));
        assert_eq!(read("assemblee=SENAT").unwrap().house, Some(House::Senate));
        assert_eq!(read("assemblee=AN").unwrap().href(today), "/agenda?semaine=2026-11-16&assemblee=AN");
        for wrong in ["semaine=x", "semaine=9999-01-01", "semaine=-4000-01-01", "assemblee=X"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
