//! Input that cannot be used: the error is one paragraph with place and remedy, and nothing is sent.

mod common;

use common::{Bench, Service, Simulate, devices, with_credentials};

/// Runs `plan` over a list that it has to refuse.
#[track_caller]
fn refused_list(content: &[u8], parts: &[&str]) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.file("devices.csv", content);
    let ended = bench
        .run(&format!(
            "plan devices.csv --out devices.plan --base-url {}",
            simulator.url
        ))
        .exits(1)
        .says(parts)
        .says(&["devices.csv", "No plan was written. This command deletes nothing."]);
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.next(), "fleetpurge plan --help");
    let told = ended.stderr.lines().count();
    assert_eq!(told, 2, "not one paragraph and the next command: {}", ended.stderr);
    assert_eq!(bench.files(), ["devices.csv"], "something was left behind");
    simulator.received_nothing();
}

#[test]
fn a_missing_file_is_named() {
    let bench = Bench::new();
    bench
        .run("plan none.csv --out a.plan --base-url http://127.0.0.1:1")
        .exits(1)
        .says(&["none.csv: there is no such file", "deletes nothing"]);
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[test]
fn an_empty_file_is_refused() {
    refused_list(b"", &["the file is empty"]);
}

#[test]
fn a_header_without_rows_makes_no_plan() {
    let bench = Bench::new();
    bench.file("devices.csv", "uid,name\n");
    bench
        .run("plan devices.csv --out a.plan --base-url http://127.0.0.1:1")
        .exits(1)
        .says(&["no row is left to send", "No plan was written"]);
    assert_eq!(bench.files(), ["devices.csv"]);
}

#[test]
fn a_header_without_uid_lists_its_columns() {
    refused_list(
        b"id,name\n1,a\n",
        &["line 1", "column `uid`", "`id`, `name`", "--uid-column"],
    );
}

#[test]
fn a_header_without_name_lists_its_columns() {
    refused_list(
        b"uid,host\n1,a\n",
        &["line 1", "column `name`", "`uid`, `host`", "--name-column"],
    );
}

#[test]
fn two_uid_columns_are_never_guessed_between() {
    refused_list(
        b"device.uid,device.collector.uid,name\na,b,c\n",
        &["`device.uid`, `device.collector.uid`", "--uid-column"],
    );
}

#[test]
fn a_row_with_too_few_fields_is_found_by_line_and_column() {
    refused_list(
        b"uid,name\na,b\nc\n",
        &["line 3", "column `name`", "1 field where the header has 2"],
    );
}

#[test]
fn invalid_utf_8_is_found_by_line_column_and_offset() {
    refused_list(
        b"uid,name\na,Ren\xe9\n",
        &["line 2", "column `name`", "not UTF-8", "offset 14", "CSV UTF-8"],
    );
}

#[test]
fn a_damaged_workbook_and_a_format_that_is_not_read_are_refused_with_the_advice_to_save_them_as_csv() {
    refused_list(b"PK\x03\x04", &["the workbook cannot be read", "as CSV"]);
    refused_list(b"%PDF-1.7", &["PDF", "as CSV"]);
    refused_list(
        b"[{\"uid\": 7, \"name\": \"PC-1\"}]",
        &["element 1", "column `uid`", "`7` is no text"],
    );
}

#[test]
fn a_file_that_is_not_a_plan_is_refused() {
    let bench = Bench::new();
    bench.file("devices.plan", "uid,name\na,b\n");
    for line in [
        "apply devices.plan --confirm a/1",
        "status devices.plan",
        "report devices.plan",
    ] {
        bench
            .run_with_credentials(line)
            .exits(1)
            .says(&["devices.plan", "`fleetpurge plan` wrote"]);
    }
    for line in ["apply none.plan --confirm a/1", "status none.plan", "report none.plan"] {
        bench.run_with_credentials(line).exits(1).says(&[
            "none.plan",
            "there is no plan with that name",
            "Check the path",
        ]);
    }
}

#[test]
fn an_instance_with_a_slash_and_an_open_url_are_wrong_usage() {
    let bench = Bench::new();
    bench.file("devices.csv", "uid,name\na,b\n");
    bench
        .run("plan devices.csv --out a.plan --instance acme/x --region eu")
        .exits(2)
        .says(&["--instance", "acme/x", "deletes nothing"]);
    bench
        .run("plan devices.csv --out a.plan --base-url http://nexthink.example")
        .exits(2)
        .says(&["--base-url", "http://nexthink.example", "not https"]);
    assert_eq!(bench.files(), ["devices.csv"]);
}

#[test]
fn missing_credentials_are_named_one_by_one() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(3)).exits(0);
    let line = format!("apply devices.plan --confirm {}/3", simulator.address());
    bench.run(&line).exits(1).says(&[
        "NEXTHINK_CLIENT_ID",
        "NEXTHINK_CLIENT_SECRET",
        "NEXTHINK_TOKEN",
        "deleted nothing",
    ]);
    let mut command = bench.command(&line);
    command.env("NEXTHINK_CLIENT_ID", "id");
    common::ended(&mut command)
        .exits(1)
        .says(&["NEXTHINK_CLIENT_SECRET", "--client-secret-file"]);
    let mut command = bench.command(&line);
    with_credentials(&mut command).env("NEXTHINK_TOKEN", "token");
    common::ended(&mut command)
        .exits(1)
        .says(&["both NEXTHINK_TOKEN and client credentials"]);
    simulator.received_nothing();
}

#[test]
fn wrong_credentials_stop_before_the_first_request() {
    let bench = Bench::new();
    let simulator =
        bench.simulate_with(r#"{"rules": [{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]}"#);
    bench.plan(&simulator, &devices(3)).exits(0);
    bench
        .run_with_credentials(&format!("apply devices.plan --confirm {}/3", simulator.address()))
        .exits(1)
        .says(&[
            "/oauth2/default/v1/token",
            "Check NEXTHINK_CLIENT_ID",
            "deleted nothing",
        ]);
    simulator.received_nothing();
    assert_eq!(bench.status()["attempts"], 0);
}

#[test]
fn a_service_that_cannot_be_reached_is_reported() {
    let bench = Bench::new();
    let gone = Simulate::start();
    bench.plan(&gone, &devices(3)).exits(0);
    let line = format!("apply devices.plan --confirm {}/3", gone.address());
    drop(gone);
    bench.run_with_credentials(&line).exits(1).says(&[
        "no token from http://127.0.0.1:",
        "Check the address",
        "deleted nothing",
    ]);
    assert_eq!(bench.status()["pending"], 3);
}

#[test]
fn what_says_nothing_to_ubidots_is_wrong_usage_with_its_flag() {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Ubidots.csv(&Service::Ubidots.devices(1)));
    let table = [
        ("--instance acme --region eu", "--instance has no meaning for Ubidots"),
        ("--instance acme", "--instance has no meaning for Ubidots"),
        ("--region eu", "--region has no meaning for Ubidots"),
        (
            "--token-url https://a.example/token",
            "--token-url has no meaning for Ubidots",
        ),
        ("--base-url http://ubidots.example", "not https"),
        ("--client-secret-file secret", "--client-secret-file"),
        ("--client-secret-command pass", "--client-secret-command"),
    ];
    for (flags, part) in table {
        let ended = bench
            .run_for(
                Service::Ubidots,
                &format!("plan devices.csv --out a.plan --service ubidots {flags}"),
            )
            .exits(2)
            .says(&[part, "delete"]);
        assert_eq!(ended.next(), "fleetpurge plan --help", "{flags}");
    }
    // A list of one service is none of the other.
    bench
        .run("plan devices.csv --out a.plan --instance acme --region eu")
        .exits(1)
        .says(&["devices.csv"]);
    assert_eq!(bench.files(), ["devices.csv"]);
}

#[test]
fn credentials_for_ubidots_that_are_missing_or_doubtful_are_named_and_nothing_is_sent() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench
        .plan_for(Service::Ubidots, &simulator, &Service::Ubidots.devices(3))
        .exits(0);
    let none: &[(&str, &str)] = &[];
    let token = &[("UBIDOTS_TOKEN", "c4nary-token")][..];
    let table = [
        (
            none,
            "",
            &["credentials are missing", "set UBIDOTS_TOKEN", "UBIDOTS_API_KEY"][..],
        ),
        (&[("UBIDOTS_TOKEN", "")], "", &["credentials are missing"]),
        (
            &[
                ("NEXTHINK_CLIENT_ID", "id"),
                ("NEXTHINK_CLIENT_SECRET", "c4nary"),
                ("NEXTHINK_TOKEN", "c4nary"),
            ],
            "",
            &["set UBIDOTS_TOKEN"],
        ),
        (
            &[("UBIDOTS_TOKEN", "c4nary-token"), ("UBIDOTS_API_KEY", "c4nary-key")],
            "",
            &["both UBIDOTS_TOKEN and UBIDOTS_API_KEY are given"],
        ),
        (
            &[("UBIDOTS_TOKEN", "c4nary token")],
            "",
            &["contains a character that it cannot have"],
        ),
        (
            token,
            "--token-url https://a.example/token",
            &["--token-url has no meaning for Ubidots"],
        ),
        (
            token,
            "--client-secret-file secret",
            &["--client-secret-file has no meaning for Ubidots"],
        ),
        (
            token,
            "--client-secret-command pass",
            &["--client-secret-command has no meaning for Ubidots"],
        ),
    ];
    for (environment, flags, parts) in table {
        let line = format!("apply devices.plan --confirm {}/3 {flags}", simulator.address());
        let ended = common::ended(bench.command(&line).envs(environment.iter().copied()))
            .exits(1)
            .says(parts)
            .says(&["This run sent nothing"]);
        assert!(!ended.stderr.contains("c4nary"), "{}", ended.stderr);
    }
    assert_eq!(simulator.counts()["token_requests"], 0);
    simulator.received_nothing();
    assert_eq!(bench.status()["attempts"], 0);

    // Nor is a token of the one service one of the other.
    bench.plan(&simulator, &devices(3)).exits(1).says(&["devices.plan"]);
    bench.file("pcs.csv", common::csv(&devices(3)));
    bench
        .run(&format!("plan pcs.csv --out pcs.plan --base-url {}", simulator.url))
        .exits(0);
    let line = format!("apply pcs.plan --confirm {}/3", simulator.address());
    common::ended(bench.command(&line).env("UBIDOTS_TOKEN", "token"))
        .exits(1)
        .says(&["NEXTHINK_CLIENT_ID"]);
    simulator.received_nothing();
}

#[test]
fn an_api_key_that_is_refused_stops_before_the_first_request() {
    let bench = Bench::new();
    let simulator =
        bench.simulate_with(r#"{"rules": [{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]}"#);
    bench
        .plan_for(Service::Ubidots, &simulator, &Service::Ubidots.devices(3))
        .exits(0);
    bench
        .run_for(
            Service::Ubidots,
            &format!("apply devices.plan --confirm {}/3", simulator.address()),
        )
        .exits(1)
        .says(&[
            "no token from",
            "Check UBIDOTS_TOKEN (or UBIDOTS_API_KEY)",
            "deleted nothing",
        ]);
    simulator.received_nothing();
    assert_eq!(bench.status()["attempts"], 0);
}
