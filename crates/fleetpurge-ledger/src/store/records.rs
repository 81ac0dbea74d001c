//! What a transaction of a run writes, whatever the medium is: the seam between the rules of the records and a store.

use fleetpurge_engine::Anomaly;
use fleetpurge_engine::tenant::{Begun, Signal};

use crate::model::{Error, RunEnd};
use crate::proof::{AttemptRecord, Checksum, OutcomeRecord, Tally};

/// A run that begins.
#[derive(Debug)]
pub(crate) struct NewRun<'a> {
    pub(crate) run: u64,
    pub(crate) holder: &'a crate::model::Holder,
    pub(crate) version: &'a str,
    pub(crate) confirmation: &'a str,
    pub(crate) options: &'a str,
}

/// Takes the records of one transaction. What is written becomes durable with its commit, all of it or nothing.
pub(crate) trait Records {
    fn begin_run(&mut self, new: &NewRun<'_>, at: &str) -> Result<(), Error>;

    fn end_run(&mut self, run: u64, end: &RunEnd, at: &str) -> Result<(), Error>;

    /// An attempt that is about to be sent, and its rows.
    fn begin_attempt(
        &mut self,
        record: &AttemptRecord<'_>,
        ranges: &[(u64, u64)],
        checksum: &Checksum,
    ) -> Result<(), Error>;

    /// The result of an attempt that was begun.
    fn end_attempt(
        &mut self,
        record: &AttemptRecord<'_>,
        anomalies: &[Anomaly],
        checksum: &Checksum,
    ) -> Result<(), Error>;

    fn outcome(&mut self, record: &OutcomeRecord<'_>, checksum: &Checksum) -> Result<(), Error>;

    /// The attempt that has the last outcome of a row: its number and its request id.
    fn last_attempt(&mut self, row: u64) -> Result<Option<(u64, String)>, Error>;

    /// Whether the attempt with this number may begin, as far as other runs of its tenant are concerned. A file has no others.
    fn may_begin(&mut self, _attempt: u64, _is_probe: bool) -> Begun {
        Begun::alone()
    }

    /// What the result of an attempt says to other runs of its tenant.
    fn tell(&mut self, _attempt: u64, _signal: &Signal, _detail: Option<&str>) {}

    /// How many records there are with this transaction.
    fn tally(&mut self, tally: &Tally, checksum: &Checksum) -> Result<(), Error>;
}
