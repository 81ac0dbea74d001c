//! Nothing in a ledger can be altered or removed unnoticed.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind::{Invalid, Scheduled};
use fleetpurge_engine::{Anomaly, AnomalyKind, Journal};
use fleetpurge_ledger::SightingKind::{AnotherUid, Gone, Present};
use fleetpurge_ledger::{
    Draft, ErrorKind, FreezeOptions, Ledger, Replace, SightingKind, VerificationKind, VerificationSource,
};
use fleetpurge_text::Counted;
use rusqlite::Connection;
use rusqlite::types::Value;

async fn used() -> Place {
    let place = plan_with_blanks(30, &[7]);
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=6, Scheduled).await;
    let second = attempt(2);
    run.journal().begin(intent(second, [8, 9, 12])).await.unwrap();
    let mut said = settlement(second, [(8, Invalid), (9, Scheduled), (12, Scheduled)]);
    said.outcomes[0].1.detail = Some("malformed".to_owned());
    said.outcomes[0].1.code = Some("BAD".to_owned());
    said.detail = Some("odd".to_owned());
    said.body_head = Some("<html>".to_owned());
    said.trail.code = Some("ODD".to_owned());
    said.anomalies.push(Anomaly {
        kind: AnomalyKind::WrongCount,
        detail: "3 and 2".to_owned(),
    });
    run.journal().settle(said).await.unwrap();
    send(&run.journal(), 3, 20..=22, Scheduled).await;
    run.end(done()).unwrap();
    verified(
        &place,
        "first.csv",
        &[(1, Gone, None), (2, Gone, None), (4, Present, None)],
    );
    verified(
        &place,
        "second.csv",
        &[(2, Present, None), (9, AnotherUid, Some("line 3"))],
    );
    place
}

fn verified(place: &Place, name: &str, found: &[(u64, SightingKind, Option<&str>)]) {
    let mut findings = Ledger::open(&place.path).unwrap().findings().unwrap();
    for &(row, found, detail) in found {
        findings.add(row, found, detail).unwrap();
    }
    let source = VerificationSource {
        kind: VerificationKind::Inventory,
        source: name.to_owned(),
        sha256: Some(SHA.to_owned()),
        listed: Some(7),
    };
    findings.keep(&place.path, holder(), source).unwrap();
}

fn copy(place: &Place) -> Place {
    let copy = Place::new();
    std::fs::copy(&place.path, &copy.path).unwrap();
    copy
}

/// Both ways to open refuse it, as an alteration.
fn assert_refused(place: &Place, what: &str) {
    for error in [Ledger::open(&place.path).map(drop), open(&place.path).map(drop)] {
        match error {
            Ok(()) => panic!("not noticed: {what}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Altered, "{what}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn every_field_of_every_record_that_is_altered_is_noticed() {
    let place = used().await;
    let mut altered = 0;
    for table in [
        "plan",
        "sources",
        "rows",
        "attempts",
        "attempt_rows",
        "outcomes",
        "anomalies",
        "tally",
        "verifications",
        "sightings",
        "verifications_tally",
    ] {
        let columns: Vec<(String, String)> = Connection::open(&place.path)
            .unwrap()
            .prepare(&format!("SELECT name, type FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(columns.len() > 2, "{table}");
        for (column, kind) in &columns {
            if column == "id" && ["plan", "tally", "verifications_tally"].contains(&table) {
                continue; // There is only one, and SQL holds its number.
            }
            let keys: Vec<(Value, Value)> = {
                let sqlite = Connection::open(&place.path).unwrap();
                let mut all = sqlite
                    .prepare(&format!("SELECT {}, {} FROM {table}", columns[0].0, columns[1].0))
                    .unwrap();
                all.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
                    .unwrap()
                    .map(Result::unwrap)
                    .collect()
            };
            for key in keys {
                let copy = copy(&place);
                let sqlite = Connection::open(&copy.path).unwrap();
                sqlite.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
                let new = match kind.as_str() {
                    "INTEGER" => format!("coalesce({column}, 0) + 1000"),
                    "TEXT" => format!("coalesce({column}, '') || 'x'"),
                    "BLOB" => "zeroblob(16)".to_owned(),
                    other => panic!("{other}"),
                };
                let changed = sqlite
                    .execute(
                        &format!(
                            "UPDATE {table} SET {column} = {new} WHERE {} IS ?1 AND {} IS ?2",
                            columns[0].0, columns[1].0
                        ),
                        [&key.0, &key.1],
                    )
                    .unwrap();
                drop(sqlite);
                assert!(changed > 0);
                altered += 1;
                assert_refused(&copy, &format!("{table}.{column} of {key:?}"));
            }
        }
    }
    assert!(altered > 250, "{altered}");
}

/// What the lines of an input count is a part of the plan: a report names a row by it.
#[test]
fn what_the_rows_of_an_input_are_counted_by_cannot_be_altered() {
    let plan_of = |counted: Counted| {
        let place = Place::new();
        let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
        draft.begin_source("devices.xlsx").unwrap();
        draft.count_by(counted);
        draft.push(2, &uid(1), "pc-1").unwrap();
        draft.end_source(SHA).unwrap();
        draft.freeze(FreezeOptions::default()).unwrap();
        place
    };
    let sheet = || Counted::Rows {
        sheet: "Old PCs".to_owned(),
    };
    for (counted, statement) in [
        (sheet(), "UPDATE sources SET counted = 'line'"),
        (sheet(), "UPDATE sources SET counted = 'line', sheet = NULL"),
        (sheet(), "UPDATE sources SET counted = 'element', sheet = NULL"),
        (sheet(), "UPDATE sources SET sheet = 'New PCs'"),
        (sheet(), "UPDATE sources SET sheet = ''"),
        (Counted::Elements, "UPDATE sources SET counted = 'line'"),
        (
            Counted::Elements,
            "UPDATE sources SET counted = 'row', sheet = 'Old PCs'",
        ),
        (Counted::Lines, "UPDATE sources SET counted = 'element'"),
        (Counted::Lines, "UPDATE sources SET counted = 'row', sheet = 'Old PCs'"),
    ] {
        let place = plan_of(counted.clone());
        assert_eq!(Ledger::open(&place.path).unwrap().plan().sources[0].counted, counted);
        let altered = Connection::open(&place.path).unwrap().execute(statement, ()).unwrap();
        assert_eq!(altered, 1, "{statement}");
        assert_refused(&place, &format!("{counted:?}: {statement}"));
    }
}

#[tokio::test]
async fn a_text_that_is_taken_away_is_noticed() {
    let place = used().await;
    for statement in [
        "UPDATE plan SET region = NULL",
        "UPDATE plan SET token_url = ''",
        "UPDATE rows SET skipped = NULL WHERE row = 7",
        "UPDATE attempts SET body_head = NULL WHERE attempt = 2",
        "UPDATE attempts SET settled_at = NULL WHERE attempt = 3",
        "UPDATE attempts SET code = '' WHERE attempt = 1",
        "UPDATE outcomes SET detail = NULL WHERE detail IS NOT NULL",
    ] {
        let copy = copy(&place);
        assert_eq!(
            Connection::open(&copy.path).unwrap().execute(statement, ()).unwrap(),
            1,
            "{statement}"
        );
        assert_refused(&copy, statement);
    }
}

#[tokio::test]
async fn a_record_that_is_removed_added_or_renumbered_is_noticed() {
    let place = used().await;
    for statements in [
        "DELETE FROM rows WHERE row = 30",
        "DELETE FROM rows WHERE row = 3",
        "INSERT INTO rows VALUES (31, 'u', 'n', 1, 32, NULL)",
        "UPDATE rows SET row = 31 WHERE row = 30",
        "DELETE FROM sources",
        "DELETE FROM attempts WHERE attempt = 1",
        "DELETE FROM attempts WHERE attempt = 3",
        "UPDATE attempts SET attempt = 4 WHERE attempt = 3",
        "DELETE FROM attempts WHERE attempt = 3; DELETE FROM attempt_rows WHERE attempt = 3;
         DELETE FROM outcomes WHERE attempt = 3",
        "DELETE FROM attempt_rows WHERE attempt = 1",
        "INSERT INTO attempt_rows (first, attempt, last) VALUES (25, 1, 26)",
        "INSERT INTO attempt_rows (first, attempt, last) VALUES (25, 9, 26)",
        "DELETE FROM outcomes WHERE first = 1",
        "DELETE FROM outcomes WHERE first = 20",
        "DELETE FROM outcomes",
        "DELETE FROM anomalies",
        "INSERT INTO anomalies VALUES (9, 1, 'x', 'y')",
        "DELETE FROM tally",
        "DELETE FROM runs",
        "UPDATE runs SET run = 2",
        "DELETE FROM verifications",
        "DELETE FROM verifications WHERE verification = 1",
        "DELETE FROM verifications WHERE verification = 2",
        "DELETE FROM verifications WHERE verification = 2; DELETE FROM sightings WHERE verification = 2",
        "DELETE FROM verifications; DELETE FROM sightings",
        "UPDATE verifications SET verification = 3 WHERE verification = 2",
        "DELETE FROM sightings WHERE first = 4",
        "DELETE FROM sightings",
        "INSERT INTO sightings VALUES (20, 2, 21, 'gone', NULL)",
        "INSERT INTO sightings VALUES (20, 3, 21, 'gone', NULL)",
        "UPDATE sightings SET last = 3 WHERE first = 1",
        "DELETE FROM verifications_tally",
        "DROP TABLE verifications_tally",
        "DROP TABLE sightings",
        "DROP TABLE verifications",
    ] {
        let copy = copy(&place);
        Connection::open(&copy.path).unwrap().execute_batch(statements).unwrap();
        assert_refused(&copy, statements);
    }
}

#[tokio::test]
async fn an_attempt_without_an_answer_that_is_removed_is_noticed() {
    let place = used().await;
    let run = run(&place.path);
    run.journal().begin(intent(attempt(4), [25])).await.unwrap();
    drop(run);
    Connection::open(&place.path)
        .unwrap()
        .execute_batch(
            "DELETE FROM attempts WHERE attempt = 4; DELETE FROM attempt_rows WHERE attempt = 4;
             PRAGMA journal_mode = DELETE",
        )
        .unwrap();
    assert_refused(&place, "the last attempt");
}

#[tokio::test]
async fn a_record_of_another_plan_proves_nothing() {
    let (place, other) = (used().await, plan(31));
    let sqlite = Connection::open(&other.path).unwrap();
    sqlite
        .execute("ATTACH ?1 AS used", [place.path.to_str().unwrap()])
        .unwrap();
    let verified_too = [
        "runs",
        "attempts",
        "attempt_rows",
        "outcomes",
        "anomalies",
        "tally",
        "verifications",
        "sightings",
        "verifications_tally",
    ];
    verified(&other, "a.csv", &[(1, Gone, None)]);
    for table in verified_too {
        sqlite
            .execute_batch(&format!(
                "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM used.{table}"
            ))
            .unwrap();
    }
    drop(sqlite);
    assert_refused(&other, "the attempts of another plan");
}

#[tokio::test]
async fn records_of_other_copies_of_a_plan_are_noticed_though_their_numbers_add_up() {
    let fresh = plan(10);
    let sent = async |batches: &[&[u64]]| {
        let copy = copy(&fresh);
        let run = run(&copy.path);
        for (batch, rows) in (1..).zip(batches) {
            let attempt = attempt(batch);
            run.journal().begin(intent(attempt, rows.to_vec())).await.unwrap();
            let said = settlement(attempt, rows.iter().map(|row| (*row, Scheduled)));
            run.journal().settle(said).await.unwrap();
        }
        run.end(done()).unwrap();
        copy
    };
    // Rows that do not touch: a record each, numbered from 1.
    let place = sent(&[&[1], &[3, 5]]).await;
    for (other, statements) in [
        // Number 3, of an attempt that was never made here.
        (
            sent(&[&[1], &[2], &[10]]).await,
            "DELETE FROM outcomes WHERE id = 3; INSERT INTO outcomes SELECT * FROM other.outcomes WHERE id = 3",
        ),
        // 1, 1 and 4 are as many and as much as 1, 2 and 3.
        (
            sent(&[&[2, 4, 6, 8]]).await,
            "DELETE FROM outcomes WHERE id > 1; INSERT INTO outcomes SELECT * FROM other.outcomes WHERE id IN (1, 4)",
        ),
        // 1, 1 and 3 are as many.
        (
            sent(&[&[2]]).await,
            "DELETE FROM outcomes WHERE id = 2; INSERT INTO outcomes SELECT * FROM other.outcomes WHERE id = 1",
        ),
        // 3 and 3 are as much.
        (
            sent(&[&[2, 4, 6]]).await,
            "DELETE FROM outcomes WHERE id < 3; INSERT INTO outcomes SELECT * FROM other.outcomes WHERE id = 3",
        ),
    ] {
        // Each by itself is whole.
        Ledger::open(&place.path).unwrap();
        Ledger::open(&other.path).unwrap();
        let copy = copy(&place);
        let sqlite = Connection::open(&copy.path).unwrap();
        sqlite
            .execute("ATTACH ?1 AS other", [other.path.to_str().unwrap()])
            .unwrap();
        sqlite.execute_batch(statements).unwrap();
        drop(sqlite);
        assert_refused(&copy, statements);
    }
}

/// It was kept in another copy of the plan: by itself it is whole.
#[tokio::test]
async fn a_verification_of_another_copy_of_the_plan_is_noticed() {
    let fresh = used().await;
    let kept = |names: &[&str]| {
        let copy = copy(&fresh);
        for name in names {
            verified(&copy, name, &[(1, Gone, None)]);
        }
        copy
    };
    let (place, other) = (kept(&["third.csv", "fourth.csv"]), kept(&["other.csv", "another.csv"]));
    Ledger::open(&place.path).unwrap();
    for number in [3, 4] {
        let copy = copy(&place);
        let sqlite = Connection::open(&copy.path).unwrap();
        sqlite
            .execute("ATTACH ?1 AS other", [other.path.to_str().unwrap()])
            .unwrap();
        for table in ["verifications", "sightings"] {
            sqlite
                .execute_batch(&format!(
                    "DELETE FROM main.{table} WHERE verification = {number};
                     INSERT INTO main.{table} SELECT * FROM other.{table} WHERE verification = {number}"
                ))
                .unwrap();
        }
        drop(sqlite);
        assert_refused(&copy, &format!("verification {number} of another copy"));
    }
}

#[tokio::test]
async fn what_was_altered_is_named() {
    let place = used().await;
    for (statement, message) in [
        (
            "UPDATE attempts SET status = 200 WHERE attempt = 2",
            "attempt 2 of the plan was altered",
        ),
        (
            "DELETE FROM attempts WHERE attempt = 2",
            "attempt 2 is missing from the plan",
        ),
        (
            "UPDATE outcomes SET outcome = 'pending' WHERE id = 2",
            "outcome 2 of the plan was altered",
        ),
        (
            "UPDATE plan SET max_devices = 9",
            "the plan was altered: it is not what its digest says",
        ),
        ("DELETE FROM rows WHERE row = 3", "row 3 of the plan is missing"),
        (
            "UPDATE sightings SET found = 'gone' WHERE found = 'present' AND verification = 1",
            "verification 1 of the plan was altered",
        ),
        (
            "UPDATE verifications SET who = 'eve' WHERE verification = 2",
            "verification 2 of the plan was altered",
        ),
        (
            "DELETE FROM verifications WHERE verification = 1",
            "verification 1 is missing from the plan",
        ),
        (
            "DELETE FROM sightings WHERE verification = 2",
            "verification 2 of the plan was altered",
        ),
    ] {
        let copy = copy(&place);
        Connection::open(&copy.path).unwrap().execute(statement, ()).unwrap();
        assert_eq!(open(&copy.path).unwrap_err().to_string(), message);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_naming_both_versions() {
    let place = used().await;
    Connection::open(&place.path)
        .unwrap()
        .pragma_update(None, "user_version", 3)
        .unwrap();
    for error in [Ledger::open(&place.path).map(drop), open(&place.path).map(drop)] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NewerSchema);
        assert!(
            error.to_string().contains("version 3") && error.to_string().contains("version 2"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn damaged_pages_are_no_crash() {
    let place = used().await;
    let bytes = std::fs::read(&place.path).unwrap();
    for at in (100..bytes.len()).step_by(61) {
        let copy = Place::new();
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        std::fs::write(&copy.path, damaged).unwrap();
        // Unused bytes may change; whatever opens has to answer as before.
        if let Ok(ledger) = Ledger::open(&copy.path) {
            let seen: Vec<_> = ledger
                .report_rows()
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap_or_default();
            assert!(seen.is_empty() || seen == report(&place.path), "byte {at}");
        }
    }
    for len in (0..bytes.len()).step_by(1024) {
        std::fs::write(&place.path, &bytes[..len]).unwrap();
        assert!(Ledger::open(&place.path).is_err(), "cut to {len} bytes");
    }
}
