//! What is hashed of an attempt, of an outcome and of the tally.
//!
//! Every checksum is keyed with the digest of the plan, so that a record of one plan proves nothing in another.

use crate::proof::fields::{CHECKSUM_LEN, Fields};

pub(crate) type Checksum = [u8; CHECKSUM_LEN];

/// An attempt, all its fields, its rows and its anomalies.
#[derive(Clone, Debug, Default)]
pub(crate) struct AttemptRecord<'a> {
    pub(crate) attempt: u64,
    pub(crate) run: u64,
    pub(crate) batch: u64,
    pub(crate) number: u64,
    pub(crate) request_id: &'a str,
    pub(crate) devices: u64,
    pub(crate) begun_at: &'a str,
    pub(crate) settled_at: Option<&'a str>,
    pub(crate) applied: Option<&'a str>,
    pub(crate) status: Option<u64>,
    pub(crate) code: Option<&'a str>,
    pub(crate) reply_request_id: Option<&'a str>,
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) detail: Option<&'a str>,
    pub(crate) body_head: Option<&'a str>,
}

impl AttemptRecord<'_> {
    /// The ranges in row order, the anomalies (kind, detail) in theirs.
    pub(crate) fn checksum<'s>(
        &self,
        plan: &str,
        ranges: &[(u64, u64)],
        anomalies: impl ExactSizeIterator<Item = (&'s str, &'s str)>,
    ) -> Checksum {
        let mut fields = Fields::of("attempt");
        fields
            .text(plan)
            .number(self.attempt)
            .number(self.run)
            .number(self.batch)
            .number(self.number)
            .text(self.request_id)
            .number(self.devices)
            .text(self.begun_at)
            .maybe_text(self.settled_at)
            .maybe_text(self.applied)
            .maybe_number(self.status)
            .maybe_text(self.code)
            .maybe_text(self.reply_request_id)
            .maybe_text(self.trace_id)
            .maybe_text(self.detail)
            .maybe_text(self.body_head)
            .number(ranges.len() as u64);
        for (first, last) in ranges {
            fields.number(*first).number(*last);
        }
        fields.number(anomalies.len() as u64);
        for (kind, detail) in anomalies {
            fields.text(kind).text(detail);
        }
        fields.checksum()
    }
}

/// What is known of the devices of some contiguous rows of one attempt.
#[derive(Clone, Debug)]
pub(crate) struct OutcomeRecord<'a> {
    pub(crate) id: u64,
    pub(crate) attempt: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) outcome: &'a str,
    pub(crate) detail: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) at: &'a str,
}

impl OutcomeRecord<'_> {
    pub(crate) fn checksum(&self, plan: &str) -> Checksum {
        let mut fields = Fields::of("outcome");
        fields
            .text(plan)
            .number(self.id)
            .number(self.attempt)
            .number(self.first)
            .number(self.last)
            .text(self.outcome)
            .maybe_text(self.detail)
            .maybe_text(self.code)
            .text(self.at);
        fields.checksum()
    }
}

/// How many records there are: what finds one that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Commits since the plan was frozen.
    pub(crate) commits: u64,
    pub(crate) attempts: u64,
    pub(crate) settled: u64,
    pub(crate) outcomes: u64,
    pub(crate) anomalies: u64,
}

impl Tally {
    pub(crate) fn checksum(&self, plan: &str) -> Checksum {
        let mut fields = Fields::of("tally");
        fields
            .text(plan)
            .number(self.commits)
            .number(self.attempts)
            .number(self.settled)
            .number(self.outcomes)
            .number(self.anomalies);
        fields.checksum()
    }
}

/// An attempt that was begun and not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenAttempt {
    pub(crate) attempt: u64,
    pub(crate) run: u64,
    pub(crate) batch: u64,
    pub(crate) number: u64,
    pub(crate) request_id: String,
    pub(crate) devices: u64,
    pub(crate) begun_at: String,
    /// In row order.
    pub(crate) ranges: Vec<(u64, u64)>,
}
