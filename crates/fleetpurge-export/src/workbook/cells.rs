//! The rows of a sheet, cell by cell.

use std::io::Cursor;

use calamine::{DataRef, Xlsx};

use super::parts::damaged;
use crate::error::Error;

/// How many columns a sheet may have before its header is no header.
const WIDEST: u32 = 16_384;

pub(super) type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// A cell as a table has it, and what it is if it is no text.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) other: Option<&'static str>,
}

/// Hands over the rows that are not blank, with their numbers, as long as it is told to go on.
pub(super) fn each_row(
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
