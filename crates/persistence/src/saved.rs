//! The searches that people keep, and what each alert has told. An alert that is told of is a message like a reminder:
//! claimed with what it tells before it is handed over (`reminders.rs`).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::ids::{DigestId, DossierId, LinkId, SavedSearchId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::convert::small;
use crate::entity::{account, dossier, known_match, saved_search};
use crate::select::{common, scoped};
use crate::{Filter, Reader, Recipient, Sheet, Store, StoreError, UnitOfWork};

/// A search that a person keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRow {
    /// Its identifier.
    pub id: SavedSearchId,
    /// Whose it is.
    pub person: UserId,
    /// Its name, unique for the person.
    pub name: String,
    /// Which dossiers, as JSON.
    pub list: String,
    /// Whether the person is told of what is new.
    pub alert: bool,
    /// The last day on which Pli looked for something new.
    pub looked_on: NaiveDate,
    /// Since when it is kept.
    pub created_at: Timestamp,
}

impl From<saved_search::Model> for SavedRow {
    fn from(row: saved_search::Model) -> Self {
        Self {
            id: SavedSearchId(row.id),
            person: UserId(row.account_id),
            name: row.name,
            list: row.list,
            alert: row.alert,
            looked_on: row.looked_on,
            created_at: Timestamp::new(row.created_at),
        }
    }
}

/// Which of a person's messages of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Reminders: 0 is the morning's.
    Reminders(u32),
    /// What is new in the searches that the person keeps.
    Alerts,
    /// That the run of an import of this number did not end well.
    Import(u32),
    /// A link that lets the person in.
    Link(LinkId),
}

impl Slot {
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::Reminders(number) => small(number),
            Self::Alerts => -1,
            Self::Import(run) => (-1_i32).saturating_sub(small(run)),
            // Far below the others; made of what is drawn by chance in the identifier, so that no two of a day are the same.
            Self::Link(id) => {
                let drawn = u32::try_from(id.0.as_u128() & 0x3fff_ffff).unwrap_or_default();
                i32::MIN.saturating_add(small(drawn))
            }
        }
    }
}

/// What is new in a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What was not known, the latest received first.
    pub new: Vec<DossierId>,
    /// The first of them.
    pub sheets: Vec<Sheet>,
    /// What was known and is not found any more.
    pub gone: Vec<DossierId>,
}

impl Store {
    /// The searches that a person keeps, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn saved_searches(&self, person: UserId) -> Result<Vec<SavedRow>, StoreError> {
        let rows = common::<saved_search::Entity>()
            .filter(saved_search::Column::AccountId.eq(person.0))
            .order_by_asc(saved_search::Column::CreatedAt)
            .order_by_asc(saved_search::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(SavedRow::from).collect())
    }

    /// Whoever can be told, and has searches with an alert in which nothing was looked for that day yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn alerts_due(&self, day: NaiveDate) -> Result<Vec<(Recipient, Vec<SavedRow>)>, StoreError> {
        let rows = common::<saved_search::Entity>()
            .filter(Expr::col((saved_search::Entity, saved_search::Column::Alert)))
            .filter(saved_search::Column::LookedOn.lt(day))
            .order_by_asc(saved_search::Column::CreatedAt)
            .order_by_asc(saved_search::Column::Id)
            .all(&self.db)
            .await?;
        let mut by_person: BTreeMap<UserId, Vec<SavedRow>> = BTreeMap::new();
        for row in rows.into_iter().map(SavedRow::from) {
            by_person.entry(row.person).or_default().push(row);
        }
        if by_person.is_empty() {
            return Ok(Vec::new());
        }
        let people = account::Column::Id.is_in(by_person.keys().map(|person| person.0));
        let recipients = self.reachable(people).await?.into_iter().filter_map(|recipient| {
            let searches = by_person.remove(&recipient.actor.user()?)?;
            Some((recipient, searches))
        });
        Ok(recipients.collect())
    }
}

impl Reader {
    /// What is new of a list since a search knew it, with the first `named` dossiers, and what is gone from it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn news(&self, filter: &Filter, of: SavedSearchId, named: usize) -> Result<News, StoreError> {
        let known = scoped::<known_match::Entity>(&Scope::ALL)
            .filter(known_match::Column::SearchId.eq(of.0))
            .select_only()
            .column(known_match::Column::DossierId);
        let new: Vec<uuid::Uuid> = self
            .listed(filter)
            .filter(dossier::Column::Id.not_in_subquery(known.clone().into_query()))
            .order_by_desc(dossier::Column::ReceivedOn)
            .order_by_desc(dossier::Column::Id)
            .select_only()
            .column(dossier::Column::Id)
            .into_tuple()
            .all(&self.db)
            .await?;
        let found = self.listed(filter).select_only().column(dossier::Column::Id).into_query();
        let gone: Vec<uuid::Uuid> = known
            .filter(known_match::Column::DossierId.not_in_subquery(found))
            .into_tuple()
            .all(&self.db)
            .await?;
        let first = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::Id.is_in(new.iter().copied().take(named)))
            .order_by_desc(dossier::Column::ReceivedOn)
            .order_by_desc(dossier::Column::Id)
            .all(&self.db)
            .await?;
        Ok(News {
            new: new.into_iter().map(DossierId).collect(),
            sheets: self.sheets(first).await?,
            gone: gone.into_iter().map(DossierId).collect(),
        })
    }
}

impl UnitOfWork {
    /// The searches that a person keeps; nobody else adds or renames one of theirs meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn saved_searches(&self, person: UserId) -> Result<Vec<SavedRow>, StoreError> {
        let owner = common::<account::Entity>()
            .filter(account::Column::Id.eq(person.0))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        self.check(owner)?;
        let rows = common::<saved_search::Entity>()
            .filter(saved_search::Column::AccountId.eq(person.0))
            .all(&self.tx)
            .await;
        Ok(self.check(rows)?.into_iter().map(SavedRow::from).collect())
    }

    /// Keeps a search.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when the person has another of that name.
    pub async fn add_saved_search(&self, row: &SavedRow) -> Result<(), StoreError> {
        let row = saved_search::ActiveModel {
            id: Set(row.id.0),
            account_id: Set(row.person.0),
            name: Set(row.name.clone()),
            list: Set(row.list.clone()),
            alert: Set(row.alert),
            looked_on: Set(row.looked_on),
            created_at: Set(row.created_at.instant()),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }

    /// Keeps what may change of a search: its name, its alert, the day on which Pli looked.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when the person has another of that name.
    pub async fn change_saved_search(&self, row: &SavedRow) -> Result<(), StoreError> {
        let row = saved_search::ActiveModel {
            id: Unchanged(row.id.0),
            name: Set(row.name.clone()),
            alert: Set(row.alert),
            looked_on: Set(row.looked_on),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        Ok(())
    }

    /// Keeps a search no more, nor what it knew.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_saved_search(&self, id: SavedSearchId) -> Result<(), StoreError> {
        let row =
            common::<saved_search::Entity>().filter(saved_search::Column::Id.eq(id.0)).one(&self.tx).await;
        if let Some(row) = self.check(row)? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }

    /// Says that Pli has looked that day for what is new in a search. One that was removed meanwhile stays so.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn looked(&self, id: SavedSearchId, day: NaiveDate) -> Result<bool, StoreError> {
        let row = common::<saved_search::Entity>()
            .filter(saved_search::Column::Id.eq(id.0))
            .filter(Expr::col((saved_search::Entity, saved_search::Column::Alert)))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        let Some(row) = self.check(row)? else { return Ok(false) };
        self.change_saved_search(&SavedRow { looked_on: day, ..row.into() }).await?;
        Ok(true)
    }

    /// Remembers what a search has found: before its alert, or in a message.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn know(
        &self,
        search: SavedSearchId,
        dossiers: &[DossierId],
        message: Option<DigestId>,
    ) -> Result<(), StoreError> {
        // Under what SQLite can be given at once.
        for some in dossiers.chunks(1_000) {
            let rows = some.iter().map(|dossier| known_match::ActiveModel {
                search_id: Set(search.0),
                dossier_id: Set(dossier.0),
                digest_id: Set(message.map(|message| message.0)),
            });
            let known = OnConflict::columns([known_match::Column::SearchId, known_match::Column::DossierId])
                .do_nothing()
                .to_owned();
            let insert = known_match::Entity::insert_many(rows).on_conflict(known);
            self.check(insert.exec_without_returning(&self.tx).await)?;
        }
        Ok(())
    }

    /// Forgets some dossiers that a search knew.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "what one search knew, by its key: nothing of a dossier is read"
    )]
    pub async fn forget(&self, search: SavedSearchId, dossiers: &[DossierId]) -> Result<(), StoreError> {
        for some in dossiers.chunks(1_000) {
            let gone = known_match::Entity::delete_many()
                .filter(known_match::Column::SearchId.eq(search.0))
                .filter(known_match::Column::DossierId.is_in(some.iter().map(|dossier| dossier.0)));
            self.check(gone.exec(&self.tx).await)?;
        }
        Ok(())
    }

    /// Forgets all that a search knew.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "what one search knew, by its key: nothing of a dossier is read"
    )]
    pub async fn forget_all(&self, search: SavedSearchId) -> Result<(), StoreError> {
        let gone = known_match::Entity::delete_many().filter(known_match::Column::SearchId.eq(search.0));
        self.check(gone.exec(&self.tx).await)?;
        Ok(())
    }

    /// A message of alerts was not sent: what it told is new again, and when `again`, Pli looks again the same day.
    #[expect(
        clippy::disallowed_methods,
        reason = "what one message told, by its key: nothing of a dossier is read"
    )]
    pub(crate) async fn forget_alerts(&self, message: DigestId, again: bool) -> Result<(), StoreError> {
        let told = known_match::Column::DigestId.eq(message.0);
        if again {
            let searches = scoped::<known_match::Entity>(&Scope::ALL)
                .filter(told.clone())
                .select_only()
                .column(known_match::Column::SearchId)
                .distinct();
            let rows = common::<saved_search::Entity>()
                .filter(saved_search::Column::Id.in_subquery(searches.into_query()))
                .all(&self.tx)
                .await;
            for row in self.check(rows)?.into_iter().map(SavedRow::from) {
                let looked_on = row.looked_on.pred_opt().unwrap_or(row.looked_on);
                self.change_saved_search(&SavedRow { looked_on, ..row }).await?;
            }
        }
        self.check(known_match::Entity::delete_many().filter(told).exec(&self.tx).await)?;
        Ok(())
    }
}
