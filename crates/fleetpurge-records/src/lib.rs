#![doc = include_str!("../README.md")]

mod backup;
mod config;
mod doctor;
mod list;
mod outcome;
mod published;
mod report;
mod review;
mod status;
mod verify;

pub use backup::{Backup, BackupCounts, BackupLine, BackupPointer};
pub use config::{
    Auto, Config, MOST_DEVICES, MOST_SECONDS, Profile, ProfileConcurrency, ProfileService, ProfileValidation,
};
pub use doctor::{CheckName, CheckVerdict, Doctor, DoctorCheck};
pub use list::{ListHolder, ListPlan, PlanList, PlanState};
pub use published::Published;
pub use report::{Report, ReportLine, ReportPlan, ReportSource};
pub use review::{OtherPlan, PlannedKind, PlannedNames, PlannedProtect, PlannedRow, Review};
pub use status::Status;
pub use verify::{Found, VerifyLine};
