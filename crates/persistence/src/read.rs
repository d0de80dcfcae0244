//! Reading dossiers: a list by pages, one by its name, its draft. Every read is within the scope.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::delay::Clock;
use pli_domain::dossier::Kind;
use pli_domain::ids::DossierId;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::convert::{NEVER, Rows, count, small};
use crate::dossiers::Sheet;
use crate::entity::{assignment, attachment, deadline, dossier, draft, mail, note, question};
use crate::known::Known;
use crate::select::{Scoped, belonging, scoped, scoped_open, walked};
use crate::source::Source;
use crate::sums::Sums;
use crate::{Filter, StoreError};

/// Reads what a scope allows.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(crate) db: Source,
    pub(crate) known: Known,
    pub(crate) sums: Sums,
    pub(crate) scope: Scope,
}

/// A place in a list of dossiers: the due date, then the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The due date; 31/12/9999 when nothing is due.
    pub due_on: NaiveDate,
    /// The dossier.
    pub id: DossierId,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Whether more follow.
    pub more: bool,
}

impl<T> Page<T> {
    /// A page of `size` from a query that asked for one more.
    pub(crate) fn cut(mut items: Vec<T>, size: u64) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = items.len() > size;
        items.truncate(size);
        Self { items, more }
    }
}

impl Position {
    /// Where a dossier stands in a list by one clock, or by its own term.
    #[must_use]
    pub fn of(sheet: &Sheet, clock: Option<Clock>) -> Self {
        let due_on = clock.map_or_else(|| sheet.dossier.due_on(), |clock| sheet.dossier.clock_due_on(clock));
        Self { due_on: due_on.unwrap_or(NEVER), id: sheet.dossier.id }
    }
}

impl Reader {
    /// A page of the list, first due first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn dossiers(
        &self,
        filter: &Filter,
        after: Option<Position>,
        size: u64,
    ) -> Result<Page<Sheet>, StoreError> {
        let mut select = self.listed(filter);
        if let Some(Position { due_on, id }) = after {
            let key = Expr::tuple([
                Expr::col((dossier::Entity, filter.due_column())),
                Expr::col((dossier::Entity, dossier::Column::Id)),
            ]);
            select = select.filter(key.gt(Expr::tuple([Expr::value(due_on), Expr::value(id.0)])));
        }
        if filter.unrouted {
            // The same order, since none has one; and PostgreSQL sees that the index on both gives it.
            select = select.order_by_asc(dossier::Column::LeadId);
        }
        let rows = select
            .order_by_asc(filter.due_column())
            .order_by_asc(dossier::Column::Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: self.sheets(items).await?, more })
    }

    /// How many dossiers the whole list holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        Ok(self.listed(filter).count(&self.db).await?)
    }

    pub(crate) fn listed(&self, filter: &Filter) -> Select<dossier::Entity> {
        let backend = self.db.get_database_backend();
        let reached = if filter.open == Some(true) { scoped_open(&self.scope) } else { scoped(&self.scope) };
        reached.filter(filter.condition(backend))
    }

    /// One dossier.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn dossier(&self, id: DossierId) -> Result<Option<Sheet>, StoreError> {
        self.one(dossier::Column::Id.eq(id.0)).await
    }

    /// Some dossiers, in no order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn some(&self, ids: &[DossierId]) -> Result<Vec<Sheet>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        self.sheets(self.of::<dossier::Entity>(&ids).await?).await
    }

    /// One dossier by the name that people use.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_reference(&self, reference: &str) -> Result<Option<Sheet>, StoreError> {
        self.one(dossier::Column::Reference.eq(reference)).await
    }

    /// Dossiers by the names that people use, in no order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_references(&self, references: &[String]) -> Result<Vec<Sheet>, StoreError> {
        let named = dossier::Column::Reference.is_in(references.iter().map(String::as_str));
        let rows = scoped::<dossier::Entity>(&self.scope).filter(named).all(&self.db).await?;
        self.sheets(rows).await
    }

    /// How many acts were accepted on a dossier; `None` out of scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn version(&self, id: DossierId) -> Result<Option<u32>, StoreError> {
        let one = scoped::<dossier::Entity>(&self.scope).filter(dossier::Column::Id.eq(id.0));
        let version: Option<i32> =
            one.select_only().column(dossier::Column::Version).into_tuple().one(&self.db).await?;
        version.map(|version| count("dossier", "version", version)).transpose()
    }

    /// The dossier that has a name; `None` out of scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn named(&self, reference: &str) -> Result<Option<DossierId>, StoreError> {
        let one = scoped::<dossier::Entity>(&self.scope).filter(dossier::Column::Reference.eq(reference));
        let id: Option<Uuid> =
            one.select_only().column(dossier::Column::Id).into_tuple().one(&self.db).await?;
        Ok(id.map(DossierId))
    }

    /// Whether one of these dossiers at least is in scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn sees_any(&self, ids: &[DossierId]) -> Result<bool, StoreError> {
        let these = dossier::Column::Id.is_in(ids.iter().map(|id| id.0));
        let one = scoped::<dossier::Entity>(&self.scope).filter(these).limit(1);
        let id: Option<Uuid> =
            one.select_only().column(dossier::Column::Id).into_tuple().one(&self.db).await?;
        Ok(id.is_some())
    }

    async fn one(&self, which: Expr) -> Result<Option<Sheet>, StoreError> {
        let row = scoped::<dossier::Entity>(&self.scope).filter(which).one(&self.db).await?;
        Ok(self.sheets(row.into_iter().collect()).await?.pop())
    }

    /// The sheets of some rows that were read in scope, in their order.
    pub(crate) async fn sheets(&self, dossiers: Vec<dossier::Model>) -> Result<Vec<Sheet>, StoreError> {
        if self.db.replica.is_some() {
            // It may fall behind, and the rest of a dossier be older than its row.
            return sheets(&self.db, dossiers).await;
        }
        let known = self.known.of(&dossiers);
        let unknown = dossiers.into_iter().zip(&known).filter(|(_, known)| known.is_none());
        let unknown: Vec<_> = unknown.map(|(row, _)| row).collect();
        let read = sheets(&self.db, unknown.clone()).await?;
        self.known.keep(unknown.into_iter().zip(read.iter().cloned()));
        let mut read = read.into_iter();
        Ok(known.into_iter().filter_map(|known| known.or_else(|| read.next())).collect())
    }

    /// The rows of one table that belong to some dossiers.
    pub(crate) async fn of<E: Scoped>(&self, ids: &[Uuid]) -> Result<Vec<E::Model>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = walked::<E>(&self.scope).filter(E::dossier().is_in(ids.iter().copied()));
        Ok(rows.all(&self.db).await?)
    }

    /// The texts of some drafts, each by its dossier and version.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn drafts(
        &self,
        wanted: &[(DossierId, u32)],
    ) -> Result<BTreeMap<(DossierId, u32), String>, StoreError> {
        let each = wanted.iter().fold(Condition::any(), |any, (id, version)| {
            let version = draft::Column::Version.eq(small(*version));
            any.add(draft::Column::DossierId.eq(id.0).and(version))
        });
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = scoped::<draft::Entity>(&self.scope).filter(each).all(&self.db).await?;
        let text = |row: draft::Model| {
            Ok(((DossierId(row.dossier_id), count("draft", "version", row.version)?), row.text))
        };
        rows.into_iter().map(text).collect()
    }
}

/// Gathers the rows of some dossiers: three queries, however many they are, and one for letters, and one for questions.
pub(crate) async fn sheets(
    db: &impl ConnectionTrait,
    dossiers: Vec<dossier::Model>,
) -> Result<Vec<Sheet>, StoreError> {
    let all: Vec<_> = dossiers.iter().collect();
    let of =
        |kind: Kind| -> Vec<_> { dossiers.iter().filter(|row| row.kind == <&str>::from(kind)).collect() };
    let mut mails = rows_of::<mail::Entity>(db, &of(Kind::Mail), |row| row.dossier_id).await?;
    let mut questions = rows_of::<question::Entity>(db, &of(Kind::Question), |row| row.dossier_id).await?;
    let mut assignments = rows_of::<assignment::Entity>(db, &all, |row| row.dossier_id).await?;
    let mut deadlines = rows_of::<deadline::Entity>(db, &all, |row| row.dossier_id).await?;
    let mut attachments = rows_of::<attachment::Entity>(db, &all, |row| row.dossier_id).await?;
    let gather = |dossier: dossier::Model| {
        let id = dossier.id;
        let mut assignments = assignments.remove(&id).unwrap_or_default();
        assignments.sort_by_key(|row| row.position);
        let mut deadlines = deadlines.remove(&id).unwrap_or_default();
        deadlines.sort_by_key(|row| row.position);
        let mut attachments = attachments.remove(&id).unwrap_or_default();
        attachments.sort_by_key(|row| row.seq);
        let mail = mails.remove(&id).and_then(|mut rows| rows.pop());
        let question = questions.remove(&id).and_then(|mut rows| rows.pop());
        Sheet::from_rows(Rows { dossier, mail, question, assignments, deadlines, attachments })
    };
    dossiers.into_iter().map(gather).collect()
}

/// The rows of one table, by the dossiers to which they belong.
async fn rows_of<E: Scoped>(
    db: &impl ConnectionTrait,
    dossiers: &[&dossier::Model],
    dossier: impl Fn(&E::Model) -> Uuid,
) -> Result<BTreeMap<Uuid, Vec<E::Model>>, StoreError> {
    let mut map: BTreeMap<Uuid, Vec<E::Model>> = BTreeMap::new();
    if dossiers.is_empty() {
        return Ok(map);
    }
    for row in belonging::<E>(dossiers).all(db).await? {
        map.entry(dossier(&row)).or_default().push(row);
    }
    Ok(map)
}

impl Reader {
    /// Whether any dossier exists at all, seen or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let first = scoped::<dossier::Entity>(&Scope::ALL).limit(1).one(&self.db).await?;
        Ok(first.is_none())
    }
}

/// How many dossiers of a list are due on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDay {
    /// The day.
    pub on: NaiveDate,
    /// How many.
    pub count: u64,
}

impl Reader {
    /// The days on which something of a list is due, on the clock of the filter.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn due_days(&self, filter: &Filter) -> Result<Vec<DueDay>, StoreError> {
        let rows: Vec<(NaiveDate, i64)> = self
            .listed(filter)
            .select_only()
            .column(filter.due_column())
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(filter.due_column())
            .order_by_asc(filter.due_column())
            .into_tuple()
            .all(&self.db)
            .await?;
        let day = |(on, number)| DueDay { on, count: u64::try_from(number).unwrap_or(0) };
        Ok(rows.into_iter().map(day).collect())
    }

    /// The words kept beside the journal of a dossier, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn notes(&self, id: DossierId) -> Result<Vec<String>, StoreError> {
        let rows = scoped::<note::Entity>(&self.scope)
            .filter(note::Column::DossierId.eq(id.0))
            .order_by_asc(note::Column::Seq)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| row.words).collect())
    }
}
