//! Backups of devices: the files on disk, and their checks. Only `device` uses the network.
//!
//! ```text
//! DIR/backup.json            its plan, whether it is complete, and the SHA-256 of each file
//! DIR/backup.lock            held while a backup is written
//! DIR/devices/ID.ndjson.gz   a device with all its data; complete once it has its name
//! PLAN.backup.json           where DIR is, beside the plan; written once the backup is complete
//! ```

pub(crate) mod check;
pub(crate) mod checksum;
pub(crate) mod device;
pub(crate) mod file;
pub(crate) mod folder;
mod lacking;
pub(crate) mod manifest;
