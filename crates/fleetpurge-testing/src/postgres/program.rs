//! Runs the server's programs, as an account that may.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};

/// Names the folder with `initdb` and `postgres`, e.g. `/usr/lib/postgresql/15/bin`. With it, whatever is missing fails.
pub const PROGRAMS: &str = "FLEETPURGE_TEST_POSTGRES";

/// The folder of the server's programs. `None`: the tests that need a server are left out.
#[must_use]
pub fn programs() -> Option<PathBuf> {
    std::env::var_os(PROGRAMS)
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}

/// Who runs the server: it refuses to be run as root.
pub(super) fn account() -> Option<&'static str> {
    let is_root = is_root();
    let accounts = || std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    is_root.then(|| {
        if accounts().lines().any(|line| line.starts_with("postgres:")) {
            "postgres"
        } else {
            "nobody"
        }
    })
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// A program of the server's, run by an account that may.
pub(super) fn program(name: &str) -> Command {
    let folder = programs().unwrap_or_else(|| panic!("{PROGRAMS} is not set"));
    let path = folder.join(name);
    assert!(path.exists(), "{PROGRAMS}: there is no {}", path.display());
    let mut command = Command::new("setpriv");
    if let Some(account) = account() {
        command
            .args(["--reuid", account, "--regid"])
            .arg(group_of(account))
            .arg("--clear-groups");
    }
    // It ends when whoever started it does, however that ends.
    command.args(["--pdeathsig", "KILL", "--"]).arg(path);
    command.stdin(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// The main group of an account.
fn group_of(account: &str) -> String {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let fields = accounts
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&account));
    fields
        .and_then(|fields| fields.get(3).map(|&group| group.to_owned()))
        .unwrap()
}

/// Starts a process from a thread that lives as long as this one does: the signal at the end of the parent is that of the thread.
pub(super) fn spawn(mut command: Command) -> Child {
    static SPAWNER: OnceLock<mpsc::Sender<(Command, mpsc::Sender<Child>)>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (outbox, inbox) = mpsc::channel::<(Command, mpsc::Sender<Child>)>();
        std::thread::spawn(move || {
            for (mut command, answer) in inbox {
                answer.send(command.spawn().unwrap()).unwrap();
            }
        });
        outbox
    });
    command.stdout(Stdio::null());
    let (answer, child) = mpsc::channel();
    spawner.send((command, answer)).unwrap();
    child.recv().unwrap()
}
