//! How many requests are open, and when a place is free for the next. Paused time.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Attempt, Begun, Conclusion, DeletionService, Disposition, Entry, EntryStatus, ErrorKind, Input, Intent, Journal,
    JournalError, NoJournal, Receipt, RunOptions, Settlement, SourceError, StopHandle, SubmitError, Trail, run,
};
use futures_util::StreamExt;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// A service of single devices that works on so many at a time; more of them wait. It may refuse its first request.
#[derive(Debug)]
struct Service {
    at_a_time: usize,
    refuses_first: Mutex<Option<Disposition>>,
    open: AtomicUsize,
    most_open: Arc<AtomicUsize>,
}

impl Service {
    fn new(at_a_time: usize, refuses_first: Option<Disposition>) -> Self {
        Self {
            at_a_time,
            refuses_first: Mutex::new(refuses_first),
            open: AtomicUsize::new(0),
            most_open: Arc::default(),
        }
    }
}

impl DeletionService for Service {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    async fn submit(&self, batch: &[&u64], _: &Attempt) -> Result<Receipt, SubmitError> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        sleep(Duration::from_millis(20) * u32::try_from(open.div_ceil(self.at_a_time)).unwrap()).await;
        self.open.fetch_sub(1, Ordering::SeqCst);
        if let Some(disposition) = self.refuses_first.lock().unwrap().take() {
            return Err(SubmitError {
                kind: ErrorKind::Refused,
                disposition,
                detail: "refused".to_owned(),
                trail: Trail::default(),
                body_head: None,
                source: None,
            });
        }
        Ok(Receipt {
            entries: vec![Entry::of(EntryStatus::Scheduled); batch.len()],
            anomalies: Vec::new(),
            trail: Trail::default(),
        })
    }
}

/// What a journal was asked, in order. A result is recorded after a time, or, where results ride, once another attempt has
/// begun.
#[derive(Clone, Debug)]
struct SlowJournal {
    takes: Duration,
    rides: bool,
    begun: Arc<Notify>,
    said: Arc<Mutex<Vec<String>>>,
}

impl SlowJournal {
    fn new(takes: Duration, rides: bool) -> Self {
        Self {
            takes,
            rides,
            begun: Arc::default(),
            said: Arc::default(),
        }
    }

    fn say(&self, what: &str, attempt: &Attempt) {
        let words = format!("{what} {}.{}", attempt.batch, attempt.number);
        self.said.lock().unwrap().push(words);
    }
}

impl Journal for SlowJournal {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        self.say("begin", &intent.attempt);
        self.begun.notify_waiters();
        Ok(Begun::alone())
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.say("settle", &settlement.attempt);
        if self.rides {
            let _ = timeout(self.takes, self.begun.notified()).await;
        } else {
            sleep(self.takes).await;
        }
        self.say("settled", &settlement.attempt);
        Ok(())
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        Ok(())
    }
}

async fn sent(service: Service, journal: impl Journal, devices: u64, options: &RunOptions) -> usize {
    let most_open = Arc::clone(&service.most_open);
    let source = futures_util::stream::iter(0..devices).map(|key| Ok::<_, SourceError>(Input::send(key, key)));
    let mut run = run(Arc::new(service), Arc::new(journal), source, options, StopHandle::new());
    while run.events.recv().await.is_some() {}
    assert_eq!(run.end.await.unwrap().stopped, None);
    most_open.load(Ordering::SeqCst)
}

fn options(concurrency: usize) -> RunOptions {
    RunOptions {
        concurrency: NonZeroUsize::new(concurrency).unwrap(),
        seed: Some(1),
        ..RunOptions::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_attempt_begins_while_the_result_of_one_that_is_done_with_is_recorded() {
    let journal = SlowJournal::new(Duration::from_secs(3_600), true);
    let said = Arc::clone(&journal.said);
    let most_open = sent(Service::new(1, None), journal, 3, &options(1)).await;
    assert_eq!(most_open, 1, "no more requests for it");
    assert_eq!(
        *said.lock().unwrap(),
        [
            "begin 1.1",
            "settle 1.1",
            "begin 2.1",
            "settled 1.1",
            "settle 2.1",
            "begin 3.1",
            "settled 2.1",
            "settle 3.1",
            "settled 3.1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_begins_before_what_is_sent_again() {
    let journal = SlowJournal::new(Duration::from_secs(1), false);
    let said = Arc::clone(&journal.said);
    sent(
        Service::new(1, Some(Disposition::Reauthenticate)),
        journal,
        2,
        &options(1),
    )
    .await;
    assert_eq!(
        said.lock().unwrap()[..4],
        ["begin 1.1", "settle 1.1", "settled 1.1", "begin 1.2"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_falls_behind_holds_up_what_is_sent() {
    let journal = SlowJournal::new(Duration::from_secs(60), false);
    let said = Arc::clone(&journal.said);
    sent(Service::new(8, None), journal, 200, &options(4)).await;
    let (mut open, mut most) = (0, 0);
    for words in said.lock().unwrap().iter() {
        match words.split(' ').next() {
            Some("begin") => open += 1,
            Some("settled") => open -= 1,
            _ => {}
        }
        most = most.max(open);
    }
    assert!((4..=8).contains(&most), "{most} attempts were not recorded at a time");
}

#[tokio::test(start_paused = true)]
async fn the_concurrency_is_found() {
    let auto = RunOptions {
        finds_concurrency: true,
        ..options(4)
    };
    let throttled = Some(Disposition::Throttled(None));
    for (at_a_time, refused, expected) in [
        (1_000, None, 128..=128),
        (16, None, 16..=64),
        (1_000, throttled, 4..=128),
    ] {
        let most_open = sent(Service::new(at_a_time, refused), NoJournal, 5_000, &auto).await;
        assert!(expected.contains(&most_open), "{at_a_time} at a time: {most_open}");
    }
    let most_open = sent(Service::new(1_000, None), NoJournal, 5_000, &options(4)).await;
    assert_eq!(most_open, 4, "unless it is not asked for");
}
