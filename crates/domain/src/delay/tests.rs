use chrono::{Datelike, Days, Weekday};
use proptest::prelude::*;

use super::plan::{Milestone, Plan};
use super::*;
use crate::calendar::{Calendar, Zone};

/// The same rules as if the code de procédure civile, art. 642, held for them: what the real data also give.
fn by_642(code: &str) -> DelayRule {
    DelayRule { rollover: Rollover::NextWorkingDay, ..rule(code) }
}

/// The rule that a new Pli starts with.
fn rule(code: &str) -> DelayRule {
    Rules::seed().latest(code).unwrap().clone()
}

fn metropole() -> Calendar {
    Calendar::of(METROPOLE)
}

const METROPOLE: Zone = Zone::Metropole;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The date that the steps announce for the last useful Journal officiel.
fn last_issue(computed: &Computed) -> NaiveDate {
    let found = computed.steps.iter().find_map(|step| match step {
        Step::LastIssue { on, .. } => Some(*on),
        _ => None,
    });
    found.unwrap()
}

fn explanation(rule: &DelayRule, start: &str, zone: Zone) -> Vec<String> {
    let computed = rule.compute(day(start), &Calendar::of(zone)).unwrap();
    computed.explanation().map(|sentence| sentence.replace('\u{a0}', " ")).collect()
}

#[test]
fn worked_examples_of_the_rules() {
    for (rule, start, due) in [
        // Written questions, Assemblée nationale.
        (&rule(code::AN_QE), "2022-09-06", "2022-11-06"),
        (&rule(code::AN_QE), "2024-03-12", "2024-05-12"),
        (&rule(code::AN_QE), "2023-03-07", "2023-05-07"),
        (&rule(code::AN_QE), "2014-06-24", "2014-08-24"),
        (&rule(code::AN_QE), "2014-01-07", "2014-03-07"),
        (&rule(code::AN_QE), "2021-03-23", "2021-05-23"),
        (&rule(code::AN_QE), "2025-12-30", "2026-02-28"),
        (&rule(code::AN_QE), "2025-12-09", "2026-02-09"),
        (&rule(code::AN_QE), "2026-09-15", "2026-11-15"),
        (&rule(code::AN_QE), "2016-03-29", "2016-05-29"),
        (&rule(code::AN_QE), "2020-12-15", "2021-02-15"),
        // The same, were the code de procédure civile, art. 642, applied: 24/05/2021 is the lundi de Pentecôte.
        (&by_642(code::AN_QE), "2021-03-23", "2021-05-25"),
        (&by_642(code::AN_QE), "2026-08-31", "2026-11-02"),
        (&by_642(code::AN_QE), "2026-03-14", "2026-05-15"),
        // Without it.
        (&rule(code::AN_QE), "2026-08-31", "2026-10-31"),
        (&rule(code::AN_QE), "2026-03-14", "2026-05-14"),
        (&rule(code::AN_QE), "2027-12-31", "2028-02-29"),
        // Two clear months before the judge: counted from the day after the decision of 15/03/2026.
        (&by_642(code::AN_QE), "2026-03-16", "2026-05-18"),
        // Written questions, Sénat.
        (&rule(code::SENAT_QE), "2025-06-12", "2025-08-12"),
        (&rule(code::SENAT_QE), "2026-02-26", "2026-04-26"),
        (&rule(code::SENAT_QE), "2013-01-17", "2013-03-17"),
        (&rule(code::SENAT_QE), "2012-11-29", "2013-01-29"),
        (&rule(code::SENAT_QE), "2025-08-21", "2025-10-21"),
        // Quality of service.
        (&rule(code::SP_ACK_ELECTRONIC), "2026-11-19", "2026-11-26"),
        (&rule(code::SP_ACK_PAPER), "2026-11-19", "2026-12-03"),
        (&rule(code::MAIL), "2026-11-19", "2027-01-19"),
        (&rule(code::SP_ACK_ELECTRONIC), "2026-12-24", "2026-12-31"),
        (&rule(code::SP_ACK_PAPER), "2026-12-24", "2027-01-07"),
        (&rule(code::MAIL), "2026-12-24", "2027-02-24"),
        (&rule(code::MAIL), "2024-12-31", "2025-02-28"),
        // Requests of the public: (a), then with the pieces received on 12/02 where silence accepts.
        (&rule(code::CRPA_SILENCE), "2026-01-15", "2026-03-15"),
        (&rule(code::CRPA_SILENCE), "2026-02-12", "2026-04-12"),
        // (b) to (f): e-mails.
        (&rule(code::CRPA_ACK_REGISTRATION), "2026-04-30", "2026-05-04"),
        (&rule(code::CRPA_ACK_ELECTRONIC), "2026-04-30", "2026-05-19"),
        (&rule(code::CRPA_ACK_REGISTRATION), "2026-05-07", "2026-05-11"),
        (&rule(code::CRPA_ACK_ELECTRONIC), "2026-05-07", "2026-05-26"),
        (&rule(code::CRPA_ACK_ELECTRONIC), "2026-03-27", "2026-04-13"),
        (&rule(code::CRPA_ACK_ELECTRONIC), "2025-12-18", "2026-01-05"),
        (&rule(code::CRPA_ACK_ELECTRONIC), "2026-12-23", "2027-01-08"),
        // (g) administrative document.
        (&rule(code::CADA_SILENCE), "2026-01-30", "2026-02-28"),
        // (h) forwarded: the refusal from the first administration, the acceptance from the competent one.
        (&rule(code::CRPA_SILENCE), "2026-01-12", "2026-03-12"),
        (&rule(code::CRPA_SILENCE), "2026-01-27", "2026-03-27"),
        (&rule(code::CRPA_SILENCE), "2027-12-31", "2028-02-29"),
        // Personal data, then prolonged by two months.
        (&rule(code::GDPR_ACCESS), "2026-01-31", "2026-02-28"),
        (&DelayRule { length: Length::Months(3), ..rule(code::GDPR_ACCESS) }, "2026-01-31", "2026-04-30"),
    ] {
        assert_eq!(rule.due_on(day(start), &metropole()), Some(day(due)), "{} from {start}", rule.code);
    }
}

/// (d) and (e): vendredi saint 03/04/2026 and 26/12/2025 are holidays in Alsace-Moselle.
#[test]
fn alsace_moselle_has_two_holidays_more() {
    for (start, due) in [("2026-03-27", "2026-04-14"), ("2025-12-18", "2026-01-06")] {
        let computed =
            rule(code::CRPA_ACK_ELECTRONIC).compute(day(start), &Calendar::of(Zone::AlsaceMoselle)).unwrap();
        assert_eq!(computed.due_on, day(due), "{start}");
    }
}

/// (a): pieces asked for on 02/02/2026 with 15 days, never sent, then sent on 12/02.
#[test]
fn an_incomplete_file_suspends_a_refusal() {
    let due = rule(code::CRPA_SILENCE).due_on(day("2026-01-15"), &metropole()).unwrap();
    for (until, moved) in
        [("2026-02-17", "2026-03-30"), ("2026-02-12", "2026-03-25"), ("2026-02-02", "2026-03-15")]
    {
        assert_eq!(suspended(due, day("2026-02-02"), day(until)), Some(day(moved)), "until {until}");
    }
    assert_eq!(suspended(due, day("2026-02-02"), day("2026-02-01")), None, "ends before it began");
    assert_eq!(suspended(due, due, day("2026-03-20")), Some(day("2026-03-20")), "on the last day");
    assert_eq!(suspended(due, day("2026-03-16"), day("2026-03-20")), None, "begins after the refusal");
    assert_eq!(suspended(NaiveDate::MAX, day("2026-03-16"), day("2026-03-20")), None, "past the end of time");
    assert_eq!(suspended(NaiveDate::MAX, NaiveDate::MIN, NaiveDate::MAX), None);
}

/// Every dated question of the public record that was kept: due date, the same by art. 642, last useful Journal
/// officiel and days late.
#[test]
fn every_dated_real_question_comes_out_exactly() {
    let rows = include_bytes!("../../../feeds/fixtures/assemblee/echeances_reelles.csv");
    let mut checked = 0;
    for row in csv::Reader::from_reader(rows.as_slice()).records() {
        let row = row.unwrap();
        let (house, kind, published, answered) = (&row[1], &row[3], &row[7], &row[11]);
        let (due, moved, issue, late) = (&row[14], &row[15], &row[16], &row[19]);
        if kind != "QE" {
            assert!(due.is_empty() && moved.is_empty() && issue.is_empty(), "{row:?}");
            continue;
        }
        let (rule, by_642) = match house {
            "AN" => (rule(code::AN_QE), by_642(code::AN_QE)),
            "SENAT" => (rule(code::SENAT_QE), by_642(code::SENAT_QE)),
            other => panic!("unknown assembly {other}"),
        };
        let computed = rule.compute(day(published), &metropole()).unwrap();
        assert_eq!(computed.due_on, day(due), "{row:?}");
        assert_eq!(last_issue(&computed), day(issue), "{row:?}");
        // The column moves over no holiday before 2006, where the public calendar begins; 15/08/1989 was one.
        let moved = if &row[0] == "SEQ890605198" { "1989-08-16" } else { moved };
        assert_eq!(by_642.due_on(day(published), &metropole()), Some(day(moved)), "{row:?}");
        if !late.is_empty() {
            let days = (day(answered) - computed.due_on).num_days().max(0);
            assert_eq!(days.to_string(), late, "{row:?}");
        }
        checked += 1;
    }
    assert_eq!(checked, 387);
}

#[test]
fn every_real_signalling_comes_out_exactly() {
    let rows = include_bytes!("../../../feeds/fixtures/assemblee/signalements_reels.csv");
    let mut checked = 0;
    for row in csv::Reader::from_reader(rows.as_slice()).records() {
        let row = row.unwrap();
        let (signalled, limit, answered, late) = (day(&row[1]), day(&row[4]), &row[7], &row[8]);
        assert_eq!(rule(code::AN_QE_SIGNALLED).due_on(signalled, &metropole()), Some(limit), "{row:?}");
        assert_eq!((signalled.weekday(), limit.weekday()), (Weekday::Mon, Weekday::Thu), "{row:?}");
        if !late.is_empty() {
            assert_eq!((day(answered) - limit).num_days().to_string(), late, "{row:?}");
        }
        checked += 1;
    }
    assert_eq!(checked, 4);
}

#[test]
fn the_rules_are_listed_once_each_in_order() {
    let rules = Rules::seed();
    let codes: Vec<_> = rules.newest().map(|rule| rule.code.as_str()).collect();
    assert_eq!(
        codes[..19],
        [
            "an-qe",
            "senat-qe",
            "an-qe-signalled",
            "qe-internal",
            "qo-brief",
            "qg-brief",
            "crpa-silence",
            "crpa-acceptance",
            "petition-internal",
            "crpa-ack-registration",
            "crpa-ack-electronic",
            "sp-ack-electronic",
            "sp-ack-paper",
            "crpa-redirect",
            "cada-silence",
            "gdpr-access",
            "member-letter",
            "mail",
            "mail-urgent",
        ]
    );
    // Then a rule for each milestone of each plan.
    let stages = Plan::VARIANTS.iter().flat_map(|plan| Milestone::VARIANTS.iter().map(|one| plan.rule(*one)));
    let stages: std::collections::BTreeSet<_> = stages.flatten().collect();
    assert_eq!(
        codes[19..].iter().map(|code| (*code).to_owned()).collect::<std::collections::BTreeSet<_>>(),
        stages
    );
    for rule in rules.newest() {
        assert_eq!(rules.versions(&rule.code).count(), 1, "{}", rule.code);
        assert_eq!(rule.rollover, Rollover::Keep, "{}", rule.code);
        assert_eq!(rule.purpose == Purpose::Stage, rule.start == StartEvent::Term, "{}", rule.code);
        // What a text sets is stopped only by a text.
        let stops = rule.clock == Clock::Legal && rule.suspendable;
        assert_eq!(stops, rule.code == code::CRPA_SILENCE, "{}", rule.code);
    }
    assert_eq!(rules.latest("unknown"), None);
}

#[test]
fn a_delay_past_the_end_of_time_is_no_date() {
    let endless = |length| DelayRule { length, ..rule(code::MAIL) };
    for rule in Rules::seed().newest().filter(|rule| rule.length.count() > 0) {
        for zone in Zone::VARIANTS {
            let end = if rule.start.counts_back() { NaiveDate::MIN } else { NaiveDate::MAX };
            assert_eq!(rule.compute(end, &Calendar::of(*zone)), None, "{}", rule.code);
        }
        for before in 0..120 {
            let _ = rule.compute(NaiveDate::MAX - Days::new(before), &metropole());
            let _ = rule.compute(NaiveDate::MIN + Days::new(before), &metropole());
        }
    }
    for length in [Length::Days(u32::MAX), Length::WorkingDays(u32::MAX), Length::Months(u32::MAX)] {
        assert_eq!(endless(length).due_on(day("2026-11-22"), &metropole()), None, "{length:?}");
    }
    assert!(endless(Length::WorkingDays(10_000)).due_on(day("2026-11-22"), &metropole()).is_some());
    assert_eq!(endless(Length::WorkingDays(10_001)).due_on(day("2026-11-22"), &metropole()), None);
}

#[test]
fn a_written_question_says_the_month_the_sunday_kept_and_the_journal_officiel() {
    assert_eq!(
        explanation(&rule(code::AN_QE), "2022-09-06", METROPOLE),
        [
            "Réponse à une question écrite de l’Assemblée nationale. Délai légal : Règlement de l’Assemblée nationale, \
             art. 135, al. 6.",
            "Point de départ : publication de la question au Journal officiel, le mardi 06/09/2022.",
            "Durée de deux mois : même quantième, soit le dimanche 06/11/2022.",
            "Le dernier jour, dimanche 06/11/2022, n’est pas ouvré : le délai n’est pas reporté (l’article 642 du code \
             de procédure civile ne vise que les actes de procédure).",
            "Dernier Journal officiel utile pour les questions de l’Assemblée nationale : mardi 01/11/2022.",
            "Faute de réponse dans le délai : la question figure sur la liste de rappel, au Journal officiel du mardi \
             08/11/2022.",
            "Échéance : dimanche 06/11/2022 inclus.",
        ]
    );
}

#[test]
fn an_electronic_request_names_each_day_passed_over() {
    assert_eq!(
        explanation(&rule(code::CRPA_ACK_ELECTRONIC), "2026-04-30", METROPOLE),
        [
            "Accusé de réception d’une demande électronique. Délai légal : Code des relations entre le public et \
             l’administration, art. L112-11, R112-11-1 et R112-11-2.",
            "Point de départ : réception de la demande par l’administration compétente, le jeudi 30/04/2026.",
            "Durée de dix jours ouvrés (du lundi au vendredi, hors jours fériés), à partir du lendemain.",
            "Vendredi 01/05/2026, férié en métropole (1er mai) : non ouvré.",
            "Samedi 2 et dimanche 3 mai 2026 : fin de semaine, non ouvrés.",
            "Vendredi 08/05/2026, férié en métropole (8 mai) : non ouvré.",
            "Samedi 9 et dimanche 10 mai 2026 : fin de semaine, non ouvrés.",
            "Jeudi 14/05/2026, férié en métropole (Ascension) : non ouvré.",
            "Samedi 16 et dimanche 17 mai 2026 : fin de semaine, non ouvrés.",
            "Échéance : mardi 19/05/2026 inclus.",
        ]
    );
}

#[test]
fn a_delay_moved_by_article_642_says_over_what() {
    assert_eq!(
        explanation(&DelayRule { gazette: None, ..by_642(code::AN_QE) }, "2026-08-31", METROPOLE)[2..],
        [
            "Durée de deux mois : même quantième, soit le samedi 31/10/2026.",
            "Samedi 31 octobre et dimanche 1er novembre 2026 : fin de semaine, non ouvrés.",
            "Le dernier jour, samedi 31/10/2026, n’est pas ouvré : le délai est reporté au premier jour ouvrable \
             suivant, lundi 02/11/2026 (code de procédure civile, art. 642).",
            "Échéance : lundi 02/11/2026 inclus.",
        ]
    );
}

#[test]
fn the_other_sentences() {
    for (rule, start, zone, sentence) in [
        (
            &rule(code::AN_QE),
            "2025-12-30",
            METROPOLE,
            "Durée de deux mois : février 2026 n’a pas de 30, d’où le dernier jour du mois, soit le samedi 28/02/2026.",
        ),
        (
            &rule(code::AN_QE_SIGNALLED),
            "2012-01-23",
            METROPOLE,
            "Durée de dix jours, à partir du lendemain, tous les jours comptant : jusqu’au jeudi 02/02/2012.",
        ),
        (
            &rule(code::CRPA_ACK_REGISTRATION),
            "2026-11-20",
            METROPOLE,
            "Durée d’un jour ouvré (du lundi au vendredi, hors jours fériés), à partir du lendemain.",
        ),
        (
            &rule(code::CRPA_ACK_REGISTRATION),
            "2026-11-21",
            METROPOLE,
            "Dimanche 22 novembre 2026 : fin de semaine, non ouvré.",
        ),
        (
            &rule(code::CRPA_ACK_REGISTRATION),
            "2022-12-30",
            METROPOLE,
            "Samedi 31 décembre 2022 et dimanche 1er janvier 2023 : fin de semaine, non ouvrés.",
        ),
        (
            &rule(code::CRPA_ACK_ELECTRONIC),
            "2026-03-27",
            Zone::AlsaceMoselle,
            "Vendredi 03/04/2026, férié en Alsace-Moselle (Vendredi saint) : non ouvré.",
        ),
        (
            &rule(code::CRPA_ACK_ELECTRONIC),
            "2026-03-27",
            METROPOLE,
            "Samedi 4 et dimanche 5 avril 2026 : fin de semaine, non ouvrés.",
        ),
        (
            &rule(code::CRPA_ACK_ELECTRONIC),
            "2026-03-27",
            METROPOLE,
            "Lundi 06/04/2026, férié en métropole (Lundi de Pâques) : non ouvré.",
        ),
        (
            &rule(code::CRPA_SILENCE),
            "2026-03-14",
            METROPOLE,
            "Le dernier jour, jeudi 14/05/2026, férié en métropole (Ascension), n’est pas ouvré : le délai n’est pas \
             reporté (l’article 642 du code de procédure civile ne vise que les actes de procédure).",
        ),
        (
            &rule(code::SENAT_QE),
            "2026-02-26",
            METROPOLE,
            "Dernier Journal officiel utile pour les questions du Sénat : jeudi 23/04/2026.",
        ),
        (
            &rule(code::SENAT_QE),
            "2026-02-26",
            METROPOLE,
            "Faute de réponse dans le délai : à partir du lundi 27/04/2026, la question est convertie en question \
             orale si l’auteur le demande (Règlement du Sénat, art. 75-3).",
        ),
        (
            &rule(code::MEMBER_LETTER),
            "2026-11-20",
            METROPOLE,
            "Durée d’un mois : même quantième, soit le dimanche 20/12/2026.",
        ),
    ] {
        let sentences = explanation(rule, start, zone);
        assert!(sentences.iter().any(|line| line == sentence), "{sentence}\nnot in {sentences:#?}");
    }
}

#[test]
fn a_question_of_the_assembly_knows_its_journal_officiel() {
    let computed = rule(code::AN_QE).compute(day("2026-09-15"), &metropole()).unwrap();
    assert_eq!(last_issue(&computed), day("2026-11-10"));
    assert!(computed.steps.contains(&Step::ReminderList { on: day("2026-11-17") }));
}

fn any_length() -> impl Strategy<Value = Length> {
    prop_oneof![
        (0_u32..400).prop_map(Length::Days),
        (0_u32..200).prop_map(Length::WorkingDays),
        (0_u32..80).prop_map(Length::Months),
    ]
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0_u64..110_000).prop_map(|offset| day("1900-01-01") + Days::new(offset))
}

fn any_rule() -> impl Strategy<Value = DelayRule> {
    proptest::sample::select(Rules::seed().newest().cloned().collect::<Vec<_>>())
}

fn any_zone() -> impl Strategy<Value = Zone> {
    proptest::sample::select(Zone::VARIANTS)
}

proptest! {
    /// Two months after a Tuesday is never a Tuesday: the last useful Journal officiel is that of J+56, the first
    /// reminder that of J+63.
    #[test]
    fn the_due_date_of_a_tuesday_is_59_to_62_days_later_and_no_tuesday(week in 0_u64..1_600) {
        let tuesday = day("2000-01-04") + Days::new(7 * week);
        prop_assert_eq!(tuesday.weekday(), Weekday::Tue);
        let computed = rule(code::AN_QE).compute(tuesday, &metropole()).unwrap();
        prop_assert_ne!(computed.due_on.weekday(), Weekday::Tue);
        prop_assert!((59..=62).contains(&(computed.due_on - tuesday).num_days()));
        prop_assert_eq!(last_issue(&computed), tuesday + Days::new(56));
        let reminder = Step::ReminderList { on: tuesday + Days::new(63) };
        prop_assert!(computed.steps.contains(&reminder));
    }

    #[test]
    fn a_thursday_of_the_senate_has_its_last_issue_eight_weeks_later(week in 0_u64..1_600) {
        let thursday = day("2000-01-06") + Days::new(7 * week);
        let computed = rule(code::SENAT_QE).compute(thursday, &metropole()).unwrap();
        prop_assert_eq!(last_issue(&computed), thursday + Days::new(56));
        let conversion = Step::Conversion { from: computed.due_on + Days::new(1) };
        prop_assert!(computed.steps.contains(&conversion));
    }

    /// The date is never before the start, and the last step names it.
    #[test]
    fn the_last_step_names_the_due_date(
        start in any_day(), length in any_length(), zone in any_zone(), moved: bool,
    ) {
        let rollover = if moved { Rollover::NextWorkingDay } else { Rollover::Keep };
        let rule = DelayRule { length, rollover, ..rule(code::MAIL) };
        let computed = rule.compute(start, &Calendar::of(zone)).unwrap();
        prop_assert!(computed.due_on >= start);
        prop_assert_eq!(computed.steps.last(), Some(&Step::Due { on: computed.due_on }));
        let last = computed.explanation().last().unwrap();
        prop_assert!(last.contains(&computed.due_on.format("%d/%m/%Y").to_string()), "{}", last);
        if moved {
            prop_assert!(Calendar::of(zone).is_working_day(computed.due_on));
        }
    }

    /// As many working days as the rule says in (start, due], due among them; and every other day is told.
    #[test]
    fn working_days_are_counted_and_the_others_told(start in any_day(), days in 1_u32..200, zone in any_zone()) {
        let calendar = Calendar::of(zone);
        let rule = DelayRule { length: Length::WorkingDays(days), ..rule(code::MAIL) };
        let computed = rule.compute(start, &Calendar::of(zone)).unwrap();
        let after = || start.iter_days().skip(1).take_while(|day| *day <= computed.due_on);
        prop_assert!(Calendar::of(zone).is_working_day(computed.due_on));
        prop_assert_eq!(u32::try_from(after().filter(|day| calendar.is_working_day(*day)).count()).unwrap(), days);
        let told: Vec<NaiveDate> = computed
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Skipped { first, last, .. } => Some((*first, *last)),
                _ => None,
            })
            .flat_map(|(first, last)| first.iter_days().take_while(move |day| *day <= last))
            .collect();
        let off: Vec<NaiveDate> = after().filter(|day| !calendar.is_working_day(*day)).collect();
        prop_assert_eq!(told, off);
    }

    /// Sentences are those of a printed page: capital first, full stop last, no ordinary space before « : ».
    #[test]
    fn sentences_are_well_formed(start in any_day(), rule in any_rule(), zone in any_zone()) {
        for sentence in rule.compute(start, &Calendar::of(zone)).unwrap().explanation() {
            prop_assert!(sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'), "{}", sentence);
            prop_assert!(!sentence.contains(" :") && !sentence.contains('\''), "{}", sentence);
            prop_assert!(!sentence.contains("  ") && !sentence.contains("de un"), "{}", sentence);
        }
    }
}
