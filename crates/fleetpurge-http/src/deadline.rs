//! A timeout that counts only the time in which this process runs.
//!
//! When a stopped process (Ctrl-Z, a debugger, a paused machine) wakes, its timers have expired, although the reply is
//! in the socket. So time is counted in short steps, and a step that took far longer than it should counts as one.

use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// The longest step, and into how many a shorter limit is cut.
const STEP: Duration = Duration::from_secs(1);
const STEPS: u32 = 8;
/// A step that takes so much longer than it should has been slept through.
const LATE: Duration = Duration::from_millis(50);
/// How many steps more there are at most where the last was slept through.
const MORE: u32 = 10;
/// How often the I/O driver turns before it is believed that there is nothing: a reply comes in by several.
const TURNS: u32 = 64;

/// The time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed;

/// What `work` comes to within `limit`.
pub(crate) async fn within<F: Future>(limit: Duration, work: F) -> Result<F::Output, Elapsed> {
    let mut work = pin!(work);
    let step = (limit / STEPS).min(STEP);
    let (mut left, mut more) = (limit, MORE);
    loop {
        let length = step.min(left).max(Duration::from_millis(1));
        let began = Instant::now();
        if let Ok(done) = timeout(length, work.as_mut()).await {
            return Ok(done);
        }
        left = left.saturating_sub(length);
        if left.is_zero() {
            let slept = began.elapsed() > length + LATE;
            if !slept || more == 0 {
                break;
            }
            more -= 1;
            left = step;
        }
    }
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
        if let Some(done) = once(work.as_mut()).await {
            return Ok(done);
        }
    }
    Err(Elapsed)
}

/// What `work` comes to now.
async fn once<F: Future>(mut work: Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match work.as_mut().poll(cx) {
            std::task::Poll::Ready(done) => Some(done),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn what_never_comes_takes_the_limit_and_no_longer() {
        for limit in [Duration::from_millis(3), Duration::from_millis(300), LIMIT] {
            let began = Instant::now();
            assert_eq!(within(limit, std::future::pending::<()>()).await, Err(Elapsed));
            let took = began.elapsed();
            assert!(
                took >= limit && took < limit * 2 + Duration::from_millis(20),
                "{limit:?}: {took:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_time_is_taken() {
        assert_eq!(within(LIMIT, async { 7 }).await, Ok(7));
        let late = async {
            tokio::time::sleep(LIMIT - Duration::from_millis(1)).await;
            7
        };
        assert_eq!(within(LIMIT, late).await, Ok(7));
    }

    /// Comes within so many turns once a flag is up, as a reply does that lies in the socket.
    async fn after(turns: u32, flag: &std::sync::atomic::AtomicBool) {
        while !flag.load(std::sync::atomic::Ordering::Acquire) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_was_slept_through_counts_as_one_step() {
        let flag = std::sync::atomic::AtomicBool::new(false);
        let (answer, ()) = tokio::join!(within(LIMIT, after(20, &flag)), async {
            tokio::time::advance(LIMIT * 10).await;
            flag.store(true, std::sync::atomic::Ordering::Release);
        });
        assert_eq!(answer, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_very_last_step_may_be_slept_through() {
        let flag = std::sync::atomic::AtomicBool::new(false);
        let (answer, ()) = tokio::join!(within(LIMIT, after(20, &flag)), async {
            tokio::time::sleep(LIMIT - Duration::from_millis(5)).await;
            tokio::time::advance(LIMIT).await;
            flag.store(true, std::sync::atomic::Ordering::Release);
        });
        assert_eq!(answer, Ok(()));
    }
}
