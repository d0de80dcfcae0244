//! The journal of the whole register: the latest acts, newest first.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, NaiveDate};
use pli_app::{Acts, JournalPlace, Page, RegisterLine};
use pli_domain::actor::{Reach, SystemActor, Who};
use pli_domain::dossier::Action;
use pli_domain::french::French as _;
use pli_domain::ids::UserId;
use pli_domain::time::Timestamp;
use strum::VariantArray as _;

use super::dossier::journal::{JournalRow, row};
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::filters::KINDS;
use crate::form::Choice;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// How many acts a page holds.
const PAGE: u64 = 50;

/// Which acts, and before which one, as they stand in the address.
#[derive(Clone, Debug, Default, PartialEq)]
struct Filters {
    acts: Acts,
    before: Option<JournalPlace>,
}

/// An act and its dossier.
#[derive(Debug)]
struct Row {
    reference: String,
    subject: String,
    line: JournalRow,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    people: Vec<Choice>,
    actions: Vec<Choice>,
    kinds: Vec<Choice>,
    from: String,
    to: String,
    narrows: bool,
    caption: String,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    /// Whether this person may read no dossier at all.
    blind: bool,
}

/// `GET /journal`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let filters = Filters::parse(&query).ok_or(Kind::Unreadable)?;
    let found = web.app.register(&session.caller, &filters.acts, filters.before, PAGE).await?;
    let people = web.app.everybody().await?;
    html(StatusCode::OK, &RegisterPage::new(&session, &filters, &found, people))
}

impl Filters {
    /// Reads an address; `None` when a word of it is none of ours. What is empty narrows nothing.
    fn parse(query: &Fields) -> Option<Self> {
        let mut filters = Self::default();
        let acts = &mut filters.acts;
        for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
            match name {
                "qui" => acts.who = Some(value.parse().ok()?),
                "acte" => acts.action = Some(value.parse().ok()?),
                "du" => acts.from = Some(day(value)?),
                "au" => acts.to = Some(day(value)?),
                "type" => acts.kind = Some(KINDS.iter().find(|(code, _)| *code == value)?.1),
                "avant" => filters.before = Some(place(value)?),
                _ => {}
            }
        }
        Some(filters)
    }

    fn href(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let Acts { who, action, from, to, kind } = self.acts;
        let kind = kind.and_then(|kind| KINDS.iter().find(|(_, one)| *one == kind)).map(|(code, _)| *code);
        let parts = [
            ("qui", who.map(|who| who.to_string())),
            ("acte", action.map(|action| <&str>::from(action).to_owned())),
            ("du", from.map(|day| day.to_string())),
            ("au", to.map(|day| day.to_string())),
            ("type", kind.map(str::to_owned)),
            ("avant", self.before.map(written)),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        match query.finish() {
            query if query.is_empty() => "/journal".to_owned(),
            query => format!("/journal?{query}"),
        }
    }

    fn before(&self, before: Option<JournalPlace>) -> Self {
        Self { acts: self.acts.clone(), before }
    }
}

/// A day, as a browser sends it or as a person writes it.
fn day(word: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(word.trim(), form).ok())
}

fn written(place: JournalPlace) -> String {
    format!("{}_{}_{}", place.at.instant().timestamp_micros(), place.dossier, place.seq)
}

fn place(word: &str) -> Option<JournalPlace> {
    let (micros, rest) = word.split_once('_')?;
    let (dossier, seq) = rest.split_once('_')?;
    // Up to the year 9999, which every engine knows.
    let micros = micros.parse().ok().filter(|micros| (0..253_402_300_800_000_000).contains(micros))?;
    let at = Timestamp::new(DateTime::from_timestamp_micros(micros)?);
    Some(JournalPlace { at, dossier: dossier.parse().ok()?, seq: seq.parse().ok()? })
}

impl RegisterPage {
    fn new(
        session: &Session,
        filters: &Filters,
        found: &Page<RegisterLine>,
        people: Vec<(UserId, String)>,
    ) -> Self {
        let caller = &session.caller;
        let acts = &filters.acts;
        let names: BTreeMap<UserId, String> = people.iter().cloned().collect();
        let line = |one: &RegisterLine| Row {
            reference: one.reference.clone(),
            subject: one.subject.clone(),
            line: row(&one.line, &names, &caller.organisation),
        };
        let next = found.items.last().filter(|_| found.more);
        let every = |label: &str, chosen| choice("", label, chosen);
        let parts = [SystemActor::Feed, SystemActor::Reminder]
            .map(|part| (Who::System(part), part.french().to_owned()));
        let everybody = people.into_iter().map(|(id, name)| (Who::User(id), name)).chain(parts);
        let everybody = everybody.map(|(who, name)| choice(&who.to_string(), &name, acts.who == Some(who)));
        let actions = Action::VARIANTS
            .iter()
            .map(|action| choice((*action).into(), action.french(), acts.action == Some(*action)));
        let kinds = KINDS.iter().map(|(code, kind)| choice(code, kind.french(), acts.kind == Some(*kind)));
        Self {
            frame: Frame::of("Journal", session, Here::Journal),
            people: [every("Tous", acts.who.is_none())].into_iter().chain(everybody).collect(),
            actions: [every("Tous", acts.action.is_none())].into_iter().chain(actions).collect(),
            kinds: [every("Tous", acts.kind.is_none())].into_iter().chain(kinds).collect(),
            from: acts.from.map(|day| day.to_string()).unwrap_or_default(),
            to: acts.to.map(|day| day.to_string()).unwrap_or_default(),
            narrows: *acts != Acts::default(),
            caption: format!("Actes{}, le plus récent d’abord", said(acts, &names)),
            rows: found.items.iter().map(line).collect(),
            first: filters.before.map(|_| filters.before(None).href()),
            next: next.map(|last| filters.before(Some(last.place())).href()),
            blind: caller.scope.reach == Reach::Nothing,
        }
    }
}

/// The filters in words: « , par Nadège Trémolat, du 21/11/2026 au 22/11/2026 ».
fn said(acts: &Acts, names: &BTreeMap<UserId, String>) -> String {
    let who = acts.who.map(|who| match who {
        Who::User(id) => format!("par {}", names.get(&id).map_or("une personne inconnue", String::as_str)),
        Who::System(part) => format!("par {}", part.french()),
    });
    let action = acts.action.map(|action| format!("«\u{a0}{}\u{a0}»", action.french()));
    let days = match (acts.from, acts.to) {
        (Some(from), Some(to)) => Some(format!("du {} au {}", words::date(from), words::date(to))),
        (Some(from), None) => Some(format!("depuis le {}", words::date(from))),
        (None, Some(to)) => Some(format!("jusqu’au {}", words::date(to))),
        (None, None) => None,
    };
    let kind = acts.kind.map(|kind| format!("type «\u{a0}{}\u{a0}»", kind.french()));
    let parts = [who, action, days, kind].into_iter().flatten();
    parts.fold(String::new(), |said, part| said + ", " + &part)
}

fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), chosen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};
    use pli_app::Line;
    use pli_domain::actor::Role;
    use pli_domain::digest::Digest;
    use pli_domain::dossier::Kind as DossierKind;
    use pli_domain::journal::Entry;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn parse(query: &str) -> Option<Filters> {
        Filters::parse(&Fields::parse(query.as_bytes()))
    }

    fn line(seq: u32) -> RegisterLine {
        let entry = Entry {
            dossier: samples::dossier(1),
            seq,
            at: Timestamp::new("2026-03-01T10:00:00Z".parse().unwrap()),
            who: Who::User(UserId(uuid::Uuid::from_u128(7))),
            action: "route".to_owned(),
            from: "registered".to_owned(),
            to: "routed".to_owned(),
            payload: serde_json::to_string(&samples::routed()).unwrap(),
            accepted: true,
        };
        RegisterLine {
            line: Line { entry, hash: Digest::of([""]), note: Some(NASTY.to_owned()) },
            kind: DossierKind::Mail,
            reference: "SG-2026-A-000001".to_owned(),
            subject: NASTY.to_owned(),
        }
    }

    fn page(roles: &[(Role, &str)], query: &str, items: Vec<RegisterLine>) -> String {
        let filters = parse(query).unwrap();
        let found = Page { more: !items.is_empty(), items };
        let people = vec![(UserId(uuid::Uuid::from_u128(7)), NASTY.to_owned())];
        RegisterPage::new(&samples::session(roles), &filters, &found, people).render().unwrap()
    }

    #[test]
    fn what_people_wrote_comes_out_as_words_and_the_page_goes_on() {
        let html = page(&[(Role::Auditor, "MJ")], "acte=route", vec![line(2), line(1)]);
        assert!(!html.contains("<script>alert") && html.contains("alert(1)"));
        assert!(
            html.contains("href=\"/dossiers/SG-2026-A-000001\"") && html.contains("a attribué le dossier")
        );
        assert!(html.contains("rel=\"next\"") && html.contains("avant=1772359200000000_"), "{html}");
        assert!(html.contains("aria-current=\"page\">Journal"));
    }

    #[test]
    fn an_empty_journal_says_why() {
        assert!(page(&[(Role::Auditor, "MJ")], "acte=route", Vec::new()).contains("Aucun acte ne répond"));
        let blind = page(&[(Role::Administrator, "MJ")], "", Vec::new());
        assert!(blind.contains("Votre rôle ne donne accès à aucun dossier"));
        assert!(!blind.contains("href=\"/journal\""), "the menu is for those who see the whole register");
    }

    proptest! {
        /// An address gives back the acts that it was made of, from any place on.
        #[test]
        fn an_address_gives_its_acts_back(
            who in proptest::option::of(any::<u128>()),
            action in proptest::option::of(select(Action::VARIANTS)),
            days in proptest::option::of((0_u64..40_000, 0_u64..40_000)),
            kind in proptest::option::of(select(DossierKind::VARIANTS)),
            before in proptest::option::of((0_i64..4_000_000_000_000_000, any::<u128>(), any::<u32>())),
        ) {
            let day = |days| samples::today() + chrono::Days::new(days);
            let acts = Acts {
                who: who.map(|id| Who::User(UserId(uuid::Uuid::from_u128(id)))),
                action,
                from: days.map(|(from, _)| day(from)),
                to: days.map(|(_, to)| day(to)),
                kind,
            };
            let before = before.map(|(micros, id, seq)| JournalPlace {
                at: Timestamp::new(DateTime::from_timestamp_micros(micros).unwrap()),
                dossier: samples::dossier(id),
                seq,
            });
            let filters = Filters { acts, before };
            let href = filters.href();
            let query = href.strip_prefix("/journal").unwrap().trim_start_matches('?');
            prop_assert!(href.is_ascii() && !href.contains(['"', '<', '>', ' ']));
            prop_assert_eq!(parse(query), Some(filters));
        }
    }

    #[test]
    fn what_is_no_address_of_ours_is_not_read() {
        assert_eq!(parse("qui=&acte=&du=&au=&type="), Some(Filters::default()));
        for wrong in ["qui=x", "acte=x", "du=31/02/2026", "au=x", "type=x", "avant=x", "avant=-1_x_1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert!(parse("qui=system:feed&du=05/03/2026").is_some());
    }
}
