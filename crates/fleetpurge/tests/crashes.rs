//! The real process is killed: at every step of the ledger's writer, at every request and every reply, and at random
//! instants. The same command resumes, and nothing is lost, guessed, or sent twice. Over both services.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::env;
use std::str::FromStr;
use std::thread;

use common::{Service, over_both};
use rig::{FOR_EVER_MS, Memory, Rig, kill};
use serde_json::{Value, json};

over_both!(
    a_process_killed_when_any_request_has_been_read_loses_and_repeats_nothing,
    a_process_killed_when_any_request_has_been_acted_on_loses_and_repeats_nothing,
    a_process_killed_while_any_reply_is_on_its_way_loses_and_repeats_nothing,
    a_large_run_killed_at_random_instants_loses_and_repeats_nothing,
);
#[cfg(debug_assertions)]
over_both!(a_process_that_dies_at_any_step_of_the_ledgers_writer_loses_and_repeats_nothing);

/// A small run that has everything: a limit that is found by halving, and more batches than are under way at once.
fn small(service: Service, flags: &str) -> Rig {
    let devices = match service {
        Service::Nexthink => 480,
        Service::Ubidots => 300,
    };
    Rig::with(service, devices, flags, |builder| service.batch_limit(builder, 40))
}

/// What a request may meet in a small run beside its end: throttling, and a batch that is too large.
fn hiccups() -> Vec<Value> {
    vec![json!({"when": {"request": [2, 5]}, "then": {"reply": {"status": 429, "retry_after": 0}}})]
}

fn with_hiccups(first: Value) -> Value {
    let mut rules = vec![first];
    rules.extend(hiccups());
    Value::Array(rules)
}

/// Where a process is killed, seen from the service.
#[derive(Clone, Copy, Debug)]
enum Instant {
    /// The request is read; the service has not acted on it.
    Received,
    /// The service has acted on it; the reply is not sent.
    Applied,
    /// The reply is on its way.
    Replied,
}

/// Runs until request `number` is there, kills, resumes, and looks. Whether there was such a request.
fn killed_at(rig: &Rig, number: u64, instant: Instant) -> bool {
    let what = format!("killed at request {number}, {instant:?}");
    let rules = match instant {
        Instant::Received => with_hiccups(json!({"when": {"request": number}, "then": {"delay_ms": FOR_EVER_MS}})),
        Instant::Applied => with_hiccups(json!({"when": {"request": number}, "then": {"delay_reply_ms": FOR_EVER_MS}})),
        Instant::Replied => Value::Array(hiccups()),
    };
    rig.faults(rules);
    let index = usize::try_from(number - 1).unwrap();
    let mut child = rig.start();
    rig::until(&what, || {
        let there = match instant {
            Instant::Received | Instant::Applied => rig.simulator.faults_fired()[0] == 1,
            Instant::Replied => {
                let requests = rig.simulator.requests();
                requests.get(index).is_some_and(|request| request.status.is_some())
            }
        };
        there || child.try_wait().unwrap().is_some()
    });
    kill(&mut child);
    let was_there = rig.request_count() >= number;
    let memory = rig.remember();
    rig.resume(&what);
    let counts = rig.holds_every_promise(&[memory], &what);
    assert_eq!(counts["pending"], 0, "{what}");
    assert!(
        counts["unknown"] <= 3 * rig.service.batch() as u64,
        "{what}: no more than was under way"
    );
    was_there
}

fn killed_at_every_request(service: Service, instant: Instant, concurrency: usize) {
    let flags = format!("--concurrency {concurrency}");
    let mut number = 0;
    loop {
        number += 1;
        let rig = small(service, &flags);
        if !killed_at(&rig, number, instant) {
            break;
        }
    }
    assert!(number > 12, "there were {} requests only", number - 1);
}

fn a_process_killed_when_any_request_has_been_read_loses_and_repeats_nothing(service: Service) {
    killed_at_every_request(service, Instant::Received, 1);
}

fn a_process_killed_when_any_request_has_been_acted_on_loses_and_repeats_nothing(service: Service) {
    killed_at_every_request(service, Instant::Applied, 3);
}

fn a_process_killed_while_any_reply_is_on_its_way_loses_and_repeats_nothing(service: Service) {
    killed_at_every_request(service, Instant::Replied, 2);
}

/// Deaths are waited for more than they are worked for: several at a time.
fn at_once<T: Send>(work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                scope.spawn({
                    let work = &work;
                    move || work(worker)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    })
}

const WORKERS: u64 = 4;

/// The hook is in builds with debug assertions only.
#[cfg(debug_assertions)]
fn a_process_that_dies_at_any_step_of_the_ledgers_writer_loses_and_repeats_nothing(service: Service) {
    let dies_at = |step: u64| {
        let rig = small(service, "--concurrency 2");
        rig.faults(Value::Array(hiccups()));
        let died = common::ended(rig.command().env("FLEETPURGE_TEST_DIE_AT_STEP", step.to_string()));
        let what = format!("died at step {step}");
        if died.code == 0 {
            rig.holds_every_promise(&[], &what);
            return None;
        }
        assert_eq!(died.code, -1, "{what}: {}", died.stderr);
        let memory = rig.remember();
        rig.resume(&what);
        let counts = rig.holds_every_promise(&[memory], &what);
        assert_eq!(counts["pending"], 0, "{what}");
        Some(counts["unknown"])
    };
    let unknown: Vec<u64> = at_once(|worker| {
        (1 + worker..)
            .step_by(usize::try_from(WORKERS).unwrap())
            .map_while(dies_at)
            .collect::<Vec<u64>>()
    })
    .concat();
    assert!(unknown.len() > 60, "{}", unknown.len());
    assert!(
        unknown.iter().any(|unknown| *unknown > 0),
        "no death was in the middle of an attempt"
    );
}

/// A number from the environment, for longer runs than those of every day.
fn setting<T: FromStr>(name: &str, default: T) -> T {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// `FLEETPURGE_TEST_KILLS` and `FLEETPURGE_TEST_SEED` make it longer, and another one.
fn a_large_run_killed_at_random_instants_loses_and_repeats_nothing(service: Service) {
    let kills: u64 = setting("FLEETPURGE_TEST_KILLS", 200);
    let seed: u64 = setting("FLEETPURGE_TEST_SEED", 1);
    let killed = at_once(|worker| {
        let (mut done, mut alive) = (0, 0);
        let mut luck = fastrand::Rng::with_seed(seed.wrapping_mul(WORKERS) + worker);
        while done < kills / WORKERS {
            let what = format!("seed {seed}, worker {worker}, after {done} kills");
            let (more, more_alive) = killed_again_and_again(service, &mut luck, 10.min(kills / WORKERS - done), &what);
            done += more;
            alive += more_alive;
        }
        (done, alive)
    });
    let (done, alive) = killed.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(
        alive * 10 > done * 8,
        "{alive} of {done} were alive when they were killed"
    );
}

/// Kills the applies of one plan, at most so often. How many were killed, and how many of them were still alive.
fn killed_again_and_again(service: Service, luck: &mut fastrand::Rng, kills: u64, what: &str) -> (u64, u64) {
    let devices = match service {
        Service::Nexthink => 3_000,
        Service::Ubidots => 6_000,
    };
    let rig = Rig::new(service, devices, "--concurrency 4");
    let mut memories: Vec<Memory> = Vec::new();
    let mut alive = 0;
    while (memories.len() as u64) < kills && !memories.last().is_some_and(Memory::is_complete) {
        let before = rig.request_count();
        let mut child = rig.start();
        // The request after which it dies, and how much later: by luck within a step, or some steps on.
        let last = before + luck.u64(0..=3);
        let later = luck.u32(0..if last == before { 200_000 } else { 20_000 });
        rig::until(what, || {
            rig.request_count() >= last || child.try_wait().unwrap().is_some()
        });
        for _ in 0..later {
            std::hint::black_box(rig.request_count());
        }
        alive += u64::from(child.try_wait().unwrap().is_none());
        kill(&mut child);
        memories.push(rig.remember());
    }
    rig.resume(what);
    let counts = rig.holds_every_promise(&memories, what);
    assert_eq!(counts["pending"], 0, "{what}");
    (memories.len() as u64, alive)
}
