//! `select`: lists devices in a form that `plan` reads.
//!
//! | module | question it answers |
//! |---|---|
//! | `account` | which devices of a Ubidots account are meant? |
//! | `query` | what does a saved query of Nexthink list? |
//! | `list` | where does the list go? |

mod account;
mod list;
mod query;

use fleetpurge_ledger::Service;

pub(crate) use account::execute;

use crate::args::SelectArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profiles::Profile;
use crate::services::of_ubidots;

pub(crate) fn run(args: &SelectArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    match (args.service.map(Service::from), &args.query.query) {
        (Some(Service::Ubidots), Some(_)) => Err(list::wrong_usage(
            "--query runs a saved query of Nexthink; Ubidots has none. Give --service nexthink, or say which devices of the \
             account are meant",
        )),
        (None | Some(Service::Nexthink), Some(query)) => query::run(args, query, profile),
        (Some(Service::Ubidots), None) => execute(args, |tenant| of_ubidots(tenant, profile)),
        (Some(Service::Nexthink), None) => Err(list::wrong_usage(
            "Nexthink lists devices by a saved query alone: give --query '#ID', or export them there and give the export to \
             `fleetpurge plan`",
        )),
        (None, None) => Err(list::wrong_usage("give --service ubidots, or a profile of Ubidots")),
    }
}
