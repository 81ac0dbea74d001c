//! Credentials with the marks and line ends of editors, shells and Windows: the service gets the exact credential, or
//! nothing is sent.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;
use std::path::Path;

use common::{Ended, Service, ended};
use rig::Rig;

const SECRET: &str = "s3cret/of+mine=";

/// What surrounds a credential that somebody saved, and is no part of it.
const SURROUNDED: [(&str, &str); 5] = [
    ("", ""),
    ("", "\n"),
    ("", "\r\n"),
    ("\u{feff}", ""),
    ("\u{feff}", "\r\n"),
];

/// What no credential has, and what the refusal says of it.
fn unfit() -> Vec<(Vec<u8>, &'static str)> {
    let utf16: Vec<u8> = format!("\u{feff}{SECRET}\r\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    vec![
        (utf16, "UTF-16"),
        (format!("{SECRET}\n{SECRET}").into_bytes(), "more than one line"),
        (format!("{SECRET}\u{200b}").into_bytes(), "U+200B"),
        (format!("{SECRET}\tx").into_bytes(), "U+0009"),
        ("\u{feff}\n".to_owned().into_bytes(), "empty"),
        (b"\xe9\xe8".to_vec(), "UTF-8"),
    ]
}

fn private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    #[cfg(not(unix))]
    assert!(path.exists());
}

fn refused(rig: &Rig, ended: Ended, parts: &[&str]) {
    let ended = ended.exits(1).says(parts).says(&["sent nothing"]);
    assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    assert_eq!(rig.request_count(), 0);
    assert_eq!(rig.simulator.counts().token_requests, 0);
}

#[test]
fn a_client_secret_is_sent_without_what_an_editor_puts_around_it_wherever_it_comes_from() {
    for (before, after) in SURROUNDED {
        let saved = format!("{before}{SECRET}{after}");
        let what = format!("{saved:?}");
        for way in ["file", "command", "variable"] {
            let rig = Rig::with(Service::Nexthink, 3, "", |builder| {
                builder.client_credentials("id", SECRET)
            });
            let file = rig.bench.file("secret.txt", &saved);
            private(&file);
            let mut command = rig.command();
            command.env_remove("NEXTHINK_CLIENT_SECRET");
            match way {
                "file" => command.args(["--client-secret-file", "secret.txt"]),
                "command" => command.args(["--client-secret-command", "cat secret.txt"]),
                _ => command
                    .env("NEXTHINK_CLIENT_SECRET", &saved)
                    .env("NEXTHINK_CLIENT_ID", format!("{before}id{after}")),
            };
            let ended = ended(&mut command);
            assert_eq!(ended.code, 0, "{way} {what}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_token_is_sent_without_what_a_shell_puts_around_it() {
    for service in Service::ALL {
        for (before, after) in SURROUNDED {
            let rig = Rig::with(service, 3, "", |builder| builder.static_token("t0ken"));
            let mut command = rig.command();
            let ended = ended(service.token(&mut command, &format!("{before}t0ken{after}")));
            assert_eq!(ended.code, 0, "{before:?} {after:?}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_malformed_credential_is_refused_by_the_name_of_its_setting_and_not_shown() {
    let rig = Rig::new(Service::Nexthink, 3, "");
    for (saved, why) in unfit() {
        let file = rig.bench.file("secret.txt", &saved);
        private(&file);
        for setting in ["--client-secret-file", "--client-secret-command"] {
            let mut command = rig.command();
            command.args([
                setting,
                if setting.ends_with("file") {
                    "secret.txt"
                } else {
                    "cat secret.txt"
                },
            ]);
            refused(&rig, ended(&mut command), &[setting, why]);
        }
    }
    for (service, name) in [
        (Service::Nexthink, "NEXTHINK_CLIENT_ID"),
        (Service::Nexthink, "NEXTHINK_CLIENT_SECRET"),
        (Service::Nexthink, "NEXTHINK_TOKEN"),
        (Service::Ubidots, "UBIDOTS_TOKEN"),
        (Service::Ubidots, "UBIDOTS_API_KEY"),
    ] {
        let rig = Rig::new(service, 3, "");
        for value in [
            format!("{SECRET}\n{SECRET}"),
            format!("{SECRET}\u{202e}"),
            format!("{SECRET}\u{1b}"),
        ] {
            let mut command = rig.command();
            if name.ends_with("TOKEN") {
                command
                    .env_remove("NEXTHINK_CLIENT_ID")
                    .env_remove("NEXTHINK_CLIENT_SECRET");
                command.env_remove("UBIDOTS_API_KEY");
            }
            refused(&rig, ended(command.env(name, value)), &[name]);
        }
    }
}
