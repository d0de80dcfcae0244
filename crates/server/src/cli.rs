//! The command line. It speaks French, as its users do.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand, value_parser};
use pli_app::{AccessRules, App};
use pli_domain::account::{LONGEST_TOKEN, SessionLimits, TOKEN_DAYS, TokenScope};
use pli_domain::delay::Delays;
use pli_domain::import_run::Feed;
use tokio::net::TcpListener;

use crate::exchange::Export;
use crate::http::{Options, Theme};
use crate::mail::Mailer;
use crate::openid::OpenId;
use crate::place::{Place, open, open_with};
use crate::{backup, deadline, demo, exchange, http, jobs, members, metrics, proof, work};

/// Pli suit le courrier et les questions parlementaires d’un ministère.
#[derive(Debug, Parser)]
#[command(name = "pli", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    /// Écrit le journal technique en JSON, une ligne par événement.
    #[arg(long, global = true, env = "PLI_LOG_JSON")]
    pub log_json: bool,
    /// Collecteur OpenTelemetry (OTLP sur HTTP), tel que `http://localhost:4318`, à qui remettre les traces.
    #[arg(long, global = true, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub(crate) traces: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sert les pages et l’API.
    Serve(Serve),
    /// Remplit une base de démonstration, dit qui peut s’y connecter, et la sert.
    Demo(Serve),
    /// Importe des données publiques.
    #[command(subcommand)]
    Import(Import),
    /// Écrit des fichiers pour « Réponses », l’application du Gouvernement.
    #[command(subcommand)]
    Export(Export),
    /// Sauvegarde la base SQLite et les documents dans un nouveau dossier, pendant que Pli travaille.
    Backup {
        /// Le dossier de la sauvegarde : il ne doit pas exister, ou être vide.
        folder: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Remet une sauvegarde à la place d’une base qui n’existe pas, et la vérifie ; n’écrase jamais rien.
    Restore {
        /// Le dossier de la sauvegarde.
        folder: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Vérifie les sceaux, les chaînes du journal et le rejoue, et relit les documents ; échoue s’ils ne correspondent pas aux
    /// dossiers.
    Verify {
        /// Sceau que vous avez conservé ailleurs, tel que `12:5d41…` : il doit être resté le même.
        #[arg(long, value_name = "NUMÉRO:EMPREINTE", value_parser = proof::kept_seal)]
        seal: Option<proof::KeptSeal>,
        #[command(flatten)]
        output: Output,
    },
    /// Imprime le dernier sceau, à conserver ailleurs : qui le détient saura que rien de ce qui précède n’a été changé.
    Seal(Output),
    /// Écrit le fichier de preuve d’un dossier ; `pli proof check` le vérifie, sans base ni réseau.
    Proof(proof::Wanted),
    /// Calcule une échéance et l’explique.
    Deadline(deadline::Deadline),
    /// Imprime le schéma GraphQL.
    Schema,
    /// Gère les comptes.
    #[command(subcommand)]
    User(User),
    /// Gère les jetons de l’API.
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, Args)]
struct Serve {
    /// Adresse d’écoute.
    #[arg(long, env = "PLI_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADRESSE")]
    listen: SocketAddr,
    /// N’envoie les témoins de connexion que sur une liaison chiffrée (derrière un mandataire HTTPS).
    #[arg(long, env = "PLI_SECURE_COOKIES")]
    secure_cookies: bool,
    /// Adresse de Pli pour ses utilisateurs, dans les liens des messages et des agendas ; celle d’écoute si elle n’est pas donnée.
    #[arg(long, env = "PLI_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Pli est derrière un mandataire de confiance, qui ajoute l’adresse de chaque client à la fin de `X-Forwarded-For`.
    #[arg(long, env = "PLI_BEHIND_PROXY")]
    behind_proxy: bool,
    /// Une session qui ne sert pas prend fin après ce nombre de minutes.
    #[arg(long, env = "PLI_SESSION_IDLE", default_value_t = 120, value_name = "MINUTES", value_parser = value_parser!(u16).range(10..))]
    session_idle: u16,
    /// Une session prend fin après ce nombre de minutes, même si elle sert.
    #[arg(long, env = "PLI_SESSION_LONGEST", default_value_t = 720, value_name = "MINUTES", value_parser = value_parser!(u16).range(10..))]
    session_longest: u16,
    /// Demandes qu’une personne peut faire en une minute, navigateurs et jetons ensemble ; 0 pour ne pas compter.
    #[arg(long, env = "PLI_PERSON_RATE", default_value_t = 600, value_name = "DEMANDES")]
    person_rate: u32,
    /// Demandes qui peuvent venir d’une adresse en une minute ; 0 pour ne pas compter.
    #[arg(long, env = "PLI_ADDRESS_RATE", default_value_t = 12_000, value_name = "DEMANDES")]
    address_rate: u32,
    /// Laisse lire le schéma de l’API (introspection), pour les outils qui en ont besoin.
    #[arg(long, env = "PLI_INTROSPECTION")]
    introspection: bool,
    /// À qui signaler ce qui n’est pas accessible : une adresse de courriel, une adresse web ou quelques mots.
    #[arg(long, env = "PLI_ACCESSIBILITY_CONTACT", value_name = "CONTACT")]
    accessibility_contact: Option<String>,
    /// Dossier du thème : `theme.css`, ses polices et sa marque, posés sur l’apparence de Pli.
    #[arg(long, env = "PLI_THEME", value_name = "DOSSIER")]
    theme: Option<PathBuf>,
    /// Serveur de courriel : `smtp://hôte:port`, `smtps://utilisateur:mot-de-passe@hôte`. Sans lui, aucune relance ne part.
    #[arg(long, env = "PLI_SMTP_URL", value_name = "URL", hide_env_values = true)]
    smtp: Option<String>,
    /// Expéditeur des messages.
    #[arg(long, env = "PLI_MAIL_FROM", default_value = "Pli <pli@localhost>", value_name = "ADRESSE")]
    mail_from: String,
    /// Adresse d’écoute des mesures pour Prometheus (`/metrics`), à ne pas ouvrir aux utilisateurs. Sans elle, rien n’est mesuré.
    #[arg(long, env = "PLI_METRICS", value_name = "ADRESSE")]
    metrics: Option<SocketAddr>,
    /// Réplique PostgreSQL de la base (serveur en attente), où lire les tableaux de bord tant qu’elle a tout ce qu’ils doivent
    /// montrer.
    #[arg(long, env = "PLI_REPLICA_URL", value_name = "URL", hide_env_values = true)]
    replica: Option<String>,
    #[command(flatten)]
    openid: OpenId,
}

impl Serve {
    /// What is chosen of access.
    fn access(&self) -> AccessRules {
        let minutes = |count: u16| TimeDelta::minutes(count.into());
        AccessRules {
            sessions: SessionLimits {
                idle: minutes(self.session_idle),
                longest: minutes(self.session_longest),
            },
            per_person: NonZeroU32::new(self.person_rate),
            per_address: NonZeroU32::new(self.address_rate),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Importe les questions publiées par l’Assemblée nationale : une archive zip, un dossier, un fichier JSON ou XML.
    Assemblee {
        /// L’archive, le dossier ou le fichier.
        path: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Importe les questions publiées par le Sénat : les fichiers CSV de ses données ouvertes, la copie SQL de sa base, une page
    /// de résultats de son site, ou une archive zip ou un dossier qui en contient.
    Senat {
        /// L’archive, le dossier ou le fichier.
        path: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Importe les membres du Parlement : les archives AMO de l’Assemblée nationale (zip, dossier ou fichier JSON) et le répertoire
    /// national des élus (CSV).
    Elus {
        /// Les archives, dossiers ou fichiers.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// Importe des messages de « Réponses » : questions, changements d’état, rectificatifs, attributions, accusés.
    Reponses {
        /// Les fichiers XML, dans l’ordre où ils ont été reçus.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum User {
    /// Crée un compte ; sans `--password-stdin`, tire un mot de passe et l’imprime.
    Add {
        /// Identifiant de connexion.
        login: String,
        /// Nom affiché.
        #[arg(long)]
        name: String,
        /// Adresse de courriel, où vont les relances.
        #[arg(long)]
        email: Option<String>,
        /// Rôle tenu dans un service, tel que `clerk@SG-CAB` ; à répéter.
        #[arg(long = "role", value_name = "RÔLE@SERVICE", required = true)]
        roles: Vec<String>,
        /// Lit le mot de passe sur l’entrée standard.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum Token {
    /// Crée un jeton, imprimé une seule fois.
    Create {
        /// Compte au nom duquel le jeton agit.
        login: String,
        /// À quoi il sert.
        #[arg(long)]
        name: String,
        /// Durée de validité en jours.
        #[arg(long, value_name = "JOURS", default_value_t = TOKEN_DAYS, value_parser = value_parser!(u32).range(1..=LONGEST_TOKEN.into()))]
        days: u32,
        /// Ne permet que la lecture.
        #[arg(long)]
        read_only: bool,
        #[command(flatten)]
        output: Output,
    },
}

/// How a job tells what it did.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Output {
    /// Imprime le résultat en JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Does what the command line says.
///
/// # Errors
/// Whatever kept it from doing so, in French.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    let Cli { place, command, .. } = cli;
    match command {
        Command::Schema => {
            jobs::print(pli_graphql::sdl().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Command::Deadline(wanted) => {
            let delays = match &place.database {
                Some(_) => open(place).await?.delays().await.map_err(jobs::failed)?,
                None => Delays::seed().into(),
            };
            deadline::run(&wanted, &delays)
        }
        Command::Serve(serve) => {
            let app = open_with(place, serve.replica.as_deref()).await?;
            serve_on(app, &serve, false).await
        }
        Command::Demo(serve) => {
            let database = place.database.or_else(|| Some("sqlite://demo.sqlite".to_owned()));
            let app = open_with(Place { database, ..place }, serve.replica.as_deref()).await?;
            demo::prepare(&app).await?;
            serve_on(app, &serve, true).await
        }
        Command::Import(Import::Assemblee { path, output }) => {
            let app = open(place).await?;
            jobs::import(&app, Feed::Assembly, &path, pli_feeds::assemblee::open, output).await
        }
        Command::Import(Import::Senat { path, output }) => {
            let app = open(place).await?;
            jobs::import(&app, Feed::Senate, &path, pli_feeds::senat::open, output).await
        }
        Command::Import(Import::Elus { paths, output }) => {
            members::import(&open(place).await?, &paths, output).await
        }
        Command::Import(Import::Reponses { paths, output }) => {
            exchange::import(&open(place).await?, &paths, output).await
        }
        Command::Export(wanted) => exchange::export(&open(place).await?, wanted).await,
        Command::Backup { folder, output } => backup::make(&place, &folder, output).await,
        Command::Restore { folder, output } => {
            backup::put_back(&place, &folder).await?;
            jobs::verify(&open(place).await?, None, output).await
        }
        Command::Verify { seal, output } => jobs::verify(&open(place).await?, seal.as_ref(), output).await,
        Command::Seal(output) => proof::seal(&open(place).await?, output).await,
        Command::Proof(proof::Wanted { check: Some(proof::Check::Check(wanted)), .. }) => {
            proof::check(&wanted)
        }
        Command::Proof(wanted) => proof::write(&open(place).await?, &wanted).await,
        Command::User(User::Add { login, name, email, roles, password_stdin, output }) => {
            let app = open(place).await?;
            let person = jobs::Person { login, name, email };
            jobs::add_user(&app, &person, &roles, password_stdin, output).await
        }
        Command::Token(Token::Create { login, name, days, read_only, output }) => {
            let app = open(place).await?;
            let scope = if read_only { TokenScope::Read } else { TokenScope::Write };
            jobs::create_token(&app, &login, &name, scope, days, output).await
        }
    }
}

async fn serve_on(app: App, serve: &Serve, demo: bool) -> Result<ExitCode> {
    crate::open_many_files();
    let app = app.with_access(serve.access());
    let listener = listen(serve.listen).await?;
    let address = listener.local_addr()?;
    if let Some(metered) = serve.metrics {
        let (handle, listener) = (metrics::record()?, listen(metered).await?);
        jobs::print(&format!("Mesures sur http://{}/metrics.", local(listener.local_addr()?)));
        tokio::spawn(metrics::serve(listener, app.clone(), handle));
    }
    tracing::info!(%address, "serving");
    jobs::print(&format!("Pli répond sur http://{} (Ctrl-C pour arrêter).", local(address)));
    let public = serve.public_url.clone().unwrap_or_else(|| format!("http://{}", local(address)));
    let mailer = serve.smtp.as_ref().map(|url| Mailer::new(url, &serve.mail_from)).transpose()?;
    if mailer.is_none() {
        tracing::info!("no mail server is named: reminders are not sent");
    }
    let theme = match &serve.theme {
        Some(folder) => Theme::read(folder)
            .with_context(|| format!("impossible de lire le thème {}", folder.display()))?,
        None => Theme::default(),
    };
    let provider = serve.openid.provider(&public)?;
    let work = tokio::spawn(work::run(app.clone(), mailer, public.clone()));
    let followed = app.clone();
    let follow = tokio::spawn(async move { followed.listen().await });
    let options = Options {
        public_url: public,
        demo,
        secure_cookies: serve.secure_cookies,
        behind_proxy: serve.behind_proxy,
        introspection: serve.introspection,
        accessibility_contact: serve.accessibility_contact.clone(),
        theme,
        provider,
    };
    http::serve(listener, app, options).await?;
    work.abort();
    follow.abort();
    jobs::print("Pli s’est arrêté proprement.");
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("impossible d’écouter sur {address}"))
}

/// The address as a person types it.
fn local(address: SocketAddr) -> String {
    if address.ip().is_loopback() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
