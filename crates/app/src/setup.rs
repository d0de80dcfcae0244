//! Units and accounts, as the command line and the demonstration make them.

use std::sync::Arc;

use chrono::NaiveDate;
use pli_domain::actor::{Actor, Grant, Role};
use pli_domain::ids::{UnitId, UserId};
use pli_domain::organisation::{Organisation, Unit, UnitKind};
use pli_domain::people::PersonCommand;
use pli_domain::refusal::Refusal;
use pli_domain::settings::SettingsRefusal;

use crate::people::PersonSetting;
use crate::{App, Error, Key, Secret};

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

/// The first password of an account.
#[derive(Clone, Copy, Debug)]
pub enum NewPassword<'a> {
    /// Whoever will use it knows it already.
    Chosen(&'a str),
    /// Drawn: its owner is to choose another before anything else.
    Drawn(&'a Secret),
}

impl App {
    /// The organisation at this moment.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn organisation(&self) -> Result<Arc<Organisation>, Error> {
        Ok(self.store.settings().await?.organisation.clone())
    }

    /// Adds units, each after the one above it; all or none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a unit above is not known yet.
    pub async fn add_units(&self, units: Vec<NewUnit>) -> Result<(), Error> {
        let uow = self.store.begin().await?;
        let mut known = uow.organisation().await?;
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

    /// Adds an account with its address and its roles, each in the unit of that code, as the command line does. `false` when
    /// the login is taken.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a unit does not exist, [`Error::Refused`] with what to correct.
    pub async fn add_account(
        &self,
        login: &str,
        name: &str,
        password: NewPassword<'_>,
        email: Option<&str>,
        roles: &[(Role, String)],
    ) -> Result<bool, Error> {
        let organisation = self.organisation().await?;
        let grants = roles.iter().map(|(role, code)| {
            let unit = organisation.by_code(code).ok_or(Error::NotFound)?;
            Ok(Grant { role: *role, unit: unit.id })
        });
        let command = PersonCommand::Add {
            login: login.to_owned(),
            name: name.to_owned(),
            email: email.unwrap_or_default().to_owned(),
            grants: grants.collect::<Result<_, Error>>()?,
        };
        let (password, drawn) = match password {
            NewPassword::Chosen(password) => (password, false),
            NewPassword::Drawn(secret) => (secret.reveal(), true),
        };
        let password = Some(self.hash_password(password.to_owned()).await?);
        let caller = self.caller(Actor::command_line(&organisation)).await?;
        let setting = PersonSetting { id: UserId(self.clock.id()), command, password, drawn };
        // A part of Pli needs no key.
        match self.settle(&caller, Key(String::new()), setting).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(Refusal::Settings(SettingsRefusal::LoginTaken))) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
