//! What each person finds first: « Aujourd’hui » for the cabinet, « Ma table » for the directions.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use chrono::NaiveDate;
use pli_app::{Caller, List, Page, Sheet, Tile, What, awaits};
use pli_domain::actor::{Actor, Role};
use pli_domain::deadline::Standing;
use pli_domain::dossier::awaited;
use pli_domain::french::French as _;

use crate::Web;
use crate::failure::{Failure, html};
use crate::filters::Filters;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// How many dossiers of a list are shown under its figure.
const SHOWN: u64 = 8;

/// A figure, and the list that it counts.
#[derive(Debug)]
struct Figure {
    count: String,
    label: &'static str,
    href: String,
    /// Whether somebody should look.
    pressing: bool,
    none: bool,
}

/// A dossier in a short list.
#[derive(Debug)]
struct Line {
    reference: String,
    subject: String,
    /// Why it is here: who declined and whom they propose, how many days are left.
    detail: String,
}

/// A short list under its title.
#[derive(Debug)]
struct Section {
    id: &'static str,
    title: &'static str,
    lines: Vec<Line>,
    /// The whole list, when there is more.
    more: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    frame: Frame,
    today: String,
    figures: Vec<Figure>,
    sections: Vec<Section>,
}

/// A dossier on a direction's table.
#[derive(Debug)]
struct Row {
    reference: String,
    subject: String,
    stage: &'static str,
    unit: String,
    next: String,
    /// The latest date of the next step.
    by: Option<String>,
    behind: bool,
    due: Option<String>,
    standing: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "table.html")]
struct TablePage {
    frame: Frame,
    mine: Vec<Row>,
    others: Vec<Row>,
    /// Where the whole list is, when the table does not hold it.
    more: bool,
}

/// The page that a person finds first.
fn first(actor: &Actor) -> &'static str {
    let any = |roles: &[Role]| roles.iter().any(|role| actor.has(*role));
    if any(&[Role::Clerk, Role::Coordinator]) {
        "/aujourdhui"
    } else if has_table(actor) {
        "/ma-table"
    } else if any(&[Role::Manager]) {
        "/retards"
    } else if any(&[Role::Administrator]) {
        "/reglages"
    } else {
        "/dossiers"
    }
}

/// Whether the person works in a direction.
pub(crate) fn has_table(actor: &Actor) -> bool {
    [Role::Correspondent, Role::Drafter, Role::Approver, Role::Signatory]
        .into_iter()
        .any(|role| actor.has(role))
}

/// `GET /`
pub(crate) async fn show(session: Session) -> Redirect {
    Redirect::to(first(&session.caller.actor))
}

/// `GET /aujourdhui`
pub(crate) async fn today(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    let caller = &session.caller;
    let tiles = web.app.day(caller).await?;
    let mut sections = Vec::new();
    for (what, id, title) in [
        (What::Signalled, "signalees", "Questions signalées"),
        (What::Declined, "refuses", "Refusés par un service"),
        (What::Presented, "presentes", "Présentés une seconde fois"),
        (What::ToRoute, "a-attribuer", "À attribuer"),
        (What::ToDecide, "reports", "Reports à décider"),
    ] {
        let Some(tile) = tiles.iter().find(|tile| tile.what == what && tile.count > 0) else { continue };
        let found = web.app.dossiers(caller, &tile.list, None, SHOWN).await?;
        sections.push(Section::new((id, title), tile, &found, caller, web.app.today()));
    }
    let differing = web.app.count_discrepancies(caller).await?;
    let mut figures: Vec<_> = tiles.iter().map(|tile| Figure::new(tile, caller)).collect();
    figures.push(Figure::of_discrepancies(differing));
    let page = TodayPage {
        frame: Frame::of("Aujourd’hui", &session, Here::Today),
        today: words::date(web.app.today()),
        figures,
        sections,
    };
    html(StatusCode::OK, &page)
}

/// `GET /ma-table`
pub(crate) async fn table(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    let caller = &session.caller;
    let (sheets, more) = web.app.table(caller).await?;
    let today = web.app.today();
    let (mine, others): (Vec<_>, Vec<_>) = sheets.iter().partition(|sheet| awaits(caller, sheet));
    let rows = |sheets: Vec<&Sheet>| sheets.into_iter().map(|sheet| Row::new(sheet, caller, today)).collect();
    let page = TablePage {
        frame: Frame::of("Ma table", &session, Here::Table),
        mine: rows(mine),
        others: rows(others),
        more,
    };
    html(StatusCode::OK, &page)
}

/// The words of a figure: a title, which agrees with any number.
fn label(what: What) -> &'static str {
    match what {
        What::Arrived => "Arrivés depuis votre dernière visite",
        What::ToRoute => "À attribuer",
        What::Declined => "Refusés par un service",
        What::Presented => "Présentés une seconde fois",
        What::Signalled => "Questions signalées",
        What::ToDecide => "Reports à décider",
        What::ToAcknowledge => "Accusés de réception à envoyer",
        What::ToDispatch => "À expédier",
        What::ToTransmit => "À transmettre au SGG",
        What::Sittings => "En séance d’ici quinze jours",
        What::ThisWeek => "À échéance cette semaine",
        What::AtRisk => "À risque",
        What::Late => "En retard",
    }
}

fn href(list: &List, caller: &Caller) -> String {
    Filters::of(list.clone()).href(&caller.organisation)
}

impl Figure {
    fn new(tile: &Tile, caller: &Caller) -> Self {
        Self {
            count: words::number(tile.count),
            label: label(tile.what),
            href: href(&tile.list, caller),
            pressing: tile.count > 0 && matches!(tile.what, What::Late | What::Signalled | What::AtRisk),
            none: tile.count == 0,
        }
    }
}

impl Figure {
    fn of_discrepancies(count: u64) -> Self {
        Self {
            count: words::number(count),
            label: "Écarts avec le registre public",
            href: "/ecarts".to_owned(),
            pressing: count > 0,
            none: count == 0,
        }
    }
}

impl Section {
    fn new(
        (id, title): (&'static str, &'static str),
        figure: &Tile,
        found: &Page<Sheet>,
        caller: &Caller,
        today: NaiveDate,
    ) -> Self {
        let more = found.more.then(|| {
            let all = format!("Voir les {} dossiers", words::number(figure.count));
            (href(&figure.list, caller), all)
        });
        let line = |sheet: &Sheet| Line::new(sheet, figure.what, caller, today);
        Self { id, title, lines: found.items.iter().map(line).collect(), more }
    }
}

impl Line {
    fn new(sheet: &Sheet, what: What, caller: &Caller, today: NaiveDate) -> Self {
        let dossier = &sheet.dossier;
        let unit = |unit| words::unit_code(&caller.organisation, unit);
        let detail = match (what, &dossier.declined) {
            (What::Declined, Some(declined)) => match declined.proposed {
                Some(proposed) => format!("refusé par {}, qui propose {}", unit(declined.by), unit(proposed)),
                None => format!(
                    "refusé par {}\u{a0}: {}",
                    unit(declined.by),
                    declined.reason.french().to_lowercase()
                ),
            },
            (What::ToDecide, _) => {
                let asked =
                    dossier.deadlines.iter().find_map(|one| one.pending().map(|(until, _)| (one, until)));
                asked.map_or_else(String::new, |(one, until)| {
                    format!(
                        "échéance du {}, report demandé au {}",
                        words::date(one.due_on()),
                        words::date(until)
                    )
                })
            }
            _ => dossier.term().standing(today).french(),
        };
        Self { reference: dossier.reference.clone(), subject: sheet.subject.clone(), detail }
    }
}

impl Row {
    fn new(sheet: &Sheet, caller: &Caller, today: NaiveDate) -> Self {
        let dossier = &sheet.dossier;
        let standing = dossier.term().standing(today);
        let next = awaited(dossier.kind(), dossier.stage).map(|(action, _)| action.french());
        Self {
            reference: dossier.reference.clone(),
            subject: sheet.subject.clone(),
            stage: dossier.stage.french(),
            unit: dossier.lead.map(|unit| words::unit_code(&caller.organisation, unit)).unwrap_or_default(),
            next: next.unwrap_or_default().to_owned(),
            by: dossier.targets(&caller.delays).first().map(|target| words::date(target.on)),
            behind: dossier.is_at_risk(&caller.delays, today),
            due: dossier.due_on().map(words::date),
            standing: standing.french(),
            late: matches!(standing, Standing::Late { .. }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};

    #[test]
    fn each_person_finds_their_own_page_first() {
        let first = |role, unit| super::first(&samples::session(&[(role, unit)]).caller.actor);
        assert_eq!(first(Role::Clerk, "SG"), "/aujourdhui");
        assert_eq!(first(Role::Drafter, "DACS"), "/ma-table");
        assert_eq!(first(Role::Manager, "MJ"), "/retards");
        assert_eq!(first(Role::Auditor, "MJ"), "/dossiers");
    }

    #[test]
    fn what_people_wrote_comes_out_as_words_and_each_figure_opens_its_list() {
        let session = samples::session(&[(Role::Clerk, "SG"), (Role::Drafter, "DACS")]);
        let list = List { open: Some(true), unrouted: true, ..List::default() };
        let tile = Tile { what: What::ToRoute, list, count: 12 };
        let found = Page { items: vec![samples::letter(&[])], more: true };
        let section = Section::new(("a", "À attribuer"), &tile, &found, &session.caller, samples::today());
        let today = TodayPage {
            frame: Frame::alone("Aujourd’hui"),
            today: "05/03/2026".to_owned(),
            figures: vec![Figure::new(&tile, &session.caller)],
            sections: vec![section],
        };
        let html = today.render().unwrap();
        assert!(!html.contains("<script>alert") && html.contains("alert(1)"), "{NASTY}");
        assert_eq!(html.matches("/dossiers?sans-service=1").count(), 2, "{html}");
        assert!(html.contains("Voir les 12 dossiers"));
        let row = Row::new(&samples::letter(&[samples::routed()]), &session.caller, samples::today());
        assert_eq!((row.next.as_str(), row.by.as_deref()), ("Accepter", Some("10/04/2026")));
        let table =
            TablePage { frame: Frame::alone("Ma table"), mine: vec![row], others: Vec::new(), more: false };
        assert!(!table.render().unwrap().contains("<script>alert"));
    }
}
