//! The progress of a long command on stderr: one moving line on a terminal, a line from time to time in a log.

mod meter;
mod pace;
mod text;

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use meter::{Heartbeat, Meter};
pub(crate) use pace::Pace;
use text::{Unit, View};

use crate::output;
use crate::rehearsal;

/// How often the moving line is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(200);

/// How often a log gets a line. A command that is over before has none.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// A report of progress, until it is dropped or finished.
#[derive(Debug)]
pub(crate) struct Progress {
    shared: Arc<Shared>,
    teller: Mutex<Option<JoinHandle<()>>>,
}

/// What the working threads say, and the telling thread reads.
#[derive(Debug)]
struct Shared {
    done: AtomicU64,
    said: Mutex<Said>,
    changed: Condvar,
    total: Option<u64>,
    unit: Unit,
    began: Instant,
}

#[derive(Debug, Default)]
struct Said {
    message: String,
    waiting_until: Option<Instant>,
    is_finished: bool,
}

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Person,
    Log,
}

impl Progress {
    /// Rows read so far, of nobody knows how many.
    pub(crate) fn rows() -> Self {
        Self::new(None, Unit::Rows)
    }

    /// Devices of an account listed so far.
    pub(crate) fn listed() -> Self {
        Self::new(None, Unit::Listed)
    }

    /// Devices done with, of so many.
    pub(crate) fn devices(total: u64) -> Self {
        Self::new(Some(total), Unit::Devices)
    }

    fn new(total: Option<u64>, unit: Unit) -> Self {
        let shared = Arc::new(Shared {
            done: AtomicU64::new(0),
            said: Mutex::default(),
            changed: Condvar::new(),
            total,
            unit,
            began: Instant::now(),
        });
        let teller = {
            let shared = Arc::clone(&shared);
            // Without a thread there is no progress to see, and the work is done all the same.
            std::thread::Builder::new()
                .name("progress".to_owned())
                .spawn(move || shared.tell(reader()))
                .ok()
        };
        Self {
            shared,
            teller: Mutex::new(teller),
        }
    }

    pub(crate) fn advance(&self, count: u64) {
        self.shared.done.fetch_add(count, Ordering::Relaxed);
    }

    /// What there is to say beside the numbers, the most important first: parts with `, ` between them, of which the
    /// last ones are left out where there is no room.
    pub(crate) fn message(&self, text: String) {
        self.shared.said().message = text;
    }

    /// Nothing is started before then.
    pub(crate) fn waiting_until(&self, until: Instant) {
        self.shared.said().waiting_until = Some(until);
    }

    /// Says something above the line.
    #[expect(clippy::unused_self, reason = "a note belongs to the work that is under way")]
    pub(crate) fn note(&self, text: &str) {
        output::note(text);
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.shared.said().is_finished = true;
        self.shared.changed.notify_all();
        let teller = self.teller.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(teller) = teller {
            // A thread that has panicked tells nothing any more, which is all that is wanted.
            let _ = teller.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells until the work is finished.
    fn tell(&self, reader: Reader) {
        let mut meter = Meter::default();
        let mut heartbeat = Heartbeat::new(rehearsal::told_every().unwrap_or(TOLD_EVERY));
        let mut said = self.said();
        while !said.is_finished {
            let now = self.began.elapsed();
            meter.note(now, self.done.load(Ordering::Relaxed));
            let view = View {
                elapsed: now,
                done: meter.done(),
                total: self.total,
                unit: self.unit,
                rate: meter.rate(now),
                message: said.message.clone(),
                waiting: said
                    .waiting_until
                    .and_then(|until| until.checked_duration_since(Instant::now())),
            };
            let pause = match reader {
                Reader::Person => {
                    // What is over in an instant is not worth a line that flashes.
                    if now >= DRAWN_EVERY {
                        output::draw(|width| text::line(width, &view));
                    }
                    DRAWN_EVERY
                }
                Reader::Log => {
                    if heartbeat.is_due(now) {
                        output::note(&text::sentence(&view));
                    }
                    // The rate is that of the last while: it is measured more often than it is told.
                    heartbeat.pause(now).min(Duration::from_secs(1))
                }
            };
            said = self
                .changed
                .wait_timeout(said, pause)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        drop(said);
        output::erase();
    }
}

/// A moving line and a log of what is done would write over each other.
fn reader() -> Reader {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let is_logging = tracing::level_filters::LevelFilter::current() != tracing::level_filters::LevelFilter::OFF;
    if std::io::stderr().is_terminal() && !is_dumb && !is_logging {
        Reader::Person
    } else {
        Reader::Log
    }
}
