//! Reads one sheet of an XLSX workbook as a table whose lines are the rows of the sheet.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, BufReader, Cursor, Read};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::cells;
use crate::columns::{self, Columns, Wanted, listed};
use crate::error::{Error, ErrorKind};
use crate::form::Form;
use crate::visible::sample;

/// The most bytes of a file, and of what is compressed in it: it is read as a whole.
const LARGEST: u64 = 256 * 1024 * 1024;
const LARGEST_UNPACKED: u64 = 2 * 1024 * 1024 * 1024;
/// In how many first rows a header is looked for, to tell the sheet.
const FIRST_ROWS: u32 = 20;
/// How many columns a sheet may have before its header is no header.
const WIDEST: u32 = 16_384;

/// A sheet as CSV, line by line, and the rows that are hidden in it.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) csv: Vec<u8>,
    pub(crate) hidden: Option<String>,
}

/// Reads the sheet that is asked for, or else the one that fits.
pub(crate) fn read(name: &str, bytes: impl Read, form: &Form, wanted: &Wanted) -> Result<Sheet, Error> {
    let mut file = Vec::new();
    bytes
        .take(LARGEST + 1)
        .read_to_end(&mut file)
        .map_err(|error| Error::unreadable(name, error))?;
    if file.len() as u64 > LARGEST {
        return Err(too_large(name));
    }
    let mut parts = zip::ZipArchive::new(Cursor::new(file.as_slice())).map_err(|error| damaged(name, &error))?;
    refuse_others(name, &parts)?;
    bound(name, &mut parts)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.as_slice())).map_err(|error| damaged(name, &error))?;
    let chosen = choose(name, &mut book, form, wanted)?;
    let hidden = hidden_rows(name, &mut parts, &chosen)?;
    let (csv, rows) = write(name, &mut book, &chosen, form, wanted)?;
    let hidden: Vec<u32> = hidden.into_iter().filter(|row| rows.contains(row)).collect();
    let is_hidden =
        (book.sheets_metadata().iter()).any(|sheet| sheet.name == chosen && sheet.visible != SheetVisible::Visible);
    let hidden = told(&chosen, &hidden, is_hidden);
    match hidden {
        Some(message) if !form.include_hidden => Err(Error::new(
            ErrorKind::Hidden,
            name,
            message,
            "show them (clear the filter, unhide) and look at them, or read them all with --include-hidden",
        )),
        hidden => Ok(Sheet { csv, hidden }),
    }
}

fn told(sheet: &str, hidden: &[u32], is_hidden: bool) -> Option<String> {
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

type Parts<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// Names an archive that is no workbook.
fn refuse_others(name: &str, parts: &Parts<'_>) -> Result<(), Error> {
    let has = |part: &str| parts.file_names().any(|name| name == part);
    let (message, advice) = if has("xl/workbook.xml") {
        return Ok(());
    } else if has("xl/workbook.bin") {
        (
            "this is a binary Excel workbook (XLSB), a format that is not read",
            "save it as XLSX or CSV",
        )
    } else if has("content.xml") && has("mimetype") {
        (
            "this is an OpenDocument file, a format that is not read",
            "save it as XLSX or CSV",
        )
    } else if has("word/document.xml") {
        (
            "this is a Word document, a format that is not read",
            "copy the list into a spreadsheet, or save it as CSV",
        )
    } else {
        (
            "this is a ZIP archive and no Excel workbook",
            "unpack it, and name the list in it",
        )
    };
    Err(Error::new(ErrorKind::UnsupportedFormat, name, message, advice))
}

/// Unpacks every part once, to nowhere: their declared sizes prove nothing.
fn bound(name: &str, parts: &mut Parts<'_>) -> Result<(), Error> {
    let mut left = LARGEST_UNPACKED;
    for at in 0..parts.len() {
        let part = parts.by_index(at).map_err(|error| damaged(name, &error))?;
        let size = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|error| damaged(name, &error))?;
        left = left.checked_sub(size).ok_or_else(|| too_large(name))?;
    }
    Ok(())
}

fn too_large(name: &str) -> Error {
    Error::new(
        ErrorKind::TooLong,
        name,
        "the workbook is larger than a list of devices can be (256 MiB, 2 GiB unpacked)",
        "save the sheet as CSV",
    )
}

fn damaged(name: &str, error: &dyn Display) -> Error {
    Error::new(
        ErrorKind::CutOff,
        name,
        format!("the workbook cannot be read: {}", sample(&error.to_string())),
        "it may be cut short, damaged or encrypted: open it in Excel and save it again, or save it as CSV",
    )
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// The sheet to read.
fn choose(name: &str, book: &mut Book<'_>, form: &Form, wanted: &Wanted) -> Result<String, Error> {
    let sheets = book.sheets_metadata().iter();
    let names: Vec<String> = (sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet))
        .map(|sheet| sheet.name.clone())
        .collect();
    if let Some(sheet) = &form.sheet {
        if names.contains(sheet) {
            return Ok(sheet.clone());
        }
        return Err(Error::new(
            ErrorKind::Sheet,
            name,
            format!(
                "the workbook has no sheet `{}`; its sheets are {}",
                sample(sheet),
                listed(&names)
            ),
            "name one of these with --sheet",
        ));
    }
    if let [only] = names.as_slice() {
        return Ok(only.clone());
    }
    let mut fitting = Vec::new();
    for sheet in &names {
        if fits(name, book, sheet, form, wanted)? {
            fitting.push(sheet.clone());
        }
    }
    match fitting.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::new(
            ErrorKind::Sheet,
            name,
            format!(
                "no sheet has the columns {}; the sheets are {}",
                wanted.headers.needed(),
                listed(&names)
            ),
            "name the sheet with --sheet, and the columns with --uid-column and --name-column",
        )),
        several => Err(Error::new(
            ErrorKind::Sheet,
            name,
            format!(
                "more than one sheet has the columns of a device list: {}",
                listed(several)
            ),
            "name the one that is meant with --sheet",
        )),
    }
}

/// Whether one of the first rows is a header.
fn fits(name: &str, book: &mut Book<'_>, sheet: &str, form: &Form, wanted: &Wanted) -> Result<bool, Error> {
    let mut found = false;
    each_row(name, book, sheet, |row, cells| {
        let texts: Vec<String> = cells.iter().map(|cell| cell.text.clone()).collect();
        let is_candidate = form.header_row.is_none_or(|header| header == u64::from(row));
        found |= is_candidate && columns::resolve(name, &texts, wanted).is_ok();
        Ok(!found && (row < FIRST_ROWS || form.header_row.is_some()))
    })?;
    Ok(found)
}

/// A cell as a table has it, and what it is if it is no text.
#[derive(Clone, Debug, Default)]
struct Cell {
    text: String,
    other: Option<&'static str>,
}

/// Hands over the rows that are not blank, with their numbers, as long as it is told to go on.
fn each_row(
    name: &str,
    book: &mut Book<'_>,
    sheet: &str,
    mut each: impl FnMut(u32, &[Cell]) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut reader = book
        .worksheet_cells_reader(sheet)
        .map_err(|error| damaged(name, &error))?;
    let mut row = 0;
    let mut cells: Vec<Cell> = Vec::new();
    while let Some(cell) = reader.next_cell_with_formula().map_err(|error| damaged(name, &error))? {
        let (at, column) = (cell.pos.0 + 1, cell.pos.1);
        if at < row || column >= WIDEST || (at == row && (column as usize) < cells.len()) {
            return Err(damaged(name, &"its cells are not in order"));
        }
        if at > row {
            if !cells.is_empty() && !each(row, &cells)? {
                return Ok(());
            }
            row = at;
            cells.clear();
        }
        let other = match &cell.value {
            DataRef::Empty if cell.formula.is_some() => Some("a formula without a stored value"),
            DataRef::Empty | DataRef::String(_) | DataRef::SharedString(_) => None,
            DataRef::Int(_) | DataRef::Float(_) => Some("a number"),
            DataRef::Bool(_) => Some("TRUE or FALSE"),
            DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Some("a date or time"),
            DataRef::Error(_) => Some("an error"),
        };
        let text = match &cell.value {
            DataRef::Empty => String::new(),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Int(number) => number.to_string(),
            DataRef::Float(number) => number.to_string(),
            DataRef::Bool(value) => value.to_string(),
            DataRef::DateTime(time) => time.as_f64().to_string(),
            DataRef::Error(error) => error.to_string(),
        };
        if text.is_empty() && other.is_none() {
            continue;
        }
        cells.resize_with(column as usize, Cell::default);
        cells.push(Cell { text, other });
    }
    if !cells.is_empty() {
        each(row, &cells)?;
    }
    Ok(())
}

/// Writes the sheet as CSV with a line for each row, and tells which rows under the header are not blank.
fn write(
    name: &str,
    book: &mut Book<'_>,
    sheet: &str,
    form: &Form,
    wanted: &Wanted,
) -> Result<(Vec<u8>, BTreeSet<u32>), Error> {
    let mut csv = Vec::new();
    let mut rows = BTreeSet::new();
    let mut lines = 0;
    let mut header: Option<(Vec<String>, Option<Columns>)> = None;
    each_row(name, book, sheet, |row, cells| {
        let mut texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
        match &header {
            None if form.header_row.is_some_and(|header| u64::from(row) < header) => return Ok(true),
            None => {
                let names: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
                let columns = columns::resolve(name, &names, wanted).ok();
                header = Some((names, columns));
            }
            Some((names, columns)) => {
                if texts.len() < names.len() {
                    texts.resize(names.len(), "");
                }
                for at in columns.iter().flat_map(|found| [found.uid, found.name]).flatten() {
                    let Some(cell) = cells.get(at) else { continue };
                    let what = cell
                        .other
                        .or_else(|| cells::breaks(&cell.text).then_some("text of several lines"));
                    if let Some(what) = what {
                        return Err(refused(name, sheet, (row, at), what, cell).in_column(&names[at]));
                    }
                }
                rows.insert(row);
            }
        }
        while lines + 1 < row {
            csv.push(b'\n');
            lines += 1;
        }
        cells::write(&mut csv, texts);
        lines = row;
        Ok(true)
    })?;
    Ok((csv, rows))
}

/// A cell that is no uid or name.
fn refused(name: &str, sheet: &str, (row, column): (u32, usize), what: &str, cell: &Cell) -> Error {
    let value = if cell.text.is_empty() {
        String::new()
    } else {
        format!(", `{}`", sample(&cell.text))
    };
    Error::new(
        ErrorKind::Cell,
        name,
        format!(
            "cell {}{row} of the sheet `{}` is {what}{value}, and a uid or name is text",
            letters(column),
            sample(sheet)
        ),
        "format the column as text and enter the value exactly as the inventory has it, or export the list again as CSV",
    )
    .at_line(row.into())
    .counted_in("row")
}

/// The letters that a spreadsheet shows above a column.
fn letters(column: usize) -> String {
    let mut letters = String::new();
    let mut left = column + 1;
    while left > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((left - 1) % 26).unwrap_or_default()));
        left = (left - 1) / 26;
    }
    letters
}

/// The rows of a sheet that a person does not see.
fn hidden_rows(name: &str, parts: &mut Parts<'_>, sheet: &str) -> Result<BTreeSet<u32>, Error> {
    let path = path(name, parts, sheet)?;
    let mut hidden = BTreeSet::new();
    let mut next = 1_u32;
    let mut by_default = false;
    each_tag(name, parts, &path, |tag, attribute| match tag {
        b"sheetFormatPr" => by_default = attribute("zeroHeight").is_some_and(|value| is_true(&value)),
        b"row" => {
            let row = attribute("r").and_then(|row| row.parse().ok()).unwrap_or(next);
            next = row.saturating_add(1);
            let is_flat = attribute("ht").and_then(|height| height.parse().ok()) == Some(0.0_f64);
            let is_hidden = attribute("hidden").map_or(by_default, |value| is_true(&value));
            if is_hidden || is_flat {
                hidden.insert(row);
            }
        }
        _ => {}
    })?;
    Ok(hidden)
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
