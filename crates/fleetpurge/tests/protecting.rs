//! Devices that must stay: which rows an entry of a protect list matches, and the refusal of an entry without a match.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{Bench, Ended, Service, csv, devices, ended, exists, over_both, uid};
use fleetpurge_simulator::UbidotsDevice;
use rig::Rig;

over_both!(
    a_device_that_a_person_would_call_the_same_stays,
    every_entry_that_protects_no_row_is_listed_and_refuses_the_plan,
    a_row_of_a_table_without_uid_and_name_refuses_the_plan,
    an_entry_that_matches_only_skipped_rows_refuses_the_plan,
);

const TENANT: &str = "--instance acme --region eu";

/// A tenant with devices of these names, and a list of them.
fn tenant(service: Service, names: &[&str]) -> Rig {
    let devices: Vec<(String, String)> = (1..)
        .map(|at| service.uid(at))
        .zip(names.iter().map(|name| (*name).to_owned()))
        .collect();
    let mut rig = Rig::unplanned(service, "", |builder| match service {
        Service::Nexthink => builder,
        Service::Ubidots => {
            let devices = devices.clone().into_iter();
            builder
                .removal_delay(Duration::ZERO)
                .ubidots_devices(devices.map(|(id, label)| UbidotsDevice::new(id, label)))
        }
    });
    rig.bench.file("devices.csv", service.csv(&devices));
    rig.devices = devices;
    rig
}

fn plan(rig: &Rig, flags: &str) -> Ended {
    rig.run(&rig.plan_line(flags))
}

/// The uids that were sent, all of them in requests that the service read.
fn sent(rig: &Rig) -> BTreeSet<String> {
    rig.requests().into_iter().flatten().map(|(uid, _)| uid).collect()
}

/// Applies the plan, and holds what was sent against the rows that are left.
#[track_caller]
fn sends_only(rig: &Rig, rows: &[usize]) {
    rig.apply_with(rows.len(), "").exits(0);
    let expected: BTreeSet<String> = rows.iter().map(|row| rig.devices[row - 1].0.clone()).collect();
    assert_eq!(sent(rig), expected);
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// Refused with 6: each entry is listed, no plan is there, and the next command does not pass.
#[track_caller]
fn refused(bench: &Bench, ended: Ended, parts: &[&str]) -> Ended {
    let ended = ended
        .exits(6)
        .says(parts)
        .says(&["No plan was written", "--allow-unmatched-protect"]);
    assert!(!ended.next().contains("--allow"), "{}", ended.next());
    assert!(
        !bench.files().iter().any(|name| name.contains(".plan")),
        "{:?}",
        bench.files()
    );
    ended
}

fn a_device_that_a_person_would_call_the_same_stays(service: Service) {
    // The entry, the device that must stay.
    let table = [
        ("BU\u{308}RO-1", "BÜRO-1"),
        ("BÜRO-2", "BU\u{308}RO-2"),
        ("büro-3", "BÜRO-3"),
        ("STRASSE-4", "Straße-4"),
        ("ΟΔΟΣ", "οδος"),
        ("istanbul-5", "İSTANBUL-5"),
        ("ISTANBUL-6", "ıstanbul-6"),
        ("\u{a0}nbsp-7\u{2003}", "NBSP-7"),
        ("\u{200b}ZERO-8\u{feff}", "zero-8"),
        ("  pc-9\t", "PC-9"),
        ("PC-10 # the boss, \"do not touch\"", "PC-10"),
        ("PC#11", "pc#11"),
        ("\"PC # 12\"", "PC # 12"),
        ("SRV-*", "srv-eins"),
        ("K?LN-?", "KÖLN-1"),
        ("lab-[0-9]", "LAB-7"),
        ("[A-C]ad", "bAD"),
        ("*.corp.example", "pc-1.corp.example"),
        ("a/*", "A/b/.c"),
        (r"CORP\PC-*", r"corp\pc-77"),
        ("{br?ce}", "{BRACE}"),
        ("star*", "star*"),
        ("open[", "OPEN["),
    ];
    let mut names: Vec<&str> = table.iter().map(|(_, name)| *name).collect();
    names.push("must-go");
    let rig = tenant(service, &names);
    let keep: String = table.iter().map(|(entry, _)| format!("{entry}\n")).collect();
    rig.bench
        .file("keep.txt", format!("# must stay, \"all\" of them\n\n{keep}"));
    let planned = plan(&rig, "--protect keep.txt").exits(0);
    let count = table.len();
    contains(
        &planned.stdout,
        &[
            &format!("keep.txt: {count} entries protect {count} rows"),
            "`SRV-*` protects 1 row: `srv-eins`",
        ],
    );
    sends_only(&rig, &[names.len()]);
}

#[test]
fn a_uid_stays_however_it_is_written() {
    let bare = |uid: &str| uid.replace('-', "");
    let entries: [&dyn Fn(&str) -> String; 7] = [
        &str::to_uppercase,
        &|uid| format!("{{{uid}}}"),
        &|uid| format!("urn:uuid:{uid}"),
        &|uid| format!("URN:UUID:{}", uid.to_uppercase()),
        &bare,
        &|uid| format!("{{{}}}", bare(uid)),
        &|uid| format!(" {uid} # printer"),
    ];
    let listed: [&dyn Fn(&str) -> String; 3] = [&str::to_owned, &|uid| format!("{{{}}}", uid.to_uppercase()), &bare];
    let forms = entries.iter().flat_map(|entry| listed.map(|listed| (entry, listed)));
    let mut rig = tenant(Service::Nexthink, &[]);
    let mut keep = String::new();
    for (number, (entry, listed)) in (1..).zip(forms) {
        keep.push_str(&format!("{}\n", entry(&uid(number))));
        rig.devices.push((listed(&uid(number)), format!("PC-{number}")));
    }
    rig.devices.push((uid(99), "PC-99".to_owned()));
    rig.bench.file("devices.csv", csv(&rig.devices));
    rig.bench.file("keep.txt", keep);
    let planned = plan(&rig, "--protect keep.txt").exits(0);
    contains(&planned.stdout, &["keep.txt: 21 entries protect 21 rows"]);
    sends_only(&rig, &[22]);
}

fn every_entry_that_protects_no_row_is_listed_and_refuses_the_plan(service: Service) {
    let unmatched = [
        "SVR-*",
        "PC-1.corp.example",
        r"CORP\PC-1",
        "PC-1|boss",
        "PC\u{2011}1",
        "PC-99",
        "pc-[7-9]",
        "uid-or-so",
    ];
    let rig = tenant(service, &["PC-1", "PC-2"]);
    let keep: String = unmatched.iter().map(|entry| format!("{entry}\n")).collect();
    rig.bench.file("keep.txt", format!("pc-2\n{keep}"));
    let lines: Vec<String> = (2..)
        .zip(unmatched)
        .map(|(line, entry)| format!("keep.txt line {line}: `{entry}` protects no row"))
        .collect();
    let mut parts: Vec<&str> = lines.iter().map(String::as_str).collect();
    parts.extend([
        "keep.txt: 9 entries protect 1 row",
        "`PC-1`, which is not the same",
        "U+2011",
        "8 entries",
    ]);
    refused(&rig.bench, plan(&rig, "--protect keep.txt"), &parts);
    assert_eq!(rig.request_count(), 0);

    // Said to be meant, it is a warning, and what matches stays.
    let planned = plan(&rig, "--protect keep.txt --allow-unmatched-protect").exits(0);
    contains(&planned.stdout, &parts[..parts.len() - 1]);
    contains(&planned.stderr, &["warning", "8 entries"]);
    sends_only(&rig, &[1]);
}

fn a_row_of_a_table_without_uid_and_name_refuses_the_plan(service: Service) {
    let (header, words) = match service {
        Service::Nexthink => ("uid,hostname", "no uid and no name"),
        Service::Ubidots => ("id,name", "no id and no label"),
    };
    let rig = tenant(service, &["PC-1", "PC-2", "PC-3"]);
    let first = service.uid(1);
    rig.bench
        .file("keep.csv", format!("{header}\n{first},PC-1\n,PC-2\n,\n , PC-3 \n"));
    let parts = [
        "keep.csv: 3 entries protect 1 row",
        &format!("keep.csv line 3: `PC-2` protects no row, because its row has {words}\n"),
        &format!("keep.csv line 5: `PC-3` protects no row, because its row has {words}"),
    ];
    refused(&rig.bench, plan(&rig, "--protect keep.csv"), &parts).says(&["2 entries"]);
    assert_eq!(rig.request_count(), 0);
    let planned = plan(&rig, "--protect keep.csv --allow-unmatched-protect").exits(0);
    contains(&planned.stdout, &parts);
    sends_only(&rig, &[2, 3]);
}

fn an_entry_that_matches_only_skipped_rows_refuses_the_plan(service: Service) {
    let rig = tenant(service, &["PC-1.corp.example", "PC-2.corp.example", "PC-3"]);
    let header = match service {
        Service::Nexthink => "name,uid",
        Service::Ubidots => "label,id",
    };
    let rows: String = rig
        .devices
        .iter()
        .map(|(uid, name)| format!("{name},{uid}\n"))
        .collect();
    // The device under a name that it had once, in a row that a person has commented out.
    let mut list = format!("# list\n{header}\n#,{}\n#PC-2 , x\n", service.uid(99));
    let mut keep = format!("PC-3\n{}\n", service.uid(99));
    let mut unmatched = vec![format!("keep.txt line 2: `{}`", service.uid(99))];
    if service == Service::Nexthink {
        // Rows that cannot be sent, since they are blank in part.
        list.push_str(&format!("PC-1,\n,{}\n", uid(98)));
        keep.push_str(&format!("PC-1\n{}\npc-[1]\n", uid(98)));
        unmatched.extend([
            "keep.txt line 3: `PC-1`".to_owned(),
            format!("keep.txt line 4: `{}`", uid(98)),
            "keep.txt line 5: `pc-[1]`".to_owned(),
        ]);
    }
    rig.bench.file("devices.csv", format!("{list}{rows}"));
    rig.bench.file("keep.txt", &keep);
    let mut parts: Vec<String> = unmatched
        .iter()
        .map(|entry| format!("{entry} protects no row, because it matches only rows that are skipped anyway"))
        .collect();
    if service == Service::Nexthink {
        parts.push("; devices.csv line 7 has `PC-1.corp.example`, which is not the same\n".to_owned());
    }
    parts.push(format!("keep.txt: {} entries protect 1 row\n", unmatched.len() + 1));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    refused(&rig.bench, plan(&rig, "--protect keep.txt"), &parts);
    assert_eq!(rig.request_count(), 0);
    // An entry that also matches a row that is sent protects it.
    rig.bench.file("keep.txt", format!("{keep}*\n"));
    let planned = plan(&rig, "--protect keep.txt").exits(6);
    contains(&planned.stderr, &["`*` protects 3 rows"]);
}

#[test]
fn each_list_is_counted_and_a_row_counts_for_each_that_names_it() {
    let bench = Bench::new();
    let mut rows = devices(4);
    rows.push((uid(2), "PC-2".to_owned()));
    bench.file("devices.csv", csv(&rows));
    bench.file("one.txt", "PC-1\n");
    bench.file("two.txt", "pc-1\nPC-1\n");
    // A row that is a repeat is a row all the same: it is protected.
    bench.file("more.csv", format!("os,name,uid\nx,nobody,{}\ny,PC-2,\n", uid(2)));
    bench.file("glob.txt", "PC-?\n");
    let lists = "--protect one.txt --protect two.txt --protect more.csv";
    let planned = bench
        .run(&format!("plan devices.csv --out a.plan {lists} {TENANT}"))
        .exits(0);
    contains(
        &planned.stdout,
        &[
            "one.txt: 1 entry protects 1 row\n",
            "two.txt: 2 entries protect 1 row\n",
            "more.csv: 2 entries protect 2 rows\n",
            "3  are protected",
        ],
    );
    // A pattern that protects all of them leaves nothing to send.
    bench
        .run(&format!("plan devices.csv --out b.plan --protect glob.txt {TENANT}"))
        .exits(1)
        .says(&[
            "glob.txt: 1 entry protects 5 rows",
            "glob.txt line 1: `PC-?` protects 5 rows: `PC-1`, `PC-2`, `PC-3` and 2 more",
            "no row is left",
        ]);
    assert!(!exists(&bench.path("b.plan")));
}

#[test]
fn a_row_of_a_table_is_matched_by_its_uid_or_by_its_name() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(3)));
    bench.file(
        "keep.csv",
        format!(
            "# exported\nuid;name\n{};renamed since\n# {};PC-2\nother;PC-3 # the boss\nneither;nothing\n",
            uid(1),
            uid(2)
        ),
    );
    let line = format!("plan devices.csv --out acme.plan --protect keep.csv {TENANT}");
    let ended = bench.run(&line);
    let ended = refused(
        &bench,
        ended,
        &[
            "keep.csv: 3 entries protect 2 rows",
            "keep.csv line 6: `neither, nothing` protects no row",
            "1 entry",
        ],
    );
    assert!(
        !ended.stderr.contains("line 3:") && !ended.stderr.contains("line 5:"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_list_that_names_no_device_is_refused_with_the_file() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(2)));
    for text in [
        "",
        "\n\n",
        "name\n",
        "uid,name\n,\n",
        "# nobody\n",
        " \t\n#a\n  # b\n",
        "\u{feff}",
        "\u{feff}# x\r\n",
    ] {
        bench.file("keep.txt", text);
        bench
            .run(&format!(
                "plan devices.csv --out acme.plan --allow-unmatched-protect --protect keep.txt {TENANT}"
            ))
            .exits(1)
            .says(&["keep.txt", "is empty"]);
        assert!(!exists(&bench.path("acme.plan")), "{text:?}");
    }
}

#[test]
fn an_invalid_pattern_is_an_error_with_file_and_line() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(2)));
    bench.file("keep.txt", "PC-1\nPC-[2\n");
    for flags in ["", "--allow-unmatched-protect"] {
        bench
            .run(&format!(
                "plan devices.csv --out acme.plan --protect keep.txt {flags} {TENANT}"
            ))
            .exits(1)
            .says(&["keep.txt line 2: `PC-[2` is not a valid pattern", "1 pattern"]);
        assert!(!exists(&bench.path("acme.plan")));
    }
    let keep: String = (1..=25).map(|number| format!("[{number}\n")).collect();
    bench.file("keep.txt", keep);
    for (flag, listed, left_out) in [
        ("", "line 20: `[20`", "`[21`"),
        ("--list-all", "line 25: `[25`", "more"),
    ] {
        let line = format!("plan devices.csv --out acme.plan --protect keep.txt {flag} {TENANT}");
        let ended = bench.run(&line).exits(1).says(&["25 patterns", listed]);
        let is_cut = ended.stderr.contains("\nand 5 more (--list-all lists every one)\n");
        assert_eq!(
            (is_cut, ended.stderr.contains(left_out)),
            (flag.is_empty(), false),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_list_may_begin_with_a_brace_or_a_bracket_and_json_is_read() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(3)));
    let line = format!("plan devices.csv --out acme.plan --force --protect keep.txt {TENANT}");
    for (text, entries) in [
        (format!("{{{}}}\n", uid(1)), "1 entry protects 1 row"),
        ("[p]c-[12]\r\n".to_owned(), "1 entry protects 2 rows"),
        ("\u{feff}PC-1\r\nPC-2".to_owned(), "2 entries protect 2 rows"),
    ] {
        bench.file("keep.txt", text);
        let planned = bench.run(&line).exits(0);
        contains(&planned.stdout, &[&format!("keep.txt: {entries}")]);
    }
    for text in ["[{\"uid\": \"x\"}]", "{\n  \"uid\": \"x\"\n}\n", "[\n\"PC-1\"\n]\n"] {
        bench.file("keep.txt", text);
        let ended = bench.run(&line);
        if text.contains("PC-1") {
            contains(&ended.exits(0).stdout, &["keep.txt: 1 entry protects 1 row"]);
        } else {
            ended.exits(6).says(&["keep.txt ", "`x` protects no row"]);
        }
    }
    bench.file("keep.txt", "# by hand\n[\"PC-1\"]\n");
    bench.run(&line).exits(1).says(&["keep.txt, line 2", "JSON"]);
}

#[test]
fn a_list_may_come_from_standard_input_but_only_once() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(3)));
    bench.file("keep.txt", "PC-1\nPC-9\n");
    let run = |line: &str| {
        let mut command = bench.command(&format!("{line} {TENANT}"));
        command.stdin(std::fs::File::open(bench.path("keep.txt")).unwrap());
        ended(&mut command)
    };
    let ended = run("plan devices.csv --out acme.plan --protect -");
    refused(
        &bench,
        ended,
        &[
            "standard input: 2 entries protect 1 row",
            "standard input line 2: `PC-9`",
        ],
    );
    run("plan - --out acme.plan --protect -")
        .exits(2)
        .says(&["standard input"]);
    run("plan devices.csv --out acme.plan --protect - --protect -")
        .exits(2)
        .says(&["standard input"]);
}

#[test]
fn many_unmatched_entries_are_listed_in_part_unless_all_are_asked_for() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(3)));
    let keep: String = (1..=5000).map(|number| format!("NOBODY-{number}\n")).collect();
    bench.file("keep.txt", format!("PC-1\n{keep}"));
    let line = format!("plan devices.csv --out acme.plan --protect keep.txt {TENANT}");
    let more = "\nand 4980 more (--list-all lists every one)\n";
    let counts = ["keep.txt: 5001 entries protect 1 row", "5000 entries"];
    let all_of = |text: &str| {
        for number in 1..=5000 {
            let listed = format!("line {}: `NOBODY-{number}` protects no row\n", number + 1);
            assert!(text.contains(&listed), "{listed}");
        }
        assert!(!text.contains("more"), "{text}");
    };
    let ended =
        refused(&bench, bench.run(&line), &counts).says(&["`NOBODY-20`", more, "the first of them listed above"]);
    assert!(!ended.stderr.contains("`NOBODY-21`"));
    all_of(&refused(&bench, bench.run(&format!("{line} --list-all")), &counts).stderr);

    let line = format!("{line} --allow-unmatched-protect --force");
    let planned = bench.run(&line).exits(0);
    contains(&planned.stdout, &["`NOBODY-20`", more.trim()]);
    assert!(!planned.stdout.contains("`NOBODY-21`"));
    all_of(&bench.run(&format!("{line} --list-all")).exits(0).stdout);

    // As many as are listed: nothing is left out.
    let keep: String = (1..=20).map(|number| format!("NOBODY-{number}\n")).collect();
    bench.file("keep.txt", keep);
    let ended = bench.run(&line).exits(0);
    assert!(
        ended.stdout.contains("`NOBODY-20`") && !ended.stdout.contains("more"),
        "{}",
        ended.stdout
    );
}

#[test]
fn the_flag_that_allows_unmatched_entries_needs_a_list() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(3)));
    bench
        .run(&format!(
            "plan devices.csv --out acme.plan --allow-unmatched-protect {TENANT}"
        ))
        .exits(2);
}
