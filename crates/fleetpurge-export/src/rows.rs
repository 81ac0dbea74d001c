//! The devices of one file, one at a time.

use std::io::Read;
use std::num::NonZeroU64;
use std::path::Path;

use fleetpurge_text::Counted;

use crate::columns::{self, Columns, Wanted};
use crate::comments::{Comments, unmarked};
use crate::doubt::Doubt;
use crate::encoding::Encoding;
use crate::error::{Error, ErrorKind};
use crate::form::Form;
use crate::headers::Headers;
use crate::input::{Digest, Input};
use crate::record::Records;
use crate::row::Row;
use crate::sought::Sought;
use crate::table::Found;
pub(crate) use crate::table::Table;
use crate::warning::Warning;
use crate::watch::Watch;

/// How an export is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    wanted: Wanted,
    form: Form,
}

impl ReadOptions {
    /// Finds the columns by their names, `uid` and `name` or what is plainly the same: [`Headers::Nexthink`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Finds the columns by these names.
    #[must_use]
    pub const fn headers(mut self, headers: Headers) -> Self {
        self.wanted.headers = headers;
        self
    }

    /// Takes the uid from this column.
    #[must_use]
    pub fn uid_column(mut self, column: impl Into<String>) -> Self {
        self.wanted.uid = Some(column.into());
        self
    }

    /// Takes the name from this column.
    #[must_use]
    pub fn name_column(mut self, column: impl Into<String>) -> Self {
        self.wanted.name = Some(column.into());
        self
    }

    /// Takes these rows for comments; [`Comments::Detect`] unless this is called.
    #[must_use]
    pub const fn comment(mut self, comments: Comments) -> Self {
        self.form.comments = comments;
        self
    }

    /// Reads text in this encoding; without a byte order mark, it is UTF-8 unless this is called.
    #[must_use]
    pub const fn encoding(mut self, encoding: Encoding) -> Self {
        self.form.encoding = Some(encoding);
        self
    }

    /// Takes this line (of a workbook: this row) for the header, and passes over what stands above it.
    #[must_use]
    pub const fn header_row(mut self, row: NonZeroU64) -> Self {
        self.form.header_row = Some(row.get());
        self
    }

    /// Reads this sheet of a workbook. Otherwise it reads the one that fits; two that do are an error.
    #[must_use]
    pub fn sheet(mut self, sheet: impl Into<String>) -> Self {
        self.form.sheet = Some(sheet.into());
        self
    }

    /// Reads the rows of a workbook that are hidden or filtered out, which are an error otherwise, and warns of them.
    #[must_use]
    pub const fn include_hidden(mut self) -> Self {
        self.form.include_hidden = true;
        self
    }

    fn sought(&self) -> Sought {
        Sought::Devices(self.wanted.clone())
    }

    /// What a list of protected devices is read by: names of columns, and the form.
    pub(crate) fn protecting(&self) -> (Headers, &Form) {
        (self.wanted.headers, &self.form)
    }

    /// Opens a file, or standard input for `-`, and reads its header.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is empty, is in a format that is not read, or its header leaves a doubt about the
    /// columns.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Rows, Error> {
        Rows::new(Input::open(path.as_ref(), &self.form, &self.sought())?, self)
    }

    /// Reads from anywhere, under a name for messages. Bytes are read as rows are asked for.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn read(&self, name: &str, bytes: impl Read + Send + 'static) -> Result<Rows, Error> {
        Rows::new(Input::new(name, Box::new(bytes), &self.form, &self.sought())?, self)
    }
}

/// A row of an export, whether it is a device or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// A device.
    Device(Row),
    /// A comment that has every field of a row: a device that a person has commented out.
    CommentedOut {
        /// The row, with the mark that makes it a comment.
        row: Row,
        /// The row without that mark, as it stood there before.
        device: Row,
    },
}

/// The rows of one file in their order. Ends after the first error.
///
/// An error may come after the last row: only then is it known that the file is not cut off and that one column alone holds
/// ids. So nothing is to be done about a row before the iterator has ended.
#[derive(Debug)]
pub struct Rows {
    records: Records,
    table: Table,
    columns: Columns,
    state: State,
    /// `None` if there is no column of uids.
    doubt: Option<Doubt>,
    watch: Watch,
    warnings: Vec<Warning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Done,
    Failed,
}

impl Rows {
    fn new(input: Input, options: &ReadOptions) -> Result<Self, Error> {
        let wanted = &options.wanted;
        let mut records = Records::with_comments(input, options.form.comments);
        if let Some(row) = options.form.header_row {
            records.skip_to(row)?;
        }
        let found = Table::with_columns(&mut records, &options.sought(), |file, headers| {
            columns::resolve(file, headers, wanted)
        });
        let (table, columns) = found.map_err(|error| records.placed(error))?;
        Ok(Self {
            records,
            doubt: Doubt::new(wanted, columns, table.headers.len()),
            watch: Watch::default(),
            warnings: Vec::new(),
            table,
            columns,
            state: State::Reading,
        })
    }

    /// The column that the uids are taken from, as the header names it; `None` where it has none.
    #[must_use]
    pub fn uid_column(&self) -> Option<&str> {
        self.columns.uid.map(|at| self.table.headers[at].as_str())
    }

    /// The column that the names are taken from, as the header names it; `None` where it has none.
    #[must_use]
    pub fn name_column(&self) -> Option<&str> {
        self.columns.name.map(|at| self.table.headers[at].as_str())
    }

    /// The digest of the file, once all of it has been read without error.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        (self.state == State::Done).then(|| self.records.input().digest())
    }

    /// How many comments were passed over so far, those before the header among them.
    #[must_use]
    pub fn comments(&self) -> u64 {
        self.table.comments()
    }

    /// What the numbers of the rows count; known once the first row was read.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.records.input().unit().get().cloned().unwrap_or_default()
    }

    /// What a person should look at, once all of the file has been read without error.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The next row, devices that were commented out among them. The iterator passes those over.
    pub fn next_entry(&mut self) -> Option<Result<Entry, Error>> {
        if self.state != State::Reading {
            return None;
        }
        match self.read() {
            Ok(Some(entry)) => Some(Ok(entry)),
            Ok(None) => {
                self.state = State::Done;
                None
            }
            Err(error) => {
                self.state = State::Failed;
                Some(Err(self.records.placed(error)))
            }
        }
    }

    fn read(&mut self) -> Result<Option<Entry>, Error> {
        loop {
            let (line, is_comment) = match self.table.next_found(&mut self.records)? {
                None => return self.finish().map(|()| None),
                Some(Found::Comment(line)) => {
                    if self.table.is_cut() {
                        self.watch
                            .cut_comment(self.records.input().name(), line, &self.table.raw());
                    }
                    continue;
                }
                Some(Found::CommentedOut(line)) => (line, true),
                Some(Found::Row(line)) => (line, false),
            };
            let row = Row {
                line,
                uid: self.table.maybe_field(self.columns.uid).to_owned(),
                name: self.table.maybe_field(self.columns.name).to_owned(),
            };
            if is_comment {
                if self.table.is_cut() {
                    self.watch
                        .cut_comment(self.records.input().name(), line, &self.table.raw());
                }
                let device = self.unmarked(&row);
                return Ok(Some(Entry::CommentedOut { row, device }));
            }
            let table = &self.table;
            if let Some(doubt) = &mut self.doubt {
                doubt.see(line, |at| table.field(at));
            }
            self.watch.see(&row, self.columns.name != Some(0));
            if table.is_cut() {
                self.watch.cut(line, table.fields());
            }
            return Ok(Some(Entry::Device(row)));
        }
    }

    /// The row that a comment was: the mark stands in the first field.
    fn unmarked(&self, row: &Row) -> Row {
        let mut device = row.clone();
        let first = [
            (self.columns.uid, &mut device.uid),
            (self.columns.name, &mut device.name),
        ];
        for (_, field) in first.into_iter().filter(|(column, _)| *column == Some(0)) {
            if let Some(mark) = self.records.mark() {
                *field = unmarked(field, mark).to_owned();
            }
        }
        device
    }

    /// What only the end of the file shows.
    fn finish(&mut self) -> Result<(), Error> {
        let file = self.records.input().name();
        let headers = &self.table.headers;
        if let Some(doubt) = &self.doubt {
            doubt.judge(file, headers)?;
            let uid_is_last = self.columns.uid == headers.len().checked_sub(1);
            if let Some(line) = self.watch.cut_at()
                && uid_is_last
                && doubt.last_is_odd()
            {
                return Err(Error::new(
                    ErrorKind::CutOff,
                    file,
                    format!(
                        "the file ends within this row: it has no line end, and {}",
                        self.watch.cut_row()
                    ),
                    "export the list again, or end the last row with a line end if it is whole",
                )
                .at_line(line));
            }
        }
        let counted = self.counted();
        self.warnings = self.watch.warnings(file);
        self.warnings
            .iter_mut()
            .for_each(|warning| warning.counted = counted.clone());
        self.warnings.extend(
            self.records
                .input()
                .hidden()
                .map(|hidden| Warning::hidden(file, hidden)),
        );
        Ok(())
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_entry()? {
                Ok(Entry::Device(row)) => return Some(Ok(row)),
                Ok(Entry::CommentedOut { .. }) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
