//! What is reserved exists for those who are named, and for nobody else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use pli_app::{Acts, By, Caller, Error, Figure, Intake, Late, List, ReadingLine};
use pli_domain::compartment::CompartmentCommand;
use pli_domain::dossier::{Command, Kind, NewQuestion};
use pli_domain::duplicate::Letter;
use pli_domain::identity::{QuestionIdentity, QuestionType};
use pli_domain::ids::{CompartmentId, DossierId};
use pli_domain::settings::SettingsAction;
use pli_tests::samples::{day, draft, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    for_whoever_is_not_named_everything_stays_as_it_was,
    each_opening_is_kept_and_shown_to_the_owner,
    a_letter_is_reserved_from_its_first_moment,
    whoever_is_named_no_more_finds_nothing_not_even_by_an_old_key,
    only_those_named_are_told_of_a_due_date,
    the_past_does_not_show_it_either,
    administrators_keep_compartments_and_read_nothing_of_them,
    what_is_reserved_is_in_no_batch,
);

const NAMED: [Person; 3] = [Person::Clerk, Person::Correspondent, Person::Drafter];

/// A compartment of the coordinator, with whoever answers a letter at the DACS.
async fn compartment(office: &Office) -> Result<CompartmentId> {
    office.compartment("Nominations", Person::Coordinator, &NAMED).await
}

/// A late letter that is reserved, at the approver's table: he is not named.
async fn reserved(office: &Office, compartment: CompartmentId) -> Result<DossierId> {
    let clerk = office.caller(Person::Clerk).await?;
    let mail = letter(day("2026-08-17")?);
    let intake = Intake { compartment: Some(compartment), ..Intake::from(mail) };
    let id = office.app.register_mail(&clerk, office.key(), intake).await.fine()?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    office.play(id, [(Person::Drafter, draft("Madame,")), (Person::Drafter, Command::Submit)]).await?;
    Ok(id)
}

/// A question that is put in the chamber next week, and is reserved.
async fn reserved_sitting(office: &Office, compartment: CompartmentId) -> Result<()> {
    let clerk = office.caller(Person::Clerk).await?;
    let written = question(7);
    let identity = QuestionIdentity { kind: QuestionType::Qosd, ..written.identity.clone() };
    let oral = NewQuestion { identity, ..written };
    let id = office.app.receive_question(&clerk, office.key(), oral).await.fine()?.dossier.id;
    let plan =
        Command::PlanSitting { on: day("2026-12-01")?, attendee: "La secrétaire générale".to_owned() };
    for command in [Command::Reserve { compartment }, route(office.unit("DACS")?), plan] {
        office.play(id, [(Person::Coordinator, command)]).await?;
    }
    Ok(())
}

/// The lists of the pages.
fn lists(office: &Office) -> Result<Vec<List>> {
    Ok(vec![
        List::default(),
        List { open: Some(true), ..List::default() },
        List { late: Some(Late::Any), ..List::default() },
        List { unit: Some(office.unit("DACS")?), ..List::default() },
        List { kind: Some(Kind::Mail), awaiting_me: true, ..List::default() },
        List { reserved: true, ..List::default() },
        List { words: Some("tribunal de proximité".to_owned()), ..List::default() },
    ])
}

/// Everything that Pli answers to a person, in words.
async fn all_that_is_seen(office: &Office, caller: &Caller) -> Result<String> {
    let (app, mut all) = (&office.app, String::new());
    for list in lists(office)? {
        let sheets = office.walk(caller, &list, 2).await?;
        let count = app.count(caller, &list).await.fine()?;
        let facets = app.facets(caller, &list).await.fine()?;
        let found = app.found(caller, &list, None, 100).await.fine()?;
        let days = app.due_days(caller, &list).await.fine()?;
        let retards = app.retards(caller, &list).await.fine()?;
        write!(all, "{sheets:?}\n{count}\n{facets:?}\n{found:?}\n{days:?}\n{retards:?}\n")?;
    }
    let year = (day("2026-01-01")?, day("2026-12-31")?);
    let mail = letter(day("2026-08-17")?);
    let again = Letter {
        sender: mail.sender,
        subject: mail.subject,
        document_on: Some(mail.document_on),
        received_on: Some(mail.received_on),
        files: BTreeSet::new(),
    };
    let (tiles, table) = (app.day(caller).await.fine()?, app.table(caller).await.fine()?);
    let queue = app.queue(caller).await.fine()?;
    let register = app.register(caller, &Acts::default(), None, 100).await.fine()?;
    let statistics = app.statistics(caller, By::Direction, year).await.fine()?;
    let on_time = app.on_time(caller, &List::default(), [year]).await.fine()?;
    let senders = app.senders(caller, "saint").await.fine()?;
    let alike = app.probable_duplicates(caller, &again).await.fine()?;
    let gaps = app.count_discrepancies(caller).await.fine()?;
    let compartments = app.compartments(caller).await.fine()?;
    let weeks = (day("2026-11-16")?, day("2026-12-31")?);
    let agenda = app.agenda(caller, weeks, None).await.fine()?;
    let next = app.next_sitting(caller, weeks.0).await.fine()?;
    write!(all, "{agenda:?}\n{next:?}\n")?;
    write!(
        all,
        "{tiles:?}\n{table:?}\n{queue:?}\n{register:?}\n{statistics:?}\n{on_time:?}\n{senders:?}\n{alike:?}\n{gaps}\n{compartments:?}\n"
    )?;
    let feed = app.open_feed(caller).await.fine()?;
    let feed = app.feed(feed.reveal()).await.fine()?;
    writeln!(all, "{:?}", feed.dossiers)?;
    if caller.actor.must_administer().is_ok() {
        let led = app.led(caller, office.organisation.in_order().iter().map(|unit| unit.id).collect());
        let units = led.await.fine()?;
        let change = crate::deadlines::fifteen_working_days(1, "2026-01-01")?;
        let moves = app.preview(caller, &change).await.fine()?;
        write!(all, "{units:?}\n{moves:?}\n")?;
    }
    Ok(all)
}

async fn for_whoever_is_not_named_everything_stays_as_it_was(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let plain = office.register(letter(day("2026-08-10")?)).await?.dossier.id;
    office.play(plain, office.to_drafting()?).await?;
    office.register(petition("Divorce")).await?;
    let mut before = Vec::new();
    for (person, caller) in office.everybody().await? {
        before.push((person, all_that_is_seen(&office, &caller).await?, caller));
    }
    let id = reserved(&office, compartment).await?;
    reserved_sitting(&office, compartment).await?;
    let named: Vec<_> = NAMED.into_iter().chain([Person::Coordinator]).collect();
    for (person, seen, caller) in before {
        let now = all_that_is_seen(&office, &caller).await?;
        if named.contains(&person) {
            assert_ne!(now, seen, "{person:?} is named and sees nothing more");
            assert!(office.app.dossier(&caller, id).await.fine()?.is_some());
        } else {
            assert_eq!(now, seen, "{person:?} is not named");
            assert_eq!(office.app.dossier(&caller, id).await.fine()?, None, "{person:?}");
            assert_eq!(office.app.journal(&caller, id, 0, 100).await.fine()?.items, [], "{person:?}");
            assert_eq!(office.app.draft_versions(&caller, id, None, 100).await.fine()?.items, []);
            assert_eq!(office.app.attachments(&caller, &[id]).await.fine()?.len(), 0);
            let refused = office.app.act(&caller, office.order(id, Command::Approve)).await.failed()?;
            assert!(matches!(refused, Error::NotFound), "{person:?}: {refused:?}");
        }
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn readings(office: &Office, person: Person, id: CompartmentId) -> Result<Vec<ReadingLine>> {
    let caller = office.caller(person).await?;
    Ok(office.app.readings(&caller, id, None, 100).await.fine()?.items)
}

async fn each_opening_is_kept_and_shown_to_the_owner(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let id = reserved(&office, compartment).await?;
    assert_eq!(readings(&office, Person::Coordinator, compartment).await?, [], "an act is no opening");
    let drafter = office.caller(Person::Drafter).await?;
    office.walk(&drafter, &List::default(), 100).await?;
    assert_eq!(readings(&office, Person::Coordinator, compartment).await?, [], "a line in a list neither");
    let read = async |at: &str, person: Person| -> Result<()> {
        office.set_clock(at)?;
        let caller = office.caller(person).await?;
        let sheet = office.app.dossier(&caller, id).await.fine()?.context("not seen")?;
        office.app.draft(&caller, &sheet).await.fine()?;
        office.app.journal(&caller, id, 0, 100).await.fine()?;
        Ok(())
    };
    read("2026-11-22T09:10:05Z", Person::Drafter).await?;
    read("2026-11-22T09:10:55Z", Person::Drafter).await?;
    read("2026-11-22T09:12:00Z", Person::Clerk).await?;
    // Nobody opens what they do not find.
    let approver = office.caller(Person::Approver).await?;
    assert_eq!(office.app.dossier(&approver, id).await.fine()?, None);
    let told = readings(&office, Person::Coordinator, compartment).await?;
    let told: Vec<_> = told
        .iter()
        .map(|line| (line.reading.at.instant().to_rfc3339(), line.name.as_str(), line.reading.dossier))
        .collect();
    let (clerk, drafter) = (Person::Clerk.name(), Person::Drafter.name());
    let expected = [("2026-11-22T09:12:00+00:00", clerk, id), ("2026-11-22T09:10:00+00:00", drafter, id)];
    assert_eq!(told, expected.map(|(at, name, id)| (at.to_owned(), name, id)));
    // By pages of one.
    let owner = office.caller(Person::Coordinator).await?;
    let first = office.app.readings(&owner, compartment, None, 1).await.fine()?;
    assert!(first.more);
    let last = first.items[0].reading;
    let second = office.app.readings(&owner, compartment, Some(last), 1).await.fine()?;
    assert!(!second.more && second.items[0].name == drafter);
    for person in Person::ALL.into_iter().filter(|person| *person != Person::Coordinator) {
        let caller = office.caller(person).await?;
        let refused = office.app.readings(&caller, compartment, None, 100).await.failed()?;
        assert!(matches!(refused, Error::NotFound), "{person:?}: {refused:?}");
    }
    for sql in ["UPDATE reading SET at = at", "DELETE FROM reading"] {
        assert!(office.database.sql().await?.run(sql).await.is_err(), "{sql}");
    }
    Ok(())
}

async fn a_letter_is_reserved_from_its_first_moment(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let deputy = office.caller(Person::Deputy).await?;
    let intake = Intake { compartment: Some(compartment), ..Intake::from(petition("Grâce")) };
    let refused = office.app.register_mail(&deputy, office.key(), intake.clone()).await.refused()?;
    assert_eq!(refused.code(), "NO_COMPARTMENT");
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let sheet = office.app.register_mail(&clerk, key.clone(), intake.clone()).await.fine()?;
    assert_eq!((sheet.dossier.reserved, sheet.version), (Some(compartment), 2));
    assert!(sheet.dossier.reference.ends_with("000001"), "what was refused took no chrono");
    assert_eq!(office.app.register_mail(&clerk, key.clone(), intake.clone()).await.fine()?, sheet);
    let open = Intake { compartment: None, ..intake };
    let other = office.app.register_mail(&clerk, key, open).await.failed()?;
    assert!(matches!(other, Error::KeyReused), "{other:?}");
    assert_eq!(office.app.dossier(&deputy, sheet.dossier.id).await.fine()?, None);
    Ok(())
}

async fn whoever_is_named_no_more_finds_nothing_not_even_by_an_old_key(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let intake = Intake { compartment: Some(compartment), ..Intake::from(petition("Grâce")) };
    let sheet = office.app.register_mail(&clerk, key.clone(), intake.clone()).await.fine()?;
    let owner = office.caller(Person::Coordinator).await?;
    let person = office.app.person_to_name(Person::Clerk.login(), "person").await.fine()?;
    let remove = CompartmentCommand::Remove { person };
    office.app.change_compartment(&owner, office.key(), compartment, remove).await.fine()?;
    let clerk = office.caller(Person::Clerk).await?;
    assert_eq!(office.app.dossier(&clerk, sheet.dossier.id).await.fine()?, None);
    let again = office.app.register_mail(&clerk, key, intake).await.failed()?;
    assert!(matches!(again, Error::NotFound), "{again:?}");
    let release = Command::Release { note: "Rendu public.".to_owned() };
    office.play(sheet.dossier.id, [(Person::Coordinator, release)]).await?;
    assert!(office.app.dossier(&clerk, sheet.dossier.id).await.fine()?.is_some(), "open to all again");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn only_those_named_are_told_of_a_due_date(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let id = reserved(&office, compartment).await?;
    office.set_clock("2026-11-23T09:00:00Z")?;
    let mut told = Vec::new();
    while let Some(message) = office.app.next_message("https://pli.example").await.fine()? {
        assert!(message.text.contains("SG-2026-A-000001"), "{}", message.text);
        told.push(message.name);
        office.app.message_done(message.id, pli_app::Outcome::Sent).await.fine()?;
    }
    told.sort();
    // The approver should act, the manager hears of what is very late: neither is named, so the cabinet's owner is told.
    let mut expected = [Person::Coordinator, Person::Correspondent].map(|person| person.name().to_owned());
    expected.sort();
    assert_eq!(told, expected, "{id}");
    Ok(())
}

async fn the_past_does_not_show_it_either(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let plain = office.register(letter(day("2026-08-10")?)).await?.dossier.id;
    office.play(plain, office.to_drafting()?).await?;
    reserved(&office, compartment).await?;
    assert!(office.app.take_snapshot().await.fine()?);
    for (person, length) in [(Person::Approver, 1), (Person::Manager, 1), (Person::Drafter, 2)] {
        let caller = office.caller(person).await?;
        let past = List { as_of: Some(office.today()), late: Some(Late::Any), ..List::default() };
        assert_eq!(office.walk(&caller, &past, 10).await?.len(), length, "{person:?}");
        let trend = office.app.trend(&caller, &List::default()).await.fine()?;
        let figures = trend.weeks.iter().map(|week| week.count(Figure::Open)).max();
        assert_eq!(figures, Some(u64::try_from(length)?), "{person:?}");
    }
    Ok(())
}

async fn administrators_keep_compartments_and_read_nothing_of_them(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let own = office.app.person_to_name(Person::Administrator.login(), "person").await.fine()?;
    let admit = CompartmentCommand::Admit { person: own };
    let refused = office.app.change_compartment(&administrator, office.key(), compartment, admit.clone());
    assert_eq!(refused.await.refused()?.code(), "OWN_ACCESS");
    let owner = office.caller(Person::Coordinator).await?;
    office.app.change_compartment(&owner, office.key(), compartment, admit).await.fine()?;
    let id = reserved(&office, compartment).await?;
    let administrator = office.caller(Person::Administrator).await?;
    assert_eq!(
        office.app.dossier(&administrator, id).await.fine()?,
        None,
        "a compartment opens nothing by itself"
    );
    let nobody = office.app.person_to_name("inconnu", "person").await.refused()?;
    assert_eq!((nobody.code(), nobody.field()), ("PERSON_UNKNOWN", Some("person")));
    let key = office.key();
    let manager = office.app.person_to_name(Person::Manager.login(), "owner").await.fine()?;
    let open =
        |name: &str| office.app.open_compartment(&administrator, key.clone(), name.to_owned(), manager);
    let graces = open("Grâces").await.fine()?;
    assert_eq!(open("Grâces").await.fine()?, graces, "once under its key");
    let taken = office.app.open_compartment(&administrator, office.key(), " GRACES ".to_owned(), manager);
    assert_eq!(taken.await.refused()?.code(), "COMPARTMENT_NAME_TAKEN");
    // Whoever is named elsewhere does not know of it.
    assert_eq!(office.app.compartment(&owner, graces.id).await.fine()?, None);
    let rename = CompartmentCommand::Rename { name: "Recours en grâce".to_owned() };
    let unknown = office.app.change_compartment(&owner, office.key(), graces.id, rename).await.failed()?;
    assert!(matches!(unknown, Error::NotFound), "{unknown:?}");
    let told = office.app.settings_journal(&administrator, None, 10).await.fine()?.items;
    let actions: Vec<_> = told.iter().map(|entry| entry.action).collect();
    let (admitted, opened) = (SettingsAction::AdmitPerson, SettingsAction::OpenCompartment);
    assert_eq!(actions, [opened, admitted, admitted, admitted, admitted, opened]);
    assert!(told[1].payload.contains(Person::Administrator.login()), "{}", told[1].payload);
    let auditor = office.caller(Person::Auditor).await?;
    let told = office.app.settings_journal(&auditor, None, 10).await.fine()?.items;
    assert_eq!(told, [], "an auditor does not learn which compartments there are");
    Ok(())
}

async fn what_is_reserved_is_in_no_batch(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = compartment(&office).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut ids = Vec::new();
    for number in 1..=2 {
        let received = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        ids.push(received.dossier.id);
    }
    office.play(ids[0], [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    for (one, other) in [(ids[0], ids[1]), (ids[1], ids[0])] {
        let refused =
            office.act(Person::Coordinator, one, Command::JoinBatch { with: other }).await?.refused()?;
        assert_eq!(refused.code(), "RESERVED_ALONE");
    }
    let other = office.act(Person::Deputy, ids[1], Command::JoinBatch { with: ids[0] }).await?.refused()?;
    assert_eq!(other.code(), "BATCH_UNKNOWN", "who is not named does not learn that it is there");
    office.play(ids[0], [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    Ok(())
}
