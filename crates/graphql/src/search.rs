//! Searching, and what the dossiers found can be narrowed to.

use async_graphql::connection::PageInfo;
use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use pli_app::{Excerpt as Passage, Facet, Found, List, Page, Receipt};
use pli_domain::dossier::Stage as DomainStage;
use pli_domain::ids::UnitId;

use crate::dossier::Dossier;
use crate::enums::{ExcerptSource, Kind, Outcome, Stage};
use crate::error::{GqlError, Result};
use crate::ids::{app, caller};
use crate::lists::{Connection, DossierFilter, Edge, read_cursor, write_cursor};
use crate::organisation::Unit;

/// A page of what a search has found.
#[derive(SimpleObject)]
#[graphql(complex, name = "SearchConnection")]
pub(crate) struct Search {
    /// The dossiers found, each with its place.
    edges: Vec<Edge<FoundDossier>>,
    /// Whether there is more.
    page_info: PageInfo,
    #[graphql(skip)]
    list: List,
}

#[ComplexObject]
impl Search {
    /// How many dossiers were found, and what they can be narrowed to.
    async fn facets(&self, ctx: &Context<'_>) -> Result<Facets> {
        Ok(Facets(app(ctx)?.facets(caller(ctx)?, &self.list).await?))
    }
}

/// The page of a search.
pub(crate) async fn search(
    ctx: &Context<'_>,
    words: &str,
    filter: Option<DossierFilter>,
    first: u8,
    after: Option<String>,
) -> Result<Search> {
    if words.trim().is_empty() {
        return Err(GqlError::bad_input("Rien à chercher : donnez au moins un mot (words)."));
    }
    let mut list = filter.unwrap_or_default().list()?;
    // Both must be found, those of the filter first: the last word typed may be only begun.
    list.words = Some(list.words.map_or_else(String::new, |narrower| narrower + " ") + words);
    let after = after.as_deref().map(read_cursor).transpose()?;
    let after = after.map(|(received_on, id)| Receipt { received_on, id });
    let Page { items, more } = app(ctx)?.found(caller(ctx)?, &list, after, first.into()).await?;
    let items = items.into_iter().map(|found| {
        let Receipt { received_on, id } = Receipt::of(&found.sheet);
        (write_cursor(received_on, id), FoundDossier::from(found))
    });
    let Connection { edges, page_info } = Connection::new(items, after.is_some(), more);
    Ok(Search { edges, page_info, list })
}

/// A dossier that was found.
#[derive(SimpleObject)]
pub(crate) struct FoundDossier {
    /// The dossier.
    dossier: Dossier,
    /// The passage of its texts in which something was found first; null when that was elsewhere: in its reference,
    /// subject or sender.
    excerpt: Option<Excerpt>,
}

impl From<Found> for FoundDossier {
    fn from(found: Found) -> Self {
        Self { dossier: found.sheet.into(), excerpt: found.excerpt.map(Excerpt::from) }
    }
}

/// A passage of a text.
#[derive(SimpleObject)]
pub(crate) struct Excerpt {
    /// Of which text.
    of: ExcerptSource,
    /// The passage, cut into what was found and what stands between.
    pieces: Vec<Piece>,
}

impl From<Passage> for Excerpt {
    fn from(passage: Passage) -> Self {
        Self { of: passage.of.into(), pieces: passage.pieces.into_iter().map(Piece::from).collect() }
    }
}

/// A piece of a passage.
#[derive(SimpleObject)]
pub(crate) struct Piece {
    /// As it stands in the text.
    text: String,
    /// Whether the search asks for it.
    found: bool,
}

impl From<pli_domain::search::Piece> for Piece {
    fn from(piece: pli_domain::search::Piece) -> Self {
        Self { text: piece.text, found: piece.found }
    }
}

/// How many dossiers were found, in all and of each sort. The filter that each figure names lists exactly as many.
pub(crate) struct Facets(pli_app::Facets);

/// How many dossiers were found, in all and of each sort; what would leave none is not named.
#[Object(name = "SearchFacets")]
impl Facets {
    /// How many in all.
    async fn total(&self) -> u64 {
        self.0.total
    }

    /// Letters and questions (`kind` of the filter).
    async fn kinds(&self) -> Vec<KindCount> {
        self.each(|facet, count| match facet {
            Facet::Kind(kind) => Some(KindCount { kind: kind.into(), count }),
            _ => None,
        })
    }

    /// How many are open (`open`).
    async fn open(&self) -> u64 {
        self.one(Facet::Open(true))
    }

    /// How many are closed (`open: false`).
    async fn closed(&self) -> u64 {
        self.one(Facet::Open(false))
    }

    /// Stages, in the order of a life (`stage`, `outcome`).
    async fn stages(&self) -> Vec<StageCount> {
        self.each(|facet, count| match facet {
            Facet::Stage(stage) => {
                let outcome = match stage {
                    DomainStage::Closed(outcome) => Some(outcome.into()),
                    _ => None,
                };
                Some(StageCount { stage: stage.into(), outcome, count })
            }
            _ => None,
        })
    }

    /// The directions that lead them, what no unit leads first (`unit`, `unrouted`).
    async fn directions(&self) -> Vec<DirectionCount> {
        self.each(|facet, count| match facet {
            Facet::Branch(unit) => Some(DirectionCount { count, id: unit }),
            _ => None,
        })
    }

    /// The years in which they were received, the last first (`receivedIn`).
    async fn years(&self) -> Vec<YearCount> {
        self.each(|facet, count| match facet {
            Facet::Year(year) => Some(YearCount { year, count }),
            _ => None,
        })
    }

    /// How many are late today (`late`).
    async fn late(&self) -> u64 {
        self.one(Facet::Late)
    }
}

impl Facets {
    fn each<T>(&self, of: impl Fn(Facet, u64) -> Option<T>) -> Vec<T> {
        self.0.counts.iter().filter_map(|(facet, count)| of(*facet, *count)).collect()
    }

    fn one(&self, facet: Facet) -> u64 {
        self.each(|other, count| (other == facet).then_some(count)).into_iter().sum()
    }
}

/// How many are of one kind.
#[derive(SimpleObject)]
pub(crate) struct KindCount {
    /// The kind.
    kind: Kind,
    /// How many.
    count: u64,
}

/// How many are at one stage.
#[derive(SimpleObject)]
pub(crate) struct StageCount {
    /// The stage.
    stage: Stage,
    /// How they closed, when they did.
    outcome: Option<Outcome>,
    /// How many.
    count: u64,
}

/// How many a direction leads.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct DirectionCount {
    /// How many.
    count: u64,
    #[graphql(skip)]
    id: Option<UnitId>,
}

#[ComplexObject]
impl DirectionCount {
    /// The direction; null for what no unit leads.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        self.id.map_or(Ok(None), |id| Unit::find(ctx, id))
    }
}

/// How many were received in one year.
#[derive(SimpleObject)]
pub(crate) struct YearCount {
    /// The year.
    year: i32,
    /// How many.
    count: u64,
}
