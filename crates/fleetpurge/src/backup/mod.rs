//! Backups of devices: what is on the disk, and what it proves. Of the network only `device` knows.
//!
//! ```text
//! DIR/backup.json            of which plan it is, whether it is whole, and the SHA-256 of each file
//! DIR/backup.lock            held while a backup is written
//! DIR/devices/ID.ndjson.gz   a device with all it has recorded; whole once it has its name
//! PLAN.backup.json           where DIR is, beside the plan; written once the backup is whole
//! ```

pub(crate) mod check;
pub(crate) mod checksum;
pub(crate) mod device;
pub(crate) mod file;
pub(crate) mod folder;
mod lacking;
pub(crate) mod manifest;
