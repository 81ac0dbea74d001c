//! Every device has its file: the manifest and the pointer say so, and the person is told.

use std::io::{self, Write};
use std::path::absolute;

use fleetpurge_records::{Backup, BackupPointer};
use jiff::Timestamp;

use super::saving::Saving;
use super::tally::Tally;
use super::{DELETED_NOTHING, unwritable};
use crate::backup::{folder, manifest};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted};
use crate::services::ubidots;

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
                    ubidots::TOKEN
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
            ..manifest
        };
        manifest::write(&folder::manifest(dir), &manifest).map_err(at_folder)?;
        let pointer = folder::pointer(&self.args.plan);
        let earlier: Option<BackupPointer> = manifest::read(&pointer).unwrap_or_default();
        absolute(dir)
            .and_then(|dir| {
                let dir = dir.to_string_lossy().into_owned();
                if let Some(earlier) = earlier.filter(|earlier| earlier.dir != dir) {
                    output::note(&format!(
                        "{} says from now on that the backup is here; the one in {} is left as it is.",
                        pointer.display(),
                        output::shown(&earlier.dir)
                    ));
                }
                manifest::write(
                    &pointer,
                    &BackupPointer {
                        digest,
                        dir,
                        finished_at,
                    },
                )
            })
            .map_err(|error| {
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

    /// The counts on stdout; on stderr what is missing.
    fn tell(&self, tally: &Tally) -> Result<Exit, Failure> {
        let counts = &tally.counts;
        let mut out = output::stdout();
        writeln!(out, "{:<11} {}", "backup", self.folder.path.display())?;
        writeln!(out, "{:<11} {:>9}  saved", "devices", counts.devices)?;
        writeln!(out, "{:<11} {:>9}  not in the account", "missing", counts.missing)?;
        writeln!(out, "{:<11} {:>9}", "variables", counts.variables)?;
        writeln!(out, "{:<11} {:>9}", "values", counts.values)?;
        out.flush()?;
        drop(out);
        if tally.unexpected == 0 {
            return Ok(Exit::DONE);
        }
        output::note("");
        let shown = tally.first.join(", ");
        let more = match tally.unexpected - tally.first.len() as u64 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        output::note(&format!(
            "The backup is whole, but {} not found in the account, and when it began this plan had not deleted them: \
             {shown}{more}. They are gone, or the token may not read them. {DELETED_NOTHING}",
            counted(tally.unexpected, "device was", "devices were")
        ));
        output::next(&next::over("apply", &self.args.plan, &["--require-backup"]));
        Ok(Exit::SOME_BAD)
    }
}
