//! Requests that only read: paced, asked again where that may help, and taken at no more than their word.
//!
//! Waits pass in paused time, which moves on when nothing else can: so requests may take hours.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::num::NonZeroU64;
use std::time::Duration;

use fleetpurge_simulator::{PageTraps, Simulator, UbidotsDevice, UbidotsVariable};
use serde_json::{Value, json};
use support::*;
use tokio::time::Instant;
use ubidots_devices::{Client, ErrorKind, Filter, LastActivity, Rate};

fn patient(simulator: &Simulator) -> Client {
    let hours = Duration::from_secs(36_000);
    let builder = with_token(simulator.url()).timeout(hours).connect_timeout(hours);
    builder.build().unwrap()
}

fn variable(n: usize) -> UbidotsVariable {
    UbidotsVariable::new(format!("7e309da44fc8455a{n:08x}"), format!("v{n}"))
}

#[tokio::test(start_paused = true)]
async fn what_may_succeed_later_is_asked_again() {
    for then in [
        json!({"reply": {"status": 500}}),
        json!({"reply": {"status": 502, "html": "<h1>Bad Gateway</h1>"}}),
        json!({"reply": {"status": 503}}),
        json!({"reply": {"status": 429}}),
        json!({"reply": {"status": 420}}),
        json!({"close_after_read": true}),
        json!({"reset": "before_read"}),
        json!({"cut_body_after": 10}),
    ] {
        let rules = json!([reads(json!([2, 3]), then.clone())]);
        let simulator = start(Simulator::builder().ubidots_devices(fleet(250)).faults(script(rules))).await;
        let client = patient(&simulator);
        let mut listing = client.devices(Filter::all());
        for listed in [200, 250] {
            listing.next_page().await.unwrap().unwrap();
            assert_eq!(listing.listed(), listed, "{then}");
        }
        assert_eq!(listing.next_page().await.unwrap(), None, "{then}");
        assert_eq!(pages(&simulator), "1 2 2 2", "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_for_good_is_given_up_after_six_tries() {
    for (then, kind) in [
        (json!({"reply": {"status": 500}}), ErrorKind::ServerError),
        (
            json!({"reply": {"status": 429, "retry_after": 0}}),
            ErrorKind::Throttled,
        ),
        (json!({"close_after_read": true}), ErrorKind::Unreachable),
    ] {
        let simulator = faulty(json!([reads(json!("1-"), then.clone())])).await;
        let error = patient(&simulator).device(&id(0).into()).await.unwrap_err();
        assert_sure(&error, kind, &then.to_string());
        assert_eq!(simulator.counts().reads, 6, "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_not_get_better_is_not_asked_again() {
    for reply in [
        json!({"status": 400, "error_code": 400_001}),
        json!({"status": 403}),
        json!({"status": 405}),
        json!({"status": 200, "html": "<h1>Welcome</h1>"}),
        json!({"status": 202, "json": {"id": id(0).as_str()}}),
        json!({"status": 204}),
        json!({"status": 429, "retry_after": 601}),
    ] {
        let simulator = faulty(json!([reads(json!("1-"), json!({"reply": reply}))])).await;
        let error = patient(&simulator).device(&id(0).into()).await.unwrap_err();
        assert_eq!(error.applied(), ubidots_devices::Applied::No, "{reply}");
        assert_eq!(simulator.counts().reads, 1, "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_service_asks_for_is_waited() {
    let rules = json!([reads(json!(1), json!({"reply": {"status": 429, "retry_after": 600}}))]);
    let simulator = start(Simulator::builder().ubidots_devices(fleet(1)).faults(script(rules))).await;
    let started = Instant::now();
    patient(&simulator).device(&id(0).into()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(600));
    assert_eq!(simulator.counts().reads, 2);
}

#[tokio::test(start_paused = true)]
async fn clones_keep_one_pace() {
    let simulator = start(Simulator::builder().ubidots_devices(fleet(1))).await;
    let hours = Duration::from_secs(360_000);
    let builder = with_token(simulator.url()).timeout(hours).connect_timeout(hours);
    let client = builder.read_rate(Rate::LEAST).build().unwrap();
    let started = Instant::now();
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.device(&id(0).into()).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(
        started.elapsed() >= Duration::from_secs(3_000),
        "the first at once, each other a thousand seconds on"
    );
    assert_eq!(simulator.counts().reads, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_read_whole_by_any_of_its_keys_or_is_not_there() {
    let pump = UbidotsDevice::new(id(0).as_str(), "pump:7.a")
        .tag("old")
        .last_activity(1_000);
    let simulator = trapped(vec![pump], PageTraps::new()).await;
    let client = client(&simulator);
    for (name, path) in [
        (id(0).to_string(), id(0).to_string()),
        (id(0).as_str().to_uppercase(), id(0).as_str().to_uppercase()),
        (format!(r#"{{"id":"{}"}}"#, id(0)), id(0).to_string()),
        ("~pump:7.a".to_owned(), "~pump:7.a".to_owned()),
    ] {
        let device = client.device(&key(&name)).await.unwrap().unwrap();
        assert_eq!(
            (device.id, device.label.as_deref()),
            (id(0), Some("pump:7.a")),
            "{name}"
        );
        assert!(matches!(device.last_activity, LastActivity::At(_)));
        assert_eq!(
            device.json.decode::<Value>().unwrap()["createdAt"],
            json!("2020-01-01T00:00:00.000Z"),
            "no field is left out"
        );
        let target = read(&simulator).pop().unwrap();
        assert_eq!(target.replace("%3A", ":"), format!("/api/v2.0/devices/{path}/"));
    }
    for name in [id(1).as_str(), "~pump:7", "~Pump:7.a", "~_", "~.."] {
        assert_eq!(client.device(&key(name)).await.unwrap(), None, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_than_was_asked_for_is_an_error() {
    let said = |id: &str, label: Value| json!({"id": id, "label": label});
    for (asked, reply) in [
        (id(0).to_string(), said(id(1).as_str(), json!("a"))),
        ("~a".to_owned(), said(id(0).as_str(), json!("A"))),
        ("~a".to_owned(), said(id(0).as_str(), json!("b"))),
        ("~a".to_owned(), said(id(0).as_str(), json!(null))),
        ("~a".to_owned(), json!({"id": id(0).as_str()})),
        (id(0).to_string(), said("a", json!("a"))),
        (id(0).to_string(), json!({"label": "a"})),
    ] {
        let simulator = faulty(json!([reads(
            json!("1-"),
            json!({"reply": {"status": 200, "json": reply}})
        )]))
        .await;
        let error = client(&simulator).device(&key(&asked)).await.unwrap_err();
        assert_sure(&error, ErrorKind::AmbiguousReply, &format!("{asked}: {reply}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_variables_of_a_device_are_read_page_by_page() {
    for (max, expected) in [(1_000, "1 2 3"), (100, "1 2 3 4 5")] {
        let pump = (0..450).fold(UbidotsDevice::new(id(0).as_str(), "pump"), |pump, n| {
            pump.variable(variable(n))
        });
        let simulator = trapped(vec![pump], PageTraps::new().page_size_max(max)).await;
        let variables = client(&simulator).variables(&id(0)).await.unwrap();
        let ids: Vec<&str> = variables.iter().map(|variable| &*variable.id).collect();
        let all: Vec<String> = (0..450).map(|n| variable(n).id).collect();
        assert_eq!(ids, all);
        let json: Value = variables[7].json.decode().unwrap();
        assert_eq!(json["label"], json!("v7"));
        assert!(json.get("unit").is_some_and(Value::is_null), "no field is left out");
        assert_eq!(pages(&simulator), expected);
        let target = format!("/api/v2.0/devices/{}/variables/?page=1&page_size=200", id(0));
        assert_eq!(read(&simulator)[0], target);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_are_not_whole_are_an_error() {
    let page = |count: u32, next: Option<&str>, ids: &[&str]| {
        let results: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        json!({"reply": {"status": 200, "json": {"count": count, "next": next, "results": results}}})
    };
    let beyond = json!({"reply": {"status": 404}});
    let next = Some("http://elsewhere.invalid/");
    for (first, second) in [
        (page(3, next, &["a", "b"]), page(3, None, &["b"])),
        (page(3, next, &["a", "b"]), page(2, None, &[])),
        (page(3, next, &["a", "b"]), page(3, None, &[])),
        (page(3, None, &["a", "b"]), beyond.clone()),
        (page(1, None, &["a", "b"]), beyond.clone()),
    ] {
        let simulator = faulty(json!([
            reads(json!(1), first.clone()),
            reads(json!("2-"), second.clone())
        ]))
        .await;
        let error = client(&simulator).variables(&id(0)).await.unwrap_err();
        assert_sure(&error, ErrorKind::AmbiguousReply, &format!("{first} {second}"));
        assert_eq!(simulator.counts().reads, 2, "{first} {second}");
    }
    // A device that is not there has no variables, and that is not a list of none.
    let simulator = trapped(vec![], PageTraps::new()).await;
    let error = client(&simulator).variables(&id(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_read_up_to_a_fixed_time_so_that_new_ones_shift_no_page() {
    let recorded = (0..450_i32).fold(variable(0), |variable, n| {
        variable.value((i64::from(n) * 1_000).max(1), f64::from(n))
    });
    let pump = UbidotsDevice::new(id(0).as_str(), "pump").variable(recorded);
    for traps in [PageTraps::new(), PageTraps::new().empty_beyond_end()] {
        let simulator = trapped(vec![pump.clone()], traps).await;
        let client = client(&simulator);
        let until = "1970-01-01T00:07:29Z".parse().unwrap();
        let (mut times, mut page) = (Vec::new(), NonZeroU64::MIN);
        loop {
            let values = client.values(&variable(0).id, until, page).await.unwrap();
            times.extend(
                values
                    .values
                    .iter()
                    .map(|value| value.decode::<Value>().unwrap()["timestamp"].as_i64().unwrap()),
            );
            if !values.has_next {
                break;
            }
            page = page.checked_add(1).unwrap();
        }
        let all: Vec<i64> = (0..450).rev().map(|n: i64| (n * 1_000).max(1)).collect();
        assert_eq!(times, all, "newest first, each once, none beyond");
        let target = |page| {
            let path = format!("/api/v1.6/variables/{}/values", variable(0).id);
            format!("{path}?end=449000&page={page}&page_size=200&start=1")
        };
        assert_eq!(read(&simulator), [target(1), target(2), target(3)]);
        // Beyond the last.
        let beyond = client
            .values(&variable(0).id, until, NonZeroU64::new(9).unwrap())
            .await
            .unwrap();
        assert_eq!((beyond.values, beyond.has_next), (vec![], false));
        // Earlier ones only.
        let early = "1970-01-01T00:00:01Z".parse().unwrap();
        let early = client.values(&variable(0).id, early, NonZeroU64::MIN).await.unwrap();
        assert_eq!(early.values.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_in_other_words_than_the_services_own_ends_no_pages() {
    let second = NonZeroU64::new(2).unwrap();
    let until = "2020-01-01T00:00:00Z".parse().unwrap();
    for (reply, own) in [
        (json!({"status": 404, "json": {"detail": "Invalid page."}}), true),
        (json!({"status": 404, "html": "<h1>Not Found</h1>"}), false),
        (json!({"status": 404}), false),
    ] {
        let simulator = faulty(json!([reads(json!("1-"), json!({"reply": reply}))])).await;
        let values = client(&simulator).values(&variable(0).id, until, second).await;
        assert_eq!(values.is_ok(), own, "{reply}: {values:?}");
        // Variables that are not counted.
        let first = json!({"reply": {"status": 200, "json": {"next": "x", "results": [{"id": "a"}]}}});
        let rules = json!([reads(json!(1), first), reads(json!("2-"), json!({"reply": reply}))]);
        let simulator = faulty(rules).await;
        let variables = client(&simulator).variables(&id(0)).await;
        assert_eq!(variables.is_ok(), own, "{reply}: {variables:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_kept_byte_for_byte() {
    let texts = [
        r#"{"timestamp":1,"value":31.245270191439438}"#,
        r#"{"value":89340711001234567890,"timestamp":2}"#,
        r#"{"timestamp":3,"value":1e400,"value":-0.0}"#,
        r#"{ "timestamp": 4, "value": 1.50, "context": {"b": null, "a": 0.1000000000000000055511151231257827} }"#,
        r#"{"\ud800":"\u00e9"}"#,
    ];
    let body = format!(r#"{{"count":true,"next":null,"results":[{}]}}"#, texts.join(","));
    // A mark of the byte order is no part of the JSON.
    for body in [body.clone(), format!("\u{feff}{body}\n")] {
        let simulator = faulty(json!([reads(
            json!(1),
            json!({"reply": {"status": 200, "text": body}})
        )]))
        .await;
        let until = "2020-01-01T00:00:00Z".parse().unwrap();
        let values = client(&simulator)
            .values(&variable(0).id, until, NonZeroU64::MIN)
            .await
            .unwrap();
        let kept: Vec<&str> = values.values.iter().map(ubidots_devices::RawJson::as_str).collect();
        assert_eq!(kept, texts);
        assert!(!values.has_next);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_none_is_an_error_and_is_not_asked_for() {
    let simulator = trapped(fleet(1), PageTraps::new()).await;
    let client = client(&simulator);
    let now = "2020-01-01T00:00:00Z".parse().unwrap();
    for text in ["", "..", "../../v2.0/devices/_", "a b", "7e309da44fc8455a0000000g"] {
        let error = client.values(text, now, NonZeroU64::MIN).await.unwrap_err();
        assert_sure(&error, ErrorKind::InvalidInput, text);
    }
    assert_eq!(simulator.counts().reads, 0);
    let error = client.values(&variable(0).id, now, NonZeroU64::MIN).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}
