//! Configures and starts a simulator.

use std::collections::HashSet;
use std::fmt;
use std::fs::OpenOptions;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::device::Device;
use crate::error::{Error, ErrorKind};
use crate::faults::{ActiveScript, FaultScript};
use crate::limit::RateLimit;
use crate::log::{Log, LogLevel};
use crate::nexthink::nql::{self, Exports};
use crate::nexthink::{Credentials, ExportFault, Inventory, Nexthink, PERMISSION, SavedQuery, Settings};
use crate::routes::router;
use crate::server::{Answering, Transport, serve};
use crate::simulator::{Simulator, Tasks};
use crate::state::Shared;
use crate::token::Tokens;
use crate::ubidots::Setup;

/// Settings of a [`Simulator`]; each has the default of the documented service.
#[must_use = "a builder does nothing until started"]
pub struct Builder {
    port: u16,
    settings: Settings,
    token_lifetime: Duration,
    credentials: Option<Credentials>,
    fixed_tokens: HashSet<String>,
    inventory: Option<Vec<Device>>,
    exports: nql::Setup,
    pub(crate) ubidots: Setup,
    removal_delay: Duration,
    latency: Duration,
    rate_limit: Option<RateLimit>,
    faults: FaultScript,
    log: LogLevel,
    log_file: Option<PathBuf>,
    clock_offset: Option<i64>,
    #[cfg(feature = "tls")]
    tls: Option<(String, String)>,
}

impl Simulator {
    /// A simulator with the defaults of the documented service, to be changed.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

// Not what is inside: a client secret, tokens and a private key.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            settings: Settings {
                batch_limit: 100,
                feature_enabled: true,
                tenant_resolved: true,
                permissions: vec![PERMISSION.to_owned()],
            },
            token_lifetime: Duration::from_secs(900),
            credentials: None,
            fixed_tokens: HashSet::new(),
            inventory: None,
            exports: nql::Setup::default(),
            ubidots: Setup::default(),
            removal_delay: Duration::from_millis(500),
            latency: Duration::ZERO,
            rate_limit: None,
            faults: FaultScript::default(),
            log: LogLevel::default(),
            log_file: None,
            clock_offset: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl Builder {
    /// The port on 127.0.0.1; 0, the default, picks a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The most devices a request to Nexthink may have; 100 by default. A larger one is refused with `BATCH_SIZE_EXCEEDED`.
    pub fn batch_limit(mut self, devices: usize) -> Self {
        self.settings.batch_limit = devices;
        self
    }

    /// How long a bearer token is good for; 900 s by default. `expires_in` is this in seconds, rounded up.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Issues bearer tokens to this client only; by default to any with a non-empty id and secret.
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.credentials = Some((id.into(), secret.into()));
        self
    }

    /// The permissions in the claims of the tokens that Nexthink issues; by default the one that deletions need,
    /// `nx_dataplatform_device_deletion_api`. What Nexthink answers to a deletion without it is not documented, so a deletion
    /// is accepted all the same.
    pub fn token_permissions<P: Into<String>>(mut self, permissions: impl IntoIterator<Item = P>) -> Self {
        self.settings.permissions = permissions.into_iter().map(Into::into).collect();
        self
    }

    /// Sends every reply with a `Date` that is so many seconds ahead of the machine's clock, or behind it; by default with
    /// its time.
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.clock_offset = Some(seconds);
        self
    }

    /// Accepts this token too, for ever, revoked or not: of Nexthink as a bearer token, of Ubidots as an `X-Auth-Token`. May be called several times.
    pub fn static_token(mut self, token: impl Into<String>) -> Self {
        self.fixed_tokens.insert(token.into());
        self
    }

    /// Answers every authorized deletion request to Nexthink with 403 `FEATURE_NOT_ENABLED`.
    pub fn feature_disabled(mut self) -> Self {
        self.settings.feature_enabled = false;
        self
    }

    /// Answers every deletion request to Nexthink that is otherwise in order with 400 `EMPTY_TENANT`.
    pub fn tenant_unresolved(mut self) -> Self {
        self.settings.tenant_resolved = false;
        self
    }

    /// The devices the Nexthink tenant has, as `(uid, name)`. A device that was scheduled leaves the inventory
    /// [`removal_delay`](Self::removal_delay) later. One whose uid is there under another name is scheduled, but
    /// nothing is removed; so is one that is not there at all: the documentation promises nothing else.
    ///
    /// Without an inventory, the default, every well-formed device is scheduled and nothing more comes of it.
    pub fn inventory<U: Into<String>, N: Into<String>>(mut self, devices: impl IntoIterator<Item = (U, N)>) -> Self {
        self.inventory = Some(
            devices
                .into_iter()
                .map(|(uid, name)| (uid.into(), name.into()))
                .collect(),
        );
        self
    }

    /// A saved NQL query over the [inventory](Self::inventory), by its id, such as `#all_devices`. May be called several
    /// times; by default there is none.
    pub fn saved_query(mut self, id: impl Into<String>, query: SavedQuery) -> Self {
        self.exports.queries.insert(id.into(), query);
        self
    }

    /// How often an export is not completed yet when it is asked for; 2 by default.
    pub fn export_polls(mut self, times: u32) -> Self {
        self.exports.polls = times;
        self
    }

    /// How long the URL of an exported file is good; 15 minutes by default.
    pub fn export_url_lifetime(mut self, lifetime: Duration) -> Self {
        self.exports.url_lifetime = lifetime;
        self
    }

    /// What goes wrong with the first exports, one each; nothing by default.
    pub fn export_faults(mut self, faults: impl IntoIterator<Item = ExportFault>) -> Self {
        self.exports.faults = faults.into_iter().collect();
        self
    }

    /// Answers every request about exports with 403.
    pub fn queries_forbidden(mut self) -> Self {
        self.exports.is_permitted = false;
        self
    }

    /// How long a scheduled device stays in the inventory, or in the Ubidots account; 500 ms by default.
    pub fn removal_delay(mut self, delay: Duration) -> Self {
        self.removal_delay = delay;
        self
    }

    /// How long the service takes over a deletion request that is fully read; nothing by default.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Refuses deletion requests above this rate with 429; none by default.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// What is to go wrong; nothing by default.
    pub fn faults(mut self, script: FaultScript) -> Self {
        self.faults = script;
        self
    }

    /// How much is remembered of the requests.
    pub fn log(mut self, level: LogLevel) -> Self {
        self.log = level;
        self
    }

    /// Appends a line of JSON to this file for every deletion request when it ends, whatever the log level: the same
    /// as `GET /_simulator/requests` shows. The line is written before the reply is.
    pub fn log_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.log_file = Some(path.into());
        self
    }

    /// Serves TLS with this certificate chain and key, both PEM; HTTP/2 and HTTP/1.1 are offered by ALPN.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, certificates: impl Into<String>, key: impl Into<String>) -> Self {
        self.tls = Some((certificates.into(), key.into()));
        self
    }

    /// Starts the simulator on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// The port is taken, the log file cannot be opened, the certificate is of no use, or the Ubidots account cannot be.
    pub async fn start(self) -> Result<Simulator, Error> {
        let (scheme, transport) = self.transport()?;
        let clock_offset = self.clock_offset;
        let file = match &self.log_file {
            None => None,
            Some(path) => Some(
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .map_err(|error| {
                        Error::new(
                            ErrorKind::LogFile,
                            format!("cannot open the log file {}", path.display()),
                        )
                        .with_source(error)
                    })?,
            ),
        };
        let (port, listener) = listen(self.port).await.map_err(|error| {
            Error::new(ErrorKind::Listen, format!("cannot listen on 127.0.0.1:{}", self.port)).with_source(error)
        })?;
        let (ubidots, tasks) = self.ubidots.open(self.removal_delay, self.fixed_tokens.clone())?;
        let account = Arc::clone(&ubidots.account);
        let mut workers = vec![tokio::spawn(async move { account.work(tasks).await })];
        let inventory = match self.inventory {
            None => None,
            Some(devices) => {
                let (inventory, queue) = Inventory::new(devices, self.removal_delay);
                let inventory = Arc::new(inventory);
                let work = Arc::clone(&inventory);
                workers.push(tokio::spawn(async move { work.work(queue).await }));
                Some(inventory)
            }
        };
        // A host of its own for the files, as the service has one.
        let files = if self.exports.queries.is_empty() {
            None
        } else {
            Some(listen(0).await.map_err(|error| {
                Error::new(ErrorKind::Listen, "cannot listen on 127.0.0.1 for exported files").with_source(error)
            })?)
        };
        let (files_port, files) = files.unzip();
        let exports = Arc::new(Exports::new(self.exports, files_port));
        if let Some(listener) = files {
            workers.push(tokio::spawn(nql::serve(listener, Arc::clone(&exports))));
        }
        let nexthink = Nexthink {
            exports,
            settings: self.settings,
            credentials: self.credentials,
            tokens: Tokens::new(self.token_lifetime, self.fixed_tokens),
            inventory,
        };
        let shared = Arc::new(Shared::new(
            Log::new(self.log, file),
            nexthink,
            ubidots,
            ActiveScript::new(self.faults),
        ));
        shared.set_latency(self.latency);
        shared.set_rate(self.rate_limit);
        let (stop, stopped) = oneshot::channel();
        let router = router(Arc::clone(&shared));
        let server = tokio::spawn(serve(
            listener,
            transport,
            Arc::clone(&shared),
            Answering { router, clock_offset },
            stopped,
        ));
        Ok(Simulator::new(
            scheme,
            port,
            shared,
            Tasks {
                stop: Some(stop),
                server,
                workers,
            },
        ))
    }

    #[cfg(not(feature = "tls"))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "with the feature `tls` it can fail"
    )]
    fn transport(&self) -> Result<(&'static str, Transport), Error> {
        Ok(("http", Transport::Plain))
    }

    #[cfg(feature = "tls")]
    fn transport(&self) -> Result<(&'static str, Transport), Error> {
        match &self.tls {
            None => Ok(("http", Transport::Plain)),
            Some((certificates, key)) => Ok(("https", Transport::Tls(crate::tls::acceptor(certificates, key)?))),
        }
    }
}

/// Listens on this machine, and says on which port; on a free one for 0.
async fn listen(port: u16) -> std::io::Result<(u16, TcpListener)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok((listener.local_addr()?.port(), listener))
}
