//! The proof: every chain holds, and the journal, replayed, gives the rows.

use pli_domain::actor::Scope;
use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Dossier, Event};
use pli_domain::ids::DossierId;
use pli_domain::time::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{self, count};
use crate::dossiers::Sheet;
use crate::entity::{attachment, dossier, draft, journal, note};
use crate::journal::read_entry;
use crate::read::sheets;
use crate::select::scoped;
use crate::{Files, Reader, Store, StoreError};

/// What was found wrong with a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The dossier's reference.
    pub reference: String,
    /// What is wrong, in French.
    pub what: String,
}

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Dossiers looked at.
    pub dossiers: u64,
    /// Journal entries looked at.
    pub entries: u64,
    /// Seals looked at.
    pub seals: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// How many dossiers are held at once.
const BATCH: u64 = 200;

impl Store {
    /// Looks at every dossier and its documents; tells the number done after each batch.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read; what it holds is reported, not an error.
    pub async fn verify(
        &self,
        files: &Files,
        mut progress: impl FnMut(u64),
    ) -> Result<Verification, StoreError> {
        let reader = self.reader(Scope::ALL);
        let sealed = self.last_seal().await?.map(|sealed| sealed.seal.until());
        let (seals, mut faults) = self.faults_in_seals().await?;
        let mut settings = self.faults_in_settings().await?;
        settings.extend(self.faults_in_eliminations().await?);
        faults.extend(settings.into_iter().map(|what| Fault { reference: "réglages".to_owned(), what }));
        let wrong = self.wrong_counters().await?.saturating_add(self.wrong_past_counters().await?);
        if wrong > 0 {
            let what = format!("{wrong} ne sont pas ce que donnent les dossiers");
            faults.push(Fault { reference: "compteurs".to_owned(), what });
        }
        let parts = self.wrong_parts().await?;
        if parts > 0 {
            let what = format!("{parts} attributions ne disent pas si leur dossier est ouvert");
            faults.push(Fault { reference: "listes des services".to_owned(), what });
        }
        let mut seen = Verification { seals, faults, ..Verification::default() };
        let mut last = uuid::Uuid::nil();
        loop {
            let rows = scoped::<dossier::Entity>(&Scope::ALL)
                .filter(dossier::Column::Id.gt(last))
                .order_by_asc(dossier::Column::Id)
                .limit(BATCH)
                .all(&self.db)
                .await?;
            let Some(end) = rows.last().map(|row| row.id) else {
                return Ok(seen);
            };
            last = end;
            for row in rows {
                let faults = reader.look_until_still(row, (files, sealed), &mut seen.entries).await?;
                seen.faults.extend(faults);
                seen.dossiers = seen.dossiers.saturating_add(1);
            }
            progress(seen.dossiers);
        }
    }

    /// Looks at one dossier and its documents.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn verify_one(&self, files: &Files, id: DossierId) -> Result<Vec<Fault>, StoreError> {
        let sealed = self.last_seal().await?.map(|sealed| sealed.seal.until());
        let row = scoped::<dossier::Entity>(&Scope::ALL).filter(dossier::Column::Id.eq(id.0)).one(&self.db);
        let Some(row) = row.await? else { return Ok(Vec::new()) };
        self.reader(Scope::ALL).look_until_still(row, (files, sealed), &mut 0).await
    }
}

impl Reader {
    /// Looks at a dossier; somebody may be at work on it: what was read half before an act and half after is read again.
    async fn look_until_still(
        &self,
        mut row: dossier::Model,
        against: (&Files, Option<Timestamp>),
        entries: &mut u64,
    ) -> Result<Vec<Fault>, StoreError> {
        loop {
            let mut seen = 0;
            let faults = self.look_at(row.clone(), against, &mut seen).await?;
            let now = scoped::<dossier::Entity>(&Scope::ALL)
                .filter(dossier::Column::Id.eq(row.id))
                .one(&self.db)
                .await?;
            match now {
                Some(now) if !faults.is_empty() && now.version != row.version => row = now,
                _ => {
                    *entries = entries.saturating_add(seen);
                    let reference = format!("{} ({})", row.reference, DossierId(row.id));
                    let fault = |what| Fault { reference: reference.clone(), what };
                    return Ok(faults.into_iter().map(fault).collect());
                }
            }
        }
    }

    async fn look_at(
        &self,
        row: dossier::Model,
        (files, sealed): (&Files, Option<Timestamp>),
        entries: &mut u64,
    ) -> Result<Vec<String>, StoreError> {
        let faults = match sheets(&self.db, vec![row.clone()]).await {
            Ok(sheets) => match sheets.first() {
                Some(sheet) => {
                    let mut faults = self.faults_of(sheet, sealed, entries).await?;
                    // The documents of what is eliminated are taken out with its words.
                    if sheet.dossier.eliminated_on.is_none() {
                        faults.extend(faults_in_files(&sheet.dossier.attachments, files).await?);
                    }
                    if !convert::is_as_written(&row, sheet) {
                        faults.push("la fiche ne correspond pas au dossier".to_owned());
                    }
                    faults
                }
                None => Vec::new(),
            },
            Err(StoreError::Inconsistent { table, column, value }) => {
                vec![format!("valeur inconnue dans {table}.{column} : {value}")]
            }
            Err(error) => return Err(error),
        };
        Ok(faults)
    }

    async fn faults_of(
        &self,
        sheet: &Sheet,
        sealed: Option<Timestamp>,
        entries: &mut u64,
    ) -> Result<Vec<String>, StoreError> {
        let id = sheet.dossier.id;
        let mut faults = Vec::new();
        let mut events = Vec::new();
        let mut dated = Vec::new();
        let mut previous: Option<Digest> = None;
        let mut expected = 1;
        let rows = scoped::<journal::Entity>(&self.scope)
            .filter(journal::Column::DossierId.eq(id.0))
            .order_by_asc(journal::Column::Seq)
            .all(&self.db)
            .await?;
        for row in rows {
            *entries = entries.saturating_add(1);
            let hash = Digest::stored(row.hash.clone());
            let seq = row.seq;
            let entry = match read_entry(row) {
                Ok(entry) => entry,
                Err(StoreError::Inconsistent { column, value, .. }) => {
                    faults.push(format!("entrée {seq} : valeur inconnue dans {column} : {value}"));
                    continue;
                }
                Err(error) => return Err(error),
            };
            dated.push((entry.seq, entry.at));
            if entry.seq != expected {
                faults.push(format!("il manque des entrées avant la {seq}"));
            }
            if entry.hash(previous.as_ref()) != hash {
                faults.push(format!("l’entrée {seq} a été altérée, ou celle qui la précède"));
            }
            if entry.accepted {
                match serde_json::from_str::<Event>(&entry.payload) {
                    Ok(event) => events.push((entry.seq, event)),
                    Err(_) => faults.push(format!("l’entrée {seq} n’est pas lisible")),
                }
            }
            expected = entry.seq.saturating_add(1);
            previous = Some(hash);
        }
        match Dossier::replay(id, events.iter().map(|(_, event)| event)) {
            Ok(Some(replayed)) if replayed == sheet.dossier => {}
            Ok(_) => faults.push("le dossier ne correspond pas à son journal".to_owned()),
            Err(error) => faults.push(format!("le journal ne se rejoue pas : {error}")),
        }
        if usize::try_from(sheet.version).ok() != Some(events.len()) {
            faults.push(format!("version {}, mais {} actes au journal", sheet.version, events.len()));
        }
        let eliminated = sheet.dossier.eliminated_on.is_some();
        if !sheet.dossier.bears(&sheet.subject, sheet.sender.as_deref()) {
            faults.push("l’objet ou l’expéditeur a été altéré".to_owned());
        }
        if !self.is_indexed(sheet).await? {
            faults.push("la recherche ne trouve pas le dossier par ce qu’il contient".to_owned());
        }
        faults.extend(self.faults_against_seals(id, &dated, sealed).await?);
        faults.extend(self.faults_in_notes(id, &events, eliminated).await?);
        faults.extend(self.faults_in_drafts(id, &events, eliminated).await?);
        faults.extend(self.faults_in_attachments(id, &events).await?);
        Ok(faults)
    }

    /// Words kept beside the journal must be those that were said, and all of them; of what is eliminated none.
    async fn faults_in_notes(
        &self,
        id: DossierId,
        events: &[(u32, Event)],
        eliminated: bool,
    ) -> Result<Vec<String>, StoreError> {
        let rows = scoped::<note::Entity>(&self.scope)
            .filter(note::Column::DossierId.eq(id.0))
            .all(&self.db)
            .await?;
        let mut faults = Vec::new();
        let said = events.iter().filter(|(_, event)| event.note().is_some()).count();
        if rows.len() != if eliminated { 0 } else { said } {
            faults.push("une note manque, ou n’est pas au journal".to_owned());
        }
        for row in rows {
            let seq = count("note", "seq", row.seq)?;
            let said = events.iter().find(|(at, _)| *at == seq).and_then(|(_, event)| event.note());
            if said != Some(&Digest::of([row.words.as_str()])) {
                faults.push(format!("la note de l’entrée {seq} a été altérée"));
            }
        }
        Ok(faults)
    }

    /// Every version of the answer must be there, as it was written; of what is eliminated none.
    async fn faults_in_drafts(
        &self,
        id: DossierId,
        events: &[(u32, Event)],
        eliminated: bool,
    ) -> Result<Vec<String>, StoreError> {
        let rows = scoped::<draft::Entity>(&self.scope)
            .filter(draft::Column::DossierId.eq(id.0))
            .all(&self.db)
            .await?;
        let written = events.iter().filter_map(|(_, event)| event.written()).filter(|_| !eliminated);
        let mut faults = Vec::new();
        let mut number = 0_usize;
        for (version, text, by) in written {
            number = number.saturating_add(1);
            let row = rows.iter().find(|row| u32::try_from(row.version) == Ok(version));
            let intact =
                row.is_some_and(|row| Digest::of([row.text.as_str()]) == *text && row.author_id == by.0);
            if !intact {
                faults.push(format!("la version {version} du projet a été altérée ou manque"));
            }
        }
        if rows.len() != number {
            faults.push("une version du projet n’est pas au journal".to_owned());
        }
        Ok(faults)
    }

    /// Each document must lead to the act that joined it; which document that is, the replay has compared.
    async fn faults_in_attachments(
        &self,
        id: DossierId,
        events: &[(u32, Event)],
    ) -> Result<Option<String>, StoreError> {
        let rows = scoped::<attachment::Entity>(&self.scope)
            .filter(attachment::Column::DossierId.eq(id.0))
            .order_by_asc(attachment::Column::Seq)
            .all(&self.db)
            .await?;
        let kept = rows.iter().map(|row| u32::try_from(row.seq).unwrap_or_default());
        let joined = events.iter().filter(|(_, event)| matches!(event, Event::Attached { .. }));
        let same = kept.eq(joined.map(|(seq, _)| *seq));
        Ok((!same).then(|| "un document ne correspond pas à l’acte qui l’a joint".to_owned()))
    }
}

/// Every document must be there, as it was joined.
async fn faults_in_files(attachments: &[Attachment], files: &Files) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    for attachment in attachments {
        if !files.holds(attachment).await? {
            faults.push(format!("le document {} a été altéré ou manque", attachment.file));
        }
    }
    Ok(faults)
}
