//! Reads device lists into rows, one at a time.
//!
//! An export is CSV from an inventory, possibly saved by a spreadsheet. A misread row deletes the wrong device, so nothing
//! is repaired or guessed: if a file is ambiguous, the [`Error`] says where, and how to fix it.
//!
//! ```
//! use fleetpurge_export::ReadOptions;
//!
//! let csv = "name,uid,os\nPC-1,3f0f1d54-1e3a-4a55-a4a3-111111111111,Windows\n";
//! let mut rows = ReadOptions::new().read("devices.csv", csv.as_bytes())?;
//! let row = rows.next().expect("a row")?;
//! assert_eq!((row.line, row.name.as_str()), (2, "PC-1"));
//! assert!(rows.next().is_none());
//! assert!(rows.digest().is_some());
//! # Ok::<(), fleetpurge_export::Error>(())
//! ```
//!
//! What the columns are called depends on the service ([`Headers`]):
//!
//! ```
//! use fleetpurge_export::{Headers, ReadOptions};
//!
//! let csv = "name,label\nPump of hall 3,pump-3\n";
//! let mut rows = ReadOptions::new().headers(Headers::Ubidots).read("devices.csv", csv.as_bytes())?;
//! assert_eq!((rows.uid_column(), rows.name_column()), (None, Some("label")));
//! let row = rows.next().expect("a row")?;
//! assert_eq!((row.uid.as_str(), row.name.as_str()), ("", "pump-3"));
//! # Ok::<(), fleetpurge_export::Error>(())
//! ```
//!
//! | module | question it answers |
//! |---|---|
//! | `input` | where do the bytes come from, what were they, and are they text? |
//! | `record` | where does one row end and the next begin? |
//! | `grammar` | what may stand in a row? |
//! | `comments` | which rows are comments, and which only look like comments? |
//! | `table` | what is the header, and what are the fields of a row? |
//! | `columns` | which columns are the uid and the name? |
//! | `headers` | what do the names in a header mean? |
//! | `ids` | what looks like the id of a device? |
//! | `doubt` | do the values agree with the header? |
//! | `rows`, `row` | what are the devices? |
//! | `watch` | which readable rows need a warning? |
//! | `warning` | what are the warnings? |
//! | `protect` | which devices must stay? |
//! | `comment` | what is a comment in a hand-written list? |
//! | `visible` | how is text of unknown origin shown? |
//! | `error` | what is wrong, where, and how is it fixed? |

mod columns;
mod comment;
mod comments;
mod doubt;
mod error;
mod grammar;
mod headers;
mod ids;
mod input;
mod protect;
mod record;
mod row;
mod rows;
mod table;
mod visible;
mod warning;
mod watch;

pub use comments::{CommentChar, Comments, NotACommentChar};
pub use error::{Error, ErrorKind};
pub use headers::Headers;
pub use input::Digest;
pub use protect::{ProtectedEntries, ProtectedEntry, ProtectedValue, read_protected};
pub use row::Row;
pub use rows::{Entry, ReadOptions, Rows};
pub use warning::{Warning, WarningKind};
