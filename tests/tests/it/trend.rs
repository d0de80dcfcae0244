//! How lateness goes: a snapshot a day, whose figures still open their exact list, and the share answered in time.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use pli_app::{App, Caller, Figure, Files, Late, List, Sheet};
use pli_domain::deadline::{AgeClass, Standing, Timeliness};
use pli_domain::delay::Clock;
use pli_domain::dossier::{Command, Kind, NewMail};
use pli_persistence::Store;
use pli_tests::samples::{day, dispatch, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, NOW, Office, Person};
use strum::VariantArray as _;

pli_tests::on_both!(
    one_snapshot_is_taken_a_day_even_by_two_servers,
    every_past_figure_opens_a_list_of_that_length,
    a_past_day_is_listed_as_it_stood,
    the_past_is_read_by_who_may_read_it_today,
    a_day_without_a_snapshot_has_no_list,
    today_is_the_same_in_the_snapshot_and_in_the_lists,
    what_was_answered_in_time_is_what_standing_says,
    a_day_costs_what_changed,
    all_that_is_open_is_in_the_snapshot_once,
);

/// Goes to nine in the morning of a day, and looks at what is open.
async fn morning(office: &Office, day: NaiveDate) -> Result<()> {
    office.set_clock(&format!("{day}T08:00:00Z"))?;
    office.app.take_snapshot().await.fine()?;
    Ok(())
}

async fn count(office: &Office, caller: &Caller, list: &List) -> Result<u64> {
    office.app.count(caller, list).await.fine()
}

async fn references(office: &Office, caller: &Caller, list: &List) -> Result<Vec<String>> {
    let sheets = office.walk(caller, list, 100).await?;
    let mut found: Vec<_> = sheets.into_iter().map(|sheet| sheet.dossier.reference).collect();
    found.sort();
    Ok(found)
}

fn late(day: NaiveDate) -> List {
    List { late: Some(Late::Any), as_of: Some(day), ..List::default() }
}

async fn one_snapshot_is_taken_a_day_even_by_two_servers(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for days in 0..30 {
        office.register(letter(office.today() - TimeDelta::days(days * 5))).await?;
    }
    let sql = office.database.sql().await?;
    let mut other = Vec::new();
    for _ in 0..4 {
        let store = Store::connect(office.database.url()).await?;
        other.push(App::new(store, Files::in_folder(office.files.path()), office.clock.clone()));
    }
    for days in 1..=3_u64 {
        let taken = other.iter().map(|app| {
            let app = app.clone();
            tokio::spawn(async move { app.take_snapshot().await })
        });
        let mut times = 0;
        for task in taken.collect::<Vec<_>>() {
            times += u32::from(task.await?.fine()?);
        }
        assert_eq!(times, 1, "day {days}");
        assert!(!office.app.take_snapshot().await.fine()?);
        assert_eq!(sql.one::<i64>("SELECT COUNT(*) FROM snapshot").await?, i64::try_from(days)?);
        office.clock.set(office.now().instant() + TimeDelta::days(1));
    }
    // A clock that was set back does not write the past again.
    office.set_clock("2026-11-01T09:00:00Z")?;
    assert!(!office.app.take_snapshot().await.fine()?);
    assert_eq!(sql.one::<i64>("SELECT COUNT(*) FROM snapshot").await?, 3);
    Ok(())
}

/// Four weeks in which letters and questions come, go to units, change hands, are answered in time or late, are filed and
/// are taken up again; every morning but one is looked at.
async fn some_weeks(office: &Office) -> Result<()> {
    let (dacs, dap) = (office.unit("DACS")?, office.unit("DAP")?);
    let end: DateTime<Utc> = NOW.parse()?;
    let today = end.date_naive();
    let cancel = || Command::Cancel { note: "Erreur.".to_owned() };
    let mut open: Vec<Sheet> = Vec::new();
    for days in (0..30_u64).rev() {
        let on = today - Days::new(days);
        if days == 11 {
            continue;
        }
        morning(office, on).await?;
        let received = on - Days::new(days * 47 % 160);
        let mail = match days % 3 {
            0 => {
                NewMail { received_on: received, document_on: received, ..petition("Aide juridictionnelle") }
            }
            _ => letter(received),
        };
        open.push(office.register(mail).await?);
        if days % 4 == 0 {
            let clerk = office.caller(Person::Clerk).await?;
            let mut new = question(u32::try_from(days)? + 1);
            new.published_on = on - Days::new(40 + days * 2);
            open.push(office.app.receive_question(&clerk, office.key(), new).await.fine()?);
        }
        let place = usize::try_from(days * 7)? % open.len();
        let sheet = open[place].clone();
        let (id, kind) = (sheet.dossier.id, sheet.dossier.kind());
        let lead = if days % 2 == 0 { dacs } else { dap };
        let steps: Vec<(Person, Command)> = match (days % 5, sheet.dossier.lead) {
            (_, None) if days % 7 == 3 && kind == Kind::Mail => vec![(Person::Clerk, cancel())],
            (_, None) => vec![(Person::Coordinator, route(lead))],
            (4, Some(unit)) if unit != lead => vec![(Person::Coordinator, Command::Reroute { lead })],
            (_, Some(unit)) if unit == dacs && kind == Kind::Mail => {
                let mut steps = office.to_answer()?;
                steps.remove(0);
                steps.pop();
                steps.push((Person::Clerk, dispatch(on)));
                steps
            }
            (_, Some(_)) if kind == Kind::Question => vec![(Person::Coordinator, Command::Publish { on })],
            _ => continue,
        };
        let after = office.play(id, steps).await?;
        if after.dossier.stage.is_open() {
            open[place] = after;
        } else {
            open.remove(place);
            if days == 6 || days == 5 {
                let reopen = Command::Reopen { note: "À revoir.".to_owned() };
                open.push(office.play(id, [(Person::Coordinator, reopen)]).await?);
            }
        }
    }
    Ok(())
}

fn figures() -> Vec<Figure> {
    let classes = AgeClass::VARIANTS.iter().map(|class| Figure::Late(Late::Class(*class)));
    let answers = Timeliness::VARIANTS.iter().map(|timeliness| Figure::Answered(*timeliness));
    classes.chain(answers).chain([Figure::Late(Late::Any), Figure::AtRisk, Figure::Open]).collect()
}

async fn every_past_figure_opens_a_list_of_that_length(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    some_weeks(&office).await?;
    let (dacs, mut seen) = (office.unit("DACS")?, 0_u64);
    let mut kinds_of_figures = vec![0_u64; figures().len()];
    for (person, caller) in office.everybody().await? {
        for clock in [None, Some(Clock::Legal), Some(Clock::Internal)] {
            for (kind, unit) in
                [(None, None), (Some(Kind::Mail), None), (Some(Kind::Question), None), (None, Some(dacs))]
            {
                let list = List { clock, kind, unit, ..List::default() };
                let trend = office.app.trend(&caller, &list).await.fine()?;
                assert_eq!(trend.since, Some(day("2026-10-24")?));
                assert_eq!(trend.weeks.len(), 12);
                for week in &trend.weeks {
                    assert_eq!(week.day.is_some(), week.to >= day("2026-10-24")?, "{week:?}");
                    for (figure, total) in figures().into_iter().zip(&mut kinds_of_figures) {
                        let Some(behind) = week.list(figure) else {
                            assert_eq!(week.count(figure), 0);
                            continue;
                        };
                        let number = week.count(figure);
                        assert_eq!(
                            count(&office, &caller, &behind).await?,
                            number,
                            "{person:?} {figure:?} {behind:?}"
                        );
                        seen += number;
                        *total += number;
                    }
                }
                for rate in office.app.on_time(&caller, &list, office.app.periods()).await.fine()? {
                    let total = rate.total();
                    for row in rate.rows.iter().map(Some).chain([None]) {
                        let figures = row.unwrap_or(&total);
                        for (number, in_time) in [(figures.due, false), (figures.in_time, true)] {
                            let behind = rate.list(row, in_time);
                            assert_eq!(count(&office, &caller, &behind).await?, number, "{behind:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(seen > 1_000, "{seen}");
    assert!(kinds_of_figures.iter().all(|number| *number > 0), "{kinds_of_figures:?}");
    Ok(())
}

async fn a_past_day_is_listed_as_it_stood(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    let (dacs, dap) = (office.unit("DACS")?, office.unit("DAP")?);
    let due_on = |sheet: &Sheet| sheet.dossier.due_on().context("never due");
    office.set_clock("2026-10-01T08:00:00Z")?;
    let letter = office.register(letter(day("2026-08-01")?)).await?;
    let (id, reference) = (letter.dossier.id, letter.dossier.reference.clone());
    assert_eq!(due_on(&letter)?, day("2026-10-01")?);
    morning(&office, day("2026-10-01")?).await?;
    morning(&office, day("2026-10-02")?).await?;
    office.play(id, [(Person::Coordinator, route(dacs))]).await?;
    morning(&office, day("2026-10-03")?).await?;
    office.play(id, [(Person::Coordinator, Command::Reroute { lead: dap })]).await?;
    morning(&office, day("2026-10-20")?).await?;
    office.play(id, [(Person::Prisons, Command::Accept)]).await?;
    let by_phone = Command::AnswerByPhone { on: office.today(), note: "Rappelé.".to_owned() };
    let answered = office.play(id, [(Person::Prisons, by_phone)]).await?;
    assert_eq!(answered.dossier.term().standing(office.today()), Standing::AnsweredLate { by: 19 });
    morning(&office, day("2026-10-21")?).await?;

    let listed = async |text: &str, list: List| -> Result<bool> {
        let found = references(&office, &manager, &List { as_of: Some(day(text)?), ..list }).await?;
        assert!(found.is_empty() || found == [reference.clone()], "{found:?}");
        Ok(!found.is_empty())
    };
    let any = || List { late: Some(Late::Any), ..List::default() };
    let of = |unit| List { unit: Some(unit), ..any() };
    let class = |class| List { late: Some(Late::Class(class)), ..List::default() };
    // The last day is not late; the next one is.
    assert!(!listed("2026-10-01", any()).await? && listed("2026-10-01", List::default()).await?);
    assert!(
        listed("2026-10-02", List { unrouted: true, ..any() }).await?
            && !listed("2026-10-02", of(dacs)).await?
    );
    assert!(listed("2026-10-03", of(dacs)).await? && !listed("2026-10-03", of(dap)).await?);
    assert!(listed("2026-10-20", of(dap)).await? && !listed("2026-10-20", of(dacs)).await?);
    assert!(listed("2026-10-03", class(AgeClass::UpTo15)).await?);
    assert!(listed("2026-10-20", class(AgeClass::UpTo30)).await?);
    assert!(!listed("2026-10-20", class(AgeClass::UpTo15)).await?);
    assert!(!listed("2026-10-21", List::default()).await?, "it was closed");
    // What else is asked is of today: of those that were late then, which are closed by now?
    assert!(listed("2026-10-03", List { open: Some(false), ..any() }).await?);
    assert!(!listed("2026-10-03", List { open: Some(true), ..any() }).await?);

    // Taken up again, it is in the days that come; those between stay without it.
    office.play(id, [(Person::Coordinator, Command::Reopen { note: "Incomplet.".to_owned() })]).await?;
    morning(&office, day("2026-10-22")?).await?;
    assert!(listed("2026-10-22", of(dap)).await? && !listed("2026-10-21", any()).await?);
    assert!(listed("2026-10-03", of(dacs)).await?, "the past stays");
    Ok(())
}

async fn the_past_is_read_by_who_may_read_it_today(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (dacs, dap) = (office.unit("DACS")?, office.unit("DAP")?);
    let id = office.register(letter(day("2026-08-01")?)).await?.dossier.id;
    office.play(id, [(Person::Coordinator, route(dacs))]).await?;
    office.app.take_snapshot().await.fine()?;
    let past = List { unit: Some(dacs), ..late(office.today()) };
    let seen = async |person| -> Result<u64> { count(&office, &office.caller(person).await?, &past).await };
    assert_eq!((seen(Person::Drafter).await?, seen(Person::Prisons).await?), (1, 0));
    office.play(id, [(Person::Coordinator, Command::Reroute { lead: dap })]).await?;
    assert_eq!((seen(Person::Drafter).await?, seen(Person::Prisons).await?), (0, 1));
    assert_eq!((seen(Person::Manager).await?, seen(Person::Administrator).await?), (1, 0));
    Ok(())
}

async fn a_day_without_a_snapshot_has_no_list(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    let trend = office.app.trend(&manager, &List::default()).await.fine()?;
    assert!(trend.since.is_none() && trend.weeks.iter().all(|week| week.day.is_none()));
    office.register(letter(day("2026-08-01")?)).await?;
    morning(&office, day("2026-11-03")?).await?;
    // The server stands still for two days.
    morning(&office, day("2026-11-06")?).await?;
    for (on, kept) in
        [("2026-11-02", 0), ("2026-11-03", 1), ("2026-11-04", 0), ("2026-11-06", 1), ("2026-11-07", 0)]
    {
        assert_eq!(count(&office, &manager, &late(day(on)?)).await?, kept, "{on}");
        assert_eq!(office.app.has_snapshot(day(on)?).await.fine()?, kept == 1, "{on}");
    }
    Ok(())
}

async fn today_is_the_same_in_the_snapshot_and_in_the_lists(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    for days in 0..100 {
        let sheet = office.register(letter(office.today() - TimeDelta::days(days))).await?;
        if days % 3 == 0 {
            office.play(sheet.dossier.id, office.to_drafting()?).await?;
        }
    }
    office.app.take_snapshot().await.fine()?;
    let mut seen = 0;
    for list in [
        List { open: Some(true), ..List::default() },
        List { late: Some(Late::Any), ..List::default() },
        List { late: Some(Late::Class(AgeClass::UpTo30)), ..List::default() },
        List { at_risk: true, ..List::default() },
        List { at_risk: true, clock: Some(Clock::Internal), ..List::default() },
        List { at_risk: true, clock: Some(Clock::Legal), ..List::default() },
        List { unrouted: true, late: Some(Late::Any), ..List::default() },
        List { unit: Some(office.unit("DACS")?), at_risk: true, ..List::default() },
    ] {
        let now = references(&office, &manager, &list).await?;
        let then = List { as_of: Some(office.today()), ..list };
        assert_eq!(references(&office, &manager, &then).await?, now, "{then:?}");
        seen += now.len();
    }
    assert!(seen > 200, "{seen}");
    Ok(())
}

async fn what_was_answered_in_time_is_what_standing_says(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    some_weeks(&office).await?;
    let manager = office.caller(Person::Manager).await?;
    let all = office.walk(&manager, &List::default(), 100).await?;
    let today = office.today();
    let mut found = [0, 0];
    for clock in [None, Some(Clock::Legal), Some(Clock::Internal)] {
        let term = |sheet: &Sheet| {
            clock.map_or_else(|| sheet.dossier.term(), |clock| sheet.dossier.clock_term(clock))
        };
        for (timeliness, found) in Timeliness::VARIANTS.iter().copied().zip(&mut found) {
            let list = List { clock, answered: Some(timeliness), ..List::default() };
            let said =
                all.iter().filter(|sheet| term(sheet).standing(today).timeliness() == Some(timeliness));
            let mut said: Vec<_> = said.map(|sheet| sheet.dossier.reference.clone()).collect();
            said.sort();
            assert_eq!(references(&office, &manager, &list).await?, said, "{list:?}");
            *found += said.len();
            // And between two days.
            let closed = (day("2026-11-01")?, day("2026-11-10")?);
            let between = |sheet: &&Sheet| {
                sheet.dossier.closed_on.is_some_and(|on| (closed.0..=closed.1).contains(&on))
                    && term(sheet).standing(today).timeliness() == Some(timeliness)
            };
            let period = List { closed: Some(closed), ..list };
            assert_eq!(
                count(&office, &manager, &period).await?,
                u64::try_from(all.iter().filter(between).count())?
            );
        }
        let (from, to) = (today - Days::new(84), today - Days::new(1));
        let list = List { clock, ..List::default() };
        let [rate] = office.app.on_time(&manager, &list, [(from, today)]).await.fine()?;
        assert_eq!((rate.from, rate.to), (from, to), "today is not over");
        let due = all.iter().filter(|sheet| term(sheet).due_on.is_some_and(|due| (from..=to).contains(&due)));
        let due: Vec<_> = due.collect();
        // Whoever is neither answered nor open is due nothing: nobody is counted as late who was filed or withdrawn.
        assert!(due.iter().all(|sheet| term(sheet).standing(today) != Standing::NoTerm));
        let in_time =
            due.iter().filter(|sheet| term(sheet).standing(today) == Standing::AnsweredInTime).count();
        let total = rate.total();
        assert_eq!(
            (total.due, total.in_time),
            (u64::try_from(due.len())?, u64::try_from(in_time)?),
            "{clock:?}"
        );
    }
    assert!(found.iter().all(|found| *found > 3), "{found:?}");
    Ok(())
}

async fn a_day_costs_what_changed(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for days in 0..20 {
        office.register(letter(office.today() - TimeDelta::days(days))).await?;
    }
    let sql = office.database.sql().await?;
    let rows = async || sql.one::<i64>("SELECT COUNT(*) FROM snapshot_span").await;
    let today = office.today();
    for days in 0..5 {
        morning(&office, today + Days::new(days)).await?;
    }
    let before = rows().await?;
    assert!(before < 30, "{before}: only those whose risk has changed stand anew");
    let id = office.register(letter(today)).await?.dossier.id;
    morning(&office, today + Days::new(5)).await?;
    let registered = rows().await?;
    office.play(id, [(Person::Clerk, route(office.unit("DACS")?))]).await?;
    morning(&office, today + Days::new(6)).await?;
    assert!(rows().await? <= registered + 2);
    Ok(())
}

/// Open dossiers that stand in the last snapshot as they are.
const STAND: &str = "SELECT count(*) FROM snapshot_span AS s JOIN dossier AS d ON d.id = s.dossier_id \
                     WHERE d.open AND s.last_on = '9999-12-31' AND s.due_on = d.due_on";

async fn all_that_is_open_is_in_the_snapshot_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    // More than are read at once.
    office.fill(30_000, |_| ()).await?;
    let sql = office.database.sql().await?;
    let open = sql.one::<i64>("SELECT count(*) FROM dossier WHERE open").await?;
    assert!(open > 1_200, "{open}");
    morning(&office, office.today()).await?;
    assert_eq!(sql.one::<i64>(STAND).await?, open);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM snapshot_span").await?, open);
    sql.run("UPDATE dossier SET open = false WHERE reference LIKE '%7'").await?;
    let left = sql.one::<i64>("SELECT count(*) FROM dossier WHERE open").await?;
    morning(&office, office.today() + Days::new(1)).await?;
    assert_eq!(sql.one::<i64>(STAND).await?, left);
    assert!(left < open);
    let ended = "SELECT count(*) FROM snapshot_span AS s JOIN dossier AS d ON d.id = s.dossier_id \
                 WHERE NOT d.open AND s.last_on = '9999-12-31'";
    assert_eq!(sql.one::<i64>(ended).await?, 0);
    Ok(())
}
