//! Puts generated code in its place, or shows how the place differs.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use similar::TextDiff;

use crate::Error;

/// How a file on disk compares with what it should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It holds exactly that.
    Same,
    /// It holds something else, or does not exist.
    Different {
        /// From what it holds to what it should hold, as a unified diff.
        diff: String,
    },
}

/// Compares the file at `path`, shown as `label`, with the text that it should hold. A missing file counts as empty.
///
/// # Errors
///
/// When the file exists and cannot be read.
pub fn compare(path: &Path, label: &str, fresh: &str) -> Result<Comparison, Error> {
    let committed = read_or_empty(path)?;
    if committed == fresh {
        return Ok(Comparison::Same);
    }
    let diff = TextDiff::from_lines(committed.as_str(), fresh)
        .unified_diff()
        .context_radius(3)
        .header(&format!("{label} (as it is)"), &format!("{label} (as generated)"))
        .to_string();
    Ok(Comparison::Different { diff })
}

/// Writes `fresh` to `path` unless it holds that already: an untouched file rebuilds nothing. Says whether it wrote.
///
/// # Errors
///
/// When the file cannot be read or written.
pub fn write_if_changed(path: &Path, fresh: &str) -> Result<bool, Error> {
    if path.exists() && read_or_empty(path)? == fresh {
        return Ok(false);
    }
    fs::write(path, fresh).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })?;
    Ok(true)
}

fn read_or_empty(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        other => other.map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        }),
    }
}
