//! Plans that cannot be used, and what an `apply` refuses before it sends anything.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use crate::common::{Running, Service, ended};
use crate::entry::{Entry, Section};
use crate::rig::{FOR_EVER_MS, Rig};

pub(crate) fn sections() -> Vec<Section> {
    vec![
        Section {
            title: "Opening a plan",
            about: "`apply`, `status`, `report`, `show` and `verify` prove a plan before they use it.",
            entries: opened(),
        },
        Section {
            title: "Confirming",
            about: "`apply` sends nothing before the tenant and the count are confirmed.",
            entries: confirmed(),
        },
        Section {
            title: "Looking whether devices are gone",
            about: "`verify` deletes nothing.",
            entries: verified(),
        },
    ]
}

fn of(title: &str, shows: &'static [&'static str], line: &str, prepare: impl FnOnce(&Rig)) -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    prepare(&rig);
    let typed = line.replace("TENANT", rig.tenant());
    let ended = rig.run(&typed);
    assert_eq!(rig.request_count(), 0, "{title}");
    Entry::of(title, shows, &line.replace("TENANT", "acme"), &ended)
}

fn alter(rig: &Rig, sql: &str) {
    Connection::open(rig.bench.path("devices.plan"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

/// A plan whose `apply` was killed while it waited for an answer.
fn killed(rig: &Rig) {
    rig.faults(json!([{"then": {"delay_ms": FOR_EVER_MS}}]));
    let mut child = rig.start();
    rig.received(1);
    child.kill().unwrap();
    child.wait().unwrap();
    rig.no_faults();
}

fn opened() -> Vec<Entry> {
    const APPLY: &str = "apply devices.plan";
    vec![
        of(
            "There is no such plan",
            &["plan::NotFound"],
            "apply nothing.plan",
            |_| {},
        ),
        of(
            "The file is not a plan",
            &["plan::NotALedger"],
            "apply devices.csv",
            |_| {},
        ),
        of("A newer version made the plan", &["plan::NewerSchema"], APPLY, |rig| {
            alter(rig, "PRAGMA user_version = 7");
        }),
        of("The plan was altered", &["plan::Altered"], APPLY, |rig| {
            alter(rig, "UPDATE rows SET name = 'BOSS-1' WHERE row = 2");
        }),
        lost_log(),
        held(),
        busy(),
        of(
            "The plan has a second name",
            &["plan::SeveralNames"],
            "apply devices.plan --confirm TENANT/3",
            |rig| {
                fs::hard_link(rig.bench.path("devices.plan"), rig.bench.path("other.plan")).unwrap();
            },
        ),
        moved(),
        of(
            "The address of a database names no plan",
            &["plan::BadAddress"],
            "status postgresql://ops@db.example/fleet",
            |_| {},
        ),
        of(
            "The address of a database has a password",
            &[],
            "status postgresql://ops:secret@db.example/fleet?plan=acme",
            |_| {},
        ),
        of(
            "No database server answers",
            &["plan::Unreachable"],
            "status postgresql://ops@127.0.0.1:1/fleet?plan=acme",
            |_| {},
        ),
    ]
}

fn lost_log() -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    killed(&rig);
    fs::remove_file(rig.bench.path("devices.plan-wal")).unwrap();
    let ended = rig.run("apply devices.plan");
    assert_eq!(rig.request_count(), 1);
    Entry::of(
        "A file beside the plan is missing after a crash",
        &["plan::Forgotten"],
        "apply devices.plan",
        &ended,
    )
}

fn held() -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    rig.faults(json!([{"then": {"delay_ms": FOR_EVER_MS}}]));
    let mut first = rig.start();
    rig.received(1);
    let ended = rig.apply();
    assert_eq!(rig.request_count(), 1);
    first.kill().unwrap();
    first.wait().unwrap();
    Entry::of(
        "Another apply holds the plan",
        &["plan::Held"],
        "apply devices.plan",
        &ended,
    )
}

fn busy() -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    let other = Connection::open(rig.bench.path("devices.plan")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let ended = rig.apply();
    assert_eq!(rig.request_count(), 0);
    Entry::of(
        "Another program is using the plan",
        &["plan::Busy"],
        "apply devices.plan",
        &ended,
    )
}

/// The plan is renamed while a request is under way.
fn moved() -> Entry {
    let rig = Rig::new(Service::Nexthink, 250, "--concurrency 1");
    rig.faults(json!([{"when": {"request": 1}, "then": {"delay_reply_ms": 1_000}}]));
    let path = rig.bench.path("devices.plan");
    let running = Running::start(&mut rig.command());
    rig.received(1);
    fs::rename(&path, rig.bench.path("moved.plan")).unwrap();
    let ended = running.ends();
    Entry::of(
        "The plan is moved while it is applied",
        &["plan::Moved"],
        "apply devices.plan",
        &ended,
    )
}

fn confirmed() -> Vec<Entry> {
    vec![
        of(
            "No confirmation, and no terminal to ask at",
            &[],
            "apply devices.plan",
            |_| {},
        ),
        of(
            "Another tenant is confirmed",
            &[],
            "apply devices.plan --confirm other/3",
            |_| {},
        ),
        of(
            "Another count is confirmed",
            &[],
            "apply devices.plan --confirm TENANT/2",
            |_| {},
        ),
        of(
            "The plan is too old",
            &[],
            "apply devices.plan --confirm TENANT/3 --max-age 0s",
            |_| {},
        ),
        foreign_token_url(),
        no_backup(),
    ]
}

fn foreign_token_url() -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    rig.bench
        .run(&format!(
            "{} --token-url https://login.example/token",
            rig.plan_line("--force")
        ))
        .exits(0);
    let ended = rig.apply();
    Entry::of(
        "The plan sends credentials to a foreign host",
        &[],
        "apply devices.plan",
        &ended,
    )
}

fn no_backup() -> Entry {
    let rig = Rig::new(Service::Ubidots, 3, "");
    let line = format!("apply devices.plan --require-backup --confirm {}/3", rig.tenant());
    let ended = ended(Service::Ubidots.credentials(&mut rig.bench.command(&line)));
    assert_eq!(rig.request_count(), 0);
    Entry::of(
        "A backup is required, and there is none",
        &[],
        "apply devices.plan --require-backup",
        &ended,
    )
}

fn verified() -> Vec<Entry> {
    let applied = |title: &str, fresh: &str| {
        let rig = Rig::new(Service::Nexthink, 3, "");
        rig.apply().exits(0);
        rig.bench.file("fresh.csv", fresh);
        let line = "verify devices.plan --inventory fresh.csv";
        Entry::of(title, &[], line, &rig.run(line))
    };
    let row = |number: usize| format!("{},PC-{number}\n", Service::Nexthink.uid(number));
    vec![
        applied(
            "Scheduled devices are still there",
            &format!("uid,name\n{}{}", row(2), row(9)),
        ),
        applied("The export has none of the tenant's devices", "uid,name\n"),
    ]
}
