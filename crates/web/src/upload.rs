//! Forms that bring a document. A document that came with a form is stored at once and the form keeps it by a sealed name,
//! so that it is not sent again when the form is refused: a browser never fills a file field by itself.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use pli_app::{App, Document, Error};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Attachment, Media};
use pli_domain::refusal::Refusal;

use crate::failure::{Failure, Kind};
use crate::fields::Fields;
use crate::form::FieldError;
use crate::post::{Posted, same_site};
use crate::session::Session;
use crate::{LARGEST_FORM, Web};

/// The name of the field: of the file that is sent, and of the sealed name by which a form keeps it.
pub(crate) const DOCUMENT: &str = "document";
/// What may be sent, told beside the field.
pub(crate) const ACCEPTED: &str = "PDF, ou image JPEG, PNG ou TIFF\u{a0}; 20\u{a0}Mio au plus.";
/// The box that is ticked to keep it no more.
pub(crate) const WITHOUT: &str = "withoutDocument";

/// How much of a request is read. Far more than a document may hold: what is too large is read to its end and passed over,
/// since a browser whose request is cut shows nothing of what it is told.
const LARGEST_REQUEST: usize = 128 << 20;

/// What a part weighs by itself, in bytes of text: a million empty ones are no form.
const PART: usize = 64;

/// A form that may bring a document.
#[derive(Debug)]
pub(crate) struct Uploaded {
    /// The form; its field [`DOCUMENT`] holds the sealed name of what came, now or before.
    pub(crate) posted: Posted,
    /// What is wrong with the document that came now.
    pub(crate) refused: Option<FieldError>,
}

/// A document that came with a form and is no dossier's yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) file: Digest,
    pub(crate) media: Media,
    pub(crate) name: String,
}

impl Kept {
    /// The sealed name. Only the session that sent a document can have it: to know what a document holds, or its digest,
    /// gives no right to it.
    pub(crate) fn sealed(&self, session: &Session) -> String {
        let (media, seal) = (<&str>::from(self.media), self.seal(session));
        format!("{}.{media}.{seal}.{}", self.file, self.name)
    }

    /// Reads a sealed name; `None` when its seal is not this session's.
    pub(crate) fn read(session: &Session, sealed: &str) -> Option<Self> {
        let kept = Self::unsealed(sealed)?;
        // The whole is compared by digests, so that the time it takes says nothing of the seal.
        (Digest::of([sealed]) == Digest::of([kept.sealed(session).as_str()])).then_some(kept)
    }

    /// What a sealed name says, its seal checked already.
    pub(crate) fn unsealed(sealed: &str) -> Option<Self> {
        let mut parts = sealed.splitn(4, '.');
        let (file, media, _, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Self { file: Digest::parse(file)?, media: media.parse().ok()?, name: name.to_owned() })
    }

    fn seal(&self, session: &Session) -> Digest {
        let media: &str = self.media.into();
        Digest::of(["pli-web document", session.secret(), self.file.as_str(), media, &self.name])
    }
}

/// The document that a form brings, ready to be attached.
///
/// # Errors
/// [`Refusal::DocumentGone`] when it is not stored any more.
pub(crate) async fn document(app: &App, posted: &Posted) -> Result<Option<Document>, Error> {
    let Some(kept) = Kept::read(&posted.session, posted.fields.text(DOCUMENT)) else { return Ok(None) };
    let attachment = app.received(&kept.file).await?.ok_or(Refusal::DocumentGone)?;
    Ok(Some(Document { attachment, name: kept.name }))
}

impl FromRequest<Web> for Uploaded {
    type Rejection = Failure;

    async fn from_request(mut request: Request, web: &Web) -> Result<Self, Failure> {
        if !is_multipart(request.headers()) {
            let posted = Posted::from_request(request, web).await?;
            return Ok(Self::settled(posted, false, None));
        }
        if !same_site(request.headers()) {
            return Err(Kind::Foreign.into());
        }
        let session = Session::of(web, request.headers()).await?;
        DefaultBodyLimit::max(LARGEST_REQUEST).apply(&mut request);
        let (parts, body) = request.into_parts();
        let anonymous = Failure::sign_in(&parts);
        let form = Multipart::from_request(Request::from_parts(parts, body), web).await;
        let form = form.map_err(|_| Kind::Unreadable)?;
        let mut incoming = Incoming::new(&web.app, session.as_ref());
        incoming.read(form).await?;
        let Incoming { fields, came, refused, .. } = incoming;
        Ok(Self::settled(Posted::by(session, fields, anonymous)?, came, refused))
    }
}

impl Uploaded {
    /// A document sealed by another session, or that is not wanted any more, is kept no more.
    fn settled(mut posted: Posted, came: bool, refused: Option<FieldError>) -> Self {
        let unwanted = !came && posted.fields.text(WITHOUT) == "1";
        if unwanted || Kept::read(&posted.session, posted.fields.text(DOCUMENT)).is_none() {
            posted.fields = posted.fields.without(DOCUMENT);
        }
        posted.fields = posted.fields.without(WITHOUT);
        Self { posted, refused }
    }
}

impl From<Posted> for Uploaded {
    fn from(posted: Posted) -> Self {
        Self { posted, refused: None }
    }
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"multipart/form-data"))
}

/// A form that is being read, part after part.
struct Incoming<'a> {
    app: &'a App,
    session: Option<&'a Session>,
    fields: Fields,
    /// Whether a document came.
    came: bool,
    refused: Option<FieldError>,
    /// How many bytes of text may still come.
    left: usize,
    /// Whether more came.
    too_long: bool,
}

impl<'a> Incoming<'a> {
    fn new(app: &'a App, session: Option<&'a Session>) -> Self {
        Self {
            app,
            session,
            fields: Fields::default(),
            came: false,
            refused: None,
            left: LARGEST_FORM,
            too_long: false,
        }
    }

    async fn read(&mut self, mut form: Multipart) -> Result<(), Failure> {
        loop {
            let part = match form.next_field().await {
                Ok(Some(part)) => part,
                Ok(None) if self.too_long => return Err(Kind::TooLarge.into()),
                Ok(None) => return Ok(()),
                // A document so large that it is not read to its end: the rest of the form came before it.
                Err(_) if self.refused.is_some() => return Ok(()),
                Err(error) => return Err(unreadable(&error)),
            };
            let name = part.name().unwrap_or_default().to_owned();
            let Some(file) = part.file_name().map(str::to_owned) else {
                self.text(name, part).await?;
                continue;
            };
            // A file is taken from someone who has shown that the form is theirs; the token comes before it.
            let own = self.session.filter(|session| session.sent(self.fields.text("token")));
            match own.filter(|_| name == DOCUMENT && !file.is_empty()) {
                Some(session) => self.document(session, &file, part).await?,
                None => pass_over(part).await?,
            }
        }
    }

    /// Takes the length of a text from what may still come.
    fn weigh(&mut self, bytes: usize) {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.too_long = true,
        }
    }

    async fn text(&mut self, name: String, mut part: Field<'_>) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        self.weigh(name.len().saturating_add(PART));
        while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
            self.weigh(chunk.len());
            // What is too long is read to its end all the same, and passed over.
            if !self.too_long {
                bytes.extend_from_slice(&chunk);
            }
        }
        if self.too_long {
            return Ok(());
        }
        let value = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        self.fields = std::mem::take(&mut self.fields).with(&name, value);
        Ok(())
    }

    async fn document(&mut self, session: &Session, file: &str, part: Field<'_>) -> Result<(), Failure> {
        match self.store(part).await? {
            Ok(Attachment { file: digest, media, .. }) => {
                let kept = Kept { file: digest, media, name: media.name(file) };
                let fields = std::mem::take(&mut self.fields).without(DOCUMENT);
                self.fields = fields.with(DOCUMENT, kept.sealed(session));
                self.came = true;
            }
            Err(error @ Error::Refused(_)) => self.refused = Some(FieldError::of(&error)),
            Err(error) => return Err(Failure::from(error).keeping(&self.fields)),
        }
        Ok(())
    }

    /// Stores a document as it comes; what is not accepted is passed over.
    async fn store(&self, mut part: Field<'_>) -> Result<Result<Attachment, Error>, Failure> {
        let mut upload = match self.app.receive_document().await {
            Ok(upload) => upload,
            Err(error) => return Ok(Err(error)),
        };
        while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
            if let Err(error) = upload.write(&chunk).await {
                drop(upload);
                // If there is no end to it, so the next part will say.
                let _end = pass_over(part).await;
                return Ok(Err(error));
            }
        }
        Ok(upload.keep().await)
    }
}

/// Reads a part to its end, and keeps nothing of it.
async fn pass_over(mut part: Field<'_>) -> Result<(), Failure> {
    while part.chunk().await.map_err(|error| unreadable(&error))?.is_some() {}
    Ok(())
}

fn unreadable(error: &MultipartError) -> Failure {
    let too_large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
    if too_large { Kind::TooLarge } else { Kind::Unreadable }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn kept() -> Kept {
        let file = Digest::parse(&"0af3".repeat(16)).unwrap();
        Kept { file, media: Media::Pdf, name: "Lettre du 3. mars.pdf".to_owned() }
    }

    #[test]
    fn a_document_is_kept_for_the_session_that_sent_it_and_as_it_was_sent() {
        let session = samples::session(&[]);
        let sealed = kept().sealed(&session);
        assert_eq!(Kept::read(&session, &sealed), Some(kept()));
        let other = Session::with_secret(samples::session(&[]).caller, "another");
        assert_eq!(Kept::read(&other, &sealed), None);
        for altered in [
            sealed.replace("0af3", "0af4"),
            sealed.replace(".pdf.", ".png."),
            sealed.replace("mars", "mai"),
            format!("{sealed}x"),
            kept().file.to_string(),
            String::new(),
            "../../etc/passwd.pdf.x.y".to_owned(),
        ] {
            assert_eq!(Kept::read(&session, &altered), None, "{altered}");
        }
    }

    #[test]
    fn a_kept_document_is_left_when_it_is_not_wanted_or_not_ones_own() {
        let session = || samples::session(&[]);
        let settle = |fields: Fields, came| {
            Uploaded::settled(Posted { session: session(), fields }, came, None).posted.fields
        };
        let own = Fields::default().with(DOCUMENT, kept().sealed(&session()));
        assert_eq!(settle(own.clone(), false), own);
        assert_eq!(settle(own.clone().with(WITHOUT, "1"), false), Fields::default());
        assert_eq!(settle(own.clone().with(WITHOUT, "1"), true), own, "another was chosen meanwhile");
        assert_eq!(settle(Fields::default().with(DOCUMENT, "forged"), false), Fields::default());
    }
}
