//! Which entry of a reply belongs to which device. Pure.
//!
//! Entries are matched by uid: exactly, or as equal UUIDs if that is unique in the batch; never by position. A device
//! without a clear entry is unknown.

use std::collections::HashMap;

use fleetpurge_engine::{Anomaly, AnomalyKind, Entry, EntryStatus};
use fleetpurge_http::anomalies::Anomalies;
use fleetpurge_http::message::{cut, quoted, shown};
use nexthink_data_management_raw::types::{DeviceDeletionResponse, DeviceStatus};
use uuid::Uuid;

use crate::device::{Device, canonical};

/// The status word of a whole accepted batch.
pub(crate) const ACCEPTED: &str = "ACCEPTED";
/// How many of the words that disagree about a device are repeated.
const MOST_WORDS: usize = 10;

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
            count: reply.scheduled_count.map_or(Count::Absent, Count::Of),
            status: reply.status,
        }
    }
}

/// What a reply says of the devices of its batch.
pub(crate) struct Matched {
    /// Of each, in the order of the batch.
    pub(crate) entries: Vec<Entry>,
    /// Whether any entry of the reply speaks of any of them, whatever it says.
    pub(crate) is_any_named: bool,
}

/// What a reply says of each device of its batch, in the order of the batch, and what was odd about it.
pub(crate) fn match_reply(batch: &[&Device], reply: &Said) -> (Vec<Entry>, Vec<Anomaly>) {
    let mut anomalies = Anomalies::default();
    let matched = matched(batch, reply, &mut anomalies);
    (matched.entries, anomalies.into_vec())
}

/// The same, beside what was odd already.
pub(crate) fn matched(batch: &[&Device], reply: &Said, anomalies: &mut Anomalies) -> Matched {
    let mut lists = reply.lists.iter().map(|list| assign(batch, list, anomalies));
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
    let is_any_named = found.iter().any(|entries| !entries.is_empty());
    let entries: Vec<Entry> = batch
        .iter()
        .enumerate()
        .map(|(n, device)| {
            if is_disputed[n] {
                let detail = format!("one of several lists has no entry for {}", quoted(&device.uid));
                anomalies.push(AnomalyKind::DisagreeingEntries, detail);
                return unknown("the reply has several lists, and not all of them name the device", None);
            }
            judge(device, &found[n], reply.lists.len(), anomalies)
        })
        .collect();
    check_summary(reply, anomalies);
    Matched { entries, is_any_named }
}

/// The entries that speak of each device.
fn assign<'r>(batch: &[&Device], reply: &'r [SaidEntry], anomalies: &mut Anomalies) -> Vec<Vec<&'r SaidEntry>> {
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
            None => {
                let detail = format!("an entry for {}, which was not asked for", quoted(uid));
                anomalies.push(AnomalyKind::ForeignEntry, detail);
            }
        }
        for n in entry.other_uids.iter().filter_map(|uid| place(uid)) {
            found[n].push(entry);
        }
    }
    found
}

/// What the entries for one device, from so many lists, come to.
fn judge(device: &Device, found: &[&SaidEntry], lists: usize, anomalies: &mut Anomalies) -> Entry {
    let uid = quoted(&device.uid);
    let Some(first) = found.first() else {
        let detail = "the reply does not name the device";
        anomalies.push(AnomalyKind::MissingEntry, format!("no entry for {uid}"));
        return unknown(detail, None);
    };
    if let Some(flaw) = found.iter().find_map(|entry| entry.flaw.as_deref()) {
        return unknown(format!("the reply's entry cannot be read: {flaw}"), code(first));
    }
    if found.iter().any(|entry| entry.status != first.status) {
        let mut words: Vec<String> = found
            .iter()
            .take(MOST_WORDS)
            .map(|entry| shown(entry.status.as_deref().unwrap_or("no status"), 64))
            .collect();
        if found.len() > MOST_WORDS {
            words.push(format!("and {} more", found.len() - MOST_WORDS));
        }
        let detail = format!("the reply's entries disagree: {}", words.join(", "));
        anomalies.push(
            AnomalyKind::DisagreeingEntries,
            format!("entries for {uid} disagree: {}", words.join(", ")),
        );
        return unknown(detail, None);
    }
    if found.len() > lists {
        anomalies.push(
            AnomalyKind::RepeatedEntry,
            format!("{} entries for {uid}, all alike", found.len()),
        );
    }
    for entry in found {
        if let Some(name) = entry.name.as_deref()
            && name != device.name
        {
            if !is_respelled(name, &device.name) {
                anomalies.push(
                    AnomalyKind::OtherName,
                    format!(
                        "the entry for {uid} names {} instead of {}",
                        quoted(name),
                        quoted(&device.name)
                    ),
                );
                return unknown(
                    format!("the reply's entry names another device, {}", quoted(name)),
                    code(first),
                );
            }
            anomalies.push(
                AnomalyKind::RespelledEntry,
                format!("{} came back as {}", quoted(&device.name), quoted(name)),
            );
        }
        if let Some(other) = entry.uid.as_deref()
            && other != device.uid
        {
            anomalies.push(
                AnomalyKind::RespelledEntry,
                format!("{uid} came back as {}", quoted(other)),
            );
        }
    }
    if let Some(entry) = first.status.as_deref().and_then(of_status) {
        return entry;
    }
    let word = first.status.as_deref();
    let word = word.map_or("no status".to_owned(), |word| format!("status {}", quoted(word)));
    anomalies.push(AnomalyKind::UnheardOfStatus, format!("the entry for {uid} has {word}"));
    unknown(
        format!("the reply gives the device {word}, which is not documented"),
        code(first),
    )
}

/// What a documented status word says of its device.
pub(crate) fn of_status(word: &str) -> Option<Entry> {
    let of = |status, detail: &str| Entry {
        status,
        detail: Some(detail.to_owned()),
        code: Some(word.to_owned()),
    };
    match word {
        "SCHEDULED" => Some(Entry::of(EntryStatus::Scheduled)),
        "INVALID" => Some(of(EntryStatus::Invalid, "the service calls the UID malformed")),
        "FAILED" => Some(of(EntryStatus::Failed, "the service could not schedule the device")),
        _ => None,
    }
}

fn check_summary(reply: &Said, anomalies: &mut Anomalies) {
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
            anomalies.push(AnomalyKind::OddValue, detail);
        }
        Count::Absent => anomalies.push(AnomalyKind::WrongCount, told("absent")),
        Count::Of(count) => anomalies.push(AnomalyKind::WrongCount, told(&count.to_string())),
        Count::Odd(text, _) => anomalies.push(AnomalyKind::WrongCount, told(text)),
        // That was noted, and there is no count to compare.
        Count::Contradictory => {}
    }
    if reply.status.as_deref() != Some(ACCEPTED) {
        anomalies.push(
            AnomalyKind::OtherOverallStatus,
            format!(
                "the overall status is {} instead of {ACCEPTED:?}",
                quoted(reply.status.as_deref().unwrap_or_default())
            ),
        );
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

/// The status word of an entry, which an outcome keeps as its code.
fn code(entry: &SaidEntry) -> Option<String> {
    entry.status.as_deref().map(|word| cut(word).to_owned())
}

#[cfg(test)]
mod tests;
