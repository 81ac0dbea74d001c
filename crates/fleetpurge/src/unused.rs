//! Refuses flags that would have no effect: whoever typed one expects an effect.
//!
//! clap refuses those that contradict each other. Here are those for which the profile, the environment or a default
//! value matters. What only the list itself shows, as that it is no workbook, is said where it is read.

use crate::args::{Cli, Command, Service, Validation};
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::logging;
use crate::next::help_of;
use crate::plan_file;

/// Why a flag has no effect, after its name.
struct Unused(&'static str, &'static str);

/// Once the profile has filled what was not typed.
///
/// # Errors
///
/// The first flag without an effect.
pub(crate) fn refuse(cli: &Cli) -> Result<(), Failure> {
    match first(cli) {
        None => Ok(()),
        Some(Unused(flag, why)) => Err(Failure::new(
            Exit::USAGE,
            format!("{flag} has no effect: {why}"),
            SENT_NOTHING,
            help_of(Some(&cli.name)),
        )),
    }
}

fn first(cli: &Cli) -> Option<Unused> {
    if cli.given.has("log_format") && !logging::is_asked_for(&cli.log) {
        return Some(Unused(
            "--log-format",
            "nothing is logged without -v, --log-file or RUST_LOG",
        ));
    }
    let typed = |flags: &[(&'static str, &'static str)]| {
        let found = flags.iter().find(|(name, _)| cli.given.has(name));
        found.map(|(_, flag)| *flag)
    };
    let pace = [("rate", "--rate"), ("timeout", "--timeout")];
    match &cli.command {
        Command::Apply(args) if !plan_file::is_in_database(&args.plan) => {
            typed(&[("lease", "--lease")]).map(|flag| Unused(flag, "a plan in a file is applied by one at a time"))
        }
        Command::Verify(args) if !args.live => {
            typed(&pace).map(|flag| Unused(flag, "it is the pace at which --live reads a Ubidots account"))
        }
        Command::Select(args) if args.query.query.is_some() => typed(&pace).map(|flag| {
            Unused(
                flag,
                "it is the pace at which a Ubidots account is read; for --query there is --query-wait",
            )
        }),
        Command::Plan(args) => {
            let of_protect = [
                ("allow_unmatched_protect", "--allow-unmatched-protect"),
                ("protect_sheet", "--protect-sheet"),
                ("protect_encoding", "--protect-encoding"),
            ];
            if let Some(flag) = typed(&of_protect).filter(|_| args.protect.is_empty()) {
                return Some(Unused(
                    flag,
                    "there is no protect list, neither by --protect nor in a profile",
                ));
            }
            if args.allow_unmatched_name && args.include_name.is_empty() && args.exclude_name.is_empty() {
                return Some(Unused(
                    "--allow-unmatched-name",
                    "there is no pattern, by --include-name or --exclude-name",
                ));
            }
            // `strict` is what is done.
            let is_ubidots = args.service == Service::Ubidots && args.uid_validation != Validation::Strict;
            typed(&[("uid_validation", "--uid-validation")])
                .filter(|_| is_ubidots)
                .map(|flag| Unused(flag, "a plan for Ubidots is always refused if an id is malformed"))
        }
        _ => None,
    }
}
