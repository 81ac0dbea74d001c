//! Shows a long result a page at a time, as git does: through `$PAGER`, at a terminal only.

use std::io::{self, IsTerminal, Write};
use std::process::{Child, Command, Stdio};

use tokio::runtime::Runtime;

/// What is used where `PAGER` says nothing: colours and the screen stay as they are, and a result that fits on it is
/// printed at once.
const PAGER: &str = if cfg!(windows) { "more" } else { "less" };
const LESS: &str = "FRX";

/// A program that shows what is written to it.
#[derive(Debug)]
pub(crate) struct Pager {
    child: Child,
    /// While it lives, Ctrl-C is for the pager: this process goes on, so that the terminal is left in order.
    _signals: Option<Runtime>,
}

impl Pager {
    /// `None`: stdout is no terminal, or nobody wants a pager (`PAGER` is empty or `cat`), or it cannot be started.
    pub(crate) fn start() -> Option<Self> {
        if !io::stdout().is_terminal() {
            return None;
        }
        let pager = std::env::var("PAGER").unwrap_or_else(|_| PAGER.to_owned());
        let pager = pager.trim();
        if pager.is_empty() || pager == "cat" {
            return None;
        }
        let mut command = shell(pager);
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        let child = command.stdin(Stdio::piped()).spawn().ok()?;
        Some(Self {
            child,
            _signals: left_to_the_pager(),
        })
    }

    /// Returns once the person has closed the pager.
    pub(crate) fn finish(mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.child.stdin {
            Some(stdin) => stdin.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.child.stdin {
            Some(stdin) => stdin.flush(),
            None => Ok(()),
        }
    }
}

/// `PAGER` may have flags and quotes, so the shell reads it.
fn shell(pager: &str) -> Command {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.arg(flag).arg(pager);
    command
}

/// Takes Ctrl-C from this process. Nobody waits for it: a signal that is listened for ends nothing.
fn left_to_the_pager() -> Option<Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    let listening = {
        let _entered = runtime.enter();
        #[cfg(unix)]
        let listening = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).is_ok();
        #[cfg(windows)]
        let listening = tokio::signal::windows::ctrl_c().is_ok();
        listening
    };
    listening.then_some(runtime)
}
