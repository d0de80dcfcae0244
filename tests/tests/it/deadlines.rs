//! Deadlines: two clocks, what is at risk, rules and calendars that change, suspensions that end, and one lateness for all.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use chrono::{Days, NaiveDate};
use pli_app::{Caller, Change, Error, Key, Late, List, Sheet};
use pli_domain::actor::{Role, Scope};
use pli_domain::calendar::{Entry, EntryKind};
use pli_domain::deadline::{AgeClass, DeadlineStage, Standing};
use pli_domain::delay::{Clock, Length, Rollover, RuleChange, code};
use pli_domain::dossier::{Command, Kind, NewMail};
use pli_domain::ids::DossierId;
use pli_domain::refusal::Refusal;
use pli_domain::settings::SettingsAction;
use pli_tests::samples::{day, letter, petition, question};
use pli_tests::{Engine, Fine as _, Office, Person};
use strum::VariantArray as _;
use tokio::spawn;

pli_tests::on_both!(
    list_count_and_dashboard_say_of_each_dossier_what_the_rule_says,
    an_incomplete_file_moves_the_legal_clock_alone_and_says_why,
    a_suspension_ends_by_itself_once,
    a_rule_is_tried_without_changing_anything_then_changed,
    a_change_of_rule_is_an_administrators,
    a_rule_changed_meanwhile_is_not_changed_blindly,
    a_day_that_is_closed_moves_what_counts_it,
    a_stage_that_changes_moves_what_is_at_risk,
    a_calendar_feed_holds_ones_own_deadlines_until_it_is_taken_back,
);

/// A register with something of everything: late, due today, at risk, in time, closed late, closed in time, stopped.
async fn register(office: &Office) -> Result<()> {
    let today = office.today();
    for days in [0, 1, 15, 16, 30, 31, 45, 55, 60, 61, 75, 90, 120, 200] {
        let received_on = today.checked_sub_days(Days::new(days)).context("too far back")?;
        office.register(letter(received_on)).await?;
        let mail = NewMail { document_on: received_on, received_on, ..petition("Aide juridictionnelle") };
        let id = office.register(mail).await?.dossier.id;
        if days % 2 == 1 {
            office.play(id, office.to_drafting()?).await?;
        }
        if days > 100 {
            office.play(id, office.to_answer()?).await?;
        }
    }
    let clerk = office.caller(Person::Clerk).await?;
    for (number, published) in
        (1..).zip(["2026-07-07", "2026-09-15", "2026-09-29", "2026-10-13", "2026-11-17"])
    {
        let mut asked = question(number);
        asked.published_on = day(published)?;
        office.app.receive_question(&clerk, office.key(), asked).await.fine()?;
    }
    let stopped = office.register(petition("Incomplète")).await?.dossier.id;
    let suspend = suspend(today, today + Days::new(30));
    let mut steps = office.to_drafting()?;
    steps.push((Person::Correspondent, suspend));
    office.play(stopped, steps).await?;
    Ok(())
}

fn suspend(from: NaiveDate, until: NaiveDate) -> Command {
    Command::Suspend {
        rule: code::CRPA_SILENCE.to_owned(),
        from,
        until,
        note: "Pièce d’identité.".to_owned(),
    }
}

fn ids(sheets: &[Sheet]) -> BTreeSet<DossierId> {
    sheets.iter().map(|sheet| sheet.dossier.id).collect()
}

/// How late a dossier is on a clock, or on its own term, by the one function.
fn late_by(sheet: &Sheet, clock: Option<Clock>, today: NaiveDate) -> Option<i64> {
    let term = clock.map_or_else(|| sheet.dossier.term(), |clock| sheet.dossier.clock_term(clock));
    match term.standing(today) {
        Standing::Late { by } => Some(by),
        _ => None,
    }
}

async fn list_count_and_dashboard_say_of_each_dossier_what_the_rule_says(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    register(&office).await?;
    let today = office.today();
    let mut seen_late = 0;
    for (person, caller) in office.everybody().await? {
        let all = office.walk(&caller, &List { open: None, ..List::default() }, 100).await?;
        for clock in [None, Some(Clock::Legal), Some(Clock::Internal)] {
            for class in AgeClass::VARIANTS.iter().copied().map(Some).chain([None]) {
                let late = class.map_or(Late::Any, Late::Class);
                let list = List { clock, late: Some(late), ..List::default() };
                let expected: Vec<_> = all
                    .iter()
                    .filter(|sheet| {
                        let by = late_by(sheet, clock, today);
                        by.is_some_and(|by| class.is_none_or(|class| AgeClass::of(by) == Some(class)))
                    })
                    .cloned()
                    .collect();
                seen_late += expected.len();
                let listed = office.walk(&caller, &list, 3).await?;
                assert_eq!(ids(&listed), ids(&expected), "{person:?} {clock:?} {class:?}");
                let count = office.app.count(&caller, &list).await.fine()?;
                assert_eq!(usize::try_from(count)?, expected.len());
                let retards = office.app.retards(&caller, &List { clock, ..List::default() }).await.fine()?;
                let sum: u64 = retards.rows.iter().map(|row| row.count(class)).sum();
                assert_eq!(sum, count, "{person:?} {clock:?} {class:?}");
                for row in &retards.rows {
                    let cell = office.walk(&caller, &row.list(class), 100).await?;
                    assert_eq!(u64::try_from(cell.len())?, row.count(class), "each figure opens its list");
                }
            }
        }
        let risky = office.walk(&caller, &List { at_risk: true, ..List::default() }, 3).await?;
        let expected: Vec<_> =
            all.iter().filter(|sheet| sheet.dossier.is_at_risk(&caller.delays, today)).cloned().collect();
        assert_eq!(ids(&risky), ids(&expected), "{person:?}");
        let unacknowledged =
            office.walk(&caller, &List { to_acknowledge: true, ..List::default() }, 100).await?;
        let open = all.iter().filter(|sheet| sheet.dossier.stage.is_open());
        let expected: Vec<_> =
            open.filter(|sheet| sheet.dossier.acknowledge_by().is_some()).cloned().collect();
        assert_eq!(ids(&unacknowledged), ids(&expected), "{person:?}");
    }
    assert!(seen_late > 100, "{seen_late}: a register with nothing late proves nothing");
    // In both directions: what is closed is never late now, and may have been answered late.
    let manager = office.caller(Person::Manager).await?;
    let closed = office.walk(&manager, &List { open: Some(false), ..List::default() }, 100).await?;
    let standings: Vec<_> = closed.iter().map(|sheet| sheet.dossier.term().standing(today)).collect();
    assert!(
        standings.iter().any(|standing| matches!(standing, Standing::AnsweredLate { .. })),
        "{standings:?}"
    );
    Ok(())
}

async fn an_incomplete_file_moves_the_legal_clock_alone_and_says_why(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Incomplète")).await?.dossier.id;
    let before = office.play(id, office.to_drafting()?).await?.dossier;
    let today = office.today();
    let stop = suspend(today, today + Days::new(20));
    let after = office.play(id, [(Person::Correspondent, stop)]).await?;
    let moved = before.due_on().map(|due| due + Days::new(20));
    assert_eq!(after.dossier.due_on(), moved);
    assert_eq!(after.dossier.clock_due_on(Clock::Internal), before.clock_due_on(Clock::Internal));
    let caller = office.caller(Person::Drafter).await?;
    let told = office.app.explanations(&caller, &after).await.fine()?;
    let told = told.first().context("no deadline")?.join("\n").replace('\u{a0}', " ");
    assert!(told.contains("par Inès Berthaumieux (« Pièce d’identité. »)"), "{told}");
    assert_eq!(office.faults().await?, [""; 0]);
    // Refused: nothing has changed.
    let again = office.act(Person::Correspondent, id, suspend(today, today - Days::new(1))).await?;
    assert_eq!(again.refused()?, Refusal::AlreadySuspended);
    let found = office.app.dossier(&caller, id).await.fine()?.context("gone")?;
    assert_eq!(found, after);
    Ok(())
}

async fn a_suspension_ends_by_itself_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Incomplète")).await?.dossier.id;
    let today = office.today();
    let mut steps = office.to_drafting()?;
    steps.push((Person::Correspondent, suspend(today, today + Days::new(2))));
    let due_on = office.play(id, steps).await?.dossier.due_on();
    for (at, resumed) in [
        ("2026-11-24T22:30:00Z", 0), // still the 24th in Paris: the last day of the time given
        ("2026-11-25T08:00:00Z", 1),
        ("2026-11-25T08:01:00Z", 0),
    ] {
        office.set_clock(at)?;
        let (first, second) = tokio::join!(office.app.keep_time(), office.app.keep_time());
        assert_eq!(first.fine()?.0 + second.fine()?.0, resumed, "{at}: two servers at once");
    }
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.dossier(&clerk, id).await.fine()?.context("gone")?;
    let silence = sheet.dossier.deadline(code::CRPA_SILENCE).context("no deadline")?;
    assert_eq!((silence.stage, sheet.dossier.due_on()), (DeadlineStage::Running, due_on));
    let journal = office.app.journal(&clerk, id, 0, 100).await.fine()?.items;
    let last = journal.last().context("no journal")?;
    assert_eq!(
        (last.entry.action.as_str(), last.entry.who.to_string().as_str()),
        ("resume", "system:reminder")
    );
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// Letters are to be answered within fifteen working days, from a day on.
pub(crate) fn fifteen_working_days(version: u32, valid_from: &str) -> Result<Change> {
    Ok(Change::Rule {
        code: code::MAIL.to_owned(),
        version,
        change: RuleChange {
            label: "Réponse à un courrier".to_owned(),
            source: "Engagement de service".to_owned(),
            length: Length::WorkingDays(15),
            rollover: Rollover::Keep,
            valid_from: day(valid_from)?,
            valid_to: None,
        },
    })
}

async fn a_rule_is_tried_without_changing_anything_then_changed(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let before = office.register(letter(day("2026-10-30")?)).await?.dossier;
    let after = office.register(letter(day("2026-11-04")?)).await?.dossier;
    let closed = office.register(letter(day("2026-11-05")?)).await?.dossier.id;
    let closed = office.play(closed, office.to_answer()?).await?.dossier;
    office.register(petition("Un autre délai")).await?;
    let change = fifteen_working_days(1, "2026-11-01")?;
    let found = office.app.preview(&administrator, &change).await.fine()?;
    let told: Vec<_> =
        found.moves.iter().map(|one| (one.reference.as_str(), one.before, one.after)).collect();
    assert_eq!(told, [(after.reference.as_str(), day("2027-01-04")?, day("2026-11-26")?)]);
    assert_eq!(found.looked_at, 2, "the open dossiers of that rule");
    let clerk = office.caller(Person::Clerk).await?;
    let due_on = async |id: DossierId| -> Result<Option<NaiveDate>> {
        Ok(office.app.dossier(&clerk, id).await.fine()?.context("gone")?.dossier.due_on())
    };
    assert_eq!(due_on(after.id).await?, Some(day("2027-01-04")?), "trying changes nothing");

    let key = office.key();
    office.app.change_delays(&administrator, key.clone(), change.clone()).await.fine()?;
    assert_eq!(due_on(after.id).await?, Some(day("2026-11-26")?));
    assert_eq!(due_on(before.id).await?, before.due_on(), "what began before stays");
    assert_eq!(due_on(closed.id).await?, closed.due_on(), "what is closed stays");
    let journal = office.app.journal(&clerk, after.id, 0, 100).await.fine()?.items;
    let last = journal.last().context("no journal")?;
    assert_eq!(last.entry.action, "reschedule");
    assert_eq!(last.entry.who, administrator.actor.who);
    // The same again is the same change.
    office.app.change_delays(&administrator, key, change).await.fine()?;
    let delays = office.app.delays().await.fine()?;
    assert_eq!(delays.rules.versions(code::MAIL).count(), 2);
    // The journal of settings says who changed it, from what to what; once.
    let told = office.app.settings_journal(&administrator, None, 10).await.fine()?.items;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].action, told[0].subject.id.as_str()), (SettingsAction::ChangeDelayRule, code::MAIL));
    assert!(told[0].payload.contains("15\u{a0}jours ouvrés"), "{}", told[0].payload);
    // A letter of today is counted by the new rule, and says so.
    let new = office.register(letter(office.today())).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let told = office.app.explanations(&clerk, &new).await.fine()?;
    assert!(told[0].join(" ").contains("Engagement de service"), "{told:?}");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn what_is_registered_while_a_rule_changes_moves_too() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let before = office.register(letter(office.today())).await?.dossier.id;
    // The change has looked for what it moves, and waits for the first of it.
    let held = office.database.store.begin().await?;
    held.dossier(&Scope::ALL, before).await?;
    let (app, key, change) = (office.app.clone(), office.key(), fifteen_working_days(1, "2026-11-01")?);
    let changing = spawn(async move { app.change_delays(&administrator, key, change).await });
    office.database.sql().await?.until_locked_out(1).await?;
    let mail = NewMail { sender: "Mme Ada Tardive".to_owned(), ..letter(office.today()) };
    let meanwhile = office.register(mail).await?.dossier;
    drop(held);
    changing.await?.fine()?;
    let clerk = office.caller(Person::Clerk).await?;
    let due_on = async |id: DossierId| -> Result<Option<NaiveDate>> {
        Ok(office.app.dossier(&clerk, id).await.fine()?.context("gone")?.dossier.due_on())
    };
    assert_ne!(due_on(meanwhile.id).await?, meanwhile.due_on());
    assert_eq!(due_on(meanwhile.id).await?, due_on(before).await?);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_change_of_rule_is_an_administrators(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let change = fifteen_working_days(1, "2026-11-01")?;
    let only = Refusal::OnlyFor { role: Role::Administrator };
    for (person, caller) in office.everybody().await? {
        if person == Person::Administrator {
            continue;
        }
        let tried = office.app.preview(&caller, &change).await.map(drop);
        assert_eq!(tried.refused()?, only, "{person:?}");
        let changed = office.app.change_delays(&caller, office.key(), change.clone()).await;
        assert_eq!(changed.refused()?, only, "{person:?}");
        let rule = office.app.reminder_rules().await.fine()?.remove(0);
        assert_eq!(office.app.change_reminder(&caller, &rule).await.refused()?, only);
    }
    assert_eq!(office.app.delays().await.fine()?.rules.versions(code::MAIL).count(), 1);
    Ok(())
}

async fn a_rule_changed_meanwhile_is_not_changed_blindly(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let change =
        async |key: Key, change: &Change| office.app.change_delays(&administrator, key, change.clone()).await;
    let first = fifteen_working_days(1, "2026-11-01")?;
    change(office.key(), &first).await.fine()?;
    assert!(matches!(change(office.key(), &first).await.failed()?, Error::Stale));
    change(office.key(), &fifteen_working_days(2, "2026-12-01")?).await.fine()?;
    let mut unknown = fifteen_working_days(1, "2026-11-01")?;
    if let Change::Rule { code, .. } = &mut unknown {
        "nulle".clone_into(code);
    }
    assert_eq!(change(office.key(), &unknown).await.refused()?, Refusal::RuleUnknown { field: "code" });
    let endless = Change::Rule {
        code: code::MAIL.to_owned(),
        version: 3,
        change: RuleChange {
            label: "Réponse à un courrier".to_owned(),
            source: "x".to_owned(),
            length: Length::Months(500),
            rollover: Rollover::Keep,
            valid_from: day("2026-11-01")?,
            valid_to: None,
        },
    };
    assert_eq!(change(office.key(), &endless).await.refused()?, Refusal::TooLong { field: "length" });
    assert_eq!(office.app.delays().await.fine()?.rules.versions(code::MAIL).count(), 3);
    Ok(())
}

async fn a_day_that_is_closed_moves_what_counts_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let urgent = NewMail { urgent: true, ..letter(office.today()) };
    let id = office.register(urgent).await?.dossier.id;
    office.register(letter(office.today())).await?;
    let due_on = async |caller: &Caller| -> Result<Option<NaiveDate>> {
        Ok(office.app.dossier(caller, id).await.fine()?.context("gone")?.dossier.due_on())
    };
    let clerk = office.caller(Person::Clerk).await?;
    assert_eq!(due_on(&clerk).await?, Some(day("2026-11-27")?), "five working days from a Sunday");
    let entry = Entry {
        id: office.app.new_entry_id(),
        kind: EntryKind::Closed,
        first: day("2026-11-26")?,
        last: day("2026-11-27")?,
        zone: None,
        house: None,
        label: "Fermeture exceptionnelle".to_owned(),
    };
    let close = Change::AddEntry(entry.clone());
    let found = office.app.preview(&administrator, &close).await.fine()?;
    let moved: Vec<_> = found.moves.iter().filter(|one| one.rule == code::MAIL_URGENT).collect();
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].before, moved[0].after), (day("2026-11-27")?, day("2026-12-01")?));
    let key = office.key();
    office.app.change_delays(&administrator, key.clone(), close).await.fine()?;
    // The same command, asked again: what is drawn for the days each time is no part of it.
    let again = Change::AddEntry(Entry { id: office.app.new_entry_id(), ..entry.clone() });
    office.app.change_delays(&administrator, key, again).await.fine()?;
    let delays = office.app.delays().await.fine()?;
    assert_eq!(delays.calendar.entries.iter().filter(|one| one.label == entry.label).count(), 1);
    assert_eq!(due_on(&clerk).await?, Some(day("2026-12-01")?));
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.dossier(&clerk, id).await.fine()?.context("gone")?;
    let told = office.app.explanations(&clerk, &sheet).await.fine()?.concat().join("\n");
    assert!(told.contains("fermé (Fermeture exceptionnelle)"), "{told}");
    office.app.change_delays(&administrator, office.key(), Change::RemoveEntry(entry.id)).await.fine()?;
    assert_eq!(due_on(&clerk).await?, Some(day("2026-11-27")?));
    let gone = office.app.change_delays(&administrator, office.key(), Change::RemoveEntry(entry.id)).await;
    assert!(matches!(gone.failed()?, Error::NotFound));
    let backwards = Entry { last: day("2026-11-25")?, ..entry };
    let refused = office.app.change_delays(&administrator, office.key(), Change::AddEntry(backwards)).await;
    assert_eq!(refused.refused()?, Refusal::EndsBeforeItBegins { field: "last" });
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_stage_that_changes_moves_what_is_at_risk(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    // Due on 10 December: thirteen working days are left, a unit should have taken it fifteen before the term.
    office.register(letter(day("2026-10-10")?)).await?;
    let risky = async || -> Result<u64> {
        let manager = office.caller(Person::Manager).await?;
        office
            .app
            .count(&manager, &List { at_risk: true, kind: Some(Kind::Mail), ..List::default() })
            .await
            .fine()
    };
    assert_eq!(risky().await?, 1);
    let change = Change::Rule {
        code: "mail-accept".to_owned(),
        version: 1,
        change: RuleChange {
            label: "Courrier : acceptation par le service".to_owned(),
            source: "Usage du ministère".to_owned(),
            length: Length::WorkingDays(8),
            rollover: Rollover::Keep,
            valid_from: day("2026-11-01")?,
            valid_to: None,
        },
    };
    let found = office.app.preview(&administrator, &change).await.fine()?;
    assert_eq!(found.moves.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(), ["mail-accept"]);
    office.app.change_delays(&administrator, office.key(), change).await.fine()?;
    assert_eq!(risky().await?, 0);
    Ok(())
}

async fn a_calendar_feed_holds_ones_own_deadlines_until_it_is_taken_back(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mine = office.register(petition("À la DACS")).await?.dossier.id;
    office.play(mine, office.to_drafting()?).await?;
    let other = office.register(petition("À attribuer")).await?.dossier.id;
    let own = async |person: Person| -> Result<(String, BTreeSet<DossierId>)> {
        let caller = office.caller(person).await?;
        let secret = office.app.open_feed(&caller).await.fine()?.reveal().to_owned();
        let feed = office.app.feed(&secret).await.fine()?;
        Ok((secret, ids(&feed.dossiers)))
    };
    assert_eq!(own(Person::Correspondent).await?.1, BTreeSet::from([mine]));
    assert_eq!(own(Person::Clerk).await?.1, BTreeSet::from([mine, other]));
    assert_eq!(own(Person::Prisons).await?.1, BTreeSet::new());
    assert_eq!(own(Person::Administrator).await?.1, BTreeSet::new());
    let (first, _) = own(Person::Drafter).await?;
    let (second, _) = own(Person::Drafter).await?;
    assert!(matches!(office.app.feed(&first).await.failed()?, Error::NotFound), "replaced by the second");
    let drafter = office.caller(Person::Drafter).await?;
    assert!(office.app.feed_since(&drafter).await.fine()?.is_some());
    office.app.close_feed(&drafter).await.fine()?;
    assert!(matches!(office.app.feed(&second).await.failed()?, Error::NotFound));
    assert_eq!(office.app.feed_since(&drafter).await.fine()?, None);
    Ok(())
}
