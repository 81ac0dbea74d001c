//! Explains why a plan file cannot be used.

use std::path::Path;

use fleetpurge_ledger::{DatabaseUrl, Error, ErrorKind};

use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT, chain};
use crate::next;

/// What went wrong with a plan before anything was sent, what to do, and what to type next.
pub(crate) fn failure(error: &Error, path: &Path) -> Failure {
    after(error, path, NOTHING_SENT)
}

/// The same, when `deleted` says what became of the devices.
pub(crate) fn after(error: &Error, path: &Path, deleted: &str) -> Failure {
    let plan_again = "fleetpurge plan --help".to_owned();
    let (exit, advice, next) = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotALedger if is_in_database(path) => (
            Exit::ERROR,
            "Check the name of the plan.",
            next::command(&["list", &database_of(path)]),
        ),
        ErrorKind::NotFound => (
            Exit::ERROR,
            "Check the path, and the directory that the command is run in.",
            plan_again,
        ),
        ErrorKind::NotALedger if path.is_dir() => (
            Exit::ERROR,
            "It is a folder: name a plan in it.",
            next::over("list", path, &[]),
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
        ErrorKind::Forgotten if is_in_database(path) => (
            Exit::REFUSED,
            "Devices that were sent may be pending again, so do not apply it there. Find the server that has all changes, or plan \
             again from a fresh export.",
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
        ErrorKind::BadAddress => (
            Exit::USAGE,
            "The address is postgresql://USER@HOST/DATABASE?plan=NAME; what it leaves out is read from libpq's variables.",
            next::command(&["help", "environment"]),
        ),
        ErrorKind::Unreachable => (
            Exit::ERROR,
            "Check the address, the network, and whether the database server runs.",
            next::instead(),
        ),
        ErrorKind::NotPermitted => (
            Exit::ERROR,
            "Check the user, the password (PGPASSFILE, PGPASSWORD) and the rights in the database.",
            next::instead(),
        ),
        ErrorKind::NotDurable => (
            Exit::REFUSED,
            "A record that is lost would send a device twice: change the setting, or keep the plan in a file.",
            next::instead(),
        ),
        ErrorKind::LeaseLost => (
            Exit::STOPPED,
            "What was in flight is unknown; `fleetpurge status` shows how far the plan is.",
            next::over("status", path, &[]),
        ),
        ErrorKind::Busy => (Exit::ERROR, "Try again when it is done.", next::instead()),
        _ if is_in_database(path) => (
            Exit::ERROR,
            "Check the database and the log of its server.",
            next::instead(),
        ),
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

/// Whether the plan is in a database, and no file.
pub(crate) fn is_in_database(path: &Path) -> bool {
    path.to_str().is_some_and(DatabaseUrl::is_one)
}

/// The database that a plan is in.
fn database_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    let url = text.parse::<DatabaseUrl>();
    url.map_or_else(|_| text.into_owned(), |url| url.without_plan().to_string())
}

/// Refuses a plan in a database, where a command works on files.
pub(crate) fn refuse_database(path: &Path, what: &str) -> Result<(), Failure> {
    if !is_in_database(path) {
        return Ok(());
    }
    Err(Failure::new(
        Exit::USAGE,
        format!("{what} of a plan in a database is not possible. Copy the plan to a file first"),
        NOTHING_SENT,
        next::over("copy", path, &["FILE"]),
    ))
}
