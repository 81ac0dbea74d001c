//! Profiles: what they may hold, who may read them, and what takes precedence over them.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Bench, Ended, Service, ended};
use rig::Rig;

const SECRET: &str = "s3cret/of+mine=";

/// A command with this configuration file, and no credentials in the environment.
fn command(bench: &Bench, config: &Path, line: &str) -> Command {
    let mut command = bench.command(line);
    command.env("FLEETPURGE_CONFIG", config);
    command
}

fn run(bench: &Bench, config: &Path, line: &str) -> Ended {
    ended(&mut command(bench, config, line))
}

/// A configuration file that only its owner can read.
fn config(bench: &Bench, text: &str) -> PathBuf {
    let path = bench.file("config.toml", text);
    mode(&path, 0o600);
    path
}

fn mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = (path, mode);
}

/// A tenant that knows one client, and a list of two devices.
fn tenant(service: Service) -> Rig {
    let rig = Rig::unplanned(service, "", |builder| {
        builder.client_credentials("id", SECRET).static_token("t0ken")
    });
    rig.bench.file("devices.csv", service.csv(&service.devices(2)));
    rig
}

/// Plans for an address, which it prints.
fn planned(bench: &Bench, config: &Path, flags: &str) -> String {
    let _ = fs::remove_file(bench.path("a.plan"));
    let ended = run(bench, config, &format!("plan devices.csv --out a.plan {flags}")).exits(0);
    format!("{}{}", ended.stdout, ended.stderr)
}

#[test]
fn a_profile_supplies_address_credentials_and_pace() {
    for (key, value) in [
        ("client_secret", SECRET),
        ("client_secret_file", "secret.txt"),
        ("client_secret_command", "cat secret.txt"),
    ] {
        let rig = tenant(Service::Nexthink);
        mode(&rig.bench.file("secret.txt", SECRET), 0o600);
        let config = config(
            &rig.bench,
            &format!(
                "[profile.sim]\nbase_url = \"{}\"\nclient_id = \"id\"\n{key} = \"{value}\"\ntimeout = 7\n",
                rig.simulator.url()
            ),
        );
        run(&rig.bench, &config, "plan devices.csv --out a.plan --profile sim").exits(0);
        let line = format!("apply a.plan --profile sim --limit 1 --confirm {}/1", rig.tenant());
        let stopped = run(&rig.bench, &config, &line).exits(5);
        assert_eq!(stopped.next(), "fleetpurge apply a.plan --profile sim");
        let line = format!("apply a.plan --profile sim --confirm {}/1 -v", rig.tenant());
        let ended = run(&rig.bench, &config, &line).exits(0);
        // Whatever comes from the profile is told, and the secret never.
        for part in ["sim", "timeout", "7", "client_id", key] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
        assert_eq!(rig.simulator.scheduled_devices().len(), 2);
    }
    for (key, value) in [
        ("token", "t0ken"),
        ("token_file", "token.txt"),
        ("api_key_command", "echo key"),
    ] {
        let rig = Rig::unplanned(Service::Ubidots, "", |builder| builder.static_token("t0ken"));
        mode(&rig.bench.file("token.txt", "t0ken\n"), 0o600);
        rig.bench
            .file("devices.csv", Service::Ubidots.csv(&Service::Ubidots.devices(2)));
        let config = config(
            &rig.bench,
            &format!(
                "default_profile = \"u\"\n[profile.u]\nservice = \"ubidots\"\nbase_url = \"{}\"\n{key} = \"{value}\"\n",
                rig.simulator.url()
            ),
        );
        run(&rig.bench, &config, "plan devices.csv --out a.plan").exits(0);
        run(&rig.bench, &config, "select --all").exits(0);
        run(
            &rig.bench,
            &config,
            &format!("apply a.plan --confirm {}/2", rig.tenant()),
        )
        .exits(0);
        let verified = run(&rig.bench, &config, "verify a.plan --live");
        assert!(matches!(verified.code, 0 | 3 | 4), "{}", verified.stderr);
        run(&rig.bench, &config, "doctor").exits(0);
        assert_eq!(rig.simulator.counts().deletion_requests, 1);
    }
}

#[test]
fn a_flag_comes_before_the_environment_and_that_before_the_profile() {
    // The one that is right, and what stands in the other places.
    for (flag, variable, profile) in [
        (Some(SECRET), Some("wrong"), Some("wrong")),
        (None, Some(SECRET), Some("wrong")),
        (None, None, Some(SECRET)),
    ] {
        let rig = tenant(Service::Nexthink);
        let mut text = format!(
            "[profile.sim]\nbase_url = \"{}\"\nclient_id = \"id\"\n",
            rig.simulator.url()
        );
        text.extend(profile.map(|secret| format!("client_secret = \"{secret}\"\n")));
        let config = config(&rig.bench, &text);
        let mut command = command(&rig.bench, &config, "doctor --profile sim");
        if let Some(secret) = flag {
            mode(&rig.bench.file("flag.txt", secret), 0o600);
            command.args(["--client-secret-file", "flag.txt"]);
        }
        command.envs(variable.map(|secret| ("NEXTHINK_CLIENT_SECRET", secret)));
        ended(&mut command).exits(0);
    }
    // A token in the environment takes the place of the whole of the profile's credentials.
    let rig = tenant(Service::Nexthink);
    let text = format!(
        "[profile.sim]\nbase_url = \"{}\"\nclient_id = \"id\"\nclient_secret = \"wrong\"\n",
        rig.simulator.url()
    );
    let config = config(&rig.bench, &text);
    run(&rig.bench, &config, "plan devices.csv --out a.plan --profile sim").exits(0);
    let line = format!("apply a.plan --profile sim --confirm {}/2", rig.tenant());
    ended(command(&rig.bench, &config, &line).env("NEXTHINK_TOKEN", "t0ken")).exits(0);
    // The secret of a profile is not sent with another client id.
    let ended =
        ended(command(&rig.bench, &config, "doctor --profile sim").env("NEXTHINK_CLIENT_ID", "another")).exits(1);
    assert!(ended.stdout.contains("its secret is missing"), "{}", ended.stdout);
    assert_eq!(rig.simulator.counts().token_requests, 0);
}

#[test]
fn the_address_of_a_profile_is_not_mixed_with_a_typed_one() {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(1)));
    let path = config(
        &bench,
        "[profile.acme]\ninstance = \"acme\"\nregion = \"EU\"\n\
         [profile.gate]\nbase_url = \"https://gate.example\"\ntoken_url = \"https://gate.example/token\"\n",
    );
    for (flags, expected) in [
        ("--profile acme", "https://acme.api.eu.nexthink.cloud"),
        ("--profile acme --region us", "https://acme.api.us.nexthink.cloud"),
        ("--profile acme --instance beta", "https://beta.api.eu.nexthink.cloud"),
        ("--profile gate", "https://gate.example/token"),
        (
            "--profile gate --instance beta --region PaC",
            "https://beta.api.pac.nexthink.cloud",
        ),
        ("--instance beta --region META", "https://beta.api.meta.nexthink.cloud"),
    ] {
        let printed = planned(&bench, &path, flags);
        assert!(printed.contains(expected), "{flags}: {printed}");
        assert_eq!(
            printed.contains("gate.example"),
            expected.contains("gate.example"),
            "{flags}: {printed}"
        );
    }
    let printed = planned(&bench, &path, "--profile acme --base-url http://127.0.0.1:1");
    assert!(
        printed.contains("127.0.0.1:1") && !printed.contains("acme"),
        "{printed}"
    );
    run(
        &bench,
        &path,
        "plan devices.csv --out b.plan --profile acme --service ubidots",
    )
    .exits(2)
    .says(&["profile `acme` is of the other service"]);
    run(
        &bench,
        &path,
        "plan devices.csv --out b.plan --region eu --base-url https://gate.example",
    )
    .exits(2)
    .says(&["--region needs --instance"]);
}

#[test]
fn a_profile_is_chosen_by_flag_variable_and_default_in_this_order() {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(1)));
    let profile = |name: &str| format!("[profile.{name}]\ninstance = \"{name}\"\nregion = \"eu\"\n");
    let path = config(
        &bench,
        &format!(
            "default_profile = \"a\"\n{}{}{}",
            profile("a"),
            profile("b"),
            profile("c")
        ),
    );
    assert!(planned(&bench, &path, "").contains("https://a.api"));
    assert!(planned(&bench, &path, "--profile c").contains("https://c.api"));
    for (flags, expected) in [("", "https://b.api"), ("--profile=c", "https://c.api")] {
        fs::remove_file(bench.path("a.plan")).unwrap();
        let mut command = command(&bench, &path, &format!("plan devices.csv --out a.plan {flags}"));
        let ended = ended(command.env("FLEETPURGE_PROFILE", "b")).exits(0);
        assert!(format!("{}{}", ended.stdout, ended.stderr).contains(expected));
    }
    run(&bench, &path, "plan devices.csv --out b.plan --profile x")
        .exits(1)
        .says(&["--profile", "`x`", "`a`, `b`, `c`", "config.toml"]);
    let mut command = command(&bench, &path, "plan devices.csv --out b.plan");
    ended(command.env("FLEETPURGE_PROFILE", "x"))
        .exits(1)
        .says(&["FLEETPURGE_PROFILE", "`x`"]);
    let path = config(&bench, "default_profile = \"y\"\n");
    run(&bench, &path, "plan devices.csv --out b.plan")
        .exits(1)
        .says(&["default_profile", "`y`", "has no profile"]);
}

#[test]
fn the_file_is_where_xdg_has_it_and_only_a_named_one_has_to_be_there() {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(1)));
    let missing = bench.path("missing.toml");
    run(
        &bench,
        &missing,
        "plan devices.csv --out a.plan --base-url https://a.example",
    )
    .exits(1)
    .says(&["missing.toml", "FLEETPURGE_CONFIG", "cannot be read"]);
    bench
        .run("plan devices.csv --out a.plan --base-url https://a.example")
        .exits(0);
    bench
        .run("plan devices.csv --out b.plan --profile acme")
        .exits(1)
        .says(&["`acme`", "no configuration file", "config.toml"]);
    #[cfg(unix)]
    {
        fs::create_dir_all(bench.path("xdg/fleetpurge")).unwrap();
        let text = "[profile.acme]\ninstance = \"acme\"\nregion = \"eu\"\n";
        mode(&bench.file("xdg/fleetpurge/config.toml", text), 0o600);
        let mut command = bench.command("plan devices.csv --out b.plan --profile acme");
        ended(command.env("XDG_CONFIG_HOME", bench.path("xdg"))).exits(0);
        // Without the variable, below the home directory.
        fs::create_dir_all(bench.path("home/.config/fleetpurge")).unwrap();
        mode(&bench.file("home/.config/fleetpurge/config.toml", text), 0o600);
        let mut command = bench.command("plan devices.csv --out c.plan --profile acme");
        ended(command.env_remove("XDG_CONFIG_HOME").env("HOME", bench.path("home"))).exits(0);
    }
}

#[test]
fn an_error_in_the_file_names_file_line_and_key() {
    let bench = Bench::new();
    for (text, parts) in [
        ("[profile.a]\nclient_sekret = \"s3cret\"", ["line 2", "`client_sekret`"]),
        ("[profile.a]\nresend_unknown = true", ["line 2", "on the command line"]),
        ("[profile.a]\nmax_devices = 20000", ["line 2", "--max-devices"]),
        ("[profile.a]\n\nregion = \"s3cret\"", ["line 3", "us, eu, pac, meta"]),
        ("[profile.a]\nclient_secret = 5", ["line 2", "`client_secret`"]),
        ("[profile.a\n", ["line 1", "config.toml"]),
        ("[profile.a]\ninstance = \"a\"", ["profile `a`", "belong together"]),
        (
            "[profile.a]\nbase_url = \"http://a.example\"",
            ["profile `a`", "base_url: "],
        ),
        (
            "[profile.a]\ntoken = \"s3cret\"\nclient_id = \"a\"",
            ["profile `a`", "two kinds of credentials"],
        ),
        (
            "[profile.a]\ntoken_file = \"a\"\ntoken_command = \"b\"",
            ["profile `a`", "two sources"],
        ),
        (
            "[profile.a]\nservice = \"ubidots\"\ninstance = \"a\"",
            ["profile `a`", "`instance`"],
        ),
        ("[profile.a]\napi_key_file = \"a\"", ["profile `a`", "`api_key_file`"]),
    ] {
        let path = config(&bench, text);
        for line in ["plan devices.csv --out a.plan --profile a", "apply a.plan --profile a"] {
            let ended = run(&bench, &path, line)
                .exits(1)
                .says(&parts)
                .says(&["config.toml", "sent nothing"]);
            let is_key = parts[1] == "us, eu, pac, meta";
            assert!(is_key || !ended.stderr.contains("s3cret"), "{}", ended.stderr);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_file_with_a_secret_is_only_read_if_nobody_else_can_read_it_and_any_if_nobody_else_can_change_it() {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(1)));
    let plain = "[profile.a]\ninstance = \"a\"\nregion = \"eu\"\n";
    for (secret, bits, refused) in [
        ("", 0o644, None),
        ("", 0o664, Some("chmod go-w")),
        ("", 0o666, Some("chmod go-w")),
        ("client_secret_command = \"pass x\"", 0o644, None),
        ("client_secret = \"s3cret\"", 0o600, None),
        ("client_secret = \"s3cret\"", 0o400, None),
        ("client_secret = \"s3cret\"", 0o640, Some("chmod 600")),
        ("client_secret = \"s3cret\"", 0o604, Some("chmod 600")),
        ("token = \"s3cret\"", 0o644, Some("chmod 600")),
        // Of whichever profile.
        (
            "[profile.b]\nservice = \"ubidots\"\napi_key = \"s3cret\"",
            0o644,
            Some("chmod 600"),
        ),
    ] {
        let path = config(&bench, &format!("{plain}{secret}\n"));
        mode(&path, bits);
        let _ = fs::remove_file(bench.path("a.plan"));
        let ended = run(&bench, &path, "plan devices.csv --out a.plan --profile a");
        match refused {
            None => drop(ended.exits(0)),
            Some(next) => {
                let ended = ended.exits(1).says(&["config.toml", "other users"]);
                assert!(ended.next().starts_with(next), "{}", ended.stderr);
                assert!(!ended.stderr.contains("s3cret"));
            }
        }
    }
    // The same check as for a file that a flag names.
    let path = config(
        &bench,
        "[profile.a]\nbase_url = \"http://127.0.0.1:1\"\nclient_id = \"id\"\nclient_secret_file = \"s.txt\"\n",
    );
    mode(&bench.file("s.txt", "s3cret"), 0o644);
    let ended = run(&bench, &path, "doctor --profile a").exits(1);
    assert!(
        ended.stdout.contains("other users have access to it"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_profile_never_changes_the_tenant_of_a_plan_and_its_credentials_go_nowhere_else() {
    for service in Service::ALL {
        let (rig, other) = (tenant(service), tenant(service));
        let secret = match service {
            Service::Nexthink => format!("client_id = \"id\"\nclient_secret = \"{SECRET}\""),
            Service::Ubidots => "token = \"t0ken\"".to_owned(),
        };
        let text = format!(
            "[profile.other]\nservice = \"{}\"\nbase_url = \"{}\"\n{secret}\n",
            service.word(),
            other.simulator.url()
        );
        let path = config(&rig.bench, &text);
        rig.bench.run(&rig.plan_line("")).exits(0);
        let confirm = format!("--confirm {}/2", rig.tenant());
        run(
            &rig.bench,
            &path,
            &format!("apply devices.plan --profile other {confirm}"),
        )
        .exits(6)
        .says(&[
            "profile `other`",
            other.tenant(),
            rig.tenant(),
            "never changes the tenant",
            "sent nothing",
        ]);
        // By default it is not meant for this plan: nothing of it that would be sent is used, and that is said.
        let path = config(&rig.bench, &format!("default_profile = \"other\"\n{text}"));
        run(&rig.bench, &path, &format!("apply devices.plan {confirm}"))
            .exits(1)
            .says(&["credentials of profile `other` are not used", "credentials are missing"]);
        let ended = run(&rig.bench, &path, &format!("doctor --base-url {}", rig.simulator.url())).exits(1);
        assert!(ended.stderr.contains("are not used"), "{}", ended.stderr);
        for rig in [&rig, &other] {
            let counts = rig.simulator.counts();
            assert_eq!((counts.deletion_requests, counts.token_requests), (0, 0));
            assert_eq!(rig.simulator.reads().len(), 0);
        }
    }
}

#[test]
fn protect_lists_of_a_profile_come_beside_those_that_are_typed() {
    let bench = Bench::new();
    let service = Service::Nexthink;
    bench.file("devices.csv", service.csv(&service.devices(3)));
    fs::create_dir(bench.path("conf")).unwrap();
    bench.file("conf/vip.txt", "PC-1\n");
    bench.file("more.txt", "PC-2\n");
    let path = bench.file(
        "conf/config.toml",
        "[profile.a]\ninstance = \"a\"\nregion = \"eu\"\nprotect = [\"vip.txt\"]\nmax_devices = 2\nuid_validation = \"strict\"\n",
    );
    mode(&path, 0o600);
    run(
        &bench,
        &path,
        "plan devices.csv --out a.plan --profile a --protect more.txt",
    )
    .exits(0);
    let skipped = bench
        .run("show a.plan --skipped --format csv --raw --no-pager")
        .exits(0)
        .stdout;
    assert!(
        skipped.contains("PC-1") && skipped.contains("PC-2") && !skipped.contains("PC-3"),
        "{skipped}"
    );
    // An entry that protects nothing refuses the plan, from a profile as from a flag.
    bench.file("conf/vip.txt", "PC-9\n");
    run(&bench, &path, "plan devices.csv --out b.plan --profile a")
        .exits(6)
        .says(&["vip.txt", "PC-9"]);
    bench.file("conf/vip.txt", "PC-1\n");
    bench.file("devices.csv", service.csv(&service.devices(4)));
    run(&bench, &path, "plan devices.csv --out b.plan --profile a")
        .exits(6)
        .says(&["3"]);
    run(
        &bench,
        &path,
        "plan devices.csv --out b.plan --profile a --max-devices 3",
    )
    .exits(0);
    bench.file(
        "devices.csv",
        "uid,name\n00000001-0000-4000-8000-000000000001,PC-1\nnone,PC-2\n",
    );
    run(&bench, &path, "plan devices.csv --out c.plan --profile a")
        .exits(1)
        .says(&["1 uid is malformed"]);
}

#[test]
fn a_profile_that_would_do_nothing_is_refused() {
    let bench = Bench::new();
    bench.run("status a.plan --profile a").exits(2);
    bench.run("verify a.plan --inventory x.csv --profile a").exits(2);
}

#[test]
#[cfg(not(feature = "keyring"))]
fn a_secret_in_the_keyring_is_refused_by_a_program_that_cannot_read_it() {
    let rig = tenant(Service::Nexthink);
    let text = format!(
        "[profile.a]\nbase_url = \"{}\"\nclient_id = \"id\"\nclient_secret_keyring = \"acme\"\n",
        rig.simulator.url()
    );
    let path = config(&rig.bench, &text);
    run(&rig.bench, &path, "plan devices.csv --out a.plan --profile a").exits(0);
    let line = format!("apply a.plan --profile a --confirm {}/2", rig.tenant());
    run(&rig.bench, &path, &line)
        .exits(1)
        .says(&["client_secret_keyring", "--features keyring", "sent nothing"]);
}

#[test]
fn the_examples_of_the_documentation_are_profiles_that_plan() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = fs::read_to_string(page).unwrap();
    let examples: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        let bench = Bench::new();
        bench.file("never-delete.txt", "PC-1\n");
        let path = config(&bench, example);
        let names: Vec<&str> = example
            .lines()
            .filter_map(|line| line.strip_prefix("[profile.")?.strip_suffix(']'))
            .collect();
        assert!(names.len() > 1, "{example}");
        for name in names {
            let service = if name == "pumps" {
                Service::Ubidots
            } else {
                Service::Nexthink
            };
            bench.file("devices.csv", service.csv(&service.devices(2)));
            run(
                &bench,
                &path,
                &format!("plan devices.csv --out {name}.plan --profile {name}"),
            )
            .exits(0);
        }
        run(&bench, &path, "plan devices.csv --out x.plan --profile x").exits(1);
    }
}

#[test]
fn the_schema_takes_what_is_read_and_refuses_what_is_refused() {
    let bench = Bench::new();
    let schema = bench.run("schema config").exits(0).stdout;
    let schema = jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap();
    for (text, is_read) in [
        ("", true),
        ("region = \"EU\"\ninstance = \"a\"", true),
        ("concurrency = \"auto\"\nrate = 0.5\ntimeout = 1\nmax_wait = 0", true),
        ("concurrency = 8\nrate = 3", true),
        ("token = \"x\"", true),
        ("region = \"mars\"", false),
        ("concurrency = 0", false),
        ("concurrency = \"many\"", false),
        ("rate = 0", false),
        ("timeout = 0", false),
        ("max_devices = 10001", false),
        ("uid_validation = \"permissive\"", false),
        ("protect = \"a.txt\"", false),
        ("force = true", false),
    ] {
        let text = format!("[profile.a]\n{text}\n");
        let value: serde_json::Value = toml::from_str(&text).unwrap();
        assert_eq!(schema.is_valid(&value), is_read, "{text}");
        let path = config(&bench, &text);
        // Far enough that the file was read.
        let ended = run(&bench, &path, "apply nowhere.plan --profile a").exits(1);
        assert_eq!(ended.stderr.contains("nowhere.plan"), is_read, "{}", ended.stderr);
    }
}
