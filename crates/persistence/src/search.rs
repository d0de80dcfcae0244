//! The words by which dossiers and published questions are found: kept in the transaction that changes the row, asked for
//! in a condition on selects that are scoped already.
//!
//! The domain makes the words, and reads what was typed; here is only how each engine is told. A word is letters or
//! digits, so that nothing typed can be taken for syntax.

use std::fmt::Write as _;

use pli_domain::actor::Scope;
use pli_domain::digest::Digest;
use pli_domain::dossier::Body;
use pli_domain::ids::DossierId;
use pli_domain::search::{self, Query, Term};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{
    Expr, ExprTrait as _, InsertStatement, OnConflict, Query as Sql, SubQueryStatement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
};

use crate::convert::small;
use crate::entity::{dossier, dossier_search, draft, entity, published_question};
use crate::select::{common, scoped};
use crate::{Published, Reader, Sheet, Store, StoreError, UnitOfWork, published};

entity!(search_whole, "search_whole", {
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
});

/// What can be searched.
pub(crate) trait Searched: EntityTrait {
    /// The table that has a line for each thing.
    const SEARCH: &'static str;
    /// The column that names the thing there.
    const KEY: &'static str;
    /// The thing's own column of that name.
    const ID: &'static str;
    /// On SQLite, the index itself.
    const WORDS: &'static str;
}

impl Searched for dossier::Entity {
    const SEARCH: &'static str = "dossier_search";
    const KEY: &'static str = "dossier_id";
    const ID: &'static str = "dossier.id";
    const WORDS: &'static str = "dossier_words";
}

impl Searched for published_question::Entity {
    const SEARCH: &'static str = "published_search";
    const KEY: &'static str = "identity";
    const ID: &'static str = "published_question.identity";
    const WORDS: &'static str = "published_words";
}

/// What holds every term of a query. A query without any finds nothing.
pub(crate) fn matching<E: Searched>(backend: DbBackend, query: &Query) -> Expr {
    if query.is_empty() {
        return Expr::value(false);
    }
    let (table, key, id, words) = (E::SEARCH, E::KEY, E::ID, E::WORDS);
    match backend {
        // `OFFSET 0` keeps the two apart: the planner would rather walk the list in its order, and look into every text.
        DbBackend::Postgres => Expr::cust_with_values(
            format!("{id} IN (SELECT {key} FROM {table} WHERE words @@ CAST($1 AS text)::tsquery OFFSET 0)"),
            [every(query, " & ", tsquery)],
        ),
        _ => Expr::cust_with_values(
            format!(
                "{id} IN (SELECT {key} FROM {table} WHERE place IN \
                 (SELECT rowid FROM {words} WHERE {words} MATCH ?))"
            ),
            [every(query, " AND ", fts5)],
        ),
    }
}

fn every(query: &Query, and: &str, term: impl Fn(&Term) -> String) -> String {
    query.terms().iter().map(term).collect::<Vec<_>>().join(and)
}

/// A term for FTS5: `"sg 2026 a 12"`, `("aid juridictionnel" OR "aid juridictionne" *)`.
fn fts5(term: &Term) -> String {
    let whole = term.stems.join(" ");
    match &term.beginning {
        None => format!("\"{whole}\""),
        Some(begun) => {
            let before = whole.rfind(' ').and_then(|space| whole.get(..=space)).unwrap_or_default();
            format!("(\"{whole}\" OR \"{before}{begun}\" *)")
        }
    }
}

/// A term for PostgreSQL: `('sg' <-> '2026' <-> 'a' <-> '12')`, `('aid' <-> ('juridictionnel' | 'juridictionne':*))`.
fn tsquery(term: &Term) -> String {
    let mut words: Vec<_> = term.stems.iter().map(|stem| format!("'{stem}'")).collect();
    if let (Some(begun), Some(last)) = (&term.beginning, words.last_mut()) {
        *last = format!("({last} | '{begun}':*)");
    }
    format!("({})", words.join(" <-> "))
}

/// Words as PostgreSQL keeps them: each with its place.
fn tsvector(words: &[String]) -> String {
    let mut text = String::new();
    for (place, word) in (1..).zip(words) {
        // Writing to a string cannot fail.
        let _ = write!(text, "'{word}':{place} ");
    }
    text
}

/// The words of a dossier: its references, sender, subject and current draft, and what is published of a question. Of one that is
/// eliminated its reference alone.
async fn words_of(db: &impl ConnectionTrait, sheet: &Sheet) -> Result<Vec<String>, DbErr> {
    let dossier = &sheet.dossier;
    if dossier.eliminated_on.is_some() {
        return Ok(search::index([dossier.reference.as_str()]));
    }
    let text = match &dossier.draft {
        Some(current) => {
            scoped::<draft::Entity>(&Scope::ALL)
                .filter(draft::Column::DossierId.eq(dossier.id.0))
                .filter(draft::Column::Version.eq(small(current.version)))
                .one(db)
                .await?
        }
        None => None,
    };
    let (departure, published) = match &dossier.body {
        Body::Mail(mail) => (mail.departure.as_deref(), None),
        Body::Question(question) => {
            let row = common::<published_question::Entity>()
                .filter(published_question::Column::Identity.eq(question.identity.to_string()))
                .one(db)
                .await?;
            (None, row)
        }
    };
    let published = published.as_ref().map(|row| {
        [row.author.as_deref().unwrap_or_default(), row.question_text.as_str(), row.answer_text.as_str()]
    });
    let own = [
        Some(dossier.reference.as_str()),
        departure,
        sheet.sender.as_deref(),
        Some(sheet.subject.as_str()),
        text.as_ref().map(|draft| draft.text.as_str()),
    ];
    Ok(search::index(own.into_iter().flatten().chain(published.into_iter().flatten())))
}

fn digest(words: &[String]) -> Digest {
    Digest::of([words.join(" ").as_str()])
}

impl Reader {
    /// Whether a dossier is found by what it holds.
    pub(crate) async fn is_indexed(&self, sheet: &Sheet) -> Result<bool, StoreError> {
        let row = scoped::<dossier_search::Entity>(&self.scope)
            .filter(dossier_search::Column::DossierId.eq(sheet.dossier.id.0))
            .one(&self.db)
            .await?;
        let words = words_of(&self.db, sheet).await?;
        Ok(row.is_some_and(|row| row.digest == digest(&words).as_str()))
    }
}

impl UnitOfWork {
    /// Makes a dossier found by what it holds now. Whatever changes that calls this.
    pub(crate) async fn index(&self, sheet: &Sheet) -> Result<(), StoreError> {
        let words = self.check(words_of(&self.tx, sheet).await)?;
        self.put::<dossier::Entity>(sheet.dossier.id.0.into(), &words).await
    }

    /// Adds a dossier with its rows, and makes it found by some more of them.
    pub(crate) async fn add_indexed(
        &self,
        sheet: &Sheet,
        mut rows: Vec<InsertStatement>,
    ) -> Result<(), StoreError> {
        let words = self.check(words_of(&self.tx, sheet).await)?;
        let id = sheet.dossier.id.0.into();
        if self.tx.get_database_backend() == DbBackend::Postgres {
            rows.push(line::<dossier::Entity>(id, &words));
        } else {
            rows.extend(new_lines::<dossier::Entity>(id, &words));
        }
        self.insert_together(rows).await
    }

    /// Makes a published question found by what it holds now.
    pub(crate) async fn index_published(&self, published: &Published) -> Result<(), StoreError> {
        let identity = published.identity.to_string();
        let words = search::index([
            identity.as_str(),
            &published.uid,
            &published.subject,
            published.author.as_deref().unwrap_or_default(),
            published.ministry.as_deref().unwrap_or_default(),
            &published.question,
            &published.answer,
        ]);
        self.put::<published_question::Entity>(identity.into(), &words).await
    }

    /// Keeps the words of a thing, unless they are the ones kept already.
    #[expect(clippy::disallowed_methods, reason = "the ORM has no word for either index")]
    async fn put<E: Searched>(&self, id: Value, words: &[String]) -> Result<(), StoreError> {
        let (table, key, index) = (E::SEARCH, E::KEY, E::WORDS);
        let digest = digest(words).to_string();
        let backend = self.tx.get_database_backend();
        if backend == DbBackend::Postgres {
            return self.insert_together(vec![line::<E>(id, words)]).await;
        }
        let sql = format!(
            "INSERT INTO {table} ({key}, digest) VALUES (?, ?) \
             ON CONFLICT ({key}) DO UPDATE SET digest = excluded.digest WHERE {table}.digest <> excluded.digest \
             RETURNING place"
        );
        let kept =
            self.tx.query_one_raw(Statement::from_sql_and_values(backend, sql, [id, digest.into()])).await;
        let Some(row) = self.check(kept)? else { return Ok(()) };
        let place: i64 = self.check(row.try_get("", "place"))?;
        let sql = format!("INSERT OR REPLACE INTO {index} (rowid, words) VALUES (?, ?)");
        let values = [place.into(), words.join(" ").into()];
        let done = self.tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await;
        self.check(done).map(drop)
    }
}

/// On PostgreSQL, the line of a thing in the index.
fn line<E: Searched>(id: Value, words: &[String]) -> InsertStatement {
    let (table, key) = (E::SEARCH, E::KEY);
    let told = Expr::cust_with_values("CAST($1 AS text)::tsvector", [tsvector(words)]);
    let again = OnConflict::column(key)
        .update_columns(["digest", "words"])
        .action_and_where(Expr::cust(format!("{table}.digest <> excluded.digest")))
        .to_owned();
    Sql::insert()
        .into_table(table)
        .columns([key, "digest", "words"])
        .values_panic([Expr::value(id), Expr::value(digest(words).to_string()), told])
        .on_conflict(again)
        .take()
}

/// On SQLite, the lines of a new thing in the index: its place, and the words there.
fn new_lines<E: Searched>(id: Value, words: &[String]) -> [InsertStatement; 2] {
    let (table, key, index) = (E::SEARCH, E::KEY, E::WORDS);
    let place = Sql::select()
        .column("place")
        .from(table)
        .and_where(Expr::col(key).eq(Expr::value(id.clone())))
        .take();
    let line = Sql::insert()
        .into_table(table)
        .columns([key, "digest"])
        .values_panic([Expr::value(id), Expr::value(digest(words).to_string())])
        .take();
    let words = Sql::insert()
        .into_table(index)
        .columns(["rowid", "words"])
        .values_panic([Expr::from(SubQueryStatement::from(place)), Expr::value(words.join(" "))])
        .take();
    [line, words]
}

/// How many rows are given their words in one transaction.
const BATCH: u64 = 200;

/// How many pages of new words were sorted in. PostgreSQL keeps words that are new beside its index, where a search looks through
/// all of them, until its own upkeep comes by or there are four megabytes.
const SORT_IN: &str = "SELECT gin_clean_pending_list('dossier_search_words') \
     + gin_clean_pending_list('published_search_words') AS number";

impl Store {
    /// Sorts the words that are new since it was last done into PostgreSQL's index, in one go: one by one, each letter would wait
    /// for its own.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn sort_in_words(&self) -> Result<(), StoreError> {
        if self.db.get_database_backend() == DbBackend::Postgres {
            self.counted(SORT_IN.to_owned()).await?;
        }
        Ok(())
    }

    /// Gives their words to the rows that have none: those that are older than the index. Several servers may do so at
    /// once. When all have theirs, a mark says so until a row of the index is taken out (m0040): one does not look again.
    pub(crate) async fn fill(&self) -> Result<(), StoreError> {
        if common::<search_whole::Entity>().one(&self.db).await?.is_some() {
            return Ok(());
        }
        self.fill_dossiers().await?;
        self.fill_published().await?;
        let uow = self.begin().await?;
        let mark = search_whole::ActiveModel { number: Set(1) };
        let insert = search_whole::Entity::insert(mark).on_conflict_do_nothing();
        uow.check(insert.exec_without_returning(&uow.tx).await)?;
        uow.commit().await
    }

    async fn fill_dossiers(&self) -> Result<(), StoreError> {
        let mut last = uuid::Uuid::nil();
        loop {
            let rows = scoped::<dossier::Entity>(&Scope::ALL)
                .filter(dossier::Column::Id.gt(last))
                .filter(lacking::<dossier::Entity>())
                .order_by_asc(dossier::Column::Id)
                .limit(BATCH)
                .all(&self.db)
                .await?;
            let Some(end) = rows.last() else { return Ok(()) };
            last = end.id;
            let uow = self.begin().await?;
            for row in rows {
                if let Some(sheet) = uow.dossier(&Scope::ALL, DossierId(row.id)).await? {
                    uow.index(&sheet).await?;
                }
            }
            uow.commit().await?;
        }
    }

    async fn fill_published(&self) -> Result<(), StoreError> {
        let mut last = String::new();
        loop {
            let rows = common::<published_question::Entity>()
                .filter(published_question::Column::Identity.gt(last))
                .filter(lacking::<published_question::Entity>())
                .order_by_asc(published_question::Column::Identity)
                .limit(BATCH)
                .all(&self.db)
                .await?;
            let Some(end) = rows.last() else { return Ok(()) };
            last = end.identity.clone();
            let uow = self.begin().await?;
            for row in rows {
                uow.index_published(&published::read(row)?).await?;
            }
            uow.commit().await?;
        }
    }
}

/// The rows that the index does not know.
fn lacking<E: Searched>() -> Expr {
    let (table, key, id) = (E::SEARCH, E::KEY, E::ID);
    Expr::cust(format!("NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.{key} = {id})"))
}
