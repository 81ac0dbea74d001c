//! `demo --service ubidots`: selected, planned, saved, applied, verified.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::Bench;

#[test]
fn the_demo_of_ubidots_selects_saves_deletes_and_verifies() {
    let bench = Bench::new();
    let demo = bench.run("demo --service ubidots --dir demo").exits(0);
    for part in [
        "select --service ubidots",
        "$ fleetpurge backup demo/demo.plan",
        "--require-backup",
        "`apply` exits 0",
        "gone              900",
        "100 devices are left in the account",
        "Report on",
    ] {
        assert!(demo.stdout.contains(part), "{part}: {}", demo.stdout);
    }
    let status = bench.run("status demo/demo.plan --format json").exits(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((&status["scheduled"], &status["planned"]), (&900.into(), &900.into()));
    let saved = std::fs::read_dir(bench.path("demo/demo.plan.backup/devices")).unwrap();
    assert_eq!(saved.count(), 900);
}
