//! What a new database starts with: the ministry's organisation.

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use pli_app::{App, Error, NewUnit};
use pli_domain::organisation::UnitKind;
use serde::Deserialize;

use crate::jobs::failed;

/// A line of the organisation's file.
#[derive(Debug, Deserialize)]
struct Row {
    code: String,
    name: String,
    kind: String,
    parent: Option<String>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

/// Gives the ministry's organisation to a database that has none.
///
/// # Errors
/// When the database fails.
pub(crate) async fn organisation(app: &App) -> Result<()> {
    if is_known(app).await? {
        return Ok(());
    }
    let rows = csv::Reader::from_reader(include_bytes!("../demo/organisation.csv").as_slice());
    let units = rows.into_deserialize::<Row>().map(|row| {
        let row = row?;
        let kind: UnitKind = row.kind.parse().with_context(|| format!("nature inconnue : {}", row.kind))?;
        Ok(NewUnit {
            code: row.code,
            name: row.name,
            kind,
            parent: row.parent,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    });
    match app.add_units(units.collect::<Result<Vec<_>>>()?).await {
        // Another server that starts was first.
        Err(Error::Unavailable) if is_known(app).await? => Ok(()),
        done => done.map_err(failed),
    }
}

async fn is_known(app: &App) -> Result<bool> {
    Ok(!app.organisation().await.map_err(failed)?.in_order().is_empty())
}
