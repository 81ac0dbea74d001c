//! Which entry of a reply belongs to which device. Pure.
//!
//! Entries are matched by uid: exactly, or as equal UUIDs if that is unique in the batch; never by position. A device
//! without a clear entry is unknown.

use std::collections::HashMap;

use fleetpurge_engine::{Anomaly, AnomalyKind, Entry, EntryStatus};
use fleetpurge_http::message::shown;
use nexthink_data_management_raw::types::{DeviceDeletionResponse, DeviceStatus};
use uuid::Uuid;

use crate::device::{Device, canonical};

/// The status word of a whole accepted batch.
const ACCEPTED: &str = "ACCEPTED";

/// What a reply says, as far as it can be read.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The entries; more than one list where the reply has several that differ.
    pub(crate) lists: Vec<Vec<SaidEntry>>,
    /// The number of devices that it counts as scheduled.
    pub(crate) count: Count,
    /// The status of the whole batch.
    pub(crate) status: Option<String>,
}

/// What a reply counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Count {
    /// It does not say.
    #[default]
    Absent,
    /// The documented number.
    Of(i64),
    /// Something else, as it was written, and the number that it means, if it means one.
    Odd(String, Option<i64>),
    /// Several that differ.
    Contradictory,
}

/// One entry of a reply.
#[derive(Debug, Default)]
pub(crate) struct SaidEntry {
    pub(crate) uid: Option<String>,
    /// Where an entry gives several uids that differ: each of the others, for it may be the one that is meant.
    pub(crate) other_uids: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) status: Option<String>,
    /// Why it says nothing of its device that could be relied upon.
    pub(crate) flaw: Option<String>,
}

impl From<DeviceDeletionResponse> for Said {
    fn from(reply: DeviceDeletionResponse) -> Self {
        let entry = |entry: DeviceStatus| SaidEntry {
            uid: entry.uid,
            name: entry.name,
            status: entry.status,
            ..SaidEntry::default()
        };
        Self {
            lists: vec![reply.devices.into_iter().map(entry).collect()],
            count: reply
                .scheduled_count
                .map_or(Count::Absent, |count| Count::Of(count.into())),
            status: reply.status,
        }
    }
}

/// What a reply says of each device of its batch, in the order of the batch, and what was odd about it.
pub(crate) fn match_reply(batch: &[&Device], reply: &Said) -> (Vec<Entry>, Vec<Anomaly>) {
    let mut anomalies = Vec::new();
    let mut lists = reply.lists.iter().map(|list| assign(batch, list, &mut anomalies));
    let mut found = lists.next().unwrap_or_else(|| vec![Vec::new(); batch.len()]);
    let others: Vec<_> = lists.collect();
    // A device that a parser would find, or not, according to the list that it takes.
    let mut is_disputed = vec![false; batch.len()];
    for other in others {
        for (n, entries) in other.into_iter().enumerate() {
            is_disputed[n] |= entries.is_empty() != found[n].is_empty();
            found[n].extend(entries);
        }
    }
    let entries: Vec<Entry> = batch
        .iter()
        .enumerate()
        .map(|(n, device)| {
            if is_disputed[n] {
                let uid = &device.uid;
                let detail = format!("one of several lists has no entry for {uid:?}");
                anomalies.push(anomaly(AnomalyKind::DisagreeingEntries, detail));
                return unknown("the reply has several lists, and not all of them name the device", None);
            }
            judge(device, &found[n], reply.lists.len(), &mut anomalies)
        })
        .collect();
    check_summary(reply, &mut anomalies);
    (entries, anomalies)
}

/// The entries that speak of each device.
fn assign<'r>(batch: &[&Device], reply: &'r [SaidEntry], anomalies: &mut Vec<Anomaly>) -> Vec<Vec<&'r SaidEntry>> {
    let mut found = vec![Vec::new(); batch.len()];
    // The usual reply: every device once, in the order of the request.
    if reply.len() == batch.len()
        && reply
            .iter()
            .zip(batch)
            .all(|(entry, device)| entry.uid.as_deref() == Some(&device.uid) && entry.other_uids.is_empty())
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
    let place = |uid: &str| {
        by_text
            .get(uid)
            .copied()
            .or_else(|| canonical(uid.trim()).and_then(|uuid| by_uuid.get(&uuid).copied().flatten()))
    };
    for entry in reply {
        let uid = entry.uid.as_deref().unwrap_or_default();
        match place(uid) {
            Some(n) => found[n].push(entry),
            // It speaks of a device that it does not name legibly; that has been noted.
            None if entry.flaw.is_some() => {}
            None => anomalies.push(anomaly(
                AnomalyKind::ForeignEntry,
                format!("an entry for {uid:?}, which was not asked for"),
            )),
        }
        for n in entry.other_uids.iter().filter_map(|uid| place(uid)) {
            found[n].push(entry);
        }
    }
    found
}

/// What the entries for one device, from so many lists, come to.
fn judge(device: &Device, found: &[&SaidEntry], lists: usize, anomalies: &mut Vec<Anomaly>) -> Entry {
    let uid = &device.uid;
    let Some(first) = found.first() else {
        let detail = "the reply does not name the device";
        anomalies.push(anomaly(AnomalyKind::MissingEntry, format!("no entry for {uid:?}")));
        return unknown(detail, None);
    };
    if let Some(flaw) = found.iter().find_map(|entry| entry.flaw.as_deref()) {
        return unknown(
            format!("the reply's entry cannot be read: {flaw}"),
            first.status.clone(),
        );
    }
    if found.iter().any(|entry| entry.status != first.status) {
        let words: Vec<String> = found
            .iter()
            .map(|entry| shown(entry.status.as_deref().unwrap_or("no status"), 64))
            .collect();
        let detail = format!("the reply's entries disagree: {}", words.join(", "));
        anomalies.push(anomaly(
            AnomalyKind::DisagreeingEntries,
            format!("entries for {uid:?} disagree: {}", words.join(", ")),
        ));
        return unknown(detail, None);
    }
    if found.len() > lists {
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

fn check_summary(reply: &Said, anomalies: &mut Vec<Anomaly>) {
    let entries = reply.lists.iter().flatten();
    let scheduled = entries
        .filter(|entry| entry.flaw.is_none() && entry.status.as_deref() == Some("SCHEDULED"))
        .count();
    let is_right = |count: i64| usize::try_from(count) == Ok(scheduled);
    let told = |count: &str| format!("scheduledCount is {count}, and {scheduled} entries are SCHEDULED");
    match &reply.count {
        Count::Of(count) if is_right(*count) => {}
        Count::Odd(text, Some(count)) if is_right(*count) => {
            let detail = format!("scheduledCount is {text}, which is not a whole number of JSON");
            anomalies.push(anomaly(AnomalyKind::OddValue, detail));
        }
        Count::Absent => anomalies.push(anomaly(AnomalyKind::WrongCount, told("absent"))),
        Count::Of(count) => anomalies.push(anomaly(AnomalyKind::WrongCount, told(&count.to_string()))),
        Count::Odd(text, _) => anomalies.push(anomaly(AnomalyKind::WrongCount, told(text))),
        // That was noted, and there is no count to compare.
        Count::Contradictory => {}
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
}
