//! The provider by which the State's agents sign in, as the command line names it.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use pli_domain::account::{Admission, Siret};
use pli_openid::{Provider, Settings};

/// What names the provider; all of it, or none.
#[derive(Debug, Default, Args)]
pub(crate) struct OpenId {
    /// Fournisseur d’identité (ProConnect) par lequel les agents peuvent s’identifier : l’adresse de son émetteur, telle que
    /// `https://auth.agentconnect.gouv.fr/api/v2`. Sans elle, seuls les mots de passe servent.
    #[arg(long = "oidc-issuer", env = "PLI_OIDC_ISSUER", value_name = "URL", requires_all = ["client_id", "client_secret_file", "siret"])]
    issuer: Option<String>,
    /// Identifiant de Pli auprès du fournisseur d’identité.
    #[arg(long = "oidc-client-id", env = "PLI_OIDC_CLIENT_ID", value_name = "IDENTIFIANT")]
    client_id: Option<String>,
    /// Fichier qui contient le secret de Pli auprès du fournisseur d’identité.
    #[arg(long = "oidc-client-secret-file", env = "PLI_OIDC_CLIENT_SECRET_FILE", value_name = "FICHIER")]
    client_secret_file: Option<PathBuf>,
    /// SIRET des organisations dont les agents sont accueillis, séparés par des virgules.
    #[arg(long = "oidc-siret", env = "PLI_OIDC_SIRET", value_name = "SIRET", value_delimiter = ',')]
    siret: Vec<Siret>,
    /// Niveaux d’identification (`acr`) qui suffisent, séparés par des virgules.
    #[arg(
        long = "oidc-acr",
        env = "PLI_OIDC_ACR",
        value_name = "NIVEAU",
        value_delimiter = ',',
        default_value = "eidas1"
    )]
    acr: Vec<String>,
}

impl OpenId {
    /// The provider that is named, if one is; users find Pli at `public_url`.
    pub(crate) fn provider(&self, public_url: &str) -> Result<Option<Provider>> {
        let (Some(issuer), Some(client_id), Some(file)) =
            (&self.issuer, &self.client_id, &self.client_secret_file)
        else {
            return Ok(None);
        };
        let secret = std::fs::read_to_string(file)
            .with_context(|| format!("impossible de lire le secret {}", file.display()))?;
        ensure!(!secret.trim().is_empty(), "le fichier {} est vide", file.display());
        let settings = Settings {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: secret.trim().to_owned(),
            public_url: public_url.trim_end_matches('/').to_owned(),
            admission: Admission {
                sirets: self.siret.iter().cloned().collect(),
                levels: self.acr.iter().cloned().collect(),
            },
        };
        let provider = Provider::new(settings).context("le fournisseur d’identité est mal nommé")?;
        Ok(Some(provider))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        openid: OpenId,
    }

    fn parse(line: &str) -> Result<OpenId, clap::Error> {
        Line::try_parse_from(line.split(' ')).map(|line| line.openid)
    }

    #[test]
    fn a_provider_is_named_whole_or_not_at_all() {
        assert!(parse("pli").unwrap().provider("http://localhost").unwrap().is_none());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let whole = |issuer: &str, siret: &str| {
            let file = file.display();
            parse(&format!(
                "pli --oidc-issuer {issuer} --oidc-client-id pli --oidc-client-secret-file {file} --oidc-siret {siret}"
            ))
        };
        let named = whole("https://fournisseur.example", "11001001400016,13002526500013").unwrap();
        assert!(named.provider("https://pli.example").is_err(), "the secret is not there");
        for (secret, good) in [("  \n", false), ("secret\n", true)] {
            std::fs::write(&file, secret).unwrap();
            assert_eq!(named.provider("https://pli.example").is_ok(), good);
        }
        let plain = whole("http://fournisseur.example", "11001001400016").unwrap();
        assert!(
            plain.provider("https://pli.example").is_err(),
            "what is said to it would be read on the way"
        );
        assert!(whole("https://fournisseur.example", "110").is_err());
        assert!(parse("pli --oidc-issuer https://fournisseur.example").is_err());
    }
}
