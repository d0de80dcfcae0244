//! One's own account: the password, the sessions, the tokens of the API, and how what happens to them is told.

mod browser;
mod identity;
mod link;
mod password;
mod refusal;

pub use browser::browser;
pub use identity::{Admission, Identity, NotAdmitted, Presented, Siret};
pub use link::{LINK_LASTS, LINK_WAITS, Link, LinkState};
pub use password::{LONGEST_PASSWORD, SHORTEST_PASSWORD, new_password};
pub use refusal::AccountRefusal;

use chrono::TimeDelta;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::french::French;
use crate::ids::{AccessId, UserId};
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle: TimeDelta,
    /// However much it is used.
    pub longest: TimeDelta,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: TimeDelta::hours(2), longest: TimeDelta::hours(12) }
    }
}

/// How old the last use that is kept may be: a page that is read does not write each time. An idle session may end that
/// much earlier than its limit, never later.
const KEPT_USE: TimeDelta = TimeDelta::minutes(5);

impl SessionLimits {
    /// Whether a session still lets its bearer in.
    #[must_use]
    pub fn open(&self, opened: Timestamp, used: Timestamp, now: Timestamp) -> bool {
        let since = |then: Timestamp| now.instant().signed_duration_since(then.instant());
        since(used) < self.idle && since(opened) < self.longest
    }
}

/// Whether a use is worth keeping, after the last that was kept.
#[must_use]
pub fn keeps_use(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.instant().signed_duration_since(last.instant()) >= KEPT_USE)
}

/// What a token of the API lets do, within what the person may do themselves at that moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum TokenScope {
    /// Read.
    #[default]
    Read,
    /// Read, and act.
    Write,
}

impl French for TokenScope {
    fn french(&self) -> &'static str {
        match self {
            Self::Read => "Lecture",
            Self::Write => "Lecture et écriture",
        }
    }
}

/// How long a token of the API lasts when nothing else is said, in days.
pub const TOKEN_DAYS: u32 = 90;

/// The longest that a person may ask for, in days.
pub const LONGEST_TOKEN: u32 = 365;

/// The most tokens of a person at once.
pub const MOST_TOKENS: usize = 20;

/// A token's name as it is kept, and its end.
///
/// # Errors
/// [`Refusal`] with the field to correct.
pub fn new_token(name: &str, days: u32, held: usize, now: Timestamp) -> Result<(String, Timestamp), Refusal> {
    let name = crate::settings::name(name, "name")?;
    if days == 0 || days > LONGEST_TOKEN {
        return AccountRefusal::TokenDays.refuse();
    }
    if held >= MOST_TOKENS {
        return AccountRefusal::TooManyTokens.refuse();
    }
    Ok((name, Timestamp::new(now.instant() + TimeDelta::days(days.into()))))
}

/// What happens to accounts, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum AccessEvent {
    /// Someone has signed in.
    SignedIn,
    /// A sign-in was refused: the login and the password do not go together.
    SignInRefused,
    /// Sign-ins are refused for a while: too many were tried.
    SignInHeld,
    /// The person has chosen another password.
    PasswordChanged,
    /// A session was closed from another one.
    SessionClosed,
    /// A token of the API was made.
    TokenCreated,
    /// A token of the API was taken back.
    TokenRevoked,
    /// An identity that a provider answers for opens the account from now on.
    IdentityBound,
    /// It opens it no more.
    IdentityUnbound,
    /// A link was asked for, from outside.
    LinkAsked,
    /// A link was sent, by someone who keeps the account.
    LinkSent,
    /// A link was taken back.
    LinkRevoked,
    /// The person has taken a copy of what is held on them.
    DataExported,
    /// What was older than the table of retention says was taken out, up to the day that is told.
    TracesEnded,
}

impl French for AccessEvent {
    fn french(&self) -> &'static str {
        match self {
            Self::SignedIn => "Connexion",
            Self::SignInRefused => "Connexion refusée",
            Self::SignInHeld => "Connexions suspendues un moment, après trop de tentatives",
            Self::PasswordChanged => "Mot de passe changé",
            Self::SessionClosed => "Session fermée à distance",
            Self::TokenCreated => "Jeton créé",
            Self::TokenRevoked => "Jeton révoqué",
            Self::IdentityBound => "Identité ProConnect rattachée",
            Self::IdentityUnbound => "Identité ProConnect détachée",
            Self::LinkAsked => "Lien d’accès demandé",
            Self::LinkSent => "Lien d’accès envoyé",
            Self::LinkRevoked => "Lien d’accès révoqué",
            Self::DataExported => "Copie de ses données",
            Self::TracesEnded => "Traces échues éliminées",
        }
    }
}

/// A line of the journal of accesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// Its identifier; later ones sort after earlier ones.
    pub id: AccessId,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: AccessEvent,
    /// To whose account; `None` when the login that was typed is nobody's: it may be a password typed in the wrong field,
    /// so it is not kept.
    pub person: Option<UserId>,
    /// Who did it, when that was someone who had said who they are.
    pub by: Option<UserId>,
    /// From which address of the network.
    pub address: Option<String>,
    /// With what: the browser, or the token's name.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        let start: chrono::DateTime<chrono::Utc> = "2026-11-22T09:00:00Z".parse().unwrap();
        Timestamp::new(start + TimeDelta::minutes(minutes))
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_when_it_is_old() {
        let limits = SessionLimits::default();
        assert!(limits.open(at(0), at(0), at(119)));
        assert!(!limits.open(at(0), at(0), at(120)));
        assert!(limits.open(at(0), at(700), at(719)));
        assert!(!limits.open(at(0), at(719), at(720)));
    }

    #[test]
    fn a_use_is_kept_once_in_five_minutes() {
        assert!(keeps_use(None, at(0)));
        assert!(!keeps_use(Some(at(0)), at(4)));
        assert!(keeps_use(Some(at(0)), at(5)));
    }

    #[test]
    fn a_token_has_a_name_and_an_end_within_a_year() {
        let made = new_token("  Tableau  de bord ", TOKEN_DAYS, 0, at(0)).unwrap();
        assert_eq!(made, ("Tableau de bord".to_owned(), at(90 * 24 * 60)));
        assert!(new_token("x", 365, MOST_TOKENS - 1, at(0)).is_ok());
        for days in [0, 366, u32::MAX] {
            assert_eq!(new_token("x", days, 0, at(0)), AccountRefusal::TokenDays.refuse());
        }
        assert_eq!(new_token(" ", 1, 0, at(0)), Err(Refusal::Required { field: "name" }));
        assert_eq!(new_token("x", 1, MOST_TOKENS, at(0)), AccountRefusal::TooManyTokens.refuse());
    }
}
