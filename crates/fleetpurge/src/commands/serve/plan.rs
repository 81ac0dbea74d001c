//! What there is to see of a plan, and whether its file is still the one that was served first.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use fleetpurge_ledger::{Error, ErrorKind};
use jiff::Timestamp;

use super::moment::Following;
use crate::commands::report::page;
use crate::commands::status::{Life, Seen};
use crate::failure::{chain, sentence};
use crate::output::shown;
use crate::plan_file;
use crate::rows::Trouble;

/// What a browser is told of a look at the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The parts of the page that change.
    Moment(String),
    /// There is no plan to see, and why.
    Absent(String),
}

/// The plan that is served. One look at a time: what a look holds, an `apply` that begins or ends waits for.
#[derive(Debug)]
pub(super) struct Served {
    path: PathBuf,
    digest: String,
    identity: Identity,
    following: Following,
    began: Instant,
    /// When the last look ended, and how long it took.
    last: Option<(Instant, Duration)>,
    /// What the files were at the last look, unless more may be known without a change to them.
    stamp: Option<Stamp>,
}

impl Served {
    /// The plan that is under this name now.
    pub(super) fn new(path: &Path) -> Result<Self, Error> {
        let identity = fs::metadata(path).map(|metadata| identity(&metadata)).ok();
        let begun = Instant::now();
        let seen = Seen::of(path)?;
        plan_file::opened(path, seen.ledger.plan(), begun);
        Ok(Self {
            path: path.to_owned(),
            digest: seen.ledger.plan().digest.clone(),
            identity: identity.unwrap_or_default(),
            following: Following::default(),
            began: Instant::now(),
            last: None,
            stamp: None,
        })
    }

    /// What is new since the last look; `None` if nothing can be.
    pub(super) fn look(&mut self) -> Option<Told> {
        let stamp = Stamp::of(&self.path);
        if stamp.is_some() && self.stamp == stamp {
            return None;
        }
        let told = self.read(|served, seen| {
            let now = served.following.now(seen, Timestamp::now(), served.began.elapsed());
            // The end of a process changes no file.
            served.stamp = stamp
                .clone()
                .filter(|_| !matches!(seen.life(), Some(Life::UnderWay(_))));
            page::moment(&served.path, &seen.ledger, &seen.counts, now).map_err(Trouble::from)
        });
        Some(match told {
            Ok(html) => Told::Moment(html),
            Err(why) => {
                self.stamp = None;
                Told::Absent(why)
            }
        })
    }

    /// The whole page, or why there is none.
    pub(super) fn page(&mut self) -> Result<Vec<u8>, String> {
        self.read(|served, seen| {
            let now = served.following.now(seen, Timestamp::now(), served.began.elapsed());
            let mut html = Vec::new();
            page::served(&mut html, &served.path, &seen.ledger, &seen.counts, now)?;
            Ok(html)
        })
    }

    /// Forgets the last look: whoever comes now has seen nothing.
    pub(super) fn forget(&mut self) {
        self.stamp = None;
    }

    /// How long the last look took.
    pub(super) fn took(&self) -> Duration {
        self.last.map(|(_, took)| took).unwrap_or_default()
    }

    fn read<T>(&mut self, make: impl FnOnce(&mut Self, &Seen) -> Result<T, Trouble>) -> Result<T, String> {
        // A gap as long as the look before: an `apply` that waits for readers finds a moment without one.
        if let Some((ended, took)) = self.last {
            thread::sleep(took.saturating_sub(ended.elapsed()));
        }
        let begun = Instant::now();
        let read = self.is_the_same().and_then(|()| {
            let seen = Seen::of(&self.path).map_err(|error| self.why(&error))?;
            if seen.ledger.plan().digest != self.digest {
                return Err(self.replaced());
            }
            make(self, &seen).map_err(|trouble| match trouble {
                Trouble::Plan(error) => self.why(&error),
                Trouble::Output(error) => format!("The page could not be made: {error}."),
                Trouble::Refused(_) => "The page could not be made.".to_owned(),
            })
        });
        self.last = Some((Instant::now(), begun.elapsed()));
        read
    }

    fn is_the_same(&self) -> Result<(), String> {
        match fs::metadata(&self.path) {
            Ok(metadata) if identity(&metadata) == self.identity => Ok(()),
            Ok(_) => Err(self.replaced()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(self.gone()),
            Err(error) => Err(format!("The plan {} cannot be read: {error}.", self.name())),
        }
    }

    fn name(&self) -> String {
        shown(&self.path.to_string_lossy()).into_owned()
    }

    fn gone(&self) -> String {
        format!(
            "The plan {} was moved or removed. What else this page shows is what was read before.",
            self.name()
        )
    }

    fn replaced(&self) -> String {
        format!(
            "The plan {} was replaced: another file has its name now. What else this page shows is of the plan before. To \
             see the other, start fleetpurge serve again.",
            self.name()
        )
    }

    fn why(&self, error: &Error) -> String {
        if error.kind() == ErrorKind::NotFound {
            return self.gone();
        }
        sentence(&format!(
            "The plan {} cannot be read: {}",
            self.name(),
            shown(&chain(error))
        ))
    }
}

/// What the files of a plan are known by: whatever is recorded changes one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp([Option<(Identity, u64, Option<SystemTime>)>; 3]);

impl Stamp {
    /// `None` if there is no plan.
    fn of(plan: &Path) -> Option<Self> {
        let of = |suffix: &str| {
            let mut name = OsString::from(plan);
            name.push(suffix);
            let metadata = fs::metadata(name).ok()?;
            Some((identity(&metadata), metadata.len(), metadata.modified().ok()))
        };
        let files = ["", "-wal", ".lock"].map(of);
        files[0].is_some().then_some(Self(files))
    }
}

/// Device and inode.
#[cfg(unix)]
type Identity = (u64, u64);

/// Elsewhere the digest has to do.
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}
