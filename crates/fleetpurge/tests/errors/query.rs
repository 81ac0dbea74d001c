//! Saved queries of Nexthink that bring no list.

use fleetpurge_simulator::{Builder, ExportFault, FaultScript, SavedQuery};
use serde_json::{Value, json};

use crate::common::{Bench, Service, ended};
use crate::entry::{Entry, Section};
use crate::rig::Rig;
use crate::service::{certificate, closed_port};

pub(crate) fn sections() -> Vec<Section> {
    vec![Section {
        title: "Running a query",
        about: "`plan`, `select`, `verify` and `doctor` take the whole result of a saved query, or none of it.",
        entries: entries(),
    }]
}

const PLAN: &str = "plan --query #old --base-url URL --out acme.plan";

fn run(title: &str, shows: &'static [&'static str], line: &str, build: impl FnOnce(Builder) -> Builder) -> Entry {
    let rig = Rig::unplanned(Service::Nexthink, "", |builder| {
        let devices = Service::Nexthink.devices(3);
        build(
            builder
                .inventory(devices)
                .export_polls(1)
                .saved_query("#old", SavedQuery::all()),
        )
    });
    let ended = rig.run(&line.replace("URL", rig.simulator.url()));
    assert_eq!((rig.request_count(), rig.bench.files().len()), (0, 0), "{title}");
    Entry::of(
        title,
        shows,
        &line.replace("--base-url URL", "--instance acme --region eu"),
        &ended,
    )
}

fn of(title: &str, shows: &'static [&'static str], fault: ExportFault) -> Entry {
    run(title, shows, PLAN, |builder| builder.export_faults(vec![fault; 8]))
}

/// Every request that reads is answered so.
fn answered(title: &str, shows: &'static [&'static str], endpoint: &str, then: Value, flags: &str) -> Entry {
    let script = json!({"rules": [{"when": {"endpoint": endpoint}, "then": then}]});
    let script = FaultScript::from_value(script).unwrap();
    run(title, shows, &format!("{PLAN} {flags}"), |builder| {
        builder.faults(script)
    })
}

/// At an address where nothing listens, or with a token that no header can hold.
fn at(title: &str, shows: &'static [&'static str], url: &str, token: &str) -> Entry {
    let bench = Bench::new();
    let mut command = bench.command(&PLAN.replace("URL", url));
    let ended = ended(Service::Nexthink.token(&mut command, token));
    Entry::of(
        title,
        shows,
        &PLAN.replace("--base-url URL", "--instance acme --region eu"),
        &ended,
    )
}

fn entries() -> Vec<Entry> {
    let nowhere = format!("http://127.0.0.1:{}", closed_port());
    let (pem, key) = certificate();
    let reply = |status: u16| json!({"reply": {"status": status}});
    vec![
        run(
            "That is no id of a query",
            &["query::InvalidInput"],
            &PLAN.replace("#old", "devices"),
            |builder| builder,
        ),
        run(
            "There is no such query",
            &["query::NotFound"],
            &PLAN.replace("#old", "#older"),
            |builder| builder,
        ),
        run(
            "The credentials may not run queries",
            &["query::Forbidden"],
            PLAN,
            Builder::queries_forbidden,
        ),
        answered(
            "The client id or the secret is wrong",
            &["query::LoginRefused"],
            "token",
            json!({"unauthorized": true}),
            "",
        ),
        answered(
            "The token is refused, and so is a new one",
            &["query::Unauthorized"],
            "reads",
            json!({"unauthorized": true}),
            "",
        ),
        answered("The request is refused", &["query::Refused"], "reads", reply(400), ""),
        answered(
            "The service asks for a longer wait",
            &["query::Throttled"],
            "reads",
            json!({"reply": {"status": 429, "retry_after": 86_400}}),
            "",
        ),
        of(
            "The export failed",
            &["query::Failed"],
            ExportFault::Failed("the query is too large".to_owned()),
        ),
        of(
            "The licence cut the result off",
            &["query::Truncated"],
            ExportFault::Truncated,
        ),
        of(
            "The file does not come whole",
            &["query::Incomplete"],
            ExportFault::ShortFile,
        ),
        of("The host of the file redirects", &[], ExportFault::Redirect),
        of(
            "A reply is not what Nexthink documents",
            &["query::NotUnderstood"],
            ExportFault::Status("PAUSED".to_owned()),
        ),
        at("The service is not reached", &["query::Unreachable"], &nowhere, "t0ken"),
        at(
            "A token that no header can hold",
            &["query::Configuration"],
            &nowhere,
            "t\u{7f}n",
        ),
        run(
            "The certificate is not trusted",
            &["query::Certificate"],
            PLAN,
            |builder| builder.tls(pem, key),
        ),
        answered(
            "The service fails, six times",
            &["query::ServerError"],
            "reads",
            reply(500),
            "",
        ),
        run(
            "The export does not end in time",
            &["query::TimedOut"],
            &format!("{PLAN} --query-wait 1"),
            |builder| builder.export_polls(1_000),
        ),
        run(
            "The result has another number of rows than expected",
            &[],
            &format!("{PLAN} --expect 10..20"),
            |builder| builder,
        ),
    ]
}
