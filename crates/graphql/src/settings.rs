//! People, and the journal of settings.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use pli_app::{Page, PeopleList};
use pli_domain::ids::UserId;

use crate::error::Result;
use crate::ids::{app, caller, of_person};
use crate::journal::told;
use crate::lists::{Connection, Edge, bad_cursor};
use crate::organisation::Grant;

/// What a change of the settings is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::settings::SubjectKind")]
pub(crate) enum SubjectKind {
    /// A unit of the organisation.
    Unit,
    /// A person with an account.
    Person,
    /// A delay rule.
    DelayRule,
    /// Days of the calendar.
    CalendarEntry,
    /// A reminder rule.
    ReminderRule,
    /// A name under which the ministry is published.
    Denomination,
    /// A compartment.
    Compartment,
    /// A line of the table of retention.
    RetentionRule,
    /// A change of government.
    Government,
    /// A list of what is to be eliminated.
    Elimination,
    /// The same of what is reserved: never told here.
    ReservedElimination,
}

/// What was done to the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::settings::SettingsAction")]
pub(crate) enum SettingsAction {
    /// A new unit.
    AddUnit,
    /// Another name, another kind, another place in the tree.
    ChangeUnit,
    /// Given a last day.
    CloseUnit,
    /// Its last day taken back.
    ReopenUnit,
    /// A new account.
    AddPerson,
    /// Another name, another address.
    ChangePerson,
    /// A role given in a unit.
    GrantRole,
    /// A role taken in a unit.
    RevokeRole,
    /// The account lets nobody in any more.
    DisableAccount,
    /// The account lets its owner in again.
    EnableAccount,
    /// A new password was drawn.
    ResetPassword,
    /// The person may come in by links.
    AllowLinks,
    /// The person may come in by links no more.
    ForbidLinks,
    /// A new version of a delay rule.
    ChangeDelayRule,
    /// Days more in the calendar.
    AddCalendarEntry,
    /// Days less in the calendar.
    RemoveCalendarEntry,
    /// A reminder rule changed.
    ChangeReminderRule,
    /// A new name under which the ministry is published.
    AddDenomination,
    /// Other days of such a name.
    ChangeDenomination,
    /// Such a name taken away.
    RemoveDenomination,
    /// A new compartment.
    OpenCompartment,
    /// Another name for a compartment.
    RenameCompartment,
    /// Somebody named in a compartment.
    AdmitPerson,
    /// Somebody named no more.
    RemovePerson,
    /// Another owner of a compartment.
    EntrustCompartment,
    /// A new version of a line of the table of retention.
    ChangeRetention,
    /// The questions of a denomination moved to another, or out to another ministry.
    ChangeGovernment,
    /// A new list of what is to be eliminated.
    ProposeElimination,
    /// Something else on such a list.
    ChangeElimination,
    /// Its first approval.
    ReviewElimination,
    /// Its second approval, with the archives' visa.
    ApproveElimination,
    /// The archives have what goes to them.
    ReceiveElimination,
    /// Such a list given up.
    AbandonElimination,
    /// All of it carried out.
    FinishElimination,
}

/// A person with an account.
pub(crate) struct Person(pub(crate) pli_domain::people::Person);

/// A person with an account.
#[Object]
impl Person {
    /// Their global identifier.
    async fn id(&self) -> ID {
        of_person(self.0.id)
    }

    /// What they type to sign in.
    async fn login(&self) -> &str {
        &self.0.login
    }

    /// As shown to others.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where Pli writes to them.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Whether the account lets nobody in.
    async fn disabled(&self) -> bool {
        self.0.disabled
    }

    /// Whether links may be sent to them, which let them in without a password.
    async fn links_allowed(&self) -> bool {
        self.0.links
    }

    /// What they do, and where.
    async fn grants(&self) -> Vec<Grant> {
        self.0.grants.iter().copied().map(Grant).collect()
    }
}

/// A line of the journal of settings.
pub(crate) struct SettingsEntry(pli_domain::settings::SettingsEntry);

/// A line of the journal of settings: who changed what, when.
#[Object]
impl SettingsEntry {
    /// Its place, from 1, without a gap.
    async fn seq(&self) -> u32 {
        self.0.seq
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at.instant()
    }

    /// Who: a person's name, or the part of Pli that acted.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        told(ctx, self.0.who).await
    }

    /// What was done.
    async fn action(&self) -> SettingsAction {
        self.0.action.into()
    }

    /// What the thing is.
    async fn subject_kind(&self) -> SubjectKind {
        self.0.subject.kind.into()
    }

    /// Its identifier among those of its kind.
    async fn subject_id(&self) -> &str {
        &self.0.subject.id
    }

    /// JSON: what it was `before` and is `after`, null where it was nothing.
    async fn payload(&self) -> &str {
        &self.0.payload
    }
}

/// A page of people.
pub(crate) async fn people(
    ctx: &Context<'_>,
    list: &PeopleList,
    first: u8,
    after: Option<String>,
) -> Result<Connection<Edge<Person>>> {
    let after = after.map(|cursor| cursor.parse::<UserId>().map_err(|_| bad_cursor())).transpose()?;
    let Page { items, more } = app(ctx)?.people(caller(ctx)?, list, after, first.into()).await?;
    let items = items.into_iter().map(|person| (person.id.to_string(), Person(person)));
    Ok(Connection::new(items, after.is_some(), more))
}

/// A page of the journal of settings.
pub(crate) async fn journal(
    ctx: &Context<'_>,
    first: u8,
    after: Option<String>,
) -> Result<Connection<Edge<SettingsEntry>>> {
    let before = after.map(|cursor| cursor.parse().map_err(|_| bad_cursor())).transpose()?;
    let Page { items, more } = app(ctx)?.settings_journal(caller(ctx)?, before, first.into()).await?;
    let items = items.into_iter().map(|entry| (entry.seq.to_string(), SettingsEntry(entry)));
    Ok(Connection::new(items, before.is_some(), more))
}
