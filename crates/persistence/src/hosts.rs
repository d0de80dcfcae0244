//! PostgreSQL on several machines: one writes, the others stand by to take its place. Pli is told of all of them, and finds the
//! one that writes, at the start and whenever it has changed.

use std::cmp::Reverse;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sea_orm::sqlx::{ConnectOptions as _, Error as SqlxError, query, query_scalar};
use sea_orm::{DbErr, RuntimeErr};
use tokio::task::JoinHandle;

use crate::StoreError;

/// How often Pli looks who writes.
const EVERY: Duration = Duration::from_secs(1);

/// A machine that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it looks at the start before it gives up.
const LOOKS: u32 = 15;

/// The history on which a server writes, whose number grows each time another takes the place; nothing of one that stands by.
const HISTORY: &str =
    "SELECT CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END";

/// Whether one may only read there. Every engine that speaks PostgreSQL's language knows it.
const READ_ONLY: &str = "SHOW transaction_read_only";

/// All that Pli asks is found by an index: to start other processes, or to compile a plan, takes longer than the answer, and is
/// what PostgreSQL would do while it believes that a table still has the rows that have gone. An engine that knows neither is told
/// neither.
const BRIEF: &str = "SELECT set_config(name, CASE name WHEN 'jit' THEN 'off' ELSE '0' END, false) FROM pg_settings \
     WHERE name IN ('jit', 'max_parallel_workers_per_gather')";

/// Since when the one that writes does so, when it was not there from the start.
type Since = Arc<RwLock<Option<Instant>>>;

/// The machines of a database.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    /// An address for each.
    addresses: Vec<String>,
    since: Since,
}

/// Looks at other servers, until it is dropped.
#[derive(Debug)]
pub(crate) struct Watch(JoinHandle<()>);

impl Watch {
    pub(crate) fn on(looking: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(looking))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One machine, and the line to it by which it is asked.
struct Server {
    options: PgConnectOptions,
    line: Option<PgConnection>,
}

impl Hosts {
    /// Those that a URL names as libpq does: `postgres://pli@one:5432,two:5432/pli`.
    pub(crate) fn of(url: &str) -> Self {
        Self { addresses: addresses(url), since: Since::default() }
    }

    /// The address where one writes. The only one is taken as it is.
    pub(crate) async fn writing(&self) -> Result<&str, StoreError> {
        if let [only] = self.addresses.as_slice() {
            return Ok(only);
        }
        let mut servers = self.servers()?;
        for _ in 0..LOOKS {
            if let Some(address) = leader(&mut servers).await.and_then(|at| self.addresses.get(at)) {
                return Ok(address);
            }
            tokio::time::sleep(EVERY).await;
        }
        Err(StoreError::Busy(DbErr::Conn(RuntimeErr::Internal("no server writes".to_owned()))))
    }

    /// Connections are those where one writes: another's is given up at once.
    pub(crate) fn choose(&self, pool: PgPoolOptions) -> PgPoolOptions {
        let since = self.since.clone();
        pool.after_connect(|connection, _| {
            Box::pin(async {
                let read_only: String = query_scalar(READ_ONLY).fetch_one(&mut *connection).await?;
                match read_only.as_str() {
                    "on" => Err(SqlxError::Protocol("this server only stands by".to_owned())),
                    _ => brief(connection).await,
                }
            })
        })
        // Asked for its age, and not whether it lives (`source.rs`): a machine that has vanished gives no answer.
        .test_before_acquire(false)
        .before_acquire(move |_, of| {
            let since = *since.read().unwrap_or_else(PoisonError::into_inner);
            Box::pin(async move { Ok(since.is_none_or(|since| since.elapsed() >= of.age)) })
        })
    }

    /// Sends the connections of a pool to the one that writes, whenever it is another.
    pub(crate) fn watch(&self, pool: PgPool) -> Result<Option<Arc<Watch>>, StoreError> {
        if self.addresses.len() < 2 {
            return Ok(None);
        }
        let (mut servers, since) = (self.servers()?, self.since.clone());
        let watch = async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let Some(server) = leader(&mut servers).await.and_then(|at| servers.get(at)) else {
                    continue;
                };
                let (now, before) = (&server.options, pool.connect_options());
                if (now.get_host(), now.get_port()) != (before.get_host(), before.get_port()) {
                    tracing::warn!(host = now.get_host(), port = now.get_port(), "another server writes");
                    pool.set_connect_options(now.clone());
                    *since.write().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                }
            }
        };
        Ok(Some(Arc::new(Watch::on(watch))))
    }

    fn servers(&self) -> Result<Vec<Server>, StoreError> {
        let each = self.addresses.iter().map(|address| {
            let options = address.parse::<PgConnectOptions>();
            let options = options.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
            Ok(Server { options: options.disable_statement_logging(), line: None })
        });
        each.collect()
    }
}

impl Server {
    /// On which history it writes; `None` when it does not, or is away.
    async fn history(&mut self) -> Option<String> {
        let asked = tokio::time::timeout(PATIENCE, async {
            let mut line = match self.line.take() {
                Some(line) => line,
                None => self.options.connect().await?,
            };
            let history = query_scalar(HISTORY).fetch_one(&mut line).await?;
            self.line = Some(line);
            Ok::<_, SqlxError>(history)
        });
        asked.await.ok()?.ok()?
    }
}

/// Has a new connection answer by itself and at once.
pub(crate) async fn brief(connection: &mut PgConnection) -> Result<(), SqlxError> {
    query(BRIEF).execute(connection).await.map(drop)
}

/// Which one writes. Of two that believe they do, the one on the later history: the other was replaced, and comes back.
async fn leader(servers: &mut [Server]) -> Option<usize> {
    let histories = join_all(servers.iter_mut().map(Server::history)).await;
    let writing = histories.into_iter().enumerate().filter_map(|(at, history)| Some((history?, Reverse(at))));
    writing.max().map(|(_, Reverse(at))| at)
}

/// One address for each machine.
fn addresses(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres"))
    else {
        return vec![url.to_owned()];
    };
    let (place, what) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (who, hosts) = place.split_at(place.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{who}{host}{what}")).collect()
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn a_url_names_one_machine_or_several() {
        for one in ["sqlite://a,b.sqlite", "postgres://pli:a,b@db:5433/pli?sslmode=require", "postgres://db"]
        {
            assert_eq!(addresses(one), [one]);
        }
        assert_eq!(
            addresses("postgres://pli:secret@one,two:5433/pli?sslmode=require"),
            [
                "postgres://pli:secret@one/pli?sslmode=require",
                "postgres://pli:secret@two:5433/pli?sslmode=require"
            ]
        );
        assert_eq!(addresses("postgresql://one,two"), ["postgresql://one", "postgresql://two"]);
    }
}
