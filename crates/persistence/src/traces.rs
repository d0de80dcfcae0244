//! The end of traces: the journal of accesses, and the openings of reserved dossiers.

use chrono::NaiveDate;
use pli_domain::account::AccessEvent;
use pli_domain::retention::LEAST_TRACES;
use pli_domain::seal::Seal;
use pli_domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{access_journal, reading, seal};
use crate::select::common;
use crate::{StoreError, UnitOfWork};

impl UnitOfWork {
    /// Takes out what happened before a day, as far as seals cover it whole; the last day of it, when anything was. The database
    /// itself refuses what is younger than the table of retention says.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or refuses.
    #[expect(clippy::disallowed_methods, reason = "all that is older than a day, in one statement each")]
    pub async fn forget_traces(&self, kept_since: NaiveDate) -> Result<Option<NaiveDate>, StoreError> {
        let sealed = common::<seal::Entity>()
            .filter(seal::Column::Day.lt(kept_since))
            .order_by_desc(seal::Column::Day)
            .limit(1)
            .one(&self.tx)
            .await;
        let Some(day) = self.check(sealed)?.map(|row| row.day) else { return Ok(None) };
        let until = Seal::end_of(day).instant();
        let accesses = access_journal::Entity::delete_many().filter(access_journal::Column::At.lt(until));
        let readings = reading::Entity::delete_many().filter(reading::Column::At.lt(until));
        let gone = [self.check(accesses.exec(&self.tx).await)?, self.check(readings.exec(&self.tx).await)?];
        Ok(gone.iter().any(|done| done.rows_affected > 0).then_some(day))
    }
}

/// Up to when traces were taken out, as the journal of accesses says. What it cannot say is not believed: nothing goes before
/// the shortest term.
pub(crate) async fn forgotten<C: ConnectionTrait>(db: &C) -> Result<Option<Timestamp>, DbErr> {
    let last = common::<access_journal::Entity>()
        .filter(access_journal::Column::Event.eq(<&str>::from(AccessEvent::TracesEnded)))
        .order_by_desc(access_journal::Column::Id)
        .limit(1)
        .one(db)
        .await?;
    Ok(last.and_then(|row| {
        let day: NaiveDate = row.detail.parse().ok()?;
        let at = Timestamp::new(row.at).paris_date();
        let believable = day < at.checked_sub_months(chrono::Months::new(LEAST_TRACES))?;
        believable.then(|| Seal::end_of(day))
    }))
}
