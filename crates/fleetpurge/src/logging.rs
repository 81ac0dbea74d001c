//! The log on stderr, if it is enabled.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::output;

/// Starts logging if `RUST_LOG` or `--verbose` asks for it; costs nothing otherwise.
pub(crate) fn start(verbose: u8) {
    let asked = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let filter = match (asked, verbose) {
        (Some(directives), _) => directives,
        (None, 0) => return,
        (None, 1) => ours("warn", "info"),
        (None, 2) => ours("info", "debug"),
        (None, _) => ours("debug", "trace"),
    };
    let colours =
        std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && io::IsTerminal::is_terminal(&io::stderr());
    // A second start cannot happen; if it did, the first would go on.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(move || Quiet { coloured: colours })
        .with_ansi(colours)
        .try_init();
}

/// Stderr, which may be closed, full or gone: a line that cannot be written is lost, and nothing else. The formatter would
/// tell of an error on stderr, and panic since that fails too.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    coloured: bool,
}

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let _ = io::stderr().write_all(output::logged(&line, self.coloured).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Our own crates at one level, all others at another.
fn ours(others: &str, level: &str) -> String {
    // A target stands for all that begin with it: `fleetpurge_engine`, `fleetpurge_http`.
    format!("{others},fleetpurge={level},nexthink_data_management={level},ubidots_devices={level}")
}
