//! Reads the devices and writes their files.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fleetpurge_records::Backup;
use futures_util::{StreamExt, stream};
use ubidots_devices::Client;

use super::failures::{DELETED_NOTHING, not_begun, of_machine, unwritable};
use super::planned::Planned;
use super::tally::Tally;
use crate::args::BackupArgs;
use crate::backup::device::{self, Trouble};
use crate::backup::file::{self, Content, Flaw, Saved};
use crate::backup::folder::{self, Folder};
use crate::backup::manifest;
use crate::exit::Exit;
use crate::failure::{Failure, chain, sentence};
use crate::next;
use crate::output::{self, counted};
use crate::progress::Progress;
use crate::services::{ErrorKind, Tenant};
use crate::signals;

/// Everything that a run needs.
pub(super) struct Saving<'a> {
    pub(super) args: &'a BackupArgs,
    pub(super) tenant: &'a Tenant,
    pub(super) client: Client,
    pub(super) folder: Folder,
    pub(super) devices: Vec<Planned>,
}

impl Saving<'_> {
    pub(super) async fn run(self, manifest: Backup) -> Result<Exit, Failure> {
        let dir = &self.folder.path;
        let at_folder = |error: io::Error| unwritable(dir, &error);
        let progress = Arc::new(Progress::devices(self.devices.len() as u64));
        let asked = {
            let (progress, resume) = (Arc::clone(&progress), next::same_command());
            let first = move || progress.note("Interrupted: what is saved is kept.");
            signals::listen(first, move || output::next_after(Exit::INTERRUPTED, &resume))
                .map_err(|error| of_machine(&error.to_string()))?
        };
        match signals::unless_asked(asked.clone(), self.client.authenticate()).await {
            None => return Err(self.interrupted()),
            Some(Err(error)) => {
                progress.finish();
                return Err(not_begun(&error, self.tenant));
            }
            Some(Ok(())) => {}
        }
        // Before the first file: a folder with files has a manifest that says whose they are.
        manifest::write(&folder::manifest(dir), &manifest).map_err(at_folder)?;
        self.folder.prepare().map_err(at_folder)?;
        let tally = signals::unless_asked(asked, self.save_all(&manifest.files, &progress)).await;
        progress.finish();
        match tally {
            None => Err(self.interrupted()),
            Some(tally) => self.finish(manifest, &tally?),
        }
    }

    /// Saves every device that has no file yet. `recorded` are the checksums of a backup that was whole before.
    async fn save_all(&self, recorded: &BTreeMap<String, String>, progress: &Progress) -> Result<Tally, Failure> {
        let values = AtomicU64::new(0);
        let saved = |count: u64| {
            let values = values.fetch_add(count, Ordering::Relaxed) + count;
            progress.message(format!("{values} values"));
        };
        let mut saving = stream::iter(&self.devices)
            .map(|device| {
                let saved = &saved;
                async move { (device, self.save(device, recorded, progress, saved).await) }
            })
            .buffer_unordered(self.args.concurrency.get());
        let mut tally = Tally::default();
        while let Some((device, saved)) = saving.next().await {
            match saved {
                Ok(saved) => tally.count(device, &saved),
                Err(trouble) => return Err(self.failed(device, &trouble)),
            }
            progress.advance(1);
        }
        Ok(tally)
    }

    async fn save(
        &self,
        device: &Planned,
        recorded: &BTreeMap<String, String>,
        progress: &Progress,
        saved: impl Fn(u64),
    ) -> Result<Saved, Trouble> {
        let path = folder::device(&self.folder.path, &device.id);
        let looked = {
            let (path, id) = (path.clone(), device.id.clone());
            // All of a file is read: not where the answers of the service are waited for.
            tokio::task::spawn_blocking(move || file::look(&path, id.as_str()))
                .await
                .map_err(io::Error::other)?
        };
        let anew = |why: &str| {
            let aside = folder::aside(&path);
            std::fs::rename(&path, &aside)?;
            progress.note(&format!(
                "{} {why}: it is kept as {}, and the device is saved anew",
                path.display(),
                aside.display()
            ));
            io::Result::Ok(())
        };
        match looked {
            // It may have been asked for with a token that does not see it.
            Ok(looked) if looked.content == Content::Missing && !device.is_scheduled => {}
            Ok(looked) => match recorded.get(&manifest::name_of(&device.id)) {
                Some(sha256) if !looked.sha256.is(sha256) => anew("was changed after it was saved")?,
                _ => return Ok(looked),
            },
            Err(Flaw::Absent) => {}
            Err(Flaw::Damaged(why)) => anew(&format!("is not whole ({why})"))?,
            Err(Flaw::Io(error)) => return Err(error.into()),
        }
        device::save(&self.client, &device.id, &path, saved).await
    }

    /// How many of the devices have a file that holds them, whoever saved it.
    fn saved(&self) -> usize {
        /// A file that says only that the device was not found is shorter.
        const LONGER_THAN_A_MISSING: u64 = 1024;
        let holds_it = |device: &&Planned| {
            let path = folder::device(&self.folder.path, &device.id);
            std::fs::metadata(&path).is_ok_and(|found| {
                found.len() > LONGER_THAN_A_MISSING
                    || matches!(file::look(&path, device.id.as_str()), Ok(looked) if looked.content != Content::Missing)
            })
        };
        self.devices.iter().filter(holds_it).count()
    }

    /// How far it is, and that the same command goes on.
    fn so_far(&self) -> String {
        format!(
            "{} of {} saved in {}, and are kept. {DELETED_NOTHING}",
            self.saved(),
            counted(self.devices.len() as u64, "device is", "devices are"),
            self.folder.path.display()
        )
    }

    fn interrupted(&self) -> Failure {
        Failure::new(Exit::INTERRUPTED, "interrupted", self.so_far(), next::same_command())
    }

    fn failed(&self, device: &Planned, trouble: &Trouble) -> Failure {
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
            Trouble::VariablesLeftOut { said, listed } => (
                Exit::STOPPED,
                format!(
                    "the service says that it has {} and lists {listed}. Check that the token may read variables",
                    counted(*said, "variable", "variables")
                ),
            ),
            Trouble::SamePage(variable) => (
                Exit::STOPPED,
                format!(
                    "the values of its variable {variable} are not whole: the service announced another page and \
                     answered \
                     with the same one"
                ),
            ),
            Trouble::Machine(error) => (Exit::ERROR, error.to_string()),
        };
        Failure::new(
            exit,
            format!("the device {id} could not be saved: {why}"),
            self.so_far(),
            next::same_command(),
        )
    }
}
