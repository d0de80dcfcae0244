//! The clock of the machine, set back and forth while people work.

use anyhow::Result;
use pli_tests::samples::{draft, petition};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(a_clock_that_goes_back_loses_and_doubles_nothing);

/// What `pli verify` says of an entry that stands on a day that was sealed without it.
const UNSEALED: &str = "est plus ancienne que le dernier sceau, qui ne la couvre pas";

async fn a_clock_that_goes_back_loses_and_doubles_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = office.register(petition("Première")).await?.dossier;
    office.play(first.id, office.to_drafting()?).await?;
    let cookie = office.come_in(Person::Clerk.login(), pli_tests::PASSWORD).await?;
    assert!(cookie.is_some());
    // The day after, sealed; then an hour, a day, a month and a year back.
    let mut references = Vec::new();
    for (number, instant) in [
        "2026-11-24T10:00:00Z",
        "2026-11-24T09:00:00Z",
        "2026-11-23T10:00:00Z",
        "2026-10-23T10:00:00Z",
        "2025-11-23T10:00:00Z",
        "2026-11-25T10:00:00Z",
    ]
    .into_iter()
    .enumerate()
    {
        office.set_clock(instant)?;
        office.app.keep_time().await.fine()?;
        office.app.take_snapshot().await.fine()?;
        office.app.seal_day().await.fine()?;
        let text = format!("Version {number}");
        let order = office.order(first.id, draft(&text));
        let drafter = office.caller(Person::Drafter).await?;
        let done = office.app.act(&drafter, order.clone()).await.fine()?;
        let again = office.app.act(&drafter, order).await.fine()?;
        assert_eq!(done.version, again.version, "{instant}: the same key, once");
        let received = office.today();
        let mail = pli_tests::samples::letter(received);
        references.push(office.register(mail).await?.dossier.reference);
        // What is written under a clock that stands on a day already sealed is said to be so; nothing else is amiss.
        let faults = office.faults().await?;
        let amiss: Vec<_> = faults.iter().filter(|fault| !fault.ends_with(UNSEALED)).collect();
        assert_eq!(amiss, [""; 0], "{instant}");
    }
    // Of each year the chronos follow each other, whatever the clock said in between.
    let year = |year: &str| {
        references.iter().filter(|one| one.contains(year)).map(String::as_str).collect::<Vec<_>>()
    };
    assert_eq!(year("2025"), ["SG-2025-A-000001"]);
    assert_eq!(
        year("2026"),
        ["SG-2026-A-000002", "SG-2026-A-000003", "SG-2026-A-000004", "SG-2026-A-000005", "SG-2026-A-000006"]
    );
    let versions: i64 =
        office.database.sql().await?.one("SELECT count(*) FROM draft WHERE text LIKE 'Version %'").await?;
    assert_eq!(versions, 6);
    Ok(())
}
