//! A form that was sent, read field by field.

use std::str::FromStr;

use chrono::NaiveDate;
use pli_app::Document;
use pli_domain::ids::{DossierId, UnitId};
use pli_domain::organisation::Organisation;
use pli_domain::refusal::Refusal;

use crate::fields::Fields;
use crate::form::FieldError;
use crate::upload::DOCUMENT;

/// Reads what was typed; what cannot be read becomes an error of its field.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    fields: &'a Fields,
    organisation: &'a Organisation,
    errors: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    /// Starts reading.
    pub(crate) fn new(fields: &'a Fields, organisation: &'a Organisation) -> Self {
        Self { fields, organisation, errors: Vec::new() }
    }

    /// What was read, unless something could not be.
    pub(crate) fn end<T>(self, read: Option<T>) -> Result<T, Vec<FieldError>> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(self.errors),
        }
    }

    fn refuse<T>(&mut self, refusal: &Refusal) -> Option<T> {
        self.errors.push(FieldError::refused(refusal));
        None
    }

    fn wrong<T>(&mut self, field: &'static str, message: &str) -> Option<T> {
        self.errors.push(FieldError { field: Some(field), message: message.to_owned() });
        None
    }

    /// A text as it was typed; the rules say whether it may be empty.
    pub(crate) fn text(&self, name: &str) -> String {
        self.fields.text(name).to_owned()
    }

    /// A day, as a browser sends it or as a person writes it.
    pub(crate) fn date(&mut self, field: &'static str) -> Option<NaiveDate> {
        let text = self.fields.text(field).trim();
        if text.is_empty() {
            return self.refuse(&Refusal::Required { field });
        }
        let read =
            ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
        match read {
            Some(day) => Some(day),
            None => self.wrong(field, "Cette date n’existe pas\u{a0}: écrivez-la JJ/MM/AAAA."),
        }
    }

    /// A day, or none.
    pub(crate) fn maybe_date(&mut self, field: &'static str) -> Option<NaiveDate> {
        if self.fields.text(field).trim().is_empty() { None } else { self.date(field) }
    }

    /// A text that may not be empty.
    pub(crate) fn words(&mut self, field: &'static str) -> Option<String> {
        match self.fields.text(field).trim() {
            "" => self.refuse(&Refusal::Required { field }),
            text => Some(text.to_owned()),
        }
    }

    /// A whole number, from 1.
    pub(crate) fn number<T: FromStr + Default + PartialEq>(&mut self, field: &'static str) -> Option<T> {
        self.parsed(field, |number| *number != T::default())
    }

    /// A whole number, from 0.
    pub(crate) fn count(&mut self, field: &'static str) -> Option<u32> {
        self.parsed(field, |_| true)
    }

    /// A whole number from 1, or none.
    pub(crate) fn maybe_number<T: FromStr + Default + PartialEq>(
        &mut self,
        field: &'static str,
    ) -> Option<T> {
        if self.fields.text(field).trim().is_empty() { None } else { self.number(field) }
    }

    fn parsed<T: FromStr>(&mut self, field: &'static str, right: impl Fn(&T) -> bool) -> Option<T> {
        let text = self.fields.text(field).trim();
        if text.is_empty() {
            return self.refuse(&Refusal::Required { field });
        }
        match text.parse().ok().filter(right) {
            None => self.wrong(field, "Écrivez un nombre, en chiffres."),
            number => number,
        }
    }

    /// One of a closed list.
    pub(crate) fn choice<T: FromStr>(&mut self, field: &'static str) -> Option<T> {
        self.of(field, |code| code.parse().ok())
    }

    /// One of a list of our own.
    pub(crate) fn of<T>(&mut self, field: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        read(self.fields.text(field)).or_else(|| self.refuse(&Refusal::Required { field }))
    }

    /// One of a closed list, or none.
    pub(crate) fn maybe_choice<T: FromStr>(&mut self, field: &'static str) -> Option<T> {
        if self.fields.text(field).is_empty() { None } else { self.choice(field) }
    }

    /// A unit, or none.
    pub(crate) fn maybe_unit(&mut self, field: &'static str) -> Option<UnitId> {
        let code = self.fields.text(field);
        if code.is_empty() { None } else { self.unit(field) }
    }

    /// A unit.
    pub(crate) fn unit(&mut self, field: &'static str) -> Option<UnitId> {
        match self.fields.text(field) {
            "" => self.refuse(&Refusal::Required { field }),
            code => self.unit_of(code, field),
        }
    }

    /// Any number of units.
    pub(crate) fn units(&mut self, field: &'static str) -> Vec<UnitId> {
        let fields = self.fields;
        fields.all(field).filter_map(|code| self.unit_of(code, field)).collect()
    }

    /// The dossier whose reference was typed, as it was found; `unknown` is what the rules say when it was not.
    pub(crate) fn named(
        &mut self,
        field: &'static str,
        found: Option<DossierId>,
        unknown: &Refusal,
    ) -> Option<DossierId> {
        if self.fields.text(field).trim().is_empty() {
            return self.refuse(&Refusal::Required { field });
        }
        found.or_else(|| self.refuse(unknown))
    }

    /// The document that came.
    pub(crate) fn document(&mut self, found: Option<&Document>) -> Option<Document> {
        found.cloned().or_else(|| self.refuse(&Refusal::Required { field: DOCUMENT }))
    }

    fn unit_of(&mut self, code: &str, field: &'static str) -> Option<UnitId> {
        match self.organisation.by_code(code) {
            Some(unit) => Some(unit.id),
            None => self.refuse(&Refusal::UnitUnknown { field }),
        }
    }
}
