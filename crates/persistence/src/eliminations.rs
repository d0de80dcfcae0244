//! The lists by which closed dossiers are let go, and taking their words out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::actor::{Compartments, Scope};
use pli_domain::digest::Digest;
use pli_domain::elimination::{Disposition, Elimination, Items};
use pli_domain::ids::{CompartmentId, DossierId, EliminationId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::convert::{count, small, word};
use crate::entity::{dossier, elimination, elimination_item, retention_rule};
use crate::select::{common, scoped};
use crate::{Page, Reader, Sheet, Store, StoreError, UnitOfWork, retention};

/// What became of a dossier of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemOutcome {
    /// Its words are taken out; its documents may still be there.
    Erased,
    /// All is taken out.
    Done,
    /// It stays as it is: it was held back, reopened, or the list was given up.
    Left,
}

/// A dossier of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The dossier, as it is now.
    pub sheet: Sheet,
    /// The day on which it had closed.
    pub closed_on: NaiveDate,
    /// What becomes of it.
    pub disposition: Disposition,
    /// What became of it; `None` while it waits.
    pub outcome: Option<ItemOutcome>,
}

/// A place among the lists: the moment of the proposal, then the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EliminationPlace {
    /// When it was proposed.
    pub at: Timestamp,
    /// The list.
    pub id: EliminationId,
}

impl Reader {
    /// A page of the lists that the scope may know of, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn eliminations(
        &self,
        before: Option<EliminationPlace>,
        size: u64,
    ) -> Result<Page<Elimination>, StoreError> {
        use elimination::Column::{Id, ProposedAt};
        let mut select = common::<elimination::Entity>().filter(known(&self.scope));
        if let Some(before) = before {
            let key = Expr::tuple([ProposedAt, Id].map(|column| Expr::col((elimination::Entity, column))));
            let place = [Expr::value(before.at.instant()), Expr::value(before.id.0)];
            select = select.filter(key.lt(Expr::tuple(place)));
        }
        let rows = select
            .order_by_desc(ProposedAt)
            .order_by_desc(Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: lists(&self.db, items).await?, more })
    }

    /// One list, when the scope may know of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn elimination(&self, id: EliminationId) -> Result<Option<Elimination>, StoreError> {
        let row = common::<elimination::Entity>()
            .filter(elimination::Column::Id.eq(id.0))
            .filter(known(&self.scope))
            .all(&self.db)
            .await?;
        Ok(lists(&self.db, row).await?.pop())
    }

    /// What is on a list, the first closed first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn elimination_items(&self, id: EliminationId) -> Result<Vec<Item>, StoreError> {
        let rows = scoped::<elimination_item::Entity>(&self.scope)
            .filter(elimination_item::Column::ListId.eq(id.0))
            .order_by_asc(elimination_item::Column::ClosedOn)
            .order_by_asc(elimination_item::Column::DossierId)
            .all(&self.db)
            .await?;
        let ids: Vec<_> = rows.iter().map(|row| DossierId(row.dossier_id)).collect();
        let sheets = self.some(&ids).await?;
        let mut sheets: BTreeMap<_, _> = sheets.into_iter().map(|sheet| (sheet.dossier.id, sheet)).collect();
        let mut items = Vec::new();
        for row in rows {
            if let Some(sheet) = sheets.remove(&DossierId(row.dossier_id)) {
                let (disposition, outcome) = read_item(&row)?;
                items.push(Item { sheet, closed_on: row.closed_on, disposition, outcome });
            }
        }
        Ok(items)
    }
}

/// The lists of which a scope may know.
fn known(scope: &Scope) -> Condition {
    use elimination::Column::CompartmentId as Compartment;
    match &scope.compartments {
        Compartments::All => Condition::all(),
        Compartments::Of(named) => Condition::any()
            .add(Compartment.is_null())
            .add_option((!named.is_empty()).then(|| Compartment.is_in(named.iter().map(|one| one.0)))),
    }
}

/// Lists, with the lines of the table that they were made by.
async fn lists<C: ConnectionTrait>(
    db: &C,
    rows: Vec<elimination::Model>,
) -> Result<Vec<Elimination>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let classes = rows.iter().map(|row| row.class.clone());
    let rules = common::<retention_rule::Entity>()
        .filter(retention_rule::Column::Class.is_in(classes))
        .all(db)
        .await?;
    rows.into_iter().map(|row| read(row, &rules)).collect()
}

fn read(row: elimination::Model, rules: &[retention_rule::Model]) -> Result<Elimination, StoreError> {
    let rule = rules.iter().find(|rule| rule.class == row.class && rule.version == row.version);
    let rule = rule.ok_or_else(|| StoreError::Inconsistent {
        table: "elimination",
        column: "version",
        value: row.version.to_string(),
    })?;
    let by = |person: Option<Uuid>, at: Option<_>| Some((UserId(person?), Timestamp::new(at?)));
    Ok(Elimination {
        id: EliminationId(row.id),
        number: count("elimination", "number", row.number)?,
        rule: retention::read(rule)?,
        reserved: row.compartment_id.map(CompartmentId),
        state: word("elimination", "state", &row.state)?,
        content: Digest::stored(row.content),
        proposed: (UserId(row.proposed_by), Timestamp::new(row.proposed_at)),
        reviewed: by(row.reviewed_by, row.reviewed_at),
        approved: by(row.approved_by, row.approved_at),
        visa: row.visa,
        receipt: row.receipt,
        ended_at: row.ended_at.map(Timestamp::new),
    })
}

fn read_item(row: &elimination_item::Model) -> Result<(Disposition, Option<ItemOutcome>), StoreError> {
    let outcome = row.outcome.as_deref().map(|outcome| word("elimination_item", "outcome", outcome));
    Ok((word("elimination_item", "disposition", &row.disposition)?, outcome.transpose()?))
}

impl UnitOfWork {
    /// One list, when the scope may know of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn elimination(
        &self,
        scope: &Scope,
        id: EliminationId,
    ) -> Result<Option<Elimination>, StoreError> {
        let rows = common::<elimination::Entity>()
            .filter(elimination::Column::Id.eq(id.0))
            .filter(known(scope))
            .all(&self.tx)
            .await;
        Ok(lists(&self.tx, self.check(rows)?).await?.pop())
    }

    /// The next number of the lists of a compartment, or of those of none.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn next_elimination(&self, reserved: Option<CompartmentId>) -> Result<u32, StoreError> {
        use elimination::Column::CompartmentId as Compartment;
        let mut select = common::<elimination::Entity>();
        select = match reserved {
            Some(compartment) => select.filter(Compartment.eq(compartment.0)),
            None => select.filter(Compartment.is_null()),
        };
        let last = select.order_by_desc(elimination::Column::Number).limit(1).one(&self.tx).await;
        let last = self.check(last)?.map_or(0, |row| row.number);
        Ok(count("elimination", "number", last)?.saturating_add(1))
    }

    /// The dossiers of a list; those that wait only, while it is carried out.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn elimination_items(&self, id: EliminationId) -> Result<Items, StoreError> {
        let rows = scoped::<elimination_item::Entity>(&Scope::ALL)
            .filter(elimination_item::Column::ListId.eq(id.0))
            .all(&self.tx)
            .await;
        let rows = self.check(rows)?;
        rows.iter().map(|row| Ok((DossierId(row.dossier_id), read_item(row)?.0))).collect()
    }

    /// Keeps a list as it has become, with what is on it; `closed` says of those that are new on which day they closed.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when one of them waits on another list.
    #[expect(clippy::disallowed_methods, reason = "those that were set aside, in one statement")]
    pub async fn keep_elimination(
        &self,
        list: &Elimination,
        items: &Items,
        closed: &BTreeMap<DossierId, NaiveDate>,
    ) -> Result<(), StoreError> {
        use elimination::Column;
        let moved = [
            Column::State,
            Column::Content,
            Column::ReviewedBy,
            Column::ReviewedAt,
            Column::ApprovedBy,
            Column::ApprovedAt,
            Column::Visa,
            Column::Receipt,
            Column::EndedAt,
        ];
        let again = OnConflict::column(Column::Id).update_columns(moved).to_owned();
        let insert = elimination::Entity::insert(write(list)).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        let gone = elimination_item::Entity::delete_many()
            .filter(elimination_item::Column::ListId.eq(list.id.0))
            .filter(elimination_item::Column::DossierId.is_not_in(items.keys().map(|id| id.0)));
        self.check(gone.exec(&self.tx).await)?;
        let known = self.elimination_items(list.id).await?;
        for (dossier, disposition) in items {
            let disposition: &str = (*disposition).into();
            let row = elimination_item::ActiveModel {
                list_id: Unchanged(list.id.0),
                dossier_id: Unchanged(dossier.0),
                disposition: Set(disposition.to_owned()),
                ..Default::default()
            };
            match (known.get(dossier), closed.get(dossier)) {
                (None, Some(closed_on)) => {
                    let row = elimination_item::ActiveModel {
                        list_id: Set(list.id.0),
                        dossier_id: Set(dossier.0),
                        closed_on: Set(*closed_on),
                        outcome: Set(None),
                        ..row
                    };
                    self.check(row.insert(&self.tx).await)?;
                }
                (Some(before), _) if <&str>::from(*before) != disposition => {
                    self.check(row.update(&self.tx).await)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps what became of a dossier of a list.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settle_item(
        &self,
        list: EliminationId,
        dossier: DossierId,
        outcome: ItemOutcome,
    ) -> Result<(), StoreError> {
        let row = elimination_item::ActiveModel {
            list_id: Unchanged(list.0),
            dossier_id: Unchanged(dossier.0),
            outcome: Set(Some(<&str>::from(outcome).to_owned())),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await).map(drop)
    }

    /// Leaves all that waits on a list as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(clippy::disallowed_methods, reason = "one statement of one list")]
    pub async fn leave_items(&self, list: EliminationId) -> Result<(), StoreError> {
        let left: &str = ItemOutcome::Left.into();
        let update = elimination_item::Entity::update_many()
            .col_expr(elimination_item::Column::Outcome, Expr::value(left))
            .filter(elimination_item::Column::ListId.eq(list.0))
            .filter(elimination_item::Column::Outcome.is_null());
        self.check(update.exec(&self.tx).await).map(drop)
    }
}

impl Store {
    /// The approved lists of which something is left to be carried out, at most so many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn approved_eliminations(&self, size: u64) -> Result<Vec<Elimination>, StoreError> {
        let rows = common::<elimination::Entity>()
            .filter(elimination::Column::State.eq("approved"))
            .order_by_asc(elimination::Column::Id)
            .limit(size)
            .all(&self.db)
            .await?;
        lists(&self.db, rows).await
    }

    /// The lists that are not what was settled of them, or not carried out as they say, in French.
    pub(crate) async fn faults_in_eliminations(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = Vec::new();
        for row in common::<elimination::Entity>().all(&self.db).await? {
            let rows = scoped::<elimination_item::Entity>(&Scope::ALL)
                .filter(elimination_item::Column::ListId.eq(row.id))
                .all(&self.db)
                .await?;
            let items = rows.iter().map(|row| Ok((DossierId(row.dossier_id), read_item(row)?.0)));
            let items = items.collect::<Result<Items, StoreError>>();
            let same =
                items.is_ok_and(|items| pli_domain::elimination::content(&items).as_str() == row.content);
            let gone = gone(&self.db, row.id).await?;
            let told = rows.iter().all(|item| {
                let closed_on = gone.get(&item.dossier_id).map(|(closed_on, _)| *closed_on);
                let out = gone.get(&item.dossier_id).is_some_and(|(_, eliminated)| *eliminated);
                let left = item.outcome.as_deref().is_none_or(|outcome| outcome == "left");
                closed_on.is_none_or(|on| on == Some(item.closed_on) || left) && out != left
            });
            if !same || !told {
                faults.push(format!("la liste d’élimination {} n’est plus ce qui a été approuvé", row.id));
            }
        }
        let lost = scoped::<elimination_item::Entity>(&Scope::ALL)
            .filter(elimination_item::Column::ListId.not_in_subquery(
                Query::select().column(elimination::Column::Id).from(elimination::Entity).take(),
            ))
            .count(&self.db)
            .await?;
        if lost > 0 {
            faults.push("des dossiers sont sur une liste d’élimination qui n’existe pas".to_owned());
        }
        Ok(faults)
    }
}

/// Of the dossiers of a list: the day of their closing, and whether they are eliminated.
async fn gone<C: ConnectionTrait>(
    db: &C,
    list: Uuid,
) -> Result<BTreeMap<Uuid, (Option<NaiveDate>, bool)>, StoreError> {
    let on = Query::select()
        .column(elimination_item::Column::DossierId)
        .from(elimination_item::Entity)
        .and_where(Expr::col(elimination_item::Column::ListId).eq(list))
        .take();
    let rows: Vec<(Uuid, Option<NaiveDate>, Option<NaiveDate>)> = scoped::<dossier::Entity>(&Scope::ALL)
        .filter(dossier::Column::Id.in_subquery(on))
        .select_only()
        .columns([dossier::Column::Id, dossier::Column::ClosedOn, dossier::Column::EliminatedOn])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, closed_on, eliminated)| (id, (closed_on, eliminated.is_some()))).collect())
}

/// Keeps out what waits on a list.
pub(crate) fn off_lists(select: Select<dossier::Entity>) -> Select<dossier::Entity> {
    let waiting = Query::select()
        .column(elimination_item::Column::DossierId)
        .from(elimination_item::Entity)
        .and_where(Expr::col(elimination_item::Column::Outcome).is_null())
        .take();
    select.filter(dossier::Column::Id.not_in_subquery(waiting))
}

fn write(list: &Elimination) -> elimination::ActiveModel {
    let person = |by: Option<(UserId, Timestamp)>| by.map(|(person, _)| person.0);
    let at = |by: Option<(UserId, Timestamp)>| by.map(|(_, at)| at.instant());
    elimination::ActiveModel {
        id: Set(list.id.0),
        number: Set(small(list.number)),
        class: Set(<&str>::from(list.rule.class).to_owned()),
        version: Set(small(list.rule.version)),
        compartment_id: Set(list.reserved.map(|compartment| compartment.0)),
        state: Set(<&str>::from(list.state).to_owned()),
        content: Set(list.content.to_string()),
        proposed_by: Set(list.proposed.0.0),
        proposed_at: Set(list.proposed.1.instant()),
        reviewed_by: Set(person(list.reviewed)),
        reviewed_at: Set(at(list.reviewed)),
        approved_by: Set(person(list.approved)),
        approved_at: Set(at(list.approved)),
        visa: Set(list.visa.clone()),
        receipt: Set(list.receipt.clone()),
        ended_at: Set(list.ended_at.map(Timestamp::instant)),
    }
}
