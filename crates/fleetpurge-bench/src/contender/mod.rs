//! Clients that send the same requests with less and less behind them.
//!
//! | file | what it sends with |
//! |---|---|
//! | `arguments.rs` | (what each is told) |
//! | `canned.rs` | `reqwest` alone: one body, over and over |
//! | `generated.rs` | the generated client in a bare loop: typed bodies and replies, no matching, no journal |
//! | `pages.rs` | the generated client in a bare loop: the pages of a list |
//! | `facade.rs` | the facade: batching, matching and the engine, no journal |

mod arguments;
mod canned;
mod facade;
mod generated;
mod pages;

use std::io::Write;

pub(crate) use arguments::Arguments;
use arguments::Contender;

/// Sends all requests, and fails unless the service has accepted or listed every device.
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
            Contender::Pages => pages::list(arguments).await,
            Contender::Body => Ok(0),
        }
    })?;
    let all = match arguments.contender {
        Contender::Pages => arguments.listed,
        _ => arguments.devices(),
    };
    anyhow::ensure!(accepted == all, "{accepted} devices of {all} were accepted or listed");
    Ok(())
}
