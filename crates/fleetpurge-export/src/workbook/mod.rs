//! Reads one sheet of an XLSX workbook as a table whose lines are the rows of the sheet.
//!
//! | module | question it answers |
//! |---|---|
//! | `parts` | is this a workbook, and no larger than a list can be? |
//! | `cells` | what stands in each row of a sheet? |
//! | `choose` | which sheet is read? |
//! | `marks` | which rows does a person not see, and which formulas have no value? |
//! | `write` | what of it is the table, and which cells are no uid or name? |
//! | `read` | the order of all that |

mod cells;
mod choose;
mod marks;
mod parts;
mod read;
mod write;

pub(crate) use read::read;
