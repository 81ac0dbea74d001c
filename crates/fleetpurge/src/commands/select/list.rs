//! Where a list goes: to a file that appears when it is complete, or to stdout.

use std::io::{self, Write};
use std::path::Path;

use crate::args::SelectArgs;
use crate::atomic_file::{AtomicFile, Name};
use crate::commands::usage;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT};
use crate::next;
use crate::out_file::{self, Taken};
use crate::output;

/// Has a list written, and puts it where it is to be once it is whole.
pub(super) fn listed_to<T>(
    args: &SelectArgs,
    write: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Some(path) = &args.out else {
        // Not to stdout as it comes: a list that turns out not to be whole must not be piped into `plan`.
        let mut list = tempfile::tempfile().map_err(|error| Failure::output(&error))?;
        let written = write(&mut list)?;
        io::Seek::rewind(&mut list)?;
        let mut out = output::stdout();
        io::copy(&mut list, &mut out)?;
        out.flush()?;
        return Ok(written);
    };
    let unwritable = |error: &io::Error| {
        Failure::before_sending(
            Exit::ERROR,
            format!("the list could not be written to {}: {error}", path.display()),
            next::instead(),
        )
    };
    let mut file = AtomicFile::create(path).map_err(|error| unwritable(&error))?;
    let written = write(&mut file)?;
    file.finish_as(name(args)).map_err(|error| match error.kind() {
        // Somebody else has written it since it was looked for.
        io::ErrorKind::AlreadyExists => refused(path, &Taken::ByFile),
        _ => unwritable(&error),
    })?;
    Ok(written)
}

/// Where the list is, and what to type next; `flags` say whose it is.
pub(super) fn suggest(args: &SelectArgs, flags: &[&str]) {
    let Some(path) = &args.out else { return };
    let list = next::argument(path);
    let mut plan = vec!["plan", &*list];
    plan.extend(flags);
    for (flag, value) in [
        ("--instance", &args.address.instance),
        ("--region", &args.address.region),
        ("--base-url", &args.address.base_url),
        ("--token-url", &args.address.token_url),
    ] {
        plan.extend(value.iter().flat_map(|value| [flag, value.as_str()]));
    }
    plan.extend(["--out", "PLAN"]);
    output::note(&format!(
        "The list is in {}. Review it, then: {}",
        path.display(),
        next::command(&plan)
    ));
}

/// Whether the list may get the name that it is to have.
pub(super) fn replaceable(args: &SelectArgs) -> Result<(), Failure> {
    let Some(path) = &args.out else { return Ok(()) };
    out_file::check(path, name(args)).map_err(|taken| refused(path, &taken))
}

const fn name(args: &SelectArgs) -> Name {
    if args.force { Name::Replaced } else { Name::New }
}

fn refused(path: &Path, taken: &Taken) -> Failure {
    Failure::before_sending(
        Exit::ERROR,
        format!("--out {} {taken}", path.display()),
        usage::help_of(Some("select")),
    )
}

pub(super) fn wrong_usage(message: &str) -> Failure {
    Failure::new(Exit::USAGE, message, NOTHING_SENT, usage::help_of(Some("select")))
}
