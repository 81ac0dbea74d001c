//! Connections, commits and servers that are lost.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fleetpurge_engine::Journal as _;
use fleetpurge_engine::OutcomeKind::{Scheduled, Unknown};
use fleetpurge_ledger::{DatabaseUrl, ErrorKind, Ledger, PlanAddress, Replace, RunInfo, Step};
use fleetpurge_testing::postgres::{Proxy, Replication, Server};

use super::common::*;
use super::plans::{begin, counts_of, put, shared_plan, wait};

/// An address of the same plan that leads through a proxy.
fn through(proxy: &Proxy, url: &DatabaseUrl) -> PlanAddress {
    let port = format!(":{}/", Server::shared().port());
    at(url.to_string().replace(&port, &format!(":{}/", proxy.port())).as_ref())
}

pub(crate) fn a_commit_whose_answer_is_lost_is_written_once() {
    // Between the transaction and its answer, and before it is whole.
    for lose in [Proxy::lose_next_commit as fn(&Proxy), Proxy::cut] {
        for step in [Step::BeforeWrite, Step::BeforeCommit, Step::AfterCommit] {
            let (url, address) = shared_plan(100);
            let proxy = Arc::new(Proxy::to(Server::shared().port()));
            let lossy = Arc::clone(&proxy);
            let is_done = AtomicBool::new(false);
            let observer = move |now: Step| {
                if now == step && !is_done.swap(true, Ordering::Relaxed) {
                    lose(&lossy);
                }
            };
            let run = begin(
                &through(&proxy, &url),
                RunInfo {
                    observer: Some(Arc::new(observer)),
                    ..info()
                },
            );
            wait(send(&run.journal(), 1, 1..=50, Scheduled));
            wait(send(&run.journal(), 2, 51..=60, Unknown));
            let counts = run.end(done()).unwrap().counts;
            assert_eq!(
                (counts.scheduled, counts.unknown, counts.attempts),
                (50, 10, 2),
                "{step:?}"
            );
            assert_eq!(counts_of(&address), counts);
        }
    }
}

pub(crate) fn what_was_given_up_and_is_in_the_database_after_all_is_not_forgotten() {
    let (url, address) = shared_plan(100);
    let proxy = Proxy::to(Server::shared().port());
    // It gives up with the first loss.
    let impatient = RunInfo {
        max_wait: Some(Duration::ZERO),
        ..info()
    };
    let run = begin(&through(&proxy, &url), impatient);
    let journal = run.journal();
    wait(send(&journal, 1, 1..=10, Scheduled));
    proxy.lose_next_commit();
    let begun = wait(journal.begin(intent(attempt(2), 11..=30)));
    assert_eq!(kind_of(begun.unwrap_err()), ErrorKind::Unreachable);
    wait(journal.begin(intent(attempt(3), 31..=40))).unwrap();
    proxy.lose_next_commit();
    let settled = wait(journal.settle(settlement(attempt(3), (31..=40).map(|row| (row, Scheduled)))));
    assert_eq!(kind_of(settled.unwrap_err()), ErrorKind::Unreachable);
    run.end(done()).unwrap();
    // Nobody knows that the second was never sent, and the answer to the third is there.
    let ledger = Ledger::open(&address).unwrap();
    let counts = ledger.counts().unwrap();
    assert_eq!((counts.scheduled, counts.unknown, counts.pending), (20, 20, 60));
    assert_eq!(ledger.in_flight(), 0);
    assert!(ledger.runs().unwrap()[0].ended_at.is_some());
}

pub(crate) fn a_database_that_is_gone_for_too_long_is_told() {
    let mut server = Server::start();
    let address = at(format!("{}?plan=a", server.database()).as_ref());
    put(20, &address);
    let run = begin(
        &address,
        RunInfo {
            max_wait: Some(Duration::from_millis(300)),
            ..info()
        },
    );
    wait(run.journal().begin(intent(attempt(1), 1..=5))).unwrap();
    server.kill();
    let error = wait(run.journal().begin(intent(attempt(2), 6..=10))).unwrap_err();
    assert_eq!(kind_of(error), ErrorKind::Unreachable);
    assert_eq!(run.end(done()).unwrap_err().kind(), ErrorKind::Unreachable);
    // Nothing that was confirmed is lost, and what was in flight is unknown.
    server.restart();
    server.execute(
        &address.to_string(),
        "UPDATE fleetpurge.runs SET lease_until = '-infinity'",
    );
    let next = begin(&address, info());
    let counts = next.end(done()).unwrap().counts;
    assert_eq!((counts.unknown, counts.pending, counts.attempts), (5, 15, 1));
}

pub(crate) fn a_database_that_lost_commits_is_refused() {
    let (url, address) = shared_plan(20);
    let run = begin(&address, info());
    wait(send(&run.journal(), 1, 1..=5, Scheduled));
    lose_last_commit(&url);
    let error = wait(run.journal().begin(intent(attempt(2), 6..=10))).unwrap_err();
    assert_eq!(kind_of(error), ErrorKind::Forgotten);
    run.end(done()).unwrap_err();
    // Nothing shows it any more, but for what that run has written down.
    assert_eq!(refused_to_begin(&address, &info()), ErrorKind::Forgotten);
}

/// With synchronous replication a commit that a crash of the primary server has interrupted is there afterwards, and the standby may
/// lack it. Whoever looks whether it was made has to wait for the standby as well.
pub(crate) fn a_commit_that_no_standby_has_is_not_confirmed() {
    let mut server = Server::start();
    let standby = server.standby(Replication::Synchronous);
    let address = at(format!("{}?plan=a", server.database()).as_ref());
    put(20, &address);
    let run = begin(&address, info());
    wait(send(&run.journal(), 1, 1..=5, Scheduled));
    standby.cut_off();
    let journal = run.journal();
    let is_begun = AtomicBool::new(false);
    let waits = |server: &Server| {
        let waiting = "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%COMMIT%'";
        !server.query("postgres", waiting).is_empty()
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            wait(journal.begin(intent(attempt(2), 6..=10))).unwrap();
            is_begun.store(true, Ordering::SeqCst);
        });
        until(|| waits(&server));
        server.kill();
        server.restart();
        until(|| is_begun.load(Ordering::SeqCst) || waits(&server));
        let is_early = is_begun.load(Ordering::SeqCst);
        server.lead_again(&standby);
        assert!(!is_early, "only one server has the attempt, and it is sent");
    });
    run.end(done()).unwrap();
}

fn until(mut so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < until, "it never came to pass");
        std::thread::yield_now();
    }
}

/// A run looks for the last commit of its own, and for the mark of others that have missed theirs.
pub(crate) fn a_plan_that_one_run_has_found_to_lack_commits_is_sent_by_no_other() {
    let (url, address) = shared_plan(40);
    let (one, two) = (begin(&address, info()), begin(&address, info()));
    wait(send(&two.journal(), 1, 1..=5, Scheduled));
    wait(send(&one.journal(), 2, 6..=10, Scheduled));
    lose_last_commit(&url);
    let error = wait(one.journal().begin(intent(attempt(3), 11..=15))).unwrap_err();
    assert_eq!(kind_of(error), ErrorKind::Forgotten);
    let error = wait(two.journal().begin(intent(attempt(4), 16..=20))).unwrap_err();
    assert_eq!(kind_of(error), ErrorKind::Forgotten);
}

/// As another server would have it that did not get the last commit.
fn lose_last_commit(url: &DatabaseUrl) {
    Server::shared().execute(
        &url.to_string(),
        &format!(
            "DELETE FROM fleetpurge.commits c USING fleetpurge.plans p WHERE c.plan = p.plan AND p.name = '{}'
             AND c.number = (SELECT max(number) FROM fleetpurge.commits WHERE plan = p.plan)",
            url.plan().unwrap()
        ),
    );
}

/// How a run that would begin is refused.
fn refused_to_begin(address: &PlanAddress, info: &RunInfo) -> ErrorKind {
    let opened = Ledger::open_for_apply_remembering(address, holder(), info.memory.as_deref());
    // Before anything is settled, or a person is asked.
    let error = opened.unwrap_err().kind();
    assert_eq!(
        Ledger::open_for_apply(address, holder()).unwrap_err().kind(),
        error,
        "it is marked"
    );
    error
}

/// With its owners: the server does not run as the superuser of the machine.
fn copy_folder(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(status.success());
}

/// A run on a machine that remembers in this folder.
fn remembering(folder: &Path) -> RunInfo {
    RunInfo {
        memory: Some(folder.to_owned()),
        ..info()
    }
}

pub(crate) fn a_database_that_was_restored_is_refused_by_the_next_run_on_a_machine_that_remembers() {
    let machine = tempfile::tempdir().unwrap();
    let mut server = Server::start();
    let address = at(format!("{}?plan=a", server.database()).as_ref());
    put(20, &address);
    let first = begin(&address, remembering(machine.path()));
    wait(send(&first.journal(), 1, 1..=5, Scheduled));
    first.end(done()).unwrap();
    // Yesterday's backup.
    server.stop();
    let (data, backup) = (server.folder().join("data"), server.folder().join("backup"));
    copy_folder(&data, &backup);
    server.restart();
    let second = begin(&address, remembering(machine.path()));
    wait(send(&second.journal(), 2, 6..=10, Scheduled));
    second.end(done()).unwrap();
    assert_eq!(counts_of(&address).scheduled, 10);
    server.stop();
    std::fs::remove_dir_all(&data).unwrap();
    copy_folder(&backup, &data);
    server.restart();
    assert_eq!(counts_of(&address).scheduled, 5, "nothing in it shows what is gone");
    assert_eq!(
        refused_to_begin(&address, &remembering(machine.path())),
        ErrorKind::Forgotten
    );
    // From then on every machine refuses it.
    assert_eq!(refused_to_begin(&address, &info()), ErrorKind::Forgotten);
}

pub(crate) fn what_a_machine_remembers_of_a_plan_allows_later_copies_of_it_and_no_earlier_ones() {
    let machine = tempfile::tempdir().unwrap();
    let place = plan(20);
    let (here, there) = (at(&shared()), at(&shared()));
    for address in [&here, &there] {
        Ledger::copy(&place.address(), address, holder(), Replace::Nothing).unwrap();
    }
    let run = begin(&here, remembering(machine.path()));
    wait(send(&run.journal(), 1, 1..=5, Scheduled));
    run.end(done()).unwrap();
    assert_eq!(
        refused_to_begin(&there, &remembering(machine.path())),
        ErrorKind::Forgotten,
        "what was sent from here is not known there"
    );
    let later = at(&shared());
    Ledger::copy(&here, &later, holder(), Replace::Nothing).unwrap();
    let run = begin(&later, remembering(machine.path()));
    wait(send(&run.journal(), 2, 6..=10, Scheduled));
    assert_eq!(run.end(done()).unwrap().counts.scheduled, 10);
    // What was copied from is behind now.
    assert_eq!(
        refused_to_begin(&here, &remembering(machine.path())),
        ErrorKind::Forgotten
    );
}
