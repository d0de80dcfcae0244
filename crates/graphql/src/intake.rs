//! What helps to register a letter, once.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use pli_app::LookAlike;
use pli_domain::digest::Digest;
use pli_domain::duplicate::Letter;
use pli_domain::french::French;

use crate::enums::LikenessSign;
use crate::error::{GqlError, Result};
use crate::ids::{app, caller, of_mail};
use crate::journal::told;

/// What can be asked while a letter is being registered.
#[derive(Default)]
pub(crate) struct IntakeQuery;

/// What is known of a letter that is about to be registered.
#[derive(InputObject)]
pub(crate) struct LetterInput {
    /// Who wrote it.
    #[graphql(default)]
    sender: String,
    /// What it is about.
    #[graphql(default)]
    subject: String,
    /// Date written on the document.
    document_on: Option<NaiveDate>,
    /// Date of receipt.
    received_on: Option<NaiveDate>,
    /// SHA-256 of its scan, in lower hexadecimal.
    file: Option<String>,
}

/// A sender who has written before.
#[derive(SimpleObject)]
pub(crate) struct SenderSuggestion {
    /// The sender, as a clerk wrote it.
    sender: String,
    /// How many letters that you may read bear it.
    letters: u64,
}

/// A letter that may be the same as another: a proposal, on which a person decides.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ProbableDuplicate {
    /// Its dossier.
    id: ID,
    /// Its chrono.
    reference: String,
    /// Who wrote it.
    sender: String,
    /// What it is about.
    subject: String,
    /// When it was received.
    received_on: Option<NaiveDate>,
    /// When it was registered.
    registered_at: DateTime<Utc>,
    /// Why it may be the same.
    signs: Vec<LikenessSign>,
    /// Why, in French.
    reason: String,
    #[graphql(skip)]
    alike: LookAlike,
}

#[ComplexObject]
impl ProbableDuplicate {
    /// Who registered it: a person's name, or the part of Pli that did.
    async fn registered_by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        told(ctx, self.alike.known.by).await
    }
}

impl From<LookAlike> for ProbableDuplicate {
    fn from(alike: LookAlike) -> Self {
        let LookAlike { known, signs } = &alike;
        let reasons: Vec<_> = signs.iter().map(French::french).collect();
        Self {
            id: of_mail(known.id),
            reference: known.reference.clone(),
            sender: known.letter.sender.clone(),
            subject: known.letter.subject.clone(),
            received_on: known.letter.received_on,
            registered_at: known.at.instant(),
            signs: signs.iter().copied().map(LikenessSign::from).collect(),
            reason: reasons.join(", "),
            alike,
        }
    }
}

#[Object]
impl IntakeQuery {
    /// The senders, of letters that you may read, one word of whose name begins so; at most 8. Accents, case and courtesies
    /// do not matter; nothing is suggested below two letters.
    #[graphql(complexity = "10 + 8 * child_complexity")]
    async fn sender_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beginning of a name.")] typed: String,
    ) -> Result<Vec<SenderSuggestion>> {
        let found = app(ctx)?.senders(caller(ctx)?, &typed).await?;
        let each = found.into_iter();
        Ok(each.map(|one| SenderSuggestion { sender: one.sender, letters: one.letters }).collect())
    }

    /// The letters that you may read and that may be the same as one that is about to be registered, the likeliest first; at
    /// most 5.
    #[graphql(complexity = "20 + 5 * child_complexity")]
    async fn probable_duplicates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is known of the letter.")] of: LetterInput,
    ) -> Result<Vec<ProbableDuplicate>> {
        let digest = |text: &String| {
            Digest::parse(text).ok_or_else(|| GqlError::bad_input("Empreinte SHA-256 illisible."))
        };
        let letter = Letter {
            sender: of.sender,
            subject: of.subject,
            document_on: of.document_on,
            received_on: of.received_on,
            files: of.file.as_ref().map(digest).transpose()?.into_iter().collect(),
        };
        let alike = app(ctx)?.probable_duplicates(caller(ctx)?, &letter).await?;
        Ok(alike.into_iter().map(ProbableDuplicate::from).collect())
    }
}
