//! `backup`: saves the devices of a plan, with all that they have recorded, before they are deleted.

use std::io::{self, Write};
use std::path::{Path, absolute};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Plan, Service};
use fleetpurge_records::{Backup, BackupCounts, BackupPointer};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use ubidots_devices::{Client, Credentials, DeviceId};

use crate::args::BackupArgs;
use crate::backup::device::{self, Trouble};
use crate::backup::file::{self, Content, Flaw};
use crate::backup::folder::{self, Folder, NotOpened};
use crate::backup::manifest::{self, NotOfPlan};
use crate::exit::Exit;
use crate::failure::{Failure, chain, sentence};
use crate::next;
use crate::output::{self, counted};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::{Error, ErrorKind, Tenant, ubidots};
use crate::signals;
use crate::summary;

/// How many missing devices are named.
const SHOWN: usize = 20;

const DELETED_NOTHING: &str = "A backup deletes nothing.";

/// A device of the plan.
#[derive(Clone, Debug)]
struct Planned {
    id: DeviceId,
    /// The service was asked to delete it: that it is gone is no surprise.
    is_scheduled: bool,
}

pub(crate) fn run(args: &BackupArgs) -> Result<Exit, Failure> {
    execute(args, ubidots::credentials)
}

/// The whole of it, with the credentials asked for once the plan allows a backup.
pub(crate) fn execute(
    args: &BackupArgs,
    credentials: impl FnOnce() -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let (plan, devices) = planned(&args.plan)?;
    let tenant = Tenant::of(&plan.settings)
        .map_err(|why| Failure::new(Exit::REFUSED, why, DELETED_NOTHING, "fleetpurge plan --help"))?;
    let client = ubidots::reader(&tenant, credentials()?, args.reading).map_err(|error| not_begun(&error, &tenant))?;
    let dir = args.out.clone().unwrap_or_else(|| folder::default_for(&args.plan));
    let (folder, manifest) = open(&dir, &plan)?;
    introduce(&args.plan, &plan, &dir, devices.len());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| of_machine(&error.to_string()))?;
    let backup = Saving {
        args,
        tenant: &tenant,
        client,
        folder,
        devices,
    };
    runtime.block_on(backup.run(manifest))
}

/// The plan, and every device that it may send or has sent. A run that begins waits for readers: the plan is not kept
/// open.
fn planned(path: &Path) -> Result<(Plan, Vec<Planned>), Failure> {
    let ledger = plan_file::open(path)?;
    let plan = ledger.plan().clone();
    if plan.settings.service != Service::Ubidots {
        return Err(Failure::before_sending(
            Exit::USAGE,
            format!(
                "{} is a plan of {}, which documents no endpoint that reads devices; only devices of Ubidots can be \
                 saved",
                path.display(),
                plan.settings.service
            ),
            next::over("report", path, &[]),
        ));
    }
    let at_plan = |error| plan_file::failure(&error, path);
    let mut devices = Vec::new();
    for row in ledger.report_rows().map_err(at_plan)? {
        let row = row.map_err(at_plan)?;
        if row.outcome == OutcomeKind::Skipped {
            continue;
        }
        let id = DeviceId::new(row.uid).map_err(|error| of_machine(&format!("row {}: {error}", row.row)))?;
        devices.push(Planned {
            id,
            is_scheduled: row.outcome == OutcomeKind::Scheduled,
        });
    }
    Ok((plan, devices))
}

/// The folder, held, and its manifest: that of an earlier backup of this plan, to be gone on with, or a new one.
fn open(dir: &Path, plan: &Plan) -> Result<(Folder, Backup), Failure> {
    let another = || {
        let free = folder::free_beside(dir);
        next::same_command_with(&[("--out", Some(&free.to_string_lossy()))])
    };
    let refused = |why: &str| {
        Failure::new(
            Exit::REFUSED,
            format!("{} {why}; it is left as it is", dir.display()),
            DELETED_NOTHING,
            another(),
        )
    };
    if absolute(dir).ok().is_none_or(|dir| dir.to_str().is_none()) {
        return Err(refused(
            "has a name that is not text, which the pointer to it has to hold",
        ));
    }
    let folder = Folder::open(dir).map_err(|error| match error {
        NotOpened::Foreign => refused("holds other files than a backup's"),
        NotOpened::Held => Failure::new(
            Exit::ERROR,
            format!("another backup writes to {}", dir.display()),
            DELETED_NOTHING,
            next::same_command(),
        ),
        NotOpened::Io(error) => unwritable(dir, &error),
    })?;
    let earlier: Option<Backup> = manifest::read(&folder::manifest(dir))
        .map_err(|why| Failure::new(Exit::REFUSED, why, DELETED_NOTHING, another()))?;
    let manifest = match earlier {
        None => manifest::begun(plan, Timestamp::now()),
        Some(earlier) => {
            manifest::judge(&earlier, plan).map_err(|why| {
                refused(match why {
                    NotOfPlan::Format(_) => "holds a backup of another version of fleetpurge",
                    NotOfPlan::OtherPlan => "holds the backup of another plan",
                    NotOfPlan::OlderThanPlan => "holds a backup that is older than the plan",
                })
            })?;
            Backup {
                finished_at: None,
                counts: None,
                ..earlier
            }
        }
    };
    Ok((folder, manifest))
}

/// Who is read and where it goes, before anything is asked for.
fn introduce(path: &Path, plan: &Plan, dir: &Path, devices: usize) {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = summary::plan(&mut text, plan);
    let made = summary::age(plan.created_at, Timestamp::now());
    output::note(&format!("Plan {}, made {made} ({})", path.display(), plan.created_at));
    output::note(String::from_utf8_lossy(&text).trim_end());
    output::note(&format!(
        "Saving {} to {}. Nothing is deleted.",
        counted(devices as u64, "device", "devices"),
        dir.display()
    ));
}

/// What has been saved so far, in this run and before.
#[derive(Clone, Debug, Default)]
struct Tally {
    counts: BackupCounts,
    /// Missing, and nobody asked for their deletion.
    unexpected: u64,
    /// The first of those.
    first: Vec<String>,
}

impl Tally {
    fn count(&mut self, device: &Planned, content: Content) {
        match content {
            Content::Device { variables, values } => {
                self.counts.devices += 1;
                self.counts.variables += variables;
                self.counts.values += values;
            }
            Content::Missing => {
                self.counts.missing += 1;
                if !device.is_scheduled {
                    self.unexpected += 1;
                    if self.first.len() < SHOWN {
                        self.first.push(device.id.to_string());
                    }
                }
            }
        }
    }

    /// A token of another account finds none of the devices; that is no backup.
    fn is_of_another_account(&self) -> bool {
        self.counts.devices == 0 && self.unexpected > 0 && self.unexpected == self.counts.missing
    }
}

/// Everything that a run needs.
struct Saving<'a> {
    args: &'a BackupArgs,
    tenant: &'a Tenant,
    client: Client,
    folder: Folder,
    devices: Vec<Planned>,
}

impl Saving<'_> {
    async fn run(self, manifest: Backup) -> Result<Exit, Failure> {
        let dir = &self.folder.path;
        let at_folder = |error: io::Error| unwritable(dir, &error);
        let progress = Arc::new(Progress::devices(self.devices.len() as u64));
        let asked = {
            let (progress, resume) = (Arc::clone(&progress), next::same_command());
            let first = move || progress.note("Interrupted: what is saved is kept.");
            signals::listen(first, move || output::next(&resume)).map_err(|error| of_machine(&error.to_string()))?
        };
        match signals::unless_asked(asked.clone(), self.client.authenticate()).await {
            None => return Err(self.interrupted(0)),
            Some(Err(error)) => {
                progress.finish();
                return Err(not_begun(&error, self.tenant));
            }
            Some(Ok(())) => {}
        }
        // Before the first file: a folder with files has a manifest that says whose they are.
        manifest::write(&folder::manifest(dir), &manifest).map_err(at_folder)?;
        self.folder.prepare().map_err(at_folder)?;
        let done = AtomicU64::new(0);
        let tally = signals::unless_asked(asked, self.save_all(&progress, &done)).await;
        progress.finish();
        match tally {
            None => Err(self.interrupted(done.into_inner())),
            Some(tally) => self.finish(manifest, &tally?),
        }
    }

    /// Saves every device that has no file yet.
    async fn save_all(&self, progress: &Progress, done: &AtomicU64) -> Result<Tally, Failure> {
        let values = AtomicU64::new(0);
        let saved = |count: u64| {
            let values = values.fetch_add(count, Ordering::Relaxed) + count;
            progress.message(format!("{values} values"));
        };
        let mut saving = stream::iter(&self.devices)
            .map(|device| {
                let saved = &saved;
                async move { (device, self.save(device, progress, saved).await) }
            })
            .buffer_unordered(self.args.concurrency.get());
        let mut tally = Tally::default();
        while let Some((device, content)) = saving.next().await {
            match content {
                Ok(content) => tally.count(device, content),
                Err(trouble) => return Err(self.failed(device, &trouble, done.load(Ordering::Relaxed))),
            }
            done.fetch_add(1, Ordering::Relaxed);
            progress.advance(1);
        }
        Ok(tally)
    }

    async fn save(&self, device: &Planned, progress: &Progress, saved: impl Fn(u64)) -> Result<Content, Trouble> {
        let path = folder::device(&self.folder.path, &device.id);
        let looked = {
            let (path, id) = (path.clone(), device.id.clone());
            // All of a file is read: not where the answers of the service are waited for.
            tokio::task::spawn_blocking(move || file::look(&path, id.as_str()))
                .await
                .map_err(io::Error::other)?
        };
        match looked {
            // It may have been asked for with a token that does not see it.
            Ok(Content::Missing) if !device.is_scheduled => {}
            Ok(content) => return Ok(content),
            Err(Flaw::Absent) => {}
            Err(Flaw::Damaged(why)) => {
                let aside = path.with_extension("gz.damaged");
                std::fs::rename(&path, &aside)?;
                progress.note(&format!(
                    "{} is not whole ({why}): it is kept as {}, and the device is saved anew",
                    path.display(),
                    aside.display()
                ));
            }
            Err(Flaw::Io(error)) => return Err(error.into()),
        }
        device::save(&self.client, &device.id, &path, saved).await
    }

    /// Everything has its file: says so in the manifest and beside the plan, then tells it.
    fn finish(&self, manifest: Backup, tally: &Tally) -> Result<Exit, Failure> {
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

    fn print(&self, counts: &BackupCounts) -> io::Result<()> {
        let mut out = output::text();
        writeln!(out, "{:<11} {}", "backup", self.folder.path.display())?;
        writeln!(out, "{:<11} {:>9}  saved", "devices", counts.devices)?;
        writeln!(out, "{:<11} {:>9}  not in the account", "missing", counts.missing)?;
        writeln!(out, "{:<11} {:>9}", "variables", counts.variables)?;
        writeln!(out, "{:<11} {:>9}", "values", counts.values)?;
        out.flush()
    }

    /// The counts on stdout; on stderr what is missing.
    fn tell(&self, tally: &Tally) -> Result<Exit, Failure> {
        // The backup is whole and says so: a reader that has gone away changes nothing about that.
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
        output::note(&format!(
            "The backup is whole, but {} not found in the account, and when it began this plan had not deleted them: \
             {shown}{more}. They are gone, or the token may not read them. {DELETED_NOTHING}",
            counted(tally.unexpected, "device was", "devices were")
        ));
        output::next(&next::over("apply", &self.args.plan, &["--require-backup"]));
        Ok(Exit::SOME_BAD)
    }

    /// How far it is, and that the same command goes on.
    fn so_far(&self, done: u64) -> String {
        format!(
            "{done} of {} saved in {}, and are kept. {DELETED_NOTHING}",
            counted(self.devices.len() as u64, "device is", "devices are"),
            self.folder.path.display()
        )
    }

    fn interrupted(&self, done: u64) -> Failure {
        Failure::new(
            Exit::INTERRUPTED,
            "interrupted",
            self.so_far(done),
            next::same_command(),
        )
    }

    fn failed(&self, device: &Planned, trouble: &Trouble, done: u64) -> Failure {
        let id = &device.id;
        let (exit, why) = match trouble {
            Trouble::Service(error) => {
                let advice = match error.kind() {
                    kind @ (ErrorKind::LoginRefused
                    | ErrorKind::Unauthorized
                    | ErrorKind::Unreachable
                    | ErrorKind::Certificate) => format!(" {}", self.tenant.advice(kind)),
                    _ => String::new(),
                };
                (Exit::STOPPED, format!("{}{advice}", sentence(&chain(error))))
            }
            Trouble::OtherDevice(other) => (
                Exit::STOPPED,
                format!("the service answered with another device, {other}"),
            ),
            Trouble::Machine(error) => (Exit::ERROR, error.to_string()),
        };
        Failure::new(
            exit,
            format!("the device {id} could not be saved: {why}"),
            self.so_far(done),
            next::same_command(),
        )
    }
}

/// The client could not be set up, or could not log in.
fn not_begun(error: &Error, tenant: &Tenant) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "no token from {}: {} {}",
            tenant.base_url,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        DELETED_NOTHING,
        next::same_command(),
    )
}

fn of_machine(why: &str) -> Failure {
    Failure::new(Exit::ERROR, why, DELETED_NOTHING, next::same_command())
}

fn unwritable(dir: &Path, error: &io::Error) -> Failure {
    of_machine(&format!("{} cannot be written: {error}", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Devices<'a> = &'a [(bool, Content)];

    fn tally(devices: Devices<'_>) -> Tally {
        let mut tally = Tally::default();
        for (number, (is_scheduled, content)) in devices.iter().enumerate() {
            let device = Planned {
                id: DeviceId::new(format!("{number:024x}")).unwrap(),
                is_scheduled: *is_scheduled,
            };
            tally.count(&device, *content);
        }
        tally
    }

    #[test]
    fn a_missing_device_is_a_surprise_unless_this_plan_deleted_it_and_all_missing_is_another_account() {
        use Content::Missing;
        const SAVED: Content = Content::Device {
            variables: 2,
            values: 3,
        };
        let table: [(Devices<'_>, u64, bool); 6] = [
            (&[], 0, false),
            (&[(false, SAVED)], 0, false),
            (&[(false, SAVED), (false, Missing), (true, Missing)], 1, false),
            (&[(true, Missing), (true, Missing)], 0, false),
            (&[(true, Missing), (false, Missing)], 1, false),
            (&[(false, Missing), (false, Missing)], 2, true),
        ];
        for (devices, unexpected, is_of_another_account) in table {
            let tally = tally(devices);
            assert_eq!(tally.unexpected, unexpected, "{devices:?}");
            assert_eq!(tally.is_of_another_account(), is_of_another_account, "{devices:?}");
        }
        let counts = tally(&[(false, SAVED), (true, SAVED), (true, Missing)]).counts;
        assert_eq!(
            (counts.devices, counts.missing, counts.variables, counts.values),
            (2, 1, 4, 6)
        );
    }
}
