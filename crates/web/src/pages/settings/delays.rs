//! The delay rules: everybody may read how dates are counted.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::Datelike as _;
use pli_domain::delay::{DelayRule, Delays, Purpose};
use pli_domain::french::French as _;
use strum::VariantArray as _;

use super::indexed;
use crate::failure::{Failure, html};
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// A version of a rule in words.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) href: String,
    pub(super) code: String,
    pub(super) version: u32,
    pub(super) label: String,
    pub(super) source: String,
    pub(super) clock: &'static str,
    pub(super) length: String,
    pub(super) start: &'static str,
    pub(super) rollover: &'static str,
    pub(super) validity: String,
}

/// The rules at whose end the same is due.
#[derive(Debug)]
struct Group {
    id: &'static str,
    purpose: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "delays.html")]
struct DelaysPage {
    frame: Frame,
    indexed: bool,
    groups: Vec<Group>,
}

/// `GET /reglages/delais`
pub(crate) async fn show(session: Session) -> Result<Response, Failure> {
    let page = DelaysPage {
        frame: Frame::of("Délais", &session, Here::Settings),
        indexed: indexed(&session),
        groups: groups(&session.caller.delays),
    };
    html(StatusCode::OK, &page)
}

fn groups(delays: &Delays) -> Vec<Group> {
    let group = |purpose: &Purpose| Group {
        id: purpose.into(),
        purpose: purpose.french(),
        rows: delays.rules.newest().filter(|rule| rule.purpose == *purpose).map(Row::new).collect(),
    };
    Purpose::VARIANTS.iter().map(group).filter(|group| !group.rows.is_empty()).collect()
}

/// The address of a rule's page.
pub(super) fn href(code: &str) -> String {
    format!("/reglages/delais/{}", words::segment(code))
}

impl Row {
    pub(super) fn new(rule: &DelayRule) -> Self {
        Self {
            href: href(&rule.code),
            code: rule.code.clone(),
            version: rule.version,
            label: rule.label.clone(),
            source: rule.source.clone(),
            clock: rule.clock.french(),
            length: length(rule),
            start: rule.start.french(),
            rollover: rule.rollover.french(),
            validity: validity(rule),
        }
    }
}

/// « 2 mois », « 5 jours ouvrés avant ».
fn length(rule: &DelayRule) -> String {
    match (rule.length.count(), rule.start.counts_back()) {
        (0, _) => "le jour même".to_owned(),
        (_, true) => format!("{} avant", rule.length.french()),
        (_, false) => rule.length.french(),
    }
}

/// Which starts a version governs. What begins before anything that Pli follows has been so for ever.
fn validity(rule: &DelayRule) -> String {
    let from = (rule.valid_from.year() >= 1900).then(|| words::date(rule.valid_from));
    match (from, rule.valid_to.map(words::date)) {
        (None, None) => "depuis toujours".to_owned(),
        (None, Some(to)) => format!("jusqu’au {to}"),
        (Some(from), None) => format!("à partir du {from}"),
        (Some(from), Some(to)) => format!("du {from} au {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_listed_once_in_the_group_of_its_purpose() {
        let delays = Delays::seed();
        let groups = groups(&delays);
        let codes: Vec<_> =
            groups.iter().flat_map(|group| &group.rows).map(|row| row.code.as_str()).collect();
        assert_eq!(codes.len(), delays.rules.newest().count());
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        assert_eq!(groups[0].purpose, "Réponse");
        assert_eq!(groups[0].rows[0].length, "2\u{a0}mois");
    }

    #[test]
    fn a_rule_says_its_length_and_its_time_in_words() {
        let delays = Delays::seed();
        let rule = |code| delays.rules.latest(code).unwrap().clone();
        assert_eq!(length(&rule("mail-send")), "1\u{a0}jour ouvré avant");
        assert_eq!(length(&rule("qo-send")), "le jour même");
        assert_eq!(length(&rule("crpa-ack-electronic")), "10\u{a0}jours ouvrés");
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mail = rule("mail");
        assert_eq!(validity(&mail), "depuis toujours");
        let from = DelayRule { valid_from: day("2026-12-01"), ..mail.clone() };
        assert_eq!(validity(&from), "à partir du 01/12/2026");
        let to = Some(day("2027-06-30"));
        assert_eq!(validity(&DelayRule { valid_to: to, ..from }), "du 01/12/2026 au 30/06/2027");
        assert_eq!(validity(&DelayRule { valid_to: to, ..mail }), "jusqu’au 30/06/2027");
    }
}
