//! How often one may try to sign in, and ask for anything at all: counted in the memory of this server, on Pli's own clock.
//!
//! Sign-ins are counted by login for browsers that Pli does not know, and by browser for those that have signed in as this
//! person before: whoever hammers a login from elsewhere shuts out unknown browsers alone, never its owner's
//! (`docs/decisions/0028`).

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use pli_domain::account::SessionLimits;
use pli_domain::digest::Digest;
use pli_domain::ids::UserId;
use tokio::sync::Semaphore;

use crate::{App, Clock, Error};

/// What a deployment chooses of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessRules {
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// How many requests a person may make in a minute, by browsers and tokens together; as many at once. None: any.
    pub per_person: Option<NonZeroU32>,
    /// How many requests may come from an address in a minute; as many at once. None: any. A whole ministry may come from
    /// one.
    pub per_address: Option<NonZeroU32>,
}

impl Default for AccessRules {
    fn default() -> Self {
        Self {
            sessions: SessionLimits::default(),
            per_person: NonZeroU32::new(600),
            per_address: NonZeroU32::new(12_000),
        }
    }
}

/// How many sign-ins may be tried at once for a login by browsers that are not known, or by one that is.
const TRIES: NonZeroU32 = NonZeroU32::new(10).expect("not zero");

/// How long before one more may be tried.
const ONE_MORE_TRY: Duration = Duration::from_mins(5);

/// How many sign-ins unknown browsers of one address may try at once; one more a second. A whole ministry may come from one.
const ADDRESS_TRIES: NonZeroU32 = NonZeroU32::new(100).expect("not zero");

/// How many passwords are hashed at the same time: each takes 19 MiB and some 20 ms of a core.
const HASHED_AT_ONCE: usize = 4;

/// How many keys are counted before those that count no more are forgotten.
const KEYS: usize = 1_024;

/// Everything that is counted.
pub(crate) struct Access {
    pub(crate) rules: AccessRules,
    /// Passwords that are being hashed.
    pub(crate) hashing: Semaphore,
    unknown: Counted<Digest>,
    known: Counted<Digest>,
    addresses: Counted<IpAddr>,
    /// Sign-ins that are held and links that are asked for are journalled once in a while, not each time.
    told: Counted<Digest>,
    people: Option<Counted<UserId>>,
    requests: Option<Counted<IpAddr>>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Access").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Access {
    pub(crate) fn new(rules: AccessRules, clock: &Clock) -> Self {
        let one_by_one = |at_once| every(ONE_MORE_TRY, at_once);
        Self {
            rules,
            hashing: Semaphore::new(HASHED_AT_ONCE),
            unknown: Counted::new(one_by_one(TRIES), clock),
            known: Counted::new(one_by_one(TRIES), clock),
            addresses: Counted::new(Quota::per_second(NonZeroU32::MIN).allow_burst(ADDRESS_TRIES), clock),
            told: Counted::new(one_by_one(NonZeroU32::MIN), clock),
            people: rules.per_person.map(|most| Counted::new(Quota::per_minute(most), clock)),
            requests: rules.per_address.map(|most| Counted::new(Quota::per_minute(most), clock)),
        }
    }

    /// One more sign-in for a login; `known` is the browser, when it has signed in as this person before.
    pub(crate) fn one_more_sign_in(
        &self,
        login: &str,
        known: Option<&Digest>,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        if let Some(browser) = known {
            return self.known.one_more(&Digest::of([login, browser.as_str()]));
        }
        if let Some(address) = address {
            self.addresses.one_more(&network(address))?;
        }
        self.unknown.one_more(&Digest::of([login]))
    }

    /// One more request of somebody who has not said who they are, which leaves a row behind it: a sign-in that begins at a
    /// provider's, a link that is asked for or tried.
    pub(crate) fn one_more_stranger(&self, address: Option<IpAddr>) -> Result<(), Error> {
        address.map_or(Ok(()), |address| self.addresses.one_more(&network(address)))
    }

    /// One more try of the present password by someone who is signed in.
    pub(crate) fn one_more_password(&self, person: UserId) -> Result<(), Error> {
        self.known.one_more(&Digest::of([person.to_string().as_str()]))
    }

    /// Whether it is time to journal that the sign-ins of a login are held.
    pub(crate) fn tells_held(&self, login: &str) -> bool {
        self.told.one_more(&Digest::of([login])).is_ok()
    }

    /// Whether it is time to journal that a link is asked for at an address.
    pub(crate) fn tells_asked(&self, email: &str) -> bool {
        self.told.one_more(&Digest::of(["link", email])).is_ok()
    }

    /// One more request of a person.
    pub(crate) fn one_more_of(&self, person: UserId) -> Result<(), Error> {
        self.people.as_ref().map_or(Ok(()), |people| people.one_more(&person))
    }
}

impl App {
    /// Counts one more request from an address of the network.
    ///
    /// # Errors
    /// [`Error::TooOften`] when there were too many.
    pub fn one_more_from(&self, address: IpAddr) -> Result<(), Error> {
        self.access.requests.as_ref().map_or(Ok(()), |requests| requests.one_more(&network(address)))
    }
}

/// One each time `period` has passed, and so many at once.
fn every(period: Duration, at_once: NonZeroU32) -> Quota {
    // A period is never zero here; one that were would not limit at all, so the strictest stands in its place.
    Quota::with_period(period).unwrap_or(Quota::per_hour(NonZeroU32::MIN)).allow_burst(at_once)
}

/// What counts as one address: with IPv6, whoever has one has a whole network of them (a /64).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        four @ IpAddr::V4(_) => four,
    }
}

/// Something that is counted by key.
struct Counted<K: Clone + Eq + Hash> {
    limiter: RateLimiter<K, HashMapStateStore<K>, Forward, NoOpMiddleware<Duration>>,
    /// How many keys there may be before those that count no more are forgotten: memory follows those who came lately.
    forget_at: AtomicUsize,
}

impl<K: Clone + Eq + Hash> Counted<K> {
    fn new(quota: Quota, clock: &Clock) -> Self {
        let limiter = RateLimiter::hashmap_with_clock(quota, Forward::of(clock));
        Self { limiter, forget_at: AtomicUsize::new(KEYS) }
    }

    fn one_more(&self, key: &K) -> Result<(), Error> {
        if self.limiter.len() > self.forget_at.load(Ordering::Relaxed) {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
            let left = self.limiter.len();
            self.forget_at.store(KEYS.max(left.saturating_mul(2)), Ordering::Relaxed);
        }
        self.limiter.check_key(key).map_err(|refused| {
            let now = governor::clock::Clock::now(self.limiter.clock());
            let wait = refused.wait_time_from(now).as_millis().div_ceil(1_000).max(1);
            Error::TooOften { wait: u64::try_from(wait).unwrap_or(u64::MAX) }
        })
    }
}

/// Pli's clock as the limits count by it, so that a test sets it; but it never goes back: whoever came before the machine's
/// clock was set back by an hour would be kept out for that hour.
#[derive(Clone)]
struct Forward {
    clock: Clock,
    seen: Arc<Mutex<Seen>>,
}

/// What the clock said last, and by how much it has gone back in all.
#[derive(Default)]
struct Seen {
    last: Duration,
    back: Duration,
}

impl Forward {
    fn of(clock: &Clock) -> Self {
        Self { clock: clock.clone(), seen: Arc::default() }
    }
}

impl governor::clock::Clock for Forward {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let now = self.clock.now().instant().timestamp_micros();
        let now = Duration::from_micros(u64::try_from(now).unwrap_or_default());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let step_back = seen.last.saturating_sub(now);
        *seen = Seen { last: now, back: seen.back + step_back };
        now + seen.back
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};

    fn access() -> (Access, Clock, DateTime<Utc>) {
        let start: DateTime<Utc> = "2026-11-22T09:00:00Z".parse().unwrap();
        let clock = Clock::at(start);
        (Access::new(AccessRules::default(), &clock), clock, start)
    }

    fn wait(outcome: Result<(), Error>) -> u64 {
        match outcome {
            Err(Error::TooOften { wait }) => wait,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whoever_hammers_a_login_shuts_out_unknown_browsers_alone_and_for_a_while() {
        let (access, clock, start) = access();
        let own = Digest::of(["the browser of its owner"]);
        for _ in 0..10 {
            access.one_more_sign_in("agent", None, None).unwrap();
        }
        assert_eq!(wait(access.one_more_sign_in("agent", None, None)), 300);
        access.one_more_sign_in("agent", Some(&own), None).unwrap();
        access.one_more_sign_in("audit", None, None).unwrap();
        clock.set(start + TimeDelta::seconds(300));
        access.one_more_sign_in("agent", None, None).unwrap();
        wait(access.one_more_sign_in("agent", None, None));
    }

    #[test]
    fn an_address_that_tries_many_logins_is_held_too_and_a_network_is_one_address() {
        let (access, ..) = access();
        let address = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]);
        for number in 0..100 {
            access.one_more_sign_in(&format!("login-{number}"), None, Some(address(number))).unwrap();
        }
        wait(access.one_more_sign_in("another", None, Some(address(1_000))));
        let elsewhere = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, 1]);
        access.one_more_sign_in("another", None, Some(elsewhere)).unwrap();
        assert_eq!(network("::ffff:192.0.2.7".parse().unwrap()), "192.0.2.7".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn what_counts_no_more_is_forgotten() {
        let (access, clock, start) = access();
        for number in 0..5_000 {
            // An hour between each: the quota of a login is whole again five minutes after one try.
            clock.set(start + TimeDelta::hours(number));
            access.one_more_sign_in(&number.to_string(), None, None).unwrap();
        }
        assert!(access.unknown.limiter.len() <= KEYS + 1, "{}", access.unknown.limiter.len());
    }

    #[test]
    fn a_person_and_an_address_ask_as_often_as_the_deployment_says() {
        let (_, clock, start) = access();
        let rules =
            AccessRules { per_person: NonZeroU32::new(2), per_address: None, ..AccessRules::default() };
        let access = Access::new(rules, &clock);
        let person = UserId(uuid::Uuid::from_u128(1));
        access.one_more_of(person).unwrap();
        access.one_more_of(person).unwrap();
        assert_eq!(wait(access.one_more_of(person)), 30);
        access.one_more_of(UserId(uuid::Uuid::from_u128(2))).unwrap();
        clock.set(start + TimeDelta::seconds(30));
        access.one_more_of(person).unwrap();
    }
}
