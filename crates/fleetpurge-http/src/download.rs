//! A file that lies on another host, as a reply says: fetched without any credential, piece by piece.

use std::time::Duration;

use bytes::Bytes;
use fleetpurge_engine::Disposition;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Request};
use url::Url;

use crate::base_url::is_surely_loopback;
use crate::connection::Connection;
use crate::deadline::within;
use crate::error::{Error, ErrorKind};
use crate::reqwest_transport::{ReqwestTransport, failed};
use crate::settings::Settings;
use crate::transport::{Failure, Sent, TransportError};

/// The reply that is a file, while it is read.
#[derive(Debug)]
pub struct Download {
    pieces: Pieces,
    status: u16,
    length: Option<u64>,
    read: u64,
    limit: u64,
    patience: Duration,
}

#[derive(Debug)]
enum Pieces {
    Streamed(Box<reqwest::Response>),
    /// By the program's own transport, which gives it whole.
    Whole(Option<Bytes>),
}

impl Settings {
    /// Begins to fetch what is at `url`, of which no more than `limit` bytes are read.
    ///
    /// The request has no credential, no header of the program, no client certificate; redirects are not followed. The
    /// trusted certificates and the proxies are those of the other requests. The timeout is that of the reply's head, and then of
    /// each piece; with the program's own transport, that of the whole file.
    ///
    /// # Errors
    ///
    /// The URL is not https (http is taken for this machine), or the host was not reached. A status other than 200 is not an
    /// error here.
    pub async fn download(&self, product: &str, url: &str, limit: u64) -> Result<Download, Error> {
        let url = checked(url)?;
        let mut settings = self.clone();
        settings.headers.clear();
        settings.identity = None;
        settings.user_agent_suffix = None;
        let patience = settings.timeout;
        if settings.transport.is_some() || !settings.wrappers.is_empty() {
            let connection = settings.connect(product, &[url.as_str()])?;
            return whole(&connection, &url, limit, patience).await;
        }
        let transport = ReqwestTransport::new(&settings, &[url.as_str()])?;
        let mut headers = settings.request_headers(product)?;
        headers.extend(own_headers());
        let request = transport.any_client().get(url).headers(headers);
        let response = within(patience, request.send()).await;
        let response = response.map_err(|_| late())?.map_err(failed).map_err(unreached)?;
        Ok(Download {
            status: response.status().as_u16(),
            length: length(response.headers())?,
            pieces: Pieces::Streamed(Box::new(response)),
            read: 0,
            limit,
            patience,
        })
    }
}

/// What is fetched is a file and not a text that may be packed on its way: its length is to be the one that is said.
fn own_headers() -> [(http::HeaderName, HeaderValue); 2] {
    [
        (ACCEPT, HeaderValue::from_static("*/*")),
        (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
    ]
}

async fn whole(connection: &Connection, url: &Url, limit: u64, patience: Duration) -> Result<Download, Error> {
    let mut request = Request::get(url.as_str())
        .body(Bytes::new())
        .map_err(|error| incomprehensible("is not a URL").with_source(error))?;
    request.headers_mut().extend(own_headers());
    let sent = Sent::new(usize::try_from(limit).unwrap_or(usize::MAX));
    let reply = within(patience, connection.send(request, &sent)).await;
    let reply = reply.map_err(|_| late())?.map_err(unreached)?;
    Ok(Download {
        status: reply.status().as_u16(),
        length: length(reply.headers())?,
        pieces: Pieces::Whole(Some(reply.into_body())),
        read: 0,
        limit,
        patience,
    })
}

impl Download {
    /// The status of the reply.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// How many bytes it has, as its head says.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece; None at the end of a file that came whole.
    ///
    /// # Errors
    ///
    /// The connection ended within the file, it has another length than its head says, or more than the limit.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = match &mut self.pieces {
            Pieces::Whole(piece) => piece.take(),
            Pieces::Streamed(response) => within(self.patience, response.chunk())
                .await
                .map_err(|_| cut("no more of it came in time"))?
                .map_err(|error| cut("the connection ended within it").with_source(error.without_url()))?,
        };
        if let Some(piece) = &piece {
            self.read += piece.len() as u64;
        }
        if self.read > self.limit {
            return Err(Error::new(
                ErrorKind::AmbiguousReply,
                Disposition::Stop,
                format!("the file is longer than the limit of {} bytes", self.limit),
            ));
        }
        let is_over = piece.is_none();
        match self.length {
            Some(length) if self.read > length || (is_over && self.read < length) => {
                Err(cut(&format!("it has {} bytes where its head says {length}", self.read)))
            }
            _ => Ok(piece),
        }
    }
}

/// The URL of a file, as a reply has it.
fn checked(text: &str) -> Result<Url, Error> {
    // It may hold a signature: no message repeats it.
    let url = Url::parse(text).map_err(|error| incomprehensible("is not a URL").with_source(error))?;
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_surely_loopback(&url));
    if !is_safe {
        return Err(incomprehensible("is not https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(incomprehensible("holds a user name or password"));
    }
    Ok(url)
}

fn length(headers: &HeaderMap) -> Result<Option<u64>, Error> {
    if let Some(encoding) = headers.get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        return Err(Error::new(
            ErrorKind::AmbiguousReply,
            Disposition::Stop,
            format!("the file comes in the encoding {encoding:?}, which was not asked for"),
        ));
    }
    let Some(value) = headers.get(CONTENT_LENGTH) else {
        return Ok(None);
    };
    let length = value.to_str().ok().and_then(|text| text.parse().ok());
    length.map(Some).ok_or_else(|| {
        Error::new(
            ErrorKind::AmbiguousReply,
            Disposition::Stop,
            "the file's length is no number",
        )
    })
}

fn incomprehensible(why: &str) -> Error {
    Error::new(
        ErrorKind::AmbiguousReply,
        Disposition::Stop,
        format!("the URL of the file {why}: nothing was fetched"),
    )
}

fn cut(why: &str) -> Error {
    Error::new(
        ErrorKind::NoReply,
        Disposition::Backoff,
        format!("the file did not come whole: {why}"),
    )
}

fn late() -> Error {
    Error::new(
        ErrorKind::NoReply,
        Disposition::Backoff,
        "the host of the file did not answer in time",
    )
}

fn unreached(error: TransportError) -> Error {
    let (failure, source) = error.into_parts();
    let (kind, disposition, message) = match failure {
        Failure::Certificate => (
            ErrorKind::Certificate,
            Disposition::Stop,
            "the certificate of the file's host is not trusted",
        ),
        Failure::Local => (
            ErrorKind::Configuration,
            Disposition::Stop,
            "the request for the file could not be made",
        ),
        _ => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the host of the file was not reached, or broke off",
        ),
    };
    let error = Error::new(kind, disposition, message);
    match source {
        Some(source) => error.with_source(source),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fetched_by_https_and_from_this_machine() {
        for (url, is_taken) in [
            ("https://bucket.s3.amazonaws.com/a.csv?X-Amz-Signature=1", true),
            ("http://127.0.0.1:8080/a.csv", true),
            ("http://localhost/a.csv", true),
            ("http://bucket.s3.amazonaws.com/a.csv", false),
            ("ftp://bucket/a.csv", false),
            ("file:///etc/passwd", false),
            ("https://user:secret@bucket/a.csv", false),
            ("a.csv", false),
            ("", false),
        ] {
            let checked = checked(url);
            assert_eq!(checked.is_ok(), is_taken, "{url}");
            if let Err(error) = checked {
                assert!(!error.to_string().contains("secret"), "{error}");
            }
        }
    }
}
