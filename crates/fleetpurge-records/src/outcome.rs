//! The outcome of a device, in the schemas.

use fleetpurge_engine::OutcomeKind;
use schemars::{Schema, SchemaGenerator, json_schema};

/// The list is the engine's, so that a word cannot be forgotten here.
pub(crate) fn one_of_the_seven(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": OutcomeKind::ALL.map(OutcomeKind::as_str)})
}
