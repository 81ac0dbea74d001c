//! How lists of devices are read, whichever command reads them.

use std::path::Path;

use fleetpurge_export::{Headers, ReadOptions, Rows, Warning};
use fleetpurge_ledger::Service;

use crate::args::{FormArgs, PlanArgs};
use crate::output::{self, shown};

/// How lists of the service's devices are read.
pub(crate) fn reading(service: Service, form: &FormArgs) -> ReadOptions {
    let mut options = ReadOptions::new().headers(headers(service));
    if let Some(encoding) = form.encoding {
        options = options.encoding(encoding);
    }
    if let Some(row) = form.header_row {
        options = options.header_row(row);
    }
    if let Some(sheet) = &form.sheet {
        options = options.sheet(sheet);
    }
    if form.include_hidden {
        options = options.include_hidden();
    }
    options
}

/// How a list of devices that must stay is read.
pub(crate) fn protecting(args: &PlanArgs) -> ReadOptions {
    let form = FormArgs {
        encoding: args.protect_encoding.or(args.form.encoding),
        header_row: None,
        sheet: args.protect_sheet.clone(),
        include_hidden: args.form.include_hidden,
    };
    reading(args.service.into(), &form)
}

/// What the columns of the service's lists are called.
fn headers(service: Service) -> Headers {
    match service {
        Service::Nexthink => Headers::Nexthink,
        Service::Ubidots => Headers::Ubidots,
    }
}

/// Why a flag about workbooks has no effect, if it was given and no list that it is about is one.
pub(crate) fn no_workbook(flags: &[(&str, bool, bool)]) -> Result<(), String> {
    match flags
        .iter()
        .find(|(_, is_given, has_workbook)| *is_given && !has_workbook)
    {
        Some((flag, ..)) => Err(format!(
            "{flag} has no effect: it is for workbooks, and no list that it is about is one"
        )),
        None => Ok(()),
    }
}

pub(crate) fn is_stdin(input: &Path) -> bool {
    input == Path::new("-")
}

/// Tells what a person should look at in a list that was read to its end.
pub(crate) fn warn(rows: &Rows) {
    tell(rows.warnings());
}

pub(crate) fn tell(warnings: &[Warning]) {
    for warning in warnings {
        output::note(&format!("warning: {}", shown(&warning.to_string())));
    }
}
