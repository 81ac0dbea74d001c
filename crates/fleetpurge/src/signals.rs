//! Ctrl-C and SIGTERM: the first asks, the second ends.

use std::future::Future;
use std::io;
use std::process;

use tokio::sync::watch;

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
    let (tell, asked) = watch::channel(false);
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        first();
        // Nobody waiting is no error.
        let _ = tell.send(true);
        signals.next().await;
        second();
        process::exit(i32::from(Exit::INTERRUPTED.code()));
    });
    Ok(Asked(asked))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            ctrl_c: tokio::signal::windows::ctrl_c()?,
            ctrl_break: tokio::signal::windows::ctrl_break()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.ctrl_break.recv() => {}
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
