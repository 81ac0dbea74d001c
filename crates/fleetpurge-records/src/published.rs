//! The schemas that are published, by name.

use std::collections::BTreeMap;

use fleetpurge_simulator::FaultScript;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::{
    Backup, BackupLine, BackupPointer, Config, Doctor, PlanList, Report, ReportLine, Review, Status, VerifyLine,
};

/// A published JSON Schema (draft 2020-12).
#[derive(Clone, Copy, Debug)]
pub struct Published {
    name: &'static str,
    about: &'static str,
    schema: fn() -> Schema,
}

impl Published {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self {
            name: "plan",
            about: "The object of `fleetpurge plan --format json`",
            schema: written::<Review<'_>>,
        },
        Self {
            name: "status",
            about: "The object of `fleetpurge status --format json`",
            schema: written::<Status<'_>>,
        },
        Self {
            name: "report",
            about: "The object of `fleetpurge report --format json`",
            schema: written::<Report<'_>>,
        },
        Self {
            name: "report-line",
            about: "A line of `fleetpurge report --format ndjson`",
            schema: written::<ReportLine<'_>>,
        },
        Self {
            name: "show",
            about: "The array of `fleetpurge show --format json`; a line of ndjson is a report-line",
            schema: written::<Vec<ReportLine<'_>>>,
        },
        Self {
            name: "list",
            about: "The object of `fleetpurge list --format json`",
            schema: written::<PlanList<'_>>,
        },
        Self {
            name: "verify-line",
            about: "A line of `fleetpurge verify --format ndjson`",
            schema: written::<VerifyLine<'_>>,
        },
        Self {
            name: "doctor",
            about: "The object of `fleetpurge doctor --format json`",
            schema: written::<Doctor>,
        },
        Self {
            name: "backup",
            about: "The manifest of `fleetpurge backup`: DIR/backup.json",
            schema: written::<Backup>,
        },
        Self {
            name: "backup-line",
            about: "A line of DIR/devices/ID.ndjson.gz of a backup",
            schema: written::<BackupLine<'_>>,
        },
        Self {
            name: "backup-pointer",
            about: "Where the backup of a plan is: PLAN.backup.json",
            schema: written::<BackupPointer>,
        },
        Self {
            name: "config",
            about: "The configuration file with its profiles (TOML)",
            schema: read::<Config>,
        },
        Self {
            name: "faults",
            about: "The fault script of `fleetpurge simulate --faults`",
            schema: read::<FaultScript>,
        },
    ];

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|published| published.name == name)
    }

    /// Its name: `fleetpurge schema NAME`, `schemas/NAME.json`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is the schema of, in a few words.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// The schema as it is printed and committed: indented JSON with a line's end.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", sorted((self.schema)().to_value()))
    }
}

/// Whether `serde_json` keeps the order of keys depends on what else is built; the text must not.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<String, Value> = object.into_iter().collect();
            sorted
                .into_iter()
                .map(|(key, value)| (key, self::sorted(value)))
                .collect()
        }
        Value::Array(array) => array.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// What we write: every key is there.
fn written<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

/// What we read: what has a default may be left out.
fn read<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>()
}
