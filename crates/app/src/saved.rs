//! The searches that a person keeps under a name: theirs alone, on the lists of [`List`].

use std::future::Future;

use pli_domain::ids::{SavedSearchId, UserId};
use pli_domain::refusal::Refusal;
use pli_domain::saved;
use pli_domain::text::fold;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, SavedRow, UnitOfWork};

use crate::commands::{claim, run};
use crate::{App, Caller, Error, Key, List};

/// A search that a person keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its identifier.
    pub id: SavedSearchId,
    /// Its name, unique for the person.
    pub name: String,
    /// Which dossiers it finds.
    pub list: List,
    /// Whether the person is told by mail of what is new.
    pub alert: bool,
    /// Since when it is kept.
    pub saved_at: Timestamp,
}

/// A search to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSearch {
    /// Its name.
    pub name: String,
    /// Which dossiers it finds.
    pub list: List,
    /// Whether to tell of what is new.
    pub alert: bool,
}

/// What is changed of a search; what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchChange {
    /// Its name.
    pub name: Option<String>,
    /// Whether to tell of what is new from now on.
    pub alert: Option<bool>,
}

impl SavedSearch {
    pub(crate) fn read(row: SavedRow) -> Result<Self, Error> {
        let list = serde_json::from_str(&row.list).map_err(|error| Error::Internal(Box::new(error)))?;
        let SavedRow { id, name, alert, created_at, .. } = row;
        Ok(Self { id, name, list, alert, saved_at: created_at })
    }
}

impl App {
    /// The searches that the caller keeps, by name.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn saved_searches(&self, caller: &Caller) -> Result<Vec<SavedSearch>, Error> {
        let rows = self.store.saved_searches(owner(caller)?).await?;
        let mut searches = rows.into_iter().map(SavedSearch::read).collect::<Result<Vec<_>, _>>()?;
        searches.sort_by_key(|search| fold(&search.name));
        Ok(searches)
    }

    /// Keeps a search. An alert tells of what is new from now on.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct.
    pub async fn save_search(
        &self,
        caller: &Caller,
        key: Key,
        search: NewSearch,
    ) -> Result<SavedSearch, Error> {
        let request = format!("save search {search:?}");
        self.once(caller, key, request, SavedSearchId(self.clock.id()), move |turn| {
            let search = search.clone();
            async move { turn.save(search).await }
        })
        .await
    }

    /// Renames a search, or switches its alert.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the caller's, [`Error::Refused`] with the field to correct.
    pub async fn change_search(
        &self,
        caller: &Caller,
        key: Key,
        id: SavedSearchId,
        change: SearchChange,
    ) -> Result<SavedSearch, Error> {
        let request = format!("change search {id} {change:?}");
        self.once(caller, key, request, id, move |turn| {
            let change = change.clone();
            async move { turn.change(change).await }
        })
        .await
    }

    /// Keeps a search no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the caller's.
    pub async fn remove_search(&self, caller: &Caller, key: Key, id: SavedSearchId) -> Result<(), Error> {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().remove_once(caller.clone(), key.clone(), id)).await
    }

    async fn remove_once(self, caller: Caller, key: Key, id: SavedSearchId) -> Result<(), Error> {
        let now = self.clock.now();
        let person = owner(&caller)?;
        let uow = self.store.begin().await?;
        let request = format!("remove search {id}");
        if let Claim::Done { .. } = claim(&uow, &caller, &key, &request, id.0, now).await? {
            return Ok(());
        }
        find(uow.saved_searches(person).await?, id)?;
        uow.remove_saved_search(id).await?;
        Ok(uow.commit().await?)
    }

    /// Runs a command on a search to its end, once under its key.
    async fn once<F, Fut>(
        &self,
        caller: &Caller,
        key: Key,
        request: String,
        id: SavedSearchId,
        command: F,
    ) -> Result<SavedSearch, Error>
    where
        F: Fn(Turn) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<(UnitOfWork, SavedRow), Error>> + Send,
    {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key, request) = (app.clone(), caller.clone(), key.clone(), request.clone());
            let command = command.clone();
            async move {
                let person = owner(&caller)?;
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let claimed = claim(&uow, &caller, &key, &request, id.0, now).await?;
                let kept = uow.saved_searches(person).await?;
                if let Claim::Done { subject, .. } = claimed {
                    return SavedSearch::read(find(kept, SavedSearchId(subject))?);
                }
                let (uow, row) = command(Turn { app, caller, uow, kept, person, id, now }).await?;
                uow.commit().await?;
                SavedSearch::read(row)
            }
        })
        .await
    }
}

/// What a command is decided in.
struct Turn {
    app: App,
    caller: Caller,
    uow: UnitOfWork,
    /// What the person keeps already.
    kept: Vec<SavedRow>,
    person: UserId,
    id: SavedSearchId,
    now: Timestamp,
}

impl Turn {
    async fn save(self, search: NewSearch) -> Result<(UnitOfWork, SavedRow), Error> {
        let name = self.free(&search.name)?;
        saved::one_more(self.kept.len())?;
        let list = serde_json::to_string(&search.list).map_err(|error| Error::Internal(Box::new(error)))?;
        let row = SavedRow {
            id: self.id,
            person: self.person,
            name,
            list,
            alert: search.alert,
            looked_on: self.now.paris_date(),
            created_at: self.now,
        };
        self.uow.add_saved_search(&row).await?;
        if row.alert {
            self.know(&search.list).await?;
        }
        Ok((self.uow, row))
    }

    async fn change(self, change: SearchChange) -> Result<(UnitOfWork, SavedRow), Error> {
        let before = find(self.kept.clone(), self.id)?;
        let mut row = before.clone();
        if let Some(name) = change.name {
            row.name = self.free(&name)?;
        }
        row.alert = change.alert.unwrap_or(before.alert);
        if row.alert && !before.alert {
            row.looked_on = self.now.paris_date();
            self.know(&SavedSearch::read(row.clone())?.list).await?;
        } else if !row.alert {
            self.uow.forget_all(self.id).await?;
        }
        self.uow.change_saved_search(&row).await?;
        Ok((self.uow, row))
    }

    /// A name that no other search of the person has.
    fn free(&self, name: &str) -> Result<String, Error> {
        let name = saved::name(name)?;
        let same = |row: &&SavedRow| row.id != self.id && fold(&row.name) == fold(&name);
        if self.kept.iter().any(|row| same(&row)) {
            return Err(Refusal::SearchNameTaken.into());
        }
        Ok(name)
    }

    /// What the search finds now is known: only what comes after is told.
    async fn know(&self, list: &List) -> Result<(), Error> {
        let filter = list.filter(&self.caller, self.now.paris_date());
        saved::alert(self.app.reader(&self.caller).count(&filter).await?)?;
        self.uow.forget_all(self.id).await?;
        let news = self.app.reader(&self.caller).news(&filter, self.id, 0).await?;
        Ok(self.uow.know(self.id, &news.new, None).await?)
    }
}

fn owner(caller: &Caller) -> Result<UserId, Error> {
    caller.actor.user().ok_or(Error::NotFound)
}

fn find(rows: Vec<SavedRow>, id: SavedSearchId) -> Result<SavedRow, Error> {
    rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)
}
