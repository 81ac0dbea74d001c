//! The argument of `schema`.

use clap::builder::{PossibleValue, PossibleValuesParser};
use fleetpurge_records::Published;

/// The names of the schemas, each with a description.
pub(crate) fn names() -> PossibleValuesParser {
    Published::ALL
        .map(|published| PossibleValue::new(published.name()).help(published.about()))
        .into()
}
