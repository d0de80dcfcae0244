//! The agenda of oral questions: who is put when, what is due before, who attends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use pli_app::{Error, Key, List, Sheet};
use pli_domain::dossier::{Command, Kind, NewQuestion, SittingSource};
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::published::{Attribution, Ministry, PublishedQuestion};
use pli_feeds::{Rejected, assemblee, senat};
use pli_tests::samples::{day, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    every_real_question_of_the_chamber_stands_on_its_day,
    a_sitting_is_planned_and_what_is_due_before_it_moves,
    who_may_not_read_a_question_finds_no_sitting,
    what_the_record_says_moves_a_sitting_or_waits_for_a_coordinator,
);

fn asked(kind: QuestionType, number: u32, on: &str) -> Result<NewQuestion> {
    let identity = QuestionIdentity { house: House::Assembly, term: 17, kind, number };
    Ok(NewQuestion { identity, published_on: day(on)?, subject: "Moyens des greffes".to_owned() })
}

async fn received(office: &Office, kind: QuestionType, number: u32, on: &str) -> Result<Sheet> {
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), asked(kind, number, on)?).await.fine()
}

fn plan(on: &str, attendee: &str) -> Result<Command> {
    Ok(Command::PlanSitting { on: day(on)?, attendee: attendee.to_owned() })
}

/// The references that an agenda holds.
async fn listed(office: &Office, person: Person, from: &str, to: &str) -> Result<Vec<String>> {
    let caller = office.caller(person).await?;
    let page = office.app.agenda(&caller, (day(from)?, day(to)?), None).await.fine()?;
    Ok(page.items.into_iter().map(|oral| oral.sheet.dossier.reference).collect())
}

/// A real record as if it had been put to our ministry: none of those that we have was.
fn put_to_us(record: Result<PublishedQuestion, Rejected>) -> Result<PublishedQuestion, Rejected> {
    let justice = Ministry { reference: None, label: "Justice".to_owned() };
    record.map(|record| {
        let attributions = vec![Attribution { ministry: justice, on: record.published_on, cause: None }];
        PublishedQuestion { attributions, ..record }
    })
}

async fn every_real_question_of_the_chamber_stands_on_its_day(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures");
    for archive in ["Questions_gouvernement_extrait.json.zip", "Questions_orales_sans_debat_extrait.json.zip"]
    {
        let source = assemblee::open(&fixtures.join("assemblee").join(archive))?;
        office.app.import(source.map(put_to_us), |_| {}).await.fine()?;
    }
    let source = senat::open(&fixtures.join("senat/question_search_result.html"))?;
    office.app.import(source.map(put_to_us), |_| {}).await.fine()?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let questions = List { kind: Some(Kind::Question), ..List::default() };
    let mut by_day: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    for sheet in office.walk(&coordinator, &questions, 100).await? {
        let sitting = sheet.dossier.sitting().with_context(|| sheet.dossier.reference.clone())?;
        by_day.entry(sitting.on).or_default().insert(sheet.dossier.reference);
    }
    assert!(by_day.values().map(BTreeSet::len).sum::<usize>() > 30, "{by_day:?}");
    for (on, expected) in &by_day {
        let page = office.app.agenda(&coordinator, (*on, *on), None).await.fine()?;
        assert!(page.items.iter().all(|oral| oral.published.is_some()));
        let found: BTreeSet<_> = page.items.into_iter().map(|oral| oral.sheet.dossier.reference).collect();
        assert_eq!(&found, expected, "{on}");
        let senate = office.app.agenda(&coordinator, (*on, *on), Some(House::Senate)).await.fine()?;
        let theirs = expected.iter().filter(|name| name.starts_with("SENAT-")).count();
        assert_eq!(senate.items.len(), theirs, "{on}");
    }
    let days: Vec<_> = by_day.keys().copied().collect();
    for pair in days.windows(2) {
        let next = office.app.next_sitting(&coordinator, pair[0]).await.fine()?;
        assert_eq!(next, Some(pair[1]));
    }
    assert_eq!(office.app.next_sitting(&coordinator, days[days.len() - 1]).await.fine()?, None);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_sitting_is_planned_and_what_is_due_before_it_moves(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let oral = received(&office, QuestionType::Qosd, 12, "2026-12-01").await?;
    let id = oral.dossier.id;
    office.play(id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    for person in Person::ALL.into_iter().filter(|person| !person.roles().iter().any(coordinates)) {
        let refused = office.act(person, id, plan("2026-12-08", "")?).await?;
        assert!(matches!(refused, Err(Error::Refused(_) | Error::NotFound)), "{person:?}: {refused:?}");
    }
    let planned = office.act(Person::Coordinator, id, plan("2026-12-08", " Mme Dumas, secrétaire d’État ")?);
    let planned = planned.await?.fine()?;
    assert_eq!(planned.dossier.due_on(), Some(day("2026-12-07")?));
    assert_eq!(listed(&office, Person::Coordinator, "2026-11-30", "2026-12-06").await?, [""; 0]);
    let caller = office.caller(Person::Drafter).await?;
    let page = office.app.agenda(&caller, (day("2026-12-07")?, day("2026-12-13")?), None).await.fine()?;
    let attending: Vec<_> = page.items.iter().map(|oral| oral.attendee.as_deref()).collect();
    assert_eq!(attending, [Some("Mme Dumas, secrétaire d’État")]);
    // Another name, then none; the same command under the same key is one act.
    let coordinator = office.caller(Person::Coordinator).await?;
    let mut order = office.order(id, plan("2026-12-08", "Le directeur")?);
    order.key = Key("une fois".to_owned());
    let once = office.app.act(&coordinator, order.clone()).await.fine()?;
    assert_eq!(office.app.act(&coordinator, order).await.fine()?.version, once.version);
    let named = office.app.attendees(&coordinator, &[id]).await.fine()?;
    assert_eq!(named.get(&id).map(String::as_str), Some("Le directeur"));
    office.play(id, [(Person::Coordinator, plan("2026-12-08", "")?)]).await?;
    assert!(office.app.attendees(&coordinator, &[id]).await.fine()?.is_empty());

    let clerk = office.caller(Person::Clerk).await?;
    let written = office.app.receive_question(&clerk, office.key(), question(3));
    let written = written.await.fine()?.dossier.id;
    let refused = office.act(Person::Coordinator, written, plan("2026-12-08", "")?).await?.refused()?;
    assert_eq!(refused.code(), "ONLY_IN_CHAMBER");
    let too_long = office.app.agenda(&coordinator, (day("2026-01-01")?, day("2026-12-31")?), None).await;
    assert!(matches!(too_long, Err(Error::Refused(_))));
    let backwards = office.app.agenda(&coordinator, (day("2026-12-31")?, day("2026-12-01")?), None).await;
    assert!(matches!(backwards, Err(Error::Refused(_))));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

fn coordinates((role, _): &(pli_domain::actor::Role, &str)) -> bool {
    *role == pli_domain::actor::Role::Coordinator
}

async fn who_may_not_read_a_question_finds_no_sitting(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = received(&office, QuestionType::Qg, 4, "2026-11-24").await?.dossier.id;
    let steps = [
        (Person::Coordinator, route(office.unit("DACS")?)),
        (Person::Coordinator, plan("2026-11-24", "Mme Dumas")?),
    ];
    office.play(id, steps).await?;
    for (person, caller) in office.everybody().await? {
        let seen = office.app.dossier(&caller, id).await.fine()?.is_some();
        let week = (day("2026-11-23")?, day("2026-11-29")?);
        let found = office.app.agenda(&caller, week, None).await.fine()?.items.len();
        assert_eq!(found, usize::from(seen), "{person:?}");
        let next = office.app.next_sitting(&caller, office.today()).await.fine()?;
        assert_eq!(next.is_some(), seen, "{person:?}");
        assert_eq!(office.app.attendees(&caller, &[id]).await.fine()?.is_empty(), !seen, "{person:?}");
    }
    assert!(listed(&office, Person::Prisons, "2026-11-23", "2026-11-29").await?.is_empty());
    Ok(())
}

async fn what_the_record_says_moves_a_sitting_or_waits_for_a_coordinator(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let justice = Ministry { reference: None, label: "Justice".to_owned() };
    let record = |sitting_on: &str| -> Result<PublishedQuestion> {
        let NewQuestion { identity, subject, published_on } = asked(QuestionType::Qosd, 9, "2026-11-24")?;
        let given = Attribution { ministry: justice.clone(), on: Some(published_on), cause: None };
        let record = PublishedQuestion {
            title: Some(subject),
            attributions: vec![given],
            published_on: Some(published_on),
            sitting_on: Some(day(sitting_on)?),
            ..PublishedQuestion::bare(identity, "Q9".to_owned())
        };
        Ok(record.seal()?)
    };
    let import = async |on: &str| -> Result<()> {
        office.app.import([Ok(record(on)?)].into_iter(), |_| {}).await.fine()?;
        Ok(())
    };
    import("2026-12-01").await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let stored = async || -> Result<Sheet> {
        let sheet = office.app.dossier_by_reference(&coordinator, "AN-17-QOSD-9").await.fine()?;
        sheet.context("it is not there")
    };
    let sitting = |sheet: &Sheet| sheet.dossier.sitting().map(|sitting| (sitting.on, sitting.source));
    let first = stored().await?;
    assert_eq!(sitting(&first), Some((day("2026-12-01")?, SittingSource::Record)));
    import("2026-12-08").await?;
    assert_eq!(sitting(&stored().await?), Some((day("2026-12-08")?, SittingSource::Record)));
    let ours = plan("2026-12-10", "Mme Dumas")?;
    office.play(first.dossier.id, [(Person::Coordinator, ours)]).await?;
    import("2026-12-15").await?;
    assert_eq!(sitting(&stored().await?), Some((day("2026-12-10")?, SittingSource::Person)));
    let waiting = office.app.discrepancies(&coordinator, None, 10).await.fine()?.items;
    let [one] = &waiting[..] else { anyhow::bail!("{waiting:?}") };
    assert_eq!(
        (one.found.point.label(), one.found.point.published()),
        ("Date de la séance", "le 15/12/2026".to_owned())
    );
    let adopted = office.app.adopt_discrepancy(&coordinator, office.key(), one.found.id).await.fine()?;
    assert_eq!(sitting(&adopted), Some((day("2026-12-15")?, SittingSource::Record)));
    assert_eq!(adopted.dossier.due_on(), Some(day("2026-12-14")?));
    let named = office.app.attendees(&coordinator, &[adopted.dossier.id]).await.fine()?;
    assert_eq!(named.len(), 1, "who attends has not changed");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}
