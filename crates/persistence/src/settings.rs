//! The journal of settings: its one writer, and reading it.

use pli_domain::actor::Who;
use pli_domain::settings::{SettingsAction, SettingsEntry, Subject, SubjectKind};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{count, small, word};
use crate::entity::settings_journal;
use crate::select::common;
use crate::{Page, Store, StoreError, UnitOfWork};

/// What is to be written in the journal of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsAct {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What was done.
    pub action: SettingsAction,
    /// To what.
    pub subject: Subject,
    /// JSON of what it was and is; no secret.
    pub payload: String,
}

/// The next place in the journal of settings, as it was before anything else was read.
#[derive(Debug)]
pub struct Place(u32);

impl UnitOfWork {
    /// Looks which place in the journal comes next, before reading what a change is decided on. Whoever is overtaken by
    /// another change between this and [`UnitOfWork::record_setting`] finds the place taken, and is to be run again: so
    /// settings change one at a time, whatever each change reads.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settings_place(&self) -> Result<Place, StoreError> {
        let last = common::<settings_journal::Entity>()
            .order_by_desc(settings_journal::Column::Seq)
            .limit(1)
            .one(&self.tx)
            .await;
        let last = self.check(last)?.map_or(0, |row| row.seq);
        Ok(Place(count("settings_journal", "seq", last)?.saturating_add(1)))
    }

    /// Writes what was changed in the journal of settings.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when another change took the place: ask again.
    pub async fn record_setting(&self, place: Place, act: SettingsAct) -> Result<(), StoreError> {
        let row = settings_journal::ActiveModel {
            seq: Set(small(place.0)),
            at: Set(act.at.instant()),
            who: Set(act.who.to_string()),
            action: Set(<&str>::from(act.action).to_owned()),
            subject_kind: Set(<&str>::from(act.subject.kind).to_owned()),
            subject_id: Set(act.subject.id),
            payload: Set(act.payload),
        };
        self.check(row.insert(&self.tx).await)?;
        self.changes_settings();
        Ok(())
    }
}

impl Store {
    /// A page of the journal of settings, newest first; `before` is the last entry already seen, and what is about `hidden`
    /// is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settings_journal(
        &self,
        hidden: &[SubjectKind],
        before: Option<u32>,
        size: u64,
    ) -> Result<Page<SettingsEntry>, StoreError> {
        let hidden = hidden.iter().map(|kind| <&str>::from(*kind));
        let before = before.map_or(i32::MAX, small);
        let rows = common::<settings_journal::Entity>()
            .filter(settings_journal::Column::Seq.lt(before))
            .filter(settings_journal::Column::SubjectKind.is_not_in(hidden))
            .order_by_desc(settings_journal::Column::Seq)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, more })
    }
}

fn read(row: settings_journal::Model) -> Result<SettingsEntry, StoreError> {
    const TABLE: &str = "settings_journal";
    Ok(SettingsEntry {
        seq: count(TABLE, "seq", row.seq)?,
        at: Timestamp::new(row.at),
        who: word(TABLE, "who", &row.who)?,
        action: word(TABLE, "action", &row.action)?,
        subject: Subject { kind: word(TABLE, "subject_kind", &row.subject_kind)?, id: row.subject_id },
        payload: row.payload,
    })
}
