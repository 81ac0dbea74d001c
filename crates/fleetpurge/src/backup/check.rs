//! `apply --require-backup`: whether everything that may be sent was saved first.

use std::path::{Path, PathBuf};

use fleetpurge_ledger::{Ledger, Plan, Selection, Service};
use fleetpurge_records::{Backup, BackupPointer};
use ubidots_devices::DeviceId;

use crate::backup::file::{self, Content, Flaw};
use crate::backup::folder;
use crate::backup::manifest::{self, NotOfPlan};
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::output::counted;
use crate::plan_file;
use crate::progress::Progress;

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) dir: PathBuf,
    /// Devices that may be sent and are saved.
    pub(crate) saved: u64,
    /// Devices that may be sent and that the account did not have.
    pub(crate) missing: u64,
}

/// Why there is no backup to rely on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Refusal {
    /// Nothing says where one is.
    NoPointer,
    /// The last one was of another plan of this name.
    PointerOfOtherPlan,
    /// The folder that the pointer names has no manifest.
    NoManifest,
    NotOfPlan(NotOfPlan),
    Unfinished,
}

/// Whether pointer and manifest say that there is a whole backup of this plan. Pure.
fn judge(plan: &Plan, pointer: Option<&BackupPointer>, manifest: Option<&Backup>) -> Result<(), Refusal> {
    let pointer = pointer.ok_or(Refusal::NoPointer)?;
    if pointer.digest != plan.digest {
        return Err(Refusal::PointerOfOtherPlan);
    }
    let manifest = manifest.ok_or(Refusal::NoManifest)?;
    manifest::judge(manifest, plan).map_err(Refusal::NotOfPlan)?;
    match manifest.finished_at {
        Some(_) => Ok(()),
        None => Err(Refusal::Unfinished),
    }
}

impl Refusal {
    fn message(&self, dir: &Path) -> String {
        let dir = dir.display();
        match self {
            Self::NoPointer => "the plan has no finished backup".to_owned(),
            Self::PointerOfOtherPlan => {
                "the backup that lies beside the plan is of another plan, one that had its name before".to_owned()
            }
            Self::NoManifest => format!("the backup is no longer in {dir}"),
            Self::NotOfPlan(NotOfPlan::Format(format)) => {
                format!(
                    "the backup in {dir} has format {format}, and this version reads format {}",
                    manifest::FORMAT
                )
            }
            Self::NotOfPlan(NotOfPlan::OtherPlan) => format!("the backup in {dir} is of another plan"),
            Self::NotOfPlan(NotOfPlan::OlderThanPlan) => format!("the backup in {dir} is older than the plan"),
            Self::Unfinished => format!("the backup in {dir} is not finished"),
        }
    }

    /// Whether a backup into the same folder goes on with what is there.
    fn can_go_on(&self) -> bool {
        matches!(self, Self::NoPointer | Self::Unfinished | Self::NoManifest)
    }
}

/// Refuses unless the plan has a backup that is whole, of this very plan, and holds every device that the selection
/// takes. Opens no socket.
pub(crate) fn require(plan_path: &Path, plan: &Plan, selection: &Selection, count: u64) -> Result<Found, Failure> {
    if plan.settings.service != Service::Ubidots {
        return Err(Failure::new(
            Exit::REFUSED,
            format!(
                "--require-backup cannot be held for a plan of {}: it documents no endpoint that reads devices, so there \
                 is nothing to save them from",
                plan.settings.service
            ),
            SENT_NOTHING,
            next::over("status", plan_path, &[]),
        ));
    }
    let usual = folder::default_for(plan_path);
    let unreadable = |why: String| refused(plan_path, &why, &folder::free_beside(&usual));
    let pointer: Option<BackupPointer> = manifest::read(&folder::pointer(plan_path)).map_err(unreadable)?;
    let dir = pointer
        .as_ref()
        .map_or_else(|| usual.clone(), |pointer| PathBuf::from(&pointer.dir));
    let manifest = manifest::read(&folder::manifest(&dir)).map_err(unreadable)?;
    judge(plan, pointer.as_ref(), manifest.as_ref()).map_err(|refusal| {
        let out = match (&refusal, &manifest) {
            // Whatever the pointer says: the usual folder is there for this plan, unless another's backup is in it.
            (Refusal::NoPointer, Some(manifest)) if manifest::judge(manifest, plan).is_err() => {
                folder::free_beside(&usual)
            }
            (refusal, _) if refusal.can_go_on() => dir.clone(),
            _ if usual.exists() => folder::free_beside(&usual),
            _ => usual.clone(),
        };
        refused(plan_path, &refusal.message(&dir), &out)
    })?;
    let mut found = Found {
        dir,
        saved: 0,
        missing: 0,
    };
    devices(plan_path, selection, &Progress::devices(count), &mut found)?;
    Ok(found)
}

/// Looks at the file of every device that may be sent.
fn devices(plan_path: &Path, selection: &Selection, progress: &Progress, found: &mut Found) -> Result<(), Failure> {
    let at_plan = |error| plan_file::after(&error, plan_path, SENT_NOTHING);
    let ledger = Ledger::open(plan_path).map_err(at_plan)?;
    let mut left = selection.limit.unwrap_or(u64::MAX);
    for row in ledger.report_rows().map_err(at_plan)? {
        let row = row.map_err(at_plan)?;
        if left == 0 {
            break;
        }
        if !selection.takes(row.outcome) {
            continue;
        }
        left -= 1;
        progress.advance(1);
        let id = DeviceId::new(row.uid.as_str()).map_err(|error| refused(plan_path, &error.to_string(), &found.dir))?;
        let path = folder::device(&found.dir, &id);
        match file::look(&path, id.as_str()) {
            Ok(Content::Device { .. }) => found.saved += 1,
            Ok(Content::Missing) => found.missing += 1,
            Err(flaw) => {
                let why = match flaw {
                    Flaw::Absent => "has no file".to_owned(),
                    Flaw::Damaged(why) => format!("has a file that is not whole ({why})"),
                    Flaw::Io(error) => format!("has a file that cannot be read ({error})"),
                };
                let dir = found.dir.display();
                return Err(refused(
                    plan_path,
                    &format!("the device {id} {why} in the backup {dir}"),
                    &found.dir,
                ));
            }
        }
    }
    Ok(())
}

/// Nothing is sent, and the next command makes the backup.
fn refused(plan_path: &Path, why: &str, out: &Path) -> Failure {
    let out = out.to_string_lossy();
    Failure::new(
        Exit::REFUSED,
        format!("--require-backup: {why}"),
        SENT_NOTHING,
        next::over("backup", plan_path, &["--out", &out]),
    )
}

impl Found {
    /// A line for the person who applies.
    pub(crate) fn told(&self) -> String {
        let saved = counted(self.saved, "device that may be sent is", "devices that may be sent are");
        let missing = match self.missing {
            0 => String::new(),
            missing => format!(", and the account did not have {missing} more"),
        };
        format!("Backup {}: {saved} saved{missing}", self.dir.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::manifest::tests::{plan, whole};

    #[test]
    fn only_a_whole_backup_of_this_very_plan_counts() {
        let pointer = BackupPointer {
            digest: plan().digest,
            dir: "/b".to_owned(),
            finished_at: "1970-01-01T00:05:00Z".to_owned(),
        };
        let other_pointer = BackupPointer {
            digest: "d2".to_owned(),
            ..pointer.clone()
        };
        let unfinished = Backup {
            finished_at: None,
            ..whole()
        };
        let other = Backup {
            digest: "d2".to_owned(),
            ..whole()
        };
        let older = Backup {
            started_at: "1970-01-01T00:01:39Z".to_owned(),
            ..whole()
        };
        let table = [
            (Some(&pointer), Some(&whole()), Ok(())),
            (None, None, Err(Refusal::NoPointer)),
            (None, Some(&whole()), Err(Refusal::NoPointer)),
            (Some(&other_pointer), Some(&whole()), Err(Refusal::PointerOfOtherPlan)),
            (Some(&pointer), None, Err(Refusal::NoManifest)),
            (Some(&pointer), Some(&unfinished), Err(Refusal::Unfinished)),
            (
                Some(&pointer),
                Some(&other),
                Err(Refusal::NotOfPlan(NotOfPlan::OtherPlan)),
            ),
            (
                Some(&pointer),
                Some(&older),
                Err(Refusal::NotOfPlan(NotOfPlan::OlderThanPlan)),
            ),
        ];
        for (pointer, manifest, expected) in table {
            assert_eq!(judge(&plan(), pointer, manifest), expected, "{pointer:?} {manifest:?}");
        }
    }
}
