//! The same act on many dossiers: first what would happen to each, then, once it is confirmed, each by itself.

use std::collections::BTreeMap;

use pli_domain::dossier::{Command, Dossier};

use crate::commands::{facts, internal};
use crate::{App, Caller, Error, Key, Order, Sheet};

/// The most dossiers that one act is done to at once.
pub const MOST: usize = 100;

/// What an act would do to a dossier.
#[derive(Debug)]
pub struct Foreseen {
    /// The dossier as it is.
    pub sheet: Sheet,
    /// What it would become, or why it would not.
    pub outcome: Result<Dossier, Error>,
}

/// A dossier to act on, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its reference.
    pub reference: String,
    /// Its version; another one refuses the act.
    pub version: u32,
}

impl App {
    /// The dossiers of these references that the caller may see, in the order of the references; at most [`MOST`].
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn dossiers_named(&self, caller: &Caller, references: &[String]) -> Result<Vec<Sheet>, Error> {
        let references = references.get(..MOST).unwrap_or(references);
        // PostgreSQL cannot even be asked for the character zero.
        let known: Vec<_> = references.iter().filter(|name| !name.contains('\0')).cloned().collect();
        let found = self.reader(caller).by_references(&known).await?;
        let named = found.into_iter().map(|sheet| (sheet.dossier.reference.clone(), sheet));
        let mut named: BTreeMap<_, _> = named.collect();
        Ok(references.iter().filter_map(|reference| named.remove(reference)).collect())
    }

    /// What an act would do to dossiers; nothing is changed, and nothing journalled.
    #[must_use]
    pub fn foresee(&self, caller: &Caller, sheets: Vec<Sheet>, command: &Command) -> Vec<Foreseen> {
        let facts = facts(caller, self.clock.now(), None);
        let foreseen = |sheet: Sheet| {
            let decided = sheet.dossier.decide(&caller.actor, command, &facts).map_err(Error::from);
            let outcome = decided.and_then(|event| sheet.dossier.clone().evolve(&event).map_err(internal));
            Foreseen { sheet, outcome }
        };
        sheets.into_iter().map(foreseen).collect()
    }

    /// Does the same to many dossiers, at most [`MOST`], each in a transaction of its own: one that is refused holds none of
    /// the others back. The same key again does none of them twice. It runs to its end even when the client hangs up.
    ///
    /// # Errors
    /// [`Error::Internal`] when the work is broken off; what was done is answered again under the same key.
    pub async fn act_on_all(
        &self,
        caller: &Caller,
        key: &Key,
        dossiers: Vec<Seen>,
        command: Command,
    ) -> Result<Vec<(Seen, Result<Sheet, Error>)>, Error> {
        let (app, caller, key) = (self.clone(), caller.clone(), key.clone());
        let work = async move {
            let mut done = Vec::new();
            for seen in dossiers.into_iter().take(MOST) {
                let outcome = app.act_on_one(&caller, &key, &seen, command.clone()).await;
                done.push((seen, outcome));
            }
            done
        };
        tokio::spawn(work).await.map_err(internal)
    }

    async fn act_on_one(
        &self,
        caller: &Caller,
        Key(key): &Key,
        Seen { reference, version }: &Seen,
        command: Command,
    ) -> Result<Sheet, Error> {
        let sheet = self.dossier_by_reference(caller, reference).await?.ok_or(Error::NotFound)?;
        let key = match key.trim() {
            "" => Key(String::new()),
            key => Key(format!("{key} {reference}")),
        };
        let order = Order { dossier: sheet.dossier.id, version: Some(*version), key, command };
        self.act(caller, order).await
    }
}
