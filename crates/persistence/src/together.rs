//! Rows of several tables that are new at the same moment.

use sea_orm::sea_query::{CommonTableExpression, InsertStatement, WithClause};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::{StoreError, UnitOfWork};

impl UnitOfWork {
    /// Adds rows to several tables, the ones that others point to first. On PostgreSQL this is one statement, since each goes to
    /// another machine and back; none of them sees what another adds.
    #[expect(clippy::disallowed_methods, reason = "new rows are in nobody's scope yet")]
    pub(crate) async fn insert_together(&self, mut inserts: Vec<InsertStatement>) -> Result<(), StoreError> {
        if self.tx.get_database_backend() != DbBackend::Postgres {
            for insert in &inserts {
                self.check(self.tx.execute(insert).await)?;
            }
            return Ok(());
        }
        let Some(last) = inserts.pop() else { return Ok(()) };
        if inserts.is_empty() {
            return self.check(self.tx.execute(&last).await).map(drop);
        }
        let mut with = WithClause::new();
        for (place, insert) in inserts.into_iter().enumerate() {
            let part =
                CommonTableExpression::new().table_name(format!("part_{place}")).query(insert).to_owned();
            with.cte(part);
        }
        self.check(self.tx.execute(&last.with(with)).await).map(drop)
    }
}
