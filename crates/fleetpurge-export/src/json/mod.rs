//! Reads JSON as a table: an object is a row, its keys are the columns.
//!
//! | module | question it answers |
//! |---|---|
//! | `values` | where does a value end? |
//! | `row` | which cells does an object have? |
//! | `table` | which objects are rows: those of an array, or one a line? |

mod row;
mod table;
mod values;

pub(crate) use table::Json;
