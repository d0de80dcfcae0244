//! The lists by which closed dossiers are let go: two people approve, Pli carries out, and what is left proves the act.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use pli_app::{EliminationDetail, Error, ItemOutcome, List};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Command, Event};
use pli_domain::elimination::{Disposition, Elimination, ListCommand, ListState};
use pli_domain::ids::{DossierId, EliminationId};
use pli_domain::proof::Package;
use pli_domain::refusal::Refusal;
use pli_domain::retention::{
    Class, ELIMINATED_SENDER, ELIMINATED_SUBJECT, Fate, NewRetention, RetentionRefusal,
};
use pli_domain::settings::SubjectKind;
use pli_tests::samples::{pdf, petition};
use pli_tests::{Engine, Fine as _, Office, Person};

use crate::retention::cancelled;

pli_tests::on_both!(
    two_people_let_a_list_go_and_what_is_left_proves_it,
    what_changed_meanwhile_is_left_as_it_is,
    what_goes_to_the_archives_stays_until_they_have_it,
    a_list_of_what_is_reserved_is_known_to_its_people_only,
    a_list_that_was_altered_is_not_carried_out,
    words_that_vanish_without_an_elimination_are_found,
);

const LATER: &str = "2032-03-01T11:00:00Z";

/// A letter with a document, a draft and notes, answered and over.
async fn answered(office: &Office, subject: &str) -> Result<(DossierId, Attachment)> {
    let id = office.register(petition(subject)).await?.dossier.id;
    let scan = office.receive("lettre.pdf", &pdf(subject)).await.fine()?;
    office.play(id, [(Person::Clerk, scan.clone().into())]).await?;
    office.play(id, office.to_answer()?).await?;
    Ok((id, scan.attachment))
}

async fn propose(office: &Office, class: Class) -> Result<Elimination> {
    let coordinator = office.caller(Person::Coordinator).await?;
    office.app.propose_elimination(&coordinator, office.key(), class, None).await.fine()
}

async fn ask(
    office: &Office,
    person: Person,
    id: EliminationId,
    command: ListCommand,
) -> Result<Result<Elimination, Error>> {
    let caller = office.caller(person).await?;
    Ok(office.app.change_elimination(&caller, office.key(), id, command).await)
}

fn approve() -> ListCommand {
    ListCommand::Approve { visa: "Visa 2032-14".to_owned() }
}

pub(crate) async fn approved(office: &Office, class: Class) -> Result<EliminationId> {
    let list = propose(office, class).await?;
    ask(office, Person::Coordinator, list.id, ListCommand::Review).await?.fine()?;
    ask(office, Person::Deputy, list.id, approve()).await?.fine()?;
    Ok(list.id)
}

async fn detail(office: &Office, id: EliminationId) -> Result<EliminationDetail> {
    let auditor = office.caller(Person::Auditor).await?;
    office.app.elimination(&auditor, id).await.fine()?.context("no list")
}

async fn two_people_let_a_list_go_and_what_is_left_proves_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (gone, scan) = answered(&office, "Zirconium secret").await?;
    office.set_clock("2027-01-10T11:00:00Z")?;
    let (kept, _) = answered(&office, "Zirconium gardé").await?;
    let shared = office.receive("lettre.pdf", &pdf("Zirconium secret")).await.fine()?;
    let other = office.register(petition("Autre")).await?.dossier.id;
    office.play(other, [(Person::Clerk, shared.into())]).await?;
    office.set_clock("2032-02-22T11:00:00Z")?;
    let source = "Tableau 2032".to_owned();
    let new = NewRetention { seen: 1, months: 63, fate: Fate::Destroy, source };
    let administrator = office.caller(Person::Administrator).await?;
    office.app.change_retention(&administrator, office.key(), Class::Petition, new).await.fine()?;

    let list = propose(&office, Class::Petition).await?;
    assert_eq!((list.number, list.state), (1, ListState::Proposed));
    let coordinator = office.caller(Person::Coordinator).await?;
    let again = office.app.propose_elimination(&coordinator, office.key(), Class::Petition, None).await;
    let nothing = Refusal::Retention(RetentionRefusal::NothingDue);
    assert!(matches!(again, Err(Error::Refused(refusal)) if refusal == nothing), "on one list only");
    let second = Refusal::Retention(RetentionRefusal::SecondPerson);
    ask(&office, Person::Coordinator, list.id, ListCommand::Review).await?.fine()?;
    let alone = ask(&office, Person::Coordinator, list.id, approve()).await?;
    assert!(matches!(alone, Err(Error::Refused(refusal)) if refusal == second));
    assert_eq!(office.app.let_go().await.fine()?, 0, "not before the second approval");
    ask(&office, Person::Deputy, list.id, approve()).await?.fine()?;
    assert_eq!(office.app.let_go().await.fine()?, 1);
    assert_eq!(office.app.let_go().await.fine()?, 0, "once");

    let EliminationDetail { list, items } = detail(&office, list.id).await?;
    assert_eq!((list.state, list.visa.as_deref()), (ListState::Done, Some("Visa 2032-14")));
    let sheet = &items[0].sheet;
    assert_eq!((items.len(), sheet.dossier.id, items[0].outcome), (1, gone, Some(ItemOutcome::Done)));
    assert_eq!(sheet.subject, ELIMINATED_SUBJECT);
    assert_eq!(sheet.sender.as_deref(), Some(ELIMINATED_SENDER));
    let sql = office.database.sql().await?;
    for table in ["note", "draft", "sender_form", "draft_look", "discrepancy", "known_match"] {
        let left = format!(
            "SELECT count(*) FROM {table} JOIN dossier ON dossier.id = {table}.dossier_id \
             WHERE dossier.eliminated_on IS NOT NULL"
        );
        assert_eq!(sql.one::<i64>(&left).await?, 0, "{table}");
    }
    // The document is another dossier's too: it stays, and goes with the last that has it.
    assert!(office.app.received(&scan.file).await.fine()?.is_some());
    // Nobody finds its words any more; its reference is found, and it is counted.
    let search = List { open: Some(false), words: Some("zirconium".to_owned()), ..List::default() };
    let found = office.walk(&coordinator, &search, 10).await?;
    assert_eq!(found.iter().map(|sheet| sheet.dossier.id).collect::<Vec<_>>(), [kept]);
    let closed = List { open: Some(false), ..List::default() };
    assert_eq!(office.walk(&coordinator, &closed, 10).await?.len(), 2, "the figures stay");
    // The journal proves what was done, and by whom.
    let journal = office.app.journal(&coordinator, gone, 0, 100).await.fine()?.items;
    assert!(journal.len() > 5 && journal.iter().all(|line| line.note.is_none()));
    let ending = journal.last().context("no entry")?;
    let event: Event = serde_json::from_str(&ending.entry.payload)?;
    let by = |person| office.caller(person);
    let first = by(Person::Coordinator).await?.actor.user().context("nobody")?;
    let then = by(Person::Deputy).await?.actor.user().context("nobody")?;
    assert!(matches!(event, Event::Eliminated { approved_by, .. } if approved_by == [first, then]));
    assert_eq!(office.faults().await?, [""; 0]);
    let proof = office.app.proof(&coordinator, gone).await.fine()?.context("no proof")?;
    let package: Package = serde_json::from_str(&proof.package.json())?;
    let checked = package.check(None);
    assert!(checked.faults.is_empty() && proof.faults.is_empty(), "{checked:?}");
    assert!(checked.unsaid.iter().any(|unsaid| unsaid.contains("éliminé le 22/02/2032")), "{checked:?}");
    let reopened = office.act(Person::Coordinator, gone, Command::Reopen { note: "Non.".to_owned() }).await?;
    let eliminated = Refusal::Retention(RetentionRefusal::Eliminated);
    assert!(matches!(reopened, Err(Error::Refused(refusal)) if refusal == eliminated));
    Ok(())
}

async fn what_changed_meanwhile_is_left_as_it_is(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Deputy]).await?;
    let [frozen, reopened, reserved, aside, gone] = [
        cancelled(&office, "Gelée").await?,
        cancelled(&office, "Rouverte").await?,
        cancelled(&office, "Réservée").await?,
        cancelled(&office, "Retirée").await?,
        cancelled(&office, "Éliminée").await?,
    ];
    office.set_clock("2027-03-01T11:00:00Z")?;
    let list = propose(&office, Class::Void).await?;
    let set_aside = ListCommand::SetAside { dossier: aside };
    ask(&office, Person::Coordinator, list.id, set_aside).await?.fine()?;
    ask(&office, Person::Coordinator, list.id, ListCommand::Review).await?.fine()?;
    ask(&office, Person::Deputy, list.id, approve()).await?.fine()?;
    let note = || "Contentieux.".to_owned();
    office.play(frozen, [(Person::Coordinator, Command::Freeze { note: note() })]).await?;
    office.play(reopened, [(Person::Coordinator, Command::Reopen { note: note() })]).await?;
    office.play(reserved, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    assert_eq!(office.app.let_go().await.fine()?, 1);
    let EliminationDetail { list, items } = detail(&office, list.id).await?;
    assert_eq!(list.state, ListState::Done);
    let outcome = |id| items.iter().find(|item| item.sheet.dossier.id == id).map(|item| item.outcome);
    assert_eq!(outcome(gone), Some(Some(ItemOutcome::Done)));
    assert_eq!(outcome(frozen), Some(Some(ItemOutcome::Left)));
    assert_eq!(outcome(reopened), Some(Some(ItemOutcome::Left)));
    assert_eq!((outcome(reserved), outcome(aside)), (None, None), "not told to the auditor; not on it");
    assert_eq!(office.faults().await?, [""; 0]);
    let next = propose(&office, Class::Void).await?;
    let left = detail(&office, next.id).await?.items;
    assert_eq!(left.iter().map(|item| item.sheet.dossier.id).collect::<Vec<_>>(), [aside]);
    ask(&office, Person::Deputy, next.id, ListCommand::Abandon).await?.fine()?;
    assert_eq!(propose(&office, Class::Void).await?.number, 3, "what was given up is due again");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_goes_to_the_archives_stays_until_they_have_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (kept, scan) = answered(&office, "À verser").await?;
    let (gone, _) = answered(&office, "À éliminer").await?;
    office.set_clock(LATER)?;
    let list = propose(&office, Class::Petition).await?;
    for (dossier, disposition) in [(kept, Disposition::Transfer), (gone, Disposition::Destroy)] {
        let dispose = ListCommand::Dispose { dossier, disposition };
        ask(&office, Person::Coordinator, list.id, dispose).await?.fine()?;
    }
    let coordinator = office.caller(Person::Coordinator).await?;
    assert!(office.app.archive_package(&coordinator, list.id).await.fine()?.is_none(), "not approved");
    ask(&office, Person::Coordinator, list.id, ListCommand::Review).await?.fine()?;
    ask(&office, Person::Deputy, list.id, approve()).await?.fine()?;
    assert_eq!(office.app.let_go().await.fine()?, 1);
    assert_eq!(detail(&office, list.id).await?.list.state, ListState::Approved);

    let file = office.app.archive_package(&coordinator, list.id).await.fine()?.context("no package")?;
    let mut zip = zip::ZipArchive::new(file)?;
    let mut read = |name: &str| -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        zip.by_name(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let slip: serde_json::Value = serde_json::from_slice(&read("bordereau.json")?)?;
    assert_eq!(slip["dossiers"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (slip["visa"].as_str(), slip["dossiers"][0]["objet"].as_str()),
        (Some("Visa 2032-14"), Some("À verser"))
    );
    let folder = slip["dossiers"][0]["dossier"].as_str().context("no folder")?.to_owned();
    let package: Package = serde_json::from_slice(&read(&format!("{folder}/preuve.json"))?)?;
    assert!(package.check(None).faults.is_empty() && package.dossier == kept);
    let document = format!("{folder}/documents/{}.pdf", scan.file);
    assert_eq!(read(&document)?, pdf("À verser"));
    let sums = String::from_utf8(read("SHA256SUMS")?)?;
    assert!(sums.contains(&format!("{}  {document}\n", scan.file)), "{sums}");
    assert_eq!(sums.lines().count(), 3);

    let receive = ListCommand::Receive { receipt: "Versement 2032-7".to_owned() };
    ask(&office, Person::Coordinator, list.id, receive).await?.fine()?;
    assert_eq!(office.app.let_go().await.fine()?, 1);
    let EliminationDetail { list, items } = detail(&office, list.id).await?;
    assert_eq!(list.state, ListState::Done);
    assert!(items.iter().all(|item| item.sheet.subject == ELIMINATED_SUBJECT));
    assert!(office.app.archive_package(&coordinator, list.id).await.fine()?.is_none(), "nothing is left");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_list_of_what_is_reserved_is_known_to_its_people_only(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[]).await?;
    let id = cancelled(&office, "Réservée").await?;
    office.play(id, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    office.set_clock("2027-03-01T11:00:00Z")?;
    let of = Some(compartment);
    let deputy = office.caller(Person::Deputy).await?;
    let outside = office.app.propose_elimination(&deputy, office.key(), Class::Void, of).await;
    let nothing = Refusal::Retention(RetentionRefusal::NothingDue);
    assert!(matches!(outside, Err(Error::Refused(refusal)) if refusal == nothing), "as if it were not there");
    let coordinator = office.caller(Person::Coordinator).await?;
    let list = office.app.propose_elimination(&coordinator, office.key(), Class::Void, of).await.fine()?;
    for person in [Person::Deputy, Person::Auditor] {
        let caller = office.caller(person).await?;
        assert!(office.app.elimination(&caller, list.id).await.fine()?.is_none(), "{person:?}");
        assert!(office.app.eliminations(&caller, None, 10).await.fine()?.items.is_empty(), "{person:?}");
    }
    let review = ask(&office, Person::Deputy, list.id, ListCommand::Review).await?;
    assert!(matches!(review, Err(Error::NotFound)));
    for person in [Person::Administrator, Person::Auditor] {
        let caller = office.caller(person).await?;
        let told = office.app.settings_journal(&caller, None, 100).await.fine()?.items;
        let hidden = [SubjectKind::Elimination, SubjectKind::ReservedElimination];
        assert!(told.iter().all(|line| !hidden.contains(&line.subject.kind)), "{person:?}");
    }
    let admit = pli_domain::compartment::CompartmentCommand::Admit {
        person: office.app.person_to_name(Person::Deputy.login(), "person").await.fine()?,
    };
    let administrator = office.caller(Person::Administrator).await?;
    office.app.change_compartment(&administrator, office.key(), compartment, admit).await.fine()?;
    ask(&office, Person::Coordinator, list.id, ListCommand::Review).await?.fine()?;
    ask(&office, Person::Deputy, list.id, approve()).await?.fine()?;
    assert_eq!(office.app.let_go().await.fine()?, 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_list_that_was_altered_is_not_carried_out(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    cancelled(&office, "Erreur").await?;
    let target = office.register(petition("À faire disparaître")).await?.dossier.id;
    office.set_clock("2027-03-01T11:00:00Z")?;
    let list = approved(&office, Class::Void).await?;
    let other = office.app.dossier(&office.caller(Person::Clerk).await?, target).await.fine()?;
    office.play(target, [(Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() })]).await?;
    let sql = office.database.sql().await?;
    let add = "INSERT INTO elimination_item (list_id, dossier_id, disposition, closed_on, outcome) \
               SELECT list_id, (SELECT id FROM dossier WHERE subject = 'À faire disparaître'), disposition, \
               closed_on, outcome FROM elimination_item";
    assert_eq!(sql.run(add).await?, 1);
    assert!(other.is_some());
    assert_eq!(office.app.let_go().await.fine()?, 0);
    assert_eq!(detail(&office, list).await?.list.state, ListState::Approved, "it waits");
    let faults = office.faults().await?;
    assert!(faults.iter().any(|fault| fault.contains("n’est plus ce qui a été approuvé")), "{faults:?}");
    Ok(())
}

async fn words_that_vanish_without_an_elimination_are_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (id, scan) = answered(&office, "Gênante").await?;
    assert_eq!(office.faults().await?, [""; 0]);
    let sql = office.database.sql().await?;
    sql.lift_the_guards().await?;
    for table in ["note", "draft"] {
        sql.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await?;
        assert!(sql.run(&format!("DELETE FROM {table}")).await? > 0);
        assert!(!office.faults().await?.is_empty(), "{table}");
        sql.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await?;
        assert_eq!(office.faults().await?, [""; 0]);
    }
    let subject = |words: &str| format!("UPDATE dossier SET subject = '{words}'");
    sql.run(&subject(ELIMINATED_SUBJECT)).await?;
    assert!(!office.faults().await?.is_empty(), "the words of another elimination");
    sql.run(&subject("Gênante")).await?;
    sql.run("UPDATE dossier SET eliminated_on = '2026-11-22'").await?;
    assert!(!office.faults().await?.is_empty(), "said to be eliminated");
    sql.run("UPDATE dossier SET eliminated_on = NULL").await?;
    assert_eq!(office.faults().await?, [""; 0]);
    let first = &scan.file.as_str()[..2];
    std::fs::remove_file(office.files.path().join(first).join(scan.file.as_str()))?;
    assert!(
        office.faults().await?.iter().any(|fault| fault.contains("manque")),
        "{id} {}",
        Digest::of(["x"])
    );
    Ok(())
}
