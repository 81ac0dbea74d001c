//! An export from the request for it to the heading of its file.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_http::download::Download;
use fleetpurge_http::error as http;
use fleetpurge_http::repeat::Retries;
use fleetpurge_http::session::Session;
use nexthink_nql_raw::types::{NqlApiExportRequest, NqlApiExportRequestCompression};
use tokio::time::Instant;

use crate::compression::Compression;
use crate::error::{Error, ErrorKind};
use crate::export::Export;
use crate::progress::Progress;
use crate::query::{Parameters, QueryId};
use crate::replies::{self, State};
use crate::requests::{not_understood, read};

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
/// How long after the request it is first asked how the export is, and at most between two questions.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LAST_LOOK: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(600);
/// The longest file that is read, as it comes.
const LIMIT: u64 = 2 * 1024 * 1024 * 1024;
/// How often the URL of a file that has expired is asked for again.
const RENEWALS: u32 = 1;

/// An export that was not asked for yet: `.await` it.
///
/// # Cancel safety
///
/// Dropping the future sends nothing more. An export that was asked for goes on at the service, and its file is never
/// fetched; nothing has changed.
#[must_use = "nothing is asked for before it is awaited"]
pub struct ExportCall<'a> {
    session: Arc<Session>,
    query: QueryId,
    parameters: Parameters,
    compression: Compression,
    accepts_truncated: bool,
    patience: Duration,
    limit: u64,
    first_look: Duration,
    copy: Option<Box<dyn Write + Send>>,
    tell: Box<dyn FnMut(Progress) + Send + 'a>,
}

impl fmt::Debug for ExportCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportCall")
            .field("query", &self.query)
            .field("compression", &self.compression)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

impl<'a> ExportCall<'a> {
    pub(crate) fn new(session: Arc<Session>, query: QueryId, parameters: Parameters) -> Self {
        Self {
            session,
            query,
            parameters,
            compression: Compression::default(),
            accepts_truncated: false,
            patience: PATIENCE,
            limit: LIMIT,
            first_look: FIRST_LOOK,
            copy: None,
            tell: Box::new(|_| ()),
        }
    }

    /// How the file is compressed on its way. Default: gzip.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Takes a result that the service has cut off because of the licence: [`Export::is_truncated`] says so. Without this it is
    /// [`ErrorKind::Truncated`]. Decide about no device by it.
    pub fn accept_truncated(mut self) -> Self {
        self.accepts_truncated = true;
        self
    }

    /// For how long the export is waited for, and at most for what the service asks. Default: 10 minutes.
    pub fn max_wait(mut self, longest: Duration) -> Self {
        self.patience = longest;
        self
    }

    /// How long after the request it is first asked how the export is; then half as long again each time, up to 15 s.
    /// Default: half a second.
    pub fn poll_interval(mut self, first: Duration) -> Self {
        self.first_look = first;
        self
    }

    /// How many bytes of the file are read at most, as they come; a longer one is [`ErrorKind::TooLarge`]. Default: 2 GiB.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Writes what comes to this as well: uncompressed, and otherwise byte for byte.
    pub fn copy_to(mut self, copy: impl Write + Send + 'static) -> Self {
        self.copy = Some(Box::new(copy));
        self
    }

    /// Calls this with what is going on.
    pub fn on_progress(mut self, tell: impl FnMut(Progress) + Send + 'a) -> Self {
        self.tell = Box::new(tell);
        self
    }

    async fn run(mut self) -> Result<Export, Error> {
        let id = self.submit().await?;
        (self.tell)(Progress::Submitted { export_id: id.clone() });
        let (mut url, mut is_truncated) = self.completed(&id).await?;
        let mut renewals = 0;
        let mut retries = Retries::new(self.patience);
        let download = loop {
            let failed = match self.session.settings.download(USER_AGENT, &url, self.limit).await {
                Ok(download) if download.status() == 200 => break download,
                // So the other host says that the signature of the URL has expired.
                Ok(download) if download.status() == 403 && renewals < RENEWALS => {
                    renewals += 1;
                    (url, is_truncated) = self.completed(&id).await?;
                    continue;
                }
                Ok(download) => refused(&download),
                Err(error) => error,
            };
            let Some(wait) = retries.after(&failed) else {
                return Err(Error::of(failed));
            };
            (self.tell)(Progress::Waiting {
                wait,
                reason: failed.to_string(),
            });
            tokio::time::sleep(wait).await;
        };
        (self.tell)(Progress::Fetching {
            bytes: download.length(),
        });
        Export::begin(download, self.compression, is_truncated, id, self.copy.take()).await
    }

    async fn submit(&mut self) -> Result<String, Error> {
        let body = NqlApiExportRequest {
            query_id: self
                .query
                .as_str()
                .parse()
                .map_err(|_| Error::invalid_input("the API does not take the query's id"))?,
            parameters: self
                .parameters
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            compression: Some(match self.compression {
                Compression::None => NqlApiExportRequestCompression::None,
                Compression::Gzip => NqlApiExportRequestCompression::Gzip,
                Compression::Zstd => NqlApiExportRequestCompression::Zstd,
            }),
        };
        let reply = read(&self.session, self.patience, &mut *self.tell, &[200], |client| {
            let call = client.export_post().body(body.clone());
            Box::pin(async move { call.send().await.map(drop) })
        })
        .await?;
        replies::export_id(&reply.body)
            .ok_or_else(|| not_understood("the reply to the query does not say which export it began"))
    }

    /// Where the file is, once there is one, and whether its rows were cut off.
    async fn completed(&mut self, id: &str) -> Result<(String, bool), Error> {
        let began = Instant::now();
        let mut look = self.first_look;
        loop {
            let reply = read(&self.session, self.patience, &mut *self.tell, &[200, 206], |client| {
                let call = client.status().export_id(id);
                Box::pin(async move { call.send().await.map(drop) })
            })
            .await?;
            let is_truncated = reply.status == 206;
            if is_truncated && !self.accepts_truncated {
                return Err(Error::new(
                    ErrorKind::Truncated,
                    "the result was cut off, because it has more rows than the licence allows (206): it is not the whole list",
                ));
            }
            if let State::Completed { url } = replies::state(&reply.body)? {
                return Ok((url, is_truncated));
            }
            let so_far = began.elapsed();
            (self.tell)(Progress::Running { so_far });
            let left = self.patience.saturating_sub(so_far);
            if left.is_zero() {
                return Err(Error::new(
                    ErrorKind::TimedOut,
                    format!("the export {id} was not completed within {} s", self.patience.as_secs()),
                ));
            }
            tokio::time::sleep(look.min(left)).await;
            look = look.mul_f64(1.5).min(LAST_LOOK).max(self.first_look);
        }
    }
}

impl<'a> IntoFuture for ExportCall<'a> {
    type Output = Result<Export, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// A status of the file's host.
fn refused(download: &Download) -> http::Error {
    use fleetpurge_engine::Disposition;
    let status = download.status();
    let (kind, disposition) = match status {
        // Not the service, whose own limits have a kind of their own.
        408 | 429 | 500..=599 => (http::ErrorKind::ServerError, Disposition::Backoff),
        _ => (http::ErrorKind::Refused, Disposition::Stop),
    };
    http::Error::new(
        kind,
        disposition,
        format!("the host of the file answered with status {status}"),
    )
}
