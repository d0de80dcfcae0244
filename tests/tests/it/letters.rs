//! A letter, from the day it arrives to the day its answer leaves.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use pli_app::{Line, Sheet};
use pli_domain::actor::Who;
use pli_domain::deadline::Standing;
use pli_domain::dossier::{Command, DeclineReason, Outcome, Stage};
use pli_domain::ids::{DossierId, UserId};
use pli_domain::refusal::Refusal;
use pli_tests::samples::{day, dispatch, draft, letter, petition, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::task::JoinSet;

pli_tests::on_both!(
    a_letter_goes_from_its_registration_to_its_answer,
    every_line_of_the_journal_says_who_did_what_and_from_where_to_where,
    what_is_done_is_what_is_read_back,
    a_second_letter_takes_the_next_chrono,
    what_is_refused_uses_no_chrono,
    chronos_have_no_gap_when_eight_register_at_once,
    the_chrono_starts_again_with_the_year_of_paris,
    a_letter_is_filed_by_two_people,
    a_reopened_letter_goes_back_to_its_unit_with_its_date,
    a_duplicate_names_a_dossier_that_its_author_may_read,
);

/// A letter that was declined once, whose draft was sent back once, and that was answered.
async fn eventful(office: &Office) -> Result<Sheet> {
    let id = office.register(petition("Aide juridictionnelle refusée")).await?.dossier.id;
    let decline = Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed: Some(office.unit("DACS")?),
        note: "Cela relève du droit civil.".to_owned(),
    };
    office
        .play(
            id,
            [
                (Person::Clerk, route(office.unit("DAP")?)),
                (Person::Prisons, decline),
                (Person::Coordinator, route(office.unit("DACS")?)),
                (Person::Correspondent, Command::Accept),
                (Person::Approver, draft("Madame,")),
                (Person::Approver, Command::Submit),
            ],
        )
        .await?;
    let own = office.act(Person::Approver, id, Command::Approve).await?.refused()?;
    assert_eq!(own, Refusal::SelfApproval);
    let send_back = Command::SendBack { note: "Citer le décret.".to_owned() };
    office
        .play(
            id,
            [
                (Person::Approver, send_back),
                (Person::Drafter, draft("Madame, le décret du 28 décembre 2020…")),
                (Person::Drafter, Command::Submit),
                (Person::Approver, Command::Approve),
                (Person::Signatory, Command::Sign),
                (Person::Clerk, dispatch(office.today())),
            ],
        )
        .await
}

async fn a_letter_goes_from_its_registration_to_its_answer(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let registered = office.register(petition("Légalisation")).await?;
    assert_eq!(registered.dossier.reference, "SG-2026-A-000001");
    assert_eq!(registered.dossier.stage, Stage::Registered);
    assert_eq!(registered.dossier.due_on(), Some(day("2027-01-19")?));

    let answered = eventful(&office).await?;
    assert_eq!(answered.dossier.reference, "SG-2026-A-000002");
    assert_eq!(answered.dossier.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(answered.dossier.closed_on, Some(office.today()));
    assert_eq!(answered.dossier.term().standing(office.today()), Standing::AnsweredInTime);
    let clerk = office.caller(Person::Clerk).await?;
    let text = office.app.draft(&clerk, &answered).await.fine()?;
    assert_eq!(text.as_deref(), Some("Madame, le décret du 28 décembre 2020…"));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn every_line_of_the_journal_says_who_did_what_and_from_where_to_where(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = eventful(&office).await?.dossier.id;
    let lines = journal(&office, id).await?;
    let names = office.app.names(lines.iter().map(|line| line.entry.who)).await.fine()?;
    let told: Vec<_> = lines.iter().map(|line| tell(line, &names)).collect();
    assert_eq!(
        told,
        [
            "Nadège Trémolat: register  → registered",
            "Nadège Trémolat: route registered → routed",
            "Yannis Courtefage: decline routed → registered (Cela relève du droit civil.)",
            "Étienne Vauquelas: route registered → routed",
            "Inès Berthaumieux: accept routed → drafting",
            "Clotilde Ansermont: draft drafting → drafting",
            "Clotilde Ansermont: submit drafting → review",
            "Clotilde Ansermont: approve review → review: SELF_APPROVAL",
            "Clotilde Ansermont: send_back review → drafting (Citer le décret.)",
            "Mathis Carrouzel: draft drafting → drafting",
            "Mathis Carrouzel: submit drafting → review",
            "Clotilde Ansermont: approve review → signature",
            "Rodolphe Maistrenay: sign signature → outgoing",
            "Nadège Trémolat: dispatch outgoing → closed:answered (2C 147 308 9921 4)",
        ]
    );
    assert!(lines.iter().zip(1..).all(|(line, seq)| line.entry.seq == seq));
    assert!(lines.iter().all(|line| line.entry.at == office.now()));
    let last = lines.last().context("no line")?;
    assert!(last.entry.payload.contains("SG-2026-D-000001"), "{}", last.entry.payload);
    Ok(())
}

async fn journal(office: &Office, id: DossierId) -> Result<Vec<Line>> {
    let auditor = office.caller(Person::Auditor).await?;
    Ok(office.app.journal(&auditor, id, 0, 100).await.fine()?.items)
}

/// A line as one would say it.
fn tell(line: &Line, names: &BTreeMap<UserId, String>) -> String {
    let entry = &line.entry;
    let who = match entry.who {
        Who::User(id) => names.get(&id).cloned().unwrap_or_default(),
        Who::System(_) => entry.who.to_string(),
    };
    let refusal = if entry.accepted { String::new() } else { format!(": {}", entry.payload) };
    let note = line.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{who}: {} {} → {}{refusal}{note}", entry.action, entry.from, entry.to)
}

/// What a command answers is what the next reader sees, version by version.
async fn what_is_done_is_what_is_read_back(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let auditor = office.caller(Person::Auditor).await?;
    let mut answered = office.register(petition("Tutelle")).await?;
    let id = answered.dossier.id;
    let steps = office.to_answer()?;
    for (version, (person, command)) in (2..).zip(steps) {
        office.set_clock(&format!("2026-11-22T09:{version:02}:00.123456Z"))?;
        let before = answered;
        answered = office.act(person, id, command).await?.fine()?;
        assert_eq!(answered.version, version);
        assert_eq!(answered.created_at, before.created_at);
        assert_eq!(answered.updated_at, office.now());
        assert_eq!(office.app.dossier(&auditor, id).await.fine()?.as_ref(), Some(&answered));
    }
    let by_name = office.app.dossier_by_reference(&auditor, " SG-2026-A-000001 ").await.fine()?;
    assert_eq!(by_name, Some(answered));
    Ok(())
}

async fn a_second_letter_takes_the_next_chrono(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for number in 1..=3 {
        let reference = office.register(petition("Casier judiciaire")).await?.dossier.reference;
        assert_eq!(reference, format!("SG-2026-A-{number:06}"));
    }
    for number in 1..=2 {
        let id = office.register(petition("Casier judiciaire")).await?.dossier.id;
        office.play(id, office.to_answer()?).await?;
        let lines = journal(&office, id).await?;
        let last = lines.last().context("no line")?;
        let departure = format!("SG-2026-D-{number:06}");
        assert!(last.entry.payload.contains(&departure), "{}", last.entry.payload);
    }
    Ok(())
}

async fn what_is_refused_uses_no_chrono(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let tomorrow = letter(day("2026-11-23")?);
    let refusal = office.app.register_mail(&clerk, office.key(), tomorrow).await.refused()?;
    assert_eq!(refusal, Refusal::DateInFuture { field: "receivedOn" });
    let refusal = office.app.register_mail(&drafter, office.key(), petition("Divorce")).await.refused()?;
    assert_eq!(refusal.code(), "NOT_YOURS");
    let first = office.register(petition("Divorce")).await?;
    assert_eq!(first.dossier.reference, "SG-2026-A-000001");

    let mut steps = office.to_answer()?;
    let (_, last) = steps.pop().context("no step")?;
    office.play(first.dossier.id, steps).await?;
    let too_early = office.act(Person::Clerk, first.dossier.id, dispatch(day("2026-11-18")?)).await?;
    assert_eq!(too_early.refused()?, Refusal::DateBeforeReceipt { field: "on" });
    let not_theirs = office.act(Person::Manager, first.dossier.id, last.clone()).await?;
    assert_eq!(not_theirs.refused()?.code(), "NOT_YOURS");
    office.play(first.dossier.id, [(Person::Clerk, last)]).await?;
    let lines = journal(&office, first.dossier.id).await?;
    let payloads: Vec<_> = lines.iter().rev().take(3).map(|line| line.entry.payload.as_str()).collect();
    assert!(payloads[0].contains("SG-2026-D-000001"), "{payloads:?}");
    assert_eq!(payloads[1..], ["NOT_YOURS", "DATE_BEFORE_RECEIPT"]);
    Ok(())
}

async fn chronos_have_no_gap_when_eight_register_at_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let keys: Vec<_> = (0..25).map(|_| office.key()).collect();
        let (app, clerk) = (office.app.clone(), clerk.clone());
        tasks.spawn(async move {
            let mut references = Vec::new();
            for key in keys {
                let sheet = app.register_mail(&clerk, key, petition("Pension alimentaire")).await.fine()?;
                references.push(sheet.dossier.reference);
            }
            anyhow::Ok(references)
        });
    }
    let mut given = BTreeSet::new();
    while let Some(references) = tasks.join_next().await {
        given.extend(references??);
    }
    let expected: BTreeSet<_> = (1..=200).map(|number| format!("SG-2026-A-{number:06}")).collect();
    assert_eq!(given, expected);
    assert_eq!(office.app.count(&clerk, &pli_app::List::default()).await.fine()?, 200);
    Ok(())
}

async fn the_chrono_starts_again_with_the_year_of_paris(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for (instant, reference) in [
        ("2026-12-31T22:59:59.999999Z", "SG-2026-A-000001"),
        ("2026-12-31T23:00:00Z", "SG-2027-A-000001"),
        ("2027-01-01T08:00:00Z", "SG-2027-A-000002"),
        ("2028-06-01T08:00:00Z", "SG-2028-A-000001"),
    ] {
        office.set_clock(instant)?;
        assert_eq!(office.register(petition("Naturalisation")).await?.dossier.reference, reference);
    }
    Ok(())
}

async fn a_letter_is_filed_by_two_people(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Publicité")).await?.dossier.id;
    let early = office.act(Person::Deputy, id, Command::File).await?.refused()?;
    assert_eq!(early, Refusal::FilingNotProposed);
    let propose = Command::ProposeFiling { note: "Réclame.".to_owned() };
    office.play(id, [(Person::Deputy, propose)]).await?;
    let alone = office.act(Person::Deputy, id, Command::File).await?.refused()?;
    assert_eq!(alone, Refusal::SameConfirmer);
    let filed = office.play(id, [(Person::Coordinator, Command::File)]).await?;
    assert_eq!(filed.dossier.stage, Stage::Closed(Outcome::Filed));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_reopened_letter_goes_back_to_its_unit_with_its_date(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Adoption")).await?.dossier.id;
    office.play(id, office.to_answer()?).await?;
    let reopen = Command::Reopen { note: "Une pièce manquait.".to_owned() };
    let reopened = office.play(id, [(Person::Coordinator, reopen)]).await?;
    assert_eq!(reopened.dossier.stage, Stage::Routed);
    assert_eq!(reopened.dossier.lead, Some(office.unit("DACS")?));
    assert_eq!(reopened.dossier.due_on(), Some(day("2027-01-19")?));
    let again = office.to_answer()?.into_iter().skip(1);
    let answered = office.play(id, again).await?;
    assert_eq!(answered.dossier.stage, Stage::Closed(Outcome::Answered));
    let lines = journal(&office, id).await?;
    let departures = lines.iter().filter(|line| line.entry.payload.contains("SG-2026-D-00000"));
    assert_eq!(departures.count(), 2);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_duplicate_names_a_dossier_that_its_author_may_read(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = office.register(petition("Serment")).await?.dossier.id;
    let second = office.register(petition("Serment")).await?.dossier.id;
    let nowhere = DossierId(uuid::Uuid::from_u128(1));
    for (of, refusal) in [(nowhere, Refusal::DuplicateUnknown), (second, Refusal::DuplicateOfItself)] {
        let refused = office.act(Person::Clerk, second, Command::MarkDuplicate { of }).await?.refused()?;
        assert_eq!(refused, refusal);
    }
    let closed = office.play(second, [(Person::Clerk, Command::MarkDuplicate { of: first })]).await?;
    assert_eq!(closed.dossier.stage, Stage::Closed(Outcome::Duplicate));
    let told: Vec<_> = journal(&office, second).await?.into_iter().map(|line| line.entry.payload).collect();
    assert_eq!(told.len(), 4);
    assert_eq!(told[1..3], ["DUPLICATE_UNKNOWN", "DUPLICATE_OF_ITSELF"]);
    assert!(told[3].contains(&first.to_string()));
    Ok(())
}
