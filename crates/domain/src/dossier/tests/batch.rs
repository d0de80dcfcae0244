//! Batches: what is done to one is done to all, and each goes its own way when it must.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::property::any_command;
use super::*;
use crate::dossier::Seat;
use crate::ids::BatchId;

/// Stage, unit, text, signatory.
type Standpoint = (Stage, Option<UnitId>, Option<Digest>, Option<UserId>);

/// Questions, and the rules by which the office acts on them.
struct Batches {
    office: Office,
    questions: Vec<Dossier>,
    opened: u128,
}

impl Batches {
    fn new(number: u128) -> Self {
        let questions = (0..number).map(|number| {
            let mut question = question(17, "2026-11-17");
            question.id = DossierId(Uuid::from_u128(700 + number));
            question
        });
        Self { questions: questions.collect(), office: Office::new(), opened: 0 }
    }

    /// One question joins another.
    fn join(&mut self, actor: &Actor, one: usize, other: usize) -> Result<(), Refusal> {
        let mut beside = self.questions[other].clone();
        self.questions[one].may_join(actor, &beside, &self.office.organisation)?;
        if beside.seat().is_none() {
            self.opened += 1;
            let open = Command::OpenBatch { batch: BatchId(Uuid::from_u128(self.opened)) };
            let opened = beside.decide(actor, &open, &self.office.facts())?;
            beside = beside.evolve(&opened).unwrap();
        }
        let batch = beside.seat().unwrap().batch;
        let seats = self.questions.iter().filter_map(Dossier::seat).filter(|seat| seat.batch == batch);
        let place = seats.map(|seat| seat.place).max().unwrap_or(1) + 1;
        let event = self.questions[one].join(actor, &beside, place, &self.office.facts())?;
        self.questions[one] = self.questions[one].clone().evolve(&event).unwrap();
        self.questions[other] = beside;
        Ok(())
    }

    /// What is shared is done to all of the batch, or to none.
    fn act(&mut self, actor: &Actor, one: usize, command: &Command) -> Result<(), Refusal> {
        let batch =
            self.questions[one].seat().map(|seat| seat.batch).filter(|_| command.action().is_shared());
        let together = |number: &usize| {
            *number == one
                || batch.is_some() && self.questions[*number].seat().map(|seat| seat.batch) == batch
        };
        let all: Vec<_> = (0..self.questions.len()).filter(together).collect();
        let mut after = BTreeMap::new();
        for number in all {
            let question = &self.questions[number];
            let event = question.decide(actor, command, &self.office.facts())?;
            after.insert(number, question.clone().evolve(&event).unwrap());
        }
        for (number, question) in after {
            self.questions[number] = question;
        }
        Ok(())
    }

    /// Where each question of a batch stands, but for what is its own.
    fn standing(&self) -> BTreeMap<BatchId, Vec<Standpoint>> {
        let mut standing: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for question in &self.questions {
            if let Some(seat) = question.seat() {
                let text = question.draft.as_ref().map(|draft| draft.text.clone());
                let stands = (question.stage, question.lead, text, question.signed_by);
                standing.entry(seat.batch).or_default().push(stands);
            }
        }
        standing
    }
}

fn route(office: &Office) -> Command {
    Command::Route { lead: office.unit("DACS"), contributors: Vec::new(), informed: Vec::new() }
}

#[test]
fn a_question_takes_the_text_and_the_place_of_the_lead_question() {
    let mut all = Batches::new(3);
    let office = Office::new();
    let [coordinator, lead, drafter] =
        [Role::Coordinator, Role::Correspondent, Role::Drafter].map(|role| office.person(role));
    all.act(&coordinator, 0, &route(&office)).unwrap();
    all.act(&lead, 0, &Command::Accept).unwrap();
    all.act(&drafter, 0, &Command::Draft { text: "Un".to_owned() }).unwrap();
    assert_eq!(all.join(&lead, 1, 0), Err(Refusal::NotYours { action: Action::JoinBatch }));
    all.join(&coordinator, 1, 0).unwrap();
    all.join(&coordinator, 2, 1).unwrap();
    assert_eq!(all.join(&coordinator, 2, 0), Err(Refusal::InBatch));
    let places: Vec<_> = all.questions.iter().map(|question| question.seat().unwrap().place).collect();
    assert_eq!(places, [1, 2, 3]);
    let joined = &all.questions[2];
    assert_eq!((joined.stage, joined.lead), (Stage::Drafting, Some(office.unit("DACS"))));
    assert_eq!(joined.draft.as_ref().map(|draft| draft.text.clone()), Some(Digest::of(["Un"])));

    all.act(&drafter, 2, &Command::Draft { text: "Deux".to_owned() }).unwrap();
    all.act(&drafter, 1, &Command::Submit).unwrap();
    assert!(all.questions.iter().all(|question| question.stage == Stage::Review));
    assert!(
        all.questions.iter().all(|question| question.draft.as_ref().unwrap().text == Digest::of(["Deux"]))
    );

    // Whoever approves has every question before them: none comes in any more.
    let mut late = Batches::new(1);
    late.questions[0].id = DossierId(Uuid::from_u128(999));
    all.questions.append(&mut late.questions);
    assert_eq!(all.join(&coordinator, 3, 0), Err(Refusal::BatchNotBeingWritten));
}

#[test]
fn a_question_that_closes_or_is_taken_out_goes_its_own_way() {
    let mut all = Batches::new(3);
    let coordinator = all.office.person(Role::Coordinator);
    all.join(&coordinator, 1, 0).unwrap();
    all.join(&coordinator, 2, 0).unwrap();
    let on = all.office.facts().today;
    all.act(&Actor::feed(), 0, &Command::Withdraw { on }).unwrap();
    assert_eq!(all.questions[0].seat(), None);
    assert!(all.questions[1].stage.is_open() && all.questions[1].seat().is_some());
    all.act(&coordinator, 1, &Command::LeaveBatch).unwrap();
    assert_eq!(all.act(&coordinator, 1, &Command::LeaveBatch), Err(Refusal::NotInBatch));
    all.act(&coordinator, 2, &route(&Office::new())).unwrap();
    assert_eq!([all.questions[1].stage, all.questions[2].stage], [Stage::Received, Stage::Routed]);
}

#[test]
fn oral_questions_letters_and_those_that_leave_for_another_ministry_stay_out() {
    let mut all = Batches::new(2);
    let coordinator = all.office.person(Role::Coordinator);
    let ask = Command::RequestTransfer { ministry: "Intérieur".to_owned() };
    all.act(&coordinator, 1, &ask).unwrap();
    assert_eq!(all.join(&coordinator, 1, 0), Err(Refusal::TransferPending));
    assert_eq!(all.join(&coordinator, 0, 1), Err(Refusal::TransferPending));
    assert_eq!(all.join(&coordinator, 0, 0), Err(Refusal::BatchOfItself));
    let Body::Question(facts) = &mut all.questions[1].body else { panic!("a question") };
    facts.transfer_to = None;
    facts.identity.kind = QuestionType::Qosd;
    assert_eq!(all.join(&coordinator, 1, 0), Err(Refusal::OnlyWritten));
    assert_eq!(all.join(&coordinator, 0, 1), Err(Refusal::OnlyWritten));
    all.questions[1] = all.office.letter();
    assert!(matches!(all.join(&coordinator, 1, 0), Err(Refusal::WrongStage { .. })));
}

#[test]
fn a_text_is_not_lost_to_a_batch_that_has_none() {
    let mut all = Batches::new(2);
    let office = Office::new();
    let coordinator = office.person(Role::Coordinator);
    for question in [0, 1] {
        all.act(&coordinator, question, &route(&office)).unwrap();
        all.act(&office.person(Role::Correspondent), question, &Command::Accept).unwrap();
    }
    all.act(&office.person(Role::Drafter), 1, &Command::Draft { text: "Déjà".to_owned() }).unwrap();
    assert_eq!(all.join(&coordinator, 1, 0), Err(Refusal::BatchWithoutDraft));
    all.join(&coordinator, 0, 1).unwrap();
    assert_eq!(all.questions[0].seat().map(|Seat { place, .. }| place), Some(2));
}

proptest! {
    /// Whatever is done, and whoever does it: the questions of a batch stand together, and a refusal changes none.
    #[test]
    fn the_questions_of_a_batch_stand_together(
        acts in prop::collection::vec(
            (any_command(), 0..Role::VARIANTS.len() + 1, 0_usize..4, 0_usize..4, any::<bool>()), 0..80
        ),
    ) {
        let mut all = Batches::new(4);
        for (command, by, one, other, joins) in acts {
            let actor = Role::VARIANTS.get(by).map_or_else(Actor::feed, |role| all.office.person(*role));
            let before = all.questions.clone();
            let done = if joins { all.join(&actor, one, other) } else { all.act(&actor, one, &command) };
            if done.is_err() {
                prop_assert_eq!(&before, &all.questions);
            }
            for stands in all.standing().values() {
                prop_assert!(stands.windows(2).all(|pair| pair[0] == pair[1]), "{:?}", stands);
            }
            let closed_out = all.questions.iter().all(|one| one.stage.is_open() || one.seat().is_none());
            prop_assert!(closed_out);
        }
    }
}
