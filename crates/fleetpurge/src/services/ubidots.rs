//! Ubidots: the documented host or a base URL; a token, or an API key.

use std::time::Duration;

use fleetpurge_ledger::{PlanSettings, Service};
use ubidots_devices::{Account, Client, Credentials, DeviceId, DeviceKey, Error, Transport};

use super::applies::Applies;
use super::tenant::{Address, Tenant};
use crate::args::{CredentialArgs, ReadingArgs};
use crate::credentials::ubidots::{API_KEY, TOKEN};
use crate::credentials::{refused, secret_of, variable};
use crate::exit::Exit;
use crate::failure::{Failure, chain, sentence};
use crate::next;
use crate::profiles::Profile;

pub(super) const CHECK_CREDENTIALS: &str =
    "Check UBIDOTS_TOKEN (or UBIDOTS_API_KEY): that it belongs to this account and may do what this command needs.";

pub(super) fn tenant(address: Address<'_>) -> Result<Tenant, String> {
    for (flag, given) in [
        ("--instance", address.instance),
        ("--region", address.region),
        ("--token-url", address.token_url),
    ] {
        if given.is_some() {
            return Err(format!(
                "{flag} has no meaning for Ubidots; give --base-url if the account is not at its usual address"
            ));
        }
    }
    let account = match address.base_url {
        Some(base) => Account::at(base).map_err(|error| format!("--base-url: {error}"))?,
        None => Account::industrial(),
    };
    Ok(tenant_at(&account))
}

/// The tenant at the address of a plan. The documented host has two names: its own, and `host:port` where it was given
/// as a base URL.
pub(super) fn tenant_of(settings: &PlanSettings) -> Result<Tenant, Error> {
    let industrial = tenant_at(&Account::industrial());
    if industrial.base_url == settings.base_url && industrial.name == settings.tenant {
        return Ok(industrial);
    }
    Account::at(&settings.base_url).map(|account| tenant_at(&account))
}

fn tenant_at(account: &Account) -> Tenant {
    Tenant {
        service: Service::Ubidots,
        name: account.tenant().to_owned(),
        instance: None,
        region: None,
        base_url: account.base_url().to_owned(),
        token_url: None,
    }
}

pub(crate) fn client(tenant: &Tenant, credentials: Credentials, timeout: Duration) -> Result<Client, Error> {
    Client::builder(Account::at(&tenant.base_url)?, credentials)
        .timeout(timeout)
        .build()
}

/// A client that sends nothing: the transport takes its requests.
pub(super) fn rehearsing_client(tenant: &Tenant, transport: impl Transport) -> Result<Client, Error> {
    Client::builder(Account::at(&tenant.base_url)?, Credentials::token("none"))
        .transport(transport)
        .build()
}

/// A client that reads the account at this pace.
pub(crate) fn reader(tenant: &Tenant, credentials: Credentials, reading: ReadingArgs) -> Result<Client, Error> {
    Client::builder(Account::at(&tenant.base_url)?, credentials)
        .timeout(Duration::from_secs(reading.timeout))
        .read_rate(reading.rate)
        .build()
}

/// The account could not be listed. `deleted` says what that left undone.
pub(crate) fn not_listed(error: &Error, tenant: &Tenant, deleted: &str) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "the devices of {} could not be listed: {} {}",
            tenant.name,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        deleted,
        next::instead(),
    )
}

/// Finds the credentials, or says which setting is missing.
pub(super) fn credentials(profile: Option<&Profile>) -> Result<Credentials, Failure> {
    match (variable(TOKEN)?, variable(API_KEY)?) {
        (Some(token), None) => Ok(Credentials::token(secret_of(&token))),
        (None, Some(key)) => Ok(Credentials::api_key(secret_of(&key))),
        (Some(_), Some(_)) => Err(refused(&format!(
            "both {TOKEN} and {API_KEY} are given; unset the one that is not meant"
        ))),
        (None, None) => stored(profile),
    }
}

/// The credentials of a profile.
fn stored(profile: Option<&Profile>) -> Result<Credentials, Failure> {
    match profile.map(|profile| (profile.token(), profile.api_key())) {
        Some((Some(token), _)) => Ok(Credentials::token(secret_of(&token?))),
        Some((None, Some(key))) => Ok(Credentials::api_key(secret_of(&key?))),
        _ => Err(refused(&format!(
            "credentials are missing: set {TOKEN}, or {API_KEY} to have tokens issued"
        ))
        .suggesting(next::set_variables(&[TOKEN]))),
    }
}

/// The id and the label of a row whose id column may hold any form of a device key. What is no key stays as it is: the
/// plan is refused for it, and lists it.
pub(crate) fn cells(key: String, label: String) -> (String, String) {
    match key.parse() {
        Ok(DeviceKey::Id(id) | DeviceKey::IdObject(id)) => (id.to_string(), label),
        // Two labels that differ are no label: as an id it refuses the plan.
        Ok(DeviceKey::Label(own)) if label.is_empty() || label == own.as_str() => (String::new(), own.to_string()),
        _ => (key, label),
    }
}

/// A secret that would not be used is a mistake.
pub(super) fn refuse_client_secret(args: &CredentialArgs, token_url: Option<&str>) -> Result<(), Failure> {
    for (flag, is_given) in [
        ("--client-secret-file", args.client_secret_file.is_some()),
        ("--client-secret-command", args.client_secret_command.is_some()),
        ("--token-url", token_url.is_some()),
    ] {
        if is_given {
            return Err(refused(&format!(
                "{flag} has no meaning for Ubidots; set {TOKEN}, or {API_KEY}"
            )));
        }
    }
    Ok(())
}

impl Applies for Client {
    fn device(uid: String, _: String) -> Result<DeviceId, Error> {
        DeviceId::new(uid)
    }

    async fn authenticate(&self) -> Result<(), Error> {
        Self::authenticate(self).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_address_is_known_by_its_host_and_another_by_its_host_and_port() {
        for (base_url, name) in [
            (None, "industrial.api.ubidots.com"),
            (
                Some("https://industrial.api.ubidots.com/"),
                "industrial.api.ubidots.com:443",
            ),
            (Some("https://acme.api.ubidots.com"), "acme.api.ubidots.com:443"),
            (Some("http://127.0.0.1:80"), "127.0.0.1:80"),
        ] {
            let address = Address {
                base_url,
                ..Address::default()
            };
            assert_eq!(tenant(address).unwrap().name, name);
        }
    }

    #[test]
    fn an_id_column_may_hold_any_form_of_a_key_and_what_is_none_stays_for_the_plan_to_refuse() {
        const ID: &str = "6e309da44fc8455a9cceb5aa";
        let object = format!(r#"{{"id":"{ID}"}}"#);
        for (key, label, expected) in [
            (ID, "", (ID, "")),
            (ID, "a", (ID, "a")),
            (object.as_str(), "a", (ID, "a")),
            ("~a", "", ("", "a")),
            ("~a", "a", ("", "a")),
            ("~a", "b", ("~a", "b")),
            ("", "a", ("", "a")),
            ("", "", ("", "")),
            ("a", "", ("a", "")),
            ("_", "", ("_", "")),
            ("..", "", ("..", "")),
        ] {
            let (id, name) = cells(key.to_owned(), label.to_owned());
            assert_eq!((id.as_str(), name.as_str()), expected, "{key} {label}");
        }
    }

    #[test]
    fn what_belongs_to_the_other_service_is_refused_with_its_setting() {
        let table = [
            (
                "--instance",
                Address {
                    instance: Some("acme"),
                    ..Address::default()
                },
            ),
            (
                "--region",
                Address {
                    region: Some("eu"),
                    ..Address::default()
                },
            ),
            (
                "--token-url",
                Address {
                    token_url: Some("https://a.example"),
                    ..Address::default()
                },
            ),
            (
                "--base-url",
                Address {
                    base_url: Some("http://a.example"),
                    ..Address::default()
                },
            ),
        ];
        for (flag, address) in table {
            let message = tenant(address).unwrap_err();
            assert!(message.starts_with(flag), "{message}");
        }
    }
}
