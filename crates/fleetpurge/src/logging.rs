//! The log: on stderr or in a file, if it is enabled.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::append;
use crate::args::{LogArgs, LogFormat};
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::output;

/// Starts logging if `RUST_LOG`, `--verbose` or `--log-file` asks for it; costs nothing otherwise.
///
/// # Errors
///
/// The file cannot be written. Nothing was sent.
pub(crate) fn start(args: &LogArgs) -> Result<(), Failure> {
    // A flag takes precedence over the environment; who names a file wants something in it.
    let filter = match (args.verbose, of_environment(), &args.log_file) {
        (0, Some(directives), _) => directives,
        (0, None, None) => return Ok(()),
        (0 | 1, ..) => ours("warn", "info"),
        (2, ..) => ours("info", "debug"),
        _ => ours("debug", "trace"),
    };
    let file = args.log_file.as_deref().map(open).transpose()?;
    let colours = file.is_none()
        && args.log_format == LogFormat::Text
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && io::IsTerminal::is_terminal(&io::stderr());
    let quiet = Quiet {
        file: file.map(|file| Arc::new(Mutex::new(file))),
        escapes: (args.log_format == LogFormat::Text).then_some(colours),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(move || quiet.clone())
        .with_ansi(colours);
    // A second start cannot happen; if it did, the first would go on.
    let _ = match args.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Whether anything is logged at all.
pub(crate) fn is_asked_for(args: &LogArgs) -> bool {
    args.verbose > 0 || args.log_file.is_some() || of_environment().is_some()
}

fn of_environment() -> Option<String> {
    std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty())
}

/// Opens a log to append to it. A new one is for its owner alone: it names devices.
fn open(path: &Path) -> Result<File, Failure> {
    append::allowed("--log-file", path, is_line)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        Failure::new(
            Exit::ERROR,
            format!("--log-file {} cannot be written: {error}", path.display()),
            SENT_NOTHING,
            next::instead(),
        )
    })
}

/// Whether this is a line of a log, in either format.
fn is_line(line: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(line) else {
        return false;
    };
    let (time, level) = match serde_json::from_str::<Value>(line) {
        Ok(line) if line["target"].is_string() => (
            line["timestamp"].as_str().map(ToOwned::to_owned),
            line["level"].as_str().map(ToOwned::to_owned),
        ),
        Ok(_) => (None, None),
        Err(_) => {
            let mut words = line.split_whitespace().map(ToOwned::to_owned);
            (words.next(), words.next())
        }
    };
    time.is_some_and(|time| time.parse::<Timestamp>().is_ok())
        && level.is_some_and(|level| level.parse::<tracing::Level>().is_ok())
}

/// Where the log goes: it may be closed, full or gone. A line that cannot be written is lost, and nothing else. The
/// formatter would tell of an error on stderr, and panic since that fails too.
#[derive(Clone, Debug)]
struct Quiet {
    /// None: stderr.
    file: Option<Arc<Mutex<File>>>,
    /// Whether what a terminal obeys is escaped, and if so, whether colours are left. JSON escapes it already.
    escapes: Option<bool>,
}

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = match self.escapes {
            Some(coloured) => output::logged(&text, coloured).into_owned(),
            None => text.into_owned(),
        };
        let _ = match &self.file {
            // In one piece, so that programs that share a log do not mix their lines.
            Some(file) => file
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write_all(line.as_bytes()),
            None => io::stderr().write_all(line.as_bytes()),
        };
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Our own crates at one level, all others at another.
fn ours(others: &str, level: &str) -> String {
    // A target stands for all that begin with it: `fleetpurge_engine`, `fleetpurge_http`.
    format!("{others},fleetpurge={level},nexthink_data_management={level},nexthink_nql={level},ubidots_devices={level}")
}
