//! Backups of a Pli on SQLite: a folder with a copy of the database and of the documents, made while others are at work, and
//! put back where there is nothing.

use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};

use pli_domain::digest::Digest;
use pli_persistence::{Files, Store, StoreError, copy_file, file_digest};
use tempfile::Builder;

/// The database in a backup, its digest as `sha256sum` writes it, and the documents.
const DATABASE: &str = "pli.sqlite";
const DIGEST: &str = "pli.sha256";
const DOCUMENTS: &str = "pli.files";

/// A folder that is a backup, or will be one.
#[derive(Clone, Debug)]
pub struct Backup {
    folder: PathBuf,
}

/// Why there is no backup, or it was not put back; in French, for the command line.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is ever written over.
    #[error("{} existe déjà, et rien n’est écrasé : donnez un autre chemin, ou déplacez-le", .0.display())]
    Exists(PathBuf),
    /// It lacks what makes a backup.
    #[error("{} n’est pas une sauvegarde complète de Pli", .0.display())]
    NotOne(PathBuf),
    /// Its database is not the one that was written.
    #[error("{} a été altéré depuis la sauvegarde", .0.display())]
    Altered(PathBuf),
    /// The disk or the database failed.
    #[error(transparent)]
    Failed(#[from] StoreError),
}

impl From<IoError> for BackupError {
    fn from(error: IoError) -> Self {
        Self::Failed(error.into())
    }
}

impl Backup {
    /// The backup of a folder.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Makes the backup, of a SQLite database and its documents; how many documents. The folder has its name once it is whole
    /// and on the disk: what was interrupted looks like no backup.
    ///
    /// # Errors
    /// [`BackupError`] when the folder holds something already, the disk is full, or the database is PostgreSQL.
    pub async fn make(
        &self,
        store: &Store,
        files: &Files,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<u64, BackupError> {
        if self.folder.try_exists()? && fs::read_dir(&self.folder)?.next().is_some() {
            return Err(BackupError::Exists(self.folder.clone()));
        }
        let parent = self.folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let half = private(Builder::new().prefix(".sauvegarde-")).tempdir_in(parent)?;
        // The database first: each document that it names was there before its row.
        let database = half.path().join(DATABASE);
        store.copy_to(&database).await?;
        let copied = files.copy_to(&half.path().join(DOCUMENTS), progress).await?;
        let digest = file_digest(&database).await?;
        fs::write(half.path().join(DIGEST), format!("{digest}  {DATABASE}\n"))?;
        for kept in [half.path().join(DIGEST), half.path().to_owned()] {
            fs::File::open(kept)?.sync_all()?;
        }
        fs::rename(half.keep(), &self.folder)?;
        fs::File::open(parent)?.sync_all()?;
        Ok(copied)
    }

    /// Puts the backup back: the documents that are missing, then the database, where there is none; how many documents were
    /// missing.
    ///
    /// # Errors
    /// [`BackupError`] when a database is there, when the backup is not whole or was altered, or when the disk is full.
    pub async fn restore(
        &self,
        database: &Path,
        documents: &Path,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<u64, BackupError> {
        for taken in ["", "-wal", "-journal"].map(|end| PathBuf::from(format!("{}{end}", database.display())))
        {
            if taken.try_exists()? {
                return Err(BackupError::Exists(taken));
            }
        }
        let copy = self.folder.join(DATABASE);
        let whole = self.digest()?.ok_or_else(|| BackupError::NotOne(self.folder.clone()))?;
        if file_digest(&copy).await? != whole {
            return Err(BackupError::Altered(copy));
        }
        let files = Files::in_folder(self.folder.join(DOCUMENTS));
        let copied = files.copy_to(documents, progress).await?;
        copy_file(&copy, database).await?;
        Ok(copied)
    }

    /// The digest that was written when all else was; `None` when there is none.
    fn digest(&self) -> Result<Option<Digest>, IoError> {
        match fs::read_to_string(self.folder.join(DIGEST)) {
            Ok(line) => Ok(line.split(' ').next().and_then(Digest::parse)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What is made can be read by Pli's account only.
fn private<'a, 'name>(builder: &'a mut Builder<'name, 'name>) -> &'a mut Builder<'name, 'name> {
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder
}
