//! Compares a fresh inventory with a plan in a file.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::*;
use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Doubt, Origin, Overlap, Sighting, Survey};
use fleetpurge_ledger::{FreezeOptions, Ledger};

/// Devices that are looked for, by their row, and what the inventory says of each; and what the inventory is.
fn compare(ledger: &Ledger, rows: &[(&str, &str)]) -> (Survey, Vec<(u64, Sighting)>) {
    let mut inventory = ledger.inventory().unwrap();
    for (line, (uid, name)) in (2..).zip(rows) {
        inventory.row(line, uid, name).unwrap();
    }
    let comparison = inventory.finish(Origin::default()).unwrap();
    let sightings = comparison.sightings().unwrap();
    let sightings = sightings.map(|sighting| sighting.unwrap());
    let found = sightings.map(|(row, sighting)| (row.row, sighting)).collect();
    (comparison.survey().clone(), found)
}

/// Sends these rows, each in a batch of its own.
async fn settle_rows(place: &Place, rows: &[(u64, OutcomeKind)]) {
    let run = run(&place.path);
    let journal = run.journal();
    for &(row, kind) in rows {
        send(&journal, row, row..=row, kind).await;
    }
    run.end(done()).unwrap();
}

/// The lines of other devices of the same name.
fn in_words(found: &[(u64, Sighting)]) -> String {
    let words = found.iter().map(|(row, sighting)| match sighting {
        Sighting::Present => format!("{row} present"),
        Sighting::Gone => format!("{row} gone"),
        Sighting::AnotherUid(other) => format!("{row} line {}", other.line),
        other => format!("{row} {other:?}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn names_compare_composed_and_a_device_that_the_plan_knows_by_its_name_is_another() {
    let place = Place::new();
    let (known, stranger) = (uid(3), uid(9));
    let rows = [
        (uid(1), "BÜRO"),
        (uid(2), "PC-2"),
        // The machine that replaced row 2 has its name. It is in the plan, and was not asked for.
        (known.clone(), "PC-2"),
        (uid(4), "PC-4"),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(uid, name)| (uid.as_str(), *name)).collect();
    freeze(&place, settings(), &rows, FreezeOptions::default()).unwrap();
    settle_rows(
        &place,
        &[
            (1, OutcomeKind::Scheduled),
            (2, OutcomeKind::Scheduled),
            (4, OutcomeKind::Unknown),
        ],
    )
    .await;
    let ledger = Ledger::open(&place.path).unwrap();
    assert!(ledger.last_asked_at().unwrap().is_some());
    for (inventory, expected) in [
        (vec![(known.as_str(), "PC-2")], "1 gone, 2 gone, 4 gone"),
        // That uid with another name than the plan has for it does not excuse the name.
        (vec![(known.as_str(), "pc-4")], "1 gone, 2 gone, 4 line 2"),
        (
            vec![(known.as_str(), "PC-2"), (stranger.as_str(), " bu\u{308}ro ")],
            "1 line 3, 2 gone, 4 gone",
        ),
        (
            vec![(stranger.as_str(), "PC-2"), (known.as_str(), "PC-2")],
            "1 gone, 2 line 2, 4 gone",
        ),
        // A device without a name is nobody's namesake.
        (
            vec![(known.as_str(), ""), (stranger.as_str(), " ")],
            "1 gone, 2 gone, 4 gone",
        ),
        (
            vec![
                ("{00000000-0000-4000-8000-000000000001}", "x"),
                (" 00000000000040008000000000000004", "x"),
            ],
            "1 present, 2 gone, 4 present",
        ),
    ] {
        // The same ledger takes one inventory after the other.
        let (survey, found) = compare(&ledger, &inventory);
        assert_eq!(in_words(&found), expected, "{inventory:?}");
        assert_eq!(survey.doubts(Overlap::Required), [], "{inventory:?}");
    }
}

#[tokio::test]
async fn an_overlap_is_any_row_of_the_plan_and_devices_are_counted_once() {
    // Rows 3 and 4 are skipped: they have no name.
    let place = plan_with_blanks(4, &[3, 4]);
    settle_rows(&place, &[(1, OutcomeKind::Scheduled)]).await;
    let ledger = Ledger::open(&place.path).unwrap();
    let (pending, skipped, stranger) = (uid(2), uid(3), uid(9));
    for (rows, devices, in_plan, names_in_plan) in [
        (vec![(pending.as_str(), "x")], 1, 1, 0),
        (vec![(skipped.as_str(), "x"), (skipped.as_str(), "y")], 1, 1, 0),
        (vec![(stranger.as_str(), "x"), (stranger.as_str(), "pc-1")], 1, 0, 1),
        (vec![(stranger.as_str(), "")], 1, 0, 0),
        (vec![], 0, 0, 0),
    ] {
        let (survey, _) = compare(&ledger, &rows);
        assert_eq!(
            (survey.devices, survey.in_plan, survey.names_in_plan),
            (devices, in_plan, names_in_plan),
            "{rows:?}"
        );
        assert_eq!(survey.repeats(), rows.len() as u64 - devices);
        let expected = match (devices, in_plan) {
            (0, _) => vec![Doubt::Empty],
            (_, 0) => vec![Doubt::NoOverlap],
            _ => vec![],
        };
        assert_eq!(survey.doubts(Overlap::Required), expected, "{rows:?}");
    }
}

#[tokio::test]
async fn a_device_that_is_commented_out_is_a_doubt_and_free_text_is_none() {
    let place = plan(2);
    settle_rows(&place, &[(1, OutcomeKind::Scheduled)]).await;
    let ledger = Ledger::open(&place.path).unwrap();
    let gone = uid(1);
    let remark = format!("{gone} replaced in May");
    for (uid_text, name, is_doubt) in [
        (gone.as_str(), "PC-1", true),
        (&gone, "", true),
        (&remark, "", true),
        ("", "PC-1", true),
        ("N/A", "PC-1", true),
        ("", "", true),
        ("laptop-1", "", true),
        ("exported on Monday", "", false),
        (" TYPE System.Object ", " ", false),
        ("exported on Monday", "by Anna", true),
    ] {
        let mut inventory = ledger.inventory().unwrap();
        inventory.row(2, &uid(2), "PC-2").unwrap();
        inventory.commented_out(3, uid_text, name);
        let comparison = inventory.finish(Origin::default()).unwrap();
        let survey = comparison.survey();
        let doubts = if is_doubt { vec![Doubt::CommentedOut] } else { vec![] };
        assert_eq!(survey.doubts(Overlap::Required), doubts, "{uid_text:?} {name:?}");
        assert_eq!(survey.rows, 1);
        if is_doubt {
            assert_eq!(survey.commented_out.first, [(3, uid_text.to_owned())]);
        }
    }
}

#[tokio::test]
async fn many_devices_of_one_name_are_each_held_against_the_first_that_the_plan_does_not_know() {
    let place = Place::new();
    let names: Vec<String> = (1..=300).map(uid).collect();
    let rows: Vec<(&str, &str)> = names.iter().map(|uid| (uid.as_str(), "localhost")).collect();
    freeze(&place, settings(), &rows, FreezeOptions::default()).unwrap();
    settle_rows(&place, &[(1, OutcomeKind::Scheduled), (2, OutcomeKind::Scheduled)]).await;
    let ledger = Ledger::open(&place.path).unwrap();
    let (_, found) = compare(&ledger, &rows[2..]);
    assert_eq!(in_words(&found), "1 gone, 2 gone");
    let strangers = [uid(901), uid(900)];
    let mut fresh = rows[2..].to_vec();
    fresh.extend(strangers.iter().map(|uid| (uid.as_str(), "LOCALHOST")));
    let (_, found) = compare(&ledger, &fresh);
    assert_eq!(in_words(&found), "1 line 300, 2 line 300");
}
