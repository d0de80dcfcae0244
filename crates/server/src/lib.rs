//! What the binary `pli` is made of: the command line, HTTP, mail, the demonstration. A library too, so that the end-to-end
//! tests serve the very same thing.

// The futures of the API's roots nest as deep as they have parts.
#![recursion_limit = "256"]

pub mod cli;
mod deadline;
mod demo;
mod exchange;
pub mod http;
mod jobs;
pub mod logs;
pub mod mail;
mod members;
mod openid;
pub mod proof;
mod seed;
pub mod work;

pub use demo::fill;
