//! The entries of the protect lists, and what they matched.

use crate::model::row::RowAt;

/// Devices that must stay: one entry of a protect list.
///
/// An entry is found in a row's uid or name: as equal UUIDs in whatever spelling, or, for anything else, without regard to
/// case (Unicode's full case folding), to outer space, to invisible characters, and to how accents are encoded. `*`, `?` and
/// `[..]` in it stand for any characters, any one, one of a set. A match too many is the safe mistake here. Of Ubidots,
/// `~label`, `{"id":"..."}` and every id within the entry match as well, and a device is protected in all rows that name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// A uid or a name, an id or a label, or a pattern; shown in messages.
    pub entry: String,
    /// What protects beside it: the name in the row of a table that has a uid as well.
    pub also: Vec<String>,
    /// The whole text where a comment was taken off it: a device that is called exactly so stays, too.
    pub whole: Vec<String>,
    /// Where that was read, for the reason: `protected by FILE`.
    pub file: String,
    /// Its line in that file, from 1; 0 where there are no lines.
    pub line: u64,
}

/// What becomes of a plan if an entry of a protect list protects no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmatchedProtect {
    /// It is refused: the entry may be misspelt, and the device that it means would be sent.
    #[default]
    Refuse,
    /// It is made; the summary lists the entries.
    Allow,
}

/// The result of the protect lists, compared with the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Each list, in the order in which the first entry of each came.
    pub lists: Vec<ProtectList>,
    /// Each pattern, in the order in which they came.
    pub patterns: Vec<PatternMatches>,
    /// How many entries protect no row.
    pub unmatched: u64,
    /// The first few of them, or all ([`FreezeOptions::unmatched_listed`](crate::FreezeOptions)).
    pub unmatched_first: Vec<UnmatchedEntry>,
    /// How many entries are not valid patterns (a `[` that is never closed) and not the uid or name of a row either. They
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
    /// How many rows of the inputs they protect. A row that two lists name counts for both, and a repeat counts, too. A row
    /// that would be skipped without them (it is blank or commented out, or no device has its label) does not.
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
    /// How many rows it protects.
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
    /// The entry, with what protects beside it.
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
    /// The rows that have are skipped anyway: blank, commented out, or with a label that does not lead to one device.
    OnlySkippedRows,
    /// It is a row of a table and has neither uid nor name ([`Draft::protect_unnamed`](crate::Draft::protect_unnamed)).
    Unnamed,
}
