//! What is kept of the exchange with *Réponses*.

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::dossier::{Action, Event};
use pli_domain::ids::DossierId;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::{exchange_token, journal};
use crate::select::{common, scoped};
use crate::{Store, StoreError, UnitOfWork};

impl Store {
    /// The jeton of the last page of a service that was kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn exchange_token(&self, service: &str) -> Result<Option<String>, StoreError> {
        let row = common::<exchange_token::Entity>()
            .filter(exchange_token::Column::Service.eq(service))
            .one(&self.db)
            .await?;
        Ok(row.map(|row| row.token))
    }
}

impl UnitOfWork {
    /// Keeps the jeton of a page, once what the page holds is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_exchange_token(
        &self,
        service: &str,
        token: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        use exchange_token::Column;
        let row = exchange_token::ActiveModel {
            service: Set(service.to_owned()),
            token: Set(token.to_owned()),
            kept_at: Set(at.instant()),
        };
        let again =
            OnConflict::column(Column::Service).update_columns([Column::Token, Column::KeptAt]).to_owned();
        let insert = exchange_token::Entity::insert(row).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        Ok(())
    }

    /// The days on which a question was renewed, as its journal says.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn renewals(&self, id: DossierId) -> Result<Vec<NaiveDate>, StoreError> {
        let rows = scoped::<journal::Entity>(&Scope::ALL)
            .filter(journal::Column::DossierId.eq(id.0))
            .filter(journal::Column::Action.eq(<&str>::from(Action::Renew)))
            .filter(journal::Column::Accepted.eq(true))
            .all(&self.tx)
            .await;
        let rows = self.check(rows)?;
        let on = |row: &journal::Model| match serde_json::from_str(&row.payload) {
            Ok(Event::Renewed { on }) => Some(on),
            _ => None,
        };
        Ok(rows.iter().filter_map(on).collect())
    }
}
