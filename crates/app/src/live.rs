//! Following what happens: an open page, or a program, is told that something that it may see has changed, and nothing more.
//!
//! Whoever follows is looked at again each time, and each half minute when nothing happens: a session that has ended, a token that
//! was taken back, a dossier that went out of reach end it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pli_domain::actor::{Scope, Who};
use pli_domain::ids::DossierId;
use pli_persistence::Written;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::access::digest;
use crate::{App, Caller, Error};

/// How often one is looked at when nothing happens.
const LOOK: Duration = Duration::from_secs(30);

/// How long whoever follows everything is left in peace after being told.
const PEACE: Duration = Duration::from_secs(10);

/// How long before one looks again at a database that was away.
const AGAIN: Duration = Duration::from_secs(2);

/// How many streams a person may have open on a server, by all browsers and programs.
const EACH: usize = 20;

/// How many streams a server holds.
const ALL: usize = 5_000;

/// How long one waits before another is tried, in seconds.
const WAIT: u64 = 30;

/// By what somebody who follows came in: looked at again each time.
#[derive(Clone)]
pub enum Bearer {
    /// The secret of a session.
    Session(String),
    /// A token of the API.
    Token(String),
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Bearer")
    }
}

/// Who follows at this moment, and whether they may go on.
#[derive(Debug)]
pub(crate) struct Live {
    /// How many streams each has open.
    places: Mutex<BTreeMap<String, usize>>,
    stopped: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self { places: Mutex::default(), stopped: watch::Sender::new(false) }
    }
}

/// One more who follows; the place is free again when it is dropped.
#[derive(Debug)]
struct Place {
    live: Arc<Live>,
    who: String,
}

impl Place {
    fn take(live: &Arc<Live>, who: Who) -> Result<Self, Error> {
        let who = who.to_string();
        let mut places = live.places.lock().unwrap_or_else(PoisonError::into_inner);
        let own = places.get(&who).copied().unwrap_or_default();
        if own >= EACH || places.values().sum::<usize>() >= ALL {
            return Err(Error::TooOften { wait: WAIT });
        }
        places.insert(who.clone(), own + 1);
        Ok(Self { live: live.clone(), who })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.live.places.lock().unwrap_or_else(PoisonError::into_inner);
        match places.get_mut(&self.who) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(places.remove(&self.who)),
        }
    }
}

/// Somebody who follows a dossier, or all that they may see.
#[derive(Debug)]
pub struct Following {
    app: App,
    bearer: Bearer,
    news: Receiver<Written>,
    stopped: watch::Receiver<bool>,
    what: What,
    _place: Place,
}

#[derive(Debug)]
enum What {
    /// A dossier, and how many acts one has seen on it.
    Dossier(DossierId, Option<u32>),
    /// All that one may see, and until when one is left in peace.
    Everything(Instant),
}

/// What is seen of it.
enum Looked {
    /// It has changed, and this is its version.
    Change(u32),
    /// Nothing new.
    Nothing,
    /// The reader is let in no more, or the dossier is out of reach.
    Over,
}

/// What was heard of.
enum Heard {
    /// These dossiers have changed.
    Dossiers(Vec<DossierId>),
    /// Nobody knows what has.
    Anything,
    /// Nothing, for a while.
    Nothing,
    /// The server stops.
    Stop,
}

impl App {
    /// Follows what is written, by this server and all others, for as long as the process lives.
    pub async fn listen(&self) {
        self.store.follow().await;
    }

    /// Ends all streams: the server stops.
    pub fn stop_following(&self) {
        self.live.stopped.send_replace(true);
    }

    /// Follows one dossier; `seen` is its version as it is shown, and when it has another already, this is told at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there, or not for the caller; [`Error::TooOften`] when the person follows too much.
    pub async fn follow_dossier(
        &self,
        caller: &Caller,
        bearer: Bearer,
        id: DossierId,
        seen: Option<u32>,
    ) -> Result<Following, Error> {
        let following = self.following(caller, bearer, What::Dossier(id, seen))?;
        self.store.reader(caller.scope.clone()).version(id).await?.ok_or(Error::NotFound)?;
        Ok(following)
    }

    /// Follows one dossier by the name that people use. To follow is not to open: nobody has read it by that.
    ///
    /// # Errors
    /// As [`App::follow_dossier`].
    pub async fn follow_reference(
        &self,
        caller: &Caller,
        bearer: Bearer,
        reference: &str,
        seen: Option<u32>,
    ) -> Result<Following, Error> {
        let reference = reference.trim().replace('\0', "");
        let id = self.store.reader(caller.scope.clone()).named(&reference).await?.ok_or(Error::NotFound)?;
        self.follow_dossier(caller, bearer, id, seen).await
    }

    /// Follows all that the caller may see.
    ///
    /// # Errors
    /// [`Error::TooOften`] when the person follows too much.
    pub fn follow_everything(&self, caller: &Caller, bearer: Bearer) -> Result<Following, Error> {
        self.following(caller, bearer, What::Everything(Instant::now()))
    }

    fn following(&self, caller: &Caller, bearer: Bearer, what: What) -> Result<Following, Error> {
        let place = Place::take(&self.live, caller.actor.who)?;
        let (news, stopped) = (self.store.written(), self.live.stopped.subscribe());
        Ok(Following { app: self.clone(), bearer, news, stopped, what, _place: place })
    }

    /// What somebody who came in before may read now; `None` when they are let in no more. It counts as no request.
    async fn reach_of(&self, bearer: &Bearer) -> Result<Option<Scope>, Error> {
        let now = self.clock.now();
        let limits = self.access.rules.sessions;
        let (person, by_link, settings) = match bearer {
            Bearer::Session(secret) => match self.store.session(&digest(secret)).await? {
                Some((row, (settings, _))) if limits.open(row.opened_at, row.used_at, now) => {
                    (row.person, row.link.is_some(), settings)
                }
                _ => return Ok(None),
            },
            Bearer::Token(secret) => match self.store.token(&digest(secret)).await? {
                Some((token, (settings, _))) if !token.ended(now) => (token.person, false, settings),
                _ => return Ok(None),
            },
        };
        let Some(actor) = settings.actor(person).cloned() else { return Ok(None) };
        let actor = if by_link { actor.by_link() } else { actor };
        Ok(Some(actor.scope(&settings.organisation)))
    }
}

impl Following {
    /// Waits for the next change that one may see: a dossier's version, or zero when it may be any. `None` when the stream is over.
    pub async fn next(&mut self) -> Option<u32> {
        while !*self.stopped.borrow() {
            let looked = match self.what {
                What::Dossier(id, seen) => self.dossier(id, seen).await,
                What::Everything(peace) => self.everything(peace).await,
            };
            match looked {
                Ok(Looked::Change(version)) => return Some(version),
                Ok(Looked::Nothing) => {}
                Ok(Looked::Over) => return None,
                Err(error) => {
                    tracing::debug!(
                        ?error,
                        "the database is away for a moment: whoever follows waits for it"
                    );
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        None
    }

    /// Looks at the dossier, then waits: what happened before one listened is told.
    async fn dossier(&mut self, id: DossierId, seen: Option<u32>) -> Result<Looked, Error> {
        let Some(scope) = self.app.reach_of(&self.bearer).await? else { return Ok(Looked::Over) };
        let Some(version) = self.app.store.reader(scope).version(id).await? else { return Ok(Looked::Over) };
        self.what = What::Dossier(id, Some(version));
        if seen.is_some_and(|seen| seen != version) {
            return Ok(Looked::Change(version));
        }
        self.wait_for(id).await;
        Ok(Looked::Nothing)
    }

    /// Waits, then looks whether anything of it is for this reader.
    async fn everything(&mut self, peace: Instant) -> Result<Looked, Error> {
        let heard = self.heard().await;
        if !matches!(heard, Heard::Nothing) {
            tokio::select! {
                () = tokio::time::sleep_until(peace) => {}
                _ = self.stopped.changed() => return Ok(Looked::Over),
            }
        }
        let Some(scope) = self.app.reach_of(&self.bearer).await? else { return Ok(Looked::Over) };
        let seen = match heard {
            Heard::Dossiers(dossiers) => self.app.store.reader(scope).sees_any(&dossiers).await?,
            Heard::Anything => true,
            Heard::Nothing | Heard::Stop => false,
        };
        if !seen {
            return Ok(Looked::Nothing);
        }
        self.what = What::Everything(Instant::now() + PEACE);
        Ok(Looked::Change(0))
    }

    /// Waits until something may have happened to a dossier.
    async fn wait_for(&mut self, id: DossierId) {
        let until = Instant::now() + LOOK;
        while Instant::now() < until {
            match self.heard().await {
                Heard::Dossiers(others) if !others.contains(&id) => {}
                _ => return,
            }
        }
    }

    /// Waits for news, and takes all that there are.
    async fn heard(&mut self) -> Heard {
        let first = tokio::select! {
            _ = self.stopped.changed() => return Heard::Stop,
            () = tokio::time::sleep(LOOK) => return Heard::Nothing,
            news = self.news.recv() => news,
        };
        let mut dossiers = BTreeSet::new();
        let mut news = first;
        loop {
            match news {
                Ok(Written::Dossier(id)) => drop(dossiers.insert(id)),
                Ok(Written::Anything) | Err(RecvError::Lagged(_)) => {
                    self.news = self.news.resubscribe();
                    return Heard::Anything;
                }
                Err(RecvError::Closed) => return Heard::Stop,
            }
            news = match self.news.try_recv() {
                Ok(news) => Ok(news),
                Err(_) => return Heard::Dossiers(dossiers.into_iter().collect()),
            };
        }
    }
}
