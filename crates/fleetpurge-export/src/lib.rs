#![doc = include_str!("../README.md")]

mod cells;
mod columns;
mod comment;
mod comments;
mod compressed;
mod doubt;
mod encoding;
mod error;
mod form;
mod formats;
mod grammar;
mod headers;
mod ids;
mod input;
mod json;
mod protect;
mod record;
mod row;
mod rows;
mod table;
mod visible;
mod warning;
mod watch;
mod workbook;

pub use comments::{CommentChar, Comments, NotACommentChar};
pub use encoding::{Encoding, NotAnEncoding};
pub use error::{Error, ErrorKind};
pub use headers::Headers;
pub use input::Digest;
pub use protect::{ProtectedEntries, ProtectedEntry, ProtectedValue, read_protected};
pub use row::Row;
pub use rows::{Entry, ReadOptions, Rows};
pub use warning::{Warning, WarningKind};
