//! Which entry of a reply speaks of which device. Pure.
//!
//! Entries are matched by uid: exactly, else as equal UUIDs where that is unique in the batch; never by position. What
//! is not plainly said of a device stays unknown.

use std::collections::HashMap;

use fleetpurge_engine::{Anomaly, AnomalyKind, Entry, EntryStatus};
use nexthink_data_management_raw::types::{DeviceDeletionResponse, DeviceStatus};
use uuid::Uuid;

use crate::device::{Device, canonical};

/// The status word of a whole accepted batch.
const ACCEPTED: &str = "ACCEPTED";

/// What a reply says of each device of its batch, in the order of the batch, and what was odd about it.
pub(crate) fn match_reply(batch: &[&Device], reply: &DeviceDeletionResponse) -> (Vec<Entry>, Vec<Anomaly>) {
    let mut anomalies = Vec::new();
    let found = assign(batch, &reply.devices, &mut anomalies);
    let entries: Vec<Entry> = batch
        .iter()
        .zip(&found)
        .map(|(device, found)| judge(device, found, &mut anomalies))
        .collect();
    check_summary(reply, &mut anomalies);
    (entries, anomalies)
}

/// The entries that speak of each device.
fn assign<'r>(
    batch: &[&Device],
    reply: &'r [DeviceStatus],
    anomalies: &mut Vec<Anomaly>,
) -> Vec<Vec<&'r DeviceStatus>> {
    let mut found = vec![Vec::new(); batch.len()];
    // The usual reply: every device once, in the order of the request.
    if reply.len() == batch.len()
        && reply
            .iter()
            .zip(batch)
            .all(|(entry, device)| entry.uid.as_deref() == Some(&device.uid))
    {
        for (place, entry) in found.iter_mut().zip(reply) {
            place.push(entry);
        }
        return found;
    }
    let by_text: HashMap<&str, usize> = batch
        .iter()
        .enumerate()
        .map(|(n, device)| (device.uid.as_str(), n))
        .collect();
    let mut by_uuid: HashMap<Uuid, Option<usize>> = HashMap::new();
    for (n, device) in batch.iter().enumerate() {
        if let Some(uuid) = canonical(device.uid.trim()) {
            // Two devices of one UUID cannot be told apart by it.
            by_uuid.entry(uuid).and_modify(|place| *place = None).or_insert(Some(n));
        }
    }
    for entry in reply {
        let uid = entry.uid.as_deref().unwrap_or_default();
        let place = by_text
            .get(uid)
            .copied()
            .or_else(|| canonical(uid.trim()).and_then(|uuid| by_uuid.get(&uuid).copied().flatten()));
        match place {
            Some(n) => found[n].push(entry),
            None => anomalies.push(anomaly(
                AnomalyKind::ForeignEntry,
                format!("an entry for {uid:?}, which was not asked for"),
            )),
        }
    }
    found
}

/// What the entries for one device come to.
fn judge(device: &Device, found: &[&DeviceStatus], anomalies: &mut Vec<Anomaly>) -> Entry {
    let uid = &device.uid;
    let Some(first) = found.first() else {
        let detail = "the reply does not name the device";
        anomalies.push(anomaly(AnomalyKind::MissingEntry, format!("no entry for {uid:?}")));
        return unknown(detail, None);
    };
    if found.iter().any(|entry| entry.status != first.status) {
        let words: Vec<&str> = found
            .iter()
            .map(|entry| entry.status.as_deref().unwrap_or("no status"))
            .collect();
        let detail = format!("the reply's entries disagree: {}", words.join(", "));
        anomalies.push(anomaly(
            AnomalyKind::DisagreeingEntries,
            format!("entries for {uid:?} disagree: {}", words.join(", ")),
        ));
        return unknown(detail, None);
    }
    if found.len() > 1 {
        anomalies.push(anomaly(
            AnomalyKind::RepeatedEntry,
            format!("{} entries for {uid:?}, all alike", found.len()),
        ));
    }
    for entry in found {
        if let Some(name) = entry.name.as_deref()
            && name != device.name
        {
            if !is_respelled(name, &device.name) {
                anomalies.push(anomaly(
                    AnomalyKind::OtherName,
                    format!("the entry for {uid:?} names {name:?} instead of {:?}", device.name),
                ));
                return unknown(
                    format!("the reply's entry names another device, {name:?}"),
                    first.status.clone(),
                );
            }
            anomalies.push(anomaly(
                AnomalyKind::RespelledEntry,
                format!("{:?} came back as {name:?}", device.name),
            ));
        }
        if let Some(other) = entry.uid.as_deref()
            && other != uid
        {
            anomalies.push(anomaly(
                AnomalyKind::RespelledEntry,
                format!("{uid:?} came back as {other:?}"),
            ));
        }
    }
    match first.status.as_deref() {
        Some("SCHEDULED") => Entry::of(EntryStatus::Scheduled),
        Some("INVALID") => Entry {
            status: EntryStatus::Invalid,
            detail: Some("the service calls the UID malformed".to_owned()),
            code: Some("INVALID".to_owned()),
        },
        Some("FAILED") => Entry {
            status: EntryStatus::Failed,
            detail: Some("the service could not schedule the device".to_owned()),
            code: Some("FAILED".to_owned()),
        },
        other => {
            let word = other.map_or("no status".to_owned(), |word| format!("status {word:?}"));
            anomalies.push(anomaly(
                AnomalyKind::UnheardOfStatus,
                format!("the entry for {uid:?} has {word}"),
            ));
            unknown(
                format!("the reply gives the device {word}, which is not documented"),
                first.status.clone(),
            )
        }
    }
}

fn check_summary(reply: &DeviceDeletionResponse, anomalies: &mut Vec<Anomaly>) {
    let scheduled = reply
        .devices
        .iter()
        .filter(|entry| entry.status.as_deref() == Some("SCHEDULED"))
        .count();
    match reply.scheduled_count {
        Some(count) if usize::try_from(count) == Ok(scheduled) => {}
        count => anomalies.push(anomaly(
            AnomalyKind::WrongCount,
            format!(
                "scheduledCount is {}, and {scheduled} entries are SCHEDULED",
                count.map_or("absent".to_owned(), |count| count.to_string())
            ),
        )),
    }
    if reply.status.as_deref() != Some(ACCEPTED) {
        anomalies.push(anomaly(
            AnomalyKind::OtherOverallStatus,
            format!(
                "the overall status is {:?} instead of {ACCEPTED:?}",
                reply.status.as_deref().unwrap_or_default()
            ),
        ));
    }
}

/// Whether two names differ only in case or in outer space.
fn is_respelled(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn unknown(detail: impl Into<String>, code: Option<String>) -> Entry {
    Entry {
        status: EntryStatus::Unknown,
        detail: Some(detail.into()),
        code,
    }
}

fn anomaly(kind: AnomalyKind, detail: String) -> Anomaly {
    Anomaly { kind, detail }
}

#[cfg(test)]
mod tests {
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
        let reply = serde_json::from_value(reply).unwrap();
        let (a, b) = (Device::new(A, "PC-A"), Device::new(B, "PC-B"));
        let (entries, anomalies) = match_reply(&[&a, &b], &reply);
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
        let reply = serde_json::from_value(accepted(
            2,
            &[entry(&mixed, "PC-1", "SCHEDULED"), entry(A, "PC-2", "SCHEDULED")],
        ));
        let (entries, _) = match_reply(&[&upper, &lower], &reply.unwrap());
        assert_eq!(entries[0].status, Unknown);
        assert_eq!(entries[1].status, Scheduled);
    }
}
