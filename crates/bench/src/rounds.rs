//! Clients at work, and how much they get done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

/// How long clients work.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// Until so many things are done: what changes the register takes up what was prepared.
    Done(u64),
    /// Until the time is up.
    Elapsed(Duration),
}

/// What was done in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How many a second, by all clients together.
    pub(crate) per_second: f64,
    /// How long one waits for half of them at most, in milliseconds.
    pub(crate) median: f64,
}

impl Pace {
    /// Of things done in that time, each of which took so long.
    pub(crate) fn of(mut each: Vec<Duration>, elapsed: Duration) -> Result<Self> {
        each.sort_unstable();
        let median = each.get(each.len() / 2).context("nothing was done")?.as_secs_f64() * 1000.0;
        Ok(Self { per_second: f64::from(u32::try_from(each.len())?) / elapsed.as_secs_f64(), median })
    }
}

/// A round that is under way.
struct Round {
    until: Until,
    start: Instant,
    begun: AtomicU64,
}

impl Round {
    fn start(until: Until) -> Self {
        Self { until, start: Instant::now(), begun: AtomicU64::new(0) }
    }

    /// Whether one more thing is to be done.
    fn goes_on(&self) -> bool {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        match self.until {
            Until::Done(count) => number < count,
            Until::Elapsed(time) => self.start.elapsed() < time,
        }
    }
}

/// Has clients do a thing, each as soon as it has done the one before.
pub(crate) async fn pace<F>(
    clients: u32,
    until: Until,
    once: impl Fn() -> F + Clone + Send + 'static,
) -> Result<Pace>
where
    F: Future<Output = Result<()>> + Send,
{
    let round = Arc::new(Round::start(until));
    let mut working = JoinSet::new();
    for _ in 0..clients {
        let (once, round) = (once.clone(), round.clone());
        working.spawn(async move {
            let mut each = Vec::new();
            while round.goes_on() {
                let before = Instant::now();
                once().await?;
                each.push(before.elapsed());
            }
            anyhow::Ok(each)
        });
    }
    let mut all = Vec::new();
    while let Some(each) = working.join_next().await {
        all.extend(each??);
    }
    Pace::of(all, round.start.elapsed())
}

/// The same on threads, for an engine that is spoken to without waiting: each thread holds its own connection.
pub(crate) fn pace_on_threads<C: Send>(
    connections: &mut [C],
    until: Until,
    once: impl Fn(&mut C) -> Result<()> + Sync,
) -> Result<Pace> {
    let round = Round::start(until);
    let work = |connection: &mut C| {
        let mut each = Vec::new();
        while round.goes_on() {
            let before = Instant::now();
            once(connection)?;
            each.push(before.elapsed());
        }
        anyhow::Ok(each)
    };
    let all = std::thread::scope(|scope| {
        let working: Vec<_> =
            connections.iter_mut().map(|connection| scope.spawn(|| work(connection))).collect();
        let mut all = Vec::new();
        for each in working {
            all.extend(each.join().map_err(|_| anyhow::anyhow!("a thread ended badly"))??);
        }
        anyhow::Ok(all)
    })?;
    Pace::of(all, round.start.elapsed())
}
