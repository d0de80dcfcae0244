//! Reminders: who may be told, what is pursued, and the messages with what each told. A message is claimed, with what it
//! tells, before it is handed over: no server sends it twice, not even after a crash.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::actor::{Actor, Grant, Scope, Who};
use pli_domain::digest::Digest;
use pli_domain::ids::{CompartmentId, DigestId, DossierId, UnitId, UserId};
use pli_domain::reminder::{Notifications, Pursued, ReminderRule};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, Iden, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::compartments::compartments_of_all;
use crate::convert::{small, word};
use crate::entity::{account, account_role, calendar_feed, digest, digest_item, dossier, reminder_rule};
use crate::saved::Slot;
use crate::select::{common, scoped};
use crate::{Reader, Store, StoreError, UnitOfWork};

/// Someone who can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The person, with their roles.
    pub actor: Actor,
    /// Where messages go.
    pub email: String,
    /// How they want to be told.
    pub notifications: Notifications,
}

/// An open dossier with a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pursuit {
    /// The dossier.
    pub id: DossierId,
    /// What a reminder needs to know of it.
    pub pursued: Pursued,
    /// Its term.
    pub due_on: NaiveDate,
}

/// A reminder of one dossier to one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The dossier.
    pub dossier: DossierId,
    /// The rule's code.
    pub rule: String,
    /// The day on which it was due.
    pub fell_on: NaiveDate,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum MessageState {
    /// A server is handing it over.
    Sending,
    /// The mail server took it.
    Sent,
    /// It was not sent; it is tried again.
    Failed,
    /// It cannot be sent to that address.
    Refused,
    /// It may have been sent: it is not sent again.
    Unknown,
}

/// How often a message that was not sent is tried again on its day.
const TRIES: i32 = 5;

impl Store {
    /// The reminder rules, in the order of their days.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn reminder_rules(&self) -> Result<Vec<ReminderRule>, StoreError> {
        let rows = common::<reminder_rule::Entity>()
            .order_by_asc(reminder_rule::Column::OffsetDays)
            .order_by_asc(reminder_rule::Column::Code)
            .all(&self.db)
            .await?;
        let read = |row: reminder_rule::Model| {
            Ok(ReminderRule {
                level: word("reminder_rule", "level", &row.level)?,
                code: row.code,
                offset: row.offset_days,
                every: row.every.and_then(|days| u32::try_from(days).ok()),
                active: row.active,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Gives a database the reminder rules that it does not have yet.
    pub(crate) async fn seed_reminders(&self) -> Result<(), StoreError> {
        let rules = ReminderRule::seed();
        let known = OnConflict::column(reminder_rule::Column::Code).do_nothing().to_owned();
        let rows = rules.iter().map(write_rule);
        reminder_rule::Entity::insert_many(rows).on_conflict(known).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Everybody who has a role, an address and the wish to be told.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn recipients(&self) -> Result<Vec<Recipient>, StoreError> {
        self.reachable(account::Column::Notifications.ne(<&str>::from(Notifications::None))).await
    }

    /// Those of some people whose account is open and has an address.
    pub(crate) async fn reachable(&self, which: Expr) -> Result<Vec<Recipient>, StoreError> {
        let rows = common::<account::Entity>()
            .filter(account::Column::Disabled.eq(false))
            .filter(account::Column::Email.is_not_null())
            .filter(which)
            .order_by_asc(account::Column::Id)
            .all(&self.db)
            .await?;
        let mut grants: BTreeMap<uuid::Uuid, Vec<Grant>> = BTreeMap::new();
        for row in common::<account_role::Entity>().all(&self.db).await? {
            let role = word("account_role", "role", &row.role)?;
            grants.entry(row.account_id).or_default().push(Grant { role, unit: UnitId(row.unit_id) });
        }
        let mut compartments = compartments_of_all(&self.db).await?;
        let recipient = |row: account::Model| {
            Ok(Recipient {
                actor: Actor {
                    who: Who::User(UserId(row.id)),
                    name: row.name,
                    grants: grants.remove(&row.id).unwrap_or_default(),
                    compartments: compartments.remove(&UserId(row.id)).unwrap_or_default(),
                },
                email: row.email.unwrap_or_default(),
                notifications: word("account", "notifications", &row.notifications)?,
            })
        };
        rows.into_iter().map(recipient).collect()
    }

    /// How a person wants to be told, and at which address.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn notifications(
        &self,
        person: UserId,
    ) -> Result<Option<(Notifications, Option<String>)>, StoreError> {
        let row = common::<account::Entity>().filter(account::Column::Id.eq(person.0)).one(&self.db).await?;
        let read =
            |row: account::Model| Ok((word("account", "notifications", &row.notifications)?, row.email));
        row.map(read).transpose()
    }

    /// Who gave themselves a calendar feed of this digest.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_feed(&self, digest: &Digest) -> Result<Option<Actor>, StoreError> {
        let row = common::<calendar_feed::Entity>()
            .filter(calendar_feed::Column::Digest.eq(digest.as_str()))
            .one(&self.db)
            .await?;
        match row {
            Some(row) => Ok(self.settings().await?.actor(UserId(row.account_id)).cloned()),
            None => Ok(None),
        }
    }

    /// Since when a person has a calendar feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn feed_since(&self, person: UserId) -> Result<Option<Timestamp>, StoreError> {
        let row = common::<calendar_feed::Entity>()
            .filter(calendar_feed::Column::AccountId.eq(person.0))
            .one(&self.db)
            .await?;
        Ok(row.map(|row| Timestamp::new(row.created_at)))
    }
}

impl Reader {
    /// The open dossiers due up to a day, first due first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn due_until(&self, until: NaiveDate) -> Result<Vec<Pursuit>, StoreError> {
        type Row = (uuid::Uuid, String, String, Option<uuid::Uuid>, NaiveDate, Option<uuid::Uuid>);
        let rows: Vec<Row> = scoped::<dossier::Entity>(&self.scope)
            .filter(Expr::col((dossier::Entity, dossier::Column::Open)))
            .filter(dossier::Column::DueOn.lte(until))
            .order_by_asc(dossier::Column::DueOn)
            .order_by_asc(dossier::Column::Id)
            .select_only()
            .columns([
                dossier::Column::Id,
                dossier::Column::Kind,
                dossier::Column::Stage,
                dossier::Column::LeadId,
                dossier::Column::DueOn,
                dossier::Column::CompartmentId,
            ])
            .into_tuple()
            .all(&self.db)
            .await?;
        let read = |(id, kind, stage, lead, due_on, reserved): Row| {
            let pursued = Pursued {
                kind: word("dossier", "kind", &kind)?,
                stage: word("dossier", "stage", &stage)?,
                lead: lead.map(UnitId),
                reserved: reserved.map(CompartmentId),
            };
            Ok(Pursuit { id: DossierId(id), pursued, due_on })
        };
        rows.into_iter().map(read).collect()
    }
}

impl UnitOfWork {
    /// What a person was told already of the open dossiers due up to a day.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn told(&self, person: UserId, until: NaiveDate) -> Result<BTreeSet<Item>, StoreError> {
        let open = Query::select()
            .column(dossier::Column::Id)
            .from(Alias::new(dossier::Entity.to_string()))
            .and_where(Expr::col(dossier::Column::Open))
            .and_where(Expr::col(dossier::Column::DueOn).lte(until))
            .take();
        let rows = scoped::<digest_item::Entity>(&Scope::ALL)
            .filter(digest_item::Column::AccountId.eq(person.0))
            .filter(digest_item::Column::DossierId.in_subquery(open))
            .all(&self.tx)
            .await;
        let item = |row: digest_item::Model| Item {
            dossier: DossierId(row.dossier_id),
            rule: row.rule,
            fell_on: row.fell_on,
        };
        Ok(self.check(rows)?.into_iter().map(item).collect())
    }

    /// Claims one of a person's messages of a day. `None` when it is claimed or done, here or on another server.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn claim_message(
        &self,
        id: DigestId,
        person: UserId,
        (day, slot): (NaiveDate, Slot),
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<DigestId>, StoreError> {
        let row = digest::ActiveModel {
            id: Set(id.0),
            account_id: Set(person.0),
            day: Set(day),
            number: Set(slot.number()),
            state: Set(<&str>::from(MessageState::Sending).to_owned()),
            tries: Set(1),
            claimed_until: Set(until.instant()),
            sent_at: Set(None),
        };
        let key = [digest::Column::AccountId, digest::Column::Day, digest::Column::Number];
        let taken = OnConflict::columns(key).do_nothing().to_owned();
        let insert = digest::Entity::insert(row).on_conflict(taken).exec_without_returning(&self.tx).await;
        if self.check(insert)? == 1 {
            return Ok(Some(id));
        }
        let known = common::<digest::Entity>()
            .filter(digest::Column::AccountId.eq(person.0))
            .filter(digest::Column::Day.eq(day))
            .filter(digest::Column::Number.eq(slot.number()))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        let Some(known) = self.check(known)? else { return Ok(None) };
        let failed = word::<MessageState>("digest", "state", &known.state)? == MessageState::Failed;
        if !failed || known.claimed_until > now.instant() || known.tries >= TRIES {
            return Ok(None);
        }
        let id = known.id;
        let tries = known.tries.saturating_add(1);
        let again = digest::ActiveModel {
            state: Set(<&str>::from(MessageState::Sending).to_owned()),
            tries: Set(tries),
            claimed_until: Set(until.instant()),
            ..known.into_active_model()
        };
        self.check(again.update(&self.tx).await)?;
        Ok(Some(DigestId(id)))
    }

    /// The number of a person's next message of a day, after the morning's; the same again for one that was not sent.
    /// `None` when the address was refused: nothing more goes there today.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn next_message(&self, person: UserId, day: NaiveDate) -> Result<Option<u32>, StoreError> {
        let last = common::<digest::Entity>()
            .filter(digest::Column::AccountId.eq(person.0))
            .filter(digest::Column::Day.eq(day))
            .filter(digest::Column::Number.gte(Slot::Reminders(0).number()))
            .order_by_desc(digest::Column::Number)
            .one(&self.tx)
            .await;
        let Some(last) = self.check(last)? else { return Ok(Some(1)) };
        let number = u32::try_from(last.number).unwrap_or_default();
        Ok(match word("digest", "state", &last.state)? {
            MessageState::Failed => Some(number),
            MessageState::Refused => None,
            _ => Some(number.saturating_add(1)),
        })
    }

    /// Keeps what a claimed message tells.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when the person is being told the same by another server.
    pub async fn add_items(&self, id: DigestId, person: UserId, items: &[Item]) -> Result<(), StoreError> {
        let rows = items.iter().map(|item| digest_item::ActiveModel {
            account_id: Set(person.0),
            dossier_id: Set(item.dossier.0),
            rule: Set(item.rule.clone()),
            fell_on: Set(item.fell_on),
            digest_id: Set(id.0),
        });
        // Under what SQLite can be given at once.
        let rows: Vec<_> = rows.collect();
        for some in rows.chunks(1_000) {
            let insert = digest_item::Entity::insert_many(some.iter().cloned());
            self.check(insert.exec_without_returning(&self.tx).await)?;
        }
        Ok(())
    }

    /// Says what became of a message. One that was not sent has told nothing; it may be tried again from `at` on.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_sending(
        &self,
        id: DigestId,
        state: MessageState,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.mark(id, state, at).await?;
        if matches!(state, MessageState::Failed | MessageState::Refused) {
            self.forget_items(id).await?;
            self.forget_alerts(id, state == MessageState::Failed).await?;
            self.unwrite_links(id).await?;
        }
        Ok(())
    }

    async fn mark(&self, id: DigestId, state: MessageState, at: Timestamp) -> Result<(), StoreError> {
        let row = common::<digest::Entity>().filter(digest::Column::Id.eq(id.0)).one(&self.tx).await;
        let Some(row) = self.check(row)? else { return Err(StoreError::Stale) };
        let mut row = row.into_active_model();
        row.state = Set(<&str>::from(state).to_owned());
        if state == MessageState::Sent {
            row.sent_at = Set(Some(at.instant()));
        } else {
            row.claimed_until = Set(at.instant());
        }
        self.check(row.update(&self.tx).await)?;
        Ok(())
    }

    /// Takes back a message that has nothing to tell any more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn drop_message(&self, id: DigestId) -> Result<(), StoreError> {
        self.forget_items(id).await?;
        let row = common::<digest::Entity>().filter(digest::Column::Id.eq(id.0)).one(&self.tx).await;
        if let Some(row) = self.check(row)? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }

    async fn forget_items(&self, id: DigestId) -> Result<(), StoreError> {
        let rows = scoped::<digest_item::Entity>(&Scope::ALL)
            .filter(digest_item::Column::DigestId.eq(id.0))
            .all(&self.tx)
            .await;
        for row in self.check(rows)? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }

    /// The messages that a server was handing over when it stopped may have been sent: they are not sent again. How many
    /// there were.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn give_up_interrupted(&self, now: Timestamp) -> Result<usize, StoreError> {
        let rows = common::<digest::Entity>()
            .filter(digest::Column::State.eq(<&str>::from(MessageState::Sending)))
            .filter(digest::Column::ClaimedUntil.lt(now.instant()))
            .all(&self.tx)
            .await;
        let rows = self.check(rows)?;
        for row in &rows {
            self.mark(DigestId(row.id), MessageState::Unknown, now).await?;
        }
        Ok(rows.len())
    }

    /// Changes a reminder rule; `false` when there is none of that code.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn change_reminder(&self, rule: &ReminderRule) -> Result<bool, StoreError> {
        let row = common::<reminder_rule::Entity>()
            .filter(reminder_rule::Column::Code.eq(rule.code.as_str()))
            .one(&self.tx)
            .await;
        if self.check(row)?.is_none() {
            return Ok(false);
        }
        self.check(write_rule(rule).update(&self.tx).await)?;
        Ok(true)
    }

    /// Keeps how a person wants to be told.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_notifications(
        &self,
        person: UserId,
        notifications: Notifications,
    ) -> Result<(), StoreError> {
        let row = account::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(person.0),
            notifications: Set(<&str>::from(notifications).to_owned()),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        Ok(())
    }

    /// Gives a person a calendar feed in place of the one they had, or takes it back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_feed(
        &self,
        person: UserId,
        digest: Option<&Digest>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = common::<calendar_feed::Entity>()
            .filter(calendar_feed::Column::AccountId.eq(person.0))
            .one(&self.tx)
            .await;
        if let Some(row) = self.check(row)? {
            self.check(row.delete(&self.tx).await)?;
        }
        if let Some(digest) = digest {
            let row = calendar_feed::ActiveModel {
                account_id: Set(person.0),
                digest: Set(digest.to_string()),
                created_at: Set(at.instant()),
            };
            self.check(row.insert(&self.tx).await)?;
        }
        Ok(())
    }
}

fn write_rule(rule: &ReminderRule) -> reminder_rule::ActiveModel {
    reminder_rule::ActiveModel {
        code: Set(rule.code.clone()),
        offset_days: Set(rule.offset),
        every: Set(rule.every.map(small)),
        level: Set(<&str>::from(rule.level).to_owned()),
        active: Set(rule.active),
    }
}
