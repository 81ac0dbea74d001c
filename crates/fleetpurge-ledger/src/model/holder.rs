//! Who holds a plan for an `apply`.

use jiff::Timestamp;

/// Who wants to hold a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person's account.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
}

/// Who holds a plan, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedBy {
    /// Who.
    pub holder: Holder,
    /// Since when.
    pub since: Timestamp,
}

/// Whether a plan is held right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nobody holds it: a run without a recorded end has died.
    Free,
    /// By this one. `None` where nobody has recorded who it is: it holds the plan by another name, or the system
    /// does not let a locked file be read.
    Held(Option<LockedBy>),
}
