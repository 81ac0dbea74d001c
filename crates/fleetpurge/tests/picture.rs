//! The picture of the HTML report in the README: `cargo xtask picture` writes it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod browser;
mod common;
mod rig;

use browser::Browser;
use common::{Service, csv, uid};
use rig::Rig;
use serde_json::json;

/// Names in place of those of this machine, so that the picture is the same wherever it is made.
const NAMES: &str = r#"((tenant, who) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (["SCRIPT", "STYLE"].includes(node.parentNode.nodeName)) continue;
    node.data = node.data.replaceAll(tenant, "acme").replace(/Applied by [^,]*/, "Applied by " + who);
  }
  return document.querySelector("h1").textContent;
})"#;

#[test]
fn the_report_of_a_plan_with_every_kind_of_trouble_fits_into_a_window() {
    let rig = Rig::unplanned(Service::Nexthink, "--concurrency 1", |builder| builder);
    let mut rows: Vec<_> = (1..=1240)
        .map(|number| (uid(number), format!("NB-{number:05}")))
        .collect();
    rows.push(("unknown uid".to_owned(), "NB-01241".to_owned()));
    rows.extend(rows.clone().into_iter().take(9));
    rig.bench.file("devices.csv", csv(&rows));
    rig.bench.run(&rig.plan_line("")).exits(0);
    rig.faults(json!([
        {"when": {"request": 3}, "then": {"reply": {"status": 500}}},
        {"when": {"request": 6}, "then": {"edit": [{"set": {"of": 5, "fields": {"status": "PAUSED"}}}]}},
    ]));
    rig.apply_with(1241, "").exits(4);
    let Some(mut browser) = Browser::start("the_report_of_a_plan_with_every_kind_of_trouble_fits_into_a_window") else {
        return;
    };
    rig.bench
        .run("report devices.plan --format html --out page.html")
        .exits(0);
    browser.look(1100, 900, "light");
    browser.open(&rig.bench.path("page.html"));
    let title = browser.value(&format!("{NAMES}({:?}, \"j.doe on ADMIN-PC\")", rig.tenant()));
    assert_eq!(title, "acme");
    browser.keep(
        "report.png",
        "Page.captureScreenshot",
        json!({"format": "png", "optimizeForSpeed": false}),
    );
    assert_eq!(browser.complaints, Vec::<String>::new());
}
