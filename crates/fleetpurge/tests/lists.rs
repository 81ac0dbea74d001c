//! How device lists are read: no plan has a commented-out row, a value of another column, or half a row.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use common::{Bench, Ended, Service, Simulate, over_both};

/// A list of the service: its header, and a row for each device, with more columns before and after.
fn list(service: Service, columns: &[&str], rows: &[&[&str]]) -> String {
    let header = columns.iter().map(|column| match (service, *column) {
        (Service::Ubidots, "uid") => "id",
        (Service::Ubidots, "name") => "label",
        _ => column,
    });
    let mut text = header.collect::<Vec<_>>().join(",") + "\n";
    for row in rows {
        text.push_str(&(row.join(",") + "\n"));
    }
    text
}

fn plan(bench: &Bench, service: Service, simulator: &Simulate, rest: &[&str]) -> Ended {
    let mut command = bench.command(&format!(
        "plan --out devices.plan --service {} --base-url {}",
        service.word(),
        simulator.url
    ));
    common::ended(service.credentials(command.args(rest)))
}

/// Applies the plan, and says which devices the service was asked to delete.
fn applied(bench: &Bench, service: Service, simulator: &Simulate, count: usize) -> Vec<String> {
    bench
        .run_for(
            service,
            &format!("apply devices.plan --confirm {}/{count}", simulator.address()),
        )
        .exits(0);
    received(service, simulator)
}

fn received(service: Service, simulator: &Simulate) -> Vec<String> {
    match service {
        Service::Nexthink => simulator.requests().concat().into_iter().map(|(uid, _)| uid).collect(),
        Service::Ubidots => simulator
            .get("/_simulator/requests")
            .lines()
            .flat_map(|line| {
                let request: serde_json::Value = serde_json::from_str(line).unwrap();
                let devices = request["devices"].as_array().unwrap().clone();
                devices.into_iter().map(|device| {
                    device
                        .as_str()
                        .map_or_else(|| device[0].as_str().unwrap().to_owned(), str::to_owned)
                })
            })
            .collect(),
    }
}

over_both!(
    a_row_that_was_commented_out_is_refused_or_skipped_and_never_sent,
    a_device_that_is_commented_out_in_one_list_is_not_sent_by_another,
    two_columns_of_ids_are_never_guessed_between,
    a_list_of_which_no_uid_could_be_that_of_a_device_is_refused,
    a_list_that_was_cut_off_is_refused_or_told,
    a_list_of_protected_devices_that_was_cut_off_is_refused_or_told,
    an_inventory_to_verify_against_is_read_by_the_same_rules,
);

fn a_row_that_was_commented_out_is_refused_or_skipped_and_never_sent(service: Service) {
    let simulator = Simulate::start();
    let [one, two, three] = [1, 2, 3].map(|number| service.uid(number));
    for mark in ["#", "# ", " #", "//", "-- ", "REM ", "'"] {
        let bench = Bench::new();
        let commented = format!("{mark}SRV-DC01");
        let text = list(
            service,
            &["name", "uid"],
            &[&["a", &one], &[&commented, &two], &["c", &three]],
        );
        bench.file("a.csv", &text);
        let ended = plan(&bench, service, &simulator, &["a.csv"]).exits(1).says(&[
            "a.csv, line 3: the row begins like a comment",
            "SRV-DC01",
            "--comment-char ''",
            "No plan was written",
        ]);
        assert_eq!(ended.stdout, "");
        assert_eq!(bench.files(), ["a.csv"]);
        // The same from standard input, behind a good list.
        bench.file("b.csv", list(service, &["name", "uid"], &[&["d", &service.uid(4)]]));
        let mut command = bench.command(&format!(
            "plan b.csv - --out devices.plan --service {} --base-url {}",
            service.word(),
            simulator.url
        ));
        command.stdin(std::fs::File::open(bench.path("a.csv")).unwrap());
        common::ended(&mut command).exits(1).says(&["standard input, line 3"]);
        assert_eq!(bench.files(), ["a.csv", "b.csv"]);
    }
    simulator.received_nothing();

    let rows: &[&[&str]] = &[&["a", &one], &["#SRV-DC01", &two], &["c", &three]];
    let text = list(service, &["name", "uid"], rows);
    // What PowerShell's Export-Csv writes before the header.
    for (content, rest) in [
        (text.clone(), &["a.csv", "--comment-char", "#"][..]),
        (format!("#TYPE System.Object\n{text}"), &["a.csv"]),
        (text.replace('#', "!"), &["a.csv", "--comment-char", "!"]),
    ] {
        let simulator = Simulate::start();
        let bench = Bench::new();
        bench.file("a.csv", content);
        let planned = plan(&bench, service, &simulator, rest).exits(0);
        assert!(planned.stdout.contains("1  are commented out"), "{}", planned.stdout);
        // The row is no second time a comment.
        let is_typed = planned.stdout.contains("a.csv: 1 comment was passed over");
        assert_eq!(
            is_typed,
            std::fs::read(bench.path("a.csv")).unwrap().starts_with(b"#TYPE"),
            "{}",
            planned.stdout
        );
        assert_eq!(planned.stdout.contains("passed over"), is_typed, "{}", planned.stdout);
        assert_eq!(applied(&bench, service, &simulator, 2), [one.clone(), three.clone()]);
        let status = bench.status();
        assert_eq!((&status["planned"], &status["skipped"]), (&3.into(), &1.into()));
        let row = &bench.report()[1];
        assert_eq!(
            (&row["outcome"], &row["detail"]),
            (&"skipped".into(), &"the row is commented out".into())
        );
    }
    // A person has said that it is a device.
    let simulator = Simulate::start();
    let bench = Bench::new();
    bench.file("a.csv", &text);
    plan(&bench, service, &simulator, &["a.csv", "--comment-char", ""]).exits(0);
    assert_eq!(applied(&bench, service, &simulator, 3).len(), 3);
    for char in [",", ";", "\t", "\"", " ", "##", "\u{200b}"] {
        let ended = plan(&bench, service, &simulator, &["a.csv", "--comment-char", char]).exits(2);
        assert!(ended.stderr.contains("--comment-char"), "{}", ended.stderr);
    }
}

fn a_device_that_is_commented_out_in_one_list_is_not_sent_by_another(service: Service) {
    let simulator = Simulate::start();
    let [one, two, three] = [1, 2, 3].map(|number| service.uid(number));
    let shouted = two.to_uppercase();
    let live = list(
        service,
        &["name", "uid"],
        &[&["a", &one], &["SRV-DC01", &two], &["c", &three]],
    );
    for (commented, rest) in [
        (
            list(service, &["name", "uid"], &[&["#SRV-DC01", &two]]),
            &["--comment-char", "#"][..],
        ),
        (
            list(service, &["uid", "name"], &[&[&format!("#{shouted}"), "SRV-DC01"]]),
            &["--comment-char", "#"],
        ),
        (
            list(service, &["uid", "name"], &[&[&format!("! {two}"), "old"]]),
            &["--comment-char", "!"],
        ),
        (
            list(service, &["uid", "name"], &[&[&format!("\"# {two}\""), "old"]]),
            &["--comment-char", "#"],
        ),
        (
            list(service, &["name", "uid"], &[&["#SRV-DC01", ""]]),
            &["--comment-char", "#"],
        ),
    ] {
        for inputs in [&["live.csv", "keep.csv"][..], &["keep.csv", "live.csv"], &["both.csv"]] {
            let simulator = Simulate::start();
            let bench = Bench::new();
            bench.file("live.csv", &live);
            bench.file("keep.csv", &commented);
            let (header, row) = commented.split_once('\n').unwrap();
            // In one file, below the live row.
            let columns = if header.starts_with(['n', 'l']) {
                live.clone()
            } else {
                list(
                    service,
                    &["uid", "name"],
                    &[&[&one, "a"], &[&two, "SRV-DC01"], &[&three, "c"]],
                )
            };
            bench.file("both.csv", columns + row);
            let refused = plan(&bench, service, &simulator, &[inputs, rest].concat())
                .exits(1)
                .says(&[
                    "1 device is commented out in one row and listed in another",
                    "--skip-conflicts",
                ])
                .says(&["line 3:", "No plan was written"])
                .says(if inputs.len() == 1 {
                    &["both.csv line 5:"]
                } else {
                    &["keep.csv line 2:"]
                });
            assert_eq!(refused.stdout, "");
            let planned = plan(
                &bench,
                service,
                &simulator,
                &[inputs, rest, &["--skip-conflicts"]].concat(),
            )
            .exits(0);
            assert!(
                planned
                    .stdout
                    .contains("1  are of devices that another row comments out"),
                "{}",
                planned.stdout
            );
            assert_eq!(applied(&bench, service, &simulator, 2), [one.clone(), three.clone()]);
            let detail = |row: &serde_json::Value| row["detail"].as_str().unwrap_or_default().to_owned();
            assert!(
                bench
                    .report()
                    .iter()
                    .any(|row| detail(row).starts_with("its device is commented out in row"))
            );
        }
    }
    simulator.received_nothing();
}

fn two_columns_of_ids_are_never_guessed_between(service: Service) {
    let simulator = Simulate::start();
    let [one, two, three] = [1, 2, 3].map(|number| service.uid(number));
    for other in ["Collector UUID", "serial", "x"] {
        let bench = Bench::new();
        let rows: &[&[&str]] = &[&["", "a", &one], &[&three, "b", &two]];
        bench.file("a.csv", list(service, &[other, "name", "uid"], rows));
        plan(&bench, service, &simulator, &["a.csv"]).exits(1).says(&[
            "a.csv, line 3: two columns hold",
            &format!("`{other}` (here `{three}`)"),
            &format!("(here `{two}`)"),
            "--uid-column",
            "No plan was written",
        ]);
        assert_eq!(bench.files(), ["a.csv"]);
    }
    simulator.received_nothing();
    let bench = Bench::new();
    bench.file("a.csv", list(service, &["x", "name", "uid"], &[&[&three, "b", &two]]));
    plan(&bench, service, &simulator, &["a.csv", "--uid-column", "x"]).exits(0);
    assert_eq!(applied(&bench, service, &simulator, 1), [three]);
}

fn a_list_of_which_no_uid_could_be_that_of_a_device_is_refused(service: Service) {
    let simulator = Simulate::start();
    let [one, two] = [1, 2].map(|number| service.uid(number));
    let nil = one.replace(|c: char| c.is_ascii_hexdigit(), "0");
    let good = list(service, &["uid", "name"], &[&[&one, "a"]]);
    let of = |rows: &[&[&str]]| list(service, &["uid", "name"], rows);
    for (content, rest, parts) in [
        (
            of(&[&["PC-1", &one], &["PC-2", &two]]),
            &[][..],
            &["look swapped", "PC-1"][..],
        ),
        (
            of(&[&["PC-1", &one]]),
            &["--uid-column", "uid"],
            &["look swapped", "--name-column"],
        ),
        (
            of(&[&["PC-1", "a"], &["PC\u{200b}2", "b"]]),
            &[],
            &["malformed", "line 2", "`PC-1`"],
        ),
        (of(&[&["PC-1", "a"]]), &["--uid-validation", "strict"], &["malformed"]),
        (of(&[&[&nil, "a"]]), &[], &["nil (all zeros)", "line 2"]),
        (
            of(&[&[&nil, "a"]]),
            &["--uid-validation", "permissive"],
            &["nil (all zeros)"],
        ),
        (of(&[&[&nil, "a"], &["x", "b"]]), &[], &["malformed"]),
        (of(&[&["", ""], &["PC-1", "a"]]), &[], &["malformed"]),
    ] {
        let bench = Bench::new();
        bench.file("good.csv", &good);
        bench.file("a.csv", &content);
        let mut rest = rest.to_vec();
        let uid = if service == Service::Ubidots { "id" } else { "uid" };
        if service == Service::Ubidots {
            // Refused there, because it would have no effect.
            let permissive = ["--uid-validation", "permissive"];
            if let Some(at) = rest.windows(2).position(|words| words == permissive) {
                rest.drain(at..at + 2);
            }
        }
        for word in &mut rest {
            if *word == "uid" {
                *word = uid;
            }
        }
        for inputs in [&["a.csv"][..], &["good.csv", "a.csv"]] {
            let ended = plan(&bench, service, &simulator, &[inputs, &rest].concat())
                .exits(1)
                .says(parts)
                .says(&["a.csv", "No plan was written"]);
            assert!(
                !ended.stderr.contains('\u{200b}') || !ended.stderr.contains("PC\u{200b}2 "),
                "{}",
                ended.stderr
            );
        }
        assert_eq!(bench.files(), ["a.csv", "good.csv"]);
    }
    simulator.received_nothing();
    // One piece of advice, and none that the command follows already.
    let bench = Bench::new();
    bench.file("a.csv", of(&[&["PC-1", "a"], &["PC-2", "b"]]));
    bench.file("c.csv", of(&[&["PC-3", "c"], &[&one, "d"]]));
    let uid = if service == Service::Ubidots { "id" } else { "uid" };
    let strict = &["--uid-validation", "strict"][..];
    let ended = plan(&bench, service, &simulator, &[&["a.csv"][..], strict].concat()).exits(1);
    assert!(
        !ended.stderr.contains("are malformed, listed above"),
        "{}",
        ended.stderr
    );
    assert!(
        !ended.stderr.contains("omit --uid-validation strict"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("name it with --uid-column"), "{}", ended.stderr);
    plan(&bench, service, &simulator, &[&["a.csv", "c.csv"][..], strict].concat())
        .exits(1)
        .says(&[
            &format!("1 {uid} is malformed, listed above"),
            "c.csv line 2:",
            "name it with --uid-column",
        ]);
    let ended = plan(
        &bench,
        service,
        &simulator,
        &[&["a.csv", "--uid-column", uid][..], strict].concat(),
    )
    .exits(1)
    .says(&[&format!("`{uid}` holds no {uid}; check the column")]);
    assert!(!ended.stderr.contains("name it with"), "{}", ended.stderr);
    // One good uid, and the service has its say of the others; Ubidots' could not be sent at all.
    let bench = Bench::new();
    bench.file("a.csv", of(&[&["PC-1", "a"], &[&one, "b"]]));
    let code = if service == Service::Ubidots { 1 } else { 0 };
    plan(&bench, service, &simulator, &["a.csv"]).exits(code);
    bench.file("a.csv", of(&[&["PC-1", "a"]]));
    plan(
        &bench,
        service,
        &simulator,
        &["a.csv", "--force", "--uid-validation", "permissive"],
    )
    .exits(2 * code);
}

fn a_list_that_was_cut_off_is_refused_or_told(service: Service) {
    let simulator = Simulate::start();
    let [one, two] = [1, 2].map(|number| service.uid(number));
    let whole = list(service, &["uid", "name"], &[&[&one, "a"], &[&two, "SRV-DC01"]]);
    let ids_last = list(service, &["name", "uid"], &[&["a", &one], &["b", &two]]);
    for (content, parts) in [
        (
            whole.replace("SRV-DC01\n", "\"SRV-DC01\n"),
            &["line 3: the quote that opens"][..],
        ),
        (whole.replace(",SRV-DC01\n", ""), &["line 3", "cut short"]),
        (
            ids_last[..ids_last.len() - 5].to_owned(),
            &["line 3", "ends within this row"],
        ),
        (whole.replace("C01\n", "C01\r"), &["line 3", "carriage return"]),
        (whole.replace("C01\n", "C01\u{1a}"), &["line 3", "Ctrl-Z"]),
        (whole.replace("C01\n", "C01\0\0"), &["line 3", "NUL"]),
    ] {
        let bench = Bench::new();
        bench.file("a.csv", &content);
        let ended = plan(&bench, service, &simulator, &["a.csv"])
            .exits(1)
            .says(parts)
            .says(&["a.csv", "No plan was written"]);
        assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
        assert_eq!(bench.files(), ["a.csv"]);
    }
    simulator.received_nothing();
    let bench = Bench::new();
    bench.file("a.csv", whole.trim_end_matches("01\n"));
    bench.file("b.csv", list(service, &["uid", "name"], &[&[&service.uid(3), "c"]]));
    for (inputs, line) in [
        (
            &["a.csv", "b.csv"][..],
            "warning: a.csv, line 3: the last row has no line end",
        ),
        (
            &["b.csv", "a.csv", "--force"],
            "warning: a.csv, line 3: the last row has no line end",
        ),
    ] {
        let ended = plan(&bench, service, &simulator, inputs)
            .exits(0)
            .says(&[line, &format!("`{two}`, `SRV-DC`")]);
        assert!(
            ended.stdout.contains("warnings    1, on standard error"),
            "{}",
            ended.stdout
        );
        assert!(!ended.stdout.contains("no line end"), "{}", ended.stdout);
    }
    // Whole, it is told nothing.
    bench.file("a.csv", whole);
    let ended = plan(&bench, service, &simulator, &["a.csv", "--force"]).exits(0);
    assert_eq!(ended.stderr, "");
    assert!(!ended.stdout.contains("warning"), "{}", ended.stdout);
}

fn a_list_of_protected_devices_that_was_cut_off_is_refused_or_told(service: Service) {
    let simulator = Simulate::start();
    let [one, two] = [1, 2].map(|number| service.uid(number));
    let rows = list(service, &["uid", "name"], &[&[&one, "SRV-1"], &[&two, "SRV-DC01"]]);
    let names = list(service, &["name"], &[&["SRV-1"], &["SRV-DC"]]);
    let marked = list(service, &["name"], &[&["SRV-1"], &["# SRV-D"]])
        .trim_end()
        .to_owned();
    for (content, rest, parts) in [
        (
            "SRV-1\nSRV-DC",
            &["--allow-unmatched-protect"][..],
            &["warning: keep.txt, line 2", "`SRV-DC`"][..],
        ),
        ("SRV-1", &[], &["warning: keep.txt, line 1", "`SRV-1`"]),
        (
            names.trim_end(),
            &["--allow-unmatched-protect"],
            &["warning: keep.txt, line 3", "`SRV-DC`"],
        ),
        ("SRV-1\n# SRV-D", &[], &["warning: keep.txt, line 2", "`# SRV-D`"]),
        (&marked, &[], &["warning: keep.txt, line 3", "`# SRV-D`"]),
    ] {
        let bench = Bench::new();
        bench.file("a.csv", &rows);
        bench.file("keep.txt", content);
        let mut command = vec!["a.csv", "--protect", "keep.txt", "--force"];
        command.extend(rest);
        let ended = plan(&bench, service, &simulator, &command).exits(0).says(parts);
        assert!(
            ended.stdout.contains("warnings    1, on standard error"),
            "{}",
            ended.stdout
        );
        bench.file("keep.txt", format!("{content}\n"));
        let ended = plan(&bench, service, &simulator, &command).exits(0);
        assert!(!ended.stderr.contains("line end"), "{}", ended.stderr);
    }
    for (content, code, part) in [
        // Half a name that is nobody's protects nothing.
        ("SRV-1\nSRV-DC", 6, "SRV-DC"),
        ("SRV-1\nSRV-DC01\0\0", 1, "NUL"),
        ("SRV-1\n\"SRV-DC01", 1, "line 2: the quote that opens on this line"),
        ("SRV-1\nSRV-2\rSRV-DC01\n", 1, "line 2: a carriage return"),
    ] {
        let bench = Bench::new();
        bench.file("a.csv", &rows);
        bench.file("keep.txt", content);
        plan(&bench, service, &simulator, &["a.csv", "--protect", "keep.txt"])
            .exits(code)
            .says(&["keep.txt", part]);
        assert_eq!(bench.files(), ["a.csv", "keep.txt"]);
    }
    simulator.received_nothing();
}

fn an_inventory_to_verify_against_is_read_by_the_same_rules(service: Service) {
    let simulator = Simulate::start();
    let bench = Bench::new();
    bench.plan_for(service, &simulator, &service.devices(3)).exits(0);
    applied(&bench, service, &simulator, 3);
    let [one, two, nine] = [1, 2, 9].map(|number| service.uid(number));
    let uid = if service == Service::Ubidots { "id" } else { "uid" };
    let of = |rows: &[&[&str]]| list(service, &["name", "uid"], rows);
    let verify = |content: &str, rest: &[&str]| {
        bench.file("fresh.csv", content);
        let mut command = bench.command("verify devices.plan --inventory fresh.csv");
        common::ended(command.args(rest))
    };
    let commented = of(&[&["a", &one], &["#b", &two]]);
    verify(&commented, &[])
        .exits(1)
        .says(&["fresh.csv, line 3: the row begins like a comment"]);
    // Nexthink's lists have names as well.
    let only_ids = |last: &str| match service {
        Service::Nexthink => list(service, &["uid", "name"], &[&[&one, "a"], &[last, ""]]),
        Service::Ubidots => list(service, &["uid"], &[&[&one], &[last]]),
    };
    // Whether its device is there cannot be told.
    for (content, char, line) in [
        (
            commented.clone(),
            &["--comment-char", "#"][..],
            "fresh.csv line 3: commented out,",
        ),
        (
            commented.replace('#', "!"),
            &["--comment-char", "!"],
            "fresh.csv line 3: commented out,",
        ),
        (format!("#TYPE x\n{commented}"), &[], "fresh.csv line 4: commented out,"),
        (
            list(service, &["uid", "name"], &[&[&one, "a"], &[&format!("# {two}"), "b"]]),
            &["--comment-char", "#"],
            &format!("fresh.csv line 3: commented out, {uid} `{two}`"),
        ),
        (
            only_ids(&format!("#{two}")),
            &["--comment-char", "#"],
            &format!("fresh.csv line 3: commented out, {uid} `{two}`"),
        ),
    ] {
        let ended = verify(&content, char).exits(1).says(&[line, "1 row is commented out"]);
        assert_eq!(ended.stdout, "", "a verdict was given");
    }
    // Free text is no row.
    let remarks = "# exported on Monday\n".to_owned();
    for content in [
        of(&[&["a", &one]]).replace('\n', &format!("\n{remarks}")),
        remarks.clone() + &only_ids("# exported on Monday"),
    ] {
        let ended = verify(&content, &["--comment-char", "#"])
            .exits(3)
            .says(&["fresh.csv: 2 comments were passed over"]);
        assert!(ended.stdout.contains("still there         1"), "{}", ended.stdout);
    }
    verify(&commented, &["--comment-char", ""])
        .exits(3)
        .says(&["2 devices are still there"]);
    let two_columns = list(service, &["uid", "name", "x"], &[&[&one, "a", &nine]]);
    verify(&two_columns, &[])
        .exits(1)
        .says(&["line 2: two columns hold", "--uid-column"]);
    verify(&two_columns, &["--uid-column", uid]).exits(3);
    verify(of(&[&["a", &one]]).trim_end(), &[])
        .exits(3)
        .says(&["warning: fresh.csv, line 2: the last row has no line end"]);
    verify(of(&[&["a", &one], &["b", &two[..9]]]).trim_end(), &[])
        .exits(1)
        .says(&["line 3", "ends within this row"]);
    verify(&of(&[&["\"a", &one]]), &[])
        .exits(1)
        .says(&["line 2: the quote that opens"]);
    bench.run("verify devices.plan --live --comment-char #").exits(2);
}
