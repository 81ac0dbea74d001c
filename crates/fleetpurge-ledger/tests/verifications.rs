//! Verifications are kept in the plan, apart from the service's own word.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::process::Command;
use std::sync::{Arc, Mutex};

use common::*;
use fleetpurge_engine::Journal as _;
use fleetpurge_engine::OutcomeKind::{self, Scheduled, Unknown};
use fleetpurge_ledger::SightingKind::{AnotherUid, Gone, NotKnown, Present};
use fleetpurge_ledger::{
    Error, ErrorKind, Findings, LastSighting, Ledger, SightingKind, Step, VerificationKind, VerificationRecord,
    VerificationSource,
};

fn source(name: &str) -> VerificationSource {
    VerificationSource {
        kind: VerificationKind::Inventory,
        source: name.to_owned(),
        sha256: Some(SHA.to_owned()),
        listed: Some(7),
    }
}

/// What was found of the rows, before it is kept.
fn findings(place: &Place, found: &[(u64, SightingKind)]) -> Findings {
    let mut findings = Ledger::open(place.address()).unwrap().findings().unwrap();
    for &(row, found) in found {
        let detail = (found == AnotherUid).then_some("line 3");
        findings.add(row, found, detail).unwrap();
    }
    findings
}

fn keep(place: &Place, name: &str, found: &[(u64, SightingKind)]) -> VerificationRecord {
    findings(place, found)
        .keep(place.address(), holder(), source(name))
        .unwrap()
}

/// A plan of 8 devices, of which 1 to 4 are scheduled and 5 and 6 unknown.
async fn asked() -> Place {
    let place = plan(8);
    asked_for(&place).await;
    place
}

async fn asked_for(place: &Place) {
    let run = run(&place.path);
    send(&run.journal(), 1, 1..=4, Scheduled).await;
    send(&run.journal(), 2, 5..=6, Unknown).await;
    run.end(done()).unwrap();
}

fn sightings(place: &Place) -> Vec<Option<LastSighting>> {
    report(&place.path).into_iter().map(|row| row.sighting).collect()
}

/// `gone in 2`, `present in 2, gone in 1`.
fn in_words(sighting: Option<&LastSighting>) -> String {
    let Some(sighting) = sighting else { return String::new() };
    let mut text = format!("{} in {}", sighting.found, sighting.seen_in.verification);
    if let Some(gone) = sighting.last_gone.as_ref().filter(|_| sighting.found != Gone) {
        text.push_str(&format!(", gone in {}", gone.verification));
    }
    text
}

#[tokio::test]
async fn a_verification_is_kept_and_no_outcome_changes_by_it() {
    let place = asked().await;
    let before: Vec<OutcomeKind> = outcomes(&place.path);
    assert_eq!(Ledger::open(place.address()).unwrap().verifications().unwrap(), []);
    assert!(sightings(&place).iter().all(Option::is_none));
    let first = keep(
        &place,
        "fresh.csv",
        &[
            (1, Gone),
            (2, Gone),
            (3, Present),
            (4, AnotherUid),
            (5, NotKnown),
            (6, Gone),
        ],
    );
    assert_eq!(place.files(), ["plan.db"], "one file without a log");
    let counts = [first.gone, first.present, first.another_uid, first.not_known];
    assert_eq!((first.verification, first.looked_for, counts), (1, 6, [3, 1, 1, 1]));
    assert_eq!(first.not_reached(), 0);
    assert_eq!((first.who.as_str(), first.host.as_str()), ("ann", "box"));
    // The second one reaches some of the devices only.
    let second = keep(&place, "later.csv", &[(1, Present), (2, Gone), (3, Gone)]);
    assert_eq!(
        (second.verification, second.looked_for, second.not_reached()),
        (2, 6, 3)
    );
    let ledger = Ledger::open(place.address()).unwrap();
    assert_eq!(ledger.verifications().unwrap(), [first, second]);
    drop(ledger);
    assert_eq!(outcomes(&place.path), before);
    let seen = sightings(&place);
    let words: Vec<String> = seen.iter().map(|sighting| in_words(sighting.as_ref())).collect();
    let expected = [
        "present in 2, gone in 1",
        "gone in 2",
        "gone in 2",
        "another-uid in 1",
        "not-known in 1",
        "gone in 1",
        "",
        "",
    ];
    assert_eq!(words, expected);
    let came_back: Vec<bool> = seen.iter().flatten().map(LastSighting::came_back).collect();
    assert_eq!(came_back, [true, false, false, false, false, false]);
    let row = seen[3].as_ref().unwrap();
    assert_eq!(row.detail.as_deref(), Some("line 3"));
    assert_eq!(
        (row.seen_in.source.as_str(), row.seen_in.kind),
        ("fresh.csv", VerificationKind::Inventory)
    );
}

#[tokio::test]
async fn a_device_that_came_back_stays_so_in_the_next_verification() {
    let place = asked().await;
    for found in [Present, Gone, Present, Present, NotKnown] {
        keep(&place, "fresh.csv", &[(1, found)]);
        let seen = sightings(&place).remove(0).unwrap();
        let number = seen.seen_in.verification;
        assert_eq!(seen.came_back(), found == Present && number > 2, "{number}");
        assert_eq!(seen.last_gone.map(|gone| gone.verification), (number >= 2).then_some(2));
    }
}

#[tokio::test]
async fn the_plan_is_applied_after_a_verification_as_before() {
    let place = asked().await;
    keep(&place, "fresh.csv", &[(1, Gone)]);
    let run = run(&place.path);
    send(&run.journal(), 1, 7..=7, Scheduled).await;
    run.journal().begin(intent(attempt(2), [8])).await.unwrap();
    // A verification during an apply is not kept, and hinders nobody.
    let error = findings(&place, &[(2, Gone)])
        .keep(place.address(), holder(), source("during.csv"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    let crashed = crash(&place);
    drop(run);
    assert_eq!(counts(&crashed.path).scheduled, 5);
    // What the run that died left open is settled; what was found of it stays true.
    let kept = keep(&crashed, "later.csv", &[(8, Gone)]);
    assert_eq!((kept.verification, kept.looked_for), (2, 8));
    assert_eq!(crashed.files(), ["plan.db"]);
    assert_eq!(counts(&crashed.path).unknown, 3);
    let ledger = open(&crashed.path).unwrap();
    assert_eq!(ledger.counts().unwrap().pending, 0);
}

#[tokio::test]
async fn what_belongs_to_an_earlier_state_of_the_plan_is_not_kept() {
    let place = asked().await;
    let found = findings(&place, &[(1, Gone)]);
    // Another verification changes nothing of any device.
    keep(&place, "another.csv", &[(1, Gone)]);
    assert_eq!(
        found
            .keep(place.address(), holder(), source("a.csv"))
            .unwrap()
            .verification,
        2
    );
    let found = findings(&place, &[(1, Gone)]);
    let run = run(&place.path);
    send(&run.journal(), 1, 7..=7, Scheduled).await;
    run.end(done()).unwrap();
    let changed = |found: Findings, place: &Place| {
        let before = std::fs::read(&place.path).unwrap();
        let error = found.keep(place.address(), holder(), source("b.csv")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed);
        assert_eq!(std::fs::read(&place.path).unwrap(), before);
        assert_eq!(place.files(), ["plan.db"]);
    };
    changed(found, &place);
    changed(findings(&asked().await, &[(1, Gone)]), &place);
}

#[tokio::test]
async fn a_row_that_is_not_in_the_plan_or_comes_twice_is_refused() {
    let place = asked().await;
    let mut found = findings(&place, &[]);
    assert!(found.is_empty());
    for row in [0, 9] {
        assert_eq!(found.add(row, Gone, None).unwrap_err().kind(), ErrorKind::Inconsistent);
    }
    assert!(found.is_empty());
    for row in [2, 1, 2] {
        found.add(row, Gone, None).unwrap();
    }
    let error = found.keep(place.address(), holder(), source("a.csv")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inconsistent);
    assert_eq!(Ledger::open(place.address()).unwrap().verifications().unwrap(), []);
    assert_eq!(place.files(), ["plan.db"]);
}

#[tokio::test]
async fn a_plan_that_cannot_be_written_is_as_it_was() {
    let place = asked().await;
    let before = std::fs::read(&place.path).unwrap();
    let refused = |keep: &dyn Fn(Findings) -> Result<VerificationRecord, Error>, kind| {
        let error = keep(findings(&place, &[(1, Gone)])).unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert_eq!(std::fs::read(&place.path).unwrap(), before);
    };
    let simply = |found: Findings| found.keep(place.address(), holder(), source("a.csv"));
    refused(&|found| simply(found.limited_to(1)), ErrorKind::DiskFull);
    let reader = Ledger::open(place.address()).unwrap();
    refused(&simply, ErrorKind::Busy);
    drop(reader);
    let writable = std::fs::metadata(&place.path).unwrap().permissions();
    let mut readonly = writable.clone();
    readonly.set_readonly(true);
    std::fs::set_permissions(&place.path, readonly).unwrap();
    refused(&simply, ErrorKind::ReadOnly);
    std::fs::set_permissions(&place.path, writable).unwrap();
    simply(findings(&place, &[(1, Gone)])).unwrap();
}

/// The doc of `keep` says so: only where the plan was applied meanwhile is it as it was.
#[tokio::test]
async fn what_a_dead_run_left_open_is_settled_even_if_the_verification_is_not_kept() {
    let place = asked().await;
    let run = run(&place.path);
    run.journal().begin(intent(attempt(3), [7])).await.unwrap();
    let crashed = crash(&place);
    drop(run);
    let mut twice = findings(&crashed, &[(1, Gone)]);
    twice.add(1, Gone, None).unwrap();
    let error = twice.keep(crashed.address(), holder(), source("a.csv")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inconsistent);
    assert_eq!(crashed.files(), ["plan.db"], "the log of the dead run is in the plan");
    let ledger = Ledger::open(crashed.address()).unwrap();
    assert_eq!(ledger.verifications().unwrap(), []);
    let settled = ledger.report_rows().unwrap().nth(6).unwrap().unwrap();
    assert_eq!((settled.outcome, settled.at.is_some()), (Unknown, true));
}

/// All of it or nothing, and the plan is whole.
fn assert_whole(place: &Place, committed: bool, what: &str) {
    let ledger = Ledger::open(place.address()).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let kept = ledger.verifications().unwrap();
    assert_eq!(kept.len(), 1 + usize::from(committed), "{what}");
    assert_eq!(ledger.counts().unwrap().scheduled, 4, "{what}");
    drop(ledger);
    // The next ones go on from there.
    assert_eq!(
        keep(place, "next.csv", &[(2, Gone)]).verification,
        kept.len() as u64 + 1,
        "{what}"
    );
    assert_eq!(open(&place.path).unwrap().counts().unwrap().unknown, 2, "{what}");
}

/// Keeps a verification and aborts at a step. Run by the test after it.
#[test]
#[ignore = "a helper process of another test"]
fn die_while_keeping() {
    let place = std::env::var_os("FLEETPURGE_TEST_PLAN").unwrap();
    let last: usize = std::env::var("FLEETPURGE_TEST_STEP").unwrap().parse().unwrap();
    let seen = Mutex::new(0);
    let observer = move |step: Step| {
        let mut seen = seen.lock().unwrap();
        *seen += 1;
        if *seen == last {
            println!("died at {step:?}");
            std::process::abort();
        }
    };
    let mut found = Ledger::open(at(place.as_ref())).unwrap().findings().unwrap();
    for row in 1..=6 {
        found.add(row, Gone, None).unwrap();
    }
    found
        .observed(Arc::new(observer))
        .keep(at(place.as_ref()), holder(), source("fresh.csv"))
        .unwrap();
}

#[tokio::test]
async fn a_process_that_dies_while_it_keeps_a_verification_leaves_all_of_it_or_nothing() {
    let mut deaths = Vec::new();
    for step in 1.. {
        let place = asked().await;
        keep(&place, "first.csv", &[(1, Gone)]);
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["die_while_keeping", "--exact", "--ignored", "--nocapture"])
            .env("FLEETPURGE_TEST_PLAN", &place.path)
            .env("FLEETPURGE_TEST_STEP", step.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let died = said
            .lines()
            .find_map(|line| line.split_once("died at "))
            .map(|(_, step)| step.to_owned());
        let committed = !matches!(died.as_deref(), Some("BeforeWrite" | "BeforeCommit"));
        assert_whole(&place, committed, &format!("{died:?}"));
        match died {
            Some(step) => deaths.push(step),
            None => break,
        }
    }
    assert_eq!(deaths, ["BeforeWrite", "BeforeCommit", "AfterCommit", "Closed"]);
}

#[tokio::test]
async fn what_is_on_the_disk_at_any_step_is_all_of_it_or_nothing() {
    let place = Arc::new(asked().await);
    keep(&place, "first.csv", &[(1, Gone)]);
    let crashes = Arc::new(Mutex::new(Vec::new()));
    let observer = {
        let (place, crashes) = (Arc::clone(&place), Arc::clone(&crashes));
        move |step: Step| {
            let copy = crash(&place);
            let journal = place.beside("-journal");
            if journal.exists() {
                std::fs::copy(journal, copy.beside("-journal")).unwrap();
            }
            crashes.lock().unwrap().push((step, copy));
        }
    };
    findings(&place, &[(1, Present), (5, Gone)])
        .observed(Arc::new(observer))
        .keep(place.address(), holder(), source("fresh.csv"))
        .unwrap();
    let crashes = crashes.lock().unwrap();
    assert_eq!(crashes.len(), 4);
    for (step, copy) in crashes.iter() {
        let committed = !matches!(step, Step::BeforeWrite | Step::BeforeCommit);
        assert_whole(copy, committed, &format!("{step:?}"));
    }
}
