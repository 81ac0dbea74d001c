//! A device that is commented out in one row and listed in another.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_ledger::Unmarked;
use fleetpurge_ledger::{Conflicts, Draft, FreezeOptions, PlanSettings, Replace, RowKind, Service};

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

const A_SHOUTED: &str = "0F8FAD5B-D9CB-469F-A165-70867728950E";

const A_BRACED: &str = "{0f8fad5b-d9cb-469f-a165-70867728950e}";

const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

const UID: &str = "3f333df6-90a4-4fda-8dd3-9485d27cee36";

/// The texts of a commented-out row, the same without the mark, and those of rows that are not comments.
type Commented<'a> = ((&'a str, &'a str), (&'a str, &'a str), &'a [(&'a str, &'a str)]);

#[test]
fn a_device_that_is_commented_out_in_one_row_is_not_sent_by_another() {
    const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
    const ID_SHOUTED: &str = "5F1D7F4E4763E75A1B2C3D4E";
    const OTHER: &str = "5f1d7f4e4763e75a1b2c3d4f";
    let shouted = format!("#{A_SHOUTED}");
    let table: [(PlanSettings, Commented<'_>, u64); 14] = [
        (settings(), ((A, "#pc"), (A, "pc"), &[(A, "pc")]), 1),
        (settings(), ((&shouted, "pc"), (A_SHOUTED, "pc"), &[(A, "pc")]), 1),
        (settings(), ((A, "#pc"), (A, "pc"), &[(A_BRACED, "new")]), 1),
        (settings(), ((A, "#pc"), (A, "pc"), &[(A, "pc"), (A_SHOUTED, "pc")]), 1),
        (
            settings(),
            (("#laptop", "pc"), (" laptop ", "pc"), &[("laptop", "pc")]),
            1,
        ),
        // Another device of the same name.
        (settings(), ((B, "#pc"), (B, "pc"), &[(A, "pc")]), 0),
        // The comment has nothing but a name to go by.
        (settings(), (("", "#PC"), ("", " PC"), &[(A, "pc")]), 1),
        (settings(), (("n/a", "#PC"), ("n/a", "PC"), &[(A, "pc")]), 1),
        (settings(), (("", "#"), ("", ""), &[(A, "pc")]), 0),
        // What is left out anyway contradicts nothing.
        (settings(), ((A, "#pc"), (A, "pc"), &[(A, ""), (B, "pc")]), 0),
        (ubidots(), (("#", ""), (ID, ""), &[(ID_SHOUTED, "pump")]), 1),
        (ubidots(), (("", "#pump"), ("", "pump"), &[(ID, ""), (ID, "pump")]), 1),
        (ubidots(), ((OTHER, "#pump"), (OTHER, "pump"), &[(ID, "pump")]), 1),
        (ubidots(), ((OTHER, "#fan"), (OTHER, "fan"), &[(ID, "pump")]), 0),
    ];
    for (settings, (comment, device, rows), found) in table {
        for comment_first in [true, false] {
            let draft = |place: &Place| {
                let mut draft = Draft::create(&place.path, settings.clone(), Replace::Nothing).unwrap();
                let sources = if comment_first { ["keep", "go"] } else { ["go", "keep"] };
                for source in sources {
                    draft.begin_source(source).unwrap();
                    if source == "keep" {
                        let device = Unmarked {
                            uid: device.0,
                            name: device.1,
                        };
                        draft.push_commented_out(9, comment.0, comment.1, device).unwrap();
                    } else {
                        for (line, (uid, name)) in (2..).zip(rows) {
                            draft.push(line, uid, name).unwrap();
                        }
                        // There is something left to send.
                        let other = if settings.service == Service::Ubidots {
                            "5f1d7f4e4763e75a1b2c3d50"
                        } else {
                            UID
                        };
                        draft.push(20, other, "another").unwrap();
                    }
                    draft.end_source(SHA).unwrap();
                }
                draft
            };
            let place = Place::new();
            if found == 0 {
                let summary = draft(&place).freeze(FreezeOptions::default()).unwrap();
                assert_eq!(
                    (summary.count(RowKind::Recalled), summary.count(RowKind::CommentedOut)),
                    (0, 1),
                    "{comment:?} {rows:?}"
                );
                continue;
            }
            let refused = refused(draft(&place).freeze(FreezeOptions::default()));
            assert_eq!(
                (refused.recalled, refused.conflicts),
                (found, 0),
                "{comment:?} {rows:?}"
            );
            assert!(refused.to_string().contains("1 device commented out"), "{refused}");
            let at: Vec<(&str, u64)> = refused
                .recalled_first
                .iter()
                .map(|row| (row.source.as_str(), row.line))
                .collect();
            assert!(
                at.contains(&("keep", 9)) && at.iter().any(|(source, _)| *source == "go"),
                "{at:?}"
            );
            let mut told = Vec::new();
            refused
                .each_recalled(|number, row| {
                    assert_eq!(number, 1);
                    told.push(row);
                    Ok::<(), fleetpurge_ledger::Error>(())
                })
                .unwrap();
            assert_eq!(told, refused.recalled_first);
            drop(refused);
            assert!(place.files().is_empty());
            let skip = FreezeOptions {
                conflicts: Conflicts::Skip,
                ..FreezeOptions::default()
            };
            let summary = draft(&place).freeze(skip).unwrap();
            assert_eq!(
                (summary.count(RowKind::Recalled), summary.plan.to_send()),
                (1, 1),
                "{comment:?} {rows:?}"
            );
            assert!(report(&place.path).iter().any(|row| {
                row.detail
                    .as_deref()
                    .is_some_and(|detail| detail.starts_with("its device is commented out in row "))
            }));
        }
    }
}

#[test]
fn a_conflict_of_a_commented_out_device_is_reported_as_both() {
    let place = Place::new();
    let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
    draft.begin_source("a.csv").unwrap();
    draft.push(2, A, "pc-1").unwrap();
    draft.push(3, A, "pc-2").unwrap();
    let device = Unmarked { uid: A, name: "pc-1" };
    draft.push_commented_out(4, A, "#pc-1", device).unwrap();
    draft.end_source(SHA).unwrap();
    let refused = refused(draft.freeze(FreezeOptions::default()));
    let lines = |rows: &[fleetpurge_ledger::RowAt]| rows.iter().map(|row| row.line).collect::<Vec<_>>();
    assert_eq!((refused.conflicts, refused.recalled), (1, 1));
    assert_eq!(lines(&refused.conflicts_first), [2, 3]);
    assert_eq!(lines(&refused.recalled_first), [2, 3, 4]);
}
