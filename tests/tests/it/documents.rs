//! Documents: stored once, outside the database, attached by an act like others, seen by those who see the dossier.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use pli_app::{Attached, Caller, Error, Intake, List, Sheet};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Command, LARGEST, Media};
use pli_domain::ids::DossierId;
use pli_tests::samples::{pdf, petition, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::io::AsyncReadExt as _;

pli_tests::on_both!(
    the_same_document_is_stored_once,
    what_is_no_document_is_refused_and_leaves_nothing,
    a_document_is_attached_once_and_told_in_the_journal,
    a_letter_and_its_scan_are_registered_together_or_not_at_all,
    a_document_is_seen_by_those_who_see_its_dossier,
    what_is_not_stored_is_not_attached,
    a_document_altered_or_gone_is_found,
    a_name_that_is_taken_out_is_missed_and_nothing_else,
);

/// Every file that is stored.
fn stored(office: &Office) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(office.files.path())? {
        let entry = entry?.path();
        if entry.is_dir() {
            all.extend(
                fs::read_dir(entry)?
                    .map(|file| file.map(|file| file.path()))
                    .collect::<Result<Vec<_>, _>>()?,
            );
        } else {
            all.push(entry);
        }
    }
    Ok(all)
}

async fn documents(office: &Office, caller: &Caller, id: DossierId) -> Result<Vec<Attached>> {
    Ok(office.app.attachments(caller, &[id]).await.fine()?.remove(&id).unwrap_or_default())
}

/// What a document holds, as it is served.
async fn read(
    office: &Office,
    caller: &Caller,
    id: DossierId,
    file: &Digest,
) -> Result<Result<Vec<u8>, Error>> {
    let (_, mut open) = match office.app.open_document(caller, id, file).await {
        Ok(open) => open,
        Err(error) => return Ok(Err(error)),
    };
    let mut content = Vec::new();
    open.read_to_end(&mut content).await?;
    Ok(Ok(content))
}

/// A letter with a document that says so.
async fn letter_with(office: &Office, words: &str) -> Result<(Sheet, Attachment)> {
    let scan = office.receive("lettre.pdf", &pdf(words)).await.fine()?;
    let id = office.register(petition("Avec un document")).await?.dossier.id;
    let sheet = office.play(id, [(Person::Clerk, scan.clone().into())]).await?;
    Ok((sheet, scan.attachment))
}

async fn the_same_document_is_stored_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (one, first) = letter_with(&office, "Madame").await?;
    let (two, second) = letter_with(&office, "Madame").await?;
    assert_eq!(first, second);
    let files = stored(&office)?;
    assert_eq!(files.len(), 1, "{files:?}");
    let name = files[0].file_name().context("no name")?.to_string_lossy().into_owned();
    assert_eq!(name, first.file.as_str());
    assert_eq!(fs::read(&files[0])?, pdf("Madame"));
    let auditor = office.caller(Person::Auditor).await?;
    for sheet in [one, two] {
        assert_eq!(sheet.dossier.attachments, std::slice::from_ref(&first));
        let content = read(&office, &auditor, sheet.dossier.id, &first.file).await?.fine()?;
        assert_eq!(content, pdf("Madame"));
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_is_no_document_is_refused_and_leaves_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let largest = usize::try_from(LARGEST)?;
    let mut long = pdf("Trop");
    long.resize(largest + 1, b' ');
    for (name, content, code) in [
        ("vide.pdf", Vec::new(), "DOCUMENT_EMPTY"),
        ("page.pdf", b"<!doctype html><script>alert(1)</script>".to_vec(), "DOCUMENT_KIND"),
        ("dessin.pdf", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "DOCUMENT_KIND"),
        ("lettre.docx", b"PK\x03\x04\x14\0\x06\0\x08\0".to_vec(), "DOCUMENT_KIND"),
        ("court.pdf", b"%PD".to_vec(), "DOCUMENT_KIND"),
        ("long.pdf", long.clone(), "DOCUMENT_TOO_LARGE"),
    ] {
        let refusal = office.receive(name, &content).await.refused()?;
        assert_eq!((refusal.code(), refusal.field()), (code, Some("document")), "{name}");
    }
    assert_eq!(stored(&office)?, Vec::<PathBuf>::new());
    long.truncate(largest);
    let document = office.receive("juste.exe", &long).await.fine()?;
    assert_eq!((document.attachment.bytes, document.name.as_str()), (LARGEST, "juste.exe.pdf"));
    Ok(())
}

async fn a_document_is_attached_once_and_told_in_the_journal(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let id = office.register(petition("Réponse")).await?.dossier.id;
    let drafting = office.play(id, office.to_drafting()?).await?;
    let scan = office.receive("C:\\Bureau\\Réponse signée.pdf", &pdf("Madame")).await.fine()?;
    let mut order = office.order(id, scan.clone().into());
    order.version = Some(drafting.version);
    let first = office.app.act(&drafter, order.clone()).await.fine()?;
    assert_eq!(office.app.act(&drafter, order).await.fine()?, first, "the same command is done once");
    assert_eq!(first.version, drafting.version + 1);
    let again = office.act(Person::Clerk, id, scan.clone().into()).await?.refused()?;
    assert_eq!(again.code(), "ALREADY_ATTACHED");
    let seen = documents(&office, &drafter, id).await?;
    let attached = Attached {
        attachment: scan.attachment.clone(),
        name: Some("Réponse signée.pdf".to_owned()),
        at: office.now(),
        who: drafter.actor.who,
    };
    assert_eq!(seen, [attached]);
    let lines = office.app.journal(&drafter, id, 0, 100).await.fine()?.items;
    let line = lines.iter().rfind(|line| line.entry.accepted).context("no line")?;
    assert_eq!((line.entry.action.as_str(), line.note.as_deref()), ("attach", Some("Réponse signée.pdf")));
    assert!(!line.entry.payload.contains("signée"), "no words in the journal: {}", line.entry.payload);
    assert!(line.entry.payload.contains(scan.attachment.file.as_str()));
    Ok(())
}

async fn a_letter_and_its_scan_are_registered_together_or_not_at_all(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let scan = Some(office.receive("lettre.pdf", &pdf("Madame")).await.fine()?);
    let gone = scan.clone().map(|mut scan| {
        scan.attachment.bytes += 1;
        scan
    });
    let register =
        |key, mail, scan| office.app.register_mail(&clerk, key, Intake { scan, ..Intake::from(mail) });
    let refusal = register(office.key(), petition("Sans document"), gone).await.refused()?;
    assert_eq!(refusal.code(), "DOCUMENT_GONE");
    let refusal = register(office.key(), petition(" "), scan.clone()).await.refused()?;
    assert_eq!(refusal.field(), Some("subject"));
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 0);

    let key = office.key();
    let sheet = register(key.clone(), petition("Numérisée"), scan.clone()).await.fine()?;
    assert_eq!(sheet.dossier.reference, "SG-2026-A-000001", "a refused letter took no chrono");
    assert_eq!((sheet.version, sheet.dossier.attachments.len()), (2, 1));
    assert_eq!(register(key.clone(), petition("Numérisée"), scan).await.fine()?, sheet);
    assert!(matches!(register(key, petition("Numérisée"), None).await.failed()?, Error::KeyReused));
    let lines = office.app.journal(&clerk, sheet.dossier.id, 0, 100).await.fine()?.items;
    let acts: Vec<_> = lines.iter().map(|line| line.entry.action.as_str()).collect();
    assert_eq!(acts, ["register", "attach"]);
    assert_eq!(office.app.dossier(&clerk, sheet.dossier.id).await.fine()?, Some(sheet));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_document_is_seen_by_those_who_see_its_dossier(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (with_dacs, file) = letter_with(&office, "Divorce").await?;
    let (with_dap, other) = letter_with(&office, "Parloir").await?;
    let ids = [with_dacs.dossier.id, with_dap.dossier.id];
    let mut sheets = Vec::new();
    for (id, unit) in ids.into_iter().zip(["DACS", "DAP"]) {
        sheets.push(office.play(id, [(Person::Clerk, route(office.unit(unit)?))]).await?);
    }
    let mut seen = Vec::new();
    for (person, caller) in office.everybody().await? {
        let listed = office.app.attachments(&caller, &ids).await.fine()?;
        for (sheet, file) in sheets.iter().zip([&file.file, &other.file]) {
            let id = sheet.dossier.id;
            let may = sheet.dossier.is_in(&caller.scope);
            assert_eq!(listed.contains_key(&id), may, "{person:?}");
            match read(&office, &caller, id, file).await? {
                Ok(_) => assert!(may, "{person:?}"),
                Err(Error::NotFound) => assert!(!may, "{person:?}"),
                Err(error) => anyhow::bail!("{person:?}: {error:?}"),
            }
            let attach = Command::Attach { attachment: file_of(file), name: "x.pdf".to_owned() };
            let outcome = office.app.act(&caller, office.order(id, attach)).await.failed()?;
            assert_eq!(matches!(outcome, Error::NotFound), !may, "{person:?}: {outcome:?}");
        }
        // A document of another dossier is not given by one's own.
        assert!(
            matches!(read(&office, &caller, ids[0], &other.file).await?, Err(Error::NotFound)),
            "{person:?}"
        );
        seen.push((person, listed.len()));
    }
    let expected = Person::ALL.map(|person| match person {
        Person::Administrator => (person, 0),
        Person::Correspondent | Person::Drafter | Person::Approver | Person::Prisons => (person, 1),
        _ => (person, 2),
    });
    assert_eq!(seen, expected);
    Ok(())
}

fn file_of(file: &Digest) -> Attachment {
    Attachment { file: file.clone(), media: Media::Pdf, bytes: 1 }
}

async fn what_is_not_stored_is_not_attached(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Rien")).await?.dossier.id;
    let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?.attachment;
    for wrong in [
        Attachment { file: Digest::of(["nulle part"]), ..scan.clone() },
        Attachment { file: Digest::stored("../../etc/passwd".to_owned()), ..scan.clone() },
        Attachment { bytes: scan.bytes + 1, ..scan.clone() },
        Attachment { media: Media::Png, ..scan.clone() },
    ] {
        let attach = Command::Attach { attachment: wrong, name: "x.pdf".to_owned() };
        let refusal = office.act(Person::Clerk, id, attach).await?.refused()?;
        assert_eq!(refusal.code(), "DOCUMENT_GONE");
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_document_altered_or_gone_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (sheet, scan) = letter_with(&office, "Madame").await?;
    assert_eq!(office.faults().await?, [""; 0]);
    let file = stored(&office)?.pop().context("no file")?;
    let altered = pdf("Madone");
    assert_eq!(altered.len(), usize::try_from(scan.bytes)?);
    for content in [Some(altered), Some(Vec::new()), None] {
        match content {
            Some(content) => fs::write(&file, content)?,
            None => fs::remove_file(&file)?,
        }
        let faults = office.faults().await?;
        assert!(faults.len() == 1 && faults[0].contains(scan.file.as_str()), "{faults:?}");
        assert!(faults[0].starts_with(&sheet.dossier.reference), "{faults:?}");
    }
    // A document that is gone can be sent again.
    office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_name_that_is_taken_out_is_missed_and_nothing_else(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (sheet, _) = letter_with(&office, "Madame").await?;
    office.database.sql().await?.run("DELETE FROM note").await?;
    let auditor = office.caller(Person::Auditor).await?;
    let seen = documents(&office, &auditor, sheet.dossier.id).await?;
    assert_eq!(seen.iter().map(|document| document.name.as_deref()).collect::<Vec<_>>(), [None]);
    let faults = office.faults().await?;
    assert!(
        faults.len() == 1 && faults[0].ends_with("une note manque, ou n’est pas au journal"),
        "{faults:?}"
    );
    Ok(())
}
