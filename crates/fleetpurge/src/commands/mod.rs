//! One file per subcommand.

pub(crate) mod apply;
mod apply_end;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod plan;
mod plan_labels;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod usage;
