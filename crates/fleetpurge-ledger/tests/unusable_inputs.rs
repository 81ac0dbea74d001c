//! Inputs without one uid that could be that of a device, and rows that are commented out.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind::{Pending, Skipped};
use fleetpurge_ledger::Unmarked;
use fleetpurge_ledger::{
    Conflicts, Draft, FreezeError, FreezeOptions, PlanSettings, PlanSummary, Replace, RowKind, UidValidation,
    UnusableInput,
};

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const NIL: &str = "00000000-0000-0000-0000-000000000000";
const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
const NIL_ID: &str = "000000000000000000000000";

type Input<'a> = &'a [(&'a str, &'a str)];
/// The input, its rows with a uid, the nil ones among them, and whether the columns look swapped.
type Found<'a> = Option<(&'a str, u64, u64, bool)>;

fn freeze_inputs(settings: &PlanSettings, inputs: &[Input<'_>]) -> Result<PlanSummary, FreezeError> {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings.clone(), Replace::Nothing).unwrap();
    for (input, number) in inputs.iter().zip(1..) {
        draft.begin_source(&format!("{number}.csv")).unwrap();
        for ((uid, name), line) in input.iter().zip(2..) {
            draft.push(line, uid, name).unwrap();
        }
        draft.end_source(SHA).unwrap();
    }
    let frozen = draft.freeze(FreezeOptions {
        conflicts: Conflicts::Skip,
        ..FreezeOptions::default()
    });
    assert_eq!(frozen.is_ok(), place.files().contains(&"plan.db".to_owned()));
    frozen
}

fn unfit(settings: &PlanSettings, inputs: &[Input<'_>]) -> Vec<UnusableInput> {
    match freeze_inputs(settings, inputs) {
        Ok(_) => Vec::new(),
        Err(FreezeError::Refused(refused)) => refused.unusable_inputs.clone(),
        Err(FreezeError::Failed(error)) => panic!("{error}"),
    }
}

#[test]
fn an_input_without_one_uid_that_could_be_that_of_a_device_refuses_the_plan() {
    let of = |uid_validation| PlanSettings {
        uid_validation,
        ..settings()
    };
    let (strict, warn) = (of(UidValidation::Strict), of(UidValidation::Warn));
    let permissive = of(UidValidation::Permissive);
    let braced = format!("{{{A}}}");
    let table: &[(&PlanSettings, &[Input<'_>], Found<'_>)] = &[
        (&warn, &[&[("PC-1", "a")]], Some(("1.csv", 1, 0, false))),
        (
            &warn,
            &[&[("PC-1", "a"), ("PC-2", "b"), ("PC-2", "b")]],
            Some(("1.csv", 3, 0, false)),
        ),
        (&warn, &[&[("PC-1", A), ("PC-2", B)]], Some(("1.csv", 2, 0, true))),
        (&warn, &[&[(&braced, "a")]], Some(("1.csv", 1, 0, false))),
        (&warn, &[&[(NIL, "a")]], Some(("1.csv", 1, 1, false))),
        (&warn, &[&[(NIL, "a"), ("PC-2", "b")]], Some(("1.csv", 2, 1, false))),
        (&warn, &[&[("", "x"), ("PC-1", "a")]], Some(("1.csv", 1, 0, false))),
        (&warn, &[&[(A, "a")], &[("PC-1", "a")]], Some(("2.csv", 1, 0, false))),
        (&strict, &[&[("PC-1", "a")]], Some(("1.csv", 1, 0, false))),
        // It says not to look at their form, and a nil uid has the form of one.
        (&permissive, &[&[("PC-1", "a")]], None),
        (&permissive, &[&[(NIL, "a")]], Some(("1.csv", 1, 1, false))),
        (
            &permissive,
            &[&[("{00000000-0000-0000-0000-000000000000}", "a")]],
            Some(("1.csv", 1, 1, false)),
        ),
        (&permissive, &[&[(NIL, "a"), ("PC-2", "b")]], None),
        // One that could be is enough, as is an input without any.
        (&warn, &[&[(A, "a"), ("PC-1", "a")]], None),
        (&warn, &[&[(A, "a"), (NIL, "b")]], None),
        (&warn, &[&[(A, "a")], &[("", "b")], &[]], None),
        (&warn, &[&[(A, "a")], &[(A, "a")]], None),
    ];
    for (settings, inputs, expected) in table {
        let found = unfit(settings, inputs);
        let found = found
            .first()
            .map(|input| (input.source.as_str(), input.rows, input.nil, input.is_swapped));
        assert_eq!(found, *expected, "{:?} {inputs:?}", settings.uid_validation);
    }
    let ubidots = ubidots();
    let found = unfit(&ubidots, &[&[(ID, "a")], &[("pump", ID), ("fan", ID)]]);
    assert_eq!((found.len(), found[0].is_swapped, found[0].first.line), (1, true, 2));
    let found = unfit(&ubidots, &[&[(NIL_ID, "a")]]);
    assert_eq!((found[0].rows, found[0].nil), (1, 1));
    assert_eq!(unfit(&ubidots, &[&[(ID, "")]]), []);
}

#[test]
fn a_refusal_counts_what_stands_in_the_input_and_not_what_is_left_of_it() {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
    protect(&mut draft, "vip");
    draft.begin_source("a.csv").unwrap();
    draft.push(2, A, "vip").unwrap();
    draft.push(3, "PC-2", "b").unwrap();
    draft.end_source(SHA).unwrap();
    let summary = draft.freeze(FreezeOptions::default()).unwrap();
    assert_eq!((summary.plan.to_send(), summary.count(RowKind::Malformed)), (1, 1));
}

#[test]
fn a_row_that_is_commented_out_is_skipped_and_no_other_rule_looks_at_it() {
    for settings in [settings(), ubidots()] {
        let (one, two, three) = match settings.service {
            fleetpurge_ledger::Service::Nexthink => (A, B, "3f333df6-90a4-4fda-8dd3-9485d27cee36"),
            fleetpurge_ledger::Service::Ubidots => (ID, "5f1d7f4e4763e75a1b2c3d4f", "5f1d7f4e4763e75a1b2c3d50"),
        };
        let device = |uid, name| Unmarked { uid, name };
        let place = Place::new();
        let strict = PlanSettings {
            uid_validation: UidValidation::Strict,
            ..settings
        };
        let mut draft = Draft::create(&place.path, strict, Replace::Nothing).unwrap();
        draft
            .push_commented_out(1, three, "a", Unmarked::default())
            .unwrap_err();
        draft.begin_source("a.csv").unwrap();
        // Neither a repeat, nor a conflict, nor malformed, nor a label to be looked up.
        assert_eq!(
            draft
                .push_commented_out(2, three, "#other", device(three, "other"))
                .unwrap(),
            1
        );
        draft.push(3, one, "a").unwrap();
        draft.push_commented_out(4, "#x", "y", device("x", "y")).unwrap();
        draft.push_commented_out(5, "", "#label", device("", "label")).unwrap();
        draft.push_commented_out(6, three, "#z", device(three, "z")).unwrap();
        draft.push(7, two, "b").unwrap();
        draft.end_source(SHA).unwrap();
        assert_eq!(draft.unresolved(), 0);
        let summary = draft.freeze(FreezeOptions::default()).unwrap();
        assert_eq!(
            (
                summary.count(RowKind::CommentedOut),
                summary.plan.skipped,
                summary.plan.to_send()
            ),
            (4, 4, 2)
        );
        assert_eq!(
            (
                summary.count(RowKind::Repeat),
                summary.count(RowKind::Conflict),
                summary.count(RowKind::Malformed)
            ),
            (0, 0, 0)
        );
        let report = report(&place.path);
        let outcomes: Vec<_> = report.iter().map(|row| row.outcome).collect();
        assert_eq!(outcomes, [Skipped, Pending, Skipped, Skipped, Skipped, Pending]);
        assert_eq!(report[0].detail.as_deref(), Some("the row is commented out"));
        assert_eq!(report[0].name, "#other");
    }
}

#[test]
fn an_input_of_comments_alone_has_no_unfit_uid_and_nothing_to_send() {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
    draft.begin_source("a.csv").unwrap();
    draft
        .push_commented_out(2, "#x", "b", Unmarked { uid: "x", name: "b" })
        .unwrap();
    draft.end_source(SHA).unwrap();
    let refused = refused(draft.freeze(FreezeOptions::default()));
    assert!(refused.is_empty() && refused.unusable_inputs.is_empty());
}
