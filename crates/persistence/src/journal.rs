//! The journal's one writer, and reading it.

use pli_domain::actor::{Scope, Who};
use pli_domain::digest::Digest;
use pli_domain::ids::DossierId;
use pli_domain::journal::Entry;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, InsertStatement, SubQueryStatement};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::convert::{count, small, word};
use crate::entity::{journal, note};
use crate::select::scoped;
use crate::{Page, Reader, StoreError, UnitOfWork};

/// What is to be written in a dossier's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The dossier.
    pub dossier: DossierId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// The action's code.
    pub action: String,
    /// The stage before; empty for a new dossier.
    pub from: String,
    /// The stage after.
    pub to: String,
    /// The event as JSON, or the refusal's code.
    pub payload: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// The words said with it.
    pub note: Option<String>,
}

/// A line of the journal, with the words said with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub entry: Entry,
    /// Its hash.
    pub hash: Digest,
    /// The words, while they are kept.
    pub note: Option<String>,
}

/// An entry, with the words said with it.
#[derive(Debug, FromQueryResult)]
struct Said {
    #[sea_orm(nested)]
    entry: journal::Model,
    words: Option<String>,
}

impl UnitOfWork {
    /// Adds an entry that changes nothing at the end of the dossier's chain. The dossier must have been read by
    /// [`UnitOfWork::dossier`], so that nobody else is adding to it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record(&self, act: Act) -> Result<(), StoreError> {
        let last = last_entry(act.dossier).one(&self.tx).await;
        let (seq, hash) = self.check(last)?.map(|last| (last.seq, last.hash)).unzip();
        let (place, last) = place_after(seq, hash)?;
        self.insert_together(self.entry(act, place, last.as_ref())).await
    }

    /// The rows of an entry at a place of the dossier's chain, after the entry of that hash.
    pub(crate) fn entry(&self, act: Act, place: u32, after: Option<&Digest>) -> Vec<InsertStatement> {
        self.writes(act.dossier);
        let entry = Entry {
            dossier: act.dossier,
            seq: place,
            at: act.at,
            who: act.who,
            action: act.action,
            from: act.from,
            to: act.to,
            payload: act.payload,
            accepted: act.accepted,
        };
        let hash = entry.hash(after);
        let seq = small(place);
        let row = journal::ActiveModel {
            dossier_id: Set(entry.dossier.0),
            seq: Set(seq),
            at: Set(entry.at.instant()),
            who: Set(entry.who.to_string()),
            action: Set(entry.action),
            from_stage: Set(entry.from),
            to_stage: Set(entry.to),
            payload: Set(entry.payload),
            accepted: Set(entry.accepted),
            hash: Set(hash.to_string()),
        };
        let note = act.note.map(|words| {
            let row = note::ActiveModel { dossier_id: Set(act.dossier.0), seq: Set(seq), words: Set(words) };
            note::Entity::insert(row).into_query()
        });
        [journal::Entity::insert(row).into_query()].into_iter().chain(note).collect()
    }
}

/// The last entry of a dossier's chain.
fn last_entry(id: DossierId) -> Select<journal::Entity> {
    scoped::<journal::Entity>(&Scope::ALL)
        .filter(journal::Column::DossierId.eq(id.0))
        .order_by_desc(journal::Column::Seq)
        .limit(1)
}

/// The place and the hash of the last entry of a dossier's chain, to be asked for beside something else.
pub(crate) fn end_of_chain(id: DossierId) -> [Expr; 2] {
    [journal::Column::Seq, journal::Column::Hash].map(|column| {
        SubQueryStatement::from(last_entry(id).select_only().column(column).into_query()).into()
    })
}

/// The place of the next entry in a chain, from the place and the hash of the last, and this hash.
pub(crate) fn place_after(
    seq: Option<i32>,
    hash: Option<String>,
) -> Result<(u32, Option<Digest>), StoreError> {
    let place = count("journal", "seq", seq.unwrap_or_default())?.saturating_add(1);
    Ok((place, hash.map(Digest::stored)))
}

impl Reader {
    /// A page of a dossier's journal, oldest first; `after` is the last entry already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn journal(&self, id: DossierId, after: u32, size: u64) -> Result<Page<Line>, StoreError> {
        let same = |said: note::Column, done: journal::Column| {
            Expr::col((note::Entity, said)).equals((journal::Entity, done))
        };
        let of_entry = same(note::Column::DossierId, journal::Column::DossierId)
            .and(same(note::Column::Seq, journal::Column::Seq));
        let mut entries = scoped::<journal::Entity>(&self.scope)
            .filter(journal::Column::DossierId.eq(id.0))
            .filter(journal::Column::Seq.gt(small(after)))
            .column(note::Column::Words)
            .order_by_asc(journal::Column::Seq)
            .limit(size.saturating_add(1));
        QuerySelect::query(&mut entries).left_join(note::Entity, of_entry);
        let rows: Vec<Said> = entries.into_model().all(&self.db).await?;
        let Page { items, more } = Page::cut(rows, size);
        let lines = items.into_iter().map(|Said { entry, words }| {
            Ok(Line { hash: Digest::stored(entry.hash.clone()), entry: read_entry(entry)?, note: words })
        });
        Ok(Page { items: lines.collect::<Result<_, StoreError>>()?, more })
    }
}

/// An entry as it was written.
pub(crate) fn read_entry(row: journal::Model) -> Result<Entry, StoreError> {
    Ok(Entry {
        dossier: DossierId(row.dossier_id),
        seq: count("journal", "seq", row.seq)?,
        at: Timestamp::new(row.at),
        who: word("journal", "who", &row.who)?,
        action: row.action,
        from: row.from_stage,
        to: row.to_stage,
        payload: row.payload,
        accepted: row.accepted,
    })
}
