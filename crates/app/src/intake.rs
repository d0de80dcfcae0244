//! Registering a letter quickly, and once: who is known to have written, and which letters may be the same.

use std::collections::BTreeSet;

use pli_domain::dossier::{Action, Body, NewMail};
use pli_domain::duplicate::{Letter, Sign};
use pli_domain::ids::{CompartmentId, DossierId};
use pli_domain::refusal::Refusal;
use pli_domain::sender;
use pli_domain::time::Timestamp;
use pli_persistence::{Act, Known, Suggestion, UnitOfWork};

use crate::{App, Caller, Document, Error, Sheet};

/// How many senders are suggested.
const SUGGESTED: usize = 8;

/// How many letters that may be the same are shown.
const SHOWN: usize = 5;

/// A letter as it is handed over to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    /// The letter.
    pub mail: NewMail,
    /// Its scan.
    pub scan: Option<Document>,
    /// The letters at which the clerk has looked, and which are others. When it is given, even empty, a letter that may be
    /// any other is refused; when it is not, nothing is compared.
    pub apart: Option<BTreeSet<DossierId>>,
    /// The compartment to which it is reserved from the first moment.
    pub compartment: Option<CompartmentId>,
}

impl From<NewMail> for Intake {
    fn from(mail: NewMail) -> Self {
        Self { mail, scan: None, apart: None, compartment: None }
    }
}

impl Intake {
    /// The letters that this one may be, and at which nobody has looked.
    pub(crate) async fn alike(&self, uow: &UnitOfWork, caller: &Caller) -> Result<Vec<Known>, Error> {
        let Some(apart) = &self.apart else { return Ok(Vec::new()) };
        let letter = Letter {
            sender: self.mail.sender.clone(),
            subject: self.mail.subject.clone(),
            document_on: Some(self.mail.document_on),
            received_on: Some(self.mail.received_on),
            files: self.scan.iter().map(|scan| scan.attachment.file.clone()).collect(),
        };
        let known = uow.comparable(&caller.scope, &letter).await?;
        let alike = likely(&letter, known).into_iter().map(|alike| alike.known);
        Ok(alike.filter(|known| !apart.contains(&known.id)).collect())
    }
}

/// A letter that may be the same as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// The letter.
    pub known: Known,
    /// Why.
    pub signs: Vec<Sign>,
}

/// Those of some letters that this one may be, the likeliest first, then the latest; as many as are shown. Only what is
/// shown can be looked at, so only that is asked about.
fn likely(letter: &Letter, known: Vec<Known>) -> Vec<LookAlike> {
    let alike = known.into_iter().map(|known| LookAlike { signs: letter.likeness(&known.letter), known });
    let mut alike: Vec<_> = alike.filter(|alike| !alike.signs.is_empty()).collect();
    alike.sort_by_key(|alike| !alike.signs.contains(&Sign::SameDocument));
    alike.truncate(SHOWN);
    alike
}

impl App {
    /// The senders of whom the caller may read a letter and whose name begins so, at any of its words.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn senders(&self, caller: &Caller, typed: &str) -> Result<Vec<Suggestion>, Error> {
        let begun = sender::begun(typed);
        // One letter begins half of the names.
        if begun.chars().count() < 2 {
            return Ok(Vec::new());
        }
        // A sender can come by two of its words.
        let most = u64::try_from(SUGGESTED.saturating_mul(2)).unwrap_or(u64::MAX);
        let mut found = self.reader(caller).senders(&begun, most).await?;
        found.truncate(SUGGESTED);
        Ok(found)
    }

    /// The letters that the caller may read and that may be the same as this one, the likeliest first.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn probable_duplicates(
        &self,
        caller: &Caller,
        letter: &Letter,
    ) -> Result<Vec<LookAlike>, Error> {
        Ok(likely(letter, self.reader(caller).comparable(letter).await?))
    }

    /// The other letters that may be the same as a dossier's own; none of a question's.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn look_alikes(&self, caller: &Caller, sheet: &Sheet) -> Result<Vec<LookAlike>, Error> {
        let Body::Mail(mail) = &sheet.dossier.body else { return Ok(Vec::new()) };
        let letter = Letter {
            sender: sheet.sender.clone().unwrap_or_default(),
            subject: sheet.subject.clone(),
            document_on: Some(mail.document_on),
            received_on: Some(sheet.dossier.received_on),
            files: sheet.dossier.attachments.iter().map(|one| one.file.clone()).collect(),
        };
        let mut alike = self.probable_duplicates(caller, &letter).await?;
        alike.retain(|alike| alike.known.id != sheet.dossier.id);
        Ok(alike)
    }

    /// Tells, in the journal of each letter that this one may be, that somebody has brought it again: whoever registered it
    /// is told by its page and by « Aujourd’hui ».
    pub(crate) async fn record_presented(
        &self,
        caller: &Caller,
        alike: &[Known],
        now: Timestamp,
    ) -> Result<(), Error> {
        // In the company of the letter that is alike, which may not be kept yet.
        let uow = self.store.begin_registration().await?;
        for known in alike {
            let Some(sheet) = uow.dossier(&caller.scope, known.id).await? else { continue };
            let stage = sheet.dossier.stage.code();
            uow.record(Act {
                dossier: known.id,
                at: now,
                who: caller.actor.who,
                action: <&str>::from(Action::Register).to_owned(),
                from: stage.clone(),
                to: stage,
                payload: Refusal::ProbableDuplicate.code().to_owned(),
                accepted: false,
                note: None,
            })
            .await?;
        }
        Ok(uow.commit().await?)
    }
}
