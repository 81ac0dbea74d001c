//! How a list of Ubidots devices becomes a plan: by id, and by label once that is resolved.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind::{self, Pending, Scheduled, Skipped};
use fleetpurge_ledger::{
    Conflicts, Draft, Error, ErrorKind, FreezeError, FreezeOptions, Ledger, PlanSettings, PlanSummary, Resolved,
    RowKind, Selection, Service, UidValidation, UnmatchedNames, UnmatchedProtect,
};

const SKIP: FreezeOptions = FreezeOptions {
    conflicts: Conflicts::Skip,
    unmatched_protect: UnmatchedProtect::Refuse,
    unmatched_names: UnmatchedNames::Refuse,
    unmatched_listed: fleetpurge_ledger::Listed::First,
};

/// Tells a draft the devices of an account.
fn resolve(draft: &mut Draft, account: &[(&str, &str)]) -> Resolved {
    let mut resolution = draft.resolve_labels().unwrap();
    for (id, label) in account {
        resolution.device(id, label).unwrap();
    }
    resolution.finish().unwrap()
}

fn plan_of(
    place: &Place,
    rows: &[(&str, &str)],
    account: &[(&str, &str)],
    options: FreezeOptions,
) -> Result<PlanSummary, FreezeError> {
    let mut draft = draft(place, ubidots(), rows).unwrap();
    resolve(&mut draft, account);
    draft.freeze(options)
}

/// Each row as the plan has it: id, label, and why it is left out.
fn planned(place: &Place) -> Vec<(String, String, Option<String>)> {
    let report = report(&place.path);
    for row in &report {
        assert_eq!(row.outcome == Skipped, row.detail.is_some(), "row {}", row.row);
    }
    report.into_iter().map(|row| (row.uid, row.name, row.detail)).collect()
}

#[track_caller]
fn assert_planned(place: &Place, expected: &[(&str, &str, Option<&str>)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(id, label, reason)| ((*id).to_owned(), (*label).to_owned(), reason.map(str::to_owned)))
        .collect();
    assert_eq!(planned(place), expected);
}

#[track_caller]
fn assert_unfit<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Inconsistent);
}

#[test]
fn each_rule_leaves_out_its_rows_with_the_reason() {
    let place = Place::new();
    let (a, b) = (id(0xa), id(0xb));
    let shouted = a.to_uppercase();
    let rows = [
        (a.as_str(), "pump"),
        (&shouted, "pump"),
        (&shouted, ""),
        ("", ""),
        ("\t", " "),
        (&b, ""),
        (&b, "valve"),
        (&b, "valve"),
    ];
    let summary = freeze(&place, ubidots(), &rows, FreezeOptions::default()).unwrap();
    assert_planned(
        &place,
        &[
            (&a, "pump", None),
            (&shouted, "pump", Some("repeats row 1")),
            (&shouted, "", Some("repeats row 1")),
            ("", "", Some("id and label are blank")),
            ("\t", " ", Some("id and label are blank")),
            (&b, "", None),
            (&b, "valve", Some("repeats row 6")),
            (&b, "valve", Some("repeats row 6")),
        ],
    );
    assert_eq!(
        (
            summary.count(RowKind::Repeat),
            summary.count(RowKind::Blank),
            summary.count(RowKind::Malformed)
        ),
        (4, 2, 0)
    );
    assert_eq!((summary.plan.skipped, summary.plan.to_send()), (6, 2));
}

#[test]
fn an_id_with_two_labels_is_a_conflict_and_one_without_a_label_is_not() {
    let (a, b) = (id(0xa), id(0xb));
    let shouted = a.to_uppercase();
    let rows = [
        (a.as_str(), ""),
        (&a, "pump"),
        (&b, "valve"),
        (&shouted, "Pump"),
        ("", ""),
    ];
    let place = Place::new();
    let refused = refused(freeze(&place, ubidots(), &rows, FreezeOptions::default()));
    assert_eq!(
        refused.to_string(),
        "the plan is refused: 1 id with more than one label"
    );
    let mut listed = Vec::new();
    refused
        .each_conflict(|conflict, row| {
            listed.push((conflict, row.row));
            Ok::<_, Error>(())
        })
        .unwrap();
    assert_eq!(listed, [(1, 1), (1, 2), (1, 4)]);
    assert_eq!(refused.conflicts_first.len(), 3);

    let place = Place::new();
    let summary = freeze(&place, ubidots(), &rows, SKIP).unwrap();
    let reason = Some("conflict: its id has more than one label, see rows 2 and 4");
    assert_planned(
        &place,
        &[
            (&a, "", reason),
            (&a, "pump", reason),
            (&b, "valve", None),
            (&shouted, "Pump", reason),
            ("", "", Some("id and label are blank")),
        ],
    );
    assert_eq!(
        (summary.count(RowKind::Conflict), summary.count(RowKind::Blank)),
        (3, 1)
    );
}

#[test]
fn a_malformed_id_refuses_the_plan_whatever_the_validation() {
    for uid_validation in [UidValidation::Strict, UidValidation::Warn, UidValidation::Permissive] {
        let place = Place::new();
        let settings = PlanSettings {
            uid_validation,
            ..ubidots()
        };
        let good = id(1);
        let rows = [
            (good.as_str(), "pump"),
            ("~pump", ""),
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "valve"),
            (&good[1..], "pump"),
        ];
        let refused = refused(freeze(&place, settings, &rows, FreezeOptions::default()));
        assert_eq!(refused.to_string(), "the plan is refused: 3 ids malformed");
        let mut listed = Vec::new();
        refused
            .each_malformed(|row| {
                listed.push(row.row);
                Ok::<_, Error>(())
            })
            .unwrap();
        assert_eq!(listed, [2, 3, 4]);
        assert_eq!(refused.malformed_first.len(), 3);
        drop(refused);
        assert!(place.files().is_empty());
    }
}

#[test]
fn a_device_given_by_label_is_planned_by_its_id() {
    let place = Place::new();
    let (a, b, c) = (id(0xa), id(0xb), id(0xc));
    let rows = [
        (a.as_str(), "pump"),
        ("", "valve"),
        (" ", "pump"),
        ("", "gone"),
        ("", "Valve"),
    ];
    let account = [(a.as_str(), "pump"), (&b, "valve"), (&c, "boiler")];
    let mut draft = draft(&place, ubidots(), &rows).unwrap();
    assert_eq!(draft.unresolved(), 4);
    let expected = Resolved {
        found: 2,
        unknown: 2,
        ambiguous: 0,
    };
    assert_eq!(resolve(&mut draft, &account), expected);
    assert_eq!(draft.unresolved(), 0);
    let summary = draft.freeze(FreezeOptions::default()).unwrap();
    assert_planned(
        &place,
        &[
            (&a, "pump", None),
            (&b, "valve", None),
            (&a, "pump", Some("repeats row 1")),
            (
                "",
                "gone",
                Some("the list of the account shows no device with the label"),
            ),
            // Labels are the same character for character only.
            (
                "",
                "Valve",
                Some("the list of the account shows no device with the label"),
            ),
        ],
    );
    assert_eq!(
        (
            summary.count(RowKind::UnknownLabel),
            summary.count(RowKind::AmbiguousLabel),
            summary.count(RowKind::Repeat)
        ),
        (2, 0, 1)
    );
    assert_eq!(summary.plan.skipped, 3);
}

#[test]
fn a_label_that_two_devices_have_refuses_the_plan_or_is_left_out() {
    let (a, b, c, d) = (id(0xa), id(0xb), id(0xc), id(0xd));
    let rows = [
        ("", "valve"),
        ("", "pump"),
        (d.as_str(), "pump"),
        ("", "pump"),
        ("", "valve"),
        ("", "fan"),
    ];
    let account = [
        (b.as_str(), "pump"),
        (&a, "pump"),
        (&c, "valve"),
        (&d, "fan"),
        (&c, "valve"),
        (&a, "valve"),
    ];
    let place = Place::new();
    let refused = refused(plan_of(&place, &rows, &account, FreezeOptions::default()));
    assert_eq!((refused.ambiguous_labels, refused.is_empty()), (2, false));
    assert_eq!(
        refused.to_string(),
        "the plan is refused: 1 id with more than one label, 2 labels of more than one device",
        "d is named pump and fan"
    );
    let mut listed = Vec::new();
    refused
        .each_ambiguous(|label, found| {
            listed.push((label, found.row.row, found.row.name, found.ids));
            Ok::<_, Error>(())
        })
        .unwrap();
    let (valve, pump) = (vec![a.clone(), c.clone()], vec![a.clone(), b.clone()]);
    let expected = [
        (1, 1, "valve", &valve),
        (1, 5, "valve", &valve),
        (2, 2, "pump", &pump),
        (2, 4, "pump", &pump),
    ];
    assert_eq!(
        listed,
        expected.map(|(label, row, name, ids)| (label, row, name.to_owned(), ids.clone()))
    );
    assert_eq!(refused.ambiguous_first.len(), 4);
    assert_eq!(refused.ambiguous_first[1].row.line, 6);
    drop(refused);
    assert!(place.files().is_empty());

    let place = Place::new();
    let rows = [("", "valve"), ("", "pump"), (d.as_str(), "")];
    let mut draft = draft(&place, ubidots(), &rows).unwrap();
    let expected = Resolved {
        ambiguous: 2,
        ..Resolved::default()
    };
    assert_eq!(resolve(&mut draft, &account), expected);
    let summary = draft.freeze(SKIP).unwrap();
    let reason = |one: &str, other: &str| {
        Some(format!(
            "ambiguous: more than one device has the label, {one} and {other} among them"
        ))
    };
    assert_planned(
        &place,
        &[
            ("", "valve", reason(&a, &c).as_deref()),
            ("", "pump", reason(&a, &b).as_deref()),
            (&d, "", None),
        ],
    );
    assert_eq!(
        (
            summary.count(RowKind::AmbiguousLabel),
            summary.count(RowKind::UnknownLabel),
            summary.count(RowKind::Conflict)
        ),
        (2, 0, 0)
    );
}

#[test]
fn an_ambiguous_label_alone_refuses_the_plan_whatever_else_there_is_to_send() {
    let (a, b, c) = (id(0xa), id(0xb), id(0xc));
    for rows in [&[("", "pump")][..], &[("", "pump"), (c.as_str(), "")]] {
        let place = Place::new();
        let account = [(a.as_str(), "pump"), (&b, "pump")];
        let refused = refused(plan_of(&place, rows, &account, FreezeOptions::default()));
        assert_eq!((refused.ambiguous_labels, refused.is_empty()), (1, false));
        assert_eq!(
            refused.to_string(),
            "the plan is refused: 1 label of more than one device"
        );
    }
}

#[test]
fn a_device_that_is_listed_twice_counts_once_in_either_case_of_its_id() {
    let place = Place::new();
    let a = id(0xa);
    let account = [(a.as_str(), "pump"), (&a.to_uppercase(), "pump"), (&a, "pump")];
    plan_of(&place, &[("", "pump")], &account, FreezeOptions::default()).unwrap();
    assert_planned(&place, &[(&a, "pump", None)]);
}

#[test]
fn only_a_few_of_the_ids_of_an_ambiguous_label_are_shown() {
    let place = Place::new();
    let mut draft = draft(&place, ubidots(), &[("", "pump")]).unwrap();
    let mut resolution = draft.resolve_labels().unwrap();
    for device in 0..100 {
        resolution.device(&id(device), "pump").unwrap();
    }
    resolution.finish().unwrap();
    let refused = refused(draft.freeze(FreezeOptions::default()));
    assert_eq!(refused.ambiguous_first[0].ids.len(), fleetpurge_ledger::FINDINGS_SHOWN);
}

#[test]
fn nothing_is_frozen_before_its_labels_are_resolved() {
    let (a, b) = (id(0xa), id(0xb));
    let rows = [(a.as_str(), "pump"), ("", "valve")];
    let unfit = |draft: Draft| match draft.freeze(SKIP) {
        Err(FreezeError::Failed(error)) => assert_eq!(error.kind(), ErrorKind::Inconsistent),
        other => panic!("{other:?}"),
    };
    let place = Place::new();
    unfit(draft(&place, ubidots(), &rows).unwrap());

    // A listing that failed half way has resolved nothing, and may be begun again.
    let mut half = draft(&place, ubidots(), &rows).unwrap();
    half.resolve_labels().unwrap().device(&a, "valve").unwrap();
    assert_eq!(half.unresolved(), 1);
    unfit(half);
    assert!(place.files().is_empty());

    let mut again = draft(&place, ubidots(), &rows).unwrap();
    again.resolve_labels().unwrap().device(&a, "valve").unwrap();
    resolve(&mut again, &[(&b, "valve")]);
    again.freeze(FreezeOptions::default()).unwrap();
    assert_planned(&place, &[(&a, "pump", None), (&b, "valve", None)]);
}

#[test]
fn what_would_go_unresolved_is_refused() {
    let place = Place::new();
    let a = id(0xa);
    let mut open = Draft::create(&place.path, ubidots(), fleetpurge_ledger::Replace::Nothing).unwrap();
    open.begin_source("a.csv").unwrap();
    assert_unfit(open.resolve_labels().map(drop));

    let mut draft = draft(&place, ubidots(), &[("", "pump")]).unwrap();
    assert_unfit(draft.resolve_labels().unwrap().device(" ", "pump"));
    resolve(&mut draft, &[(&a, "pump")]);
    assert_unfit(draft.resolve_labels().map(drop));
    assert_unfit(draft.protect(&protected("pump", 1)));
    draft.begin_source("b.csv").unwrap();
    assert_unfit(draft.push(2, "", "valve"));
    draft.push(2, &id(0xb), "valve").unwrap();
    draft.end_source(SHA).unwrap();
    assert_eq!(draft.freeze(FreezeOptions::default()).unwrap().plan.to_send(), 2);

    let mut nexthink = common::draft(&Place::new(), settings(), &[("", "pc-1")]).unwrap();
    assert_eq!(nexthink.unresolved(), 0);
    assert_unfit(nexthink.resolve_labels().map(drop));
}

#[test]
fn a_protected_device_stays_however_it_is_named() {
    let (a, b, c) = (id(0xa), id(0xb), id(0xc));
    let shouted = a.to_uppercase();
    let account = [(a.as_str(), "pump"), (&b, "valve"), (&c, "fan")];
    let rows = [(a.as_str(), ""), (&shouted, "pump"), ("", "pump"), (&b, "valve")];
    for entry in [a.as_str(), &shouted, " PUMP ", "~pump", &format!("{{\"id\":\"{a}\"}}")] {
        let place = Place::new();
        let mut draft = draft(&place, ubidots(), &rows).unwrap();
        protect(&mut draft, entry);
        resolve(&mut draft, &account);
        let summary = draft.freeze(FreezeOptions::default()).unwrap();
        assert_eq!(outcomes(&place.path), [Skipped, Skipped, Skipped, Pending], "{entry}");
        assert_eq!(
            (summary.count(RowKind::Protected), summary.count(RowKind::Repeat)),
            (3, 0)
        );
    }
}

#[test]
fn with_protected_labels_every_planned_id_is_listed_with_its_label_or_as_absent() {
    let (a, b, c, d) = (id(0xa), id(0xb), id(0xc), id(0xd));
    let rows = [
        (a.to_uppercase(), ""),
        (b.clone(), "valve"),
        (c.clone(), ""),
        (d.clone(), ""),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(id, label)| (id.as_str(), *label)).collect();
    for entry in ["pump", "~pump", "p*"] {
        let place = Place::new();
        let mut draft = draft(&place, ubidots(), &rows).unwrap();
        protect(&mut draft, entry);
        // What a list already protects needs no label.
        protect(&mut draft, "VALVE");
        protect(&mut draft, &d.to_uppercase());
        for _ in 0..2 {
            let mut half = draft.resolve_labels().unwrap();
            assert_eq!(half.undecided("", 9).unwrap(), [a.as_str(), &c], "{entry}");
            assert_eq!(half.undecided("", 1).unwrap(), [a.as_str()]);
            assert_eq!(half.undecided(&a, 9).unwrap(), [c.as_str()]);
            for none in ["", " ", "\u{200b}"] {
                half.device(&a, none).unwrap();
            }
            half.absent(&c.to_uppercase()).unwrap();
            assert_eq!(half.undecided_count().unwrap(), 1);
            assert_unfit(half.finish());
        }
        let mut whole = draft.resolve_labels().unwrap();
        whole.device(&a, "Pump").unwrap();
        whole.absent(&c).unwrap();
        whole.finish().unwrap();
        draft.freeze(FreezeOptions::default()).unwrap();
        assert_eq!(outcomes(&place.path), [Skipped, Skipped, Pending, Skipped], "{entry}");
    }
    // Where no list names a label, nothing is undecided.
    let mut by_id = draft(&Place::new(), ubidots(), &rows).unwrap();
    protect(&mut by_id, &d);
    let resolution = by_id.resolve_labels().unwrap();
    assert_eq!(resolution.undecided("", 9).unwrap(), [""; 0]);
    resolution.finish().unwrap();
}

#[test]
fn a_label_protects_the_rows_that_name_its_device_by_id() {
    let (a, b) = (id(0xa), id(0xb));
    // Another row of the list says what the device is called.
    let place = Place::new();
    let rows = [(a.as_str(), ""), (&a, "pump"), (&b, "")];
    let mut by_row = draft(&place, ubidots(), &rows).unwrap();
    protect(&mut by_row, "pump");
    // A label that stands in a row may have been changed since: only the account knows.
    assert_eq!(by_row.maybe_protected().unwrap(), 3);
    by_row.freeze(FreezeOptions::default()).unwrap();
    assert_eq!(outcomes(&place.path), [Skipped, Skipped, Pending]);

    // Only the account does, also where the list has an old label.
    let place = Place::new();
    let mut by_account = draft(&place, ubidots(), &[(a.as_str(), ""), (&b, ""), (&id(0xc), "old")]).unwrap();
    protect(&mut by_account, "Pump");
    protect(&mut by_account, "new");
    resolve(
        &mut by_account,
        &[(&a.to_uppercase(), "pump"), (&b, "valve"), (&id(0xc), "new")],
    );
    assert_eq!(by_account.maybe_protected().unwrap(), 0);
    by_account.freeze(FreezeOptions::default()).unwrap();
    assert_eq!(outcomes(&place.path), [Skipped, Pending, Skipped]);

    // A list of ids leaves no doubt.
    let mut by_id = draft(&Place::new(), ubidots(), &rows).unwrap();
    assert_eq!(by_id.maybe_protected().unwrap(), 0);
    protect(&mut by_id, &b.to_uppercase());
    assert_eq!(by_id.maybe_protected().unwrap(), 0);
}

#[tokio::test]
async fn a_plan_of_resolved_labels_is_opened_applied_and_reported_like_any_other() {
    let place = Place::new();
    let (a, b) = (id(0xa), id(0xb));
    let rows = [("", "valve"), (a.as_str(), "pump"), ("", "gone"), ("", "")];
    let summary = plan_of(&place, &rows, &[(&b, "valve")], FreezeOptions::default()).unwrap();
    assert_eq!(place.files(), ["plan.db"]);
    let ledger = Ledger::open(&place.path).unwrap();
    assert_eq!(ledger.plan(), &summary.plan);
    assert_eq!(ledger.plan().settings.service, Service::Ubidots);
    drop(ledger);

    let run = run(&place.path);
    let selected: Vec<_> = run
        .select(&Selection::default())
        .unwrap()
        .map(|selected| {
            selected
                .map(|selected| (selected.row, selected.uid, selected.name))
                .unwrap()
        })
        .collect();
    assert_eq!(selected, [(1, b, "valve".to_owned()), (2, a, "pump".to_owned())]);
    send(&run.journal(), 1, 1..=2, Scheduled).await;
    run.end(done()).unwrap();
    let expected: [OutcomeKind; 4] = [Scheduled, Scheduled, Skipped, Skipped];
    assert_eq!(outcomes(&place.path), expected);
}
