//! Who may apply a plan, and what is recorded about it.

mod common;

use std::process::Stdio;

use common::{Bench, Running, Simulate, csv, devices, stable, with_credentials};

#[test]
fn without_the_right_confirmation_nothing_is_sent_and_the_exit_is_6() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(12)).exits(0);
    let tenant = simulator.address();
    let table = [
        (String::new(), "no confirmation was given"),
        ("--confirm yes".to_owned(), "not the one asked for"),
        (format!("--confirm {tenant}/11"), "not the one asked for"),
        (format!("--confirm {tenant}/012"), "not the one asked for"),
        ("--confirm acme/12".to_owned(), "another tenant"),
        (format!("--limit 3 --confirm {tenant}/12"), "not the one asked for"),
    ];
    for (arguments, reason) in table {
        let ended = bench
            .run_with_credentials(&format!("apply devices.plan {arguments}"))
            .exits(6)
            .says(&[reason, "This run sent nothing", "devices to the tenant"]);
        assert!(!ended.next().contains("--confirm"), "{}", ended.next());
    }
    // The confirmation is asked for before the credentials are.
    bench.run("apply devices.plan").exits(6);
    simulator.received_nothing();
    assert_eq!(bench.status()["attempts"], 0);
}

#[test]
fn both_hosts_the_digest_and_the_age_are_printed_before_anything_is_sent() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(2)).exits(0);
    let refused = bench.run_with_credentials("apply devices.plan").exits(6);
    let refused = stable(&refused.stderr);
    insta::assert_snapshot!("apply-refused", refused);

    let applied = bench
        .run_with_credentials(&format!("apply devices.plan --confirm {}/2", simulator.address()))
        .exits(0);
    insta::assert_snapshot!("applied-stdout", stable(&applied.stdout));
    insta::assert_snapshot!("applied-stderr", stable(&applied.stderr));
}

#[test]
fn the_secret_comes_from_a_file_of_ones_own_or_a_command_and_is_never_seen() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(3)).exits(0);
    let apply = |more: &str, count: u32| {
        let line = format!(
            "apply devices.plan --limit 1 --confirm {}/{count} {more}",
            simulator.address()
        );
        let mut command = bench.command(&line);
        command.env("NEXTHINK_CLIENT_ID", "id").env("RUST_LOG", "trace");
        command
    };
    let secret = bench.file("secret", "c4nary-secret\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for mode in [0o644, 0o640, 0o604] {
            std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
            common::ended(&mut apply("--client-secret-file secret", 1))
                .exits(1)
                .says(&["other users have access", "chmod 600"]);
        }
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    simulator.received_nothing();
    let from_file = common::ended(&mut apply("--client-secret-file secret", 1)).exits(5);

    // A command does not inherit credentials, so it prints the canary only if none of them is there.
    let script = bench.file(
        "print-secret",
        "echo \"c4nary-secret$NEXTHINK_CLIENT_SECRET$NEXTHINK_TOKEN$NEXTHINK_CLIENT_ID\"\n",
    );
    let mut command = apply("", 1);
    command
        .arg("--client-secret-command")
        .arg(format!("sh {}", script.display()));
    let from_command = common::ended(&mut command).exits(5);
    let mut command = apply("--client-secret-command false", 1);
    common::ended(&mut command)
        .exits(1)
        .says(&["--client-secret-command", "failed"]);

    for ended in [from_file, from_command] {
        assert!(
            ended.stderr.len() > 500,
            "nothing was logged at trace level: {}",
            ended.stderr
        );
        assert!(
            !ended.stdout.contains("c4nary") && !ended.stderr.contains("c4nary"),
            "{}",
            ended.stderr
        );
    }
    let ledger = std::fs::read(bench.path("devices.plan")).unwrap();
    assert!(!ledger.windows(6).any(|window| window == b"c4nary"));
}

#[test]
fn a_token_from_the_environment_is_enough() {
    let bench = Bench::new();
    let simulator = Simulate::with("--static-token c4nary-token");
    bench.plan(&simulator, &devices(3)).exits(0);
    let mut command = bench.command(&format!("apply devices.plan --confirm {}/3", simulator.address()));
    command.env("NEXTHINK_TOKEN", "c4nary-token").env("RUST_LOG", "trace");
    let ended = common::ended(&mut command).exits(0);
    assert!(
        !ended.stdout.contains("c4nary") && !ended.stderr.contains("c4nary"),
        "{}",
        ended.stderr
    );
    assert_eq!(simulator.counts()["token_requests"], 0);
}

#[test]
fn an_altered_plan_is_refused_with_6() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(3)).exits(0);
    let path = bench.path("devices.plan");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|window| window == b"PC-2").unwrap();
    bytes[at + 3] = b'9';
    std::fs::write(&path, bytes).unwrap();
    bench
        .run_with_credentials(&format!("apply devices.plan --confirm {}/3", simulator.address()))
        .exits(6)
        .says(&["devices.plan", "plan again", "sent nothing"]);
    simulator.received_nothing();
}

#[test]
fn a_token_url_on_a_foreign_host_has_to_be_given_again() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    let tokens = Simulate::start();
    bench.file("devices.csv", csv(&devices(3)));
    let token_url = format!("{}/oauth2/default/v1/token", tokens.url);
    bench
        .run(&format!(
            "plan devices.csv --out devices.plan --base-url {} --token-url {token_url}",
            simulator.url
        ))
        .exits(0);
    let line = format!("apply devices.plan --confirm {}/3", simulator.address());
    bench
        .run_with_credentials(&line)
        .exits(6)
        .says(&[&token_url, "neither the instance's nor that of the base URL"]);
    bench
        .run_with_credentials(&format!("{line} --token-url {}/token", simulator.url))
        .exits(6)
        .says(&["is not the plan's"]);
    assert_eq!(tokens.counts()["token_requests"], 0);
    simulator.received_nothing();
}

#[test]
fn what_may_have_been_applied_is_sent_again_only_when_a_person_says_so() {
    let bench = Bench::new();
    let simulator = bench.simulate_with(r#"{"rules": [{"when": {"request": 1}, "then": {"reply": {"status": 500}}}]}"#);
    bench.plan(&simulator, &devices(3)).exits(0);
    let line = format!("apply devices.plan --confirm {}/3", simulator.address());
    bench
        .run_with_credentials(&line)
        .exits(4)
        .says(&["3 devices are unknown", "--resend-unknown"]);
    assert_eq!(bench.status()["unknown"], 3);
    bench.run_with_credentials(&line).exits(4);
    assert_eq!(simulator.requests().len(), 1);
    bench.run_with_credentials(&format!("{line} --resend-unknown")).exits(0);
    assert_eq!(simulator.requests(), [devices(3), devices(3)]);
    assert!(
        bench
            .report()
            .iter()
            .all(|row| row["attempts"] == 2 && row["outcome"] == "scheduled")
    );
}

#[test]
fn a_second_apply_is_refused_with_the_holder_of_the_plan_and_status_still_works() {
    let bench = Bench::new();
    let simulator = Simulate::with("--latency-ms 60000");
    bench.plan(&simulator, &devices(3)).exits(0);
    let line = format!("apply devices.plan --confirm {}/3", simulator.address());
    let mut first = with_credentials(&mut bench.command(&line))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while simulator.counts()["deletion_requests"] == 0 {
        std::thread::yield_now();
    }
    let second = bench.run_with_credentials(&line).exits(1).says(&[
        "held by",
        &format!("process {}", first.id()),
        "This run sent nothing",
    ]);
    assert_eq!(second.next(), "fleetpurge status devices.plan");
    assert_eq!(bench.status()["unknown"], 3);

    // A holder that died does not block, and what it had under way is not sent again.
    first.kill().unwrap();
    first.wait().unwrap();
    bench.run_with_credentials(&line).exits(4);
    assert_eq!(bench.status()["unknown"], 3);
    assert_eq!(simulator.counts()["deletion_requests"], 1);
}

#[cfg(unix)]
#[test]
fn an_interrupt_lets_what_is_in_flight_finish_and_the_same_command_resumes() {
    let bench = Bench::new();
    let simulator = Simulate::with("--latency-ms 300");
    bench.plan(&simulator, &devices(1_000)).exits(0);
    let line = format!(
        "apply devices.plan --concurrency 2 --confirm {}/1000",
        simulator.address()
    );
    for signal in ["-INT", "-TERM"] {
        let before = simulator.counts()["deletion_requests"].as_u64().unwrap();
        let running = Running::start(with_credentials(&mut bench.command(&line)));
        while simulator.counts()["deletion_requests"].as_u64().unwrap() == before {
            std::thread::yield_now();
        }
        running.signal(signal);
        let (_, stderr) = running.exits(130);
        assert!(stderr.contains("Interrupted: nothing more is sent"), "{stderr}");
        assert!(stderr.ends_with("next: fleetpurge apply devices.plan\n"), "{stderr}");
        let status = bench.status();
        assert_eq!(status["unknown"], 0, "an answer was lost");
        let received: usize = simulator.requests().iter().map(Vec::len).sum();
        assert_eq!(status["scheduled"], received);
        assert!(status["pending"].as_u64().unwrap() > 0);
        assert_eq!(bench.files(), ["devices.csv", "devices.plan"]);
    }
    bench.run_with_credentials(&line).exits(0);
    let mut received: Vec<(String, String)> = simulator.requests().into_iter().flatten().collect();
    received.sort();
    assert_eq!(received, devices(1_000));
}
