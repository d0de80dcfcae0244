//! The two lives as graphs, the rules of the office one by one, and the property that holds them together.

use chrono::NaiveDate;
use proptest::prelude::*;
use strum::VariantArray as _;
use uuid::Uuid;

use super::*;
use crate::actor::{Actor, Grant, Role};
use crate::deadline::Standing;
use crate::delay::{Delays, code};
use crate::identity::{House, QuestionType};
use crate::machine::graph;
use crate::organisation::Organisation;
use crate::public_record::PublicRecord;
use crate::reference::{Reference, Series};
use crate::refusal::Refusal;
use crate::samples;

mod batch;
mod clocks;
mod discrepancies;
mod ending;
mod government;
mod personal;
mod property;
mod reserved;
mod sitting;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day("2026-11-22")
}

struct Office {
    organisation: Organisation,
    delays: Delays,
}

impl Office {
    fn new() -> Self {
        Self { organisation: samples::organisation(), delays: Delays::seed() }
    }

    fn unit(&self, code: &str) -> UnitId {
        self.organisation.by_code(code).unwrap().id
    }

    fn facts(&self) -> Facts<'_> {
        let departure = Some(Reference { series: Series::Departure, year: 2026, number: 1 });
        Facts { today: today(), organisation: &self.organisation, delays: &self.delays, departure }
    }

    /// One person by role: the cabinet's at the secretariat general, the others in the DACS.
    fn person(&self, role: Role) -> Actor {
        let unit = match role {
            Role::Clerk | Role::Coordinator => "SG",
            _ => "DACS",
        };
        let number = Role::VARIANTS.iter().position(|other| *other == role).unwrap();
        samples::actor(100 + u128::try_from(number).unwrap(), role, self.unit(unit))
    }

    fn letter(&self) -> Dossier {
        let mail = NewMail {
            sender: "Mme Martin".to_owned(),
            member: None,
            subject: "Frais d’avocat".to_owned(),
            category: Category::Petition,
            document_on: day("2026-11-16"),
            received_on: day("2026-11-19"),
            first_received_on: None,
            urgent: false,
            channel: Channel::Post,
        };
        let reference = Reference { series: Series::Arrival, year: 2026, number: 1 };
        let event = mail.register(&self.person(Role::Clerk), &reference, &self.facts()).unwrap();
        Dossier::begin(DossierId(Uuid::from_u128(900)), &event).unwrap()
    }

    fn act(&self, dossier: Dossier, role: Role, command: &Command) -> Result<Dossier, Refusal> {
        let event = dossier.decide(&self.person(role), command, &self.facts())?;
        Ok(dossier.evolve(&event).unwrap())
    }

    fn route_to(&self, code: &str) -> Command {
        Command::Route { lead: self.unit(code), contributors: vec![self.unit("DACG")], informed: vec![] }
    }

    /// Brings a dossier to signature.
    fn to_signature(&self, dossier: Dossier) -> Dossier {
        [
            (Role::Coordinator, self.route_to("DACS")),
            (Role::Correspondent, Command::Accept),
            (Role::Drafter, Command::Draft { text: "Madame,".to_owned() }),
            (Role::Drafter, Command::Submit),
            (Role::Approver, Command::Approve),
        ]
        .into_iter()
        .fold(dossier, |dossier, (role, command)| self.act(dossier, role, &command).unwrap())
    }
}

fn question(legislature: u16, published_on: &str) -> Dossier {
    let question = NewQuestion {
        identity: QuestionIdentity {
            house: House::Assembly,
            term: legislature,
            kind: QuestionType::Qe,
            number: 18_094,
        },
        published_on: day(published_on),
        subject: "Frais d’avocat".to_owned(),
    };
    let event = question.receive(&Actor::feed(), &Office::new().facts()).unwrap();
    Dossier::begin(DossierId(Uuid::from_u128(901)), &event).unwrap()
}

fn note() -> Note {
    "Parce que.".to_owned()
}

#[test]
fn neither_life_has_a_dead_end() {
    let ends = |outcomes: &[Outcome]| outcomes.iter().copied().map(Stage::Closed).collect::<Vec<_>>();
    let mut mail = vec![
        Stage::Registered,
        Stage::Routed,
        Stage::Drafting,
        Stage::Review,
        Stage::Signature,
        Stage::Outgoing,
    ];
    let (mail_ends, question_ends) = Outcome::VARIANTS.split_at(5);
    mail.extend(ends(mail_ends));
    graph::check(MAIL, &mail, Stage::Registered, |_| false);

    let mut question = vec![
        Stage::Received,
        Stage::Routed,
        Stage::Drafting,
        Stage::Review,
        Stage::Signature,
        Stage::Ready,
        Stage::Transmitted,
        Stage::Closed(Outcome::Answered),
    ];
    question.extend(ends(question_ends));
    graph::check(QUESTION, &question, Stage::Received, |stage| !stage.is_open());
}

#[test]
fn a_stage_is_read_as_it_is_written() {
    let closed = Outcome::VARIANTS.iter().copied().map(Stage::Closed);
    for stage in Stage::OPEN.into_iter().chain(closed) {
        assert_eq!(stage.code().parse(), Ok(stage));
    }
    assert_eq!("closed:x".parse::<Stage>(), Err(NotAStage));
}

#[test]
fn a_letter_is_answered() {
    let office = Office::new();
    let signed = office.act(office.to_signature(office.letter()), Role::Signatory, &Command::Sign).unwrap();
    assert_eq!(signed.stage, Stage::Outgoing);
    let leave = Command::Dispatch { channel: Channel::Post, on: today(), tracking: String::new() };
    let closed = office.act(signed, Role::Clerk, &leave).unwrap();
    assert_eq!(closed.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(closed.term().standing(today()), Standing::AnsweredInTime);
    assert!(
        matches!(&closed.body, Body::Mail(facts) if facts.departure.as_deref() == Some("SG-2026-D-000001"))
    );
}

#[test]
fn a_letter_registered_with_impossible_words_is_refused_by_field() {
    let office = Office::new();
    let good = NewMail {
        sender: "M. Petit".to_owned(),
        member: None,
        subject: "Objet".to_owned(),
        category: Category::Ordinary,
        document_on: today(),
        received_on: today(),
        first_received_on: None,
        urgent: false,
        channel: Channel::Email,
    };
    let reference = Reference { series: Series::Arrival, year: 2026, number: 2 };
    let register =
        |mail: &NewMail, role| mail.register(&office.person(role), &reference, &office.facts()).map(drop);
    assert_eq!(register(&good, Role::Clerk), Ok(()));
    assert_eq!(register(&good, Role::Drafter), Err(Refusal::NotYours { action: Action::Register }));
    let empty = NewMail { sender: " ".to_owned(), ..good.clone() };
    assert_eq!(register(&empty, Role::Clerk), Err(Refusal::Required { field: "sender" }));
    let future = NewMail { received_on: day("2026-11-23"), ..good.clone() };
    assert_eq!(register(&future, Role::Clerk), Err(Refusal::DateInFuture { field: "receivedOn" }));
    let upside_down = NewMail { received_on: day("2026-11-20"), ..good };
    assert_eq!(register(&upside_down, Role::Clerk), Err(Refusal::DocumentAfterReceipt));
}

#[test]
fn a_unit_that_declines_says_where_the_dossier_should_go() {
    let office = Office::new();
    let routed = office.act(office.letter(), Role::Clerk, &office.route_to("DACS")).unwrap();
    assert_eq!(routed.units().count(), 2);
    let decline = |proposed, note: &str| Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed,
        note: note.to_owned(),
    };
    let act = |command: &Command| office.act(routed.clone(), Role::Correspondent, command);
    assert_eq!(act(&decline(None, " ")), Err(Refusal::Required { field: "note" }));
    let itself = decline(Some(office.unit("DACS")), "");
    assert_eq!(act(&itself), Err(Refusal::UnitAlreadyLeads { field: "proposed" }));
    let declined = act(&decline(Some(office.unit("DACG")), "")).unwrap();
    assert_eq!(declined.stage, Stage::Registered);
    assert_eq!(declined.declined.as_ref().and_then(|declined| declined.proposed), Some(office.unit("DACG")));
    assert_eq!(declined.units().count(), 0, "a unit that declined reads it no more");
    let again = office.act(declined, Role::Clerk, &office.route_to("DACS")).unwrap();
    assert_eq!(again.declined, None);
}

#[test]
fn work_is_given_to_an_open_unit_of_the_ministry() {
    let office = Office::new();
    let route = |lead| {
        let command = Command::Route { lead, contributors: vec![], informed: vec![] };
        office.act(office.letter(), Role::Clerk, &command).map(drop)
    };
    assert_eq!(route(office.unit("C1")), Ok(()));
    assert_eq!(route(office.unit("MJ")), Err(Refusal::UnitIsMinistry { field: "lead" }));
    assert_eq!(route(UnitId(Uuid::max())), Err(Refusal::UnitUnknown { field: "lead" }));
}

#[test]
fn nobody_approves_what_they_wrote() {
    let office = Office::new();
    let mut both = office.person(Role::Drafter);
    both.grants.push(Grant { role: Role::Approver, unit: office.unit("DACS") });
    let mut dossier = office.act(office.letter(), Role::Clerk, &office.route_to("DACS")).unwrap();
    dossier = office.act(dossier, Role::Correspondent, &Command::Accept).unwrap();
    assert_eq!(dossier.decide(&both, &Command::Submit, &office.facts()), Err(Refusal::NoDraft));
    for command in [Command::Draft { text: "Madame,".to_owned() }, Command::Submit] {
        let event = dossier.decide(&both, &command, &office.facts()).unwrap();
        dossier = dossier.evolve(&event).unwrap();
    }
    assert_eq!(dossier.decide(&both, &Command::Approve, &office.facts()), Err(Refusal::SelfApproval));
    assert_eq!(dossier.allowed(&both, &office.organisation), [Action::SendBack, Action::Attach]);
    assert!(office.act(dossier, Role::Approver, &Command::Approve).is_ok());
}

#[test]
fn filing_takes_two_people() {
    let office = Office::new();
    let mut both = office.person(Role::Clerk);
    both.grants.push(Grant { role: Role::Coordinator, unit: office.unit("SG") });
    let letter = office.letter();
    assert_eq!(
        office.act(letter.clone(), Role::Coordinator, &Command::File),
        Err(Refusal::FilingNotProposed)
    );
    let event = letter.decide(&both, &Command::ProposeFiling { note: note() }, &office.facts()).unwrap();
    let proposed = letter.evolve(&event).unwrap();
    assert_eq!(proposed.decide(&both, &Command::File, &office.facts()), Err(Refusal::SameConfirmer));
    let filed = office.act(proposed, Role::Coordinator, &Command::File).unwrap();
    assert_eq!(filed.stage, Stage::Closed(Outcome::Filed));
    assert_eq!(filed.due_on(), None, "nothing is due any more");
}

#[test]
fn a_reopened_letter_keeps_its_date_and_goes_back_to_its_unit() {
    let office = Office::new();
    let letter = office.letter();
    let due = letter.due_on();
    let redirect = Command::Redirect { note: note() };
    let reopen = Command::Reopen { note: note() };
    let unrouted = office.act(letter.clone(), Role::Coordinator, &redirect).unwrap();
    let back = office.act(unrouted, Role::Coordinator, &reopen).unwrap();
    assert_eq!((back.stage, back.due_on(), back.closed_on), (Stage::Registered, due, None));
    let routed = office.act(letter, Role::Clerk, &office.route_to("DACS")).unwrap();
    let closed = office.act(routed, Role::Coordinator, &redirect).unwrap();
    let back = office.act(closed, Role::Coordinator, &reopen).unwrap();
    assert_eq!((back.stage, back.due_on()), (Stage::Routed, due));
}

#[test]
fn a_signed_answer_that_comes_back_from_the_sgg_is_written_again() {
    let office = Office::new();
    let mut dossier = office.to_signature(question(17, "2026-09-15"));
    dossier = office.act(dossier, Role::Signatory, &Command::Sign).unwrap();
    assert_eq!(dossier.stage, Stage::Ready);
    dossier = office.act(dossier, Role::Coordinator, &Command::Transmit).unwrap();
    dossier = office.act(dossier, Role::Coordinator, &Command::RecallAnswer { note: note() }).unwrap();
    assert_eq!((dossier.stage, dossier.signed_by), (Stage::Drafting, None));
}

#[test]
fn the_public_record_closes_a_question_from_any_open_stage() {
    let office = Office::new();
    let record = PublicRecord {
        signalled_on: Some(day("2024-05-13")),
        renewed_on: vec![day("2024-06-18")],
        answered_on: Some(day("2024-05-14")),
        corrected_on: vec![day("2024-07-02")],
        ..PublicRecord::default()
    };
    for dossier in [question(16, "2024-03-12"), office.to_signature(question(16, "2024-03-12"))] {
        let commands = record.follow(&dossier, today());
        let actions: Vec<_> = commands.iter().map(Command::action).collect();
        assert_eq!(actions, [Action::Signal, Action::Renew, Action::Publish, Action::Correct]);
        let closed = commands.iter().fold(dossier, |dossier, command| {
            let event = dossier.decide(&Actor::feed(), command, &office.facts()).unwrap();
            dossier.evolve(&event).unwrap()
        });
        assert_eq!(closed.term().standing(today()), Standing::AnsweredLate { by: 2 });
        assert_eq!(record.follow(&closed, today()), [], "nothing more the second time");
    }
}

#[test]
fn a_recall_is_noted_once_and_a_written_question_may_become_an_oral_one() {
    let office = Office::new();
    let recalled = PublicRecord { recalled_on: Some(day("2026-09-15")), ..PublicRecord::default() };
    let open = question(17, "2026-06-30");
    let commands = recalled.follow(&open, today());
    assert_eq!(commands, [Command::RecallNotice { on: day("2026-09-15") }]);
    let event = open.decide(&Actor::feed(), &commands[0], &office.facts()).unwrap();
    let noted = open.evolve(&event).unwrap();
    assert_eq!(recalled.follow(&noted, today()), []);

    let converted = PublicRecord { converted_on: Some(day("2026-09-22")), ..recalled };
    let commands = converted.follow(&noted, today());
    assert_eq!(commands, [Command::Convert { on: day("2026-09-22") }]);
    let event = noted.decide(&Actor::feed(), &commands[0], &office.facts()).unwrap();
    let closed = noted.evolve(&event).unwrap();
    assert_eq!(closed.stage, Stage::Closed(Outcome::Converted));
    assert_eq!(converted.follow(&closed, today()), []);
}

#[test]
fn an_unanswered_question_lapses_with_its_legislature() {
    let nothing = PublicRecord::default();
    let old = question(16, "2024-05-07");
    assert_eq!(nothing.follow(&old, today()), [Command::Lapse { on: day("2024-06-09") }]);
    assert_eq!(nothing.follow(&question(17, "2026-06-30"), today()), []);
}

#[test]
fn a_person_may_not_record_a_publication_to_come_but_the_feed_may() {
    let office = Office::new();
    let question = question(17, "2026-09-15");
    let publish = Command::Publish { on: day("2026-11-24") };
    let by_hand = office.act(question.clone(), Role::Coordinator, &publish);
    assert_eq!(by_hand, Err(Refusal::DateInFuture { field: "on" }));
    assert!(question.decide(&Actor::feed(), &publish, &office.facts()).is_ok());
}

fn document(which: u8) -> Attachment {
    Attachment { file: Digest::of([which.to_string().as_str()]), media: Media::Pdf, bytes: 12 }
}

#[test]
fn a_document_is_attached_once_under_a_name_by_those_who_work_on_the_dossier() {
    let office = Office::new();
    let attach = |name: &str| Command::Attach { attachment: document(1), name: name.to_owned() };
    let letter = office.letter();
    assert_eq!(
        office.act(letter.clone(), Role::Clerk, &attach(" ")),
        Err(Refusal::Required { field: "note" })
    );
    let attached = office.act(letter, Role::Clerk, &attach("lettre.pdf")).unwrap();
    assert_eq!((attached.stage, &attached.attachments[..]), (Stage::Registered, &[document(1)][..]));
    let again = office.act(attached.clone(), Role::Coordinator, &attach("autre nom.pdf"));
    assert_eq!(again, Err(Refusal::AlreadyAttached));
    let routed = office.act(attached, Role::Clerk, &office.route_to("DACS")).unwrap();
    let other = Command::Attach { attachment: document(2), name: "réponse.pdf".to_owned() };
    for (role, may) in [
        (Role::Clerk, true),
        (Role::Coordinator, true),
        (Role::Correspondent, true),
        (Role::Drafter, true),
        (Role::Approver, false),
        (Role::Signatory, false),
        (Role::Auditor, false),
    ] {
        assert_eq!(office.act(routed.clone(), role, &other).is_ok(), may, "{role:?}");
    }
    let closed = office.act(routed, Role::Coordinator, &Command::Redirect { note: note() }).unwrap();
    assert!(matches!(office.act(closed, Role::Clerk, &other), Err(Refusal::WrongStage { .. })));
}
