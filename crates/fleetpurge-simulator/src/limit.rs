//! The rate limit: a token bucket, and the reply to a refused request.

use std::time::{Duration, Instant, SystemTime};

/// How many deletion requests are let through; the others get a 429.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    per_second: f64,
    burst: f64,
    retry_after: RetryAfter,
}

/// What a 429 says about when to come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// `Retry-After` in whole seconds, rounded up.
    #[default]
    Seconds,
    /// `Retry-After` as an HTTP date, rounded up to the second.
    HttpDate,
    /// No such header.
    None,
}

impl RateLimit {
    /// `per_second` requests on average, `burst` at once after a rest. Rates that are not positive let only the first
    /// burst through.
    #[must_use]
    pub fn new(per_second: f64, burst: u32) -> Self {
        Self {
            per_second: per_second.max(0.0),
            burst: f64::from(burst.max(1)),
            retry_after: RetryAfter::default(),
        }
    }

    /// How `Retry-After` is written.
    #[must_use]
    pub fn retry_after(mut self, retry_after: RetryAfter) -> Self {
        self.retry_after = retry_after;
        self
    }
}

/// A refused request, and when there will be room for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Throttled {
    wait: Duration,
    retry_after: RetryAfter,
}

impl Throttled {
    pub(crate) fn header(&self, now: SystemTime) -> Option<String> {
        match self.retry_after {
            RetryAfter::None => None,
            RetryAfter::Seconds => {
                let seconds = self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0);
                Some(seconds.max(1).to_string())
            }
            RetryAfter::HttpDate => {
                // A date has no fraction of a second: recorded it would lie a little before the time meant.
                Some(httpdate::fmt_http_date(now + self.wait + Duration::from_secs(1)))
            }
        }
    }
}

/// The bucket. Time is an argument.
#[derive(Debug)]
pub(crate) struct Bucket {
    limit: RateLimit,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit, now: Instant) -> Self {
        Self {
            limit,
            tokens: limit.burst,
            filled: now,
        }
    }

    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Throttled> {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = self.filled.max(now);
        self.tokens = (self.tokens + elapsed * self.limit.per_second).min(self.limit.burst);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        // An hour stands for "never" and keeps the date writable.
        let seconds = ((1.0 - self.tokens) / self.limit.per_second).min(3600.0);
        Err(Throttled {
            wait: Duration::from_secs_f64(seconds),
            retry_after: self.limit.retry_after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_its_burst_through_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RateLimit::new(2.0, 3), start);
        for _ in 0..3 {
            assert_eq!(bucket.take(start), Ok(()));
        }
        let refused = bucket.take(start).unwrap_err();
        assert_eq!(refused.wait, Duration::from_millis(500));
        assert_eq!(refused.header(SystemTime::UNIX_EPOCH).as_deref(), Some("1"));
        assert_eq!(bucket.take(start + Duration::from_millis(500)), Ok(()));
        assert!(bucket.take(start + Duration::from_millis(500)).is_err());
    }

    #[test]
    fn a_refusal_tells_its_time_as_configured() {
        let start = Instant::now();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (retry_after, expected) in [
            (RetryAfter::Seconds, Some("2")),
            (RetryAfter::HttpDate, Some("Sun, 06 Nov 1994 08:49:40 GMT")),
            (RetryAfter::None, None),
        ] {
            let mut bucket = Bucket::new(RateLimit::new(0.5, 1).retry_after(retry_after), start);
            assert_eq!(bucket.take(start), Ok(()));
            assert_eq!(bucket.take(start).unwrap_err().header(now).as_deref(), expected);
        }
    }

    #[test]
    fn a_rate_of_zero_never_refills() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RateLimit::new(0.0, 1), start);
        assert_eq!(bucket.take(start), Ok(()));
        assert_eq!(
            bucket.take(start + Duration::from_secs(9)).unwrap_err().wait,
            Duration::from_secs(3600)
        );
    }
}
