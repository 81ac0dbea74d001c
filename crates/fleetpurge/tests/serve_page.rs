//! The page of `fleetpurge serve` in a browser: a run is followed without a reload.
//!
//! The browser is a Chromium that `FLEETPURGE_TEST_CHROMIUM` names; without it these tests are left out, and say so.
//! `FLEETPURGE_TEST_SCREENSHOTS` names a folder for pictures of the page.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod browser;
mod common;
mod rig;
mod serving;

use std::fs;

use browser::Browser;
use common::Service;
use rig::{FOR_EVER_MS, Rig, kill, until};
use serde_json::{Value, json};
use serving::Serving;

/// The count of an outcome among the totals.
fn total(browser: &mut Browser, word: &str) -> String {
    let text = browser.value(&format!(
        "[...document.querySelectorAll('#totals tbody tr')].find((row) => row.cells[0].textContent === '{word}')\
         .cells[1].textContent"
    ));
    text.as_str().unwrap().replace('\u{a0}', " ")
}

fn text(browser: &mut Browser, id: &str) -> String {
    let text = browser.value(&format!("document.getElementById('{id}').textContent"));
    text.as_str().unwrap().replace('\u{a0}', " ")
}

fn is_shown(browser: &mut Browser, id: &str) -> bool {
    browser.value(&format!("!document.getElementById('{id}').hidden")) == Value::Bool(true)
}

/// How many rows of the list that are drawn have this outcome.
fn drawn(browser: &mut Browser, word: &str) -> u64 {
    browser
        .value(&format!("document.querySelectorAll('#body .o-{word}').length"))
        .as_u64()
        .unwrap()
}

fn picture(browser: &mut Browser, name: &str) {
    for scheme in ["light", "dark"] {
        for (device, width, height) in [("desktop", 1440, 900), ("phone", 390, 844)] {
            browser.look(width, height, scheme);
            let wide = browser.value("document.documentElement.scrollWidth").as_u64().unwrap();
            assert!(wide <= u64::from(width), "{name}, {scheme}, {device}: {wide} wide");
            browser.keep(
                &format!("serve-{name}-{scheme}-{device}.png"),
                "Page.captureScreenshot",
                json!({"captureBeyondViewport": true, "format": "png"}),
            );
        }
    }
    browser.look(1280, 900, "light");
}

#[test]
fn a_run_is_followed_from_the_review_to_the_report_without_a_reload() {
    let rig = Rig::new(Service::Nexthink, 800, "--concurrency 1 --timeout 3600");
    let serving = Serving::start(&rig.bench, "serve devices.plan");
    let Some(mut browser) = Browser::start("a_run_is_followed_from_the_review_to_the_report_without_a_reload") else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.visit(&serving.url);
    browser.value("window.marker = 'not loaded again'");
    assert_eq!(total(&mut browser, "pending"), "800");
    assert!(text(&mut browser, "now").contains("No apply has begun."));
    assert_eq!(drawn(&mut browser, "scheduled"), 0);
    picture(&mut browser, "before");

    rig.faults(json!([{"when": {"request": "4-"}, "then": {"delay_reply_ms": FOR_EVER_MS}}]));
    let mut child = rig.start();
    rig.received(4);
    until("the page shows three batches", || {
        total(&mut browser, "scheduled") == "300"
    });
    until("the page shows the fourth", || total(&mut browser, "unknown") == "100");
    let now = text(&mut browser, "now");
    for part in [
        &format!("is under way in process {}", child.id()),
        "37.5 %",
        "300 of 800 devices have an outcome",
        "100 in flight",
    ] {
        assert!(now.contains(part), "{part}: {now}");
    }
    assert_eq!(browser.value("document.querySelector('progress').position"), 0.375);
    // The list is what it was, until it is asked for again.
    assert_eq!(drawn(&mut browser, "scheduled"), 0);
    assert!(is_shown(&mut browser, "stale"));
    assert!(text(&mut browser, "meta").contains("Applied by"));
    assert!(text(&mut browser, "runs").contains("no end is recorded"));
    assert_eq!(text(&mut browser, "attempts"), "4");
    picture(&mut browser, "under-way");
    browser.click("#refresh");
    until("the list is read again", || drawn(&mut browser, "scheduled") > 10);
    assert!(!is_shown(&mut browser, "stale"));
    // What is chosen stays chosen when the list is read again.
    browser.click(".filter[data-outcome='0']");
    assert_eq!(text(&mut browser, "found"), "300 of 800 rows");

    kill(&mut child);
    until("the page tells of the death", || {
        text(&mut browser, "now").contains("died: no process holds the plan.")
    });
    picture(&mut browser, "died");
    rig.resume("after a death").exits(4);
    until("the page tells of the end", || {
        text(&mut browser, "now").contains("with exit code 4")
    });
    until("the list is the report", || {
        text(&mut browser, "found") == "700 of 800 rows"
    });
    assert_eq!(total(&mut browser, "scheduled"), "700");
    assert_eq!(total(&mut browser, "pending"), "0");
    assert!(!is_shown(&mut browser, "stale"));
    let pressed = browser.value("document.querySelector('.filter[data-outcome=\"0\"]').getAttribute('aria-pressed')");
    assert_eq!(pressed, "true");
    assert!(text(&mut browser, "runs").contains("Exit code"));
    assert!(text(&mut browser, "requests").contains("Requests to ask"));
    assert_eq!(browser.value("window.marker"), "not loaded again");
    picture(&mut browser, "after");

    // It has asked for nothing but itself, and what the policy forbids was not tried.
    let asked: Vec<&String> = browser
        .requests
        .iter()
        .filter(|url| !url.starts_with(&serving.url))
        .collect();
    assert_eq!(asked, Vec::<&String>::new());
    assert_eq!(browser.complaints, Vec::<String>::new());
    rig.holds_every_promise(&[], "while a browser follows it");
}

#[test]
fn the_page_says_when_the_plan_is_gone_and_when_nobody_serves_it_any_more() {
    let rig = Rig::new(Service::Ubidots, 5, "");
    let serving = Serving::start(&rig.bench, "serve devices.plan");
    let Some(mut browser) = Browser::start("the_page_says_when_the_plan_is_gone_and_when_nobody_serves_it_any_more")
    else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.visit(&serving.url);
    assert!(!is_shown(&mut browser, "link"));
    let (plan, aside) = (rig.bench.path("devices.plan"), rig.bench.path("aside.plan"));
    fs::rename(&plan, &aside).unwrap();
    until("the page says that it is gone", || {
        text(&mut browser, "link").contains("devices.plan was moved or removed.")
    });
    assert!(is_shown(&mut browser, "link"));
    picture(&mut browser, "gone");
    fs::rename(&aside, &plan).unwrap();
    until("the page says no more that it is gone", || {
        !is_shown(&mut browser, "link")
    });
    // Ubidots knows no request ids: the page of it runs as well.
    assert_eq!(text(&mut browser, "found"), "5 rows");
    assert_eq!(browser.complaints, Vec::<String>::new());
    serving.signal("-INT");
    serving.exits(0);
    until("the page says that nobody serves it", || {
        text(&mut browser, "link").contains("fleetpurge serve has ended.")
    });
    assert_eq!(text(&mut browser, "found"), "5 rows");
}

#[test]
fn what_the_service_says_is_shown_and_not_obeyed_while_it_is_followed() {
    let rig = Rig::new(Service::Nexthink, 10, "");
    let serving = Serving::start(&rig.bench, "serve devices.plan");
    let Some(mut browser) = Browser::start("what_the_service_says_is_shown_and_not_obeyed_while_it_is_followed") else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.visit(&serving.url);
    let status = "</section><img src=x onerror=document.title=1>";
    rig.faults(json!([
        {"when": {"request": 1}, "then": {"edit": [{"set": {"of": 5, "fields": {"status": status}}}]}},
    ]));
    rig.apply().exits(4);
    until("the page tells of the end", || {
        text(&mut browser, "now").contains("with exit code 4")
    });
    let whys = text(&mut browser, "whys");
    assert!(whys.contains(status), "{whys}");
    assert_eq!(browser.value("document.querySelectorAll('img').length"), 0);
    let title = browser.value("document.title");
    assert!(title.as_str().unwrap().starts_with("Deletion report: "), "{title}");
    assert_eq!(browser.complaints, Vec::<String>::new());
}
