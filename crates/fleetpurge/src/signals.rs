//! Ctrl-C, SIGTERM and a closed terminal: the first signal stops the run, a second Ctrl-C or SIGTERM ends the process.

use std::future::Future;
use std::io::{self, BufRead as _};
use std::process;
#[cfg(unix)]
use std::sync::OnceLock;
#[cfg(unix)]
use std::task::Poll;
use std::thread;

use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

use crate::exit::Exit;

/// Whether the process was asked to end.
#[derive(Clone, Debug)]
pub(crate) struct Asked(watch::Receiver<bool>);

impl Asked {
    /// Returns once it was.
    pub(crate) async fn wait(mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            // Nobody listens for signals any more, so none will come.
            std::future::pending::<()>().await;
        }
    }
}

/// Listens from now on: `first` is called at the first signal, `second` before the process ends at the second.
pub(crate) fn listen(
    first: impl FnOnce() + Send + 'static,
    second: impl FnOnce() + Send + 'static,
) -> io::Result<Asked> {
    Ok(Signals::new()?.listen(first, second))
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// Somebody wants an end.
    Asked,
    /// The terminal or the session goes away. Often twice: by the shell, and by the system as the shell ends. So it never
    /// counts as a second signal, which would leave devices unknown.
    HungUp,
}

impl Signals {
    /// Listens as [`listen`] does.
    pub(crate) fn listen(
        mut self,
        first: impl FnOnce() + Send + 'static,
        second: impl FnOnce() + Send + 'static,
    ) -> Asked {
        let (tell, asked) = watch::channel(false);
        tokio::spawn(async move {
            self.next().await;
            first();
            // Nobody waiting is no error.
            let _ = tell.send(true);
            while self.next().await == Heard::HungUp {}
            second();
            process::exit(i32::from(Exit::INTERRUPTED.code()));
        });
        Asked(asked)
    }

    /// Whether the process was asked to end while nobody waited for it.
    pub(crate) fn were_heard(&mut self, runtime: &Runtime) -> bool {
        runtime.block_on(async {
            tokio::select! {
                biased;
                _ = self.next() => true,
                // A signal that has come is told at the next turn of the driver.
                () = tokio::time::sleep(std::time::Duration::from_millis(1)) => false,
            }
        })
    }

    /// A line that a person types; `None` if the process is asked to end before it is there.
    pub(crate) fn line(&mut self, runtime: &Runtime) -> Option<io::Result<String>> {
        let (tell, answer) = oneshot::channel();
        // Nothing can wake a thread that reads a terminal: it is left behind, and ends with the process.
        let reader = thread::Builder::new().name("answer".to_owned()).spawn(move || {
            let mut line = String::new();
            let read = io::stdin().lock().read_line(&mut line).map(|_| line);
            // Nobody waits any more after a signal.
            let _ = tell.send(read);
        });
        if let Err(error) = reader {
            return Some(Err(error));
        }
        runtime.block_on(async {
            tokio::select! {
                biased;
                _ = self.next() => None,
                answer = answer => Some(answer.unwrap_or_else(|_| Err(io::Error::other("the answer was not read")))),
            }
        })
    }
}

/// The signals that ask the process to end. Signals that it inherited as ignored stay ignored, as `nohup` and a shell's
/// `&` expect.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals(Vec<(tokio::signal::unix::Signal, Heard)>);

#[cfg(unix)]
impl Signals {
    /// Listens from now on, within a runtime.
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // Before the first handler is set, which is what makes a signal be heard that was ignored.
        let ignored = ignored_at_start();
        let mut signals = Vec::new();
        for (kind, heard) in [
            (SignalKind::interrupt(), Heard::Asked),
            (SignalKind::terminate(), Heard::Asked),
            (SignalKind::hangup(), Heard::HungUp),
        ] {
            if !is_among(ignored, kind.as_raw_value()) {
                signals.push((signal(kind)?, heard));
            }
        }
        Ok(Self(signals))
    }

    async fn next(&mut self) -> Heard {
        std::future::poll_fn(|context| {
            for (signal, heard) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*heard);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// The signals that the process ignores, one bit each. Linux says so; elsewhere only C can ask, so that none is taken for
/// ignored and a hangup ends the run as SIGTERM does, under `nohup` too.
#[cfg(unix)]
fn ignored_at_start() -> u64 {
    static IGNORED: OnceLock<u64> = OnceLock::new();
    *IGNORED.get_or_init(|| match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => ignored_in(&status),
        Err(_) => 0,
    })
}

/// See `proc_pid_status(5)`.
#[cfg(unix)]
fn ignored_in(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(unix)]
fn is_among(signals: u64, number: i32) -> bool {
    u32::try_from(number - 1)
        .ok()
        .and_then(|bit| signals.checked_shr(bit))
        .is_some_and(|signals| signals & 1 == 1)
}

/// Ctrl-C, Ctrl-Break, and the end of the window, of the session, of the machine.
#[cfg(windows)]
#[derive(Debug)]
pub(crate) struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    logoff: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    /// Listens from now on, within a runtime.
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::windows;
        Ok(Self {
            ctrl_c: windows::ctrl_c()?,
            ctrl_break: windows::ctrl_break()?,
            close: windows::ctrl_close()?,
            logoff: windows::ctrl_logoff()?,
            shutdown: windows::ctrl_shutdown()?,
        })
    }

    async fn next(&mut self) -> Heard {
        tokio::select! {
            _ = self.ctrl_c.recv() => Heard::Asked,
            _ = self.ctrl_break.recv() => Heard::Asked,
            _ = self.close.recv() => Heard::HungUp,
            _ = self.logoff.recv() => Heard::HungUp,
            _ = self.shutdown.recv() => Heard::HungUp,
        }
    }
}

/// Does it, unless the process is asked to end first.
pub(crate) async fn unless_asked<T>(asked: Asked, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = asked.wait() => None,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read_from_what_the_system_says_of_the_process() {
        let of = |mask: &str| {
            ignored_in(&format!(
                "Name:\tfleetpurge\nSigBlk:\tffff\nSigIgn:\t{mask}\nSigCgt:\t0\n"
            ))
        };
        // Signal 1 is SIGHUP, 2 SIGINT, 15 SIGTERM.
        for (mask, ignored) in [
            ("0000000000000000", &[][..]),
            ("0000000000000001", &[1]),
            ("0000000000001002", &[2]),
            ("0000000000004003", &[1, 2, 15]),
            ("none", &[]),
        ] {
            for signal in [1, 2, 15] {
                assert_eq!(is_among(of(mask), signal), ignored.contains(&signal), "{mask} {signal}");
            }
        }
        assert_eq!(ignored_in("Name:\tfleetpurge\n"), 0);
        assert!(!is_among(u64::MAX, 0) && !is_among(u64::MAX, 65));
    }
}
