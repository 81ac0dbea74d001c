//! Copies a plan that has lost its name from the file that is still open.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::model::{Error, ErrorKind};

/// Copies all of a ledger to a new file beside `plan`, or where temporary files lie, and returns its name. The copy has
/// been read back and proven by `prove`.
pub(crate) fn save(
    connection: &Connection,
    plan: &Path,
    prove: impl Fn(&Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    let mut failed = None;
    for folder in [plan.parent().map(Path::to_owned), Some(std::env::temp_dir())] {
        let Some(folder) = folder else { continue };
        match free_name(&folder, plan).and_then(|path| copy(connection, &path, &prove).map(|()| path)) {
            Ok(path) => return Ok(path),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| Error::new(ErrorKind::Io, "there is no folder for a copy of the plan")))
}

/// Makes an empty file, which SQLite fills: nothing that has a name is overwritten.
fn free_name(folder: &Path, plan: &Path) -> Result<PathBuf, Error> {
    let name = plan.file_name().unwrap_or_default();
    for number in 1..1000 {
        let mut name = OsString::from(name);
        name.push(match number {
            1 => ".saved".to_owned(),
            number => format!(".saved-{number}"),
        });
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::new(ErrorKind::Exists, "there are too many copies of the plan"))
}

fn copy(connection: &Connection, path: &Path, prove: impl Fn(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let copied = write(connection, path).and_then(|()| prove(path));
    if copied.is_err() {
        // What is not whole is worse than nothing. It is ours: nobody else had that name.
        std::fs::remove_file(path).ok();
    }
    copied
}

fn write(connection: &Connection, path: &Path) -> Result<(), Error> {
    let Some(name) = path.to_str() else {
        return Err(Error::new(ErrorKind::Io, "the folder's name is not text"));
    };
    connection.execute("VACUUM INTO ?1", [name])?;
    File::options().write(true).open(path)?.sync_all()?;
    Ok(())
}
