//! Checks that the verifications of a plan are as they were written: none altered, none missing.
//!
//! Where all three tables were dropped, that is not noticed: a plan without verifications has none of them, and a program
//! that does not know them cannot note in the plan's own records that it should.

use rusqlite::Connection;

use crate::model::{Error, Plan};
use crate::proof::{Checksum, SightingRecord, VerificationDigest, VerificationHead, verifications_checksum};
use crate::store::columns::{altered, maybe_number, maybe_text, number, text};
use crate::store::verifications::{Verifications, have_tables};

/// Reads all of them. The caller holds a transaction.
pub(crate) fn prove(connection: &Connection, plan: &Plan) -> Result<Verifications, Error> {
    if !have_tables(connection)? {
        return Ok(Verifications::default());
    }
    // One after the other, each in row order: SQLite sorts them in a file.
    let mut sightings = connection
        .prepare("SELECT verification, first, last, found, detail FROM sightings ORDER BY verification, first")?;
    let mut sightings = sightings.query(())?;
    let mut sighting = sightings.next()?;
    let mut heads = connection.prepare(
        "SELECT verification, at, who, host, kind, source, sha256, listed, looked_for, checksum FROM verifications
         ORDER BY verification",
    )?;
    let mut heads = heads.query(())?;
    let mut proven = Verifications::default();
    while let Some(row) = heads.next()? {
        let head = VerificationHead {
            verification: number(row, 0)?,
            at: text(row, 1)?,
            who: text(row, 2)?,
            host: text(row, 3)?,
            kind: text(row, 4)?,
            source: text(row, 5)?,
            sha256: maybe_text(row, 6)?,
            listed: maybe_number(row, 7)?,
            looked_for: number(row, 8)?,
        };
        let is_next = proven.count + 1;
        if head.verification != is_next {
            return Err(altered(format!("verification {is_next} is missing from the plan")));
        }
        let mut digest = VerificationDigest::new(&plan.digest, proven.last.as_ref(), &head);
        let mut before = 0;
        while let Some(found) = sighting
            && number(found, 0)? == head.verification
        {
            let record = SightingRecord {
                first: number(found, 1)?,
                last: number(found, 2)?,
                found: text(found, 3)?,
                detail: maybe_text(found, 4)?,
            };
            if record.first <= before || record.last < record.first || record.last > plan.planned {
                return Err(is_altered(is_next));
            }
            before = record.last;
            digest.sighting(&record);
            sighting = sightings.next()?;
        }
        let checksum = digest.finish();
        if row.get::<_, Vec<u8>>(9)? != checksum {
            return Err(is_altered(is_next));
        }
        proven = Verifications {
            count: is_next,
            last: Some(checksum),
        };
    }
    if sighting.is_some() {
        return Err(altered("a verification is missing from the plan"));
    }
    prove_tally(connection, plan, proven)?;
    Ok(proven)
}

/// The last one, too, is there.
fn prove_tally(connection: &Connection, plan: &Plan, proven: Verifications) -> Result<(), Error> {
    let mut statement = connection.prepare("SELECT verifications, checksum FROM verifications_tally")?;
    let mut rows = statement.query(())?;
    let missing = || altered("a verification is missing from the plan");
    let row = rows.next()?.ok_or_else(missing)?;
    let last: Checksum = proven.last.ok_or_else(missing)?;
    if number(row, 0)? != proven.count {
        return Err(missing());
    }
    if row.get::<_, Vec<u8>>(1)? != verifications_checksum(&plan.digest, proven.count, &last) {
        return Err(altered("the tally of the plan's verifications was altered"));
    }
    Ok(())
}

fn is_altered(verification: u64) -> Error {
    altered(format!("verification {verification} of the plan was altered"))
}
