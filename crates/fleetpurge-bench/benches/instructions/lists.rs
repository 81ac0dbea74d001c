//! How an export becomes a plan: it is read, and each row is hashed, checked and written.

use std::fmt::Write;
use std::hint::black_box;
use std::io::Cursor;

use fleetpurge_export::{Entry, ReadOptions};
use fleetpurge_ledger::{Draft, FreezeOptions, PlanSettings, Replace, Service, UidValidation};
use gungraun::prelude::*;
use tempfile::TempDir;

const ROWS: u32 = 10_000;
const SHA: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn uid(row: u32) -> String {
    // In no order, as an export has them.
    format!("{:08x}-7d1c-4d3e-8f40-{row:012x}", row.wrapping_mul(0x9e37_79b9))
}

fn csv() -> Vec<u8> {
    let mut text = String::from("uid,name\n");
    for row in 0..ROWS {
        writeln!(text, "{},PC-{row:08}", uid(row)).unwrap();
    }
    text.into()
}

#[library_benchmark]
#[bench::of_10_000_rows(csv())]
fn csv_is_read(csv: Vec<u8>) -> usize {
    let mut rows = ReadOptions::new().read("devices.csv", Cursor::new(csv)).unwrap();
    let mut read = 0;
    while let Some(entry) = rows.next_entry() {
        read += usize::from(matches!(entry.unwrap(), Entry::Device(_)));
    }
    assert_eq!(read, 10_000);
    black_box(read)
}

fn draft() -> (TempDir, Draft, Vec<(String, String)>) {
    let place = tempfile::tempdir().unwrap();
    let settings = PlanSettings {
        service: Service::Nexthink,
        tenant: "acme".to_owned(),
        instance: Some("acme".to_owned()),
        region: Some("eu".to_owned()),
        base_url: "https://acme.api.eu.nexthink.cloud".to_owned(),
        token_url: None,
        uid_validation: UidValidation::Warn,
        max_devices: u64::from(ROWS),
        tool: "bench".to_owned(),
    };
    let mut draft = Draft::create(place.path().join("plan.db"), settings, Replace::Nothing).unwrap();
    draft.begin_source("devices.csv").unwrap();
    let rows = (0..ROWS).map(|row| (uid(row), format!("PC-{row:08}"))).collect();
    (place, draft, rows)
}

#[library_benchmark]
#[bench::of_10_000_rows(draft())]
fn plan_is_made((place, mut draft, rows): (TempDir, Draft, Vec<(String, String)>)) -> TempDir {
    for (line, (uid, name)) in (2..).zip(&rows) {
        draft.push(line, uid, name).unwrap();
    }
    draft.end_source(SHA).unwrap();
    let summary = draft.freeze(FreezeOptions::default()).unwrap();
    assert_eq!(summary.plan.to_send(), 10_000);
    place
}

library_benchmark_group!(name = all_lists, benchmarks = [csv_is_read, plan_is_made]);
