//! Which sheet of a workbook is read.

use calamine::{Reader, SheetType};

use super::cells::{Book, Cell, each_row};
use super::write::{is_note, values};
use crate::columns::listed;
use crate::error::{Error, ErrorKind};
use crate::form::Form;
use crate::sought::Sought;
use crate::visible::sample;

/// In how many first rows a header is looked for, to tell the sheet.
const FIRST_ROWS: u32 = 20;

/// What a sheet looks like from its first rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// One of them is a header.
    Header,
    /// The first of them is one value, as in a list of protected devices without a header.
    Values,
    Other,
    Blank,
}

/// The sheet that is asked for, or else the one that fits, or the only one that holds anything.
pub(super) fn choose(name: &str, book: &mut Book<'_>, form: &Form, sought: &Sought) -> Result<String, Error> {
    let sheets = book.sheets_metadata().iter();
    let names: Vec<String> = (sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet))
        .map(|sheet| sheet.name.clone())
        .collect();
    let (flag, advice) = sought.sheet_flags();
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
            format!("name one of these with {flag}"),
        ));
    }
    if let [only] = names.as_slice() {
        return Ok(only.clone());
    }
    let mut fits = Vec::new();
    for sheet in &names {
        fits.push(fit(name, book, sheet, form, sought)?);
    }
    let with = |wanted: &[Fit]| {
        let found = names.iter().zip(&fits).filter(|(_, fit)| wanted.contains(fit));
        found.map(|(sheet, _)| sheet.clone()).collect::<Vec<_>>()
    };
    // A list of values below no header may be meant as well as one that has a header.
    let may_be_meant = with(&[Fit::Header, Fit::Values]);
    let others = with(&[Fit::Other]);
    match (may_be_meant.as_slice(), others.as_slice()) {
        // What is wrong with its header is said when it is read.
        ([only], []) | ([], [only]) => Ok(only.clone()),
        ([only], _) if fits.contains(&Fit::Header) => Ok(only.clone()),
        ([] | [_], _) => Err(Error::new(
            ErrorKind::Sheet,
            name,
            format!(
                "no sheet has the columns {}; the sheets are {}",
                sought.needed(),
                listed(&names)
            ),
            advice,
        )),
        (several, _) => Err(Error::new(
            ErrorKind::Sheet,
            name,
            format!("more than one sheet {}: {}", sought.fitting(), listed(several)),
            format!("name the one that is meant with {flag}"),
        )),
    }
}

fn fit(name: &str, book: &mut Book<'_>, sheet: &str, form: &Form, sought: &Sought) -> Result<Fit, Error> {
    let mut found = Fit::Blank;
    each_row(name, book, sheet, |row, cells| {
        if is_note(cells, sought) {
            return Ok(true);
        }
        let texts: Vec<String> = cells.iter().map(|cell| cell.text.clone()).collect();
        let is_candidate = form.header_row.is_none_or(|header| header == u64::from(row));
        if is_candidate && sought.naming(name, &texts).is_ok() {
            found = Fit::Header;
        } else if found == Fit::Blank {
            found = without_header(cells, sought);
        }
        Ok(found != Fit::Header && (row < FIRST_ROWS || form.header_row.is_some()))
    })?;
    Ok(found)
}

/// What a sheet may be whose first row is no header.
fn without_header(cells: &[Cell], sought: &Sought) -> Fit {
    match sought {
        Sought::Protected(_) if values(cells).count() == 1 => Fit::Values,
        Sought::Protected(_) | Sought::Devices(_) => Fit::Other,
    }
}
