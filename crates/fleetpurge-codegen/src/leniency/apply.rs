//! All rules.

use serde_json::Value;

use super::dropped::Dropped;
use super::{errors, replies};

/// Applies all rules to a spec, and says what each dropped.
pub fn apply(spec: &mut Value) -> Vec<Dropped> {
    let mut dropped = errors::apply(spec);
    dropped.extend(replies::apply(spec));
    dropped
}
