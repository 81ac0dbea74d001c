//! Files that grow by lines: they may only follow lines of their own kind.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::plan_file;

/// More than a first line of our own has. A file without a line that long is something else.
const FIRST_LINE: u64 = 1 << 20;

/// Whether lines may be appended to what has this name: a file that is not there, that is empty or begins with such a
/// line, or no regular file, such as a pipe. A plan, and what belongs to one, gets none; nor does a list of devices.
///
/// # Errors
///
/// They may not, or the file cannot be read. Nothing was sent, and the file is unchanged.
pub(crate) fn allowed(setting: &str, path: &Path, is_ours: impl Fn(&[u8]) -> bool) -> Result<(), Failure> {
    let refused = |why: String| {
        Failure::new(
            Exit::ERROR,
            format!("{setting} {} {why}", path.display()),
            SENT_NOTHING,
            next::instead(),
        )
    };
    if plan_file::belongs_to_a_plan(path) {
        return Err(refused(
            "is a plan or belongs to one, which takes no log lines. Choose another name".to_owned(),
        ));
    }
    match first_line(path) {
        Ok(Some(line)) if !is_ours(&line) => Err(refused(
            "is there already and does not begin with a line of this log, so nothing is appended to it. \
             Choose another name"
                .to_owned(),
        )),
        Ok(_) => Ok(()),
        Err(error) => Err(refused(format!("cannot be written: {error}"))),
    }
}

/// None: there is nothing that a line could change.
fn first_line(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        // A read of a pipe would wait, and take what is another's.
        Ok(found) if !found.is_file() => return Ok(None),
        Ok(_) => {}
    }
    let mut line = Vec::new();
    BufReader::new(File::open(path)?.take(FIRST_LINE)).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}
