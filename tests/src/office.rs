//! Pli at work: the real organisation, an account for each person, and a clock that stands still.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, Utc};
use pli_app::{
    App, Attempt, Caller, Clock, Document, Entered, Error, Files, Key, List, NewPassword, NewUnit, Order,
    Sheet, SignIn,
};
use pli_domain::account::TokenScope;
use pli_domain::actor::Grant;
use pli_domain::compartment::CompartmentCommand;
use pli_domain::dossier::{Command, NewMail};
use pli_domain::ids::{CompartmentId, DossierId, UnitId, UserId};
use pli_domain::organisation::Organisation;
use pli_domain::time::Timestamp;
use pli_persistence::Account;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::samples::{dispatch, draft, route};
use crate::{Engine, Fine as _, Person, TestStore};

/// When every office opens: 22 November 2026, ten in the morning in Paris.
pub const NOW: &str = "2026-11-22T09:00:00Z";

/// Everybody's password.
pub const PASSWORD: &str = "Sous le pli 1848";

/// Its hash: made once in a process, since hashing is made to be slow.
static HASH: OnceCell<String> = OnceCell::const_new();

/// A file of the demonstration.
#[must_use]
pub fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/server/demo").join(name)
}

/// A sign-in by a browser that Pli does not know.
#[must_use]
pub fn attempt(login: &str, password: &str) -> Attempt {
    Attempt { login: login.to_owned(), password: password.to_owned(), ..Attempt::default() }
}

/// Pli with its people.
#[derive(Debug)]
pub struct Office {
    /// Pli.
    pub app: App,
    /// Its clock; see [`Office::set_clock`].
    pub clock: Clock,
    /// Its organisation: the demonstration's.
    pub organisation: Organisation,
    /// Its database.
    pub database: TestStore,
    /// Where its documents lie.
    pub files: TempDir,
    keys: AtomicU32,
}

impl Office {
    /// Opens an office on an empty database.
    ///
    /// # Errors
    /// When the database cannot be made, or PostgreSQL is not there.
    pub async fn open(engine: Engine) -> Result<Self> {
        Self::on(TestStore::open(engine).await?).await
    }

    /// Opens an office on a database that is empty, and up to date.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn on(database: TestStore) -> Result<Self> {
        let clock = Clock::at(NOW.parse()?);
        let files = tempfile::Builder::new().prefix("pli-files-").tempdir()?;
        let app = App::new(database.store.clone(), Files::in_folder(files.path()), clock.clone());
        app.add_units(units()?).await.fine()?;
        let organisation = (*app.organisation().await.fine()?).clone();
        let office = Self { app, clock, organisation, database, files, keys: AtomicU32::new(1) };
        office.add_people().await?;
        Ok(office)
    }

    /// Everybody in one transaction, with the one hash.
    async fn add_people(&self) -> Result<()> {
        let hash = HASH.get_or_try_init(hash).await?;
        let uow = self.database.store.begin().await?;
        for (person, number) in Person::ALL.into_iter().zip(1..) {
            let account = Account {
                id: UserId(Uuid::from_u128(number)),
                login: person.login().to_owned(),
                name: person.name().to_owned(),
                password_hash: hash.clone(),
                email: Some(person.email()),
                password_drawn: false,
            };
            let grants = person.roles().iter().map(|(role, code)| {
                let unit = self.unit(code)?;
                Ok(Grant { role: *role, unit })
            });
            let grants = grants.collect::<Result<Vec<_>>>()?;
            uow.add_account(&account, &grants, self.clock.now()).await?;
        }
        Ok(uow.commit().await?)
    }

    /// A person who has come in with a token of the API.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn caller(&self, person: Person) -> Result<Caller> {
        let token = self.app.create_token(person.login(), "tests", TokenScope::Write, None).await.fine()?;
        self.app.by_token(token.reveal()).await.fine()?.context("the token is nobody's")
    }

    /// Somebody who signs in by a browser that Pli does not know; `None` when nobody is let in.
    ///
    /// # Errors
    /// When the database fails, or too many were tried.
    pub async fn come_in(&self, login: &str, password: &str) -> Result<Option<SignIn>> {
        match self.app.sign_in(&attempt(login, password)).await.fine()? {
            Entered::Open(opened) => Ok(Some(opened)),
            Entered::Refused | Entered::PasswordDrawn => Ok(None),
        }
    }

    /// Somebody who puts [`PASSWORD`] in the place of the password that was drawn for them; `None` when nobody is let in.
    ///
    /// # Errors
    /// When the database fails, or too many were tried.
    pub async fn come_in_first(&self, login: &str, drawn: &str) -> Result<Option<SignIn>> {
        self.app.choose_password(&attempt(login, drawn), PASSWORD).await.fine()
    }

    /// Everybody, each come in with a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn everybody(&self) -> Result<Vec<(Person, Caller)>> {
        let mut everybody = Vec::new();
        for person in Person::ALL {
            everybody.push((person, self.caller(person).await?));
        }
        Ok(everybody)
    }

    /// The unit of a code.
    ///
    /// # Errors
    /// When there is none.
    pub fn unit(&self, code: &str) -> Result<UnitId> {
        Ok(self.organisation.by_code(code).with_context(|| format!("no unit {code}"))?.id)
    }

    /// Sets the clock, as `2026-11-22T09:00:00Z`.
    ///
    /// # Errors
    /// When it is no instant.
    pub fn set_clock(&self, instant: &str) -> Result<()> {
        self.clock.set(instant.parse::<DateTime<Utc>>()?);
        Ok(())
    }

    /// Today in Paris.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.app.today()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A key that no other command has.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(format!("clé-{}", self.keys.fetch_add(1, Ordering::Relaxed)))
    }

    /// The command on a dossier, whatever its version, under a key of its own.
    #[must_use]
    pub fn order(&self, dossier: DossierId, command: Command) -> Order {
        Order { dossier, version: None, key: self.key(), command }
    }

    /// A compartment that the administrator opens, of an owner and others.
    ///
    /// # Errors
    /// When that fails.
    pub async fn compartment(&self, name: &str, owner: Person, others: &[Person]) -> Result<CompartmentId> {
        let administrator = self.caller(Person::Administrator).await?;
        let owner = self.app.person_to_name(owner.login(), "owner").await.fine()?;
        let opened = self.app.open_compartment(&administrator, self.key(), name.to_owned(), owner);
        let id = opened.await.fine()?.id;
        for person in others {
            let person = self.app.person_to_name(person.login(), "person").await.fine()?;
            let admit = CompartmentCommand::Admit { person };
            self.app.change_compartment(&administrator, self.key(), id, admit).await.fine()?;
        }
        Ok(id)
    }

    /// The clerk registers a letter.
    ///
    /// # Errors
    /// When that fails.
    pub async fn register(&self, mail: NewMail) -> Result<Sheet> {
        let clerk = self.caller(Person::Clerk).await?;
        self.app.register_mail(&clerk, self.key(), mail).await.fine()
    }

    /// A document that is received and stored, to be attached.
    ///
    /// # Errors
    /// The use case's, inside.
    pub async fn receive(&self, name: &str, content: &[u8]) -> Result<Document, Error> {
        let mut upload = self.app.receive_document().await?;
        for part in content.chunks(1 << 16) {
            upload.write(part).await?;
        }
        let attachment = upload.keep().await?;
        Ok(Document { name: attachment.media.name(name), attachment })
    }

    /// A person does something to a dossier.
    ///
    /// # Errors
    /// The use case's, inside; when the person cannot come in, outside.
    pub async fn act(&self, person: Person, id: DossierId, command: Command) -> Result<Result<Sheet, Error>> {
        let caller = self.caller(person).await?;
        Ok(self.app.act(&caller, self.order(id, command)).await)
    }

    /// People do things to a dossier, one after the other, and nobody is refused.
    ///
    /// # Errors
    /// When one is.
    pub async fn play(
        &self,
        id: DossierId,
        steps: impl IntoIterator<Item = (Person, Command)>,
    ) -> Result<Sheet> {
        let mut last = None;
        for (person, command) in steps {
            let what = format!("{person:?}: {command:?}");
            last = Some(self.act(person, id, command).await?.fine().context(what)?);
        }
        last.context("no step")
    }

    /// The steps that bring a letter from its registration to the DACS's table, ready to be written.
    ///
    /// # Errors
    /// When the organisation has no DACS.
    pub fn to_drafting(&self) -> Result<Vec<(Person, Command)>> {
        Ok(vec![(Person::Coordinator, route(self.unit("DACS")?)), (Person::Correspondent, Command::Accept)])
    }

    /// The steps that bring a letter from its registration to its answer.
    ///
    /// # Errors
    /// When the organisation has no DACS.
    pub fn to_answer(&self) -> Result<Vec<(Person, Command)>> {
        let mut steps = self.to_drafting()?;
        steps.extend([
            (Person::Drafter, draft("Madame,\n\nVous avez appelé mon attention sur…")),
            (Person::Drafter, Command::Submit),
            (Person::Approver, Command::Approve),
            (Person::Signatory, Command::Sign),
            (Person::Clerk, dispatch(self.today())),
        ]);
        Ok(steps)
    }

    /// The whole of a list, walked by pages of that size.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn walk(&self, caller: &Caller, list: &List, size: u64) -> Result<Vec<Sheet>> {
        let mut sheets = Vec::new();
        let mut after = None;
        loop {
            let page = self.app.dossiers(caller, list, after, size).await.fine()?;
            after = page.items.last().map(|sheet| list.position(sheet));
            sheets.extend(page.items);
            if !page.more {
                return Ok(sheets);
            }
        }
    }

    /// Verifies everything; what is wrong, in French.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn faults(&self) -> Result<Vec<String>> {
        let seen = self.app.verify(|_| {}).await.fine()?;
        Ok(seen.faults.into_iter().map(|fault| format!("{} : {}", fault.reference, fault.what)).collect())
    }
}

/// The hash that Pli makes of [`PASSWORD`], in a database that is thrown away.
async fn hash() -> Result<String> {
    let database = TestStore::open(Engine::Sqlite).await?;
    let files = tempfile::tempdir()?;
    let app = App::new(database.store.clone(), Files::in_folder(files.path()), Clock::at(NOW.parse()?));
    app.add_units(units()?).await.fine()?;
    app.add_account("invite", "Invité", NewPassword::Chosen(PASSWORD), None, &[]).await.fine()?;
    let guest = database.store.account("invite").await?;
    Ok(guest.context("the account is not there")?.password_hash)
}

/// The units of `organisation.csv`.
fn units() -> Result<Vec<NewUnit>> {
    let mut reader = csv::Reader::from_path(demo("organisation.csv"))?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let read = |row: csv::StringRecord| {
        let field = |index: usize| row.get(index).with_context(|| format!("{row:?}"));
        Ok(NewUnit {
            code: field(0)?.to_owned(),
            name: field(1)?.to_owned(),
            kind: field(2)?.parse()?,
            parent: text(field(3)?),
            valid_from: field(4)?.parse()?,
            valid_to: text(field(5)?).map(|day| day.parse()).transpose()?,
        })
    };
    reader.records().map(|row| read(row?)).collect()
}
