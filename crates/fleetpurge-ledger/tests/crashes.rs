//! A run that dies at any instant, and logs that are torn, cut or gone.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use common::*;
use fleetpurge_engine::OutcomeKind::{self, Failed, Pending, Scheduled, Unknown};
use fleetpurge_engine::{Applied, Journal, Outcome};
use fleetpurge_ledger::{ErrorKind, Ledger, Run, RunInfo, Selection, Step};

/// What the journal has answered: what has to be found again, whatever happens.
#[derive(Clone, Debug, Default)]
struct Answered {
    begun: Vec<u64>,
    /// Asked to be begun; the record may or may not be there.
    asked: Vec<u64>,
    known: Vec<(u64, OutcomeKind)>,
}

/// A small run in which everything happens that can: an answer, a sure "not applied" that is sent again, a conclusion,
/// and an attempt that is never answered.
async fn everything(run: Run, answered: &Mutex<Answered>) {
    let journal = run.journal();
    let note = |change: &dyn Fn(&mut Answered)| change(&mut answered.lock().unwrap());
    let steps: [(u64, &[u64], Option<OutcomeKind>); 5] = [
        (1, &[1, 2, 3], Some(Scheduled)),
        (2, &[4, 5, 7], Some(Pending)),
        (3, &[4, 5, 7], Some(Scheduled)),
        (4, &[8, 9], Some(Pending)),
        (5, &[10, 11], None),
    ];
    for (batch, rows, kind) in steps {
        note(&|answered| answered.asked = rows.to_vec());
        journal
            .begin(intent(attempt(batch), rows.iter().copied()))
            .await
            .unwrap();
        note(&|answered| answered.begun = rows.to_vec());
        let Some(kind) = kind else { continue };
        let mut said = settlement(attempt(batch), rows.iter().map(|row| (*row, kind)));
        if kind == Pending {
            said.applied = Applied::No;
            said.outcomes[0].1 = Outcome::because(Pending, "throttled");
        }
        journal.settle(said).await.unwrap();
        note(&|answered| {
            answered.known.retain(|(row, _)| !rows.contains(row));
            answered.known.extend(rows.iter().map(|row| (*row, kind)));
            answered.begun.clear();
            answered.asked.clear();
        });
    }
    journal
        .conclude(vec![
            conclusion(attempt(4), 8, Failed),
            conclusion(attempt(4), 9, Failed),
        ])
        .await
        .unwrap();
    note(&|answered| {
        answered.known.retain(|(row, _)| ![8, 9].contains(row));
        answered.known.extend([(8, Failed), (9, Failed)]);
    });
    run.end(done()).unwrap();
}

/// Resumes from what a crash left and holds it against what had been answered.
fn assert_nothing_is_lost(place: &Place, answered: &Answered, what: &str) {
    let before = Ledger::open(&place.path).map(|ledger| ledger.counts().unwrap());
    let ledger = open(&place.path).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    assert_eq!(
        before.unwrap(),
        ledger.counts().unwrap(),
        "{what}: a reader and the next apply agree"
    );
    assert!(!place.beside("-wal").exists(), "{what}");
    let run = ledger.begin_run(info()).unwrap();
    let selected: Vec<u64> = run
        .select(&Selection::default())
        .unwrap()
        .map(|selected| selected.unwrap().row)
        .collect();
    let ended = run.end(done()).unwrap();
    assert!(ended.single_file);
    assert_eq!(sum(&ended.counts), 12, "{what}");
    let outcomes = outcomes(&place.path);
    for (row, kind) in &answered.known {
        let now = outcomes[usize::try_from(*row).unwrap() - 1];
        // What was under way when it died may have got further than anybody was told.
        let may_be_newer = !kind.is_final() && (now.is_final() || now == Unknown || now == Failed);
        assert!(now == *kind || may_be_newer, "{what}: row {row} is {now}, was {kind}");
        assert!(
            !kind.is_final() || !selected.contains(row),
            "{what}: row {row} would be sent again"
        );
    }
    for row in &answered.begun {
        let now = outcomes[usize::try_from(*row).unwrap() - 1];
        assert!(
            now != Pending || answered.known.contains(&(*row, Pending)) || [4, 5, 7, 8, 9].contains(row),
            "{what}: row {row} was begun and is {now}"
        );
    }
    for row in [6, 12] {
        assert_eq!(outcomes[row - 1], Pending, "{what}: never asked for");
    }
}

#[tokio::test]
async fn a_crash_at_any_step_loses_nothing_that_was_answered() {
    let place = Arc::new(plan(12));
    let answered = Arc::new(Mutex::new(Answered::default()));
    let crashes = Arc::new(Mutex::new(Vec::new()));
    let observer = {
        let (place, answered, crashes) = (Arc::clone(&place), Arc::clone(&answered), Arc::clone(&crashes));
        move |step: Step| {
            let answered = answered.lock().unwrap().clone();
            crashes.lock().unwrap().push((step, answered, crash(&place)));
        }
    };
    let watched = RunInfo {
        observer: Some(Arc::new(observer)),
        ..info()
    };
    let run = open(&place.path).unwrap().begin_run(watched).unwrap();
    everything(run, &answered).await;
    let crashes = crashes.lock().unwrap();
    assert!(crashes.len() > 50, "{}", crashes.len());
    for (number, (step, answered, copy)) in crashes.iter().enumerate() {
        assert_nothing_is_lost(copy, answered, &format!("{step:?}, number {number}"));
    }
    // Before the answer and after the commit it is there already.
    let (_, _, copy) = crashes.iter().find(|(step, ..)| *step == Step::Closing).unwrap();
    assert_eq!(counts(&copy.path).unknown, 2);
}

/// Runs everything and aborts at the step whose number it is told. Run by the test after it.
#[test]
#[ignore = "a helper process of another test"]
fn die_at_a_step() {
    let path = std::env::var_os("FLEETPURGE_TEST_PLAN").unwrap();
    let last: usize = std::env::var("FLEETPURGE_TEST_STEP").unwrap().parse().unwrap();
    let seen = Mutex::new(0);
    let observer = move |_: Step| {
        let mut seen = seen.lock().unwrap();
        *seen += 1;
        if *seen == last {
            std::process::abort();
        }
    };
    let watched = RunInfo {
        observer: Some(Arc::new(observer)),
        ..info()
    };
    let run = open(path.as_ref()).unwrap().begin_run(watched).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(everything(run, &Mutex::new(Answered::default())));
}

#[test]
fn a_process_that_dies_at_any_step_can_be_resumed() {
    let mut deaths = 0;
    for step in 1.. {
        let place = plan(12);
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["die_at_a_step", "--exact", "--ignored", "--quiet"])
            .env("FLEETPURGE_TEST_PLAN", &place.path)
            .env("FLEETPURGE_TEST_STEP", step.to_string())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert_nothing_is_lost(&place, &Answered::default(), &format!("step {step}"));
        if status.success() {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 50, "{deaths}");
}

/// What a run that was killed after three settled batches and one begun leaves.
async fn killed() -> Place {
    let place = plan(40);
    let run = run(&place.path);
    for batch in 1..=3 {
        send(&run.journal(), batch, batch * 10 - 9..=batch * 10, Scheduled).await;
    }
    run.journal().begin(intent(attempt(4), [31, 32])).await.unwrap();
    let copy = crash(&place);
    drop(run);
    copy
}

fn copy(place: &Place) -> Place {
    crash(place)
}

fn assert_forgotten(place: &Place, what: &str) {
    for error in [Ledger::open(&place.path).map(drop), open(&place.path).map(drop)] {
        match error {
            Ok(()) => panic!("not noticed: {what}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Forgotten, "{what}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn an_attempt_without_an_answer_is_unknown_after_a_crash_and_is_not_sent_again() {
    let place = killed().await;
    let ledger = open(&place.path).unwrap();
    let counts = ledger.counts().unwrap();
    assert_eq!(
        (counts.scheduled, counts.unknown, counts.pending, counts.attempts),
        (30, 2, 8, 4)
    );
    assert_eq!(ledger.selected_count(&Selection::default()).unwrap(), 8);
    let resend = Selection {
        resend_unknown: true,
        ..Selection::default()
    };
    assert_eq!(ledger.selected_count(&resend).unwrap(), 10);
    drop(ledger);
    assert_eq!(place.files(), ["plan.db"]);
    let row = &report(&place.path)[30];
    assert_eq!(
        row.detail.as_deref(),
        Some("the run ended before the answer was recorded")
    );
    assert!(row.at.is_some() && row.batch == Some(4));
    let runs = Ledger::open(&place.path).unwrap().runs().unwrap();
    assert_eq!((runs[0].ended_at, runs[0].exit), (None, None));
    assert_eq!(
        runs[0].stop_reason.as_deref(),
        Some("the run ended without closing the ledger")
    );

    // A person said so: both attempts are shown.
    let run = run(&place.path);
    assert_eq!(run.id(), 2);
    send(&run.journal(), 9, 31..=32, Scheduled).await;
    run.end(done()).unwrap();
    assert_eq!(
        (report(&place.path)[30].attempts, report(&place.path)[30].outcome),
        (2, Scheduled)
    );
}

#[tokio::test]
async fn a_log_torn_after_its_last_sync_loses_nothing() {
    let place = killed().await;
    let log = fs::read(place.beside("-wal")).unwrap();
    for torn in [&b"x"[..], &[0; 24], &[7; 4120], &log[32..32 + 4120], &log[32..2000]] {
        let copy = copy(&place);
        fs::write(copy.beside("-wal"), [&log, torn].concat()).unwrap();
        assert_eq!(counts(&copy.path).scheduled, 30);
        assert_eq!(open(&copy.path).unwrap().counts().unwrap().unknown, 2);
    }
}

#[tokio::test]
async fn a_log_that_was_cut_earlier_is_noticed() {
    let place = killed().await;
    let log = fs::read(place.beside("-wal")).unwrap();
    let frame = 24 + 4096;
    for len in (0..log.len())
        .step_by(512)
        .chain([31, 32, 33, log.len() - 1, log.len() - frame])
    {
        let copy = copy(&place);
        fs::write(copy.beside("-wal"), &log[..len]).unwrap();
        assert_forgotten(&copy, &format!("cut to {len} of {}", log.len()));
    }
    let copy = copy(&place);
    let mut flipped = log.clone();
    flipped[log.len() / 2] ^= 1;
    fs::write(copy.beside("-wal"), flipped).unwrap();
    assert_forgotten(&copy, "a bit flipped in the middle");
}

#[tokio::test]
async fn a_log_that_is_missing_is_noticed_with_and_without_the_sidecar() {
    let place = killed().await;
    let gone = copy(&place);
    fs::remove_file(gone.beside("-wal")).unwrap();
    assert_forgotten(&gone, "the log");
    fs::remove_file(gone.beside(".lock")).unwrap();
    assert_forgotten(&gone, "the log and the sidecar");
    // The way out: put it back.
    fs::copy(place.beside("-wal"), gone.beside("-wal")).unwrap();
    assert_eq!(open(&gone.path).unwrap().counts().unwrap().scheduled, 30);
    // Without the sidecar a whole log is enough, and a stale sidecar only finds less.
    let copy = copy(&place);
    fs::remove_file(copy.beside(".lock")).unwrap();
    assert_eq!(open(&copy.path).unwrap().counts().unwrap().scheduled, 30);
}

#[tokio::test]
async fn a_log_that_another_program_folded_in_is_not_missed() {
    let place = killed().await;
    rusqlite::Connection::open(&place.path)
        .unwrap()
        .query_row("SELECT count(*) FROM rows", (), |_| Ok(()))
        .unwrap();
    assert!(
        !place.beside("-wal").exists(),
        "SQLite folds the log in when its last reader goes"
    );
    assert_eq!(counts(&place.path).scheduled, 30);
    let ledger = open(&place.path).unwrap();
    assert_eq!(
        (ledger.counts().unwrap().scheduled, ledger.counts().unwrap().unknown),
        (30, 2)
    );
}

#[tokio::test]
async fn without_its_log_a_file_that_is_newer_than_the_sidecar_is_not_believed() {
    let place = killed().await;
    rusqlite::Connection::open(&place.path)
        .unwrap()
        .query_row("SELECT count(*) FROM rows", (), |_| Ok(()))
        .unwrap();
    // As after a power cut: the file was synced up to somewhere, the sidecar before that.
    let sidecar = fs::read_to_string(place.beside(".lock")).unwrap();
    let commits = sidecar.lines().find_map(|line| line.strip_prefix("commits ")).unwrap();
    let fewer = format!("{:020}", commits.parse::<u64>().unwrap() - 1);
    fs::write(place.beside(".lock"), sidecar.replace(commits, &fewer)).unwrap();
    assert_forgotten(&place, "who knows what came after");
}

#[tokio::test]
async fn a_log_of_another_copy_is_not_taken_for_its_own() {
    let (place, closed) = (plan(40), Place::new());
    fs::copy(&place.path, &closed.path).unwrap();
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=10, Scheduled).await;
    fs::copy(place.beside("-wal"), closed.beside("-wal")).unwrap();
    for error in [Ledger::open(&closed.path).map(drop), open(&closed.path).map(drop)] {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Altered);
    }
    fs::remove_file(closed.beside("-wal")).unwrap();
    assert_eq!(open(&closed.path).unwrap().counts().unwrap().pending, 40);
}

#[test]
fn a_change_in_place_that_was_cut_short_is_put_back_for_a_reader_too() {
    let place = plan(5000);
    let sqlite = rusqlite::Connection::open(&place.path).unwrap();
    sqlite
        .execute_batch("PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE rows SET name = name || '!';")
        .unwrap();
    let dead = Place::new();
    for suffix in ["", "-journal"] {
        fs::copy(place.beside(suffix), dead.beside(suffix)).unwrap();
    }
    drop(sqlite);
    assert_ne!(
        fs::read(&dead.path).unwrap(),
        fs::read(&place.path).unwrap(),
        "it was under way"
    );
    let again = crash(&dead);
    fs::copy(dead.beside("-journal"), again.beside("-journal")).unwrap();
    assert_eq!(report(&dead.path)[4999].name, "pc-5000");
    assert_eq!(open(&again.path).unwrap().counts().unwrap().pending, 5000);
}

#[tokio::test]
async fn a_sidecar_of_another_plan_says_nothing() {
    let (place, other) = (killed().await, plan(3));
    fs::copy(place.beside(".lock"), other.beside(".lock")).unwrap();
    assert_eq!(open(&other.path).unwrap().counts().unwrap().pending, 3);
}

#[tokio::test]
async fn an_old_copy_of_the_ledger_beside_a_newer_sidecar_is_noticed() {
    let old = plan(40);
    let place = Place::new();
    fs::copy(&old.path, &place.path).unwrap();
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=10, Scheduled).await;
    drop(run);
    fs::remove_file(place.beside("-wal")).unwrap();
    fs::copy(&old.path, &place.path).unwrap();
    assert_forgotten(&place, "an old copy");
}

#[tokio::test]
async fn a_long_log_is_folded_in_between_commits_and_a_crash_there_loses_nothing() {
    let place = Arc::new(plan(9000));
    let crashes = Arc::new(Mutex::new(Vec::new()));
    let observer = {
        let (place, crashes) = (Arc::clone(&place), Arc::clone(&crashes));
        move |step: Step| {
            if matches!(step, Step::BeforeCheckpoint | Step::AfterCheckpoint) {
                crashes.lock().unwrap().push(crash(&place));
            }
        }
    };
    let watched = RunInfo {
        observer: Some(Arc::new(observer)),
        ..info()
    };
    let run = open(&place.path).unwrap().begin_run(watched).unwrap();
    let mut batch = 0;
    while crashes.lock().unwrap().len() < 2 {
        batch += 1;
        let one = attempt(batch);
        run.journal().begin(intent(one, [batch])).await.unwrap();
        let mut said = settlement(one, [(batch, Scheduled)]);
        said.body_head = Some("x".repeat(20_000));
        run.journal().settle(said).await.unwrap();
    }
    let settled = run.end(done()).unwrap().counts.scheduled;
    assert_eq!(settled, batch);
    let crashes = crashes.lock().unwrap();
    for copy in crashes.iter() {
        let counts = open(&copy.path).unwrap().counts().unwrap();
        assert!(settled - counts.scheduled - counts.unknown <= 1);
        assert_eq!(sum(&counts), 9000);
    }
}
