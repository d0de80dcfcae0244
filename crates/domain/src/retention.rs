//! How long closed dossiers are kept, and what becomes of them then: the table of retention (tableau de gestion).
//!
//! The administrative life of a dossier (durée d'utilité administrative) is counted in months from its closing. What a
//! ministry receives and writes are public archives (Code du patrimoine, art. L211-1, L211-4): they are taken out with the
//! archives' visa only (art. L212-2, L212-3, R212-14), by a list, never one by one.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::actor::Actor;
use crate::dossier::{Body, Category, Dossier, Outcome, Stage};
use crate::organisation::Organisation;
use crate::refusal::Refusal;
use crate::settings;

/// What the table tells apart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Class {
    /// A parliamentary question.
    Question,
    /// A deputy's or senator's letter.
    MemberLetter,
    /// A private person's request.
    Petition,
    /// Any other letter.
    Ordinary,
    /// A letter registered twice, or by mistake.
    Void,
    /// No dossier: the journal of accesses, and the openings of reserved dossiers.
    Access,
}

/// What becomes of what has reached its end (sort final).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Fate {
    /// C: it goes to the archives.
    Keep,
    /// D: it is taken out.
    Destroy,
    /// T: one in twenty goes to the archives, with whatever somebody picks; the others are taken out.
    Sort,
}

/// A line of the table. It is never edited: a newer version takes its place, and lists that were made keep the one that they
/// were made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionRule {
    /// Of what.
    pub class: Class,
    /// From 1; the newest is in force.
    pub version: u32,
    /// For how many months from the closing; 1 to [`LONGEST`].
    pub months: u32,
    /// What becomes of it then.
    pub fate: Fate,
    /// The text that says so.
    pub source: String,
}

/// What is asked of a line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRetention {
    /// The version that was seen: the one in force.
    pub seen: u32,
    /// For how many months from the closing.
    pub months: u32,
    /// What becomes of it then.
    pub fate: Fate,
    /// The text that says so.
    pub source: String,
}

/// What stands in the place of the subject of a dossier whose words are taken out.
pub const ELIMINATED_SUBJECT: &str = "Dossier éliminé";

/// What stands in the place of its sender.
pub const ELIMINATED_SENDER: &str = "Expéditeur effacé";

/// The shortest and the longest that traces of accesses are kept, in months (CNIL, délibération n° 2021-122).
pub const LEAST_TRACES: u32 = 6;
const MOST_TRACES: u32 = 12;

/// A century, in months: what is kept longer is kept for good.
pub const LONGEST: u32 = 1200;

/// What « Réponses » keeps questions for, in months; the default of the others too until the archives have agreed.
const DEFAULT: u32 = 63;

impl Class {
    /// As what a dossier waits for its end; `None` while it is open or held back, and once it is eliminated.
    #[must_use]
    pub fn awaiting(dossier: &Dossier) -> Option<Self> {
        let waits = !dossier.stage.is_open() && !dossier.frozen && dossier.eliminated_on.is_none();
        waits.then(|| Self::of(dossier))
    }

    /// What a dossier is for the table.
    #[must_use]
    pub fn of(dossier: &Dossier) -> Self {
        match (&dossier.body, dossier.stage) {
            (Body::Question(_), _) => Self::Question,
            (_, Stage::Closed(Outcome::Duplicate | Outcome::Cancelled)) => Self::Void,
            (Body::Mail(mail), _) => match mail.category {
                Category::MemberLetter => Self::MemberLetter,
                Category::Petition => Self::Petition,
                Category::Ordinary => Self::Ordinary,
            },
        }
    }
}

impl RetentionRule {
    /// The table that a new Pli starts with, for the archives to agree with: 63 months as « Réponses » keeps questions;
    /// letters sorted as those of the ministry of 1995–2000 were, one in twenty kept.
    #[must_use]
    pub fn seed() -> Vec<Self> {
        let rule = |class, months, fate, source: &str| Self {
            class,
            version: 1,
            months,
            fate,
            source: source.to_owned(),
        };
        let sampled = "Par défaut, à soumettre aux archives\u{a0}: échantillon d’un dossier sur vingt, comme le courrier de la \
                       Justice de 1995 à 2000";
        vec![
            rule(Class::Question, DEFAULT, Fate::Destroy, "Durée de conservation de « Réponses »"),
            rule(Class::MemberLetter, DEFAULT, Fate::Sort, sampled),
            rule(Class::Petition, DEFAULT, Fate::Sort, sampled),
            rule(Class::Ordinary, DEFAULT, Fate::Sort, sampled),
            rule(Class::Void, 3, Fate::Destroy, "Par défaut, à soumettre aux archives"),
            rule(
                Class::Access,
                MOST_TRACES,
                Fate::Destroy,
                "Recommandation de la CNIL sur la journalisation (2021)",
            ),
        ]
    }

    /// The day on which what closed that day has reached its end: the same day of the month, or its last one.
    #[must_use]
    pub fn ends_on(&self, closed_on: NaiveDate) -> NaiveDate {
        closed_on.checked_add_months(Months::new(self.months)).unwrap_or(NaiveDate::MAX)
    }

    /// The first day of which traces are kept, counted back from the last day that is sealed.
    #[must_use]
    pub fn traces_since(&self, sealed: NaiveDate) -> NaiveDate {
        sealed.checked_sub_months(Months::new(self.months)).unwrap_or(NaiveDate::MIN)
    }

    /// The last closing day of what has reached its end on a day.
    #[must_use]
    pub fn closed_by(&self, today: NaiveDate) -> NaiveDate {
        let back = today.checked_sub_months(Months::new(self.months)).unwrap_or(NaiveDate::MIN);
        let last_of_month = today.succ_opt().is_some_and(|next| next.month() != today.month());
        // What closed on the 29th, 30th or 31st ends on the last day of a shorter month.
        let later = (1..=3).filter_map(|more| back.checked_add_days(Days::new(more)));
        let ended = later.filter(|day| last_of_month && self.ends_on(*day) <= today);
        ended.max().unwrap_or(back)
    }

    /// The version that takes the place of this one; the same when nothing is asked.
    ///
    /// # Errors
    /// To whoever does not administer the whole ministry, then the first thing that is wrong.
    pub fn change(
        &self,
        actor: &Actor,
        organisation: &Organisation,
        new: &NewRetention,
    ) -> Result<Self, Refusal> {
        actor.must_administer_all(organisation)?;
        if new.seen != self.version {
            return RetentionRefusal::RetentionChanged.refuse();
        }
        if new.months == 0 || new.months > LONGEST {
            return RetentionRefusal::MonthsOutOfRange.refuse();
        }
        let traces = (LEAST_TRACES..=MOST_TRACES).contains(&new.months) && new.fate == Fate::Destroy;
        if self.class == Class::Access && !traces {
            return RetentionRefusal::TermOfTraces.refuse();
        }
        let source = settings::name(&new.source, "source")?;
        let kept =
            Self { class: self.class, version: self.version, months: new.months, fate: new.fate, source };
        Ok(if kept == *self { kept } else { Self { version: self.version.saturating_add(1), ..kept } })
    }
}

/// Why something about the end of dossiers is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RetentionRefusal {
    /// A duration of no month, or of more than a century.
    MonthsOutOfRange,
    /// Traces of accesses are kept from 6 to 12 months, then taken out.
    TermOfTraces,
    /// The table says something else since the person saw it.
    RetentionChanged,
    /// The dossier is held back already.
    AlreadyFrozen,
    /// The dossier is not held back.
    NotFrozen,
    /// What is held back is not eliminated.
    Frozen,
    /// The words of the dossier are taken out: nothing more happens to it.
    Eliminated,
    /// Nothing has reached its end.
    NothingDue,
    /// The dossier is not on the list.
    NotOnTheList,
    /// What the table keeps for good goes to the archives.
    KeptForGood,
    /// Nobody lets dossiers go alone.
    SecondPerson,
    /// A first person approves before the second.
    NotReviewed,
    /// The list is approved, carried out, or given up.
    ListDecided,
    /// Nothing of the list goes to the archives that they do not have.
    NothingToReceive,
}

impl RetentionRefusal {
    /// As the outcome of a decision.
    pub(crate) fn refuse<T>(self) -> Result<T, Refusal> {
        Err(Refusal::Retention(self))
    }

    /// The field that it is about, by its name in the API.
    pub(crate) fn field(self) -> Option<&'static str> {
        match self {
            Self::MonthsOutOfRange | Self::TermOfTraces => Some("months"),
            _ => None,
        }
    }

    /// What to tell the person, in French.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::MonthsOutOfRange => "Donnez une durée de 1 à 1\u{a0}200 mois.",
            Self::TermOfTraces => {
                "Les traces d’accès se gardent de 6 à 12\u{a0}mois, puis sont éliminées\u{a0}: donnez une durée entre les deux."
            }
            Self::RetentionChanged => {
                "Le tableau de gestion a changé entre-temps\u{a0}: relisez la ligne, puis recommencez."
            }
            Self::AlreadyFrozen => "Ce dossier est déjà gelé.",
            Self::NotFrozen => "Ce dossier n’est pas gelé.",
            Self::Frozen => "Ce dossier est gelé\u{a0}: il est conservé jusqu’à la levée du gel.",
            Self::NothingDue => {
                "Aucun dossier de cette catégorie n’est échu, ou tous sont déjà sur une liste."
            }
            Self::NotOnTheList => "Ce dossier n’est plus sur la liste\u{a0}: rechargez la page.",
            Self::KeptForGood => {
                "Le tableau de gestion verse ces dossiers aux archives\u{a0}: retirez-le plutôt de la liste."
            }
            Self::SecondPerson => {
                "La seconde approbation revient à une autre personne que celle qui a proposé la liste et que celle qui l’a \
                 approuvée d’abord."
            }
            Self::NotReviewed => "Une première personne doit d’abord approuver la liste.",
            Self::ListDecided => "Cette liste n’est plus modifiable à ce stade\u{a0}: rechargez la page.",
            Self::NothingToReceive => "Rien de cette liste n’attend d’être pris en charge par les archives.",
            Self::Eliminated => {
                "Ce dossier est éliminé\u{a0}: il n’en reste que la preuve de ce qui a été fait."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Role;
    use crate::samples;
    use crate::settings::SettingsRefusal;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(months: u32) -> RetentionRule {
        let source = "Tableau de gestion".to_owned();
        RetentionRule { class: Class::Petition, version: 1, months, fate: Fate::Sort, source }
    }

    /// The examples of the rules.
    #[test]
    fn a_life_is_counted_from_the_closing() {
        for (closed, months, ended) in [
            ("2017-06-20", 63, "2022-09-20"),
            ("2024-08-31", 60, "2029-08-31"),
            ("2025-11-30", 3, "2026-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
        ] {
            assert_eq!(rule(months).ends_on(day(closed)), day(ended), "{closed} + {months}");
        }
        assert_eq!(rule(3).closed_by(day("2026-02-28")), day("2025-11-30"));
        assert_eq!(rule(3).closed_by(day("2026-02-27")), day("2025-11-27"));
    }

    proptest! {
        /// What the list asks of the database is what the rule says of each dossier.
        #[test]
        fn what_is_due_is_what_has_reached_its_end(
            closed in 0_u64..4_000, after in 0_u64..4_000, months in 1_u32..140,
        ) {
            let closed_on = day("2015-01-01") + Days::new(closed);
            let today = closed_on + Days::new(after);
            let rule = rule(months);
            prop_assert_eq!(closed_on <= rule.closed_by(today), rule.ends_on(closed_on) <= today);
        }
    }

    #[test]
    fn every_class_has_its_line() {
        let seed = RetentionRule::seed();
        let classes: Vec<_> = seed.iter().map(|rule| rule.class).collect();
        assert_eq!(classes, Class::VARIANTS);
        assert!(seed.iter().all(|rule| rule.version == 1 && !rule.source.is_empty()));
    }

    #[test]
    fn traces_are_kept_from_six_to_twelve_months_and_never_for_good() {
        let organisation = samples::organisation();
        let administrator = samples::actor(1, Role::Administrator, organisation.by_code("MJ").unwrap().id);
        let seed = RetentionRule::seed().into_iter().find(|rule| rule.class == Class::Access).unwrap();
        let ask = |months, fate| {
            let new = NewRetention { seen: 1, months, fate, source: "CNIL".to_owned() };
            seed.change(&administrator, &organisation, &new).map(|rule| rule.months)
        };
        assert_eq!((ask(6, Fate::Destroy), ask(12, Fate::Destroy)), (Ok(6), Ok(12)));
        for (months, fate) in [(5, Fate::Destroy), (13, Fate::Destroy), (12, Fate::Keep), (12, Fate::Sort)] {
            assert_eq!(ask(months, fate), RetentionRefusal::TermOfTraces.refuse(), "{months} {fate:?}");
        }
        assert_eq!(seed.traces_since(day("2028-02-29")), day("2027-02-28"));
    }

    #[test]
    fn a_line_is_changed_by_an_administrator_of_the_ministry_who_saw_it() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        let new =
            NewRetention { seen: 1, months: 60, fate: Fate::Keep, source: " Tableau  2027 ".to_owned() };
        let ask = |role, code, new: &NewRetention| {
            rule(63).change(&samples::actor(1, role, unit(code)), &organisation, new)
        };
        let changed = ask(Role::Administrator, "MJ", &new).unwrap();
        assert_eq!((changed.version, changed.months, changed.source.as_str()), (2, 60, "Tableau 2027"));
        let only = Err(Refusal::OnlyFor { role: Role::Administrator });
        assert_eq!(ask(Role::Coordinator, "SG", &new), only);
        assert_eq!(ask(Role::Administrator, "DACS", &new), SettingsRefusal::BeyondReach.refuse());
        let ask = |new: NewRetention| ask(Role::Administrator, "MJ", &new);
        let stale = RetentionRefusal::RetentionChanged.refuse();
        assert_eq!(ask(NewRetention { seen: 2, ..new.clone() }), stale);
        for months in [0, LONGEST + 1] {
            let refused = RetentionRefusal::MonthsOutOfRange.refuse();
            assert_eq!(ask(NewRetention { months, ..new.clone() }), refused);
        }
        let empty = Err(Refusal::Required { field: "source" });
        assert_eq!(ask(NewRetention { source: " ".to_owned(), ..new }), empty);
        let RetentionRule { version, months, fate, source, .. } = rule(63);
        assert_eq!(ask(NewRetention { seen: version, months, fate, source }).unwrap(), rule(63), "the same");
    }
}
