//! Finds readable rows that need a warning.

use fleetpurge_text::Counted;

use crate::row::Row;
use crate::visible::sample;
use crate::warning::{Warning, WarningKind};

/// No more fields of a row are repeated.
const FIELDS: usize = 20;

/// What was seen so far, without the rows.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    breaks: Seen,
    marked: Seen,
    cut: Option<Cut>,
    cut_comment: Option<Warning>,
}

/// How many rows were like this, and the first of them.
#[derive(Debug, Default)]
struct Seen {
    rows: u64,
    first: Option<(u64, String)>,
}

#[derive(Debug)]
struct Cut {
    line: u64,
    fields: String,
}

impl Seen {
    fn add(&mut self, line: u64, value: &str) {
        self.rows += 1;
        if self.first.is_none() {
            self.first = Some((line, sample(value)));
        }
    }

    /// `1 name begins with` or `7 names begin with`.
    fn warn(&self, kind: WarningKind, file: &str, one: &str, many: &str) -> Option<Warning> {
        let (line, value) = self.first.as_ref()?;
        let message = if self.rows == 1 {
            format!("{one}: `{value}`")
        } else {
            format!("{} {many}; the first is `{value}`", self.rows)
        };
        Some(Warning {
            kind,
            file: file.to_owned(),
            line: *line,
            counted: Counted::Lines,
            message,
        })
    }
}

impl Watch {
    /// Looks at a device. A mark in the first field was judged already.
    pub(crate) fn see(&mut self, row: &Row, name_may_be_marked: bool) {
        if let Some(value) = [&row.uid, &row.name].into_iter().find(|value| value.contains('\n')) {
            self.breaks.add(row.line, value);
        }
        if name_may_be_marked && row.name.trim_start().starts_with('#') {
            self.marked.add(row.line, &row.name);
        }
    }

    /// The file ends with this row, and without a line end.
    pub(crate) fn cut<'f>(&mut self, line: u64, fields: impl Iterator<Item = &'f str>) {
        let mut fields = fields.map(|field| format!("`{}`", sample(field)));
        let mut shown: Vec<String> = fields.by_ref().take(FIELDS).collect();
        if fields.next().is_some() {
            shown.push("...".to_owned());
        }
        self.cut = Some(Cut {
            line,
            fields: shown.join(", "),
        });
    }

    /// The file ends with this comment, and without a line end.
    pub(crate) fn cut_comment(&mut self, file: &str, line: u64, text: &str) {
        self.cut_comment = Some(cut_comment(file, line, text));
    }

    /// On which line the row stands that the file ends with, if it has no line end.
    pub(crate) fn cut_at(&self) -> Option<u64> {
        self.cut.as_ref().map(|cut| cut.line)
    }

    /// What stands in it, for messages.
    pub(crate) fn cut_row(&self) -> String {
        self.cut
            .as_ref()
            .map_or_else(String::new, |cut| format!("reads {}", cut.fields))
    }

    /// What was seen, once all rows were.
    pub(crate) fn warnings(&self, file: &str) -> Vec<Warning> {
        let breaks = self.breaks.warn(
            WarningKind::LineBreak,
            file,
            "a field runs over more than one line; a quote may be missing",
            "rows have a field that runs over more than one line; a quote may be missing",
        );
        let marked = self.marked.warn(
            WarningKind::Marked,
            file,
            "a name begins with `#`, in a column that is not the first; its row is no comment",
            "names begin with `#`, in a column that is not the first; their rows are no comments",
        );
        let cut = self.cut.as_ref().map(|cut| Warning {
            kind: WarningKind::NoLineEnd,
            file: file.to_owned(),
            line: cut.line,
            counted: Counted::Lines,
            message: format!(
                "the last row has no line end; if the list was cut off, its last field is not whole, and rows are missing. It \
                 reads {}",
                cut.fields
            ),
        });
        [breaks, marked, cut, self.cut_comment.clone()]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// What is said of a comment that a file ends with, if it has no line end.
pub(crate) fn cut_comment(file: &str, line: u64, text: &str) -> Warning {
    Warning {
        kind: WarningKind::NoLineEnd,
        file: file.to_owned(),
        line,
        counted: Counted::Lines,
        message: format!(
            "the last line is a comment and has no line end; if the list was cut off, lines are missing. It reads `{}`",
            sample(text)
        ),
    }
}
