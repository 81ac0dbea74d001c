//! Does a client that we did not write export what the simulator's queries list?

use anyhow::ensure;
use serde_json::json;

use super::bench::Bench;
use super::driver::Driver;
use super::nql_proxy::inventory;
use super::simulate::Simulate;

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let inventory = inventory(bench)?;
    let arguments = [
        "--inventory",
        &inventory,
        "--query",
        "#tens=OLD-10",
        "--export-faults",
        "none,none,failed",
    ];
    let simulator = Simulate::start(bench, &json!([]), &arguments)?;
    let mut package = Driver::of_nexthink_api(bench, &simulator.url)?;
    let mut lines = 0;
    for (query, expected) in [("#all_devices", 2_500), ("#tens", 111)] {
        let answer = package.ask(&json!({ "export": query }))?;
        let text = answer["text"].as_str().unwrap_or_default();
        let mut rows = text.lines();
        ensure!(
            rows.next() == Some("device.uid,device.name"),
            "{query}: the heading of {answer}"
        );
        let rows = rows.count();
        ensure!(rows == expected, "{query} has {rows} rows and not {expected}");
        lines += rows;
    }
    let failed = package.ask(&json!({"export": "#all_devices"}))?;
    ensure!(failed["status"] == "ERROR", "a failed export: {failed}");
    Ok(format!(
        "nexthink-api 0.1.5: 2 exports with {lines} rows, and one that failed"
    ))
}
