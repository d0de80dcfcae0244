//! Reminders: who is told of a due date, when, and up to whom. Rules are data; what they give is computed at the moment
//! of sending, so that nothing is chased that has moved on.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::actor::{Actor, Role};
use crate::dossier::{Kind, Party, Stage, awaited};
use crate::ids::{CompartmentId, UnitId, UserId};
use crate::organisation::Organisation;
use crate::refusal::Refusal;

/// Who is told, from the one who works up to the cabinet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    /// Whoever does the next act.
    Holder,
    /// The correspondent of the lead unit.
    Correspondent,
    /// The head of the lead unit: who watches it.
    Head,
    /// The coordinators of the cabinet.
    Cabinet,
}

/// How a person wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Notifications {
    /// As soon as a reminder is due, in working hours.
    Immediate,
    /// Once a day, in the morning, all together.
    #[default]
    Daily,
    /// Never.
    None,
}

/// A reminder rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderRule {
    /// Its stable name.
    pub code: String,
    /// Days from the due date, negative before it.
    pub offset: i32,
    /// Days between two reminders while nothing moves; once only when `None`.
    pub every: Option<u32>,
    /// Who is told.
    pub level: Level,
    /// Whether it is in use.
    pub active: bool,
}

/// The furthest that a reminder may stand from its date.
const FURTHEST: i32 = 366;

impl ReminderRule {
    /// What a new Pli starts with: before the date, on it, after it, then up the hierarchy.
    #[must_use]
    pub fn seed() -> Vec<Self> {
        let rule = |code: &str, offset, every, level| Self {
            code: code.to_owned(),
            offset,
            every,
            level,
            active: true,
        };
        vec![
            rule("before-10", -10, None, Level::Correspondent),
            rule("before-3", -3, None, Level::Holder),
            rule("on-the-day", 0, None, Level::Holder),
            rule("after-1", 1, Some(7), Level::Correspondent),
            rule("after-8", 8, Some(7), Level::Head),
            rule("after-15", 15, Some(7), Level::Cabinet),
        ]
    }

    /// Whether it makes sense.
    ///
    /// # Errors
    /// The [`Refusal`] that says what to correct.
    pub fn check(&self) -> Result<(), Refusal> {
        if !(-FURTHEST..=FURTHEST).contains(&self.offset) {
            return Err(Refusal::TooLong { field: "offset" });
        }
        if self.every.is_some_and(|days| !(1..=FURTHEST.unsigned_abs()).contains(&days)) {
            return Err(Refusal::TooLong { field: "every" });
        }
        Ok(())
    }

    /// The last day, up to today, on which it was due for a dossier due on that date; `None` when it is still to come. A
    /// day on which nobody works is no matter: the reminder waits for the first working day.
    #[must_use]
    pub fn fell_on(&self, due_on: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
        let since = i64::from(self.offset);
        let first = due_on.checked_add_signed(chrono::TimeDelta::days(since))?;
        let past = u64::try_from((today - first).num_days()).ok()?;
        let again = match self.every {
            Some(every) if every > 0 => past - past % u64::from(every),
            _ => 0,
        };
        first.checked_add_days(Days::new(again))
    }

    /// The last due date of the dossiers that it concerns today.
    #[must_use]
    pub fn reaches(&self, today: NaiveDate) -> NaiveDate {
        today.checked_sub_signed(chrono::TimeDelta::days(self.offset.into())).unwrap_or(today)
    }
}

/// What a reminder needs to know of a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pursued {
    /// Letter or question.
    pub kind: Kind,
    /// Where it stands.
    pub stage: Stage,
    /// The lead unit.
    pub lead: Option<UnitId>,
    /// To whom it is reserved.
    pub reserved: Option<CompartmentId>,
}

/// The people told of a dossier at a level. When nobody holds that level, the cabinet is told. Of what is reserved, nobody
/// is told who is not named.
#[must_use]
pub fn told(
    dossier: Pursued,
    level: Level,
    organisation: &Organisation,
    people: &[Actor],
) -> BTreeSet<UserId> {
    let named: Vec<_> = match dossier.reserved {
        None => Vec::new(),
        Some(compartment) => {
            people.iter().filter(|person| person.compartments.contains(&compartment)).cloned().collect()
        }
    };
    let people = if dossier.reserved.is_some() { &named } else { people };
    let found = match (level, dossier.lead) {
        (Level::Holder, _) => holders(dossier, organisation, people),
        (Level::Correspondent, Some(lead)) => nearest(Role::Correspondent, lead, organisation, people),
        (Level::Head, Some(lead)) => nearest(Role::Manager, lead, organisation, people),
        (Level::Cabinet, _) | (_, None) => BTreeSet::new(),
    };
    if found.is_empty() { holding(Role::Coordinator, people) } else { found }
}

/// Whoever may do what the dossier awaits.
fn holders(dossier: Pursued, organisation: &Organisation, people: &[Actor]) -> BTreeSet<UserId> {
    let Some((_, parties)) = awaited(dossier.kind, dossier.stage) else {
        return BTreeSet::new();
    };
    let of = |party: &Party| match (party, party.role(), dossier.lead) {
        (Party::Clerk | Party::Coordinator, Some(role), _) => holding(role, people),
        (_, Some(role), Some(lead)) => nearest(role, lead, organisation, people),
        (_, None, _) | (_, _, None) => BTreeSet::new(),
    };
    parties.iter().flat_map(of).collect()
}

/// Whoever holds the role anywhere.
fn holding(role: Role, people: &[Actor]) -> BTreeSet<UserId> {
    people.iter().filter(|person| person.has(role)).filter_map(Actor::user).collect()
}

/// Those who hold the role in the unit or, when nobody does, in the nearest above it.
fn nearest(role: Role, unit: UnitId, organisation: &Organisation, people: &[Actor]) -> BTreeSet<UserId> {
    let in_unit = |unit: UnitId| -> BTreeSet<UserId> {
        let here =
            |person: &&Actor| person.grants.iter().any(|grant| grant.role == role && grant.unit == unit);
        people.iter().filter(here).filter_map(Actor::user).collect()
    };
    organisation.path(unit).into_iter().map(in_unit).find(|found| !found.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(offset: i32, every: Option<u32>) -> ReminderRule {
        ReminderRule { code: "x".to_owned(), offset, every, level: Level::Holder, active: true }
    }

    #[test]
    fn a_reminder_falls_on_its_day_and_again() {
        let due = day("2026-11-20");
        for (rule, today, fell) in [
            (rule(-10, None), "2026-11-09", None),
            (rule(-10, None), "2026-11-10", Some("2026-11-10")),
            (rule(-10, None), "2026-12-25", Some("2026-11-10")),
            (rule(0, None), "2026-11-19", None),
            (rule(0, None), "2026-11-20", Some("2026-11-20")),
            (rule(1, Some(7)), "2026-11-20", None),
            (rule(1, Some(7)), "2026-11-27", Some("2026-11-21")),
            (rule(1, Some(7)), "2026-11-28", Some("2026-11-28")),
            (rule(1, Some(7)), "2026-12-04", Some("2026-11-28")),
        ] {
            assert_eq!(rule.fell_on(due, day(today)), fell.map(day), "{rule:?} {today}");
        }
    }

    #[test]
    fn reminders_go_up_the_hierarchy() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        let person = |number, role, code| samples::actor(number, role, unit(code));
        let people = [
            person(1, Role::Correspondent, "DACS"),
            person(2, Role::Drafter, "C1"),
            person(3, Role::Drafter, "DACS"),
            person(4, Role::Manager, "DACS"),
            person(5, Role::Coordinator, "SG"),
            person(6, Role::Clerk, "SG"),
            person(7, Role::Correspondent, "DACG"),
            person(8, Role::Signatory, "MJ"),
        ];
        let told = |stage, lead: Option<&str>, level| {
            let dossier = Pursued { kind: Kind::Mail, stage, lead: lead.map(unit), reserved: None };
            let told = super::told(dossier, level, &organisation, &people);
            told.into_iter().map(|id| id.0.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(told(Stage::Registered, None, Level::Holder), [5, 6], "who may route it");
        assert_eq!(told(Stage::Registered, None, Level::Correspondent), [5], "no unit: the cabinet");
        assert_eq!(told(Stage::Routed, Some("C1"), Level::Holder), [1], "the correspondent above the bureau");
        assert_eq!(told(Stage::Drafting, Some("C1"), Level::Holder), [2], "the nearest");
        assert_eq!(told(Stage::Drafting, Some("DACS"), Level::Holder), [3]);
        assert_eq!(told(Stage::Signature, Some("C1"), Level::Holder), [8]);
        assert_eq!(told(Stage::Drafting, Some("C1"), Level::Head), [4]);
        assert_eq!(told(Stage::Drafting, Some("DACG"), Level::Head), [5], "nobody heads it: the cabinet");
        assert_eq!(told(Stage::Drafting, Some("DACG"), Level::Correspondent), [7]);
        assert_eq!(told(Stage::Drafting, Some("DACG"), Level::Cabinet), [5]);
        assert_eq!(told(Stage::Outgoing, Some("DACS"), Level::Holder), [6]);
    }

    #[test]
    fn of_what_is_reserved_only_those_named_are_told() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        let reserved = CompartmentId(uuid::Uuid::nil());
        let mut named = samples::actor(2, Role::Coordinator, unit("SG"));
        named.compartments.insert(reserved);
        let people = [
            samples::actor(1, Role::Drafter, unit("DACS")),
            named,
            samples::actor(3, Role::Coordinator, unit("SG")),
        ];
        for (reserved, level, who) in [
            (None, Level::Holder, vec![1]),
            (Some(reserved), Level::Holder, vec![2]),
            (Some(reserved), Level::Cabinet, vec![2]),
            (None, Level::Cabinet, vec![2, 3]),
        ] {
            let (kind, stage, lead) = (Kind::Mail, Stage::Drafting, Some(unit("DACS")));
            let told = told(Pursued { kind, stage, lead, reserved }, level, &organisation, &people);
            assert_eq!(told.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>(), who);
        }
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused() {
        assert!(ReminderRule::seed().iter().all(|rule| rule.check().is_ok()));
        assert_eq!(rule(-400, None).check(), Err(Refusal::TooLong { field: "offset" }));
        assert_eq!(rule(0, Some(0)).check(), Err(Refusal::TooLong { field: "every" }));
    }

    proptest! {
        /// It never falls in the future, never before its first day, and what it reaches is what has fallen.
        #[test]
        fn a_reminder_falls_up_to_today(
            offset in -40..40_i32, every in prop::option::of(1..30_u32), late in -60..200_i64,
        ) {
            let today = day("2026-11-25");
            let due = today - chrono::TimeDelta::days(late);
            let rule = rule(offset, every);
            let fell = rule.fell_on(due, today);
            prop_assert_eq!(fell.is_some(), due <= rule.reaches(today));
            if let Some(fell) = fell {
                prop_assert!(fell <= today && fell >= due + chrono::TimeDelta::days(offset.into()));
                if let Some(every) = every {
                    prop_assert!((today - fell).num_days() < i64::from(every));
                }
            }
        }
    }
}
