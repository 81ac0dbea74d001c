//! A PostgreSQL server, as the tests use one.

use std::io::{Read, Write, stdin, stdout};

use anyhow::{Context, ensure};
use fleetpurge_testing::postgres::{Server, programs};

/// Starts it, prints the address of a new database on a line, and ends it when stdin is closed.
pub(crate) fn run() -> anyhow::Result<()> {
    ensure!(
        programs().is_some(),
        "FLEETPURGE_TEST_POSTGRES does not name the folder of PostgreSQL's programs"
    );
    let server = Server::start();
    writeln!(stdout(), "{}", server.database())?;
    stdin().read_to_end(&mut Vec::new()).context("stdin")?;
    Ok(())
}
