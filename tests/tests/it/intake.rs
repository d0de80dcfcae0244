//! A letter is registered quickly, and once: senders are suggested, and what may have come before is told to both clerks
//! before it takes a chrono.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use pli_app::{Caller, Document, Error, Intake, List, Sheet, What};
use pli_domain::actor::Who;
use pli_domain::dossier::{Command, NewMail};
use pli_domain::duplicate::{Letter, Sign};
use pli_domain::ids::DossierId;
use pli_domain::refusal::Refusal;
use pli_tests::samples::{day, letter, pdf, petition, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::task::JoinSet;

pli_tests::on_both!(
    senders_are_suggested_by_any_word_of_their_name,
    senders_of_what_may_not_be_read_are_not_suggested,
    what_may_have_come_before_is_found_and_refused_until_it_is_looked_at,
    the_same_scan_is_found_whatever_is_said_of_it,
    what_may_not_be_read_is_compared_with_nothing,
    of_two_clerks_with_the_same_letter_both_are_told_and_no_chrono_is_burnt,
    a_letter_that_is_void_is_no_longer_a_double,
    a_letter_older_than_the_forms_is_found_at_the_next_start,
);

fn from(sender: &str, subject: &str) -> NewMail {
    NewMail { sender: sender.to_owned(), ..petition(subject) }
}

async fn suggested(office: &Office, caller: &Caller, typed: &str) -> Result<Vec<(String, u64)>> {
    let found = office.app.senders(caller, typed).await.fine()?;
    Ok(found.into_iter().map(|one| (one.sender, one.letters)).collect())
}

async fn senders_are_suggested_by_any_word_of_their_name(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for (sender, subject) in [
        ("Mme Élise Garonne, Saint-Béat", "Aide juridictionnelle"),
        ("Mme Élise Garonne, Saint-Béat", "Casier judiciaire"),
        ("Mairie de Saint-Ferréol", "Locaux"),
        ("M. Élie Garrigue", "Divorce"),
    ] {
        office.register(from(sender, subject)).await?;
    }
    let garonne = || ("Mme Élise Garonne, Saint-Béat".to_owned(), 2);
    for typed in ["garo", "Mme GARO", "Élise", "elise g", "Garonne É", "Mme Élise Garonne, Saint"] {
        assert_eq!(suggested(&office, &clerk, typed).await?, [garonne()], "{typed}");
    }
    assert_eq!(suggested(&office, &clerk, "gar").await?, [garonne(), ("M. Élie Garrigue".to_owned(), 1)]);
    assert_eq!(suggested(&office, &clerk, "Saint-F").await?, [("Mairie de Saint-Ferréol".to_owned(), 1)]);
    for typed in ["", "g", "Mme ", "garonnes", "%", "_aronne", "'"] {
        assert_eq!(suggested(&office, &clerk, typed).await?, [], "{typed}");
    }
    // Whatever is typed in the field can be kept, and is no longer than can be suggested.
    let long = "Anticonstitutionnellement ".repeat(400);
    let sheet = office.register(from(&long, "Long")).await?;
    assert_eq!(suggested(&office, &clerk, "anticonst").await?, []);
    assert_eq!(alike(&office, &clerk, &long, "Long").await?, [sheet.dossier.id]);
    Ok(())
}

async fn senders_of_what_may_not_be_read_are_not_suggested(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let dacs = office.register(from("Mme Élise Garonne", "Divorce")).await?.dossier.id;
    office.register(from("Mme Élise Garance", "Parloir")).await?;
    office.play(dacs, [(Person::Clerk, route(office.unit("DACS")?))]).await?;
    for (person, caller) in office.everybody().await? {
        let found = suggested(&office, &caller, "gar").await?;
        let mut seen = office.walk(&caller, &List::default(), 10).await?.len();
        if person == Person::Correspondent {
            assert_eq!(found, [("Mme Élise Garonne".to_owned(), 1)]);
            seen = 1;
        }
        assert_eq!(found.len(), seen, "{person:?}");
    }
    Ok(())
}

/// The dossiers that a letter may be.
async fn alike(office: &Office, caller: &Caller, sender: &str, subject: &str) -> Result<Vec<DossierId>> {
    let letter = Letter { sender: sender.to_owned(), subject: subject.to_owned(), ..Letter::default() };
    let found = office.app.probable_duplicates(caller, &letter).await.fine()?;
    Ok(found.into_iter().map(|one| one.known.id).collect())
}

/// The clerk registers a letter, having looked at these.
async fn register(office: &Office, mail: NewMail, apart: &[DossierId]) -> Result<Result<Sheet, Refusal>> {
    let clerk = office.caller(Person::Clerk).await?;
    let intake = Intake { apart: Some(apart.iter().copied().collect()), ..Intake::from(mail) };
    match office.app.register_mail(&clerk, office.key(), intake).await {
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        done => done.fine().map(Ok),
    }
}

async fn what_may_have_come_before_is_found_and_refused_until_it_is_looked_at(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let first =
        register(&office, from("Mme Élise Garonne, Saint-Béat", "Délai d’aide juridictionnelle"), &[])
            .await?
            .map_err(Error::from)
            .fine()?;
    let again = || from("GARONNE Elise", "Aide juridictionnelle : délais");
    assert_eq!(register(&office, again(), &[]).await?, Err(Refusal::ProbableDuplicate));
    let typed = Letter {
        sender: again().sender,
        subject: again().subject,
        received_on: Some(day("2026-11-20")?),
        ..Letter::default()
    };
    let found = office.app.probable_duplicates(&clerk, &typed).await.fine()?;
    let found = found.first().context("nothing was found")?;
    assert_eq!(
        (found.known.id, found.known.at, found.known.by),
        (first.dossier.id, first.created_at, clerk.actor.who)
    );
    assert_eq!(found.signs, [Sign::SameSender, Sign::NearSubject]);

    // The refusal took no chrono, and is told where whoever registered the first will see it.
    let second = register(&office, again(), &[first.dossier.id]).await?.map_err(Error::from).fine()?;
    assert_eq!(second.dossier.reference, "SG-2026-A-000002");
    let lines = office.app.journal(&clerk, first.dossier.id, 0, 100).await.fine()?.items;
    let told: Vec<_> = lines.iter().map(|line| (line.entry.action.as_str(), line.entry.accepted)).collect();
    assert_eq!(told, [("register", true), ("register", false)]);
    let of = |id: DossierId| [id];
    for (one, other) in [(&first, &second), (&second, &first)] {
        let found = office.app.look_alikes(&clerk, one).await.fine()?;
        let ids: Vec<_> = found.iter().map(|one| one.known.id).collect();
        assert_eq!(ids, of(other.dossier.id), "each page leads to the other");
    }

    // One more has come since the clerk looked: they look again. Another subject, date, time or sender is another letter.
    assert_eq!(register(&office, again(), &[first.dossier.id]).await?, Err(Refusal::ProbableDuplicate));
    register(&office, NewMail { document_on: day("2026-11-10")?, ..from("Elise Garonne", "Casier") }, &[])
        .await?
        .map_err(Error::from)
        .fine()?;
    let before = day("2026-09-01")?;
    register(&office, NewMail { document_on: before, received_on: before, ..again() }, &[])
        .await?
        .map_err(Error::from)
        .fine()?;
    register(&office, from("Mme Élise Garance", "Délai d’aide juridictionnelle"), &[])
        .await?
        .map_err(Error::from)
        .fine()?;
    // Who compares nothing is refused nothing.
    office.register(again()).await?;
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn the_same_scan_is_found_whatever_is_said_of_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
    let intake = |mail, scan: &Document| Intake {
        scan: Some(scan.clone()),
        apart: Some(BTreeSet::new()),
        ..Intake::from(mail)
    };
    let first =
        office.app.register_mail(&clerk, office.key(), intake(petition("Divorce"), &scan)).await.fine()?;
    let again = letter(day("2026-03-01")?);
    let refusal =
        office.app.register_mail(&clerk, office.key(), intake(again.clone(), &scan)).await.refused()?;
    assert_eq!(refusal, Refusal::ProbableDuplicate);
    let typed = Letter { files: [scan.attachment.file.clone()].into(), ..Letter::default() };
    let found = office.app.probable_duplicates(&clerk, &typed).await.fine()?;
    assert_eq!(found.iter().map(|one| one.known.id).collect::<Vec<_>>(), [first.dossier.id]);
    assert_eq!(found[0].signs, [Sign::SameDocument]);
    let other = office.receive("lettre.pdf", &pdf("Monsieur")).await.fine()?;
    office.app.register_mail(&clerk, office.key(), intake(again, &other)).await.fine()?;
    Ok(())
}

async fn what_may_not_be_read_is_compared_with_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
    let id = office.register(petition("Divorce")).await?.dossier.id;
    office
        .play(id, [(Person::Clerk, scan.clone().into()), (Person::Clerk, route(office.unit("DACS")?))])
        .await?;
    let mail = petition("Divorce");
    let same = Letter {
        sender: mail.sender,
        subject: mail.subject,
        document_on: Some(mail.document_on),
        received_on: Some(mail.received_on),
        files: [scan.attachment.file].into(),
    };
    for (person, caller) in office.everybody().await? {
        let may = office.app.dossier(&caller, id).await.fine()?.is_some();
        let found = office.app.probable_duplicates(&caller, &same).await.fine()?;
        assert_eq!(found.len(), usize::from(may), "{person:?}");
    }
    Ok(())
}

async fn of_two_clerks_with_the_same_letter_both_are_told_and_no_chrono_is_burnt(
    engine: Engine,
) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerks = [office.caller(Person::Clerk).await?, office.caller(Person::Deputy).await?];
    for (round, name) in (1..).zip(NAMES) {
        let mail = from(name, "Divorce");
        let mut tasks = JoinSet::new();
        for caller in clerks.clone() {
            let (app, key, mail) = (office.app.clone(), office.key(), mail.clone());
            tasks.spawn(async move {
                let intake = Intake { apart: Some(BTreeSet::new()), ..Intake::from(mail) };
                (caller.actor.who, app.register_mail(&caller, key, intake).await)
            });
        }
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for (who, outcome) in tasks.join_all().await {
            match outcome {
                Ok(sheet) => done.push((who, sheet)),
                other => refused.push((who, other.refused()?)),
            }
        }
        let (Ok([(first, sheet)]), Ok([(second, refusal)])) =
            (<[_; 1]>::try_from(done), <[_; 1]>::try_from(refused))
        else {
            anyhow::bail!("one of the two registers it, in round {round}")
        };
        assert_eq!(refusal, Refusal::ProbableDuplicate);
        assert_eq!(sheet.dossier.reference, format!("SG-2026-A-{round:06}"), "no chrono is burnt");
        told_to_both(&office, &clerks, &sheet, (first, second)).await?;
    }
    let day = office.app.day(&clerks[0]).await.fine()?;
    let tile = day.iter().find(|tile| tile.what == What::Presented).context("no figure")?;
    assert_eq!(tile.count, 10);
    assert_eq!(office.walk(&clerks[0], &tile.list, 4).await?.len(), 10);
    office.set_clock("2026-11-30T09:00:00Z")?;
    let day = office.app.day(&clerks[0]).await.fine()?;
    assert!(
        day.iter().all(|tile| tile.what != What::Presented || tile.count == 0),
        "it is not told for ever"
    );
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

const NAMES: [&str; 10] = [
    "M. Aubin",
    "M. Barthe",
    "M. Cazal",
    "M. Delmas",
    "M. Espinasse",
    "M. Fabre",
    "M. Galy",
    "M. Hébrard",
    "M. Izard",
    "M. Jalabert",
];

/// The second finds the first's letter; the first's letter tells of the second.
async fn told_to_both(
    office: &Office,
    clerks: &[Caller; 2],
    sheet: &Sheet,
    (first, second): (Who, Who),
) -> Result<()> {
    let caller = clerks.iter().find(|caller| caller.actor.who == second).context("nobody")?;
    let sender = sheet.sender.clone().unwrap_or_default();
    let typed = Letter { sender, subject: "Divorce".to_owned(), ..Letter::default() };
    let found = office.app.probable_duplicates(caller, &typed).await.fine()?;
    let found: Vec<_> = found.iter().map(|one| (one.known.id, one.known.by)).collect();
    assert_eq!(found, [(sheet.dossier.id, first)]);
    let caller = clerks.iter().find(|caller| caller.actor.who == first).context("nobody")?;
    let lines = office.app.journal(caller, sheet.dossier.id, 0, 10).await.fine()?.items;
    let told: Vec<_> = lines.iter().map(|line| (line.entry.who, line.entry.accepted)).collect();
    assert_eq!(told, [(first, true), (second, false)]);
    Ok(())
}

async fn a_letter_that_is_void_is_no_longer_a_double(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = register(&office, petition("Divorce"), &[]).await?.map_err(Error::from).fine()?;
    let cancel = Command::Cancel { note: "Saisie par erreur.".to_owned() };
    office.play(first.dossier.id, [(Person::Clerk, cancel)]).await?;
    let second = register(&office, petition("Divorce"), &[]).await?.map_err(Error::from).fine()?;
    assert_eq!(second.dossier.reference, "SG-2026-A-000002");
    Ok(())
}

async fn a_letter_older_than_the_forms_is_found_at_the_next_start(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for number in 0..3 {
        office.register(from("Mme Élise Garonne", &format!("Objet {number}"))).await?;
    }
    let sql = office.database.sql().await?;
    sql.run("DELETE FROM sender_form").await?;
    sql.run("UPDATE mail SET sender_named = FALSE").await?;
    assert_eq!(suggested(&office, &clerk, "garonne").await?, []);
    office.database.store.migrate().await?;
    assert_eq!(suggested(&office, &clerk, "garonne").await?, [("Mme Élise Garonne".to_owned(), 3)]);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM mail WHERE NOT sender_named").await?, 0);
    Ok(())
}
