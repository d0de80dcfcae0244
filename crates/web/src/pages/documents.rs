//! The documents: as a file, to those who may see the dossier, and as a page shows them.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pli_app::Attached;
use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Media};
use pli_domain::french::French as _;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::dossier::find;
use crate::failure::{Failure, Kind};
use crate::post::Named;
use crate::session::Session;
use crate::upload::Kept;
use crate::{Web, words};

/// What stands as it is in a name of a header (RFC 8187), or of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A picture does nothing: no script, no form, no other page, as if it came from a site of its own.
const PICTURE: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
/// A PDF too, but not every browser shows one in a sandbox (Safari); their viewers keep it from the page by themselves.
const PDF: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";

/// How a browser shows a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// In a frame, by its viewer.
    Frame,
    /// As a picture.
    Picture,
    /// Not at all.
    Elsewhere,
}

/// A document as a page shows it.
#[derive(Debug)]
pub(crate) struct DocumentView {
    pub(crate) name: String,
    pub(crate) href: String,
    /// What it is, and how large.
    pub(crate) about: String,
    /// Who joined it, and when.
    pub(crate) joined: String,
    pub(crate) shown: Shown,
}

impl DocumentView {
    /// A document of a dossier.
    pub(crate) fn attached(reference: &str, attached: &Attached, by: &str) -> Self {
        let Attachment { file, media, bytes } = &attached.attachment;
        Self {
            name: name(attached),
            href: format!("/dossiers/{reference}/documents/{file}"),
            about: format!("{}, {}", media.french(), words::size(*bytes)),
            joined: format!("joint par {by} le {}", attached.at.french()),
            shown: Shown::of(*media),
        }
    }

    /// A document that came with a form, and is no dossier's yet.
    pub(crate) fn kept(sealed: &str) -> Option<Self> {
        let Kept { media, name, .. } = Kept::unsealed(sealed)?;
        Some(Self {
            name,
            href: format!("/documents/{}", utf8_percent_encode(sealed, PLAIN)),
            about: media.french().to_owned(),
            joined: String::new(),
            shown: Shown::of(media),
        })
    }
}

impl Shown {
    fn of(media: Media) -> Self {
        match media {
            Media::Pdf => Self::Frame,
            Media::Jpeg | Media::Png => Self::Picture,
            Media::Tiff => Self::Elsewhere,
        }
    }
}

/// The name of a document, or what stands for it once it is not kept any more.
pub(super) fn name(attached: &Attached) -> String {
    attached.name.clone().unwrap_or_else(|| attached.attachment.media.name(""))
}

/// `GET /dossiers/{reference}/documents/{digest}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named((reference, file)): Named<(String, String)>,
) -> Result<Response, Failure> {
    let file = Digest::parse(&file).ok_or(Kind::NotFound)?;
    let dossier = find(&web, &session, &reference).await?.dossier.id;
    let (attached, open) = web.app.open_document(&session.caller, dossier, &file).await?;
    Ok(answer(attached.attachment.media, &name(&attached), Some(attached.attachment.bytes), open))
}

/// `GET /documents/{sealed}`: a document that came with a form, to the session that sent it.
pub(crate) async fn preview(
    State(web): State<Web>,
    session: Session,
    Named(sealed): Named<String>,
) -> Result<Response, Failure> {
    let Kept { file, media, name } = Kept::read(&session, &sealed).ok_or(Kind::NotFound)?;
    let open = web.app.open_received(&file).await?;
    Ok(answer(media, &name, None, open))
}

/// The file, as it is read.
fn answer(media: Media, name: &str, bytes: Option<u32>, file: File) -> Response {
    let disposition = format!("inline; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN));
    let policy = if media == Media::Pdf { PDF } else { PICTURE };
    let headers = [
        (CONTENT_TYPE, media.mime()),
        (CONTENT_SECURITY_POLICY, policy),
        (CONTENT_DISPOSITION, disposition.as_str()),
    ];
    let mut response = (headers, Body::from_stream(ReaderStream::new(file))).into_response();
    if let Some(bytes) = bytes {
        response.headers_mut().insert(CONTENT_LENGTH, bytes.into());
    }
    response
}
