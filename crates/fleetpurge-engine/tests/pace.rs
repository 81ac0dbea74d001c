//! A run against a service with a token bucket: how much of its rate is used, how much is rejected. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Attempt, DeletionService, Disposition, Entry, EntryStatus, ErrorKind, Input, NoJournal, Receipt, RunOptions,
    SourceError, StopHandle, SubmitError, Trail, run,
};
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

/// How the service says how long to wait.
#[derive(Clone, Copy, Debug)]
enum Told {
    WholeSeconds,
    Nothing,
}

#[derive(Debug)]
struct Bucket {
    rate: f64,
    room: f64,
    tokens: f64,
    at: Instant,
    /// It is filled at once, as often as this, and not little by little.
    window: Option<Duration>,
    accepted: u64,
    rejected: u64,
}

#[derive(Debug)]
struct BucketService {
    bucket: Arc<Mutex<Bucket>>,
    told: Told,
}

impl DeletionService for BucketService {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    async fn submit(&self, batch: &[&u64], _: &Attempt) -> Result<Receipt, SubmitError> {
        sleep(Duration::from_millis(10)).await;
        let wait = {
            let mut bucket = self.bucket.lock().unwrap();
            let now = Instant::now();
            let passed = (now - bucket.at).as_secs_f64();
            match bucket.window {
                None => {
                    bucket.tokens = (bucket.tokens + passed * bucket.rate).min(bucket.room);
                    bucket.at = now;
                }
                Some(window) if now - bucket.at >= window => {
                    bucket.tokens = bucket.room;
                    bucket.at = now;
                }
                Some(_) => {}
            }
            if bucket.tokens >= 1.0 {
                bucket.tokens -= 1.0;
                bucket.accepted += 1;
                None
            } else {
                bucket.rejected += 1;
                Some(match bucket.window {
                    None => (1.0 - bucket.tokens) / bucket.rate,
                    Some(window) => (window - (now - bucket.at)).as_secs_f64(),
                })
            }
        };
        sleep(Duration::from_millis(10)).await;
        let trail = Trail::default();
        match wait {
            None => Ok(Receipt {
                entries: vec![Entry::of(EntryStatus::Scheduled); batch.len()],
                anomalies: Vec::new(),
                trail,
            }),
            Some(wait) => Err(SubmitError {
                kind: ErrorKind::Refused,
                disposition: Disposition::Throttled(match self.told {
                    Told::WholeSeconds => Some(Duration::from_secs_f64(wait.ceil())),
                    Told::Nothing => None,
                }),
                detail: "slower".to_owned(),
                trail,
                body_head: None,
                source: None,
            }),
        }
    }
}

/// The share of the rate that was used and the share of requests that was rejected, within some seconds.
async fn measure(bucket: &Mutex<Bucket>, seconds: u64) -> (f64, f64) {
    let (rate, accepted, rejected) = {
        let bucket = bucket.lock().unwrap();
        (bucket.rate, bucket.accepted, bucket.rejected)
    };
    sleep_until(Instant::now() + Duration::from_secs(seconds)).await;
    let bucket = bucket.lock().unwrap();
    #[allow(clippy::cast_precision_loss, reason = "counts of a minute")]
    let [accepted, rejected] = [bucket.accepted - accepted, bucket.rejected - rejected].map(|count| count as f64);
    #[allow(clippy::cast_precision_loss, reason = "a few seconds")]
    let possible = rate * seconds as f64;
    (accepted / possible, rejected / (accepted + rejected))
}

/// A run against a service with this bucket, until it is stopped.
struct Paced {
    bucket: Arc<Mutex<Bucket>>,
    stop: StopHandle,
    drain: JoinHandle<()>,
}

impl Paced {
    fn start(rate: f64, room: f64, told: Told, concurrency: usize) -> Self {
        let bucket = Arc::new(Mutex::new(Bucket {
            rate,
            room,
            tokens: room,
            at: Instant::now(),
            window: None,
            accepted: 0,
            rejected: 0,
        }));
        let service = BucketService {
            bucket: Arc::clone(&bucket),
            told,
        };
        let options = RunOptions {
            concurrency: NonZeroUsize::new(concurrency).unwrap(),
            seed: Some(1),
            ..RunOptions::default()
        };
        let source = futures_util::stream::iter(0..u64::MAX).map(|key| Ok::<_, SourceError>(Input::send(key, key)));
        let stop = StopHandle::new();
        let mut run = run(Arc::new(service), Arc::new(NoJournal), source, &options, stop.clone());
        let drain = tokio::spawn(async move { while run.events.recv().await.is_some() {} });
        Self { bucket, stop, drain }
    }

    async fn stop(self) {
        self.stop.stop();
        self.drain.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_used_to_97_percent_with_1_percent_rejected_and_followed_within_10_s() {
    for told in [Told::WholeSeconds, Told::Nothing] {
        for concurrency in [4, 16, 32] {
            let run = Paced::start(100.0, 100.0, told, concurrency);
            for (rate, grace) in [(100.0, 0), (50.0, 10), (100.0, 10), (200.0, 10), (100.0, 10)] {
                {
                    // A second's worth can be saved up, as with most services.
                    let mut bucket = run.bucket.lock().unwrap();
                    (bucket.rate, bucket.room) = (rate, rate);
                }
                measure(&run.bucket, grace).await;
                let (used, rejected) = measure(&run.bucket, 60).await;
                let case =
                    format!("{rate}/s, {concurrency} in flight, {told:?}: used {used:.4}, rejected {rejected:.4}");
                assert!(used >= 0.97, "{case}");
                assert!(rejected <= 0.01, "{case}");
            }
            run.stop().await;
        }
    }
}

/// What a wait leaves unused is lost where little can be saved up, nearly all of it where nothing can.
#[tokio::test(start_paused = true)]
async fn a_bucket_that_holds_little_is_used_as_well_once_it_is_known() {
    for told in [Told::WholeSeconds, Told::Nothing] {
        for concurrency in [4, 32] {
            let at_least = match told {
                Told::WholeSeconds => [0.9, 0.75, 0.75, 0.6, 0.97],
                // Nobody has to wait for a second that is not asked for.
                Told::Nothing => [0.93, 0.99, 0.99, 0.99, 0.99],
            };
            for (room, at_least) in [1.0, 10.0, 20.0, 50.0, 400.0].into_iter().zip(at_least) {
                let run = Paced::start(100.0, room, told, concurrency);
                measure(&run.bucket, 40).await;
                let (used, rejected) = measure(&run.bucket, 300).await;
                let case =
                    format!("{told:?}, {concurrency} in flight, holds {room}: {used:.4}, rejected {rejected:.4}");
                assert!(used >= at_least, "{case}");
                assert!(rejected <= 0.02, "{case}");
                run.stop().await;
            }
        }
    }
}

/// A service that counts from scratch every ten seconds.
#[tokio::test(start_paused = true)]
async fn a_service_that_counts_within_windows_is_used_and_seldom_refuses() {
    for told in [Told::WholeSeconds, Told::Nothing] {
        for concurrency in [4, 32] {
            let run = Paced::start(100.0, 1_000.0, told, concurrency);
            run.bucket.lock().unwrap().window = Some(Duration::from_secs(10));
            measure(&run.bucket, 40).await;
            let (used, rejected) = measure(&run.bucket, 300).await;
            let case = format!("{told:?}, {concurrency} in flight: {used:.4}, rejected {rejected:.4}");
            assert!(used >= 0.84, "{case}");
            assert!(rejected <= 0.03, "{case}");
            run.stop().await;
        }
    }
}
