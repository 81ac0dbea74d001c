//! Reads lists of devices that must stay.
//!
//! A misread list protects nothing, so it is either a table with a column of uids or of names, or one uid or name a
//! line without a separator. For Ubidots these are ids and labels. People write such lists by hand, so both forms may
//! have comments.

use std::path::Path;

use crate::comment::{CutComment, Lines, Uncommented, comment, is_comment};
use crate::error::{Error, ErrorKind};
use crate::headers::{Headers, Meaning};
use crate::input::Input;
use crate::record::{Delimiter, Fault, Records};
use crate::rows::Table;
use crate::visible::sample;
use crate::warning::{Warning, WarningKind};
use crate::watch::cut_comment;

/// One line of a list of devices that must stay, or one row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProtectedEntry {
    /// The line of the file, from 1, on which it begins.
    pub line: u64,
    /// What it names devices by. Each of them protects: what protects should match rather too much than too little. None in
    /// a row of a table without uid and name, which protects nothing: its device is named in another column, or not at all.
    pub values: Vec<ProtectedValue>,
    /// The text of a value before a comment was taken off it. A device that is called exactly so must stay, too.
    pub whole: Vec<String>,
    /// The fields of a row without uid and name, to be shown; blank ones are left out. Empty for any other entry.
    pub fields: Vec<String>,
}

/// What a protected device is named by, without the space around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProtectedValue {
    /// The device with this uid; of Ubidots, with this id.
    Uid(String),
    /// Every device of this name; of Ubidots, the device with this label.
    Name(String),
    /// Every device with this uid or name: a line of a plain list does not say which it is.
    Either(String),
}

impl ProtectedValue {
    /// The uid or name itself.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Uid(text) | Self::Name(text) | Self::Either(text) => text,
        }
    }
}

/// The entries of one list in their order. Ends after the first error.
///
/// A list without any uid or name ends in an error ([`ErrorKind::Empty`]): it would protect nothing.
#[derive(Debug)]
pub struct ProtectedEntries {
    names: Headers,
    file: String,
    form: Form,
    cut: Option<Warning>,
    is_empty: bool,
    is_over: bool,
}

#[derive(Debug)]
enum Form {
    Nothing,
    /// One value a line. The first line was read already.
    Plain {
        lines: Lines,
        first: Option<u64>,
        bytes: Vec<u8>,
    },
    Table {
        records: Records,
        table: Box<Table>,
        columns: Vec<(usize, Meaning)>,
        cut: CutComment,
    },
}

/// Reads a list of devices that must stay: CSV with a column of uids or of names (or both), or one uid or name a line.
/// `-` is standard input.
///
/// A line that begins with `#` is a comment, and what follows a `#` after a space is one. `PC#1` is a name, and so is
/// `"PC # 1"` in quotes on a line of its own. Where `PC # 1` is not in quotes, or in a table, whose quotes a program sets as
/// it likes, devices called `PC` and devices called `PC # 1` stay.
///
/// # Errors
///
/// The file cannot be read, or is neither. A list of Ubidots devices by what people call them is neither.
pub fn read_protected(path: impl AsRef<Path>, names: Headers) -> Result<ProtectedEntries, Error> {
    let mut lines = Lines::new(Input::open_plain(path.as_ref())?);
    let file = lines.file().to_owned();
    let mut bytes = Vec::new();
    let form = loop {
        let Some(line) = lines.next(&mut bytes)? else {
            break Form::Nothing;
        };
        // What is not UTF-8 is no comment, and is told as soon as it is read.
        let text = lines.text(line, &bytes);
        match &text {
            Ok(text) if text.trim().is_empty() || is_comment(text) => continue,
            Ok(text) if is_json(text) => {
                return Err(Error::new(
                    ErrorKind::UnsupportedFormat,
                    &file,
                    "this is JSON, a format that is not read here",
                    format!("write {}, or CSV with {}", names.plain(), names.protecting()),
                ));
            }
            _ => {}
        }
        break match table_header(text?, names) {
            Some(header) => {
                let mut before = vec![b'\n'; usize::try_from(line - 1).unwrap_or_default()];
                before.extend_from_slice(header.as_bytes());
                before.push(b'\n');
                table(&file, Uncommented::after(before, lines), names)?
            }
            None => Form::Plain {
                lines,
                first: Some(line),
                bytes,
            },
        };
    };
    Ok(ProtectedEntries {
        names,
        file,
        form,
        cut: None,
        is_empty: true,
        is_over: false,
    })
}

/// The header, where the first line is one: it has a column that is known, or more than one column at all.
fn table_header(line: &str, names: Headers) -> Option<&str> {
    let known = |line: &str| {
        let count = |delimiter: u8| {
            line.split(char::from(delimiter))
                .filter(|field| names.meaning(unquoted(field)) != Meaning::Other)
                .count()
        };
        Delimiter::CANDIDATES.map(count).into_iter().max().unwrap_or_default()
    };
    let bare = comment(line).map_or(line, |at| line[..at].trim_end());
    // A column may be called `Serial #`.
    let header = if known(bare) > known(line) { bare } else { line };
    let is_quoted = line.trim_start().starts_with('"');
    let is_row = !is_quoted && bare.trim().contains([',', ';', '\t']);
    (known(header) > 0 || is_row).then_some(header)
}

fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field
        .strip_prefix('"')
        .and_then(|field| field.strip_suffix('"'))
        .unwrap_or(field)
}

/// A UUID in braces and a pattern such as `[ab]*` are entries.
fn is_json(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(['{', '['])
        && (line.contains('"')
            || line
                .chars()
                .all(|c| matches!(c, '{' | '[' | '}' | ']') || c.is_whitespace()))
}

fn table(file: &str, bytes: Uncommented, names: Headers) -> Result<Form, Error> {
    let cut = bytes.cut();
    let mut records = Records::new(Input::text(file, Box::new(bytes))?);
    let (table, columns) = Table::with_columns(&mut records, names, |file, headers| {
        let columns: Vec<(usize, Meaning)> = headers
            .iter()
            .map(|header| names.meaning(header))
            .enumerate()
            .filter(|(_, meaning)| matches!(meaning, Meaning::Uid | Meaning::CollectorUid | Meaning::Name))
            .collect();
        if columns.is_empty() {
            return Err(Error::new(
                ErrorKind::MissingColumn,
                file,
                format!(
                    "a list of protected devices needs a column {}, or {}",
                    names.protecting(),
                    names.plain()
                ),
                format!("add a header row with {}", names.protecting()),
            )
            .at_line(1));
        }
        Ok(columns)
    })?;
    Ok(Form::Table {
        records,
        table: Box::new(table),
        columns,
        cut,
    })
}

impl ProtectedEntries {
    /// What a person should look at, once the iterator has ended without an error: a last entry without a line end, which
    /// may be half a name, or a last comment without one.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        self.cut.as_slice()
    }

    /// Whether the file ends with the entry that was read last, and without a line end.
    fn is_cut(&self) -> bool {
        match &self.form {
            Form::Nothing => false,
            Form::Plain { lines, .. } => lines.is_cut(),
            Form::Table { table, .. } => table.is_cut(),
        }
    }

    /// What is said of a comment that a table ends with, if it has no line end.
    fn cut_comment(&self) -> Option<Warning> {
        match &self.form {
            Form::Nothing | Form::Plain { .. } => None,
            Form::Table { cut, .. } => {
                let (line, text) = cut.get()?;
                Some(cut_comment(&self.file, *line, text))
            }
        }
    }

    fn read(&mut self) -> Result<Option<ProtectedEntry>, Error> {
        let names = self.names;
        match &mut self.form {
            Form::Nothing => Ok(None),
            Form::Plain { lines, first, bytes } => loop {
                let line = match first.take() {
                    Some(line) => line,
                    None => match lines.next(bytes)? {
                        Some(line) => line,
                        None => return Ok(None),
                    },
                };
                if let Some(entry) = plain_entry(lines, line, bytes, names)? {
                    return Ok(Some(entry));
                }
                if lines.is_cut() && !bytes.trim_ascii().is_empty() {
                    self.cut = Some(cut_comment(&self.file, line, lines.text(line, bytes)?));
                }
            },
            Form::Table {
                records,
                table,
                columns,
                ..
            } => {
                while let Some(line) = table.next(records)? {
                    let mut entry = ProtectedEntry {
                        line,
                        values: Vec::new(),
                        whole: Vec::new(),
                        fields: Vec::new(),
                    };
                    for &(at, meaning) in &*columns {
                        let of = if meaning == Meaning::Name {
                            ProtectedValue::Name
                        } else {
                            ProtectedValue::Uid
                        };
                        entry.add(table.field(at), of);
                    }
                    if entry.values.is_empty() {
                        let fields = table.fields().map(str::trim);
                        entry.fields = fields.filter(|text| !text.is_empty()).map(str::to_owned).collect();
                    }
                    if !entry.values.is_empty() || !entry.fields.is_empty() {
                        return Ok(Some(entry));
                    }
                }
                Ok(None)
            }
        }
    }
}

impl ProtectedEntry {
    fn cut(&self, file: &str) -> Warning {
        let values = self.values.iter().map(|value| match value {
            ProtectedValue::Uid(text) | ProtectedValue::Name(text) | ProtectedValue::Either(text) => text,
        });
        let values = values.chain(&self.fields).map(|text| format!("`{}`", sample(text)));
        Warning {
            kind: WarningKind::NoLineEnd,
            file: file.to_owned(),
            line: self.line,
            message: format!(
                "the last entry has no line end; if the list was cut off, it protects by half a name, and entries \
                 are missing. \
                 It reads {}",
                values.collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// Adds what a text names, with and without its comment.
    fn add(&mut self, text: &str, of: fn(String) -> ProtectedValue) {
        let text = text.trim();
        let value = comment(text).map_or(text, |at| text[..at].trim_end());
        if value.is_empty() {
            return;
        }
        self.values.push(of(value.to_owned()));
        if value != text {
            self.whole.push(text.to_owned());
        }
    }
}

/// The entry of a line; `None` for one that is blank or a comment.
fn plain_entry(lines: &Lines, line: u64, bytes: &[u8], names: Headers) -> Result<Option<ProtectedEntry>, Error> {
    let text = lines.text(line, bytes)?.trim();
    if text.is_empty() || is_comment(text) {
        return Ok(None);
    }
    let mut entry = ProtectedEntry {
        line,
        values: Vec::new(),
        whole: Vec::new(),
        fields: Vec::new(),
    };
    if text.starts_with('"') {
        let value = quoted(text).map_err(|fault| fault.into_error(lines.file()).at_line(line))?;
        if !value.trim().is_empty() {
            entry.values.push(ProtectedValue::Either(value));
        }
    } else {
        entry.add(text, ProtectedValue::Either);
    }
    let is_list = |value: &ProtectedValue| match value {
        ProtectedValue::Either(value) => !text.starts_with('"') && value.contains([',', ';', '\t']),
        _ => false,
    };
    // Taken for one name, two values would protect nothing.
    if entry.values.iter().any(is_list) {
        return Err(Error::new(
            ErrorKind::FieldCount,
            lines.file(),
            "the line holds more than one value",
            format!(
                "write {}, in quotes if it holds a separator, or add a header row with {}",
                names.plain(),
                names.protecting()
            ),
        )
        .at_line(line));
    }
    Ok((!entry.values.is_empty()).then_some(entry))
}

/// What stands in quotes. Nothing but a comment may follow them.
fn quoted(text: &str) -> Result<String, Fault> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('"').unwrap_or(text);
    loop {
        let (before, after) = rest.split_once('"').ok_or(Fault::Unclosed)?;
        value.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None if after.trim().is_empty() || is_comment(after) => return Ok(value),
            None => return Err(Fault::TextAfterQuote),
        }
    }
}

impl Iterator for ProtectedEntries {
    type Item = Result<ProtectedEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        match self.read() {
            Ok(Some(entry)) => {
                self.is_empty &= entry.values.is_empty();
                if self.is_cut() {
                    self.cut = Some(entry.cut(&self.file));
                }
                Some(Ok(entry))
            }
            Ok(None) => {
                self.is_over = true;
                if self.cut.is_none() {
                    self.cut = self.cut_comment();
                }
                self.is_empty.then(|| {
                    Err(Error::new(
                        ErrorKind::Empty,
                        &self.file,
                        "the list of protected devices is empty",
                        format!("write {}, or leave the list out", self.names.plain()),
                    ))
                })
            }
            Err(error) => {
                self.is_over = true;
                Some(Err(error))
            }
        }
    }
}
