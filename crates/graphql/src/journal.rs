//! A dossier's journal, and the whole register's.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, NaiveDate, Utc};
use pli_app::{Acts, Line, Page};
use pli_domain::actor::Who;
use pli_domain::french::French as _;

use crate::dossier::Dossier;
use crate::enums::{Action, Kind};
use crate::error::Result;
use crate::ids::{app, caller, of_who, who_id};
use crate::lists::{Connection, Edge, read_place, write_place};
use crate::loaders::Loaders;

/// The name of who acted.
pub(crate) async fn told(ctx: &Context<'_>, who: Who) -> Result<Option<String>> {
    match who {
        Who::User(id) => Loaders::name(ctx, id).await,
        Who::System(part) => Ok(Some(part.french().to_owned())),
    }
}

/// A line of the journal.
pub(crate) struct JournalEntry(pub(crate) Line);

/// A line of the journal: who did what, when, from which stage to which.
#[Object]
impl JournalEntry {
    /// Its place in the dossier's journal, from 1.
    async fn seq(&self) -> u32 {
        self.0.entry.seq
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.entry.at.instant()
    }

    /// Who: a person's name, or the part of Pli that acted.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        told(ctx, self.0.entry.who).await
    }

    /// The identifier of who acted, by which the journal can be asked for their acts.
    async fn actor_id(&self) -> ID {
        of_who(self.0.entry.who)
    }

    /// The dossier that it is about.
    async fn dossier(&self, ctx: &Context<'_>) -> Result<Option<Dossier>> {
        Ok(Loaders::dossier(ctx, self.0.entry.dossier).await?.map(Dossier::from))
    }

    /// What was done, or attempted.
    async fn action(&self) -> Option<Action> {
        self.0.entry.action.parse::<pli_domain::dossier::Action>().ok().map(Action::from)
    }

    /// The stage before, such as `drafting` or `closed:answered`; empty for the first entry.
    async fn from_stage(&self) -> &str {
        &self.0.entry.from
    }

    /// The stage after.
    async fn to_stage(&self) -> &str {
        &self.0.entry.to
    }

    /// Whether it was accepted. A refused attempt changed nothing.
    async fn accepted(&self) -> bool {
        self.0.entry.accepted
    }

    /// What is kept of the act, as JSON; the refusal's code for a refused one.
    async fn payload(&self) -> &str {
        &self.0.entry.payload
    }

    /// The words said with it, while they are kept.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// SHA-256 of this entry and of the one before it.
    async fn hash(&self) -> &str {
        self.0.hash.as_str()
    }
}

/// Which acts; each field that is given narrows the list.
#[derive(InputObject, Default)]
pub(crate) struct JournalFilter {
    /// Done by one person, or by a part of Pli: an entry's `actorId`.
    actor: Option<ID>,
    /// Of one sort.
    action: Option<Action>,
    /// From this day on, in Paris.
    from: Option<NaiveDate>,
    /// Up to this day, included.
    to: Option<NaiveDate>,
    /// On letters, or on questions.
    kind: Option<Kind>,
}

impl JournalFilter {
    fn acts(&self) -> Result<Acts> {
        Ok(Acts {
            who: self.actor.as_ref().map(who_id).transpose()?,
            action: self.action.map(Action::into),
            from: self.from,
            to: self.to,
            kind: self.kind.map(Kind::into),
        })
    }
}

/// What can be asked of the journal.
#[derive(Default)]
pub(crate) struct JournalQuery;

#[Object]
impl JournalQuery {
    /// The latest acts on every dossier that the person who asks may read, the newest first.
    #[graphql(complexity = "50 + usize::from(first) * child_complexity")]
    async fn journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<JournalFilter>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<JournalEntry>>> {
        let acts = filter.unwrap_or_default().acts()?;
        let before = after.as_deref().map(read_place).transpose()?;
        let Page { items, more } = app(ctx)?.register(caller(ctx)?, &acts, before, first.into()).await?;
        let items = items.into_iter().map(|line| (write_place(line.place()), JournalEntry(line.line)));
        Ok(Connection::new(items, before.is_some(), more))
    }
}
