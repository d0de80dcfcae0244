use super::*;
use crate::machine::graph;
use proptest::prelude::*;

const TODAY: &str = "2026-11-22";

fn term(due: &str, answered: Option<&str>, open: bool) -> Term {
    Term { due_on: Some(due.parse().unwrap()), answered_on: answered.map(|day| day.parse().unwrap()), open }
}

#[test]
fn the_table_has_no_dead_end() {
    graph::check(EDGES, DeadlineStage::VARIANTS, DeadlineStage::Running, |_| false);
}

#[test]
fn late_in_both_directions() {
    let today = TODAY.parse().unwrap();
    for (term, standing) in [
        (term("2026-11-22", None, true), Standing::OnTime { left: 0 }),
        (term("2026-11-25", None, true), Standing::OnTime { left: 3 }),
        (term("2026-11-21", None, true), Standing::Late { by: 1 }),
        (term("2026-11-21", Some("2026-11-21"), false), Standing::AnsweredInTime),
        (term("2024-05-12", Some("2024-05-14"), false), Standing::AnsweredLate { by: 2 }),
        (term("2024-07-07", None, false), Standing::NoTerm),
        (Term { due_on: None, answered_on: None, open: true }, Standing::NoTerm),
    ] {
        assert_eq!(term.standing(today), standing, "{term:?}");
    }
}

proptest! {
    /// The class by days and the class by due dates are the same class; every late day has exactly one.
    #[test]
    fn classes_by_days_and_by_dates_agree(late in -100_i64..400) {
        let today: NaiveDate = TODAY.parse().unwrap();
        let due = today - chrono::TimeDelta::days(late);
        let by_dates: Vec<_> = AgeClass::VARIANTS
            .iter()
            .filter(|class| { let (from, to) = class.due_between(today); from <= due && due <= to })
            .copied()
            .collect();
        prop_assert_eq!(by_dates, AgeClass::of(late).into_iter().collect::<Vec<_>>());
    }
}
