//! The proof of a dossier: its chain, the seals that cover it, verified at this moment, and the file to be kept.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use pli_app::Proof;

use super::dossier::find;
use crate::failure::{Failure, Kind, html};
use crate::frame::{Frame, Here};
use crate::post::Named;
use crate::session::Session;
use crate::{Web, words};

/// A seal that covers the dossier.
#[derive(Debug)]
struct SealRow {
    number: u32,
    day: String,
    /// The last entry that it covers.
    length: u32,
    hash: String,
}

#[derive(Template)]
#[template(path = "proof.html")]
struct ProofPage {
    frame: Frame,
    reference: String,
    subject: String,
    faults: Vec<String>,
    verified: String,
    entries: String,
    drafts: String,
    documents: String,
    head: Option<String>,
    /// Entries that no seal covers yet.
    since: usize,
    seals: Vec<SealRow>,
    /// The last seal that was taken.
    last: Option<SealRow>,
    file: String,
}

/// `GET /dossiers/{reference}/preuve`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(reference): Named<String>,
) -> Result<Response, Failure> {
    let Proof { package, faults } = proof(&web, &session, &reference).await?;
    let seals: Vec<_> = package
        .covering()
        .map(|(covered, packed)| SealRow {
            number: packed.seal.number,
            day: words::date(packed.seal.day),
            length: covered.length,
            hash: packed.hash.to_string(),
        })
        .collect();
    let sealed = seals.last().map_or(0, |seal| seal.length);
    let last = package.seals.last().map(|packed| SealRow {
        number: packed.seal.number,
        day: words::date(packed.seal.day),
        length: sealed,
        hash: packed.hash.to_string(),
    });
    let page = ProofPage {
        frame: Frame::of(&format!("Preuve de {}", package.reference), &session, Here::Elsewhere),
        verified: package.made_at.french(),
        entries: counted(package.entries.len(), "entrée", "entrées"),
        drafts: counted(package.drafts.len(), "version", "versions"),
        documents: counted(package.documents.len(), "document", "documents"),
        head: package.entries.last().map(|entry| entry.hash.to_string()),
        since: package.entries.iter().filter(|entry| entry.seq > sealed).count(),
        file: package.file_name(),
        reference: package.reference,
        subject: package.subject,
        faults,
        seals,
        last,
    };
    html(StatusCode::OK, &page)
}

/// `GET /dossiers/{reference}/preuve.json`: the file.
pub(crate) async fn package(
    State(web): State<Web>,
    session: Session,
    Named(reference): Named<String>,
) -> Result<Response, Failure> {
    let Proof { package, .. } = proof(&web, &session, &reference).await?;
    let disposition = format!("attachment; filename=\"{}\"", package.file_name());
    let headers = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, package.json()).into_response())
}

fn counted(number: usize, one: &str, many: &str) -> String {
    words::counted(u64::try_from(number).unwrap_or(u64::MAX), one, many)
}

async fn proof(web: &Web, session: &Session, reference: &str) -> Result<Proof, Failure> {
    let id = find(web, session, reference).await?.dossier.id;
    web.app.proof(&session.caller, id).await?.ok_or_else(|| Kind::NotFound.into())
}
