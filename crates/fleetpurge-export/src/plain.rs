//! A line of a list that has one uid or name a line.

use crate::comment::Lines;
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::protected::{ProtectedEntry, ProtectedValue};
use crate::record::{Fault, is_end_mark};
use crate::remark::is_comment;

/// The entry of a line; `None` for one that is blank or a comment.
pub(crate) fn plain_entry(
    lines: &Lines,
    line: u64,
    bytes: &[u8],
    names: Headers,
) -> Result<Option<ProtectedEntry>, Error> {
    let text = lines.text(line, bytes)?.trim();
    if is_end_mark(text.as_bytes()) {
        return Err(Fault::EndMark.into_error(lines.file()).at_line(line));
    }
    if text.is_empty() || is_comment(text) {
        return Ok(None);
    }
    let mut entry = ProtectedEntry::at(line);
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
