//! Where the page is served, and until when.

use std::error::Error;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::HeaderValue;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use super::audience::Audience;
use super::plan::Served;
use super::site::{self, Site};
use super::token::Token;
use super::watching;
use crate::announce;
use crate::args::ServeArgs;
use crate::commands::report::page;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::next;
use crate::output;
use crate::plan_file;
use crate::signals;

/// How long replies under way are waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(1);

pub(crate) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    plan_file::refuse_database(&args.plan, "A page")?;
    announce::plan(&args.plan);
    let plan = Served::new(&args.plan).map_err(|error| plan_file::failure(&error, &args.plan))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| failed(args, &error))?;
    let exit = runtime.block_on(serve(args, plan));
    // A look at the plan that is under way changes nothing, and is not waited for.
    runtime.shutdown_background();
    exit
}

async fn serve(args: &ServeArgs, plan: Served) -> Result<Exit, Failure> {
    let asked = signals::listen(|| {}, || output::next(&next::command(&["serve", "--help"])))
        .map_err(|error| failed(args, &error))?;
    let token = Token::new().map_err(|error| failed(args, &error))?;
    let policy = format!("{}; frame-ancestors 'none'", page::served_policy());
    let policy = HeaderValue::try_from(policy).map_err(|error| failed(args, &error))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .await
        .map_err(|error| failed(args, &error))?;
    let port = listener.local_addr().map_err(|error| failed(args, &error))?.port();
    // Without the token: a log is read by others than the page.
    tracing::info!(plan = %args.plan.display(), port, "the page is served");
    tell(&format!("http://127.0.0.1:{port}/{}/", token.text()));

    let plan = Arc::new(Mutex::new(plan));
    let audience = Audience::new();
    let (tell, told) = watch::channel(None);
    let watching = tokio::spawn(watching::watch(Arc::clone(&plan), audience.clone(), tell));
    let site = Arc::new(Site {
        token,
        plan,
        audience,
        told,
        ending: asked.clone(),
        policy,
    });
    let serving = axum::serve(listener, site::router(site)).with_graceful_shutdown(asked.clone().wait());
    let served = async {
        tokio::select! {
            served = serving.into_future() => served,
            () = async {
                asked.wait().await;
                // A browser that does not read its reply is not waited for.
                sleep(LAST_WORDS).await;
            } => Ok(()),
        }
    }
    .await;
    watching.abort();
    served.map_err(|error| failed(args, &error))?;
    Ok(Exit::DONE)
}

/// The address to stdout, and what it is to stderr.
fn tell(address: &str) {
    {
        let mut out = output::stdout();
        if let Err(error) = writeln!(out, "{address}").and_then(|()| out.flush()) {
            output::note(&format!("{address} could not be written to stdout: {error}"));
        }
    }
    output::note(
        "Open the address in a browser of this machine. The page is read-only: nothing can be deleted from it. Whoever has \
         the address can read the plan, until Ctrl-C.",
    );
}

fn failed(args: &ServeArgs, error: &(dyn Error + 'static)) -> Failure {
    Failure::before_sending(
        Exit::ERROR,
        format!(
            "the page could not be served on port {} of 127.0.0.1: {}. Another --port, or 0 for any that is free, may do",
            args.port,
            chain(error)
        ),
        next::over("serve", &args.plan, &["--port", "0"]),
    )
}
