//! How an input becomes a plan, and why it is refused.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind::{self, Pending, Skipped};
use fleetpurge_ledger::{
    Conflicts, Draft, ErrorKind, FreezeError, FreezeOptions, Ledger, PlanSettings, Replace, RowKind, UidValidation,
};

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const A_SHOUTED: &str = "0F8FAD5B-D9CB-469F-A165-70867728950E";
const A_BRACED: &str = "{0f8fad5b-d9cb-469f-a165-70867728950e}";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// How many findings are kept in memory.
const SHOWN: usize = 20;

#[test]
fn each_rule_leaves_out_its_rows_with_the_reason() {
    let place = Place::new();
    let rows = [
        (A, "pc-1"),
        (B, "pc-2"),
        (A_SHOUTED, "pc-1"),
        ("", "pc-4"),
        ("laptop", "\t"),
        (" ", ""),
        ("laptop", "pc-7"),
        ("laptop", "pc-7"),
        ("LAPTOP", "pc-7"),
        (A_BRACED, "pc-1"),
    ];
    let summary = freeze(&place, settings(), &rows, FreezeOptions::default()).unwrap();
    let expected: [(OutcomeKind, Option<&str>); 10] = [
        (Pending, None),
        (Pending, None),
        (Skipped, Some("repeats row 1")),
        (Skipped, Some("the uid is blank")),
        (Skipped, Some("the name is blank")),
        (Skipped, Some("uid and name are blank")),
        (Pending, None),
        (Skipped, Some("repeats row 7")),
        (Pending, None),
        (Skipped, Some("repeats row 1")),
    ];
    let report = report(&place.path);
    for (row, (expected, given)) in report.iter().zip(expected.iter().zip(rows)) {
        assert_eq!((row.outcome, row.detail.as_deref()), *expected, "row {}", row.row);
        assert_eq!((row.uid.as_str(), row.name.as_str()), given, "character for character");
        assert_eq!((row.attempts, row.batch, row.at), (0, None, None));
    }
    assert_eq!(report.len(), 10);
    assert_eq!(
        (summary.plan.planned, summary.plan.skipped, summary.plan.to_send()),
        (10, 6, 4)
    );
    assert_eq!(
        (
            summary.count(RowKind::Repeat),
            summary.count(RowKind::Blank),
            summary.count(RowKind::Malformed)
        ),
        (3, 3, 2)
    );
    assert_eq!(summary.malformed_first[0].uid, "laptop");
    assert_eq!(place.files(), ["plan.db"]);
    assert_eq!(Ledger::open(&place.path).unwrap().plan(), &summary.plan);
}

#[test]
fn a_uid_with_two_names_refuses_the_plan_and_all_of_them_are_listed() {
    let place = Place::new();
    let rows = [
        (A, "pc-1"),
        (B, "pc-2"),
        ("x", "same"),
        (A_SHOUTED, "pc-9"),
        ("x", "same"),
        (B, "PC-2"),
        (A, "pc-1"),
    ];
    let refused = refused(freeze(&place, settings(), &rows, FreezeOptions::default()));
    assert_eq!(refused.conflicts, 2);
    let mut listed = Vec::new();
    refused
        .each_conflict(|conflict, row| {
            listed.push((conflict, row.row, row.line, row.name));
            Ok::<_, fleetpurge_ledger::Error>(())
        })
        .unwrap();
    let expected = [
        (1, 1, "pc-1"),
        (1, 4, "pc-9"),
        (1, 7, "pc-1"),
        (2, 2, "pc-2"),
        (2, 6, "PC-2"),
    ];
    assert_eq!(
        listed,
        expected.map(|(conflict, row, name)| (conflict, row, row + 1, name.to_owned()))
    );
    assert_eq!(refused.conflicts_first.len(), 5);
    assert_eq!(refused.conflicts_first[1].source, "devices.csv");
    assert_eq!(
        refused.to_string(),
        "the plan is refused: 2 uids with more than one name"
    );
    drop(refused);
    assert!(
        place.files().is_empty(),
        "a refused plan leaves nothing: {:?}",
        place.files()
    );
}

#[test]
fn conflicting_rows_are_left_out_when_a_person_says_so() {
    let place = Place::new();
    let rows = [(A, "pc-1"), (B, "pc-2"), (A, "pc-9"), (A, "pc-1"), (A, "")];
    let options = FreezeOptions {
        conflicts: Conflicts::Skip,
        ..FreezeOptions::default()
    };
    let summary = freeze(&place, settings(), &rows, options).unwrap();
    assert_eq!(
        (
            summary.count(RowKind::Conflict),
            summary.count(RowKind::Blank),
            summary.count(RowKind::Repeat)
        ),
        (3, 1, 0)
    );
    assert_eq!(outcomes(&place.path), [Skipped, Pending, Skipped, Skipped, Skipped]);
    assert_eq!(
        report(&place.path)[3].detail.as_deref(),
        Some("conflict: its uid has more than one name, see rows 1 and 3")
    );
}

#[test]
fn a_malformed_uid_is_refused_shown_or_ignored() {
    for (uid_validation, malformed) in [(UidValidation::Warn, 2), (UidValidation::Permissive, 0)] {
        let place = Place::new();
        let settings = PlanSettings {
            uid_validation,
            ..settings()
        };
        let rows = [(A_BRACED, "pc-1"), (B, "pc-2"), ("laptop", "pc-3"), ("laptop", "pc-3")];
        let summary = freeze(&place, settings, &rows, FreezeOptions::default()).unwrap();
        assert_eq!(summary.count(RowKind::Malformed), malformed);
    }
    let strict = PlanSettings {
        uid_validation: UidValidation::Strict,
        ..settings()
    };
    let well_formed = [(A, "pc-1"), (B, "pc-2")];
    let summary = freeze(&Place::new(), strict.clone(), &well_formed, FreezeOptions::default()).unwrap();
    assert_eq!((summary.count(RowKind::Malformed), summary.plan.to_send()), (0, 2));
    let place = Place::new();
    let rows = [
        (A_BRACED, "pc-1"),
        (B, "pc-2"),
        ("laptop", "pc-3"),
        ("laptop", "pc-3"),
        ("nameless", ""),
    ];
    let refused = refused(freeze(&place, strict, &rows, FreezeOptions::default()));
    let mut listed = Vec::new();
    refused
        .each_malformed(|row| {
            listed.push(row.row);
            Ok::<_, fleetpurge_ledger::Error>(())
        })
        .unwrap();
    assert_eq!((refused.malformed, listed), (2, vec![1, 3]));
}

#[test]
fn only_the_first_few_findings_are_kept_but_all_are_counted() {
    let place = Place::new();
    let strict = PlanSettings {
        uid_validation: UidValidation::Strict,
        ..settings()
    };
    let names: Vec<String> = (0..SHOWN + 5).map(|n| format!("pc-{n}")).collect();
    let one_uid = names.iter().map(|name| (A, name.as_str()));
    let malformed = names.iter().map(|name| (name.as_str(), "pc"));
    let rows: Vec<(&str, &str)> = one_uid.chain(malformed).collect();
    let refused = refused(freeze(&place, strict, &rows, FreezeOptions::default()));
    assert_eq!((refused.conflicts, refused.malformed), (1, names.len() as u64));
    assert_eq!(refused.conflicts_first.len(), SHOWN);
    assert_eq!(refused.malformed_first.len(), SHOWN);
    let mut told = [0, 0];
    let count = |place: &mut usize| -> Result<(), fleetpurge_ledger::Error> {
        *place += 1;
        Ok(())
    };
    refused.each_conflict(|_, _| count(&mut told[0])).unwrap();
    refused.each_malformed(|_| count(&mut told[1])).unwrap();
    assert_eq!(told, [names.len(); 2]);
}

#[test]
fn a_plan_is_refused_only_for_what_a_person_has_not_waived() {
    let place = Place::new();
    let capped = PlanSettings {
        max_devices: 1,
        ..settings()
    };
    let rows = [(A, "pc-1"), (A, "pc-2"), (A_BRACED, "pc-3"), ("x", "pc-4"), (B, "pc-5")];
    let options = FreezeOptions {
        conflicts: Conflicts::Skip,
        ..FreezeOptions::default()
    };
    let refused = refused(freeze(&place, capped, &rows, options));
    assert_eq!(
        refused.to_string(),
        "the plan is refused: 2 devices to send, where 1 are allowed"
    );
    assert_eq!((refused.conflicts, refused.conflicts_first.len()), (0, 0));
    assert_eq!((refused.malformed, refused.malformed_first.len()), (0, 0));
}

#[test]
fn the_cap_is_the_last_device_that_may_be_sent() {
    for (max_devices, fits) in [(2, true), (1, false), (u64::MAX, true)] {
        let place = Place::new();
        let settings = PlanSettings {
            max_devices,
            ..settings()
        };
        let rows = [(A, "pc-1"), (B, "pc-2"), (B, "pc-2")];
        match freeze(&place, settings, &rows, FreezeOptions::default()) {
            Ok(summary) => assert!(fits && summary.plan.to_send() == 2),
            Err(FreezeError::Refused(refused)) => {
                assert!(!fits && refused.is_over_cap());
                assert_eq!(
                    refused.to_string(),
                    "the plan is refused: 2 devices to send, where 1 are allowed"
                );
            }
            Err(other) => panic!("{other}"),
        }
        assert_eq!(place.path.exists(), fits);
        assert!(!fits || Ledger::open(&place.path).is_ok());
    }
}

#[test]
fn a_plan_with_nothing_to_send_is_an_error() {
    for rows in [&[][..], &[("", "pc-1")][..]] {
        let place = Place::new();
        let refused = refused(freeze(&place, settings(), rows, FreezeOptions::default()));
        assert!(refused.is_empty());
        assert_eq!(refused.to_string(), "the plan is refused: nothing to send");
    }
}

#[test]
fn protected_devices_stay_whatever_else_is_true_of_them() {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
    draft.begin_source("a.csv").unwrap();
    draft.push(2, A_SHOUTED, "pc-1").unwrap();
    draft.push(3, B, " SERVER-1").unwrap();
    draft.push(4, "laptop", "pc-3").unwrap();
    draft.push(5, A, "pc-1").unwrap();
    draft.end_source(SHA).unwrap();
    for entry in [A_BRACED, "server-1"] {
        protect(&mut draft, entry);
    }
    let summary = draft.freeze(FreezeOptions::default()).unwrap();
    assert_eq!(
        (summary.count(RowKind::Protected), summary.count(RowKind::Repeat)),
        (3, 0)
    );
    assert_eq!(outcomes(&place.path), [Skipped, Skipped, Pending, Skipped]);
    assert_eq!(report(&place.path)[1].detail.as_deref(), Some("protected by keep.txt"));
}

#[test]
fn a_device_protected_under_one_name_does_not_go_under_another() {
    for conflicts in [Conflicts::Refuse, Conflicts::Skip] {
        let place = Place::new();
        let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
        protect(&mut draft, "server-1");
        draft.begin_source("a.csv").unwrap();
        draft.push(2, A, "server-1").unwrap();
        draft.push(3, A, "server-one").unwrap();
        draft.push(4, B, "pc").unwrap();
        draft.end_source(SHA).unwrap();
        let options = FreezeOptions {
            conflicts,
            ..FreezeOptions::default()
        };
        match draft.freeze(options) {
            Ok(_) => assert_eq!(outcomes(&place.path), [Skipped, Skipped, Pending]),
            Err(error) => assert!(conflicts == Conflicts::Refuse && error.to_string().contains("1 uid with")),
        }
    }
}

#[test]
fn rows_are_numbered_over_all_inputs() {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
    for (source, rows) in [("a.csv", 1..3), ("empty.csv", 3..3), ("-", 3..6)] {
        draft.begin_source(source).unwrap();
        for row in rows {
            assert_eq!(draft.push(7, &uid(row), "pc").unwrap(), row);
        }
        draft.end_source(SHA).unwrap();
    }
    let sources = draft.freeze(FreezeOptions::default()).unwrap().plan.sources;
    let seen: Vec<_> = sources.iter().map(|s| (s.name.as_str(), s.first_row, s.rows)).collect();
    assert_eq!(seen, [("a.csv", 1, 2), ("empty.csv", 3, 0), ("-", 3, 3)]);
}

#[test]
fn rows_outside_an_input_are_refused() {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
    assert_eq!(draft.push(1, A, "pc").unwrap_err().kind(), ErrorKind::Inconsistent);
    assert_eq!(draft.end_source(SHA).unwrap_err().kind(), ErrorKind::Inconsistent);
    draft.begin_source("a.csv").unwrap();
    assert_eq!(draft.begin_source("b.csv").unwrap_err().kind(), ErrorKind::Inconsistent);
    draft.push(1, A, "pc").unwrap();
    assert!(draft.freeze(FreezeOptions::default()).is_err());
    assert!(place.files().is_empty());
}

#[test]
fn the_same_input_makes_the_same_digest_only_if_nothing_differs() {
    let digest = |settings: PlanSettings, rows: &[(&str, &str)]| {
        freeze(&Place::new(), settings, rows, FreezeOptions::default())
            .unwrap()
            .plan
            .digest
    };
    let plain = digest(settings(), &[(A, "pc")]);
    assert_eq!(plain.len(), 64);
    assert_ne!(plain, digest(settings(), &[(A, "pc ")]));
    let capped = PlanSettings {
        max_devices: 1,
        ..settings()
    };
    assert_ne!(plain, digest(capped, &[(A, "pc")]));
}

#[tokio::test]
async fn only_a_plan_of_which_nothing_was_sent_is_replaced() {
    let place = plan(3);
    let make = |replace| Draft::create(&place.path, settings(), replace).map(drop);
    assert_eq!(make(Replace::Nothing).unwrap_err().kind(), ErrorKind::Exists);
    make(Replace::UnusedPlan).unwrap();

    let again = |rows: &[(&str, &str)]| {
        let mut draft = Draft::create(&place.path, settings(), Replace::UnusedPlan).unwrap();
        draft.begin_source("b.csv").unwrap();
        for (uid, name) in rows {
            draft.push(1, uid, name).unwrap();
        }
        draft.end_source(SHA).unwrap();
        draft
    };
    again(&[(A, "pc")]).freeze(FreezeOptions::default()).unwrap();
    assert_eq!(counts(&place.path).planned, 1);
    assert_eq!(place.files(), ["plan.db"]);

    // Held while the draft was made.
    let draft = again(&[(A, "pc"), (B, "pc")]);
    let run = run(&place.path);
    let held = draft.freeze(FreezeOptions::default()).unwrap_err();
    assert!(
        matches!(&held, FreezeError::Failed(error) if error.kind() == ErrorKind::Held),
        "{held:?}"
    );
    // Used while the draft was made.
    let draft = again(&[(A, "pc"), (B, "pc")]);
    send(&run.journal(), 1, 1..=1, OutcomeKind::Pending).await;
    run.end(done()).unwrap();
    let used = draft.freeze(FreezeOptions::default()).unwrap_err();
    assert!(
        matches!(&used, FreezeError::Failed(error) if error.kind() == ErrorKind::Exists),
        "{used:?}"
    );
    assert_eq!(make(Replace::UnusedPlan).unwrap_err().kind(), ErrorKind::Exists);
    assert_eq!(counts(&place.path).planned, 1);
}

#[test]
fn nothing_but_a_plan_is_ever_replaced() {
    let place = Place::new();
    let nowhere = Draft::create(place.dir.path().join("no/plan.db"), settings(), Replace::UnusedPlan).unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::NotFound);
    std::fs::write(&place.path, "uid,name\n").unwrap();
    let error = Draft::create(&place.path, settings(), Replace::UnusedPlan).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
    assert_eq!(std::fs::read_to_string(&place.path).unwrap(), "uid,name\n");
    std::fs::write(&place.path, "").unwrap();
    Draft::create(&place.path, settings(), Replace::UnusedPlan).unwrap();
    std::fs::remove_file(&place.path).unwrap();
    std::fs::write(place.beside("-wal"), "of another ledger").unwrap();
    let error = Draft::create(&place.path, settings(), Replace::UnusedPlan).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
}
