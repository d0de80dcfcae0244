//! The documents, outside the database: each is a file named by the SHA-256 of what it holds, so that the same document is
//! stored once, and `sha256sum` says of each whether it is still the one that was stored.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use pli_domain::digest::{Digest, FileDigest};
use pli_domain::dossier::{Attachment, Media};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use crate::StoreError;

/// How the names begin of files that are being written: no document is among them.
pub(crate) const FILES_ON_THEIR_WAY: &str = ".incoming-";

/// The folder of the documents of one Pli. Files are added to it, never changed; an elimination takes them out.
#[derive(Clone, Debug)]
pub struct Files {
    pub(crate) folder: PathBuf,
}

/// A document on its way in. Dropped before [`Incoming::keep`], it leaves no trace.
#[derive(Debug)]
pub struct Incoming {
    folder: PathBuf,
    file: tokio::fs::File,
    path: TempPath,
    digest: FileDigest,
    head: Vec<u8>,
    bytes: u64,
}

impl Files {
    /// The documents in a folder, which is made when the first of them comes.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Begins to receive a document.
    ///
    /// # Errors
    /// [`StoreError::File`] when the folder cannot be written.
    pub async fn receive(&self) -> Result<Incoming, StoreError> {
        let folder = self.folder.clone();
        let begun = blocking(move || {
            fs::create_dir_all(&folder)?;
            let file = tempfile::Builder::new().prefix(FILES_ON_THEIR_WAY).tempfile_in(&folder)?;
            Ok((folder, file.into_parts()))
        });
        let (folder, (file, path)) = begun.await?;
        let file = tokio::fs::File::from_std(file);
        Ok(Incoming { folder, file, path, digest: FileDigest::default(), head: Vec::new(), bytes: 0 })
    }

    /// Opens a document to be read; `None` when it is not there.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is there and cannot be opened.
    pub async fn open(&self, file: &Digest) -> Result<Option<tokio::fs::File>, StoreError> {
        let Some(path) = place(&self.folder, file) else { return Ok(None) };
        match tokio::fs::File::open(path).await {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What is stored under a digest, by its first bytes and its length; `None` when nothing is.
    ///
    /// # Errors
    /// [`StoreError::File`] when it cannot be read.
    pub async fn find(&self, file: &Digest) -> Result<Option<Attachment>, StoreError> {
        let Some(open) = self.open(file).await? else { return Ok(None) };
        let (open, digest) = (open.into_std().await, file.clone());
        blocking(move || {
            let mut head = Vec::new();
            let bytes = u32::try_from(open.metadata()?.len()).unwrap_or(u32::MAX);
            open.take(u64::try_from(Media::HEAD).unwrap_or(u64::MAX)).read_to_end(&mut head)?;
            Ok(Media::of(&head).map(|media| Attachment { file: digest, media, bytes }))
        })
        .await
    }

    /// Takes a document out; one that is not there stays so.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is there and cannot be taken out.
    pub async fn remove(&self, file: &Digest) -> Result<(), StoreError> {
        let Some(path) = place(&self.folder, file) else { return Ok(()) };
        blocking(move || match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Ok(()) => path.parent().map_or(Ok(()), sync),
            Err(error) => Err(error),
        })
        .await
    }

    /// Whether a document is there, whole and unchanged: it is read to its end.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is there and cannot be read.
    pub async fn holds(&self, document: &Attachment) -> Result<bool, StoreError> {
        if self.find(&document.file).await?.as_ref() != Some(document) {
            return Ok(false);
        }
        let Some(open) = self.open(&document.file).await? else { return Ok(false) };
        let open = open.into_std().await;
        Ok(blocking(move || digest_of(open)).await? == document.file)
    }
}

impl Incoming {
    /// Writes on.
    ///
    /// # Errors
    /// [`StoreError::File`] when the disk is full or broken.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let missing = Media::HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.digest.read(bytes);
        Ok(self.file.write_all(bytes).await?)
    }

    /// How many bytes have come.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The first bytes, [`Media::HEAD`] at most.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Keeps the document, so that it survives a power cut; one that is there already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::File`] when the disk is full or broken.
    pub async fn keep(mut self) -> Result<Digest, StoreError> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let digest = self.digest.end();
        let place = place(&self.folder, &digest);
        let (folder, temporary) = (self.folder, self.path);
        blocking(move || {
            let Some(place) = place else { return Ok(digest) };
            let within = place.parent().unwrap_or(&folder);
            fs::create_dir_all(within)?;
            match temporary.persist_noclobber(&place) {
                Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => {}
                other => other?,
            }
            sync(within)?;
            sync(&folder)?;
            Ok(digest)
        })
        .await
    }
}

/// Where a document lies: `ab/abcd…`, so that no folder holds them all. What is no digest lies nowhere.
fn place(folder: &Path, file: &Digest) -> Option<PathBuf> {
    let file = Digest::parse(file.as_str())?;
    Some(folder.join(file.as_str().get(..2)?).join(file.as_str()))
}

/// The digest of a file, read to its end.
pub(crate) fn digest_of(mut file: File) -> std::io::Result<Digest> {
    let (mut digest, mut buffer) = (FileDigest::default(), vec![0_u8; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digest.end()),
            read => digest.read(buffer.get(..read).unwrap_or_default()),
        }
    }
}

/// A new name lasts when its folder does.
pub(crate) fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Runs what waits for the disk away from the threads that serve requests.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    Ok(spawn_blocking(work).await.map_err(std::io::Error::other)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn kept(files: &Files, content: &[u8]) -> Digest {
        let mut incoming = files.receive().await.unwrap();
        for part in content.chunks(3) {
            incoming.write(part).await.unwrap();
        }
        assert_eq!(incoming.bytes(), u64::try_from(content.len()).unwrap());
        incoming.keep().await.unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_document_is_stored_once_and_what_is_left_half_way_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path().join("pli.files"));
        let content = b"%PDF-1.7 une lettre";
        let digest = kept(&files, content).await;
        assert_eq!(kept(&files, content).await, digest);
        let mut given_up = files.receive().await.unwrap();
        given_up.write(b"%PDF-1.7 une autre").await.unwrap();
        drop(given_up);
        let first = &digest.as_str()[..2];
        assert_eq!(names(&files.folder), [first]);
        assert_eq!(names(&files.folder.join(first)), [digest.as_str()]);
        assert_eq!(fs::read(files.folder.join(first).join(digest.as_str())).unwrap(), content);
        let found = files.find(&digest).await.unwrap().unwrap();
        assert_eq!((found.media, found.bytes), (Media::Pdf, 19));
        assert!(files.holds(&found).await.unwrap());
        fs::write(files.folder.join(first).join(digest.as_str()), b"%PDF-1.7 une Lettre").unwrap();
        assert!(!files.holds(&found).await.unwrap(), "altered");
    }

    #[tokio::test]
    async fn what_is_no_digest_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), b"%PDF-").unwrap();
        let files = Files::in_folder(folder.path().join("pli.files"));
        kept(&files, b"%PDF-").await;
        for wrong in
            ["../secret", "", "..", &"0".repeat(64), &folder.path().join("secret").display().to_string()]
        {
            let wrong = Digest::stored(wrong.to_owned());
            assert!(files.open(&wrong).await.unwrap().is_none(), "{wrong}");
            assert!(files.find(&wrong).await.unwrap().is_none(), "{wrong}");
        }
    }
}
