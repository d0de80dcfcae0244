//! What the page of a dossier shows.

use askama::Template;
use chrono::NaiveDate;
use pli_app::Attached;
use pli_domain::actor::{Actor, Who};
use pli_domain::deadline::{Deadline, DeadlineStage, Standing};
use pli_domain::delay::plan::Target;
use pli_domain::delay::{Clock, Delays, Purpose};
use pli_domain::dossier::{Body, Dossier, MailFacts, QuestionFacts, SittingSource, awaited};
use pli_domain::french::French as _;
use pli_domain::member::Member;
use pli_domain::organisation::Organisation;

use super::batch::BatchView;
use super::circuit::{self, Step};
use super::draft::DraftView;
use super::forms::Forms;
use super::journal::{self, JournalRow};
use super::published::{self as record, PublishedView};
use super::{Attempt, Desk, Loaded};
use crate::failure::Failure;
use crate::frame::{Frame, Here};
use crate::pages::documents::DocumentView;
use crate::pages::intake::{Alike, presented};
use crate::session::Session;
use crate::upload::DOCUMENT;
use crate::words;

/// A fact and its name.
#[derive(Debug)]
pub(in crate::pages) struct Fact {
    pub(in crate::pages) name: &'static str,
    pub(in crate::pages) value: String,
    /// The dossier that it names.
    pub(in crate::pages) href: Option<String>,
}

/// Who has it, since when, until when and why.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) stage: &'static str,
    /// The compartment to which it is reserved.
    pub(super) reserved: Option<String>,
    /// What holds it back from its end, or that it has come.
    pub(super) ended: Option<String>,
    pub(super) since: Option<String>,
    pub(super) open: bool,
    pub(super) holder: Option<(String, String)>,
    pub(super) awaited: Option<String>,
    pub(super) due: Option<String>,
    pub(super) standing: String,
    pub(super) late: bool,
    /// Not late yet, but the date of the present stage has passed.
    pub(super) at_risk: bool,
    /// The internal date and how it stands, beside a legal one.
    pub(super) internal: Option<(String, String)>,
    /// By when to acknowledge receipt.
    pub(super) acknowledge_by: Option<String>,
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
    /// The end of the time given, while the clock is stopped.
    pub(super) until: Option<String>,
    /// The date that was asked for.
    pub(super) asked: Option<String>,
    pub(super) missed: bool,
    /// Why that day, in sentences.
    pub(super) why: Vec<String>,
}

/// A stage that remains.
#[derive(Debug)]
pub(super) struct TargetRow {
    pub(super) milestone: &'static str,
    pub(super) on: String,
    pub(super) missed: bool,
}

#[derive(Debug)]
pub(super) struct AssignmentRow {
    pub(super) unit: String,
    pub(super) part: &'static str,
    pub(super) stage: &'static str,
    pub(super) since: String,
}

#[derive(Template)]
#[template(path = "dossier.html")]
pub(super) struct DossierPage {
    pub(super) frame: Frame,
    pub(super) reference: String,
    /// Which state of the dossier is shown.
    version: u32,
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) done: Option<String>,
    pub(super) forms: Forms,
    pub(super) summary: Summary,
    pub(super) declined: Option<DeclinedView>,
    /// The letters that may be the same.
    pub(super) alike: Vec<Alike>,
    /// Who brought the letter again, and did not register it.
    pub(super) presented: Vec<String>,
    /// Whether there is a slip and a label to print.
    pub(super) prints: bool,
    pub(super) facts: Vec<Fact>,
    pub(super) draft: Option<DraftView>,
    pub(super) circuit: Vec<Step>,
    pub(super) published: Option<PublishedView>,
    pub(super) batch: Option<BatchView>,
    pub(super) documents: Vec<DocumentView>,
    /// The document that a refused form keeps.
    pub(super) preview: Option<DocumentView>,
    pub(super) deadlines: Vec<DeadlineRow>,
    pub(super) targets: Vec<TargetRow>,
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
        let (organisation, delays) = (&*session.caller.organisation, &*session.caller.delays);
        let dossier = &loaded.sheet.dossier;
        let forms = Forms::new(session, loaded, attempt, Desk::Dossier)?;
        let title = format!("{} {}", dossier.kind().french(), dossier.reference);
        // While it is written, the form shows the text; after a refused attempt, what is kept is shown beside.
        let draft = DraftView::new(loaded, forms.writes && attempt.is_none());
        let draft = draft.filter(|draft| draft.text.is_some() || !draft.versions.is_empty());
        Ok(Self {
            frame: Frame::of(&title, session, Here::Elsewhere),
            reference: dossier.reference.clone(),
            version: loaded.sheet.version,
            kind: dossier.kind().french(),
            subject: loaded.sheet.subject.clone(),
            done,
            summary: Summary::new(loaded, organisation, delays),
            declined: declined(loaded, organisation),
            alike: loaded.alike.clone(),
            presented: if dossier.stage.is_open() {
                presented(&loaded.lines, &loaded.names)
            } else {
                Vec::new()
            },
            prints: matches!(dossier.body, Body::Mail(_)),
            facts: facts(loaded),
            draft,
            circuit: circuit::steps(loaded),
            published: published(loaded),
            batch: BatchView::new(session, loaded)?,
            documents: documents(loaded),
            preview: attempt.and_then(|attempt| DocumentView::kept(attempt.typed.text(DOCUMENT))),
            deadlines: dossier
                .deadlines
                .iter()
                .zip(&loaded.why)
                .map(|(deadline, why)| DeadlineRow::new(deadline, why, delays))
                .collect(),
            targets: targets(dossier, delays, loaded.today),
            assignments: assignments(dossier, organisation),
            journal: journal::rows(loaded, organisation),
            more: loaded.more,
            forms,
        })
    }
}

impl Summary {
    fn new(loaded: &Loaded, organisation: &Organisation, delays: &Delays) -> Self {
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
            reserved: dossier.reserved.map(|id| loaded.compartments.get(&id).cloned().unwrap_or_default()),
            ended: ended(dossier),
            due: dossier.due_on().map(words::date),
            standing: standing.french(),
            late: matches!(standing, Standing::Late { .. } | Standing::AnsweredLate { .. }),
            at_risk: dossier.is_at_risk(delays, loaded.today),
            internal: internal(dossier, loaded.today),
            acknowledge_by: dossier.acknowledge_by().map(words::date),
            why: why(dossier, delays),
        }
    }
}

/// What holds a closed dossier back from its end, or that it has come.
fn ended(dossier: &Dossier) -> Option<String> {
    match (dossier.eliminated_on, dossier.frozen) {
        (Some(on), _) => Some(format!("éliminé le {}", words::date(on))),
        (None, true) => Some("gelé jusqu’à nouvel ordre".to_owned()),
        (None, false) => None,
    }
}

/// The house's own date, where a text sets another.
fn internal(dossier: &Dossier, today: NaiveDate) -> Option<(String, String)> {
    dossier.clock_due_on(Clock::Legal)?;
    let due_on = dossier.clock_due_on(Clock::Internal)?;
    Some((words::date(due_on), dossier.clock_term(Clock::Internal).standing(today).french()))
}

/// Why that date: the deadlines that give it.
fn why(dossier: &Dossier, delays: &Delays) -> Vec<String> {
    let due_on = dossier.due_on();
    let counts = |deadline: &&Deadline| {
        let (due, purpose) = (Some(deadline.due_on()), deadline.due.purpose);
        due == due_on && purpose != Purpose::Acknowledgement && deadline.stage != DeadlineStage::Cancelled
    };
    let reason = |deadline: &Deadline| {
        let DeadlineRow { clock, label, source, start, .. } = DeadlineRow::new(deadline, &[], delays);
        format!("{label} ({}, {source}), à compter du {start}", clock.to_lowercase())
    };
    dossier.deadlines.iter().filter(counts).map(reason).collect()
}

impl DeadlineRow {
    fn new(deadline: &Deadline, why: &[String], delays: &Delays) -> Self {
        let rule = delays.rule_of(&deadline.due);
        let asked = deadline.pending().map(|(until, _)| words::date(until));
        Self {
            clock: deadline.due.clock.french(),
            label: rule.map_or(deadline.due.rule.as_str(), |rule| rule.label.as_str()).to_owned(),
            source: rule.map_or("", |rule| rule.source.as_str()).to_owned(),
            start: words::date(deadline.due.start_on),
            due: words::date(deadline.due_on()),
            stage: deadline.stage.french(),
            until: deadline.suspended_until().map(words::date),
            asked,
            missed: deadline.stage == DeadlineStage::Missed,
            why: why.to_vec(),
        }
    }
}

/// What remains to be done, each by its latest date.
fn targets(dossier: &Dossier, delays: &Delays, today: NaiveDate) -> Vec<TargetRow> {
    let row = |target: Target| TargetRow {
        milestone: target.milestone.french(),
        on: words::date(target.on),
        missed: target.on < today,
    };
    dossier.targets(delays).into_iter().map(row).collect()
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

pub(in crate::pages) fn published(loaded: &Loaded) -> Option<PublishedView> {
    Some(PublishedView::new(loaded.published.as_ref()?, loaded.record.as_ref()))
}

/// The documents of a dossier.
pub(in crate::pages) fn documents(loaded: &Loaded) -> Vec<DocumentView> {
    let view = |attached: &Attached| {
        let by = match attached.who {
            Who::User(user) => loaded.name(user).to_owned(),
            Who::System(_) => Actor::feed().name,
        };
        DocumentView::attached(&loaded.sheet.dossier.reference, attached, &by)
    };
    loaded.documents.iter().map(view).collect()
}

/// The letter's or the question's own facts.
pub(in crate::pages) fn facts(loaded: &Loaded) -> Vec<Fact> {
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

    fn member(&mut self, name: &'static str, value: String, member: &Member) {
        self.0.push(Fact { name, value, href: Some(format!("/elus/{}", member.id)) });
    }

    fn mail(&mut self, mail: &MailFacts, loaded: &Loaded) {
        self.maybe("Expéditeur", loaded.sheet.sender.clone());
        if let Some(member) = &loaded.member {
            self.member("Élu", member.known.as_sender(loaded.sheet.dossier.received_on), member);
        }
        self.add("Nature", mail.category.french());
        self.add("Date du document", words::date(mail.document_on));
        self.add("Reçu le", words::date(loaded.sheet.dossier.received_on));
        self.maybe("Reçu d’abord ailleurs le", mail.first_received_on.map(words::date));
        self.add("Mode d’arrivée", mail.channel.french());
        self.maybe("Urgence", mail.urgent.then(|| "Urgent".to_owned()));
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
            self.0.extend(record::facts(published, loaded.record.as_ref(), loaded.member.as_ref()));
        }
        let renamed = question.renamed.as_ref();
        let renamed = renamed.map(|new| format!("{}, depuis le {}", new.ministry, words::date(new.on)));
        self.maybe("Après le changement de gouvernement", renamed);
        self.add("Publiée le", words::date(loaded.sheet.dossier.received_on));
        if let Some(sitting) = &question.sitting {
            let on = words::date(sitting.on);
            let supposed = sitting.source == SittingSource::Supposed;
            self.add("Séance", if supposed { format!("{on}, à confirmer") } else { on });
            let attendee = loaded.attendee.clone().unwrap_or_else(|| "à désigner".to_owned());
            self.add("Représente le ministère", attendee);
        }
        self.maybe("Signalée le", question.signalled_on.map(words::date));
        let times = |count: u32| (count > 0).then(|| format!("{count}\u{a0}fois"));
        self.maybe("Renouvelée", times(question.renewals));
        self.maybe("Rappelée", times(question.recalls));
        self.maybe("Réponse rectifiée", times(question.corrections));
        self.maybe("Transfert demandé à", question.transfer_to.clone());
    }
}
