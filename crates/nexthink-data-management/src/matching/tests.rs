//! Replies, and what they say of each device of their request.

use super::*;
use AnomalyKind::{
    DisagreeingEntries, ForeignEntry, MissingEntry, OtherName, OtherOverallStatus, RepeatedEntry, RespelledEntry,
    UnheardOfStatus, WrongCount,
};
use EntryStatus::{Failed, Invalid, Scheduled, Unknown};

const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const B: &str = "bbbbbbbb-0000-4000-8000-000000000002";

/// What a reply, as JSON, comes to for A ("PC-A") and B ("PC-B").
fn judged(reply: serde_json::Value) -> (Vec<EntryStatus>, Vec<AnomalyKind>) {
    let reply: DeviceDeletionResponse = serde_json::from_value(reply).unwrap();
    let (a, b) = (Device::new(A, "PC-A"), Device::new(B, "PC-B"));
    let (entries, anomalies) = match_reply(&[&a, &b], &reply.into());
    (
        entries.iter().map(|entry| entry.status).collect(),
        anomalies.iter().map(|anomaly| anomaly.kind).collect(),
    )
}

fn entry(uid: &str, name: &str, status: &str) -> serde_json::Value {
    serde_json::json!({"uid": uid, "name": name, "status": status})
}

fn accepted(count: i64, devices: &[serde_json::Value]) -> serde_json::Value {
    serde_json::json!({"status": "ACCEPTED", "scheduledCount": count, "devices": devices})
}

#[test]
fn every_kind_of_reply_is_judged_per_device() {
    let (a, b) = (entry(A, "PC-A", "SCHEDULED"), entry(B, "PC-B", "SCHEDULED"));
    let upper = A.to_uppercase();
    let no_status = serde_json::json!({"uid": B, "name": "PC-B"});
    let null_status = serde_json::json!({"uid": B, "name": "PC-B", "status": null});
    let no_name = serde_json::json!({"uid": B, "status": "SCHEDULED", "extra": [1]});
    let no_uid = serde_json::json!({"name": "PC-B", "status": "SCHEDULED"});
    type Row = (&'static str, serde_json::Value, [EntryStatus; 2], Vec<AnomalyKind>);
    let table: Vec<Row> = vec![
        (
            "plain",
            accepted(2, &[a.clone(), b.clone()]),
            [Scheduled, Scheduled],
            vec![],
        ),
        (
            "in another order",
            accepted(2, &[b.clone(), a.clone()]),
            [Scheduled, Scheduled],
            vec![],
        ),
        (
            "invalid",
            accepted(1, &[entry(A, "PC-A", "INVALID"), b.clone()]),
            [Invalid, Scheduled],
            vec![],
        ),
        (
            "failed",
            accepted(1, &[a.clone(), entry(B, "PC-B", "FAILED")]),
            [Scheduled, Failed],
            vec![],
        ),
        (
            "no name, an unheard-of field",
            accepted(2, &[a.clone(), no_name]),
            [Scheduled, Scheduled],
            vec![],
        ),
        (
            "missing",
            accepted(1, std::slice::from_ref(&a)),
            [Scheduled, Unknown],
            vec![MissingEntry],
        ),
        (
            "without a uid",
            accepted(2, &[a.clone(), no_uid]),
            [Scheduled, Unknown],
            vec![ForeignEntry, MissingEntry],
        ),
        (
            "no devices",
            accepted(2, &[]),
            [Unknown, Unknown],
            vec![MissingEntry, MissingEntry, WrongCount],
        ),
        (
            "unheard-of",
            accepted(1, &[a.clone(), entry(B, "PC-B", "QUEUED")]),
            [Scheduled, Unknown],
            vec![UnheardOfStatus],
        ),
        (
            "another case",
            accepted(1, &[a.clone(), entry(B, "PC-B", "scheduled")]),
            [Scheduled, Unknown],
            vec![UnheardOfStatus],
        ),
        (
            "no status",
            accepted(1, &[a.clone(), no_status]),
            [Scheduled, Unknown],
            vec![UnheardOfStatus],
        ),
        (
            "null status",
            accepted(1, &[a.clone(), null_status]),
            [Scheduled, Unknown],
            vec![UnheardOfStatus],
        ),
        (
            "foreign",
            accepted(
                3,
                &[
                    a.clone(),
                    entry("cccccccc-0000-4000-8000-000000000003", "X", "SCHEDULED"),
                    b.clone(),
                ],
            ),
            [Scheduled, Scheduled],
            vec![ForeignEntry],
        ),
        (
            "repeated alike",
            accepted(3, &[a.clone(), b.clone(), b.clone()]),
            [Scheduled, Scheduled],
            vec![RepeatedEntry],
        ),
        (
            "repeated in disagreement",
            accepted(2, &[a.clone(), b.clone(), entry(B, "PC-B", "FAILED")]),
            [Scheduled, Unknown],
            vec![DisagreeingEntries],
        ),
        (
            "another name",
            accepted(2, &[a.clone(), entry(B, "PC-A", "SCHEDULED")]),
            [Scheduled, Unknown],
            vec![OtherName],
        ),
        (
            "respelled name",
            accepted(2, &[a.clone(), entry(B, " pc-b", "SCHEDULED")]),
            [Scheduled, Scheduled],
            vec![RespelledEntry],
        ),
        (
            "respelled uid",
            accepted(2, &[entry(&upper, "PC-A", "SCHEDULED"), b.clone()]),
            [Scheduled, Scheduled],
            vec![RespelledEntry],
        ),
        (
            "wrong count",
            accepted(7, &[a.clone(), b.clone()]),
            [Scheduled, Scheduled],
            vec![WrongCount],
        ),
        (
            "negative count",
            accepted(-1, &[a.clone(), b.clone()]),
            [Scheduled, Scheduled],
            vec![WrongCount],
        ),
        (
            "no count, no overall status",
            serde_json::json!({"devices": [a.clone(), b.clone()]}),
            [Scheduled, Scheduled],
            vec![WrongCount, OtherOverallStatus],
        ),
        (
            "nothing",
            serde_json::json!({}),
            [Unknown, Unknown],
            vec![MissingEntry, MissingEntry, WrongCount, OtherOverallStatus],
        ),
    ];
    for (case, reply, statuses, kinds) in table {
        assert_eq!(judged(reply), (statuses.to_vec(), kinds), "{case}");
    }
}

#[test]
fn a_uuid_that_is_not_unique_in_the_batch_matches_by_its_characters_only() {
    let upper = Device::new(A.to_uppercase(), "PC-1");
    let lower = Device::new(A, "PC-2");
    let mixed = format!("{}{}", &A[..4].to_uppercase(), &A[4..]);
    let reply: DeviceDeletionResponse = serde_json::from_value(accepted(
        2,
        &[entry(&mixed, "PC-1", "SCHEDULED"), entry(A, "PC-2", "SCHEDULED")],
    ))
    .unwrap();
    let (entries, _) = match_reply(&[&upper, &lower], &reply.into());
    assert_eq!(entries[0].status, Unknown);
    assert_eq!(entries[1].status, Scheduled);
}
