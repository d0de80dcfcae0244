//! What the Journal officiel told of a question, in the order of the days, in French.

use chrono::NaiveDate;

use super::{Attribution, ClosingKind, PublishedQuestion, PublishedText};

/// Something that was published of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// On which day, if it is known.
    pub on: Option<NaiveDate>,
    /// What, in French.
    pub what: String,
}

impl PublishedQuestion {
    /// All that was published of it, oldest first; what has no day comes last.
    #[must_use]
    pub fn history(&self) -> Vec<Told> {
        let told = |on: Option<NaiveDate>, what: &str| Told { on, what: what.to_owned() };
        let paged = |what: &str, page: Option<&String>| match page {
            Some(page) => format!("{what} (page {page})"),
            None => what.to_owned(),
        };
        let mut all = Vec::new();
        if self.published_on.is_some() {
            all.push(told(self.published_on, &paged("Publication de la question", self.page.as_ref())));
        }
        // One ministry that was asked and has had it since says nothing more.
        let passed_on =
            self.attributions.len() > 1 || self.attributed_ministry() != self.asked_ministry.as_ref();
        all.extend(self.attributions.iter().filter(|_| passed_on).map(given));
        if let Some(signalled) = &self.signalled {
            all.push(told(
                signalled.deposited_on.or(signalled.published_on),
                "Signalée par un président de groupe",
            ));
        }
        all.extend(self.renewed_on.iter().map(|on| told(Some(*on), "Renouvelée par son auteur")));
        if let Some(recall) = &self.recalled {
            all.push(told(recall.on, "Rappelée par son auteur, faute de réponse"));
        }
        if let Some(of) = &self.recall_of {
            all.push(told(self.published_on, &format!("Rappelle la question {of}")));
        }
        if self.converted_on.is_some() {
            all.push(told(self.converted_on, "Transformée en question orale"));
        }
        if self.sitting_on.is_some() {
            all.push(told(self.sitting_on, "Séance"));
        }
        let text = |what: &str, text: &PublishedText| told(text.on, &paged(what, text.page.as_ref()));
        all.extend(self.question_errata.iter().map(|erratum| text("Rectificatif de la question", erratum)));
        all.extend(self.answers.iter().map(|answer| {
            text(
                if answer.erratum { "Rectificatif de la réponse" } else { "Publication de la réponse" },
                answer,
            )
        }));
        if let Some(closing) = self.closing.as_ref().filter(|closing| closing.kind != ClosingKind::Answered) {
            let label = closing.label.as_ref().or(closing.code.as_ref());
            let why = label.map(|label| format!("\u{a0}: {label}")).unwrap_or_default();
            all.push(told(closing.on, &format!("Clôture{why}")));
        }
        all.sort_by_key(|told| (told.on.is_none(), told.on));
        all
    }
}

fn given(to: &Attribution) -> Told {
    let why = match to.cause.as_deref() {
        Some("JO_LOI_DECRET") => " (changement de gouvernement)",
        Some("REAFFECTATION") => " (réaffectation)",
        Some("REATTRIBUTION") => " (réattribution)",
        _ => "",
    };
    Told { on: to.on, what: format!("Attribution\u{a0}: {}{why}", to.ministry.label) }
}
