//! The schema of a fault script and the reader of fault scripts agree.
#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

use fleetpurge_simulator::FaultScript;
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Validator {
    jsonschema::draft202012::new(schemars::schema_for!(FaultScript).as_value()).unwrap()
}

#[test]
fn every_example_of_the_grammar_fits_the_schema() {
    let examples: Vec<_> = include_str!("../FAULTS.md").split("```json\n").skip(1).collect();
    assert!(examples.len() > 5);
    for example in examples {
        let script: Value = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
        if let Err(error) = schema().validate(&script) {
            panic!("{error} at {}\n{script}", error.instance_path());
        }
    }
}

#[test]
fn what_the_schema_refuses_the_reader_refuses_and_the_other_way_round() {
    let when = |when: Value, then: Value| json!({"rules": [{"when": when, "then": then}]});
    let then = |then: Value| json!({"rules": [{"then": then}]});
    let reply = |reply: Value| json!({"rules": [{"then": {"reply": reply}}]});
    let edit = |step: Value| json!({"rules": [{"then": {"edit": [step]}}]});
    let hang = || json!({"hang": true});
    let scripts = [
        json!({}),
        json!({"rules": []}),
        json!({"rules": [], "sed": 1}),
        json!({"rules": [], "seed": -1}),
        json!({"rules": {}}),
        then(json!({})),
        then(json!({"hang": false})),
        then(json!({"hang": true, "reply": null})),
        then(json!({"hang": true, "unauthorized": false})),
        then(json!({"hang": true, "unauthorized": true})),
        then(json!({"hang": true, "batch_limit": 0})),
        then(json!({"hung": true})),
        then(json!({"batch_limit": 0})),
        then(json!({"batch_limit": null})),
        then(json!({"delay_ms": 0})),
        then(json!({"delay_ms": 1, "hang": true})),
        then(json!({"delay_ms": 1.5})),
        then(json!({"cut_body_after": 0})),
        then(json!({"cut_body_after": null})),
        then(json!({"applied": false})),
        then(json!({"applied": null})),
        then(json!({"edit": []})),
        then(json!({"reset": "after_read", "applied": true})),
        then(json!({"reset": "before_read", "applied": true})),
        then(json!({"reset": "before_reading"})),
        then(json!({"h2_refused_stream": true, "applied": true})),
        then(json!({"h2_goaway": {"last_stream": "below"}, "applied": true})),
        then(json!({"h2_goaway": {"last_stream": "above"}, "applied": true})),
        then(json!({"h2_goaway": {"last_stream": "below", "answer": true}})),
        then(json!({"h2_goaway": {"last_stream": "above", "answer": true}})),
        then(json!({"h2_goaway": {}})),
        then(json!({"failed": {"devices": "all"}})),
        then(json!({"failed": {"devices": ["a", 1, ["b"]], "rounds": 2}})),
        then(json!({"failed": {"devices": -1}})),
        then(json!({"failed": {"devices": {}}})),
        then(json!({"poison": ["a", "b"]})),
        then(json!({"poison": 1})),
        reply(json!({})),
        reply(json!({"status": 200})),
        reply(json!({"status": 199})),
        reply(json!({"status": 1000})),
        reply(json!({"status": "200"})),
        reply(json!({"stauts": 200})),
        reply(json!({"status": 200, "text": "", "html": ""})),
        reply(json!({"status": 200, "text": "", "html": null})),
        reply(json!({"status": 200, "text": "", "json": null})),
        reply(json!({"status": 200, "json": null})),
        reply(json!({"status": 400, "error_code": 400_001})),
        reply(json!({"status": 400, "error_code": -1})),
        reply(json!({"status": 400, "error_code": true})),
        reply(json!({"status": 400, "error_code": 400_001, "text": ""})),
        reply(json!({"status": 200, "headers": {"a b": ""}})),
        reply(json!({"status": 200, "headers": {"a": ["b", "c"], "d": []}})),
        reply(json!({"status": 200, "headers": {"a": 1}})),
        reply(json!({"status": 200, "retry_after": true})),
        reply(json!({"status": 200, "retry_after": 1})),
        reply(json!({"status": 200, "retry_after": "soon"})),
        reply(json!({"status": 200, "retry_after": {"date_in_seconds": -5}})),
        reply(json!({"status": 200, "retry_after": {"date": -5}})),
        reply(json!({"status": 200, "repeat": {"text": "a", "times": 2}})),
        reply(json!({"status": 200, "repeat": {"text": "a"}})),
        edit(json!({"omit": {"of": 0}})),
        edit(json!({"omit": {}})),
        edit(json!({"omit": {"of": 0, "or": 1}})),
        edit(json!({"forget": {"of": 0}})),
        edit(json!({"omit": {"of": 0}, "reorder": "reverse"})),
        edit(json!({"reorder": "sorted"})),
        edit(json!({"set_status": {"of": "all", "status": null}})),
        edit(json!({"set_status": {"of": "all"}})),
        edit(json!({"duplicate": {"of": 1}})),
        edit(json!({"rename": {"of": 1, "uid": 1}})),
        edit(json!({"add": 5})),
        edit(json!({"set_reply": []})),
        edit(json!({"unset_reply": ["a"]})),
        when(json!({"request": 0}), hang()),
        when(json!({"request": [1, "2-5", "7-", " 9 "]}), hang()),
        when(json!({"request": "0-3"}), hang()),
        when(json!({"request": "a"}), hang()),
        when(json!({"request": "1-2-3"}), hang()),
        when(json!({"request": {}}), hang()),
        when(json!({"every": 0}), hang()),
        when(json!({"every": null}), hang()),
        when(json!({"probability": 1}), hang()),
        when(json!({"probability": 1.1}), hang()),
        when(json!({"probability": -0.1}), hang()),
        when(json!({"device_uid": "x"}), json!({"close_before_read": true})),
        when(json!({"device_uid": null}), json!({"close_before_read": true})),
        when(json!({"min_devices": 2}), json!({"reset": "before_read"})),
        when(json!({"min_devices": 2}), json!({"reset": "after_read"})),
        when(json!({"endpoint": "token"}), hang()),
        when(json!({"endpoint": "tokens"}), hang()),
        when(json!({"endpoint": "token"}), json!({"poison": "x"})),
        when(json!({"endpoint": "token"}), json!({"batch_limit": 0})),
        when(
            json!({"endpoint": "token"}),
            json!({"refuse_everything": false, "hang": true}),
        ),
        when(json!({"endpoint": "token", "max_devices": 2}), hang()),
        when(json!({"endpoint": "reads"}), hang()),
        when(json!({"endpoint": "reads"}), json!({"edit": []})),
        when(json!({"endpoint": "reads", "device_uid": "x"}), hang()),
        when(json!({"weather": "fine"}), hang()),
        json!({"rules": [{"name": "a", "times": 0, "then": {"hang": true}}]}),
        json!({"rules": [{"name": 1, "then": {"hang": true}}]}),
        json!({"rules": [{"times": -1, "then": {"hang": true}}]}),
        json!({"rules": [{"when": {}}]}),
    ];
    let schema = schema();
    let mut taken = 0;
    for script in &scripts {
        let read = FaultScript::from_value(script.clone());
        let fits = schema.validate(script);
        taken += usize::from(read.is_ok());
        assert_eq!(
            read.is_ok(),
            fits.is_ok(),
            "{script}\nreader: {:?}\nschema: {:?}",
            read.err().map(|error| error.to_string()),
            fits.err().map(|error| error.to_string())
        );
    }
    assert!(taken > 20 && scripts.len() - taken > 20, "{taken} of {}", scripts.len());
}

#[test]
fn only_reading_tells_a_range_that_ends_before_it_begins_and_bytes_that_are_no_base64() {
    for script in [
        json!({"rules": [{"when": {"request": "5-2"}, "then": {"hang": true}}]}),
        json!({"rules": [{"then": {"reply": {"status": 200, "base64": "?"}}}]}),
        json!({"rules": [{"then": {"reply": {"status": 200, "headers": {"a": "\n"}}}}]}),
    ] {
        assert!(FaultScript::from_value(script.clone()).is_err(), "{script}");
        assert!(schema().is_valid(&script), "{script}");
    }
}
