//! Nexthink: an instance in a region, or a base URL; client credentials, or a token.

use std::time::Duration;

use fleetpurge_ledger::{PlanSettings, Service};
use nexthink_data_management::{Client, Credentials, Device, Endpoints, Error, Instance, Region, Transport};

use super::applies::Applies;
use super::tenant::{Address, Tenant};
use crate::args::CredentialArgs;
use crate::credentials::nexthink::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use crate::credentials::{from_command, from_file, from_text, refused, secret_of, variable};
use crate::failure::Failure;
use crate::next;
use crate::profiles::Profile;

pub(super) const CHECK_CREDENTIALS: &str =
    "Check NEXTHINK_CLIENT_ID and its secret: that they belong to this tenant and have not expired.";

/// Works the two URLs out, or says which setting is wrong and why.
pub(super) fn tenant(address: Address<'_>) -> Result<Tenant, String> {
    let named = match (address.instance, address.region) {
        (Some(instance), Some(region)) => Some(documented(instance, region)?),
        (Some(_), None) => return Err("--instance needs --region".to_owned()),
        (None, Some(_)) => return Err("--region needs --instance".to_owned()),
        (None, None) => None,
    };
    let derived = named.as_ref().map(|endpoints| endpoints.token_url().to_owned());
    let endpoints = match (address.base_url, named) {
        (Some(base), _) => Endpoints::at(base, None)
            .map_err(|error| format!("--base-url: {error}"))
            .and_then(|endpoints| with_token_url(endpoints, derived.as_deref()))?,
        (None, Some(named)) => named,
        (None, None) => return Err("give --instance and --region, or --base-url".to_owned()),
    };
    let endpoints = with_token_url(endpoints, address.token_url)?;
    Ok(Tenant {
        service: Service::Nexthink,
        name: endpoints.tenant().to_owned(),
        instance: address.instance.map(str::to_owned),
        region: address.region.map(str::to_owned),
        base_url: endpoints.base_url().to_owned(),
        token_url: Some(endpoints.token_url().to_owned()),
    })
}

/// The tenant at the address of a plan.
pub(super) fn tenant_of(settings: &PlanSettings) -> Result<Tenant, Error> {
    let endpoints = Endpoints::at(&settings.base_url, settings.token_url.as_deref())?;
    let documented = settings
        .instance
        .as_deref()
        .zip(settings.region.as_deref())
        .and_then(|(instance, region)| documented(instance, region).ok())
        .filter(|documented| documented.base_url() == endpoints.base_url());
    Ok(Tenant {
        service: Service::Nexthink,
        name: documented
            .as_ref()
            .map_or(endpoints.tenant(), Endpoints::tenant)
            .to_owned(),
        instance: settings.instance.clone(),
        region: settings.region.clone(),
        base_url: endpoints.base_url().to_owned(),
        token_url: Some(endpoints.token_url().to_owned()),
    })
}

pub(super) fn token_host_is_foreign(tenant: &Tenant) -> bool {
    let shares =
        |base: &str| Endpoints::at(base, tenant.token_url.as_deref()).is_ok_and(|endpoints| endpoints.share_a_host());
    let derived = tenant
        .instance
        .as_deref()
        .zip(tenant.region.as_deref())
        .and_then(|(instance, region)| documented(instance, region).ok());
    !shares(&tenant.base_url) && !derived.is_some_and(|derived| shares(derived.token_url()))
}

pub(crate) fn client(tenant: &Tenant, credentials: Credentials, timeout: Duration) -> Result<Client, Error> {
    let endpoints = Endpoints::at(&tenant.base_url, tenant.token_url.as_deref())?;
    Client::builder(endpoints, credentials).timeout(timeout).build()
}

/// A client that sends nothing: the transport takes its requests.
pub(super) fn rehearsing_client(tenant: &Tenant, transport: impl Transport) -> Result<Client, Error> {
    let endpoints = Endpoints::at(&tenant.base_url, tenant.token_url.as_deref())?;
    Client::builder(endpoints, Credentials::token("none"))
        .transport(transport)
        .build()
}

/// Finds the credentials, or says which setting is missing.
pub(super) fn credentials(args: &CredentialArgs, profile: Option<&Profile>) -> Result<Credentials, Failure> {
    let token = variable(TOKEN)?;
    let id = variable(CLIENT_ID)?;
    let secret = variable(CLIENT_SECRET)?;
    let elsewhere = args.client_secret_file.is_some() || args.client_secret_command.is_some();
    if let Some(token) = token {
        if id.is_some() || secret.is_some() || elsewhere {
            return Err(refused(&format!(
                "both {TOKEN} and client credentials are given; unset the one that is not meant"
            )));
        }
        return Ok(Credentials::token(secret_of(&token)));
    }
    if id.is_none()
        && secret.is_none()
        && !elsewhere
        && let Some(token) = profile.and_then(Profile::token)
    {
        return Ok(Credentials::token(secret_of(&token?)));
    }
    let stored_id = profile.and_then(|profile| profile.values.client_id.as_deref());
    let is_stored_client = id
        .as_deref()
        .is_none_or(|id| stored_id.is_none_or(|stored| stored == id.as_str()));
    let stored_id = profile.zip(stored_id).filter(|_| id.is_none()).map(|(profile, id)| {
        tracing::info!(
            profile = profile.name,
            key = "client_id",
            value = id,
            "from the profile"
        );
        from_text(&format!("profile `{}`, client_id", profile.name), id.as_bytes())
    });
    let Some(id) = id.map(Ok).or(stored_id).transpose()? else {
        return Err(refused(&format!(
            "credentials are missing: set {CLIENT_ID} with {CLIENT_SECRET} (or --client-secret-file, or \
             --client-secret-command), or set {TOKEN}"
        ))
        .suggesting(next::set_variables(if secret.is_some() || elsewhere {
            &[CLIENT_ID]
        } else {
            &[CLIENT_ID, CLIENT_SECRET]
        })));
    };
    let stored = profile.filter(|_| is_stored_client);
    let secret = match (&args.client_secret_file, &args.client_secret_command, secret) {
        (Some(path), _, _) => from_file("--client-secret-file", path)?,
        (None, Some(command), _) => from_command("--client-secret-command", command)?,
        (None, None, Some(secret)) => secret,
        (None, None, None) => match stored.and_then(Profile::client_secret) {
            Some(secret) => secret?,
            None => return Err(no_secret(profile)),
        },
    };
    Ok(Credentials::client(id.as_str(), secret_of(&secret)))
}

/// There is a client id, from the environment or a profile, and no secret for it.
fn no_secret(profile: Option<&Profile>) -> Failure {
    let (have, or) = match profile.filter(|profile| profile.values.client_id.is_some()) {
        Some(profile) => (
            format!("the client id of profile `{}` or of {CLIENT_ID} is given", profile.name),
            "; the secret of a profile is only used with its own client id",
        ),
        None => (format!("{CLIENT_ID} is set"), ""),
    };
    refused(&format!(
        "{have} and its secret is missing: set {CLIENT_SECRET}, or give --client-secret-file or \
         --client-secret-command{or}"
    ))
    .suggesting(next::set_variables(&[CLIENT_SECRET]))
}

impl Applies for Client {
    fn device(uid: String, name: String) -> Result<Device, Error> {
        Ok(Device::new(uid, name))
    }

    async fn authenticate(&self) -> Result<(), Error> {
        Self::authenticate(self).await
    }
}

fn documented(instance: &str, region: &str) -> Result<Endpoints, String> {
    let instance = Instance::new(instance).map_err(|error| format!("--instance: {error}"))?;
    let region: Region = region.parse().map_err(|error| format!("--region: {error}"))?;
    Ok(Endpoints::of(instance, region))
}

fn with_token_url(endpoints: Endpoints, url: Option<&str>) -> Result<Endpoints, String> {
    match url {
        Some(url) => endpoints
            .with_token_url(url)
            .map_err(|error| format!("--token-url: {error}")),
        None => Ok(endpoints),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: Address<'_> = Address {
        instance: Some("acme"),
        region: Some("eu"),
        base_url: None,
        token_url: None,
    };

    fn at(base_url: &str) -> Address<'_> {
        Address {
            base_url: Some(base_url),
            ..Address::default()
        }
    }

    #[test]
    fn an_instance_and_a_base_url_lead_to_two_urls_and_a_name_to_type() {
        let table = [
            (
                ACME,
                "acme",
                "https://acme.api.eu.nexthink.cloud",
                "https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token",
                false,
            ),
            (
                at("http://127.0.0.1:8080/"),
                "127.0.0.1:8080",
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/oauth2/default/v1/token",
                false,
            ),
            (
                at("https://proxy.example/nexthink"),
                "proxy.example:443",
                "https://proxy.example/nexthink",
                "https://proxy.example/nexthink/oauth2/default/v1/token",
                false,
            ),
            (
                Address {
                    token_url: Some("https://login.example/token"),
                    ..at("http://[::1]:81")
                },
                "[::1]:81",
                "http://[::1]:81",
                "https://login.example/token",
                true,
            ),
            (
                Address {
                    base_url: Some("http://localhost:9"),
                    ..ACME
                },
                "localhost:9",
                "http://localhost:9",
                "https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token",
                false,
            ),
        ];
        for (address, name, base_url, token_url, foreign) in table {
            let tenant = super::tenant(address).unwrap();
            assert_eq!(
                (
                    tenant.name.as_str(),
                    tenant.base_url.as_str(),
                    tenant.token_url.as_deref().unwrap()
                ),
                (name, base_url, token_url)
            );
            assert_eq!(tenant.token_host_is_foreign(), foreign, "{address:?}");
        }
    }

    #[test]
    fn what_would_lead_elsewhere_is_refused_with_its_setting() {
        let instances = ["a/b", "", "a.b", "evil.com#", "-a", "a-", "a b", "a\u{301}"];
        for instance in instances {
            let message = tenant(Address {
                instance: Some(instance),
                ..ACME
            })
            .unwrap_err();
            assert!(message.contains("--instance"), "{message}");
        }
        let urls = [
            ("http://example.com", "not https"),
            ("https://user@example.com", "user name or password"),
            ("example.com", "not a URL"),
        ];
        for (url, reason) in urls {
            let message = tenant(at(url)).unwrap_err();
            assert!(
                message.contains("--base-url") && message.contains(reason),
                "{url}: {message}"
            );
        }
    }
}
