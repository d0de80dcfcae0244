//! What a request reads in batches. Made for each request: what one caller may read is never served to another.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::iter::successors;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, QueryPathSegment};
use pli_app::{App, Attached, Caller, Published, Sheet};
use pli_domain::actor::Who;
use pli_domain::compartment::Compartment;
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::{BatchId, CompartmentId, DossierId, MemberId, UnitId, UserId};
use pli_domain::member::Member;
use pli_domain::published::PublishedQuestion;

use crate::error::{GqlError, Result};

/// The loaders of one request.
pub(crate) struct Loaders {
    names: DataLoader<Names>,
    drafts: DataLoader<Drafts>,
    attachments: DataLoader<Attachments>,
    dossiers: DataLoader<Dossiers>,
    published: DataLoader<PublishedQuestions>,
    records: DataLoader<Records>,
    attendees: DataLoader<Attendees>,
    led: DataLoader<Led>,
    batches: DataLoader<Batches>,
    compartments: DataLoader<Compartments>,
    members: DataLoader<Members>,
}

struct Names(App);

struct Drafts(App, Caller);

struct Attachments(App, Caller);

struct Dossiers(App, Caller);

struct PublishedQuestions(App);

struct Records(App);

struct Attendees(App, Caller);

struct Led(App, Caller);

struct Batches(App, Caller);

struct Compartments(App, Caller);

struct Members(App);

/// A batch's failure, which each that waited for it is told. What went wrong is in the log.
#[derive(Clone, Debug)]
struct Failed;

impl From<pli_app::Error> for Failed {
    fn from(error: pli_app::Error) -> Self {
        tracing::error!(?error, "a batch of the API failed");
        Self
    }
}

impl From<Failed> for GqlError {
    fn from(_: Failed) -> Self {
        Self::from(pli_app::Error::Unavailable)
    }
}

/// The value of one key. A batch waits for those of the same list; who is asked by themselves has nobody to wait for.
async fn one<K, L>(ctx: &Context<'_>, loader: &DataLoader<L>, key: K) -> Result<Option<L::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    L: Loader<K, Error = Failed>,
{
    let mut path = successors(ctx.path_node.as_ref(), |node| node.parent);
    if path.any(|node| matches!(node.segment, QueryPathSegment::Index(_))) {
        return Ok(loader.load_one(key).await?);
    }
    Ok(loader.loader().load(std::slice::from_ref(&key)).await?.remove(&key))
}

impl Loaders {
    pub(crate) fn new(app: &App, caller: &Caller) -> Self {
        Self {
            names: DataLoader::new(Names(app.clone()), tokio::spawn),
            drafts: DataLoader::new(Drafts(app.clone(), caller.clone()), tokio::spawn),
            attachments: DataLoader::new(Attachments(app.clone(), caller.clone()), tokio::spawn),
            dossiers: DataLoader::new(Dossiers(app.clone(), caller.clone()), tokio::spawn),
            published: DataLoader::new(PublishedQuestions(app.clone()), tokio::spawn),
            records: DataLoader::new(Records(app.clone()), tokio::spawn),
            attendees: DataLoader::new(Attendees(app.clone(), caller.clone()), tokio::spawn),
            led: DataLoader::new(Led(app.clone(), caller.clone()), tokio::spawn),
            batches: DataLoader::new(Batches(app.clone(), caller.clone()), tokio::spawn),
            compartments: DataLoader::new(Compartments(app.clone(), caller.clone()), tokio::spawn),
            members: DataLoader::new(Members(app.clone()), tokio::spawn),
        }
    }

    fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(GqlError::unauthenticated)
    }

    /// A person's name.
    pub(crate) async fn name(ctx: &Context<'_>, id: UserId) -> Result<Option<String>> {
        let names = &Self::of(ctx)?.names;
        // Known as a rule: a batch would have it wait for the others.
        match names.loader().0.known_name(id) {
            Some(name) => Ok(Some(name)),
            None => one(ctx, names, id).await,
        }
    }

    /// A draft's text.
    pub(crate) async fn draft(ctx: &Context<'_>, id: DossierId, version: u32) -> Result<Option<String>> {
        one(ctx, &Self::of(ctx)?.drafts, (id, version)).await
    }

    /// A dossier's documents.
    pub(crate) async fn attachments(ctx: &Context<'_>, id: DossierId) -> Result<Vec<Attached>> {
        Ok(one(ctx, &Self::of(ctx)?.attachments, id).await?.unwrap_or_default())
    }

    /// A dossier, when it may be read.
    pub(crate) async fn dossier(ctx: &Context<'_>, id: DossierId) -> Result<Option<Sheet>> {
        one(ctx, &Self::of(ctx)?.dossiers, id).await
    }

    /// What was published of a question.
    pub(crate) async fn published(
        ctx: &Context<'_>,
        identity: &QuestionIdentity,
    ) -> Result<Option<Published>> {
        one(ctx, &Self::of(ctx)?.published, identity.clone()).await
    }

    /// Who attends the sitting of a question.
    pub(crate) async fn attendee(ctx: &Context<'_>, id: DossierId) -> Result<Option<String>> {
        one(ctx, &Self::of(ctx)?.attendees, id).await
    }

    /// All that was published of a question.
    pub(crate) async fn record(
        ctx: &Context<'_>,
        identity: &QuestionIdentity,
    ) -> Result<Option<PublishedQuestion>> {
        one(ctx, &Self::of(ctx)?.records, identity.clone()).await
    }

    /// How many open dossiers a unit leads.
    pub(crate) async fn led(ctx: &Context<'_>, id: UnitId) -> Result<u64> {
        Ok(one(ctx, &Self::of(ctx)?.led, id).await?.unwrap_or(0))
    }
}

impl Loaders {
    /// The questions of a batch.
    pub(crate) async fn batch(ctx: &Context<'_>, id: BatchId) -> Result<Option<Vec<Sheet>>> {
        one(ctx, &Self::of(ctx)?.batches, id).await
    }
}

impl Loaders {
    /// A compartment, when one may know it.
    pub(crate) async fn compartment(ctx: &Context<'_>, id: CompartmentId) -> Result<Option<Compartment>> {
        one(ctx, &Self::of(ctx)?.compartments, id).await
    }
}

impl Loaders {
    /// A member of Parliament.
    pub(crate) async fn member(ctx: &Context<'_>, id: MemberId) -> Result<Option<Member>> {
        one(ctx, &Self::of(ctx)?.members, id).await
    }
}

impl Loader<MemberId> for Members {
    type Value = Member;
    type Error = Failed;

    async fn load(&self, keys: &[MemberId]) -> std::result::Result<HashMap<MemberId, Member>, Failed> {
        let members = self.0.some_members(keys).await?;
        Ok(members.into_iter().map(|member| (member.id, member)).collect())
    }
}

impl Loader<CompartmentId> for Compartments {
    type Value = Compartment;
    type Error = Failed;

    async fn load(
        &self,
        _: &[CompartmentId],
    ) -> std::result::Result<HashMap<CompartmentId, Compartment>, Failed> {
        // A person knows few of them.
        let known = self.0.compartments(&self.1).await?;
        Ok(known.into_iter().map(|compartment| (compartment.id, compartment)).collect())
    }
}

impl Loader<BatchId> for Batches {
    type Value = Vec<Sheet>;
    type Error = Failed;

    async fn load(&self, keys: &[BatchId]) -> std::result::Result<HashMap<BatchId, Vec<Sheet>>, Failed> {
        Ok(unordered(self.0.batches(&self.1, keys).await?))
    }
}

fn unordered<K: std::hash::Hash + Eq, V>(map: BTreeMap<K, V>) -> HashMap<K, V> {
    map.into_iter().collect()
}

impl Loader<UserId> for Names {
    type Value = String;
    type Error = Failed;

    async fn load(&self, keys: &[UserId]) -> std::result::Result<HashMap<UserId, String>, Failed> {
        Ok(unordered(self.0.names(keys.iter().copied().map(Who::User)).await?))
    }
}

impl Loader<(DossierId, u32)> for Drafts {
    type Value = String;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[(DossierId, u32)],
    ) -> std::result::Result<HashMap<(DossierId, u32), String>, Failed> {
        Ok(unordered(self.0.drafts(&self.1, keys).await?))
    }
}

impl Loader<DossierId> for Attachments {
    type Value = Vec<Attached>;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[DossierId],
    ) -> std::result::Result<HashMap<DossierId, Vec<Attached>>, Failed> {
        Ok(unordered(self.0.attachments(&self.1, keys).await?))
    }
}

impl Loader<DossierId> for Dossiers {
    type Value = Sheet;
    type Error = Failed;

    async fn load(&self, keys: &[DossierId]) -> std::result::Result<HashMap<DossierId, Sheet>, Failed> {
        let sheets = self.0.some_dossiers(&self.1, keys).await?;
        Ok(sheets.into_iter().map(|sheet| (sheet.dossier.id, sheet)).collect())
    }
}

impl Loader<QuestionIdentity> for PublishedQuestions {
    type Value = Published;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[QuestionIdentity],
    ) -> std::result::Result<HashMap<QuestionIdentity, Published>, Failed> {
        Ok(unordered(self.0.published_of(keys).await?))
    }
}

impl Loader<QuestionIdentity> for Records {
    type Value = PublishedQuestion;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[QuestionIdentity],
    ) -> std::result::Result<HashMap<QuestionIdentity, PublishedQuestion>, Failed> {
        Ok(unordered(self.0.published_records(keys).await?))
    }
}

impl Loader<DossierId> for Attendees {
    type Value = String;
    type Error = Failed;

    async fn load(&self, keys: &[DossierId]) -> std::result::Result<HashMap<DossierId, String>, Failed> {
        Ok(unordered(self.0.attendees(&self.1, keys).await?))
    }
}

impl Loader<UnitId> for Led {
    type Value = u64;
    type Error = Failed;

    async fn load(&self, keys: &[UnitId]) -> std::result::Result<HashMap<UnitId, u64>, Failed> {
        Ok(unordered(self.0.led(&self.1, keys.iter().copied().collect()).await?))
    }
}
