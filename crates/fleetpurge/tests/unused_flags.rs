//! A flag that would have no effect is refused: whoever typed it expects one.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{Bench, Service, Simulate, ended};

#[test]
fn a_flag_without_effect_is_refused_before_anything_is_done() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    let devices = Service::Nexthink.devices(3);
    bench.plan(&simulator, &devices).exits(0);
    let confirm = format!("--limit 1 --confirm {}/1", simulator.address());
    bench
        .run_with_credentials(&format!("apply devices.plan {confirm}"))
        .exits(5);
    bench.file("ids.csv", "id\n000000000000000000000001\n");
    bench.file("keep.txt", "PC-1\n");
    let plan = format!("plan devices.csv --base-url {} --out new.plan", simulator.url);
    let ubidots = format!(
        "plan ids.csv --service ubidots --base-url {} --out new.plan",
        simulator.url
    );
    let select = format!("select --query #all_devices --base-url {} --out new.csv", simulator.url);
    let table = [
        // What paces the reading of a Ubidots account paces nothing else.
        (
            "verify devices.plan --inventory devices.csv --rate 2".to_owned(),
            "--rate",
        ),
        (
            "verify devices.plan --inventory devices.csv --timeout 2".to_owned(),
            "--timeout",
        ),
        ("verify devices.plan --query #all_devices --rate 2".to_owned(), "--rate"),
        (
            "verify devices.plan --query #all_devices --timeout 2".to_owned(),
            "--timeout",
        ),
        (format!("{select} --rate 2"), "--rate"),
        (format!("{select} --timeout 2"), "--timeout"),
        // What is said of workbooks is lost on a list that is none.
        (format!("{plan} --sheet Retired"), "--sheet"),
        (format!("{plan} --include-hidden"), "--include-hidden"),
        (
            format!("{plan} --protect keep.txt --protect-sheet Retired"),
            "--protect-sheet",
        ),
        (
            "verify devices.plan --inventory devices.csv --sheet Retired".to_owned(),
            "--sheet",
        ),
        (
            "verify devices.plan --inventory devices.csv --include-hidden".to_owned(),
            "--include-hidden",
        ),
        // What lifts a check that is not made.
        (format!("{plan} --allow-unmatched-name"), "--allow-unmatched-name"),
        (format!("{plan} --allow-unmatched-protect"), "--allow-unmatched-protect"),
        (format!("{plan} --protect-encoding utf-8"), "--protect-encoding"),
        (format!("{plan} --protect-sheet A"), "--protect-sheet"),
        (format!("{ubidots} --uid-validation permissive"), "--uid-validation"),
        // A log that nobody asked for has no format.
        ("status devices.plan --log-format json".to_owned(), "--log-format"),
    ];
    let before = bench.files();
    for (line, flag) in table {
        let ended = bench.run_with_credentials(&line).exits(2);
        let error = ended.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(error.contains(flag), "{line}: {}", ended.stderr);
        let command = line.split(' ').next().unwrap();
        assert_eq!(ended.next(), format!("fleetpurge {command} --help"), "{line}");
        assert_eq!(bench.files(), before, "{line}");
    }
    assert_eq!(simulator.requests().len(), 1);
}

#[test]
fn a_flag_that_has_an_effect_is_taken() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    bench.plan(&simulator, &Service::Nexthink.devices(3)).exits(0);
    for line in [
        "status devices.plan --log-format json -v",
        "status devices.plan --log-format text --log-file a.log",
    ] {
        bench.run(line).exits(0);
    }
    let mut command = bench.command("status devices.plan --log-format json");
    ended(command.env("RUST_LOG", "info")).exits(0);
}

/// The lists of a profile are protect lists like any other: what is said of them has an effect.
#[test]
fn what_is_said_of_protect_lists_is_said_of_those_of_a_profile_too() {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(3)));
    bench.file("keep.txt", "no-such-device\n");
    bench.file(
        "config.toml",
        "default_profile = \"a\"\n[profile.a]\ninstance = \"acme\"\nregion = \"eu\"\nprotect = [\"keep.txt\"]\n",
    );
    let run = |flags: &str| {
        let mut command = bench.command(&format!("plan devices.csv --out new.plan {flags}"));
        ended(command.env("FLEETPURGE_CONFIG", bench.path("config.toml")))
    };
    run("").exits(6).says(&["--allow-unmatched-protect"]);
    run("--allow-unmatched-protect").exits(0);
}

#[test]
fn a_flag_takes_precedence_over_the_environment_in_the_log_too() {
    let bench = Bench::new();
    for (environment, flags, is_told) in [
        ("error", "-v", true),
        ("error", "", false),
        ("info", "", true),
        ("", "-v", true),
    ] {
        let mut command = bench.command(&format!("schema {flags}"));
        let told = ended(command.env("RUST_LOG", environment)).exits(0).stderr;
        assert_eq!(
            told.contains("the command begins"),
            is_told,
            "{environment:?} {flags:?}: {told}"
        );
    }
}
