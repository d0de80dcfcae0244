//! Where everything is kept: the database and the documents beside it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use pli_app::{App, Clock, Files, Store, StoreError};

use crate::{jobs, seed};

/// Where everything is kept.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Base de données : `sqlite://fichier` ou `postgres://utilisateur@hôte/base`. Elle est créée au besoin (SQLite) et
    /// mise à jour.
    #[arg(long, global = true, env = "PLI_DATABASE_URL", value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Dossier où sont gardés les documents joints. Par défaut à côté de la base SQLite (`pli.files` pour `pli.sqlite`) ; à
    /// donner avec PostgreSQL, le même pour tous les serveurs.
    #[arg(long, global = true, env = "PLI_FILES", value_name = "DOSSIER")]
    pub(crate) files: Option<PathBuf>,
}

impl Place {
    /// The database that is named, or the one of this folder.
    pub(crate) fn url(&self) -> String {
        self.database.clone().unwrap_or_else(|| "sqlite://pli.sqlite".to_owned())
    }
}

/// Opens the database, brings its schema up to date, and gives a new one the ministry's organisation.
pub(crate) async fn open(place: Place) -> Result<App> {
    let url = place.url();
    let store = reach(&url).await?;
    match store.migrate().await {
        Err(StoreError::TooNew(step)) => {
            bail!("cette base est celle d’une version plus récente de Pli ({step}) : lancez cette version")
        }
        migrated => migrated.context("la mise à jour de la base a échoué")?,
    }
    let files = Files::in_folder(folder(place.files, &url)?);
    let app = App::new(store, files, Clock::System);
    seed::organisation(&app).await?;
    Ok(app)
}

/// The same, whose dashboards are read from a replica.
pub(crate) async fn open_with(place: Place, replica: Option<&str>) -> Result<App> {
    let Some(replica) = replica else { return open(place).await };
    let speaks = |url: &str| url.starts_with("postgres://") || url.starts_with("postgresql://");
    if !speaks(&place.url()) || !speaks(replica) {
        bail!(
            "--replica ne sert qu’avec PostgreSQL : nommez par --database la base où Pli écrit, par --replica sa réplique, \
             toutes deux sous la forme postgres://utilisateur@hôte/base"
        );
    }
    let followed = open(place).await?.with_replica(replica).await;
    followed.map_err(jobs::failed).context("la réplique ne peut pas être suivie")
}

/// Opens the database as it is.
pub(crate) async fn reach(url: &str) -> Result<Store> {
    Store::connect(url).await.with_context(|| format!("base inaccessible : {}", shown(url)))
}

/// Where the documents are kept: beside a SQLite file when nothing is said. Several servers may share a PostgreSQL, and must
/// share the documents too: a folder of each one's own is never chosen for them.
pub(crate) fn folder(files: Option<PathBuf>, url: &str) -> Result<PathBuf> {
    files
        .or_else(|| Some(sqlite_file(url)?.with_extension("files")))
        .context("avec PostgreSQL, dites où garder les documents : --files DOSSIER, ou PLI_FILES")
}

/// The file of a SQLite database.
pub(crate) fn sqlite_file(url: &str) -> Option<&Path> {
    let file = url.strip_prefix("sqlite:")?;
    Some(Path::new(file.strip_prefix("//").unwrap_or(file).split('?').next()?))
}

/// The address without its password.
fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_lie_beside_the_file_or_where_one_says() {
        let beside = |url| folder(None, url).ok();
        assert_eq!(beside("sqlite://pli.sqlite"), Some("pli.files".into()));
        assert_eq!(beside("sqlite:///srv/pli/pli.sqlite?mode=rwc"), Some("/srv/pli/pli.files".into()));
        assert_eq!(beside("sqlite:pli"), Some("pli.files".into()));
        assert_eq!(beside("postgres://pli@db/pli"), None);
        assert_eq!(folder(Some("/srv".into()), "postgres://pli@db/pli").ok(), Some("/srv".into()));
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(shown("postgres://pli:secret@db/pli"), "postgres://…@db/pli");
        assert_eq!(shown("sqlite://pli.sqlite"), "sqlite://pli.sqlite");
    }
}
