//! A server with a data folder of its own.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use super::program::{account, program, spawn};
use super::proxy::Proxy;
use super::scratch;

/// How long a server may take to start or to stop.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a data folder of its own, which goes with it.
#[derive(Debug)]
pub struct Server {
    /// Before the folder: it is stopped first.
    process: Option<Child>,
    port: u16,
    /// The way to the primary server, for a standby.
    pub(super) primary: Option<Proxy>,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Below those that clients get: one of them could otherwise take the port of a server that is stopped, or connect to itself.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = std::process::id()
            .wrapping_mul(7919)
            .wrapping_add(NEXT.fetch_add(101, Ordering::Relaxed));
        let port = 15_000 + u16::try_from(next % 17_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Server {
    /// A new server.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A new server with these lines in its configuration.
    #[must_use]
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::with_files(settings, &[])
    }

    /// As [`with`](Self::with), and these files in its data folder, which nobody else can read.
    ///
    /// The user `postgres` always has to be let in from this machine without a password: the rig asks as that user.
    #[must_use]
    pub fn with_files(settings: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let mut server = Self::in_folder(scratch::folder());
        let made = program("initdb")
            .args(["-A", "trust", "--no-sync", "-U", "postgres"])
            .args(["-E", "UTF8", "--locale", "C", "-D"])
            .arg(server.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut lines = String::from("listen_addresses = '127.0.0.1'\nwal_level = replica\nlog_min_messages = fatal\n");
        lines.push_str("wal_retrieve_retry_interval = '100ms'\n");
        for (setting, value) in settings {
            lines.push_str(&format!("{setting} = '{value}'\n"));
        }
        server.configure(&lines);
        for (name, text) in files {
            server.put(name, text);
        }
        server.restart();
        // Also where transactions only read unless they say otherwise.
        server.query_at("postgres", "BEGIN READ WRITE; CREATE ROLE ops LOGIN; COMMIT");
        server
    }

    pub(super) fn in_folder(folder: TempDir) -> Self {
        Self {
            process: None,
            port: 0,
            primary: None,
            folder,
        }
    }

    /// A file of the server's own.
    fn put(&self, name: &str, text: &str) {
        let path = self.data().join(name);
        std::fs::write(&path, text).unwrap();
        let closed = Command::new("chmod").arg("600").arg(&path).status().unwrap();
        assert!(closed.success());
        if let Some(account) = account() {
            let owned = Command::new("chown").arg(account).arg(&path).status().unwrap();
            assert!(owned.success());
        }
    }

    fn configure(&self, lines: &str) {
        let file = self.data().join("postgresql.conf");
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str(lines);
        std::fs::write(&file, text).unwrap();
    }

    /// The one that the tests of this process share.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a new database, whose owner is no superuser.
    #[must_use]
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("fleet{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.query_at("postgres", &format!("CREATE DATABASE {name} OWNER ops"));
        format!("postgresql://ops@127.0.0.1:{}/{name}", self.port)
    }

    /// As [`database`](Self::database), for the superuser: where the server refuses the other's statements.
    #[must_use]
    pub fn database_of_superuser(&self) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// What a query of the superuser returns, as text.
    #[must_use]
    pub fn query(&self, database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        let name = database.split('?').next().and_then(|url| url.rsplit('/').next());
        self.query_at(name.unwrap(), sql)
    }

    /// Runs a statement as the superuser.
    pub fn execute(&self, database: &str, sql: &str) {
        let _ = self.query(database, sql);
    }

    pub(super) fn query_at(&self, name: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        let url = format!("postgresql://postgres@127.0.0.1:{}/{name}", self.port);
        ask(&url, sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// Ends it as a crash would: nothing is written any more.
    pub fn kill(&mut self) {
        self.signal("KILL");
    }

    /// Ends it as an administrator would who does not wait for anybody.
    pub fn stop(&mut self) {
        self.signal("INT");
    }

    /// To the server and all that it has started: they are one process group.
    fn signal(&mut self, signal: &str) {
        let Some(mut process) = self.process.take() else { return };
        let group = if signal == "KILL" { "-" } else { "" };
        let target = format!("{group}{}", process.id());
        Command::new("kill")
            .args([
                OsStr::new("-s"),
                OsStr::new(signal),
                OsStr::new("--"),
                OsStr::new(&target),
            ])
            .status()
            .unwrap();
        process.wait().unwrap();
    }

    /// Starts it again, where it was.
    pub fn restart(&mut self) {
        self.stop();
        let is_new = self.port == 0;
        for _ in 0..20 {
            if is_new {
                self.port = free_port();
            }
            let mut command = program("postgres");
            command
                .arg("-D")
                .arg(self.data())
                .args(["-p", &self.port.to_string()])
                // Not in the configuration, which a standby has from its primary server.
                .arg("-k")
                .arg(self.folder.path())
                .stderr(std::fs::File::create(self.folder.path().join("log")).unwrap());
            self.process = Some(spawn(command));
            if self.answers() {
                return;
            }
        }
        let log = std::fs::read_to_string(self.folder.path().join("log"));
        panic!("the server does not start: {}", log.unwrap_or_default());
    }

    /// Waits until it answers. `false` if it has ended: its port may have been taken.
    fn answers(&mut self) -> bool {
        let until = Instant::now() + PATIENCE;
        let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", self.port);
        while Instant::now() < until {
            if ask(&url, "SELECT 1").is_ok() {
                return true;
            }
            let process = self.process.as_mut();
            if process.is_some_and(|process| process.try_wait().unwrap().is_some()) {
                self.process = None;
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not answer");
    }
}

fn ask(url: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
    let ask = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await?;
        Ok(messages
            .iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
                _ => None,
            })
            .collect())
    };
    // Whoever asks may be within a runtime.
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(ask)
        });
        asked.join().unwrap()
    })
}
