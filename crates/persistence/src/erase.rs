//! Taking out the words of what is eliminated.

use pli_domain::actor::Scope;
use pli_domain::digest::Digest;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::entity::{
    attachment, discrepancy, dossier, draft, draft_look, known_match, mail, note, sender_form,
};
use crate::select::scoped;
use crate::{Sheet, StoreError, UnitOfWork};

impl UnitOfWork {
    /// Takes out the words of a dossier that was just eliminated: subject, sender, what was said, the texts of the answer,
    /// and all by which these could be found. Its journal stays, with the digests.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(clippy::disallowed_methods, reason = "all the words of one dossier, in one statement each")]
    pub async fn erase(&self, sheet: &Sheet) -> Result<(), StoreError> {
        let id = sheet.dossier.id;
        let (subject, sender) = sheet.dossier.stand_ins();
        let row = dossier::ActiveModel {
            id: Unchanged(id.0),
            subject: Set(subject.to_owned()),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        if let Some(sender) = sender {
            let row = mail::ActiveModel {
                dossier_id: Unchanged(id.0),
                sender: Set(sender.to_owned()),
                sender_named: Set(true),
                ..Default::default()
            };
            self.check(row.update(&self.tx).await)?;
        }
        macro_rules! take_out {
            ($($table:ident)*) => {$(
                let all = $table::Entity::delete_many().filter($table::Column::DossierId.eq(id.0));
                self.check(all.exec(&self.tx).await)?;
            )*};
        }
        take_out!(note draft_look draft sender_form known_match discrepancy);
        let erased =
            Sheet { subject: subject.to_owned(), sender: sender.map(str::to_owned), ..sheet.clone() };
        self.index(&erased).await
    }

    /// Whether a dossier that is not eliminated has this document.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_document(&self, file: &Digest) -> Result<bool, StoreError> {
        let kept = Query::select()
            .column(dossier::Column::Id)
            .from(dossier::Entity)
            .and_where(Expr::col(dossier::Column::EliminatedOn).is_null())
            .take();
        let rows = scoped::<attachment::Entity>(&Scope::ALL)
            .filter(attachment::Column::File.eq(file.as_str()))
            .filter(attachment::Column::DossierId.in_subquery(kept))
            .count(&self.tx)
            .await;
        Ok(self.check(rows)? > 0)
    }
}
