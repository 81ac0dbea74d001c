//! What a person counts rows by.

/// What the numbers of a list's rows count, so that a person finds a row again.
///
/// ```
/// use fleetpurge_text::Counted;
///
/// assert_eq!(Counted::Lines.place(7), "line 7");
/// assert_eq!(Counted::Elements.place(3), "element 3");
/// let rows = Counted::Rows { sheet: "Devices".to_owned() };
/// assert_eq!(rows.place(7), "row 7 of sheet `Devices`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Counted {
    /// The lines of a text.
    #[default]
    Lines,
    /// The rows of a workbook's sheet, as a spreadsheet numbers them.
    Rows {
        /// The name of the sheet.
        sheet: String,
    },
    /// The elements of a JSON array, from 1.
    Elements,
}

impl Counted {
    /// What such a word and sheet stand for; the other way round as [`word`](Self::word) and [`sheet`](Self::sheet).
    #[must_use]
    pub fn of(word: &str, sheet: Option<String>) -> Option<Self> {
        match (word, sheet) {
            ("line", None) => Some(Self::Lines),
            ("row", Some(sheet)) => Some(Self::Rows { sheet }),
            ("element", None) => Some(Self::Elements),
            _ => None,
        }
    }

    /// What is counted, in one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Lines => "line",
            Self::Rows { .. } => "row",
            Self::Elements => "element",
        }
    }

    /// The sheet whose rows are counted.
    #[must_use]
    pub fn sheet(&self) -> Option<&str> {
        match self {
            Self::Rows { sheet } => Some(sheet),
            Self::Lines | Self::Elements => None,
        }
    }

    /// Where the row with this number stands. The name of a sheet is as the workbook has it.
    #[must_use]
    pub fn place(&self, number: u64) -> String {
        let word = self.word();
        match self.sheet() {
            Some(sheet) => format!("{word} {number} of sheet `{sheet}`"),
            None => format!("{word} {number}"),
        }
    }
}
