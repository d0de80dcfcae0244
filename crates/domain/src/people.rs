//! People and their accounts: what the administrator may do with them.

use crate::actor::{Actor, Grant, Reach, Role, Who};
use crate::ids::UserId;
use crate::organisation::Organisation;
use crate::refusal::Refusal;
use crate::settings::{self, SettingsAction, SettingsRefusal};

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its identifier.
    pub id: UserId,
    /// What the person types to sign in; never changed.
    pub login: String,
    /// As shown to others.
    pub name: String,
    /// Where Pli writes to them.
    pub email: Option<String>,
    /// Whether the account lets nobody in.
    pub disabled: bool,
    /// Whether links may be sent to them, which let them in without a password.
    pub links: bool,
    /// The roles held.
    pub grants: Vec<Grant>,
}

/// What is asked of a person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonCommand {
    /// Open it.
    Add {
        /// What the person will type to sign in, unique.
        login: String,
        /// As shown to others.
        name: String,
        /// Where Pli will write to them; may be empty.
        email: String,
        /// The first roles.
        grants: Vec<Grant>,
    },
    /// Change what is given of it.
    Change {
        /// The name.
        name: Option<String>,
        /// The address; empty to forget it.
        email: Option<String>,
    },
    /// Give a role; one that is held already stays.
    Grant(Grant),
    /// Take a role; one that is not held stays away.
    Revoke(Grant),
    /// Let nobody in by it.
    Disable,
    /// Let its owner in again.
    Enable,
    /// Draw a new password.
    ResetPassword,
    /// Let its owner in by links.
    AllowLinks,
    /// Let its owner in by links no more.
    ForbidLinks,
}

/// What [`PersonCommand::decide`] must know of the others.
#[derive(Clone, Copy, Debug)]
pub struct PersonFacts<'a> {
    /// The organisation.
    pub organisation: &'a Organisation,
    /// Whether another account has the login that is asked for.
    pub login_taken: bool,
    /// Whether somebody else whose account is open administers the whole ministry.
    pub another_administrator: bool,
}

/// The longest login, in characters.
const LONGEST_LOGIN: usize = 64;

/// The longest address that a mail can be sent to (RFC 5321, section 4.5.3.1.3).
const LONGEST_EMAIL: usize = 254;

impl PersonCommand {
    /// Its name in the journal.
    #[must_use]
    pub fn action(&self) -> SettingsAction {
        match self {
            Self::Add { .. } => SettingsAction::AddPerson,
            Self::Change { .. } => SettingsAction::ChangePerson,
            Self::Grant(_) => SettingsAction::GrantRole,
            Self::Revoke(_) => SettingsAction::RevokeRole,
            Self::Disable => SettingsAction::DisableAccount,
            Self::Enable => SettingsAction::EnableAccount,
            Self::ResetPassword => SettingsAction::ResetPassword,
            Self::AllowLinks => SettingsAction::AllowLinks,
            Self::ForbidLinks => SettingsAction::ForbidLinks,
        }
    }

    /// What a person becomes by it; `before` is the person with their identifier alone for [`PersonCommand::Add`].
    ///
    /// # Errors
    /// The first [`Refusal`] met: who asks, then of whom, then what.
    pub fn decide(&self, actor: &Actor, before: Person, facts: &PersonFacts<'_>) -> Result<Person, Refusal> {
        actor.must_administer()?;
        match self {
            Self::Add { login, name, email, grants } => {
                let login = self::login(login)?;
                if facts.login_taken {
                    return SettingsRefusal::LoginTaken.refuse();
                }
                let (name, email) = (settings::name(name, "name")?, self::email(email)?);
                let mut person = Person { login, name, email, ..before };
                for grant in grants {
                    person.give(*grant, actor, facts)?;
                }
                // Whoever holds no role is kept by the ministry's own administrators only.
                if !actor.keeps(&person, facts.organisation) {
                    return Err(Refusal::Required { field: "grants" });
                }
                Ok(person)
            }
            Self::Grant(grant) => {
                let mut person = before;
                person.give(*grant, actor, facts)?;
                Ok(person)
            }
            Self::Revoke(grant) => before.without(*grant, actor, facts),
            Self::Change { .. }
            | Self::Disable
            | Self::Enable
            | Self::ResetPassword
            | Self::AllowLinks
            | Self::ForbidLinks => {
                if !actor.keeps(&before, facts.organisation) {
                    return SettingsRefusal::BeyondReach.refuse();
                }
                self.keep(actor, before, facts)
            }
        }
    }

    /// What the account becomes, when the actor keeps it.
    fn keep(&self, actor: &Actor, mut person: Person, facts: &PersonFacts<'_>) -> Result<Person, Refusal> {
        match self {
            Self::Change { name, email } => {
                if let Some(name) = name {
                    person.name = settings::name(name, "name")?;
                }
                if let Some(email) = email {
                    person.email = self::email(email)?;
                }
            }
            Self::Disable => {
                person.leaves_an_administrator(facts)?;
                if actor.who == Who::User(person.id) {
                    return SettingsRefusal::OwnAccount.refuse();
                }
                person.disabled = true;
            }
            Self::Enable => person.disabled = false,
            Self::AllowLinks => person.links = true,
            Self::ForbidLinks => person.links = false,
            Self::ResetPassword | Self::Add { .. } | Self::Grant(_) | Self::Revoke(_) => {}
        }
        Ok(person)
    }
}

impl Person {
    /// An account of which nothing is known but its identifier.
    #[must_use]
    pub fn new(id: UserId) -> Self {
        Self {
            id,
            login: String::new(),
            name: String::new(),
            email: None,
            disabled: false,
            links: false,
            grants: Vec::new(),
        }
    }

    fn give(&mut self, grant: Grant, actor: &Actor, facts: &PersonFacts<'_>) -> Result<(), Refusal> {
        if facts.organisation.unit(grant.unit).is_none() {
            return Err(Refusal::UnitUnknown { field: "unit" });
        }
        if !actor.may_give(grant, facts.organisation) {
            return SettingsRefusal::BeyondReach.refuse();
        }
        if !self.grants.contains(&grant) {
            self.grants.push(grant);
        }
        Ok(())
    }

    fn without(mut self, grant: Grant, actor: &Actor, facts: &PersonFacts<'_>) -> Result<Self, Refusal> {
        if !actor.may_give(grant, facts.organisation) {
            return SettingsRefusal::BeyondReach.refuse();
        }
        if grant.role == Role::Administrator && self.grants.contains(&grant) {
            if facts.organisation.is_root(grant.unit) {
                self.leaves_an_administrator(facts)?;
            }
            if actor.who == Who::User(self.id) {
                return SettingsRefusal::OwnAdministration.refuse();
            }
        }
        self.grants.retain(|held| *held != grant);
        Ok(self)
    }

    /// Refuses to do without this person when nobody else administers the whole ministry.
    fn leaves_an_administrator(&self, facts: &PersonFacts<'_>) -> Result<(), Refusal> {
        let of_all =
            |grant: &Grant| grant.role == Role::Administrator && facts.organisation.is_root(grant.unit);
        let last = !self.disabled && !facts.another_administrator && self.grants.iter().any(of_all);
        if last { SettingsRefusal::LastAdministrator.refuse() } else { Ok(()) }
    }
}

impl Actor {
    /// Whether they may give or take a role: in the units that they administer, and, for what opens the whole register,
    /// as an administrator of the whole ministry. Otherwise the administrator of a bureau could open everything.
    #[must_use]
    pub fn may_give(&self, grant: Grant, organisation: &Organisation) -> bool {
        let opens_all = grant.reach(organisation) == Reach::All;
        self.administers_all(organisation) || (self.administers(grant.unit, organisation) && !opens_all)
    }

    /// Whether they may change a person's account: that of somebody all of whose roles they could give. Otherwise they
    /// could take, with a new password, roles that they may not give.
    #[must_use]
    pub fn keeps(&self, person: &Person, organisation: &Organisation) -> bool {
        let all_theirs = person.grants.iter().all(|grant| self.may_give(*grant, organisation));
        self.administers_all(organisation) || (!person.grants.is_empty() && all_theirs)
    }
}

/// A login as it is kept: `chef-de-cabinet`, `ines.berthaumieux`.
///
/// # Errors
/// [`Refusal::Required`], and [`SettingsRefusal::LoginForm`].
pub fn login(text: &str) -> Result<String, Refusal> {
    let login = text.trim().to_ascii_lowercase();
    if login.is_empty() {
        return Err(Refusal::Required { field: "login" });
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.@".contains(&byte);
    let begins = login.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !begins || login.len() > LONGEST_LOGIN || !login.bytes().all(plain) {
        return SettingsRefusal::LoginForm.refuse();
    }
    Ok(login)
}

/// An address as it is kept; `None` when it is empty. Whether it exists, only a mail can tell.
///
/// # Errors
/// [`SettingsRefusal::EmailForm`].
pub fn email(text: &str) -> Result<Option<String>, Refusal> {
    let email = text.trim();
    if email.is_empty() {
        return Ok(None);
    }
    let two_parts = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let printed = email.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
    let short = email.chars().count() <= LONGEST_EMAIL;
    if two_parts && printed && short {
        Ok(Some(email.to_owned()))
    } else {
        SettingsRefusal::EmailForm.refuse()
    }
}

#[cfg(test)]
mod tests;
