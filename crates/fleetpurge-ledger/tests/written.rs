//! What stands in the file, as any SQLite tool reads it.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind::{Pending, Scheduled, Unknown};
use fleetpurge_engine::{Anomaly, AnomalyKind, Applied, Attempt, Journal};

#[tokio::test]
async fn an_attempt_is_written_down_with_its_run_batch_and_number() {
    let place = plan(10);
    for (batch, number, rows) in [(1, 1, 1..=3), (7, 4, 4..=5)] {
        let run = run(&place.path);
        let attempt = Attempt {
            number,
            ..attempt(batch)
        };
        run.journal().begin(intent(attempt, rows.clone())).await.unwrap();
        let said = settlement(attempt, rows.map(|row| (row, Scheduled)));
        run.journal().settle(said).await.unwrap();
        run.end(done()).unwrap();
    }
    let sqlite = rusqlite::Connection::open(&place.path).unwrap();
    let attempts: Vec<[i64; 5]> = sqlite
        .prepare("SELECT attempt, run, batch, number, devices FROM attempts ORDER BY attempt")
        .unwrap()
        .query_map((), |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(attempts, [[1, 1, 1, 1, 3], [2, 2, 7, 4, 2]]);
}

#[tokio::test]
async fn all_that_is_known_of_an_answer_is_written_down() {
    let place = plan(10);
    let run = run(&place.path);
    let mut said = settlement(attempt(1), [(1, Unknown), (2, Unknown)]);
    said.applied = Applied::Maybe;
    said.trail.status = Some(500);
    said.trail.code = Some("ODD".to_owned());
    said.detail = Some("the service failed".to_owned());
    said.body_head = Some("<html>".to_owned());
    for (n, kind) in [(1, AnomalyKind::WrongCount), (2, AnomalyKind::MissingEntry)] {
        let detail = format!("oddity {n}");
        said.anomalies.push(Anomaly { kind, detail });
    }
    run.journal().begin(intent(attempt(1), 1..=2)).await.unwrap();
    run.journal().settle(said).await.unwrap();
    run.end(done()).unwrap();
    let sqlite = rusqlite::Connection::open(&place.path).unwrap();
    let texts = |query: &str| -> Vec<Vec<Option<String>>> {
        let mut statement = sqlite.prepare(query).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map((), |row| (0..columns).map(|column| row.get(column)).collect());
        rows.unwrap().map(Result::unwrap).collect()
    };
    let attempts = texts(
        "SELECT applied, CAST(status AS TEXT), code, reply_request_id, trace_id, detail, body_head,
                CAST(settled_at >= begun_at AS TEXT) FROM attempts",
    );
    let expected = [
        "maybe",
        "500",
        "ODD",
        "theirs",
        "trace",
        "the service failed",
        "<html>",
        "1",
    ];
    assert_eq!(attempts, [expected.map(|text| Some(text.to_owned()))]);
    let anomalies = texts("SELECT CAST(attempt AS TEXT), CAST(number AS TEXT), kind, detail FROM anomalies");
    let expected = [
        ["1", "1", "wrong-count", "oddity 1"],
        ["1", "2", "missing-entry", "oddity 2"],
    ];
    assert_eq!(
        anomalies,
        expected.map(|row| row.map(|text| Some(text.to_owned())).to_vec())
    );
}

#[tokio::test]
async fn an_attempt_that_a_dead_run_left_open_is_settled_as_unknown_by_the_next() {
    let place = plan(1_000);
    let dead = run(&place.path);
    let rows = (1..=600).chain(700..=700);
    dead.journal().begin(intent(attempt(1), rows.clone())).await.unwrap();
    drop(dead);
    run(&place.path).end(done()).unwrap();
    let sqlite = rusqlite::Connection::open(&place.path).unwrap();
    let never = "the run ended before the answer was recorded";
    let settled: (u64, String, String) = sqlite
        .query_row(
            "SELECT run, applied, detail FROM attempts WHERE settled_at IS NOT NULL",
            (),
            |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(settled, (1, "maybe".to_owned(), never.to_owned()));
    let spans: Vec<(i64, i64)> = sqlite
        .prepare("SELECT first, last FROM outcomes ORDER BY first")
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(spans, [(1, 256), (257, 512), (513, 600), (700, 700)]);
    for row in report(&place.path) {
        let left_open = rows.clone().any(|open| open == row.row);
        let expected = if left_open {
            (Unknown, Some(never))
        } else {
            (Pending, None)
        };
        assert_eq!((row.outcome, row.detail.as_deref()), expected, "row {}", row.row);
    }
}
