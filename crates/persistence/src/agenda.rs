//! The questions put in the chamber, by the day of their sitting, and who attends.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::dossier::Action;
use pli_domain::identity::House;
use pli_domain::ids::DossierId;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{dossier, journal, note, question};
use crate::select::scoped;
use crate::{Page, Reader, Sheet, StoreError};

impl Reader {
    /// The questions in scope that are put on these days, by day and then as their house numbers them; at most `size`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn sittings(
        &self,
        (from, to): (NaiveDate, NaiveDate),
        house: Option<House>,
        size: u64,
    ) -> Result<Page<Sheet>, StoreError> {
        use question::Column::{DossierId, Identity, SittingOn};
        let of_house = house.map(|house| {
            Identity.starts_with(match house {
                House::Assembly => "AN-",
                House::Senate => "SENAT-",
            })
        });
        let rows = scoped::<question::Entity>(&self.scope)
            .filter(SittingOn.between(from, to))
            .filter(Condition::all().add_option(of_house))
            .order_by_asc(SittingOn)
            .order_by_asc(DossierId)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        let ids: Vec<_> = items.iter().map(|row| row.dossier_id).collect();
        let mut sheets = self.sheets(self.of::<dossier::Entity>(&ids).await?).await?;
        let place = |sheet: &Sheet| {
            let facts = sheet.dossier.question();
            facts.map(|facts| (facts.sitting.as_ref().map(|sitting| sitting.on), facts.identity.clone()))
        };
        sheets.sort_by_cached_key(place);
        Ok(Page { items: sheets, more })
    }

    /// The first day after that one on which a question in scope is put.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn next_sitting(&self, after: NaiveDate) -> Result<Option<NaiveDate>, StoreError> {
        use question::Column::SittingOn;
        let row = scoped::<question::Entity>(&self.scope)
            .filter(SittingOn.gt(after))
            .order_by_asc(SittingOn)
            .limit(1)
            .one(&self.db)
            .await?;
        Ok(row.and_then(|row| row.sitting_on))
    }

    /// Who attends for the ministry, by dossier: the name said last; where it was taken away since, nothing. Two queries,
    /// however many they are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn attendees(&self, dossiers: &[DossierId]) -> Result<BTreeMap<DossierId, String>, StoreError> {
        if dossiers.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids = || dossiers.iter().map(|id| id.0);
        let acts = scoped::<journal::Entity>(&self.scope)
            .filter(journal::Column::DossierId.is_in(ids()))
            .filter(journal::Column::Action.eq(<&str>::from(Action::PlanSitting)))
            .filter(journal::Column::Accepted.eq(true))
            .order_by_asc(journal::Column::Seq)
            .all(&self.db)
            .await?;
        let last: BTreeMap<_, _> = acts.into_iter().map(|act| (act.dossier_id, act.seq)).collect();
        let notes = scoped::<note::Entity>(&self.scope)
            .filter(note::Column::DossierId.is_in(ids()))
            .filter(note::Column::Seq.is_in(last.values().copied()))
            .all(&self.db)
            .await?;
        let said = notes.into_iter().filter(|note| last.get(&note.dossier_id) == Some(&note.seq));
        Ok(said.map(|note| (DossierId(note.dossier_id), note.words)).collect())
    }
}
