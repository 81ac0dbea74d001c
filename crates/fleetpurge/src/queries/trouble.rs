//! What an error of a query means, and what may help.

use nexthink_nql::{Error, ErrorKind, QueryId};

use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT, chain, sentence};
use crate::next;
use crate::services::Tenant;

pub(super) fn failure(query: &QueryId, tenant: &Tenant, error: &Error) -> Failure {
    let advice = advice(error.kind(), tenant);
    let ids = error
        .request_id()
        .map(|id| format!(" Its request id is {id}."))
        .unwrap_or_default();
    Failure::new(
        Exit::ERROR,
        format!(
            "the query {query} of {} brought no list: {}{ids}{}{advice}",
            tenant.name,
            sentence(&chain(error)),
            if advice.is_empty() { "" } else { " " }
        ),
        NOTHING_SENT,
        next::instead(),
    )
}

fn advice(kind: ErrorKind, tenant: &Tenant) -> &'static str {
    use crate::services::ErrorKind as Http;
    match kind {
        ErrorKind::LoginRefused => tenant.advice(Http::LoginRefused),
        ErrorKind::Unauthorized => tenant.advice(Http::Unauthorized),
        ErrorKind::Certificate => tenant.advice(Http::Certificate),
        ErrorKind::Unreachable => tenant.advice(Http::Unreachable),
        ErrorKind::Forbidden => {
            "Give the API credentials the permission to run NQL queries, in Nexthink's administration."
        }
        ErrorKind::NotFound => "Save the query in Nexthink under this id, as a query for the API.",
        ErrorKind::Truncated => {
            "Narrow the query, or split it by a parameter, so that each result has fewer rows; half a list decides nothing."
        }
        ErrorKind::Throttled => "Run it again later: Nexthink limits how many queries a day may be run.",
        ErrorKind::NotCopied => "Make room where temporary files are (TMPDIR).",
        ErrorKind::TimedOut => "Run it again, or wait longer with --query-wait.",
        ErrorKind::Incomplete | ErrorKind::ServerError => "Run it again later.",
        ErrorKind::Refused | ErrorKind::NotUnderstood => {
            "Run the query in Nexthink; if it runs there, give Nexthink's support what is said here."
        }
        ErrorKind::TooLarge => "Narrow the query, or split it by a parameter.",
        ErrorKind::Failed => "Run the query in Nexthink and see what it says there.",
        _ => "",
    }
}

/// No client could be made.
pub(super) fn not_set_up(tenant: &Tenant, error: &crate::services::Error) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "no query could be run at {}: {} {}",
            tenant.name,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        NOTHING_SENT,
        next::instead(),
    )
}

/// A value that was typed cannot be sent.
pub(super) fn usage(error: &Error) -> Failure {
    Failure::new(Exit::USAGE, error.to_string(), NOTHING_SENT, next::instead())
}
