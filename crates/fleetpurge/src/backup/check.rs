//! `apply --require-backup`: checks that every device that may be sent is saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fleetpurge_ledger::{Ledger, Plan, PlanAddress, Selection, Service};
use fleetpurge_records::{Backup, BackupPointer};
use ubidots_devices::DeviceId;

use crate::backup::file;
use crate::backup::folder;
use crate::backup::lacking::{Lack, Lacking, held};
use crate::backup::manifest::{self, NotOfPlan, Unread};
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::output::counted;
use crate::plan_file;
use crate::progress::Progress;

/// Which devices have to be saved.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) selection: &'a Selection,
    /// How many devices the selection takes.
    pub(crate) count: u64,
    /// So many may be missing, by a person's word.
    pub(crate) accept_missing: Option<u64>,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) dir: PathBuf,
    /// Devices that may be sent and are saved.
    pub(crate) saved: u64,
    /// Devices that may be sent and were not found when the backup was made, as a person knows.
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
    /// The manifest has another format.
    Format(u32),
    NotOfPlan(NotOfPlan),
    Unfinished,
}

/// Whether pointer and manifest say that there is a whole backup of this plan. Pure.
fn judge(plan: &Plan, pointer: Option<&BackupPointer>, manifest: Result<Option<&Backup>, u32>) -> Result<(), Refusal> {
    let pointer = pointer.ok_or(Refusal::NoPointer)?;
    if pointer.digest != plan.digest {
        return Err(Refusal::PointerOfOtherPlan);
    }
    let manifest = manifest.map_err(Refusal::Format)?.ok_or(Refusal::NoManifest)?;
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
            Self::Format(format) => {
                let why = if *format < manifest::FORMAT {
                    "it has no checksums of its files, and numbers in it may have lost digits"
                } else {
                    "it is of a newer version"
                };
                format!(
                    "the backup in {dir} has format {format}, and this version reads format {}: {why}. Run backup again",
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
pub(crate) fn require(plan_path: &Path, plan: &Plan, wanted: &Wanted<'_>) -> Result<Found, Failure> {
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
    let manifest = match manifest::of(&folder::manifest(&dir)) {
        Ok(manifest) => Ok(manifest),
        Err(Unread::Format(format)) => Err(format),
        Err(Unread::Wrong(why)) => return Err(unreadable(why)),
    };
    let found = manifest.as_ref().map(Option::as_ref).map_err(|format| *format);
    judge(plan, pointer.as_ref(), found).map_err(|refusal| {
        let out = match (&refusal, &manifest) {
            // Whatever the pointer says: the usual folder is there for this plan, unless another's backup is in it.
            (Refusal::NoPointer, Err(_)) => folder::free_beside(&usual),
            (Refusal::NoPointer, Ok(Some(manifest))) if manifest::judge(manifest, plan).is_err() => {
                folder::free_beside(&usual)
            }
            (refusal, _) if refusal.can_go_on() => dir.clone(),
            _ if usual.exists() => folder::free_beside(&usual),
            _ => usual.clone(),
        };
        refused(plan_path, &refusal.message(&dir), &out)
    })?;
    let files = manifest
        .ok()
        .flatten()
        .map(|manifest| manifest.files)
        .unwrap_or_default();
    let mut found = Found {
        dir,
        saved: 0,
        missing: 0,
    };
    let lacking = devices(plan_path, wanted, &files, &mut found)?;
    match lacking.message(&found.dir, wanted.count, wanted.accept_missing) {
        None => Ok(found),
        Some(why) => Err(refused(plan_path, &why, &found.dir)),
    }
}

/// Looks at the file of every device that may be sent.
fn devices(
    plan_path: &Path,
    wanted: &Wanted<'_>,
    files: &BTreeMap<String, String>,
    found: &mut Found,
) -> Result<Lacking, Failure> {
    let at_plan = |error| plan_file::after(&error, plan_path, SENT_NOTHING);
    let progress = Progress::devices(wanted.count);
    let ledger = PlanAddress::typed(plan_path).and_then(Ledger::open).map_err(at_plan)?;
    let mut lacking = Lacking::default();
    let mut left = wanted.selection.limit.unwrap_or(u64::MAX);
    for row in ledger.report_rows().map_err(at_plan)? {
        let row = row.map_err(at_plan)?;
        if left == 0 {
            break;
        }
        if !wanted.selection.takes(row.outcome) {
            continue;
        }
        left -= 1;
        progress.advance(1);
        let id = DeviceId::new(row.uid.as_str()).map_err(|error| refused(plan_path, &error.to_string(), &found.dir))?;
        let looked = file::look(&folder::device(&found.dir, &id), id.as_str());
        match held(looked, files.get(&manifest::name_of(&id)).map(String::as_str)) {
            Ok(()) => found.saved += 1,
            Err(lack) => {
                found.missing += u64::from(lack == Lack::NotFound);
                lacking.add(&id, &lack);
            }
        }
    }
    Ok(lacking)
}

/// Nothing is sent, and the next command makes the backup.
fn refused(plan_path: &Path, why: &str, out: &Path) -> Failure {
    let out = next::argument(out);
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
            missing => format!(
                ", and {} not found when it was made",
                counted(missing, "more was", "more were")
            ),
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
            (Some(&pointer), Ok(Some(&whole())), Ok(())),
            (None, Ok(None), Err(Refusal::NoPointer)),
            (None, Ok(Some(&whole())), Err(Refusal::NoPointer)),
            (
                Some(&other_pointer),
                Ok(Some(&whole())),
                Err(Refusal::PointerOfOtherPlan),
            ),
            (Some(&pointer), Ok(None), Err(Refusal::NoManifest)),
            (Some(&pointer), Err(1), Err(Refusal::Format(1))),
            (Some(&pointer), Ok(Some(&unfinished)), Err(Refusal::Unfinished)),
            (
                Some(&pointer),
                Ok(Some(&other)),
                Err(Refusal::NotOfPlan(NotOfPlan::OtherPlan)),
            ),
            (
                Some(&pointer),
                Ok(Some(&older)),
                Err(Refusal::NotOfPlan(NotOfPlan::OlderThanPlan)),
            ),
        ];
        for (pointer, manifest, expected) in table {
            assert_eq!(judge(&plan(), pointer, manifest), expected, "{pointer:?} {manifest:?}");
        }
    }
}
