//! The national directory of the elected: `elus-deputes-dep.csv`, `elus-senateurs-sen.csv`.

use std::io::Read;
use std::ops::ControlFlow;

use csv::StringRecord;
use pli_domain::identity::House;
use pli_domain::member::{Mandate, PublishedMember};
use pli_domain::text::fold;

use crate::bounds::Allowance;
use crate::encoding;
use crate::reject::RejectReason;
use crate::source::Emit;
use crate::values::date;

/// The most that one line may take.
const LARGEST_ROW: u64 = 1 << 20;

const FAMILY_NAME: &str = "nom de l'elu";
const GIVEN_NAME: &str = "prenom de l'elu";
const CONSTITUENCY: &str = "code de la circonscription legislative";

/// Reads the lines of a file.
pub(super) fn read(input: &mut dyn Read, emit: &mut Emit<'_, PublishedMember>) -> ControlFlow<()> {
    let allowance = Allowance::new(LARGEST_ROW);
    let stopped = |allowance: &Allowance| {
        if allowance.is_spent() { RejectReason::TooLarge } else { RejectReason::Unreadable }
    };
    let Ok(text) = encoding::utf8(allowance.bound(input)) else {
        return emit(Err(RejectReason::Unreadable));
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text);
    let header: Vec<_> = match reader.headers() {
        Ok(header) => header.iter().map(|name| fold(name.trim()).replace('’', "'")).collect(),
        Err(_) => return emit(Err(stopped(&allowance))),
    };
    if let Some(column) =
        [FAMILY_NAME, GIVEN_NAME].into_iter().find(|name| !header.iter().any(|own| own == name))
    {
        return emit(Err(RejectReason::MissingColumn { column: column.to_owned() }));
    }
    let mut row = StringRecord::new();
    for line in 2.. {
        allowance.renew();
        match reader.read_record(&mut row) {
            Ok(false) => break,
            Ok(true) => emit(member(&header, &row, line))?,
            Err(_) => return emit(Err(stopped(&allowance))),
        }
    }
    ControlFlow::Continue(())
}

fn member(header: &[String], row: &StringRecord, line: u64) -> Result<PublishedMember, RejectReason> {
    let text = |name: &str| {
        let place = header.iter().position(|own| own == name)?;
        row.get(place).map(str::trim).filter(|text| !text.is_empty())
    };
    let day = |name: &str| text(name).map_or(Ok(None), date);
    let (Some(family_name), Some(given_name)) = (text(FAMILY_NAME), text(GIVEN_NAME)) else {
        return Err(RejectReason::BrokenLine { line });
    };
    let house = if header.iter().any(|own| own == CONSTITUENCY) { House::Assembly } else { House::Senate };
    let department =
        text("libelle du departement").or(text("libelle de la collectivite a statut particulier"));
    // `0101` is the first constituency of the department `01`.
    let number = text(CONSTITUENCY).and_then(|code| code.get(code.len().saturating_sub(2)..));
    let number = number.map(|number| number.trim_start_matches('0')).filter(|number| !number.is_empty());
    let constituency = match (department, number) {
        (Some(place), Some(number)) => Some(format!("{place} ({number})")),
        (place, _) => place.map(str::to_owned),
    };
    let seat =
        Mandate { from: day("date de debut du mandat")?, house, legislature: None, constituency, to: None };
    Ok(PublishedMember {
        reference: None,
        civility: text("code sexe").and_then(|sex| match sex {
            "M" => Some("M.".to_owned()),
            "F" => Some("Mme".to_owned()),
            _ => None,
        }),
        given_name: given_name.to_owned(),
        family_name: written(family_name),
        born_on: day("date de naissance")?,
        mandates: vec![seat],
        groups: Vec::new(),
    })
}

/// A name written in capitals, as it is written otherwise: `BLATRIX CONTAT`, `D'ESTAING`.
fn written(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut begins = true;
    name.chars()
        .flat_map(|sign| {
            let letter: Vec<_> = if begins { vec![sign] } else { sign.to_lowercase().collect() };
            begins = !sign.is_alphanumeric();
            letter
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_capitals_is_written_as_others() {
        assert_eq!(written("BLATRIX CONTAT"), "Blatrix Contat");
        assert_eq!(written("GUÉRIN-L'HÉRITIER"), "Guérin-L'Héritier");
        assert_eq!(written("de Ruffray"), "de Ruffray");
    }
}
