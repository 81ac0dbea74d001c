//! Takes what is queued, commits it together (group commit), and confirms all of it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use fleetpurge_engine::Begun;
use tokio::sync::oneshot;

use crate::model::{Error, RunEnd};
use crate::store::changes::{Changes, Record};
use crate::store::records::NewRun;
use crate::store::step::Step;

/// More in one commit make none of them faster.
const GROUP: usize = 512;

/// How long the result of an attempt waits for the next attempt to begin, so that both are one commit. Nothing is sent
/// meanwhile that waits for it.
const RIDE: Duration = Duration::from_millis(2);

/// A call and where its answer goes.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) record: Record,
    pub(crate) answer: oneshot::Sender<Result<Begun, Error>>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "all messages of a run but its last are jobs")]
pub(crate) enum Message {
    Job(Job),
    Stop,
}

/// Whether these may wait for the next attempt to begin.
fn may_wait(jobs: &[Job]) -> bool {
    jobs.iter().all(|job| matches!(job.record, Record::Settle(_)))
}

/// What is queued. As long as nobody waits for what is there already, what comes until then, too.
fn next(inbox: &Receiver<Message>, jobs: &[Job], until: Instant) -> Result<Message, RecvTimeoutError> {
    match inbox.try_recv() {
        Err(TryRecvError::Empty) => {}
        Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
        Ok(message) => return Ok(message),
    }
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() || !may_wait(jobs) {
        return Err(RecvTimeoutError::Timeout);
    }
    inbox.recv_timeout(left)
}

/// What one commit writes. A store may ask for it again if it does not know whether the commit became durable.
pub(crate) type Write<'a> = &'a mut dyn FnMut(&mut Changes<'_>, &str) -> Result<(), Error>;

/// A store that commits.
pub(crate) trait Commits {
    /// Answers those jobs that may not be written, and takes them out.
    fn refuse(&mut self, jobs: &mut Vec<Job>);

    /// One commit: all that `write` writes, or nothing.
    fn commit(&mut self, write: Write<'_>) -> Result<(), Error>;

    /// Called between commits, when nobody waits, and at least as often as [`idle`](Self::idle) says.
    fn between(&mut self);

    /// How long nothing may come in before [`between`](Self::between) is called. `None`: for ever.
    fn idle(&self) -> Option<Duration>;

    fn step(&self, step: Step);
}

/// Works until it is asked to stop or its channel is closed.
pub(crate) fn work<C: Commits>(mut store: C, inbox: &Receiver<Message>) -> C {
    let mut jobs = Vec::new();
    let mut is_over = false;
    while !is_over {
        let message = match store.idle() {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(idle) => inbox.recv_timeout(idle),
        };
        match message {
            Ok(Message::Job(job)) => jobs.push(job),
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                store.between();
                continue;
            }
        }
        let until = Instant::now() + RIDE;
        while jobs.len() < GROUP && !is_over {
            match next(inbox, &jobs, until) {
                Ok(Message::Job(job)) => jobs.push(job),
                Err(RecvTimeoutError::Timeout) => break,
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => is_over = true,
            }
        }
        take(&mut store, &mut jobs);
        store.between();
    }
    store
}

/// Records that a run began.
pub(crate) fn begin_run<C: Commits>(store: &mut C, new: &NewRun<'_>) -> Result<(), Error> {
    store.commit(&mut |changes, at| changes.records.begin_run(new, at))
}

/// Records how a run ended. Attempts still open will not be settled by anybody.
pub(crate) fn finish<C: Commits>(store: &mut C, end: &RunEnd) -> Result<(), Error> {
    store.commit(&mut |changes, at| {
        changes.give_up_all(at)?;
        changes.records.end_run(changes.run, end, at)
    })
}

/// One commit of these, and what is told of each.
fn write<C: Commits>(store: &mut C, jobs: &[Job]) -> Result<Vec<Begun>, Error> {
    let mut told = Vec::with_capacity(jobs.len());
    store.commit(&mut |changes, at| {
        // A store may ask again.
        told.clear();
        for job in jobs {
            told.push(changes.write(&job.record, at)?);
        }
        Ok(())
    })?;
    Ok(told)
}

fn take<C: Commits>(store: &mut C, jobs: &mut Vec<Job>) {
    store.refuse(jobs);
    if jobs.is_empty() {
        return;
    }
    store.step(Step::BeforeWrite);
    match write(store, jobs) {
        Ok(told) => {
            store.step(Step::BeforeAnswer);
            for (job, told) in jobs.drain(..).zip(told) {
                // Whoever asked may have gone away; the record stands.
                job.answer.send(Ok(told)).ok();
            }
        }
        // One bad record spoils the transaction for all: each gets its own.
        Err(_) if jobs.len() > 1 => {
            for job in jobs.drain(..) {
                let told = write(store, std::slice::from_ref(&job));
                store.step(Step::BeforeAnswer);
                let told = told.map(|told| told.into_iter().next().unwrap_or_else(Begun::alone));
                job.answer.send(told).ok();
            }
        }
        Err(error) => {
            if let Some(job) = jobs.pop() {
                job.answer.send(Err(error)).ok();
            }
        }
    }
    store.step(Step::AfterAnswer);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use fleetpurge_engine::tenant::Signal;
    use fleetpurge_engine::{Applied, Attempt, Intent, Settlement, Trail};

    use uuid::Uuid;

    use super::*;

    fn attempt() -> Attempt {
        Attempt {
            request_id: Uuid::from_u128(1),
            batch: 1,
            number: 1,
        }
    }

    fn job(record: Record) -> Job {
        Job {
            record,
            answer: oneshot::channel().0,
        }
    }

    fn begin() -> Job {
        job(Record::Begin(Intent {
            attempt: attempt(),
            keys: vec![1],
            is_probe: false,
        }))
    }

    fn settle() -> Job {
        job(Record::Settle(Settlement {
            attempt: attempt(),
            applied: Applied::Yes,
            trail: Trail::default(),
            detail: None,
            body_head: None,
            outcomes: Vec::new(),
            anomalies: Vec::new(),
            signal: Signal::Clear,
        }))
    }

    #[test]
    fn only_results_wait_for_the_next_attempt() {
        let conclude = || job(Record::Conclude(Vec::new()));
        for (jobs, expected) in [
            (vec![settle()], true),
            (vec![settle(), settle()], true),
            // It is to be sent now.
            (vec![begin()], false),
            (vec![settle(), begin()], false),
            (vec![conclude()], false),
        ] {
            assert_eq!(may_wait(&jobs), expected, "{jobs:?}");
        }
    }

    #[test]
    fn the_next_attempt_joins_a_result_that_is_not_yet_committed() {
        let (outbox, inbox): (Sender<Message>, _) = channel();
        let later = std::thread::spawn(move || outbox.send(Message::Job(begin())).unwrap());
        let until = Instant::now() + Duration::from_secs(3600);
        // However late it comes.
        let joined = next(&inbox, &[settle()], until);
        assert!(
            matches!(
                joined,
                Ok(Message::Job(Job {
                    record: Record::Begin(_),
                    ..
                }))
            ),
            "{joined:?}"
        );
        later.join().unwrap();
    }
}
