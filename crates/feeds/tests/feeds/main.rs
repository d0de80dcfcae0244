//! The readers, from outside.
//!
//! The modules say that they are tests, so the lints on panicking spare their helpers too.

#[cfg(test)]
mod any;
#[cfg(test)]
mod common;
#[cfg(test)]
mod members;
#[cfg(test)]
mod real;
#[cfg(test)]
mod senat;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod xml;
