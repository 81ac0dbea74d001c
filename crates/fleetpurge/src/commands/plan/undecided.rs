//! `plan`, where labels protect: the planned devices that the account's list does not show with a label.

use std::path::Path;

use fleetpurge_ledger::Resolution;
use futures_util::{StreamExt, stream};
use ubidots_devices::{Client, Device, DeviceId, DeviceKey, ErrorKind};

use crate::exit::Exit;
use crate::failure::{Failure, NO_PLAN, chain, sentence};
use crate::next;
use crate::output::{self, counted};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::{Error, Tenant};

/// How many requests for one device are open at a time; the client keeps their pace.
const CONCURRENCY: usize = 4;
/// How many ids are read from the draft at a time.
const IDS: u64 = 1_000;
/// How many devices an error names.
const SHOWN: usize = 5;

/// Asks by id for each planned device that the list did not show with a label, where labels protect: a list that changes
/// while it is read can hide a protected device, though its count is right.
pub(super) async fn ask(
    resolution: &mut Resolution<'_>,
    client: &Client,
    tenant: &Tenant,
    plan: &Path,
) -> Result<(), Failure> {
    let at_plan = |error| plan_file::after(&error, plan, NO_PLAN);
    let count = resolution.undecided_count().map_err(at_plan)?;
    if count == 0 {
        return Ok(());
    }
    output::note(&format!(
        "{} by the list of the account, or not with a label. Labels protect devices, so each of these is requested \
         by id.",
        counted(count, "planned device is not shown", "planned devices are not shown")
    ));
    let progress = Progress::devices(count);
    let mut absent = 0;
    let mut unknown = Unknown::default();
    let mut after = String::new();
    loop {
        let ids = resolution.undecided(&after, IDS).map_err(at_plan)?;
        let Some(last) = ids.last() else { break };
        after.clone_from(last);
        let mut answers = stream::iter(ids)
            .map(|id| async move {
                let answer = device(client, &id).await;
                (id, answer)
            })
            .buffered(CONCURRENCY);
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(Some(device)) => {
                    let label = device.label.unwrap_or_default();
                    resolution.device(&id, &label).map_err(at_plan)?;
                }
                Ok(None) => {
                    absent += 1;
                    resolution.absent(&id).map_err(at_plan)?;
                }
                Err(error) if error.kind() == ErrorKind::AmbiguousReply => unknown.because(&id, &error),
                Err(error) => return Err(not_asked(&id, &error, tenant)),
            }
            progress.advance(1);
        }
    }
    progress.finish();
    if absent > 0 {
        output::note(&format!(
            "{} in the account, as the service says by id.",
            counted(absent, "planned device is not", "planned devices are not")
        ));
    }
    match resolution.undecided_count().map_err(at_plan)? {
        0 => Ok(()),
        left => {
            let first = resolution.undecided("", SHOWN as u64).map_err(at_plan)?;
            Err(unknown.refused(left, &first))
        }
    }
}

async fn device(client: &Client, id: &str) -> Result<Option<Device>, Error> {
    client.device(&DeviceKey::Id(DeviceId::new(id)?)).await
}

fn not_asked(id: &str, error: &Error, tenant: &Tenant) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "the devices of {} could not be listed and asked for: the device {id}: {} {}",
            tenant.name,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        NO_PLAN,
        next::instead(),
    )
}

/// Why labels are still not known.
#[derive(Debug, Default)]
struct Unknown {
    why: Option<String>,
}

impl Unknown {
    fn because(&mut self, id: &str, error: &Error) {
        self.why
            .get_or_insert_with(|| format!("{id}: {}", sentence(&chain(error))));
    }

    fn refused(&self, left: u64, first: &[String]) -> Failure {
        let more = left.saturating_sub(first.len() as u64);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let why = self.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        Failure::new(
            Exit::REFUSED,
            format!(
                "the plan is refused: labels protect devices, and the service does not say the label of {}: \
                 {}{more}{why}. \
                 Take them out of the list, or protect them by id (--protect)",
                counted(left, "planned device", "planned devices"),
                first.join(", ")
            ),
            NO_PLAN,
            next::instead(),
        )
    }
}
