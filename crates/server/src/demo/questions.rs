//! The questions of the demonstration: what the houses publish, imported as on any morning, and a few that are put by hand.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::{Datelike as _, Days, Weekday};
use pli_app::{Key, Origin};
use pli_domain::dossier::{Command, NewQuestion, Stage};
use pli_domain::import_run::Feed;

use super::Scene;
use crate::jobs::failed;

/// A file, by its name and what it holds.
type File = (&'static str, &'static [u8]);

macro_rules! fixture {
    ($folder:literal, $name:literal) => {
        ($name, include_bytes!(concat!("../../../feeds/fixtures/", $folder, "/", $name)))
    };
}

/// Real questions of the Assemblée nationale, with their source and licence beside the files.
const ASSEMBLY: [File; 3] = [
    fixture!("assemblee", "Questions_ecrites_extrait.json.zip"),
    fixture!("assemblee", "Questions_gouvernement_extrait.json.zip"),
    fixture!("assemblee", "Questions_orales_sans_debat_extrait.json.zip"),
];

/// A few real questions of the Sénat, to other ministries, and the members of Parliament: three of them asked these.
const SENATE: File = fixture!("senat", "questions_depuis_un_an_echantillon.csv");
const MEMBERS: [File; 3] = [
    fixture!("members", "AMO_extrait.json.zip"),
    fixture!("members", "elus-deputes-dep.csv"),
    fixture!("members", "elus-senateurs-sen.csv"),
];

/// A file as an import finds it, and where it comes from.
fn laid(folder: &Path, feed: Feed, (name, bytes): File) -> Result<(PathBuf, Origin)> {
    let path = folder.join(name);
    std::fs::write(&path, bytes)?;
    let (source, digest) = pli_feeds::fingerprint(&path);
    Ok((path, Origin { feed, source, digest }))
}

impl Scene {
    /// Imports the real questions and the members who may have asked them, and gives the open ones to a direction.
    pub(super) async fn questions(&self) -> Result<()> {
        let folder = tempfile::tempdir()?;
        for file in ASSEMBLY {
            let (path, origin) = laid(folder.path(), Feed::Assembly, file)?;
            let records = pli_feeds::assemblee::open(&path)?;
            self.app.import_file(&origin, records, |_| {}).await.map_err(failed)?;
        }
        let (path, origin) = laid(folder.path(), Feed::Senate, SENATE)?;
        let records = pli_feeds::senat::open(&path)?;
        self.app.import_file(&origin, records, |_| {}).await.map_err(failed)?;
        for file in MEMBERS {
            let (path, origin) = laid(folder.path(), Feed::Members, file)?;
            let members = pli_feeds::members::open(&path)?;
            self.app.import_members_file(&origin, members, |_| {}).await.map_err(failed)?;
        }
        let received = pli_app::List { stage: Some(Stage::Received), ..pli_app::List::default() };
        let open =
            self.app.dossiers(self.person("coordination")?, &received, None, 100).await.map_err(failed)?;
        for sheet in open.items {
            let command =
                Command::Route { lead: self.unit("DACS")?, contributors: Vec::new(), informed: Vec::new() };
            let key = Key(format!("demo-{}", sheet.dossier.reference));
            self.act("coordination", &sheet, key, command).await?;
        }
        Ok(())
    }

    /// Two written questions about the same thing, which get one answer.
    pub(super) async fn group_two_questions(&self) -> Result<()> {
        let published_on = self.app.today() - Days::new(14);
        let mut sheets = Vec::new();
        for (number, subject) in [
            (99_001, "Délais de traitement des demandes d’aide juridictionnelle"),
            (99_002, "Délais d’instruction de l’aide juridictionnelle"),
        ] {
            let question = NewQuestion {
                identity: format!("AN-17-QE-{number}").parse()?,
                published_on,
                subject: subject.to_owned(),
            };
            let key = Key(format!("demo-lot-{number}"));
            let received = self.app.receive_question(self.person("agent")?, key, question);
            sheets.push(received.await.map_err(failed)?);
        }
        let [lead, other] = &sheets[..] else { anyhow::bail!("lot") };
        let join = Command::JoinBatch { with: lead.dossier.id };
        self.act("coordination", other, Key("demo-lot".to_owned()), join).await.map(drop)
    }

    /// A question that is put in the chamber on a Tuesday to come, and the minister who answers it.
    pub(super) async fn put_in_the_chamber(&self) -> Result<()> {
        let mut tuesday = self.app.today() + Days::new(8);
        while tuesday.weekday() != Weekday::Tue {
            tuesday = tuesday + Days::new(1);
        }
        let identity = "AN-17-QOSD-901".parse()?;
        let subject = "Moyens des greffes des tribunaux judiciaires".to_owned();
        let question = NewQuestion { identity, published_on: tuesday, subject };
        let received =
            self.app.receive_question(self.person("agent")?, Key("demo-orale".to_owned()), question);
        let mut sheet = received.await.map_err(failed)?;
        let lead = self.unit("DACS")?;
        let attendee = "Le garde des sceaux, ministre de la justice".to_owned();
        for command in [
            Command::Route { lead, contributors: Vec::new(), informed: Vec::new() },
            Command::PlanSitting { on: tuesday, attendee },
        ] {
            let key = Key(format!("demo-orale-{}", sheet.version));
            sheet = self.act("coordination", &sheet, key, command).await?;
        }
        Ok(())
    }
}
