//! Copies of the published spec: without the one word that the page takes back, and told to be about certain devices.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::bench::Bench;
use super::fleet::Device;

/// A copy of the published spec whose `DeviceEntry.uid` has no `format: uuid`, and nothing else changed.
///
/// The page says of that very field: "A malformed value results in a per-device `INVALID` status rather than failing
/// the whole batch." The format would forbid the request that this sentence is about.
pub(super) fn with_any_uid(bench: &Bench) -> anyhow::Result<PathBuf> {
    let mut spec = published(bench)?;
    let removed = spec
        .pointer_mut("/components/schemas/DeviceEntry/properties/uid")
        .and_then(Value::as_object_mut)
        .and_then(|uid| uid.remove("format"));
    ensure!(
        removed == Some("uuid".into()),
        "the published DeviceEntry.uid has no `format: uuid` any more: contract/spec.rs has nothing left to excuse"
    );
    write(bench, "any-uid", &spec)
}

/// How much of what is optional a mock's replies hold.
#[derive(Clone, Copy)]
pub(super) enum Optional {
    /// All of it. The lists are short.
    Present,
    /// Some of it. The lists are long, and contradict themselves about most devices.
    AtRandom,
}

/// A copy for a mock, whose replies name these devices in any combination. It allows no reply that the published spec
/// does not allow.
pub(super) fn about(bench: &Bench, devices: &[Device], optional: Optional) -> anyhow::Result<PathBuf> {
    let mut spec = published(bench)?;
    let properties = spec
        .pointer_mut("/components/schemas/DeviceStatus/properties")
        .context("the published spec has no DeviceStatus")?;
    let (uids, names): (Vec<_>, Vec<_>) = devices.iter().cloned().unzip();
    properties["uid"]["enum"] = json!(uids);
    properties["name"]["enum"] = json!(names);
    match optional {
        Optional::Present => write(bench, "about-ours-in-full", &spec),
        Optional::AtRandom => {
            // Prism hands this to the library that makes its replies up.
            spec["x-json-schema-faker"] = json!({
                "always-fake-optionals": false,
                "fixed-probabilities": false,
                "optionals-probability": 1.0,
            });
            write(bench, "about-ours-in-part", &spec)
        }
    }
}

fn published(bench: &Bench) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(&fs::read_to_string(bench.published())?)?)
}

fn write(bench: &Bench, name: &str, spec: &Value) -> anyhow::Result<PathBuf> {
    let path = bench.work.join(format!("{name}.json"));
    fs::write(&path, spec.to_string())?;
    Ok(path)
}
