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

/// The batches of one request. Each kind of key has batches of its own.
pub(crate) struct Loaders(DataLoader<Reading>);

/// Who reads.
struct Reading {
    app: App,
    caller: Caller,
}

/// The documents of a dossier.
#[derive(Clone, PartialEq, Eq, Hash)]
struct DocumentsOf(DossierId);

/// Who attends the sitting of a question.
#[derive(Clone, PartialEq, Eq, Hash)]
struct AttendeeOf(DossierId);

/// All that was published of a question.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RecordOf(QuestionIdentity);

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
async fn one<K, V>(ctx: &Context<'_>, key: K) -> Result<Option<V>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Reading: Loader<K, Value = V, Error = Failed>,
    V: Send + Sync + Clone + 'static,
{
    let loader = &Loaders::of(ctx)?.0;
    let mut path = successors(ctx.path_node.as_ref(), |node| node.parent);
    if path.any(|node| matches!(node.segment, QueryPathSegment::Index(_))) {
        return Ok(loader.load_one(key).await?);
    }
    Ok(loader.loader().load(std::slice::from_ref(&key)).await?.remove(&key))
}

impl Loaders {
    pub(crate) fn new(app: App, caller: Caller) -> Self {
        Self(DataLoader::new(Reading { app, caller }, tokio::spawn))
    }

    fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(GqlError::unauthenticated)
    }

    /// A person's name.
    pub(crate) async fn name(ctx: &Context<'_>, id: UserId) -> Result<Option<String>> {
        // Known as a rule: a batch would have it wait for the others.
        match Self::of(ctx)?.0.loader().app.known_name(id) {
            Some(name) => Ok(Some(name)),
            None => one(ctx, id).await,
        }
    }

    /// A draft's text.
    pub(crate) async fn draft(ctx: &Context<'_>, id: DossierId, version: u32) -> Result<Option<String>> {
        one(ctx, (id, version)).await
    }

    /// A dossier's documents.
    pub(crate) async fn attachments(ctx: &Context<'_>, id: DossierId) -> Result<Vec<Attached>> {
        Ok(one(ctx, DocumentsOf(id)).await?.unwrap_or_default())
    }

    /// A dossier, when it may be read.
    pub(crate) async fn dossier(ctx: &Context<'_>, id: DossierId) -> Result<Option<Sheet>> {
        one(ctx, id).await
    }

    /// What was published of a question.
    pub(crate) async fn published(
        ctx: &Context<'_>,
        identity: &QuestionIdentity,
    ) -> Result<Option<Published>> {
        one(ctx, identity.clone()).await
    }

    /// Who attends the sitting of a question.
    pub(crate) async fn attendee(ctx: &Context<'_>, id: DossierId) -> Result<Option<String>> {
        one(ctx, AttendeeOf(id)).await
    }

    /// All that was published of a question.
    pub(crate) async fn record(
        ctx: &Context<'_>,
        identity: &QuestionIdentity,
    ) -> Result<Option<PublishedQuestion>> {
        one(ctx, RecordOf(identity.clone())).await
    }

    /// How many open dossiers a unit leads.
    pub(crate) async fn led(ctx: &Context<'_>, id: UnitId) -> Result<u64> {
        Ok(one(ctx, id).await?.unwrap_or(0))
    }

    /// The questions of a batch.
    pub(crate) async fn batch(ctx: &Context<'_>, id: BatchId) -> Result<Option<Vec<Sheet>>> {
        one(ctx, id).await
    }

    /// A compartment, when one may know it.
    pub(crate) async fn compartment(ctx: &Context<'_>, id: CompartmentId) -> Result<Option<Compartment>> {
        one(ctx, id).await
    }

    /// A member of Parliament.
    pub(crate) async fn member(ctx: &Context<'_>, id: MemberId) -> Result<Option<Member>> {
        one(ctx, id).await
    }
}

impl Loader<MemberId> for Reading {
    type Value = Member;
    type Error = Failed;

    async fn load(&self, keys: &[MemberId]) -> std::result::Result<HashMap<MemberId, Member>, Failed> {
        let members = self.app.some_members(keys).await?;
        Ok(members.into_iter().map(|member| (member.id, member)).collect())
    }
}

impl Loader<CompartmentId> for Reading {
    type Value = Compartment;
    type Error = Failed;

    async fn load(
        &self,
        _: &[CompartmentId],
    ) -> std::result::Result<HashMap<CompartmentId, Compartment>, Failed> {
        // A person knows few of them.
        let known = self.app.compartments(&self.caller).await?;
        Ok(known.into_iter().map(|compartment| (compartment.id, compartment)).collect())
    }
}

impl Loader<BatchId> for Reading {
    type Value = Vec<Sheet>;
    type Error = Failed;

    async fn load(&self, keys: &[BatchId]) -> std::result::Result<HashMap<BatchId, Vec<Sheet>>, Failed> {
        Ok(unordered(self.app.batches(&self.caller, keys).await?))
    }
}

fn unordered<K: std::hash::Hash + Eq, V>(map: BTreeMap<K, V>) -> HashMap<K, V> {
    map.into_iter().collect()
}

impl Loader<UserId> for Reading {
    type Value = String;
    type Error = Failed;

    async fn load(&self, keys: &[UserId]) -> std::result::Result<HashMap<UserId, String>, Failed> {
        Ok(unordered(self.app.names(keys.iter().copied().map(Who::User)).await?))
    }
}

impl Loader<(DossierId, u32)> for Reading {
    type Value = String;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[(DossierId, u32)],
    ) -> std::result::Result<HashMap<(DossierId, u32), String>, Failed> {
        Ok(unordered(self.app.drafts(&self.caller, keys).await?))
    }
}

impl Loader<DocumentsOf> for Reading {
    type Value = Vec<Attached>;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[DocumentsOf],
    ) -> std::result::Result<HashMap<DocumentsOf, Vec<Attached>>, Failed> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let attached = self.app.attachments(&self.caller, &ids).await?;
        Ok(attached.into_iter().map(|(id, attached)| (DocumentsOf(id), attached)).collect())
    }
}

impl Loader<DossierId> for Reading {
    type Value = Sheet;
    type Error = Failed;

    async fn load(&self, keys: &[DossierId]) -> std::result::Result<HashMap<DossierId, Sheet>, Failed> {
        let sheets = self.app.some_dossiers(&self.caller, keys).await?;
        Ok(sheets.into_iter().map(|sheet| (sheet.dossier.id, sheet)).collect())
    }
}

impl Loader<QuestionIdentity> for Reading {
    type Value = Published;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[QuestionIdentity],
    ) -> std::result::Result<HashMap<QuestionIdentity, Published>, Failed> {
        Ok(unordered(self.app.published_of(keys).await?))
    }
}

impl Loader<RecordOf> for Reading {
    type Value = PublishedQuestion;
    type Error = Failed;

    async fn load(
        &self,
        keys: &[RecordOf],
    ) -> std::result::Result<HashMap<RecordOf, PublishedQuestion>, Failed> {
        let identities: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let records = self.app.published_records(&identities).await?;
        Ok(records.into_iter().map(|(identity, record)| (RecordOf(identity), record)).collect())
    }
}

impl Loader<AttendeeOf> for Reading {
    type Value = String;
    type Error = Failed;

    async fn load(&self, keys: &[AttendeeOf]) -> std::result::Result<HashMap<AttendeeOf, String>, Failed> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let attendees = self.app.attendees(&self.caller, &ids).await?;
        Ok(attendees.into_iter().map(|(id, name)| (AttendeeOf(id), name)).collect())
    }
}

impl Loader<UnitId> for Reading {
    type Value = u64;
    type Error = Failed;

    async fn load(&self, keys: &[UnitId]) -> std::result::Result<HashMap<UnitId, u64>, Failed> {
        Ok(unordered(self.app.led(&self.caller, keys.iter().copied().collect()).await?))
    }
}
