//! What becomes a plan, and what refuses it.

mod common;

use common::{Bench, csv, devices, stable, uid};

const TENANT: &str = "--instance acme --region eu";

#[test]
fn a_plan_says_what_will_be_sent_and_what_will_not() {
    let bench = Bench::new();
    let mut rows = devices(5);
    rows.push((uid(2), "PC-2".to_owned()));
    rows.push((String::new(), "PC-7".to_owned()));
    rows.push(("not-a-uuid".to_owned(), "PC\u{1b}[8m".to_owned()));
    bench.file("devices.csv", csv(&rows));
    bench.file("keep.txt", "pc-4\n");
    let planned = bench
        .run(&format!("plan devices.csv --out acme.plan --protect keep.txt {TENANT}"))
        .exits(0);
    insta::assert_snapshot!("plan", stable(&planned.stdout));

    let status = bench.run("status acme.plan").exits(0);
    insta::assert_snapshot!("status-of-a-fresh-plan", stable(&status.stdout));
    let report = bench.run("report acme.plan").exits(0);
    insta::assert_snapshot!("report-of-a-fresh-plan", stable(&report.stdout));
}

#[test]
fn several_lists_and_standard_input_make_one_plan() {
    let bench = Bench::new();
    bench.file("a.csv", csv(&devices(3)));
    bench.file("b.csv", "name;uid\r\nPC-9;00000009-0000-4000-8000-000000000009\r\n");
    let mut command = bench.command(&format!("plan a.csv - b.csv --out acme.plan {TENANT}"));
    command.stdin(std::fs::File::open(bench.file("c.csv", csv(&devices(4)))).unwrap());
    common::ended(&mut command).exits(0);
    let status = bench.run("status acme.plan --format json").exits(0);
    assert!(
        status.stdout.contains(r#""tenant":"acme","planned":8,"skipped":3"#),
        "{}",
        status.stdout
    );
}

#[test]
fn one_uid_with_two_names_refuses_the_plan_and_the_first_five_are_listed_or_all() {
    let bench = Bench::new();
    let mut rows = devices(30);
    for number in 1..=30 {
        rows.push((uid(number).to_uppercase(), format!("renamed {number}")));
    }
    bench.file("devices.csv", csv(&rows));
    let line = format!("plan devices.csv --out acme.plan {TENANT}");
    for (flag, listed) in [("", 5), ("--list-all", 30)] {
        let refused = bench.run(&format!("{line} {flag}")).exits(1).says(&[
            "30 uids have more than one name",
            "devices.csv line 2:",
            "--skip-conflicts",
        ]);
        for number in 1..=30 {
            let is_listed = refused.stderr.contains(&format!("`renamed {number}`"));
            assert_eq!(is_listed, number <= listed, "{flag} {number}: {}", refused.stderr);
        }
        let is_cut = refused.stderr.contains("\nand 25 more (--list-all lists every one)\n")
            && refused.stderr.contains("--list-all");
        assert_eq!(is_cut, listed == 5, "{}", refused.stderr);
        assert_eq!(refused.next(), "fleetpurge plan --help");
    }
    assert_eq!(bench.files(), ["devices.csv"]);

    rows.push((uid(31), "PC-31".to_owned()));
    bench.file("devices.csv", csv(&rows));
    bench
        .run(&format!("plan devices.csv --out acme.plan --skip-conflicts {TENANT}"))
        .exits(0);
    let status = bench.run("status acme.plan --format json").exits(0);
    assert!(
        status.stdout.contains(r#""planned":61,"skipped":60"#),
        "{}",
        status.stdout
    );
}

#[test]
fn one_uid_with_many_names_and_many_malformed_uids_are_cut_at_five_too() {
    let bench = Bench::new();
    let renamed: Vec<_> = (1..=12).map(|number| (uid(1), format!("renamed {number}"))).collect();
    // With one that is well-formed: a list that has none is refused as a whole.
    let malformed: Vec<_> = (1..=7)
        .map(|number| (format!("{{{number}}}"), format!("odd {number}")))
        .chain([(uid(8), "even".to_owned())])
        .collect();
    for (rows, cut, found) in [
        (renamed, "  and 7 more rows\n", 12),
        (malformed, "\nand 2 more (--list-all lists every one)\n", 7),
    ] {
        bench.file("devices.csv", csv(&rows));
        let line = format!("plan devices.csv --out acme.plan --uid-validation strict {TENANT}");
        let refused = bench.run(&line).exits(1).says(&[cut, "--list-all"]);
        assert_eq!(
            refused.stderr.matches("devices.csv line").count(),
            5,
            "{}",
            refused.stderr
        );
        let all = bench.run(&format!("{line} --list-all")).exits(1);
        assert_eq!(all.stderr.matches("devices.csv line").count(), found, "{}", all.stderr);
    }
}

#[test]
fn a_plan_over_the_cap_is_refused_with_6() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(11)));
    let refused = bench
        .run(&format!("plan devices.csv --out acme.plan --max-devices 10 {TENANT}"))
        .exits(6)
        .says(&["it would send 11 devices", "--max-devices allows 10"]);
    assert_eq!(refused.next(), "fleetpurge plan --help");
    assert_eq!(bench.files(), ["devices.csv"]);
}

#[test]
fn under_strict_a_malformed_uid_refuses_the_plan() {
    let bench = Bench::new();
    let mut rows = devices(2);
    rows.push(("{0}".to_owned(), "PC-3".to_owned()));
    bench.file("devices.csv", csv(&rows));
    bench
        .run(&format!(
            "plan devices.csv --out acme.plan --uid-validation strict {TENANT}"
        ))
        .exits(1)
        .says(&["malformed uid: devices.csv line 4: uid `{0}`", "1 uid is malformed"]);
    assert_eq!(bench.files(), ["devices.csv"]);
}

#[test]
fn a_file_is_not_overwritten_unless_it_is_an_unused_plan_and_force_says_so() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(2)));
    let line = format!("plan devices.csv --out acme.plan {TENANT}");
    bench.run(&line).exits(0);
    bench.run(&line).exits(1).says(&["acme.plan", "--force"]);
    bench.run(&format!("{line} --force")).exits(0);
    bench
        .run(&format!("plan devices.csv --out devices.csv --force {TENANT}"))
        .exits(1)
        .says(&["devices.csv"]);
    assert_eq!(std::fs::read(bench.path("devices.csv")).unwrap(), csv(&devices(2)));
}

#[test]
fn a_protect_list_that_protects_nothing_is_refused() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(2)));
    bench.file("keep.txt", "name\n");
    bench
        .run(&format!("plan devices.csv --out acme.plan --protect keep.txt {TENANT}"))
        .exits(1)
        .says(&["keep.txt", "is empty"]);
    assert!(!common::exists(&bench.path("acme.plan")));
}
