//! A limited rate, and a share of what comes.

use std::time::Instant;

/// A token bucket that holds a tenth of a second's requests, and at least two.
#[derive(Debug)]
pub(super) struct Limit {
    rate: f64,
    /// When, in seconds after the first request, and by how much the rate changes.
    change: Option<(f64, f64)>,
    tokens: f64,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Limit {
    pub(super) fn new(rate: f64, change: Option<&[f64]>) -> Self {
        let change = match change {
            Some(&[after, factor]) => Some((after, factor)),
            _ => None,
        };
        Self {
            rate,
            change,
            tokens: 1.0,
            first: None,
            last: None,
        }
    }

    /// Whether a request that comes now is allowed.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let first = *self.first.get_or_insert(now);
        if let Some((after, factor)) = self.change
            && now.duration_since(first).as_secs_f64() >= after
        {
            self.rate *= factor;
            self.change = None;
        }
        let last = self.last.replace(now).unwrap_or(now);
        let filled = self.tokens + now.duration_since(last).as_secs_f64() * self.rate;
        self.tokens = filled.min((self.rate / 10.0).max(2.0));
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        allowed
    }
}

/// A share of what comes, evenly spread.
#[derive(Debug)]
pub(super) struct Share {
    share: f64,
    due: f64,
}

impl Share {
    pub(super) fn new(share: f64) -> Self {
        Self { share, due: 0.0 }
    }

    pub(super) fn is_due(&mut self) -> bool {
        self.due += self.share;
        let is_due = self.due >= 1.0;
        if is_due {
            self.due -= 1.0;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_rate_is_kept_and_changes_when_it_should() {
        let mut limit = Limit::new(10.0, Some(&[10.0, 0.5]));
        let start = Instant::now();
        let allowed = |limit: &mut Limit, from: u64, to: u64| {
            (from..to)
                .filter(|tick| limit.allows(start + Duration::from_millis(10 * tick)))
                .count()
        };
        let (before, after) = (allowed(&mut limit, 0, 1_000), allowed(&mut limit, 1_000, 2_000));
        assert!((98..=101).contains(&before), "{before}");
        assert!((48..=51).contains(&after), "{after}");
    }

    #[test]
    fn a_share_is_due() {
        let mut share = Share::new(0.1);
        assert!((98..=100).contains(&(0..1_000).filter(|_| share.is_due()).count()));
        let mut none = Share::new(0.0);
        assert!((0..1_000).all(|_| !none.is_due()));
    }
}
