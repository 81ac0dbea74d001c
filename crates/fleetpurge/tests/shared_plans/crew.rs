//! Applies of one plan in a database, and what becomes of them.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fleetpurge_testing::postgres::{Proxy, Server};

use super::common::{Ended, Service, ended, signal};
use super::rig::{Rig, kill, until};

/// How the applies of the chaos are started: a lease that lapses soon, and patience with the database.
pub(super) const HARDY: &str = "--lease 2 --max-wait 60 --concurrency 2";

/// A tenant whose plan is in a database.
pub(super) struct Shared {
    pub(super) rig: Rig,
    pub(super) url: String,
}

impl Shared {
    pub(super) fn new(server: &Server, devices: usize, latency_ms: u64) -> Self {
        let build = |builder: fleetpurge_simulator::Builder| builder.latency(Duration::from_millis(latency_ms));
        let rig = Rig::with(Service::Nexthink, devices, "", build);
        let url = format!("{}?plan=fleet", server.database());
        rig.bench.run(&format!("copy devices.plan {url}")).exits(0);
        std::fs::remove_file(rig.bench.path("devices.plan")).unwrap();
        Self { rig, url }
    }

    pub(super) fn command(&self, flags: &str) -> Command {
        let line = format!(
            "apply {} --confirm {}/{} {flags}",
            self.url,
            self.rig.tenant(),
            self.rig.devices.len()
        );
        let mut command = self.rig.bench.command(&line);
        Service::Nexthink.credentials(&mut command);
        command
    }

    pub(super) fn apply(&self, flags: &str) -> Ended {
        ended(&mut self.command(flags))
    }

    /// On another machine, which remembers nothing of the plan.
    pub(super) fn apply_elsewhere(&self, flags: &str) -> Ended {
        let machine = self.rig.bench.path("another-machine");
        ended(self.command(flags).env("XDG_STATE_HOME", machine))
    }

    pub(super) fn start(&self, flags: &str) -> Child {
        let mut command = self.command(flags);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Copies the plan to a file, and holds it against what was received.
    pub(super) fn holds_every_promise(&self, what: &str) -> std::collections::HashMap<&'static str, u64> {
        self.rig.bench.run(&format!("copy {} devices.plan", self.url)).exits(0);
        self.rig.holds_every_promise(&[], what)
    }

    /// From now on its applies reach the server by a proxy.
    pub(super) fn goes_through_a_proxy(&mut self, server: &Server) -> Proxy {
        let proxy = Proxy::to(server.port());
        let port = |port: u16| format!(":{port}/");
        self.url = self.url.replace(&port(server.port()), &port(proxy.port()));
        proxy
    }

    /// From now on its applies know both servers, and use the one that writes.
    pub(super) fn names_both(&mut self, first: &Server, second: &Server) {
        let (one, both) = (first.port(), format!("{},127.0.0.1:{}", first.port(), second.port()));
        let url = self.url.replace(&format!(":{one}/"), &format!(":{both}/"));
        self.url = format!("{url}&target_session_attrs=read-write");
    }

    /// What was received was received once, whatever the database knows of it.
    pub(super) fn nothing_was_sent_twice(&self) {
        let mut received = std::collections::HashSet::new();
        for (uid, _) in self.rig.requests().into_iter().flatten() {
            assert!(received.insert(uid.clone()), "{uid} was sent twice");
        }
    }

    /// What a query of one number returns.
    pub(super) fn number(&self, server: &Server, sql: &str) -> u64 {
        server.query(&self.url, sql)[0][0].as_deref().unwrap().parse().unwrap()
    }

    /// Nothing was heard of any run for longer than its lease.
    pub(super) fn lapse(&self, server: &Server) {
        server.execute(&self.url, "UPDATE fleetpurge.runs SET lease_until = '-infinity'");
    }
}

/// Applies of one plan. One that could not begin because the server was away, or that gave up, begins again. None outlives the test.
pub(super) struct Crew<'a> {
    shared: &'a Shared,
    at_work: Vec<Child>,
    asleep: Vec<Child>,
}

impl Drop for Crew<'_> {
    fn drop(&mut self) {
        for process in self.at_work.iter_mut().chain(&mut self.asleep) {
            process.kill().ok();
            process.wait().ok();
        }
    }
}

impl<'a> Crew<'a> {
    pub(super) fn of(shared: &'a Shared, size: usize) -> Self {
        let at_work = (0..size).map(|_| shared.start(HARDY)).collect();
        Self {
            shared,
            at_work,
            asleep: Vec::new(),
        }
    }

    /// Whether all of them have come to their end.
    pub(super) fn is_done(&mut self) -> bool {
        let mut done = true;
        for apply in &mut self.at_work {
            match apply.try_wait().unwrap().map(|status| status.code()) {
                Some(Some(0 | 4)) => {}
                Some(Some(1 | 5)) => {
                    *apply = self.shared.start(HARDY);
                    done = false;
                }
                Some(code) => panic!("an apply exits {code:?}"),
                None => done = false,
            }
        }
        done
    }

    /// Until so many requests were received.
    pub(super) fn sends(&mut self, requests: u64) {
        until(&format!("request {requests}"), || {
            assert!(!self.is_done(), "all was done before request {requests}");
            self.shared.rig.request_count() >= requests
        });
    }

    pub(super) fn comes_to_its_end(mut self) {
        until("the end", || self.is_done());
        for apply in &mut self.asleep {
            let code = apply.wait().unwrap().code();
            assert!(matches!(code, Some(4 | 5)), "one that slept exits {code:?}");
        }
    }

    /// One of them dies, and another begins.
    pub(super) fn loses_one(&mut self, random: &mut fastrand::Rng) {
        let mut dead = self.at_work.swap_remove(random.usize(..self.at_work.len()));
        kill(&mut dead);
        self.at_work.push(self.shared.start(HARDY));
    }

    /// How many runs of this process are like that.
    pub(super) fn runs(&self, server: &Server, of: &Child, which: &str) -> u64 {
        let sql = "SELECT count(*) FROM fleetpurge.runs WHERE pid =";
        self.shared.number(server, &format!("{sql} {} AND {which}", of.id()))
    }

    /// One of them sleeps until another has taken over from it. In its place another begins.
    pub(super) fn has_one_sleep(&mut self, server: &Server, random: &mut fastrand::Rng) {
        let mut place = 0;
        until("one of them has begun", || {
            place = random.usize(..self.at_work.len());
            self.runs(server, &self.at_work[place], "ended_at IS NULL AND fenced_at IS NULL") > 0
        });
        let sleeper = self.at_work.swap_remove(place);
        signal(sleeper.id(), "-STOP");
        self.at_work.push(self.shared.start(HARDY));
        self.asleep.push(sleeper);
        until("another has taken over", || {
            self.is_done();
            self.runs(server, &self.asleep[self.asleep.len() - 1], "fenced_at IS NOT NULL") > 0
        });
        signal(self.asleep[self.asleep.len() - 1].id(), "-CONT");
    }
}
