//! The manifest: the plan of a backup, and whether the backup is complete.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use fleetpurge_ledger::Plan;
use fleetpurge_records::Backup;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ubidots_devices::DeviceId;

use crate::atomic_file::AtomicFile;
use crate::backup::folder;

/// The version of the folder's format that is written here, and the only one that is read. Format 1 had no checksums, and
/// numbers in it were as a double holds them.
pub(crate) const FORMAT: u32 = 2;

/// A record of a file; `None` where there is no file. The error says what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, String> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| format!("{} is not understood: {error}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    }
}

/// Why a manifest is not one that this version reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It has another format.
    Format(u32),
    /// It cannot be read, or is none. The text says what is wrong with it.
    Wrong(String),
}

/// The manifest of a folder; `None` where there is none. What it holds depends on its format, which is looked at first.
pub(crate) fn of(path: &Path) -> Result<Option<Backup>, Unread> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    match read::<Format>(path).map_err(Unread::Wrong)? {
        None => Ok(None),
        Some(Format { format: FORMAT }) => read(path).map_err(Unread::Wrong),
        Some(Format { format }) => Err(Unread::Format(format)),
    }
}

/// Writes a record, all of it or nothing.
pub(crate) fn write(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    serde_json::to_writer_pretty(&mut file, record)?;
    file.write_all(b"\n")?;
    file.finish()
}

/// The manifest of a backup that begins now.
pub(crate) fn begun(plan: &Plan, now: Timestamp) -> Backup {
    Backup {
        format: FORMAT,
        digest: plan.digest.clone(),
        tenant: plan.settings.tenant.clone(),
        base_url: plan.settings.base_url.clone(),
        started_at: now.to_string(),
        finished_at: None,
        counts: None,
        files: BTreeMap::new(),
    }
}

/// The name under which a device's file stands in the manifest.
pub(crate) fn name_of(id: &DeviceId) -> String {
    format!("{}/{}", folder::DEVICES, folder::file_name(id))
}

/// Why a backup is not one of this plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotOfPlan {
    /// It is of another plan, or of another tenant.
    OtherPlan,
    /// It was begun before the plan was made, or it does not say when.
    OlderThanPlan,
}

/// Whether a backup is one of this plan, whole or not.
pub(crate) fn judge(backup: &Backup, plan: &Plan) -> Result<(), NotOfPlan> {
    if backup.digest != plan.digest || backup.tenant != plan.settings.tenant {
        return Err(NotOfPlan::OtherPlan);
    }
    match backup.started_at.parse::<Timestamp>() {
        Ok(started) if started >= plan.created_at => Ok(()),
        _ => Err(NotOfPlan::OlderThanPlan),
    }
}

/// Whether a backup is whole, of the same plan as another, and holds more of its devices.
pub(crate) fn holds_more(backup: &Backup, other: &Backup) -> bool {
    let of_same_plan = backup.digest == other.digest && backup.tenant == other.tenant;
    let devices = |of: &Backup| of.counts.map_or(0, |counts| counts.devices);
    of_same_plan && backup.finished_at.is_some() && devices(backup) > devices(other)
}

#[cfg(test)]
pub(crate) mod tests {
    use fleetpurge_ledger::{PlanSettings, Service, UidValidation};
    use fleetpurge_records::BackupCounts;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Made at second 100.
    pub(crate) fn plan() -> Plan {
        Plan {
            settings: PlanSettings {
                service: Service::Ubidots,
                tenant: "acme".to_owned(),
                instance: None,
                region: None,
                base_url: "https://acme.example".to_owned(),
                token_url: None,
                uid_validation: UidValidation::Warn,
                max_devices: 10,
                tool: "test".to_owned(),
            },
            planned: 3,
            skipped: 0,
            created_at: at(100),
            digest: "d1".to_owned(),
            sources: Vec::new(),
        }
    }

    /// Of [`plan`], begun at second 200 and whole.
    pub(crate) fn whole() -> Backup {
        Backup {
            finished_at: Some(at(300).to_string()),
            counts: Some(BackupCounts::default()),
            ..begun(&plan(), at(200))
        }
    }

    #[test]
    fn a_backup_is_of_a_plan_by_digest_tenant_and_age() {
        use NotOfPlan::{OlderThanPlan, OtherPlan};
        let of = |change: &dyn Fn(&mut Backup)| {
            let mut backup = whole();
            change(&mut backup);
            judge(&backup, &plan())
        };
        assert_eq!(of(&|_| {}), Ok(()));
        assert_eq!(of(&|backup| backup.finished_at = None), Ok(()));
        assert_eq!(of(&|backup| backup.started_at = at(100).to_string()), Ok(()));
        assert_eq!(of(&|backup| backup.started_at = at(99).to_string()), Err(OlderThanPlan));
        assert_eq!(of(&|backup| backup.started_at = "soon".to_owned()), Err(OlderThanPlan));
        assert_eq!(of(&|backup| backup.digest = "d2".to_owned()), Err(OtherPlan));
        assert_eq!(of(&|backup| backup.tenant = "other".to_owned()), Err(OtherPlan));
    }

    #[test]
    fn a_backup_holds_more_only_than_another_of_its_plan() {
        let with = |devices| Backup {
            counts: Some(BackupCounts {
                devices,
                ..BackupCounts::default()
            }),
            ..whole()
        };
        let unfinished = Backup {
            finished_at: None,
            ..with(3)
        };
        let other = Backup {
            digest: "d2".to_owned(),
            ..with(3)
        };
        for (backup, expected) in [(with(3), true), (with(2), false), (unfinished, false), (other, false)] {
            assert_eq!(holds_more(&backup, &with(2)), expected, "{backup:?}");
        }
    }

    #[test]
    fn a_manifest_of_another_format_is_known_by_its_format_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.json");
        assert_eq!(of(&path), Ok(None));
        write(&path, &whole()).unwrap();
        assert_eq!(of(&path), Ok(Some(whole())));
        for (text, format) in [(r#"{"format":1}"#, 1), (r#"{"format":3,"new":[]}"#, 3)] {
            fs::write(&path, text).unwrap();
            assert_eq!(of(&path), Err(Unread::Format(format)), "{text}");
        }
        for text in ["{}", "", r#"{"format":"2"}"#, r#"{"format":2}"#] {
            fs::write(&path, text).unwrap();
            assert!(matches!(of(&path), Err(Unread::Wrong(_))), "{text}");
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_nonsense_is_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.json");
        assert_eq!(read::<Backup>(&path), Ok(None));
        write(&path, &whole()).unwrap();
        assert_eq!(read(&path), Ok(Some(whole())));
        fs::write(&path, "{}").unwrap();
        assert!(
            read::<Backup>(&path)
                .unwrap_err()
                .contains("backup.json is not understood")
        );
    }
}
