//! A list and what is made of it: the table for a spreadsheet, the figures of the month.

use anyhow::{Context as _, Result};
use chrono::{Days, NaiveDate};
use pli_app::{Late, List};
use pli_domain::deadline::{AgeClass, Standing};
use pli_domain::delay::Clock;
use pli_domain::dossier::{Kind, NewMail};
use pli_tests::samples::{day, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, Person, Served};

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    the_table_is_the_list_whoever_asks,
    what_looks_like_a_formula_is_a_text,
    each_figure_of_the_month_is_the_length_of_its_list,
);

/// Letters at all stages, with all sorts of dates: more than two pages of them.
async fn registers(served: &Served) -> Result<()> {
    let office = &served.office;
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), question(16_458)).await.fine()?;
    let leads = ["DACS", "DAP", "DACS-C1"];
    for place in 0..205_u64 {
        let received = day("2026-09-01")? + Days::new(place % 82);
        let mail = match place % 3 {
            0 => {
                NewMail { received_on: received, document_on: received, ..petition("Aide juridictionnelle") }
            }
            1 => NewMail { urgent: true, ..letter(received) },
            _ => letter(received),
        };
        let id = office.register(mail).await?.dossier.id;
        if let Some(lead) = leads.get(usize::try_from(place % 9)?) {
            office.play(id, [(Person::Clerk, route(office.unit(lead)?))]).await?;
        }
    }
    for _ in 0..2 {
        let answered = office.register(letter(day("2026-09-01")?)).await?.dossier.id;
        office.play(answered, office.to_answer()?).await?;
    }
    Ok(())
}

/// The rows of a table, its head first.
fn rows(table: &str) -> Result<Vec<Vec<String>>> {
    let table = table.strip_prefix('\u{feff}').context("no mark: accents are lost in a spreadsheet")?;
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(table.as_bytes());
    reader.records().map(|row| Ok(row?.iter().map(str::to_owned).collect())).collect()
}

async fn the_table_is_the_list_whoever_asks(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    registers(&served).await?;
    let office = &served.office;
    let open = List { open: Some(true), ..List::default() };
    let dacs = office.unit("DACS")?;
    let lists = [
        ("", open.clone()),
        ("etat=tous", List::default()),
        ("etat=clos", List { open: Some(false), ..List::default() }),
        ("horloge=interne", List { clock: Some(Clock::Internal), ..open.clone() }),
        (
            "retard=tous&horloge=legal",
            List { clock: Some(Clock::Legal), late: Some(Late::Any), ..open.clone() },
        ),
        ("retard=up_to15", List { late: Some(Late::Class(AgeClass::UpTo15)), ..open.clone() }),
        ("service=DACS&type=courrier", List { unit: Some(dacs), kind: Some(Kind::Mail), ..open.clone() }),
        ("risque=1", List { at_risk: true, ..open.clone() }),
        ("q=juridictionnelle", List { words: Some("juridictionnelle".to_owned()), ..open.clone() }),
        ("q=rien+du+tout", List { words: Some("rien du tout".to_owned()), ..open }),
    ];
    let mut most = 0;
    for (person, caller) in office.everybody().await? {
        let cookie = served.cookie(person).await?;
        for (query, list) in &lists {
            let answer = served.page(&format!("/dossiers.csv?{query}"), &cookie).await?;
            assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
            let name = "attachment; filename=\"dossiers-2026-11-22.csv\"";
            assert_eq!(answer.headers()["content-disposition"], name);
            let rows = rows(&answer.text().await?)?;
            let (head, rows) = rows.split_first().context("no head")?;
            assert_eq!(
                (head[0].as_str(), head[10].as_str(), head.len()),
                ("Référence", "Retard en jours", 13)
            );
            let sheets = office.walk(&caller, list, 7).await?;
            let listed: Vec<_> = sheets.iter().map(|sheet| sheet.dossier.reference.as_str()).collect();
            let told: Vec<_> = rows.iter().map(|row| row[0].as_str()).collect();
            assert_eq!(told, listed, "{person:?} {query}");
            for (row, sheet) in rows.iter().zip(&sheets) {
                let term = list.term(&sheet.dossier);
                let standing = term.standing(office.today());
                let late = match standing {
                    Standing::Late { by } | Standing::AnsweredLate { by } => by.to_string(),
                    _ => String::new(),
                };
                let french = |day: Option<NaiveDate>| day.map(|day| day.format("%d/%m/%Y").to_string());
                assert_eq!(row[7], french(term.due_on).unwrap_or_default(), "{query}");
                assert_eq!(row[8], french(sheet.dossier.clock_due_on(Clock::Legal)).unwrap_or_default());
                assert_eq!((row[10].as_str(), row[11].as_str()), (late.as_str(), standing.french().as_str()));
                assert_eq!(row[12], french(sheet.dossier.closed_on).unwrap_or_default());
            }
            most = most.max(rows.len());
        }
    }
    assert_eq!(most, 208, "more than one page of the database");
    Ok(())
}

async fn what_looks_like_a_formula_is_a_text(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let subjects = ["=1+1;\"x\"", "+33", "-2", "@SUM(A1)", "Ordinaire ; \"cité\""];
    for subject in subjects {
        let sender = format!("{subject} et fils");
        office.register(NewMail { sender, ..petition(subject) }).await?;
    }
    let cookie = served.cookie(Person::Clerk).await?;
    let table = served.page("/dossiers.csv", &cookie).await?.text().await?;
    let rows = rows(&table)?;
    for subject in subjects {
        let quote = if subject.starts_with('O') { "" } else { "'" };
        let (subject, sender) = (format!("{quote}{subject}"), format!("{quote}{subject} et fils"));
        assert_eq!(rows.iter().filter(|row| row[2] == subject && row[3] == sender).count(), 1, "{table}");
    }
    assert!(table.contains("\r\n"));
    Ok(())
}

async fn each_figure_of_the_month_is_the_length_of_its_list(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    registers(&served).await?;
    let office = &served.office;
    let mut figures = 0_usize;
    for (person, caller) in office.everybody().await? {
        let visitor = Visitor::open(&served, person).await?;
        for (query, clock) in [("", None), ("&horloge=interne", Some(Clock::Internal))] {
            for month in ["2026-11", "2027-01"] {
                let (_, page) = visitor.get(&format!("/calendrier?mois={month}{query}")).await?;
                let first = day(&format!("{month}-01"))?;
                let days = first.iter_days().take_while(|on| on.format("%Y-%m").to_string() == month);
                for on in days {
                    let due = Some((on, on));
                    let list = List { open: Some(true), clock, due, ..List::default() };
                    let count = office.app.count(&caller, &list).await.fine()?;
                    let cell = between(&page, &format!("<time datetime=\"{on}\">"), "</td>")?;
                    let Ok(link) = between(cell, "<a href=\"", "</a>") else {
                        assert_eq!(count, 0, "{person:?} {on}");
                        continue;
                    };
                    let (href, words) = link.split_once("\">").context("no words")?;
                    assert!(words.starts_with(&format!("{count} ")), "{person:?} {on}: {words}, not {count}");
                    let (_, listed) = visitor.get(&href.replace("&#38;", "&")).await?;
                    let heading = between(&listed, "<h1>", "</h1>")?;
                    assert!(
                        heading.starts_with(&format!("{count}\u{a0}dossier")),
                        "{person:?} {href}: {heading}"
                    );
                    figures += 1;
                }
            }
        }
    }
    assert!(figures > 100, "{figures}");
    Ok(())
}
