//! The documents of a dossier: which file, and by the journal who joined it, when, and under which name.

use std::collections::{BTreeMap, BTreeSet};

use pli_domain::actor::Who;
use pli_domain::dossier::{Action, Attachment};
use pli_domain::ids::DossierId;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::InsertStatement;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::convert::{read_attachment, small, word};
use crate::entity::{attachment, dossier, journal, note};
use crate::select::scoped;
use crate::{Reader, StoreError};

/// A document as it was joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Which.
    pub attachment: Attachment,
    /// Its name, while it is kept.
    pub name: Option<String>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: Who,
}

/// The row of a document that joins a dossier; `seq` is the place in the journal of the act that does it.
pub(crate) fn document(id: DossierId, seq: u32, attachment: &Attachment) -> InsertStatement {
    let row = attachment::ActiveModel {
        dossier_id: Set(id.0),
        seq: Set(small(seq)),
        file: Set(attachment.file.to_string()),
        media: Set(<&str>::from(attachment.media).to_owned()),
        bytes: Set(small(attachment.bytes)),
    };
    attachment::Entity::insert(row).into_query()
}

impl Reader {
    /// The documents of some dossiers, the oldest first, of those that are not eliminated: four queries, however many they are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn attachments(
        &self,
        dossiers: &[DossierId],
    ) -> Result<BTreeMap<DossierId, Vec<Attached>>, StoreError> {
        let ids: Vec<Uuid> = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::Id.is_in(dossiers.iter().map(|id| id.0)))
            .filter(dossier::Column::EliminatedOn.is_null())
            .select_only()
            .column(dossier::Column::Id)
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut all: BTreeMap<DossierId, Vec<Attached>> = BTreeMap::new();
        let mut rows = self.of::<attachment::Entity>(&ids).await?;
        if rows.is_empty() {
            return Ok(all);
        }
        rows.sort_by_key(|row| (row.dossier_id, row.seq));
        let seqs: BTreeSet<i32> = rows.iter().map(|row| row.seq).collect();
        let entries = scoped::<journal::Entity>(&self.scope)
            .filter(journal::Column::DossierId.is_in(ids.iter().copied()))
            .filter(journal::Column::Action.eq(<&str>::from(Action::Attach)))
            .filter(journal::Column::Accepted.eq(true))
            .all(&self.db)
            .await?;
        let entries: BTreeMap<_, _> =
            entries.into_iter().map(|entry| ((entry.dossier_id, entry.seq), entry)).collect();
        let notes = scoped::<note::Entity>(&self.scope)
            .filter(note::Column::DossierId.is_in(ids))
            .filter(note::Column::Seq.is_in(seqs))
            .order_by_asc(note::Column::Seq)
            .all(&self.db)
            .await?;
        let mut names: BTreeMap<_, _> =
            notes.into_iter().map(|note| ((note.dossier_id, note.seq), note.words)).collect();
        for row in rows {
            let act = (row.dossier_id, row.seq);
            let entry = entries.get(&act).ok_or_else(|| StoreError::Inconsistent {
                table: "attachment",
                column: "seq",
                value: row.seq.to_string(),
            })?;
            let attached = Attached {
                attachment: read_attachment(&row)?,
                name: names.remove(&act),
                at: Timestamp::new(entry.at),
                who: word("journal", "who", &entry.who)?,
            };
            all.entry(DossierId(row.dossier_id)).or_default().push(attached);
        }
        Ok(all)
    }
}
