//! What this machine remembers of the plans that it has applied: how far each was. A database that was restored from a backup, or
//! whose place another server took, may lack that, and nothing in it shows so.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fleetpurge_postgres::Error as DatabaseError;

use super::fetch::Position;
use super::link::{Link, field, number};
use crate::model::{Error, ErrorKind};
use crate::store::columns::altered;

/// A run that is killed has written down how far it was this long ago, or later.
const EVERY: Duration = Duration::from_secs(1);

/// The file of one plan. Every copy of the plan has the same.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    written: Option<Instant>,
}

/// A commit that the plan had.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    commits: u64,
    chain: Vec<u8>,
}

impl Memory {
    /// In this folder, which is made when something is written.
    pub(crate) fn of(folder: &Path, digest: &str) -> Self {
        let name: String = digest
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        Self {
            path: folder.join(name),
            written: None,
        }
    }

    /// What is remembered, if anything is.
    pub(super) fn read(&self) -> Result<Option<Remembered>, Error> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unreadable().with_source(error)),
        };
        parse(&text).map(Some).ok_or_else(|| self.unreadable())
    }

    fn unreadable(&self) -> Error {
        Error::new(
            ErrorKind::Altered,
            format!(
                "{} says how far this machine has applied the plan, and cannot be read: if the database has lost nothing, remove it",
                self.path.display()
            ),
        )
    }

    /// Writes down how far the plan is, unless that was done a moment ago.
    pub(super) fn passes(&mut self, position: &Position) {
        if self.written.is_none_or(|written| written.elapsed() >= EVERY) {
            self.keep(position);
        }
    }

    /// Writes down how far the plan is. The commits stand whatever becomes of this.
    pub(crate) fn keep(&mut self, position: &Position) {
        let is_first = self.written.replace(Instant::now()).is_none();
        match self.write(position) {
            Err(error) if is_first => tracing::warn!(
                %error,
                path = %self.path.display(),
                "this machine cannot remember how far the plan was applied, and would not notice if the database lost changes"
            ),
            Err(error) => tracing::debug!(%error, "how far the plan was applied was not written down"),
            Ok(()) => {}
        }
    }

    fn write(&self, position: &Position) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // Whole or not at all: a process may die here.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        writeln!(file, "{}", line(position))?;
        file.persist(&self.path)?;
        Ok(())
    }
}

fn line(position: &Position) -> String {
    let chain: String = position.chain.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {chain}", position.commits)
}

fn parse(text: &str) -> Option<Remembered> {
    let (commits, chain) = text.strip_suffix('\n')?.split_once(' ')?;
    let byte = |place: usize| u8::from_str_radix(chain.get(place..place + 2)?, 16).ok();
    let chain: Option<Vec<u8>> = (0..chain.len()).step_by(2).map(byte).collect();
    Some(Remembered {
        commits: commits.parse().ok()?,
        chain: chain.filter(|chain| chain.len() == 32)?,
    })
}

/// Whether a plan has all that is remembered of it: a plan with so many commits, the first of which came with it, and with this link
/// for the number that is remembered.
fn has_all(known: &Remembered, first: u64, link: Option<&[u8]>) -> bool {
    // A plan that was copied has a chain of its own from there on, and came with as many changes at least.
    known.commits <= first || link == Some(known.chain.as_slice())
}

/// Refuses a plan that lacks changes that it once had: a run has noticed it, or this machine remembers.
pub(crate) async fn check(link: &Link, plan: i64, memory: Option<&Memory>) -> Result<(), Error> {
    let known = memory.map(Memory::read).transpose()?.flatten();
    let number_known = known.as_ref().map(|known| known.commits.cast_signed());
    let row = link
        .row(
            "SELECT p.lost_commit, (SELECT min(number) FROM fleetpurge.commits WHERE plan = p.plan),
                    (SELECT chain FROM fleetpurge.commits WHERE plan = p.plan AND number = $2)
             FROM fleetpurge.plans p WHERE p.plan = $1",
            &[&plan, &number_known],
        )
        .await?
        .ok_or_else(|| altered("the plan is no longer in the database"))?;
    if field::<Option<i64>>(&row, 0)?.is_some() {
        return Err(forgotten(number(&row, 0)?));
    }
    match known {
        Some(known) if !has_all(&known, number(&row, 1)?, field(&row, 2)?) => {
            mark(link, plan, known.commits).await?;
            Err(forgotten(known.commits))
        }
        _ => Ok(()),
    }
}

/// Writes into the database that it lacks a change, so that nobody applies the plan from any machine.
pub(super) async fn mark(link: &Link, plan: i64, lost: u64) -> Result<(), Error> {
    // It does not wait for a standby: the one that this server waits for may be the one that took its place.
    link.batch_execute("BEGIN; SET LOCAL synchronous_commit = local")
        .await
        .map_err(DatabaseError::from)?;
    let marked = link
        .run(
            "UPDATE fleetpurge.plans SET lost_commit = $2 WHERE plan = $1 AND lost_commit IS NULL",
            &[&plan, &lost.cast_signed()],
        )
        .await;
    link.end(marked.map(drop).map_err(Error::from)).await
}

pub(super) fn forgotten(known: u64) -> Error {
    Error::new(
        ErrorKind::Forgotten,
        format!(
            "the database does not have change {known} of the plan, which was confirmed: it was restored from a backup, \
             another server took its place that lacks the last changes, or another copy of the plan was applied"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(commits: u64, byte: u8) -> Position {
        Position {
            plan: 1,
            commits,
            chain: vec![byte; 32],
        }
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::of(&folder.path().join("not/yet/there"), "sha256:ab/c");
        assert_eq!(memory.read().unwrap(), None);
        memory.keep(&position(7, 0xa0));
        memory.passes(&position(8, 0xa1));
        let known = memory.read().unwrap().unwrap();
        assert_eq!(
            (known.commits, known.chain.as_slice()),
            (7, [0xa0; 32].as_slice()),
            "a moment ago"
        );
        memory.keep(&position(9, 0x0f));
        assert_eq!(memory.read().unwrap().unwrap().commits, 9);
        for torn in ["", "9", "9 \n", "9 0f\n", "x 0f0f\n", "-1 00\n"] {
            fs::write(&memory.path, torn).unwrap();
            let error = memory.read().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Altered, "{torn:?}");
            assert!(error.to_string().contains("ab-c"), "{error}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_stops_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut memory = Memory::of(&file.path().join("in-a-file"), "a");
        memory.keep(&position(1, 1));
        memory.passes(&position(2, 1));
    }

    #[test]
    fn a_plan_lacks_a_change_if_the_link_of_that_change_is_another_or_gone() {
        let known = Remembered {
            commits: 10,
            chain: vec![1; 32],
        };
        for (first, link, has) in [
            (0, Some([1; 32].as_slice()), true),
            (0, None, false),
            (0, Some([2; 32].as_slice()), false),
            // Another copy of the plan that did not come with as many changes.
            (9, None, false),
            // It came with them.
            (10, Some([3; 32].as_slice()), true),
            (11, None, true),
        ] {
            assert_eq!(has_all(&known, first, link), has, "{first} {link:?}");
        }
    }
}
