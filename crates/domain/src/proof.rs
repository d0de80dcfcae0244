//! The proof of a dossier, as a package that is checked without a database: its journal, the words said, its texts, the
//! digests of its documents, and the seals that cover it. `docs/proof.md` describes the format for whoever writes another
//! checker.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::actor::Who;
use crate::digest::Digest;
use crate::dossier::{Attachment, Dossier, Event};
use crate::ids::DossierId;
use crate::journal::Entry;
use crate::seal::{Chain, Leaf, Seal, Step, climb};
use crate::time::Timestamp;

/// The name of the format, with its version.
pub const FORMAT: &str = "pli-preuve/1";

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The dossier's identifier.
    pub dossier: DossierId,
    /// Its reference.
    pub reference: String,
    /// What it is about.
    pub subject: String,
    /// Who wrote the letter; `null` for a question.
    pub sender: Option<String>,
    /// Its journal, in order.
    pub entries: Vec<PackedEntry>,
    /// The versions of the answer that are kept.
    pub drafts: Vec<PackedDraft>,
    /// Its documents: what they are is in their digest (SHA-256 of the file).
    pub documents: Vec<Attachment>,
    /// The seal before the first of `seals`; `null` when that one is the first of all.
    pub before: Option<Digest>,
    /// Every seal from the first that covers the dossier to the last that was taken.
    pub seals: Vec<PackedSeal>,
    /// How far the dossier had come in each seal that covers it.
    pub covered: Vec<Covered>,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedEntry {
    /// Its place, from 1.
    pub seq: u32,
    /// When, in microseconds since 1970 (UTC).
    pub at: i64,
    /// Who, as `user:…` or `system:…`.
    pub who: String,
    /// The code of the act.
    pub action: String,
    /// The stage before.
    pub from: String,
    /// The stage after.
    pub to: String,
    /// The event as JSON, in a text; the code of the refusal when it was refused.
    pub payload: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// The hash that chains it.
    pub hash: Digest,
    /// The words said with it, while they are kept.
    pub note: Option<String>,
}

/// A version of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedDraft {
    /// Its number, from 1.
    pub version: u32,
    /// Its text.
    pub text: String,
}

/// A seal, with its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedSeal {
    /// What it says.
    #[serde(flatten)]
    pub seal: Seal,
    /// What it is known by.
    pub hash: Digest,
}

/// A seal that covers the dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// The seal's number.
    pub seal: u32,
    /// How many entries it covers.
    pub length: u32,
    /// The hash of the last of them.
    pub head: Digest,
    /// From that leaf up to the seal's root.
    pub path: Vec<Step>,
}

/// What a check says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What holds, in French.
    pub holds: Vec<String>,
    /// What does not, in French; empty when all holds.
    pub faults: Vec<String>,
    /// What the package cannot say, in French.
    pub unsaid: Vec<String>,
}

impl PackedEntry {
    /// Packs an entry.
    #[must_use]
    pub fn of(entry: Entry, hash: Digest, note: Option<String>) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at.instant().timestamp_micros(),
            who: entry.who.to_string(),
            action: entry.action,
            from: entry.from,
            to: entry.to,
            payload: entry.payload,
            accepted: entry.accepted,
            hash,
            note,
        }
    }

    fn entry(&self, dossier: DossierId) -> Option<Entry> {
        Some(Entry {
            dossier,
            seq: self.seq,
            at: Timestamp::new(DateTime::from_timestamp_micros(self.at)?),
            who: Who::from_str(&self.who).ok()?,
            action: self.action.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            payload: self.payload.clone(),
            accepted: self.accepted,
        })
    }
}

impl Package {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("preuve-{}.json", self.reference.replace(|sign: char| !sign.is_ascii_alphanumeric(), "-"))
    }

    /// The package as it is written in its file.
    #[must_use]
    pub fn json(&self) -> String {
        // A package holds nothing that JSON cannot write.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The seals that cover the dossier, with how far.
    pub fn covering(&self) -> impl Iterator<Item = (&Covered, &PackedSeal)> {
        self.covered.iter().filter_map(|covered| {
            let packed = self.seals.iter().find(|packed| packed.seal.number == covered.seal)?;
            Some((covered, packed))
        })
    }

    /// Checks all that the package says against itself, and against a seal that was kept elsewhere.
    #[must_use]
    pub fn check(&self, kept: Option<(u32, &Digest)>) -> Checked {
        let mut checked = Checked::default();
        if self.format != FORMAT {
            checked.faults.push(format!("le format « {} » n’est pas « {FORMAT} »", self.format));
            return checked;
        }
        let events = self.check_entries(&mut checked);
        self.check_content(&events, &mut checked);
        self.check_words(&events, &mut checked);
        self.check_drafts(&events, &mut checked);
        self.check_seals(&mut checked);
        self.check_covered(&mut checked);
        if let Some(kept) = kept {
            self.check_kept(kept, &mut checked);
        }
        checked
    }

    /// The chain; the events that were accepted, with their place.
    fn check_entries(&self, checked: &mut Checked) -> Vec<(u32, Event)> {
        let (mut events, mut before, mut faults) = (Vec::new(), None::<&Digest>, Vec::new());
        for (packed, seq) in self.entries.iter().zip(1..) {
            let hash = packed.entry(self.dossier).map(|entry| entry.hash(before));
            if packed.seq != seq || hash.as_ref() != Some(&packed.hash) {
                faults.push(format!("l’entrée {seq} a été altérée, ou celle qui la précède"));
            }
            if packed.accepted {
                match serde_json::from_str(&packed.payload) {
                    Ok(event) => events.push((packed.seq, event)),
                    Err(_) => faults.push(format!("l’entrée {seq} n’est pas lisible")),
                }
            }
            before = Some(&packed.hash);
        }
        if self.entries.is_empty() {
            faults.push("le journal est vide".to_owned());
        }
        let number = self.entries.len();
        sort(checked, faults, format!("entrées du journal : {number}, chacune enchaînée à la précédente"));
        events
    }

    /// What the dossier is about, its sender, its documents.
    fn check_content(&self, events: &[(u32, Event)], checked: &mut Checked) {
        let replayed = match Dossier::replay(self.dossier, events.iter().map(|(_, event)| event)) {
            Ok(Some(dossier)) => dossier,
            Ok(None) => return,
            Err(error) => {
                checked.faults.push(format!("le journal ne se rejoue pas : {error}"));
                return;
            }
        };
        let mut faults = Vec::new();
        if replayed.reference != self.reference {
            faults.push(format!("la référence est {}, et non {}", replayed.reference, self.reference));
        }
        if !replayed.bears(&self.subject, self.sender.as_deref()) {
            faults.push("l’objet ou l’expéditeur ne sont pas ceux du journal".to_owned());
        }
        if self.documents != replayed.attachments {
            faults.push("les documents ne sont pas ceux du journal".to_owned());
        }
        let number = self.documents.len();
        let holds = match replayed.eliminated_on {
            None => format!(
                "dossier {} : objet, expéditeur et empreintes des documents ({number})",
                self.reference
            ),
            Some(on) => {
                let on = on.format("%d/%m/%Y");
                checked.unsaid.push(format!(
                    "le dossier a été éliminé le {on} : il n’en reste que le journal et les empreintes"
                ));
                format!("dossier {} : éliminé, empreintes des documents ({number})", self.reference)
            }
        };
        sort(checked, faults, holds);
    }

    /// The words said with acts; those that are kept no more leave only their digest.
    fn check_words(&self, events: &[(u32, Event)], checked: &mut Checked) {
        let said: BTreeMap<_, _> =
            events.iter().filter_map(|(seq, event)| Some((*seq, event.note()?))).collect();
        let (mut kept, mut faults) = (0_usize, Vec::new());
        for entry in &self.entries {
            match (&entry.note, said.get(&entry.seq)) {
                (Some(words), digest) if digest == Some(&&Digest::of([words.as_str()])) => {
                    kept = kept.saturating_add(1);
                }
                (Some(_), _) => {
                    faults.push(format!("la note de l’entrée {} n’est pas celle du journal", entry.seq));
                }
                (None, _) => {}
            }
        }
        let gone = said.len().saturating_sub(kept);
        if gone > 0 && faults.is_empty() {
            checked
                .unsaid
                .push(format!("notes qui ne sont plus conservées : {gone} ; il en reste l’empreinte"));
        }
        sort(checked, faults, format!("notes : {kept}, telles qu’elles ont été écrites"));
    }

    /// The versions of the answer.
    fn check_drafts(&self, events: &[(u32, Event)], checked: &mut Checked) {
        let written: BTreeMap<_, _> = events
            .iter()
            .filter_map(|(_, event)| event.written())
            .map(|(version, text, _)| (version, text))
            .collect();
        let mut faults = Vec::new();
        for draft in &self.drafts {
            if written.get(&draft.version) != Some(&&Digest::of([draft.text.as_str()])) {
                faults.push(format!("la version {} du projet n’est pas celle du journal", draft.version));
            }
        }
        let gone = written.len().saturating_sub(self.drafts.len());
        if gone > 0 && faults.is_empty() {
            checked.unsaid.push(format!(
                "versions du projet qui ne sont plus conservées : {gone} ; il en reste l’empreinte"
            ));
        }
        sort(
            checked,
            faults,
            format!("versions du projet : {}, telles qu’elles ont été écrites", self.drafts.len()),
        );
    }

    /// The chain of the seals.
    fn check_seals(&self, checked: &mut Checked) {
        let (mut before, mut number, mut faults) = (self.before.as_ref(), None::<u32>, Vec::new());
        for PackedSeal { seal, hash } in &self.seals {
            let follows = match number {
                Some(number) => seal.number == number.saturating_add(1),
                None => (seal.number == 1) == before.is_none(),
            };
            if !follows || seal.hash(before) != *hash {
                faults.push(format!("le sceau {} a été altéré, ou celui qui le précède", seal.number));
            }
            (before, number) = (Some(hash), Some(seal.number));
        }
        match self.seals.last() {
            None => checked.unsaid.push("aucun sceau ne couvre encore ce dossier".to_owned()),
            Some(last) => {
                let (number, day, hash) = (last.seal.number, date(last.seal.day), &last.hash);
                let count = self.seals.len();
                sort(
                    checked,
                    faults,
                    format!(
                        "sceaux : {count}, chacun enchaîné au précédent ; le dernier, {number} du {day} : {hash}"
                    ),
                );
            }
        }
    }

    /// What each seal covers of the dossier.
    fn check_covered(&self, checked: &mut Checked) {
        let (mut faults, mut last) = (Vec::new(), None);
        for Covered { seal, length, head, path } in &self.covered {
            let leaf = Leaf { chain: Chain::Dossier(self.dossier), length: *length, head: head.clone() };
            let packed = self.seals.iter().find(|packed| packed.seal.number == *seal);
            let Some(packed) = packed else {
                faults.push(format!("le sceau {seal} manque"));
                continue;
            };
            if climb(&leaf.digest(), path) != packed.seal.root {
                faults.push(format!("le sceau {seal} ne couvre pas ce qui est dit qu’il couvre"));
            }
            let entry = self.entries.iter().find(|entry| entry.seq == *length);
            if entry.is_none_or(|entry| entry.hash != *head) {
                faults.push(format!(
                    "le journal n’est plus tel que le sceau {seal} l’a couvert jusqu’à l’entrée {length}"
                ));
            }
            last = Some((*length, packed));
        }
        let Some((length, packed)) = last else {
            checked.faults.extend(faults);
            return;
        };
        let (number, day) = (packed.seal.number, date(packed.seal.day));
        sort(
            checked,
            faults,
            format!("les entrées 1 à {length} sont couvertes par le sceau {number} du {day}"),
        );
        let since = self.entries.iter().filter(|entry| entry.seq > length).count();
        checked.unsaid.extend(match since {
            0 => None,
            1 => Some("une entrée, plus récente, n’est couverte par aucun sceau".to_owned()),
            since => Some(format!("{since} entrées, plus récentes, ne sont couvertes par aucun sceau")),
        });
    }

    /// A seal that somebody kept.
    fn check_kept(&self, (number, hash): (u32, &Digest), checked: &mut Checked) {
        match self.seals.iter().find(|packed| packed.seal.number == number) {
            Some(packed) if packed.hash == *hash => {
                checked.holds.push(format!("le sceau {number} est celui que vous avez conservé"));
            }
            Some(_) => {
                checked.faults.push(format!("le sceau {number} n’est pas celui que vous avez conservé"));
            }
            None => checked
                .faults
                .push(format!("le sceau {number} que vous avez conservé n’est pas dans ce fichier")),
        }
    }
}

/// Files a part under what holds, or what is wrong with it under what does not.
fn sort(checked: &mut Checked, faults: Vec<String>, holds: String) {
    if faults.is_empty() {
        checked.holds.push(holds);
    }
    checked.faults.extend(faults);
}

fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}
