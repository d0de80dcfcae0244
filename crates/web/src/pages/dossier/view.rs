//! What the page of a dossier shows.

use askama::Template;
use pli_domain::deadline::{DeadlineStage, Standing};
use pli_domain::delay;
use pli_domain::dossier::{Body, Dossier, MailFacts, QuestionFacts};
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;

use super::forms::Forms;
use super::journal::{self, JournalRow};
use super::{Attempt, Loaded};
use crate::actions::awaited;
use crate::failure::Failure;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// A fact and its name.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// The dossier that it names.
    pub(super) href: Option<String>,
}

/// Who has it, since when, until when and why.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) stage: &'static str,
    pub(super) since: Option<String>,
    pub(super) open: bool,
    pub(super) holder: Option<(String, String)>,
    pub(super) awaited: Option<String>,
    pub(super) due: Option<String>,
    pub(super) standing: String,
    pub(super) late: bool,
    pub(super) why: Vec<String>,
}

/// A refusal that the cabinet must deal with.
#[derive(Debug)]
pub(super) struct DeclinedView {
    pub(super) by: String,
    pub(super) reason: &'static str,
    pub(super) proposed: Option<String>,
    pub(super) note: Option<String>,
}

#[derive(Debug)]
pub(super) struct DeadlineRow {
    pub(super) clock: &'static str,
    pub(super) label: String,
    pub(super) source: String,
    pub(super) start: String,
    pub(super) due: String,
    pub(super) stage: &'static str,
    pub(super) missed: bool,
    /// Why that day, in sentences.
    pub(super) why: Vec<String>,
}

#[derive(Debug)]
pub(super) struct AssignmentRow {
    pub(super) unit: String,
    pub(super) part: &'static str,
    pub(super) stage: &'static str,
    pub(super) since: String,
}

/// The answer as it stands.
#[derive(Debug)]
pub(super) struct DraftView {
    pub(super) version: u32,
    pub(super) author: String,
    pub(super) signed_by: Option<String>,
    pub(super) text: String,
}

/// What was published of a question.
#[derive(Debug)]
pub(super) struct PublishedView {
    pub(super) question: Vec<String>,
    pub(super) answer: Vec<String>,
    pub(super) answered: Option<String>,
}

#[derive(Template)]
#[template(path = "dossier.html")]
pub(super) struct DossierPage {
    pub(super) frame: Frame,
    pub(super) reference: String,
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) done: Option<String>,
    pub(super) forms: Forms,
    pub(super) summary: Summary,
    pub(super) declined: Option<DeclinedView>,
    pub(super) facts: Vec<Fact>,
    pub(super) draft: Option<DraftView>,
    pub(super) published: Option<PublishedView>,
    pub(super) deadlines: Vec<DeadlineRow>,
    pub(super) assignments: Vec<AssignmentRow>,
    pub(super) journal: Vec<JournalRow>,
    pub(super) more: bool,
}

impl DossierPage {
    pub(super) fn new(
        session: &Session,
        loaded: &Loaded,
        attempt: Option<&Attempt>,
        done: Option<String>,
    ) -> Result<Self, Failure> {
        let organisation = &*session.caller.organisation;
        let dossier = &loaded.sheet.dossier;
        let forms = Forms::new(session, loaded, attempt)?;
        let title = format!("{} {}", dossier.kind().french(), dossier.reference);
        // While it is written, the form shows the text; after a refused attempt, what is kept is shown beside.
        let draft = draft(loaded).filter(|_| !forms.writes || attempt.is_some());
        Ok(Self {
            frame: Frame::of(&title, session, Here::Elsewhere),
            reference: dossier.reference.clone(),
            kind: dossier.kind().french(),
            subject: loaded.sheet.subject.clone(),
            done,
            summary: Summary::new(loaded, organisation),
            declined: declined(loaded, organisation),
            facts: facts(loaded),
            draft,
            published: published(loaded),
            deadlines: dossier.deadlines.iter().map(DeadlineRow::new).collect(),
            assignments: assignments(dossier, organisation),
            journal: journal::rows(loaded, organisation),
            more: loaded.more,
            forms,
        })
    }
}

impl Summary {
    fn new(loaded: &Loaded, organisation: &Organisation) -> Self {
        let dossier = &loaded.sheet.dossier;
        let standing = dossier.term().standing(loaded.today);
        let lead = dossier.assignments.iter().rfind(|part| Some(part.unit) == dossier.lead);
        let awaited = awaited(dossier.kind(), dossier.stage).map(|(action, by)| {
            let roles: Vec<_> =
                by.iter().filter_map(|party| party.role()).map(|role| role.french()).collect();
            format!("{} ({})", action.french(), roles.join(" ou ").to_lowercase())
        });
        Self {
            stage: dossier.stage.french(),
            open: dossier.stage.is_open(),
            since: dossier.closed_on.map(words::date).or_else(|| journal::since(loaded)),
            holder: lead.map(|part| (words::unit(organisation, part.unit), words::date(part.since))),
            awaited,
            due: dossier.due_on().map(words::date),
            standing: standing.french(),
            late: matches!(standing, Standing::Late { .. } | Standing::AnsweredLate { .. }),
            why: why(dossier),
        }
    }
}

/// Why that date: the deadlines that give it.
fn why(dossier: &Dossier) -> Vec<String> {
    let due_on = dossier.due_on();
    let first = dossier
        .deadlines
        .iter()
        .filter(|deadline| Some(deadline.due.due_on) == due_on && deadline.stage != DeadlineStage::Cancelled);
    let reason = |deadline| {
        let DeadlineRow { clock, label, source, start, .. } = DeadlineRow::new(deadline);
        format!("{label} ({}, {source}), à compter du {start}", clock.to_lowercase())
    };
    first.map(reason).collect()
}

impl DeadlineRow {
    fn new(deadline: &pli_domain::deadline::Deadline) -> Self {
        let rule = delay::by_code(&deadline.due.rule);
        Self {
            clock: deadline.due.clock.french(),
            label: rule.map_or(deadline.due.rule.as_str(), |rule| rule.label).to_owned(),
            source: rule.map_or("", |rule| rule.source).to_owned(),
            start: words::date(deadline.due.start_on),
            due: words::date(deadline.due.due_on),
            stage: deadline.stage.french(),
            missed: deadline.stage == DeadlineStage::Missed,
            why: deadline.due.explanation(),
        }
    }
}

fn assignments(dossier: &Dossier, organisation: &Organisation) -> Vec<AssignmentRow> {
    let row = |part: &pli_domain::assignment::Assignment| AssignmentRow {
        unit: words::unit(organisation, part.unit),
        part: part.part.french(),
        stage: part.stage.french(),
        since: words::date(part.since),
    };
    dossier.assignments.iter().map(row).collect()
}

fn declined(loaded: &Loaded, organisation: &Organisation) -> Option<DeclinedView> {
    let declined = loaded.sheet.dossier.declined.as_ref()?;
    let last = loaded.lines.iter().rfind(|line| line.entry.accepted && line.entry.action == "decline");
    Some(DeclinedView {
        by: words::unit(organisation, declined.by),
        reason: declined.reason.french(),
        proposed: declined.proposed.map(|unit| words::unit(organisation, unit)),
        note: last.and_then(|line| line.note.clone()),
    })
}

fn draft(loaded: &Loaded) -> Option<DraftView> {
    let dossier = &loaded.sheet.dossier;
    let draft = dossier.draft.as_ref()?;
    Some(DraftView {
        version: draft.version,
        author: loaded.name(draft.author).to_owned(),
        signed_by: dossier.signed_by.map(|user| loaded.name(user).to_owned()),
        text: loaded.draft.clone()?,
    })
}

fn published(loaded: &Loaded) -> Option<PublishedView> {
    let published = loaded.published.as_ref()?;
    Some(PublishedView {
        question: words::paragraphs(&published.question),
        answer: words::paragraphs(&published.answer),
        answered: published.answered_on.map(words::date),
    })
}

/// The letter's or the question's own facts.
fn facts(loaded: &Loaded) -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    let dossier = &loaded.sheet.dossier;
    match &dossier.body {
        Body::Mail(mail) => facts.mail(mail, loaded),
        Body::Question(question) => facts.question(question, loaded),
    }
    facts.maybe("Clos le", dossier.closed_on.map(words::date));
    if let Some(reference) = &loaded.duplicate_of {
        let href = Some(format!("/dossiers/{reference}"));
        facts.0.push(Fact { name: "Doublon de", value: reference.clone(), href });
    }
    facts.0
}

/// Facts, in the order in which they are shown.
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push(Fact { name, value: value.into(), href: None });
    }

    fn maybe(&mut self, name: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn mail(&mut self, mail: &MailFacts, loaded: &Loaded) {
        self.maybe("Expéditeur", loaded.sheet.sender.clone());
        self.add("Nature", mail.category.french());
        self.add("Date du document", words::date(mail.document_on));
        self.add("Reçu le", words::date(loaded.sheet.dossier.received_on));
        self.add("Mode d’arrivée", mail.channel.french());
        let proposer = mail.filing_proposed_by.map(|user| loaded.name(user).to_owned());
        self.maybe("Classement sans suite proposé par", proposer);
        self.maybe("Réponse partie sous le n°", mail.departure.clone());
    }

    fn question(&mut self, question: &QuestionFacts, loaded: &Loaded) {
        let identity = &question.identity;
        self.add("Nature", identity.kind.french());
        self.add("Assemblée", identity.house.french());
        self.add("Numéro", identity.number.to_string());
        if let Some(published) = &loaded.published {
            let group = published.group.as_ref().map(|group| format!(" ({group})")).unwrap_or_default();
            self.maybe("Auteur", published.author.as_ref().map(|author| format!("{author}{group}")));
            self.maybe("Ministère attributaire", published.ministry.clone());
        }
        self.add("Publiée le", words::date(loaded.sheet.dossier.received_on));
        self.maybe("Signalée le", question.signalled_on.map(words::date));
        let times = |count: u32| (count > 0).then(|| format!("{count}\u{a0}fois"));
        self.maybe("Renouvelée", times(question.renewals));
        self.maybe("Rappelée", times(question.recalls));
        self.maybe("Réponse rectifiée", times(question.corrections));
        self.maybe("Transfert demandé à", question.transfer_to.clone());
    }
}
