//! Where the public record contradicts the office: a coordinator adopts what is published, or dismisses it with a reason.

use pli_domain::dossier::{Command, Dossier, Held};
use pli_domain::ids::DiscrepancyId;
use pli_domain::public_record::PublicRecord;
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Found, UnitOfWork, Verdict};

use crate::commands::{apply, run};
use crate::{App, Caller, Error, Key, Order, Page, Sheet};

/// A discrepancy that waits, and what the dossier holds on its point.
#[derive(Clone, Debug)]
pub struct Discrepant {
    /// What the record says.
    pub found: Found,
    /// The dossier.
    pub sheet: Sheet,
    /// What it holds; `None` when it was corrected since the last import.
    pub held: Option<Held>,
}

impl App {
    /// A page of the discrepancies that wait, in the order in which they were first found.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn discrepancies(
        &self,
        caller: &Caller,
        after: Option<DiscrepancyId>,
        size: u64,
    ) -> Result<Page<Discrepant>, Error> {
        let size = size.clamp(1, crate::lists::PAGE);
        let Page { items, more } = self.reader(caller).waiting_discrepancies(after, size).await?;
        let discrepant = |(found, sheet): (Found, Sheet)| {
            let held = found.point.held(&sheet.dossier);
            Discrepant { found, sheet, held }
        };
        Ok(Page { items: items.into_iter().map(discrepant).collect(), more })
    }

    /// How many discrepancies wait.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn count_discrepancies(&self, caller: &Caller) -> Result<u64, Error> {
        Ok(self.dashboards(caller).await.count_discrepancies().await?)
    }

    /// Takes what is published as the dossier's own.
    ///
    /// # Errors
    /// [`Error::NotFound`] out of scope, [`Error::Refused`] by the rules.
    pub async fn adopt_discrepancy(
        &self,
        caller: &Caller,
        key: Key,
        id: DiscrepancyId,
    ) -> Result<Sheet, Error> {
        self.reconcile(caller, key, id, None).await
    }

    /// Keeps what is held, with a reason.
    ///
    /// # Errors
    /// [`Error::NotFound`] out of scope, [`Error::Refused`] by the rules or without a reason.
    pub async fn dismiss_discrepancy(
        &self,
        caller: &Caller,
        key: Key,
        id: DiscrepancyId,
        reason: String,
    ) -> Result<Sheet, Error> {
        self.reconcile(caller, key, id, Some(reason)).await
    }

    async fn reconcile(
        &self,
        caller: &Caller,
        key: Key,
        id: DiscrepancyId,
        reason: Option<String>,
    ) -> Result<Sheet, Error> {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().reconcile_once(caller.clone(), key.clone(), id, reason.clone())).await
    }

    async fn reconcile_once(
        self,
        caller: Caller,
        key: Key,
        id: DiscrepancyId,
        reason: Option<String>,
    ) -> Result<Sheet, Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let found = uow.discrepancy(&caller.scope, id).await?.ok_or(Error::NotFound)?;
        let request = format!("settle {id} {reason:?}");
        let (caller, done) = self.claimed(&uow, &caller, &key, &request, found.dossier, now).await?;
        if let Some(done) = done {
            return Ok(done);
        }
        let before = uow.dossier(&caller.scope, found.dossier).await?.ok_or(Error::NotFound)?;
        // Read again once nobody else can settle it.
        let found = uow.discrepancy(&caller.scope, id).await?.ok_or(Error::NotFound)?;
        let (command, verdict) = match reason {
            None => (found.point.clone().adopt(before.dossier.stage), Verdict::Adopted),
            Some(note) => (Command::Dismiss { discrepancy: found.point.clone(), note }, Verdict::Dismissed),
        };
        let done = async {
            if found.verdict != Verdict::Waiting {
                return Err(Refusal::NoDiscrepancy.into());
            }
            let after = apply(&uow, &caller, before, &command, now).await?;
            uow.settle_discrepancy(id, verdict).await?;
            Ok(after)
        };
        match done.await {
            Ok(after) => {
                uow.commit().await?;
                Ok(after)
            }
            Err(Error::Refused(refusal)) => {
                drop(uow);
                let order = Order { dossier: found.dossier, version: None, key, command };
                self.record_refusal(&caller, &order, &refusal, now).await?;
                Err(refusal.into())
            }
            Err(other) => Err(other),
        }
    }

    /// Keeps what the record contradicts of a dossier, for a person to settle.
    pub(crate) async fn compare(
        &self,
        uow: &UnitOfWork,
        record: &PublicRecord,
        dossier: &Dossier,
        now: Timestamp,
    ) -> Result<(), Error> {
        let points = record.contradictions(dossier);
        Ok(uow.keep_discrepancies(dossier.id, &points, || DiscrepancyId(self.clock.id()), now).await?)
    }
}
