//! The outcome of every device.

use fleetpurge_engine::OutcomeKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::outcome::one_of_the_seven;
use crate::{Found, Status};

/// The outcome of a whole plan: `report --format json`.
///
/// The command writes it piece by piece, because the rows of a large plan do not fit into memory.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report<'a> {
    /// What was reviewed.
    pub plan: ReportPlan<'a>,
    /// How far it is.
    pub counts: Status<'a>,
    /// The rows of the input in input order: all of them, or those of `--only`.
    pub rows: Vec<ReportLine<'a>>,
}

/// A plan: what was reviewed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ReportPlan<'a> {
    /// Which service.
    pub service: &'a str,
    /// Who is addressed, as a person confirms it: the instance, or `host:port` of a base URL.
    pub tenant: &'a str,
    /// The instance, where one was named.
    pub instance: Option<&'a str>,
    /// The region, where one was named.
    pub region: Option<&'a str>,
    /// Where deletions are sent.
    pub base_url: &'a str,
    /// Where tokens are asked for.
    pub token_url: Option<&'a str>,
    /// The digest of everything that was frozen.
    pub digest: &'a str,
    /// When it was frozen (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub created_at: String,
    /// The rows that may be sent: `planned` less `skipped`.
    pub to_send: u64,
    /// The cap that it was made under.
    pub max_devices: u64,
    /// How malformed uids were taken.
    #[schemars(extend("enum" = ["strict", "warn", "permissive"]))]
    pub uid_validation: &'a str,
    /// The files that it was made of, in order.
    pub sources: Vec<ReportSource<'a>>,
}

/// A file of a plan's input.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ReportSource<'a> {
    /// Its name, as it was typed.
    pub name: &'a str,
    /// The sha256 of its bytes, in hexadecimal.
    pub sha256: &'a str,
    /// The number of its first row in the plan.
    pub first_row: u64,
    /// How many rows it has.
    pub rows: u64,
    /// What the `line` of its rows counts: lines of a text, rows of a workbook's sheet, elements of a JSON array.
    #[schemars(extend("enum" = ["line", "row", "element"]))]
    pub counted: &'a str,
    /// The sheet of a workbook that was read.
    pub sheet: Option<&'a str>,
}

/// The outcome of one row: a line of `report --format ndjson`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ReportLine<'a> {
    /// The row's number in the plan, from 1, over all of its inputs.
    #[schemars(range(min = 1))]
    pub row: u64,
    /// The uid, character for character as the input had it.
    pub uid: &'a str,
    /// The name, character for character as the input had it.
    pub name: &'a str,
    /// What is known of the device.
    #[schemars(schema_with = "one_of_the_seven")]
    pub outcome: OutcomeKind,
    /// Why, for a person. Its wording may change.
    pub detail: Option<&'a str>,
    /// The service's own word for it: an error code, or a status nobody had heard of.
    pub code: Option<&'a str>,
    /// The last batch that it was in, numbered over all runs of the plan.
    pub batch: Option<u64>,
    /// How often it was sent.
    pub attempts: u64,
    /// The `x-request-id` of the last attempt; null for a service that is sent none (Ubidots).
    pub request_id: Option<&'a str>,
    /// The `x-trace-id` that the service answered that attempt with.
    pub trace_id: Option<&'a str>,
    /// Since when that is known (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub at: Option<String>,
    /// Where the row stands in its input, from 1: the line of a text, the row of a workbook's sheet as a spreadsheet
    /// numbers it, or the element of a JSON array. A CSV row of several lines begins on this line.
    #[schemars(range(min = 1))]
    pub line: u64,
    /// The input that the row was read from, as it was typed: only in a plan of several inputs, and then in every row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    /// What the latest verification that reached the device showed, apart from the outcome, which is the service's own
    /// word. This key and the next three: only in a plan that was verified, and then in every row, null in those that
    /// were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Option<Found>>,
    /// When that verification was (RFC 3339, UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub verified_at: Option<Option<String>>,
    /// What it looked in: the name of the export, the account, or the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_in: Option<Option<&'a str>>,
    /// Whether the device was there after an earlier verification had not found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub came_back: Option<Option<bool>>,
}
