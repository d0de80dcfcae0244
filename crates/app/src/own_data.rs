//! What is held on a person who has an account, as they take a copy of it (GDPR, art. 15 and 20).

use pli_domain::account::{AccessEntry, AccessEvent};
use pli_domain::actor::Who;
use pli_domain::dossier::Action;
use pli_domain::french::French as _;
use pli_domain::ids::UserId;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, JournalFilter};
use serde_json::{Value, json};

use crate::commands::{claim, run};
use crate::lists::PAGE;
use crate::{App, Caller, Error, Key};

/// How many identities of one account are read: nobody has as many.
const IDENTITIES: u64 = 100;

/// What is held on the person who asks. Of passwords, tokens and links Pli holds digests only.
#[derive(Clone, Debug)]
pub struct OwnData {
    /// When it was made.
    pub made_at: Timestamp,
    /// The account, and what belongs to it.
    pub account: Value,
    /// What has happened to the account, the newest first.
    pub accesses: Vec<AccessEntry>,
    /// What they did to dossiers that they may still read, the newest first.
    pub acts: Vec<OwnAct>,
}

/// Something that a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAct {
    /// When.
    pub at: Timestamp,
    /// To which dossier.
    pub reference: String,
    /// What, in French.
    pub what: &'static str,
    /// The words that they said with it.
    pub words: Option<String>,
}

impl OwnData {
    /// All of it, as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let access = |entry: &AccessEntry| json!({ "le": entry.at, "quoi": entry.event.french(), "avec": entry.detail, "adresse": entry.address });
        let act = |act: &OwnAct| json!({ "le": act.at, "dossier": act.reference, "acte": act.what, "texte": act.words });
        let all = json!({
            "format": "pli-compte/1",
            "etabli_le": self.made_at,
            "compte": self.account,
            "acces": self.accesses.iter().map(access).collect::<Vec<_>>(),
            "actes": self.acts.iter().map(act).collect::<Vec<_>>(),
        });
        serde_json::to_string_pretty(&all).unwrap_or_default()
    }
}

impl App {
    /// What is held on the caller; the journal of accesses says once that they took a copy.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever came in by a token or a link.
    pub async fn own_data(&self, caller: &Caller, key: Key) -> Result<OwnData, Error> {
        let (person, _) = caller.session()?;
        let (app, by) = (self.clone(), caller.clone());
        run(move || app.clone().export_once(by.clone(), key.clone(), person)).await?;
        Ok(OwnData {
            made_at: self.clock.now(),
            account: self.own_account(caller, person).await?,
            accesses: self.own_accesses_all(person).await?,
            acts: self.own_acts(caller, person).await?,
        })
    }

    async fn export_once(self, caller: Caller, key: Key, person: UserId) -> Result<(), Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let claimed = claim(&uow, &caller, &key, "take a copy of one's data", person.0, now).await?;
        if matches!(claimed, Claim::Done { .. }) {
            return Ok(());
        }
        let told = self.told(&caller, person, AccessEvent::DataExported, String::new(), now);
        uow.record_access(&told).await?;
        Ok(uow.commit().await?)
    }

    async fn own_account(&self, caller: &Caller, person: UserId) -> Result<Value, Error> {
        let account = self.store.account_of(person).await?.ok_or(Error::NotFound)?;
        let now = self.clock.now();
        let unit = |id| caller.organisation.unit(id).map(|unit| unit.code.clone());
        let roles = caller.actor.grants.iter();
        let roles = roles.map(|one| json!({ "role": one.role.french(), "service": unit(one.unit) }));
        let sessions = self.sessions(caller).await?.into_iter();
        let sessions = sessions.map(
            |one| json!({ "depuis": one.since, "dernier_usage": one.used_at, "navigateur": one.browser }),
        );
        let tokens = self.tokens(caller).await?.into_iter().map(|one| {
            json!({
                "nom": one.name, "permet": one.scope.french(), "cree_le": one.created_at,
                "expire_le": one.expires_at, "dernier_usage": one.used_at,
            })
        });
        let links = self.links(caller).await?.into_iter();
        let links = links.map(|one| json!({ "demande_le": one.asked_at, "etat": one.french(now) }));
        let identities = self.store.identities(Some(person), IDENTITIES).await?.into_iter();
        let identities = identities.map(|one| {
            json!({
                "fournisseur": one.issuer, "identifiant": one.subject, "nom": one.name, "courriel": one.email,
                "vue_le": one.seen_at,
            })
        });
        let searches = self.saved_searches(caller).await?.into_iter();
        let searches = searches.map(|one| json!({ "nom": one.name, "enregistree_le": one.saved_at }));
        let compartments = self.own_compartments(caller).await?;
        Ok(json!({
            "identifiant": account.login,
            "nom": account.name,
            "courriel": account.email,
            "connexion_precedente": self.store.signed_in_before(person).await?,
            "calendrier_depuis": self.store.feed_since(person).await?,
            "roles": roles.collect::<Vec<_>>(),
            "compartiments": compartments.values().collect::<Vec<_>>(),
            "sessions": sessions.collect::<Vec<_>>(),
            "jetons": tokens.collect::<Vec<_>>(),
            "liens": links.collect::<Vec<_>>(),
            "identites": identities.collect::<Vec<_>>(),
            "recherches": searches.collect::<Vec<_>>(),
            "dossiers_reserves_ouverts": self.own_openings(caller, person).await?,
        }))
    }

    /// The openings of reserved dossiers that they may still read.
    async fn own_openings(&self, caller: &Caller, person: UserId) -> Result<Vec<Value>, Error> {
        let reader = self.reader(caller);
        let openings = reader.openings_of(person).await?;
        let mut ids: Vec<_> = openings.iter().map(|(_, dossier)| *dossier).collect();
        ids.sort_unstable();
        ids.dedup();
        let sheets = reader.some(&ids).await?;
        let reference = |id| {
            let sheet = sheets.iter().find(|sheet| sheet.dossier.id == id)?;
            Some(sheet.dossier.reference.clone())
        };
        let told = |(at, dossier)| json!({ "le": at, "dossier": reference(dossier) });
        Ok(openings.into_iter().map(told).collect())
    }

    async fn own_accesses_all(&self, person: UserId) -> Result<Vec<AccessEntry>, Error> {
        let (mut all, mut before, mut more) = (Vec::new(), None, true);
        while more {
            let page = self.store.accesses(Some(person), before, PAGE).await?;
            before = page.items.last().map(|entry| entry.id);
            more = page.more;
            all.extend(page.items);
        }
        Ok(all)
    }

    async fn own_acts(&self, caller: &Caller, person: UserId) -> Result<Vec<OwnAct>, Error> {
        let filter = JournalFilter { who: Some(Who::User(person)), ..JournalFilter::default() };
        let (reader, mut acts, mut before, mut more) = (self.reader(caller), Vec::new(), None, true);
        while more {
            let page = reader.register(&filter, before, PAGE).await?;
            before = page.items.last().map(pli_persistence::RegisterLine::place);
            more = page.more;
            acts.extend(page.items.into_iter().map(|line| {
                let entry = line.line.entry;
                let what = entry.action.parse().map_or("", Action::told);
                OwnAct { at: entry.at, reference: line.reference, what, words: line.line.note }
            }));
        }
        Ok(acts)
    }
}
