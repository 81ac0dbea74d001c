//! Clients that send the same requests with less and less behind them.
//!
//! | file | what it sends with |
//! |---|---|
//! | `canned.rs` | `reqwest` alone: one body, over and over |
//! | `generated.rs` | the generated client in a bare loop: typed bodies and replies, no matching, no journal |
//! | `facade.rs` | the facade: batching, matching and the engine, no journal |

mod canned;
mod facade;
mod generated;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;

/// Which service's requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Api {
    Nexthink,
    Ubidots,
}

impl Api {
    /// How many devices one request names.
    pub(crate) fn batch(self) -> u64 {
        match self {
            Self::Nexthink => 100,
            Self::Ubidots => 300,
        }
    }
}

/// What sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    Canned,
    Generated,
    Facade,
    /// Nothing: writes the body of one request to stdout, for a tool that sends it
    Body,
}

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Arguments {
    contender: Contender,
    #[arg(long, value_enum, default_value_t = Api::Nexthink)]
    service: Api,
    /// Where the service is: http://127.0.0.1:PORT
    #[arg(long, default_value = "")]
    url: String,
    #[arg(long, default_value_t = 1)]
    requests: u64,
    /// How many requests are in flight
    #[arg(long, default_value_t = 1)]
    concurrency: usize,
    /// Trust this certificate, PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Arguments {
    fn devices(&self) -> u64 {
        self.requests * self.service.batch()
    }
}

/// Sends all requests, and fails unless the service has accepted every device.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.contender == Contender::Body {
        use std::io::Write;
        let body = crate::made_up::body(arguments.service, 0..arguments.service.batch());
        std::io::stdout().write_all(body.as_bytes())?;
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let accepted = runtime.block_on(async {
        match arguments.contender {
            Contender::Canned => canned::send(arguments).await,
            Contender::Generated => generated::send(arguments).await,
            Contender::Facade => facade::send(arguments).await,
            Contender::Body => Ok(0),
        }
    })?;
    anyhow::ensure!(
        accepted == arguments.devices(),
        "{accepted} devices of {} were accepted",
        arguments.devices()
    );
    Ok(())
}

/// The certificate to trust.
fn pem(file: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    Ok(file.map(std::fs::read).transpose()?)
}

/// Has `concurrency` tasks call `send` for every request, and adds up what they return.
async fn share_out<F>(arguments: &Arguments, send: impl Fn(u64) -> F + Clone + Send + 'static) -> anyhow::Result<u64>
where
    F: Future<Output = anyhow::Result<u64>> + Send,
{
    let next = std::sync::Arc::new(AtomicU64::new(0));
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
