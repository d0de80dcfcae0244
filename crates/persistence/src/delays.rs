//! The delay rules and the calendar: read whole, changed by the administrator; and the open deadlines that a change moves.

use pli_domain::calendar::{Calendar, Entry, Zone};
use pli_domain::delay::{DelayRule, Delays, Length, Rules};
use pli_domain::ids::{DossierId, EntryId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Iden, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::convert::{count, position, small, word};
use crate::entity::{calendar_entry, deadline, delay_rule, dossier};
use crate::select::{common, scoped};
use crate::{Reader, Sheet, Store, StoreError, UnitOfWork};

/// Every version of every rule, and the calendar.
pub(crate) async fn read_all<C: ConnectionTrait>(db: &C) -> Result<Delays, StoreError> {
    let rows = common::<delay_rule::Entity>()
        .order_by_asc(delay_rule::Column::Position)
        .order_by_asc(delay_rule::Column::Version)
        .all(db)
        .await?;
    let rules = Rules::new(rows.into_iter().map(read_rule).collect::<Result<_, _>>()?);
    let rows = common::<calendar_entry::Entity>()
        .order_by_asc(calendar_entry::Column::FirstOn)
        .order_by_asc(calendar_entry::Column::Id)
        .all(db)
        .await?;
    let entries = rows.into_iter().map(read_entry).collect::<Result<_, _>>()?;
    Ok(Delays { rules, calendar: Calendar { zone: Zone::Metropole, entries } })
}

impl Store {
    /// Gives a database the rules that it does not have yet, as a new Pli starts with them.
    pub(crate) async fn seed_rules(&self) -> Result<(), StoreError> {
        let rules: Vec<_> = Rules::seed().newest().enumerate().map(write_rule).collect();
        let known = OnConflict::columns([delay_rule::Column::Code, delay_rule::Column::Version])
            .do_nothing()
            .to_owned();
        delay_rule::Entity::insert_many(rules).on_conflict(known).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Reader {
    /// A page of the open dossiers that have a deadline of this rule, or any deadline at all: those that a change may move.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn with_deadline(
        &self,
        rule: Option<&str>,
        after: Option<DossierId>,
        size: u64,
    ) -> Result<Vec<Sheet>, StoreError> {
        let mut of_rule = deadline_dossiers();
        if let Some(rule) = rule {
            of_rule.and_where(Expr::col(deadline::Column::Rule).eq(rule));
        }
        let mut select = scoped::<dossier::Entity>(&self.scope)
            .filter(Expr::col((dossier::Entity, dossier::Column::Open)))
            .filter(dossier::Column::Id.in_subquery(of_rule));
        if let Some(after) = after {
            select = select.filter(dossier::Column::Id.gt(after.0));
        }
        let rows = select.order_by_asc(dossier::Column::Id).limit(size).all(&self.db).await?;
        self.sheets(rows).await
    }

    /// The dossiers whose clock is stopped.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn suspended(&self) -> Result<Vec<Sheet>, StoreError> {
        let mut stopped = deadline_dossiers();
        stopped.and_where(Expr::col(deadline::Column::Stage).eq("suspended"));
        let rows = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::Id.in_subquery(stopped))
            .all(&self.db)
            .await?;
        self.sheets(rows).await
    }
}

/// The dossiers of the deadlines.
fn deadline_dossiers() -> SelectStatement {
    Query::select().column(deadline::Column::DossierId).from(Alias::new(deadline::Entity.to_string())).take()
}

impl UnitOfWork {
    /// Adds a version of a rule.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when another added the same version meanwhile.
    pub async fn add_rule(&self, rule: &DelayRule) -> Result<(), StoreError> {
        let first = common::<delay_rule::Entity>()
            .filter(delay_rule::Column::Code.eq(rule.code.as_str()))
            .order_by_asc(delay_rule::Column::Version)
            .one(&self.tx)
            .await;
        let place = self.check(first)?.map_or(i32::MAX, |first| first.position);
        let row = delay_rule::ActiveModel { position: Set(place), ..write_rule((0, rule)) };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }

    /// Adds days to the calendar.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_entry(&self, entry: &Entry) -> Result<(), StoreError> {
        let row = calendar_entry::ActiveModel {
            id: Set(entry.id.0),
            kind: Set(<&str>::from(entry.kind).to_owned()),
            first_on: Set(entry.first),
            last_on: Set(entry.last),
            zone: Set(entry.zone.map(|zone| <&str>::from(zone).to_owned())),
            house: Set(entry.house.map(|house| <&str>::from(house).to_owned())),
            label: Set(entry.label.clone()),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }

    /// Takes days out of the calendar; `false` when they are not there.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_entry(&self, id: EntryId) -> Result<bool, StoreError> {
        let row = common::<calendar_entry::Entity>()
            .filter(calendar_entry::Column::Id.eq(id.0))
            .one(&self.tx)
            .await;
        let Some(row) = self.check(row)? else { return Ok(false) };
        self.check(row.delete(&self.tx).await)?;
        Ok(true)
    }
}

fn write_rule((place, rule): (usize, &DelayRule)) -> delay_rule::ActiveModel {
    delay_rule::ActiveModel {
        code: Set(rule.code.clone()),
        version: Set(small(rule.version)),
        position: Set(position(place)),
        label: Set(rule.label.clone()),
        source: Set(rule.source.clone()),
        clock: Set(<&str>::from(rule.clock).to_owned()),
        purpose: Set(<&str>::from(rule.purpose).to_owned()),
        start: Set(<&str>::from(rule.start).to_owned()),
        length: Set(small(rule.length.count())),
        length_unit: Set(<&str>::from(rule.length.unit()).to_owned()),
        rollover: Set(<&str>::from(rule.rollover).to_owned()),
        gazette: Set(rule.gazette.map(|house| <&str>::from(house).to_owned())),
        suspendable: Set(rule.suspendable),
        extendable: Set(rule.extendable),
        valid_from: Set(rule.valid_from),
        valid_to: Set(rule.valid_to),
    }
}

fn read_rule(row: delay_rule::Model) -> Result<DelayRule, StoreError> {
    let length = count("delay_rule", "length", row.length)?;
    Ok(DelayRule {
        version: count("delay_rule", "version", row.version)?,
        clock: word("delay_rule", "clock", &row.clock)?,
        purpose: word("delay_rule", "purpose", &row.purpose)?,
        start: word("delay_rule", "start", &row.start)?,
        length: Length::new(length, word("delay_rule", "length_unit", &row.length_unit)?),
        rollover: word("delay_rule", "rollover", &row.rollover)?,
        gazette: row.gazette.map(|house| word("delay_rule", "gazette", &house)).transpose()?,
        code: row.code,
        label: row.label,
        source: row.source,
        suspendable: row.suspendable,
        extendable: row.extendable,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    })
}

fn read_entry(row: calendar_entry::Model) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: EntryId(row.id),
        kind: word("calendar_entry", "kind", &row.kind)?,
        first: row.first_on,
        last: row.last_on,
        zone: row.zone.map(|zone| word("calendar_entry", "zone", &zone)).transpose()?,
        house: row.house.map(|house| word("calendar_entry", "house", &house)).transpose()?,
        label: row.label,
    })
}
