//! The part of one unit in a dossier.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::ids::UnitId;
use crate::machine::{self, Edge, Impossible};

/// What the unit is asked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Part {
    /// Pilote: answers.
    Lead,
    /// Contributeur: gives a part of the answer.
    Contributor,
    /// Pour information.
    Informed,
}

/// Where the unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum AssignmentStage {
    /// Asked, not answered yet.
    Proposed,
    /// Taken in hand.
    Accepted,
    /// Its work is done.
    Delivered,
    /// Refused by the unit.
    Declined,
    /// Taken away by the cabinet, or void since the dossier closed without it.
    Withdrawn,
}

/// What happens to an assignment; each follows from an act on the dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum AssignmentAction {
    /// The unit is asked.
    Propose,
    /// The unit takes it.
    Accept,
    /// The unit refuses it.
    Decline,
    /// The answer has left.
    Deliver,
    /// It is taken away.
    Withdraw,
}

/// The machine.
pub const EDGES: &[Edge<AssignmentStage, AssignmentAction, ()>] = {
    use AssignmentAction as Do;
    use AssignmentStage::{Accepted, Declined, Delivered, Proposed, Withdrawn};
    &[
        Edge { from: &[], action: Do::Propose, to: &[Proposed], by: &[] },
        Edge { from: &[Proposed], action: Do::Accept, to: &[Accepted], by: &[] },
        Edge { from: &[Proposed], action: Do::Decline, to: &[Declined], by: &[] },
        Edge { from: &[Accepted], action: Do::Deliver, to: &[Delivered], by: &[] },
        Edge { from: &[Proposed, Accepted], action: Do::Withdraw, to: &[Withdrawn], by: &[] },
    ]
};

/// A unit's part in a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The unit.
    pub unit: UnitId,
    /// What it is asked.
    pub part: Part,
    /// Where it stands.
    pub stage: AssignmentStage,
    /// The day it was asked.
    pub since: NaiveDate,
}

impl Assignment {
    /// Asks a unit.
    #[must_use]
    pub fn propose(unit: UnitId, part: Part, since: NaiveDate) -> Self {
        Self { unit, part, stage: AssignmentStage::Proposed, since }
    }

    /// Whether the unit still has, or has had to the end, a part in the dossier: such units may read it.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self.stage, AssignmentStage::Declined | AssignmentStage::Withdrawn)
    }

    /// Whether `action` can happen now.
    #[must_use]
    pub fn can(&self, action: AssignmentAction) -> bool {
        machine::find(EDGES, &self.stage, &action).is_some()
    }

    /// Applies what happened.
    ///
    /// # Errors
    /// [`Impossible`] when the table has no such edge.
    pub fn evolve(&mut self, action: AssignmentAction) -> Result<(), Impossible> {
        self.stage = machine::step(EDGES, self.stage, action)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::graph;

    #[test]
    fn the_table_has_no_dead_end() {
        graph::check(EDGES, AssignmentStage::VARIANTS, AssignmentStage::Proposed, |stage| {
            matches!(
                stage,
                AssignmentStage::Delivered | AssignmentStage::Declined | AssignmentStage::Withdrawn
            )
        });
    }
}
