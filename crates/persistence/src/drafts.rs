//! The versions of an answer, and which of them a person has seen.

use std::collections::BTreeMap;

use pli_domain::actor::Scope;
use pli_domain::ids::{DossierId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{count, small};
use crate::entity::{draft, draft_look};
use crate::select::scoped;
use crate::{Page, Reader, StoreError, UnitOfWork};

/// A version of the answer, without its text: [`Reader::drafts`] has the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftVersion {
    /// Its number, from 1.
    pub version: u32,
    /// Who wrote it.
    pub author: UserId,
    /// When it was kept.
    pub at: Timestamp,
}

/// The last version that a person has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The version.
    pub version: u32,
    /// When.
    pub at: Timestamp,
}

impl Reader {
    /// A page of the versions of a dossier's answer, the newest first; `before` is the last one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn draft_versions(
        &self,
        id: DossierId,
        before: Option<u32>,
        size: u64,
    ) -> Result<Page<DraftVersion>, StoreError> {
        let mut select = scoped::<draft::Entity>(&self.scope).filter(draft::Column::DossierId.eq(id.0));
        if let Some(before) = before {
            select = select.filter(draft::Column::Version.lt(small(before)));
        }
        let rows: Vec<(i32, uuid::Uuid, sea_orm::prelude::DateTimeUtc)> = select
            .select_only()
            .columns([draft::Column::Version, draft::Column::AuthorId, draft::Column::CreatedAt])
            .order_by_desc(draft::Column::Version)
            .limit(size.saturating_add(1))
            .into_tuple()
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        let read = |(version, author, at)| {
            let version = count("draft", "version", version)?;
            Ok(DraftVersion { version, author: UserId(author), at: Timestamp::new(at) })
        };
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, StoreError>>()?, more })
    }

    /// What a person has seen of some dossiers.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn looks(
        &self,
        person: UserId,
        dossiers: &[DossierId],
    ) -> Result<BTreeMap<DossierId, Look>, StoreError> {
        if dossiers.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = scoped::<draft_look::Entity>(&self.scope)
            .filter(draft_look::Column::AccountId.eq(person.0))
            .filter(draft_look::Column::DossierId.is_in(dossiers.iter().map(|id| id.0)))
            .all(&self.db)
            .await?;
        let read = |row: draft_look::Model| {
            let version = count("draft_look", "version", row.version)?;
            Ok((DossierId(row.dossier_id), Look { version, at: Timestamp::new(row.at) }))
        };
        rows.into_iter().map(read).collect()
    }
}

impl UnitOfWork {
    /// Whether a dossier in scope has this version of an answer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_draft(&self, scope: &Scope, id: DossierId, version: u32) -> Result<bool, StoreError> {
        let row = scoped::<draft::Entity>(scope)
            .filter(draft::Column::DossierId.eq(id.0))
            .filter(draft::Column::Version.eq(small(version)))
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.is_some())
    }

    /// Keeps that a person has seen a version. Whoever has seen a newer one has seen it already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or has no such version.
    pub async fn look(
        &self,
        person: UserId,
        id: DossierId,
        version: u32,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        use draft_look::Column;
        let row = draft_look::ActiveModel {
            account_id: Set(person.0),
            dossier_id: Set(id.0),
            version: Set(small(version)),
            at: Set(at.instant()),
        };
        let newer = Expr::col((draft_look::Entity, Column::Version)).lte(small(version));
        let again = OnConflict::columns([Column::AccountId, Column::DossierId])
            .update_columns([Column::Version, Column::At])
            .action_and_where(newer)
            .to_owned();
        let insert = draft_look::Entity::insert(row).on_conflict(again).exec_without_returning(&self.tx);
        self.check(insert.await)?;
        Ok(())
    }
}
