//! The journal of settings, told in French: who changed what, when, from what to what.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::Page;
use pli_domain::actor::{Role, Who};
use pli_domain::french::French as _;
use pli_domain::ids::UserId;
use pli_domain::organisation::UnitKind;
use pli_domain::settings::{SettingsEntry, SubjectKind};
use serde_json::Value;

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::InAddress;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// How many lines a page of the journal holds.
const PAGE: u64 = 50;

/// How the fields of a payload are told; one that is not here tells itself.
const FIELDS: [(&str, &str); 29] = [
    ("code", "Code"),
    ("name", "Nom"),
    ("kind", "Nature"),
    ("parent", "Rattaché à"),
    ("validFrom", "Premier jour"),
    ("validTo", "Dernier jour"),
    ("login", "Identifiant"),
    ("email", "Adresse électronique"),
    ("roles", "Rôles"),
    ("disabled", "Compte désactivé"),
    ("label", "Libellé"),
    ("version", "Version"),
    ("source", "Source"),
    ("length", "Durée"),
    ("months", "Durée, en mois"),
    ("fate", "Sort final"),
    ("rollover", "Dernier jour non ouvré"),
    ("first", "Du"),
    ("last", "Au"),
    ("zone", "Zone"),
    ("house", "Assemblée"),
    ("when", "Quand"),
    ("active", "En service"),
    ("owner", "Responsable"),
    ("people", "Personnes"),
    ("to", "Vers"),
    ("leaves", "Vers un autre ministère"),
    ("on", "Date du décret"),
    ("unit", "Service"),
];

/// Something that was changed: its name, what it was, what it is.
#[derive(Debug, PartialEq)]
struct Difference {
    field: String,
    from: Option<String>,
    to: String,
}

/// A line of the table.
#[derive(Debug)]
struct Row {
    at: String,
    who: String,
    told: &'static str,
    subject: String,
    href: Option<String>,
    differences: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "settings_journal.html")]
struct JournalPage {
    frame: Frame,
    rows: Vec<Row>,
    first: Option<&'static str>,
    next: Option<String>,
}

/// `GET /reglages/journal`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let before = match query.text("avant") {
        "" => None,
        seq => Some(seq.parse().map_err(|_| Kind::Unreadable)?),
    };
    let found = web.app.settings_journal(&session.caller, before, PAGE).await?;
    let names = web.app.names(found.items.iter().map(|entry| entry.who)).await?;
    html(StatusCode::OK, &JournalPage::new(&session, before.is_some(), &found, &names))
}

impl JournalPage {
    fn new(
        session: &Session,
        later: bool,
        found: &Page<SettingsEntry>,
        names: &BTreeMap<UserId, String>,
    ) -> Self {
        // An auditor reads the journal, not the pages of what it is about.
        let opens = session.caller.actor.has(Role::Administrator);
        Self {
            frame: Frame::of("Journal des réglages", session, Here::Settings),
            rows: found.items.iter().map(|entry| Row::new(entry, names, opens)).collect(),
            first: later.then_some("/reglages/journal"),
            next: found
                .items
                .last()
                .filter(|_| found.more)
                .map(|last| format!("/reglages/journal?avant={}", last.seq)),
        }
    }
}

impl Row {
    fn new(entry: &SettingsEntry, names: &BTreeMap<UserId, String>, opens: bool) -> Self {
        let payload: Value = serde_json::from_str(&entry.payload).unwrap_or_default();
        let side = |name| payload.get(name).unwrap_or(&Value::Null);
        let (before, after) = (side("before"), side("after"));
        let of = |field| after.get(field).or(before.get(field)).and_then(Value::as_str);
        let (name, page): (_, fn(&str) -> String) = match entry.subject.kind {
            SubjectKind::Unit => ("code", super::units::href),
            SubjectKind::Person => ("login", super::people::href),
            SubjectKind::DelayRule => ("code", super::delays::href),
            SubjectKind::CalendarEntry => ("label", |_| "/reglages/calendrier".to_owned()),
            SubjectKind::Denomination => ("name", |_| "/reglages/denominations".to_owned()),
            SubjectKind::ReminderRule => ("code", |_| "/reglages/relances".to_owned()),
            SubjectKind::Compartment => ("name", |_| "/reglages/compartiments".to_owned()),
            SubjectKind::RetentionRule => ("class", |_| "/reglages/conservation".to_owned()),
            SubjectKind::Government => ("from", |_| "/reglages/gouvernement".to_owned()),
            SubjectKind::Elimination | SubjectKind::ReservedElimination => {
                ("list", |id| format!("/eliminations/{id}"))
            }
        };
        Self {
            at: entry.at.french(),
            who: match entry.who {
                Who::User(user) => {
                    names.get(&user).map_or_else(|| "Personne inconnue".to_owned(), String::clone)
                }
                Who::System(part) => part.french().to_owned(),
            },
            told: entry.action.told(),
            subject: of(name).unwrap_or(&entry.subject.id).to_owned(),
            href: of(name).filter(|_| opens).map(page),
            differences: differences(before, after),
        }
    }
}

/// What a change has changed; all of it, for what is new.
fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let all = [before, after].into_iter().filter_map(Value::as_object);
    let fields: BTreeSet<&String> = all.flat_map(|object| object.keys()).collect();
    let changed = fields.into_iter().filter_map(|field| {
        let value =
            |side: &Value| side.get(field).filter(|value| !value.is_null()).map(|value| told(field, value));
        let (from, to) = (value(before), value(after));
        // What is new is not told what it is not.
        let nothing = before.is_null() && after.get(field) == Some(&Value::Bool(false));
        let differs = from != to && !nothing;
        differs.then(|| (place(field), Difference { field: label(field), from, to: to.unwrap_or_else(none) }))
    });
    let mut changed: Vec<_> = changed.collect();
    changed.sort_by_key(|(place, _)| *place);
    changed.into_iter().map(|(_, difference)| difference).collect()
}

fn none() -> String {
    "–".to_owned()
}

fn place(field: &str) -> usize {
    FIELDS.iter().position(|(name, _)| *name == field).unwrap_or(FIELDS.len())
}

fn label(field: &str) -> String {
    let known = FIELDS.iter().find(|(name, _)| *name == field);
    known.map_or(field, |(_, label)| label).to_owned()
}

/// A value as it is read.
fn told(field: &str, value: &Value) -> String {
    match value {
        Value::Null => none(),
        Value::Bool(yes) => if *yes { "oui" } else { "non" }.to_owned(),
        Value::String(text) => text_told(field, text),
        Value::Array(items) if items.is_empty() => "aucun".to_owned(),
        Value::Array(items) => words::listed(&items.iter().map(|item| told(field, item)).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

fn text_told(field: &str, text: &str) -> String {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return words::date(day);
    }
    let role = text.split_once('@').and_then(|(role, unit)| Some((role.parse::<Role>().ok()?, unit)));
    match (field, role, text.parse::<UnitKind>()) {
        ("kind", _, Ok(kind)) => kind.french().to_owned(),
        ("roles", Some((role, unit)), _) => format!("{} ({unit})", role.french()),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_told_by_what_differs() {
        let before =
            json!({ "code": "C1", "kind": "bureau", "validTo": null, "roles": ["drafter@DACS"], "x": 1 });
        let after = json!({ "code": "C1", "kind": "service", "validTo": "2026-12-31", "roles": [], "x": 2 });
        let told: Vec<_> = differences(&before, &after)
            .into_iter()
            .map(|difference| (difference.field, difference.from.unwrap_or_default(), difference.to))
            .collect();
        let expected = [
            ("Nature", "Bureau", "Service"),
            ("Dernier jour", "", "31/12/2026"),
            ("Rôles", "Rédacteur (DACS)", "aucun"),
            ("x", "1", "2"),
        ];
        let expected = expected.map(|(field, from, to)| (field.to_owned(), from.to_owned(), to.to_owned()));
        assert_eq!(told, expected);
        let new = differences(&Value::Null, &json!({ "login": "ozanne", "email": null, "disabled": false }));
        let fields: Vec<_> = new.iter().map(|difference| difference.field.as_str()).collect();
        assert_eq!(fields, ["Identifiant"]);
        assert_eq!(differences(&after, &after), []);
    }
}
