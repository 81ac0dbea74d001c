//! What planning makes of the rows, kind by kind, with the first and last rows of each.

use crate::model::row::RowAt;

/// What planning makes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowKind {
    /// It may be sent.
    ToSend,
    /// It may be sent, and its uid is malformed: so it is of the kind before as well.
    Malformed,
    /// It repeats an earlier row.
    Repeat,
    /// Uid or name is blank; for Ubidots, both id and label are.
    Blank,
    /// It is commented out.
    CommentedOut,
    /// Its device is commented out in another row.
    Recalled,
    /// A protect list matches it.
    Protected,
    /// A pattern excludes its name, or that of its device in another row.
    Excluded,
    /// No pattern includes its name.
    NotIncluded,
    /// Its uid has more than one name.
    Conflict,
    /// The list of the account shows no device with its label.
    UnknownLabel,
    /// More than one device has its label.
    AmbiguousLabel,
}

impl RowKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::ToSend,
        Self::Malformed,
        Self::Repeat,
        Self::Blank,
        Self::CommentedOut,
        Self::Recalled,
        Self::Protected,
        Self::Excluded,
        Self::NotIncluded,
        Self::Conflict,
        Self::UnknownLabel,
        Self::AmbiguousLabel,
    ];

    /// Its name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToSend => "to_send",
            Self::Malformed => "malformed",
            Self::Repeat => "repeat",
            Self::Blank => "blank",
            Self::CommentedOut => "commented_out",
            Self::Recalled => "recalled",
            Self::Protected => "protected",
            Self::Excluded => "excluded",
            Self::NotIncluded => "not_included",
            Self::Conflict => "conflict",
            Self::UnknownLabel => "unknown_label",
            Self::AmbiguousLabel => "ambiguous_label",
        }
    }
}

/// The rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsOfKind {
    /// Which kind.
    pub kind: RowKind,
    /// How many rows there are.
    pub rows: u64,
    /// The first rows, at most [`FIRST_SHOWN`](Self::FIRST_SHOWN).
    pub first: Vec<JudgedRow>,
    /// The last rows that are not among the first, at most [`LAST_SHOWN`](Self::LAST_SHOWN).
    pub last: Vec<JudgedRow>,
}

impl RowsOfKind {
    /// How many of the first rows are kept.
    pub const FIRST_SHOWN: usize = 3;
    /// How many of the last rows are kept.
    pub const LAST_SHOWN: usize = 2;

    /// How many rows of this kind there are: none of a kind that is not listed.
    pub(crate) fn count(kinds: &[Self], kind: RowKind) -> u64 {
        kinds.iter().find(|rows| rows.kind == kind).map_or(0, |rows| rows.rows)
    }
}

/// A row, and why it is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedRow {
    /// The row.
    pub at: RowAt,
    /// Why it is left out; `None` if it may be sent.
    pub reason: Option<String>,
}
