//! A browser in an office.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use pli_app::{List, Sheet};
use pli_domain::dossier::{Command, NewMail};
use pli_tests::browser::{Browser, Look};
use pli_tests::{Engine, Fine as _, Office, Person, Served};

/// An office with one browser, at which its people sit down in turn.
pub(crate) struct Desk {
    /// First, so that it closes before the office does.
    pub(crate) browser: Browser,
    pub(crate) served: Served,
}

/// Without JavaScript.
pub(crate) fn plain() -> Look {
    Look { javascript: false, ..Look::default() }
}

impl Desk {
    pub(crate) async fn open(engine: Engine, look: Look) -> Result<Self> {
        let served = Served::open(engine, true).await?;
        let browser = Browser::open(&served.url, look).await?;
        Ok(Self { browser, served })
    }

    pub(crate) fn office(&self) -> &Office {
        &self.served.office
    }

    /// A letter that has come so far.
    pub(crate) async fn letter(
        &self,
        mail: NewMail,
        steps: impl IntoIterator<Item = (Person, Command)>,
    ) -> Result<Sheet> {
        let mut sheet = self.office().register(mail).await?;
        for step in steps {
            sheet = self.office().play(sheet.dossier.id, [step]).await?;
        }
        Ok(sheet)
    }

    /// Somebody else sits down, some minutes later, and opens a dossier.
    pub(crate) async fn next(&self, person: Person, reference: &str) -> Result<&Browser> {
        self.later();
        self.browser.sign_in(person).await?;
        self.browser.go(&format!("/dossiers/{reference}")).await?;
        Ok(&self.browser)
    }

    /// Ten minutes later.
    pub(crate) fn later(&self) {
        let office = self.office();
        office.clock.set(office.now().instant() + TimeDelta::minutes(10));
    }

    /// How many dossiers there are.
    pub(crate) async fn dossiers(&self) -> Result<u64> {
        let auditor = self.office().caller(Person::Auditor).await?;
        self.office().app.count(&auditor, &List::default()).await.fine()
    }

    /// The dossier as it is stored.
    pub(crate) async fn stored(&self, reference: &str) -> Result<Sheet> {
        let auditor = self.office().caller(Person::Auditor).await?;
        self.office().app.dossier_by_reference(&auditor, reference).await.fine()?.context("it is not there")
    }
}
