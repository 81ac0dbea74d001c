//! Whether there is a token, and what it may do.

use fleetpurge_records::CheckName::{Permission, Token};
use jiff::{SignedDuration, Timestamp};
use nexthink_data_management::TokenClaims;
use ubidots_devices::Filter;

use super::checks::{Checks, Finding};
use crate::failure::{chain, sentence};
use crate::services::{Client, Error, Tenant};

/// Asks for a token, or looks at the one that is given. `ahead` is how far this machine's clock is ahead.
pub(super) async fn look(
    client: &Client,
    tenant: &Tenant,
    can_be_renewed: bool,
    ahead: Option<SignedDuration>,
    checks: &mut Checks,
) {
    let now = Timestamp::now() - ahead.unwrap_or_default();
    match client {
        Client::Nexthink(client) => match client.token_claims().await {
            Ok(claims) => {
                checks.add(Token, None, token(claims.as_ref(), can_be_renewed, now));
                checks.add(Permission, None, permission(claims.as_ref()));
            }
            Err(error) => refused(&error, tenant, checks),
        },
        // The service says of a token only whether it takes it.
        Client::Ubidots(client) => match client.devices(Filter::all()).next_page().await {
            Ok(_) => {
                checks.add(Token, None, Finding::ok("the service lists devices for the token"));
                let why = "Ubidots does not say whether a token may delete devices; the role of an organization's token may \
                           forbid it";
                checks.add(Permission, None, Finding::not_checked(why));
            }
            Err(error) => refused(&error, tenant, checks),
        },
    }
}

fn refused(error: &Error, tenant: &Tenant, checks: &mut Checks) {
    let finding = Finding::wrong(
        sentence(&chain(error)).trim_end_matches('.'),
        tenant.advice(error.kind()),
    );
    checks.add(Token, None, finding);
    checks.add(Permission, None, Finding::not_checked("there is no token"));
}

fn token(claims: Option<&TokenClaims>, can_be_renewed: bool, now: Timestamp) -> Finding {
    let expires_at = claims.and_then(TokenClaims::expires_at);
    match (can_be_renewed, claims, expires_at) {
        (true, _, _) => Finding::ok("the token endpoint issued a token"),
        (false, _, Some(at)) if at <= now => Finding::wrong(
            format!("the token has expired, at {at}"),
            "Give another one in NEXTHINK_TOKEN, or client credentials, which request tokens as needed.",
        ),
        (false, _, Some(at)) => Finding::ok(format!("the token says that it expires at {at}")),
        (false, Some(_), None) => Finding::ok("the token says nothing of its end"),
        (false, None, None) => Finding::warning(
            "the token is no JSON Web Token, so it is not known whether it is still valid",
            "Only a request shows it: try one device first (apply --limit 1).",
        ),
    }
}

fn permission(claims: Option<&TokenClaims>) -> Finding {
    const NAME: &str = TokenClaims::DELETION_PERMISSION;
    match claims {
        Some(claims) if claims.may_delete_devices() => Finding::ok(format!("the token has {NAME}")),
        Some(_) => Finding::wrong(
            format!("no claim of the token has {NAME}"),
            "Give the API credentials the permission \"Data management\" in Nexthink (Administration, API credentials).",
        ),
        None => Finding::warning(
            format!("not known: the token is no JSON Web Token, so it does not show whether it has {NAME}"),
            "Try one device first (apply --limit 1).",
        ),
    }
}
