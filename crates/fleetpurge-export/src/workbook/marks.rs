//! What `calamine` does not tell of a sheet, read from its XML: rows that a person does not see, and formulas whose value is
//! not stored.

use std::collections::BTreeSet;
use std::io::BufReader;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::parts::{Parts, damaged};
use crate::error::Error;
use crate::visible::sample;

/// What a sheet's XML says beside its cells.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The rows that are hidden or filtered out, whether anything stands in them or not.
    pub(super) hidden: BTreeSet<u32>,
    /// The row and the column, from 0, of formulas without a stored value. Of a shared formula only the first cell has its
    /// text, so that `calamine` takes the others for blank.
    pub(super) without_value: BTreeSet<(u32, u32)>,
}

/// Reads them.
pub(super) fn marks(name: &str, parts: &mut Parts<'_>, sheet: &str) -> Result<Marks, Error> {
    let path = path(name, parts, sheet)?;
    let mut marks = Marks::default();
    let mut next_row = 1_u32;
    let mut next_column = 0_u32;
    let mut by_default = false;
    let mut at = (0, 0);
    each_tag(name, parts, &path, |tag, attribute| match tag {
        b"sheetFormatPr" => by_default = attribute("zeroHeight").is_some_and(|value| is_true(&value)),
        b"row" => {
            let row = attribute("r").and_then(|row| row.parse().ok()).unwrap_or(next_row);
            next_row = row.saturating_add(1);
            next_column = 0;
            let is_flat = attribute("ht").and_then(|height| height.parse().ok()) == Some(0.0_f64);
            let is_hidden = attribute("hidden").map_or(by_default, |value| is_true(&value));
            if is_hidden || is_flat {
                marks.hidden.insert(row);
            }
        }
        b"c" => {
            let column = attribute("r").and_then(|cell| column(&cell)).unwrap_or(next_column);
            at = (next_row - 1, column);
            next_column = column.saturating_add(1);
        }
        b"f" => {
            marks.without_value.insert(at);
        }
        b"v" | b"is" => {
            marks.without_value.remove(&at);
        }
        _ => {}
    })?;
    Ok(marks)
}

/// The number of the column, from 0, of a cell such as `AB7`.
fn column(cell: &str) -> Option<u32> {
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic);
    letters
        .map(|letter| u32::from(letter.to_ascii_uppercase() - b'A') + 1)
        .try_fold(0_u32, |sum, letter| sum.checked_mul(26)?.checked_add(letter))?
        .checked_sub(1)
}

/// What is hidden, for a person; `None` if nothing is.
pub(super) fn told(sheet: &str, hidden: &[u32], is_hidden: bool) -> Option<String> {
    const SHOWN: usize = 10;
    if is_hidden {
        return Some(format!("the sheet `{}` is hidden", sample(sheet)));
    }
    if hidden.is_empty() {
        return None;
    }
    let mut numbers: Vec<String> = hidden.iter().take(SHOWN).map(u32::to_string).collect();
    if hidden.len() > SHOWN {
        numbers.push("...".to_owned());
    }
    Some(format!(
        "{} hidden or filtered out in the sheet `{}`: {}",
        if hidden.len() == 1 {
            "1 row is".to_owned()
        } else {
            format!("{} rows are", hidden.len())
        },
        sample(sheet),
        numbers.join(", ")
    ))
}

fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}

/// The part in which a sheet is stored.
fn path(name: &str, parts: &mut Parts<'_>, sheet: &str) -> Result<String, Error> {
    let mut id = None;
    each_tag(name, parts, "xl/workbook.xml", |tag, attribute| {
        if tag == b"sheet" && attribute("name").as_deref() == Some(sheet) {
            id = attribute("id");
        }
    })?;
    let mut target = None;
    each_tag(name, parts, "xl/_rels/workbook.xml.rels", |tag, attribute| {
        if tag == b"Relationship" && attribute("Id") == id {
            target = attribute("Target");
        }
    })?;
    let target = target.ok_or_else(|| damaged(name, &"a sheet is missing"))?;
    Ok(match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    })
}

/// Hands over the name of each tag of a part, and its attributes by their local names.
fn each_tag(
    name: &str,
    parts: &mut Parts<'_>,
    part: &str,
    mut each: impl FnMut(&[u8], &dyn Fn(&str) -> Option<String>),
) -> Result<(), Error> {
    let part = parts.by_name(part).map_err(|error| damaged(name, &error))?;
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        match reader
            .read_event_into(&mut buffer)
            .map_err(|error| damaged(name, &error))?
        {
            Event::Eof => return Ok(()),
            Event::Start(tag) | Event::Empty(tag) => {
                each(tag.local_name().as_ref(), &|wanted| attribute(&tag, wanted));
            }
            _ => {}
        }
        buffer.clear();
    }
}

fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    tag.attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == wanted.as_bytes())
        .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok())
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_their_letters_say() {
        for (cell, expected) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AA1", Some(26)),
            ("xfd1", Some(16_383)),
            ("1", None),
        ] {
            assert_eq!(column(cell), expected, "{cell}");
        }
    }
}
