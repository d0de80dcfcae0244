//! Keeping people and their accounts.

use std::collections::BTreeSet;

use pli_domain::actor::{Grant, Role};
use pli_domain::ids::{UnitId, UserId};
use pli_domain::organisation::Organisation;
use pli_domain::people::{Person, PersonCommand, PersonFacts};
use pli_domain::settings::{Subject, SubjectKind};
use pli_persistence::{Account, Page, PeopleFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::lists::PAGE;
use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key, Secret};

/// Which people are listed. Each part that is given narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleList {
    /// Who hold a role in a unit or in one below it.
    pub unit: Option<UnitId>,
    /// Whose name, login or address holds these words.
    pub words: Option<String>,
}

/// A change of a person's account.
#[derive(Clone)]
pub(crate) struct PersonSetting {
    pub(crate) id: UserId,
    pub(crate) command: PersonCommand,
    /// The hash of the password that it brings, when it brings one.
    pub(crate) password: Option<String>,
    /// Whether it was drawn: the person is then to choose another.
    pub(crate) drawn: bool,
}

/// A person who was changed, and whether it was done just now: only then is the password that was drawn theirs.
pub(crate) struct PersonDone {
    pub(crate) person: Person,
    pub(crate) now: bool,
}

impl App {
    /// A page of people by name; at most 100. The administrator of a unit sees those who hold a role there or below.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever administers nothing.
    pub async fn people(
        &self,
        caller: &Caller,
        list: &PeopleList,
        after: Option<UserId>,
        size: u64,
    ) -> Result<Page<Person>, Error> {
        caller.actor.must_administer()?;
        let wanted = list.unit.map(|unit| caller.organisation.subtree(unit));
        let units = match (caller.keeps(), wanted) {
            (None, wanted) => wanted,
            (Some(kept), None) => Some(kept),
            (Some(kept), Some(wanted)) => Some(kept.intersection(&wanted).copied().collect()),
        };
        let filter = PeopleFilter { units, words: list.words.clone() };
        Ok(self.store.people(&filter, after, size.min(PAGE)).await?)
    }

    /// One person by their login; `None` when the caller does not keep any unit where they hold a role.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever administers nothing.
    pub async fn person(&self, caller: &Caller, login: &str) -> Result<Option<Person>, Error> {
        caller.actor.must_administer()?;
        // PostgreSQL cannot even be asked for the character zero.
        let person = self.store.person(&login.replace('\0', "")).await?;
        Ok(person.filter(|person| caller.sees(person)))
    }

    /// Opens an account, with a password that is drawn: `None` when this was done before under the same key, since it is
    /// shown once.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct; `command` is a [`PersonCommand::Add`], or nobody is found.
    pub async fn add_person(
        &self,
        caller: &Caller,
        key: Key,
        command: PersonCommand,
    ) -> Result<(Person, Option<Secret>), Error> {
        self.draw_for(caller, key, UserId(self.clock.id()), command).await
    }

    /// Draws a new password and closes the person's sessions. The password is `None` when this was done before under the
    /// same key, since it is shown once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of them, [`Error::Refused`] by the rules.
    pub async fn reset_password(
        &self,
        caller: &Caller,
        key: Key,
        id: UserId,
    ) -> Result<(Person, Option<Secret>), Error> {
        self.draw_for(caller, key, id, PersonCommand::ResetPassword).await
    }

    async fn draw_for(
        &self,
        caller: &Caller,
        key: Key,
        id: UserId,
        command: PersonCommand,
    ) -> Result<(Person, Option<Secret>), Error> {
        // Before anything that takes a while.
        caller.actor.must_administer()?;
        let secret = Secret::password()?;
        let password = Some(self.hash_password(secret.reveal().to_owned()).await?);
        let done = self.settle(caller, key, PersonSetting { id, command, password, drawn: true }).await?;
        Ok((done.person, done.now.then_some(secret)))
    }

    /// Changes a person's account by a command that brings no password.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of them, [`Error::Refused`] by the rules.
    pub async fn change_person(
        &self,
        caller: &Caller,
        key: Key,
        id: UserId,
        command: PersonCommand,
    ) -> Result<Person, Error> {
        Ok(self
            .settle(caller, key, PersonSetting { id, command, password: None, drawn: false })
            .await?
            .person)
    }
}

impl Caller {
    /// The units whose people the caller keeps; `None` for the whole ministry, and those who hold no role with it.
    fn keeps(&self) -> Option<BTreeSet<UnitId>> {
        if self.actor.administers_all(&self.organisation) {
            return None;
        }
        let own = self.actor.grants.iter().filter(|grant| grant.role == Role::Administrator);
        Some(own.flat_map(|grant| self.organisation.subtree(grant.unit)).collect())
    }

    pub(crate) fn sees(&self, person: &Person) -> bool {
        self.keeps().is_none_or(|units| person.grants.iter().any(|grant| units.contains(&grant.unit)))
    }
}

impl Setting for PersonSetting {
    type Done = PersonDone;

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Person, id: self.id.to_string() }
    }

    fn request(&self) -> String {
        match &self.command {
            // The identifier of a new person is drawn anew each time it is asked for.
            PersonCommand::Add { .. } => format!("{:?}", self.command),
            _ => format!("{} {:?}", self.id, self.command),
        }
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<PersonDone>, Error> {
        let organisation = turn.uow.organisation().await?;
        let known = turn.uow.person(self.id).await?;
        let adds = matches!(self.command, PersonCommand::Add { .. });
        if !adds && !known.as_ref().is_some_and(|person| turn.caller.sees(person)) {
            turn.caller.actor.must_administer()?;
            return Err(Error::NotFound);
        }
        let before = known.clone().unwrap_or_else(|| Person::new(self.id));
        let facts = PersonFacts {
            organisation: &organisation,
            login_taken: self.login_taken(turn).await?,
            another_administrator: turn.uow.another_administrator(self.id, organisation.roots()).await?,
        };
        let person = self.command.decide(&turn.caller.actor, before.clone(), &facts)?;
        if person == before && self.password.is_none() {
            return Ok(Changed { done: PersonDone { person, now: true }, told: None });
        }
        self.keep(turn, &before, &person).await?;
        let before = known.map_or(Value::Null, |known| told(&known, &organisation));
        let after = told(&person, &organisation);
        let told = Some(Told { action: self.command.action(), before, after });
        Ok(Changed { done: PersonDone { person, now: true }, told })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<PersonDone, Error> {
        let person = turn.uow.person(UserId(subject)).await?;
        let person = person.filter(|person| turn.caller.sees(person)).ok_or(Error::NotFound)?;
        Ok(PersonDone { person, now: false })
    }
}

impl PersonSetting {
    async fn login_taken(&self, turn: &Turn<'_>) -> Result<bool, Error> {
        match &self.command {
            PersonCommand::Add { login, .. } => {
                Ok(turn.uow.login_taken(&pli_domain::people::login(login)?).await?)
            }
            _ => Ok(false),
        }
    }

    /// Keeps what the person has become. Whoever is let in no more, or by another password, has no open session.
    async fn keep(&self, turn: &Turn<'_>, before: &Person, person: &Person) -> Result<(), Error> {
        let uow = turn.uow;
        match (&self.command, &self.password) {
            (PersonCommand::Add { .. }, Some(hash)) => {
                let account = Account {
                    id: person.id,
                    login: person.login.clone(),
                    name: person.name.clone(),
                    email: person.email.clone(),
                    password_hash: hash.clone(),
                    password_drawn: self.drawn,
                };
                uow.add_account(&account, &person.grants, turn.now).await?;
            }
            (_, Some(hash)) => {
                uow.set_password(person.id, hash, self.drawn).await?;
                uow.end_sessions(person.id, |_| true).await?;
                uow.remove_links(person.id, |_| true).await?;
                uow.forget_devices(person.id).await?;
            }
            (_, None) => {
                uow.save_person(before, person).await?;
                if person.disabled {
                    uow.end_sessions(person.id, |_| true).await?;
                }
                if !person.keeps_links(before) {
                    uow.remove_links(person.id, |_| true).await?;
                    uow.end_sessions(person.id, |session| session.link.is_some()).await?;
                }
            }
        }
        Ok(())
    }
}

/// A person as the journal holds them.
fn told(person: &Person, organisation: &Organisation) -> Value {
    let role = |grant: &Grant| {
        let unit = organisation.unit(grant.unit).map_or("?", |unit| unit.code.as_str());
        format!("{}@{unit}", <&str>::from(grant.role))
    };
    json!({
        "login": person.login,
        "name": person.name,
        "email": person.email,
        "disabled": person.disabled,
        "links": person.links,
        "roles": person.grants.iter().map(role).collect::<BTreeSet<_>>(),
    })
}
