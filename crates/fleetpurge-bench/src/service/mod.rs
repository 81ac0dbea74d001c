//! A service that does as little as a service can: it finds where a request ends, and writes a reply that names what the
//! request named. One thread serves all connections.
//!
//! | file | what is there |
//! |---|---|
//! | `request.rs` | where a request begins and ends |
//! | `reply.rs` | the bytes of the replies |
//! | `limit.rs` | a limited rate, and a share of what comes |
//! | `state.rs` | what all connections share |
//! | `connection.rs` | one connection |

mod connection;
mod limit;
mod reply;
mod request;
mod state;

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use limit::{Limit, Share};
use state::Service;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// How long it takes to answer a deletion, or with a page of a list
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    delay: u64,
    /// How many devices Ubidots' list has
    #[arg(long, value_name = "DEVICES", default_value_t = 0)]
    listed: u64,
    /// Allow so many deletion requests per second, and answer 429 to the others
    #[arg(long, value_name = "REQUESTS")]
    limit: Option<f64>,
    /// After so many seconds, multiply the limit
    #[arg(long, value_names = ["SECONDS", "FACTOR"], num_args = 2, requires = "limit")]
    change: Option<Vec<f64>>,
    /// Count nothing in the first so many seconds after the first deletion
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    since: f64,
    /// Answer `FAILED`, which is surely not applied, for this share of the devices
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    fail: f64,
    /// Speak TLS, and write the certificate to trust, PEM, to this file
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
}

/// Prints the port of its counts, which is never one of TLS, and that of the service; serves until its stdin is closed.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let tls = arguments.tls.as_deref().map(acceptor).transpose()?;
    let service = Rc::new(Service {
        delay: Duration::from_millis(arguments.delay),
        listed: arguments.listed,
        since: arguments.since,
        began: Cell::new(None),
        limit: RefCell::new(
            arguments
                .limit
                .map(|rate| Limit::new(rate, arguments.change.as_deref())),
        ),
        failures: RefCell::new(Share::new(arguments.fail)),
        counts: RefCell::default(),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let counts = TcpListener::bind(("127.0.0.1", 0)).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let mut out = std::io::stdout();
        writeln!(
            out,
            "{}\n{}",
            counts.local_addr()?.port(),
            listener.local_addr()?.port()
        )?;
        out.flush()?;
        let mut stdin = tokio::io::stdin();
        let mut ignored = [0; 64];
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    stream.set_nodelay(true)?;
                    tokio::task::spawn_local(serve(stream, tls.clone(), Rc::clone(&service)));
                }
                accepted = counts.accept() => {
                    tokio::task::spawn_local(serve(accepted?.0, None, Rc::clone(&service)));
                }
                read = stdin.read(&mut ignored) => {
                    if matches!(read, Ok(0) | Err(_)) {
                        return Ok(());
                    }
                }
            }
        }
    })
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, service: Rc<Service>) {
    // A connection that breaks off is the client's affair.
    let _ = match tls {
        None => connection::serve(stream, service).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => connection::serve(stream, service).await,
            Err(error) => Err(error),
        },
    };
}

fn acceptor(file: &Path) -> anyhow::Result<TlsAcceptor> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    std::fs::write(file, made.cert.pem()).with_context(|| format!("{}", file.display()))?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
