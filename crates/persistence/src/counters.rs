//! The counters that the database moves with each row of a dossier: what sums them up, counts them again, and compares them with
//! the dossiers. A command adds rows to what moves them and changes none, so that nobody waits for a counter.

use sea_orm::{ConnectionTrait, DbBackend};

use crate::tally::positive;
use crate::{Store, StoreError, UnitOfWork};

/// Counters of one kind.
struct Counters {
    /// The table that holds them.
    sums: &'static str,
    /// The table of what moved them since they were last summed up.
    moves: &'static str,
    /// The view that says in which of them a dossier is.
    of: &'static str,
    /// What each is of.
    key: &'static str,
}

/// What is due and what was answered, by direction and day (m0038).
const TERMS: Counters = Counters {
    sums: "tally",
    moves: "tally_move",
    of: "dossier_tally",
    key: "clock, state, day, branch_id, kind",
};

/// What is open, by the day of its term and by what is to be done with it (m0041).
const OPEN: Counters = Counters {
    sums: "open_tally",
    moves: "open_move",
    of: "open_dossier",
    key: "due_on, plan, stage, unrouted, declined, to_acknowledge",
};

/// The weeks that are not the sums of their days.
const WRONG_WEEKS: &str = "SELECT COUNT(*) AS number FROM (SELECT 1 AS wrong FROM \
     (SELECT clock, state, week, branch_id, kind, number FROM tally_week UNION ALL \
      SELECT clock, state, {monday} AS week, branch_id, kind, -number FROM tally) AS counted \
     GROUP BY clock, state, week, branch_id, kind HAVING SUM(number) <> 0) AS faults";

/// The parts of units in dossiers that are not open, or closed, as these are.
const WRONG_PARTS: &str = "SELECT COUNT(*) AS number FROM assignment JOIN dossier ON dossier.id = assignment.dossier_id \
     WHERE assignment.open <> dossier.open";

impl Counters {
    /// Sums up the moves: on PostgreSQL in one statement, which takes what it sees and no more; on SQLite in a transaction that
    /// writes alone.
    fn fold(&self, postgres: bool) -> Vec<String> {
        let Self { sums, moves, key, .. } = self;
        let add = |from: &str, sum: &str, order: &str| {
            format!(
                "INSERT INTO {sums} ({key}, number) SELECT {key}, {sum} FROM {from} WHERE true GROUP BY {key} \
                 HAVING SUM(number) <> 0{order} ON CONFLICT ({key}) DO UPDATE SET number = {sums}.number + excluded.number"
            )
        };
        let empty = format!("DELETE FROM {sums} WHERE number = 0");
        if postgres {
            let add = add("gone", "SUM(number)::bigint", &format!(" ORDER BY {key}"));
            vec![
                format!("LOCK TABLE {sums} IN SHARE ROW EXCLUSIVE MODE"),
                format!("WITH gone AS (DELETE FROM {moves} RETURNING {key}, number) {add}"),
                empty,
            ]
        } else {
            vec![add(moves, "SUM(number)", ""), format!("DELETE FROM {moves}"), empty]
        }
    }

    /// Counts every dossier again.
    fn recount(&self) -> [String; 3] {
        let Self { sums, moves, of, key } = self;
        [
            format!("DELETE FROM {moves}"),
            format!("DELETE FROM {sums}"),
            format!("INSERT INTO {sums} ({key}, number) SELECT {key}, COUNT(*) FROM {of} GROUP BY {key}"),
        ]
    }

    /// How many of them a recount would not give.
    fn wrong(&self) -> String {
        let Self { sums, moves, of, key } = self;
        format!(
            "SELECT COUNT(*) AS number FROM (SELECT 1 AS wrong FROM (SELECT {key}, number FROM {sums} UNION ALL \
             SELECT {key}, number FROM {moves} UNION ALL SELECT {key}, -1 FROM {of}) AS counted \
             GROUP BY {key} HAVING SUM(number) <> 0) AS faults"
        )
    }
}

impl Store {
    /// Sums up what moved each kind of counters, when `enough` moves of it wait or more; how many were summed up.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn fold_counters(&self, enough: u64) -> Result<u64, StoreError> {
        let postgres = self.db.get_database_backend() == DbBackend::Postgres;
        let mut folded = 0_u64;
        for counters in [TERMS, OPEN] {
            let waiting = self.counted(format!("SELECT COUNT(*) AS number FROM {}", counters.moves)).await?;
            if waiting < enough {
                continue;
            }
            let uow = self.begin().await?;
            uow.run_all(&counters.fold(postgres)).await?;
            uow.commit().await?;
            folded = folded.saturating_add(waiting);
        }
        Ok(folded)
    }

    /// How many counters are not what a recount gives.
    pub(crate) async fn wrong_counters(&self) -> Result<u64, StoreError> {
        let monday = match self.db.get_database_backend() {
            DbBackend::Postgres => "(day - (EXTRACT(ISODOW FROM day)::integer - 1))",
            _ => "date(day, 'weekday 0', '-6 days')",
        };
        let mut wrong = self.counted(WRONG_WEEKS.replace("{monday}", monday)).await?;
        for counters in [TERMS, OPEN] {
            wrong = wrong.saturating_add(self.counted(counters.wrong()).await?);
        }
        Ok(wrong)
    }

    /// How many parts in dossiers do not say whether these are open.
    pub(crate) async fn wrong_parts(&self) -> Result<u64, StoreError> {
        self.counted(WRONG_PARTS.to_owned()).await
    }

    /// What a statement counts.
    #[expect(clippy::disallowed_methods, reason = "counters and rows side by side, in one statement")]
    pub(crate) async fn counted(&self, sql: String) -> Result<u64, StoreError> {
        let statement = sea_orm::Statement::from_string(self.db.get_database_backend(), sql);
        let row = self.db.query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get::<i64>("", "number")).transpose()?.map_or(0, positive))
    }
}

impl UnitOfWork {
    /// Counts every dossier again by direction: when a unit has gone to another. Every other command, which could move a counter, waits
    /// until the transaction ends; on SQLite it has done so since that began.
    pub(crate) async fn recount(&self) -> Result<(), StoreError> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            let Counters { sums, moves, .. } = TERMS;
            self.run_all(&[format!("LOCK TABLE {sums}, {moves} IN EXCLUSIVE MODE")]).await?;
        }
        self.run_all(&TERMS.recount()).await
    }

    #[expect(clippy::disallowed_methods, reason = "sums of the engine's own: counters have no scope")]
    pub(crate) async fn run_all<S: AsRef<str> + Sync>(&self, statements: &[S]) -> Result<(), StoreError> {
        for statement in statements {
            self.check(self.tx.execute_unprepared(statement.as_ref()).await)?;
        }
        Ok(())
    }
}
