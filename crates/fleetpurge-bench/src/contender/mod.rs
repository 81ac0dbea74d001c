//! Clients that send the same requests with less and less behind them.
//!
//! | file | what it sends with |
//! |---|---|
//! | `arguments.rs` | (what each is told) |
//! | `canned.rs` | `reqwest` alone: one body, over and over |
//! | `generated.rs` | the generated client in a bare loop: typed bodies and replies, no matching, no journal |
//! | `facade.rs` | the facade: batching, matching and the engine, no journal |

mod arguments;
mod canned;
mod facade;
mod generated;

use std::io::Write;

pub(crate) use arguments::Arguments;
use arguments::Contender;

/// Sends all requests, and fails unless the service has accepted every device.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.contender == Contender::Body {
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
