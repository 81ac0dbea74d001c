//! A child process: its lines as they come, its end at the latest with ours.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

/// Nothing here takes so long; what does, hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A process in the background. It is killed when this is dropped.
pub(crate) struct Background {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Background {
    /// Starts it. Its stdout is read line by line, and kept in `log` as its stderr is.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let mut copy = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        let stderr = copy.try_clone()?;
        let mut child = without_surroundings(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("stdout is piped")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // The copy is for a person who looks for a cause; the test goes on without it.
                let _ = writeln!(copy, "{line}");
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            name,
            child,
            stdin,
            lines,
        })
    }

    /// The next line of stdout.
    pub(crate) fn line(&self) -> anyhow::Result<String> {
        self.next(Instant::now() + PATIENCE)
    }

    /// The lines up to the first that satisfies, which is the last.
    pub(crate) fn lines_until(&self, satisfies: impl Fn(&str) -> bool) -> anyhow::Result<Vec<String>> {
        let end = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            let line = self.next(end)?;
            let last = satisfies(&line);
            lines.push(line);
            if last {
                return Ok(lines);
            }
        }
    }

    /// Writes a line to stdin.
    pub(crate) fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let stdin = self.stdin.as_mut().context("stdin is piped")?;
        writeln!(stdin, "{line}").with_context(|| format!("{} has ended", self.name))
    }

    fn next(&self, end: Instant) -> anyhow::Result<String> {
        let left = end.saturating_duration_since(Instant::now());
        self.lines.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => anyhow::anyhow!("{} has said nothing for {PATIENCE:?}", self.name),
            RecvTimeoutError::Disconnected => anyhow::anyhow!("{} has ended", self.name),
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The cargo that has started this, without what it said of this package. The build script of `ring` looks at that: with
/// it, all that is built on `ring` would be built again, and once more by the next cargo that a person starts.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

/// How a process ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a process to its end.
pub(crate) fn run(name: &str, command: &mut Command) -> anyhow::Result<Ended> {
    run_with(name, command, |_| {})
}

/// The same, in surroundings that are changed after the developer's own were taken away.
pub(crate) fn run_with(name: &str, command: &mut Command, change: impl FnOnce(&mut Command)) -> anyhow::Result<Ended> {
    let command = without_surroundings(command);
    change(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let stdout = in_background(child.stdout.take().context("stdout is piped")?);
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .context("stderr is piped")?
        .read_to_string(&mut stderr)?;
    let stdout = stdout.join().unwrap_or_default();
    Ok(Ended {
        code: child.wait()?.code(),
        stdout,
        stderr,
    })
}

/// What a person needs of a long output.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

fn in_background(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        let _ = from.read_to_string(&mut text);
        text
    })
}

/// Without the developer's own credentials, and without a proxy between processes of one machine.
fn without_surroundings(command: &mut Command) -> &mut Command {
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    for name in ["NEXTHINK_TOKEN", "UBIDOTS_TOKEN", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
        .env("NO_COLOR", "1")
        // Scripts of the source tree leave nothing behind in it.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1")
}
