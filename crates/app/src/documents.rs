//! Documents: received and stored, then attached to a dossier by an act like others, listed and opened with it.

use std::collections::BTreeMap;

use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Command, LARGEST, Media};
use pli_domain::ids::DossierId;
use pli_domain::refusal::Refusal;
use pli_persistence::{Attached, Incoming, Reader};
use tokio::fs::File;

use crate::{App, Caller, Error};

/// A document that is stored and has a name, to be attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What is stored.
    pub attachment: Attachment,
    /// Its name, by [`Media::name`].
    pub name: String,
}

impl From<Document> for Command {
    fn from(Document { attachment, name }: Document) -> Self {
        Self::Attach { attachment, name }
    }
}

/// A document on its way in; dropped before [`Upload::keep`], it leaves no trace.
#[derive(Debug)]
pub struct Upload(Incoming);

impl Upload {
    /// Writes on.
    ///
    /// # Errors
    /// [`Error::Refused`] as soon as the document is too large, or of a kind that is not accepted.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write(bytes).await?;
        if self.0.bytes() > u64::from(LARGEST) {
            return Err(Refusal::DocumentTooLarge.into());
        }
        if self.0.head().len() >= Media::HEAD {
            self.media()?;
        }
        Ok(())
    }

    /// Stores the document. Nobody has it yet: that is for [`App::act`] and [`App::register_mail`].
    ///
    /// # Errors
    /// [`Error::Refused`] when it is empty, or of a kind that is not accepted.
    pub async fn keep(self) -> Result<Attachment, Error> {
        if self.0.bytes() == 0 {
            return Err(Refusal::DocumentEmpty.into());
        }
        let (media, bytes) = (self.media()?, u32::try_from(self.0.bytes()).unwrap_or(u32::MAX));
        Ok(Attachment { file: self.0.keep().await?, media, bytes })
    }

    fn media(&self) -> Result<Media, Error> {
        Media::of(self.0.head()).ok_or_else(|| Refusal::DocumentKind.into())
    }
}

impl App {
    /// Begins to receive a document.
    ///
    /// # Errors
    /// [`Error`] when it cannot be written.
    pub async fn receive_document(&self) -> Result<Upload, Error> {
        Ok(Upload(self.files.receive().await?))
    }

    /// A document that was received and is nobody's yet. Whoever asks must have proved that they sent it: who may see
    /// a dossier is not checked here.
    ///
    /// # Errors
    /// [`Error`] when the files cannot be read.
    pub async fn received(&self, file: &Digest) -> Result<Option<Attachment>, Error> {
        Ok(self.files.find(file).await?)
    }

    /// Opens such a document.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn open_received(&self, file: &Digest) -> Result<File, Error> {
        self.files.open(file).await?.ok_or(Error::NotFound)
    }

    /// The documents of some dossiers, the oldest first; nothing of those out of scope.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn attachments(
        &self,
        caller: &Caller,
        dossiers: &[DossierId],
    ) -> Result<BTreeMap<DossierId, Vec<Attached>>, Error> {
        let reader: Reader = self.store.reader(caller.scope.clone());
        Ok(reader.attachments(dossiers).await?)
    }

    /// Opens a document of a dossier.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the dossier is out of scope, or has no such document.
    pub async fn open_document(
        &self,
        caller: &Caller,
        dossier: DossierId,
        file: &Digest,
    ) -> Result<(Attached, File), Error> {
        self.read_of(caller, &[dossier]).await?;
        let all = self.attachments(caller, &[dossier]).await?.remove(&dossier).unwrap_or_default();
        let attached = all.into_iter().find(|attached| attached.attachment.file == *file);
        let attached = attached.ok_or(Error::NotFound)?;
        let gone = || Error::Internal(format!("the document {file} is not in the files").into());
        Ok((attached, self.files.open(file).await?.ok_or_else(gone)?))
    }

    /// Refuses to attach what is not stored as it is told.
    pub(crate) async fn stored(&self, command: &Command) -> Result<(), Error> {
        let Command::Attach { attachment, .. } = command else { return Ok(()) };
        if self.files.find(&attachment.file).await?.as_ref() == Some(attachment) {
            Ok(())
        } else {
            Err(Refusal::DocumentGone.into())
        }
    }
}
