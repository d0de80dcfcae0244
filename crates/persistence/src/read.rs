//! Reading dossiers: a list by pages, one by its name, its draft. Every read is within the scope.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::dossier::{Kind, Stage};
use pli_domain::ids::{DossierId, UnitId};
use pli_domain::text::fold;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::StoreError;
use crate::convert::{NEVER, Rows, count, small};
use crate::dossiers::Sheet;
use crate::entity::{assignment, deadline, dossier, draft, mail, question};
use crate::select::{Scoped, scoped};

/// Reads what a scope allows.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(crate) db: DatabaseConnection,
    pub(crate) scope: Scope,
}

/// Which dossiers. Each part that is given narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Open or closed ones.
    pub open: Option<bool>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// At one of these stages.
    pub stages: Vec<Stage>,
    /// Led by one of these units.
    pub leads: Option<BTreeSet<UnitId>>,
    /// Not led by any unit yet.
    pub unrouted: bool,
    /// Due between two days, both included.
    pub due: Option<(NaiveDate, NaiveDate)>,
    /// Whose reference, sender or subject holds these words; accents and case do not matter.
    pub words: Option<String>,
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
    /// Where a dossier stands in the list.
    #[must_use]
    pub fn of(sheet: &Sheet) -> Self {
        Self { due_on: sheet.dossier.due_on().unwrap_or(NEVER), id: sheet.dossier.id }
    }
}

impl Filter {
    /// What it asks of the table.
    fn condition(&self) -> Condition {
        let column = |column: dossier::Column| Expr::col((dossier::Entity, column));
        let stages: Vec<_> = self.stages.iter().map(|stage| stage.code()).collect();
        Condition::all()
            // The bare column, not « = true »: this is how both engines see that the partial indexes serve.
            .add_option(self.open.map(|open| {
                if open { column(dossier::Column::Open) } else { column(dossier::Column::Open).not() }
            }))
            .add_option(self.kind.map(|kind| dossier::Column::Kind.eq(<&str>::from(kind))))
            .add_option((!stages.is_empty()).then(|| dossier::Column::Stage.is_in(stages)))
            .add_option(
                self.leads
                    .as_ref()
                    .map(|units| dossier::Column::LeadId.is_in(units.iter().map(|unit| unit.0))),
            )
            .add_option(self.unrouted.then(|| dossier::Column::LeadId.is_null()))
            .add_option(self.due.map(|(from, to)| {
                let until = dossier::Column::DueOn.lte(to);
                // « Since ever » is no date: PostgreSQL's calendar begins later.
                if from == NaiveDate::MIN { until } else { dossier::Column::DueOn.gte(from).and(until) }
            }))
            .add_option(
                self.words
                    .as_deref()
                    .map(|words| dossier::Column::SearchKey.contains(escape_like(&fold(words)))),
            )
    }
}

/// A person's `%` and `_` are letters like others: SQLite knows no escape unless told, so they match one letter.
pub(crate) fn escape_like(words: &str) -> String {
    words.replace(['%', '_', '\\'], "_")
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
                Expr::col((dossier::Entity, dossier::Column::DueOn)),
                Expr::col((dossier::Entity, dossier::Column::Id)),
            ]);
            select = select.filter(key.gt(Expr::tuple([Expr::value(due_on), Expr::value(id.0)])));
        }
        let rows = select
            .order_by_asc(dossier::Column::DueOn)
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
        scoped::<dossier::Entity>(&self.scope).filter(filter.condition())
    }

    /// One dossier.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn dossier(&self, id: DossierId) -> Result<Option<Sheet>, StoreError> {
        self.one(dossier::Column::Id.eq(id.0)).await
    }

    /// One dossier by the name that people use.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_reference(&self, reference: &str) -> Result<Option<Sheet>, StoreError> {
        self.one(dossier::Column::Reference.eq(reference)).await
    }

    async fn one(&self, which: Expr) -> Result<Option<Sheet>, StoreError> {
        let row = scoped::<dossier::Entity>(&self.scope).filter(which).one(&self.db).await?;
        Ok(self.sheets(row.into_iter().collect()).await?.pop())
    }

    /// Gathers the rows of some dossiers: four queries, however many they are.
    pub(crate) async fn sheets(&self, dossiers: Vec<dossier::Model>) -> Result<Vec<Sheet>, StoreError> {
        if dossiers.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = dossiers.iter().map(|row| row.id).collect();
        let mut mails = by_dossier(self.of::<mail::Entity>(&ids).await?, |row| row.dossier_id);
        let mut questions = by_dossier(self.of::<question::Entity>(&ids).await?, |row| row.dossier_id);
        let mut assignments = by_dossier(self.of::<assignment::Entity>(&ids).await?, |row| row.dossier_id);
        let mut deadlines = by_dossier(self.of::<deadline::Entity>(&ids).await?, |row| row.dossier_id);
        let gather = |dossier: dossier::Model| {
            let id = dossier.id;
            let mut assignments = assignments.remove(&id).unwrap_or_default();
            assignments.sort_by_key(|row| row.position);
            let mut deadlines = deadlines.remove(&id).unwrap_or_default();
            deadlines.sort_by_key(|row| row.position);
            let mail = mails.remove(&id).and_then(|mut rows| rows.pop());
            let question = questions.remove(&id).and_then(|mut rows| rows.pop());
            Sheet::from_rows(Rows { dossier, mail, question, assignments, deadlines })
        };
        dossiers.into_iter().map(gather).collect()
    }

    /// The rows of one table that belong to some dossiers.
    async fn of<E: Scoped>(&self, ids: &[Uuid]) -> Result<Vec<E::Model>, StoreError> {
        let rows = scoped::<E>(&self.scope).filter(E::dossier().is_in(ids.iter().copied()));
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

fn by_dossier<T>(rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> BTreeMap<Uuid, Vec<T>> {
    let mut map: BTreeMap<Uuid, Vec<T>> = BTreeMap::new();
    for row in rows {
        map.entry(key(&row)).or_default().push(row);
    }
    map
}

impl Reader {
    /// Whether any dossier exists at all, seen or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let first = scoped::<dossier::Entity>(&Scope::All).limit(1).one(&self.db).await?;
        Ok(first.is_none())
    }
}
