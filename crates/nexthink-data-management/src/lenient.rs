//! Reads a 202 that differs from the documented form, entry by entry. Pure.
//!
//! An unreadable entry makes the devices that it may refer to unknown, and an anomaly records it; the other entries are
//! valid. A key that is repeated with another value counts as missing, because nobody knows which value is valid.

use fleetpurge_engine::{Anomaly, AnomalyKind, Entry};
use fleetpurge_http::anomalies::Anomalies;
use fleetpurge_http::json::{Field, Kind, Object, Raw};
use fleetpurge_http::message;

use crate::device::Device;
use crate::matching::{Count, Said, SaidEntry, matched};

/// How much of an odd value is repeated.
const SHOWN: usize = 64;
/// How many lists that differ are compared. Each may hold as many entries as a whole reply.
const MOST_LISTS: usize = 2;

/// What a body says of each device of its batch, in the order of the batch, and what was odd about it.
///
/// # Errors
///
/// Nothing that can be read speaks of a device of the batch; why.
pub(crate) fn read(batch: &[&Device], body: &[u8]) -> Result<(Vec<Entry>, Vec<Anomaly>), String> {
    let text = String::from_utf8_lossy(body);
    let reply = Object::of(&text)?;
    let mut anomalies = Anomalies::default();
    let said = Said {
        lists: lists(&reply, &mut anomalies)?,
        count: count(&reply, &mut anomalies),
        status: status(&reply, &mut anomalies),
    };
    let matched = matched(batch, &said, &mut anomalies);
    // The first KiB of a reply that says nothing is kept, and of a receipt it is not.
    if !matched.is_any_named {
        let why = anomalies.first().map_or("nothing is odd about it", |of| &of.detail);
        return Err(format!("says nothing of any device that can be read ({why})"));
    }
    Ok((matched.entries, anomalies.into_vec()))
}

/// The lists of entries: one, unless the reply has several that differ.
fn lists(reply: &Object<'_>, anomalies: &mut Anomalies) -> Result<Vec<Vec<SaidEntry>>, String> {
    let lists = match reply.field("devices") {
        Field::Absent => return Ok(Vec::new()),
        Field::Once(list) => vec![list],
        Field::Alike(list) => {
            anomalies.push(
                AnomalyKind::RepeatedKey,
                "the key \"devices\" is repeated with the same value",
            );
            vec![list]
        }
        Field::Contradictory(lists) if lists.len() > MOST_LISTS => {
            let count = lists.len();
            return Err(format!("repeats its list \"devices\" {count} times with other values"));
        }
        Field::Contradictory(lists) => {
            anomalies.push(
                AnomalyKind::RepeatedKey,
                "the key \"devices\" is repeated with other values",
            );
            lists
        }
    };
    lists
        .into_iter()
        .map(|list| {
            let entries = list
                .elements()
                .ok_or_else(|| format!("has {} for its list \"devices\"", list.kind()))?;
            let entries = entries.into_iter().enumerate();
            Ok(entries.filter_map(|(n, raw)| entry(n + 1, raw, anomalies)).collect())
        })
        .collect()
}

/// One entry, its number counted from 1. None where it names no device.
fn entry(number: usize, raw: Raw<'_>, anomalies: &mut Anomalies) -> Option<SaidEntry> {
    let mut unreadable = |what: &str| {
        anomalies.push(AnomalyKind::UnreadableEntry, format!("entry {number} {what}"));
    };
    let Some(object) = raw.object() else {
        unreadable(&format!("is {}", raw.kind()));
        return None;
    };
    let uids = texts(&object, "uid");
    let name = texts(&object, "name");
    let status = word(&object);
    let mut flaws = Vec::new();
    let mut uids = match uids {
        Read::Texts(uids) => uids.into_iter(),
        Read::Not(why, uids) => {
            flaws.push(format!("its \"uid\" {why}"));
            uids.into_iter()
        }
    };
    let uid = uids.next();
    let other_uids: Vec<String> = uids.collect();
    if !other_uids.is_empty() {
        flaws.push("its \"uid\" is repeated with another value".to_owned());
    }
    let mut name = match name {
        Read::Texts(names) => names,
        Read::Not(why, _) => {
            flaws.push(format!("its \"name\" {why}"));
            Vec::new()
        }
    };
    if name.len() > 1 {
        flaws.push("its \"name\" is repeated with another value".to_owned());
    }
    let status = match status {
        Ok(status) => status,
        Err(status) => {
            flaws.push("its \"status\" is repeated with another value".to_owned());
            status
        }
    };
    let flaw = (!flaws.is_empty()).then(|| flaws.join(", "));
    if let Some(flaw) = &flaw {
        unreadable(&format!("cannot be read: {flaw}"));
    }
    for key in ["uid", "name", "status"] {
        if matches!(object.field(key), Field::Alike(_)) {
            let detail = format!("entry {number} repeats its key {key:?} with the same value");
            anomalies.push(AnomalyKind::RepeatedKey, detail);
        }
    }
    Some(SaidEntry {
        uid,
        other_uids,
        name: if name.is_empty() {
            None
        } else {
            Some(name.swap_remove(0))
        },
        status,
        flaw,
    })
}

/// The texts under a key.
enum Read {
    /// None, one, or several that differ. A null is none.
    Texts(Vec<String>),
    /// Something else, why it is no text, and the texts among it.
    Not(String, Vec<String>),
}

fn texts(object: &Object<'_>, key: &str) -> Read {
    let values = match object.field(key) {
        Field::Absent => Vec::new(),
        Field::Once(value) | Field::Alike(value) => match value.kind() {
            Kind::Null => Vec::new(),
            _ => vec![value],
        },
        Field::Contradictory(values) => values,
    };
    let texts: Vec<String> = values.iter().filter_map(|value| value.text()).collect();
    match values.iter().find(|value| value.text().is_none()) {
        None => Read::Texts(texts),
        Some(value) => {
            let why = match value.kind() {
                Kind::Text => "contains an invalid character".to_owned(),
                kind => format!("is {kind}"),
            };
            Read::Not(why, texts)
        }
    }
}

/// The status of an entry, or the first of several that differ. What is no text stands as it was written.
fn word(object: &Object<'_>) -> Result<Option<String>, Option<String>> {
    let told = |value: Raw<'_>| match value.kind() {
        Kind::Null => None,
        Kind::Text => value.lossy_text(),
        _ => Some(shown(value)),
    };
    match object.field("status") {
        Field::Absent => Ok(None),
        Field::Once(value) | Field::Alike(value) => Ok(told(value)),
        Field::Contradictory(values) => Err(values.first().copied().and_then(told)),
    }
}

fn count(reply: &Object<'_>, anomalies: &mut Anomalies) -> Count {
    let value = match reply.field("scheduledCount") {
        Field::Absent => return Count::Absent,
        Field::Once(value) => value,
        Field::Alike(value) => {
            anomalies.push(
                AnomalyKind::RepeatedKey,
                "the key \"scheduledCount\" is repeated with the same value",
            );
            value
        }
        Field::Contradictory(_) => {
            anomalies.push(
                AnomalyKind::RepeatedKey,
                "the key \"scheduledCount\" is repeated with other values",
            );
            return Count::Contradictory;
        }
    };
    match value.kind() {
        Kind::Null => Count::Absent,
        Kind::Number => match value.as_str().parse() {
            Ok(count) => Count::Of(count),
            Err(_) => Count::Odd(shown(value), whole(value.as_str())),
        },
        Kind::Text => Count::Odd(shown(value), value.text().and_then(|text| text.parse().ok())),
        _ => Count::Odd(shown(value), None),
    }
}

/// The whole number that a number with a fraction or an exponent is.
fn whole(number: &str) -> Option<i64> {
    let number: f64 = number.parse().ok()?;
    // Beyond any batch: a number that a double holds exactly.
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    (number.fract() == 0.0 && number.abs() < 1e9).then_some(number as i64)
}

fn status(reply: &Object<'_>, anomalies: &mut Anomalies) -> Option<String> {
    let told = |value: Raw<'_>| value.lossy_text().or_else(|| Some(shown(value)));
    match reply.field("status") {
        Field::Absent => None,
        Field::Once(value) if value.kind() == Kind::Null => None,
        Field::Once(value) => told(value),
        Field::Alike(value) => {
            anomalies.push(
                AnomalyKind::RepeatedKey,
                "the key \"status\" is repeated with the same value",
            );
            told(value)
        }
        Field::Contradictory(values) => {
            anomalies.push(
                AnomalyKind::RepeatedKey,
                "the key \"status\" is repeated with other values",
            );
            let words: Vec<String> = values.into_iter().filter_map(told).collect();
            Some(words.join(" and "))
        }
    }
}

fn shown(value: Raw<'_>) -> String {
    message::shown(value.as_str(), SHOWN)
}
