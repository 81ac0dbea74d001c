//! The reasons of outcomes, and the rows of attempts in flight.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{attempt, crash, done, intent, open, plan, run, settlement};
use fleetpurge_engine::{Journal, Outcome, OutcomeKind};
use fleetpurge_ledger::{Ledger, Reason};

fn reason(detail: Option<&str>, rows: u64) -> Reason {
    Reason {
        detail: detail.map(str::to_owned),
        rows,
    }
}

#[tokio::test]
async fn reasons_are_counted_by_row_the_most_frequent_first_and_rows_in_flight_apart() {
    let place = plan(40);
    let run = run(&place.path);
    let journal = run.journal();
    let settle = async |batch, rows: std::ops::RangeInclusive<u64>, kind, detail: Option<&str>| {
        journal.begin(intent(attempt(batch), rows.clone())).await.unwrap();
        let mut settled = settlement(attempt(batch), rows.map(|row| (row, kind)));
        for (_, outcome) in &mut settled.outcomes {
            *outcome = match detail {
                Some(detail) => Outcome::because(kind, detail),
                None => Outcome::of(kind),
            };
        }
        journal.settle(settled).await.unwrap();
    };
    settle(1, 1..=5, OutcomeKind::Unknown, Some("no answer came in time")).await;
    settle(2, 6..=8, OutcomeKind::Unknown, Some("HTTP 500")).await;
    settle(3, 9..=10, OutcomeKind::Scheduled, None).await;
    settle(4, 11..=14, OutcomeKind::Unknown, Some("HTTP 500")).await;
    settle(5, 15..=15, OutcomeKind::Failed, Some("it failed")).await;
    // Two of them are sent again, and nobody knows yet what comes of it.
    journal.begin(intent(attempt(6), 4..=6)).await.unwrap();

    let expected = [reason(Some("HTTP 500"), 6), reason(Some("no answer came in time"), 3)];
    assert_eq!(run.reasons(OutcomeKind::Unknown).unwrap(), expected);
    let reading = Ledger::open(place.address()).unwrap();
    assert_eq!(reading.reasons(OutcomeKind::Unknown).unwrap(), expected);
    assert_eq!(reading.in_flight(), 3);
    assert_eq!(reading.counts().unwrap().unknown, 12);
    assert_eq!(
        reading.reasons(OutcomeKind::Failed).unwrap(),
        [reason(Some("it failed"), 1)]
    );
    assert_eq!(reading.reasons(OutcomeKind::Rejected).unwrap(), []);
    drop(reading);

    // As it would be found had the process died here.
    let dead = crash(&place);
    assert_eq!(Ledger::open(dead.address()).unwrap().in_flight(), 3);
    let resumed = open(&dead.path).unwrap();
    assert_eq!(
        resumed.reasons(OutcomeKind::Unknown).unwrap(),
        [
            reason(Some("HTTP 500"), 6),
            reason(Some("no answer came in time"), 3),
            reason(Some("the run ended before the answer was recorded"), 3),
        ]
    );
    drop(resumed);
    assert_eq!(Ledger::open(dead.address()).unwrap().in_flight(), 0);
    run.end(done()).unwrap();
}
