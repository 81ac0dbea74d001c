//! What a contender is told, and how it shares its requests out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;

use crate::api::Api;

/// What sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    Canned,
    Generated,
    Facade,
    /// The generated client in a bare loop over the pages of a list
    Pages,
    /// Nothing: writes the body of one request to stdout, for a tool that sends it
    Body,
}

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Arguments {
    pub(super) contender: Contender,
    #[arg(long, value_enum, default_value_t = Api::Nexthink)]
    pub(super) service: Api,
    /// How many devices the list has
    #[arg(long, default_value_t = 0)]
    pub(super) listed: u64,
    /// Where the service is: http://127.0.0.1:PORT
    #[arg(long, default_value = "")]
    pub(super) url: String,
    #[arg(long, default_value_t = 1)]
    pub(super) requests: u64,
    /// How many requests are in flight
    #[arg(long, default_value_t = 1)]
    pub(super) concurrency: usize,
    /// Trust this certificate, PEM
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn devices(&self) -> u64 {
        self.requests * self.service.batch()
    }
}

/// The certificate to trust.
pub(super) fn pem(file: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    Ok(file.map(std::fs::read).transpose()?)
}

/// Has `concurrency` tasks call `send` for every request, and adds up what they return.
pub(super) async fn share_out<F>(
    arguments: &Arguments,
    send: impl Fn(u64) -> F + Clone + Send + 'static,
) -> anyhow::Result<u64>
where
    F: Future<Output = anyhow::Result<u64>> + Send,
{
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..arguments.concurrency)
        .map(|_| {
            let (next, send, requests) = (next.clone(), send.clone(), arguments.requests);
            tokio::spawn(async move {
                let mut accepted = 0;
                loop {
                    let request = next.fetch_add(1, Ordering::Relaxed);
                    if request >= requests {
                        return anyhow::Ok(accepted);
                    }
                    accepted += send(request).await?;
                }
            })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        accepted += task.await??;
    }
    Ok(accepted)
}
