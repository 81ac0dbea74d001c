//! The end of a backup: writes the manifest and the pointer, and prints the result.

use std::io::{self, Write};
use std::path::{Path, absolute};

use fleetpurge_records::{Backup, BackupCounts, BackupPointer};
use jiff::Timestamp;

use super::failures::{DELETED_NOTHING, unwritable};
use super::saving::Saving;
use super::tally::Tally;
use crate::backup::{folder, manifest};
use crate::credentials;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted};

impl Saving<'_> {
    /// Everything has its file: says so in the manifest and beside the plan, then tells it.
    pub(super) fn finish(&self, manifest: Backup, tally: &Tally) -> Result<Exit, Failure> {
        let dir = &self.folder.path;
        if tally.is_of_another_account() {
            return Err(Failure::new(
                Exit::ERROR,
                format!(
                    "{} has none of the plan's {}, so nothing was saved. Check that {} belongs to the account that the \
                     devices are in",
                    self.tenant.name,
                    counted(tally.counts.missing, "device", "devices"),
                    credentials::ubidots::TOKEN
                ),
                DELETED_NOTHING,
                next::same_command(),
            ));
        }
        let at_folder = |error: io::Error| unwritable(dir, &error);
        self.folder.sync().map_err(at_folder)?;
        let finished_at = Timestamp::now().to_string();
        let digest = manifest.digest.clone();
        let manifest = Backup {
            finished_at: Some(finished_at.clone()),
            counts: Some(tally.counts),
            files: tally.files.clone(),
            ..manifest
        };
        manifest::write(&folder::manifest(dir), &manifest).map_err(at_folder)?;
        let pointer = folder::pointer(&self.args.plan);
        self.point(&pointer, &manifest, digest, finished_at).map_err(|error| {
            Failure::new(
                Exit::ERROR,
                format!(
                    "the backup in {} is whole, but {}, by which `apply --require-backup` finds it, could not be \
                         written: {error}",
                    dir.display(),
                    pointer.display()
                ),
                DELETED_NOTHING,
                next::same_command(),
            )
        })?;
        self.tell(tally)
    }

    /// Writes beside the plan where the backup is, unless an earlier one found more of the devices.
    fn point(&self, pointer: &Path, manifest: &Backup, digest: String, finished_at: String) -> io::Result<()> {
        let dir = absolute(&self.folder.path)?.to_string_lossy().into_owned();
        let earlier: Option<BackupPointer> = manifest::read(pointer).unwrap_or_default();
        if let Some(earlier) = earlier.filter(|earlier| earlier.dir != dir) {
            let there = manifest::of(&folder::manifest(Path::new(&earlier.dir)));
            let (name, earlier_dir) = (pointer.display(), output::shown(&earlier.dir));
            if matches!(there, Ok(Some(there)) if manifest::holds_more(&there, manifest)) {
                output::note(&format!(
                    "{name} still names the backup in {earlier_dir}, which has more of the devices than this one."
                ));
                return Ok(());
            }
            output::note(&format!(
                "{name} now names this backup; the one in {earlier_dir} is unchanged."
            ));
        }
        let record = BackupPointer {
            digest,
            dir,
            finished_at,
        };
        manifest::write(pointer, &record)
    }

    fn print(&self, counts: &BackupCounts) -> io::Result<()> {
        let mut out = output::text();
        writeln!(out, "{:<11} {}", "backup", self.folder.path.display())?;
        writeln!(out, "{:<11} {:>9}  saved", "devices", counts.devices)?;
        writeln!(out, "{:<11} {:>9}  not found, not saved", "missing", counts.missing)?;
        writeln!(out, "{:<11} {:>9}", "variables", counts.variables)?;
        writeln!(out, "{:<11} {:>9}", "values", counts.values)?;
        out.flush()
    }

    /// The counts on stdout; on stderr what is missing.
    fn tell(&self, tally: &Tally) -> Result<Exit, Failure> {
        // The backup is finished and recorded: a reader that has gone away changes nothing about that.
        let _ = self.print(&tally.counts);
        if tally.unexpected == 0 {
            return Ok(Exit::DONE);
        }
        output::note("");
        let shown = tally.first.join(", ");
        let more = match tally.unexpected - tally.first.len() as u64 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let was = counted(tally.unexpected, "device was", "devices were");
        output::note(&format!(
            "{was} not found in the account (404) and could not be saved, and when this backup began the plan had not \
             deleted them: {shown}{more}. Either they are gone, or the token may not read them. `apply --require-backup` \
             refuses the plan. If the token may not read them, give one that may and run this backup again; if they are \
             gone, plan without them (--protect). {DELETED_NOTHING}"
        ));
        // What the token sees of the account tells the one from the other.
        output::next(&next::command(&[
            "select",
            "--service",
            "ubidots",
            "--base-url",
            &self.tenant.base_url,
            "--all",
            "--out",
            "account.csv",
        ]));
        Ok(Exit::SOME_BAD)
    }
}
