//! The next command on the last line after a failure. It never repeats the failed command, and never overrides a
//! refusal.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use common::{Bench, Ended, Service, Simulate, csv, devices, ended, over_both};

over_both!(
    no_failure_suggests_the_command_that_has_just_failed,
    an_error_of_a_reading_command_claims_nothing_about_a_plan_that_has_sent_something,
    a_run_that_was_interrupted_or_stopped_early_suggests_itself_without_its_confirmation,
    a_complete_run_says_that_scheduled_is_not_deleted_and_names_verify,
);

/// Flags that a refusal asks a person to decide about. A suggestion that has one decides for them.
const DECISIONS: [&str; 8] = [
    "--confirm",
    "--max-devices",
    "--token-url",
    "--skip-conflicts",
    "--resend-unknown",
    "--retry",
    "--force",
    "--allow-",
];

/// The words of a command, in any order: where a flag stands, or how loud it is, makes it no other command.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = line
        .replace('=', " ")
        .split_whitespace()
        .filter(|word| !matches!(*word, "fleetpurge" | "-v" | "-vv" | "--verbose"))
        .map(str::to_owned)
        .collect();
    words.sort();
    words
}

/// Runs the line, which has to fail, and checks what it suggests.
#[track_caller]
fn fails(bench: &Bench, line: &str, change: impl FnOnce(&mut Command)) -> Ended {
    let mut command = bench.command(line);
    change(&mut command);
    let ended = ended(&mut command);
    assert!(ended.code > 0, "{line}: exit {}\n{}", ended.code, ended.stderr);
    let next = ended.next();
    assert_ne!(words(next), words(line), "{line}: repeats itself\n{}", ended.stderr);
    for decision in DECISIONS {
        assert!(!next.contains(decision), "{line}: {next}");
    }
    // What it suggests can be typed: unless it is not ours, or has a word that a person has to put in.
    if let Some(next) = next.strip_prefix("fleetpurge ")
        && !next.contains("FRESH_EXPORT")
        && !next.starts_with("simulate")
    {
        let tried = bench.run(next);
        assert_ne!(tried.code, 2, "{line}: {next} cannot be typed\n{}", tried.stderr);
    }
    ended
}

/// Standard output on a full disk.
fn full(command: &mut Command) {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.stdout(Stdio::from(full));
}

/// The plan with another name in one of its rows.
fn altered(bench: &Bench, service: Service) -> Vec<u8> {
    let mut bytes = std::fs::read(bench.path("devices.plan")).unwrap();
    let name = match service {
        Service::Nexthink => b"PC-2",
        Service::Ubidots => b"mp-2",
    };
    let at = bytes.windows(4).position(|window| window == name).unwrap();
    bytes[at + 3] = b'9';
    bytes
}

fn no_failure_suggests_the_command_that_has_just_failed(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    let word = service.word();
    bench.plan_for(service, &simulator, &service.devices(3)).exits(0);
    let tenant = simulator.address().to_owned();
    let url = simulator.url.clone();
    let with = |command: &mut Command| {
        service.credentials(command);
    };
    let without = |_: &mut Command| {};
    let to = format!("--out a.plan --service {word} --base-url {url}");
    let apply = format!("apply devices.plan --confirm {tenant}/3");
    let header = match service {
        Service::Nexthink => "uid,name",
        Service::Ubidots => "id,label",
    };
    let conflict: String = (0..2)
        .map(|number| format!("{},name-{number}\n", service.uid(1)))
        .collect();
    bench.file("conflict.csv", format!("{header}\n{conflict}"));
    bench.file("empty.csv", "");
    bench.file("none.csv", format!("{header}\n"));
    bench.file("malformed.csv", format!("{header}\n{{0}},a\n"));
    bench.file("keep.txt", format!("{header}\n"));
    bench.file("no.plan", "no plan");
    bench.file("altered.plan", altered(&bench, service));
    std::fs::create_dir(bench.path("photos")).unwrap();
    bench.file("photos/cat.jpg", "");

    // Planning.
    for (exit, line) in [
        (1, format!("plan nowhere.csv {to}")),
        (1, format!("plan empty.csv {to}")),
        (1, format!("plan none.csv {to}")),
        (1, format!("plan conflict.csv {to}")),
        (1, format!("plan malformed.csv {to} --uid-validation strict")),
        (6, format!("plan devices.csv {to} --max-devices 2")),
        (6, format!("plan devices.csv {to} --max-devices=2 -v")),
        (1, format!("plan devices.csv {to} --protect keep.txt")),
        (1, format!("plan devices.csv {to} --protect nowhere.txt")),
        (1, format!("plan devices.csv {to} --uid-column nowhere")),
        (
            1,
            format!("plan devices.csv --out devices.plan --service {word} --base-url {url}"),
        ),
        (
            1,
            format!("plan devices.csv --out nowhere/a.plan --service {word} --base-url {url}"),
        ),
        (
            1,
            format!("plan devices.csv --out devices.csv --force --service {word} --base-url {url}"),
        ),
        (
            2,
            format!("plan devices.csv --out a.plan --service {word} --base-url http://example.com"),
        ),
        (2, format!("plan - - {to}")),
        (2, format!("plan devices.csv --service {word}")),
    ] {
        let ended = fails(&bench, &line, without);
        assert_eq!(ended.code, exit, "{line}\n{}", ended.stderr);
    }

    // Applying, and what is asked for first.
    for (exit, line) in [
        (1, "apply nowhere.plan".to_owned()),
        (1, "apply no.plan".to_owned()),
        (6, "apply altered.plan".to_owned()),
        (6, "apply devices.plan --resend-unknown --retry failed".to_owned()),
        (6, "apply devices.plan --confirm yes".to_owned()),
        (6, "apply devices.plan --confirm=acme/3".to_owned()),
        (6, format!("apply devices.plan --limit 1 --confirm {tenant}/3")),
        (6, format!("{apply} --require-backup")),
        (2, format!("{apply} --limit 0")),
        (2, "apply devices.plan --nonsense".to_owned()),
    ] {
        let ended = fails(&bench, &line, with);
        assert_eq!(ended.code, exit, "{line}\n{}", ended.stderr);
    }
    fails(&bench, &apply, without);
    fails(&bench, &apply, |command| {
        command.env("NEXTHINK_CLIENT_ID", "id");
    });
    fails(&bench, &apply, |command| {
        service.credentials(command);
        match service {
            Service::Nexthink => command.env("NEXTHINK_TOKEN", "c4nary"),
            Service::Ubidots => command.env("UBIDOTS_TOKEN", "c4nary"),
        };
    });
    fails(&bench, &format!("{apply} --client-secret-command false"), |command| {
        command.env("NEXTHINK_CLIENT_ID", "id");
    });
    fails(&bench, &format!("{apply} --client-secret-file nowhere"), |command| {
        command.env("NEXTHINK_CLIENT_ID", "id");
    });

    // Reading.
    let live = match service {
        Service::Nexthink => 2,
        Service::Ubidots => 1,
    };
    for (exit, line) in [
        (1, "status nowhere.plan"),
        (1, "status no.plan"),
        (6, "status altered.plan"),
        (1, "report nowhere.plan"),
        (2, "report devices.plan --out devices.plan"),
        (1, "report devices.plan --out nowhere/report.txt"),
        (1, "verify devices.plan --inventory nowhere.csv"),
        (1, "verify devices.plan --inventory empty.csv"),
        (1, "verify nowhere.plan --inventory devices.csv"),
        (2, "verify devices.plan"),
        (live, "verify devices.plan --live"),
        (2, "select --service nexthink --all"),
        (1, "select --service ubidots --all"),
        (2, "select --service ubidots"),
        (1, "simulate --faults nowhere.json"),
        (1, "simulate --inventory nowhere.csv"),
        (1, "demo --dir devices.csv"),
        (2, "schema nonsense"),
    ] {
        let ended = fails(&bench, line, without);
        assert_eq!(ended.code, exit, "{line}\n{}", ended.stderr);
    }
    fails(
        &bench,
        &format!("simulate --port {}", tenant.rsplit(':').next().unwrap()),
        without,
    );
    for line in [
        "backup devices.plan",
        "backup nowhere.plan",
        "backup devices.plan --out photos",
    ] {
        fails(&bench, line, without);
        fails(&bench, line, with);
    }
    for line in [
        format!("select --service ubidots --all --base-url {url} --out nowhere/list.csv"),
        format!("select --service ubidots --all --base-url {url} --out photos"),
    ] {
        fails(&bench, &line, |command| {
            command.env("UBIDOTS_API_KEY", "key");
        });
    }
    if cfg!(target_os = "linux") {
        for line in [
            "status devices.plan",
            "status devices.plan --format json",
            "report devices.plan",
            "report devices.plan --format csv",
            "completions bash",
            "schema",
            "demo --dir shown",
        ] {
            fails(&bench, line, full);
        }
        fails(&bench, &format!("plan devices.csv {to}"), full);
    }
    simulator.received_nothing();

    // A service that refuses to log in, and one that is not there.
    let refusing =
        bench.simulate_with(r#"{"rules": [{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]}"#);
    let plan = |simulator: &Simulate, out: &str| {
        let line = format!(
            "plan devices.csv --out {out} --service {word} --base-url {}",
            simulator.url
        );
        bench.run(&line).exits(0);
    };
    plan(&refusing, "refused.plan");
    let line = format!("apply refused.plan --confirm {}/3", refusing.address());
    let ended = fails(&bench, &line, with);
    assert_eq!(ended.next(), "fleetpurge status refused.plan");
    let line = format!("apply refused.plan --confirm {}/3", refusing.address());
    drop(refusing);
    let ended = fails(&bench, &line, with);
    assert_eq!((ended.code, ended.next()), (1, "fleetpurge status refused.plan"));
    if service == Service::Ubidots {
        for line in ["backup refused.plan", "verify refused.plan --live"] {
            assert_eq!(fails(&bench, line, with).code, 1, "{line}");
        }
    }
}

/// The one suggestion that repeats what was typed: at a terminal, the same command asks.
#[test]
fn a_missing_confirmation_suggests_the_command_that_asks() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(3)).exits(0);
    let ended = bench.run("apply devices.plan").exits(6).says(&["no terminal"]);
    assert_eq!(ended.next(), "fleetpurge apply devices.plan");
    assert_eq!(simulator.counts()["deletion_requests"], 0);
}

#[test]
fn what_is_suggested_is_the_most_useful_command() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(3)).exits(0);
    std::fs::copy(bench.path("devices.plan"), bench.path("my plan")).unwrap();
    let tenant = simulator.address();
    let table = [
        (
            "plan nowhere.csv --out a.plan --base-url http://127.0.0.1:1",
            "fleetpurge plan --help",
        ),
        (
            "plan devices.csv --out devices.plan --base-url http://127.0.0.1:1",
            "fleetpurge plan --help",
        ),
        ("apply devices.plan --confirm yes", "fleetpurge apply devices.plan"),
        (
            "apply devices.plan --confirm yes --limit 2 --resend-unknown --require-backup",
            "fleetpurge status devices.plan",
        ),
        (
            "apply --limit 2 devices.plan --confirm=yes",
            "fleetpurge apply --limit 2 devices.plan",
        ),
        (
            "apply devices.plan --confirm yes --resend-unknown --retry failed --rate 3",
            "fleetpurge apply devices.plan --rate 3",
        ),
        ("report devices.plan --out nowhere/a", "fleetpurge status devices.plan"),
        (
            "verify devices.plan --inventory nowhere.csv",
            "fleetpurge status devices.plan",
        ),
        ("select --service ubidots --all", "export UBIDOTS_TOKEN=..."),
    ];
    for (line, next) in table {
        let ended = fails(&bench, line, |command| {
            command.env("NEXTHINK_TOKEN", "token");
        });
        if cfg!(unix) {
            assert_eq!(ended.next(), next, "{line}");
        }
    }
    #[cfg(unix)]
    {
        let apply = format!("apply devices.plan --confirm {tenant}/3");
        let missing = fails(&bench, &apply, |_| {});
        assert_eq!(
            missing.next(),
            "export NEXTHINK_CLIENT_ID=... NEXTHINK_CLIENT_SECRET=..."
        );
        let missing = fails(&bench, &apply, |command| {
            command.env("NEXTHINK_CLIENT_ID", "id");
        });
        assert_eq!(missing.next(), "export NEXTHINK_CLIENT_SECRET=...");
        let secret = bench.file("my secret", "s3cret");
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let mut command = bench.command(&apply);
        command
            .env("NEXTHINK_CLIENT_ID", "id")
            .args(["--client-secret-file", "my secret"]);
        assert_eq!(ended(&mut command).exits(1).next(), "chmod 600 'my secret'");
        let mut command = bench.command("apply");
        command.args(["my plan", "--confirm", "yes"]);
        assert_eq!(ended(&mut command).exits(6).next(), "fleetpurge apply 'my plan'");
    }
    simulator.received_nothing();
}

#[test]
fn a_refused_confirmation_does_not_spell_out_the_one_that_passes() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(1_234)).exits(0);
    let tenant = simulator.address();
    for given in [
        String::new(),
        "y".to_owned(),
        "1234".to_owned(),
        format!("{tenant}/1,234"),
        format!("{tenant}/1 234"),
        format!("{tenant}/１２３４"),
        format!("{tenant}/1234 "),
        format!(" {tenant}/1234"),
        format!("{tenant}/+1234"),
        format!("{tenant}/01234"),
        format!("{tenant}/1234.0"),
        format!("{tenant} 1234"),
        format!("ACME/{tenant}/1234"),
        "acme/1234".to_owned(),
    ] {
        let mut command = bench.command("apply devices.plan");
        common::with_credentials(&mut command).args(["--confirm", &given]);
        let refused = ended(&mut command).exits(6);
        let told = refused
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: ") || line.starts_with("next: "));
        for line in told {
            // It may repeat what was typed, and nothing else of that form.
            let line = line.replace(&given.escape_debug().to_string(), "");
            assert!(!line.contains(&format!("{tenant}/1234")), "{given:?}: {line}");
        }
        assert_eq!(refused.next(), "fleetpurge apply devices.plan", "{given:?}");
        assert!(refused.stderr.contains("1234 devices"), "{}", refused.stderr);
    }
    simulator.received_nothing();
}

fn an_error_of_a_reading_command_claims_nothing_about_a_plan_that_has_sent_something(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan_for(service, &simulator, &service.devices(3)).exits(0);
    bench
        .run_for(
            service,
            &format!("apply devices.plan --confirm {}/3", simulator.address()),
        )
        .exits(0);
    let url = &simulator.url;
    let word = service.word();
    bench.file("no.csv", "a,b\n1,2\n");
    bench.file("altered.plan", altered(&bench, service));
    let lines = [
        "report devices.plan --out nowhere/report.csv --format csv".to_owned(),
        "report devices.plan --out devices.plan".to_owned(),
        "report altered.plan".to_owned(),
        "status altered.plan".to_owned(),
        "verify altered.plan --inventory devices.csv".to_owned(),
        "verify devices.plan --inventory no.csv".to_owned(),
        "verify devices.plan --inventory nowhere.csv".to_owned(),
        "verify devices.plan".to_owned(),
        "verify devices.plan --live".to_owned(),
        "backup devices.plan".to_owned(),
        format!("plan devices.csv --out devices.plan --service {word} --base-url {url}"),
        format!("plan devices.csv --out devices.plan --force --service {word} --base-url {url}"),
        format!("plan nowhere.csv --out devices.plan --service {word} --base-url {url}"),
        "plan devices.csv --out devices.plan --base-url http://example.com".to_owned(),
        "apply altered.plan".to_owned(),
        "apply devices.plan --limit 0".to_owned(),
        format!("select --service ubidots --all --out devices.plan/x --base-url {url}"),
    ];
    let claims = |line: &str, ended: &Ended| {
        let told = ended.stderr.to_lowercase();
        for claim in ["nothing was deleted", "nothing was sent", "no device was deleted"] {
            assert!(!told.contains(claim), "{line}: {}", ended.stderr);
        }
    };
    for line in lines {
        claims(&line, &fails(&bench, &line, |_| {}));
    }
    if cfg!(target_os = "linux") {
        for line in ["report devices.plan", "status devices.plan"] {
            let ended = fails(&bench, line, full);
            claims(line, &ended);
            assert!(
                ended.stderr.contains("This command deletes nothing."),
                "{}",
                ended.stderr
            );
        }
        // The plan is there, whether its review could be shown or not.
        let line = format!("plan devices.csv --out new.plan --service {word} --base-url {url}");
        let ended = fails(&bench, &line, full).says(&["new.plan is written"]);
        assert_eq!(ended.next(), "fleetpurge status new.plan");
        assert!(!ended.stderr.contains("No plan was written"), "{}", ended.stderr);
        assert!(common::exists(&bench.path("new.plan")));
    }
    assert_eq!(simulator.requests().len(), 1);
}

fn a_run_that_was_interrupted_or_stopped_early_suggests_itself_without_its_confirmation(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan_for(service, &simulator, &service.devices(5)).exits(0);
    let line = format!(
        "apply devices.plan --limit 2 --confirm {}/2 --rate 100",
        simulator.address()
    );
    let stopped = bench.run_for(service, &line).exits(5);
    assert_eq!(stopped.next(), "fleetpurge apply devices.plan");
    if cfg!(unix) && service == Service::Nexthink {
        // Without its secret the same command would fail.
        let line = format!(
            "apply devices.plan --limit 1 --client-secret-command false||echo${{IFS}}secret --confirm {}/1",
            simulator.address()
        );
        let mut command = bench.command(&line);
        let stopped = ended(command.env("NEXTHINK_CLIENT_ID", "id")).exits(5);
        let next = "fleetpurge apply devices.plan --client-secret-command 'false||echo${IFS}secret'";
        assert_eq!(stopped.next(), next);
    }
}

fn a_complete_run_says_that_scheduled_is_not_deleted_and_names_verify(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan_for(service, &simulator, &service.devices(3)).exits(0);
    let line = format!("apply devices.plan --confirm {}/3", simulator.address());
    let verify = match service {
        Service::Nexthink => "fleetpurge verify devices.plan --inventory FRESH_EXPORT",
        Service::Ubidots => "fleetpurge verify devices.plan --live",
    };
    // Also when there is nothing left to send.
    for _ in 0..2 {
        let done = bench
            .run_for(service, &line)
            .exits(0)
            .says(&["3 devices are scheduled, which is not yet deleted"]);
        assert_eq!(done.next(), verify);
    }
    assert_eq!(simulator.requests().len(), 1);
}

/// A foreign token endpoint is a question to a person, and its URL is not put into their mouth.
#[test]
fn a_foreign_token_url_is_named_and_not_suggested() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    let tokens = Simulate::start();
    bench.file("devices.csv", csv(&devices(3)));
    let token_url = format!("{}/oauth2/default/v1/token", tokens.url);
    let plan = format!(
        "plan devices.csv --out devices.plan --base-url {} --token-url {token_url}",
        simulator.url
    );
    bench.run(&plan).exits(0);
    let apply = format!("apply devices.plan --confirm {}/3", simulator.address());
    let other = format!("{apply} --token-url {}/token", simulator.url);
    for (line, next) in [
        (apply, "fleetpurge status devices.plan"),
        (other, "fleetpurge plan --help"),
    ] {
        let refused = fails(&bench, &line, |command| {
            common::with_credentials(command);
        });
        assert_eq!((refused.code, refused.next()), (6, next));
        assert!(refused.stderr.contains(&token_url), "{}", refused.stderr);
    }
    assert_eq!(tokens.counts()["token_requests"], 0);
    simulator.received_nothing();
}
