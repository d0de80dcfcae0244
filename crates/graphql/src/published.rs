//! The published questions.

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use pli_app::Published;

use crate::enums::{House, QuestionType};
use crate::error::Result;
use crate::loaders::Loaders;
use crate::members::Member;
use crate::record::PublicRecord;

/// A question as the houses published it.
pub(crate) struct PublishedQuestion(pub(crate) Published);

/// A question as the houses published it, ours or another ministry's.
#[Object]
impl PublishedQuestion {
    /// Its name: house, legislature or year, type, number.
    async fn identity(&self) -> String {
        self.0.identity.to_string()
    }

    /// The house.
    async fn house(&self) -> House {
        self.0.identity.house.into()
    }

    /// The number of the legislature (Assemblée) or the year (Sénat).
    async fn term(&self) -> u16 {
        self.0.identity.term
    }

    /// Its type.
    #[graphql(name = "type")]
    async fn kind(&self) -> QuestionType {
        self.0.identity.kind.into()
    }

    /// Its number.
    async fn number(&self) -> u32 {
        self.0.identity.number
    }

    /// What it is about.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Its author, where known.
    async fn author(&self) -> Option<&str> {
        self.0.author.as_deref()
    }

    /// The author's political group.
    async fn group(&self) -> Option<&str> {
        self.0.group.as_deref()
    }

    /// The member of Parliament who asked, when it is known which.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        Member::find(ctx, self.0.member).await
    }

    /// What the author was elected for: as it is published, else as the member sat on that day.
    #[graphql(complexity = "5")]
    async fn constituency(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(record) = Loaders::record(ctx, &self.0.identity).await? else { return Ok(None) };
        let member = match self.0.member {
            Some(id) => Loaders::member(ctx, id).await?,
            None => None,
        };
        let completed = member.map(|member| pli_domain::member::completed(&record, &member));
        Ok(completed.unwrap_or(record.author).constituency)
    }

    /// The ministry to which it is attributed, as published.
    async fn ministry(&self) -> Option<&str> {
        self.0.ministry.as_deref()
    }

    /// Whether that ministry is ours.
    async fn ours(&self) -> bool {
        self.0.ours
    }

    /// The Journal officiel's date of the question.
    async fn published_on(&self) -> Option<NaiveDate> {
        self.0.published_on
    }

    /// The Journal officiel's date of the answer.
    async fn answered_on(&self) -> Option<NaiveDate> {
        self.0.answered_on
    }

    /// Its text, without markup.
    async fn text(&self) -> &str {
        &self.0.question
    }

    /// Its answer, without markup; empty when there is none.
    async fn answer(&self) -> &str {
        &self.0.answer
    }

    /// All that the houses' files tell of it; null while none has.
    #[graphql(complexity = "5 + child_complexity")]
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<PublicRecord>> {
        Ok(Loaders::record(ctx, &self.0.identity).await?.map(PublicRecord))
    }
}
