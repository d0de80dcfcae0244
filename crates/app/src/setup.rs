//! Units and accounts, as the command line and the demonstration make them.

use chrono::NaiveDate;
use pli_domain::actor::{Grant, Role};
use pli_domain::ids::{UnitId, UserId};
use pli_domain::organisation::{Organisation, Unit, UnitKind};
use pli_persistence::{Account, StoreError};

use crate::access::hash_password;
use crate::{App, Error};

/// A unit to be made.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// Short name, unique.
    pub code: String,
    /// Full name in French.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// Code of the unit above it.
    pub parent: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
}

impl App {
    /// The organisation at this moment.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn organisation(&self) -> Result<Organisation, Error> {
        Ok(self.store.organisation().await?)
    }

    /// Adds units, each after the one above it; all or none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a unit above is not known yet.
    pub async fn add_units(&self, units: Vec<NewUnit>) -> Result<(), Error> {
        let mut known = self.store.organisation().await?;
        let uow = self.store.begin().await?;
        let mut all: Vec<Unit> = known.in_order().into_iter().cloned().collect();
        for new in units {
            let parent = match new.parent {
                Some(code) => Some(known.by_code(&code).ok_or(Error::NotFound)?.id),
                None => None,
            };
            let unit = Unit {
                id: UnitId(self.clock.id()),
                code: new.code,
                name: new.name,
                kind: new.kind,
                parent,
                valid_from: new.valid_from,
                valid_to: new.valid_to,
            };
            uow.add_unit(&unit).await?;
            all.push(unit);
            known = Organisation::new(all.clone());
        }
        Ok(uow.commit().await?)
    }

    /// Adds an account with its address and its roles, each in the unit of that code. `false` when the login is taken.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a unit does not exist.
    pub async fn add_account(
        &self,
        login: &str,
        name: &str,
        password: &str,
        email: Option<&str>,
        roles: &[(Role, String)],
    ) -> Result<bool, Error> {
        let organisation = self.store.organisation().await?;
        let grants = roles.iter().map(|(role, code)| {
            let unit = organisation.by_code(code).ok_or(Error::NotFound)?;
            Ok(Grant { role: *role, unit: unit.id })
        });
        let grants = grants.collect::<Result<Vec<_>, Error>>()?;
        let account = Account {
            id: UserId(self.clock.id()),
            login: login.to_owned(),
            name: name.to_owned(),
            password_hash: hash_password(password.to_owned()).await?,
            email: email.map(str::to_owned),
        };
        let uow = self.store.begin().await?;
        match uow.add_account(&account, &grants, self.clock.now()).await {
            Ok(()) => uow.commit().await.map(|()| true).map_err(Error::from),
            Err(StoreError::Unique(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
