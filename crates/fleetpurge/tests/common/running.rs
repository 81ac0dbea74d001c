//! A command that is watched while it runs.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use super::ended::Ended;

/// A process, and what it says on stderr. It does not outlive the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            stderr,
            said: String::new(),
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Reads stderr on until it says so.
    #[track_caller]
    pub(crate) fn says(&mut self, part: &str) {
        loop {
            let before = self.said.len();
            self.stderr.read_line(&mut self.said).unwrap();
            assert!(self.said.len() > before, "{part:?} was never said: {}", self.said);
            if self.said[before..].contains(part) {
                return;
            }
        }
    }

    /// Waits for its end.
    pub(crate) fn ends(mut self) -> Ended {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let mut stdout = String::new();
        if let Some(mut printed) = self.child.stdout.take() {
            printed.read_to_string(&mut stdout).unwrap();
        }
        Ended {
            code: self.child.wait().unwrap().code().unwrap_or(-1),
            stdout,
            stderr: std::mem::take(&mut self.said),
        }
    }

    /// Waits for its end. Its stdout, and all that it said.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> (String, String) {
        let ended = self.ends();
        assert_eq!(ended.code, code, "{}", ended.stderr);
        (ended.stdout, ended.stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal, `-INT`.
pub(crate) fn signal(id: u32, name: &str) {
    let status = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(status.unwrap().success());
}
