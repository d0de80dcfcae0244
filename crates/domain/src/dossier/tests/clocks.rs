//! The deadlines of a dossier: two clocks, suspension, more time, acknowledgement, a rule that changes.

use super::*;
use crate::delay::plan::Milestone;
use crate::delay::{Clock, Length, RuleChange};
use crate::digest::Digest;
use proptest::sample::select;

/// A request received on paper on 15/01/2026, routed and taken, as the office stood that February.
struct February {
    office: Office,
    request: Dossier,
    today: NaiveDate,
}

impl February {
    fn new() -> Self {
        let office = Office::new();
        let today = day("2026-02-20");
        let mail = NewMail { document_on: day("2026-01-10"), received_on: day("2026-01-15"), ..petition() };
        let reference = Reference { series: Series::Arrival, year: 2026, number: 3 };
        let facts = Facts { today, ..office.facts() };
        let event = mail.register(&office.person(Role::Clerk), &reference, &facts).unwrap();
        let request = Dossier::begin(DossierId(Uuid::from_u128(903)), &event).unwrap();
        let mut february = Self { office, request, today };
        february.act(Role::Clerk, &february.office.route_to("DACS")).unwrap();
        february.act(Role::Correspondent, &Command::Accept).unwrap();
        february
    }

    fn decide(&self, role: Role, command: &Command) -> Result<Event, Refusal> {
        let facts = Facts { today: self.today, ..self.office.facts() };
        self.request.decide(&self.office.person(role), command, &facts)
    }

    fn act(&mut self, role: Role, command: &Command) -> Result<(), Refusal> {
        let event = self.decide(role, command)?;
        self.request = self.request.clone().evolve(&event).unwrap();
        Ok(())
    }

    fn dates(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        (self.request.clock_due_on(Clock::Legal), self.request.clock_due_on(Clock::Internal))
    }

    fn told(&self, rule: &str) -> Vec<String> {
        let name = |id: UserId| format!("Personne {}", id.0.as_u128());
        let words = |digest: &Digest| (*digest == Digest::of([note().as_str()])).then(note);
        let deadline = self.request.deadline(rule).unwrap();
        let steps = deadline.explanation(&self.office.delays, &name, &words);
        steps.iter().map(|step| step.french().replace('\u{a0}', " ")).collect()
    }
}

fn petition() -> NewMail {
    NewMail {
        sender: "Mme Martin".to_owned(),
        member: None,
        subject: "Frais d’avocat".to_owned(),
        category: Category::Petition,
        document_on: today(),
        received_on: today(),
        first_received_on: None,
        urgent: false,
        channel: Channel::Post,
    }
}

fn suspend(rule: &str, from: &str, until: &str) -> Command {
    Command::Suspend { rule: rule.to_owned(), from: day(from), until: day(until), note: note() }
}

fn ask(rule: &str, until: &str) -> Command {
    Command::RequestExtension { rule: rule.to_owned(), until: day(until), note: note() }
}

fn grant(rule: &str) -> Command {
    Command::GrantExtension { rule: rule.to_owned(), note: note() }
}

/// rules.md, R6 (a): pieces asked for on 02/02 with 15 days, never sent, then sent on 12/02.
#[test]
fn an_incomplete_file_moves_the_refusal_and_says_so() {
    let mut february = February::new();
    let internal = february.dates().1;
    assert_eq!(february.request.due_on(), Some(day("2026-03-15")));
    february.act(Role::Correspondent, &suspend(code::CRPA_SILENCE, "2026-02-02", "2026-02-17")).unwrap();
    assert_eq!(february.dates(), (Some(day("2026-03-30")), internal), "the internal clock runs on");
    let mut ended = february.told(code::CRPA_SILENCE);
    assert_eq!(ended.pop().unwrap(), "Échéance : lundi 30/03/2026 inclus.");
    assert_eq!(
        ended.pop().unwrap(),
        "Délai suspendu du 02/02/2026 au 17/02/2026 (15 jours), par Personne 102 (« Parce que. ») : l’échéance passe au \
         lundi 30/03/2026."
    );
    let resume = Command::Resume { rule: code::CRPA_SILENCE.to_owned(), on: day("2026-02-12") };
    february.act(Role::Coordinator, &resume).unwrap();
    assert_eq!(february.dates(), (Some(day("2026-03-25")), internal));
    let told = february.told(code::CRPA_SILENCE);
    assert!(
        told.iter().any(|line| line.contains("au 12/02/2026, avant le terme donné (10 jours)")),
        "{told:?}"
    );
}

#[test]
fn a_suspension_that_cannot_be_is_refused_and_changes_nothing() {
    let mut february = February::new();
    let before = february.request.clone();
    let silence = code::CRPA_SILENCE;
    for (command, refusal) in [
        (suspend(silence, "2026-02-02", "2026-02-01"), Refusal::EndsBeforeItBegins { field: "until" }),
        (suspend(silence, "2026-02-02", "2027-03-01"), Refusal::TooLong { field: "until" }),
        (suspend(silence, "2026-02-21", "2026-03-01"), Refusal::DateInFuture { field: "from" }),
        (suspend(silence, "2026-01-14", "2026-03-01"), Refusal::DateBeforeReceipt { field: "from" }),
        (suspend(code::SP_ACK_PAPER, "2026-02-02", "2026-02-10"), Refusal::ClockCannotStop),
        (suspend("nulle", "2026-02-02", "2026-02-10"), Refusal::DeadlineUnknown { field: "rule" }),
        (ask(silence, "2026-04-15"), Refusal::ClockCannotExtend),
        (ask(code::PETITION_INTERNAL, "2026-02-25"), Refusal::NotLater { field: "until" }),
        (ask(code::PETITION_INTERNAL, "2028-02-25"), Refusal::TooLong { field: "until" }),
    ] {
        assert_eq!(february.decide(Role::Correspondent, &command), Err(refusal), "{command:?}");
    }
    let resume = Command::Resume { rule: silence.to_owned(), on: day("2026-02-12") };
    assert_eq!(february.decide(Role::Correspondent, &resume), Err(Refusal::NotSuspended));
    assert_eq!(february.decide(Role::Coordinator, &grant(silence)), Err(Refusal::NoExtensionPending));
    assert_eq!(february.request, before);
    february.act(Role::Correspondent, &suspend(silence, "2026-02-02", "2026-02-17")).unwrap();
    let again = suspend(silence, "2026-02-03", "2026-02-17");
    assert_eq!(february.decide(Role::Correspondent, &again), Err(Refusal::AlreadySuspended));
    let early = Command::Resume { rule: silence.to_owned(), on: day("2026-02-01") };
    assert_eq!(february.decide(Role::Coordinator, &early), Err(Refusal::EndsBeforeItBegins { field: "on" }));
    // Its term has passed: too late to ask for pieces.
    february.today = day("2026-04-20");
    let late = suspend(code::PETITION_INTERNAL, "2026-04-10", "2026-04-30");
    assert_eq!(february.decide(Role::Correspondent, &late), Err(Refusal::AfterTheTerm { field: "from" }));
}

#[test]
fn more_time_is_asked_then_granted_by_another_or_refused() {
    let mut february = February::new();
    let rule = code::PETITION_INTERNAL;
    let legal = february.dates().0;
    assert_eq!(february.dates().1, Some(day("2026-03-01")));
    assert_eq!(
        february.decide(Role::Drafter, &ask(rule, "2026-03-10")),
        Err(Refusal::NotYours { action: Action::RequestExtension })
    );
    february.act(Role::Correspondent, &ask(rule, "2026-03-10")).unwrap();
    assert_eq!(february.dates().1, Some(day("2026-03-01")), "asking moves nothing");
    assert!(february.told(rule).iter().any(|line| line.ends_with("en attente de décision.")));
    let pending = february.decide(Role::Correspondent, &ask(rule, "2026-03-12"));
    assert_eq!(pending, Err(Refusal::ExtensionPending));
    let refuse = Command::RefuseExtension { rule: rule.to_owned(), note: note() };
    february.act(Role::Coordinator, &refuse).unwrap();
    assert_eq!(february.dates(), (legal, Some(day("2026-03-01"))));
    february.act(Role::Correspondent, &ask(rule, "2026-03-10")).unwrap();
    february.act(Role::Coordinator, &grant(rule)).unwrap();
    assert_eq!(february.dates(), (legal, Some(day("2026-03-10"))), "the legal clock does not move");
    let told = february.told(rule);
    assert!(told.iter().any(|line| line.contains("; refusé par Personne 101 (« Parce que. »)")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("; accordé par Personne 101 (« Parce que. »)")), "{told:?}");
    let mut both = february.office.person(Role::Correspondent);
    both.grants.push(Grant { role: Role::Coordinator, unit: february.office.unit("SG") });
    february.act(Role::Correspondent, &ask(rule, "2026-03-20")).unwrap();
    let facts = Facts { today: february.today, ..february.office.facts() };
    assert_eq!(february.request.decide(&both, &grant(rule), &facts), Err(Refusal::OwnRequest));
}

#[test]
fn an_acknowledgement_has_a_clock_of_its_own() {
    let mut february = February::new();
    assert_eq!(february.request.acknowledge_by(), Some(day("2026-01-29")));
    assert_eq!(february.request.due_on(), Some(day("2026-03-15")), "it does not make the dossier late");
    february.act(Role::Clerk, &Command::Acknowledge { on: day("2026-01-20") }).unwrap();
    assert_eq!(february.request.acknowledge_by(), None);
    let ack = february.request.deadline(code::SP_ACK_PAPER).unwrap();
    assert_eq!(ack.stage, DeadlineStage::Met);
    let again = february.decide(Role::Clerk, &Command::Acknowledge { on: day("2026-01-21") });
    assert_eq!(again, Err(Refusal::NothingToAcknowledge));
    // It stays acknowledged when the letter is closed and taken up again.
    february.act(Role::Coordinator, &Command::Redirect { note: note() }).unwrap();
    february.act(Role::Coordinator, &Command::Reopen { note: note() }).unwrap();
    assert_eq!(february.request.acknowledge_by(), None);
    assert_eq!(february.request.due_on(), Some(day("2026-03-15")));
}

/// rules.md, R6 (h): received elsewhere on 12/01/2026, here on 27/01/2026.
#[test]
fn silence_runs_from_the_first_administration() {
    let office = Office::new();
    let reference = Reference { series: Series::Arrival, year: 2026, number: 4 };
    let register = |mail: &NewMail| mail.register(&office.person(Role::Clerk), &reference, &office.facts());
    let sent_on = NewMail {
        document_on: day("2026-01-08"),
        received_on: day("2026-01-27"),
        first_received_on: Some(day("2026-01-12")),
        channel: Channel::Email,
        ..petition()
    };
    let dossier = Dossier::begin(DossierId(Uuid::from_u128(904)), &register(&sent_on).unwrap()).unwrap();
    assert_eq!(dossier.clock_due_on(Clock::Legal), Some(day("2026-03-12")));
    let ack = dossier.deadline(code::CRPA_ACK_ELECTRONIC).unwrap();
    assert_eq!(ack.due.start_on, day("2026-01-27"), "from the competent administration");
    let later = NewMail { first_received_on: Some(day("2026-01-28")), ..sent_on.clone() };
    assert_eq!(register(&later).map(drop), Err(Refusal::EndsBeforeItBegins { field: "firstReceivedOn" }));
    let other = NewMail { category: Category::Ordinary, ..sent_on };
    assert_eq!(register(&other).map(drop), Err(Refusal::OnlyForPetitions { field: "firstReceivedOn" }));
}

#[test]
fn what_is_another_administrations_is_sent_on_in_time() {
    let mut february = February::new();
    let facts_today = february.today;
    let mut routed = February::new();
    routed.request = february.request.clone();
    let decline = Command::Decline { reason: DeclineReason::OtherMinistry, proposed: None, note: note() };
    february.act(Role::Coordinator, &Command::Reroute { lead: february.office.unit("DACG") }).unwrap();
    let mut dacg = february.office.person(Role::Correspondent);
    dacg.grants = vec![Grant { role: Role::Correspondent, unit: february.office.unit("DACG") }];
    let facts = Facts { today: facts_today, ..february.office.facts() };
    let event = february.request.decide(&dacg, &decline, &facts).unwrap();
    february.request = february.request.clone().evolve(&event).unwrap();
    let sent_by = february.request.deadline(code::CRPA_REDIRECT).unwrap();
    assert_eq!((sent_by.due_on(), sent_by.stage), (day("2026-02-27"), DeadlineStage::Running));
    assert_eq!(february.dates().1, Some(day("2026-02-27")), "the first thing due inside");
    february.act(Role::Coordinator, &Command::Redirect { note: note() }).unwrap();
    assert_eq!(february.request.deadline(code::CRPA_REDIRECT).unwrap().stage, DeadlineStage::Met);
    assert_eq!(february.request.term().standing(day("2030-01-01")), Standing::NoTerm);
}

#[test]
fn a_brief_is_due_before_the_sitting_and_is_met_when_it_is_delivered() {
    let office = Office::new();
    let identity = |kind| QuestionIdentity { house: House::Assembly, term: 17, kind, number: 5 };
    let receive = |kind, published_on: &str| {
        let question =
            NewQuestion { identity: identity(kind), published_on: day(published_on), subject: note() };
        let event = question.receive(&office.person(Role::Clerk), &office.facts())?;
        Ok(Dossier::begin(DossierId(Uuid::from_u128(905)), &event).unwrap())
    };
    let oral = receive(QuestionType::Qosd, "2026-12-01").unwrap();
    assert_eq!(oral.due_on(), Some(day("2026-11-30")));
    let targets = oral.targets(&office.delays);
    let dates: Vec<_> = targets.iter().map(|target| (target.milestone, target.on)).collect();
    // rules.md, R3: assigned ten working days before the sitting, a draft five, the cabinet two, the file one.
    assert_eq!(dates[0], (Milestone::Accept, day("2026-11-17")));
    assert_eq!(dates[1], (Milestone::Draft, day("2026-11-24")));
    assert_eq!(dates[3], (Milestone::Sign, day("2026-11-27")));
    assert_eq!(dates[4], (Milestone::Send, day("2026-11-30")));
    let government = receive(QuestionType::Qg, "2026-11-24").unwrap();
    assert_eq!(government.due_on(), Some(day("2026-11-24")));
    let too_far = receive(QuestionType::Qosd, "2028-01-01");
    assert_eq!(too_far, Err(Refusal::DateOutOfRange { field: "publishedOn" }));
    let mut done = office.act(office.to_signature(oral), Role::Signatory, &Command::Sign).unwrap();
    done = office.act(done, Role::Coordinator, &Command::Transmit).unwrap();
    assert_eq!(done.deadline(code::QO_BRIEF).unwrap().stage, DeadlineStage::Met);
    assert_eq!(done.due_on(), None, "it remains to be said in the chamber");
    done = office.act(done, Role::Coordinator, &Command::RecallAnswer { note: note() }).unwrap();
    assert_eq!(done.due_on(), Some(day("2026-11-30")));
}

#[test]
fn a_rule_that_changes_leaves_what_began_before_as_it_was() {
    let delays = Delays::seed();
    let mail = delays.rules.latest(code::MAIL).unwrap();
    let change = RuleChange {
        label: mail.label.clone(),
        source: "Engagement de service".to_owned(),
        length: Length::WorkingDays(15),
        rollover: mail.rollover,
        valid_from: day("2026-11-01"),
        valid_to: None,
    };
    let delays = delays.with_rule(mail.changed(&change).unwrap());
    let due = |start| delays.due(code::MAIL, day(start)).unwrap();
    assert_eq!((due("2026-10-31").version, due("2026-10-31").due_on), (1, day("2026-12-31")));
    assert_eq!((due("2026-11-02").version, due("2026-11-02").due_on), (2, day("2026-11-24")));
    // What was given by the first version is explained by the first version.
    let old = Delays::seed().due(code::MAIL, day("2026-11-02")).unwrap();
    let told = Deadline::start(old.clone()).explanation(&delays, &|_| String::new(), &|_| None);
    assert!(told.iter().any(|step| step.french().contains("deux\u{a0}mois")), "{told:?}");
    assert_eq!(delays.moved(&old).map(|due| due.due_on), Some(day("2026-11-24")), "what the dry run shows");
    assert_eq!(delays.moved(&due("2026-11-02")), None);
    // A version with an end gives way to the one before.
    let spring = RuleChange { valid_to: Some(day("2026-11-30")), ..change.clone() };
    let delays = Delays::seed();
    let delays = delays.with_rule(delays.rules.latest(code::MAIL).unwrap().changed(&spring).unwrap());
    assert_eq!(delays.due(code::MAIL, day("2026-12-01")).unwrap().version, 1);
    for (wrong, code) in [
        (RuleChange { length: Length::Days(4_000), ..change.clone() }, "TOO_LONG"),
        (RuleChange { label: " ".to_owned(), ..change.clone() }, "REQUIRED"),
        (RuleChange { valid_from: NaiveDate::MIN, ..change.clone() }, "DATE_OUT_OF_RANGE"),
        (RuleChange { valid_to: Some(day("2026-10-31")), ..change }, "ENDS_BEFORE_IT_BEGINS"),
    ] {
        assert_eq!(mail.changed(&wrong).unwrap_err().code(), code);
    }
}

/// A dossier due on some day, at some stage of its kind.
fn any_dossier() -> impl Strategy<Value = Dossier> {
    let kinds = [QuestionType::Qe, QuestionType::Qosd, QuestionType::Qg];
    let stages = [Stage::Routed, Stage::Drafting, Stage::Review, Stage::Signature];
    let published = (-90..400_i64).prop_map(|days| today() + chrono::TimeDelta::days(days));
    (select(kinds.to_vec()), select(House::VARIANTS), select(stages.to_vec()), published, any::<bool>())
        .prop_map(|(kind, house, stage, published_on, letter)| {
            let identity = QuestionIdentity { house, term: 17, kind, number: 1 };
            let question = NewQuestion { identity, published_on, subject: note() };
            let event = question.receive(&Actor::feed(), &Office::new().facts()).unwrap();
            let mut dossier = Dossier::begin(DossierId(Uuid::from_u128(906)), &event).unwrap();
            if letter {
                dossier.body = Office::new().letter().body;
            }
            dossier.stage = stage;
            dossier
        })
}

proptest! {
    /// The list of what is at risk asks for due dates; it finds exactly the dossiers that the rule says are at risk.
    #[test]
    fn at_risk_by_dates_is_at_risk_by_stages(dossier in any_dossier()) {
        use crate::delay::plan::Plan;
        let delays = Delays::seed();
        let milestone = dossier.stage.milestone().unwrap();
        let until = delays.risk_until(Plan::of(&dossier.body), milestone, today());
        let due_on = dossier.due_on().unwrap();
        prop_assert_eq!(dossier.is_at_risk(&delays, today()), today() <= due_on && due_on <= until);
    }

    /// The stages come in order, the last of them by the due date.
    #[test]
    fn stages_follow_one_another(dossier in any_dossier()) {
        let dates: Vec<_> = dossier.targets(&Delays::seed()).iter().map(|target| target.on).collect();
        prop_assert!(dates.is_sorted());
        prop_assert!(dates.last() <= dossier.due_on().as_ref());
    }

    /// Nothing that is done to the internal clock moves the legal one.
    #[test]
    fn the_legal_clock_stands_alone(acts in prop::collection::vec((0..4_u8, 0..120_i64, 0..120_i64), 0..12)) {
        let mut february = February::new();
        let legal = february.dates().0;
        let rule = code::PETITION_INTERNAL.to_owned();
        for (act, from, until) in acts {
            let at = |days| day("2026-01-15") + chrono::TimeDelta::days(days);
            let (role, command) = match act {
                0 => (Role::Correspondent, Command::Suspend {
                    rule: rule.clone(), from: at(from), until: at(until), note: note(),
                }),
                1 => (Role::Coordinator, Command::Resume { rule: rule.clone(), on: at(until) }),
                2 => (Role::Correspondent, Command::RequestExtension {
                    rule: rule.clone(), until: at(from + until), note: note(),
                }),
                _ => (Role::Coordinator, grant(&rule)),
            };
            let _ = february.act(role, &command);
            prop_assert_eq!(february.dates().0, legal);
        }
    }
}
