//! Which rows are planned by their names, and what each pattern matched.

use crate::model::row::RowAt;

/// What a pattern for names does with the rows that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameFilter {
    /// If there is one of these, rows that none of them matches are skipped.
    Include,
    /// These rows are skipped.
    Exclude,
}

/// What to do with a plan if a pattern for names matches no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmatchedNames {
    /// Refuse it: the pattern may be misspelt, and the devices that it means would be sent.
    #[default]
    Refuse,
    /// Make it; the summary has the patterns.
    Allow,
}

/// The result of one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFilterMatches {
    /// What it does.
    pub filter: NameFilter,
    /// The pattern as it was given.
    pub pattern: String,
    /// The number of rows whose name it matches, protected rows and duplicates as well. A row that is skipped anyway
    /// (blank, commented out, or without a device) does not count.
    pub rows: u64,
}

/// The result of the patterns for names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamesFiltered {
    /// Each pattern, as they were given.
    pub patterns: Vec<NameFilterMatches>,
    /// The number of rows without a name (Ubidots: an id without a label), if a pattern excludes names: whether it
    /// means them is not known. They refuse the plan.
    pub unnamed: u64,
    /// The first of them.
    pub unnamed_first: Option<RowAt>,
}

impl NamesFiltered {
    /// The patterns that match no row.
    pub fn unmatched(&self) -> impl Iterator<Item = &NameFilterMatches> {
        self.patterns.iter().filter(|pattern| pattern.rows == 0)
    }
}
