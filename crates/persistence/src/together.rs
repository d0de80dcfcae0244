//! Rows of several tables that are new at the same moment.

use sea_orm::sea_query::{CommonTableExpression, InsertStatement, SqliteQueryBuilder, Values, WithClause};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{StoreError, UnitOfWork};

impl UnitOfWork {
    /// Adds rows to several tables, the ones that others point to first, in one go: on PostgreSQL each statement goes to another
    /// machine and back, on SQLite to the thread that works on the file. On PostgreSQL they are one statement, and none of them
    /// sees what another adds.
    #[expect(clippy::disallowed_methods, reason = "new rows are in nobody's scope yet")]
    pub(crate) async fn insert_together(&self, mut inserts: Vec<InsertStatement>) -> Result<(), StoreError> {
        let backend = self.tx.get_database_backend();
        if backend != DbBackend::Postgres {
            let (texts, values): (Vec<_>, Vec<_>) =
                inserts.iter().map(|insert| insert.build(SqliteQueryBuilder)).unzip();
            let values = values.into_iter().flat_map(|Values(values)| values);
            let all = Statement::from_sql_and_values(backend, texts.join("; "), values);
            return self.check(self.tx.execute_raw(all).await).map(drop);
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
