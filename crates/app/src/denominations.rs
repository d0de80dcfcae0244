//! The names under which the ministry is published. When one becomes ours, or is no longer, the questions given to it are
//! looked at again.

use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::DenominationId;
use pli_domain::ministry::{Denomination, DenominationCommand, Denominations};
use pli_domain::settings::{Subject, SubjectKind};
use pli_domain::text::fold;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::{internal, run};
use crate::import::Report;
use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key};

/// A change of a denomination.
#[derive(Clone)]
struct DenominationSetting {
    id: DenominationId,
    command: DenominationCommand,
}

/// How many published questions are looked at again at once.
const PAGE: u64 = 100;

impl App {
    /// The names under which the ministry is or was published, in the order in which they began.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn denominations(&self) -> Result<Denominations, Error> {
        Ok(self.store.settings().await?.denominations.clone())
    }

    /// Adds a denomination; see [`App::change_denomination`].
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct; `command` is a [`DenominationCommand::Add`], or it is unknown.
    pub async fn add_denomination(
        &self,
        caller: &Caller,
        key: Key,
        command: DenominationCommand,
    ) -> Result<Report, Error> {
        self.change_denomination(caller, key, DenominationId(self.clock.id()), command).await
    }

    /// Changes a denomination, then looks again at the published questions of that name: those that become ours get their
    /// dossier. What that did. Should it stop half-way, the same again or the next import goes on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Refused`] with the field to correct.
    pub async fn change_denomination(
        &self,
        caller: &Caller,
        key: Key,
        id: DenominationId,
        command: DenominationCommand,
    ) -> Result<Report, Error> {
        let name = self.settle(caller, key, DenominationSetting { id, command }).await?;
        let app = self.clone();
        run(move || {
            let (app, name) = (app.clone(), name.clone());
            async move { app.reconsider(&name).await }
        })
        .await
    }

    /// Looks again at the published questions given to a ministry of this name.
    async fn reconsider(&self, name: &str) -> Result<Report, Error> {
        let importer = self.importer().await?;
        let mut report = Report::default();
        let wanted = fold(name);
        let names = self.store.published_ministries().await?;
        for ministry in names.iter().filter(|ministry| fold(ministry) == wanted) {
            let mut after = String::new();
            loop {
                let page = self.store.published_of(ministry, &after, PAGE).await?;
                let Some(last) = page.last().cloned() else { break };
                let identities: Vec<QuestionIdentity> =
                    page.iter().map(|name| name.parse()).collect::<Result<_, _>>().map_err(internal)?;
                let records = self.store.published_records(&identities).await?;
                let records: Vec<_> = records.into_values().collect();
                Box::pin(self.import_batch(&importer, &records, &mut report, None)).await?;
                after = last;
            }
        }
        Ok(report)
    }
}

impl Setting for DenominationSetting {
    /// The name.
    type Done = String;

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Denomination, id: self.id.to_string() }
    }

    fn request(&self) -> String {
        match &self.command {
            // The identifier of a new one is drawn anew each time it is asked for.
            DenominationCommand::Add { .. } => format!("{:?}", self.command),
            _ => format!("{} {:?}", self.id, self.command),
        }
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<String>, Error> {
        let known = turn.uow.denominations().await?;
        let before = known.0.iter().find(|one| one.id == self.id).cloned();
        if before.is_none() && !matches!(self.command, DenominationCommand::Add { .. }) {
            return Err(Error::NotFound);
        }
        let organisation = turn.uow.organisation().await?;
        let after = known.decide(&turn.caller.actor, &organisation, self.id, &self.command)?;
        let name = before.as_ref().or(after.as_ref()).map(|one| one.name.clone()).unwrap_or_default();
        if before == after {
            return Ok(Changed { done: name, told: None });
        }
        match &after {
            Some(one) => turn.uow.keep_denomination(one).await?,
            None => turn.uow.remove_denomination(self.id).await?,
        }
        let (before, after) = (told(before.as_ref()), told(after.as_ref()));
        Ok(Changed { done: name, told: Some(Told { action: self.command.action(), before, after }) })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<String, Error> {
        let known = turn.uow.denominations().await?;
        let one = known.0.into_iter().find(|one| one.id == DenominationId(subject));
        Ok(one.map(|one| one.name).unwrap_or_default())
    }
}

/// A denomination as the journal holds it.
fn told(one: Option<&Denomination>) -> Value {
    one.map_or(
        Value::Null,
        |one| json!({ "name": one.name, "validFrom": one.valid_from, "validTo": one.valid_until }),
    )
}
