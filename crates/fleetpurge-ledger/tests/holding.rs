//! Who holds a plan, under any of its names, and how other readers affect SQLite's locks.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::fs;
#[cfg(unix)]
use std::path::Path;

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
