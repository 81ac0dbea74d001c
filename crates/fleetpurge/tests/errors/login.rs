//! Credentials, and tokens that are not issued.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::common::{Service, ended};
use crate::entry::{Entry, Section};
use crate::rig::Rig;

pub(crate) fn sections() -> Vec<Section> {
    vec![Section {
        title: "Logging in",
        about: "Without a token no deletion is sent.",
        entries: entries(),
    }]
}

fn with(title: &str, shows: &'static [&'static str], flags: &str, variables: &[(&str, &str)]) -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    let secret = rig.bench.file("secret", "s3cret");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    let line = format!("apply devices.plan --confirm {}/3 {flags}", rig.tenant());
    let ended = ended(rig.bench.command(&line).envs(variables.iter().copied()));
    Entry::of_apply(title, shows, &rig, &ended)
}

fn refused(title: &str, shows: &'static [&'static str], service: Service, then: Value) -> Entry {
    let rig = Rig::new(service, 3, "");
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": then}]));
    let ended = rig.apply();
    Entry::of_apply(title, shows, &rig, &ended)
}

fn entries() -> Vec<Entry> {
    use Service::{Nexthink, Ubidots};
    let reply = |status: u16| json!({"reply": {"status": status}});
    let id = ("NEXTHINK_CLIENT_ID", "id");
    vec![
        with("No credentials", &[], "", &[]),
        with("A client id without a secret", &[], "", &[id]),
        with(
            "Two ways to log in at once",
            &[],
            "",
            &[id, ("NEXTHINK_CLIENT_SECRET", "s"), ("NEXTHINK_TOKEN", "t")],
        ),
        with(
            "A secret's file that others can read",
            &[],
            "--client-secret-file secret",
            &[id],
        ),
        with(
            "A secret's file that is not there",
            &[],
            "--client-secret-file nothing",
            &[id],
        ),
        with(
            "A secret's command that fails",
            &[],
            "--client-secret-command false",
            &[id],
        ),
        with(
            "A token that no header can hold",
            &["request::Configuration"],
            "",
            &[("NEXTHINK_TOKEN", "t\u{7f}n")],
        ),
        refused(
            "The client id or the secret is wrong",
            &["request::LoginRefused"],
            Nexthink,
            json!({"unauthorized": true}),
        ),
        refused("The API key is wrong", &[], Ubidots, json!({"unauthorized": true})),
        refused("The token endpoint fails", &[], Nexthink, reply(500)),
        refused(
            "The token endpoint asks for a longer wait than --max-wait",
            &[],
            Nexthink,
            json!({"reply": {"status": 429, "retry_after": 601}}),
        ),
        refused(
            "The token endpoint answers with something else",
            &[],
            Nexthink,
            json!({"reply": {"status": 200, "html": "<h1>Hello</h1>"}}),
        ),
    ]
}
