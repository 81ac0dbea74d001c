//! The files of a backup.
//!
//! ```text
//! DIR/backup.json            Backup: its plan, and whether it is complete
//! DIR/devices/ID.ndjson.gz   BackupLine, one a line; a file that has its name is complete
//! PLAN.backup.json           BackupPointer, beside the plan: where DIR is
//! ```

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Of which plan a backup is, and whether it is whole: `DIR/backup.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Backup {
    /// The version of the folder's format: 2. Format 1 had no `files`.
    #[schemars(range(min = 1))]
    pub format: u32,
    /// The digest of the plan.
    pub digest: String,
    /// Who was read, as the plan calls it.
    pub tenant: String,
    /// Where the devices were read.
    pub base_url: String,
    /// When it was begun (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub started_at: String,
    /// When it was whole; null until then.
    #[schemars(extend("format" = "date-time"))]
    pub finished_at: Option<String>,
    /// What it holds; null until it is whole.
    pub counts: Option<BackupCounts>,
    /// The SHA-256 of each file, as 64 hexadecimal digits, by the file's name within the folder
    /// (`devices/ID.ndjson.gz`): as they were when the backup was last whole.
    pub files: BTreeMap<String, String>,
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BackupCounts {
    /// Devices that were saved.
    pub devices: u64,
    /// Devices that were not found (404): the account has none of this id, or the token may not read it. They are not
    /// saved.
    pub missing: u64,
    /// Their variables.
    pub variables: u64,
    /// The values of those.
    pub values: u64,
}

/// Where the backup of a plan is: `PLAN.backup.json`, beside the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BackupPointer {
    /// The digest of the plan.
    pub digest: String,
    /// The folder, as an absolute path.
    pub dir: String,
    /// When the backup was whole (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub finished_at: String,
}

/// A line of a device's file: first `device`, then every `variable`, every `value`, and `end`; or `missing` alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(deny_unknown_fields)]
pub enum BackupLine<'a> {
    /// The device.
    Device {
        /// Its id, as the plan has it.
        id: &'a str,
        /// When its backup began: what came later is not in it (RFC 3339, UTC).
        #[schemars(extend("format" = "date-time"))]
        until: String,
        /// All that the service said of it, byte for byte but for line breaks, which are spaces.
        #[schemars(with = "Map<String, Value>")]
        device: &'a RawValue,
    },
    /// A variable of the device.
    Variable {
        /// Its id.
        id: &'a str,
        /// All that the service said of it, byte for byte but for line breaks, which are spaces.
        #[schemars(with = "Map<String, Value>")]
        variable: &'a RawValue,
    },
    /// A value of a variable. Those of one variable stand together, the newest first.
    Value {
        /// The variable's id.
        variable: &'a str,
        /// The value with its time and context, byte for byte but for line breaks, which are spaces.
        #[schemars(with = "Map<String, Value>")]
        value: &'a RawValue,
    },
    /// The last line.
    End {
        /// The device's id, as the plan has it.
        id: &'a str,
        /// How many variables there are.
        variables: u64,
        /// How many values there are.
        values: u64,
        /// When the last was read (RFC 3339, UTC).
        #[schemars(extend("format" = "date-time"))]
        at: String,
    },
    /// The device was not found (404), so it is not saved: the only line.
    Missing {
        /// The device's id, as the plan has it.
        id: &'a str,
        /// When it was asked for (RFC 3339, UTC).
        #[schemars(extend("format" = "date-time"))]
        at: String,
    },
}
