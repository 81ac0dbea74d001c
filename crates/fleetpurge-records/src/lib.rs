//! The records that `fleetpurge` prints for programs to read, and their JSON Schemas.
//!
//! - [`Status`]: `status --format json`.
//! - [`ReportLine`]: a line of `report --format ndjson`, and a row of its other formats.
//! - [`Report`]: `report --format json`.
//! - [`VerifyLine`]: a line of `verify --format ndjson`.
//! - [`Backup`], [`BackupLine`], [`BackupPointer`]: what `backup` writes.
//! - [`Published`]: every schema by its name, that of the fault script too. They are committed in `schemas/`.
//!
//! ```
//! let status = fleetpurge_records::Published::named("status").unwrap();
//! assert!(status.text().contains("\"pending\""));
//! ```

mod backup;
mod published;
mod report;
mod status;
mod verify;

pub use backup::{Backup, BackupCounts, BackupLine, BackupPointer};
pub use published::Published;
pub use report::{Report, ReportLine, ReportPlan, ReportSource};
pub use status::Status;
pub use verify::{Found, VerifyLine};
