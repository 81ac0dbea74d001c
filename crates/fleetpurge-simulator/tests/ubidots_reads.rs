//! What is read of a Ubidots account, as documented.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::{Simulator, UbidotsDevice, UbidotsValue, UbidotsVariable};
use http::Method;
use serde_json::{Value, json};
use support::ubidots::*;
use support::*;

const V: &str = "7e309da44fc8455a9cceb5aa";

/// Three devices, the middle one with a variable of 150 values.
async fn account() -> Simulator {
    let values = (1..=150).map(|time| UbidotsValue::new(time, 0.5).context("n", time));
    let second = UbidotsDevice::new(Y, "b-second")
        .name("Pump")
        .tag("old")
        .last_activity(1_643_775_074_171)
        .created_at(1_589_977_800_250)
        .disabled()
        .variable(UbidotsVariable::new(V, "temperature").values(values));
    let devices = [
        UbidotsDevice::new(X, "c-first"),
        second,
        UbidotsDevice::new(Z, "a-third"),
    ];
    start(Simulator::builder().ubidots_devices(devices)).await
}

fn ids(reply: &Reply) -> Vec<String> {
    let results = reply.json()["results"].as_array().unwrap().clone();
    results
        .iter()
        .map(|device| device["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_is_an_envelope_of_devices() {
    let simulator = account().await;
    let reply = get(&simulator, DEVICES).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some("application/json"))
    );
    let json = reply.json();
    assert_eq!(
        (&json["count"], &json["next"], &json["previous"]),
        (&json!(3), &json!(null), &json!(null))
    );
    assert_eq!(ids(&reply), [X, Y, Z]);
    let expected = json!({
        "id": Y, "label": "b-second", "name": "Pump", "description": null, "createdAt": "2020-05-20T12:30:00.250Z",
        "isActive": false, "lastActivity": 1_643_775_074_171_i64, "organization": null, "tags": ["old"],
        "url": format!("http://industrial.ubidots.com/api/v2.0/devices/{Y}"),
        "variables": format!("http://industrial.ubidots.com/api/v2.0/devices/{Y}/variables"),
        "variablesCount": 1, "properties": {},
    });
    assert_eq!(json["results"][1], expected);
    assert_eq!(json["results"][0]["lastActivity"], json!(null));
    for key in [Y.to_uppercase(), "~b-second".to_owned(), "~b%2Dsecond".to_owned()] {
        let one = get(&simulator, &format!("{DEVICES}{key}/")).await;
        assert_eq!((one.status, one.json()), (200, expected.clone()), "{key}");
    }
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_cut_to_fields() {
    let simulator = account().await;
    for (query, expected) in [
        ("sort_by=label", vec![Z, Y, X]),
        ("sort_by=-label", vec![X, Y, Z]),
        ("sort_by=name", vec![Y, Z, X]),
        ("sort_by=-created_at", vec![Y, Z, X]),
        ("sort_by=weather", vec![X, Y, Z]),
        (&format!("id__in={Z},{X}"), vec![X, Z]),
        ("label__startswith=b-", vec![Y]),
        ("name__icontains=PUMP", vec![Y]),
        ("tags__contains=old", vec![Y]),
        ("isActive=false", vec![Y]),
        ("lastActivity__isnull=true", vec![X, Z]),
        ("lastActivity__lt=1643775074172", vec![Y]),
        ("createdAt__date__lt=2020-05-20", vec![X, Z]),
        ("search=pump", vec![Y]),
        ("label__startswith=b-&isActive=true", vec![]),
        // The danger: what is misspelt is ignored.
        ("label__startwith=b-", vec![X, Y, Z]),
    ] {
        let reply = get(&simulator, &format!("{DEVICES}?{query}")).await;
        assert_eq!(ids(&reply), expected, "{query}");
        assert_eq!(reply.json()["count"], expected.len(), "{query}");
    }
    let reply = get(&simulator, &format!("{DEVICES}?fields=id,weather&page_size=1")).await;
    assert_eq!(reply.json()["results"], json!([{"id": X}]));
    let reply = get(&simulator, &format!("{DEVICES}~c-first/?fields=label")).await;
    assert_eq!(reply.json(), json!({"label": "c-first"}));
    let reply = get(&simulator, &format!("{DEVICES}?lastActivity__lt=soon")).await;
    let detail = json!({"lastActivity__lt": ["Enter a number."]});
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json(),
        json!({"code": 400_001, "message": "Validation Error.", "detail": detail})
    );
}

#[tokio::test]
async fn lists_come_in_pages_whose_links_lead_elsewhere() {
    let simulator = account().await;
    let page = async |query: &str| get(&simulator, &format!("{DEVICES}?{query}")).await;
    let first = page("page_size=2&fields=id&token=test").await;
    let elsewhere = "http://industrial.ubidots.com/api/v2.0/devices/";
    let next = format!("{elsewhere}?fields=id&page_size=2&page=2");
    assert_eq!(
        (ids(&first), &first.json()["next"]),
        (vec![X.to_owned(), Y.to_owned()], &json!(next))
    );
    let second = page("page_size=2&fields=id&page=2").await;
    let previous = format!("{elsewhere}?fields=id&page_size=2&page=1");
    assert_eq!(
        (ids(&second), &second.json()["previous"]),
        (vec![Z.to_owned()], &json!(previous))
    );
    assert_eq!(
        (&second.json()["count"], &second.json()["next"]),
        (&json!(3), &json!(null))
    );
    for wrong in ["page_size=2&page=3", "page=0", "page=x", "page=-1"] {
        let reply = page(wrong).await;
        assert_eq!(
            (reply.status, reply.json()),
            (404, json!({"detail": "Invalid page."})),
            "{wrong}"
        );
    }
    let empty = simulator_without_devices().await;
    let json = get(&empty, DEVICES).await.json();
    assert_eq!(json, json!({"count": 0, "next": null, "previous": null, "results": []}));
}

async fn simulator_without_devices() -> Simulator {
    start(Simulator::builder()).await
}

#[tokio::test]
async fn a_page_has_fifty_devices_or_two_hundred_variables_unless_asked_otherwise() {
    let full = (0..201).fold(UbidotsDevice::new(X, "full"), |device, number| {
        device.variable(UbidotsVariable::new(format!("{number:024x}"), format!("v{number}")))
    });
    let others = (1..60).map(|number| UbidotsDevice::new(format!("{number:024x}"), format!("d{number}")));
    let simulator = start(Simulator::builder().ubidots_devices(others.chain([full]))).await;
    let variables = format!("{DEVICES}{X}/variables/");
    for (path, expected) in [
        (DEVICES.to_owned(), 50),
        (format!("{DEVICES}?page_size=59"), 59),
        (format!("{DEVICES}?page_size=5000"), 60),
        (format!("{DEVICES}?page_size=0"), 50),
        (format!("{DEVICES}?page=2"), 10),
        (variables.clone(), 200),
        (format!("{variables}?page=2"), 1),
    ] {
        assert_eq!(ids(&get(&simulator, &path).await).len(), expected, "{path}");
    }
}

#[tokio::test]
async fn variables_have_values_the_newest_first() {
    let simulator = account().await;
    let reply = get(&simulator, &format!("{DEVICES}~b-second/variables/")).await;
    let json = reply.json();
    assert_eq!((&json["count"], &json["results"][0]["id"]), (&json!(1), &json!(V)));
    let value = |time: u64| json!({"timestamp": time, "value": 0.5, "context": {"n": time}, "created_at": time});
    assert_eq!(json["results"][0]["lastValue"], value(150));
    let values = format!("/api/v1.6/variables/{V}/values");
    let times = async |query: &str| -> Vec<u64> {
        let json = get(&simulator, &format!("{values}?{query}")).await.json();
        assert_eq!(json["count"], json!(true), "no number");
        let results = json["results"].as_array().unwrap();
        results
            .iter()
            .map(|value| value["timestamp"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(get(&simulator, &values).await.json()["results"][0], value(150));
    for (query, first, last, count) in [
        // Without a time the older ones are on no page at all.
        ("", 150, 51, 100),
        ("page_size=60&page=2", 90, 51, 40),
        ("page_size=1000", 150, 51, 100),
        ("start=0&page_size=1000", 150, 1, 150),
        ("start=0", 150, 51, 100),
        ("start=0&page=2", 50, 1, 50),
        ("start=7&end=9", 9, 7, 3),
        ("end=9&page_size=2&page=2", 7, 6, 2),
    ] {
        let times = times(query).await;
        assert_eq!(
            (times[0], *times.last().unwrap(), times.len()),
            (first, last, count),
            "{query}"
        );
    }
    assert!(times("start=151").await.is_empty());
    assert_eq!(get(&simulator, &format!("{values}?page=3")).await.status, 404);
    assert_eq!(
        get(&simulator, &format!("{values}?start=then")).await.json()["code"],
        400_001
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let simulator = account().await;
    let gone = "8e309da44fc8455a9cceb5aa";
    for path in [
        format!("{DEVICES}{gone}/"),
        format!("{DEVICES}~nobody/"),
        format!("{DEVICES}b-second/"),
        format!("{DEVICES}_/"),
        format!("{DEVICES}%FF/"),
        format!("{DEVICES}{gone}/variables/"),
        format!("/api/v1.6/variables/{gone}/values"),
    ] {
        let reply = get(&simulator, &path).await;
        assert_eq!(
            (reply.status, reply.json()),
            (404, json!({"detail": "Not found."})),
            "{path}"
        );
    }
    assert_eq!(
        get(&simulator, "/api/v2.0/devices").await.status,
        404,
        "the slash belongs to it"
    );
    let reply = ask(&simulator, &request("POST", DEVICES, &[AUTH], "")).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET")));
    let reply = ask(&simulator, &request("PATCH", &format!("{DEVICES}{X}/"), &[AUTH], "")).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, DELETE")));
}

#[tokio::test]
async fn nothing_is_read_or_changed_without_a_token() {
    let simulator = account().await;
    let data = json!({"temperature": 5}).to_string();
    for (method, path) in [
        ("GET", DEVICES.to_owned()),
        ("GET", format!("{DEVICES}{X}/")),
        ("GET", format!("{DEVICES}{X}/variables/")),
        ("GET", format!("/api/v1.6/variables/{V}/values")),
        ("DELETE", format!("{DEVICES}{X}/")),
        ("POST", "/api/v1.6/devices/new".to_owned()),
    ] {
        for (headers, code) in [(&[JSON][..], 401_001), (&[JSON, ("X-Auth-Token", "wrong")], 401_002)] {
            let reply = ask(&simulator, &request(method, &path, headers, &data)).await;
            assert_eq!(
                (reply.status, &reply.json()["code"]),
                (401, &json!(code)),
                "{method} {path}"
            );
        }
    }
    assert_eq!(simulator.ubidots_devices().len(), 3);
    assert_eq!((simulator.counts().reads, simulator.counts().writes), (8, 4));
}

#[tokio::test]
async fn data_creates_the_device_it_is_sent_to() {
    let simulator = account().await;
    let send = async |label: &str, data: Value| {
        let sent = request(
            "POST",
            &format!("/api/v1.6/devices/{label}"),
            &[AUTH, JSON],
            &data.to_string(),
        );
        ask(&simulator, &sent).await
    };
    let reply = send(
        "new",
        json!({"temperature": 5, "speed": [{"value": 1, "timestamp": 7}, 2]}),
    )
    .await;
    let created = json!({"status_code": 201});
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({"temperature": [created], "speed": [created, created]}))
    );
    assert_eq!(simulator.ubidots_devices().len(), 4);
    let device = get(&simulator, &format!("{DEVICES}~new/")).await.json();
    assert_eq!(
        (&device["variablesCount"], device["lastActivity"].is_u64()),
        (&json!(2), true)
    );
    assert_eq!(send("new", json!({"temperature": 6})).await.status, 200);
    assert_eq!(simulator.ubidots_devices().len(), 4);
    let variables = get(&simulator, &format!("{DEVICES}~new/variables/")).await.json();
    let results = variables["results"].as_array().unwrap();
    let temperature = results
        .iter()
        .find(|variable| variable["label"] == "temperature")
        .unwrap();
    let values = format!("/api/v1.6/variables/{}/values", temperature["id"].as_str().unwrap());
    assert_eq!(
        get(&simulator, &values).await.json()["results"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        send("new", json!({"temperature": "warm"})).await.json()["code"],
        400_001
    );
}

#[tokio::test]
async fn one_device_is_deleted_at_once_and_that_is_seen() {
    let simulator = account().await;
    for (key, status) in [(X, 204), (X, 404), ("~b-second", 204), ("_", 404)] {
        let reply = ask(&simulator, &request("DELETE", &format!("{DEVICES}{key}/"), &[AUTH], "")).await;
        assert_eq!((reply.status, reply.body.is_empty()), (status, status == 204), "{key}");
    }
    assert_eq!(simulator.ubidots_devices().len(), 1);
    assert_eq!(
        (simulator.counts().writes, simulator.counts().deletion_requests),
        (4, 0)
    );
    let writes = simulator.writes();
    assert_eq!(
        (&writes[0].method, &writes[0].devices),
        (&Method::DELETE, &owned(&[(X, "c-first")]))
    );
    assert_eq!(writes[2].devices, owned(&[("~b-second", "b-second")]));
    assert_eq!(
        get(&simulator, &format!("/api/v1.6/variables/{V}/values")).await.status,
        404
    );
}

#[tokio::test]
async fn reads_are_logged_and_broken_apart_from_deletions() {
    let simulator = account().await;
    simulator.set_faults(script(json!([
        {"when": {"endpoint": "reads", "request": 1}, "then": {"reply": {"status": 429, "retry_after": 1}}},
        {"when": {"endpoint": "reads", "request": 2}, "then": {"unauthorized": true}},
        {"when": {"endpoint": "reads", "request": 3}, "then": {"cut_body_after": 9}},
        {"when": {"endpoint": "reads", "request": 4}, "then": {"close_before_read": true}}
    ])));
    assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 202);
    assert_eq!(get(&simulator, DEVICES).await.header("retry-after"), Some("1"));
    assert_eq!(get(&simulator, DEVICES).await.json()["code"], 401_002);
    for begins in ["HTTP/1.1 200", ""] {
        let mut raw = Raw::connect(&simulator).await;
        raw.send(&request("GET", DEVICES, &[AUTH], "")).await;
        let (text, ended) = raw.rest().await;
        assert_eq!(
            (text.starts_with(begins), text.is_empty(), ended),
            (true, begins.is_empty(), Ended::Closed)
        );
    }
    assert_eq!(get(&simulator, &format!("{DEVICES}?fields=id")).await.status, 200);
    assert_eq!(simulator.faults_fired(), [1, 1, 1, 1]);
    let counts = simulator.counts();
    assert_eq!((counts.reads, counts.deletion_requests), (5, 1));
    let reads = simulator.reads();
    assert_eq!((reads[4].uri.query(), reads[4].status), (Some("fields=id"), Some(200)));
    assert_eq!(reads[4].header("x-auth-token"), Some("test"));
}
