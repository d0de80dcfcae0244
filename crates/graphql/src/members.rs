//! The members of Parliament. They are public; what they wrote is read within the caller's scope.

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use pli_app::{List, MemberPlace, Page};
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::MemberId;
use pli_domain::member as domain;

use crate::enums::House;
use crate::error::Result;
use crate::ids::{app, caller, member_id, of_member};
use crate::lists::{Connection, Dossiers, Edge, bad_cursor, page};
use crate::loaders::Loaders;
use crate::published::PublishedQuestion;

/// A member of Parliament.
pub(crate) struct Member(pub(crate) domain::Member);

impl Member {
    /// The member of an identifier.
    pub(crate) async fn find(ctx: &Context<'_>, id: Option<MemberId>) -> Result<Option<Self>> {
        match id {
            Some(id) => Ok(Loaders::member(ctx, id).await?.map(Self)),
            None => Ok(None),
        }
    }
}

/// A member of Parliament: one person, whatever houses and legislatures they sat in.
#[Object]
impl Member {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_member(self.0.id)
    }

    /// The Assemblée's own reference: `PA795124`.
    async fn reference(&self) -> Option<&str> {
        self.0.known.reference.as_deref()
    }

    /// `M.` or `Mme`.
    async fn civility(&self) -> Option<&str> {
        self.0.known.civility.as_deref()
    }

    /// The given name and the family name. Homonyms share it.
    async fn name(&self) -> String {
        self.0.known.name()
    }

    /// Where they sit or sat, oldest first.
    async fn mandates(&self) -> Vec<MemberMandate> {
        self.0.known.mandates.iter().cloned().map(MemberMandate).collect()
    }

    /// The political groups that they were in, oldest first.
    async fn groups(&self) -> Vec<GroupMembership> {
        self.0.known.groups.iter().cloned().map(GroupMembership).collect()
    }

    /// Their letters and questions that you may read, first due first.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn dossiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Dossiers> {
        page(ctx, List { member: Some(self.0.id), ..List::default() }, first, after).await
    }

    /// Their published questions, to whatever ministry, last published first.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn published_questions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<PublishedQuestion>>> {
        let after: Option<QuestionIdentity> =
            after.map(|name| name.parse().map_err(|_| bad_cursor())).transpose()?;
        let found = app(ctx)?.questions_of(caller(ctx)?, self.0.id, after.as_ref(), first.into());
        let Page { items, more } = found.await?;
        let items = items.into_iter().map(|(one, _)| (one.identity.to_string(), PublishedQuestion(one)));
        Ok(Connection::new(items, after.is_some(), more))
    }
}

/// A seat in a house.
pub(crate) struct MemberMandate(domain::Mandate);

/// A seat in a house.
#[Object]
impl MemberMandate {
    /// The house.
    async fn house(&self) -> House {
        self.0.house.into()
    }

    /// Of which legislature (Assemblée), when it is known.
    async fn legislature(&self) -> Option<u16> {
        self.0.legislature
    }

    /// What they were elected for.
    async fn constituency(&self) -> Option<&str> {
        self.0.constituency.as_deref()
    }

    /// Since when.
    async fn from(&self) -> Option<NaiveDate> {
        self.0.from
    }

    /// Until when; null while it runs.
    async fn to(&self) -> Option<NaiveDate> {
        self.0.to
    }
}

/// A time in a political group.
pub(crate) struct GroupMembership(domain::Membership);

/// A time in a political group.
#[Object]
impl GroupMembership {
    /// The short form: `SOC`.
    async fn short(&self) -> &str {
        &self.0.short
    }

    /// The whole name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Since when.
    async fn from(&self) -> Option<NaiveDate> {
        self.0.from
    }

    /// Until when; null while it runs.
    async fn to(&self) -> Option<NaiveDate> {
        self.0.to
    }
}

/// What can be asked of members.
#[derive(Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// One member of Parliament.
    async fn member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global identifier.")] id: ID,
    ) -> Result<Option<Member>> {
        caller(ctx)?;
        Member::find(ctx, Some(member_id(&id)?)).await
    }

    /// The members of Parliament, by name.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The beginning of any word of the name, or the reference; accents and case do not matter.",
            default
        )]
        search: String,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Member>>> {
        caller(ctx)?;
        let place = match after {
            Some(cursor) => {
                let member = app(ctx)?.member(member_id(&ID(cursor))?).await?;
                Some(MemberPlace::of(&member.ok_or_else(bad_cursor)?))
            }
            None => None,
        };
        let Page { items, more } = app(ctx)?.members(&search, place.as_ref(), first.into()).await?;
        let items = items.into_iter().map(|one| (of_member(one.id).to_string(), Member(one)));
        Ok(Connection::new(items, place.is_some(), more))
    }
}
