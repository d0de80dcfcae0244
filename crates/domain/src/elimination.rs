//! The lists by which closed dossiers are let go: proposed, approved by two people, then carried out by Pli.
//!
//! Whoever proposes may give the first approval; the second is somebody else's, who writes down the archives' visa (Code du
//! patrimoine, art. L212-2, L212-3, R212-14). From the proposal on a list only gets shorter.

use std::collections::BTreeMap;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::actor::{Actor, Role};
use crate::digest::Digest;
use crate::ids::{CompartmentId, DossierId, EliminationId, UserId};
use crate::refusal::Refusal;
use crate::retention::{Fate, RetentionRefusal, RetentionRule};
use crate::settings::{self, SettingsAction};
use crate::time::Timestamp;

/// The most dossiers that are on one list: as many as a person reads through.
pub const MOST: usize = 100;

/// Of how many dossiers that are sorted one goes to the archives.
const SAMPLE: u128 = 20;

/// What becomes of one dossier of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Disposition {
    /// It goes to the archives; it stays here until they have it.
    Transfer,
    /// Its words are taken out.
    Destroy,
}

/// How far a list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ListState {
    /// Proposed: what is on it can be changed.
    Proposed,
    /// A first person approves it.
    Reviewed,
    /// A second one too, with the archives' visa: Pli carries it out.
    Approved,
    /// All that was on it is taken out, or was left as it is.
    Done,
    /// Given up; nothing was taken out.
    Abandoned,
}

/// A list of dossiers that have reached their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elimination {
    /// Its identifier.
    pub id: EliminationId,
    /// Its number among those of its compartment, from 1.
    pub number: u32,
    /// The line of the table by which they have reached their end.
    pub rule: RetentionRule,
    /// To which compartment all that is on it is reserved: whoever is not named there does not know of the list.
    pub reserved: Option<CompartmentId>,
    /// How far it has come.
    pub state: ListState,
    /// What is on it, and what becomes of each: see [`content`].
    pub content: Digest,
    /// Who proposed it, and when.
    pub proposed: (UserId, Timestamp),
    /// Who approved it first, and when.
    pub reviewed: Option<(UserId, Timestamp)>,
    /// Who approved it then, and when.
    pub approved: Option<(UserId, Timestamp)>,
    /// The reference of the archives' visa.
    pub visa: Option<String>,
    /// The reference of the archives' receipt, for what goes to them.
    pub receipt: Option<String>,
    /// When it was carried out, or given up.
    pub ended_at: Option<Timestamp>,
}

/// What is asked of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListCommand {
    /// Something else becomes of a dossier on it.
    Dispose {
        /// Which.
        dossier: DossierId,
        /// What.
        disposition: Disposition,
    },
    /// A dossier is taken from it; a later list may have it again.
    SetAside {
        /// Which.
        dossier: DossierId,
    },
    /// Approve it, first.
    Review,
    /// Approve it, after another person.
    Approve {
        /// The reference of the archives' visa.
        visa: String,
    },
    /// The archives have what goes to them: its words are taken out here too.
    Receive {
        /// The reference of the archives' receipt.
        receipt: String,
    },
    /// Give it up.
    Abandon,
}

/// The dossiers of a list.
pub type Items = BTreeMap<DossierId, Disposition>;

/// The digest of what is on a list: what two people approve is what is carried out.
#[must_use]
pub fn content(items: &Items) -> Digest {
    let lines = items.iter().map(|(dossier, disposition)| {
        let disposition: &str = (*disposition).into();
        format!("{dossier} {disposition}")
    });
    let lines: Vec<_> = lines.collect();
    Digest::of(lines.iter().map(String::as_str))
}

/// What becomes of a dossier by a line of the table, until somebody says otherwise. Which ones are the sample depends on
/// their identifier alone: it is the same however often it is drawn, and nobody chooses it.
#[must_use]
pub fn disposition(fate: Fate, dossier: DossierId) -> Disposition {
    let drawn = || Digest::of([dossier.to_string().as_str()]).uuid().as_u128().is_multiple_of(SAMPLE);
    match fate {
        Fate::Keep => Disposition::Transfer,
        Fate::Sort if drawn() => Disposition::Transfer,
        Fate::Sort | Fate::Destroy => Disposition::Destroy,
    }
}

/// Whoever lets dossiers go.
///
/// # Errors
/// [`Refusal::OnlyFor`] coordinators.
pub fn lets_go(actor: &Actor) -> Result<UserId, Refusal> {
    let role = Role::Coordinator;
    actor.user().filter(|_| actor.has(role)).ok_or(Refusal::OnlyFor { role })
}

impl ListCommand {
    /// As the journal of settings names it.
    #[must_use]
    pub fn action(&self) -> SettingsAction {
        match self {
            Self::Dispose { .. } | Self::SetAside { .. } => SettingsAction::ChangeElimination,
            Self::Review => SettingsAction::ReviewElimination,
            Self::Approve { .. } => SettingsAction::ApproveElimination,
            Self::Receive { .. } => SettingsAction::ReceiveElimination,
            Self::Abandon => SettingsAction::AbandonElimination,
        }
    }
}

impl Elimination {
    /// What a list and its items become by a command.
    ///
    /// # Errors
    /// The first [`Refusal`] met: who asks, then when, then what.
    pub fn decide(
        &self,
        actor: &Actor,
        command: &ListCommand,
        items: &Items,
        at: Timestamp,
    ) -> Result<(Self, Items), Refusal> {
        use ListState::{Abandoned, Approved, Proposed, Reviewed};
        use RetentionRefusal as No;
        let by = lets_go(actor)?;
        let (mut after, mut items) = (self.clone(), items.clone());
        match (command, self.state) {
            (ListCommand::Dispose { dossier, disposition }, Proposed) => {
                if self.rule.fate == Fate::Keep && *disposition == Disposition::Destroy {
                    return No::KeptForGood.refuse();
                }
                *items.get_mut(dossier).ok_or(Refusal::Retention(No::NotOnTheList))? = *disposition;
            }
            (ListCommand::SetAside { dossier }, Proposed) => {
                items.remove(dossier).ok_or(Refusal::Retention(No::NotOnTheList))?;
            }
            (ListCommand::Review, Proposed) => {
                if items.is_empty() {
                    return No::NothingDue.refuse();
                }
                (after.state, after.reviewed) = (Reviewed, Some((by, at)));
            }
            (ListCommand::Approve { visa }, Reviewed) => {
                let first = self.reviewed.map(|(first, _)| first);
                if first == Some(by) || self.proposed.0 == by {
                    return No::SecondPerson.refuse();
                }
                after.visa = Some(settings::name(visa, "visa")?);
                (after.state, after.approved) = (Approved, Some((by, at)));
            }
            (ListCommand::Receive { receipt }, Approved) if self.awaits_receipt(&items) => {
                after.receipt = Some(settings::name(receipt, "receipt")?);
            }
            (ListCommand::Receive { .. }, _) => return No::NothingToReceive.refuse(),
            (ListCommand::Abandon, Proposed | Reviewed) => {
                (after.state, after.ended_at) = (Abandoned, Some(at));
            }
            (ListCommand::Approve { .. }, Proposed) => return No::NotReviewed.refuse(),
            _ => return No::ListDecided.refuse(),
        }
        after.content = content(&items);
        Ok((after, items))
    }

    /// Whether something of it goes to the archives that they do not have yet.
    #[must_use]
    pub fn awaits_receipt(&self, items: &Items) -> bool {
        let transfers = items.values().any(|disposition| *disposition == Disposition::Transfer);
        self.state == ListState::Approved && self.receipt.is_none() && transfers
    }

    /// Whether what becomes of a dossier in this way may be carried out.
    #[must_use]
    pub fn carries_out(&self, disposition: Disposition) -> bool {
        let there = disposition == Disposition::Destroy || self.receipt.is_some();
        self.state == ListState::Approved && there
    }

    /// The two people who approved it.
    #[must_use]
    pub fn approved_by(&self) -> Option<[UserId; 2]> {
        Some([self.reviewed?.0, self.approved?.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retention::Class;
    use crate::samples;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn dossier(number: u128) -> DossierId {
        DossierId(Uuid::from_u128(number))
    }

    fn coordinator(number: u128) -> Actor {
        let organisation = samples::organisation();
        samples::actor(number, Role::Coordinator, organisation.by_code("SG").unwrap().id)
    }

    fn at() -> Timestamp {
        Timestamp::new("2032-01-05T09:00:00Z".parse().unwrap())
    }

    fn list(fate: Fate) -> (Elimination, Items) {
        let items: Items = (1..=3).map(|number| (dossier(number), Disposition::Destroy)).collect();
        let rule = RetentionRule {
            class: Class::Petition,
            version: 1,
            months: 63,
            fate,
            source: "Tableau".to_owned(),
        };
        let list = Elimination {
            id: EliminationId(Uuid::nil()),
            number: 1,
            rule,
            reserved: None,
            state: ListState::Proposed,
            content: content(&items),
            proposed: (UserId(Uuid::from_u128(1)), at()),
            reviewed: None,
            approved: None,
            visa: None,
            receipt: None,
            ended_at: None,
        };
        (list, items)
    }

    fn approve() -> ListCommand {
        ListCommand::Approve { visa: " AN  2032/14 ".to_owned() }
    }

    #[test]
    fn two_people_approve_a_list() {
        let (list, items) = list(Fate::Sort);
        let early = list.decide(&coordinator(2), &approve(), &items, at());
        assert_eq!(early, RetentionRefusal::NotReviewed.refuse());
        let (reviewed, items) = list.decide(&coordinator(1), &ListCommand::Review, &items, at()).unwrap();
        let same = reviewed.decide(&coordinator(1), &approve(), &items, at());
        assert_eq!(same, RetentionRefusal::SecondPerson.refuse());
        let (approved, items) = reviewed.decide(&coordinator(2), &approve(), &items, at()).unwrap();
        assert_eq!(approved.visa.as_deref(), Some("AN 2032/14"));
        assert_eq!(approved.approved_by(), Some([1, 2].map(|number| UserId(Uuid::from_u128(number)))));
        let receive = ListCommand::Receive { receipt: "Versement 12".to_owned() };
        let nothing = approved.decide(&coordinator(1), &receive, &items, at());
        assert_eq!(nothing, RetentionRefusal::NothingToReceive.refuse());
        let late = approved.decide(&coordinator(1), &ListCommand::Abandon, &items, at());
        assert_eq!(late, RetentionRefusal::ListDecided.refuse());
        let (by_another, items) = list.decide(&coordinator(2), &ListCommand::Review, &items, at()).unwrap();
        let proposer = by_another.decide(&coordinator(1), &approve(), &items, at());
        assert_eq!(proposer, RetentionRefusal::SecondPerson.refuse(), "nor whoever proposed it");
    }

    #[test]
    fn only_coordinators_let_go() {
        let (list, items) = list(Fate::Destroy);
        let organisation = samples::organisation();
        for role in Role::VARIANTS.iter().filter(|role| **role != Role::Coordinator) {
            let actor = samples::actor(3, *role, organisation.by_code("SG").unwrap().id);
            let refused = list.decide(&actor, &ListCommand::Review, &items, at());
            assert_eq!(refused, Err(Refusal::OnlyFor { role: Role::Coordinator }), "{role:?}");
        }
        assert!(list.decide(&Actor::reminder(), &ListCommand::Review, &items, at()).is_err());
    }

    #[test]
    fn what_is_on_a_list_is_settled_before_it_is_approved() {
        let (list, items) = list(Fate::Keep);
        let decide = |command| list.decide(&coordinator(1), &command, &items, at());
        let destroy =
            |number| ListCommand::Dispose { dossier: dossier(number), disposition: Disposition::Destroy };
        assert_eq!(decide(destroy(1)), RetentionRefusal::KeptForGood.refuse());
        let aside = |number| ListCommand::SetAside { dossier: dossier(number) };
        assert_eq!(decide(aside(9)), RetentionRefusal::NotOnTheList.refuse());
        let (shorter, left) = decide(aside(1)).unwrap();
        assert!(left.len() == 2 && shorter.content == content(&left) && shorter.content != list.content);
        let keep = ListCommand::Dispose { dossier: dossier(2), disposition: Disposition::Transfer };
        let (changed, items) = decide(keep.clone()).unwrap();
        assert_ne!(changed.content, list.content);
        let (reviewed, items) = changed.decide(&coordinator(1), &ListCommand::Review, &items, at()).unwrap();
        let late = reviewed.decide(&coordinator(1), &keep, &items, at());
        assert_eq!(late, RetentionRefusal::ListDecided.refuse());
        let (approved, items) = reviewed.decide(&coordinator(2), &approve(), &items, at()).unwrap();
        let carries = |list: &Elimination| {
            [Disposition::Destroy, Disposition::Transfer].map(|disposition| list.carries_out(disposition))
        };
        assert_eq!((carries(&reviewed), carries(&approved)), ([false, false], [true, false]));
        let receive = ListCommand::Receive { receipt: "Versement 12".to_owned() };
        let (received, _) = approved.decide(&coordinator(1), &receive, &items, at()).unwrap();
        assert_eq!(carries(&received), [true, true], "the archives have it");
        let none = list.decide(&coordinator(1), &ListCommand::Review, &Items::new(), at());
        assert_eq!(none, RetentionRefusal::NothingDue.refuse());
    }

    #[test]
    fn one_in_twenty_is_drawn() {
        let of = |fate| {
            let kept = (0..4_000).filter(|n| disposition(fate, dossier(*n)) == Disposition::Transfer);
            kept.count()
        };
        assert_eq!((of(Fate::Keep), of(Fate::Destroy)), (4_000, 0));
        assert!((120..280).contains(&of(Fate::Sort)), "{}", of(Fate::Sort));
    }

    proptest! {
        /// Whoever does whatever: an approved list bears two people's approval, and the second did not propose it.
        #[test]
        fn nobody_lets_go_alone(acts in prop::collection::vec((1_u128..4, 0_u8..5), 0..30)) {
            let (mut list, mut items) = list(Fate::Sort);
            for (by, what) in acts {
                let command = match what {
                    0 => ListCommand::Review,
                    1 => approve(),
                    2 => ListCommand::SetAside { dossier: dossier(by) },
                    3 => ListCommand::Dispose { dossier: dossier(by), disposition: Disposition::Transfer },
                    _ => continue,
                };
                if let Ok((after, left)) = list.decide(&coordinator(by), &command, &items, at()) {
                    (list, items) = (after, left);
                }
            }
            prop_assert_eq!(&list.content, &content(&items));
            if list.state == ListState::Approved {
                let [first, second] = list.approved_by().unwrap();
                prop_assert!(first != second && second != list.proposed.0 && list.visa.is_some());
            }
        }
    }
}
