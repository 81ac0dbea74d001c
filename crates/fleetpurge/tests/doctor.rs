//! `doctor` says what is wrong with a setup, and never sends a deletion.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::net::TcpListener;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Ended, Service, ended, stable};
use fleetpurge_simulator::{Builder, Simulator};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use rig::Rig;
use serde_json::Value;

/// A name that no resolver has to be asked for: a label has 63 letters at most.
const UNRESOLVABLE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid";

/// What `doctor` found, and how it ended.
struct Found {
    ended: Ended,
    record: Value,
}

impl Found {
    fn checks(&self) -> &Vec<Value> {
        self.record["checks"].as_array().unwrap()
    }

    /// The one check of this name, of the first host if there are several.
    #[track_caller]
    fn check(&self, name: &str) -> &Value {
        let found = self.checks().iter().find(|check| check["check"] == name);
        found.unwrap_or_else(|| panic!("no check {name}: {}", self.record))
    }

    /// Holds a check to its verdict, and to words of what was found.
    #[track_caller]
    fn has(&self, name: &str, verdict: &str, words: &str) -> &Self {
        let check = self.check(name);
        assert_eq!(check["verdict"], verdict, "{check}");
        assert!(check["found"].as_str().unwrap().contains(words), "{check}");
        let advises = matches!(verdict, "wrong" | "warning");
        assert_eq!(check["advice"].is_string(), advises, "{check}");
        self
    }

    /// Holds all other checks to `ok`, and the exit code and the counts to the verdicts.
    #[track_caller]
    fn else_ok(&self, but: &[&str]) {
        for check in self.checks() {
            let is_excepted = but.contains(&check["check"].as_str().unwrap());
            assert!(is_excepted || check["verdict"] == "ok", "{check}");
        }
        let count = |verdict: &str| self.checks().iter().filter(|check| check["verdict"] == verdict).count();
        for (key, verdict) in [
            ("wrong", "wrong"),
            ("warnings", "warning"),
            ("not_checked", "not_checked"),
        ] {
            assert_eq!(self.record[key], count(verdict), "{key}");
        }
        assert_eq!(self.ended.code, i32::from(count("wrong") > 0), "{}", self.ended.stderr);
        if self.ended.code != 0 {
            assert!(!self.ended.next().is_empty());
        }
    }
}

/// Runs `doctor` for a simulated tenant. Whatever it finds, no deletion is received.
fn doctor(rig: &Rig, flags: &str, set: impl FnOnce(&mut Command)) -> Found {
    let line = format!(
        "doctor --service {} --base-url {} {flags}",
        rig.service.word(),
        rig.simulator.url()
    );
    let found = run(rig, &line, set);
    deleted_nothing(&rig.simulator);
    found
}

fn run(rig: &Rig, line: &str, set: impl FnOnce(&mut Command)) -> Found {
    let mut command = rig.bench.command(&format!("{line} --format json"));
    rig.service.credentials(&mut command);
    set(&mut command);
    let ended = ended(&mut command);
    let record = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr));
    Found { ended, record }
}

/// Everything that a simulator keeps of what it received.
#[track_caller]
fn deleted_nothing(simulator: &Simulator) {
    assert_eq!(simulator.counts().deletion_requests, 0);
    assert_eq!(simulator.requests().len(), 0);
    assert_eq!(simulator.writes().len(), 0);
    assert_eq!(simulator.scheduled_devices().len(), 0);
    for request in simulator.token_requests() {
        assert!(request.uri.path().ends_with("/token"), "{}", request.uri);
    }
    for request in simulator.reads() {
        assert_eq!(request.method, "GET");
    }
}

fn tenant(service: Service, build: impl FnOnce(Builder) -> Builder) -> Rig {
    Rig::unplanned(service, "", build)
}

/// A token with these claims. Nobody checks its signature.
fn token(claims: &str) -> String {
    format!(
        "{}.{}.c2ln",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
        URL_SAFE_NO_PAD.encode(claims)
    )
}

const GRANTED: &str = r#""scope":"service:integration nx_dataplatform_device_deletion_api""#;

#[test]
fn everything_in_order_is_ok_and_exits_0() {
    let rig = tenant(Service::Nexthink, |builder| builder);
    let found = doctor(&rig, "", |_| {});
    found
        .has("credentials", "ok", "request tokens")
        .has("proxy", "ok", "this machine")
        .has("dns", "ok", "nothing to resolve")
        .has("tls", "not_checked", "http://")
        .has("token", "ok", "issued a token")
        .has("permission", "ok", "nx_dataplatform_device_deletion_api")
        .else_ok(&["tls"]);
    assert_eq!(found.record["tenant"], rig.tenant());
    assert_eq!(rig.simulator.counts().token_requests, 1);

    let rig = tenant(Service::Ubidots, |builder| builder);
    let found = doctor(&rig, "", |_| {});
    found
        .has("token", "ok", "lists devices")
        .has("permission", "not_checked", "does not say")
        .else_ok(&["tls", "permission"]);
    assert!(rig.simulator.reads().len() == 1, "{}", found.record);
}

#[test]
fn a_refused_login_is_wrong_and_its_permission_is_not_checked() {
    let rig = tenant(Service::Nexthink, |builder| builder.client_credentials("id", "another"));
    let found = doctor(&rig, "", |_| {});
    found
        .has("token", "wrong", "refused the credentials (401 invalid_client)")
        .has("permission", "not_checked", "no token")
        .else_ok(&["tls", "token", "permission"]);
    let rig = tenant(Service::Ubidots, |builder| builder);
    let found = doctor(&rig, "", |command| {
        Service::Ubidots.token(command, "nobodys");
    });
    found.has("token", "wrong", "").else_ok(&["tls", "token", "permission"]);
    assert!(!format!("{}{}", found.ended.stdout, found.ended.stderr).contains("nobodys"));
}

#[test]
fn missing_credentials_are_wrong_and_the_network_is_checked_all_the_same() {
    for service in Service::ALL {
        let rig = tenant(service, |builder| builder);
        let found = doctor(&rig, "", |command| {
            command
                .env_remove("NEXTHINK_CLIENT_ID")
                .env_remove("NEXTHINK_CLIENT_SECRET");
            command.env_remove("UBIDOTS_API_KEY");
        });
        found
            .has("credentials", "wrong", "credentials are missing")
            .has("connection", "ok", "answers")
            .has("token", "not_checked", "no credentials")
            .has("permission", "not_checked", "no credentials")
            .else_ok(&["tls", "credentials", "token", "permission"]);
        #[cfg(unix)]
        assert!(found.ended.next().starts_with("export "), "{}", found.ended.stderr);
    }
}

#[test]
fn a_token_without_the_permission_is_wrong_and_an_opaque_one_is_not_known() {
    let rig = tenant(Service::Nexthink, |builder| builder.token_permissions(["nx_other"]));
    doctor(&rig, "", |_| {})
        .has("token", "ok", "issued")
        .has(
            "permission",
            "wrong",
            "no claim of the token has nx_dataplatform_device_deletion_api",
        )
        .else_ok(&["tls", "permission"]);

    let rig = tenant(Service::Nexthink, |builder| builder.static_token("opaque"));
    let found = doctor(&rig, "", |command| {
        Service::Nexthink.token(command, "opaque");
    });
    found
        .has("credentials", "ok", "cannot be renewed")
        .has("token", "warning", "no JSON Web Token")
        .has("permission", "warning", "not known")
        .else_ok(&["tls", "token", "permission"]);
    assert_eq!(rig.simulator.counts().token_requests, 0);
}

#[test]
fn a_given_token_is_held_to_the_time_of_the_host() {
    let now = jiff::Timestamp::now().as_second();
    for (offset, exp, verdict, words) in [
        (0, now + 600, "ok", "expires at"),
        (0, now - 600, "wrong", "has expired"),
        // By this machine's clock, which is an hour behind, it would still be good.
        (3600, now + 600, "wrong", "has expired"),
    ] {
        let rig = tenant(Service::Nexthink, |builder| builder.clock_offset(offset));
        let given = token(&format!(r#"{{"exp":{exp},{GRANTED}}}"#));
        let found = doctor(&rig, "", |command| {
            Service::Nexthink.token(command, &given);
        });
        found
            .has("token", verdict, words)
            .has("permission", "ok", "")
            .else_ok(&["tls", "token", "clock"]);
        assert!(!found.ended.stdout.contains(&given));
    }
}

#[test]
fn a_clock_that_is_off_is_a_warning_and_one_that_is_far_off_is_wrong() {
    for service in Service::ALL {
        for (offset, verdict, words) in [
            (-120, "warning", "seconds ahead of the host's"),
            (120, "warning", "seconds behind the host's"),
            (-3600, "wrong", "seconds ahead of the host's"),
            (3600, "wrong", "seconds behind the host's"),
        ] {
            let rig = tenant(service, |builder| builder.clock_offset(offset));
            let found = doctor(&rig, "", |_| {});
            found
                .has("clock", verdict, words)
                .else_ok(&["tls", "clock", "permission"]);
        }
    }
}

#[test]
fn a_name_that_does_not_resolve_and_a_port_that_refuses_are_wrong() {
    for service in Service::ALL {
        let rig = tenant(service, |builder| builder);
        let line = format!("doctor --service {} --base-url", service.word());
        let found = run(&rig, &format!("{line} https://{UNRESOLVABLE}"), |_| {});
        found
            .has("dns", "wrong", "does not resolve")
            .has("connection", "not_checked", "does not resolve")
            .has("clock", "not_checked", "")
            .has("token", "not_checked", "did not answer")
            .has("permission", "not_checked", "")
            .else_ok(&["dns", "connection", "tls", "clock", "token", "permission"]);

        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let found = run(&rig, &format!("{line} http://127.0.0.1:{port}"), |_| {});
        found
            .has("dns", "ok", "")
            .has("connection", "wrong", "no connection: ")
            .has("tls", "not_checked", "no connection")
            .has("token", "not_checked", "did not answer")
            .else_ok(&["connection", "tls", "clock", "token", "permission"]);
    }
}

/// A certificate for `name`, and its key.
fn certificate(name: &str, until: i32) -> (String, String) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[test]
#[cfg(target_os = "linux")]
fn the_failure_of_a_certificate_is_named() {
    for (name, until, is_trusted, verdict, words) in [
        ("127.0.0.1", 2100, true, "ok", "trusted"),
        ("127.0.0.1", 2100, false, "wrong", "UnknownIssuer"),
        ("127.0.0.1", 2021, true, "wrong", "expired"),
        ("elsewhere.example", 2100, true, "wrong", "not valid for name"),
    ] {
        let (pem, key) = certificate(name, until);
        let rig = tenant(Service::Nexthink, |builder| builder.tls(pem.clone(), key));
        let trusted = rig
            .bench
            .file("ca.pem", if is_trusted { pem } else { certificate("a", 2100).0 });
        let found = doctor(&rig, "", |command| {
            // Where the administrators of a machine keep the authorities that it trusts.
            command.env("SSL_CERT_FILE", &trusted);
        });
        found.has("connection", "ok", "").has("tls", verdict, words);
        let but: &[&str] = if verdict == "ok" {
            &[]
        } else {
            &["tls", "clock", "token", "permission"]
        };
        found.else_ok(but);
    }
}

#[test]
fn something_that_speaks_no_tls_is_named() {
    let rig = tenant(Service::Nexthink, |builder| builder);
    let url = rig.simulator.url().replace("http://", "https://");
    run(&rig, &format!("doctor --base-url {url}"), |_| {})
        .has("connection", "ok", "")
        .has("tls", "wrong", "TLS failed: ")
        .else_ok(&["tls", "clock", "token", "permission"]);
    deleted_nothing(&rig.simulator);
}

#[test]
fn the_variable_of_a_proxy_is_named_for_each_host() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rig = tenant(Service::Nexthink, |builder| builder);
    let line = "doctor --instance acme --region EU";
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let found = run(&rig, line, |command| {
            command.env(variable, format!("http://user:pr0xy-pass@127.0.0.1:{port}"));
        });
        found
            .has(
                "proxy",
                "ok",
                &format!("through the proxy 127.0.0.1:{port} of {variable}"),
            )
            .has("dns", "ok", "the proxy looks up the host")
            .has("connection", "wrong", "");
        let hosts: Vec<_> = found
            .checks()
            .iter()
            .filter(|check| check["check"] == "proxy")
            .map(|check| check["host"].as_str().unwrap())
            .collect();
        assert_eq!(
            hosts,
            ["acme.api.eu.nexthink.cloud:443", "acme-login.eu.nexthink.cloud:443"]
        );
        assert!(!found.ended.stdout.contains("pr0xy-pass"));
    }
    let line = format!("doctor --base-url https://{UNRESOLVABLE}");
    run(&rig, &line, |command| {
        command.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
        command.env("NO_PROXY", "x.example, .invalid");
    })
    .has("proxy", "ok", "NO_PROXY has `.invalid`; HTTPS_PROXY does not apply")
    .has("dns", "wrong", "");
    let table = [
        (
            ("HTTPS_PROXY", "http://"),
            None,
            "warning",
            "HTTPS_PROXY is not the address of a proxy, and is ignored",
        ),
        (
            ("ALL_PROXY", "socks5://127.0.0.1:9"),
            None,
            "wrong",
            "ALL_PROXY names a SOCKS proxy",
        ),
        (
            ("HTTPS_PROXY", "http://127.0.0.1:9"),
            Some(("REQUEST_METHOD", "GET")),
            "warning",
            "HTTPS_PROXY is ignored, because REQUEST_METHOD is set, too",
        ),
    ];
    for (variable, other, verdict, expected) in table {
        run(&rig, &line, |command| {
            command.envs([variable]).envs(other);
        })
        .has("proxy", verdict, expected);
    }
}

#[test]
fn without_an_address_nothing_is_said_to_be_ok() {
    let rig = tenant(Service::Nexthink, |builder| builder);
    let found = run(&rig, "doctor", |_| {});
    found.has("configuration", "wrong", "give --instance and --region, or --base-url");
    for check in found.checks() {
        assert_ne!(check["verdict"], "ok", "{check}");
    }
    assert_eq!(found.ended.code, 1);
    let names: Vec<_> = found
        .checks()
        .iter()
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "configuration",
            "credentials",
            "proxy",
            "dns",
            "connection",
            "tls",
            "clock",
            "token",
            "permission"
        ]
    );
}

#[test]
fn a_wrong_configuration_file_is_a_check_and_the_others_are_made() {
    let rig = tenant(Service::Nexthink, |builder| builder);
    let config = rig.bench.file("config.toml", "[profile.acme]\nrat = 1\n");
    let found = doctor(&rig, "", |command| {
        command.env("FLEETPURGE_CONFIG", &config);
    });
    let wrong = &found.checks()[0];
    assert_eq!(
        (&wrong["check"], &wrong["verdict"]),
        (&"configuration".into(), &"wrong".into())
    );
    assert!(
        wrong["found"].as_str().unwrap().contains("line 2, key `rat`"),
        "{wrong}"
    );
    found.has("token", "ok", "");
    assert_eq!(found.ended.code, 1);
    assert_eq!(found.ended.next(), "fleetpurge schema config");
}

#[test]
fn a_plan_is_checked_at_its_own_tenant() {
    for service in Service::ALL {
        let rig = Rig::new(service, 2, "");
        let found = run(&rig, "doctor devices.plan", |_| {});
        found.has("token", "ok", "").else_ok(&["tls", "permission"]);
        assert_eq!(found.record["tenant"], rig.tenant());
        assert_eq!(found.record["service"], service.word());
        deleted_nothing(&rig.simulator);
        rig.bench
            .run("doctor devices.plan --base-url http://127.0.0.1:1")
            .exits(2);
    }
    let rig = Rig::new(Service::Nexthink, 2, "");
    let found = run(&rig, "doctor nowhere.plan", |_| {});
    found
        .has("configuration", "wrong", "nowhere.plan")
        .has("token", "not_checked", "");
    assert_eq!(found.ended.code, 1);
}

#[test]
fn the_credentials_do_not_go_to_a_token_host_that_a_plan_names_unless_it_is_repeated() {
    let rig = Rig::unplanned(Service::Nexthink, "", |builder| builder);
    let collector = tenant(Service::Nexthink, |builder| builder);
    rig.bench
        .file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(1)));
    let token_url = format!("{}/oauth2/default/v1/token", collector.simulator.url());
    rig.bench
        .run(&rig.plan_line(&format!("--token-url {token_url}")))
        .exits(0);
    let found = run(&rig, "doctor devices.plan", |_| {});
    found
        .has(
            "configuration",
            "warning",
            "neither the instance's nor that of the base URL",
        )
        .has("token", "not_checked", "repeat it with --token-url")
        .else_ok(&["tls", "configuration", "token", "permission"]);
    assert_eq!(collector.simulator.counts().token_requests, 0);
    run(&rig, &format!("doctor devices.plan --token-url {token_url}"), |_| {}).has("token", "ok", "");
    assert_eq!(collector.simulator.counts().token_requests, 1);
    deleted_nothing(&rig.simulator);
    deleted_nothing(&collector.simulator);
}

#[test]
fn the_text_is_as_it_was_reviewed() {
    let rig = tenant(Service::Nexthink, |builder| builder.token_permissions(["nx_other"]));
    let text = rig.run(&format!("doctor --base-url {}", rig.simulator.url())).exits(1);
    insta::assert_snapshot!(
        "doctor",
        stable(&format!("{}{}", text.stdout, text.stderr)).replace(&no_config(), "CONFIG")
    );
}

/// The usual place of the configuration file in a test.
fn no_config() -> String {
    format!("{}/fleetpurge/config.toml", common::NO_CONFIG)
}
