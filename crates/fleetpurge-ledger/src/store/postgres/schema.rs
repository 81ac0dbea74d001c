//! The tables in the database: made once, and changed by numbered steps.

use fleetpurge_postgres::Error as DatabaseError;

use super::link::Link;
use crate::model::{Error, ErrorKind};

/// What makes each version of the one before it.
const STEPS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// Any number, as long as it stays the same: two programs that make the tables at once do so one after the other.
const LOCK: i64 = 0x6670_7572;

/// Which version the tables have. `None`: there are none.
async fn version(link: &Link) -> Result<Option<usize>, Error> {
    // Not by `to_regclass`: that may remember from before the lock that there was none.
    let there = link
        .row(
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'fleetpurge' AND c.relname = 'migrations'",
            &[],
        )
        .await?;
    if there.is_none() {
        return Ok(None);
    }
    let row = link
        .row("SELECT coalesce(max(version), 0) FROM fleetpurge.migrations", &[])
        .await?;
    let version: i32 = row.map_or(0, |row| row.get(0));
    match usize::try_from(version) {
        Ok(version) if version > STEPS.len() => Err(Error::new(
            ErrorKind::NewerSchema,
            format!(
                "the tables in the database have version {version}, and this program knows up to version {}",
                STEPS.len()
            ),
        )),
        Ok(version) => Ok(Some(version)),
        Err(_) => Err(crate::store::columns::altered(
            "the version of the tables in the database is negative",
        )),
    }
}

/// Checks that the tables are there, in a version that this program reads.
pub(crate) async fn check(link: &Link) -> Result<(), Error> {
    match version(link).await? {
        Some(version) if version == STEPS.len() => Ok(()),
        Some(_) => Err(Error::new(
            ErrorKind::NotALedger,
            "the tables in the database are of an older version: `fleetpurge plan` or `fleetpurge copy` into it brings them up to date",
        )),
        None => Err(Error::new(ErrorKind::NotALedger, "the database has no plans")),
    }
}

/// Makes the tables, or brings them up to date.
pub(crate) async fn make(link: &Link) -> Result<(), Error> {
    if version(link).await? == Some(STEPS.len()) {
        return Ok(());
    }
    let row = link.row("SHOW server_encoding", &[]).await?;
    let encoding: String = row.map(|row| row.get(0)).unwrap_or_default();
    if encoding != "UTF8" {
        return Err(Error::new(
            ErrorKind::NotDurable,
            format!("the database has the encoding {encoding:?}, which cannot hold every name: it has to be UTF8"),
        ));
    }
    link.batch_execute("BEGIN").await.map_err(DatabaseError::from)?;
    let made = make_missing(link).await;
    link.end(made).await
}

async fn make_missing(link: &Link) -> Result<(), Error> {
    link.row("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let from = match version(link).await? {
        Some(version) => version,
        None => {
            let schema = link
                .row(
                    "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'fleetpurge'",
                    &[],
                )
                .await?;
            if schema.is_none() {
                link.batch_execute("CREATE SCHEMA fleetpurge")
                    .await
                    .map_err(DatabaseError::from)?;
            }
            link.batch_execute(
                "CREATE TABLE fleetpurge.migrations (
                     version integer PRIMARY KEY,
                     made_at timestamptz NOT NULL DEFAULT clock_timestamp()
                 );",
            )
            .await
            .map_err(DatabaseError::from)?;
            0
        }
    };
    for (number, step) in (1_i32..).zip(STEPS).skip(from) {
        link.batch_execute(step).await.map_err(DatabaseError::from)?;
        link.run("INSERT INTO fleetpurge.migrations (version) VALUES ($1)", &[&number])
            .await?;
    }
    Ok(())
}
