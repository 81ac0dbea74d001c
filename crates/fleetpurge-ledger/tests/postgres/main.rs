//! Plans in a database: what connections and servers lose is in `losing.rs`, what others write in `altering.rs`. The suites that files pass run over it as well: `FLEETPURGE_TEST_STORE=postgres`, see CONTRIBUTING.md.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod altering;
#[path = "../common/mod.rs"]
mod common;
mod losing;
mod plans;

use std::process::ExitCode;

use altering::*;
use common::*;
use fleetpurge_engine::Journal as _;
use fleetpurge_engine::OutcomeKind::{self, Failed, Scheduled, Unknown};
use fleetpurge_ledger::{ErrorKind, Ledger, Replace, Retry, Selection};
use fleetpurge_testing::postgres::{Server, run as run_trials};
use fleetpurge_testing::trials;
use losing::*;
use plans::*;

fn main() -> ExitCode {
    run_trials(trials![
        a_copy_has_all_that_was_recorded_and_comes_back_the_same,
        two_runs_share_the_rows_and_no_row_is_in_two_open_attempts,
        a_run_that_was_taken_over_from_records_nothing_more,
        what_a_run_that_is_gone_left_is_unknown_and_its_rows_are_free,
        what_another_run_tried_at_the_same_time_is_not_tried_again,
        all_that_a_commit_writes_is_one_transaction,
        a_commit_whose_answer_is_lost_is_written_once,
        what_was_given_up_and_is_in_the_database_after_all_is_not_forgotten,
        a_database_that_is_gone_for_too_long_is_told,
        a_database_that_lost_commits_is_refused,
        a_commit_that_no_standby_has_is_not_confirmed,
        a_plan_that_one_run_has_found_to_lack_commits_is_sent_by_no_other,
        a_database_that_was_restored_is_refused_by_the_next_run_on_a_machine_that_remembers,
        what_a_machine_remembers_of_a_plan_allows_later_copies_of_it_and_no_earlier_ones,
        a_field_of_any_record_that_is_altered_is_noticed,
        a_final_outcome_stays_whoever_writes,
        a_server_that_does_not_sync_is_refused,
        a_plan_of_which_something_was_sent_is_not_replaced,
        texts_that_a_database_cannot_hold_come_back,
    ])
}

fn a_copy_has_all_that_was_recorded_and_comes_back_the_same() {
    let place = plan_with_blanks(40, &[7]);
    let first = run(&place.path);
    wait(send(&first.journal(), 1, 1..=5, Scheduled));
    wait(send(&first.journal(), 2, 8..=12, Failed));
    first.end(done()).unwrap();
    let before = rows_of(&place.address());
    let address = at(&shared());
    Ledger::copy(&place.address(), &address, holder(), Replace::Nothing).unwrap();
    assert_eq!(rows_of(&address), before);
    // It goes on there, and comes back with what was recorded meanwhile.
    let second = begin(&address, info());
    assert_eq!(second.id(), 2);
    wait(send(&second.journal(), 1, 13..=14, Unknown));
    second.end(done()).unwrap();
    let there = rows_of(&address);
    let back = Place::new();
    Ledger::copy(&address, &back.address(), holder(), Replace::Nothing).unwrap();
    assert_eq!(rows_of(&back.address()), there);
    let (original, copy) = (Ledger::open(&address).unwrap(), Ledger::open(back.address()).unwrap());
    assert_eq!(copy.runs().unwrap(), original.runs().unwrap());
    assert_eq!(copy.counts().unwrap(), original.counts().unwrap());
    drop(copy);
    // The file is as good as any: it is applied, and guards what is final.
    let third = begin(&back.address(), info());
    let again = third.journal();
    assert_eq!(
        kind_of(wait(again.begin(intent(attempt(9), 1..=1))).unwrap_err()),
        ErrorKind::Inconsistent
    );
    third.end(done()).unwrap();
}

fn two_runs_share_the_rows_and_no_row_is_in_two_open_attempts() {
    let (url, address) = shared_plan(2500);
    let (one, two) = (begin(&address, info()), begin(&address, info()));
    assert_eq!((one.id(), two.id()), (1, 2));
    assert_eq!(Ledger::applied_by(&url).unwrap().len(), 2);
    assert_eq!(take(&one, 100), (1..=100).collect::<Vec<_>>());
    assert_eq!(take(&two, 1500), (101..=1600).collect::<Vec<_>>());
    wait(send(&one.journal(), 1, 1..=100, Scheduled));
    wait(two.journal().begin(intent(attempt(11), 101..=200))).unwrap();
    for rows in [150..=201, 101..=101, 200..=200] {
        let error = wait(one.journal().begin(intent(attempt(12), rows.clone()))).unwrap_err();
        assert_eq!(kind_of(error), ErrorKind::Inconsistent, "{rows:?}");
    }
    assert_eq!(one.counts().unwrap(), two.counts().unwrap());
    wait(
        two.journal()
            .settle(settlement(attempt(11), (101..=200).map(|row| (row, Failed)))),
    )
    .unwrap();
    one.end(done()).unwrap();
    let counts = two.end(done()).unwrap().counts;
    assert_eq!(
        (counts.scheduled, counts.failed, counts.pending, counts.attempts),
        (100, 100, 2300, 2)
    );
    assert_eq!(Ledger::applied_by(&url).unwrap(), []);
}

fn a_run_that_was_taken_over_from_records_nothing_more() {
    let (url, address) = shared_plan(300);
    let old = begin(&address, info());
    wait(old.journal().begin(intent(attempt(1), 1..=100))).unwrap();
    lapse(&url);
    // Whoever opens the plan takes over.
    let new = begin(&address, info());
    assert_eq!(new.counts().unwrap().unknown, 100);
    let journal = old.journal();
    let settled = settlement(attempt(1), (1..=100).map(|row| (row, Scheduled)));
    assert_eq!(
        kind_of(wait(journal.settle(settled)).unwrap_err()),
        ErrorKind::LeaseLost
    );
    assert_eq!(
        kind_of(wait(journal.begin(intent(attempt(2), 101..=200))).unwrap_err()),
        ErrorKind::LeaseLost
    );
    assert_eq!(old.end(done()).unwrap_err().kind(), ErrorKind::LeaseLost);
    let counts = new.end(done()).unwrap().counts;
    assert_eq!((counts.unknown, counts.pending, counts.attempts), (100, 200, 1));
}

fn what_a_run_that_is_gone_left_is_unknown_and_its_rows_are_free() {
    let (url, address) = shared_plan(1500);
    let (gone, other) = (begin(&address, info()), begin(&address, info()));
    assert_eq!(take(&gone, 10).len(), 10);
    wait(gone.journal().begin(intent(attempt(1), 1..=10))).unwrap();
    drop(gone);
    let mut rest = other.select(&Selection::default()).unwrap();
    let first: Vec<u64> = rest.by_ref().take(500).map(|selected| selected.unwrap().row).collect();
    assert_eq!(first, (101..=600).collect::<Vec<_>>());
    // The other waits for what the first has claimed, and gets it once nothing was heard of that one for long enough.
    lapse(&url);
    let left: Vec<u64> = rest.map(|selected| selected.unwrap().row).collect();
    assert_eq!(left, (601..=1500).chain(11..=100).collect::<Vec<_>>());
    assert_eq!(other.end(done()).unwrap().counts.unknown, 10);
    let runs = Ledger::open(&address).unwrap().runs().unwrap();
    assert!(
        runs[0].ended_at.is_none() && runs[0].stop_reason.is_some(),
        "{:?}",
        runs[0]
    );
}

fn what_another_run_tried_at_the_same_time_is_not_tried_again() {
    let (_, address) = shared_plan(1200);
    let (one, two) = (begin(&address, info()), begin(&address, info()));
    assert_eq!(take(&one, 1000).len(), 1000);
    let everything = Selection {
        retry: Retry {
            failed: true,
            rejected: true,
        },
        resend_unknown: true,
        limit: None,
    };
    let mut rows = two.select(&everything).unwrap();
    assert_eq!(rows.next().unwrap().unwrap().row, 1001);
    wait(send(&one.journal(), 1, 1..=500, Failed));
    wait(send(&one.journal(), 2, 501..=999, Unknown));
    one.end(done()).unwrap();
    let left: Vec<u64> = rows.map(|selected| selected.unwrap().row).collect();
    assert_eq!(left, (1002..=1200).chain([1000]).collect::<Vec<_>>());
    two.end(done()).unwrap();
    // A run that begins afterwards does.
    let three = begin(&address, info());
    assert_eq!(three.select(&everything).unwrap().count(), 1200);
    three.end(done()).unwrap();
}

/// A commit, the tally and the records beside it come from the same transaction, or another run could come between them.
fn all_that_a_commit_writes_is_one_transaction() {
    let (url, address) = shared_plan(100);
    let whole = |what: &str, records: &str| {
        let name = url.plan().unwrap();
        let rows = Server::shared().query(
            &url.to_string(),
            &format!(
                "SELECT t.commits, c.xmin, t.xmin, r.xmin FROM fleetpurge.plans p
                 JOIN fleetpurge.tally t USING (plan)
                 JOIN fleetpurge.commits c ON c.plan = p.plan AND c.number = (SELECT max(number) FROM fleetpurge.commits
                                                                            WHERE plan = p.plan)
                 JOIN fleetpurge.{records} r ON r.plan = p.plan WHERE p.name = '{name}'"
            ),
        );
        let [row] = rows.as_slice() else {
            panic!("{what}: {rows:?}");
        };
        assert!(row[1] == row[2] && row[2] == row[3], "{what}: {row:?}");
    };
    let run = begin(&address, info());
    whole("the run began", "runs");
    let journal = run.journal();
    wait(journal.begin(intent(attempt(1), 1..=5))).unwrap();
    whole("an attempt began", "attempts");
    wait(journal.settle(settlement(attempt(1), (1..=5).map(|row| (row, Failed))))).unwrap();
    whole("it was settled", "outcomes");
    run.end(done()).unwrap();
    whole("the run ended", "runs");
}

fn a_server_that_does_not_sync_is_refused() {
    for (setting, value) in [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("default_transaction_read_only", "on"),
    ] {
        let server = Server::with(&[(setting, value)]);
        let address = at(format!("{}?plan=a", server.database_of_superuser()).as_ref());
        let place = plan(3);
        let error = Ledger::copy(&place.address(), &address, holder(), Replace::Nothing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotDurable, "{setting}");
        let told = fleetpurge_engine::chain(&error);
        let named = if setting == "default_transaction_read_only" {
            "read"
        } else {
            setting
        };
        assert!(told.contains(named), "{told}");
    }
}

fn a_plan_of_which_something_was_sent_is_not_replaced() {
    let (_, address) = shared_plan(10);
    let place = plan(12);
    let copy = |replace| Ledger::copy(&place.address(), &address, holder(), replace);
    assert_eq!(copy(Replace::Nothing).unwrap_err().kind(), ErrorKind::Exists);
    copy(Replace::UnusedPlan).unwrap();
    assert_eq!(counts_of(&address).planned, 12);
    let run = begin(&address, info());
    wait(send(&run.journal(), 1, 1..=5, Scheduled));
    run.end(done()).unwrap();
    assert_eq!(copy(Replace::UnusedPlan).unwrap_err().kind(), ErrorKind::Exists);
    assert_eq!(counts_of(&address).scheduled, 5);
}

fn texts_that_a_database_cannot_hold_come_back() {
    let (_, address) = shared_plan(10);
    let run = begin(&address, info());
    let odd = "nul \0, backslash \\, \\0 and \u{10ffff}";
    let mut said = settlement(attempt(1), [(1, Unknown)]);
    said.detail = Some(odd.to_owned());
    said.body_head = Some(odd.to_owned());
    said.outcomes[0].1.detail = Some(odd.to_owned());
    wait(run.journal().begin(intent(attempt(1), 1..=1))).unwrap();
    wait(run.journal().settle(said)).unwrap();
    run.end(done()).unwrap();
    let row = rows_of(&address).swap_remove(0);
    assert_eq!((row.outcome, row.detail.as_deref()), (OutcomeKind::Unknown, Some(odd)));
}
