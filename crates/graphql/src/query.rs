//! What can be asked.

use async_graphql::{Context, ID, MergedObject, Object};
use pli_app::{List, Page, PeopleList, PublishedFilter};

use crate::account::AccountQuery;
use crate::agenda::AgendaQuery;
use crate::batches::BatchQuery;
use crate::compartments::CompartmentQuery;
use crate::delays::DelayQuery;
use crate::denominations::DenominationQuery;
use crate::discrepancies::DiscrepancyQuery;
use crate::dossier::Dossier;
use crate::enums::{Clock, Kind};
use crate::error::Result;
use crate::government::GovernmentQuery;
use crate::identities::IdentityQuery;
use crate::ids::{app, caller, dossier_id, unit_id};
use crate::imports::ImportQuery;
use crate::intake::IntakeQuery;
use crate::journal::JournalQuery;
use crate::links::LinkQuery;
use crate::lists::{Connection, DossierFilter, Dossiers, Edge, filtered};
use crate::loaders::Loaders;
use crate::members::MemberQuery;
use crate::organisation::{Me, Unit};
use crate::personal::PersonalQuery;
use crate::published::PublishedQuestion;
use crate::retards::Retards;
use crate::retention::EndQuery;
use crate::saved::SavedQuery;
use crate::search::{Search, search};
use crate::settings::{self, Person, SettingsEntry};
use crate::statistics::StatisticsQuery;

/// What can be asked. Whatever the person may not read is not found.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    RegisterQuery,
    AccountQuery,
    AgendaQuery,
    BatchQuery,
    CompartmentQuery,
    DelayQuery,
    DenominationQuery,
    GovernmentQuery,
    DiscrepancyQuery,
    IdentityQuery,
    ImportQuery,
    IntakeQuery,
    JournalQuery,
    LinkQuery,
    MemberQuery,
    PersonalQuery,
    EndQuery,
    SavedQuery,
    StatisticsQuery,
);

/// What can be asked of the register.
#[derive(Default)]
pub(crate) struct RegisterQuery;

#[Object]
impl RegisterQuery {
    /// The person who asks.
    async fn me(&self, ctx: &Context<'_>) -> Result<Me> {
        Ok(Me(caller(ctx)?.actor.clone()))
    }

    /// The whole organisation, each unit after the one above it.
    async fn units(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        Ok(caller(ctx)?.organisation.in_order().into_iter().cloned().map(Unit).collect())
    }

    /// The unit of a code such as `DACS`.
    async fn unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its short name.")] code: String,
    ) -> Result<Option<Unit>> {
        Ok(caller(ctx)?.organisation.by_code(&code).cloned().map(Unit))
    }

    /// One dossier.
    async fn dossier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global identifier.")] id: ID,
    ) -> Result<Option<Dossier>> {
        Ok(app(ctx)?.dossier(caller(ctx)?, dossier_id(&id)?).await?.map(Dossier::from))
    }

    /// One dossier by the name that people use: `SG-2026-A-000001`, `AN-17-QE-18094`.
    async fn dossier_by_reference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its reference.")] reference: String,
    ) -> Result<Option<Dossier>> {
        Ok(app(ctx)?.dossier_by_reference(caller(ctx)?, &reference).await?.map(Dossier::from))
    }

    /// The dossiers, first due first.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn dossiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<DossierFilter>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Dossiers> {
        filtered(ctx, filter, first, after).await
    }

    /// The dossiers whose reference, sender, subject, current draft or published texts hold some words, the latest
    /// received first. Plurals, accents and case do not matter, words between quotation marks must follow each other, and
    /// the last word may be only begun. The archive of published questions is searched by `publishedQuestions`.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The words; every one must be found.")] words: String,
        #[graphql(desc = "Which dossiers; all when absent.")] filter: Option<DossierFilter>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Search> {
        search(ctx, &words, filter, first, after).await
    }

    /// What is late today, by direction and age, with the list behind each figure; on each dossier's own term, or on one
    /// clock.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn retards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which clock; on each dossier's own term when absent.")] clock: Option<Clock>,
        #[graphql(desc = "Letters or questions; both when absent.")] kind: Option<Kind>,
    ) -> Result<Retards> {
        let list = List { clock: clock.map(Clock::into), kind: kind.map(Kind::into), ..List::default() };
        Ok(Retards(app(ctx)?.retards(caller(ctx)?, &list).await?))
    }

    /// The people with an account, by name (administrators). The administrator of a unit sees those who hold a role there
    /// or below.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who hold a role in this unit or in one below it.")] unit: Option<ID>,
        #[graphql(desc = "Words of their name, login or address; accents and case do not matter.")]
        words: Option<String>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Person>>> {
        let list = PeopleList { unit: unit.as_ref().map(unit_id).transpose()?, words };
        settings::people(ctx, &list, first, after).await
    }

    /// One person by their login (administrators).
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they type to sign in.")] login: String,
    ) -> Result<Option<Person>> {
        Ok(app(ctx)?.person(caller(ctx)?, &login).await?.map(Person))
    }

    /// What was changed of units and people, newest first (administrators, auditors).
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn settings_journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<SettingsEntry>>> {
        settings::journal(ctx, first, after).await
    }

    /// One published question, ours or another ministry's, by its identity: `AN-17-QE-18094`.
    async fn published_question(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity.")] identity: String,
    ) -> Result<Option<PublishedQuestion>> {
        caller(ctx)?;
        match identity.parse() {
            Ok(identity) => Ok(Loaders::published(ctx, &identity).await?.map(PublishedQuestion)),
            Err(_) => Ok(None),
        }
    }

    /// The published questions, ours and the other ministries', by identity.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn published_questions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ours, or the others'; both when absent.")] ours: Option<bool>,
        #[graphql(desc = "Words that the question or its answer holds, as in `search`.")] words: Option<
            String,
        >,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<PublishedQuestion>>> {
        caller(ctx)?;
        let filter = PublishedFilter { ours, words, ..PublishedFilter::default() };
        let Page { items, more } =
            app(ctx)?.published_questions(&filter, after.as_deref(), first.into()).await?;
        let items =
            items.into_iter().map(|question| (question.identity.to_string(), PublishedQuestion(question)));
        Ok(Connection::new(items, after.is_some(), more))
    }
}
