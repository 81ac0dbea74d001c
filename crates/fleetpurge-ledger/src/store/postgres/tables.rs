//! The columns that both stores have, in the same order.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Bytes,
}

use Kind::{Bytes, Number, Text};

/// A table that is copied from one store to the other.
#[derive(Debug)]
pub(crate) struct Table {
    /// In a file.
    pub(crate) file: &'static str,
    /// In the database, in the schema `fleetpurge`.
    pub(crate) database: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// Whether it has one row, which a file numbers 1 and the database with the number of the plan.
    pub(crate) is_single: bool,
    /// What a row is found by, which is also the order in which it is read.
    pub(crate) key: &'static str,
}

impl Table {
    /// The names of the columns, in quotes because of `row`.
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    }
}

pub(crate) const PLAN: Table = Table {
    file: "plan",
    database: "plans",
    columns: &[
        ("service", Text),
        ("tenant", Text),
        ("instance", Text),
        ("region", Text),
        ("base_url", Text),
        ("token_url", Text),
        ("uid_validation", Text),
        ("max_devices", Number),
        ("planned", Number),
        ("skipped", Number),
        ("created_at", Text),
        ("tool", Text),
        ("digest", Text),
        ("state", Text),
    ],
    is_single: true,
    key: "plan",
};

/// What never changes once a plan is frozen, beside its head.
pub(crate) const FROZEN: &[Table] = &[
    Table {
        file: "sources",
        database: "sources",
        columns: &[
            ("source", Number),
            ("name", Text),
            ("sha256", Text),
            ("first_row", Number),
            ("rows", Number),
            ("counted", Text),
            ("sheet", Text),
        ],
        is_single: false,
        key: "source",
    },
    Table {
        file: "rows",
        database: "rows",
        columns: &[
            ("row", Number),
            ("uid", Text),
            ("name", Text),
            ("source", Number),
            ("line", Number),
            ("skipped", Text),
        ],
        is_single: false,
        key: "\"row\"",
    },
];

const OUTCOME_COLUMNS: &[(&str, Kind)] = &[
    ("first", Number),
    ("id", Number),
    ("last", Number),
    ("attempt", Number),
    ("outcome", Text),
    ("detail", Text),
    ("code", Text),
    ("at", Text),
    ("checksum", Bytes),
];

pub(crate) const OUTCOMES: Table = Table {
    file: "outcomes",
    database: "outcomes",
    columns: OUTCOME_COLUMNS,
    is_single: false,
    key: "first, id",
};

/// What runs write.
pub(crate) const RECORDS: &[Table] = &[
    Table {
        file: "runs",
        database: "runs",
        columns: &[
            ("run", Number),
            ("who", Text),
            ("host", Text),
            ("pid", Number),
            ("version", Text),
            ("confirmation", Text),
            ("options", Text),
            ("started_at", Text),
            ("ended_at", Text),
            ("exit", Number),
            ("stop_reason", Text),
        ],
        is_single: false,
        key: "run",
    },
    Table {
        file: "attempts",
        database: "attempts",
        columns: &[
            ("attempt", Number),
            ("run", Number),
            ("batch", Number),
            ("number", Number),
            ("request_id", Text),
            ("devices", Number),
            ("begun_at", Text),
            ("settled_at", Text),
            ("applied", Text),
            ("status", Number),
            ("code", Text),
            ("reply_request_id", Text),
            ("trace_id", Text),
            ("detail", Text),
            ("body_head", Text),
            ("checksum", Bytes),
        ],
        is_single: false,
        key: "attempt",
    },
    Table {
        file: "attempt_rows",
        database: "attempt_rows",
        columns: &[("first", Number), ("attempt", Number), ("last", Number)],
        is_single: false,
        key: "first, attempt",
    },
    OUTCOMES,
    Table {
        file: "anomalies",
        database: "anomalies",
        columns: &[
            ("attempt", Number),
            ("number", Number),
            ("kind", Text),
            ("detail", Text),
        ],
        is_single: false,
        key: "attempt, number",
    },
    Table {
        file: "tally",
        database: "tally",
        columns: &[
            ("commits", Number),
            ("attempts", Number),
            ("settled", Number),
            ("outcomes", Number),
            ("anomalies", Number),
            ("checksum", Bytes),
        ],
        is_single: true,
        key: "plan",
    },
];

/// What verifications write. A file has these tables from the first on.
pub(crate) const VERIFICATIONS: &[Table] = &[
    Table {
        file: "verifications",
        database: "verifications",
        columns: &[
            ("verification", Number),
            ("at", Text),
            ("who", Text),
            ("host", Text),
            ("kind", Text),
            ("source", Text),
            ("sha256", Text),
            ("listed", Number),
            ("looked_for", Number),
            ("checksum", Bytes),
        ],
        is_single: false,
        key: "verification",
    },
    Table {
        file: "sightings",
        database: "sightings",
        columns: &[
            ("first", Number),
            ("verification", Number),
            ("last", Number),
            ("found", Text),
            ("detail", Text),
        ],
        is_single: false,
        key: "first, verification",
    },
    Table {
        file: "verifications_tally",
        database: "verifications_tally",
        columns: &[("verifications", Number), ("checksum", Bytes)],
        is_single: true,
        key: "plan",
    },
];
