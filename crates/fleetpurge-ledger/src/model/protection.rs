//! The entries of the protect lists, and what they matched.

use crate::model::row::RowAt;

/// Devices that must stay: one entry of a protect list.
///
/// An entry matches a row's uid or name: equal UUIDs in any spelling, or text that is equal apart from case
/// (Unicode's full case folding), surrounding space, invisible characters and the encoding of accents. `*`, `?` and
/// `[..]` stand for any characters, any one, one of a set. A match too many is the safe error here. For Ubidots,
/// `~label`, `{"id":"..."}` and every id in the entry match as well, and a device is protected in all rows that name
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// A uid or a name, an id or a label, or a pattern; shown in messages.
    pub entry: String,
    /// What protects as well: the name, if the entry is a row of a table with uid and name.
    pub also: Vec<String>,
    /// The whole text, if a comment was removed from it: a device with exactly this name stays as well.
    pub whole: Vec<String>,
    /// Where that was read, for the reason: `protected by FILE`.
    pub file: String,
    /// Its line in that file, from 1; 0 if there are no lines.
    pub line: u64,
}

/// What to do with a plan if an entry of a protect list protects no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmatchedProtect {
    /// Refuse it: the entry may be misspelt, and the device that it means would be sent.
    #[default]
    Refuse,
    /// Make it; the summary lists the entries.
    Allow,
}

/// The result of the protect lists, compared with the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Each list, in the order of their first entries.
    pub lists: Vec<ProtectList>,
    /// Each pattern, in input order.
    pub patterns: Vec<PatternMatches>,
    /// The number of entries that protect no row.
    pub unmatched: u64,
    /// The first few of them, or all ([`FreezeOptions::unmatched_listed`](crate::FreezeOptions)).
    pub unmatched_first: Vec<UnmatchedEntry>,
    /// The number of entries that are not valid patterns (a `[` without `]`) and not the uid or name of a row. They
    /// refuse the plan, and are not counted as unmatched.
    pub invalid_patterns: u64,
    /// The first few of them.
    pub invalid_patterns_first: Vec<UnmatchedEntry>,
}

/// The result of one protect list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectList {
    /// Its file, as [`Protected::file`] names it.
    pub file: String,
    /// How many entries it has.
    pub entries: u64,
    /// The number of rows that they protect. A row in two lists counts for both, and a duplicate counts as well. A
    /// row that is skipped anyway (blank, commented out, or without a device) does not count.
    pub rows: u64,
}

/// The result of one pattern of a protect list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternMatches {
    /// The file of its list.
    pub file: String,
    /// Its line in that file.
    pub line: u64,
    /// The pattern.
    pub pattern: String,
    /// The number of rows that it protects.
    pub rows: u64,
    /// The first few of them.
    pub rows_first: Vec<RowAt>,
}

/// An entry of a protect list that protects no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedEntry {
    /// The file of its list.
    pub file: String,
    /// Its line in that file.
    pub line: u64,
    /// The entry, with what protects as well.
    pub entry: String,
    /// A row whose name differs from it only by a domain, a remark or its punctuation. A hint: the row is not protected.
    pub near: Option<RowAt>,
    /// Why it protects no row.
    pub why: Unmatched,
}

/// Why an entry of a protect list protects no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmatched {
    /// No row has such a uid or name.
    NoRow,
    /// The rows that have it are skipped anyway: blank, commented out, or with a label that does not belong to
    /// exactly one device.
    OnlySkippedRows,
    /// It is a row of a table and has neither uid nor name ([`Draft::protect_unnamed`](crate::Draft::protect_unnamed)).
    Unnamed,
}
