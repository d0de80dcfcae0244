//! The table of retention, and what has reached its end by it.

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::ids::{CompartmentId, DossierId};
use pli_domain::retention::{Class, RetentionRule};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::convert::{count, small, word};
use crate::eliminations::off_lists;
use crate::entity::{dossier, retention_rule};
use crate::select::{common, scoped};
use crate::{Page, Reader, Sheet, Store, StoreError, UnitOfWork};

/// What has reached its end: of one class, of one compartment or of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Of which class.
    pub class: Class,
    /// Closed up to this day.
    pub closed_by: NaiveDate,
    /// To whom it is reserved.
    pub reserved: Option<CompartmentId>,
}

/// How much of a class has reached its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedCount {
    /// Of which class.
    pub class: Class,
    /// To whom it is reserved.
    pub reserved: Option<CompartmentId>,
    /// How many dossiers.
    pub dossiers: u64,
    /// The day on which the first of them closed.
    pub first_closed: NaiveDate,
}

/// A place in a list of what has reached its end: the day of its closing, then the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedPlace {
    /// The day.
    pub closed_on: NaiveDate,
    /// The dossier.
    pub id: DossierId,
}

impl Store {
    /// The line in force of each class, in the order of the table.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn retention(&self) -> Result<Vec<RetentionRule>, StoreError> {
        in_force(&self.db).await
    }

    /// Gives a database the lines that it does not have yet, as a new Pli starts with them.
    pub(crate) async fn seed_retention(&self) -> Result<(), StoreError> {
        let known = OnConflict::columns([retention_rule::Column::Class, retention_rule::Column::Version])
            .do_nothing()
            .to_owned();
        let rows = RetentionRule::seed();
        let insert = retention_rule::Entity::insert_many(rows.iter().map(write)).on_conflict(known);
        insert.exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl UnitOfWork {
    /// The line in force of each class.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn retention(&self) -> Result<Vec<RetentionRule>, StoreError> {
        in_force(&self.tx).await
    }

    /// Adds a version of a line.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when another added the same version meanwhile.
    pub async fn add_retention(&self, rule: &RetentionRule) -> Result<(), StoreError> {
        self.check(write(rule).insert(&self.tx).await).map(drop)
    }
}

impl UnitOfWork {
    /// What has reached its end, the first closed first, each with the day of its closing; so many at most.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn ended(
        &self,
        scope: &Scope,
        which: &Ended,
        most: u64,
    ) -> Result<Vec<(DossierId, NaiveDate)>, StoreError> {
        let rows = self.check(ended(scope, which, None, most).all(&self.tx).await)?;
        Ok(rows.into_iter().filter_map(|row| Some((DossierId(row.id), row.closed_on?))).collect())
    }
}

impl Reader {
    /// How much has reached its end, by class and compartment: what is asked costs what is due.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn ended_counts(&self, rules: &[(Class, NaiveDate)]) -> Result<Vec<EndedCount>, StoreError> {
        use dossier::Column::{ClosedOn, CompartmentId as Compartment, EndsAs, Id};
        let mut counts = Vec::new();
        for (class, closed_by) in rules {
            let ended = scoped::<dossier::Entity>(&self.scope).filter(closed(*class, *closed_by));
            let ended = off_lists(ended);
            let groups: Vec<(Option<uuid::Uuid>, i64, NaiveDate)> = ended
                .select_only()
                .column(Compartment)
                .column_as(Id.count(), "dossiers")
                .column_as(ClosedOn.min(), "first_closed")
                .group_by(EndsAs)
                .group_by(Compartment)
                .order_by_asc(Compartment)
                .into_tuple()
                .all(&self.db)
                .await?;
            counts.extend(groups.into_iter().map(|(reserved, dossiers, first_closed)| EndedCount {
                class: *class,
                reserved: reserved.map(CompartmentId),
                dossiers: dossiers.unsigned_abs(),
                first_closed,
            }));
        }
        Ok(counts)
    }

    /// A page of what has reached its end, the first closed first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn ended(
        &self,
        which: &Ended,
        after: Option<EndedPlace>,
        size: u64,
    ) -> Result<Page<Sheet>, StoreError> {
        let Page { items, more } =
            Page::cut(ended(&self.scope, which, after, size.saturating_add(1)).all(&self.db).await?, size);
        Ok(Page { items: self.sheets(items).await?, more })
    }
}

/// The rows of what has reached its end.
fn ended(scope: &Scope, which: &Ended, after: Option<EndedPlace>, limit: u64) -> Select<dossier::Entity> {
    use dossier::Column::{ClosedOn, CompartmentId as Compartment, Id};
    let mut select = off_lists(scoped::<dossier::Entity>(scope).filter(closed(which.class, which.closed_by)));
    select = match which.reserved {
        Some(compartment) => select.filter(Compartment.eq(compartment.0)),
        None => select.filter(Compartment.is_null()),
    };
    if let Some(after) = after {
        let key = Expr::tuple([ClosedOn, Id].map(|column| Expr::col((dossier::Entity, column))));
        select = select.filter(key.gt(Expr::tuple([Expr::value(after.closed_on), Expr::value(after.id.0)])));
    }
    select.order_by_asc(ClosedOn).order_by_asc(Id).limit(limit)
}

/// What waits as this class and closed up to a day.
fn closed(class: Class, by: NaiveDate) -> Condition {
    Condition::all()
        .add(dossier::Column::EndsAs.eq(<&str>::from(class)))
        .add(dossier::Column::ClosedOn.lte(by))
}

async fn in_force<C: ConnectionTrait>(db: &C) -> Result<Vec<RetentionRule>, StoreError> {
    let rows =
        common::<retention_rule::Entity>().order_by_asc(retention_rule::Column::Version).all(db).await?;
    let mut rules = Vec::<RetentionRule>::new();
    for row in rows {
        let rule = read(&row)?;
        match rules.iter_mut().find(|one| one.class == rule.class) {
            Some(older) => *older = rule,
            None => rules.push(rule),
        }
    }
    rules.sort_by_key(|rule| rule.class);
    Ok(rules)
}

pub(crate) fn read(row: &retention_rule::Model) -> Result<RetentionRule, StoreError> {
    Ok(RetentionRule {
        class: word("retention_rule", "class", &row.class)?,
        version: count("retention_rule", "version", row.version)?,
        months: count("retention_rule", "months", row.months)?,
        fate: word("retention_rule", "fate", &row.fate)?,
        source: row.source.clone(),
    })
}

fn write(rule: &RetentionRule) -> retention_rule::ActiveModel {
    retention_rule::ActiveModel {
        class: Set(<&str>::from(rule.class).to_owned()),
        version: Set(small(rule.version)),
        months: Set(small(rule.months)),
        fate: Set(<&str>::from(rule.fate).to_owned()),
        source: Set(rule.source.clone()),
    }
}
