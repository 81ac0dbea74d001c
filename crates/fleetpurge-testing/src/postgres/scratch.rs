//! Folders that are gone when the test process is, however it ends.

use std::io::Write as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

use super::program::account;

/// Reads the names of folders until whoever wrote them has ended, and removes those that are still there. A server that was killed
/// may need a moment until it writes no more.
const JANITOR: &str = "while read -r folder; do set -- \"$@\" \"$folder\"; done; \
                       for try in 1 2 3 4 5 6 7 8 9; do rm -rf -- \"$@\" && break; sleep 1; done";

/// For the files of a server, which belongs to who runs it. Nothing is dropped of what a process shares, or of one that is killed:
/// what is left then, another process removes.
pub(super) fn folder() -> TempDir {
    static JANITOR_READS: OnceLock<Mutex<ChildStdin>> = OnceLock::new();
    let folder = tempfile::Builder::new().prefix("pg-").tempdir().unwrap();
    let janitor = JANITOR_READS.get_or_init(|| {
        let mut command = Command::new("sh");
        command.args(["-c", JANITOR]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Whoever interrupts the tests does not interrupt it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Mutex::new(command.spawn().unwrap().stdin.unwrap())
    });
    writeln!(janitor.lock().unwrap(), "{}", folder.path().display()).unwrap();
    if let Some(account) = account() {
        let owned = Command::new("chown").arg(account).arg(folder.path()).status().unwrap();
        assert!(owned.success());
    }
    folder
}
