//! What is going on while an export is waited for.

use std::time::Duration;

/// What is going on while an export is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The query was taken, and its export has this id.
    Submitted {
        /// The export's id.
        export_id: String,
    },
    /// The service works on it.
    Running {
        /// For how long it was waited.
        so_far: Duration,
    },
    /// A read could not be done, and is tried again after a wait.
    Waiting {
        /// The wait.
        wait: Duration,
        /// Why.
        reason: String,
    },
    /// The file is fetched.
    Fetching {
        /// How many bytes it has, as it comes, if that is said.
        bytes: Option<u64>,
    },
}
