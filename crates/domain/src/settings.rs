//! What the administrator keeps, and how each change of it is named in the journal of settings.

mod refusal;

pub use refusal::SettingsRefusal;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::actor::Who;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum SubjectKind {
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
    /// The same of what is reserved: told on its own page only.
    ReservedElimination,
}

/// The thing that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its identifier among those of its kind.
    pub id: String,
}

/// What was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum SettingsAction {
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

/// A line of the journal of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsEntry {
    /// Its place, from 1, without a gap.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What was done.
    pub action: SettingsAction,
    /// To what.
    pub subject: Subject,
    /// JSON: what it was `before` and is `after`, null where it was nothing; no secret.
    pub payload: String,
}

/// The longest name of a unit or a person, in characters.
const LONGEST_NAME: usize = 200;

/// A name on one line: its spaces made single, neither empty nor endless.
pub(crate) fn name(text: &str, field: &'static str) -> Result<String, Refusal> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Refusal::Required { field });
    }
    if name.chars().any(char::is_control) {
        return Err(Refusal::NullCharacter { field });
    }
    if name.chars().count() > LONGEST_NAME {
        return SettingsRefusal::NameTooLong { field }.refuse();
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_on_one_line() {
        let read = |text: &str| name(text, "name");
        assert_eq!(
            read(" Bureau  du\ndroit\u{a0}des obligations "),
            Ok("Bureau du droit des obligations".to_owned())
        );
        assert_eq!(read(" \t "), Err(Refusal::Required { field: "name" }));
        assert_eq!(read("Bu\0reau"), Err(Refusal::NullCharacter { field: "name" }));
        assert!(read(&"é".repeat(LONGEST_NAME)).is_ok());
        assert_eq!(
            read(&"é".repeat(LONGEST_NAME + 1)),
            SettingsRefusal::NameTooLong { field: "name" }.refuse()
        );
    }
}
