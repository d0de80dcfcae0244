//! Who asked a question: one of the members known, or nobody.

use super::{Member, name_key, words};
use crate::ids::MemberId;
use crate::published::{Author, PublishedQuestion};

/// By what the author of a record is looked for: the publisher's reference when there is one, else the name. A reference is
/// in capitals and a name is not, so that one is never taken for the other.
#[must_use]
pub fn author_key(author: &Author) -> Option<String> {
    let name = || match (&author.given_name, &author.family_name) {
        (Some(given), Some(family)) => Some(name_key(given, family)),
        _ => None,
    };
    author.reference.clone().or_else(name).filter(|key| !key.is_empty())
}

/// The member who asked. A reference says it alone. A name does only when exactly one member of that name sat in that house
/// on the day of the publication, for the constituency that is told if one is; of several, the one who was in the group that
/// is told.
#[must_use]
pub fn author(record: &PublishedQuestion, known: &[Member]) -> Option<MemberId> {
    let author = &record.author;
    if let Some(reference) = &author.reference {
        return known.iter().find(|one| one.known.reference.as_ref() == Some(reference)).map(|one| one.id);
    }
    let (key, day) = (author_key(author)?, record.published_on?);
    let sat = |one: &&Member| {
        one.known.name_key() == key
            && one.known.seat(record.identity.house, day).is_some_and(|seat| {
                let places = author.constituency.as_deref().zip(seat.constituency.as_deref());
                places.is_none_or(|(told, held)| words(told) == words(held))
            })
    };
    let sitting: Vec<_> = known.iter().filter(sat).collect();
    let grouped = |one: &&&Member| {
        let group = one.known.group(day).map(|group| words(&group.short));
        group.is_some() && group == author.group.as_deref().map(words)
    };
    match sitting.as_slice() {
        [only] => Some(only.id),
        several => {
            let mut grouped = several.iter().filter(grouped);
            grouped.next().filter(|_| grouped.next().is_none()).map(|one| one.id)
        }
    }
}

/// What is known of an author whose member is known: what the record leaves out comes from the member, as they were on the
/// day of the publication.
#[must_use]
pub fn completed(record: &PublishedQuestion, member: &Member) -> Author {
    let (told, known) = (record.author.clone(), &member.known);
    let (given_name, family_name) = match (told.given_name, told.family_name) {
        (None, None) => (Some(known.given_name.clone()), Some(known.family_name.clone())),
        said => said,
    };
    let seat = record.published_on.and_then(|day| known.seat(record.identity.house, day));
    let group = record.published_on.and_then(|day| known.group(day));
    Author {
        reference: told.reference.or_else(|| known.reference.clone()),
        civility: told.civility.or_else(|| known.civility.clone()),
        given_name,
        family_name,
        group: told.group.or_else(|| group.map(|group| group.short.clone())),
        constituency: told.constituency.or_else(|| seat?.constituency.clone()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::House;
    use crate::member::{Mandate, Membership, PublishedMember};

    fn member(id: u128, house: House, place: &str, group: &str) -> Member {
        let seat = Mandate {
            from: "2020-10-01".parse().ok(),
            house,
            legislature: None,
            constituency: Some(place.to_owned()),
            to: None,
        };
        let group = Membership {
            from: "2020-10-01".parse().ok(),
            short: group.to_owned(),
            name: group.to_owned(),
            to: None,
        };
        let known = PublishedMember {
            reference: Some(format!("PA{id}")),
            given_name: "Raphaël".to_owned(),
            family_name: "Daubet".to_owned(),
            mandates: vec![seat],
            groups: vec![group],
            ..PublishedMember::default()
        };
        Member { id: MemberId(Uuid::from_u128(id)), known }
    }

    fn question(name: &str, on: &str, author: Author) -> PublishedQuestion {
        let bare = PublishedQuestion::bare(name.parse().unwrap(), name.to_owned());
        PublishedQuestion { published_on: on.parse().ok(), author, ..bare }
    }

    fn named() -> Author {
        Author {
            given_name: Some("Raphaël".to_owned()),
            family_name: Some("DAUBET".to_owned()),
            ..Author::default()
        }
    }

    #[test]
    fn a_name_is_enough_when_exactly_one_of_that_name_sat_there_that_day() {
        let lot = member(1, House::Senate, "Lot", "RDSE");
        let asked =
            |on: &str, author| author_of("SENAT-2025-QE-5028", on, author, std::slice::from_ref(&lot));
        assert_eq!(asked("2025-06-12", named()), Some(lot.id));
        assert_eq!(asked("2016-03-03", named()), None, "not yet a senator");
        assert_eq!(asked("", named()), None, "nobody knows when");
        let of = |place: &str| Author { constituency: Some(place.to_owned()), ..named() };
        assert_eq!(asked("2025-06-12", of("LOT")), Some(lot.id));
        assert_eq!(asked("2025-06-12", of("Gers")), None, "a homonym whom we do not know");
        assert_eq!(author_of("AN-17-QE-1", "2025-06-12", named(), &[lot]), None, "another house");
    }

    #[test]
    fn homonyms_are_told_apart_by_what_is_told_or_not_at_all() {
        let both = [member(1, House::Senate, "Lot", "RDSE"), member(2, House::Senate, "Lot", "SER")];
        let asked = |author| author_of("SENAT-2025-QE-5028", "2025-06-12", author, &both);
        assert_eq!(asked(named()), None);
        assert_eq!(asked(Author { group: Some("SER".to_owned()), ..named() }), Some(both[1].id));
        assert_eq!(asked(Author { group: Some("UC".to_owned()), ..named() }), None);
    }

    #[test]
    fn a_reference_says_it_alone() {
        let both = [member(1, House::Senate, "Lot", "RDSE"), member(2, House::Assembly, "Lot (1)", "SOC")];
        let of = |reference: &str| Author { reference: Some(reference.to_owned()), ..named() };
        assert_eq!(author_of("AN-17-QE-1", "", of("PA2"), &both), Some(both[1].id));
        assert_eq!(
            author_of("AN-17-QE-1", "2025-06-12", of("PA3"), &both),
            None,
            "the name is not tried then"
        );
    }

    #[test]
    fn what_the_record_leaves_out_comes_from_the_member() {
        let member = member(1, House::Assembly, "Lot (1)", "SOC");
        let bare =
            Author { reference: Some("PA1".to_owned()), group: Some("NI".to_owned()), ..Author::default() };
        let author = completed(&question("AN-17-QE-1", "2025-06-12", bare), &member);
        assert_eq!(author.name().as_deref(), Some("Raphaël Daubet"));
        assert_eq!(author.group.as_deref(), Some("NI"), "what is told holds");
        assert_eq!(author.constituency.as_deref(), Some("Lot (1)"));
    }

    fn author_of(name: &str, on: &str, by: Author, known: &[Member]) -> Option<MemberId> {
        author(&question(name, on, by), known)
    }
}
