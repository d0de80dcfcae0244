//! Proof: the seal of each day, and the package that proves a dossier away from Pli.

use chrono::{Days, TimeDelta};
use pli_domain::actor::Scope;
use pli_domain::dossier::Event;
use pli_domain::ids::DossierId;
use pli_domain::proof::{Covered, FORMAT, Package, PackedDraft, PackedEntry, PackedSeal};
use pli_domain::seal::{Chain, Leaf, path};
use pli_persistence::{Fault, Reader, Sealed};

use crate::commands::run;
use crate::lists::PAGE;
use crate::{App, Caller, Error, Sheet};

/// How long after midnight a day is sealed: what was begun the day before is written by then.
const AFTER_MIDNIGHT: TimeDelta = TimeDelta::minutes(30);

/// How many versions of a draft are read at once.
const DRAFTS: usize = 100;

/// A dossier's proof, as Pli shows it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The package.
    pub package: Package,
    /// What is wrong with the dossier as it is stored, in French; its documents were read again.
    pub faults: Vec<String>,
}

impl App {
    /// Seals the day before, once it is over; `None` when that is done, here or by another server.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn seal_day(&self) -> Result<Option<Sealed>, Error> {
        let over = self.clock.now().instant() - AFTER_MIDNIGHT;
        let today = pli_domain::time::Timestamp::new(over).paris_date();
        let Some(day) = today.checked_sub_days(Days::new(1)) else { return Ok(None) };
        if self.store.last_seal().await?.is_some_and(|last| last.seal.day >= day) {
            return Ok(None);
        }
        let store = self.store.clone();
        run(move || {
            let store = store.clone();
            async move {
                let uow = store.begin().await?;
                let sealed = uow.seal(day).await?;
                uow.commit().await?;
                Ok(sealed)
            }
        })
        .await
    }

    /// The last seal.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn last_seal(&self) -> Result<Option<Sealed>, Error> {
        Ok(self.store.last_seal().await?)
    }

    /// The seals from a number on.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn seals(&self, from: u32) -> Result<Vec<Sealed>, Error> {
        Ok(self.store.seals(from).await?)
    }

    /// The proof of a dossier, verified at this moment; `None` out of scope.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn proof(&self, caller: &Caller, id: DossierId) -> Result<Option<Proof>, Error> {
        let Some(sheet) = self.dossier(caller, id).await? else { return Ok(None) };
        let faults = self.store.verify_one(&self.files, id).await?;
        let reader = self.store.reader(caller.scope.clone());
        let package = self.package(&reader, sheet).await?;
        Ok(Some(Proof { package, faults: faults.into_iter().map(|Fault { what, .. }| what).collect() }))
    }

    /// The package of a dossier, for whoever keeps Pli; `None` when there is none of this reference.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn proof_of(&self, reference: &str) -> Result<Option<Package>, Error> {
        let reader = self.store.reader(Scope::ALL);
        let Some(sheet) = reader.by_reference(reference).await? else { return Ok(None) };
        Ok(Some(self.package(&reader, sheet).await?))
    }

    pub(crate) async fn package(&self, reader: &Reader, sheet: Sheet) -> Result<Package, Error> {
        let id = sheet.dossier.id;
        let (mut entries, mut after, mut more) = (Vec::new(), 0, true);
        while more {
            let page = reader.journal(id, after, PAGE).await?;
            let lines = page.items.into_iter();
            entries.extend(lines.map(|line| PackedEntry::of(line.entry, line.hash, line.note)));
            after = entries.last().map_or(after, |entry| entry.seq);
            more = page.more;
        }
        let mut drafts = Vec::new();
        let written: Vec<_> = versions(&entries).into_iter().map(|version| (id, version)).collect();
        for some in written.chunks(DRAFTS) {
            let texts = reader.drafts(some).await?.into_iter();
            drafts.extend(texts.map(|((_, version), text)| PackedDraft { version, text }));
        }
        let (mut covered, mut first) = (Vec::new(), None);
        for (seal, leaf) in self.store.leaves_of(Chain::Dossier(id)).await? {
            let leaves = self.store.leaves(seal).await?;
            let place = leaves.iter().position(|one| *one == leaf).unwrap_or_default();
            let digests: Vec<_> = leaves.iter().map(Leaf::digest).collect();
            let path = path(&digests, place);
            covered.push(Covered { seal, length: leaf.length, head: leaf.head, path });
            first = first.or(Some(seal));
        }
        let mut seals = match first {
            Some(first) => self.store.seals(first.saturating_sub(1)).await?,
            None => Vec::new(),
        };
        let before = match (first, seals.first()) {
            (Some(first), Some(before)) if before.seal.number < first => Some(seals.remove(0).hash),
            _ => None,
        };
        let seals = seals.into_iter().map(|Sealed { seal, hash }| PackedSeal { seal, hash }).collect();
        Ok(Package {
            format: FORMAT.to_owned(),
            made_at: self.clock.now(),
            dossier: id,
            reference: sheet.dossier.reference,
            subject: sheet.subject,
            sender: sheet.sender,
            entries,
            drafts,
            documents: sheet.dossier.attachments,
            before,
            seals,
            covered,
        })
    }
}

/// The numbers of the versions that the journal speaks of.
fn versions(entries: &[PackedEntry]) -> Vec<u32> {
    let accepted = entries.iter().filter(|entry| entry.accepted);
    let events = accepted.filter_map(|entry| serde_json::from_str::<Event>(&entry.payload).ok());
    events.filter_map(|event| event.written().map(|(version, _, _)| version)).collect()
}
