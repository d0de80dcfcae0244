//! Copies of everything, while others are at work: of a SQLite file, and of the documents.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use pli_domain::digest::Digest;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::files::{FILES_ON_THEIR_WAY, blocking, digest_of, sync};
use crate::{Files, Store, StoreError};

impl Store {
    /// Writes what a SQLite database holds at this moment into a new file, and to the disk; nobody waits for it, readers or
    /// writers. Whatever was committed before is in it, and of what is committed meanwhile, nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the disk is full, when the file exists, or on PostgreSQL, which has its own tools.
    #[expect(clippy::disallowed_methods, reason = "a copy has no scope: everything is in it")]
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let Some(name) = file.to_str() else {
            return Err(StoreError::Driver(DbErr::Custom("a path that is not UTF-8".to_owned())));
        };
        let backend = self.db.get_database_backend();
        self.db.execute_raw(Statement::from_sql_and_values(backend, "VACUUM INTO ?", [name.into()])).await?;
        let file = file.to_owned();
        blocking(move || File::open(file)?.sync_all()).await
    }
}

impl Files {
    /// Copies into a folder, and to the disk, the documents that are not there yet; nothing that is there is changed. How many
    /// were copied; `progress` is told after each.
    ///
    /// # Errors
    /// [`StoreError::File`] when one cannot be read or written.
    pub async fn copy_to(
        &self,
        folder: &Path,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<u64, StoreError> {
        let (from, to) = (self.folder.clone(), folder.to_owned());
        blocking(move || {
            fs::create_dir_all(&to)?;
            let mut copied = 0;
            for within in folders(&from)? {
                let place = to.join(within.file_name().unwrap_or_default());
                fs::create_dir_all(&place)?;
                for document in fs::read_dir(&within)? {
                    let document = document?;
                    if copy(&document.path(), &place.join(document.file_name()))? {
                        copied += 1;
                        progress(copied);
                    }
                }
                sync(&place)?;
            }
            sync(&to)?;
            Ok(copied)
        })
        .await
    }
}

/// The folders of the documents; none when no document has come yet.
fn folders(of: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !of.try_exists()? {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(of)?.map(|entry| Ok(entry?.path()));
    Ok(entries.collect::<std::io::Result<Vec<_>>>()?.into_iter().filter(|path| path.is_dir()).collect())
}

/// Copies a file under a name that is free, whole or not at all; whether it was copied.
fn copy(from: &Path, to: &Path) -> std::io::Result<bool> {
    let Some(folder) = to.parent().filter(|_| !to.exists()) else { return Ok(false) };
    let temporary = tempfile::Builder::new().prefix(FILES_ON_THEIR_WAY).tempfile_in(folder)?;
    let mut source = File::open(from)?;
    std::io::copy(&mut source, &mut temporary.as_file())?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(to)?;
    Ok(true)
}

/// Copies one file to where there is none, whole or not at all, and to the disk.
///
/// # Errors
/// [`StoreError::File`] when something is there already, or the disk is full.
pub async fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (from, to) = (from.to_owned(), to.to_owned());
    blocking(move || {
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        let to = if parent.is_some() { to } else { Path::new(".").join(to) };
        if !copy(&from, &to)? {
            return Err(std::io::ErrorKind::AlreadyExists.into());
        }
        sync(to.parent().unwrap_or(&to))
    })
    .await
}

/// The digest of a file, as `sha256sum` gives it.
///
/// # Errors
/// [`StoreError::File`] when it cannot be read.
pub async fn file_digest(file: &Path) -> Result<Digest, StoreError> {
    let file = file.to_owned();
    blocking(move || digest_of(File::open(file)?)).await
}
