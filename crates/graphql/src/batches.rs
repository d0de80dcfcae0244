//! Batches: questions that get one answer.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use pli_app::{NearQuestion as Found, Page, Sheet};
use pli_domain::ids::BatchId;

use crate::dossier::Question;
use crate::error::Result;
use crate::ids::{app, batch_id, caller, of_batch};
use crate::lists::{Connection, Edge};

/// Questions that get one answer (lot). What leads to it is done to all of them at once.
pub(crate) struct Batch {
    id: BatchId,
    sheets: Vec<Sheet>,
}

impl Batch {
    /// The batch of some questions in order; `None` when there are none.
    pub(crate) fn of(sheets: Vec<Sheet>) -> Option<Self> {
        let id = sheets.first()?.dossier.seat()?.batch;
        Some(Self { id, sheets })
    }
}

/// Questions that get one answer (lot). What leads to it is done to all of them at once.
#[Object]
impl Batch {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_batch(self.id)
    }

    /// The lead question, of those that you may read.
    async fn lead(&self) -> Option<Question> {
        self.sheets.first().cloned().and_then(Question::of)
    }

    /// The questions that you may read, the lead question first.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn questions(&self) -> Vec<Question> {
        self.sheets.iter().cloned().filter_map(Question::of).collect()
    }
}

/// A question that may well be about the same thing as another.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct NearQuestion {
    /// How alike their texts are, in hundredths.
    percent: u8,
    #[graphql(skip)]
    sheet: Sheet,
}

#[ComplexObject]
impl NearQuestion {
    /// The question.
    async fn question(&self) -> Option<Question> {
        Question::of(self.sheet.clone())
    }
}

impl From<Found> for NearQuestion {
    fn from(found: Found) -> Self {
        Self { percent: found.percent, sheet: found.sheet }
    }
}

/// What can be asked of batches.
#[derive(Default)]
pub(crate) struct BatchQuery;

#[Object]
impl BatchQuery {
    /// The batches of which you may read a question, the newest first.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Batch>>> {
        let before = after.as_ref().map(|after| batch_id(&ID(after.clone()))).transpose()?;
        let Page { items, more } = app(ctx)?.batch_page(caller(ctx)?, before, first.into()).await?;
        let batches = items.into_iter().filter_map(Batch::of);
        let items = batches.map(|batch| (of_batch(batch.id).to_string(), batch));
        Ok(Connection::new(items, after.is_some(), more))
    }
}
