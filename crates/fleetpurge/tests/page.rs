//! The HTML report: as text, and in a browser that clicks and types.
//!
//! The browser is a Chromium that `FLEETPURGE_TEST_CHROMIUM` names; without it these tests are left out, and say so.
//! `FLEETPURGE_TEST_SCREENSHOTS` names a folder for pictures of the page.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod browser;
mod common;
mod rig;

use std::fs;

use browser::Browser;
use common::{Bench, Service, csv, devices, uid};
use rig::Rig;
use serde_json::{Value, json};

/// Names that a page must show and not obey.
const HOSTILE: [&str; 10] = [
    "</script><script>document.title='owned'</script>",
    "<!--<script>",
    "\"quoted\" 'name' & <b>bold</b>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\u{202e}gpj.exe",
    "=cmd|' /C calc'!A0",
    "{{ 7*7 }} ${7*7}",
    "\u{2028}line",
    "Bu\u{308}ro \u{4f60}\u{597d}",
    " spaced  out ",
];

/// How a person sees a name.
fn seen(name: &str) -> String {
    name.replace('\u{202e}', "\\u{202e}").replace('\u{2028}', "\\u{2028}")
}

/// A plan of two files with an outcome of almost every kind, applied in two runs.
fn applied() -> Rig {
    let rig = Rig::unplanned(Service::Nexthink, "--concurrency 1", |builder| builder);
    let mut rows: Vec<_> = HOSTILE
        .iter()
        .zip(1..)
        .map(|(name, number)| (uid(number), (*name).to_owned()))
        .collect();
    rows.extend((100..480).map(|number| (uid(number), format!("PC-{number:05}"))));
    rows.push(("not-a-uuid".to_owned(), "PC-ODD".to_owned()));
    rows.push(rows[0].clone());
    let second = rows.split_off(250);
    rig.bench.file("a.csv", csv(&rows));
    rig.bench.file("b <i>.csv", csv(&second));
    let mut command = rig.bench.command(&format!(
        "plan --out devices.plan --base-url {} a.csv",
        rig.simulator.url()
    ));
    common::ended(command.arg("b <i>.csv")).exits(0);
    rig.faults(json!([
        {"when": {"request": 2}, "then": {"reply": {"status": 500}}},
        {"when": {"request": 4}, "then": {"edit": [{"set": {"of": 5, "fields": {"status": "ODD<i>"}}}]}},
    ]));
    rig.apply_with(310, "--limit 310").exits(5);
    rig.apply_with(81, "--limit 81").exits(4);
    rig
}

/// Writes the page, and says where it is.
fn page(bench: &Bench, flags: &str) -> std::path::PathBuf {
    bench
        .run(&format!(
            "report devices.plan --format html --out page.html --force {flags}"
        ))
        .exits(0);
    bench.path("page.html")
}

/// A data block of the page.
fn block(html: &str, id: &str) -> Value {
    let begin = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, rest) = html.split_once(&begin).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_page_has_every_row_and_no_name_ends_its_script() {
    let rig = applied();
    let html = fs::read_to_string(page(&rig.bench, "")).unwrap();
    // Two of data and its own.
    assert_eq!(html.matches("<script").count(), 3);
    assert_eq!(html.matches("</script").count(), 3);
    assert!(!html.contains('\u{202e}') && !html.contains('\u{2028}') && !html.contains("<i>.csv"));
    for loaded in ["<img", "<link", "<iframe", "<script src", "href=\"http", "url("] {
        assert!(!html.contains(loaded), "{loaded}");
    }
    let (rows, words) = (block(&html, "rows"), block(&html, "words"));
    let rows = rows.as_array().unwrap();
    let report = rig.report();
    assert_eq!(rows.len(), report.len());
    for (row, expected) in rows.iter().zip(&report) {
        assert_eq!(row[0], expected["row"]);
        assert_eq!(row[1], expected["uid"]);
        assert_eq!(row[2], seen(expected["name"].as_str().unwrap()));
        let word = |list: &str, place: usize| &words[list][usize::try_from(row[place].as_u64().unwrap()).unwrap()];
        assert_eq!(*word("outcomes", 3), expected["outcome"]);
        let or_blank = |key: &str| expected[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(*word("reasons", 4), json!([or_blank("detail"), or_blank("code")]));
        assert_eq!(
            *word("attempts", 5),
            json!([
                expected["batch"],
                expected["attempts"],
                or_blank("request_id"),
                or_blank("trace_id"),
                or_blank("at")
            ])
        );
        assert_eq!(*word("sources", 6), expected["source"]);
    }
    // Who, when, what was odd, and what to tell the vendor.
    let unknown = report.iter().find(|row| row["outcome"] == "unknown").unwrap();
    for part in [
        "Who and when",
        "unheard-of-status",
        "ODD&#60;i&#62;",
        "Requests to ask",
        unknown["request_id"].as_str().unwrap(),
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn only_chooses_the_rows_of_the_page() {
    let rig = applied();
    let html = fs::read_to_string(page(&rig.bench, "--only unknown,skipped")).unwrap();
    let expected = rig.count("unknown") + rig.count("skipped");
    assert_eq!(block(&html, "rows").as_array().unwrap().len(), expected);
    assert!(html.contains("This page has only the rows with the outcome unknown, skipped."));
}

/// The texts of the rows that are drawn, of one column.
fn drawn(browser: &mut Browser, column: &str) -> Vec<String> {
    let texts = browser.value(&format!(
        "[...document.querySelectorAll('#body tr:not(.pad) {column}')].map((cell) => cell.textContent)"
    ));
    serde_json::from_value(texts).unwrap()
}

fn found(browser: &mut Browser) -> String {
    let text = browser.value("document.getElementById('found').textContent");
    text.as_str().unwrap().replace('\u{a0}', " ")
}

#[test]
fn a_person_searches_filters_and_reads_one_device() {
    let rig = applied();
    let Some(mut browser) = Browser::start("a_person_searches_filters_and_reads_one_device") else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.open(&page(&rig.bench, ""));
    assert_eq!(found(&mut browser), "392 rows");
    let names = drawn(&mut browser, ".open");
    for (name, hostile) in names.iter().zip(HOSTILE) {
        assert_eq!(*name, seen(hostile));
    }
    let title = browser.value("document.title");
    assert!(
        title.as_str().unwrap().starts_with("Deletion report: 127.0.0.1:"),
        "{title}"
    );

    browser.click("#search");
    browser.type_text("pc-0031");
    assert_eq!(found(&mut browser), "10 of 392 rows");
    let names = drawn(&mut browser, ".open");
    assert_eq!(
        names,
        (310..320).map(|number| format!("PC-{number:05}")).collect::<Vec<_>>()
    );
    browser.click("#clear");
    assert_eq!(found(&mut browser), "392 rows");

    // The words of the filters are those of the outcomes.
    let unknown = rig.count("unknown");
    browser.click(".filter[data-outcome='4']");
    assert_eq!(found(&mut browser), format!("{unknown} of 392 rows"));
    assert!(
        drawn(&mut browser, ".c-outcome")
            .iter()
            .all(|outcome| outcome == "unknown")
    );
    let pressed = browser.value("document.querySelector('.filter[data-outcome=\"4\"]').getAttribute('aria-pressed')");
    assert_eq!(pressed, "true");
    // A second one adds its rows, and the same takes them away again.
    browser.click(".filter[data-outcome='6']");
    assert_eq!(found(&mut browser), format!("{} of 392 rows", unknown + 1));
    browser.click(".filter[data-outcome='6']");

    // By the request id, as the vendor's support names it.
    let report = rig.report();
    let row = report.iter().find(|row| row["outcome"] == "unknown").unwrap();
    let request = row["request_id"].as_str().unwrap();
    browser.click("#search");
    browser.type_text(request);
    let of_it = report.iter().filter(|row| row["request_id"] == request).count();
    assert_eq!(found(&mut browser), format!("{of_it} of 392 rows"));
    browser.click("#body .open");
    assert_eq!(browser.value("document.getElementById('device').open"), true);
    let facts = browser.value("document.getElementById('facts').textContent");
    for part in [request, row["uid"].as_str().unwrap(), "unknown", "500", "a.csv"] {
        assert!(facts.as_str().unwrap().contains(part), "{part}: {facts}");
    }
    browser.press("Escape");
    assert_eq!(browser.value("document.getElementById('device').open"), false);

    browser.click("#clear");
    browser.click("#search");
    browser.type_text("no such device");
    assert_eq!(found(&mut browser), "0 of 392 rows");
    browser.click("#clear");
    browser.value("(() => { const file = document.getElementById('file'); file.selectedIndex = 2; file.dispatchEvent(new Event('change')); })()");
    assert_eq!(found(&mut browser), "142 of 392 rows");
    assert_eq!(browser.complaints, Vec::<String>::new());
    assert_eq!(browser.requests, Vec::<String>::new());
}

#[test]
fn the_keyboard_reaches_every_row() {
    let rig = applied();
    let Some(mut browser) = Browser::start("the_keyboard_reaches_every_row") else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.open(&page(&rig.bench, ""));
    browser.value("document.getElementById('view').focus()");
    let at = |browser: &mut Browser| browser.value("document.activeElement.textContent");
    browser.press("ArrowDown");
    assert_eq!(at(&mut browser), seen(HOSTILE[0]));
    browser.press("ArrowDown");
    assert_eq!(at(&mut browser), seen(HOSTILE[1]));
    browser.press("End");
    // The last row repeats the first.
    assert_eq!(at(&mut browser), seen(HOSTILE[0]));
    browser.press("ArrowUp");
    assert_eq!(at(&mut browser), "PC-ODD");
    let inside = "(() => { const row = document.activeElement.getBoundingClientRect(), view = \
                  document.getElementById('view').getBoundingClientRect(); return row.top >= view.top && row.bottom <= \
                  view.bottom; })()";
    assert_eq!(browser.value(inside), true);
    for _ in 0..30 {
        browser.press("PageUp");
        assert_eq!(browser.value(inside), true);
    }
    assert_eq!(at(&mut browser), seen(HOSTILE[0]));
    browser.press("Enter");
    assert_eq!(browser.value("document.getElementById('device').open"), true);
    assert_eq!(
        browser.value("document.getElementById('device-title').textContent"),
        seen(HOSTILE[0])
    );
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn a_hundred_thousand_rows_stay_quick() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(100_000)));
    bench
        .run("plan devices.csv --out devices.plan --max-devices 100000 --instance acme --region eu")
        .exits(0);
    let Some(mut browser) = Browser::start("a_hundred_thousand_rows_stay_quick") else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.open(&page(&bench, ""));
    assert_eq!(found(&mut browser), "100 000 rows");
    let few = |browser: &mut Browser| {
        let count = browser
            .value("document.querySelectorAll('#body tr').length")
            .as_u64()
            .unwrap();
        assert!((20..80).contains(&count), "{count} rows are drawn");
    };
    few(&mut browser);
    browser.value("document.getElementById('view').focus()");
    browser.press("End");
    assert_eq!(browser.value("document.activeElement.textContent"), "PC-100000");
    few(&mut browser);
    browser.click("#search");
    browser.type_text("pc-77777");
    assert_eq!(found(&mut browser), "1 of 100 000 rows");
    assert_eq!(drawn(&mut browser, ".open"), ["PC-77777"]);
    // However many are found, few are drawn: that is what keeps it quick.
    browser.value(
        "(() => { const search = document.getElementById('search'); search.value = 'pc-4'; \
         search.dispatchEvent(new Event('input')); })()",
    );
    assert_eq!(found(&mut browser), "11 111 of 100 000 rows");
    few(&mut browser);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// The least contrast of any text with what is behind it, and of which text.
const CONTRAST: &str = r#"(() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (it) => {
    for (; it; it = it.parentElement) {
      const color = channels(getComputedStyle(it).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let least = [99, ""];
  for (const it of document.querySelectorAll("body *")) {
    const text = [...it.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (text === "" || it.closest("script, noscript, dialog, svg") || it.getClientRects().length === 0) continue;
    const pair = [light(channels(getComputedStyle(it).color)), light(behind(it))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < least[0]) least = [ratio, text];
  }
  return least;
})()"#;

#[test]
fn the_page_is_readable_light_and_dark_on_a_desk_on_a_phone_and_on_paper() {
    let rig = applied();
    let Some(mut browser) = Browser::start("the_page_is_readable_light_and_dark_on_a_desk_on_a_phone_and_on_paper")
    else {
        return;
    };
    let page = page(&rig.bench, "");
    for scheme in ["light", "dark"] {
        for (device, width, height) in [("desktop", 1440, 900), ("tablet", 800, 1000), ("phone", 390, 844)] {
            browser.look(width, height, scheme);
            browser.open(&page);
            browser.click(".filter[data-outcome='4']");
            let what = format!("{scheme}-{device}");
            let contrast = browser.value(CONTRAST);
            assert!(contrast[0].as_f64().unwrap() >= 4.5, "{what}: {contrast}");
            let wide = browser.value("document.documentElement.scrollWidth").as_u64().unwrap();
            assert!(wide <= u64::from(width), "{what}: {wide} wide");
            let dark = browser.value("getComputedStyle(document.body).backgroundColor");
            assert_eq!(dark != "rgb(255, 255, 255)", scheme == "dark", "{what}: {dark}");
            let picture = json!({"captureBeyondViewport": true, "format": "png"});
            browser.keep(&format!("{what}.png"), "Page.captureScreenshot", picture.clone());
            if device != "tablet" {
                browser.click("#body .open");
                browser.keep(&format!("{what}-device.png"), "Page.captureScreenshot", picture);
            }
        }
    }
    // A browser that prints says so before and after.
    browser.look(1440, 900, "dark");
    browser.open(&page);
    browser.call("Emulation.setEmulatedMedia", json!({"media": "print"}));
    browser.value("window.dispatchEvent(new Event('beforeprint'))");
    assert_eq!(drawn(&mut browser, ".open").len(), 392);
    assert_eq!(
        browser.value("getComputedStyle(document.querySelector('.tools')).display"),
        "none"
    );
    let last = browser.value("document.querySelector('main').lastElementChild.id");
    assert_eq!(last, "devices");
    browser.call("Emulation.setEmulatedMedia", json!({"media": ""}));
    browser.value("window.dispatchEvent(new Event('afterprint'))");
    assert!(drawn(&mut browser, ".open").len() < 80);
    browser.keep("print.pdf", "Page.printToPDF", json!({"preferCSSPageSize": false}));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn a_screen_reader_finds_names_for_what_can_be_used() {
    let rig = applied();
    let Some(mut browser) = Browser::start("a_screen_reader_finds_names_for_what_can_be_used") else {
        return;
    };
    browser.look(1280, 900, "light");
    browser.open(&page(&rig.bench, ""));
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let named = |role: &str| -> Vec<&str> {
        nodes
            .iter()
            .filter(|node| node["role"]["value"] == role && node["ignored"] != true)
            .map(|node| node["name"]["value"].as_str().unwrap_or_default())
            .collect()
    };
    assert_eq!(named("searchbox"), ["Search"]);
    assert_eq!(named("combobox"), ["File"]);
    assert!(named("table").contains(&"Devices"), "{:?}", named("table"));
    assert!(named("columnheader").contains(&"Request id"));
    assert!(
        named("button").iter().all(|name| !name.trim().is_empty()),
        "{:?}",
        named("button")
    );
    assert!(
        named("image")
            .iter()
            .any(|name| name.starts_with("Outcomes of 392 rows: scheduled")),
        "{:?}",
        named("image")
    );
    assert_eq!(
        named("heading")[0],
        browser.value("document.querySelector('h1').textContent")
    );
    let rows = browser.value("document.getElementById('list').getAttribute('aria-rowcount')");
    assert_eq!(rows, "393");
}
