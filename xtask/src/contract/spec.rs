//! The published spec without the one word that the published page takes back.

use std::fs;
use std::path::PathBuf;

use anyhow::ensure;
use serde_json::Value;

use super::bench::Bench;

/// A copy of the published spec whose `DeviceEntry.uid` has no `format: uuid`, and nothing else changed.
///
/// The page says of that very field: "A malformed value results in a per-device `INVALID` status rather than failing
/// the whole batch." The format would forbid the request that this sentence is about.
pub(super) fn with_any_uid(bench: &Bench) -> anyhow::Result<PathBuf> {
    let mut spec: Value = serde_json::from_str(&fs::read_to_string(bench.published())?)?;
    let removed = spec
        .pointer_mut("/components/schemas/DeviceEntry/properties/uid")
        .and_then(Value::as_object_mut)
        .and_then(|uid| uid.remove("format"));
    ensure!(
        removed == Some("uuid".into()),
        "the published DeviceEntry.uid has no `format: uuid` any more: contract/spec.rs has nothing left to excuse"
    );
    let path = bench.work.join("any-uid.json");
    fs::write(&path, spec.to_string())?;
    Ok(path)
}
