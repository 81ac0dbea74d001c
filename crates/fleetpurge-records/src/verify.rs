//! Which devices are still there.

use fleetpurge_engine::OutcomeKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::outcome::one_of_the_seven;

/// Whether one device is still there: a line of `verify --format ndjson`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct VerifyLine<'a> {
    /// The row's number in the plan, from 1, over all of its inputs.
    #[schemars(range(min = 1))]
    pub row: u64,
    /// The uid (of Ubidots: the id), character for character as the plan has it.
    pub uid: &'a str,
    /// The name (of Ubidots: the label), likewise.
    pub name: &'a str,
    /// What the plan knows of the device.
    #[schemars(schema_with = "one_of_the_seven")]
    pub outcome: OutcomeKind,
    /// Whether it was found.
    pub found: Found,
    /// Where it was found instead, or why it is not known, for a person. Its wording may change.
    pub detail: Option<&'a str>,
    /// Whether it is there after an earlier verification, which the plan keeps, had not found it.
    pub came_back: bool,
}

/// Whether a device was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is still there.
    Present,
    /// It is not there.
    Gone,
    /// Its uid is not there, but its name is, with another uid: not counted as gone. Only in an inventory.
    AnotherUid,
    /// There is no evidence either way.
    NotKnown,
}
