//! The reader of the Assemblée nationale's files, from outside.
//!
//! The modules say that they are tests, so the lints on panicking spare their helpers too.

#[cfg(test)]
mod any;
#[cfg(test)]
mod common;
#[cfg(test)]
mod real;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod sources;
