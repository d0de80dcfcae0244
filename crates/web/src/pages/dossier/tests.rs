//! The page of a dossier, rendered.

use std::collections::BTreeMap;

use askama::Template as _;
use pli_app::{Attached, DraftVersion, Line, Page, Sheet};
use pli_domain::actor::{Role, Who};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Action, Event};
use pli_domain::french::French as _;
use pli_domain::ids::UserId;
use pli_domain::journal::Entry;
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;

use super::draft::{Answer, Text};
use super::view::DossierPage;
use super::{Attempt, Loaded};
use crate::fields::Fields;
use crate::form::FieldError;
use crate::samples::{self, NASTY};

fn user() -> UserId {
    UserId(uuid::Uuid::from_u128(7))
}

fn loaded(sheet: Sheet) -> Loaded {
    let entry = Entry {
        dossier: sheet.dossier.id,
        seq: 1,
        at: sheet.created_at,
        who: Who::User(user()),
        action: "route".to_owned(),
        from: "registered".to_owned(),
        to: "routed".to_owned(),
        payload: serde_json::to_string(&samples::routed()).unwrap(),
        accepted: true,
    };
    let refused = Entry { seq: 2, payload: "NOT_YOURS".to_owned(), accepted: false, ..entry.clone() };
    let line = |entry, note| Line { entry, hash: Digest::of([""]), note };
    Loaded {
        lines: vec![line(entry, Some(NASTY.to_owned())), line(refused, None)],
        more: false,
        names: BTreeMap::from([(user(), NASTY.to_owned())]),
        draft: sheet.dossier.draft.as_ref().map(|_| NASTY.to_owned()),
        answer: sheet.dossier.draft.as_ref().map(|draft| answer(draft.version, sheet.created_at)),
        published: None,
        record: None,
        member: None,
        documents: vec![Attached {
            attachment: samples::document().attachment,
            name: Some(samples::document().name),
            at: sheet.created_at,
            who: Who::User(user()),
        }],
        duplicate_of: None,
        compartments: BTreeMap::new(),
        attendee: None,
        batch: Vec::new(),
        near: Vec::new(),
        alike: Vec::new(),
        why: sheet.dossier.deadlines.iter().map(|_| vec![NASTY.to_owned()]).collect(),
        today: samples::today(),
        sheet,
    }
}

/// The last version of an answer, with those before it.
fn answer(version: u32, at: Timestamp) -> Answer {
    let written = |version| DraftVersion { version, author: user(), at };
    Answer {
        versions: Page { items: (1..=version).rev().map(written).collect(), more: false },
        read: written(version),
        text: NASTY.to_owned(),
        since: None,
        asked: false,
    }
}

fn page(roles: &[(Role, &str)], events: &[Event], attempt: Option<&Attempt>) -> String {
    let session = samples::session(roles);
    let loaded = loaded(samples::letter(events));
    DossierPage::new(&session, &loaded, attempt, None).unwrap().render().unwrap()
}

fn drafted() -> [Event; 3] {
    let drafted = Event::Drafted { version: 1, text: Digest::of([NASTY]), by: user() };
    [samples::routed(), Event::Accepted, drafted]
}

const ALL: [(Role, &str); 6] = [
    (Role::Clerk, "SG"),
    (Role::Coordinator, "SG"),
    (Role::Correspondent, "DACS"),
    (Role::Drafter, "DACS"),
    (Role::Approver, "DACS"),
    (Role::Signatory, "MJ"),
];

#[test]
fn what_people_wrote_comes_out_as_words() {
    for events in [&[][..], &[samples::routed()], &drafted()] {
        let html = page(&ALL, events, None);
        assert!(!html.contains("<script>alert") && !html.contains("</textarea></td>"), "{html}");
        assert!(html.contains("alert(1)"));
    }
}

#[test]
fn what_may_be_done_is_on_the_page_and_nothing_else() {
    for events in [&[][..], &[samples::routed()], &drafted()] {
        for roles in [&ALL[..], &ALL[..1], &ALL[2..3], &[(Role::Auditor, "MJ")]] {
            let session = samples::session(roles);
            let sheet = samples::letter(events);
            // What answers a person has a page of its own.
            let mut allowed = sheet.dossier.allowed(&session.caller.actor, &session.caller.organisation);
            allowed.retain(|action| *action != Action::Disclose);
            let html = page(roles, events, None);
            let forms = html.matches("id=\"action-").count();
            assert_eq!(forms, allowed.len(), "{allowed:?}");
            for action in allowed {
                assert!(html.contains(&format!("id=\"action-{}\"", <&str>::from(action))), "{action:?}");
                let button = format!("<button type=\"submit\">{}</button>", action.french());
                assert!(html.contains(&button), "{button}");
            }
        }
    }
}

#[test]
fn every_form_carries_its_token_its_key_and_the_version() {
    let html = page(&ALL, &[samples::routed()], None);
    let forms = html.matches("id=\"action-").count();
    assert!(forms > 3);
    assert_eq!(html.matches("name=\"version\" value=\"2\"").count(), forms);
    assert_eq!(html.matches("name=\"idempotencyKey\" value=\"").count(), forms);
    // The form that signs out has one too.
    assert_eq!(html.matches("name=\"token\" value=\"").count(), forms + 1);
}

fn attempt(action: Action, refusal: &Refusal) -> Attempt {
    let typed = Fields::default()
        .with("note", "des mots perdus ?")
        .with("reason", "other_ministry")
        .with("proposed", "C1")
        .with("idempotencyKey", "clef-une");
    Attempt { action, typed, errors: vec![FieldError::refused(refusal)] }
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it() {
    let refusal = Refusal::UnitClosed { field: "proposed" };
    let html = page(&ALL, &[samples::routed()], Some(&attempt(Action::Decline, &refusal)));
    assert!(html.contains("role=\"alert\"") && html.contains("href=\"#decline-proposed\""));
    assert!(html.contains("id=\"decline-proposed-erreur\"") && html.contains(&refusal.message()));
    assert!(html.contains("aria-invalid=\"true\""));
    assert!(html.contains("des mots perdus ?</textarea>"));
    assert!(html.contains("<option value=\"other_ministry\" selected>"));
    assert!(html.contains("<option value=\"C1\" selected>"));
    assert!(html.contains("name=\"idempotencyKey\" value=\"clef-une\""));
    assert!(html.contains("<details class=\"act\" open>"));
}

#[test]
fn what_was_typed_in_a_form_that_is_gone_is_shown_to_be_copied() {
    let refusal = Refusal::NotYours { action: Action::Decline };
    let html =
        page(&[(Role::Auditor, "MJ")], &[samples::routed()], Some(&attempt(Action::Decline, &refusal)));
    assert!(!html.contains("action-decline"));
    assert!(html.contains("des mots perdus ?</textarea>"));
}

#[test]
fn the_unit_that_a_refusal_proposes_is_chosen_already() {
    let organisation = samples::organisation();
    let proposed = organisation.by_code("DACG").map(|unit| unit.id);
    let reason = pli_domain::dossier::DeclineReason::OtherUnit;
    let events = [samples::routed(), Event::Declined { reason, proposed, note: None, due: None }];
    let html = page(&ALL[1..2], &events, None);
    assert!(html.contains("Refusé par DACS – Nom de DACS"));
    assert!(html.contains("<option value=\"DACG\" selected>"));
}

#[test]
fn only_the_last_act_of_this_person_is_confirmed() {
    let loaded = loaded(samples::letter(&[samples::routed()]));
    let me = Who::User(user());
    assert_eq!(loaded.done(me, "route").as_deref(), Some("Vous avez attribué le dossier."));
    assert_eq!(loaded.done(me, "sign"), None);
    assert_eq!(loaded.done(me, "<script>"), None);
    assert_eq!(loaded.done(Who::User(UserId(uuid::Uuid::nil())), "route"), None);
}

#[test]
fn a_letter_registered_with_its_document_is_confirmed_as_registered() {
    let mut loaded = loaded(samples::letter(&[]));
    let me = Who::User(user());
    let [first, last] = &mut loaded.lines[..] else { panic!("two lines") };
    first.entry.action = "register".to_owned();
    (last.entry.action, last.entry.accepted) = ("attach".to_owned(), true);
    assert_eq!(loaded.done(me, "register").as_deref(), Some("Vous avez enregistré le courrier."));
    assert_eq!(loaded.done(me, "attach").as_deref(), Some("Vous avez joint un document."));
    loaded.lines[0].entry.at = Timestamp::new("2026-03-01T09:59:00Z".parse().unwrap());
    assert_eq!(loaded.done(me, "register"), None, "that was before");
}

#[test]
fn a_document_is_listed_seen_and_opened() {
    let html = page(&ALL[..1], &[], None);
    let href = format!("/dossiers/SG-2026-A-000001/documents/{}", samples::document().attachment.file);
    assert!(
        html.contains(&format!("<a href=\"{href}\">")) && html.contains(&format!("<iframe src=\"{href}#"))
    );
    assert!(html.contains("PDF, 1,2\u{a0}Mio, joint par"), "{html}");
    assert!(html.contains("enctype=\"multipart/form-data\""));
}

#[test]
fn a_version_is_read_beside_what_has_changed_since_another() {
    let again = Event::Drafted { version: 2, text: Digest::of(["deux"]), by: user() };
    let events = [&drafted()[..], &[again, Event::Submitted { version: 2 }]].concat();
    let session = samples::session(&ALL);
    let mut loaded = loaded(samples::letter(&events));
    let shown = |loaded: &Loaded| DossierPage::new(&session, loaded, None, None).unwrap().render().unwrap();
    let html = shown(&loaded);
    assert!(html.contains("href=\"?version=1#projet\"") && !html.contains("<ins>"), "{html}");
    assert!(html.contains("href=\"?version=2&#38;depuis=1#projet\""), "{html}");
    let answer = loaded.answer.as_mut().unwrap();
    answer.since = Some(Text { version: 1, text: format!("{NASTY} ancien") });
    answer.asked = true;
    let html = shown(&loaded);
    assert!(html.contains("Ce qui a changé depuis la version 1") && html.contains("<del>"), "{html}");
    assert!(!html.contains("<script>alert"), "{html}");
}

#[test]
fn the_circuit_tells_who_decided_on_which_version() {
    let mut loaded = loaded(samples::letter(&drafted()));
    let at = loaded.sheet.created_at;
    let events = [
        &drafted()[2..],
        &[Event::Submitted { version: 1 }, Event::SentBack { note: None }],
        &[Event::Drafted { version: 2, text: Digest::of(["deux"]), by: user() }],
        &[Event::Submitted { version: 2 }, Event::Approved { version: 2 }],
    ]
    .concat();
    let first = loaded.lines.swap_remove(0);
    let line = |event: &Event| {
        let (mut line, action) = (first.clone(), <&str>::from(event.action()));
        (line.entry.at, line.entry.action) = (at, action.to_owned());
        line.entry.payload = serde_json::to_string(event).unwrap();
        line
    };
    loaded.lines = events.iter().map(line).collect();
    let steps = super::circuit::steps(&loaded);
    let told: Vec<_> = steps.iter().map(|step| (step.told, step.version, step.back)).collect();
    assert_eq!(
        told,
        [
            ("a soumis le projet au visa", Some(1), false),
            ("a renvoyé le projet au rédacteur", Some(1), true),
            ("a soumis le projet au visa", Some(2), false),
            ("a visé le projet", Some(2), false),
        ]
    );
}

#[test]
fn every_act_can_be_confirmed_in_the_second_person() {
    use strum::VariantArray as _;
    assert!(Action::VARIANTS.iter().all(|action| action.told().starts_with("a ")));
}
