//! How long a list is, at a cost that does not grow with the register.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait as _, QuerySelect as _, QueryTrait as _};

use crate::entity::dossier;
use crate::{Filter, Reader, StoreError};

/// How many dossiers a list holds, as far as one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// How many, [`Length::MOST`] at most.
    pub number: u64,
    /// Whether there are more.
    pub more: bool,
}

impl Length {
    /// Nobody reads further: beyond, a list is narrowed.
    pub const MOST: u64 = 10_000;
}

impl Reader {
    /// How long a list is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "it counts what a scoped select holds; the ORM would drop its limit"
    )]
    pub async fn length(&self, filter: &Filter) -> Result<Length, StoreError> {
        let listed = self.listed(filter).select_only().column(dossier::Column::Id).limit(Length::MOST + 1);
        let counted = Query::select()
            .expr_as(Expr::col(Asterisk).count(), "number")
            .from_subquery(listed.into_query(), "listed")
            .take();
        let row = self.db.query_one(&counted).await?;
        let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or(0);
        let number = number.unsigned_abs();
        Ok(Length { number: Ord::min(number, Length::MOST), more: number > Length::MOST })
    }
}
