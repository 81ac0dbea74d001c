//! Replies a script makes up, and the rules that choose them.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::{Duration, SystemTime};

use fleetpurge_simulator::{FaultScript, Simulator};
use serde_json::{Value, json};
use support::*;

async fn statuses(simulator: &Simulator, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    let mut raw = Raw::connect(simulator).await;
    for _ in 0..count {
        statuses.push(raw.ask(&deletion(&[(A, "pc")])).await.status);
    }
    statuses
}

#[tokio::test]
async fn rules_choose_requests_by_number() {
    let bad = json!({"reply": {"status": 500}});
    for (when, times, expected) in [
        (json!({"request": 2}), None, [202, 500, 202, 202, 202, 202]),
        (json!({"request": [1, "4-5"]}), None, [500, 202, 202, 500, 500, 202]),
        (json!({"request": "5-"}), None, [202, 202, 202, 202, 500, 500]),
        (json!({"every": 3}), None, [202, 202, 500, 202, 202, 500]),
        (
            json!({"every": 2, "request": "3-"}),
            None,
            [202, 202, 202, 500, 202, 500],
        ),
        (json!({}), Some(2), [500, 500, 202, 202, 202, 202]),
        (json!({"probability": 1.0}), Some(1), [500, 202, 202, 202, 202, 202]),
        (json!({"probability": 0.0}), None, [202; 6]),
        (json!({"endpoint": "token"}), None, [202; 6]),
    ] {
        let simulator = faulty(json!([{"when": when, "times": times, "then": bad}])).await;
        assert_eq!(statuses(&simulator, 6).await, expected, "{when}");
        assert_eq!(
            simulator.faults_fired(),
            [expected.iter().filter(|status| **status == 500).count() as u64]
        );
        assert_eq!(simulator.counts().faults, simulator.faults_fired());
    }
}

#[tokio::test]
async fn rules_choose_requests_by_their_devices() {
    let (one, two) = ([(A, "a")], [(A, "a"), (B, "b")]);
    for (when, with_one, with_two) in [
        (json!({"device_uid": A}), 500, 500),
        (json!({"device_uid": B}), 202, 500),
        (json!({"device_uid": [C, B]}), 202, 500),
        (json!({"device_name": "b"}), 202, 500),
        (json!({"device_name": ["x", "a"]}), 500, 500),
        (json!({"device_uid": A, "device_name": "b"}), 202, 500),
        (json!({"min_devices": 2}), 202, 500),
        (json!({"max_devices": 1}), 500, 202),
        (json!({"min_devices": 2, "device_name": "x"}), 202, 202),
    ] {
        let simulator = faulty(json!([{"when": when, "then": {"reply": {"status": 500}}}])).await;
        assert_eq!(delete(&simulator, &one).await.status, with_one, "{when}");
        assert_eq!(delete(&simulator, &two).await.status, with_two, "{when}");
    }
}

#[tokio::test]
async fn chance_falls_the_same_way_in_every_run() {
    let rules = json!([{"when": {"probability": 0.5}, "then": {"reply": {"status": 500}}}]);
    let first = statuses(&faulty(rules.clone()).await, 40).await;
    assert_eq!(first, statuses(&faulty(rules).await, 40).await);
    assert!(first.contains(&500) && first.contains(&202));
}

#[tokio::test]
async fn the_first_rule_that_matches_wins_and_a_script_can_be_replaced() {
    let simulator = faulty(json!([
        {"when": {"request": "1-2"}, "times": 1, "then": {"reply": {"status": 500}}},
        {"when": {"request": "1-3"}, "then": {"reply": {"status": 502}}}
    ]))
    .await;
    assert_eq!(statuses(&simulator, 4).await, [500, 502, 502, 202]);
    assert_eq!(simulator.faults_fired(), [1, 2]);
    simulator.set_faults(script(
        json!([{"when": {"request": 6}, "then": {"unauthorized": true}}]),
    ));
    assert_eq!(statuses(&simulator, 3).await, [202, 401, 202]);
    assert_eq!(simulator.faults_fired(), [1]);
    simulator.set_faults(FaultScript::default());
    assert_eq!(statuses(&simulator, 1).await, [202]);
}

#[tokio::test]
async fn a_reply_is_what_the_script_says() {
    for (reply, status, kind, body) in [
        (json!({"status": 503}), 503, None, ""),
        (
            json!({"status": 200, "text": "ok"}),
            200,
            Some("text/plain; charset=utf-8"),
            "ok",
        ),
        (
            json!({"status": 502, "html": "<h1>"}),
            502,
            Some("text/html; charset=utf-8"),
            "<h1>",
        ),
        (
            json!({"status": 202, "json": null}),
            202,
            Some("application/json"),
            "null",
        ),
        (
            json!({"status": 202, "json": [1]}),
            202,
            Some("application/json"),
            "[1]",
        ),
        (
            json!({"status": 599, "base64": "aGk="}),
            599,
            Some("application/octet-stream"),
            "hi",
        ),
        (
            json!({"status": 400, "text": "x", "headers": {"Content-Type": "a/b"}}),
            400,
            Some("a/b"),
            "x",
        ),
        (
            json!({"status": 202, "repeat": {"prefix": "[", "text": "1,", "times": 3, "suffix": "1]"}}),
            202,
            Some("application/json"),
            "[1,1,1,1]",
        ),
    ] {
        let simulator = faulty(json!([{"then": {"reply": reply}}])).await;
        let got = delete(&simulator, &[(A, "pc")]).await;
        assert_eq!((got.status, got.header("content-type")), (status, kind), "{reply}");
        assert_eq!(String::from_utf8(got.body.clone()).unwrap(), body, "{reply}");
        assert_eq!(
            got.header("content-length"),
            Some(body.len().to_string().as_str()),
            "{reply}"
        );
        assert!(got.header("x-request-id").is_some());
        assert_eq!(simulator.requests()[0].status, Some(status));
        assert!(simulator.scheduled_devices().is_empty(), "not applied unless said so");
    }
    let reply = json!({"status": 400, "error_code": "NEW_CODE"});
    assert_eq!(
        delete(&faulty(json!([{"then": {"reply": reply}}])).await, &[(A, "pc")])
            .await
            .code(),
        "NEW_CODE"
    );
}

#[tokio::test]
async fn a_huge_body_is_sent_to_its_last_byte() {
    let repeat = json!({"prefix": "[", "text": " ", "times": 64 << 20, "suffix": "]"});
    let simulator = faulty(json!([{"then": {"reply": {"status": 202, "repeat": repeat}}}])).await;
    let reply = delete(&simulator, &[(A, "pc")]).await;
    assert_eq!(reply.body.len(), (64 << 20) + 2);
    assert_eq!((reply.body[0], reply.body[reply.body.len() - 1]), (b'[', b']'));
    assert!(reply.body[1..reply.body.len() - 1].iter().all(|byte| *byte == b' '));
}

#[tokio::test]
async fn retry_after_comes_in_seconds_as_a_date_or_verbatim() {
    let header = async |retry_after: Value| {
        let simulator = faulty(json!([{"then": {"reply": {"status": 429, "retry_after": retry_after}}}])).await;
        delete(&simulator, &[(A, "pc")])
            .await
            .header("retry-after")
            .unwrap()
            .to_owned()
    };
    assert_eq!(header(json!(5)).await, "5");
    assert_eq!(header(json!("in a while")).await, "in a while");
    for (offset, sign) in [(3600, 1.0), (-3600, -1.0)] {
        let date = httpdate::parse_http_date(&header(json!({"date_in_seconds": offset})).await).unwrap();
        let now = SystemTime::now();
        let distance = date
            .duration_since(now)
            .map_or_else(|error| -error.duration().as_secs_f64(), |d| d.as_secs_f64());
        assert!((distance - sign * 3600.0).abs() < 60.0, "{distance}");
    }
}

#[tokio::test]
async fn own_headers_stand_beside_or_instead_of_the_usual_ones() {
    let headers = json!({"x-request-id": "mine", "set-cookie": ["a=1", "b=2"]});
    let simulator = faulty(json!([{"then": {"reply": {"status": 503, "headers": headers}}}])).await;
    let reply = delete(&simulator, &[(A, "pc")]).await;
    assert_eq!(reply.header("x-request-id"), Some("mine"));
    assert_eq!(reply.head.matches("x-request-id").count(), 1, "{}", reply.head);
    assert_eq!(reply.head.matches("set-cookie: ").count(), 2, "{}", reply.head);
    let headers = json!({"x-request-id": [], "x-trace-id": [], "content-type": []});
    let gateway = json!([{"then": {"reply": {"status": 502, "html": "<h1>Bad Gateway</h1>", "headers": headers}}}]);
    let reply = delete(&faulty(gateway).await, &[(A, "pc")]).await;
    for name in ["x-request-id", "x-trace-id", "content-type"] {
        assert_eq!(reply.header(name), None);
    }
}

#[tokio::test]
async fn a_fault_says_whether_the_service_acted() {
    for (then, acted) in [
        (json!({"reply": {"status": 500}, "applied": true}), true),
        (json!({"reply": {"status": 500}}), false),
        (json!({"unauthorized": true}), false),
        (json!({"delay_ms": 1}), true),
        (json!({"edit": [{"overall_status": "ODD"}]}), true),
        (json!({"edit": [{"overall_status": "ODD"}], "applied": false}), false),
        (json!({"applied": false}), false),
        (json!({"refuse_everything": true}), false),
    ] {
        let simulator = faulty(json!([{"then": then}])).await;
        delete(&simulator, &[(A, "pc")]).await;
        assert_eq!(simulator.scheduled_devices().len(), usize::from(acted), "{then}");
    }
    // What is refused is not applied, whatever the script says.
    let simulator = faulty(json!([{"then": {"reply": {"status": 500}, "applied": true}}])).await;
    ask(&simulator, &request("POST", DELETIONS, &[JSON], &batch(&[(A, "pc")]))).await;
    assert!(simulator.scheduled_devices().is_empty());
}

#[tokio::test]
async fn delays_come_before_the_handling_and_before_the_reply() {
    let delay = Duration::from_millis(40);
    for (field, scheduled_first) in [("delay_ms", false), ("delay_reply_ms", true)] {
        let simulator = faulty(json!([{"then": {field: 40}}])).await;
        let before = std::time::Instant::now();
        let mut raw = Raw::connect(&simulator).await;
        raw.send(&deletion(&[(A, "pc")])).await;
        simulator.wait_for_requests(1).await;
        tokio::task::yield_now().await;
        assert_eq!(simulator.requests()[0].status, None, "{field}");
        if !scheduled_first {
            assert!(simulator.scheduled_devices().is_empty());
        }
        assert_eq!(raw.reply().await.status, 202);
        assert!(before.elapsed() >= delay, "{field}");
        assert_eq!(simulator.scheduled_devices().len(), 1);
    }
}

#[tokio::test]
async fn the_service_takes_its_latency() {
    let latency = Duration::from_millis(30);
    let simulator = start(Simulator::builder().latency(latency)).await;
    let before = std::time::Instant::now();
    assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202);
    assert!(before.elapsed() >= latency);
}

#[tokio::test]
async fn a_script_that_is_wrong_says_where() {
    for (json, expected) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{}", "missing field `rules` at line 1 column 2"),
        (r#"{"rules": []} x"#, "trailing characters at line 1 column 15"),
        (
            r#"{"rules": [], "sed": 1}"#,
            "sed: unknown field `sed`, expected `seed` or `rules` at line 1 column 19",
        ),
        (r#"{"rules": [{"then": {}}]}"#, "rules[0].then: nothing to do"),
        (
            r#"{"rules": [{"then": {"hang": true, "unauthorized": true}}]}"#,
            "rules[0].then: `unauthorized` and `hang` cannot both be done; write two rules",
        ),
        (
            r#"{"rules": [{"when": {"request": "5-2"}, "then": {"hang": true}}]}"#,
            "rules[0].when.request: \"5-2\" is no range; write \"2-5\" or \"7-\", from 1 up at line 1 column 37",
        ),
        (
            r#"{"rules": [{"when": {"probability": 2}, "then": {"hang": true}}]}"#,
            "rules[0].when.probability: a probability lies between 0 and 1",
        ),
        (
            r#"{"rules": [{"then": {"reply": {"status": 100}}}]}"#,
            "rules[0].then.reply.status: a status lies between 200 and 999",
        ),
        (
            r#"{"rules": [{"then": {"reply": {"status": 200, "text": "", "html": ""}}}]}"#,
            "rules[0].then.reply: one body only: `error_code`, `text`, `html`, `json`, `base64` or `repeat`",
        ),
        (
            r#"{"rules": [{"then": {"reply": {"status": 200, "headers": {"a b": ""}}}}]}"#,
            "rules[0].then.reply.headers.a b: invalid HTTP header name",
        ),
        (
            r#"{"rules": [{"then": {"reply": {"status": 200, "retry_after": true}}}]}"#,
            "rules[0].then.reply.retry_after: seconds, {\"date_in_seconds\": n}, or the header as a string",
        ),
        (
            r#"{"rules": [{"when": {"device_uid": "x"}, "then": {"close_before_read": true}}]}"#,
            "rules[0].when: devices are not known before the body is read",
        ),
        (
            r#"{"rules": [{"then": {"h2_goaway": {"last_stream": "below"}, "applied": true}}]}"#,
            "rules[0].then.applied: what the client is told was not processed cannot be applied",
        ),
        (
            r#"{"rules": [{"when": {"endpoint": "token"}, "then": {"poison": "x"}}]}"#,
            "rules[0].then.poison: there is nothing like it for requests that delete nothing",
        ),
        (
            r#"{"rules": [{"then": {"hang": true}}, {"then": {"edit": [{"omit": {}}]}}]}"#,
            "rules[1].then.edit[0].omit: missing field `of` at line 1 column 67",
        ),
    ] {
        let error = FaultScript::from_json(json).unwrap_err();
        assert!(
            error.to_string().starts_with(expected),
            "{json}\n got {error}\nwant {expected}"
        );
    }
}

#[test]
fn every_example_of_the_grammar_is_a_script() {
    let examples: Vec<_> = include_str!("../FAULTS.md").split("```json\n").skip(1).collect();
    assert!(examples.len() > 5);
    for example in examples {
        let json = example.split("```").next().unwrap();
        assert!(FaultScript::from_json(json).unwrap().rules() > 0, "{json}");
    }
}
