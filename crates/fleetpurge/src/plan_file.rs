//! Explains why a plan file cannot be used.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fleetpurge_ledger::{Error, ErrorKind, Ledger};

use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT, chain};
use crate::next;
use crate::output;

/// Opens a plan for reading.
pub(crate) fn open(path: &Path) -> Result<Ledger, Failure> {
    Ledger::open(path).map_err(|error| failure(&error, path))
}

/// What went wrong with a plan before anything was sent, what to do, and what to type next.
pub(crate) fn failure(error: &Error, path: &Path) -> Failure {
    after(error, path, NOTHING_SENT)
}

/// The same, when `deleted` says what became of the devices.
pub(crate) fn after(error: &Error, path: &Path, deleted: &str) -> Failure {
    let plan_again = "fleetpurge plan --help".to_owned();
    let (exit, advice, next) = match error.kind() {
        ErrorKind::NotFound => (
            Exit::ERROR,
            "Check the path, and the directory that the command is run in.",
            plan_again,
        ),
        ErrorKind::NotALedger => (Exit::ERROR, "Name a file that `fleetpurge plan` wrote.", plan_again),
        ErrorKind::Unfinished => (Exit::ERROR, "Plan again from the export.", plan_again),
        ErrorKind::NewerSchema => (
            Exit::ERROR,
            "Use the version of fleetpurge that made it, or a newer one.",
            next::command(&["--version"]),
        ),
        ErrorKind::Altered => (
            Exit::REFUSED,
            "Put back an unaltered copy, or plan again from a fresh export.",
            plan_again,
        ),
        ErrorKind::Forgotten => (
            Exit::REFUSED,
            "Put its -wal file back beside it, or plan again from a fresh export.",
            plan_again,
        ),
        ErrorKind::Held => (
            Exit::ERROR,
            "Wait until that apply has ended; `fleetpurge status` shows how far it is.",
            next::over("status", path, &[]),
        ),
        ErrorKind::ReadOnly => (
            Exit::ERROR,
            "Change the permissions of the file and its directory, or copy the plan to where it can be written.",
            next::instead(),
        ),
        ErrorKind::DiskFull => (Exit::ERROR, "Make room on the disk.", next::instead()),
        ErrorKind::NetworkFileSystem => (
            Exit::ERROR,
            "Copy the plan to a local disk and apply it there.",
            next::instead(),
        ),
        ErrorKind::SeveralNames => (
            Exit::ERROR,
            "A run by one name would not see the records of a run by the other. Remove the other names, or copy the \
             plan \
             and apply the copy.",
            next::over("status", path, &[]),
        ),
        ErrorKind::Moved => (
            Exit::ERROR,
            "Check which file has the plan's name now, before you apply anything.",
            next::over("status", path, &[]),
        ),
        ErrorKind::Exists => (
            Exit::ERROR,
            "Choose another name; --force replaces a plan of which nothing was ever sent.",
            next::instead(),
        ),
        ErrorKind::Busy => (Exit::ERROR, "Try again when it is done.", next::instead()),
        _ => (Exit::ERROR, "Check the file and its disk.", next::instead()),
    };
    let why = match error.kind() {
        // The system says no more than that.
        ErrorKind::NotFound => error.to_string(),
        _ => chain(error),
    };
    let happened = format!("{}: {why}", path.display());
    Failure::new(exit, format!("{happened}. {advice}"), deleted, next)
}

/// Whether a file is a plan, or lies beside one and belongs to it: then no result may take its place.
pub(crate) fn belongs_to_a_plan(path: &Path) -> bool {
    let is = |path: &Path| is_plan(path).unwrap_or(false);
    let name = path.as_os_str().to_string_lossy();
    is(path)
        || ["-wal", "-shm", "-journal", ".lock", ".backup.json"]
            .iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .any(|plan| is(Path::new(plan)))
}

/// Files of a folder that may be plans, by name. Those that have not got their name yet are passed over.
pub(crate) fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    paths.retain(|path| {
        path.file_name().is_some_and(|name| !output::is_unfinished(name)) && is_plan(path).unwrap_or(false)
    });
    Ok(paths)
}

/// Files that may be plans and lie beside this one.
pub(crate) fn beside(plan: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = match plan.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let paths = in_folder(folder)?;
    let others = paths.iter().filter_map(|path| path.file_name());
    Ok(others
        .filter(|name| plan.file_name() != Some(name))
        .map(|name| plan.with_file_name(name))
        .collect())
}

/// Whether a file is a plan, or another file of SQLite. An error of kind `NotFound` where there is no file.
pub(crate) fn is_plan(path: &Path) -> io::Result<bool> {
    const SQLITE: &[u8; 16] = b"SQLite format 3\0";
    // A pipe is not opened: that would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut head = Vec::with_capacity(SQLITE.len());
    File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut head)?;
    Ok(head == SQLITE)
}
