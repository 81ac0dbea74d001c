//! The two requests, each made until it is answered, or it is clear that it will not be.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use fleetpurge_engine::Disposition;
use fleetpurge_http::classify;
use fleetpurge_http::error as http;
use fleetpurge_http::exchange::{AttemptContext, BodyEnd};
use fleetpurge_http::observe::Seen;
use fleetpurge_http::repeat::Retries;
use fleetpurge_http::session::Session;
use jiff::Timestamp;
use nexthink_nql_raw::generated;
use nexthink_nql_raw::types::ErrorResponse;

use crate::dialect::Nql;
use crate::error::{Error, ErrorKind};
use crate::progress::Progress;

/// The longest reply that is read.
const REPLY_LIMIT: usize = 1024 * 1024;

/// A reply to a request, with a status that was expected.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

pub(crate) type Call<'a> = Pin<Box<dyn Future<Output = Result<(), generated::Error<ErrorResponse>>> + Send + 'a>>;

/// Makes a request, and makes it again where that may help, until one of the `expected` statuses comes.
pub(crate) async fn read(
    session: &Session,
    longest: Duration,
    tell: &mut (dyn FnMut(Progress) + Send),
    expected: &[u16],
    call: impl for<'a> Fn(&'a generated::Client) -> Call<'a> + Send + Sync,
) -> Result<Reply, Error> {
    let mut retries = Retries::new(longest);
    loop {
        let error = match read_once(session, expected, &call).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let Some(wait) = retries.after(&error) else {
            return Err(Error::of(error));
        };
        if !wait.is_zero() {
            tell(Progress::Waiting {
                wait,
                reason: error.to_string(),
            });
        }
        tokio::time::sleep(wait).await;
    }
}

async fn read_once(
    session: &Session,
    expected: &[u16],
    call: &(impl for<'a> Fn(&'a generated::Client) -> Call<'a> + Send + Sync),
) -> Result<Reply, http::Error> {
    let bearer = session.tokens.get().await?;
    let context = AttemptContext::bearer(&session.connection, bearer.secret.clone(), REPLY_LIMIT);
    let exchange = context.exchange();
    let requests = session.connection.requests().clone();
    let client = generated::Client::new_with_client(&session.base_url, requests, context);
    // Its own decoding loses what it cannot hold; the bytes are kept.
    let result = call(&client).await;
    if let (Some((status, _)), Some(body)) = (exchange.head(), exchange.body())
        && expected.contains(&status.as_u16())
        && body.end == BodyEnd::Whole
    {
        return Ok(Reply {
            status: status.as_u16(),
            body: body.bytes.to_vec(),
        });
    }
    let result = result.map(|()| generated::ResponseValue::new((), Default::default(), Default::default()));
    let seen = Seen::of(&exchange, result, &bearer.secret);
    let answer = classify::read(seen, &Nql, session.tokens.renewal(), Timestamp::now());
    match answer {
        // The whole of a documented reply was returned above.
        Ok(()) => Err(http::Error::new(
            http::ErrorKind::AmbiguousReply,
            Disposition::Stop,
            "the service answered with a reply that the API does not document",
        )),
        Err(error) => {
            if error.kind() == http::ErrorKind::Unauthorized {
                session.tokens.refused(&bearer);
            }
            Err(error)
        }
    }
}

/// What the documented reply does not say.
pub(crate) fn not_understood(what: &str) -> Error {
    Error::new(ErrorKind::NotUnderstood, what)
}
