//! What the services answer to a deletion, and what comes of it.

use std::net::TcpListener;

use rcgen::generate_simple_self_signed;
use serde_json::{Value, json};

use crate::common::{Running, Service, ended};
use crate::entry::{Entry, Section};
use crate::rig::Rig;

/// Two whole batches and a half one, one after the other.
const FLAGS: &str = "--concurrency 1 --timeout 1";

pub(crate) fn sections() -> Vec<Section> {
    vec![
        Section {
            title: "What a service answers to a deletion",
            about: "Each was brought about with 250 devices of Nexthink in batches of 100, or 750 of Ubidots in batches of 300, one \
                    batch after the other, unless it says otherwise.",
            entries: answers(),
        },
        Section {
            title: "What Nexthink says of a device",
            about: "A 202 has a status for each device. What it says is taken at its word, and nothing is taken for said that it \
                    does not say. What a reply has that nobody asked for is recorded as an anomaly and is no error: see \
                    `fleetpurge report`.",
            entries: entries(),
        },
        Section {
            title: "What Ubidots says of a batch",
            about: "Ubidots accepts or refuses a whole batch.",
            entries: ubidots(),
        },
        Section {
            title: "A service that is not reached",
            about: "What never left this machine was surely not applied.",
            entries: unreached(),
        },
    ]
}

/// An answer to the second batch.
fn second(title: &str, shows: &'static [&'static str], service: Service, then: Value) -> Entry {
    applied(
        title,
        shows,
        service,
        5 * service.batch() / 2,
        json!([{"when": {"request": 2}, "then": then}]),
        "",
    )
}

fn always(title: &str, shows: &'static [&'static str], service: Service, devices: usize, then: Value) -> Entry {
    applied(title, shows, service, devices, json!([{"then": then}]), "")
}

fn applied(
    title: &str,
    shows: &'static [&'static str],
    service: Service,
    devices: usize,
    rules: Value,
    flags: &str,
) -> Entry {
    let rig = Rig::new(service, devices, &format!("{FLAGS} {flags}"));
    rig.faults(rules);
    let ended = rig.apply();
    Entry::of_apply(title, shows, &rig, &ended)
}

/// Other answers that come to the same, but for the status.
fn alike(entry: &Entry, service: Service, others: &[(u16, Value)], of: u16) {
    for (status, then) in others {
        let other = second("another", &[], service, then.clone());
        let said = other.text().replace(&status.to_string(), &of.to_string());
        assert_eq!(body(&said), body(&entry.text()), "{status} is not as {of}");
    }
}

/// Without the title.
fn body(text: &str) -> &str {
    text.split_once('\n').unwrap().1
}

fn reply(status: u16) -> Value {
    json!({"reply": {"status": status}})
}

fn code(code: &str) -> Value {
    json!({"reply": {"status": 400, "error_code": code}})
}

fn answers() -> Vec<Entry> {
    use Service::Nexthink;
    let entries = vec![
        always(
            "401, and again with a new token",
            &["401", "request::Unauthorized"],
            Nexthink,
            250,
            json!({"unauthorized": true}),
        ),
        given_token(),
        second(
            "403: the credentials may not do this",
            &["403", "run::Refused"],
            Nexthink,
            reply(403),
        ),
        second("404 or 405", &["404", "request::Refused"], Nexthink, reply(404)),
        second("Any other 4xx", &["4xx"], Nexthink, reply(422)),
        second(
            "400 with a code that nobody has heard of, or without one",
            &[],
            Nexthink,
            code("SOMETHING_NEW"),
        ),
        second("400 EMPTY_REQUEST", &["EMPTY_REQUEST"], Nexthink, code("EMPTY_REQUEST")),
        second("400 EMPTY_TENANT", &["EMPTY_TENANT"], Nexthink, code("EMPTY_TENANT")),
        always(
            "400 BATCH_SIZE_EXCEEDED, or 413, for a single device",
            &["BATCH_SIZE_EXCEEDED", "413", "request::BatchTooLarge"],
            Nexthink,
            3,
            code("BATCH_SIZE_EXCEEDED"),
        ),
        always(
            "400 INVALID_REQUEST for the sake of one device",
            &["INVALID_REQUEST", "request::InvalidRequest"],
            Nexthink,
            8,
            json!({"poison": Nexthink.uid(3)}),
        ),
        always(
            "400 INVALID_REQUEST for every device",
            &["run::RefusesEverything"],
            Nexthink,
            250,
            json!({"refuse_everything": true}),
        ),
        second(
            "301, 302, 307 or 308: a redirect, which is never followed",
            &["307"],
            Nexthink,
            reply(307),
        ),
        second("Any other 3xx", &["3xx"], Nexthink, reply(304)),
        second(
            "408, 429, or 503 with Retry-After: a longer wait than --max-wait",
            &["408", "429", "503", "run::WaitTooLong", "request::Throttled"],
            Nexthink,
            json!({"reply": {"status": 429, "retry_after": 601}}),
        ),
        applied(
            "429 without end",
            &["run::OnlyThrottled"],
            Nexthink,
            250,
            json!([{"then": {"reply": {"status": 429, "retry_after": 1}}}]),
            "--max-wait 2",
        ),
        second(
            "500, 502, 504, 503 without Retry-After, or any other 5xx",
            &["500", "5xx", "request::ServerError"],
            Nexthink,
            reply(500),
        ),
        always(
            "Five such answers in a row",
            &["run::Ambiguous"],
            Nexthink,
            700,
            reply(500),
        ),
        second(
            "No answer in time",
            &["request::NoReply"],
            Nexthink,
            json!({"hang": true}),
        ),
        second(
            "The connection is lost before the answer",
            &[],
            Nexthink,
            json!({"close_after_read": true}),
        ),
        second(
            "202 with something else than an answer, or any other 2xx",
            &["2xx", "request::AmbiguousReply"],
            Nexthink,
            json!({"reply": {"status": 202, "html": "<h1>Accepted</h1>"}}),
        ),
        limited(),
        interrupted(),
    ];
    let find = |title: &str| entries.iter().position(|entry| entry.title.starts_with(title)).unwrap();
    let others = |statuses: &[u16]| {
        statuses
            .iter()
            .map(|status| (*status, reply(*status)))
            .collect::<Vec<_>>()
    };
    alike(&entries[find("500")], Nexthink, &others(&[502, 503, 504, 599]), 500);
    alike(&entries[find("301")], Nexthink, &others(&[301, 302, 308]), 307);
    alike(&entries[find("404")], Nexthink, &others(&[405]), 404);
    alike(
        &entries[find("Any other 4xx")],
        Nexthink,
        &others(&[402, 409, 415, 451]),
        422,
    );
    let wait = |status: u16| (status, json!({"reply": {"status": status, "retry_after": 601}}));
    alike(&entries[find("408")], Nexthink, &[wait(408), wait(503)], 429);
    entries
}

fn given_token() -> Entry {
    let rig = Rig::new(Service::Nexthink, 250, FLAGS);
    rig.faults(json!([{"then": reply(401)}]));
    let ended = ended(Service::Nexthink.token(&mut rig.command(), "t0ken"));
    Entry::of_apply("401 to a token of NEXTHINK_TOKEN or UBIDOTS_TOKEN", &[], &rig, &ended)
}

fn limited() -> Entry {
    let rig = Rig::new(Service::Nexthink, 250, FLAGS);
    let ended = rig.apply_with(1, "--limit 1");
    Entry::of_apply("--limit is reached", &[], &rig, &ended)
}

fn interrupted() -> Entry {
    let rig = Rig::new(Service::Nexthink, 250, "--concurrency 1");
    rig.faults(json!([{"when": {"request": 2}, "then": {"delay_reply_ms": 2_000}}]));
    let running = Running::start(&mut rig.command());
    rig.received(2);
    running.signal("-INT");
    let ended = running.ends();
    Entry::of_apply(
        "Ctrl-C, SIGTERM or a closed terminal",
        &["run::Interrupted"],
        &rig,
        &ended,
    )
}

/// The simulator edits its reply, and does not tell what it would have done.
fn told(title: &str, shows: &'static [&'static str], devices: usize, then: Value) -> Entry {
    let rig = Rig::new(Service::Nexthink, devices, FLAGS);
    rig.faults(json!([{"then": then}]));
    let ended = rig.apply();
    Entry::of_told(title, shows, &rig, &ended)
}

fn entries() -> Vec<Entry> {
    let edited =
        |title: &str, shows: &'static [&'static str], step: Value| told(title, shows, 10, json!({"edit": [step]}));
    vec![
        edited(
            "INVALID",
            &["INVALID"],
            json!({"set_status": {"of": 4, "status": "INVALID"}}),
        ),
        told(
            "FAILED, four times",
            &["FAILED"],
            10,
            json!({"failed": {"devices": [Service::Nexthink.uid(5)]}}),
        ),
        told(
            "Every device of five batches FAILED",
            &["run::FailsEverything"],
            900,
            json!({"failed": {"devices": "all"}}),
        ),
        edited(
            "A status that nobody has heard of",
            &[],
            json!({"set_status": {"of": 4, "status": "QUEUED"}}),
        ),
        edited("A device without a status", &[], json!({"remove_status": {"of": 4}})),
        edited("A device that the reply does not name", &[], json!({"omit": {"of": 4}})),
        edited(
            "Two entries of a device that disagree",
            &[],
            json!({"duplicate": {"of": 4, "status": "FAILED"}}),
        ),
        edited(
            "The uid with quite another name",
            &[],
            json!({"rename": {"of": 4, "name": "SERVER-1"}}),
        ),
    ]
}

fn ubidots() -> Vec<Entry> {
    use Service::Ubidots;
    let json = |status: u16, body: Value| json!({"reply": {"status": status, "json": body}});
    vec![
        always(
            "Code 401001: the token is refused, and so is a new one",
            &["401001"],
            Ubidots,
            750,
            json(
                401,
                json!({"code": 401_001, "message": "Authentication failed.", "detail": "Invalid token."}),
            ),
        ),
        second("403: the token may not delete devices", &[], Ubidots, reply(403)),
        always(
            "Code 400001 for the sake of one device",
            &["400001"],
            Ubidots,
            8,
            json!({"poison": Ubidots.uid(3)}),
        ),
        second(
            "400 without a code: something is wrong with the request",
            &[],
            Ubidots,
            json(
                400,
                json!({"detail": "Header `X-BULK-OPERATION` should be provided for bulk operation."}),
            ),
        ),
        second("A 2xx without a task", &[], Ubidots, json(200, json!({}))),
        second("500, or any other 5xx", &[], Ubidots, reply(500)),
        second(
            "420 or 429: a longer wait than --max-wait",
            &["420"],
            Ubidots,
            json!({"reply": {"status": 420, "retry_after": 601}}),
        ),
    ]
}

fn unreached() -> Vec<Entry> {
    vec![refused_connection(), lost_before(), untrusted(), no_http()]
}

/// A port on which nothing listens.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A plan for another address than the simulator's, and a token.
fn elsewhere(title: &str, shows: &'static [&'static str], base_url: &str) -> Entry {
    let rig = Rig::new(Service::Nexthink, 3, "");
    let tenant = base_url.split_once("://").unwrap().1;
    rig.bench
        .run(&format!(
            "plan devices.csv --force --out devices.plan --base-url {base_url}"
        ))
        .exits(0);
    let mut command = rig.bench.command(&format!("apply devices.plan --confirm {tenant}/3"));
    let ended = ended(Service::Nexthink.token(&mut command, "t0ken"));
    Entry::of_apply(title, shows, &rig, &ended)
}

fn refused_connection() -> Entry {
    elsewhere(
        "No connection, five times",
        &["run::Unreachable", "request::Unreachable"],
        &format!("http://127.0.0.1:{}", closed_port()),
    )
}

fn lost_before() -> Entry {
    always(
        "The connection is closed before the request is read",
        &[],
        Service::Nexthink,
        3,
        json!({"close_before_read": true}),
    )
}

/// A certificate that nobody trusts, and its key.
pub(crate) fn certificate() -> (String, String) {
    let certified = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    (certified.cert.pem(), certified.signing_key.serialize_pem())
}

fn untrusted() -> Entry {
    let (pem, key) = certificate();
    let secure = Rig::unplanned(Service::Nexthink, "", |builder| builder.tls(pem, key));
    elsewhere(
        "The certificate is not trusted",
        &["request::Certificate"],
        secure.simulator.url(),
    )
}

fn no_http() -> Entry {
    let rig = Rig::unplanned(Service::Nexthink, "", |builder| builder);
    let url = rig.simulator.url().replace("http://", "https://");
    elsewhere("TLS is not spoken there", &[], &url)
}
