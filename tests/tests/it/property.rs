//! Whatever anybody asks, in whatever order, the journal tells the whole story, and each figure is the length of its list.

use anyhow::{Context as _, Result, anyhow};
use pli_app::{Document, Error, Sheet};
use pli_domain::dossier::{Channel, Command, DeclineReason};
use pli_domain::ids::{CompartmentId, DossierId};
use pli_tests::samples::{pdf, petition, question};
use pli_tests::{Engine, Fine as _, Office, Person};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::Handle;
use tokio::task;

use crate::home::figures_hold;
use crate::servers::elsewhere;

pli_tests::on_both!(after_any_sequence_of_commands_the_journal_replayed_gives_the_rows);

/// How many sequences, and how long each is.
const CASES: u32 = 12;
const LENGTH: usize = 40;

/// Who, on which dossier, and what: the rest of the command follows from these numbers.
type Step = (usize, usize, usize, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec((0..Person::ALL.len(), 0..3_usize, 0..64_usize, any::<u8>()), LENGTH)
}

async fn after_any_sequence_of_commands_the_journal_replayed_gives_the_rows(engine: Engine) -> Result<()> {
    let config =
        Config { cases: CASES, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    // The same sequences each time: a failure here is a failure for everybody.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let handle = Handle::current();
    let mut done = 0;
    let outcome = task::block_in_place(|| {
        let done = std::cell::Cell::new(0);
        let outcome = runner.run(&steps(), |steps| {
            let played = handle.block_on(play(engine, &steps));
            let accepted = played.map_err(|error| TestCaseError::fail(format!("{error:#}")))?;
            done.set(done.get() + accepted);
            Ok(())
        });
        (outcome, done.get())
    });
    done += outcome.1;
    match outcome.0 {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => anyhow::bail!("{why}\nafter {steps:?}"),
        Err(other) => return Err(anyhow!("{other}")),
    }
    assert!(done > 50, "only {done} commands were accepted: these sequences prove little");
    Ok(())
}

/// Plays a sequence in an office of its own; how many commands were accepted.
async fn play(engine: Engine, steps: &[Step]) -> Result<usize> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let everybody = office.everybody().await?;
    let clerk = office.caller(Person::Clerk).await?;
    // It has read each dossier as it was before the last act on it.
    let other = elsewhere(&office).await?;
    let mut ids = vec![office.register(petition("Première")).await?.dossier.id];
    ids.push(office.register(petition("Seconde")).await?.dossier.id);
    ids.push(office.app.receive_question(&clerk, office.key(), question(1)).await.fine()?.dossier.id);
    let scans = [
        office.receive("un.pdf", &pdf("Un")).await.fine()?,
        office.receive("deux.pdf", &pdf("Deux")).await.fine()?,
    ];
    let mut accepted = 0;
    for (person, dossier, what, detail) in steps {
        let id = *ids.get(*dossier).context("no such dossier")?;
        let before = office.app.dossier(&clerk, id).await.fine()?.context("gone")?;
        // Every other time, by somebody who may: or little would ever be accepted.
        let likely = if detail.is_multiple_of(2) { likely(&office, &before, *detail)? } else { None };
        let (person, command) = match likely {
            Some(likely) => likely,
            None => (everybody[*person].0, command(&office, (&ids, compartment), &scans, *what, *detail)?),
        };
        let caller = &everybody.iter().find(|(other, _)| *other == person).context("nobody")?.1;
        match office.app.act(caller, office.order(id, command.clone())).await {
            Ok(after) => {
                assert_eq!(after.version, before.version + 1, "{person:?} {command:?}");
                for app in [&office.app, &other] {
                    let read = app.dossier(&clerk, id).await.fine()?;
                    assert_eq!(read.as_ref(), Some(&after), "{person:?} {command:?}");
                }
                accepted += 1;
            }
            Err(Error::Refused(_) | Error::NotFound) => {
                let read = office.app.dossier(&clerk, id).await.fine()?;
                assert_eq!(read.as_ref(), Some(&before), "{person:?} {command:?}");
            }
            Err(other) => anyhow::bail!("{person:?} {command:?}: {other:?}"),
        }
    }
    // What has moved the counters, and then their sums.
    for _ in 0..2 {
        let faults = office.faults().await?;
        anyhow::ensure!(faults.is_empty(), "{faults:?}");
        figures_hold(&office).await?;
        office.database.store.fold_counters(1).await?;
    }
    Ok(accepted)
}

/// Something that somebody may do to the dossier as it stands.
fn likely(office: &Office, sheet: &Sheet, detail: u8) -> Result<Option<(Person, Command)>> {
    use pli_domain::dossier::Stage::{
        Closed, Drafting, Outgoing, Ready, Received, Registered, Review, Routed, Signature, Transmitted,
    };
    let dacs = office.unit("DACS")?;
    let again = detail.is_multiple_of(4);
    Ok(Some(match sheet.dossier.stage {
        Registered | Received => (Person::Coordinator, pli_tests::samples::route(dacs)),
        Routed => (Person::Correspondent, Command::Accept),
        Drafting if sheet.dossier.draft.is_none() || again => {
            (Person::Drafter, pli_tests::samples::draft(&format!("Version {detail}")))
        }
        Drafting => (Person::Drafter, Command::Submit),
        Review if again => (Person::Approver, Command::SendBack { note: "À revoir.".to_owned() }),
        Review => (Person::Approver, Command::Approve),
        Signature => (Person::Signatory, Command::Sign),
        Outgoing => (Person::Clerk, pli_tests::samples::dispatch(office.today())),
        Ready => (Person::Coordinator, Command::Transmit),
        Transmitted if again => {
            (Person::Coordinator, Command::RecallAnswer { note: "Une erreur.".to_owned() })
        }
        Transmitted => (Person::Coordinator, Command::Publish { on: office.today() }),
        Closed(_) => return Ok(None),
    }))
}

/// Any command at all, sensible or not.
fn command(
    office: &Office,
    (ids, compartment): (&[DossierId], CompartmentId),
    scans: &[Document; 2],
    what: usize,
    detail: u8,
) -> Result<Command> {
    let codes = ["DACS", "DAP", "DACS-C1", "MJ", "SG-SNUM", "DSJ"];
    let unit = |at: u8| office.unit(codes[usize::from(at) % codes.len()]);
    let note = if detail.is_multiple_of(5) { String::new() } else { format!("Note {detail}") };
    let days = i64::from(detail % 7) - 3;
    let on = office.today() + chrono::TimeDelta::days(days);
    let commands = [
        Command::Route {
            lead: unit(detail)?,
            contributors: vec![unit(detail / 6)?],
            informed: if detail.is_multiple_of(3) { vec![unit(detail / 36)?] } else { Vec::new() },
        },
        Command::Accept,
        Command::Decline {
            reason: DeclineReason::Other,
            proposed: if detail.is_multiple_of(2) { Some(unit(detail)?) } else { None },
            note: note.clone(),
        },
        Command::Reroute { lead: unit(detail)? },
        Command::Draft { text: note.clone() },
        Command::Submit,
        Command::Approve,
        Command::SendBack { note: note.clone() },
        Command::Sign,
        Command::Dispatch { channel: Channel::Email, on, tracking: note.clone() },
        Command::AnswerByPhone { on, note: note.clone() },
        Command::ProposeFiling { note: note.clone() },
        Command::File,
        Command::Redirect { note: note.clone() },
        Command::MarkDuplicate { of: ids[usize::from(detail) % ids.len()] },
        Command::Cancel { note: note.clone() },
        Command::Reopen { note: note.clone() },
        Command::Reopen { note: "Encore.".to_owned() },
        Command::Transmit,
        Command::RecallAnswer { note: note.clone() },
        Command::Publish { on },
        Command::Withdraw { on },
        Command::Lapse { on },
        Command::Convert { on },
        Command::RequestTransfer { ministry: note.clone() },
        Command::Rename { ministry: note.clone(), on },
        Command::HandOver { ministry: note, on },
        Command::AcceptTransfer { on },
        Command::RefuseTransfer,
        Command::Signal { on },
        Command::Renew { on },
        Command::RecallNotice { on },
        Command::Correct { on },
        Command::Reserve { compartment },
        Command::Release { note: "Fini.".to_owned() },
        scans[usize::from(detail) % scans.len()].clone().into(),
    ];
    Ok(commands[what % commands.len()].clone())
}
