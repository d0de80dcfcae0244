//! The list of dossiers.

mod filter_form;
mod rows;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{Caller, Late, Length, NEVER, Page, Sheet};
use pli_domain::actor::{Reach, Role};
use pli_domain::deadline::Timeliness;
use pli_domain::dossier::Action;
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;

use self::filter_form::FilterForm;
use self::rows::{Content, Row, Shown, class, drawn, shown};
use super::saved;
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::filters::Filters;
use crate::frame::{Frame, Here};
use crate::pages::bulk;
use crate::session::Session;
use crate::words;

/// How many dossiers a page of the list holds.
const PAGE: u64 = 50;

/// What can be done to several dossiers at once.
#[derive(Debug)]
struct Bulk {
    acts: Vec<(&'static str, &'static str)>,
    /// Where the list is, to come back.
    here: String,
}

/// Why the list is empty, and a way out.
#[derive(Debug)]
struct Empty {
    message: &'static str,
    way_out: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    heading: String,
    /// What was just done.
    done: Option<String>,
    filter: FilterForm,
    narrows: bool,
    /// What is to be known of a list of the past.
    past: Option<String>,
    caption: String,
    headings: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    bulk: Option<Bulk>,
    columns: Vec<Shown>,
    /// What the form of the columns carries along.
    carried: Fields,
    /// The address of the list as a table, and as a workbook.
    csv: String,
    workbook: String,
    /// Where the list can be kept.
    keep: String,
    first: Option<String>,
    next: Option<String>,
    empty: Empty,
}

/// `GET /dossiers`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let filters = Filters::parse(&query, &session.caller.organisation).ok_or(Kind::Unreadable)?;
    let length = web.app.length(&session.caller, &filters.list).await?;
    let found = web.app.dossiers(&session.caller, &filters.list, filters.after, PAGE).await?;
    let mut page = ListPage::new(&session, &filters, length, &found, web.app.today());
    if let Some(day) = filters.list.as_of
        && !web.app.has_snapshot(day).await?
    {
        page.empty = Empty::unknown();
    }
    page.done = done(Fields::parse(query.as_bytes()).text("fait"));
    html(StatusCode::OK, &page)
}

/// What to say of an act after which the dossier is another's.
fn done(action: &str) -> Option<String> {
    let action: Action = action.parse().ok()?;
    let told = action.told().strip_prefix("a ")?;
    Some(format!("Vous avez {told}. Il ne figure plus dans vos dossiers."))
}

impl ListPage {
    fn new(
        session: &Session,
        filters: &Filters,
        length: Length,
        found: &Page<Sheet>,
        today: NaiveDate,
    ) -> Self {
        let caller = &session.caller;
        let organisation = &*caller.organisation;
        let next = found.items.last().filter(|_| found.more);
        let heading = heading(filters, length);
        Self {
            frame: Frame::of("Dossiers", session, Here::Dossiers),
            caption: format!("Dossiers{}, la plus proche échéance d’abord", said(filters, organisation)),
            heading,
            done: None,
            past: filters.list.as_of.map(past),
            headings: drawn(filters.columns()).map(|column| (class(column), column.heading())).collect(),
            bulk: Bulk::new(filters, caller).filter(|_| !found.items.is_empty()),
            columns: shown(filters),
            carried: filters.others(&["colonnes"], organisation),
            filter: FilterForm::new(filters, organisation, today),
            narrows: filters.narrows(),
            rows: found.items.iter().map(|sheet| Row::new(sheet, filters, caller, today)).collect(),
            csv: filters.file("dossiers.csv", organisation),
            workbook: filters.file("dossiers.xlsx", organisation),
            keep: saved::keep(filters, organisation),
            first: filters.after.map(|_| filters.after(None).href(organisation)),
            next: next.map(|last| filters.after(Some(filters.list.position(last))).href(organisation)),
            empty: Empty::new(filters, caller),
        }
    }
}

/// « dossier ouvert », « dossiers ouverts ».
fn named(filters: &Filters) -> (&'static str, &'static str) {
    let answered = filters.list.answered;
    match filters.list.open {
        _ if answered == Some(Timeliness::InTime) => {
            ("dossier répondu dans le délai", "dossiers répondus dans le délai")
        }
        _ if answered == Some(Timeliness::Late) => {
            ("dossier répondu en retard", "dossiers répondus en retard")
        }
        _ if filters.list.late.is_some() => ("dossier en retard", "dossiers en retard"),
        _ if filters.list.at_risk => ("dossier à risque", "dossiers à risque"),
        Some(true) => ("dossier ouvert", "dossiers ouverts"),
        Some(false) => ("dossier clos", "dossiers clos"),
        None => ("dossier", "dossiers"),
    }
}

/// « 42 dossiers ouverts », « Plus de 10 000 dossiers clos ».
fn heading(filters: &Filters, length: Length) -> String {
    let (one, many) = named(filters);
    let counted = match length {
        Length { number: 0, .. } => format!("Aucun {one}"),
        Length { number, more: false } => words::counted(number, one, many),
        Length { number, more: true } => format!("Plus de {}", words::counted(number, one, many)),
    };
    match filters.list.as_of {
        Some(day) => format!("{counted} le {}", words::date(day)),
        None => counted,
    }
}

/// What is to be known of a list of the past.
fn past(day: NaiveDate) -> String {
    format!(
        "Liste du {}, telle que le relevé de ce jour l’a gardée\u{a0}: service, échéance et retard sont ceux de ce jour-là. \
         Chaque dossier est montré tel qu’il est aujourd’hui, et parmi ceux que vous pouvez voir aujourd’hui.",
        words::date(day)
    )
}

/// A list in words: « Dossiers ouverts, contenant « prison » ».
pub(super) fn sentence(filters: &Filters, organisation: &Organisation) -> String {
    let (_, many) = named(filters);
    let past = filters.list.as_of.map(|day| format!(" le {}", words::date(day))).unwrap_or_default();
    // Each of these names begins in the same way.
    let what = many.strip_prefix('d').unwrap_or(many);
    format!("D{what}{past}{}", said(filters, organisation))
}

/// The filters in words: « , DACS, de 1 à 15 jours ».
fn said(filters: &Filters, organisation: &Organisation) -> String {
    let list = &filters.list;
    let kind = list.kind.map(|kind| format!("type «\u{a0}{}\u{a0}»", kind.french()));
    let stage = list.stage.map(|stage| format!("étape «\u{a0}{}\u{a0}»", stage.french()));
    let unit = list.unit.map(|unit| format!("service {}", words::unit_code(organisation, unit)));
    let unrouted = list.unrouted.then(|| "sans service pilote".to_owned());
    let late = match list.late {
        Some(Late::Class(class)) => Some(class.french().to_lowercase()),
        _ => None,
    };
    let clock = list.clock.map(|clock| clock.french().to_lowercase());
    let acknowledge = list.to_acknowledge.then(|| "accusé de réception à envoyer".to_owned());
    let due = list.due.map(|(from, to)| {
        let (from, to) = (words::date(from), words::date(to));
        match list.due {
            Some((NEVER, _)) => "sans échéance".to_owned(),
            Some((_, NEVER)) => format!("échéance à partir du {from}, ou sans échéance"),
            _ if from == to => format!("échéance le {from}"),
            _ => format!("échéance du {from} au {to}"),
        }
    });
    let received =
        list.received.map(|(from, to)| format!("publiés du {} au {}", words::date(from), words::date(to)));
    let unanswered = list.unanswered.then(|| "sans réponse".to_owned());
    let house = list.asked.house.map(|house| house.french().to_owned());
    let nature = list.asked.kind.map(|kind| kind.french().to_lowercase());
    let group = list.asked.group.as_deref().map(|group| match group {
        "" => "groupe inconnu".to_owned(),
        group => format!("groupe {group}"),
    });
    let member = list.member.map(|_| "d’un même élu".to_owned());
    let decide = list.to_decide.then(|| "report à décider".to_owned());
    let declined = list.declined.then(|| "refusés par un service".to_owned());
    let signalled = list.signalled.then(|| "questions signalées".to_owned());
    let presented = list.presented.then(|| "présentés une seconde fois depuis sept jours".to_owned());
    let since = list.since.map(|since| format!("arrivés depuis le {}", since.french()));
    let closed =
        list.closed.map(|(from, to)| format!("clos du {} au {}", words::date(from), words::date(to)));
    let sitting = list
        .sitting
        .map(|(from, to)| format!("questions en séance du {} au {}", words::date(from), words::date(to)));
    let import = list.import.map(|run| format!("ouverts par l’import n°\u{a0}{run}"));
    let government = list.government.map(|_| "déplacés par un changement de gouvernement".to_owned());
    let message = list.message.map(|_| "d’un message de Pli".to_owned());
    let year = list.year.map(|year| format!("reçus en {year}"));
    let words = list.words.as_ref().map(|words| format!("contenant «\u{a0}{words}\u{a0}»"));
    let now = list.open.filter(|_| list.as_of.is_some());
    let now = now.map(|open| if open { "encore ouverts" } else { "clos depuis" }.to_owned());
    let reserved = list.reserved.then(|| "dossiers réservés".to_owned());
    let what = [late, clock, kind, stage, unit, unrouted, acknowledge, decide, declined, signalled, reserved];
    let parts = what
        .into_iter()
        .chain([presented, since, due, received, closed, unanswered, house, nature, group, member])
        .chain([sitting, import, government, now, message, year, words]);
    parts.flatten().fold(String::new(), |said, part| said + ", " + &part)
}

impl Bulk {
    /// `None` for whoever may do nothing of it.
    fn new(filters: &Filters, caller: &Caller) -> Option<Self> {
        let acts = bulk::acts(&caller.actor);
        let here = filters.href(&caller.organisation);
        (!acts.is_empty()).then_some(Self { acts, here })
    }
}

impl Empty {
    /// Of a past day that nobody looked at.
    fn unknown() -> Self {
        Self {
            message: "Aucun relevé n’a été fait ce jour-là\u{a0}: Pli ne sait pas ce qui était ouvert.",
            way_out: Some(("/retards", "Voir les relevés")),
        }
    }

    fn new(filters: &Filters, caller: &Caller) -> Self {
        if caller.scope.reach == Reach::Nothing {
            let settings = ("/reglages", "Ouvrir les réglages");
            return Self {
                message: "Votre rôle ne donne accès à aucun dossier\u{a0}: ceux-ci sont lus par les services et le cabinet.",
                way_out: caller.actor.has(Role::Administrator).then_some(settings),
            };
        }
        if filters.narrows() || filters.after.is_some() {
            return Self {
                message: "Aucun dossier ne répond à ces critères.",
                way_out: Some(("/dossiers", "Voir tous les dossiers ouverts")),
            };
        }
        let register = ("/courriers/nouveau", "Enregistrer un courrier");
        let closed = ("/dossiers?etat=clos", "Voir les dossiers clos");
        Self {
            message: "Aucun dossier n’est ouvert.",
            way_out: Some(if caller.actor.has(Role::Clerk) { register } else { closed }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};

    fn page(query: &str, roles: &[(Role, &str)], items: Vec<Sheet>, total: u64) -> String {
        let session = samples::session(roles);
        let filters = Filters::parse(query, &session.caller.organisation).unwrap();
        let found = Page { more: !items.is_empty(), items };
        let length = Length { number: total.min(Length::MOST), more: total > Length::MOST };
        ListPage::new(&session, &filters, length, &found, samples::today()).render().unwrap()
    }

    #[test]
    fn what_people_wrote_comes_out_as_words_and_the_page_goes_on() {
        let letters = vec![samples::letter(&[]), samples::letter(&[samples::routed()])];
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", NASTY).finish();
        let html = page(&query, &[(Role::Clerk, "SG")], letters, 1_234);
        assert!(!html.contains("<script>alert") && html.contains("alert(1)"));
        assert!(html.contains("1\u{202f}234\u{a0}dossiers ouverts"));
        assert!(
            html.contains("href=\"/dossiers/SG-2026-A-000001\"") && html.contains("Enregistrer un courrier")
        );
        let many = page("", &[(Role::Clerk, "SG")], vec![samples::letter(&[])], 20_000);
        assert!(many.contains("Plus de 10\u{202f}000\u{a0}dossiers ouverts"));
        assert!(html.contains("rel=\"next\"") && html.contains("apres=2026-05-01_"));
    }

    #[test]
    fn an_empty_list_says_why_and_shows_a_way_out() {
        let clerk = &[(Role::Clerk, "SG")];
        assert!(page("retard=tous", clerk, Vec::new(), 0).contains("Voir tous les dossiers ouverts"));
        assert!(page("", clerk, Vec::new(), 0).contains("Aucun dossier n’est ouvert."));
        let blind = page("", &[(Role::Administrator, "MJ")], Vec::new(), 0);
        assert!(blind.contains("Votre rôle ne donne accès à aucun dossier"));
        assert!(blind.contains("Ouvrir les réglages"));
        assert!(!blind.contains("Enregistrer un courrier"));
    }

    #[test]
    fn lateness_is_said_in_words() {
        let mut late = samples::letter(&[]);
        for deadline in &mut late.dossier.deadlines {
            deadline.due.due_on = samples::today() - chrono::TimeDelta::days(3);
        }
        let html = page("", &[(Role::Manager, "MJ")], vec![late], 1);
        assert!(html.contains("en retard de 3\u{a0}jours") && html.contains("02/03/2026"));
    }

    #[test]
    fn what_was_done_is_told_only_of_known_acts() {
        assert_eq!(
            done("decline").as_deref(),
            Some("Vous avez refusé le dossier. Il ne figure plus dans vos dossiers.")
        );
        assert_eq!(done("<script>"), None);
    }
}
