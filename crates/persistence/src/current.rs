//! The settings as they are: read whole once by each process, and again when an act has changed them. What an act on them
//! leaves (`settled.rs`) says whether they are still the same, at the cost of one row.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use pli_domain::actor::Actor;
use pli_domain::delay::Delays;
use pli_domain::ids::UserId;
use pli_domain::ministry::Denominations;
use pli_domain::organisation::Organisation;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryResult, QuerySelect, Select};

use crate::entity::settings_proof;
use crate::replica::MOMENT;
use crate::{Moment, Store, StoreError, UnitOfWork, access, delays, denominations, organisation, settled};

/// What the administrator keeps, as the last act on it left it. Nothing of it is a password or a dossier.
#[derive(Debug)]
pub struct Settings {
    /// The hash that this act left: other settings have another.
    proof: Option<String>,
    /// The units.
    pub organisation: Arc<Organisation>,
    /// The delay rules and the calendar.
    pub delays: Arc<Delays>,
    /// The names of the ministry.
    pub denominations: Denominations,
    /// Those whose account is open, with their roles and compartments.
    people: BTreeMap<UserId, Actor>,
    /// Everybody's name, disabled accounts included.
    names: BTreeMap<UserId, String>,
}

impl Settings {
    /// A person with their roles, unless the account is disabled.
    #[must_use]
    pub fn actor(&self, person: UserId) -> Option<&Actor> {
        self.people.get(&person)
    }

    async fn read<C: ConnectionTrait>(db: &C) -> Result<Self, StoreError> {
        let proof = hash(settled::latest(db).await?);
        let (people, names) = access::everyone(db).await?;
        Ok(Self {
            proof,
            organisation: Arc::new(organisation::read_all(db).await?),
            delays: Arc::new(delays::read_all(db).await?),
            denominations: denominations::read_all(db).await?,
            people,
            names,
        })
    }

    /// Those of `known`, when no act has changed them since; otherwise those that one finds. `proof` is the hash that the last
    /// act has left.
    async fn latest<C: ConnectionTrait>(
        db: &C,
        known: Option<Arc<Self>>,
        mut proof: Option<String>,
    ) -> Result<Arc<Self>, StoreError> {
        // Nobody can say so of settings that were never proved.
        if let Some(known) = known.filter(|known| proof.is_some() && known.proof == proof) {
            return Ok(known);
        }
        loop {
            let read = Self::read(db).await?;
            let after = hash(settled::latest(db).await?);
            // Somebody may be changing them: what was read half before and half after is read again.
            if proof == read.proof && read.proof == after {
                return Ok(Arc::new(read));
            }
            proof = after;
        }
    }
}

fn hash(proof: Option<settings_proof::Model>) -> Option<String> {
    proof.map(|proof| proof.hash)
}

/// A row, with the hash of the settings and the moment at which it was read.
struct Beside<M>(M, Option<String>, Option<String>);

impl<M: FromQueryResult> FromQueryResult for Beside<M> {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let (settings, moment) = (row.try_get(prefix, "settings")?, row.try_get(prefix, "moment")?);
        Ok(Self(M::from_query_result(row, prefix)?, settings, moment))
    }
}

/// The settings at one moment; which moment this is, when there is a replica.
pub type Now = (Arc<Settings>, Option<Moment>);

impl Store {
    /// The settings at this moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        Ok(self.settings_now().await?.0)
    }

    /// The settings at this moment; with a replica, also which moment this is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settings_now(&self) -> Result<Now, StoreError> {
        let last = self.beside(settled::last()).await?;
        let (proof, moment) = last.map(|Beside(_, proof, moment)| (proof, moment)).unwrap_or_default();
        self.those(proof, moment).await
    }

    /// The settings that left this proof, seen at that moment.
    async fn those(&self, proof: Option<String>, moment: Option<String>) -> Result<Now, StoreError> {
        let known = self.known_settings();
        let settings = Settings::latest(&self.db, known.clone(), proof).await?;
        if known.is_none_or(|known| !Arc::ptr_eq(&known, &settings)) {
            *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Some(settings.clone());
        }
        Ok((settings, moment.map(Moment)))
    }

    async fn beside<E: EntityTrait>(&self, row: Select<E>) -> Result<Option<Beside<E::Model>>, StoreError> {
        let moment = Expr::cust(if self.replica.is_some() { MOMENT } else { "NULL" });
        let row = row.expr_as(settled::latest_hash(), "settings").expr_as(moment, "moment");
        Ok(row.into_model().one(&self.db).await?)
    }

    /// The row by which somebody comes in, and the settings at that moment: one statement, as long as nothing has changed them.
    pub(crate) async fn entering<E: EntityTrait>(
        &self,
        row: Select<E>,
    ) -> Result<Option<(E::Model, Now)>, StoreError> {
        let Some(Beside(row, proof, moment)) = self.beside(row).await? else { return Ok(None) };
        Ok(Some((row, self.those(proof, moment).await?)))
    }

    /// The settings as a transaction finds them: what is decided in it is decided by them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settings_within(&self, uow: &UnitOfWork) -> Result<Arc<Settings>, StoreError> {
        let read = async {
            let proof = match uow.told_proof() {
                None => hash(settled::latest(&uow.tx).await?),
                told => told,
            };
            Settings::latest(&uow.tx, self.known_settings(), proof).await
        };
        read.await.inspect_err(|_| uow.poison())
    }

    /// The names of some people, as this process last saw them; those that it has not seen are asked for.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn names(
        &self,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<BTreeMap<UserId, String>, StoreError> {
        let known = self.known_settings();
        let known = |id| known.as_ref().and_then(|settings| settings.names.get(&id).cloned());
        let mut names = BTreeMap::new();
        let mut unseen = Vec::new();
        for id in people {
            match known(id) {
                Some(name) => drop(names.insert(id, name)),
                None => unseen.push(id),
            }
        }
        names.extend(self.names_of(unseen).await?);
        Ok(names)
    }

    /// A person's name, when this process has seen it.
    #[must_use]
    pub fn known_name(&self, person: UserId) -> Option<String> {
        self.known_settings().and_then(|settings| settings.names.get(&person).cloned())
    }

    fn known_settings(&self) -> Option<Arc<Settings>> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
