//! What a run records, what it refuses, and what it leaves behind.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::fs::{self};

use common::*;
use fleetpurge_engine::OutcomeKind::{Failed, Invalid, Pending, Rejected, Scheduled, Skipped, Unknown};
use fleetpurge_engine::{Anomaly, AnomalyKind, Applied, Journal, Outcome};
use fleetpurge_ledger::{ErrorKind, Ledger, Retry, Run, RunInfo, Selection};
use futures_util::StreamExt;

fn rows(run: &Run, selection: Selection) -> Vec<u64> {
    run.select(&selection)
        .unwrap()
        .map(|selected| selected.unwrap().row)
        .collect()
}

#[tokio::test]
async fn a_run_from_beginning_to_end() {
    let place = plan_with_blanks(10, &[4]);
    let ledger = open(&place.path).unwrap();
    assert_eq!(ledger.selected_count(&Selection::default()).unwrap(), 9);
    let run = ledger.begin_run(info()).unwrap();
    assert_eq!(run.id(), 1);
    if place.is_file() {
        assert_eq!(place.files(), ["plan.db", "plan.db-shm", "plan.db-wal", "plan.db.lock"]);
    }
    let journal = run.journal();

    send(&journal, 1, 1..=3, Scheduled).await;
    let second = attempt(2);
    journal.begin(intent(second, [5, 6, 7, 9])).await.unwrap();
    let mut said = settlement(second, [(5, Scheduled), (6, Invalid), (7, Pending), (9, Scheduled)]);
    said.outcomes[1].1 = Outcome::because(Invalid, "malformed").with_code(Some("BAD".to_owned()));
    said.anomalies.push(Anomaly {
        kind: AnomalyKind::ForeignEntry,
        detail: "an entry for x".to_owned(),
    });
    journal.settle(said).await.unwrap();
    journal.conclude(vec![conclusion(second, 7, Failed)]).await.unwrap();
    // Under way.
    let third = attempt(3);
    journal.begin(intent(third, [8])).await.unwrap();
    assert_eq!(
        outcomes(&place.path)[7],
        Unknown,
        "an attempt without an answer is unknown to a reader too"
    );
    assert_eq!(run.counts().unwrap().unknown, 1);
    let mut throttled = settlement(third, [(8, Pending)]);
    throttled.applied = Applied::No;
    throttled.outcomes[0].1.detail = Some("throttled".to_owned());
    journal.settle(throttled).await.unwrap();
    let ended = run.end(done()).unwrap();

    assert!(ended.single_file);
    if place.is_file() {
        assert_eq!(place.files(), ["plan.db"]);
    }
    assert_eq!(ended.counts, counts(&place.path));
    let c = ended.counts;
    assert_eq!(
        (c.planned, c.skipped, c.scheduled, c.invalid, c.failed),
        (10, 1, 5, 1, 1)
    );
    assert_eq!(
        (c.rejected, c.unknown, c.pending, c.attempts, c.anomalies),
        (0, 0, 2, 3, 1)
    );
    assert_eq!(sum(&c), 10);

    let report = report(&place.path);
    let seen: Vec<_> = report.iter().map(|row| row.outcome).collect();
    assert_eq!(
        seen,
        [
            Scheduled, Scheduled, Scheduled, Skipped, Scheduled, Invalid, Failed, Pending, Scheduled, Pending
        ]
    );
    let sixth = &report[5];
    assert_eq!(
        (sixth.detail.as_deref(), sixth.code.as_deref()),
        (Some("malformed"), Some("BAD"))
    );
    assert_eq!(
        (sixth.batch, sixth.attempts, sixth.trace_id.as_deref()),
        (Some(2), 1, Some("trace"))
    );
    assert_eq!(sixth.request_id, Some(second.request_id.to_string()));
    assert!(sixth.at.is_some());
    assert_eq!(report[7].detail.as_deref(), Some("throttled"));
    assert_eq!((report[9].attempts, report[9].batch, report[9].at), (0, None, None));
    assert_eq!(report[6].detail.as_deref(), Some("it went on saying so"));

    let runs = Ledger::open(place.address()).unwrap().runs().unwrap();
    assert_eq!((runs.len(), runs[0].who.as_str(), runs[0].exit), (1, "ann", Some(0)));
    assert_eq!(runs[0].confirmation, "acme/10");
    assert!(runs[0].ended_at.is_some());
}

#[tokio::test]
async fn a_contiguous_settlement_is_one_record_and_any_sqlite_tool_can_read_the_devices_in_a_file() {
    let place = plan_with_blanks(300, &[150]);
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=100, Scheduled).await;
    let second = attempt(2);
    let keys: Vec<u64> = (101..=201).filter(|row| *row != 150).collect();
    run.journal().begin(intent(second, keys.clone())).await.unwrap();
    let said = keys
        .iter()
        .map(|row| (*row, if *row == 120 { Invalid } else { Scheduled }));
    run.journal().settle(settlement(second, said)).await.unwrap();
    run.end(done()).unwrap();
    let sqlite = rusqlite::Connection::open(&place.path).unwrap();
    let spans: Vec<(u64, u64)> = sqlite
        .prepare("SELECT first, last FROM outcomes ORDER BY first")
        .unwrap()
        .query_map((), |row| {
            Ok((
                row.get::<_, i64>(0)?.unsigned_abs(),
                row.get::<_, i64>(1)?.unsigned_abs(),
            ))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(spans, [(1, 100), (101, 119), (120, 120), (121, 149), (151, 201)]);
    let devices: Vec<(String, String)> = sqlite
        .prepare("SELECT uid, outcome FROM devices ORDER BY row")
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let report: Vec<_> = report(&place.path)
        .into_iter()
        .map(|row| (row.uid, row.outcome.to_string()))
        .collect();
    assert_eq!(devices, report);
}

#[tokio::test]
async fn what_a_run_sends_is_what_was_selected() {
    let place = plan_with_blanks(3000, &[2, 1500]);
    let run = run(&place.path);
    let journal = run.journal();
    for (batch, rows, kind) in [
        (1, 3..=3, Scheduled),
        (2, 4..=4, Invalid),
        (3, 5..=6, Failed),
        (4, 7..=8, Rejected),
        (5, 9..=10, Unknown),
        (6, 11..=12, Pending),
        (7, 1000..=1100, Scheduled),
    ] {
        send(&journal, batch, rows, kind).await;
    }
    let never = |row: &u64| ![2, 3, 4, 1500].contains(row) && !(1000..=1100).contains(row);
    let all: Vec<u64> = (1..=3000).filter(never).collect();
    let pending: Vec<u64> = all.iter().copied().filter(|row| !(5..=10).contains(row)).collect();
    assert_eq!(rows(&run, Selection::default()), pending);
    let retry = Retry {
        failed: true,
        rejected: true,
    };
    let everything = Selection {
        retry,
        resend_unknown: true,
        limit: None,
    };
    assert_eq!(rows(&run, everything), all);
    for selected in run.select(&everything).unwrap().map(Result::unwrap) {
        let expected = if (9..=10).contains(&selected.row) {
            Applied::Maybe
        } else {
            Applied::No
        };
        assert_eq!(selected.earlier, expected, "row {}", selected.row);
    }
    for limit in [0, 1, 5, 1023, 1024, 1025, 5000] {
        let limited = Selection {
            limit: Some(limit),
            ..everything
        };
        let expected: Vec<u64> = all.iter().copied().take(usize::try_from(limit).unwrap()).collect();
        assert_eq!(rows(&run, limited), expected, "limit {limit}");
        let streamed: Vec<u64> = run
            .select(&limited)
            .unwrap()
            .into_stream()
            .unwrap()
            .map(|selected| selected.unwrap().row)
            .collect()
            .await;
        assert_eq!(streamed, expected, "limit {limit}");
    }
    let some = Selection {
        retry: Retry {
            failed: false,
            rejected: true,
        },
        resend_unknown: false,
        limit: Some(8),
    };
    assert_eq!(rows(&run, some), [1, 7, 8, 11, 12, 13, 14, 15]);
    // A reader that is still open does not keep the run from closing its file.
    let mut open_reader = run.select(&everything).unwrap();
    open_reader.next().unwrap().unwrap();
    assert!(run.end(done()).unwrap().single_file);
    let ledger = open(&place.path).unwrap();
    assert_eq!(ledger.selected_count(&everything).unwrap(), all.len() as u64);
    assert_eq!(
        ledger.selected_count(&Selection::default()).unwrap(),
        pending.len() as u64
    );
}

#[tokio::test]
async fn a_device_that_is_final_or_left_out_or_under_way_is_never_sent() {
    let place = plan_with_blanks(20, &[15]);
    let run = run(&place.path);
    let journal = run.journal();
    send(&journal, 1, 1..=3, Scheduled).await;
    send(&journal, 2, 4..=4, Invalid).await;
    send(&journal, 3, 5..=6, Unknown).await;
    journal.begin(intent(attempt(4), [7, 8])).await.unwrap();
    for (keys, why) in [
        (vec![3], "scheduled"),
        (vec![4, 5], "invalid"),
        (vec![14, 15, 16], "left out"),
        (vec![8, 9], "under way"),
        (vec![0], "no row"),
        (vec![21], "no row"),
        (vec![u64::MAX], "no row"),
        (vec![9, 9], "twice"),
        (vec![], "nothing"),
    ] {
        let error = journal.begin(intent(attempt(5), keys)).await.unwrap_err();
        assert_eq!(kind_of(error), ErrorKind::Inconsistent, "{why}");
    }
    let again = journal.begin(intent(attempt(4), [10])).await.unwrap_err();
    assert_eq!(kind_of(again), ErrorKind::Inconsistent);
    // What was refused left nothing behind.
    send(&journal, 5, 5..=6, Scheduled).await;
    assert_eq!(run.end(done()).unwrap().counts.attempts, 5);
    assert_eq!(outcomes(&place.path)[4], Scheduled);
    assert_eq!(report(&place.path)[4].attempts, 2);
}

#[tokio::test]
async fn a_settlement_says_one_thing_of_each_device_of_its_attempt() {
    let place = plan(10);
    let run = run(&place.path);
    let journal = run.journal();
    let first = attempt(1);
    journal.begin(intent(first, [1, 2, 3])).await.unwrap();
    for outcomes in [
        vec![],
        vec![(1, Scheduled), (2, Scheduled)],
        vec![(1, Scheduled), (2, Scheduled), (2, Scheduled)],
        vec![(1, Scheduled), (2, Scheduled), (4, Scheduled)],
        vec![(1, Scheduled), (2, Scheduled), (3, Scheduled), (4, Scheduled)],
        vec![(1, Scheduled), (2, Scheduled), (3, Skipped)],
    ] {
        let error = journal.settle(settlement(first, outcomes)).await.unwrap_err();
        assert_eq!(kind_of(error), ErrorKind::Inconsistent);
    }
    let other = journal
        .settle(settlement(attempt(2), [(1, Scheduled)]))
        .await
        .unwrap_err();
    assert_eq!(kind_of(other), ErrorKind::Inconsistent);
    journal
        .settle(settlement(first, [(3, Pending), (2, Scheduled), (1, Pending)]))
        .await
        .unwrap();
    let twice = journal
        .settle(settlement(first, [(1, Pending), (2, Pending), (3, Pending)]))
        .await
        .unwrap_err();
    assert_eq!(kind_of(twice), ErrorKind::Inconsistent);

    // Conclusions: of the device's last attempt, and never over a final outcome.
    for conclusions in [
        vec![conclusion(first, 2, Failed)],
        vec![conclusion(attempt(9), 1, Failed)],
        vec![conclusion(first, 5, Failed)],
        vec![conclusion(first, 1, Failed), conclusion(first, 1, Rejected)],
        vec![conclusion(first, 1, Skipped)],
        vec![conclusion(first, 1, Failed), conclusion(first, 2, Failed)],
    ] {
        let error = journal.conclude(conclusions).await.unwrap_err();
        assert_eq!(kind_of(error), ErrorKind::Inconsistent);
    }
    journal.begin(intent(attempt(3), [3])).await.unwrap();
    let under_way = journal.conclude(vec![conclusion(first, 3, Failed)]).await.unwrap_err();
    assert_eq!(kind_of(under_way), ErrorKind::Inconsistent);
    journal.conclude(vec![conclusion(first, 1, Rejected)]).await.unwrap();
    journal.conclude(vec![]).await.unwrap();
    run.end(done()).unwrap();
    assert_eq!(outcomes(&place.path)[..3], [Rejected, Scheduled, Unknown]);
}

#[tokio::test]
async fn sql_itself_holds_that_a_final_outcome_stays_in_a_file() {
    let place = plan_with_blanks(300, &[300]);
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=250, Scheduled).await;
    run.end(done()).unwrap();
    let sqlite = rusqlite::Connection::open(&place.path).unwrap();
    for statement in [
        "INSERT INTO outcomes (first, id, last, attempt, outcome, at, checksum) VALUES (250, 9, 251, 1, 'pending', '', x'')",
        "INSERT INTO attempt_rows (first, last, attempt) VALUES (250, 260, 9)",
        "INSERT INTO attempt_rows (first, last, attempt) VALUES (299, 300, 9)",
    ] {
        let error = sqlite.execute(statement, ()).unwrap_err();
        assert_eq!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::ConstraintViolation),
            "{statement}"
        );
    }
    sqlite
        .execute(
            "INSERT INTO attempt_rows (first, last, attempt) VALUES (251, 299, 9)",
            (),
        )
        .unwrap();
}

#[tokio::test]
async fn an_unknown_device_is_never_called_surely_not_applied() {
    for claim in [Pending, Failed, Rejected, Unknown, Scheduled, Invalid] {
        let place = plan(10);
        let run = run(&place.path);
        let journal = run.journal();
        send(&journal, 1, 1..=3, Unknown).await;
        journal.begin(intent(attempt(2), [2, 3, 4])).await.unwrap();
        let told = journal
            .settle(settlement(attempt(2), [(2, claim), (3, claim), (4, claim)]))
            .await;
        assert_eq!(told.is_ok(), matches!(claim, Unknown | Scheduled | Invalid), "{claim}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_record_among_many_spoils_only_itself() {
    let place = plan(2000);
    let run = run(&place.path);
    let tasks: Vec<_> = (1..=200_u64)
        .map(|batch| {
            let journal = run.journal();
            tokio::spawn(async move {
                let rows = (batch - 1) * 10 + 1..=batch * 10;
                let keys: Vec<u64> = if batch % 7 == 0 {
                    vec![0]
                } else {
                    rows.clone().collect()
                };
                let begun = journal.begin(intent(attempt(batch), keys)).await;
                assert_eq!(begun.is_ok(), batch % 7 != 0);
                if begun.is_ok() {
                    let said = settlement(attempt(batch), rows.map(|row| (row, Scheduled)));
                    journal.settle(said).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let counts = run.end(done()).unwrap().counts;
    assert_eq!((counts.attempts, counts.scheduled, counts.pending), (172, 1720, 280));
}

#[tokio::test]
async fn a_run_that_has_ended_takes_nothing_more() {
    let place = plan(3);
    let run = run(&place.path);
    let journal = run.journal();
    let selected = run.select(&Selection::default()).unwrap();
    let streamed = run.select(&Selection::default()).unwrap();
    run.end(done()).unwrap();
    let error = journal.begin(intent(attempt(1), [1])).await.unwrap_err();
    assert_eq!(kind_of(error), ErrorKind::Closed);
    let kinds = |selected: Vec<Result<_, fleetpurge_ledger::Error>>| -> Vec<ErrorKind> {
        selected.into_iter().map(|row| row.unwrap_err().kind()).collect()
    };
    // Said once, and then there is an end.
    assert_eq!(kinds(selected.take(2).collect()), [ErrorKind::Closed]);
    let streamed = streamed.into_stream().unwrap().take(2).collect().await;
    assert_eq!(kinds(streamed), [ErrorKind::Closed]);
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_recorded_in_a_file() {
    let place = plan(10_000);
    let pages = fs::metadata(&place.path).unwrap().len() / 4096;
    let full = RunInfo {
        max_pages: Some(u32::try_from(pages).unwrap() + 6),
        ..info()
    };
    let run = open(&place.path).unwrap().begin_run(full).unwrap();
    let journal = run.journal();
    let mut settled = 0;
    let error = loop {
        let (rows, attempt) = (settled * 10 + 1..=settled * 10 + 10, attempt(settled + 1));
        if let Err(error) = journal.begin(intent(attempt, rows.clone())).await {
            break error;
        }
        match journal
            .settle(settlement(attempt, rows.map(|row| (row, Scheduled))))
            .await
        {
            Ok(()) => settled += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(kind_of(error), ErrorKind::DiskFull);
    assert!(settled > 0);
    drop(run);
    let recorded = open(&place.path).unwrap().counts().unwrap();
    assert_eq!(recorded.scheduled, settled * 10);
    assert!(recorded.unknown <= 10);
    assert_eq!(sum(&recorded), 10_000);
}
