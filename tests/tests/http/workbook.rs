//! The list as a workbook, opened by another library and compared with the list.

use std::io::Cursor;

use anyhow::{Context as _, Result};
use calamine::{Data, Range, Reader as _, Xlsx};
use pli_app::List;
use pli_domain::french::French as _;
use pli_tests::samples::{letter, petition, question};
use pli_tests::{Engine, Fine as _, Person, Served};

async fn cells(served: &Served, path: &str, cookie: &str) -> Result<Range<Data>> {
    let answer = served.page(path, cookie).await?;
    assert_eq!(answer.status(), 200, "{path}");
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(answer.headers()["content-type"], kind);
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"dossiers-2026-11-22.xlsx\"");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes().await?.to_vec()))?;
    let formulas = workbook.worksheet_formula("Dossiers")?;
    assert!(formulas.used_cells().next().is_none(), "no cell is a formula");
    Ok(workbook.worksheet_range("Dossiers")?)
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

/// Words that a spreadsheet would run if it took them for a formula.
const TRAPS: [&str; 6] =
    ["=HYPERLINK(\"http://x\";\"y\")", "+1+1", "-2", "@SUM(A1)", "\t=1+1", "http://mechant.example"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_holds_exactly_what_is_listed() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let office = &served.office;
    for trap in TRAPS {
        let mut mail = petition(trap);
        mail.sender = trap.to_owned();
        office.register(mail).await?;
    }
    // More than a page of any kind, in both kinds of dossier, some late.
    for days in 0..110 {
        office.register(letter(office.today() - chrono::TimeDelta::days(days))).await?;
    }
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), question(7)).await.fine()?;
    let first = office.walk(&clerk, &List::default(), 100).await?.remove(0);
    office.play(first.dossier.id, office.to_answer()?).await?;

    let cookie = served.cookie(Person::Clerk).await?;
    let all = List { open: None, ..List::default() };
    for (query, list) in [
        ("etat=tous", all.clone()),
        ("", List { open: Some(true), ..all.clone() }),
        ("retard=tous", List { late: Some(pli_app::Late::Any), ..all.clone() }),
        ("etat=tous&q=%40sum", List { words: Some("@sum".to_owned()), ..all.clone() }),
        ("q=zzz", List { words: Some("zzz".to_owned()), ..all.clone() }),
    ] {
        let table = cells(&served, &format!("/dossiers.xlsx?{query}"), &cookie).await?;
        let listed = office.walk(&clerk, &list, 100).await?;
        let mut rows = table.rows();
        let head = rows.next().context("no head")?;
        let column = |name: &str| head.iter().position(|cell| *cell == text(name)).context(name.to_owned());
        assert_eq!(head.len(), 13, "every column, when none is chosen");
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.len(), listed.len(), "{query}");
        for (row, sheet) in rows.into_iter().zip(listed) {
            let dossier = &sheet.dossier;
            assert_eq!(row[column("Référence")?], text(&dossier.reference), "in the order of the list");
            assert_eq!(row[column("Type")?], text(dossier.kind().french()));
            assert_eq!(row[column("Objet")?], text(&sheet.subject), "as it was written");
            let sender = sheet.sender.as_deref().map_or(Data::Empty, text);
            assert_eq!(row[column("Expéditeur")?], sender);
            assert_eq!(row[column("État")?], text(dossier.stage.french()));
            let day = |day: Option<chrono::NaiveDate>, name: &str| -> Result<()> {
                let cell = &row[column(name)?];
                match (day, cell) {
                    (None, Data::Empty) => {}
                    (Some(day), Data::DateTime(date)) => {
                        assert!(date.is_datetime(), "a date, not a number");
                        let (year, month, of_month, ..) = date.to_ymd_hms_milli();
                        let told =
                            chrono::NaiveDate::from_ymd_opt(year.into(), month.into(), of_month.into());
                        assert_eq!(told, Some(day), "{name}");
                    }
                    other => panic!("{name}: {other:?}"),
                }
                Ok(())
            };
            day(Some(dossier.received_on), "Reçu le")?;
            day(dossier.due_on(), "Échéance")?;
            day(dossier.closed_on, "Clos le")?;
            let late = (office.today() - dossier.due_on().context("never due")?).num_days();
            let late = match i32::try_from(late)? {
                days if dossier.stage.is_open() && days > 0 => Data::Float(days.into()),
                _ => Data::Empty,
            };
            if dossier.stage.is_open() {
                assert_eq!(row[column("Retard en jours")?], late);
            }
            let standing = dossier.term().standing(office.today()).french();
            assert_eq!(row[column("Situation")?], text(&standing));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_has_the_columns_that_were_chosen_and_what_may_be_read() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let office = &served.office;
    for lead in ["DACS", "DAP"] {
        let id = office.register(petition(lead)).await?.dossier.id;
        let route = pli_tests::samples::route(office.unit(lead)?);
        office.play(id, [(Person::Clerk, route)]).await?;
    }
    let cookie = served.cookie(Person::Correspondent).await?;
    let table = cells(&served, "/dossiers.xlsx?colonnes=clos,objet&colonnes=service", &cookie).await?;
    let rows: Vec<Vec<Data>> = table.rows().map(<[Data]>::to_vec).collect();
    let head = ["Référence", "Objet", "Service pilote", "Clos le"].map(text);
    assert_eq!(rows[0], head);
    assert_eq!(rows[1..], [vec![text("SG-2026-A-000001"), text("DACS"), text("DACS"), Data::Empty]]);

    // A past day is exported as it is listed, and the page says which one it is.
    office.app.take_snapshot().await.fine()?;
    let path = "jour=2026-11-22&colonnes=reference";
    assert_eq!(cells(&served, &format!("/dossiers.xlsx?{path}"), &cookie).await?.rows().count(), 2);
    let page = served.page(&format!("/dossiers?{path}"), &cookie).await?.text().await?;
    assert!(
        page.contains("1\u{a0}dossier le 22/11/2026") && page.contains("que vous pouvez voir aujourd’hui")
    );
    let page = served.page("/dossiers?jour=2026-11-21&retard=tous", &cookie).await?.text().await?;
    assert!(page.contains("Aucun relevé n’a été fait ce jour-là"));

    assert_eq!(served.page("/dossiers.xlsx?colonnes=mot-de-passe", &cookie).await?.status(), 400);
    let stranger = served.client.get(format!("{}/dossiers.xlsx", served.url)).send().await?;
    assert_eq!(stranger.status(), 303);
    Ok(())
}
