//! Says on stderr what takes a while to be read, before there is anything else to say.
//!
//! The size decides and not a clock, so that the same command says the same every time. A command that is over in an
//! instant says nothing.

use std::fs;
use std::path::Path;

use crate::lists::is_stdin;
use crate::output::{note, shown};

/// A plan of so many bytes has some 40,000 rows, which are checked in some 25 ms.
const LARGE_PLAN: u64 = 4 << 20;

/// A list of so many bytes has some 20,000 rows, or ten times as many if it is compressed.
const LARGE_LIST: u64 = 1 << 20;

/// So many rows have come out of a pipe, which has no size.
const LONG_LIST: u64 = 20_000;

/// Before a plan is opened, which checks all of its rows.
pub(crate) fn plan(path: &Path) {
    large(path, LARGE_PLAN);
}

/// A list that is about to be read.
#[derive(Debug)]
pub(crate) struct List<'a> {
    /// Where it is read from, until that is told.
    untold: Option<&'a Path>,
    rows: u64,
}

impl<'a> List<'a> {
    /// Before a list is opened: a workbook and its rows are read at once.
    pub(crate) fn begin(path: &'a Path) -> Self {
        let has_size = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        large(path, LARGE_LIST);
        Self {
            untold: (!has_size).then_some(path),
            rows: 0,
        }
    }

    /// A list of which a person has been told already.
    pub(crate) const fn told() -> Self {
        Self { untold: None, rows: 0 }
    }

    /// Another row has been read.
    pub(crate) fn row(&mut self) {
        let Some(path) = self.untold else { return };
        self.rows += 1;
        if self.rows >= LONG_LIST {
            self.untold = None;
            note(&format!("Reading {}.", name(path)));
        }
    }
}

fn large(path: &Path, least: u64) {
    // What cannot be read is told of when it is opened.
    let size = fs::metadata(path)
        .ok()
        .filter(fs::Metadata::is_file)
        .map(|file| file.len());
    if let Some(size) = size.filter(|size| *size >= least) {
        note(&format!("Reading {} ({} MB).", name(path), size / 1_000_000));
    }
}

fn name(path: &Path) -> String {
    if is_stdin(path) {
        "standard input".to_owned()
    } else {
        let path = path.strip_prefix(".").unwrap_or(path);
        shown(&path.to_string_lossy()).into_owned()
    }
}
