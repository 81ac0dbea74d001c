//! The catalogue of errors, `docs/errors.md`: what the command prints in every situation that can be brought about here.
//! Each was run, with the real binary and, where something is sent, against the simulator, whose record of what it received
//! the outcomes are held against. With `FLEETPURGE_WRITE_ERRORS=1` the page is written, and without it compared.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a fault is written where it is brought about"
)]

#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../../fleetpurge-export/tests/book/mod.rs"]
mod book;
#[path = "../common/mod.rs"]
mod common;
mod entry;
mod kinds;
mod list;
mod login;
mod plan;
mod query;
#[path = "../rig/mod.rs"]
mod rig;
mod service;
mod usage;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

use entry::Section;

const HEAD: &str = "\
# Errors

<!-- Written by `FLEETPURGE_WRITE_ERRORS=1 cargo test -p fleetpurge --test errors`. Every text was printed by the command. -->

What `fleetpurge` prints when something goes wrong: what happened, what was and was not deleted, and the command to type
next. Every text on this page was printed in a run; HOST, ID, TIME and the like stand for what differs from run to run. The
[exit codes](../README.md#exit-codes) tell the same to a script.

A device is *scheduled* if the service accepted its deletion, *pending* if it was not sent or surely not deleted, and
*unknown* if the service may or may not have deleted it. No error ever makes a device that may have been deleted be sent
again by itself. Where a text says that the same `apply` resumes, type it again: it goes on with the pending devices.
";

/// What nobody but an author of this program would understand.
const JARGON: [&str; 17] = [
    "ledger",
    "journal",
    "write-ahead",
    "schema version",
    "checkpoint",
    "tally",
    "mutex",
    "thread",
    "panick",
    "unwrap",
    "Some(",
    "None)",
    "Err(",
    "os error 2)",
    "disposition",
    "serde",
    "SqliteFailure",
];

type Sections = fn() -> Vec<Section>;

#[test]
fn every_error_is_in_the_catalogue_as_it_is_printed() {
    let parts: [Sections; 6] = [
        list::sections,
        plan::sections,
        login::sections,
        service::sections,
        query::sections,
        usage::sections,
    ];
    let sections: Vec<Section> = thread::scope(|scope| {
        let running = parts.map(|part| scope.spawn(part));
        running.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });

    let mut page = HEAD.to_owned();
    let mut shown = BTreeSet::new();
    for section in &sections {
        page.push_str(&format!("\n## {}\n\n{}\n", section.title, section.about));
        for entry in &section.entries {
            page.push('\n');
            page.push_str(&entry.text());
            shown.extend(entry.shows.iter().map(|kind| (*kind).to_owned()));
        }
    }
    let known: BTreeSet<String> = kinds::all().into_iter().collect();
    let missing: Vec<&String> = known.difference(&shown).collect();
    assert!(missing.is_empty(), "no entry shows {missing:?}");
    let unheard: Vec<&String> = shown.difference(&known).collect();
    assert!(unheard.is_empty(), "there is no {unheard:?}");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    if std::env::var_os("FLEETPURGE_WRITE_ERRORS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let texts = || {
        page.split("```text\n")
            .skip(1)
            .map(|rest| rest.split("```").next().unwrap())
    };
    let strange: Vec<_> = texts()
        .flat_map(|text| {
            JARGON
                .iter()
                .filter(|word| text.contains(**word))
                .map(move |word| (word, text))
        })
        .collect();
    assert!(strange.is_empty(), "no words for an administrator: {strange:#?}");
    for text in texts() {
        assert!(
            text.lines().last().unwrap().starts_with("next: "),
            "no next command:\n{text}"
        );
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(page.lines()).find(|(old, new)| old != new);
    assert!(
        written == page,
        "docs/errors.md is not what the command prints; write it with FLEETPURGE_WRITE_ERRORS=1. The first difference:\n{differs:#?}"
    );
}
