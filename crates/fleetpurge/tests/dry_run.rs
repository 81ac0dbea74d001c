//! `apply --dry-run` says what would be sent, and does nothing.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;

use common::{Service, over_both};
use rig::Rig;
use serde_json::Value;

over_both!(
    a_rehearsal_says_what_is_sent_and_changes_nothing,
    a_rehearsal_counts_what_is_left_and_is_refused_as_a_run_is,
);

/// The rest of the line that begins so.
fn line<'a>(text: &'a str, label: &str) -> &'a str {
    text.lines()
        .find_map(|line| line.strip_prefix(label))
        .unwrap_or_else(|| panic!("no {label}: {text}"))
        .trim()
}

fn a_rehearsal_says_what_is_sent_and_changes_nothing(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 2 * batch + 1, "");
    let plan = fs::read(rig.bench.path("devices.plan")).unwrap();
    let files = rig.bench.files();
    // Without credentials, and without a confirmation.
    let told = rig.bench.run("apply devices.plan --dry-run").exits(0);
    assert_eq!(line(&told.stdout, "devices "), (2 * batch + 1).to_string());
    assert!(line(&told.stdout, "requests ").starts_with("3 "), "{}", told.stdout);
    let url = format!("POST {}{}", rig.simulator.url(), service.deletions());
    assert_eq!(line(&told.stdout, "first "), url);
    assert!(
        told.stdout.contains("Next:     fleetpurge apply devices.plan\n"),
        "{}",
        told.stdout
    );
    assert!(told.stderr.contains(rig.simulator.url()), "{}", told.stderr);
    let names: Vec<String> = rig.devices[..3].iter().map(|(_, name)| format!("`{name}`")).collect();
    let first = format!("devices     {} and {} more", names.join(", "), 2 * batch - 2);
    assert!(told.stderr.contains(&first), "{}", told.stderr);
    assert_eq!(rig.request_count(), 0);
    assert_eq!(rig.simulator.counts().token_requests, 0);
    assert_eq!(rig.bench.files(), files);
    assert_eq!(fs::read(rig.bench.path("devices.plan")).unwrap(), plan);

    // A run sends exactly this.
    let body = line(&told.stdout, "body ").to_owned();
    rig.apply().exits(0);
    let sent = rig.simulator.requests();
    assert_eq!(sent.len(), 3);
    assert!(
        sent.iter().any(|request| request.body == body.as_bytes()),
        "{body} was not sent"
    );
    serde_json::from_str::<Value>(&body).unwrap();
}

fn a_rehearsal_counts_what_is_left_and_is_refused_as_a_run_is(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, batch + 10, "");
    rig.apply_with(batch, &format!("--limit {batch}")).exits(5);
    for (flags, devices) in [("", 10), ("--limit 4", 4), ("--limit 1", 1)] {
        let told = rig.bench.run(&format!("apply devices.plan --dry-run {flags}")).exits(0);
        assert_eq!(line(&told.stdout, "devices "), devices.to_string(), "{flags}");
        assert!(line(&told.stdout, "requests ").starts_with("1 "), "{}", told.stdout);
        let body = line(&told.stdout, "body ");
        let holds = |at: usize| body.contains(&format!("\"{}\"", rig.devices[at].0));
        assert!(
            !holds(batch - 1) && holds(batch) && holds(batch + devices - 1),
            "{body}"
        );
    }
    rig.bench
        .run(&format!("apply devices.plan --dry-run --confirm {}/11", rig.tenant()))
        .exits(6)
        .says(&["is not the one asked for"]);
    rig.bench
        .run("apply devices.plan --dry-run --require-backup")
        .exits(6)
        .says(&["backup"]);
    rig.apply_with(batch + 10, "").exits(0);
    let before = rig.request_count();
    let told = rig
        .bench
        .run("apply devices.plan --dry-run")
        .exits(0)
        .says(&["There is nothing to send."]);
    assert_eq!(line(&told.stdout, "requests ").split(' ').next(), Some("0"));
    assert_eq!(rig.request_count(), before);
}

#[test]
fn a_short_digest_is_told_and_all_of_it_if_asked_for() {
    let rig = Rig::new(Service::Nexthink, 2, "");
    let digest = |flags: &str| {
        let told = rig.bench.run(&format!("apply devices.plan --dry-run {flags}")).exits(0);
        line(&told.stderr, "digest ").to_owned()
    };
    let (short, whole) = (digest(""), digest("-v"));
    assert_eq!((short.len(), whole.len()), (12, 64));
    assert!(whole.starts_with(&short));
    let status = rig.bench.run("status devices.plan").exits(0);
    assert_eq!(line(&status.stdout, "digest "), whole);
}
