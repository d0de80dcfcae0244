//! The changes of the schema, one file each, one list for both engines.
//!
//! Each runs in one transaction on both engines. A step that has been released is never edited: add another. Rows that a
//! step must change are changed in SQL, never through the entities, which follow the newest schema.
//!
//! Older servers work on beside newer ones: a step **adds** (a table, an index, a column that may be empty or fills itself), and
//! the release that adds still writes what the one before reads. What nobody reads any more is taken away by a later release, in a
//! step whose name says so: `m0050_contract_sender`. Older servers then stop by themselves (`Store::migrate`, `/ready`).

use sea_orm_migration::prelude::*;

mod m0001_organisation;
mod m0002_access;
mod m0003_dossier;
mod m0004_journal;
mod m0005_public_record;
mod m0006_delays;
mod m0007_reminders;
mod m0010_attachment;
mod m0011_search;
mod m0012_settings;
mod m0014_signature;
mod m0015_snapshots;
mod m0016_intake;
mod m0017_saved_search;
mod m0018_published_record;
mod m0019_member;
mod m0020_import_run;
mod m0021_denomination;
mod m0022_exchange;
mod m0023_batch;
mod m0024_sitting;
mod m0025_discrepancy;
mod m0026_government;
mod m0027_import_dossier;
mod m0028_account;
mod m0029_compartment;
mod m0030_identity;
mod m0031_link;
mod m0032_seal;
mod m0033_retention;
mod m0034_elimination;
mod m0035_traces;
mod m0036_large_register;
mod m0037_message_hour;
mod m0038_tally;
mod m0039_past_tally;
mod m0040_flat;
mod m0041_day;
mod m0042_arrived;
mod m0043_mark;
mod m0044_moves;

/// The list of changes.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_organisation::Migration),
            Box::new(m0002_access::Migration),
            Box::new(m0003_dossier::Migration),
            Box::new(m0004_journal::Migration),
            Box::new(m0005_public_record::Migration),
            Box::new(m0006_delays::Migration),
            Box::new(m0007_reminders::Migration),
            Box::new(m0010_attachment::Migration),
            Box::new(m0011_search::Migration),
            Box::new(m0012_settings::Migration),
            Box::new(m0014_signature::Migration),
            Box::new(m0015_snapshots::Migration),
            Box::new(m0016_intake::Migration),
            Box::new(m0017_saved_search::Migration),
            Box::new(m0018_published_record::Migration),
            Box::new(m0019_member::Migration),
            Box::new(m0020_import_run::Migration),
            Box::new(m0021_denomination::Migration),
            Box::new(m0022_exchange::Migration),
            Box::new(m0023_batch::Migration),
            Box::new(m0024_sitting::Migration),
            Box::new(m0025_discrepancy::Migration),
            Box::new(m0026_government::Migration),
            Box::new(m0027_import_dossier::Migration),
            Box::new(m0028_account::Migration),
            Box::new(m0029_compartment::Migration),
            Box::new(m0030_identity::Migration),
            Box::new(m0031_link::Migration),
            Box::new(m0032_seal::Migration),
            Box::new(m0033_retention::Migration),
            Box::new(m0034_elimination::Migration),
            Box::new(m0035_traces::Migration),
            Box::new(m0036_large_register::Migration),
            Box::new(m0037_message_hour::Migration),
            Box::new(m0038_tally::Migration),
            Box::new(m0039_past_tally::Migration),
            Box::new(m0040_flat::Migration),
            Box::new(m0041_day::Migration),
            Box::new(m0042_arrived::Migration),
            Box::new(m0043_mark::Migration),
            Box::new(m0044_moves::Migration),
        ]
    }
}

/// Refuses, in the database itself, a word that is not on the list.
fn one_of(column: &'static str, words: &[&'static str]) -> SimpleExpr {
    Expr::col(column).is_in(words.iter().copied())
}

/// Runs SQL that the builder has no words for.
#[expect(clippy::disallowed_methods, reason = "a change of the schema has no scope")]
async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}
