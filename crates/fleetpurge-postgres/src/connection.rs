//! A connection: made to the first server that fits, and driven until it ends.

use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::ops::Deref;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres::tls::{MakeTlsConnect, NoTlsStream, TlsStream};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Socket};

use crate::error::{Error, ErrorKind};
use crate::settings::{Server, Settings};
use crate::target::{Place, Target};

/// A connection to a database. It ends when this is dropped.
#[derive(Debug)]
pub struct Connection(Client);

/// No schema of a user is searched, so that nobody's function stands in for the server's; times are read in UTC; a
/// transaction that this program forgot does not hold its locks for long.
const SESSION: &str = "SET search_path = ''; \
                       SET TimeZone = 'UTC'; \
                       SET default_transaction_isolation = 'read committed'; \
                       SET idle_in_transaction_session_timeout = '60s'";

impl Connection {
    /// Whether the connection has ended, as far as this side knows.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Deref for Connection {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl Settings {
    /// Connects to the first server that answers and fits `target_session_attrs`. To be called in a Tokio runtime with
    /// I/O and time: a task there drives the connection.
    ///
    /// A server that cannot be reached is passed over; one that refuses the login or whose certificate is not trusted
    /// ends the search, as with libpq.
    ///
    /// # Errors
    ///
    /// Says which server, user and database were tried. No statement of the caller's was sent.
    pub async fn connect(&self) -> Result<Connection, Error> {
        let mut best: Option<Error> = None;
        for server in &self.resolved().servers {
            let connected = self.connect_to(server).await;
            if let Err(error) = &connected {
                let error: &dyn std::error::Error = error;
                tracing::debug!(server = %server.target, error, "a database server cannot be used");
            }
            match connected {
                Ok(connection) => return Ok(connection),
                Err(error) if error.is_lost() => best = Some(error),
                // A standby. If the primary is away, that it may come back is what counts.
                Err(error) if error.kind() == ErrorKind::ReadOnly => best = best.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(best.unwrap_or_else(|| Error::setting("there is no host to connect to")))
    }

    /// Each address of the server in turn.
    async fn connect_to(&self, server: &Server) -> Result<Connection, Error> {
        let (name, known) = match &server.target.place {
            Place::Socket(_) => return self.within(server, self.log_in(server, None)).await,
            Place::Network { name, address } => (name.as_str(), *address),
        };
        let addresses = match known.or_else(|| name.parse().ok()) {
            Some(address) => vec![address],
            None => self.within(server, look_up(name, &server.target)).await?,
        };
        let count = addresses.len();
        // Without TLS the server has to be this machine, whatever the name service says of `localhost`.
        let addresses: Vec<IpAddr> = addresses
            .into_iter()
            .filter(|address| !server.only_local || address.is_loopback())
            .collect();
        if count > 0 && addresses.is_empty() {
            return Err(Error::setting(format!(
                "{} is not this machine, though it is called so: say `sslmode` in the URL",
                server.target
            )));
        }
        let mut last = None;
        for address in addresses {
            match self.within(server, self.log_in(server, Some((name, address)))).await {
                Err(error) if error.is_lost() => last = Some(error),
                other => return other,
            }
        }
        Err(last.unwrap_or_else(|| unknown_host(&server.target)))
    }

    /// `connect_timeout`, for each address, and with the login.
    async fn within<T>(&self, server: &Server, what: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let Some(limit) = self.resolved().connect_timeout else {
            return what.await;
        };
        tokio::time::timeout(limit, what).await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the database server at {} did not answer within {} s: check the address, or raise `connect_timeout`",
                    server.target,
                    limit.as_secs()
                ),
            ))
        })
    }

    async fn log_in(&self, server: &Server, address: Option<(&str, IpAddr)>) -> Result<Connection, Error> {
        let mut config = Config::new();
        match (&server.target.place, address) {
            #[cfg(unix)]
            (Place::Socket(folder), _) => {
                config.host_path(folder);
            }
            (_, Some((name, address))) => {
                config.host(name).hostaddr(address);
            }
            (_, None) => {}
        }
        config
            .port(server.target.port)
            .user(self.user())
            .dbname(self.database())
            .application_name(&self.resolved().application_name)
            .target_session_attrs(self.resolved().session)
            .channel_binding(ChannelBinding::Prefer)
            // A peer that is gone is noticed within half a minute, not within hours.
            .keepalives_idle(Duration::from_secs(15))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(30));
        if let Some(password) = &server.password {
            config.password(password.expose_secret());
        }
        let connected = match &server.tls {
            None => open::<_, NoTlsStream>(config.ssl_mode(SslMode::Disable), NoTls).await,
            Some(tls) => open(config.ssl_mode(SslMode::Require), tls.clone()).await,
        };
        match connected {
            Ok(connection) => Ok(connection),
            Err(error) => Err(self.explained(server, error)),
        }
    }

    /// Says where this happened, and what to do.
    fn explained(&self, server: &Server, error: tokio_postgres::Error) -> Error {
        let error = Error::from(error);
        let (at, user, database) = (&server.target, self.user(), self.database());
        let message = match error.kind() {
            ErrorKind::Unreachable if error.sqlstate().is_some() => {
                format!(
                    "the database server at {at} takes no more connections: try again later, or raise its `max_connections`"
                )
            }
            ErrorKind::Unreachable => {
                format!(
                    "no database server answers at {at}: check the address, and that the server runs and listens there"
                )
            }
            ErrorKind::Timeout => {
                format!(
                    "the database server at {at} did not answer in time: check the address, or raise `connect_timeout`"
                )
            }
            ErrorKind::Tls => format!(
                "no TLS connection that can be trusted could be made to the database server at {at}: check `sslmode`, \
                 `sslrootcert` and the certificates"
            ),
            ErrorKind::Login if server.password.is_none() => format!(
                "the database server at {at} does not let user `{user}` log in to database `{database}`, and no password \
                 is known: put it in ~/.pgpass, in a file named by PGPASSFILE, or in PGPASSWORD"
            ),
            ErrorKind::Login => format!(
                "the database server at {at} does not let user `{user}` log in to database `{database}`: check the \
                 password, and the server's pg_hba.conf"
            ),
            ErrorKind::NoDatabase => format!(
                "the database server at {at} has no database `{database}`: create it, or name another one in the URL"
            ),
            ErrorKind::NotPermitted => {
                format!("user `{user}` may not connect to database `{database}` at {at}: grant it CONNECT")
            }
            ErrorKind::ReadOnly => format!(
                "the database server at {at} does not fit `target_session_attrs`: name the primary server, or all hosts"
            ),
            ErrorKind::Lost => format!(
                "the database server at {at} ended the connection while user `{user}` logged in to database \
                 `{database}`: check that it runs, and try again"
            ),
            _ => format!(
                "the database server at {at} reports an error when user `{user}` connects to database `{database}`"
            ),
        };
        error.with_message(message)
    }
}

/// Logs in, and leaves the connection to a task.
async fn open<T, S>(config: &Config, tls: T) -> Result<Connection, tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket, Stream = S>,
    S: TlsStream + Unpin + Send + 'static,
{
    let (client, mut connection) = config.connect(tls).await?;
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            match message {
                Ok(AsyncMessage::Notice(notice)) => {
                    tracing::debug!(
                        severity = notice.severity(),
                        sqlstate = notice.code().code(),
                        "notice of the database: {}",
                        notice.message()
                    );
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "the connection to the database has ended"
                    );
                    return;
                }
            }
        }
    });
    client.batch_execute(SESSION).await?;
    Ok(Connection(client))
}

async fn look_up(name: &str, target: &Target) -> Result<Vec<IpAddr>, Error> {
    let found: io::Result<Vec<IpAddr>> = tokio::net::lookup_host((name, target.port))
        .await
        .map(|found| found.map(|address| address.ip()).collect());
    found.map_err(|error| unknown_host(target).with_source(error))
}

fn unknown_host(target: &Target) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!("the host of the database server {target} has no address: check its name"),
    )
}

#[cfg(test)]
mod tests;
