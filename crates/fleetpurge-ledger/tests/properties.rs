//! What must hold for any input and any sequence of settlements.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::*;
use fleetpurge_engine::OutcomeKind::{self, Failed, Invalid, Pending, Rejected, Scheduled, Skipped, Unknown};
use fleetpurge_engine::{Journal, Outcome};
use fleetpurge_ledger::{
    Conflicts, Draft, FreezeError, FreezeOptions, Ledger, Replace, Retry, RowKind, Selection, Service, UnmatchedProtect,
};
use proptest::prelude::*;

fn kind() -> impl Strategy<Value = OutcomeKind> {
    prop_oneof![
        4 => Just(Scheduled), 1 => Just(Invalid), 1 => Just(Failed), 1 => Just(Rejected), 1 => Just(Unknown), 2 => Just(Pending),
    ]
}

/// A batch: which rows it would like, what is said of each, and whether it is settled at all.
fn batch() -> impl Strategy<Value = (Vec<u64>, Vec<OutcomeKind>, bool)> {
    prop::collection::btree_set(1_u64..=400, 1..120).prop_flat_map(|rows| {
        let rows: Vec<u64> = rows.into_iter().collect();
        let kinds = prop::collection::vec(kind(), rows.len());
        (Just(rows), kinds, prop::bool::weighted(0.9))
    })
}

/// Each writes files: fewer than the usual 256, unless more are asked for.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn each_row_has_one_outcome_whatever_is_settled(
        batches in prop::collection::vec((batch(), prop::bool::weighted(0.2)), 1..12),
        blanks in prop::collection::btree_set(1_u64..=400, 0..40),
        service in prop::sample::select(Service::ALL.to_vec()),
    ) {
        let blanks: Vec<u64> = blanks.into_iter().collect();
        let place = plan_for(service, 400, &blanks);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut model: BTreeMap<u64, (OutcomeKind, u64)> = (1..=400).map(|row| (row, (Pending, 0))).collect();
        for row in &blanks {
            model.insert(*row, (Skipped, 0));
        }
        let mut run = Some(run(&place.path));
        let (mut number, mut attempts) = (0, 0);
        for ((rows, kinds, is_settled), starts_anew) in batches {
            if starts_anew {
                // One run dies, another ends: the next goes on from either.
                let old = run.take().unwrap();
                if number % 2 == 0 { die(&place, old) } else { prop_assert!(old.end(done()).unwrap().single_file) }
                run = Some(common::run(&place.path));
            }
            number += 1;
            let journal = run.as_ref().unwrap().journal();
            let wanted: Vec<u64> = rows.iter().copied().filter(|row| !model[row].0.is_final()).collect();
            if wanted.len() < rows.len() {
                // As long as one device of it is final, none of it is sent.
                prop_assert!(runtime.block_on(journal.begin(intent(attempt(1000 + number), rows.clone()))).is_err());
            }
            // What is under way stays so until its run is over.
            let free = runtime.block_on(journal.begin(intent(attempt(number), wanted.clone()))).is_ok();
            if !free { continue }
            attempts += 1;
            let (mut said, mut allowed) = (settlement(attempt(number), []), settlement(attempt(number), []));
            for (row, kind) in rows.iter().zip(kinds).filter(|(row, _)| wanted.contains(row)) {
                let (known, tried) = model.get_mut(row).unwrap();
                // A "certainly not applied" says nothing of an earlier attempt that may have been.
                let clear = *known != Unknown || matches!(kind, Scheduled | Invalid);
                *known = if is_settled && clear { kind } else { Unknown };
                *tried += 1;
                said.outcomes.push((*row, Outcome::of(kind)));
                allowed.outcomes.push((*row, Outcome::of(*known)));
            }
            if is_settled {
                if said != allowed {
                    prop_assert!(runtime.block_on(journal.settle(said)).is_err());
                }
                runtime.block_on(journal.settle(allowed)).unwrap();
            }
            // At any time, for any reader.
            let reader = Ledger::open(place.address()).unwrap();
            let counts = reader.counts().unwrap();
            prop_assert_eq!(sum(&counts), 400);
            prop_assert_eq!(counts, run.as_ref().unwrap().counts().unwrap());
            for kind in OutcomeKind::ALL {
                let expected = model.values().filter(|(known, _)| *known == kind).count() as u64;
                prop_assert_eq!(counts.of(kind), expected, "{}", kind);
            }
        }
        die(&place, run.unwrap());
        let ledger = open(&place.path).unwrap();
        prop_assert_eq!(ledger.counts().unwrap().attempts, attempts);
        let mut expected: Vec<u64> = Vec::new();
        let selection = Selection { retry: Retry { failed: true, rejected: false }, resend_unknown: true, limit: Some(150) };
        for (row, (kind, _)) in &model {
            if selection.takes(*kind) && expected.len() < 150 { expected.push(*row) }
        }
        prop_assert_eq!(ledger.selected_count(&selection).unwrap(), expected.len() as u64);
        let run = ledger.begin_run(info()).unwrap();
        let selected: Vec<u64> = run.select(&selection).unwrap().map(|selected| selected.unwrap().row).collect();
        prop_assert_eq!(selected, expected);
        run.end(done()).unwrap();
        let report = report(&place.path);
        let seen: Vec<_> = report.iter().map(|row| (row.row, (row.outcome, row.attempts))).collect();
        prop_assert_eq!(seen, model.into_iter().collect::<Vec<_>>());
        prop_assert!(!place.is_file() || place.files() == ["plan.db"]);
    }

    #[test]
    fn planning_is_what_a_map_of_all_rows_would_say(
        rows in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "", " ", "a", "A", "a ", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "7C9E6679-7425-40DE-944B-E07FC1F90AE7",
                    "7c9e6679742540de944be07fc1f90ae7", "0f8fad5b-d9cb-469f-a165-70867728950e", "b", "c", "d", "e",
                ]),
                prop::sample::select(vec!["", "x", "x", "x", "x", "x", "y"]),
            ),
            1..30,
        ),
        skips in any::<bool>(),
    ) {
        let key = |uid: &str| uuid::Uuid::parse_str(uid).map_or_else(|_| uid.to_owned(), |uuid| uuid.to_string());
        let is_blank = |uid: &str, name: &str| uid.trim().is_empty() || name.trim().is_empty();
        let mut names: HashMap<String, Vec<&str>> = HashMap::new();
        for (uid, name) in rows.iter().filter(|(uid, name)| !is_blank(uid, name)) {
            let known = names.entry(key(uid)).or_default();
            if !known.contains(name) { known.push(name) }
        }
        let conflicts = names.values().filter(|names| names.len() > 1).count() as u64;
        let mut seen = Vec::new();
        let expected: Vec<bool> = rows.iter().map(|(uid, name)| {
            let is_sent = !is_blank(uid, name) && names[&key(uid)].len() == 1 && !seen.contains(&key(uid));
            if is_sent { seen.push(key(uid)) }
            is_sent
        }).collect();
        let to_send = expected.iter().filter(|is_sent| **is_sent).count();
        let is_canonical = |uid: &str| uid.len() == 36;
        let is_unfit = rows.iter().all(|(uid, _)| uid.trim().is_empty() || !is_canonical(uid));

        let place = Place::new();
        let mut draft = Draft::create(place.address(), settings(), Replace::Nothing).unwrap();
        draft.begin_source("x").unwrap();
        for (uid, name) in &rows { draft.push(1, uid, name).unwrap(); }
        draft.end_source(SHA).unwrap();
        let conflict = if skips { Conflicts::Skip } else { Conflicts::Refuse };
        match draft.freeze(FreezeOptions { conflicts: conflict, ..FreezeOptions::default() }) {
            Ok(summary) => {
                prop_assert!(to_send > 0 && !is_unfit && (skips || conflicts == 0));
                prop_assert_eq!(summary.plan.to_send(), to_send as u64);
                let given: Vec<_> = report(&place.path);
                let sent: Vec<bool> = given.iter().map(|row| row.outcome == Pending).collect();
                prop_assert_eq!(sent, expected);
                for (row, (uid, name)) in given.iter().zip(&rows) {
                    prop_assert_eq!((row.uid.as_str(), row.name.as_str()), (*uid, *name));
                    prop_assert_eq!(row.detail.is_some(), row.outcome == Skipped);
                }
            }
            Err(FreezeError::Refused(refused)) => {
                prop_assert!(to_send == 0 || is_unfit || conflicts > 0);
                prop_assert_eq!(refused.conflicts, if skips { 0 } else { conflicts });
                prop_assert!(place.files().iter().all(|file| file != "plan.db"));
            }
            Err(FreezeError::Failed(error)) => panic!("{error:?}"),
        }
    }
    #[test]
    fn planning_by_id_and_label_is_what_a_map_of_all_rows_would_say(
        rows in prop::collection::vec(
            (
                prop::sample::select(vec!["", "", " ", "A", "A", "a", "B", "b", "C", "D", "E", "odd"]),
                prop::sample::select(vec!["", "", "v", "w", "x", "x", "y"]),
            ),
            1..16,
        ),
        account in prop::collection::vec((prop::sample::select(vec!["A", "a", "B", "C", "F"]), prop::sample::select(vec!["v", "w", "x"])), 0..5),
        protected in prop::option::weighted(0.3, prop::sample::select(vec!["a", "V", "~x"])),
        skips in any::<bool>(),
    ) {
        // One letter stands for an id; `odd` for what is none.
        let spelled = |letter: &str| if letter.len() == 1 && letter != " " { letter.repeat(24) } else { letter.to_owned() };
        let told: BTreeSet<(String, &str)> = account.iter().map(|(id, label)| (spelled(id).to_lowercase(), *label)).collect();
        let found = |label: &str| told.iter().filter(|(_, has)| *has == label).map(|(id, _)| id.clone()).collect::<Vec<_>>();
        let (mut ambiguous, mut unknown) = (BTreeSet::new(), 0);
        let keys: Vec<Option<String>> = rows.iter().map(|(id, label)| match (id.trim(), *label) {
            ("", "") => None,
            ("", label) => match found(label).as_slice() {
                [only] => Some(only.clone()),
                [] => { unknown += 1; None }
                _ => { ambiguous.insert(label); None }
            },
            (id, _) => Some(spelled(id).to_lowercase()),
        }).collect();
        let mut labels: BTreeMap<&String, BTreeSet<&str>> = BTreeMap::new();
        for (key, (_, label)) in keys.iter().zip(&rows) {
            if let Some(key) = key { labels.entry(key).or_default().extend(Some(*label).filter(|label| !label.is_empty())) }
        }
        let conflicts = labels.values().filter(|labels| labels.len() > 1).count() as u64;
        let stays = |key: &String| protected.is_some_and(|entry| {
            let label = entry.trim_start_matches('~').to_lowercase();
            *key == spelled(entry) || labels[key].contains(label.as_str()) || told.contains(&(key.clone(), label.as_str()))
        });
        // A row that is left out for its label does not count: the device that the entry means may have another name.
        let matched = protected.is_none() || keys.iter().flatten().any(stays);
        let mut seen = BTreeSet::new();
        let expected: Vec<bool> = keys.iter().map(|key| {
            key.as_ref().is_some_and(|key| labels[key].len() < 2 && !stays(key) && seen.insert(key))
        }).collect();
        let to_send = expected.iter().filter(|is_sent| **is_sent).count();
        let malformed = keys.iter().zip(&expected).filter(|(key, is_sent)| **is_sent && key.as_deref() == Some("odd")).count();

        let place = Place::new();
        let owned: Vec<(String, &str)> = rows.iter().map(|(id, label)| (spelled(id), *label)).collect();
        let given: Vec<(&str, &str)> = owned.iter().map(|(id, label)| (id.as_str(), *label)).collect();
        let mut draft = draft(&place, ubidots(), &given).unwrap();
        if let Some(entry) = protected { protect(&mut draft, &if entry == "a" { spelled("A") } else { entry.to_owned() }) }
        let mut resolution = draft.resolve_labels().unwrap();
        for (id, label) in &account { resolution.device(&spelled(id), label).unwrap(); }
        for id in resolution.undecided("", 1_000).unwrap() { resolution.absent(&id).unwrap(); }
        prop_assert_eq!(resolution.finish().unwrap().unknown, unknown);
        let conflict = if skips { Conflicts::Skip } else { Conflicts::Refuse };
        match draft.freeze(FreezeOptions { conflicts: conflict, unmatched_protect: UnmatchedProtect::Allow, ..FreezeOptions::default() }) {
            Ok(summary) => {
                prop_assert!(to_send > 0 && malformed == 0 && (skips || (conflicts == 0 && ambiguous.is_empty())));
                prop_assert_eq!((summary.plan.to_send(), summary.count(RowKind::UnknownLabel)), (to_send as u64, unknown));
                prop_assert_eq!(summary.protection.unmatched, u64::from(!matched));
                let report = report(&place.path);
                let sent: Vec<bool> = report.iter().map(|row| row.outcome == Pending).collect();
                prop_assert_eq!(sent, expected);
                for ((row, key), (id, label)) in report.iter().zip(&keys).zip(&given) {
                    prop_assert_eq!(row.name.as_str(), *label);
                    match key {
                        Some(key) => prop_assert_eq!(&row.uid.to_lowercase(), key),
                        None => prop_assert_eq!(row.uid.as_str(), *id),
                    }
                }
            }
            Err(FreezeError::Refused(refused)) => {
                let (conflicts, ambiguous) = if skips { (0, 0) } else { (conflicts, ambiguous.len() as u64) };
                prop_assert!(to_send == 0 || malformed > 0 || conflicts + ambiguous > 0);
                prop_assert_eq!(refused.protection.unmatched, u64::from(!matched));
                let counts = (refused.conflicts, refused.ambiguous_labels, refused.malformed);
                prop_assert_eq!(counts, (conflicts, ambiguous, malformed as u64));
            }
            Err(FreezeError::Failed(error)) => panic!("{error:?}"),
        }
    }
}
