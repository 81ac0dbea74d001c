//! Writes verifications into their tables, and reads what is known of each. Their proof is in `verification_proof`.
//!
//! The tables are made with the first verification that is kept. A program that does not know them reads and applies the
//! plan as before: it has no reason to touch them, and what it writes does not concern them.

use rusqlite::Connection;

use crate::model::{Error, ErrorKind, SightingKind, VerificationKind, VerificationRecord, VerificationSource};
use crate::proof::{Checksum, VerificationDigest, VerificationHead, verifications_checksum};
use crate::store::columns::{altered, count, maybe_number, maybe_text, number, text};
use crate::store::schema::MAX_RANGE;
use crate::store::spool::Spool;

/// The tables. `{span}` is [`MAX_RANGE`]. Described in SCHEMA.md.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS verifications (
    verification INTEGER PRIMARY KEY,
    at           TEXT NOT NULL,
    who          TEXT NOT NULL,
    host         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    source       TEXT NOT NULL,
    sha256       TEXT,
    listed       INTEGER,
    looked_for   INTEGER NOT NULL,
    checksum     BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS sightings (
    first        INTEGER NOT NULL,
    verification INTEGER NOT NULL,
    last         INTEGER NOT NULL CHECK (last BETWEEN first AND first + {span} - 1),
    found        TEXT NOT NULL,
    detail       TEXT,
    PRIMARY KEY (first, verification)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS verifications_tally (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    verifications INTEGER NOT NULL,
    checksum      BLOB NOT NULL
) STRICT;
";

/// The verifications of a plan: how many, and the checksum of the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verifications {
    pub(crate) count: u64,
    pub(crate) last: Option<Checksum>,
}

/// Whether the tables are there. All of them or none.
pub(crate) fn have_tables(connection: &Connection) -> Result<bool, Error> {
    let tables = count(
        connection,
        "SELECT count(*) FROM sqlite_schema
         WHERE type = 'table' AND name IN ('verifications', 'sightings', 'verifications_tally')",
    )?;
    match tables {
        0 => Ok(false),
        3 => Ok(true),
        _ => Err(altered("a table of the plan's verifications is missing")),
    }
}

/// Makes the tables, unless they are there.
pub(crate) fn create(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&TABLES.replace("{span}", &MAX_RANGE.to_string()))?;
    Ok(())
}

/// Writes a verification after those before it, with what was found. The caller holds the transaction.
pub(crate) fn write(
    connection: &Connection,
    plan: &str,
    before: Verifications,
    head: &VerificationHead<'_>,
    found: &mut Spool,
) -> Result<(), Error> {
    create(connection)?;
    let mut digest = VerificationDigest::new(plan, before.last.as_ref(), head);
    let mut insert = connection
        .prepare("INSERT INTO sightings (first, verification, last, found, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    found.each(|sighting| {
        digest.sighting(sighting);
        insert.execute((
            sighting.first.cast_signed(),
            head.verification.cast_signed(),
            sighting.last.cast_signed(),
            sighting.found,
            sighting.detail,
        ))?;
        Ok(())
    })?;
    let checksum = digest.finish();
    connection.execute(
        "INSERT INTO verifications (verification, at, who, host, kind, source, sha256, listed, looked_for, checksum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        (
            head.verification.cast_signed(),
            head.at,
            head.who,
            head.host,
            head.kind,
            head.source,
            head.sha256,
            head.listed.map(u64::cast_signed),
            head.looked_for.cast_signed(),
            checksum,
        ),
    )?;
    connection.execute(
        "INSERT INTO verifications_tally (id, verifications, checksum) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET verifications = excluded.verifications, checksum = excluded.checksum",
        (
            head.verification.cast_signed(),
            verifications_checksum(plan, head.verification, &checksum),
        ),
    )?;
    Ok(())
}

/// Every verification in order, with its counts.
pub(crate) fn all(connection: &Connection) -> Result<Vec<VerificationRecord>, Error> {
    let mut records = heads(connection)?;
    if records.is_empty() {
        return Ok(records);
    }
    let mut statement = connection
        .prepare("SELECT verification, found, sum(last - first + 1) FROM sightings GROUP BY verification, found")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (verification, devices) = (number(row, 0)?, number(row, 2)?);
        let found = sighting_kind(text(row, 1)?)?;
        let Some(record) = records.iter_mut().find(|record| record.verification == verification) else {
            return Err(altered(format!("verification {verification} is missing from the plan")));
        };
        *match found {
            SightingKind::Gone => &mut record.gone,
            SightingKind::Present => &mut record.present,
            SightingKind::AnotherUid => &mut record.another_uid,
            SightingKind::NotKnown => &mut record.not_known,
        } = devices;
    }
    Ok(records)
}

/// Every verification in order, without its counts.
pub(crate) fn heads(connection: &Connection) -> Result<Vec<VerificationRecord>, Error> {
    if !have_tables(connection)? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(
        "SELECT verification, at, who, host, kind, source, sha256, listed, looked_for FROM verifications
         ORDER BY verification",
    )?;
    let mut rows = statement.query(())?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let verification = number(row, 0)?;
        records.push(VerificationRecord {
            verification,
            at: text(row, 1)?.parse().map_err(|error: jiff::Error| {
                altered(format!("the date of verification {verification} is not valid")).with_source(error)
            })?,
            who: text(row, 2)?.to_owned(),
            host: text(row, 3)?.to_owned(),
            source: VerificationSource {
                kind: verification_kind(text(row, 4)?)?,
                source: text(row, 5)?.to_owned(),
                sha256: maybe_text(row, 6)?.map(str::to_owned),
                listed: maybe_number(row, 7)?,
            },
            looked_for: number(row, 8)?,
            gone: 0,
            present: 0,
            another_uid: 0,
            not_known: 0,
        });
    }
    Ok(records)
}

/// The checksums are proven: a word that this program does not know is from a newer one.
pub(crate) fn sighting_kind(word: &str) -> Result<SightingKind, Error> {
    SightingKind::named(word).ok_or_else(|| newer("finding", word))
}

fn verification_kind(word: &str) -> Result<VerificationKind, Error> {
    VerificationKind::named(word).ok_or_else(|| newer("kind", word))
}

fn newer(what: &str, word: &str) -> Error {
    Error::new(
        ErrorKind::NewerSchema,
        format!(
            "a verification of the plan has the {what} {word:?}, which this program does not know: a newer version is needed"
        ),
    )
}
