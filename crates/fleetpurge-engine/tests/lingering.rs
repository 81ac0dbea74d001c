//! A producer that is slow, silent or endless: what is sent, and when its stream ends. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::bulk::{BulkOptions, DeletionStream, delete_stream};
use fleetpurge_engine::{
    Disposition, EntryStatus, Event, Input, NoJournal, OutcomeKind, Rate, Rest, RunOptions, StopHandle, StopReason, run,
};
use futures_util::{FutureExt, StreamExt};
use scripted::{Scripted, Shared, devices, scheduled};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

/// Paused time: a day passes at once when nothing else can happen.
const DAY: Duration = Duration::from_secs(86_400);

fn options() -> BulkOptions {
    let mut options = BulkOptions::default();
    options.concurrency = Some(NonZeroUsize::MIN);
    options
}

/// The outcomes of what comes over a channel, and its other end. The run has started: its stream was polled once.
fn channel(service: &Arc<Scripted>, options: &BulkOptions) -> (mpsc::UnboundedSender<u64>, DeletionStream<u64>) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<u64>();
    let source = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let mut stream = delete_stream(Shared(Arc::clone(service)), source, Input::send, options);
    assert!(stream.next().now_or_never().is_none());
    (sender, stream)
}

/// What comes until the stream ends, or nothing comes any more.
async fn rest(stream: &mut DeletionStream<u64>) -> Vec<(u64, OutcomeKind)> {
    let all = stream.map(|of| (of.device, of.outcome.kind)).collect();
    timeout(DAY, all).await.expect("the stream hangs")
}

async fn next(stream: &mut DeletionStream<u64>) -> u64 {
    let outcome = timeout(DAY, stream.next()).await.expect("nothing is sent").unwrap();
    assert_eq!(outcome.outcome.kind, OutcomeKind::Scheduled);
    outcome.device
}

fn lengths(service: &Scripted) -> Vec<usize> {
    service.received.lock().unwrap().iter().map(Vec::len).collect()
}

#[tokio::test(start_paused = true)]
async fn three_devices_of_a_producer_that_gives_no_more_are_sent_after_a_second() {
    let service = Scripted::new(100, |batch, _| scheduled(batch));
    let (sender, mut stream) = channel(&service, &BulkOptions::default());
    let began = Instant::now();
    (0..3).for_each(|device| sender.send(device).unwrap());
    for device in 0..3 {
        assert_eq!(next(&mut stream).await, device);
    }
    assert_eq!(*service.received.lock().unwrap(), [[0, 1, 2]]);
    let waited = service.at.lock().unwrap()[0] - began;
    assert!((1_000..=1_010).contains(&waited.as_millis()), "{waited:?}");
    // The same again, and then the end.
    (3..5).for_each(|device| sender.send(device).unwrap());
    assert_eq!([next(&mut stream).await, next(&mut stream).await], [3, 4]);
    drop(sender);
    assert_eq!(rest(&mut stream).await, []);
    assert!(stream.stopped().is_none());
    assert_eq!(stream.take_waits(), [], "that a batch may yet be filled is no wait");
}

#[tokio::test(start_paused = true)]
async fn the_linger_is_counted_from_the_first_device_that_waits() {
    let service = Scripted::new(100, |batch, _| scheduled(batch));
    let (sender, mut stream) = channel(&service, &options());
    let producer = async {
        for device in 0..30 {
            sender.send(device).unwrap();
            sleep(Duration::from_millis(90)).await;
        }
        drop(sender);
    };
    let (_, outcomes) = tokio::join!(producer, rest(&mut stream));
    assert_eq!(outcomes.len(), 30);
    let lengths = lengths(&service);
    assert!(
        lengths[..2].iter().all(|length| (11..=13).contains(length)),
        "{lengths:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quick_producer_gets_full_batches_however_short_the_linger() {
    for linger in [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_millis(5),
        Duration::MAX,
    ] {
        for concurrency in [1, 4] {
            let service = Scripted::new(100, |batch, n| match n {
                3 => Err(Disposition::Throttled(Some(Duration::from_secs(40)))),
                _ => scheduled(batch),
            });
            let mut options = options();
            options.concurrency = NonZeroUsize::new(concurrency);
            options.linger = linger;
            let source = futures_util::stream::iter(0..1_050);
            let mut stream = delete_stream(Shared(Arc::clone(&service)), source, Input::send, &options);
            assert_eq!(rest(&mut stream).await.len(), 1_050);
            let mut lengths = lengths(&service);
            lengths.sort_unstable();
            assert_eq!(lengths[0], 50, "{linger:?}");
            assert!(
                lengths[1..].iter().all(|length| *length == 100),
                "{linger:?}: {lengths:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_a_run_is_held_up_fills_the_next_batch() {
    let service = Scripted::new(100, |batch, n| match n {
        0 => Err(Disposition::Throttled(Some(Duration::from_secs(40)))),
        _ => scheduled(batch),
    });
    let (sender, mut stream) = channel(&service, &options());
    let producer = async {
        for device in 0..20 {
            sender.send(device).unwrap();
            sleep(Duration::from_secs(2)).await;
        }
        sleep(Duration::from_secs(2)).await;
        drop(sender);
    };
    let (_, outcomes) = tokio::join!(producer, rest(&mut stream));
    assert_eq!(outcomes.len(), 20);
    let received = service.received.lock().unwrap();
    assert_eq!(received[..2], [[0], [0]]);
    assert!(received[2].len() >= 18, "{received:?}");
    let waits = stream.take_waits();
    assert_eq!(waits.len(), 1, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn the_linger_holds_with_a_rate_a_lower_limit_and_devices_that_are_sent_again() {
    // One device is turned away as too large a batch with its neighbour, one fails once.
    let service = Scripted::new(100, |batch, n| {
        if batch.len() > 2 {
            return Err(Disposition::TooLarge);
        }
        let failed = |device: &u64| {
            if *device == 1 && n < 3 {
                EntryStatus::Failed
            } else {
                EntryStatus::Scheduled
            }
        };
        Ok(batch.iter().map(failed).collect())
    });
    let mut options = options();
    options.rate = Some(Rate::per_second(10.0).unwrap());
    let (sender, mut stream) = channel(&service, &options);
    (0..4).for_each(|device| sender.send(device).unwrap());
    let producer = async {
        sleep(Duration::from_secs(5)).await;
        sender.send(4).unwrap();
        sleep(Duration::from_secs(5)).await;
        drop(sender);
    };
    let (_, outcomes) = tokio::join!(producer, rest(&mut stream));
    assert_eq!(
        outcomes,
        (0..5)
            .map(|device| (device, OutcomeKind::Scheduled))
            .collect::<Vec<_>>()
    );
    let received = service.received.lock().unwrap();
    assert_eq!(received[..3], [vec![0, 1, 2, 3], vec![0, 1], vec![2, 3]]);
    assert_eq!(
        received.iter().filter(|batch| **batch == [1]).count(),
        1,
        "{received:?}"
    );
    assert_eq!(received.last().unwrap(), &[4]);
    let at = service.at.lock().unwrap();
    assert!(
        at.windows(2).all(|at| at[1] - at[0] >= Duration::from_millis(99)),
        "{at:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_linger_only_full_batches_are_sent_until_the_input_ends() {
    let slow = || {
        devices(0..15).then(|device| async {
            sleep(Duration::from_secs(10)).await;
            device
        })
    };
    // As the command runs, whose rows are all there.
    let service = Scripted::new(10, |batch, _| scheduled(batch));
    let options = RunOptions::default();
    let mut events = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        slow(),
        &options,
        StopHandle::new(),
    )
    .events;
    while events.recv().await.is_some() {}
    assert_eq!(lengths(&service), [10, 5]);
    // And so a library that asks for it.
    let service = Scripted::new(10, |batch, _| scheduled(batch));
    let mut options = BulkOptions::default();
    options.linger = Duration::MAX;
    let source = slow().map(|input| input.unwrap().device);
    let mut stream = delete_stream(Shared(Arc::clone(&service)), Box::pin(source), Input::send, &options);
    assert_eq!(rest(&mut stream).await.len(), 15);
    assert_eq!(lengths(&service), [10, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_stream_whose_producer_is_alive_but_silent() {
    for rest_of_it in [Rest::Leave, Rest::Report] {
        for sent in [0_u64, 3, 100, 105] {
            let service = Scripted::new(100, |batch, _| scheduled(batch));
            let mut options = options();
            options.rest = rest_of_it;
            let (sender, mut stream) = channel(&service, &options);
            (0..sent).for_each(|device| sender.send(device).unwrap());
            sleep(Duration::from_millis(500)).await;
            options.stop.stop();
            let asked = Instant::now();
            let outcomes = rest(&mut stream).await;
            let case = format!("{rest_of_it:?} {sent}");
            assert!(matches!(stream.stopped(), Some(StopReason::Interrupted)), "{case}");
            assert_eq!(outcomes.len() as u64, sent, "{case}");
            let first = outcomes
                .iter()
                .filter(|(_, kind)| *kind == OutcomeKind::Scheduled)
                .count();
            assert_eq!(first as u64, sent / 100 * 100, "{case}");
            let most = if rest_of_it == Rest::Leave { 100 } else { 1_100 };
            assert!(asked.elapsed().as_millis() <= most, "{case}: {:?}", asked.elapsed());
            assert!(sender.is_closed(), "{case}: the producer can see that it is over");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stopped_stream_has_not_read_is_left_or_reported_as_it_was_asked() {
    for (rest_of_it, expected) in [(Rest::Leave, 200), (Rest::Report, 1_000)] {
        let mut options = options();
        options.rest = rest_of_it;
        let stop = options.stop.clone();
        let service = Scripted::new(100, move |batch, _| {
            stop.stop();
            scheduled(batch)
        });
        let (sender, mut stream) = channel(&service, &options);
        (0..1_000).for_each(|device| sender.send(device).unwrap());
        // One that goes on for as long as it is listened to, half a second at a time.
        let outcomes = rest(&mut stream).await;
        assert_eq!(outcomes.len(), expected, "{rest_of_it:?}");
        assert!(outcomes[..100].iter().all(|(_, kind)| *kind == OutcomeKind::Scheduled));
        assert!(outcomes[100..].iter().all(|(_, kind)| *kind == OutcomeKind::Pending));
        assert_eq!(lengths(&service), [100]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_within_one_linger_of_the_stop_is_reported_however_the_run_stopped() {
    let ms = Duration::from_millis;
    for by_itself in [false, true] {
        // How long after the stop each further device comes, and how many of them are reported.
        for (case, gaps, expected) in [
            ("silent", vec![], 0),
            ("within the linger", vec![300, 300, 300], 3),
            ("one each 0.9 s, for ever", vec![900; 50], 1),
            ("one each minute", vec![60_000; 5], 0),
            ("ready at once", vec![0; 500], 500),
        ] {
            let service = Scripted::new(1, move |batch, _| {
                if by_itself {
                    Err(Disposition::Stop)
                } else {
                    scheduled(batch)
                }
            });
            let options = options();
            let (sender, mut stream) = channel(&service, &options);
            sender.send(0).unwrap();
            let case = format!("{case}, by itself: {by_itself}");
            // The first is answered after 10 ms.
            sleep(ms(20)).await;
            if !by_itself {
                options.stop.stop();
            }
            let stopped = Instant::now();
            let producer = async {
                for (n, gap) in gaps.iter().enumerate() {
                    if *gap > 0 {
                        sleep(ms(*gap)).await;
                    }
                    if sender.send(n as u64 + 1).is_err() {
                        return;
                    }
                }
                // Alive until the stream has ended.
                sender.closed().await;
            };
            let reader = async { (rest(&mut stream).await, stopped.elapsed().as_millis()) };
            let (_, (outcomes, took)) = tokio::join!(producer, reader);
            let rest_of_it = outcomes.iter().filter(|(device, _)| *device > 0);
            assert_eq!(rest_of_it.clone().count(), expected, "{case}");
            assert!(
                rest_of_it.clone().all(|(_, kind)| *kind == OutcomeKind::Pending),
                "{case}"
            );
            assert_eq!(lengths(&service), [1], "{case}");
            if case.starts_with("one each 0.9") || case.starts_with("silent") {
                assert!((980..=1_110).contains(&took), "{case}: {took} ms");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_finishes_what_is_in_flight_starts_nothing_and_lets_its_producer_go() {
    for stopped_first in [false, true] {
        let options = options();
        let service = Scripted::new(2, |batch, _| scheduled(batch));
        let (sender, mut stream) = channel(&service, &options);
        (0..6).for_each(|device| sender.send(device).unwrap());
        assert_eq!(next(&mut stream).await, 0);
        // The second batch is in flight.
        tokio::task::yield_now().await;
        if stopped_first {
            options.stop.stop();
            sleep(Duration::from_millis(500)).await;
        }
        drop(stream);
        timeout(Duration::from_secs(1), sender.closed())
            .await
            .expect("the producer is still held");
        sleep(Duration::from_secs(100)).await;
        let (begun, answered) = (lengths(&service).len(), *service.answered.lock().unwrap());
        assert_eq!((begun, answered), (2, 2), "stopped first: {stopped_first}");
    }
}

#[tokio::test(start_paused = true)]
async fn numbers_at_the_ends_of_their_range_end_no_run() {
    let service = Scripted::new(2, |batch, n| match n {
        0 => Err(Disposition::Throttled(Some(Duration::MAX))),
        _ => scheduled(batch),
    });
    let mut options = BulkOptions::default();
    options.concurrency = Some(NonZeroUsize::MAX);
    options.linger = Duration::ZERO;
    let source = futures_util::stream::iter(0..6);
    let mut stream = delete_stream(Shared(Arc::clone(&service)), source, Input::send, &options);
    assert_eq!(rest(&mut stream).await.len(), 6);
    assert!(matches!(stream.stopped(), Some(StopReason::WaitTooLong { .. })));

    // A wait that was allowed, and is for ever: a stop ends it.
    let service = Scripted::new(2, |_, _| Err(Disposition::Throttled(Some(Duration::MAX))));
    options.policy.max_wait = Duration::MAX;
    options.policy.unreached_for = Duration::MAX;
    options.policy.backoff_cap = Duration::MAX;
    let (sender, mut stream) = channel(&service, &options);
    sender.send(0).unwrap();
    sleep(Duration::from_secs(5)).await;
    options.stop.stop();
    assert_eq!(rest(&mut stream).await, [(0, OutcomeKind::Pending)]);
    assert_eq!(lengths(&service), [1]);
    let waits = stream.take_waits();
    assert_eq!(waits.len(), 1, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_though_its_service_answers_after_the_stop() {
    let service = Scripted::new(2, |batch, _| scheduled(batch));
    let options = RunOptions {
        rest: Rest::Report,
        ..RunOptions::default()
    };
    let stop = StopHandle::new();
    let mut events = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        devices(0..4),
        &options,
        stop.clone(),
    )
    .events;
    stop.stop();
    let mut done = 0;
    while let Some(event) = events.recv().await {
        if let Event::Done(devices) = event {
            done += devices.len();
        }
    }
    assert_eq!(done, 4);
}
