//! The filters of the list, as they stand in its address: each list has one, which can be kept and sent.

use chrono::{NaiveDate, SecondsFormat};
use pli_app::{Late, List, Position};
use pli_domain::deadline::{AgeClass, Timeliness};
use pli_domain::delay::Clock;
use pli_domain::dossier::{Kind, Stage};
use pli_domain::identity::{House, QuestionType};
use pli_domain::ids::UnitId;
use pli_domain::organisation::Organisation;
use pli_domain::time::Timestamp;

use crate::columns::Column;
use crate::fields::Fields;
use crate::form::{Choice, Units};

/// Which dossiers, what of them, and from where on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filters {
    /// Which.
    pub(crate) list: List,
    /// The columns that were chosen; the usual ones when there are none.
    pub(crate) columns: Vec<Column>,
    /// After this one.
    pub(crate) after: Option<Position>,
}

/// The words of the state in the address.
pub(crate) const STATES: [(&str, &str, Option<bool>); 3] =
    [("ouverts", "Ouverts", Some(true)), ("clos", "Clos", Some(false)), ("tous", "Tous", None)];

/// The words of an answer in the address.
pub(crate) const ANSWERS: [(&str, Timeliness, &str); 2] =
    [("dans-le-delai", Timeliness::InTime, "Dans le délai"), ("en-retard", Timeliness::Late, "En retard")];

/// The words of the kind in the address.
pub(crate) const KINDS: [(&str, Kind); 2] = [("courrier", Kind::Mail), ("question", Kind::Question)];

/// The words of the clock in the address.
pub(crate) const CLOCKS: [(&str, Clock, &str); 2] =
    [("legal", Clock::Legal, "Délai légal"), ("interne", Clock::Internal, "Délai interne")];

/// The words of the house in the address.
pub(crate) const HOUSES: [(&str, House); 2] = [("an", House::Assembly), ("senat", House::Senate)];

/// In the address, the group that is not known.
const NO_GROUP: &str = "-";

impl Filters {
    /// The filters of a list, without what contradicts itself: what is late, at risk or to be acknowledged is open, what was
    /// answered is closed, a stage says by itself which it is, and what no unit leads is not led by one. What was late on a
    /// past day may be either by now.
    pub(crate) fn of(mut list: List) -> Self {
        if let Some(stage) = list.stage {
            list.open = Some(stage.is_open());
        }
        if list.answered.is_some() || list.closed.is_some() || list.unanswered {
            list.open = Some(false);
        }
        if list.of_open() {
            list.open = Some(true);
        }
        if list.unrouted {
            list.unit = None;
        }
        list.words = list.words.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty());
        Self { list, columns: Vec::new(), after: None }
    }

    /// Reads the address of a list, which is of what is open unless it says something else.
    pub(crate) fn parse(query: &str, organisation: &Organisation) -> Option<Self> {
        Self::read(query, Some(true), organisation)
    }

    /// Reads an address; `None` when a word of it is none of ours. What is empty narrows nothing; `unsaid` is the state
    /// that goes without saying.
    pub(crate) fn read(query: &str, unsaid: Option<bool>, organisation: &Organisation) -> Option<Self> {
        let fields = Fields::parse(query.as_bytes());
        let as_of = Some(fields.text("jour")).filter(|day| !day.is_empty());
        let as_of: Option<NaiveDate> = as_of.map(str::parse).transpose().ok()?;
        let mut list = List { open: usual_state(unsaid, as_of), as_of, ..List::default() };
        let mut after = None;
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            match name {
                "etat" => list.open = STATES.iter().find(|(code, ..)| *code == value)?.2,
                "type" => list.kind = Some(KINDS.iter().find(|(code, _)| *code == value)?.1),
                "etape" => list.stage = Some(value.parse().ok()?),
                "service" => list.unit = Some(organisation.by_code(value)?.id),
                "sans-service" => list.unrouted = value == "1",
                "horloge" => list.clock = Some(CLOCKS.iter().find(|(code, ..)| *code == value)?.1),
                "retard" => list.late = Some(late(value)?),
                "risque" => list.at_risk = value == "1",
                "accuse" => list.to_acknowledge = value == "1",
                "report" => list.to_decide = value == "1",
                "refuse" => list.declined = value == "1",
                "signale" => list.signalled = value == "1",
                "reserve" => list.reserved = value == "1",
                "presente" => list.presented = value == "1",
                "depuis" => list.since = Some(Timestamp::new(value.parse().ok()?)),
                "echeance" => list.due = Some(days(value)?),
                "seance" => list.sitting = Some(days(value)?),
                "import" => list.import = Some(value.parse().ok()?),
                "changement" => list.government = Some(value.parse().ok()?),
                "relance" => list.message = Some(value.parse().ok()?),
                "recu" => list.year = Some(value.parse().ok()?),
                "repondu" => list.answered = Some(ANSWERS.iter().find(|(code, ..)| *code == value)?.1),
                "sans-reponse" => list.unanswered = value == "1",
                "publie" => list.received = Some(days(value)?),
                "assemblee" => list.asked.house = Some(HOUSES.iter().find(|(code, _)| *code == value)?.1),
                "nature" => list.asked.kind = Some(nature(value)?),
                "groupe" => list.asked.group = Some(group(value)),
                "elu" => list.member = Some(value.parse().ok()?),
                "clos" => list.closed = Some(days(value)?),
                "q" => list.words = Some(value.to_owned()),
                "apres" => after = Some(position(value)?),
                _ => {}
            }
        }
        Some(Self { columns: Column::parse(fields.all("colonnes"))?, after, ..Self::of(list) })
    }

    /// The address of the list.
    pub(crate) fn href(&self, organisation: &Organisation) -> String {
        match self.query(Some(true), organisation) {
            query if query.is_empty() => "/dossiers".to_owned(),
            query => format!("/dossiers?{query}"),
        }
    }

    /// What [`Filters::read`] reads.
    pub(crate) fn query(&self, unsaid: Option<bool>, organisation: &Organisation) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let list = &self.list;
        let usual = usual_state(unsaid, list.as_of);
        if let Some((state, ..)) = STATES.iter().find(|(_, _, open)| *open == list.open && *open != usual) {
            query.append_pair("etat", state);
        }
        if let Some((kind, _)) = KINDS.iter().find(|(_, kind)| Some(*kind) == list.kind) {
            query.append_pair("type", kind);
        }
        if let Some(stage) = list.stage {
            query.append_pair("etape", &stage.code());
        }
        if let Some(unit) = list.unit.and_then(|unit| organisation.unit(unit)) {
            query.append_pair("service", &unit.code);
        }
        if list.unrouted {
            query.append_pair("sans-service", "1");
        }
        if let Some((clock, ..)) = CLOCKS.iter().find(|(_, clock, _)| Some(*clock) == list.clock) {
            query.append_pair("horloge", clock);
        }
        if let Some(late) = list.late {
            query.append_pair("retard", late_code(late));
        }
        for (name, on) in [
            ("risque", list.at_risk),
            ("accuse", list.to_acknowledge),
            ("report", list.to_decide),
            ("refuse", list.declined),
            ("signale", list.signalled),
            ("reserve", list.reserved),
            ("presente", list.presented),
        ] {
            if on {
                query.append_pair(name, "1");
            }
        }
        if let Some((from, to)) = list.due {
            query.append_pair("echeance", &format!("{from}_{to}"));
        }
        if let Some(since) = list.since {
            query.append_pair("depuis", &since.instant().to_rfc3339_opts(SecondsFormat::Micros, true));
        }
        if let Some((from, to)) = list.sitting {
            query.append_pair("seance", &format!("{from}_{to}"));
        }
        if let Some(run) = list.import {
            query.append_pair("import", &run.to_string());
        }
        if let Some(change) = list.government {
            query.append_pair("changement", &change.to_string());
        }
        if let Some(message) = list.message {
            query.append_pair("relance", &message.to_string());
        }
        if let Some(year) = list.year {
            query.append_pair("recu", &year.to_string());
        }
        if let Some((answered, ..)) = ANSWERS.iter().find(|(_, answered, _)| Some(*answered) == list.answered)
        {
            query.append_pair("repondu", answered);
        }
        if list.unanswered {
            query.append_pair("sans-reponse", "1");
        }
        if let Some((from, to)) = list.received {
            query.append_pair("publie", &format!("{from}_{to}"));
        }
        if let Some((house, _)) = HOUSES.iter().find(|(_, house)| Some(*house) == list.asked.house) {
            query.append_pair("assemblee", house);
        }
        if let Some(kind) = list.asked.kind {
            query.append_pair("nature", kind.code());
        }
        if let Some(group) = &list.asked.group {
            query.append_pair("groupe", if group.is_empty() { NO_GROUP } else { group });
        }
        if let Some(member) = list.member {
            query.append_pair("elu", &member.to_string());
        }
        if let Some((from, to)) = list.closed {
            query.append_pair("clos", &format!("{from}_{to}"));
        }
        if let Some(day) = list.as_of {
            query.append_pair("jour", &day.to_string());
        }
        if let Some(words) = &list.words {
            query.append_pair("q", words);
        }
        if !self.columns.is_empty() {
            let columns: Vec<&str> = self.columns.iter().map(|column| (*column).into()).collect();
            query.append_pair("colonnes", &columns.join(","));
        }
        if let Some(Position { due_on, id }) = self.after {
            query.append_pair("apres", &format!("{due_on}_{id}"));
        }
        query.finish()
    }

    /// The address of the whole list as a file: `dossiers.csv`.
    pub(crate) fn file(&self, name: &str, organisation: &Organisation) -> String {
        self.after(None).href(organisation).replacen("dossiers", name, 1)
    }

    /// The same list after another dossier.
    pub(crate) fn after(&self, position: Option<Position>) -> Self {
        Self { after: position, ..self.clone() }
    }

    /// What a form carries along that changes some of the filters, by their names: all the others.
    pub(crate) fn others(&self, names: &[&str], organisation: &Organisation) -> Fields {
        let all = Fields::parse(self.after(None).query(Some(true), organisation).as_bytes());
        names.iter().fold(all, |fields, name| fields.without(name))
    }

    /// The columns that the list shows.
    pub(crate) fn columns(&self) -> &[Column] {
        if self.columns.is_empty() { &Column::USUAL } else { &self.columns }
    }

    /// Whether it narrows the list of open dossiers.
    pub(crate) fn narrows(&self) -> bool {
        self.list != List { open: Some(true), ..List::default() }
    }
}

pub(crate) fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), chosen }
}

/// The choices of a switch: all, then each.
pub(crate) fn switch(
    all: &str,
    each: impl Iterator<Item = (&'static str, &'static str, bool)>,
) -> Vec<Choice> {
    let mut choices: Vec<Choice> = each.map(|(value, label, chosen)| choice(value, label, chosen)).collect();
    let chosen = choices.iter().all(|choice| !choice.chosen);
    choices.insert(0, choice("", all, chosen));
    choices
}

/// The choices of a clock.
pub(crate) fn clocks(chosen: Option<Clock>) -> Vec<Choice> {
    let each = CLOCKS.iter().map(|(code, clock, label)| (*code, *label, chosen == Some(*clock)));
    switch("Celui du dossier", each)
}

/// The choices of a lead unit.
pub(crate) fn units(chosen: Option<UnitId>, organisation: &Organisation, today: NaiveDate) -> Vec<Choice> {
    let unit = chosen.and_then(|unit| organisation.unit(unit)).map(|unit| unit.code.as_str());
    let mut units = Units::open(organisation, today).choices(&|code| Some(code) == unit);
    if let Some(code) = unit.filter(|_| units.iter().all(|unit| !unit.chosen)) {
        // A unit that takes no work any more may still lead dossiers.
        units.insert(0, choice(code, code, true));
    }
    units.insert(0, choice("", "Tous", unit.is_none()));
    units
}

/// The state that an address means without saying it; of a past day, all that was open then.
fn usual_state(unsaid: Option<bool>, as_of: Option<NaiveDate>) -> Option<bool> {
    if as_of.is_some() { None } else { unsaid }
}

/// The word of a lateness in the address.
pub(crate) fn late_code(late: Late) -> &'static str {
    match late {
        Late::Any => "tous",
        Late::Class(class) => class.into(),
    }
}

fn late(word: &str) -> Option<Late> {
    if word == "tous" { Some(Late::Any) } else { word.parse::<AgeClass>().ok().map(Late::Class) }
}

/// Two days in the address: `2026-12-01_2026-12-31`.
fn days(word: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = word.split_once('_')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

/// The type of a question in the address: `QE`.
fn nature(word: &str) -> Option<QuestionType> {
    QuestionType::ALL.into_iter().find(|kind| kind.code() == word)
}

/// A group in the address.
fn group(word: &str) -> String {
    if word == NO_GROUP { String::new() } else { word.to_owned() }
}

pub(crate) fn position(word: &str) -> Option<Position> {
    let (due_on, id) = word.split_once('_')?;
    Some(Position { due_on: due_on.parse().ok()?, id: id.parse().ok()? })
}

/// The stages of the filter: what is open, then how it closed.
pub(crate) fn stages() -> impl Iterator<Item = Stage> {
    use strum::VariantArray as _;
    let closed = pli_domain::dossier::Outcome::VARIANTS.iter().map(|outcome| Stage::Closed(*outcome));
    Stage::OPEN.into_iter().chain(closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_app::Asked;
    use pli_domain::ids::{DigestId, GovernmentChangeId, MemberId};
    use proptest::prelude::*;
    use proptest::sample::select;
    use strum::VariantArray as _;

    /// What a list asks of dates.
    fn any_due() -> impl Strategy<Value = List> {
        let day = || (0_i64..40_000).prop_map(|days| samples::today() + chrono::TimeDelta::days(days));
        let clock = proptest::option::of(select(Clock::VARIANTS));
        let days = proptest::option::of((day(), day()));
        let message = proptest::option::of(any::<u128>());
        let since = proptest::option::of(0_i64..4_000_000_000_000_000);
        let import = proptest::option::of(1_u32..1_000);
        (clock, any::<[bool; 7]>(), days, message, since, import).prop_map(
            |(clock, yes, due, id, micros, import)| {
                let [at_risk, to_acknowledge, to_decide, declined, signalled, reserved, presented] = yes;
                List {
                    clock,
                    at_risk,
                    to_acknowledge,
                    to_decide,
                    declined,
                    signalled,
                    reserved,
                    presented,
                    due,
                    message: id.map(|id| DigestId(uuid::Uuid::from_u128(id))),
                    import,
                    sitting: due.filter(|_| import.is_some()),
                    government: id.map(|id| GovernmentChangeId(uuid::Uuid::from_u128(id))),
                    since: micros.and_then(chrono::DateTime::from_timestamp_micros).map(Timestamp::new),
                    ..List::default()
                }
            },
        )
    }

    /// What a list asks of the past.
    fn any_past() -> impl Strategy<Value = List> {
        let day = || (0_i64..40_000).prop_map(|days| samples::today() - chrono::TimeDelta::days(days));
        let answered = proptest::option::of(select(Timeliness::VARIANTS));
        let days = proptest::option::of((day(), day()));
        let received = proptest::option::of((day(), day()));
        let asked = (
            proptest::option::of(select(House::VARIANTS)),
            proptest::option::of(select(QuestionType::ALL.as_slice())),
            proptest::option::of("|[A-Z]{2,8}"),
            proptest::option::of(any::<u128>()),
        );
        (answered, days, proptest::option::of(day()), any::<bool>(), received, asked).prop_map(
            |(answered, closed, as_of, unanswered, received, (house, kind, group, member))| List {
                answered,
                closed,
                as_of,
                unanswered,
                received,
                asked: Asked { house, kind, group },
                member: member.map(|id| MemberId(uuid::Uuid::from_u128(id))),
                ..List::default()
            },
        )
    }

    fn any_columns() -> impl Strategy<Value = Vec<Column>> {
        let some = proptest::sample::subsequence(Column::VARIANTS.to_vec(), 0..4);
        some.prop_map(|some| Column::parse(some.iter().map(|column| (*column).into())).unwrap())
    }

    fn any_list() -> impl Strategy<Value = List> {
        let units: Vec<_> = samples::organisation().in_order().into_iter().map(|unit| unit.id).collect();
        let lates: Vec<_> =
            AgeClass::VARIANTS.iter().map(|class| Late::Class(*class)).chain([Late::Any]).collect();
        let option = proptest::option::of::<BoxedStrategy<_>>;
        (
            proptest::option::of(any::<bool>()),
            proptest::option::of(select(Kind::VARIANTS)),
            proptest::option::of(select(stages().collect::<Vec<_>>())),
            proptest::option::of(select(units)),
            any::<bool>(),
            proptest::option::of(select(lates)),
            proptest::option::of(1_000..9_999),
            option(".{0,12}".boxed()),
            (any_due(), any_past()),
        )
            .prop_map(|(open, kind, stage, unit, unrouted, late, year, words, (due, past))| List {
                open,
                kind,
                stage,
                unit,
                unrouted,
                late,
                year,
                words,
                answered: past.answered,
                closed: past.closed,
                as_of: past.as_of,
                unanswered: past.unanswered,
                received: past.received,
                asked: past.asked,
                member: past.member,
                ..due
            })
    }

    proptest! {
        /// An address gives back the list that it was made of, from any place on.
        #[test]
        fn an_address_gives_its_list_back(
            list in any_list(), columns in any_columns(), days in 0_u64..3_000_000, id in any::<u128>(), on: bool,
        ) {
            let organisation = samples::organisation();
            let due_on = samples::today() + chrono::Days::new(days);
            let position = Position { due_on, id: samples::dossier(id) };
            let filters = Filters { columns, after: on.then_some(position), ..Filters::of(list) };
            let href = filters.href(&organisation);
            let query = href.strip_prefix("/dossiers").unwrap().trim_start_matches('?');
            prop_assert!(href.is_ascii() && !href.contains(['"', '<', '>', ' ']));
            prop_assert_eq!(Filters::parse(query, &organisation), Some(filters.clone()));
            let searched = Filters::read(&filters.query(None, &organisation), None, &organisation);
            prop_assert_eq!(searched, Some(filters));
        }
    }

    #[test]
    fn the_form_sends_empty_fields_and_these_narrow_nothing() {
        let organisation = samples::organisation();
        let parse = |query| Filters::parse(query, &organisation);
        let all = parse("").unwrap();
        assert_eq!(parse("etat=ouverts&type=&etape=&service=&retard=&q=+"), Some(all.clone()));
        assert!(!all.narrows());
        assert_eq!(all.href(&organisation), "/dossiers");
        assert_eq!(
            parse("service=DACS&retard=up_to15").unwrap().href(&organisation),
            "/dossiers?service=DACS&retard=up_to15"
        );
        for wrong in [
            "etat=x",
            "type=x",
            "etape=x",
            "service=x",
            "retard=x",
            "recu=x",
            "apres=x",
            "apres=2026-01-01_x",
            "repondu=x",
            "elu=x",
            "clos=2026-01-01",
            "jour=hier",
            "colonnes=x",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
