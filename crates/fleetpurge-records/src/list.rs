//! The plans of a folder.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::Status;

/// The plans of a folder: `list --format json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PlanList<'a> {
    /// The folder, as it was typed.
    pub folder: Cow<'a, str>,
    /// Its plans by name. Folders within it were not looked into.
    pub plans: Vec<ListPlan<'a>>,
}

/// A plan of a folder.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ListPlan<'a> {
    /// The name of its file within the folder.
    pub name: &'a str,
    /// How far it is.
    pub state: PlanState,
    /// Which service; null if it cannot be read.
    pub service: Option<&'a str>,
    /// When it was frozen (RFC 3339, UTC); null if it cannot be read.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// The counts of `status`, with the tenant; null if it cannot be read.
    pub counts: Option<Status<'a>>,
    /// Which `apply` holds it now; null if none does, or if it is not known which.
    pub held_by: Option<ListHolder<'a>>,
    /// Why it cannot be read, for a person; null if it can.
    pub error: Option<String>,
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Never applied.
    New,
    /// An `apply` holds it now.
    Running,
    /// The last `apply` has ended, and devices are pending.
    Stopped,
    /// The last `apply` has recorded no end, nobody holds the plan, and devices are pending or were in flight.
    Died,
    /// It was applied, and no device is pending.
    Done,
    /// It cannot be read: `error` says why.
    Unreadable,
}

/// Which `apply` holds a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ListHolder<'a> {
    /// The person's account.
    pub who: &'a str,
    /// The machine.
    pub host: &'a str,
    /// The process.
    pub pid: u32,
    /// Since when (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub since: String,
}
