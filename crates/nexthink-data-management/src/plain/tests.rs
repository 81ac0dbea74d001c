use fleetpurge_engine::EntryStatus;
use nexthink_data_management_raw::types::{DeviceDeletionRequest, DeviceDeletionResponse, DeviceEntry};
use proptest::prelude::*;

use super::*;
use crate::lenient;
use crate::matching::match_reply;

fn devices() -> Vec<Device> {
    vec![
        Device::new("aaaaaaaa-0000-4000-8000-000000000001", "PC-1"),
        Device::new("aaaaaaaa-0000-4000-8000-000000000002", "B\u{fc}ro 2"),
        Device::new("aaaaaaaa-0000-4000-8000-000000000003", "PC-3"),
    ]
}

const REPLY: &str = r#"{"scheduledCount":1,"status":"ACCEPTED","devices":[
    {"uid":"aaaaaaaa-0000-4000-8000-000000000001","name":"PC-1","status":"SCHEDULED"},
    {"name":"Büro 2","status":"INVALID","uid":"aaaaaaaa-0000-4000-8000-000000000002"},
    {"status":"FAILED","uid":"aaaaaaaa-0000-4000-8000-000000000003","name":"PC-3"}]}"#;

fn read(devices: &[Device], body: &str) -> Option<Vec<Entry>> {
    entries(&devices.iter().collect::<Vec<_>>(), body.as_bytes())
}

#[test]
fn the_documented_reply_is_read_where_it_stands() {
    let entries = read(&devices(), REPLY).unwrap();
    let statuses: Vec<_> = entries.iter().map(|entry| entry.status).collect();
    assert_eq!(
        statuses,
        [EntryStatus::Scheduled, EntryStatus::Invalid, EntryStatus::Failed]
    );
    let reordered = r#" {"devices":[],"status":"ACCEPTED","scheduledCount":0} "#;
    assert_eq!(read(&[], reordered), Some(Vec::new()));
}

#[test]
fn whatever_is_odd_is_left_to_those_who_read_with_care() {
    for (from, to) in [
        ("\"scheduledCount\":1", "\"scheduledCount\":2"),
        ("\"scheduledCount\":1", "\"scheduledCount\":1.0"),
        ("\"scheduledCount\":1", "\"scheduledCount\":null"),
        ("\"scheduledCount\":1,", ""),
        ("\"scheduledCount\":1,", "\"scheduledCount\":1,\"scheduledCount\":1,"),
        ("\"status\":\"ACCEPTED\",", ""),
        ("ACCEPTED", "accepted"),
        (
            "\"status\":\"ACCEPTED\",",
            "\"status\":\"ACCEPTED\",\"status\":\"ACCEPTED\",",
        ),
        ("\"status\":\"ACCEPTED\",", "\"status\":\"ACCEPTED\",\"more\":1,"),
        ("SCHEDULED", "QUEUED"),
        ("SCHEDULED", "SCHEDUL\\u0045D"),
        ("\"PC-1\"", "\"pc-1\""),
        ("\"PC-1\"", "\"PC-2\""),
        ("\"PC-1\"", "null"),
        ("\"name\":\"PC-1\",", ""),
        ("\"name\":\"PC-1\",", "\"name\":\"PC-1\",\"name\":\"PC-1\","),
        ("\"name\":\"PC-1\",", "\"name\":\"PC-1\",\"reason\":\"x\","),
        (
            "aaaaaaaa-0000-4000-8000-000000000001",
            "AAAAAAAA-0000-4000-8000-000000000001",
        ),
        (
            "aaaaaaaa-0000-4000-8000-000000000001",
            "aaaaaaaa-0000-4000-8000-000000000002",
        ),
        ("PC-3\"}]", "PC-3\"}],"),
        ("PC-3\"}]", "PC-3\"},{}]"),
        ("PC-3\"}]}", "PC-3\"}]} x"),
        ("PC-3\"}]}", "PC-3\"}]"),
    ] {
        let odd = REPLY.replacen(from, to, 1);
        assert_ne!(odd, REPLY, "{from}");
        assert_eq!(read(&devices(), &odd), None, "{odd}");
    }
    let fewer = devices().split_off(1);
    assert_eq!(read(&fewer, REPLY), None, "a device that was not asked for");
    assert_eq!(read(&[], "[]"), None);
}

/// However many devices: one for the body, and one for what is known of them.
#[test]
fn no_device_of_a_usual_batch_costs_an_allocation() {
    let devices: Vec<Device> = (0..100)
        .map(|n| Device::new(format!("aaaaaaaa-0000-4000-8000-{n:012}"), format!("PC-{n}")))
        .collect();
    let batch: Vec<&Device> = devices.iter().collect();
    let entries_of =
        |device: &Device| serde_json::json!({"uid": device.uid, "name": device.name, "status": "SCHEDULED"});
    let reply = serde_json::json!({
        "scheduledCount": 100,
        "status": "ACCEPTED",
        "devices": devices.iter().map(entries_of).collect::<Vec<_>>(),
    })
    .to_string();
    let written = allocation_counter::measure(|| drop(request(&batch)));
    assert!(written.count_total <= 2, "{written:?}");
    let read = allocation_counter::measure(|| assert!(entries(&batch, reply.as_bytes()).is_some()));
    assert!(read.count_total <= 1, "{read:?}");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9-]{1,12}",
        "[\\PC\"\\\\\u{0}-\u{20}\u{2028}\u{e9}\u{1f600}]{1,12}",
    ]
    // Where it stands for a byte that cannot be read, `lenient` believes nothing.
    .prop_filter("no replacement character", |text: &String| !text.contains('\u{fffd}'))
}

proptest! {
    #[test]
    fn a_request_is_what_the_generated_types_write(devices in prop::collection::vec((text(), text()), 0..8)) {
        let batch: Vec<Device> = devices.into_iter().map(Device::from).collect();
        let typed = DeviceDeletionRequest {
            devices: batch
                .iter()
                .map(|device| DeviceEntry { uid: device.uid.clone(), name: device.name.parse().unwrap() })
                .collect(),
        };
        let written = request(&batch.iter().collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(std::str::from_utf8(&written).unwrap(), serde_json::to_string(&typed).unwrap());
    }

    /// What is read plainly is what is read with care: of replies that are right, and of replies broken anywhere.
    #[test]
    fn a_reply_says_the_same_however_it_is_read(
        names in prop::collection::vec((text(), 0..3_usize), 1..5),
        at in 0..600_usize,
        put in prop_oneof![Just(None), any::<u8>().prop_map(Some)],
        is_broken in any::<bool>(),
    ) {
        let words = ["SCHEDULED", "INVALID", "FAILED"];
        let devices: Vec<Device> = (0_u32..)
            .zip(&names)
            .map(|(n, (name, _))| Device::new(format!("aaaaaaaa-0000-4000-8000-{n:012}"), name))
            .collect();
        let reply = serde_json::json!({
            "scheduledCount": names.iter().filter(|(_, word)| *word == 0).count(),
            "status": "ACCEPTED",
            "devices": devices.iter().zip(&names).map(|(device, (_, word))| serde_json::json!({
                "uid": device.uid, "name": device.name, "status": words[*word],
            })).collect::<Vec<_>>(),
        });
        let mut body = reply.to_string().into_bytes();
        if is_broken && at < body.len() {
            match put {
                Some(byte) => body[at] = byte,
                None => { body.remove(at); }
            }
        }
        let batch: Vec<&Device> = devices.iter().collect();
        if let Some(plainly) = entries(&batch, &body) {
            let typed: DeviceDeletionResponse = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(&match_reply(&batch, &typed.into()), &(plainly.clone(), Vec::new()));
            prop_assert_eq!(lenient::read(&batch, &body).unwrap(), (plainly, Vec::new()));
        } else if !is_broken {
            // Only what JSON writes with an escape is not plain.
            prop_assert!(body.contains(&b'\\'));
        }
    }
}
