//! `select`: lists the selected devices of a Ubidots account, in a form that `plan` reads.

use std::io::{self, Write};
use std::path::Path;

use fleetpurge_ledger::Service;
use jiff::Timestamp;
use ubidots_devices::{Client, Credentials, Device, Filter, LastActivity};

use crate::args::SelectArgs;
use crate::commands::usage;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT};
use crate::next;
use crate::output::{self, AtomicFile, counted};
use crate::plan_file;
use crate::profiles::Profile;
use crate::progress::Progress;
use crate::services::{Address, Error, Tenant, of_ubidots, ubidots};

pub(crate) fn run(args: &SelectArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    execute(args, |tenant| of_ubidots(tenant, profile))
}

/// The whole of it, with the credentials asked for once the arguments are in order.
pub(crate) fn execute(
    args: &SelectArgs,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let Some(service) = args.service else {
        return Err(wrong_usage("give --service ubidots, or a profile of Ubidots"));
    };
    if Service::from(service) != Service::Ubidots {
        return Err(wrong_usage(
            "Nexthink documents no way to list devices; export them from Nexthink and give the export to `fleetpurge \
             plan`",
        ));
    }
    let address = Address {
        base_url: args.base_url.as_deref(),
        ..Address::default()
    };
    let tenant = Tenant::new(Service::Ubidots, address).map_err(|message| wrong_usage(&message))?;
    let filter = filter(args);
    filter
        .check(Timestamp::now())
        .map_err(|error| wrong_usage(&error.to_string()))?;
    if let Some(path) = &args.out {
        replaceable(path, args.force)?;
    }
    let client =
        ubidots::reader(&tenant, credentials(&tenant)?, args.reading).map_err(|error| not_listed(&error, &tenant))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Some(path) = &args.out else {
        // Not to stdout as it comes: a list that turns out not to be whole must not be piped into `plan`.
        let mut list = tempfile::tempfile().map_err(|error| Failure::output(&error))?;
        let selected = runtime.block_on(list_into(&mut list, &client, filter, &tenant))?;
        io::Seek::rewind(&mut list)?;
        let mut out = output::stdout();
        io::copy(&mut list, &mut out)?;
        out.flush()?;
        tell(&selected);
        return Ok(Exit::DONE);
    };
    let unwritable = |error: &io::Error| {
        Failure::before_sending(
            Exit::ERROR,
            format!("the list could not be written to {}: {error}", path.display()),
            next::instead(),
        )
    };
    let mut file = AtomicFile::create(path).map_err(|error| unwritable(&error))?;
    let selected = runtime.block_on(list_into(&mut file, &client, filter, &tenant))?;
    file.finish().map_err(|error| unwritable(&error))?;
    tell(&selected);
    let path = path.to_string_lossy();
    let mut plan = vec!["plan", &*path, "--service", "ubidots"];
    plan.extend(args.base_url.iter().flat_map(|url| ["--base-url", url]));
    plan.extend(["--out", "PLAN"]);
    output::note(&format!(
        "The list is in {path}. Review it, then: {}",
        next::command(&plan)
    ));
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

/// Whether the list may get this name: what is there stays unless a person says otherwise, and a plan stays always.
fn replaceable(path: &Path, force: bool) -> Result<(), Failure> {
    let refused = |why: &str| {
        Err(Failure::before_sending(
            Exit::ERROR,
            format!("{} {why}", path.display()),
            usage::help_of(Some("select")),
        ))
    };
    if plan_file::belongs_to_a_plan(path) {
        return refused("is a plan or belongs to one, which a list never replaces. Choose another name");
    }
    match std::fs::metadata(path) {
        Ok(found) if force && found.is_dir() => refused("is a folder. Choose another name"),
        Ok(_) if force => Ok(()),
        Ok(_) => refused("is there already. Choose another name; --force replaces a file that is no plan"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => refused(&format!("cannot be looked at: {error}")),
    }
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
        meant += devices.len() as u64;
        progress.advance(devices.len() as u64);
    }
    writer.flush()?;
    progress.finish();
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

fn wrong_usage(message: &str) -> Failure {
    Failure::new(Exit::USAGE, message, NOTHING_SENT, usage::help_of(Some("select")))
}
