//! Requests that change nothing: paced, and repeated if that may help.

use std::sync::atomic::Ordering;
use std::time::Duration;

use fleetpurge_engine::Disposition;
use fleetpurge_engine::trace::debug;
use fleetpurge_http::classify;
use fleetpurge_http::observe::Seen;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use ubidots_devices_raw::generated::{self, ResponseValue};
use ubidots_devices_raw::types::ErrorBody;

use crate::assumptions::Assumptions;
use crate::classify::Ubidots;
use crate::client::Client;
use fleetpurge_http::error::{Error, ErrorKind};

/// How often a request that may succeed later is made.
const TRIES: u32 = 6;
/// The first pause where none is asked for; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A longer wait is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

type Answer<T> = Result<ResponseValue<T>, generated::Error<ErrorBody>>;

impl Client {
    /// Makes a request until it is answered, or it is clear that it will not be.
    pub(crate) async fn read<T>(
        &self,
        call: impl for<'a> Fn(&'a generated::Client) -> BoxFuture<'a, Answer<T>>,
    ) -> Result<T, Error> {
        let mut tries = 1;
        let mut reauthenticated = false;
        loop {
            self.0.pace.next().await;
            let error = match self.read_once(&call).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            match pause(error.disposition(), tries, reauthenticated, fastrand::f64()) {
                Some(pause) => {
                    debug!(?pause, "asked again: {error}");
                    reauthenticated = error.disposition() == Disposition::Reauthenticate;
                    tokio::time::sleep(pause).await;
                    tries += 1;
                }
                None => return Err(error),
            }
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

/// How long to wait before a request that only reads is made once more; None: not at all.
fn pause(disposition: Disposition, tries: u32, reauthenticated: bool, random: f64) -> Option<Duration> {
    // Between the half and the whole, so that many do not come back at once.
    let backoff = || (FIRST_PAUSE * 2_u32.pow(tries.min(10) - 1)).mul_f64(0.5 + random / 2.0);
    match disposition {
        _ if tries >= TRIES => None,
        Disposition::Backoff | Disposition::Throttled(None) => Some(backoff()),
        // "At once", or a date that is past by whatever clock, is no reason to flood a service that has no time.
        Disposition::Throttled(Some(wait)) => (wait <= LONGEST_WAIT).then(|| wait.max(backoff())),
        Disposition::Reauthenticate => (!reauthenticated).then_some(Duration::ZERO),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_succeed_later_is_asked_again_and_nothing_else() {
        use Disposition::{Ambiguous, Backoff, Reauthenticate, Stop, Throttled};
        let ms = |ms| Some(Duration::from_millis(ms));
        let secs = |secs| Some(Duration::from_secs(secs));
        let table = [
            (Backoff, 1, false, ms(500)),
            (Backoff, 3, false, ms(2_000)),
            (Backoff, TRIES, false, None),
            (Throttled(None), 2, false, ms(1_000)),
            (Throttled(secs(0)), 1, false, ms(500)),
            (Throttled(secs(0)), 4, false, secs(4)),
            (Throttled(secs(1)), 4, false, secs(4)),
            (Throttled(secs(5)), 4, false, secs(5)),
            (Throttled(secs(600)), 1, false, secs(600)),
            (Throttled(secs(601)), 1, false, None),
            (Throttled(secs(1)), TRIES, false, None),
            (Reauthenticate, 1, false, secs(0)),
            (Reauthenticate, 2, true, None),
            (Stop, 1, false, None),
            (Ambiguous, 1, false, None),
        ];
        for (disposition, tries, reauthenticated, expected) in table {
            assert_eq!(
                pause(disposition, tries, reauthenticated, 1.0),
                expected,
                "{disposition:?} {tries}"
            );
        }
        assert_eq!(pause(Backoff, 1, false, 0.0), ms(250));
    }
}
