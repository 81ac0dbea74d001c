//! Changes to an otherwise faithful 202.

use serde_json::{Map, Value, json};

use super::matching::{Mix, Selector};
use super::model::{EditStep, Order};
use crate::request::Entry;

/// An entry of the reply, and the device of the request it was made for.
struct Edited {
    origin: Option<usize>,
    value: Value,
}

impl Edited {
    fn taken(&self, selector: &Selector, devices: &[Entry<'_>]) -> bool {
        self.origin
            .and_then(|position| Some((position, devices.get(position)?)))
            .is_some_and(|(position, device)| selector.takes(position, &device.uid, &device.name))
    }
}

/// The reply `{"scheduledCount", "status", "devices"}` after the steps. Entries are selected by what was asked for,
/// whatever earlier steps made of them. `scheduledCount` counts the SCHEDULED entries left unless a step sets it.
pub(crate) fn edit(statuses: &[&str], devices: &[Entry<'_>], steps: &[EditStep], mix: Mix) -> Value {
    let mut entries: Vec<Edited> = devices
        .iter()
        .zip(statuses)
        .enumerate()
        .map(|(position, (device, status))| Edited {
            origin: Some(position),
            value: json!({"uid": device.uid, "name": device.name, "status": status}),
        })
        .collect();
    let mut top = Map::new();
    let mut count = None;
    let mut overall = json!("ACCEPTED");
    let mut dropped = Vec::new();
    for step in steps {
        let mut each = |of: &Selector, change: &dyn Fn(&mut Map<String, Value>)| {
            for entry in entries.iter_mut().filter(|entry| entry.taken(of, devices)) {
                if let Value::Object(fields) = &mut entry.value {
                    change(fields);
                }
            }
        };
        match step {
            EditStep::SetStatus { of, status } => each(of, &|fields| put(fields, "status", status)),
            EditStep::RemoveStatus { of } => each(of, &|fields| drop(fields.remove("status"))),
            EditStep::Set { of, fields: new } => each(of, &|fields| fields.extend(new.clone())),
            EditStep::Unset { of, fields: names } => each(of, &|fields| fields.retain(|name, _| !names.contains(name))),
            EditStep::Rename { of, uid, name } => each(of, &|fields| {
                if let Some(uid) = uid {
                    put(fields, "uid", &json!(uid));
                }
                if let Some(name) = name {
                    put(fields, "name", &json!(name));
                }
            }),
            EditStep::UpperCaseUid { of } => each(of, &|fields| {
                if let Some(Value::String(uid)) = fields.get_mut("uid") {
                    uid.make_ascii_uppercase();
                }
            }),
            EditStep::Omit { of } => entries.retain(|entry| !entry.taken(of, devices)),
            EditStep::Duplicate { of, status } => {
                entries = entries
                    .into_iter()
                    .flat_map(|entry| {
                        let copy = entry.taken(of, devices).then(|| {
                            let mut value = entry.value.clone();
                            if let (Some(status), Value::Object(fields)) = (status, &mut value) {
                                put(fields, "status", status);
                            }
                            Edited {
                                origin: entry.origin,
                                value,
                            }
                        });
                        std::iter::once(entry).chain(copy)
                    })
                    .collect();
            }
            EditStep::Add(value) => entries.push(Edited {
                origin: None,
                value: value.clone(),
            }),
            EditStep::Reorder(Order::Reverse) => entries.reverse(),
            EditStep::Reorder(Order::Shuffle) => fastrand::Rng::with_seed(mix.seed()).shuffle(&mut entries),
            EditStep::ScheduledCount(value) => count = Some(value.clone()),
            EditStep::OverallStatus(value) => overall = value.clone(),
            EditStep::SetReply(fields) => top.extend(fields.clone()),
            EditStep::UnsetReply(names) => dropped.extend(names.0.clone()),
        }
    }
    let count = count.unwrap_or_else(|| {
        json!(
            entries
                .iter()
                .filter(|entry| entry.value["status"] == "SCHEDULED")
                .count()
        )
    });
    let mut reply = Map::new();
    reply.insert("scheduledCount".to_owned(), count);
    reply.insert("status".to_owned(), overall);
    reply.insert(
        "devices".to_owned(),
        entries.into_iter().map(|entry| entry.value).collect(),
    );
    reply.extend(top);
    reply.retain(|name, _| !dropped.contains(name));
    Value::Object(reply)
}

/// Whether the steps are about the reply as a whole, and none about its entries.
pub(super) fn of_the_reply(steps: &[EditStep]) -> bool {
    steps
        .iter()
        .all(|step| matches!(step, EditStep::SetReply(_) | EditStep::UnsetReply(_)))
}

/// A reply without entries after the steps that are about the reply as a whole.
pub(crate) fn edit_reply(mut reply: Map<String, Value>, steps: &[EditStep]) -> Value {
    for step in steps {
        match step {
            EditStep::SetReply(fields) => reply.extend(fields.clone()),
            EditStep::UnsetReply(names) => reply.retain(|name, _| !names.contains(name)),
            _ => {}
        }
    }
    Value::Object(reply)
}

fn put(fields: &mut Map<String, Value>, name: &str, value: &Value) {
    fields.insert(name.to_owned(), value.clone());
}
