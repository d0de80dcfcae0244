//! The server killed while clients are at work.

use anyhow::Result;
use pli_tests::{Engine, Office};

use crate::history;
use crate::load::{Desk, Load};
use crate::program::Program;

pli_tests::on_both!(killed_under_load_it_loses_nothing);

/// After how many more acknowledgements each kill comes: in the midst of others, never at the same point.
const KILLS: [usize; 6] = [7, 1, 12, 3, 5, 2];

async fn killed_under_load_it_loses_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let program = Program::of(&office);
    let mut server = program.serve().await?;
    let mut load = Load::start(&Desk::open(&office, &[&server.url]).await?, 6);
    for after in KILLS {
        load.more(after).await?;
        server.kill().await?;
        server = program.serve_again(&server).await?;
    }
    load.more(6).await?;
    history::check(&load.stop().await?, &office).await
}
