//! Whether a saved query can be run, and lists what a plan needs.

use fleetpurge_ledger::Service;
use fleetpurge_records::CheckName::Query;
use nexthink_nql::QueryId;

use super::checks::{Checks, Finding};
use crate::args::{FormArgs, QueryArgs};
use crate::failure::{chain, sentence};
use crate::lists;
use crate::output::counted;
use crate::queries::Asking;
use crate::services::{Client, Tenant};

/// Runs the query that was named, if one was.
pub(super) async fn look(client: Option<&Client>, tenant: Option<&Tenant>, args: &QueryArgs, checks: &mut Checks) {
    let finding = match (&args.query, client, tenant) {
        (None, ..) => return,
        (Some(query), Some(Client::Nexthink(client)), Some(tenant)) => asked(client, tenant, args, query).await,
        (Some(_), Some(Client::Ubidots(_)), _) => Finding::wrong(
            "Ubidots has no saved queries",
            "`fleetpurge select` lists the devices of an account.",
        ),
        (Some(_), ..) => Finding::not_checked("there is no token"),
    };
    checks.add(Query, None, finding);
}

async fn asked(
    client: &nexthink_data_management::Client,
    tenant: &Tenant,
    args: &QueryArgs,
    query: &QueryId,
) -> Finding {
    let answer = match Asking::with(tenant, args, client) {
        Ok(asking) => asking.ask(query).await,
        Err(failure) => Err(failure),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return Finding::failure(&failure),
    };
    let file = match answer.open() {
        Ok(file) => file,
        Err(error) => return Finding::not_checked(chain(&error)),
    };
    let rows = counted(answer.rows, "row", "rows");
    match lists::reading(Service::Nexthink, &FormArgs::default()).read(&answer.name, file) {
        Ok(list) => Finding::ok(format!(
            "{query} lists {rows}; a plan would take the uid from `{}` and the name from `{}`",
            list.uid_column().unwrap_or_default(),
            list.name_column().unwrap_or_default()
        )),
        Err(error) => Finding::warning(
            format!(
                "{query} lists {rows}, and no plan can be made of it as it is: {}",
                sentence(&error.to_string())
            ),
            "Have the query list device.uid and device.name, or name the columns with --uid-column and --name-column.",
        ),
    }
}
