//! The journal of the whole register: the latest acts of every dossier in scope, the newest first.

use std::collections::BTreeMap;

use pli_domain::actor::{Reach, Scope, Who};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Action, Kind};
use pli_domain::ids::DossierId;
use pli_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::convert::word;
use crate::entity::{assignment, dossier, journal, note};
use crate::journal::read_entry;
use crate::select::{scoped, walked};
use crate::{Line, Page, Reader, StoreError};

/// Which acts. Each part that is given narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Done by one person, or by one part of Pli.
    pub who: Option<Who>,
    /// Of one sort.
    pub action: Option<Action>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// On dossiers of one kind.
    pub kind: Option<Kind>,
}

/// A place in the journal of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalPlace {
    /// When.
    pub at: Timestamp,
    /// On which dossier.
    pub dossier: DossierId,
    /// The place in its journal.
    pub seq: u32,
}

/// A line of the journal, with the dossier that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterLine {
    /// The line.
    pub line: Line,
    /// The dossier's kind.
    pub kind: Kind,
    /// Its reference.
    pub reference: String,
    /// What it is about.
    pub subject: String,
}

impl RegisterLine {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> JournalPlace {
        let entry = &self.line.entry;
        JournalPlace { at: entry.at, dossier: entry.dossier, seq: entry.seq }
    }
}

/// The entries of so many dossiers are gathered and sorted faster than the journal is walked.
const FEW: u64 = 1_000;

impl JournalFilter {
    fn condition(&self) -> Condition {
        use journal::Column;
        Condition::all()
            .add_option(self.who.map(|who| Column::Who.eq(who.to_string())))
            .add_option(self.action.map(|action| Column::Action.eq(<&str>::from(action))))
            .add_option(self.from.map(|from| Column::At.gte(from.instant())))
            .add_option(self.until.map(|until| Column::At.lt(until.instant())))
            .add_option(self.kind.map(of_kind))
    }
}

/// Whether an entry's dossier is of that kind; asked entry by entry, since half the register is.
fn of_kind(kind: Kind) -> Expr {
    let own = Expr::col((dossier::Entity, dossier::Column::Id));
    let one = Query::select()
        .expr(Expr::value(1))
        .from(dossier::Entity)
        .and_where(own.equals((journal::Entity, journal::Column::DossierId)))
        .and_where(Expr::col((dossier::Entity, dossier::Column::Kind)).eq(<&str>::from(kind)))
        .take();
    Expr::exists(one)
}

impl Reader {
    /// A page of the journal of every dossier in scope, the newest act first; `before` is the last line already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register(
        &self,
        filter: &JournalFilter,
        before: Option<JournalPlace>,
        size: u64,
    ) -> Result<Page<RegisterLine>, StoreError> {
        use journal::Column;
        let mut select = self.entries().await?.filter(filter.condition());
        if let Some(JournalPlace { at, dossier, seq }) = before {
            let columns = [Column::At, Column::DossierId, Column::Seq];
            let key = Expr::tuple(columns.map(|column| Expr::col((journal::Entity, column))));
            let place = [Expr::value(at.instant()), Expr::value(dossier.0), Expr::value(seq)];
            select = select.filter(key.lt(Expr::tuple(place)));
        }
        let rows = select
            .order_by_desc(Column::At)
            .order_by_desc(Column::DossierId)
            .order_by_desc(Column::Seq)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: self.lines(items).await?, more })
    }

    /// The entries in scope, asked for in the way that costs least: PostgreSQL sees that both are the same, SQLite does not.
    async fn entries(&self) -> Result<Select<journal::Entity>, StoreError> {
        let Reach::Units(units) = &self.scope.reach else { return Ok(scoped(&self.scope)) };
        let one_more = scoped::<assignment::Entity>(&Scope::ALL)
            .filter(assignment::Column::UnitId.is_in(units.iter().map(|unit| unit.0)))
            .select_only()
            .column(assignment::Column::DossierId)
            .offset(FEW)
            .limit(1)
            .into_tuple::<Uuid>()
            .one(&self.db)
            .await?;
        Ok(if one_more.is_none() { scoped(&self.scope) } else { walked(&self.scope) })
    }

    /// Entries with their words and their dossiers: two queries, however many they are.
    async fn lines(&self, rows: Vec<journal::Model>) -> Result<Vec<RegisterLine>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let each = rows.iter().fold(Condition::any(), |any, row| {
            any.add(note::Column::DossierId.eq(row.dossier_id).and(note::Column::Seq.eq(row.seq)))
        });
        let notes = scoped::<note::Entity>(&self.scope).filter(each).all(&self.db).await?;
        let mut notes: BTreeMap<_, _> =
            notes.into_iter().map(|row| ((row.dossier_id, row.seq), row.words)).collect();
        let dossiers: Vec<(Uuid, String, String, String)> = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::Id.is_in(rows.iter().map(|row| row.dossier_id)))
            .select_only()
            .columns([
                dossier::Column::Id,
                dossier::Column::Kind,
                dossier::Column::Reference,
                dossier::Column::Subject,
            ])
            .into_tuple()
            .all(&self.db)
            .await?;
        let dossiers: BTreeMap<_, _> = dossiers
            .into_iter()
            .map(|(id, kind, reference, subject)| (id, (kind, reference, subject)))
            .collect();
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            // One that has left the scope between two queries is not shown.
            let Some((kind, reference, subject)) = dossiers.get(&row.dossier_id).cloned() else { continue };
            let note = notes.remove(&(row.dossier_id, row.seq));
            let line = Line { hash: Digest::stored(row.hash.clone()), entry: read_entry(row)?, note };
            lines.push(RegisterLine { line, kind: word("dossier", "kind", &kind)?, reference, subject });
        }
        Ok(lines)
    }
}
