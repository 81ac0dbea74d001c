//! Makes the checks, each even if an earlier one found something wrong, as far as it can be made.

use std::io::{self, Write};
use std::time::Duration;

use fleetpurge_http::connection::Connection;
use fleetpurge_http::settings::Settings;
use fleetpurge_records::CheckName::{self, Clock, Dns, Permission, Proxy, Tls, Token};
use fleetpurge_records::{CheckVerdict, Doctor};

use super::checks::{Checks, Finding};
use super::network::{self, Host, Known};
use super::setup::{self, Setup};
use super::{query, text, token};
use crate::args::{BrakeArgs, DoctorArgs, Given, StatusFormat};
use crate::commands::usage;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT, chain};
use crate::next;
use crate::output::{self, counted};
use crate::services::{Client, Credentials, Tenant};

pub(crate) fn run(args: &DoctorArgs, given: &Given) -> Result<Exit, Failure> {
    args.query
        .check(&BrakeArgs::default())
        .map_err(|why| Failure::new(Exit::USAGE, why, NOTHING_SENT, usage::help_of(Some("doctor"))))?;
    let mut checks = Checks::default();
    let setup = setup::look(args, given, &mut checks);
    let tenant = setup.tenant.clone();
    let service = setup.service;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reach(setup, &mut checks).await;
        query::look(client.as_ref(), tenant.as_ref(), &args.query, &mut checks).await;
    });
    let doctor = Doctor {
        service: service.as_str(),
        tenant: tenant.as_ref().map(|tenant| tenant.name.clone()),
        base_url: tenant.as_ref().map(|tenant| tenant.base_url.clone()),
        token_url: tenant.and_then(|tenant| tenant.token_url),
        wrong: checks.count(CheckVerdict::Wrong),
        warnings: checks.count(CheckVerdict::Warning),
        not_checked: checks.count(CheckVerdict::NotChecked),
        checks: checks.list,
    };
    let mut out = output::stdout();
    match args.format {
        StatusFormat::Json => {
            serde_json::to_writer(&mut out, &doctor).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        StatusFormat::Text => text::write(&mut output::Escaping(&mut out), &doctor)?,
    }
    out.flush()?;
    if doctor.wrong == 0 {
        return Ok(Exit::DONE);
    }
    Err(Failure::new(
        Exit::ERROR,
        format!(
            "{} something wrong",
            counted(doctor.wrong, "check found", "checks found")
        ),
        NOTHING_SENT,
        checks.next.unwrap_or_else(next::instead),
    ))
}

/// Everything that needs the network. Returns the client, if there is one that could log in.
async fn reach(setup: Setup, checks: &mut Checks) -> Option<Client> {
    let Some(tenant) = &setup.tenant else {
        for check in [Proxy, Dns, CheckName::Connection, Tls, Clock, Token, Permission] {
            checks.add(check, None, Finding::not_checked("the address is not known"));
        }
        return None;
    };
    let timeout = Duration::from_secs(setup.timeout);
    let hosts = hosts(tenant, setup.credentials.as_ref());
    let urls: Vec<&str> = hosts.iter().map(|host| host.url.as_str()).collect();
    let mut known = Vec::new();
    match connect(timeout, &urls) {
        Ok(connection) => {
            for host in &hosts {
                known.push(network::look(host, &connection, checks).await);
            }
        }
        Err(why) => {
            checks.add(
                Tls,
                None,
                Finding::wrong(why, "Check the environment and the trusted certificates."),
            );
        }
    }
    login(setup, &known, checks).await
}

fn connect(timeout: Duration, urls: &[&str]) -> Result<Connection, String> {
    let mut settings = Settings::default();
    settings.timeout(timeout);
    let product = concat!("fleetpurge/", env!("CARGO_PKG_VERSION"));
    settings.connect(product, urls).map_err(|error| chain(&error))
}

/// The hosts that the commands would address: that of the API first, and that of the tokens, if one is asked there.
fn hosts(tenant: &Tenant, credentials: Option<&Credentials>) -> Vec<Host> {
    let api = Host::of(&tenant.base_url);
    let tokens = tenant
        .token_url
        .as_deref()
        .filter(|_| credentials.is_none_or(Credentials::can_be_renewed))
        .and_then(Host::of)
        .filter(|tokens| api.as_ref().is_none_or(|api| api.url.origin() != tokens.url.origin()))
        .map(|mut tokens| {
            tokens.url.set_path("/");
            tokens
        });
    api.into_iter().chain(tokens).collect()
}

async fn login(setup: Setup, known: &[Known], checks: &mut Checks) -> Option<Client> {
    let (Some(tenant), Some(credentials)) = (setup.tenant, setup.credentials) else {
        return not_checked(checks, "there are no credentials");
    };
    let can_be_renewed = credentials.can_be_renewed();
    if setup.unconfirmed && can_be_renewed {
        return not_checked(
            checks,
            "the plan sends the credentials to a host that is neither the instance's nor that of the base URL; check who \
             owns it, and repeat it with --token-url only if it is correct",
        );
    }
    let client = match tenant.client(credentials, Duration::from_secs(setup.timeout)) {
        Ok(client) => client,
        Err(error) => {
            checks.add(Token, None, Finding::wrong(chain(&error), tenant.advice(error.kind())));
            checks.add(Permission, None, Finding::not_checked("there is no token"));
            return None;
        }
    };
    let asks = can_be_renewed || matches!(client, Client::Ubidots(_));
    // The last host is the one that issues tokens.
    if asks && known.last().is_none_or(|host| !host.answered) {
        return not_checked(checks, "the host that would be asked did not answer");
    }
    let ahead = known.first().and_then(|host| host.ahead);
    token::look(&client, &tenant, can_be_renewed, ahead, checks).await;
    Some(client)
}

fn not_checked(checks: &mut Checks, why: &str) -> Option<Client> {
    for check in [Token, Permission] {
        checks.add(check, None, Finding::not_checked(why));
    }
    None
}
