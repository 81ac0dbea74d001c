//! `verify --inventory`: what an export proves of the devices of a plan, and when it proves nothing.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::fs::File;
use std::time::{Duration, SystemTime};

use common::{Bench, Ended, Service, Simulate, over_both};
use serde_json::Value;

/// How many devices are asked for. Two more are in the plan and stay.
const ASKED: usize = 5;
const KEPT: [usize; 2] = [101, 102];

type Devices = Vec<(String, String)>;

/// A plan that was applied: five devices are scheduled, two are protected.
struct Applied {
    service: Service,
    bench: Bench,
    simulate: Simulate,
}

impl Applied {
    fn to(service: Service) -> Self {
        let (bench, simulate) = (Bench::new(), Simulate::start());
        let mut devices = service.devices(ASKED);
        devices.extend(kept(service));
        let names: Vec<String> = kept(service).into_iter().map(|(_, name)| name + "\n").collect();
        bench.file("keep.txt", names.concat());
        bench.file("devices.csv", service.csv(&devices));
        bench
            .run_for(
                service,
                &format!(
                    "plan devices.csv --out devices.plan --protect keep.txt --service {} --base-url {}",
                    service.word(),
                    simulate.url
                ),
            )
            .exits(0);
        let applied = Self {
            service,
            bench,
            simulate,
        };
        applied
            .bench
            .run_for(
                service,
                &format!("apply devices.plan --confirm {}/{ASKED}", applied.simulate.address()),
            )
            .exits(0);
        applied
    }

    /// Holds an inventory of these devices against the plan.
    fn against(&self, devices: &Devices, flags: &str) -> Ended {
        self.against_text(self.service.csv(devices), flags)
    }

    fn against_text(&self, text: impl AsRef<[u8]>, flags: &str) -> Ended {
        self.bench.file("fresh.csv", text);
        self.bench
            .run(&format!("verify devices.plan --inventory fresh.csv {flags}"))
    }

    fn header(&self) -> &'static str {
        match self.service {
            Service::Nexthink => "uid,name",
            Service::Ubidots => "id,label",
        }
    }

    /// How many deletions the service was asked for, whatever else happens here.
    fn deletions(&self) -> usize {
        self.simulate.requests().len()
    }
}

/// The devices of these numbers.
fn devices(service: Service, numbers: impl IntoIterator<Item = usize>) -> Devices {
    let all = service.devices(KEPT[1]);
    numbers.into_iter().map(|number| all[number - 1].clone()).collect()
}

fn kept(service: Service) -> Devices {
    devices(service, KEPT)
}

fn found(ended: &Ended) -> Vec<(u64, String)> {
    let lines = ended.stdout.lines();
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| {
            (
                line["row"].as_u64().unwrap(),
                line["found"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

/// What a refusal of an inventory always is: no verdict, and another command to type than the one that was refused.
#[track_caller]
fn refused(ended: Ended, words: &[&str]) {
    let ended = ended.exits(1).says(words).says(&["This command deletes nothing"]);
    assert_eq!(ended.stdout, "", "a verdict was given");
    assert!(!ended.next().contains("fresh.csv"), "{}", ended.next());
    assert!(!ended.next().contains("--allow-no-overlap"), "{}", ended.next());
}

over_both!(
    an_inventory_that_proves_nothing_is_refused,
    absence_from_an_inventory_that_knows_the_plan_is_gone,
    uids_are_compared_without_outer_space_and_in_any_spelling,
    a_name_under_another_uid_is_listed_and_not_counted_as_gone,
    allow_no_overlap_lifts_that_rule_and_no_other,
    an_inventory_older_than_the_last_request_is_refused,
    a_plan_with_nothing_to_look_for_is_no_success,
    the_list_that_the_plan_was_made_from_calls_nothing_gone,
    what_is_odd_about_an_inventory_is_said,
);

fn an_inventory_that_proves_nothing_is_refused(service: Service) {
    let applied = Applied::to(service);
    let header = applied.header();
    let asked = applied.deletions();
    // Only the header.
    for text in [
        format!("{header}\n"),
        header.to_owned(),
        format!("\u{feff}{header}\r\n\r\n"),
    ] {
        refused(applied.against_text(text, ""), &["fresh.csv", "no rows"]);
    }
    // Fifty strangers.
    let strangers = devices(service, 40..90);
    refused(applied.against(&strangers, ""), &["50 rows", "no device of the plan"]);
    // All names under other uids: the export has another column of uids.
    let other: Devices = devices(service, 1..=ASKED)
        .into_iter()
        .zip(devices(service, 50..60))
        .map(|((_, name), (uid, _))| (uid, name))
        .collect();
    refused(
        applied.against(&other, ""),
        &[
            "no device of the plan",
            match service {
                Service::Nexthink => "5 of its names are in the plan",
                Service::Ubidots => "5 of its labels are in the plan",
            },
            "row 5 of the plan, another",
            "--uid-column",
        ],
    );
    // Blank uids, among good ones.
    let (uid, name) = kept(service).remove(0);
    for blank in ["", "  ", "\u{a0}"] {
        let text = format!("{header}\n{uid},{name}\n{blank},x\n{blank},y\n");
        refused(applied.against_text(text, ""), &["2 rows have a blank", "line 3"]);
    }
    // Malformed uids: shown, with their lines, and escaped.
    for malformed in [
        "laptop-1",
        "N/A",
        "12345",
        "0f8fad5b-d9cb-469f-a165",
        "Total: 7",
        &format!("{uid}\u{200b}"),
        &format!("x{uid}"),
    ] {
        let text = format!("{header}\n{uid},{name}\n{malformed},x\n");
        refused(applied.against_text(text, ""), &["1 row has a malformed", "line 3"]);
    }
    let text = format!("{header}\n{uid},{name}\n{uid}\u{200b},x\n");
    refused(applied.against_text(text, ""), &["\\u{200b}"]);
    // All zeros are no uid.
    let zeros: String = uid.chars().map(|c| if c == '-' { '-' } else { '0' }).collect();
    let text = format!("{header}\n{uid},{name}\n{zeros},x\n");
    refused(applied.against_text(text, ""), &["1 row has a malformed", "line 3"]);
    // The columns are the wrong way round.
    let (uid_column, name_column) = header.split_once(',').unwrap();
    let swapped = format!("--uid-column {name_column} --name-column {uid_column}");
    refused(
        applied.against(&kept(service), &swapped),
        &["2 rows have a malformed", &format!("`{name_column}`"), "--uid-column"],
    );
    // A file that cannot be read says nothing of a plan that was not written.
    for text in ["", "a,b\n1,2\n"] {
        let ended = applied
            .against_text(text, "")
            .exits(1)
            .says(&["This command deletes nothing"]);
        assert!(!ended.stderr.contains("No plan was written"), "{}", ended.stderr);
        assert!(!ended.next().contains("fresh.csv"), "{}", ended.next());
    }
    assert_eq!(applied.deletions(), asked);
}

fn absence_from_an_inventory_that_knows_the_plan_is_gone(service: Service) {
    let applied = Applied::to(service);
    let asked = applied.deletions();
    let mut rest = kept(service);
    rest.extend(devices(service, 40..45));
    let ended = applied.against(&rest, "").exits(0);
    for part in [
        "rows read           7",
        "in the plan         2",
        "looked for          5",
        "gone                5",
        "still there         0",
        "columns",
        &format!("`{}`", applied.header().split_once(',').unwrap().0),
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
    // Where the lines are for a program, a person reads the same beside them.
    let ended = applied
        .against(&rest, "--format ndjson")
        .exits(0)
        .says(&["7 rows", "2 of its 7 devices"]);
    let all_gone: Vec<(u64, String)> = (1..=5).map(|row| (row, "gone".to_owned())).collect();
    assert_eq!(found(&ended), all_gone);
    // A device of the plan that is still there is enough of an overlap.
    let ended = applied
        .against(&devices(service, [3, 60]), "--format ndjson")
        .exits(3)
        .says(&["1 device is still there"]);
    assert_eq!(found(&ended)[2], (3, "present".to_owned()));
    assert!(!ended.next().contains("fresh.csv"), "{}", ended.next());
    // From a pipe, too.
    let piped = applied
        .bench
        .run("verify devices.plan --inventory - --format ndjson")
        .exits(1);
    assert_eq!(piped.stdout, "");
    assert_eq!(applied.deletions(), asked);
}

fn uids_are_compared_without_outer_space_and_in_any_spelling(service: Service) {
    let applied = Applied::to(service);
    let header = applied.header();
    let uid = service.uid(2);
    let mut spellings = vec![
        uid.to_uppercase(),
        format!(" {uid}"),
        format!("{uid} "),
        format!("\" {uid}\t\""),
        format!("\u{a0}{uid}\u{2003}"),
    ];
    spellings.extend(match service {
        Service::Nexthink => vec![format!("{{{uid}}}"), format!("urn:uuid:{uid}"), uid.replace('-', "")],
        Service::Ubidots => vec![format!("\"{{\"\"id\"\": \"\"{uid}\"\"}}\"")],
    });
    for spelling in spellings {
        let text = format!("{header}\n{spelling},x\n");
        let ended = applied.against_text(text, "--format ndjson").exits(3);
        assert_eq!(found(&ended)[1], (2, "present".to_owned()), "{spelling:?}");
        assert_eq!(found(&ended).iter().filter(|(_, found)| found == "present").count(), 1);
    }
}

fn a_name_under_another_uid_is_listed_and_not_counted_as_gone(service: Service) {
    let applied = Applied::to(service);
    let header = applied.header();
    let (uid, name) = kept(service).remove(0);
    let stranger = service.uid(77);
    let own = service.devices(1).remove(0).1;
    for spelling in [own.clone(), own.to_uppercase(), format!(" {own} ")] {
        let text = format!("{header}\n{uid},{name}\n{stranger},{spelling}\n");
        let ended = applied
            .against_text(&text, "--format ndjson")
            .exits(4)
            .says(&["1 device", "another"]);
        assert_eq!(found(&ended)[0], (1, "another_uid".to_owned()), "{spelling:?}");
        assert_eq!(found(&ended).iter().filter(|(_, found)| found == "gone").count(), 4);
        let line: Value = serde_json::from_str(ended.stdout.lines().next().unwrap()).unwrap();
        let detail = line["detail"].as_str().unwrap();
        assert!(detail.contains(&stranger) && detail.contains("line 3"), "{detail}");
    }
    let text = format!("{header}\n{uid},{name}\n{stranger},{own}\n");
    let ended = applied.against_text(&text, "").exits(4);
    let (uids, names) = match service {
        Service::Nexthink => ("uid", "name"),
        Service::Ubidots => ("id", "label"),
    };
    assert!(
        ended.stdout.contains(&format!("same {names}, another {uids}")) && ended.stdout.contains(&stranger),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("gone                4"), "{}", ended.stdout);
    assert!(!ended.next().contains("fresh.csv"), "{}", ended.next());
    // Another device that the plan itself lists under that name is no sign of another column.
    let both = format!("{header}\n{uid},{name}\n");
    applied.against_text(both, "").exits(0);
    // What is there under its own uid remains, whatever else is in doubt.
    let text = format!("{header}\n{},x\n{stranger},{own}\n", service.uid(2));
    applied.against_text(text, "").exits(3);
}

fn allow_no_overlap_lifts_that_rule_and_no_other(service: Service) {
    let applied = Applied::to(service);
    let header = applied.header();
    let flag = "--allow-no-overlap";
    let strangers = devices(service, 40..90);
    applied
        .against(&strangers, flag)
        .exits(0)
        .says(&["no device of the plan"]);
    // A tenant that is empty now.
    applied
        .against_text(format!("{header}\n"), flag)
        .exits(0)
        .says(&["no rows"]);
    // Names under other uids are not gone.
    let other: Devices = devices(service, 1..=ASKED)
        .into_iter()
        .zip(devices(service, 50..60))
        .map(|((_, name), (uid, _))| (uid, name))
        .collect();
    let ended = applied.against(&other, flag).exits(4);
    assert!(ended.stdout.contains("gone                0"), "{}", ended.stdout);
    for text in [
        format!("{header}\n,x\n"),
        format!("{header}\nlaptop-1,x\n"),
        String::new(),
    ] {
        let ended = applied.against_text(text, flag).exits(1);
        assert_eq!(ended.stdout, "");
    }
    // It belongs to an inventory.
    applied
        .bench
        .run("verify devices.plan --live --allow-no-overlap")
        .exits(2);
}

fn an_inventory_older_than_the_last_request_is_refused(service: Service) {
    let applied = Applied::to(service);
    let path = applied.bench.file("fresh.csv", service.csv(&kept(service)));
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(an_hour_ago)
        .unwrap();
    let old = applied.bench.run("verify devices.plan --inventory fresh.csv");
    refused(old, &["older than the last request"]);
    // Written anew, it is fresh.
    applied.against(&kept(service), "").exits(0);
}

fn a_plan_with_nothing_to_look_for_is_no_success(service: Service) {
    let (bench, simulate) = (Bench::new(), Simulate::start());
    bench.plan_for(service, &simulate, &service.devices(3)).exits(0);
    bench.file("fresh.csv", service.csv(&service.devices(2)));
    let mut commands = vec!["verify devices.plan --inventory fresh.csv"];
    if service == Service::Ubidots {
        commands.push("verify devices.plan --live");
    }
    let reads = simulate.counts()["reads"].clone();
    for command in commands {
        let ended = bench.run_for(service, command).exits(1).says(&["nothing to look for"]);
        assert_eq!(ended.stdout, "");
        assert_eq!(ended.next(), "fleetpurge status devices.plan");
    }
    assert_eq!(simulate.counts()["reads"], reads, "the account was asked");
}

fn what_is_odd_about_an_inventory_is_said(service: Service) {
    let applied = Applied::to(service);
    // The same device twice is one device.
    let mut twice = kept(service);
    twice.extend(kept(service));
    applied.against(&twice, "").exits(0).says(&["2 rows repeat"]);
    // As many rows as a limit would leave.
    let (uid, name) = kept(service).remove(0);
    let mut text = format!("{}\n{uid},{name}\n", applied.header());
    for number in 0..999 {
        text.push_str(&format!("{},x\n", service.uid(1_000 + number)));
    }
    applied
        .against_text(&text, "")
        .exits(0)
        .says(&["exactly 1000 rows", "limit"]);
    text.push_str(&format!("{},x\n", service.uid(5_000)));
    let ended = applied.against_text(&text, "").exits(0);
    assert!(!ended.stderr.contains("limit"), "{}", ended.stderr);
}

/// Of the only input nothing can be called gone; of one of two, the devices of the other would be.
fn the_list_that_the_plan_was_made_from_calls_nothing_gone(service: Service) {
    let applied = Applied::to(service);
    let list = std::fs::read(applied.bench.path("devices.csv")).unwrap();
    let ended = applied
        .against_text(&list, "")
        .exits(3)
        .says(&["the input of the plan", "Export again"]);
    assert!(ended.stdout.contains("gone                0"), "{}", ended.stdout);

    let (bench, simulate) = (Bench::new(), Simulate::start());
    bench.file("one.csv", service.csv(&service.devices(2)));
    let other = service.devices(9).split_off(7);
    bench.file("two.csv", service.csv(&other));
    let word = service.word();
    for command in [
        format!(
            "plan one.csv two.csv --out devices.plan --service {word} --base-url {}",
            simulate.url
        ),
        format!("apply devices.plan --confirm {}/4", simulate.address()),
    ] {
        bench.run_for(service, &command).exits(0);
    }
    for flag in ["", "--allow-no-overlap"] {
        let ended = bench.run(&format!("verify devices.plan --inventory one.csv {flag}"));
        refused(ended, &["the plan was made from", "one.csv"]);
    }
}
