//! A run of an import: from which file, what it did, and how it ended.

use chrono::TimeDelta;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::actor::{Actor, Role};
use crate::digest::Digest;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// What is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Feed {
    /// The questions that the Assemblée nationale publishes.
    Assembly,
    /// Those that the Sénat publishes.
    Senate,
    /// The messages of *Réponses*.
    Reponses,
    /// The members of the houses.
    Members,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RunState {
    /// It goes on.
    Running,
    /// It read the whole source.
    Done,
    /// A file of the source is damaged, or nothing could be read from it.
    Failed,
    /// It stopped before the end, and nobody told why: a process that was killed, a machine that went down.
    Interrupted,
}

/// How long a run may keep nothing before it is taken for interrupted. A batch takes seconds.
pub const SILENCE: TimeDelta = TimeDelta::minutes(10);

/// What a run has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that were not known.
    pub created: u64,
    /// Records of which something was new.
    pub updated: u64,
    /// Records known as they are.
    pub unchanged: u64,
    /// Dossiers opened.
    pub dossiers: u64,
    /// Records that could not be imported.
    pub rejected: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At the end of its source.
    Done,
    /// Before, or with nothing read; why, in French.
    Failed(String),
}

/// A run of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRun {
    /// Its number, in the order of the runs.
    pub number: u32,
    /// What was imported.
    pub feed: Feed,
    /// The name of the file or the folder, never where it lay.
    pub source: String,
    /// The digest of the file; `None` when it could not be read.
    pub digest: Option<Digest>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it kept something last; when it ended, once it has.
    pub beat_at: Timestamp,
    /// How it ended, if it was said.
    pub ending: Option<Ending>,
    /// What it has done.
    pub counts: Counts,
    /// Names of ministries that it met, which look like ours and are not: somebody should say.
    pub ministries: Vec<String>,
}

impl ImportRun {
    /// How it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> RunState {
        match self.ending {
            Some(Ending::Done) => RunState::Done,
            Some(Ending::Failed(_)) => RunState::Failed,
            None if now.instant() - self.beat_at.instant() > SILENCE => RunState::Interrupted,
            None => RunState::Running,
        }
    }

    /// How long it took, or has taken up to what it kept last.
    #[must_use]
    pub fn duration(&self) -> TimeDelta {
        self.beat_at.instant() - self.started_at.instant()
    }

    /// Refuses whoever does not look after the imports.
    ///
    /// # Errors
    /// [`Refusal::OnlyFor`] coordinators; administrators may too.
    pub fn readable_by(actor: &Actor) -> Result<(), Refusal> {
        let role = Role::Coordinator;
        if actor.has(role) || actor.has(Role::Administrator) {
            Ok(())
        } else {
            Err(Refusal::OnlyFor { role })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn run(ending: Option<Ending>) -> ImportRun {
        let at = |text: &str| Timestamp::new(text.parse().unwrap());
        ImportRun {
            number: 1,
            feed: Feed::Senate,
            source: "questions.csv".to_owned(),
            digest: None,
            started_at: at("2026-11-22T09:00:00Z"),
            beat_at: at("2026-11-22T09:01:30Z"),
            ending,
            counts: Counts::default(),
            ministries: Vec::new(),
        }
    }

    #[test]
    fn a_run_that_says_nothing_more_was_interrupted() {
        let at = |text: &str| Timestamp::new(text.parse().unwrap());
        let (soon, later) = (at("2026-11-22T09:11:30Z"), at("2026-11-22T09:11:31Z"));
        assert_eq!(
            (run(None).state(soon), run(None).state(later)),
            (RunState::Running, RunState::Interrupted)
        );
        assert_eq!(run(Some(Ending::Done)).state(later), RunState::Done);
        assert_eq!(run(Some(Ending::Failed(String::new()))).state(soon), RunState::Failed);
        assert_eq!(run(None).duration(), TimeDelta::seconds(90));
    }

    #[test]
    fn coordinators_and_administrators_look_after_imports() {
        let organisation = samples::organisation();
        let unit = organisation.by_code("SG").unwrap().id;
        for role in Role::VARIANTS {
            let readable = ImportRun::readable_by(&samples::actor(1, *role, unit)).is_ok();
            assert_eq!(readable, matches!(role, Role::Coordinator | Role::Administrator), "{role:?}");
        }
    }
}
