//! Runs a query until its whole result is here.

use std::time::Duration;

use nexthink_nql::{Client, Error, ErrorKind, Parameters, Progress as Told, QueryId};

use super::answer::{Answer, name};
use super::trouble;
use crate::args::QueryArgs;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::rehearsal;
use crate::services::{Tenant, nexthink};

/// How long a result is waited for if nothing else was said.
const USUAL_WAIT: u64 = 600;
/// The time limit of one request.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a file that did not come whole is exported.
const TRIES: u32 = 3;

/// Where queries are run, and what was said about them.
pub(crate) struct Asking {
    tenant: Tenant,
    client: Client,
    wait: Duration,
    parameters: Parameters,
}

impl Asking {
    /// Sets it up. Nothing is sent.
    pub(crate) fn new(
        tenant: &Tenant,
        args: &QueryArgs,
        credentials: nexthink_data_management::Credentials,
    ) -> Result<Self, Failure> {
        let client =
            nexthink::client(tenant, credentials, TIMEOUT).map_err(|error| trouble::not_set_up(tenant, &error))?;
        Self::with(tenant, args, &client)
    }

    /// The same, with the connections and the login of a client.
    pub(crate) fn with(
        tenant: &Tenant,
        args: &QueryArgs,
        client: &nexthink_data_management::Client,
    ) -> Result<Self, Failure> {
        let mut parameters = Parameters::default();
        for (name, value) in &args.param {
            parameters = parameters.with(name, value).map_err(|error| trouble::usage(&error))?;
        }
        Ok(Self {
            tenant: tenant.clone(),
            client: Client::of(client),
            wait: Duration::from_secs(args.query_wait.unwrap_or(USUAL_WAIT)),
            parameters,
        })
    }

    /// The result of the query.
    pub(crate) async fn ask(&self, query: &QueryId) -> Result<Answer, Failure> {
        self.run(query, &self.parameters).await
    }

    /// How many rows a query without parameters has.
    pub(super) async fn count(&self, query: &QueryId) -> Result<u64, Failure> {
        Ok(self.run(query, &Parameters::default()).await?.rows)
    }

    async fn run(&self, query: &QueryId, parameters: &Parameters) -> Result<Answer, Failure> {
        let mut tries = 1;
        loop {
            match self.once(query, parameters).await {
                Ok(answer) => return Ok(answer),
                Err(Ended::Here(failure)) => return Err(failure),
                // Asking again changes nothing at the service, and half a list is none.
                Err(Ended::There(error)) if error.kind() == ErrorKind::Incomplete && tries < TRIES => {
                    output::note(&format!("The result of {query} is asked for again: {error}."));
                    tries += 1;
                }
                Err(Ended::There(error)) => return Err(trouble::failure(query, &self.tenant, &error)),
            }
        }
    }

    async fn once(&self, query: &QueryId, parameters: &Parameters) -> Result<Answer, Ended> {
        let unwritable = |error: std::io::Error| Ended::Here(Failure::output(&error));
        let file = tempfile::tempfile().map_err(unwritable)?;
        let copy = file.try_clone().map_err(unwritable)?;
        let progress = Progress::rows();
        let at = rehearsal::now();
        let telling = &progress;
        let mut export = self
            .client
            .export(query, parameters)
            .max_wait(self.wait)
            .copy_to(std::io::BufWriter::new(copy))
            .on_progress(|told| tell(telling, query, &told))
            .await
            .map_err(Ended::There)?;
        let mut rows = 0;
        while export.next_row().await.map_err(Ended::There)?.is_some() {
            rows += 1;
            progress.advance(1);
        }
        progress.finish();
        let sha256 = export.summary().map(|summary| summary.sha256.clone());
        Ok(Answer {
            file,
            name: name(query, parameters, at),
            rows,
            sha256: sha256.unwrap_or_default(),
        })
    }
}

/// How a run of a query ended without a result.
enum Ended {
    /// For a reason of this machine.
    Here(Failure),
    There(Error),
}

fn tell(progress: &Progress, query: &QueryId, told: &Told) {
    match told {
        Told::Submitted { export_id } => tracing::info!(%query, export_id, "the query was submitted"),
        Told::Running { so_far } => progress.message(format!("{query} runs for {} s", so_far.as_secs())),
        Told::Waiting { wait, reason } => progress.note(&format!(
            "{query}: {reason}; asked again in {} s.",
            wait.as_secs_f64().ceil()
        )),
        Told::Fetching { bytes } => tracing::info!(%query, ?bytes, "the result is fetched"),
        _ => {}
    }
}
