//! The answer as it is read: which version, and what has changed since another.

use pli_app::{DraftVersion, Page, Sheet};
use pli_domain::actor::Who;
use pli_domain::ids::DossierId;

use super::Loaded;
use crate::Web;
use crate::diff::Difference;
use crate::failure::{Failure, Kind};
use crate::fields::Fields;
use crate::session::Session;

/// How many versions are listed.
const LISTED: u64 = 100;

/// Which version is asked for, and since which one what has changed, as they stand in the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) struct Reading {
    /// The current one when `None`.
    pub(in crate::pages) version: Option<u32>,
    pub(in crate::pages) since: Option<u32>,
}

impl Reading {
    /// Reads an address: `?version=3&depuis=1`.
    pub(in crate::pages) fn parse(query: &Fields) -> Result<Self, Failure> {
        let number = |name| match query.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Failure::from(Kind::Unreadable)),
        };
        Ok(Self { version: number("version")?, since: number("depuis")? })
    }

    fn asks(self) -> bool {
        self != Self::default()
    }
}

/// A version with its text.
#[derive(Debug)]
pub(in crate::pages) struct Text {
    pub(in crate::pages) version: u32,
    pub(in crate::pages) text: String,
}

/// What is known of an answer.
#[derive(Debug)]
pub(in crate::pages) struct Answer {
    /// Every version, the newest first.
    pub(in crate::pages) versions: Page<DraftVersion>,
    /// The version that is read.
    pub(in crate::pages) read: DraftVersion,
    pub(in crate::pages) text: String,
    /// The one with which it is compared.
    pub(in crate::pages) since: Option<Text>,
    /// Whether the address asks for it.
    pub(super) asked: bool,
}

impl Answer {
    /// The answer of a dossier, read as it is asked; not found when there is no such version.
    pub(super) async fn of(
        web: &Web,
        session: &Session,
        sheet: &Sheet,
        reading: Reading,
    ) -> Result<Option<Self>, Failure> {
        let Some(draft) = &sheet.dossier.draft else {
            return if reading.asks() { Err(Kind::NotFound.into()) } else { Ok(None) };
        };
        let (id, version) = (sheet.dossier.id, reading.version.unwrap_or(draft.version));
        let caller = &session.caller;
        let wanted: Vec<_> =
            reading.since.into_iter().chain([version]).map(|version| (id, version)).collect();
        let mut texts = web.app.drafts(caller, &wanted).await?;
        let since = match reading.since {
            Some(version) => Some(text(&texts, id, version)?),
            None => None,
        };
        let versions = web.app.draft_versions(caller, id, None, LISTED).await?;
        let mut read = versions.items.iter().find(|one| one.version == version).cloned();
        if read.is_none() {
            read = web.app.draft_versions(caller, id, version.checked_add(1), 1).await?.items.pop();
        }
        let text = texts.remove(&(id, version)).ok_or(Kind::NotFound)?;
        Ok(Some(Self { versions, read: read.ok_or(Kind::NotFound)?, text, since, asked: reading.asks() }))
    }
}

impl Answer {
    /// Those who wrote it.
    pub(super) fn writers(&self) -> impl Iterator<Item = Who> {
        self.versions.items.iter().chain([&self.read]).map(|version| Who::User(version.author))
    }

    /// The current text, if it is the one that is read.
    pub(super) fn current(&self, sheet: &Sheet) -> Option<String> {
        let draft = sheet.dossier.draft.as_ref()?;
        (draft.version == self.read.version).then(|| self.text.clone())
    }
}

fn text(
    texts: &std::collections::BTreeMap<(DossierId, u32), String>,
    id: DossierId,
    version: u32,
) -> Result<Text, Failure> {
    let text = texts.get(&(id, version)).cloned().ok_or(Kind::NotFound)?;
    Ok(Text { version, text })
}

/// A version in the list of versions.
#[derive(Debug)]
pub(in crate::pages) struct VersionRow {
    pub(in crate::pages) version: u32,
    pub(in crate::pages) author: String,
    pub(in crate::pages) at: String,
    /// Whether it is the one that is read.
    pub(in crate::pages) read: bool,
    /// Where it is read alone.
    pub(in crate::pages) href: String,
    /// Where what has changed since is read.
    pub(in crate::pages) since: Option<String>,
}

/// The answer as it stands.
#[derive(Debug)]
pub(in crate::pages) struct DraftView {
    pub(in crate::pages) heading: &'static str,
    /// « Version 3, écrite par … le … ».
    pub(in crate::pages) about: String,
    /// `None` while the form shows it.
    pub(in crate::pages) text: Option<String>,
    /// What has changed, and since which version.
    pub(in crate::pages) difference: Option<(u32, Difference)>,
    /// Where the text alone is read.
    pub(in crate::pages) alone: String,
    /// Empty when there is only one.
    pub(in crate::pages) versions: Vec<VersionRow>,
    /// Whether there are more versions than are listed.
    pub(in crate::pages) more: bool,
}

impl DraftView {
    /// The answer of a dossier; `written`: whether a form shows its text already.
    pub(in crate::pages) fn new(loaded: &Loaded, written: bool) -> Option<Self> {
        let dossier = &loaded.sheet.dossier;
        let (draft, answer) = (dossier.draft.as_ref()?, loaded.answer.as_ref()?);
        let current = answer.read.version == draft.version;
        let signed = dossier.signed_by.filter(|_| current).map(|user| loaded.name(user));
        let Answer { versions, read, text, since, asked } = answer;
        let mut about = format!(
            "Version {}, écrite par {} le {}",
            read.version,
            loaded.name(read.author),
            read.at.french()
        );
        if let Some(name) = signed {
            about = about + ", signée par " + name;
        }
        if !current {
            about = format!("{about}. La version en cours est la {}.", draft.version);
        }
        let shown = !written || *asked;
        Some(Self {
            heading: if signed.is_some() { "Réponse signée" } else { "Projet de réponse" },
            about,
            text: shown.then(|| text.clone()),
            difference: since.as_ref().map(|old| (old.version, Difference::between(&old.text, text))),
            alone: format!("?version={}&depuis=#projet", read.version),
            versions: if versions.items.len() > 1 { rows(loaded, answer) } else { Vec::new() },
            more: versions.more,
        })
    }
}

fn rows(loaded: &Loaded, answer: &Answer) -> Vec<VersionRow> {
    let read = answer.read.version;
    let row = |one: &DraftVersion| VersionRow {
        version: one.version,
        author: loaded.name(one.author).to_owned(),
        at: one.at.french(),
        read: one.version == read,
        href: format!("?version={}#projet", one.version),
        since: (one.version < read).then(|| format!("?version={read}&depuis={}#projet", one.version)),
    };
    answer.versions.items.iter().map(row).collect()
}
