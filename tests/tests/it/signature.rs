//! What waits for a person's approval or signature, in which order, and which versions they have seen.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use pli_app::{Caller, Error, List, Place, Sheet};
use pli_domain::dossier::{Action, Command};
use pli_domain::ids::DossierId;
use pli_tests::samples::{day, draft, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    what_waits_for_somebody_is_what_they_may_do,
    the_first_to_be_late_comes_first,
    a_page_goes_on_where_the_last_one_ended,
    a_version_is_seen_by_deciding_on_it_or_by_saying_so,
    what_cannot_be_read_cannot_be_seen,
    every_version_is_kept_and_read_in_scope,
);

/// Dossiers at every stage, of both kinds, of several units and hands.
async fn a_bit_of_everything(office: &Office) -> Result<Vec<Sheet>> {
    use Person::{Approver, Clerk, Coordinator, Correspondent, Drafter, Prisons};
    let c1 = office.unit("DACS-C1")?;
    let sent_back = Command::SendBack { note: "Citez le décret.".to_owned() };
    let written = |by: Person| {
        let lead = if by == Prisons { "DAP" } else { "DACS" };
        let correspondent = if by == Prisons { Prisons } else { Correspondent };
        let route = route(office.unit(lead)?);
        anyhow::Ok(vec![
            (Coordinator, route),
            (correspondent, Command::Accept),
            (by, draft("A")),
            (by, Command::Submit),
        ])
    };
    let with = |mut steps: Vec<(Person, Command)>, more: &[(Person, Command)]| {
        steps.extend_from_slice(more);
        steps
    };
    let bureau = vec![
        (Coordinator, route(c1)),
        (Correspondent, Command::Accept),
        (Drafter, draft("B")),
        (Drafter, Command::Submit),
    ];
    let stories = vec![
        vec![],
        office.to_drafting()?,
        written(Drafter)?,
        // Whoever writes and would approve.
        written(Approver)?,
        written(Prisons)?,
        bureau,
        with(written(Drafter)?, &[(Approver, Command::Approve)]),
        with(written(Drafter)?, &[(Approver, sent_back.clone())]),
        with(written(Drafter)?, &[(Approver, sent_back), (Drafter, draft("C")), (Drafter, Command::Submit)]),
        with(office.to_answer()?, &[]),
    ];
    let clerk = office.caller(Clerk).await?;
    let mut sheets = Vec::new();
    for (number, story) in (0_u32..).zip(stories) {
        let received = day("2026-08-01")? + chrono::TimeDelta::days(i64::from(number) * 5);
        let mut both = vec![office.register(letter(received)).await?];
        // A question leaves by other hands than a letter.
        if !story.iter().any(|(_, command)| matches!(command, Command::Dispatch { .. })) {
            both.push(office.app.receive_question(&clerk, office.key(), question(number + 1)).await.fine()?);
        }
        for sheet in both {
            let played =
                if story.is_empty() { sheet } else { office.play(sheet.dossier.id, story.clone()).await? };
            sheets.push(played);
        }
    }
    Ok(sheets)
}

fn may_decide(caller: &Caller, sheet: &Sheet) -> bool {
    let allowed = sheet.dossier.allowed(&caller.actor, &caller.organisation);
    let decides = allowed.iter().any(|action| matches!(action, Action::Approve | Action::Sign));
    decides && sheet.dossier.is_in(&caller.scope)
}

async fn places(office: &Office, caller: &Caller) -> Result<Vec<Place>> {
    Ok(office.app.queue(caller).await.fine()?.page(None, None, 100).items)
}

async fn what_waits_for_somebody_is_what_they_may_do(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sheets = a_bit_of_everything(&office).await?;
    let mut numbers = BTreeMap::new();
    for (person, caller) in office.everybody().await? {
        let expected: BTreeSet<DossierId> =
            sheets.iter().filter(|sheet| may_decide(&caller, sheet)).map(|sheet| sheet.dossier.id).collect();
        let queue = office.app.queue(&caller).await.fine()?;
        let found = places(&office, &caller).await?;
        assert_eq!(found.iter().map(|place| place.id).collect::<BTreeSet<_>>(), expected, "{person:?}");
        assert_eq!(queue.count(None), expected.len(), "{person:?}");
        let list = List { awaiting_me: true, ..List::default() };
        assert_eq!(office.app.count(&caller, &list).await.fine()?, u64::try_from(expected.len())?);
        let walked = office.walk(&caller, &list, 2).await?;
        assert_eq!(walked.iter().map(|sheet| sheet.dossier.id).collect::<BTreeSet<_>>(), expected);
        for waiting in office.app.waiting(&caller, &found).await.fine()? {
            let allowed = waiting.sheet.dossier.allowed(&caller.actor, &caller.organisation);
            assert!(allowed.contains(&waiting.action), "{person:?} {waiting:?}");
            assert_eq!(waiting.look.is_some(), person == Person::Approver && waiting.sheet.version > 6);
        }
        let each = [Action::Approve, Action::Sign].map(|action| queue.count(Some(action)));
        assert_eq!(each.iter().sum::<usize>(), queue.count(None));
        if each != [0, 0] {
            numbers.insert(person, each);
        }
    }
    // The approver does not find what they wrote; the prisons' drafts are approved by nobody here.
    assert_eq!(numbers, BTreeMap::from([(Person::Approver, [6, 0]), (Person::Signatory, [0, 2])]));
    Ok(())
}

/// A question that is due later than a letter may have to be signed sooner: it must catch its Journal officiel.
async fn the_first_to_be_late_comes_first(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let approver = office.caller(Person::Approver).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut steps = office.to_answer()?;
    steps.truncate(4);
    for days in 0..12 {
        let mut new = question(days + 1);
        new.published_on = day("2026-09-20")? + chrono::TimeDelta::days(i64::from(days));
        let sheet = office.app.receive_question(&clerk, office.key(), new).await.fine()?;
        office.play(sheet.dossier.id, steps.clone()).await?;
        let received = day("2026-09-20")? + chrono::TimeDelta::days(i64::from(days));
        let sheet = office.register(letter(received)).await?;
        office.play(sheet.dossier.id, steps.clone()).await?;
    }
    let found = places(&office, &approver).await?;
    let waiting = office.app.waiting(&approver, &found).await.fine()?;
    assert_eq!(waiting.len(), 24);
    let mut keys = Vec::new();
    for (place, waiting) in found.iter().zip(&waiting) {
        let dossier = &waiting.sheet.dossier;
        let first = dossier.targets(&approver.delays).first().copied().context("nothing to be done")?;
        assert_eq!((place.id, Some(place.by)), (dossier.id, waiting.by));
        assert_eq!((place.by, Some(place.due_on)), (first.on, dossier.due_on()), "as the domain says");
        assert_eq!(Place::of_sheet(&waiting.sheet, &approver.delays), *place);
        keys.push((place.by, place.due_on, place.id));
    }
    assert!(keys.is_sorted(), "{keys:?}");
    let terms: Vec<_> = found.iter().map(|place| place.due_on).collect();
    assert!(!terms.is_sorted(), "the order of the terms would have been enough: {terms:?}");
    Ok(())
}

async fn a_page_goes_on_where_the_last_one_ended(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    a_bit_of_everything(&office).await?;
    let approver = office.caller(Person::Approver).await?;
    let queue = office.app.queue(&approver).await.fine()?;
    let all = queue.page(None, None, 100).items;
    for size in [1, 2, 4, 6, 7] {
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let page = queue.page(None, after, size);
            after = page.items.last().copied();
            walked.extend(page.items);
            if !page.more {
                break;
            }
        }
        assert_eq!(walked, all, "by {size}");
    }
    for (index, place) in all.iter().enumerate() {
        assert_eq!(queue.rank(place.id), Some(index + 1));
        assert_eq!(queue.next(*place), all.get(index + 1).map(|next| next.id));
        assert_eq!(queue.previous(*place), index.checked_sub(1).map(|before| all[before].id));
    }
    // Whoever has decided goes on from where that dossier stood.
    let [first, second, third] = [all[0], all[1], all[2]];
    office.act(Person::Approver, second.id, Command::Approve).await?.fine()?;
    let queue = office.app.queue(&approver).await.fine()?;
    assert_eq!((queue.next(second), queue.previous(second)), (Some(third.id), Some(first.id)));
    assert_eq!(queue.rank(second.id), None);
    Ok(())
}

async fn a_version_is_seen_by_deciding_on_it_or_by_saying_so(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (approver, signatory) =
        (office.caller(Person::Approver).await?, office.caller(Person::Signatory).await?);
    let mut steps = office.to_answer()?;
    steps.truncate(4);
    let id = office.register(petition("Jurés d’assises")).await?.dossier.id;
    office.play(id, steps).await?;
    let seen = async |caller: &Caller| {
        let looks = office.app.looks(caller, &[id]).await.fine()?;
        anyhow::Ok(looks.get(&id).map(|look| (look.version, look.at)))
    };
    assert_eq!(seen(&approver).await?, None);
    // What was refused was not decided.
    office.act(Person::Approver, id, Command::Sign).await?.refused()?;
    assert_eq!(seen(&approver).await?, None);

    let first = office.now();
    office.play(id, [(Person::Approver, Command::SendBack { note: "Trop court.".to_owned() })]).await?;
    office.set_clock("2026-11-22T10:00:00Z")?;
    let second = office.now();
    let again = [
        (Person::Drafter, draft("Madame, …")),
        (Person::Drafter, draft("Madame, voici.")),
        (Person::Drafter, Command::Submit),
    ];
    office.play(id, again).await?;
    assert_eq!(seen(&approver).await?, Some((1, first)), "not yet the new ones");
    office.app.mark_read(&approver, id, 2).await.fine()?;
    assert_eq!(seen(&approver).await?, Some((2, second)));
    office.app.mark_read(&approver, id, 1).await.fine()?;
    assert_eq!(seen(&approver).await?, Some((2, second)), "one does not unsee");
    office.play(id, [(Person::Approver, Command::Approve)]).await?;
    assert_eq!(seen(&approver).await?, Some((3, second)));
    assert_eq!(seen(&signatory).await?, None, "each has their own");
    office.play(id, [(Person::Signatory, Command::Sign)]).await?;
    assert_eq!(seen(&signatory).await?, Some((3, second)));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_cannot_be_read_cannot_be_seen(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut steps = office.to_answer()?;
    steps.truncate(4);
    let id = office.register(petition("Greffe")).await?.dossier.id;
    office.play(id, steps).await?;
    for (person, version) in [
        (Person::Prisons, 1),
        (Person::Administrator, 1),
        (Person::Approver, 0),
        (Person::Approver, 2),
        (Person::Approver, u32::MAX),
    ] {
        let caller = office.caller(person).await?;
        let outcome = office.app.mark_read(&caller, id, version).await.failed()?;
        assert!(matches!(outcome, Error::NotFound), "{person:?} {version}: {outcome:?}");
    }
    let sql = office.database.sql().await?;
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM draft_look").await?, 0);
    // A dossier that has left one's sight takes what one saw of it along.
    office.app.mark_read(&office.caller(Person::Approver).await?, id, 1).await.fine()?;
    let dap = office.unit("DAP")?;
    office.play(id, [(Person::Coordinator, Command::Reroute { lead: dap })]).await?;
    let approver = office.caller(Person::Approver).await?;
    assert_eq!(office.app.looks(&approver, &[id]).await.fine()?, BTreeMap::new());
    Ok(())
}

async fn every_version_is_kept_and_read_in_scope(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Jurés d’assises")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    for (minute, author) in [(0, Person::Drafter), (1, Person::Approver), (2, Person::Drafter)] {
        office.set_clock(&format!("2026-11-22T10:0{minute}:00Z"))?;
        office.play(id, [(author, draft(&format!("Texte {minute}")))]).await?;
    }
    for (person, caller) in office.everybody().await? {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = office.app.draft_versions(&caller, id, before, 2).await.fine()?;
            before = page.items.last().map(|version| version.version);
            seen.extend(page.items);
            if !page.more {
                break;
            }
        }
        let told: Vec<_> = seen.iter().map(|version| (version.version, version.at.french())).collect();
        if matches!(person, Person::Prisons | Person::Administrator) {
            assert_eq!(told, []);
            continue;
        }
        let at = |minute| format!("22/11/2026 à 11\u{a0}h\u{a0}0{minute}");
        assert_eq!(told, [(3, at(2)), (2, at(1)), (1, at(0))], "{person:?}");
        let names =
            office.app.names(seen.iter().map(|v| pli_domain::actor::Who::User(v.author))).await.fine()?;
        let authors: Vec<_> = seen.iter().map(|version| names[&version.author].as_str()).collect();
        let [drafter, approver] = [Person::Drafter, Person::Approver].map(Person::name);
        assert_eq!(authors, [drafter, approver, drafter]);
        let texts = office.app.drafts(&caller, &[(id, 1), (id, 3)]).await.fine()?;
        assert_eq!(texts.into_values().collect::<Vec<_>>(), ["Texte 0", "Texte 2"]);
    }
    Ok(())
}
