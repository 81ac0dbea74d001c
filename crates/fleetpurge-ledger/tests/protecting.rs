//! Protect lists through the library: what entries match, and what happens to those that match nothing.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind::{Pending, Skipped};
use fleetpurge_ledger::Unmarked;
use fleetpurge_ledger::{
    Conflicts, Draft, FreezeError, FreezeOptions, Listed, PlanSummary, Protected, Replace, RowKind, Service, Unmatched,
    UnmatchedNames, UnmatchedProtect,
};

const ALLOW: FreezeOptions = FreezeOptions {
    conflicts: Conflicts::Refuse,
    unmatched_protect: UnmatchedProtect::Allow,
    unmatched_names: UnmatchedNames::Refuse,
    unmatched_listed: Listed::First,
};

/// Ids with labels.
type Devices<'a> = &'a [(&'a str, &'a str)];

fn both() -> [(Service, Place); 2] {
    [(Service::Nexthink, Place::new()), (Service::Ubidots, Place::new())]
}

/// A draft of devices of these names.
fn named(service: Service, place: &Place, names: &[&str]) -> Draft {
    let ids: Vec<String> = (1..=names.len() as u64)
        .map(|row| {
            if service == Service::Nexthink {
                uid(row)
            } else {
                id(row)
            }
        })
        .collect();
    let rows: Vec<(&str, &str)> = ids.iter().map(String::as_str).zip(names.iter().copied()).collect();
    let settings = if service == Service::Nexthink {
        settings()
    } else {
        ubidots()
    };
    draft(place, settings, &rows).unwrap()
}

fn protect_all(draft: &mut Draft, entries: &[&str]) {
    for (line, entry) in (1..).zip(entries) {
        draft.protect(&protected(entry, line)).unwrap();
    }
}

fn lists(summary: &PlanSummary) -> Vec<(&str, u64, u64)> {
    let lists = &summary.protection.lists;
    lists
        .iter()
        .map(|list| (list.file.as_str(), list.entries, list.rows))
        .collect()
}

#[test]
fn an_entry_that_protects_no_row_refuses_the_plan_unless_it_is_allowed() {
    for options in [FreezeOptions::default(), ALLOW] {
        for (service, place) in both() {
            let mut draft = named(service, &place, &["pc-1", "pc-2", "srv-1"]);
            protect_all(&mut draft, &["PC-1", "pc-1.corp.example", "web-*", "", "srv-*"]);
            let result = draft.freeze(options);
            let protection = match (options.unmatched_protect, result) {
                (UnmatchedProtect::Allow, Ok(summary)) => {
                    assert_eq!(outcomes(&place.path), [Skipped, Pending, Skipped]);
                    summary.protection
                }
                (UnmatchedProtect::Refuse, Err(FreezeError::Refused(refused))) => {
                    assert!(refused.has_unmatched_protect());
                    assert_eq!(
                        refused.to_string(),
                        "the plan is refused: 3 entries of the protect lists match no row"
                    );
                    refused.protection.clone()
                }
                (_, result) => panic!("{result:?}"),
            };
            assert_eq!(protection.unmatched, 3);
            let unmatched: Vec<_> = protection
                .unmatched_first
                .iter()
                .map(|entry| (entry.file.as_str(), entry.line, entry.entry.as_str()))
                .collect();
            assert_eq!(
                unmatched,
                [
                    ("keep.txt", 2, "pc-1.corp.example"),
                    ("keep.txt", 3, "web-*"),
                    ("keep.txt", 4, "")
                ]
            );
            let near = protection.unmatched_first[0].near.as_ref().unwrap();
            assert_eq!(
                (near.row, near.source.as_str(), near.line, near.name.as_str()),
                (1, "devices.csv", 2, "pc-1")
            );
            assert_eq!(protection.unmatched_first[1].near, None);
            let patterns: Vec<_> = protection
                .patterns
                .iter()
                .map(|pattern| {
                    (
                        pattern.line,
                        pattern.pattern.as_str(),
                        pattern.rows,
                        pattern.rows_first.len(),
                    )
                })
                .collect();
            assert_eq!(patterns, [(3, "web-*", 0, 0), (5, "srv-*", 1, 1)]);
        }
    }
}

#[test]
fn every_row_that_an_entry_protects_counts_and_each_list_for_itself() {
    let place = Place::new();
    let (a, b) = (uid(1), uid(2));
    let rows = [
        (a.as_str(), "pc-1"),
        (&a, "pc-1"),
        ("", "pc-2"),
        (&b, "pc-2"),
        ("u", "pc-3"),
        ("v", "gone"),
    ];
    let mut draft = draft(&place, settings(), &rows).unwrap();
    let entries: [(&str, &str, &[&str]); 5] = [
        ("a.txt", "PC-1", &[]),
        ("a.txt", "pc-1", &[]),
        ("b.csv", "nobody", &["pc-2"]),
        ("b.csv", &a, &["renamed"]),
        ("c.txt", "pc-[13]", &[]),
    ];
    for (file, entry, also) in entries {
        draft
            .protect(&Protected {
                also: also.iter().map(|text| (*text).to_owned()).collect(),
                file: file.to_owned(),
                ..protected(entry, 1)
            })
            .unwrap();
    }
    let summary = draft.freeze(FreezeOptions::default()).unwrap();
    assert_eq!(lists(&summary), [("a.txt", 2, 2), ("b.csv", 2, 3), ("c.txt", 1, 3)]);
    assert_eq!(
        (
            summary.count(RowKind::Protected),
            summary.count(RowKind::Blank),
            summary.count(RowKind::Repeat)
        ),
        (4, 1, 0)
    );
    let report = report(&place.path);
    let reasons: Vec<_> = report.iter().map(|row| row.detail.as_deref()).collect();
    let (first, blank) = (Some("protected by a.txt"), Some("the uid is blank"));
    assert_eq!(
        reasons,
        [
            first,
            first,
            blank,
            Some("protected by b.csv"),
            Some("protected by c.txt"),
            None
        ]
    );
}

#[test]
fn an_entry_that_matches_only_skipped_rows_protects_nothing() {
    let (a, b) = (uid(1), uid(2));
    for entry in [&a, "pc-1", "PC-?", "pc-2 ", &b.to_uppercase()] {
        for commented in [false, true] {
            let place = Place::new();
            let mut draft = Draft::create(&place.path, settings(), Replace::Nothing).unwrap();
            draft.begin_source("devices.csv").unwrap();
            if commented {
                for (line, uid, name) in [(2, &a, "pc-1"), (3, &b, "pc-2")] {
                    draft
                        .push_commented_out(line, uid, name, Unmarked { uid, name })
                        .unwrap();
                }
            } else {
                for (line, uid, name) in [(2, "", "pc-1"), (3, a.as_str(), " "), (4, " ", "pc-2"), (5, &b, "")] {
                    draft.push(line, uid, name).unwrap();
                }
            }
            draft.push(6, &uid(3), "pc-1.corp.example").unwrap();
            draft.end_source("").unwrap();
            draft.protect(&protected(entry, 1)).unwrap();
            let refused = refused(draft.freeze(FreezeOptions::default()));
            let protection = &refused.protection;
            assert_eq!((protection.unmatched, protection.lists[0].rows), (1, 0), "{entry}");
            let unmatched = &protection.unmatched_first[0];
            assert_eq!(unmatched.why, Unmatched::OnlySkippedRows, "{entry}");
            let near = unmatched.near.as_ref().map(|row| row.line);
            assert_eq!(near, (entry == "pc-1").then_some(6), "{entry}");
            assert!(protection.patterns.iter().all(|pattern| pattern.rows == 0));
        }
    }
    // A row whose label leads to no device protects none.
    let place = Place::new();
    let mut draft = draft(&place, ubidots(), &[("", "pump-1"), ("", "pump-2")]).unwrap();
    protect_all(&mut draft, &["pump-1"]);
    let mut resolution = draft.resolve_labels().unwrap();
    resolution.device(&id(2), "pump-2").unwrap();
    resolution.finish().unwrap();
    let refused = refused(draft.freeze(FreezeOptions::default()));
    assert_eq!(refused.protection.unmatched_first[0].why, Unmatched::OnlySkippedRows);
}

#[test]
fn an_entry_that_names_no_device_protects_nothing_whatever_its_text() {
    for (service, place) in both() {
        let mut draft = named(service, &place, &["pc-1", "pc-2"]);
        draft.protect_unnamed("keep.csv", 3, "pc-1").unwrap();
        let refused = refused(draft.freeze(FreezeOptions::default()));
        let protection = &refused.protection;
        assert_eq!((protection.unmatched, protection.lists[0].rows), (1, 0));
        let entry = &protection.unmatched_first[0];
        assert_eq!(
            (entry.line, entry.entry.as_str(), entry.why),
            (3, "pc-1", Unmatched::Unnamed)
        );
        // A row of that name is no hint: the entry may be right in it.
        assert_eq!(entry.near, None);
    }
}

#[test]
fn entries_with_one_skeleton_have_the_same_hint() {
    let place = Place::new();
    let mut draft = named(Service::Nexthink, &place, &["x", "pc-1", "PC_1"]);
    protect_all(&mut draft, &["pc-1.a", "pc-1.b", r"a\pc-1", "y.a"]);
    let refused = refused(draft.freeze(FreezeOptions::default()));
    let near: Vec<Option<u64>> = refused
        .protection
        .unmatched_first
        .iter()
        .map(|entry| entry.near.as_ref().map(|row| row.row))
        .collect();
    assert_eq!(near, [Some(2), Some(2), Some(2), None]);
}

#[test]
fn rows_of_a_conflict_match_their_entries() {
    let place = Place::new();
    let a = uid(1);
    let mut draft = draft(&place, settings(), &[(&a, "pc-1"), (&a, "pc-2"), ("u", "pc-3")]).unwrap();
    protect_all(&mut draft, &["pc-2"]);
    let options = FreezeOptions {
        conflicts: Conflicts::Skip,
        ..FreezeOptions::default()
    };
    let summary = draft.freeze(options).unwrap();
    assert_eq!(lists(&summary), [("keep.txt", 1, 1)]);
    assert_eq!(
        (summary.count(RowKind::Protected), summary.count(RowKind::Conflict)),
        (0, 2)
    );
}

#[test]
fn a_pattern_over_labels_protects_the_rows_that_name_the_devices_by_id() {
    let (a, b, c) = (id(0xa), id(0xb), id(0xc));
    for entry in ["PUMP-*", "~pump-?", "[pq]ump-1"] {
        // Only the account knows the label, or another row of the list does.
        let cases: [(Devices<'_>, Devices<'_>); 3] = [
            (&[(&a, ""), (&b, "")], &[(&a, "pump-1"), (&b, "fan"), (&c, "pump-3")]),
            (&[(&a, "old"), (&b, "")], &[(&a, "Pump-1"), (&b, "fan")]),
            (&[(&a, ""), (&b, ""), (&a, "pump-1")], &[]),
        ];
        for (rows, account) in cases {
            let place = Place::new();
            let mut draft = draft(&place, ubidots(), rows).unwrap();
            protect_all(&mut draft, &[entry]);
            assert_eq!(draft.maybe_protected().unwrap(), rows.len() as u64);
            if !account.is_empty() {
                let mut resolution = draft.resolve_labels().unwrap();
                for (id, label) in account {
                    resolution.device(id, label).unwrap();
                }
                resolution.finish().unwrap();
            }
            let summary = draft.freeze(FreezeOptions::default()).unwrap();
            assert_eq!(outcomes(&place.path)[..2], [Skipped, Pending], "{entry} {rows:?}");
            assert_eq!(summary.protection.unmatched, 0);
        }
    }
}

#[test]
fn a_blank_row_has_nothing_that_a_pattern_could_protect() {
    for (service, place) in both() {
        let settings = if service == Service::Nexthink {
            settings()
        } else {
            ubidots()
        };
        let uid = if service == Service::Nexthink { uid(1) } else { id(1) };
        let mut draft = draft(&place, settings, &[("", " "), (&uid, "pc")]).unwrap();
        protect_all(&mut draft, &["??"]);
        let summary = draft.freeze(FreezeOptions::default());
        let refused = refused(summary);
        assert_eq!((refused.protection.lists[0].rows, refused.is_empty()), (1, true));
    }
}

#[test]
fn an_open_bracket_is_a_name_if_a_row_has_it_and_refuses_the_plan_if_none_has() {
    for (service, place) in both() {
        let mut draft = named(service, &place, &["PC[1", "pc-2"]);
        protect_all(&mut draft, &["pc[1"]);
        assert_eq!(
            draft
                .freeze(FreezeOptions::default())
                .unwrap()
                .count(RowKind::Protected),
            1
        );
    }
    for (service, place) in both() {
        let mut draft = named(service, &place, &["pc-1", "pc-2"]);
        protect_all(&mut draft, &["pc-1", "pc-[2"]);
        let refused = refused(draft.freeze(ALLOW));
        assert_eq!(
            (refused.protection.unmatched, refused.protection.invalid_patterns),
            (0, 1)
        );
        assert!(!refused.has_unmatched_protect());
        let mut lines = Vec::new();
        refused
            .each_invalid_pattern(|entry| {
                lines.push((entry.line, entry.entry));
                Ok::<_, fleetpurge_ledger::Error>(())
            })
            .unwrap();
        assert_eq!(lines, [(2, "pc-[2".to_owned())]);
        assert!(place.files().iter().all(|file| file != "plan.db"));
    }
}

#[test]
fn a_comment_is_not_part_of_the_entry_but_a_device_of_that_name_stays() {
    let place = Place::new();
    let mut draft = named(Service::Nexthink, &place, &["pc-1", "PC-1 # boss", "pc-3"]);
    let with_comment = Protected {
        whole: vec!["pc-1 # BOSS".to_owned()],
        ..protected("pc-1", 1)
    };
    draft.protect(&with_comment).unwrap();
    draft.freeze(FreezeOptions::default()).unwrap();
    assert_eq!(outcomes(&place.path), [Skipped, Skipped, Pending]);

    // An id with a comment is an id: nobody has to ask the account.
    let place = Place::new();
    let mut draft = named(Service::Ubidots, &place, &["pump", "fan"]);
    let with_comment = Protected {
        whole: vec![format!("{} # [the pump", id(1))],
        ..protected(&id(1), 1)
    };
    draft.protect(&with_comment).unwrap();
    assert_eq!(draft.maybe_protected().unwrap(), 0);
    assert_eq!(
        draft
            .freeze(FreezeOptions::default())
            .unwrap()
            .count(RowKind::Protected),
        1
    );
}

#[test]
fn all_unmatched_entries_are_listed_however_many_they_are() {
    let place = Place::new();
    let mut draft = named(Service::Nexthink, &place, &["pc-1", "pc-2"]);
    for line in 1..=3000 {
        draft.protect(&protected(&format!("nobody-{line}"), line)).unwrap();
    }
    let refused = refused(draft.freeze(FreezeOptions::default()));
    assert_eq!(
        (refused.protection.unmatched, refused.protection.unmatched_first.len()),
        (3000, 20)
    );
    let mut listed = 0;
    refused
        .each_unmatched(|entry| {
            listed += 1;
            assert_eq!((entry.line, entry.entry), (listed, format!("nobody-{listed}")));
            Ok::<_, fleetpurge_ledger::Error>(())
        })
        .unwrap();
    assert_eq!(listed, 3000);

    // A plan that is made lists them, too, if asked to.
    for (listed, count) in [(Listed::First, 20), (Listed::All, 3000)] {
        let place = Place::new();
        let mut draft = named(Service::Nexthink, &place, &["pc-1", "pc-2"]);
        for line in 1..=3000 {
            draft.protect(&protected(&format!("nobody-{line}"), line)).unwrap();
        }
        let options = FreezeOptions {
            unmatched_names: UnmatchedNames::Refuse,
            unmatched_listed: listed,
            ..ALLOW
        };
        let protection = draft.freeze(options).unwrap().protection;
        assert_eq!((protection.unmatched, protection.unmatched_first.len()), (3000, count));
    }
}

#[test]
fn without_a_list_there_is_nothing_to_tell() {
    let place = Place::new();
    let summary = named(Service::Nexthink, &place, &["pc-1"])
        .freeze(FreezeOptions::default())
        .unwrap();
    assert_eq!(summary.protection, fleetpurge_ledger::Protection::default());
}
