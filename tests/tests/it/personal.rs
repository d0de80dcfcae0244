//! A person's data: found by whoever answers them, given as a copy that the journal remembers, corrected without a fault.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use pli_app::{Disclosure, Error, Held};
use pli_domain::account::AccessEvent;
use pli_domain::actor::Role;
use pli_domain::dossier::{Action, Command, Event, NewMail};
use pli_domain::ids::DossierId;
use pli_domain::personal::PersonalRefusal;
use pli_domain::refusal::Refusal;
use pli_tests::samples::{deputy, draft, pdf, petition};
use pli_tests::{Engine, Fine as _, Office, Person};

use crate::eliminations::approved;

pli_tests::on_both!(
    a_person_is_found_wherever_they_are_named,
    what_is_reserved_or_of_others_is_found_by_its_people_only,
    a_copy_is_given_once_and_each_journal_says_so,
    a_copy_holds_answers_and_documents_and_no_draft,
    a_sender_is_corrected_and_the_old_words_are_gone,
    what_was_corrected_can_still_be_eliminated_and_proved,
    one_takes_a_copy_of_what_is_held_on_oneself,
);

fn from(sender: &str, subject: &str) -> NewMail {
    NewMail { sender: sender.to_owned(), ..petition(subject) }
}

async fn held(office: &Office, person: Person, typed: &str) -> Result<Held> {
    office.app.held_on(&office.caller(person).await?, typed, None, 50).await.fine()
}

/// The references of what is found, then of what is named elsewhere. All were received on one day: they stand in no order.
fn told(held: &Held) -> (Vec<&str>, Vec<&str>) {
    let found = held.dossiers.items.iter().map(|found| found.sheet.dossier.reference.as_str());
    let mentioned = held.mentions.iter().map(|one| one.sheet.dossier.reference.as_str());
    let (mut found, mut mentioned): (Vec<_>, Vec<_>) = (found.collect(), mentioned.collect());
    found.sort_unstable();
    mentioned.sort_unstable();
    (found, mentioned)
}

async fn a_person_is_found_wherever_they_are_named(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(from("Mme Élodie Cœurvrai, 12 rue des Lices, Albi", "Pension")).await?;
    office.register(from("M. le député", "Pour Élodie Cœurvrai, à Albi")).await?;
    let noted = office.register(from("Anonyme", "Nuisances")).await?.dossier.id;
    let note = "Vu avec ÉLODIE COEURVRAI, d’Albi, au téléphone.".to_owned();
    office.play(noted, [(Person::Clerk, Command::Cancel { note })]).await?;
    let drafted = office.register(from("Anonyme", "Bruit")).await?.dossier.id;
    office.play(drafted, office.to_drafting()?).await?;
    office
        .play(
            drafted,
            [
                (Person::Drafter, draft("Madame Coeurvrai (Albi), Élodie")),
                (Person::Drafter, draft("Madame,")),
            ],
        )
        .await?;
    office.register(from("M. Curvrai, Albi", "Autre")).await?;

    for typed in ["Élodie Cœurvrai", "Mme elodie COEURVRAI, Albi", "coeurvrai elodie albi"] {
        let held = held(&office, Person::Coordinator, typed).await?;
        let (found, mentioned) = told(&held);
        assert_eq!(found, ["SG-2026-A-000001", "SG-2026-A-000002"], "{typed}");
        assert_eq!(mentioned, ["SG-2026-A-000003", "SG-2026-A-000004"], "{typed}");
        assert!(held.mentions.iter().all(|one| one.passage.iter().any(|piece| piece.found)));
    }
    let street = held(&office, Person::Coordinator, "12 rue des Lices").await?;
    assert_eq!(told(&street).0, ["SG-2026-A-000001"]);
    for nothing in ["", "%", "…", "Zzyzx"] {
        let held = held(&office, Person::Coordinator, nothing).await?;
        assert_eq!(told(&held), (vec![], vec![]), "{nothing}");
        assert!(held.members.is_empty() && held.people.is_empty(), "{nothing}");
    }
    let member = deputy("PA1", "1970-01-01")?;
    let name = member.family_name.clone();
    office.app.import_members([Ok(member)].into_iter(), |_| {}).await.fine()?;
    assert_eq!(held(&office, Person::Coordinator, &name).await?.members.len(), 1);
    let agent = held(&office, Person::Coordinator, "Étienne Vauquelas").await?;
    assert_eq!(agent.people, ["Étienne Vauquelas"]);
    for (person, caller) in office.everybody().await? {
        let asked = office.app.held_on(&caller, "Élodie Cœurvrai", None, 50).await;
        let answers = matches!(person, Person::Coordinator | Person::Deputy);
        let only = Refusal::OnlyFor { role: Role::Coordinator };
        match asked {
            Ok(_) => assert!(answers, "{person:?}"),
            Err(Error::Refused(refusal)) => assert!(!answers && refusal == only, "{person:?}"),
            Err(error) => anyhow::bail!("{person:?}: {error:?}"),
        }
    }
    Ok(())
}

async fn what_is_reserved_or_of_others_is_found_by_its_people_only(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[]).await?;
    let reserved = office.register(from("Mme Cœurvrai", "Candidature")).await?.dossier.id;
    let note = "Mme Quastana a appelé.".to_owned();
    office.play(reserved, [(Person::Clerk, Command::Cancel { note })]).await?;
    let request = office.register(from("Mme Cœurvrai", "Accès à mes données")).await?.dossier.id;
    office.play(reserved, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    let named = held(&office, Person::Coordinator, "Coeurvrai").await?;
    assert_eq!(told(&named).0, ["SG-2026-A-000001", "SG-2026-A-000002"]);
    let other = held(&office, Person::Deputy, "Coeurvrai").await?;
    assert_eq!(told(&other).0, ["SG-2026-A-000002"]);
    assert_eq!(told(&held(&office, Person::Coordinator, "Quastana").await?).1, ["SG-2026-A-000001"]);
    assert_eq!(told(&held(&office, Person::Deputy, "Quastana").await?).1, [""; 0]);
    // Nor can they give it, nor say that it is the request.
    let deputy = office.caller(Person::Deputy).await?;
    let absent = DossierId(uuid::Uuid::nil());
    for hidden in [reserved, absent] {
        let given = office.app.disclose(&deputy, office.key(), Some(request), vec![hidden]).await;
        assert!(matches!(given, Err(Error::NotFound)));
        let asked = office.app.disclose(&deputy, office.key(), Some(hidden), vec![]).await;
        let unknown = Refusal::Personal(PersonalRefusal::RequestUnknown);
        assert!(matches!(asked, Err(Error::Refused(refusal)) if refusal == unknown));
    }
    // Giving it is reading it: its owner sees who did.
    let coordinator = office.caller(Person::Coordinator).await?;
    let before = office.app.readings(&coordinator, compartment, None, 10).await.fine()?.items.len();
    office.set_clock("2026-11-23T09:00:00Z")?;
    office.app.disclose(&coordinator, office.key(), Some(request), vec![reserved]).await.fine()?;
    let after = office.app.readings(&coordinator, compartment, None, 10).await.fine()?.items.len();
    assert_eq!(after, before + 1);
    Ok(())
}

/// The acts of a dossier, with their payload.
async fn acts(office: &Office, id: DossierId) -> Result<Vec<(String, String)>> {
    let auditor = office.caller(Person::Auditor).await?;
    let lines = office.app.journal(&auditor, id, 0, 100).await.fine()?.items;
    Ok(lines.into_iter().map(|line| (line.entry.action, line.entry.payload)).collect())
}

async fn a_copy_is_given_once_and_each_journal_says_so(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let one = office.register(from("Mme Cœurvrai", "Pension")).await?.dossier.id;
    let request = office.register(from("Mme Cœurvrai", "Accès à mes données")).await?.dossier.id;
    let coordinator = office.caller(Person::Coordinator).await?;
    let key = office.key();
    let give = |key| office.app.disclose(&coordinator, key, Some(request), vec![one]);
    let copy = give(key.clone()).await.fine()?;
    let again = give(key.clone()).await.fine()?;
    assert_eq!(copy.json(), again.json(), "the same key, the same copy");
    for id in [one, request] {
        let disclosed: Vec<_> =
            acts(&office, id).await?.into_iter().filter(|(action, _)| action == "disclose").collect();
        assert_eq!(disclosed.len(), 1, "once");
        let event: Event = serde_json::from_str(&disclosed[0].1)?;
        assert_eq!(event, Event::Disclosed { request });
    }
    let other = office.app.disclose(&coordinator, key, Some(request), vec![]).await;
    assert!(matches!(other, Err(Error::KeyReused)));
    let many = vec![one; 3].into_iter().chain((1..=120).map(|id| DossierId(uuid::Uuid::from_u128(id))));
    let refused = office.app.disclose(&coordinator, office.key(), Some(request), many.collect()).await;
    let too_many = Refusal::Personal(PersonalRefusal::TooManyAtOnce);
    assert!(matches!(refused, Err(Error::Refused(refusal)) if refusal == too_many));
    let clerk = office.caller(Person::Clerk).await?;
    assert!(office.app.disclose(&clerk, office.key(), Some(request), vec![one]).await.is_err());
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// What is in the file of a copy.
async fn files(office: &Office, copy: &Disclosure) -> Result<Vec<(String, Vec<u8>)>> {
    let file = office.app.disclosure_file(copy, b"table".to_vec()).await.fine()?;
    unzipped(file)
}

fn unzipped(file: std::fs::File) -> Result<Vec<(String, Vec<u8>)>> {
    let mut zip = zip::ZipArchive::new(file)?;
    let mut files = Vec::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.push((entry.name()?.into_owned(), content));
    }
    Ok(files)
}

async fn a_copy_holds_answers_and_documents_and_no_draft(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let answered = office.register(from("Mme Cœurvrai", "Pension")).await?.dossier.id;
    let scan = office.receive("lettre.pdf", &pdf("Pension")).await.fine()?;
    office.play(answered, [(Person::Clerk, scan.into())]).await?;
    office.play(answered, office.to_answer()?).await?;
    let written = office.register(from("Mme Cœurvrai", "Divorce")).await?.dossier.id;
    office.play(written, office.to_drafting()?).await?;
    office.play(written, [(Person::Drafter, draft("Texte qui n’est pas encore une réponse."))]).await?;
    let request = office.register(from("Mme Cœurvrai", "Accès à mes données")).await?.dossier.id;
    let coordinator = office.caller(Person::Coordinator).await?;
    let copy = office
        .app
        .disclose(&coordinator, office.key(), Some(request), vec![answered, written])
        .await
        .fine()?;
    let files = files(&office, &copy).await?;
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..2], ["donnees.json", "dossiers.csv"]);
    let document =
        names[2].strip_prefix("dossiers/SG-2026-A-000001/").and_then(|name| name.strip_suffix(".pdf"));
    assert!(document.is_some(), "{names:?}");
    assert_eq!((names.len(), names[3], files[2].1.clone()), (4, "SHA256SUMS", pdf("Pension")));
    let json: serde_json::Value = serde_json::from_slice(&files[0].1)?;
    assert_eq!(json["demande"], "SG-2026-A-000003");
    let dossiers = json["dossiers"].as_array().context("no dossiers")?;
    let references: Vec<_> = dossiers.iter().map(|one| one["reference"].clone()).collect();
    assert_eq!(references, ["SG-2026-A-000001", "SG-2026-A-000002", "SG-2026-A-000003"]);
    assert_eq!(dossiers[0]["fichier"], serde_json::Value::Null);
    assert_eq!(dossiers[0]["documents"][0]["fichier"], names[2]);
    assert!(dossiers[0]["reponse"].as_str().is_some_and(|text| !text.is_empty()), "{dossiers:?}");
    assert!(!json.to_string().contains("pas encore une réponse"));
    for person in Person::ALL {
        assert!(!json.to_string().contains(person.name()), "{person:?} is somebody else");
    }
    Ok(())
}

async fn a_sender_is_corrected_and_the_old_words_are_gone(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(from("Mme Couervrai, Castres", "Pension de Mme Couervrai")).await?.dossier.id;
    let correct = |sender: &str| Command::CorrectSender {
        sender: sender.to_owned(),
        subject: "Pension".to_owned(),
        note: "Rectification demandée.".to_owned(),
    };
    for person in [Person::Drafter, Person::Auditor, Person::Signatory] {
        assert!(office.act(person, id, correct("Mme X")).await?.is_err(), "{person:?}");
    }
    let clerk = office.caller(Person::Clerk).await?;
    let order = office.order(id, correct("Mme Cœurvrai, Albi"));
    let sheet = office.app.act(&clerk, order.clone()).await.fine()?;
    assert_eq!((sheet.sender.as_deref(), sheet.subject.as_str()), (Some("Mme Cœurvrai, Albi"), "Pension"));
    assert_eq!(office.app.act(&clerk, order).await.fine()?, sheet, "the same key, the same answer");
    let same = office.act(Person::Clerk, id, correct("Mme Cœurvrai, Albi")).await?;
    let unchanged = Refusal::Personal(PersonalRefusal::SenderUnchanged);
    assert!(matches!(same, Err(Error::Refused(refusal)) if refusal == unchanged));
    // Found by the new words, by none of the old ones, and suggested so.
    assert_eq!(told(&held(&office, Person::Coordinator, "Cœurvrai Albi").await?).0, ["SG-2026-A-000001"]);
    assert_eq!(told(&held(&office, Person::Coordinator, "Couervrai").await?), (vec![], vec![]));
    let senders = office.app.senders(&clerk, "Cœurvrai").await.fine()?;
    assert_eq!(senders.iter().map(|one| one.sender.as_str()).collect::<Vec<_>>(), ["Mme Cœurvrai, Albi"]);
    assert!(office.app.senders(&clerk, "Couervrai").await.fine()?.is_empty());
    let sql = office.database.sql().await?;
    for (table, column) in [
        ("mail", "sender"),
        ("dossier", "subject"),
        ("sender_form", "sender"),
        ("note", "words"),
        ("journal", "payload"),
    ] {
        let left = format!("SELECT count(*) FROM {table} WHERE {column} LIKE '%ouervrai%'");
        assert_eq!(sql.one::<i64>(&left).await?, 0, "{table}");
    }
    assert_eq!(office.faults().await?, [""; 0]);
    let package = office.app.proof_of("SG-2026-A-000001").await.fine()?.context("no proof")?;
    assert_eq!(package.check(None).faults, [""; 0], "the package holds the corrected words");
    // Somebody who owns the database writes the old name back.
    sql.run("UPDATE mail SET sender = 'Mme Couervrai, Castres'").await?;
    assert!(!office.faults().await?.is_empty());
    Ok(())
}

async fn what_was_corrected_can_still_be_eliminated_and_proved(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(from("Mme Couervrai", "Pension")).await?.dossier.id;
    let note = || "Erreur.".to_owned();
    office.play(id, [(Person::Clerk, Command::Cancel { note: note() })]).await?;
    let correct = Command::CorrectSender {
        sender: "Mme Cœurvrai".to_owned(),
        subject: "Pension".to_owned(),
        note: note(),
    };
    assert!(office.act(Person::Clerk, id, correct.clone()).await?.is_err(), "closed: the coordinator's");
    office.play(id, [(Person::Coordinator, correct.clone())]).await?;
    office.set_clock("2027-03-01T11:00:00Z")?;
    approved(&office, pli_domain::retention::Class::Void).await?;
    assert_eq!(office.app.let_go().await.fine()?, 1);
    assert_eq!(office.faults().await?, [""; 0]);
    let package = office.app.proof_of("SG-2026-A-000001").await.fine()?.context("no proof")?;
    assert_eq!(package.check(None).faults, [""; 0]);
    assert_eq!(told(&held(&office, Person::Coordinator, "Cœurvrai").await?), (vec![], vec![]), "gone");
    for command in [correct, Command::Disclose { request: id }] {
        let refused = office.act(Person::Coordinator, id, command).await?;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Retention(_)))), "nothing more happens to it");
    }
    Ok(())
}

async fn one_takes_a_copy_of_what_is_held_on_oneself(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let id = office.register(from("Mme Cœurvrai", "Pension")).await?.dossier.id;
    let note = "Mots à moi.".to_owned();
    office.play(id, [(Person::Clerk, Command::Cancel { note })]).await?;
    office.play(id, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    let by_token = office.caller(Person::Clerk).await?;
    assert!(office.app.own_data(&by_token, office.key()).await.is_err(), "a token takes no copy");
    let opened = office.come_in(Person::Clerk.login(), pli_tests::PASSWORD).await?.context("not let in")?;
    let caller = office.app.by_session(opened.session.reveal(), false).await.fine()?.context("no session")?;
    office.app.dossier(&caller, id).await.fine()?.context("not seen")?;
    let key = office.key();
    let data = office.app.own_data(&caller, key.clone()).await.fine()?;
    let again = office.app.own_data(&caller, key).await.fine()?;
    let exported = again.accesses.iter().filter(|entry| entry.event == AccessEvent::DataExported).count();
    assert_eq!(exported, 1, "told once in the journal of accesses");
    let json: serde_json::Value = serde_json::from_str(&data.json())?;
    let account = &json["compte"];
    assert_eq!(account["identifiant"], Person::Clerk.login());
    assert_eq!(account["courriel"], Person::Clerk.email());
    assert_eq!(account["compartiments"][0], "Nominations");
    assert_eq!(account["dossiers_reserves_ouverts"][0]["dossier"], "SG-2026-A-000001");
    assert_eq!(account["sessions"].as_array().map(Vec::len), Some(1));
    let done: Vec<_> = data.acts.iter().map(|act| (act.what, act.words.as_deref())).collect();
    assert_eq!(done, [(Action::Cancel.told(), Some("Mots à moi.")), (Action::Register.told(), None)]);
    for person in Person::ALL.into_iter().filter(|person| *person != Person::Clerk) {
        assert!(!data.json().contains(person.name()), "{person:?}");
    }
    assert!(!data.json().contains("$argon2") && !data.json().contains(opened.session.reveal()));
    Ok(())
}
