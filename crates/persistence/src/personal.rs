//! What is held on a person beyond what the search finds, and their words corrected.

use std::collections::BTreeSet;

use pli_domain::ids::{DossierId, UserId};
use pli_domain::search::{self, Query};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{dossier, draft, mail, note, reading, sender_form};
use crate::select::scoped;
use crate::{Content, Filter, Reader, Sheet, StoreError, UnitOfWork};

/// A text in which a person is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Of which dossier.
    pub dossier: DossierId,
    /// The whole text.
    pub text: String,
}

impl Reader {
    /// The words said with acts, and the versions of answers, that hold all of a query; of the last dossiers at most so many
    /// texts of each. The search holds neither the words nor the older versions: both tables are read, as far as their texts
    /// may hold these letters.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn mentions(&self, query: &Query, most: u64) -> Result<Vec<Mention>, StoreError> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let said: Vec<(Uuid, String)> = scoped::<note::Entity>(&self.scope)
            .select_only()
            .columns([note::Column::DossierId, note::Column::Words])
            .filter(like(note::Column::Words, query))
            .order_by_desc(note::Column::DossierId)
            .limit(most)
            .into_tuple()
            .all(&self.db)
            .await?;
        let written: Vec<(Uuid, String)> = scoped::<draft::Entity>(&self.scope)
            .select_only()
            .columns([draft::Column::DossierId, draft::Column::Text])
            .filter(like(draft::Column::Text, query))
            .order_by_desc(draft::Column::DossierId)
            .limit(most)
            .into_tuple()
            .all(&self.db)
            .await?;
        let all = said.into_iter().chain(written).filter(|(_, text)| search::holds(text, query));
        Ok(all.map(|(id, text)| Mention { dossier: DossierId(id), text }).collect())
    }

    /// Which of these dossiers a filter holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn among(
        &self,
        ids: &BTreeSet<DossierId>,
        filter: &Filter,
    ) -> Result<BTreeSet<DossierId>, StoreError> {
        let rows: Vec<Uuid> = self
            .listed(filter)
            .filter(dossier::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .select_only()
            .column(dossier::Column::Id)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(DossierId).collect())
    }

    /// The reserved dossiers that a person has opened, of those in scope, the latest opening first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn openings_of(&self, person: UserId) -> Result<Vec<(Timestamp, DossierId)>, StoreError> {
        let rows = scoped::<reading::Entity>(&self.scope)
            .filter(reading::Column::AccountId.eq(person.0))
            .order_by_desc(reading::Column::At)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| (Timestamp::new(row.at), DossierId(row.dossier_id))).collect())
    }
}

/// What may hold the words of a query. Accents, which no engine folds alike, stand on vowels and on a few consonants: these
/// match whatever is there.
fn like<C: ColumnTrait>(column: C, query: &Query) -> Condition {
    let stems = query.terms().iter().flat_map(|term| &term.stems);
    stems.fold(Condition::all(), |all, stem| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() && !"aceinosuyz".contains(letter);
        let mut pattern = String::from("%");
        for letter in stem.chars() {
            if plain(letter) {
                pattern.push(letter);
            } else if !pattern.ends_with('%') {
                pattern.push('%');
            }
        }
        if !pattern.ends_with('%') {
            pattern.push('%');
        }
        all.add(Expr::expr(Func::lower(column.into_expr())).like(pattern))
    })
}

impl UnitOfWork {
    /// Writes the words of a letter again: its sender, what it is about, and all by which these are found.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(clippy::disallowed_methods, reason = "all the forms of one sender, in one statement")]
    pub async fn write_words(&self, sheet: Sheet, content: Content) -> Result<Sheet, StoreError> {
        let id = sheet.dossier.id;
        let row = dossier::ActiveModel {
            id: Unchanged(id.0),
            subject: Set(content.subject.clone()),
            content: Set(sheet.dossier.content.to_string()),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        if let Some(sender) = &content.sender {
            let row = mail::ActiveModel {
                dossier_id: Unchanged(id.0),
                sender: Set(sender.clone()),
                ..Default::default()
            };
            self.check(row.update(&self.tx).await)?;
            let forms = sender_form::Entity::delete_many().filter(sender_form::Column::DossierId.eq(id.0));
            self.check(forms.exec(&self.tx).await)?;
            self.name_sender(id, sender).await?;
        }
        let written = Sheet { subject: content.subject, sender: content.sender, ..sheet };
        self.index(&written).await?;
        Ok(written)
    }
}
