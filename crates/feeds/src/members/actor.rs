//! One JSON file of an `AMO` archive: an actor, or an organ that actors refer to.

use std::collections::HashMap;
use std::io::Read;
use std::ops::ControlFlow;

use pli_domain::identity::House;
use pli_domain::member::{Mandate, Membership, PublishedMember};
use serde::Deserialize;
use serde_json::Value;

use crate::reject::RejectReason;
use crate::source::{Emit, Opened};
use crate::values::{OneOrMany, Text};

/// The largest file that may hold one actor.
const LARGEST_FILE: u64 = 4 << 20;

/// The groups, by their references; of other organs nothing is kept.
pub(super) type Organs = HashMap<String, Group>;

/// A political group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    short: String,
    name: String,
}

/// Reads a file: an actor is handed on, a group is kept.
pub(super) fn read(
    file: Opened<'_>,
    input: &mut dyn Read,
    organs: &mut Organs,
    emit: &mut Emit<'_, PublishedMember>,
) -> ControlFlow<()> {
    if file.size > LARGEST_FILE {
        return emit(Err(RejectReason::TooLarge));
    }
    let mut text = Vec::new();
    if input.take(LARGEST_FILE).read_to_end(&mut text).is_err() {
        return emit(Err(RejectReason::Unreadable));
    }
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => return emit(Err(RejectReason::NotJson { line: error.line() })),
    };
    let unexpected = |error: serde_json::Error| RejectReason::UnexpectedShape { detail: error.to_string() };
    let Value::Object(mut members) = value else {
        return emit(Err(RejectReason::NotAMember));
    };
    if let Some(organ) = members.remove("organe") {
        return match serde_json::from_value::<Organ>(organ) {
            Ok(organ) => {
                organs.extend(organ.group());
                ControlFlow::Continue(())
            }
            Err(error) => emit(Err(unexpected(error))),
        };
    }
    match members.remove("acteur") {
        Some(actor) => emit(
            serde_json::from_value::<Actor>(actor).map_err(unexpected).and_then(|actor| actor.member(organs)),
        ),
        None => emit(Err(RejectReason::NotAMember)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Organ {
    uid: OneOrMany<Text>,
    code_type: OneOrMany<Text>,
    libelle: OneOrMany<Text>,
    libelle_abrege: OneOrMany<Text>,
    libelle_abrev: OneOrMany<Text>,
}

impl Organ {
    fn group(self) -> Option<(String, Group)> {
        let kind = self.code_type.into_text()?;
        if !matches!(kind.as_str(), "GP" | "GROUPESENAT") {
            return None;
        }
        let name = self.libelle.into_text()?;
        let short = self.libelle_abrev.or(self.libelle_abrege).into_text().unwrap_or_else(|| name.clone());
        Some((self.uid.into_text()?, Group { short, name }))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Actor {
    uid: OneOrMany<Text>,
    etat_civil: OneOrMany<CivilStatus>,
    mandats: OneOrMany<Mandates>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CivilStatus {
    ident: OneOrMany<Identity>,
    info_naissance: OneOrMany<Birth>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identity {
    civ: OneOrMany<Text>,
    prenom: OneOrMany<Text>,
    nom: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Birth {
    date_nais: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Mandates {
    mandat: OneOrMany<Mandat>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Mandat {
    type_organe: OneOrMany<Text>,
    legislature: OneOrMany<Text>,
    date_debut: OneOrMany<Text>,
    date_fin: OneOrMany<Text>,
    organes: OneOrMany<References>,
    election: OneOrMany<Election>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct References {
    organe_ref: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Election {
    lieu: OneOrMany<Place>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Place {
    departement: OneOrMany<Text>,
    num_circo: OneOrMany<Text>,
}

impl Actor {
    fn member(self, organs: &Organs) -> Result<PublishedMember, RejectReason> {
        let reference = self.uid.into_text().ok_or(RejectReason::MissingIdentifier)?;
        let status = self.etat_civil.into_one().unwrap_or_default();
        let identity = status.ident.into_one().unwrap_or_default();
        let birth = status.info_naissance.into_one().unwrap_or_default();
        let family_name = identity.nom.into_text().ok_or(RejectReason::NotAMember)?;
        let mut member = PublishedMember {
            reference: Some(reference),
            civility: identity.civ.into_text(),
            given_name: identity.prenom.into_text().unwrap_or_default(),
            family_name,
            born_on: birth.date_nais.into_date()?,
            ..PublishedMember::default()
        };
        for mandat in self.mandats.into_iter().flat_map(|mandates| mandates.mandat) {
            mandat.told(organs, &mut member)?;
        }
        member.mandates.sort();
        member.groups.sort();
        Ok(member)
    }
}

impl Mandat {
    fn told(self, organs: &Organs, member: &mut PublishedMember) -> Result<(), RejectReason> {
        let kind = self.type_organe.into_text().unwrap_or_default();
        let house = match kind.as_str() {
            "ASSEMBLEE" => Some(House::Assembly),
            "SENAT" => Some(House::Senate),
            "GP" | "GROUPESENAT" => None,
            _ => return Ok(()),
        };
        let (from, to) = (self.date_debut.into_date()?, self.date_fin.into_date()?);
        let Some(house) = house else {
            let references = self.organes.into_iter().flat_map(|references| references.organe_ref);
            let groups = references.filter_map(|reference| organs.get(&reference.into_trimmed()));
            member.groups.extend(groups.map(|group| Membership {
                from,
                short: group.short.clone(),
                name: group.name.clone(),
                to,
            }));
            return Ok(());
        };
        let place =
            self.election.into_one().and_then(|election| election.lieu.into_one()).unwrap_or_default();
        let constituency = match (place.departement.into_text(), place.num_circo.into_text()) {
            (Some(place), Some(number)) => Some(format!("{place} ({number})")),
            (place, _) => place,
        };
        let legislature = self.legislature.into_text().and_then(|number| number.parse().ok());
        member.mandates.push(Mandate { from, house, legislature, constituency, to });
        Ok(())
    }
}
