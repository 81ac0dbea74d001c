//! Lists the selected devices of a Ubidots account.

use std::io::Write;

use fleetpurge_ledger::Service;
use jiff::Timestamp;
use ubidots_devices::{Client, Credentials, Device, Filter, LastActivity};

use super::list::{listed_to, replaceable, suggest, wrong_usage};
use crate::args::SelectArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, counted};
use crate::progress::Progress;
use crate::services::{Error, Tenant, ubidots};

/// The whole of it, with the credentials asked for once the arguments are in order.
pub(crate) fn execute(
    args: &SelectArgs,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    args.query.check(&args.brake).map_err(|why| wrong_usage(&why))?;
    let tenant = Tenant::new(Service::Ubidots, (&args.address).into()).map_err(|message| wrong_usage(&message))?;
    ubidots::refuse_client_secret(&args.credentials, args.address.token_url.as_deref())?;
    let filter = filter(args);
    filter
        .check(Timestamp::now())
        .map_err(|error| wrong_usage(&error.to_string()))?;
    replaceable(args)?;
    let client =
        ubidots::reader(&tenant, credentials(&tenant)?, args.reading).map_err(|error| not_listed(&error, &tenant))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let selected = listed_to(args, |mut out| {
        runtime.block_on(list_into(&mut out, &client, filter, &tenant))
    })?;
    tell(&selected);
    suggest(args, &["--service", "ubidots"]);
    Ok(Exit::DONE)
}

fn filter(args: &SelectArgs) -> Filter {
    let mut filter = if args.all { Filter::all() } else { Filter::default() };
    filter.label_prefix.clone_from(&args.label_prefix);
    filter.tags.clone_from(&args.tag);
    filter.inactive_since = args.inactive_since;
    filter.never_active = args.never_active;
    filter
}

/// What a listing came to.
struct Selected {
    meant: u64,
    listed: u64,
    filter_ignored: bool,
}

/// Writes the list as CSV; what was written is of no use where it fails.
async fn list_into(out: impl Write, client: &Client, filter: Filter, tenant: &Tenant) -> Result<Selected, Failure> {
    let unwritten = |error: csv::Error| Failure::output(&error.into());
    let mut writer = csv::Writer::from_writer(out);
    writer
        .write_record(["id", "label", "name", "tags", "last_activity"])
        .map_err(unwritten)?;
    let progress = Progress::listed();
    let mut listing = client.devices(filter);
    let mut meant = 0;
    while let Some(devices) = listing.next_page().await.map_err(|error| not_listed(&error, tenant))? {
        for device in &devices {
            writer.write_record(record(device)).map_err(unwritten)?;
        }
        tracing::info!(devices = devices.len(), "a page of the account is read");
        meant += devices.len() as u64;
        progress.advance(devices.len() as u64);
    }
    writer.flush()?;
    progress.finish();
    tracing::info!(devices = meant, listed = listing.listed(), "the list is complete");
    Ok(Selected {
        meant,
        listed: listing.listed(),
        filter_ignored: listing.filter_was_ignored(),
    })
}

fn record(device: &Device) -> [String; 5] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        device.id.to_string(),
        text(&device.label),
        text(&device.name),
        device.tags.as_deref().unwrap_or_default().join(" "),
        match device.last_activity {
            LastActivity::At(at) => at.to_string(),
            LastActivity::Never => "never".to_owned(),
            LastActivity::Unsaid => String::new(),
        },
    ]
}

fn tell(selected: &Selected) {
    output::note(&format!(
        "{} selected, of {} that the service listed.",
        counted(selected.meant, "device is", "devices are"),
        selected.listed
    ));
    if selected.filter_ignored {
        output::note(
            "The service also listed devices that do not meet the conditions: it does not know every filter. They \
             are not in the list.",
        );
    }
}

fn not_listed(error: &Error, tenant: &Tenant) -> Failure {
    ubidots::not_listed(error, tenant, "No list was written. This command deletes nothing.")
}
