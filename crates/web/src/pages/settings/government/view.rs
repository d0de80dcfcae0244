//! What the page of a change of government shows: its figures, their lists, what was followed.

use pli_app::{Concerned, GovernmentPreview, HeldCount, Page, Sheet};
use pli_domain::government::{Aside, Change, Followed};
use pli_domain::organisation::Organisation;
use strum::VariantArray as _;

use super::super::simulation::carried;
use super::{CHANGE, OTHER, OURS, PATH, SHOWN, address, under};
use crate::failure::Failure;
use crate::fields::Fields;
use crate::session::Session;
use crate::{random, words};

/// A figure of the preview, and the address of its list.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

/// A question. An administrator reads no dossier: what is published is public.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) reference: String,
    /// Whether it is published, and so has a page for everybody.
    pub(super) published: bool,
    pub(super) unit: String,
    pub(super) ministry: String,
    pub(super) since: String,
}

/// A list that is shown by pages.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) caption: String,
    pub(super) rows: Vec<Row>,
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

/// What was found, and the form that makes the change with the very values that were tried.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) tallies: Vec<Tally>,
    pub(super) shown: Option<Shown>,
    /// For what moves; nothing to press when nothing does.
    pub(super) apply: Option<Apply>,
}

#[derive(Debug)]
pub(super) struct Apply {
    pub(super) token: String,
    pub(super) key: String,
    pub(super) button: String,
    pub(super) carried: Vec<(&'static str, String)>,
}

/// A change that was followed.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) href: String,
    pub(super) at: String,
    pub(super) sentence: String,
    pub(super) moved: String,
    /// Where it is asked for again, when it was interrupted.
    pub(super) again: Option<String>,
}

/// « 12 questions déplacées ».
pub(super) fn questions_moved(count: u64) -> String {
    words::counted(count, "question déplacée", "questions déplacées")
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl Trial {
    pub(super) fn new(
        session: &Session,
        mut found: GovernmentPreview,
        asked: &Fields,
    ) -> Result<Self, Failure> {
        let wanted = asked.text("voir");
        let aside = Aside::VARIANTS.iter().copied().find(|why| <&str>::from(*why) == wanted);
        let to = |which: &str| format!("{}&voir={which}", address(asked));
        let moving = found.moves.len();
        let mut tallies = vec![Tally {
            href: to("deplacees"),
            number: words::number(number(moving)),
            words: if moving == 1 { "question se déplacerait" } else { "questions se déplaceraient" }
                .to_owned(),
            chosen: aside.is_none(),
        }];
        tallies.extend(found.aside.iter().map(|(why, left)| Tally {
            href: to((*why).into()),
            number: words::number(number(left.len())),
            words: format!(
                "{}\u{a0}: {}",
                if left.len() == 1 { "laissée" } else { "laissées" },
                reason(*why)
            ),
            chosen: aside == Some(*why),
        }));
        let (caption, list) = match aside {
            None => ("Questions qui se déplaceraient".to_owned(), found.moves),
            Some(why) => (
                format!("Questions laissées\u{a0}: {}", reason(why)),
                found.aside.remove(&why).unwrap_or_default(),
            ),
        };
        let which = aside.map_or("deplacees", <&str>::from);
        let page = asked.text("page").parse().unwrap_or(0);
        let shown = Shown::page(caption, list, page, &to(which), &session.caller.organisation);
        let apply = if moving == 0 {
            None
        } else {
            let button = format!("Déplacer {}", words::counted(number(moving), "question", "questions"));
            let carried = carried(CHANGE, asked);
            Some(Apply { token: session.token(), key: random::key()?, button, carried })
        };
        Ok(Self { tallies, shown, apply })
    }
}

/// Why a question stays, in the words of the page.
fn reason(why: Aside) -> &'static str {
    match why {
        Aside::Signed => "la réponse est signée et paraîtra sous l’ancien nom",
        Aside::TransferPending => "un transfert à un autre ministère est demandé",
        Aside::Later => "l’attribution est postérieure au décret",
    }
}

impl Tally {
    pub(super) fn held(one: HeldCount) -> Self {
        Self {
            href: under(one.ministry.as_deref().unwrap_or_default()),
            number: words::number(one.count),
            words: one.ministry.unwrap_or_else(|| "pas encore publiées".to_owned()),
            chosen: false,
        }
    }
}

impl Shown {
    /// A page of a list that is held whole; none of an empty one.
    pub(super) fn page(
        caption: String,
        list: Vec<Concerned>,
        page: usize,
        href: &str,
        organisation: &Organisation,
    ) -> Option<Self> {
        let start = page.saturating_mul(SHOWN);
        let more = list.len() > start.saturating_add(SHOWN);
        let rows: Vec<_> =
            list.into_iter().skip(start).take(SHOWN).map(|one| Row::new(one, organisation)).collect();
        (!rows.is_empty()).then(|| Self {
            caption,
            rows,
            first: (page > 0).then(|| href.to_owned()),
            next: more.then(|| format!("{href}&page={}", page.saturating_add(1))),
        })
    }

    /// What a change has moved.
    pub(super) fn moved(one: &Followed, page: Page<Sheet>, later: bool, organisation: &Organisation) -> Self {
        let href = format!("{PATH}/{}", one.id);
        let last = page.items.last().filter(|_| page.more).map(|last| pli_app::Position::of(last, None));
        let row = |sheet| Row::new(Concerned::moved(sheet, one), organisation);
        Self {
            caption: "Questions déplacées, dans l’ordre des échéances".to_owned(),
            rows: page.items.into_iter().map(row).collect(),
            first: later.then(|| href.clone()),
            next: last.map(|last| format!("{href}?apres={}_{}", last.due_on, last.id)),
        }
    }
}

impl Row {
    fn new(one: Concerned, organisation: &Organisation) -> Self {
        Self {
            reference: one.reference,
            unit: one.lead.map(|unit| words::unit_code(organisation, unit)).unwrap_or_default(),
            published: one.held.is_some(),
            since: one.held.as_ref().and_then(|held| held.since).map(words::date).unwrap_or_default(),
            ministry: one.held.map(|held| held.ministry).unwrap_or_default(),
        }
    }
}

impl Done {
    pub(super) fn new(one: &Followed, moved: u64, organisation: &Organisation) -> Self {
        let Change { from, to, on, unit } = &one.change;
        let unit = unit.map(|unit| words::unit_code(organisation, unit));
        let asked = Fields::default()
            .with("from", from.as_str())
            .with("destination", if to.is_other() { OTHER } else { OURS })
            .with("to", to.name())
            .with("on", on.to_string())
            .with("unit", unit.clone().unwrap_or_default());
        let whose = unit.map(|unit| format!(" (questions de {unit})")).unwrap_or_default();
        let what = if to.is_other() { "remises à" } else { "portées sous le nom" };
        Self {
            href: format!("{PATH}/{}", one.id),
            at: one.at.french(),
            sentence: format!(
                "«\u{a0}{from}\u{a0}»{whose}, {what} «\u{a0}{}\u{a0}» par le décret du {}",
                to.name(),
                words::date(*on)
            ),
            moved: questions_moved(moved),
            again: one.ended_at.is_none().then(|| address(&asked)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_domain::actor::Role;
    use pli_domain::government::Holding;

    #[test]
    fn each_figure_opens_its_list_and_what_moves_is_confirmed() {
        let session = samples::session(&[(Role::Administrator, "MJ")]);
        let asked = Fields::default()
            .with("from", "Justice")
            .with("destination", OTHER)
            .with("to", "Intérieur")
            .with("on", "2026-03-01");
        let one = |number: usize| Concerned {
            reference: format!("AN-17-QE-{number}"),
            lead: None,
            held: Some(Holding { ministry: "Justice".to_owned(), since: None }),
        };
        let found = || GovernmentPreview {
            moves: (0..101).map(one).collect(),
            aside: [(Aside::Signed, vec![one(900)])].into(),
        };
        let trial = Trial::new(&session, found(), &asked).unwrap();
        let numbers: Vec<_> = trial.tallies.iter().map(|tally| tally.number.as_str()).collect();
        assert_eq!(numbers, ["101", "1"]);
        let shown = trial.shown.unwrap();
        assert_eq!((shown.rows.len(), shown.first), (100, None));
        assert_eq!(trial.apply.unwrap().button, "Déplacer 101\u{a0}questions");
        let opened = |href: &str| {
            let asked = Fields::parse(href.split_once('?').unwrap().1.as_bytes());
            Trial::new(&session, found(), &asked).unwrap().shown.unwrap()
        };
        let last = opened(&shown.next.unwrap());
        assert_eq!((last.rows[0].reference.as_str(), last.rows.len(), last.next), ("AN-17-QE-100", 1, None));
        let left = opened(&trial.tallies[1].href);
        assert_eq!((left.rows[0].reference.as_str(), left.rows.len()), ("AN-17-QE-900", 1));
        let nothing = Trial::new(&session, GovernmentPreview::default(), &asked).unwrap();
        assert!(nothing.apply.is_none() && nothing.shown.is_none());
    }
}
