//! What the four state machines share: a table of edges, and looking one up.
//!
//! The same table feeds refusals, the buttons of a page, the diagrams and the permission matrix of `docs/`.

/// One line of a machine's table.
#[derive(Debug)]
pub struct Edge<State: 'static, Action, Party: 'static> {
    /// The states it leaves; empty for the act that creates the thing.
    pub from: &'static [State],
    /// What is done.
    pub action: Action,
    /// The states it may lead to; empty when it stays where it is.
    pub to: &'static [State],
    /// Who may do it; empty when it follows from another act.
    pub by: &'static [Party],
}

impl<State: Copy + PartialEq, Action, Party> Edge<State, Action, Party> {
    /// Where this edge leads from `from`: one state or several, itself when it stays.
    pub fn targets(&self, from: State) -> impl Iterator<Item = State> {
        self.to.iter().copied().chain(self.to.is_empty().then_some(from))
    }
}

/// The edge that leaves `from` by `action`; at most one exists in a well-made table.
#[must_use]
pub fn find<State: PartialEq, Action: PartialEq, Party>(
    edges: &'static [Edge<State, Action, Party>],
    from: &State,
    action: &Action,
) -> Option<&'static Edge<State, Action, Party>> {
    edges.iter().find(|edge| edge.action == *action && edge.from.contains(from))
}

/// Where a machine whose acts each lead to one state goes from `from` by `action`.
///
/// # Errors
/// [`Impossible`] when the table has no such edge.
pub fn step<State, Action, Party>(
    edges: &'static [Edge<State, Action, Party>],
    from: State,
    action: Action,
) -> Result<State, Impossible>
where
    State: Copy + PartialEq + Into<&'static str>,
    Action: Copy + PartialEq + Into<&'static str>,
{
    find(edges, &from, &action)
        .and_then(|edge| edge.targets(from).next())
        .ok_or_else(|| Impossible { action: action.into().to_owned(), state: from.into().to_owned() })
}

/// The recorded event does not fit the state it is applied to: the journal and the rows disagree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("impossible: {action} from {state}")]
pub struct Impossible {
    /// What was done.
    pub action: String,
    /// In which state.
    pub state: String,
}

#[cfg(test)]
pub(crate) mod graph {
    //! The tests that every table passes.
    use super::*;
    use std::fmt::Debug;

    /// Every state is reached from the start, every state that is not an end has a way out, no edge is written twice.
    pub(crate) fn check<State, Action, Party>(
        edges: &'static [Edge<State, Action, Party>],
        states: &[State],
        start: State,
        is_end: impl Fn(State) -> bool,
    ) where
        State: Copy + PartialEq + Debug + 'static,
        Action: PartialEq + Debug + 'static,
        Party: 'static,
    {
        let mut reached = vec![start];
        let mut at = 0;
        while let Some(state) = reached.get(at).copied() {
            at += 1;
            for edge in edges.iter().filter(|edge| edge.from.contains(&state)) {
                for next in edge.targets(state) {
                    if !reached.contains(&next) {
                        reached.push(next);
                    }
                }
            }
        }
        for state in states {
            assert!(reached.contains(state), "{state:?} is never reached");
            let leaves = edges
                .iter()
                .any(|edge| edge.from.contains(state) && edge.targets(*state).any(|to| to != *state));
            assert!(is_end(*state) || leaves, "{state:?} is a dead end");
            for edge in edges.iter().filter(|edge| edge.from.contains(state)) {
                let same =
                    edges.iter().filter(|other| other.action == edge.action && other.from.contains(state));
                assert_eq!(same.count(), 1, "{:?} from {state:?} stands twice", edge.action);
            }
        }
        assert!(reached.iter().all(|state| states.contains(state)), "a state is missing from the list");
    }
}
