//! The tables.

use rusqlite::Connection;

use crate::model::Error;

/// `PRAGMA application_id`: "fpur" in ASCII.
pub(crate) const APPLICATION_ID: u32 = 0x6670_7572;

/// `PRAGMA user_version`. A change of any table of this file raises it.
///
/// The tables of verifications (`store/verifications.rs`) did not: they are made with the first verification, a program
/// that does not know them reads and applies the plan all the same, and a plan without them is as valid as before.
pub(crate) const SCHEMA_VERSION: u32 = 2;

/// The first version in which an input says what its lines count.
pub(crate) const COUNTED_SINCE: u32 = 2;

/// No outcome ranges more rows than this: so those that touch a row are found without looking at all before it.
pub(crate) const MAX_RANGE: u64 = 256;

/// What a plan needs while it is drafted. Described in SCHEMA.md, together with [`FROZEN`].
const TABLES: &str = "
CREATE TABLE plan (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    service        TEXT NOT NULL,
    tenant         TEXT NOT NULL,
    instance       TEXT,
    region         TEXT,
    base_url       TEXT NOT NULL,
    token_url      TEXT,
    uid_validation TEXT NOT NULL,
    max_devices    INTEGER NOT NULL,
    planned        INTEGER NOT NULL,
    skipped        INTEGER NOT NULL,
    created_at     TEXT NOT NULL,
    tool           TEXT NOT NULL,
    digest         TEXT NOT NULL,
    state          TEXT NOT NULL
) STRICT;

CREATE TABLE sources (
    source    INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    first_row INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    counted   TEXT NOT NULL,
    sheet     TEXT
) STRICT;

CREATE TABLE rows (
    row     INTEGER PRIMARY KEY,
    uid     TEXT NOT NULL,
    name    TEXT NOT NULL,
    source  INTEGER NOT NULL,
    line    INTEGER NOT NULL,
    skipped TEXT
) STRICT;
";

/// What it needs once it is frozen. `{span}` is [`MAX_RANGE`].
const FROZEN: &str = "
CREATE INDEX skipped_rows ON rows (row) WHERE skipped IS NOT NULL;

CREATE TABLE runs (
    run          INTEGER PRIMARY KEY,
    who          TEXT NOT NULL,
    host         TEXT NOT NULL,
    pid          INTEGER NOT NULL,
    version      TEXT NOT NULL,
    confirmation TEXT NOT NULL,
    options      TEXT NOT NULL,
    started_at   TEXT NOT NULL,
    ended_at     TEXT,
    exit         INTEGER,
    stop_reason  TEXT
) STRICT;

CREATE TABLE attempts (
    attempt          INTEGER PRIMARY KEY,
    run              INTEGER NOT NULL,
    batch            INTEGER NOT NULL,
    number           INTEGER NOT NULL,
    request_id       TEXT NOT NULL,
    devices          INTEGER NOT NULL,
    begun_at         TEXT NOT NULL,
    settled_at       TEXT,
    applied          TEXT,
    status           INTEGER,
    code             TEXT,
    reply_request_id TEXT,
    trace_id         TEXT,
    detail           TEXT,
    body_head        TEXT,
    checksum         BLOB NOT NULL
) STRICT;

CREATE TABLE attempt_rows (
    first   INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    last    INTEGER NOT NULL CHECK (last >= first),
    PRIMARY KEY (first, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcomes (
    first    INTEGER NOT NULL,
    id       INTEGER NOT NULL,
    last     INTEGER NOT NULL CHECK (last BETWEEN first AND first + {span} - 1),
    attempt  INTEGER NOT NULL,
    outcome  TEXT NOT NULL,
    detail   TEXT,
    code     TEXT,
    at       TEXT NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (first, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE anomalies (
    attempt INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    PRIMARY KEY (attempt, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    commits   INTEGER NOT NULL,
    attempts  INTEGER NOT NULL,
    settled   INTEGER NOT NULL,
    outcomes  INTEGER NOT NULL,
    anomalies INTEGER NOT NULL,
    checksum  BLOB NOT NULL
) STRICT;

CREATE VIEW devices AS
WITH open_spans AS MATERIALIZED (
    SELECT r.first, r.last, r.attempt FROM attempts a JOIN attempt_rows r USING (attempt) WHERE a.settled_at IS NULL
)
SELECT
    r.row, r.uid, r.name,
    CASE
        WHEN r.skipped IS NOT NULL THEN 'skipped'
        WHEN EXISTS (SELECT 1 FROM open_spans s WHERE r.row BETWEEN s.first AND s.last) THEN 'unknown'
        ELSE coalesce(o.outcome, 'pending')
    END AS outcome,
    coalesce(r.skipped, o.detail) AS detail,
    o.code, o.attempt, o.at
FROM rows r
LEFT JOIN outcomes o ON o.first > r.row - {span} AND o.first <= r.row AND o.id = (
    SELECT max(x.id) FROM outcomes x WHERE x.first > r.row - {span} AND x.first <= r.row AND x.last >= r.row
);
";

/// What no program may write, whatever it is.
const TRIGGERS: &str = "
CREATE TRIGGER no_attempt_for_a_final_device BEFORE INSERT ON attempt_rows
WHEN EXISTS (
    SELECT 1 FROM outcomes
    WHERE first > NEW.first - {span} AND first <= NEW.last AND last >= NEW.first
      AND outcome IN ('scheduled', 'invalid')
) OR EXISTS (
    SELECT 1 FROM rows WHERE skipped IS NOT NULL AND row BETWEEN NEW.first AND NEW.last
)
BEGIN
    SELECT RAISE(ABORT, 'a device with a final outcome is never sent again');
END;

CREATE TRIGGER a_final_outcome_stays BEFORE INSERT ON outcomes
WHEN EXISTS (
    SELECT 1 FROM outcomes
    WHERE first > NEW.first - {span} AND first <= NEW.last AND last >= NEW.first
      AND outcome IN ('scheduled', 'invalid')
)
BEGIN
    SELECT RAISE(ABORT, 'a final outcome stays');
END;

CREATE TRIGGER what_is_unknown_stays_so_until_the_service_says_more BEFORE INSERT ON outcomes
WHEN NEW.outcome IN ('pending', 'failed', 'rejected') AND EXISTS (
    SELECT 1 FROM outcomes
    WHERE first > NEW.first - {span} AND first <= NEW.last AND last >= NEW.first AND outcome = 'unknown'
)
BEGIN
    SELECT RAISE(ABORT, 'an unknown device is not called surely not applied');
END;
";

/// Makes the tables of a draft, and marks the file as a ledger.
pub(crate) fn create(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    Ok(())
}

/// Makes the tables that a frozen plan needs beside those of its draft.
pub(crate) fn complete(connection: &Connection) -> Result<(), Error> {
    create_record_tables(connection)?;
    guard(connection)
}

/// Makes those tables without what guards them.
pub(crate) fn create_record_tables(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&with_span(FROZEN))?;
    Ok(())
}

/// Guards the tables of a frozen plan.
pub(crate) fn guard(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&with_span(TRIGGERS))?;
    Ok(())
}

fn with_span(sql: &str) -> String {
    sql.replace("{span}", &MAX_RANGE.to_string())
}
