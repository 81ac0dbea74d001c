//! Puts a plan that was proven into the database, with all that was recorded of it.

use std::path::Path;
use std::pin::pin;

use fleetpurge_postgres::Error as DatabaseError;
use fleetpurge_postgres::tokio_postgres::binary_copy::BinaryCopyInWriter;
use fleetpurge_postgres::tokio_postgres::types::{ToSql, Type};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::fetch::Position;
use super::link::{Link, Remote, field, number};
use super::tables::{FROZEN, Kind, PLAN, RECORDS, Table, VERIFICATIONS};
use super::{schema, texts};
use crate::model::{Error, ErrorKind, Replace};
use crate::proof::chain::genesis;
use crate::store::database as file;
use crate::store::verifications;

/// How many rows a run claims at once: few of a small plan, so that there is something for the others, too.
fn chunk(planned: u64) -> u64 {
    (planned / 200 / 100 * 100).clamp(100, 1000)
}

/// Rows of all plans have numbers of their own in `open_rows`.
pub(crate) const ROWS_OF_A_PLAN: i64 = 1 << 40;

/// Puts the plan of this file into the database, in one transaction.
pub(crate) async fn whole(remote: &Remote, path: &Path, replace: Replace) -> Result<Position, Error> {
    let name = remote.plan()?;
    let link = Link::open_durable(&remote.settings).await?;
    schema::make(&link).await?;
    let file = file::reader(path)?;
    file.begin_reading()?;
    link.batch_execute("BEGIN").await.map_err(DatabaseError::from)?;
    let put = put(&link, &file, name, replace).await;
    link.end(put).await
}

/// Whether a plan may be put there, as far as that can be said before.
pub(crate) async fn check(remote: &Remote, replace: Replace) -> Result<(), Error> {
    let name = remote.plan()?;
    let link = Link::open_durable(&remote.settings).await?;
    schema::make(&link).await?;
    let found = link
        .row(
            "SELECT t.attempts FROM fleetpurge.plans p LEFT JOIN fleetpurge.tally t USING (plan) WHERE p.name = $1",
            &[&name],
        )
        .await?;
    match found {
        Some(found) => may_replace(field::<Option<i64>>(&found, 0)?.map(i64::unsigned_abs), replace),
        None => Ok(()),
    }
}

/// Whether a plan that records this many attempts may be replaced.
fn may_replace(attempts: Option<u64>, replace: Replace) -> Result<(), Error> {
    let why = match (replace, attempts) {
        (Replace::Nothing, _) => "the database has a plan of that name already".to_owned(),
        (_, Some(0)) => return Ok(()),
        (_, Some(attempts)) => {
            format!("the database has a plan of that name, which records {attempts} attempts, so it is not replaced")
        }
        (_, None) => "the database has a plan of that name, which is not whole, so it is not replaced".to_owned(),
    };
    Err(Error::new(ErrorKind::Exists, why))
}

async fn put(link: &Link, file: &Connection, name: &str, replace: Replace) -> Result<Position, Error> {
    remove_unused(link, name, replace).await?;
    let plan = head(link, file, name).await?;
    for table in FROZEN.iter().chain(RECORDS) {
        copy(link, file, plan, table, "").await?;
    }
    if verifications::have_tables(file)? {
        for table in VERIFICATIONS {
            copy(link, file, plan, table, "").await?;
        }
    }
    let (digest, planned, commits): (String, i64, i64) = file.query_row(
        "SELECT p.digest, p.planned, t.commits FROM plan p, tally t WHERE p.id = 1 AND t.id = 1",
        (),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let chain = genesis(&digest, commits.cast_unsigned());
    link.run(
        "UPDATE fleetpurge.tally SET chain = $2 WHERE plan = $1",
        &[&plan, &chain.as_slice()],
    )
    .await?;
    link.run(
        "INSERT INTO fleetpurge.commits (plan, number, chain) VALUES ($1, $2, $3)",
        &[&plan, &commits, &chain.as_slice()],
    )
    .await?;
    // What a run that died left open: the next that applies the plan settles it.
    link.run(
        "INSERT INTO fleetpurge.open_rows (plan, attempt, rows)
         SELECT r.plan, r.attempt, int8range(r.plan * $2::bigint + r.first, r.plan * $2::bigint + r.last, '[]')
         FROM fleetpurge.attempt_rows r JOIN fleetpurge.attempts a USING (plan, attempt)
         WHERE r.plan = $1 AND a.settled_at IS NULL",
        &[&plan, &ROWS_OF_A_PLAN],
    )
    .await?;
    link.run(
        "INSERT INTO fleetpurge.chunks (plan, first, last)
         SELECT plan, first, least(first + $2::bigint - 1, planned)
         FROM fleetpurge.plans, generate_series(1::bigint, planned, $2::bigint) AS first WHERE plan = $1",
        &[&plan, &chunk(planned.cast_unsigned()).cast_signed()],
    )
    .await?;
    Ok(Position {
        plan,
        commits: commits.cast_unsigned(),
        chain: chain.to_vec(),
    })
}

/// A plan of which nothing was ever sent may be replaced, if a person asks for it.
async fn remove_unused(link: &Link, name: &str, replace: Replace) -> Result<(), Error> {
    let found = link
        .row(
            "SELECT p.plan, t.attempts FROM fleetpurge.plans p LEFT JOIN fleetpurge.tally t USING (plan)
             WHERE p.name = $1 FOR UPDATE OF p",
            &[&name],
        )
        .await?;
    let Some(found) = found else { return Ok(()) };
    let plan: i64 = field(&found, 0)?;
    // A run that begins has to wait for this, and finds no plan then.
    let tally = link
        .row(
            "SELECT attempts FROM fleetpurge.tally WHERE plan = $1 FOR UPDATE",
            &[&plan],
        )
        .await?;
    let attempts = tally.map(|row| number(&row, 0)).transpose()?;
    may_replace(attempts, replace)?;
    for table in FROZEN.iter().chain(RECORDS).chain(VERIFICATIONS) {
        delete(link, table.database, plan).await?;
    }
    for table in ["chunks", "commits", "open_rows", "plans"] {
        delete(link, table, plan).await?;
    }
    Ok(())
}

async fn delete(link: &Link, table: &str, plan: i64) -> Result<(), Error> {
    link.execute(&format!("DELETE FROM fleetpurge.{table} WHERE plan = $1"), &[&plan])
        .await
        .map_err(DatabaseError::from)?;
    Ok(())
}

/// Writes the head of the plan, and learns which number the plan has in the database.
async fn head(link: &Link, file: &Connection, name: &str) -> Result<i64, Error> {
    let names = PLAN.names();
    let values = file.query_row(&format!("SELECT {names} FROM plan WHERE id = 1"), (), |row| {
        Ok(values(row, &PLAN))
    })??;
    let places: Vec<_> = (2..=PLAN.columns.len() + 1).map(|place| format!("${place}")).collect();
    let insert = format!(
        "INSERT INTO fleetpurge.plans (name, {names}) VALUES ($1, {}) RETURNING plan",
        places.join(", ")
    );
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&name];
    parameters.extend(values.iter().map(AsRef::as_ref));
    let row = link.query_one(&insert, &parameters).await.map_err(|error| {
        let error = DatabaseError::from(error);
        if error.constraint() == Some("plans_name_key") {
            return Error::new(ErrorKind::Exists, "the database has a plan of that name already");
        }
        error.into()
    })?;
    field(&row, 0)
}

/// Copies the rows of a table that this condition names; all, if it is empty.
pub(super) async fn copy(link: &Link, file: &Connection, plan: i64, table: &Table, which: &str) -> Result<(), Error> {
    let names = table.names();
    let sink = link
        .copy_in(&format!(
            "COPY fleetpurge.{} (plan, {names}) FROM STDIN (FORMAT binary)",
            table.database
        ))
        .await
        .map_err(DatabaseError::from)?;
    let mut types = vec![Type::INT8];
    types.extend(table.columns.iter().map(|(_, kind)| match kind {
        Kind::Number => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }));
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    let mut statement = file.prepare(&format!("SELECT {names} FROM {} {which}", table.file))?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let values = values(row, table)?;
        let mut fields: Vec<&(dyn ToSql + Sync)> = vec![&plan];
        fields.extend(values.iter().map(AsRef::as_ref));
        writer.as_mut().write(&fields).await.map_err(DatabaseError::from)?;
    }
    writer.finish().await.map_err(DatabaseError::from)?;
    Ok(())
}

type Field = Box<dyn ToSql + Sync>;

fn values(row: &Row<'_>, table: &Table) -> Result<Vec<Field>, Error> {
    let one = |(column, (_, kind)): (usize, &(&str, Kind))| -> Result<Field, Error> {
        let value = row.get_ref(column)?;
        Ok(match (kind, value) {
            (Kind::Number, ValueRef::Null) => Box::new(None::<i64>),
            (Kind::Text, ValueRef::Null) => Box::new(None::<String>),
            (Kind::Bytes, ValueRef::Null) => Box::new(None::<Vec<u8>>),
            (Kind::Number, ValueRef::Integer(number)) => Box::new(number),
            (Kind::Text, ValueRef::Text(_)) => {
                let text = value.as_str().map_err(rusqlite::Error::from)?;
                Box::new(texts::stored(text).into_owned())
            }
            (Kind::Bytes, ValueRef::Blob(bytes)) => Box::new(bytes.to_vec()),
            _ => {
                return Err(crate::store::columns::altered(
                    "a field of the plan is not as it was written",
                ));
            }
        })
    };
    table.columns.iter().enumerate().map(one).collect()
}
