//! Requests that change nothing: paced, and repeated if that may help.

use std::sync::atomic::Ordering;
use std::time::Duration;

use fleetpurge_http::classify;
use fleetpurge_http::observe::Seen;
use fleetpurge_http::repeat::Retries;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use ubidots_devices_raw::generated::{self, ResponseValue};
use ubidots_devices_raw::types::ErrorBody;

use crate::assumptions::Assumptions;
use crate::classify::Ubidots;
use crate::client::Client;
use fleetpurge_http::error::{Error, ErrorKind};

/// A longer wait is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

type Answer<T> = Result<ResponseValue<T>, generated::Error<ErrorBody>>;

impl Client {
    /// Makes a request until it is answered, or it is clear that it will not be.
    pub(crate) async fn read<T>(
        &self,
        call: impl for<'a> Fn(&'a generated::Client) -> BoxFuture<'a, Answer<T>>,
    ) -> Result<T, Error> {
        let mut retries = Retries::new(LONGEST_WAIT);
        loop {
            self.0.pace.next().await;
            let error = match self.read_once(&call).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let Some(wait) = retries.after(&error) else {
                return Err(error);
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn read_once<T>(
        &self,
        call: &impl for<'a> Fn(&'a generated::Client) -> BoxFuture<'a, Answer<T>>,
    ) -> Result<T, Error> {
        let bearer = self.0.tokens.get().await?;
        let (client, context) = self.generated(&bearer);
        let exchange = context.exchange();
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        let result = call(&client).await;
        let seen = Seen::of(&exchange, result, &bearer.secret);
        let dialect = Ubidots {
            devices: 0,
            assumptions: &Assumptions::default(),
        };
        let answer = classify::read(seen, &dialect, self.0.tokens.renewal(), Timestamp::now());
        if let Err(error) = &answer
            && error.kind() == ErrorKind::Unauthorized
        {
            self.0.tokens.refused(&bearer);
        }
        answer
    }
}
