//! Reads the lists, resolves labels, and freezes the plan.

use std::sync::Arc;

use fleetpurge_ledger::{
    Conflicts, Draft, FreezeError, FreezeOptions, Listed, NameFilter, PlanAddress, PlanSettings, Replace,
    UidValidation, UnmatchedNames, UnmatchedProtect,
};

use nexthink_data_management::Credentials;

use crate::announce;
use crate::args::{PlanArgs, Validation};
use crate::commands::plan::failures::{at_plan, wrong_usage};
use crate::commands::plan::input::{self, List};
use crate::commands::plan::places::Places;
use crate::commands::plan::planned::Planned;
use crate::commands::plan::{labels, names, others, protect, query, refused, show};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lists::{self, is_stdin};
use crate::profiles::Profile;
use crate::progress::Progress;
use crate::services::{Tenant, of_nexthink};

pub(crate) fn run(args: &PlanArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    let planned = write(args, profile, |tenant| of_nexthink(tenant, &args.credentials, profile))?;
    show::show(&args.out, &planned, args.format)?;
    protect::warn(&planned.summary.protection);
    names::warn(&planned.summary.names);
    others::warn(&planned.others);
    Ok(Exit::DONE)
}

/// Reads the lists and writes the plan. Credentials are asked for if a query is to be run.
pub(crate) fn write(
    args: &PlanArgs,
    profile: Option<&Profile>,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Planned, Failure> {
    let tenant = Tenant::new(args.service.into(), (&args.address).into()).map_err(|message| wrong_usage(&message))?;
    if args
        .inputs
        .iter()
        .chain(&args.protect)
        .filter(|input| is_stdin(input))
        .count()
        > 1
    {
        return Err(wrong_usage("standard input (-) can only be read once"));
    }
    let replace = if args.force {
        // What is there is checked first: a plan of which anything was sent stays.
        announce::plan(&args.out);
        Replace::UnusedPlan
    } else {
        Replace::Nothing
    };
    let mut draft = PlanAddress::typed(&args.out)
        .and_then(|address| Draft::create(address, settings(args, &tenant), replace))
        .map_err(|error| at_plan(&error, args))?;
    let mut protect_warnings = 0;
    let mut places = Places::default();
    for file in protect::files(args) {
        protect_warnings += protect::read(&mut draft, file, args, &mut places)?;
    }
    for (filter, patterns) in [
        (NameFilter::Include, &args.include_name),
        (NameFilter::Exclude, &args.exclude_name),
    ] {
        for pattern in patterns {
            draft.filter_names(filter, Arc::clone(pattern));
        }
    }
    let answer = query::answer(args, &tenant, credentials)?;
    let progress = Progress::rows();
    let mut inputs = Vec::new();
    for list in args
        .inputs
        .iter()
        .map(|path| List::File(path))
        .chain(answer.as_ref().map(List::Answer))
    {
        inputs.push(input::read(&mut draft, list, args, &progress, &mut places)?);
    }
    progress.finish();
    of_workbooks(args, &places)?;
    let listed = labels::resolve(&mut draft, &tenant, profile, &args.out)?;
    let options = FreezeOptions {
        conflicts: if args.skip_conflicts {
            Conflicts::Skip
        } else {
            Conflicts::Refuse
        },
        unmatched_protect: if args.allow_unmatched_protect {
            UnmatchedProtect::Allow
        } else {
            UnmatchedProtect::Refuse
        },
        unmatched_names: if args.allow_unmatched_name {
            UnmatchedNames::Allow
        } else {
            UnmatchedNames::Refuse
        },
        unmatched_listed: if args.list_all { Listed::All } else { Listed::First },
    };
    let summary = draft.freeze(options).map_err(|error| match error {
        FreezeError::Refused(refused) => refused::tell(&refused, args, &places),
        FreezeError::Failed(error) => at_plan(&error, args),
    })?;
    tracing::info!(
        plan = %args.out.display(),
        rows = summary.plan.planned,
        to_send = summary.plan.to_send(),
        skipped = summary.plan.skipped,
        "the plan is written"
    );
    let others = others::look(&args.out, &summary.plan.settings);
    Ok(Planned {
        summary,
        inputs,
        protect_warnings,
        listed,
        places,
        others,
    })
}

/// Refuses what is said of workbooks if there is none.
fn of_workbooks(args: &PlanArgs, places: &Places) -> Result<(), Failure> {
    let listed = args
        .inputs
        .iter()
        .any(|path| places.is_workbook(&List::File(path).name()));
    let protected = args.protect.iter().any(|path| places.is_workbook(&protect::name(path)));
    lists::no_workbook(&[
        ("--sheet", args.form.sheet.is_some(), listed),
        ("--include-hidden", args.form.include_hidden, listed || protected),
        ("--protect-sheet", args.protect_sheet.is_some(), protected),
    ])
    .map_err(|why| wrong_usage(&why))
}

fn settings(args: &PlanArgs, tenant: &Tenant) -> PlanSettings {
    PlanSettings {
        service: tenant.service,
        tenant: tenant.name.clone(),
        instance: tenant.instance.clone(),
        region: tenant.region.clone(),
        base_url: tenant.base_url.clone(),
        token_url: tenant.token_url.clone(),
        uid_validation: match args.uid_validation {
            Validation::Strict => UidValidation::Strict,
            Validation::Warn => UidValidation::Warn,
            Validation::Permissive => UidValidation::Permissive,
        },
        max_devices: args.max_devices,
        tool: concat!("fleetpurge ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}
