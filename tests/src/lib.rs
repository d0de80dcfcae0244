//! What the behaviour suite stands on: a database of its own for each test, on both engines, and an office at work in it.
//!
//! A test is an `async fn(Engine) -> anyhow::Result<()>`, listed once in [`on_both!`]; it then runs on SQLite and on
//! PostgreSQL:
//!
//! ```no_run
//! use pli_tests::{Engine, Fine as _, Office, Person, samples};
//!
//! pli_tests::on_both!(a_letter_gets_its_chrono);
//!
//! async fn a_letter_gets_its_chrono(engine: Engine) -> anyhow::Result<()> {
//!     let office = Office::open(engine).await?;
//!     let letter = office.register(samples::petition("Aide juridictionnelle")).await?;
//!     assert_eq!(letter.dossier.reference, "SG-2026-A-000001");
//!     Ok(())
//! }
//! ```
//!
//! - [`TestStore`] is the database alone, [`Office`] is Pli on it: the real organisation, a clock that stands still, and
//!   one account for each [`Person`]. Nothing waits, nothing looks at the real clock, no port is fixed.
//! - [`Smtp`] is a real mail server, which keeps what is sent to it.
//! - [`Office::fill`] makes a register of any size.
//! - [`Sql`] goes round Pli, to look at what is stored or to tamper with it.
//! - Without PostgreSQL the second half fails: `cargo xtask test` brings one.

#![deny(missing_docs)]

pub mod browser;
mod engine;
pub mod large;
pub mod links;
mod office;
pub mod openid;
mod outcome;
mod people;
pub mod samples;
mod served;
mod setting;
mod smtp;
mod sql;

pub use browser::{Browser, Look};
pub use engine::{DATABASE_URL, Engine, TestStore};
pub use office::{NOW, Office, PASSWORD, attempt, demo};
pub use openid::OpenId;
pub use outcome::Fine;
pub use people::Person;
pub use served::Served;
pub use smtp::{Mail, Smtp};
pub use sql::Sql;

/// A client of HTTP. The provider's brings TLS to every client of this process, which must be told once whose cryptography it takes.
pub fn http() -> reqwest::ClientBuilder {
    // Whoever said it first said the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// Makes of each `async fn(Engine) -> anyhow::Result<()>` named two tests: `sqlite::…` and `postgres::…`.
#[macro_export]
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $crate::on_both!(@ Sqlite $($test)+);
        }
        mod postgres {
            $crate::on_both!(@ Postgres $($test)+);
        }
    };
    (@ $engine:ident $($test:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() -> anyhow::Result<()> {
            Box::pin(super::$test($crate::Engine::$engine)).await
        }
    )+};
}
