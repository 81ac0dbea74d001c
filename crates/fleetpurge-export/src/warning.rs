//! Warnings about a list that can be read.

use std::fmt;

use fleetpurge_text::Counted;

/// Something in a list that a person should look at: it may not be what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub(crate) kind: WarningKind,
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) counted: Counted,
    pub(crate) message: String,
}

/// What kind of thing is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// The file ends without a line end: its last field may be cut off, and rows after it missing.
    NoLineEnd,
    /// A uid or name runs over several lines: most likely a quote is missing, and rows were taken for a part of it.
    LineBreak,
    /// A name begins with `#`, in a column that is not the first: it may have been marked for another purpose.
    Marked,
    /// Rows of a workbook that are hidden or filtered out were read all the same, because the caller said so.
    Hidden,
}

impl Warning {
    pub(crate) fn hidden(file: &str, hidden: &str) -> Self {
        Self {
            kind: WarningKind::Hidden,
            file: file.to_owned(),
            line: 1,
            counted: Counted::Lines,
            message: format!("{hidden}; read all the same, as --include-hidden says"),
        }
    }

    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> WarningKind {
        self.kind
    }

    /// The file as it was named, `standard input` for `-`.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, from 1, on which the row begins (of a workbook the row, of an array the element); of several, the first.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            // Its message names the rows.
            WarningKind::Hidden => write!(f, "{}: {}", self.file, self.message),
            _ => write!(f, "{}, {}: {}", self.file, self.counted.place(self.line), self.message),
        }
    }
}
