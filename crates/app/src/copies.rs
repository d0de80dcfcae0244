//! The files of the copies that people are given: JSON for a program, a table for a spreadsheet, the documents.

use std::fs::File;

use pli_domain::dossier::{Body, Dossier};
use pli_domain::french::French as _;
use serde_json::{Value, json};

use crate::archive::{Writing, folder};
use crate::{App, Attached, Disclosed, Disclosure, Error};

/// The name of the format, with its version.
const FORMAT: &str = "pli-donnees/1";

impl Disclosure {
    /// All of it, as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let dossiers: Vec<_> = self.dossiers.iter().map(Disclosed::value).collect();
        let all = json!({
            "format": FORMAT,
            "demande": self.request,
            "etabli_le": self.made_at,
            "dossiers": dossiers,
        });
        serde_json::to_string_pretty(&all).unwrap_or_default()
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("donnees-{}.zip", self.request.replace(|sign: char| !sign.is_ascii_alphanumeric(), "-"))
    }
}

impl Disclosed {
    /// « Requête d’un particulier », « Question écrite ».
    #[must_use]
    pub fn sort(&self) -> &'static str {
        sort(&self.sheet.dossier)
    }

    fn value(&self) -> Value {
        let (sheet, dossier) = (&self.sheet, &self.sheet.dossier);
        let (document_on, channel) = match &dossier.body {
            Body::Mail(mail) => (Some(mail.document_on), Some(mail.channel.french())),
            Body::Question(_) => (None, None),
        };
        let document = |one: &Attached| {
            json!({
                "nom": one.name,
                "type": one.attachment.media.french(),
                "octets": one.attachment.bytes,
                "joint_le": one.at,
                "fichier": place(self, one),
            })
        };
        let note = |(at, action, words): &(_, pli_domain::dossier::Action, String)| json!({ "le": at, "acte": action.french(), "texte": words });
        json!({
            "reference": dossier.reference,
            "type": self.sort(),
            "expediteur": sheet.sender,
            "objet": sheet.subject,
            "date_du_document": document_on,
            "recu_le": dossier.received_on,
            "mode_d_arrivee": channel,
            "etat": dossier.stage.french(),
            "clos_le": dossier.closed_on,
            "reponse": self.answer,
            "documents": self.documents.iter().map(document).collect::<Vec<_>>(),
            "mentions": self.notes.iter().map(note).collect::<Vec<_>>(),
        })
    }
}

fn sort(dossier: &Dossier) -> &'static str {
    match &dossier.body {
        Body::Mail(mail) => mail.category.french(),
        Body::Question(question) => question.identity.kind.french(),
    }
}

/// Where a document lies in the file.
fn place(dossier: &Disclosed, document: &Attached) -> String {
    let ending: &str = document.attachment.media.into();
    format!("{}/{}.{ending}", folder(&dossier.sheet), document.attachment.file)
}

impl App {
    /// The file of a copy, ready to be read from its beginning; `table` is its table for a spreadsheet.
    ///
    /// # Errors
    /// [`Error`] when a document is not there.
    pub async fn disclosure_file(&self, copy: &Disclosure, table: Vec<u8>) -> Result<File, Error> {
        let mut writing = Writing::new().await?;
        writing = writing.add("donnees.json".to_owned(), copy.json().into_bytes()).await?;
        writing = writing.add("dossiers.csv".to_owned(), table).await?;
        for dossier in &copy.dossiers {
            for document in &dossier.documents {
                let file = &document.attachment.file;
                let open = self.files.open(file).await?.ok_or(Error::NotFound)?.into_std().await;
                writing = writing.copy(place(dossier, document), open, file.clone()).await?;
            }
        }
        writing.end().await
    }

    /// The file of a copy of texts, ready to be read from its beginning.
    ///
    /// # Errors
    /// [`Error`] when it cannot be written.
    pub async fn file_of(&self, texts: Vec<(&'static str, Vec<u8>)>) -> Result<File, Error> {
        let mut writing = Writing::new().await?;
        for (name, text) in texts {
            writing = writing.add(name.to_owned(), text).await?;
        }
        writing.end().await
    }
}
