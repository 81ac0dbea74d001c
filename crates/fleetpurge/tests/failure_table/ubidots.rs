//! What is true of Ubidots alone: a task id for the whole batch, and codes of its own.

use fleetpurge_simulator::UbidotsDevice;
use serde_json::{Value, json};

use crate::case::{Case, at, lost};
use crate::common::Service;
use crate::rig::Rig;

#[test]
fn any_2xx_of_ubidots_with_a_task_id_schedules_the_batch_and_the_report_names_the_task() {
    for status in [200, 201, 202, 207] {
        let what = status.to_string();
        let rig = Rig::with(Service::Ubidots, 450, "--concurrency 1", |builder| {
            builder.ubidots_accepted_status(status)
        });
        rig.apply().exits(0);
        assert_eq!(rig.holds_every_promise(&[], &what)["scheduled"], 450);
        let report = rig.report();
        let task = |row: usize| report[row]["detail"].as_str().unwrap().strip_prefix("task ").unwrap();
        assert!((0..300).all(|row| task(row) == task(0)), "{what}");
        assert!((300..450).all(|row| task(row) == task(449)), "{what}");
        assert_ne!(task(0), task(449), "{what}");
        assert_eq!((task(0).len(), &report[0]["trace_id"]), (24, &Value::Null), "{what}");
    }
}

#[test]
fn a_2xx_of_ubidots_without_a_task_id_may_have_been_applied_and_is_received_once() {
    let body = |status: u16, body: Value| json!({"applied": true, "reply": {"status": status, "json": body}});
    let table = [
        ("no task", json!({"edit": [{"unset_reply": "task"}]})),
        ("null", json!({"edit": [{"set_reply": {"task": null}}]})),
        (
            "a task of another shape",
            json!({"edit": [{"set_reply": {"task": "5f1d"}}]}),
        ),
        ("a task without an id", body(202, json!({"task": {}}))),
        ("an empty id", body(202, json!({"task": {"id": ""}}))),
        ("a blank id", body(200, json!({"task": {"id": " "}}))),
        ("an id that is none", body(201, json!({"task": {"id": null}}))),
        ("a list", body(200, json!([]))),
        (
            "an error in a 200",
            body(200, json!({"code": 400_001, "message": "Validation Error."})),
        ),
    ];
    for (name, then) in table {
        lost(Service::Ubidots, name, then);
    }
}

#[test]
fn a_420_of_ubidots_was_surely_not_applied_and_is_sent_again() {
    for retry_after in [json!({}), json!({"retry_after": 0}), json!({"retry_after": 1})] {
        let mut reply = json!({"status": 420});
        reply
            .as_object_mut()
            .unwrap()
            .extend(retry_after.as_object().unwrap().clone());
        Case {
            service: Service::Ubidots,
            name: &reply.to_string(),
            devices: 450,
            faults: at(1, json!({"reply": reply})),
            exit: 0,
            outcomes: &[("scheduled", 450)],
            requests: &[300, 300, 150],
        }
        .holds();
    }
}

#[test]
fn a_code_of_ubidots_that_begins_with_401_renews_the_token_whatever_the_status() {
    for (status, code) in [(401, 401_001), (401, 401_002), (403, 401_001), (400, 401_002)] {
        let then = json!({"reply": {"status": status, "error_code": code}});
        let (rig, _) = Case {
            service: Service::Ubidots,
            name: &format!("{status} {code}"),
            devices: 450,
            faults: at(1, then.clone()),
            exit: 0,
            outcomes: &[("scheduled", 450)],
            requests: &[300, 300, 150],
        }
        .holds();
        let tokens: Vec<_> = rig
            .simulator
            .requests()
            .iter()
            .map(|request| request.headers["x-auth-token"].clone())
            .collect();
        assert!(
            tokens[0] != tokens[1] && tokens[1] == tokens[2],
            "{status} {code}: {} tokens",
            tokens.len()
        );

        Case {
            service: Service::Ubidots,
            name: &format!("{status} {code}, and again"),
            devices: 450,
            faults: json!([{"then": then}]),
            exit: 5,
            outcomes: &[("pending", 450)],
            requests: &[300, 300],
        }
        .holds();
    }
}

#[test]
fn a_batch_of_ubidots_that_has_too_many_bytes_is_halved() {
    let rig = Rig::with(Service::Ubidots, 450, "--concurrency 1", |builder| {
        builder.ubidots_limits(None, Some(5_000))
    });
    rig.apply().exits(0);
    assert_eq!(rig.holds_every_promise(&[], "5,000 bytes")["scheduled"], 450);
    let requests: Vec<usize> = rig.requests().iter().map(Vec::len).collect();
    assert_eq!(requests, [300, 150, 150, 150]);
}

#[test]
fn ubidots_may_refuse_a_label_of_the_account_and_its_device_is_rejected_alone() {
    let rig = Rig::with(Service::Ubidots, 6, "--concurrency 1", |builder| {
        let devices = Service::Ubidots.devices(6).into_iter();
        builder.ubidots_devices(devices.map(|(id, label)| UbidotsDevice::new(id, label)))
    });
    rig.faults(json!([{"when": {"device_name": "pump-5"}, "then": {"reply": {"status": 400, "error_code": 400_001}}}]));
    rig.apply().exits(3);
    let counts = rig.holds_every_promise(&[], "400001");
    assert_eq!((counts["scheduled"], counts["rejected"]), (5, 1));
    assert_eq!(rig.outcomes()[4], "rejected");
    for (id, _) in [&rig.devices[..4], &rig.devices[5..]].concat() {
        rig.removed(&id);
    }
    let left: Vec<String> = rig
        .simulator
        .ubidots_devices()
        .into_iter()
        .map(|device| device.label)
        .collect();
    assert_eq!(left, ["pump-5"]);
}
