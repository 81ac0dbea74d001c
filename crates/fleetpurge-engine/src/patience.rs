//! Waits for what a run needs before its first attempt, such as a token, if the service asks to wait.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;

use crate::decide::{Decision, Standing, decide};
use crate::policy::{Policy, later};
use crate::service::Disposition;
use crate::wait::{Wait, WaitReason, Waited};

/// Repeats a call for as long as the service asks to wait. Each wait is as long as the service asks, but at least the
/// policy's own back-off and at most its [`max_wait`](Policy::max_wait), as within a run.
///
/// Returns any other error at once. `waiting` is called before each wait. Dropping the future drops the call's; that
/// must be safe.
///
/// # Errors
///
/// The call's own: it failed, or was asked to wait for longer than the policy allows.
pub async fn when_allowed<T, E: Display>(
    policy: &Policy,
    mut call: impl AsyncFnMut() -> Result<T, E>,
    disposition: impl Fn(&E) -> Disposition,
    mut waiting: impl FnMut(&Wait),
) -> Result<T, E> {
    let mut throttled = 0_u32;
    let mut waited = Waited::default();
    loop {
        let error = match call().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let asked = disposition(&error);
        if !matches!(asked, Disposition::Throttled(_)) {
            return Err(error);
        }
        let now = Instant::now();
        throttled = throttled.saturating_add(1);
        let standing = Standing {
            devices: 0,
            unreached: 1,
            reauthenticated: false,
            replied: true,
            unreached_for: Duration::ZERO,
            throttled,
            throttled_for: waited.by(now),
            interval: None,
            jitter: fastrand::f64(),
        };
        let Decision::RetryAfter(pause) = decide(asked, &standing, policy) else {
            return Err(error);
        };
        let until = later(now, pause);
        waited.wait(now, until);
        waiting(&Wait {
            until,
            length: pause,
            reason: WaitReason::Throttled,
            detail: Some(error.to_string()),
        });
        tokio::time::sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often the call was made, what was waited for in seconds, and whether it succeeded in the end.
    async fn asked(max_wait: u64, answers: impl Fn(usize) -> Option<Disposition>) -> (usize, Vec<u64>, bool) {
        let policy = Policy {
            max_wait: Duration::from_secs(max_wait),
            ..Policy::default()
        };
        let mut calls = 0;
        let mut waits = Vec::new();
        let answer = when_allowed(
            &policy,
            async || {
                calls += 1;
                answers(calls).map_or(Ok(()), |disposition| Err(format!("{disposition:?}")))
            },
            |error| match error.as_str() {
                "Stop" => Disposition::Stop,
                "Throttled(None)" => Disposition::Throttled(None),
                _ => Disposition::Throttled(Some(Duration::from_secs(7))),
            },
            |wait| waits.push(wait.length.as_secs()),
        );
        let done = answer.await.is_ok();
        (calls, waits, done)
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_as_told_and_no_longer_than_is_allowed() {
        let told = Some(Disposition::Throttled(Some(Duration::from_secs(7))));
        assert_eq!(asked(600, |_| None).await, (1, vec![], true));
        assert_eq!(asked(600, |_| Some(Disposition::Stop)).await, (1, vec![], false));
        let start = Instant::now();
        assert_eq!(
            asked(600, |n| (n < 3).then_some(told).flatten()).await,
            (3, vec![7, 7], true)
        );
        assert_eq!(start.elapsed().as_secs(), 14);
        assert_eq!(asked(6, |_| told).await, (1, vec![], false));
        assert_eq!(
            asked(0, |_| Some(Disposition::Throttled(None))).await,
            (1, vec![], false)
        );
        // A process that is stopped for ten minutes within the first wait has not waited for them.
        let (answer, ()) = tokio::join!(asked(20, |n| (n < 3).then_some(told).flatten()), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tokio::time::advance(Duration::from_secs(600)).await;
        });
        assert_eq!(answer, (3, vec![7, 7], true));
        let start = Instant::now();
        let (calls, _, done) = asked(600, |_| Some(Disposition::Throttled(None))).await;
        assert!(!done && calls < 60 && start.elapsed().as_secs() <= 600, "{calls}");
    }
}
