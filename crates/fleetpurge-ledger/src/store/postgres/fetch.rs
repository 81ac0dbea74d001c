//! Fetches a plan into a scratch file, where it is proven and read by the code that proves and reads any plan.

use std::path::Path;
use std::pin::pin;

use fleetpurge_postgres::Error as DatabaseError;
use fleetpurge_postgres::tokio_postgres::Row;
use fleetpurge_postgres::tokio_postgres::types::ToSql;
use futures_util::TryStreamExt as _;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::link::{Link, Remote, field, number};
use super::tables::{FROZEN, Kind, OUTCOMES, PLAN, RECORDS, Table, VERIFICATIONS};
use super::{schema, texts};
use crate::model::{Error, ErrorKind};
use crate::store::columns::altered;
use crate::store::database as file;
use crate::store::schema as file_schema;
use crate::store::verifications;

/// Which plan of the database it is, and how far it was when it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Its number in the database.
    pub(crate) plan: i64,
    pub(crate) commits: u64,
    pub(crate) chain: Vec<u8>,
}

/// Which plan of the database has this name.
pub(crate) async fn find(link: &Link, name: &str) -> Result<i64, Error> {
    let row = link
        .row("SELECT plan FROM fleetpurge.plans WHERE name = $1", &[&name])
        .await?;
    match row {
        Some(row) => field(&row, 0),
        None => Err(Error::new(
            ErrorKind::NotFound,
            format!("the database has no plan named {name:?}"),
        )),
    }
}

/// Fetches all of a plan into a new file, as it is at one moment.
pub(crate) async fn whole(remote: &Remote, path: &Path) -> Result<Position, Error> {
    let link = Link::open(&remote.settings).await?;
    schema::check(&link).await?;
    begin(&link).await?;
    let plan = find(&link, remote.plan()?).await?;
    // Nobody reads the file before it is whole, and one that is cut short is thrown away.
    let file = file::draft(path)?;
    file_schema::create(&file)?;
    // The records come in the order of their keys, and not in the one in which they were written.
    file_schema::create_record_tables(&file)?;
    file.execute_batch("BEGIN")?;
    copy(&link, &file, plan, &PLAN).await?;
    for table in FROZEN {
        copy(&link, &file, plan, table).await?;
    }
    let position = records_of(&link, &file, plan).await?;
    file.execute_batch("COMMIT")?;
    file.close()?;
    Ok(position)
}

/// Fetches what runs and verifications have written into a file that has the plan already.
pub(crate) async fn records(remote: &Remote, path: &Path, plan: i64) -> Result<Position, Error> {
    let link = Link::open(&remote.settings).await?;
    begin(&link).await?;
    let file = file::scratch(path)?;
    file.execute_batch("BEGIN IMMEDIATE")?;
    let verified: &[Table] = if verifications::have_tables(&file)? {
        VERIFICATIONS
    } else {
        &[]
    };
    for table in RECORDS.iter().chain(verified) {
        file.execute_batch(&format!("DELETE FROM {}", table.file))?;
    }
    let position = records_of(&link, &file, plan).await?;
    file.execute_batch("COMMIT")?;
    file.close()?;
    Ok(position)
}

/// What is known of the rows from `first` to `last`.
pub(crate) async fn outcomes(link: &Link, plan: i64, (first, last): (u64, u64)) -> Result<Vec<Row>, DatabaseError> {
    link.rows(
        "SELECT first, id, last, attempt, outcome, detail, code, at, checksum FROM fleetpurge.outcomes
         WHERE plan = $1 AND first > $2::bigint - 256 AND first <= $3 AND last >= $2",
        &[&plan, &first.cast_signed(), &last.cast_signed()],
    )
    .await
}

/// Adds outcomes to what the file knows already.
pub(crate) fn add_outcomes(file: &Connection, outcomes: &[Row]) -> Result<(), Error> {
    let mut insert = file.prepare_cached(
        "INSERT OR IGNORE INTO outcomes (first, id, last, attempt, outcome, detail, code, at, checksum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for row in outcomes {
        insert
            .execute(params_from_iter(values(row, &OUTCOMES)?))
            .map_err(misfit)?;
    }
    Ok(())
}

async fn begin(link: &Link) -> Result<(), Error> {
    link.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
        .map_err(DatabaseError::from)?;
    Ok(())
}

async fn records_of(link: &Link, file: &Connection, plan: i64) -> Result<Position, Error> {
    for table in RECORDS {
        copy(link, file, plan, table).await?;
    }
    let verified = link
        .row("SELECT 1 FROM fleetpurge.verifications_tally WHERE plan = $1", &[&plan])
        .await?;
    if verified.is_some() {
        verifications::create(file)?;
        for table in VERIFICATIONS {
            copy(link, file, plan, table).await?;
        }
    }
    let row = link
        .row("SELECT commits, chain FROM fleetpurge.tally WHERE plan = $1", &[&plan])
        .await?
        .ok_or_else(|| altered("the plan's counts are missing"))?;
    Ok(Position {
        plan,
        commits: number(&row, 0)?,
        chain: field(&row, 1)?,
    })
}

async fn copy(link: &Link, file: &Connection, plan: i64, table: &Table) -> Result<(), Error> {
    let names = table.names();
    let query = format!(
        "SELECT {names} FROM fleetpurge.{} WHERE plan = $1 ORDER BY {}",
        table.database, table.key
    );
    let places = vec!["?"; table.columns.len()].join(", ");
    let mut insert = file.prepare(&if table.is_single {
        format!("INSERT INTO {} (id, {names}) VALUES (1, {places})", table.file)
    } else {
        format!("INSERT INTO {} ({names}) VALUES ({places})", table.file)
    })?;
    let parameters: [&(dyn ToSql + Sync); 1] = [&plan];
    let rows = link
        .query_raw(query.as_str(), parameters)
        .await
        .map_err(DatabaseError::from)?;
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(DatabaseError::from)? {
        insert.execute(params_from_iter(values(&row, table)?)).map_err(misfit)?;
    }
    Ok(())
}

/// A record that the tables of a file do not take was not written by us.
fn misfit(error: rusqlite::Error) -> Error {
    let error = Error::from(error);
    match error.kind() {
        ErrorKind::Inconsistent => altered("a record of the plan is not as it was written").with_source(error),
        _ => error,
    }
}

fn values(row: &Row, table: &Table) -> Result<Vec<Value>, Error> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(column, (_, kind))| {
            Ok(match kind {
                Kind::Number => field::<Option<i64>>(row, column)?.map_or(Value::Null, Value::Integer),
                Kind::Text => match field::<Option<&str>>(row, column)? {
                    Some(text) => Value::Text(texts::restored(text)?.into_owned()),
                    None => Value::Null,
                },
                Kind::Bytes => field::<Option<Vec<u8>>>(row, column)?.map_or(Value::Null, Value::Blob),
            })
        })
        .collect()
}
