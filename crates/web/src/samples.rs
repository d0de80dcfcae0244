//! A small ministry, a caller and a dossier, for the tests.

use std::sync::Arc;

use chrono::NaiveDate;
use pli_app::{Caller, Document, Means, Sheet};
use pli_domain::actor::{Actor, Grant, Role, Who};
use pli_domain::delay::{Delays, code};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Category, Channel, Dossier, Event, Media};
use pli_domain::ids::{DossierId, UnitId, UserId};
use pli_domain::organisation::{Organisation, Unit, UnitKind};
use pli_domain::time::Timestamp;
use uuid::Uuid;

use crate::session::Session;

/// MJ, and below it SG, DACS (with its bureau C1), DACG, and a direction with a nasty name.
pub(crate) fn organisation() -> Organisation {
    let unit = |number: u128, code: &str, kind, parent: Option<u128>| Unit {
        id: UnitId(Uuid::from_u128(number)),
        code: code.to_owned(),
        name: format!("Nom de {code}"),
        kind,
        parent: parent.map(|number| UnitId(Uuid::from_u128(number))),
        valid_from: NaiveDate::MIN,
        valid_to: None,
    };
    Organisation::new([
        unit(1, "MJ", UnitKind::Ministry, None),
        unit(2, "SG", UnitKind::Secretariat, Some(1)),
        unit(3, "DACS", UnitKind::Direction, Some(1)),
        unit(4, "C1", UnitKind::Bureau, Some(3)),
        unit(5, "DACG", UnitKind::Direction, Some(1)),
        unit(6, "D&<É +/%", UnitKind::Direction, Some(1)),
    ])
}

/// The identifier of a dossier.
pub(crate) fn dossier(number: u128) -> DossierId {
    DossierId(Uuid::from_u128(number))
}

/// 5 March 2026.
pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 5).unwrap()
}

/// Words that must come out as words.
pub(crate) const NASTY: &str = "</textarea></td>\"'><script>alert(1)</script>&amp;";

/// The session of someone who has these roles, each in a unit.
pub(crate) fn session(roles: &[(Role, &str)]) -> Session {
    let organisation = organisation();
    let grants =
        roles.iter().map(|(role, code)| Grant { role: *role, unit: organisation.by_code(code).unwrap().id });
    let actor = Actor {
        who: Who::User(UserId(Uuid::from_u128(7))),
        name: NASTY.to_owned(),
        grants: grants.collect(),
        compartments: std::collections::BTreeSet::new(),
    };
    let scope = actor.scope(&organisation);
    Session::sample(Caller {
        actor,
        organisation: Arc::new(organisation),
        delays: Arc::new(Delays::seed()),
        scope,
        means: Means::Within,
        moment: None,
        lease: None,
    })
}

/// A letter received on 1 March 2026, with what was done to it since by the person of [`session`].
pub(crate) fn letter(events: &[Event]) -> Sheet {
    let received_on = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let registered = Event::Registered {
        reference: "SG-2026-A-000001".to_owned(),
        category: Category::Petition,
        document_on: received_on,
        received_on,
        first_received_on: None,
        urgent: false,
        channel: Channel::Post,
        content: Digest::of([NASTY]),
        member: None,
        due: Delays::seed().due(code::CRPA_SILENCE, received_on).into_iter().collect(),
    };
    let begun = Dossier::begin(dossier(1), &registered).unwrap();
    let done = events.iter().try_fold(begun, Dossier::evolve).unwrap();
    let at = Timestamp::new("2026-03-01T10:00:00Z".parse().unwrap());
    Sheet {
        dossier: done,
        subject: NASTY.to_owned(),
        sender: Some(NASTY.to_owned()),
        version: u32::try_from(events.len()).unwrap() + 1,
        created_at: at,
        updated_at: at,
    }
}

/// A document that is stored.
pub(crate) fn document() -> Document {
    let attachment = Attachment { file: Digest::of([NASTY]), media: Media::Pdf, bytes: 1_234_567 };
    Document { attachment, name: format!("{NASTY}.pdf") }
}

/// The act that gives a letter to DACS.
pub(crate) fn routed() -> Event {
    let lead = organisation().by_code("DACS").unwrap().id;
    Event::Routed { lead, contributors: Vec::new(), informed: Vec::new(), on: today() }
}
