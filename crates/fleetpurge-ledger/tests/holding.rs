//! Who holds a plan, under any of its names, and how other readers affect SQLite's locks.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::fs::{self, File};
#[cfg(unix)]
use std::path::Path;
use std::process::{Command, Stdio};

use common::*;
use fleetpurge_engine::OutcomeKind::Scheduled;
use fleetpurge_ledger::{ErrorKind, Hold, Ledger};

#[test]
fn a_plan_is_held_as_long_as_an_apply_has_it_and_looking_does_not_take_it() {
    let place = plan(3);
    let look = || Ledger::held_by(&place.path).unwrap();
    assert_eq!(look(), Hold::Free);
    assert_eq!(place.files(), ["plan.db"], "a look leaves nothing behind");
    let held = open(&place.path).unwrap();
    let Hold::Held(Some(by)) = look() else {
        panic!("{:?}", look());
    };
    assert_eq!(by.holder, holder());
    let run = held.begin_run(info()).unwrap();
    assert!(matches!(look(), Hold::Held(Some(_))));
    // As a crash leaves it: the lock file stays, and nobody has locked it.
    drop(run);
    assert!(place.beside(".lock").exists());
    assert_eq!(look(), Hold::Free);
    drop(open(&place.path).unwrap());
    let missing = Ledger::held_by(place.dir.path().join("none")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn looking_again_and_again_keeps_no_apply_out() {
    let place = plan(3);
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                Ledger::held_by(&place.path).unwrap();
            }
        });
        for _ in 0..50 {
            drop(open(&place.path).unwrap());
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[cfg(unix)]
#[test]
fn links_lead_to_the_plan_that_is_held() {
    let place = plan(3);
    let link = place.dir.path().join("link.db");
    std::os::unix::fs::symlink("plan.db", &link).unwrap();
    let held = open(&link).unwrap();
    assert!(place.beside(".lock").exists());
    for path in [&place.path, &link] {
        assert!(
            matches!(Ledger::held_by(path).unwrap(), Hold::Held(Some(_))),
            "{path:?}"
        );
        assert_eq!(open(path).unwrap_err().kind(), ErrorKind::Held, "{path:?}");
    }
    // A second name is no other plan either, though its lock file would have another name.
    let other = place.dir.path().join("other.db");
    fs::hard_link(&place.path, &other).unwrap();
    if cfg!(target_os = "linux") {
        assert_eq!(Ledger::held_by(&other).unwrap(), Hold::Held(None));
        assert_eq!(open(&other).unwrap_err().kind(), ErrorKind::Held);
    }
    drop(held);
    for path in [&place.path, &other, &link] {
        assert_eq!(open(path).unwrap_err().kind(), ErrorKind::SeveralNames, "{path:?}");
    }
    fs::remove_file(&other).unwrap();
    open(&link).unwrap();
}

/// The plan has another name by the time it is to be applied: a second `apply` by that name must not get it.
#[cfg(target_os = "linux")]
#[test]
fn a_plan_that_is_renamed_before_its_run_begins_is_still_held_and_no_run_begins() {
    let place = plan(3);
    let held = open(&place.path).unwrap();
    let other = place.dir.path().join("other.db");
    fs::rename(&place.path, &other).unwrap();
    assert_eq!(open(&other).unwrap_err().kind(), ErrorKind::Held);
    let error = held.begin_run(info()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert_eq!(error.to_string(), "the plan was renamed while it was applied");
    assert_eq!(open(&other).unwrap().counts().unwrap().pending, 3);
}

#[cfg(unix)]
type Way<'a> = &'a dyn Fn(&Path);

#[cfg(unix)]
#[test]
fn a_plan_that_changes_between_its_proof_and_its_run_is_not_applied() {
    let another = plan(9);
    let ways: [(&str, Way<'_>); 3] = [
        ("replaced", &|path| {
            fs::copy(&another.path, path.with_extension("new")).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }),
        ("overwritten", &|path| {
            fs::copy(&another.path, path).unwrap();
        }),
        ("edited", &|path| {
            rusqlite::Connection::open(path)
                .unwrap()
                .execute("UPDATE rows SET name = 'the boss' WHERE row = 1", ())
                .unwrap();
        }),
    ];
    for (what, way) in ways {
        let place = plan(3);
        let held = open(&place.path).unwrap();
        way(&place.path);
        assert_eq!(held.begin_run(info()).unwrap_err().kind(), ErrorKind::Moved, "{what}");
    }
}

/// Whoever closes a file drops all `fcntl` locks of its process on it, those of SQLite included.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_looks_at_a_plan_in_the_process_of_its_run_does_not_drop_the_locks_of_the_run() {
    use std::os::unix::fs::MetadataExt as _;
    let place = plan(9);
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=3, Scheduled).await;
    let inode = format!(":{} ", fs::metadata(&place.path).unwrap().ino());
    let locks = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let mut kinds: Vec<_> = locks
            .lines()
            .filter(|line| line.contains(&inode))
            .filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned))
            .collect();
        kinds.sort();
        kinds
    };
    assert_eq!(locks(), ["FLOCK", "POSIX"]);
    drop(Ledger::open(&place.path).unwrap());
    Ledger::held_by(&place.path).unwrap();
    assert_eq!(open(&place.path).unwrap_err().kind(), ErrorKind::Held);
    assert_eq!(locks(), ["FLOCK", "POSIX"]);
    let ended = run.end(done()).unwrap();
    assert_eq!((ended.counts.scheduled, ended.disturbance), (3, None));
    assert_eq!(locks(), Vec::<String>::new());
}

#[test]
fn a_second_apply_is_refused_with_the_holder_of_the_plan() {
    let place = plan(3);
    let first = open(&place.path).unwrap();
    let error = open(&place.path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    let by = error.holder().unwrap();
    assert_eq!(by.holder, holder());
    assert!(
        error.to_string().starts_with("the plan is held by ann@box, process "),
        "{error}"
    );
    // A reader is not kept out.
    Ledger::open(&place.path).unwrap();
    drop(first);
    assert_eq!(place.files(), ["plan.db"]);
    let run = open(&place.path).unwrap().begin_run(info()).unwrap();
    assert_eq!(open(&place.path).unwrap_err().kind(), ErrorKind::Held);
    drop(run);
    open(&place.path).unwrap();
}

/// Holds a lock on the file it is told of until it is killed: a stand-in for an `apply`. Run by the test after it.
#[test]
#[ignore = "a helper process of another test"]
fn hold_a_lock() {
    let path = std::env::var_os("FLEETPURGE_TEST_LOCK").unwrap();
    let file = File::options().read(true).write(true).open(path).unwrap();
    file.lock().unwrap();
    println!("locked");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn a_dead_holder_does_not_block() {
    let place = plan(3);
    fs::write(place.beside(".lock"), "").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["hold_a_lock", "--exact", "--ignored", "--nocapture"])
        .env("FLEETPURGE_TEST_LOCK", place.beside(".lock"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::lines(stdout)
        .find(|line| line.as_ref().unwrap().contains("locked"))
        .unwrap()
        .unwrap();
    assert_eq!(open(&place.path).unwrap_err().kind(), ErrorKind::Held);
    child.kill().unwrap();
    child.wait().unwrap();
    open(&place.path).unwrap();
}

#[test]
fn a_file_that_is_marked_read_only_is_not_applied_and_can_be_read() {
    let place = plan(3);
    let mut permissions = fs::metadata(&place.path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&place.path, permissions).unwrap();
    assert_eq!(open(&place.path).unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(counts(&place.path).pending, 3);
    assert_eq!(place.files(), ["plan.db"]);
}

#[test]
fn a_file_that_is_not_a_plan_is_refused_and_left_unchanged() {
    let place = Place::new();
    for (bytes, kind) in [
        (None, ErrorKind::NotFound),
        (Some(&b""[..]), ErrorKind::NotALedger),
        (Some(b"uid,name\n"), ErrorKind::NotALedger),
    ] {
        if let Some(bytes) = bytes {
            fs::write(&place.path, bytes).unwrap();
        }
        assert_eq!(open(&place.path).unwrap_err().kind(), kind);
        assert_eq!(Ledger::open(&place.path).unwrap_err().kind(), kind);
        assert_eq!(place.files().len(), usize::from(bytes.is_some()));
    }
    assert_eq!(
        Ledger::open(place.dir.path()).unwrap_err().kind(),
        ErrorKind::NotALedger
    );
    fs::remove_file(&place.path).unwrap();
    rusqlite::Connection::open(&place.path)
        .unwrap()
        .execute_batch("CREATE TABLE x (y)")
        .unwrap();
    assert_eq!(open(&place.path).unwrap_err().kind(), ErrorKind::NotALedger);
}

#[test]
fn a_plan_is_read_while_a_run_writes_and_a_reader_does_not_stop_it() {
    let place = plan(3);
    let run = run(&place.path);
    let reader = Ledger::open(&place.path).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(send(&run.journal(), 1, 1..=2, Scheduled));
    assert_eq!(reader.counts().unwrap().scheduled, 0, "as it was at that moment");
    assert_eq!(counts(&place.path).scheduled, 2);
    let ended = run.end(done()).unwrap();
    assert!(!ended.single_file, "the reader still needs the log");
    assert_eq!(reader.counts().unwrap().scheduled, 0);
    drop(reader);
    assert_eq!(counts(&place.path).scheduled, 2);
    drop(open(&place.path).unwrap());
    assert_eq!(place.files(), ["plan.db"]);
    assert_eq!(counts(&place.path).scheduled, 2);
}
