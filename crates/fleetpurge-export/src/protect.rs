//! Which devices must stay.
//!
//! A list of protected devices that is misread protects nothing, so it is either a table with a column of uids or of
//! names, or one uid or name a line without a separator anywhere. Of Ubidots, that is ids and labels.

use std::path::Path;

use crate::error::{Error, ErrorKind};
use crate::headers::{Headers, Meaning};
use crate::input::Input;
use crate::record::Records;
use crate::rows::Table;

/// One device that must stay. Surrounding space is gone: what protects should match rather too much than too little.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProtectedEntry {
    /// The device with this uid; of Ubidots, with this id.
    Uid(String),
    /// Every device of this name; of Ubidots, the device with this label.
    Name(String),
    /// Every device with this uid or name: a line of a plain list does not say which it is.
    Either(String),
}

/// Reads a list of devices that must stay: CSV with a column of uids or of names (or both), or one uid or name a line.
///
/// # Errors
///
/// The file cannot be read, is empty, or is neither. A list of Ubidots devices by what people call them is neither.
pub fn read_protected(path: impl AsRef<Path>, names: Headers) -> Result<Vec<ProtectedEntry>, Error> {
    let path = path.as_ref();
    let mut records = Records::new(Input::open(path)?);
    let (mut table, columns) = Table::with_columns(&mut records, names, |file, headers| {
        let columns: Vec<(usize, Meaning)> = headers
            .iter()
            .map(|header| names.meaning(header))
            .enumerate()
            .filter(|(_, meaning)| matches!(meaning, Meaning::Uid | Meaning::Name))
            .collect();
        // Taken for a plain list, a column of display names would protect nothing.
        let one_value = headers.len() == 1
            && !headers[0].contains([',', ';', '\t'])
            && names.meaning(&headers[0]) != Meaning::DisplayName;
        if columns.is_empty() && !one_value {
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
    let file = records.input().name().to_owned();
    let mut entries = Vec::new();
    let mut add = |value: &str, of: fn(String) -> ProtectedEntry| {
        let value = value.trim();
        if !value.is_empty() {
            entries.push(of(value.to_owned()));
        }
    };
    let plain = columns.is_empty();
    if plain {
        add(&table.headers[0], ProtectedEntry::Either);
    }
    while let Some(line) = table.next(&mut records)? {
        if plain {
            // A line with two values would be taken for one that no device has, and protect nothing.
            if table.field(0).contains([';', '\t']) {
                return Err(Error::new(
                    ErrorKind::FieldCount,
                    &file,
                    "the line holds more than one value",
                    format!(
                        "write {}, or add a header row with {}",
                        names.plain(),
                        names.protecting()
                    ),
                )
                .at_line(line));
            }
            add(table.field(0), ProtectedEntry::Either);
        }
        for &(at, meaning) in &columns {
            let of = if meaning == Meaning::Uid {
                ProtectedEntry::Uid
            } else {
                ProtectedEntry::Name
            };
            add(table.field(at), of);
        }
    }
    Ok(entries)
}
