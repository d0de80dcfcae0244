//! What is held on a person who asks: found, given as a copy, corrected.

use async_graphql::connection::PageInfo;
use async_graphql::{Context, ID, Object, SimpleObject};
use pli_app::{Held, Key, Mentioned, Page, Receipt};
use pli_domain::dossier::Command;

use crate::dossier::Dossier;
use crate::error::{GqlError, Result, UserError};
use crate::ids::{app, caller, dossier_id};
use crate::lists::{Connection, Edge, read_cursor, write_cursor};
use crate::members::Member;
use crate::mutations::{DossierPayload, OnDossier, act, refusals};
use crate::search::{FoundDossier, Piece};

/// What is held on somebody, as far as the person who asks may read. Whoever it is about is told apart by people: several
/// have the same name.
#[derive(SimpleObject)]
pub(crate) struct PersonalData {
    /// The dossiers whose sender, subject or texts name them, the latest received first, each with its place.
    edges: Vec<Edge<FoundDossier>>,
    /// Whether there is more.
    page_info: PageInfo,
    /// Other dossiers, in which they are named by words said with an act or by an older version of an answer; with the first
    /// page only.
    mentions: Vec<Mention>,
    /// The members of Parliament of that name; with the first page only.
    members: Vec<Member>,
    /// The names of those who have or had an account; with the first page only.
    people: Vec<String>,
}

/// A dossier in which somebody is named.
#[derive(SimpleObject)]
pub(crate) struct Mention {
    /// The dossier.
    dossier: Dossier,
    /// The passage, cut into what was found and what stands between.
    pieces: Vec<Piece>,
}

impl From<Mentioned> for Mention {
    fn from(mentioned: Mentioned) -> Self {
        let pieces = mentioned.passage.into_iter().map(Piece::from).collect();
        Self { dossier: mentioned.sheet.into(), pieces }
    }
}

/// What can be asked of people's data.
#[derive(Default)]
pub(crate) struct PersonalQuery;

#[Object]
impl PersonalQuery {
    /// What is held on whoever has this name, address or e-mail address (coordinator): to answer a person who asks (GDPR,
    /// art. 15).
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn personal_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Name, address or e-mail address; courtesies are left out, every other word must be found."
        )]
        person: String,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<PersonalData> {
        if person.trim().is_empty() {
            return Err(GqlError::bad_input(
                "Personne à chercher\u{a0}: donnez un nom ou une adresse (person).",
            ));
        }
        let after = after.as_deref().map(read_cursor).transpose()?;
        let place = after.map(|(received_on, id)| Receipt { received_on, id });
        let held = app(ctx)?.held_on(caller(ctx)?, &person, place, first.into()).await?;
        let Held { dossiers: Page { items, more }, mentions, members, people } = held;
        let items = items.into_iter().map(|found| {
            let Receipt { received_on, id } = Receipt::of(&found.sheet);
            (write_cursor(received_on, id), FoundDossier::from(found))
        });
        let Connection { edges, page_info } = Connection::new(items, after.is_some(), more);
        let mentions = mentions.into_iter().map(Mention::from).collect();
        let members = members.into_iter().map(Member).collect();
        Ok(PersonalData { edges, page_info, mentions, members, people })
    }
}

/// A copy of what is held on a person.
#[derive(SimpleObject)]
pub(crate) struct CopyPayload {
    /// The copy, as JSON in a text, when it was made. The page gives a file with a table and the documents too.
    copy: Option<String>,
    /// Why it was refused; empty when it was made.
    user_errors: Vec<UserError>,
}

/// What is done to people's data.
#[derive(Default)]
pub(crate) struct PersonalMutation;

#[Object]
impl PersonalMutation {
    /// Writes the sender of a letter, and what it is about, as they should have been written (GDPR, art. 16).
    async fn correct_sender(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Who wrote it: the name, then the address.")] sender: String,
        #[graphql(desc = "What it is about, where it names the person.")] subject: String,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::CorrectSender { sender, subject, note }).await
    }

    /// Gives somebody a copy of what these dossiers hold on them, and of their request (coordinator). The journal of each
    /// says so (GDPR, art. 15 and 20).
    async fn disclose_personal_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A name of your own for this command: sent again with the same name, it is journalled once."
        )]
        idempotency_key: String,
        #[graphql(desc = "The letter by which they asked.")] request: ID,
        #[graphql(desc = "The dossiers that are about them, 99 at most.")] dossiers: Vec<ID>,
    ) -> Result<CopyPayload> {
        let request = dossier_id(&request)?;
        let chosen = dossiers.iter().map(dossier_id).collect::<Result<_>>()?;
        let done = app(ctx)?.disclose(caller(ctx)?, Key(idempotency_key), Some(request), chosen).await;
        let (copy, user_errors) = refusals(done)?;
        Ok(CopyPayload { copy: copy.map(|copy| copy.json()), user_errors })
    }

    /// Gives you a copy of what is held on you, who have an account. A token does not.
    async fn export_my_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A name of your own for this command: sent again with the same name, it is journalled once."
        )]
        idempotency_key: String,
    ) -> Result<CopyPayload> {
        let done = app(ctx)?.own_data(caller(ctx)?, Key(idempotency_key)).await;
        let (copy, user_errors) = refusals(done)?;
        Ok(CopyPayload { copy: copy.map(|copy| copy.json()), user_errors })
    }
}
