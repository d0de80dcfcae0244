//! What is asked while a letter is typed, and answered by a piece of page: the senders that are known, and the letters that
//! may be the same. What is typed is sent as a form, so that no name stands in an address, nor in a server's log.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{Line, LookAlike, Suggestion};
use pli_domain::actor::Who;
use pli_domain::digest::Digest;
use pli_domain::dossier::Action;
use pli_domain::duplicate::Letter;
use pli_domain::french::French as _;
use pli_domain::ids::{MemberId, UserId};
use pli_domain::member::Member;

use crate::failure::{Failure, html};
use crate::fields::Fields;
use crate::post::Posted;
use crate::session::Session;
use crate::upload::{DOCUMENT, Kept};
use crate::{Web, words};

/// A letter that may be the same.
#[derive(Clone, Debug)]
pub(crate) struct Alike {
    pub(crate) reference: String,
    pub(crate) sender: String,
    pub(crate) subject: String,
    /// Why, and when it was received.
    pub(crate) why: String,
    /// Who registered it, and when.
    pub(crate) by: String,
}

impl Alike {
    /// As they are shown.
    pub(crate) async fn all(web: &Web, found: Vec<LookAlike>) -> Result<Vec<Self>, Failure> {
        let names = web.app.names(found.iter().map(|one| one.known.by)).await?;
        Ok(found.into_iter().map(|one| Self::new(one, &names)).collect())
    }

    fn new(LookAlike { known, signs }: LookAlike, names: &BTreeMap<UserId, String>) -> Self {
        let signs = signs.iter().map(|sign| sign.french().to_owned());
        let received = known.letter.received_on.map(|on| format!("reçu le {}", words::date(on)));
        let why = signs.chain(received).collect::<Vec<_>>().join(", ");
        Self {
            reference: known.reference,
            sender: known.letter.sender,
            subject: known.letter.subject,
            why,
            by: format!("enregistré par {} le {}", name(known.by, names), known.at.french()),
        }
    }
}

fn name(who: Who, names: &BTreeMap<UserId, String>) -> &str {
    match who {
        Who::User(user) => names.get(&user).map_or("une personne inconnue", String::as_str),
        Who::System(part) => part.french(),
    }
}

/// Who brought a letter again, as its journal tells, the latest last.
pub(crate) fn presented(lines: &[Line], names: &BTreeMap<UserId, String>) -> Vec<String> {
    let again = lines
        .iter()
        .filter(|line| !line.entry.accepted && line.entry.action == <&str>::from(Action::Register))
        .map(|line| format!("{}, le {}", name(line.entry.who, names), line.entry.at.french()));
    again.collect()
}

/// What is typed of a letter: it need not be right, nor be all.
pub(super) fn typed(session: &Session, fields: &Fields) -> Letter {
    let date = |name| fields.text(name).parse::<NaiveDate>().ok();
    let kept = Kept::read(session, fields.text(DOCUMENT)).map(|kept| kept.file);
    Letter {
        sender: fields.text("sender").to_owned(),
        subject: fields.text("subject").to_owned(),
        document_on: date("documentOn"),
        received_on: date("receivedOn"),
        // A file that was chosen and is not sent yet: its digest opens nothing, it only finds what one may read.
        files: kept.or_else(|| Digest::parse(fields.text("digest"))).into_iter().collect(),
    }
}

#[derive(Template)]
#[template(path = "alike.html")]
struct AlikePiece {
    alike: Vec<Alike>,
    apart: Option<String>,
    again: bool,
}

/// `POST /courriers/nouveau/semblables`
pub(crate) async fn show(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = posted;
    let found = web.app.probable_duplicates(&session.caller, &typed(&session, &fields)).await?;
    html(StatusCode::OK, &AlikePiece { alike: Alike::all(&web, found).await?, apart: None, again: false })
}

#[derive(Template)]
#[template(path = "senders.html")]
struct SendersPiece {
    senders: Vec<Suggestion>,
    /// The members of Parliament: identifier, the sender that they are, group.
    members: Vec<(MemberId, String, String)>,
}

impl SendersPiece {
    /// A member who has written before is shown once, as a member.
    fn new(mut senders: Vec<Suggestion>, members: Vec<Member>, today: NaiveDate) -> Self {
        let group = |member: &Member| member.known.group(today).map(|group| group.short.clone());
        let members: Vec<_> = members
            .into_iter()
            .map(|one| (one.id, one.known.as_sender(today), group(&one).unwrap_or_default()))
            .collect();
        senders.retain(|known| members.iter().all(|(_, member, _)| *member != known.sender));
        Self { senders, members }
    }
}

/// `POST /courriers/nouveau/expediteurs`
pub(crate) async fn senders(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let senders = web.app.senders(&posted.session.caller, posted.fields.text("sender")).await?;
    let members = web.app.suggested_members(posted.fields.text("sender")).await?;
    html(StatusCode::OK, &SendersPiece::new(senders, members, web.app.today()))
}

#[cfg(test)]
mod tests {
    use pli_domain::member::PublishedMember;

    use super::*;
    use crate::samples::{self, NASTY};

    #[test]
    fn what_people_wrote_comes_out_as_words() {
        let one = Alike {
            reference: "SG-2026-A-000001".to_owned(),
            sender: NASTY.to_owned(),
            subject: NASTY.to_owned(),
            why: "même expéditeur".to_owned(),
            by: NASTY.to_owned(),
        };
        let piece =
            AlikePiece { alike: vec![one], apart: Some(NASTY.to_owned()), again: true }.render().unwrap();
        assert!(!piece.contains("<script>") && piece.contains("alert(1)"), "{piece}");
        let senders = vec![Suggestion { sender: NASTY.to_owned(), letters: 2 }];
        let member = PublishedMember {
            given_name: NASTY.to_owned(),
            family_name: "Élue".to_owned(),
            ..PublishedMember::default()
        };
        let member = Member { id: MemberId(uuid::Uuid::from_u128(9)), known: member };
        let piece = SendersPiece::new(senders, vec![member], samples::today()).render().unwrap();
        assert!(piece.contains("data-member=\"00000000-") && piece.contains("membre du Parlement"));
        assert!(!piece.contains("<script>") && piece.contains("2\u{a0}courriers"), "{piece}");
        assert_eq!(SendersPiece { senders: Vec::new(), members: Vec::new() }.render().unwrap().trim(), "");
    }

    #[test]
    fn what_is_half_typed_is_read_as_far_as_it_goes() {
        let fields = Fields::default()
            .with("sender", "Mme")
            .with("documentOn", "16/1")
            .with("receivedOn", "2026-11-19")
            .with("digest", "zz");
        let letter = typed(&samples::session(&[]), &fields);
        assert_eq!((letter.document_on, letter.received_on), (None, NaiveDate::from_ymd_opt(2026, 11, 19)));
        assert!(letter.files.is_empty() && letter.sender == "Mme");
    }
}
