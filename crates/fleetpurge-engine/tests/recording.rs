//! What becomes of devices whose attempt cannot be recorded, or whose client fails. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use fleetpurge_engine::{
    Begun, Conclusion, Disposition, Done, Event, Input, Intent, Journal, JournalError, OutcomeKind, RunOptions,
    Settlement, SourceError, StopHandle, StopReason, run,
};
use futures_util::{Stream, StreamExt};
use scripted::{Scripted, devices, scheduled};

/// What is written into a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    Begin,
    Settle,
    Conclude,
}

/// A journal whose disk is full once that record is to be written for the nth time, from 1.
struct Full {
    at: (Record, usize),
    written: Mutex<Vec<Record>>,
}

impl Full {
    fn write(&self, record: Record) -> Result<(), JournalError> {
        let mut written = self.written.lock().unwrap();
        written.push(record);
        let (last, nth) = self.at;
        if record == last && written.iter().filter(|earlier| **earlier == record).count() >= nth {
            return Err(JournalError("the disk is full".into()));
        }
        Ok(())
    }
}

impl Journal for Full {
    async fn begin(&self, _: Intent) -> Result<Begun, JournalError> {
        self.write(Record::Begin).map(|()| Begun::alone())
    }

    async fn settle(&self, _: Settlement) -> Result<(), JournalError> {
        self.write(Record::Settle)
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        self.write(Record::Conclude)
    }
}

/// Runs batches of two one after the other: what became of each device, why the run stopped, what was sent.
async fn go(
    service: Arc<Scripted>,
    source: impl Stream<Item = Result<Input<u64>, SourceError>> + Send + 'static,
    at: (Record, usize),
) -> (Vec<Done<u64>>, Option<StopReason>, Vec<Vec<u64>>) {
    let options = RunOptions {
        concurrency: NonZeroUsize::MIN,
        ..RunOptions::default()
    };
    let journal = Arc::new(Full {
        at,
        written: Mutex::default(),
    });
    let mut run = run(Arc::clone(&service), journal, source, &options, StopHandle::new());
    let mut done = Vec::new();
    while let Some(event) = run.events.recv().await {
        if let Event::Done(devices) = event {
            done.extend(devices);
        }
    }
    done.sort_by_key(|device| device.key);
    let stopped = run.end.await.unwrap().stopped;
    let received = std::mem::take(&mut *service.received.lock().unwrap());
    (done, stopped, received)
}

fn told(done: &[Done<u64>]) -> Vec<(OutcomeKind, &str, u32)> {
    done.iter()
        .map(|device| {
            let detail = device.outcome.detail.as_deref().unwrap_or_default();
            (device.outcome.kind, detail, device.attempts)
        })
        .collect()
}

fn is_full(stopped: Option<&StopReason>) -> bool {
    matches!(stopped, Some(StopReason::Journal(detail)) if detail.ends_with("the disk is full"))
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_down_is_not_sent() {
    let service = Scripted::new(2, |batch, _| scheduled(batch));
    let source = futures_util::stream::iter(0..4_u64).map(|key| {
        Ok(if key == 3 {
            Input::resend(key, key)
        } else {
            Input::send(key, key)
        })
    });
    let (done, stopped, received) = go(service, source, (Record::Begin, 2)).await;
    assert!(is_full(stopped.as_ref()), "{stopped:?}");
    assert_eq!(received, [[0, 1]]);
    let not_sent = "not sent: the attempt could not be recorded";
    let not_again = "not sent again: it could not be recorded";
    assert_eq!(
        told(&done),
        [
            (OutcomeKind::Scheduled, "", 1),
            (OutcomeKind::Scheduled, "", 1),
            (OutcomeKind::Pending, not_sent, 1),
            (OutcomeKind::Unknown, not_again, 1),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_written_down_leaves_its_devices_unknown() {
    let service = Scripted::new(2, |batch, _| scheduled(batch));
    let (done, stopped, received) = go(service, devices(0..4), (Record::Settle, 2)).await;
    assert!(is_full(stopped.as_ref()), "{stopped:?}");
    assert_eq!(received.len(), 2);
    let lost = "the result of the attempt could not be recorded";
    assert_eq!(told(&done)[2..], [(OutcomeKind::Unknown, lost, 1); 2]);
    assert_eq!(done[2].attempt.map(|attempt| attempt.batch), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_cannot_be_written_down_leaves_its_device_pending() {
    let service = Scripted::new(2, |batch, _| {
        if batch.contains(&0) {
            Err(Disposition::Poisoned)
        } else {
            scheduled(batch)
        }
    });
    let (done, stopped, _) = go(service, devices(0..2), (Record::Conclude, 1)).await;
    assert!(is_full(stopped.as_ref()), "{stopped:?}");
    let kinds: Vec<_> = done.iter().map(|device| device.outcome.kind).collect();
    assert_eq!(kinds, [OutcomeKind::Pending, OutcomeKind::Scheduled]);
    assert_eq!(done[0].attempts, 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_fails_within_itself_leaves_its_devices_unknown_and_stops_the_run() {
    let service = Scripted::new(2, |batch, n| {
        assert!(n == 0, "the client's own mistake");
        scheduled(batch)
    });
    let (done, stopped, received) = go(service, devices(0..6), (Record::Begin, usize::MAX)).await;
    assert!(matches!(stopped, Some(StopReason::Panicked)), "{stopped:?}");
    assert_eq!(received.len(), 2);
    let told = told(&done);
    assert_eq!(told[2..4], [(OutcomeKind::Unknown, "the client panicked", 1); 2]);
    assert_eq!(done[3].attempt.map(|attempt| attempt.batch), Some(2));
}
