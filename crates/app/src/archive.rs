//! What goes to the archives: one file with a slip, the proof and the documents of each dossier, and the digests of all.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};

use pli_domain::digest::{Digest, FileDigest};
use pli_domain::elimination::{Disposition, Elimination, Items};
use pli_domain::french::French as _;
use pli_domain::ids::EliminationId;
use serde_json::json;
use tokio::task::spawn_blocking;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::commands::internal;
use crate::{App, Caller, EliminationDetail, EliminationItem, Error, Sheet};

/// The name of the format, with its version.
const FORMAT: &str = "pli-versement/1";

/// A file being written, with the digests of what is in it.
pub(crate) struct Writing {
    zip: Box<ZipWriter<File>>,
    sums: String,
}

impl App {
    /// The file for the archives of an approved list that they have not received yet, ready to be read from its beginning;
    /// `None` when there is none that the caller may know of. Opening it is reading what is reserved.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither coordinator nor auditor; [`Error`] when a document is not there.
    pub async fn archive_package(&self, caller: &Caller, id: EliminationId) -> Result<Option<File>, Error> {
        let Some(EliminationDetail { list, items }) = self.elimination(caller, id).await? else {
            return Ok(None);
        };
        let all: Items = items.iter().map(|item| (item.sheet.dossier.id, item.disposition)).collect();
        if !list.awaits_receipt(&all) {
            return Ok(None);
        }
        let going = items.into_iter().filter(|item| item.disposition == Disposition::Transfer);
        let going: Vec<_> = going.filter(|item| item.outcome.is_none()).collect();
        let sheets: Vec<Sheet> = going.iter().map(|item| item.sheet.clone()).collect();
        self.opened(caller, &sheets).await?;
        let mut writing = Writing::new().await?;
        writing = writing.add("bordereau.json".to_owned(), slip(&list, &going).into_bytes()).await?;
        let reader = self.reader(caller);
        for EliminationItem { sheet, .. } in going {
            let folder = folder(&sheet);
            let documents = sheet.dossier.attachments.clone();
            let proof = self.package(&reader, sheet).await?.json();
            writing = writing.add(format!("{folder}/preuve.json"), proof.into_bytes()).await?;
            for document in documents {
                let ending: &str = document.media.into();
                let name = format!("{folder}/documents/{}.{ending}", document.file);
                let open = self.files.open(&document.file).await?.ok_or(Error::NotFound)?;
                writing = writing.copy(name, open.into_std().await, document.file).await?;
            }
        }
        Ok(Some(writing.end().await?))
    }
}

/// The folder of a dossier.
pub(crate) fn folder(sheet: &Sheet) -> String {
    let name = sheet.dossier.reference.replace(|sign: char| !sign.is_ascii_alphanumeric(), "-");
    format!("dossiers/{name}")
}

/// The slip (bordereau de versement).
fn slip(list: &Elimination, going: &[EliminationItem]) -> String {
    let dossiers = going.iter().map(|EliminationItem { sheet, closed_on, .. }| {
        json!({
            "reference": sheet.dossier.reference,
            "objet": sheet.subject,
            "expediteur": sheet.sender,
            "recu_le": sheet.dossier.received_on,
            "clos_le": closed_on,
            "echu_le": list.rule.ends_on(*closed_on),
            "documents": sheet.dossier.attachments.len(),
            "dossier": folder(sheet),
        })
    });
    let slip = json!({
        "format": FORMAT,
        "categorie": list.rule.class.french(),
        "numero": list.number,
        "duree_en_mois": list.rule.months,
        "sort_final": list.rule.fate.french(),
        "source": list.rule.source,
        "visa": list.visa,
        "approuvee_le": list.approved.map(|(_, at)| at),
        "dossiers": dossiers.collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&slip).unwrap_or_default()
}

impl Writing {
    pub(crate) async fn new() -> Result<Self, Error> {
        let file = spawn_blocking(tempfile::tempfile).await.map_err(internal)?.map_err(internal)?;
        Ok(Self { zip: Box::new(ZipWriter::new(file)), sums: String::new() })
    }

    /// Adds a text.
    pub(crate) async fn add(self, name: String, content: Vec<u8>) -> Result<Self, Error> {
        self.then(move |mut writing| {
            let mut digest = FileDigest::default();
            digest.read(&content);
            writing.begin(&name, &digest.end())?;
            writing.zip.write_all(&content)?;
            Ok(writing)
        })
        .await
    }

    /// Adds a document.
    pub(crate) async fn copy(self, name: String, mut from: File, digest: Digest) -> Result<Self, Error> {
        self.then(move |mut writing| {
            writing.begin(&name, &digest)?;
            io::copy(&mut from, &mut writing.zip)?;
            Ok(writing)
        })
        .await
    }

    fn begin(&mut self, name: &str, digest: &Digest) -> io::Result<()> {
        for part in [digest.as_str(), "  ", name, "\n"] {
            self.sums.push_str(part);
        }
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        Ok(self.zip.start_file(name, options.large_file(true))?)
    }

    /// The whole, with the digests as `sha256sum -c` reads them.
    pub(crate) async fn end(self) -> Result<File, Error> {
        let ended = spawn_blocking(move || {
            let Self { mut zip, sums } = self;
            zip.start_file("SHA256SUMS", SimpleFileOptions::default())?;
            zip.write_all(sums.as_bytes())?;
            let mut file = zip.finish()?;
            file.rewind()?;
            Ok::<_, io::Error>(file)
        });
        ended.await.map_err(internal)?.map_err(internal)
    }

    /// Writes away from the threads that serve requests.
    async fn then(
        self,
        write: impl FnOnce(Self) -> io::Result<Self> + Send + 'static,
    ) -> Result<Self, Error> {
        spawn_blocking(move || write(self)).await.map_err(internal)?.map_err(internal)
    }
}
