//! Standbys: another server that follows, takes over, or lacks what the first has confirmed last.

use std::time::Instant;

use super::program::program;
use super::proxy::Proxy;
use super::scratch;
use super::server::{PATIENCE, Server};

/// Whether the primary server waits for its standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replication {
    /// Nothing is confirmed before the standby has it, too.
    Synchronous,
    /// The standby may lack what was confirmed last.
    Asynchronous,
}

impl Server {
    /// A standby of this server. It is there when it follows.
    #[must_use]
    pub fn standby(&self, replication: Replication) -> Self {
        let primary = Proxy::to(self.port());
        let mut standby = Self::in_folder(scratch::folder());
        let copied = program("pg_basebackup")
            .args(["-h", "127.0.0.1", "-p", &primary.port().to_string(), "-U", "postgres"])
            .args(["-X", "stream", "-c", "fast", "--no-sync", "-R", "-D"])
            .arg(standby.data())
            .output()
            .unwrap();
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        standby.primary = Some(primary);
        standby.restart();
        if replication == Replication::Synchronous {
            self.query_at("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
            self.query_at("postgres", "SELECT pg_reload_conf()");
        }
        let state = match replication {
            Replication::Synchronous => "sync",
            Replication::Asynchronous => "async",
        };
        self.waits_for(&format!(
            "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}')"
        ));
        standby
    }

    /// Cuts a standby off: nothing that its primary server commits from now on reaches it.
    ///
    /// # Panics
    ///
    /// If this is not a standby.
    pub fn cut_off(&self) {
        let primary = self.primary.as_ref().expect("a standby");
        primary.point_nowhere();
        primary.cut();
        self.waits_for("SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)");
    }

    /// Has a standby that was cut off follow this server again.
    ///
    /// # Panics
    ///
    /// If that one is not a standby.
    pub fn lead_again(&self, standby: &Self) {
        standby.primary.as_ref().expect("a standby").point_to(self.port());
        self.waits_for("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')");
    }

    /// Makes a standby a server of its own.
    pub fn promote(&self) {
        let promoted = self.query_at("postgres", "SELECT pg_promote(true, 60)");
        assert_eq!(promoted, [[Some("t".to_owned())]], "the standby is not promoted");
    }

    fn waits_for(&self, sql: &str) {
        let until = Instant::now() + PATIENCE;
        while self.query_at("postgres", sql) != [[Some("t".to_owned())]] {
            assert!(Instant::now() < until, "{sql}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}
