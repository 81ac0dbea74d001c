//! An error message for a person: what happened, what was and was not deleted, and the next command.

use std::error::Error;
use std::io;

use crate::exit::Exit;
use crate::next;
use crate::output;

/// Of a command that only reads. Whether an earlier `apply` has sent something is not known where this is said.
pub(crate) const NOTHING_SENT: &str = "This command deletes nothing.";

/// Of a command that would have sent something: an earlier run of it may have.
pub(crate) const SENT_NOTHING: &str = "This run sent nothing and deleted nothing.";

/// Of `plan`, and of reading a list for it.
pub(crate) const NO_PLAN: &str = "No plan was written. This command deletes nothing.";

/// The end of a command that did not succeed.
#[derive(Debug)]
pub(crate) struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    exit: Exit,
    happened: String,
    deleted: String,
    next: String,
    /// The same words need not fail again.
    may_repeat: bool,
    silent: bool,
}

impl Failure {
    /// An end before anything was sent.
    pub(crate) fn before_sending(exit: Exit, happened: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(exit, happened, NOTHING_SENT, next)
    }

    pub(crate) fn new(
        exit: Exit,
        happened: impl Into<String>,
        deleted: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner {
            exit,
            happened: happened.into(),
            deleted: deleted.into(),
            next: next.into(),
            may_repeat: false,
            silent: false,
        }))
    }

    /// The same, with the reason why what is missing is needed.
    pub(crate) fn because(mut self, why: &str) -> Self {
        self.0.happened = format!("{why}; {}", self.0.happened);
        self
    }

    /// The same, with a more useful command to type next.
    pub(crate) fn suggesting(mut self, next: impl Into<String>) -> Self {
        self.0.next = next.into();
        self
    }

    /// The same, of which the suggestion is printed also where it is what was typed: a person answers otherwise next time.
    pub(crate) fn may_repeat(mut self) -> Self {
        self.0.may_repeat = true;
        self
    }

    /// The same, with what it came to for a command that sends no deletion.
    pub(crate) fn leaving(mut self, deleted: &str) -> Self {
        deleted.clone_into(&mut self.0.deleted);
        self
    }

    /// The result could not be written. A reader that has seen enough (`| head`) is no failure.
    pub(crate) fn output(error: &io::Error) -> Self {
        let mut failure = Self::before_sending(
            Exit::ERROR,
            format!("the result could not be written: {error}"),
            next::instead(),
        );
        if error.kind() == io::ErrorKind::BrokenPipe {
            failure.0.exit = Exit::DONE;
            failure.0.silent = true;
        }
        failure
    }

    /// What happened, without what was deleted and what to type.
    pub(crate) fn happened(&self) -> &str {
        &self.0.happened
    }

    /// The command that it suggests.
    pub(crate) fn next(&self) -> &str {
        &self.0.next
    }

    pub(crate) fn exit(&self) -> Exit {
        self.0.exit
    }

    /// Tells what happened, where the command goes on all the same.
    pub(crate) fn tell_and_go_on(&self) {
        output::note(&format!("error: {}", sentence(&self.0.happened)));
    }

    /// Tells it on stderr.
    pub(crate) fn tell(&self) {
        if self.0.silent {
            return;
        }
        let inner = &*self.0;
        let happened = sentence(&inner.happened);
        let deleted = if inner.deleted.is_empty() {
            String::new()
        } else {
            format!(" {}", inner.deleted)
        };
        output::note(&format!("error: {happened}{deleted}"));
        if inner.may_repeat {
            output::pasteable(&inner.next);
        } else {
            output::next_after(inner.exit, &inner.next);
        }
    }
}

impl From<io::Error> for Failure {
    /// `?` on a write to stdout; every other I/O says itself what it was.
    fn from(error: io::Error) -> Self {
        Self::output(&error)
    }
}

/// An error with its sources, which a library's `Display` leaves out, and without the numbers that the system gives its own.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let text = fleetpurge_engine::chain(error);
    let Some((before, number)) = text.rsplit_once(" (os error ") else {
        return text;
    };
    match number.split_once(')') {
        Some((number, after)) if number.bytes().all(|byte| byte.is_ascii_digit()) => format!("{before}{after}"),
        _ => text,
    }
}

/// Ends what it is given with a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
