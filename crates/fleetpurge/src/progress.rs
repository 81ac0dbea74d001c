//! How far it is, on stderr, when a person watches.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A line that moves. Nothing at all when stderr is no terminal.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Rows read so far, of nobody knows how many.
    pub(crate) fn rows() -> Self {
        Self::new(None, "{spinner} {human_pos} rows read")
    }

    /// Devices of an account listed so far.
    pub(crate) fn listed() -> Self {
        Self::new(None, "{spinner} {human_pos} devices listed")
    }

    /// Devices done with, of so many.
    pub(crate) fn devices(total: u64) -> Self {
        Self::new(
            Some(total),
            "[{elapsed_precise}] {bar:30} {human_pos}/{human_len} {msg}{left}",
        )
    }

    fn new(total: Option<u64>, template: &str) -> Self {
        // Draws to stderr, and only if that is a terminal.
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("left", left).progress_chars("=> "));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    pub(crate) fn advance(&self, count: u64) {
        self.0.inc(count);
    }

    pub(crate) fn message(&self, text: String) {
        self.0.set_message(text);
    }

    /// Says something above the line.
    pub(crate) fn note(&self, text: &str) {
        self.0.suspend(|| crate::output::note(text));
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// How long it will take, once there is something to tell it from: before that `indicatif` says no time at all.
fn left(state: &ProgressState, text: &mut dyn Write) {
    if state.pos() > 0 {
        // A line that cannot be drawn is not worth more than that.
        let _ = write!(text, " (about {:#} left)", HumanDuration(state.eta()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
