//! The records of a ledger and the sums that prove them unaltered.
//!
//! Every sum is keyed with the digest of the plan, so that a record of one plan proves nothing in another.

use crate::hash::{CHECKSUM_LEN, Fields};
use crate::plan::{PlanSettings, Source};

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
    /// The spans in row order, the anomalies (kind, detail) in theirs.
    pub(crate) fn checksum<'s>(
        &self,
        plan: &str,
        spans: &[(u64, u64)],
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
            .number(spans.len() as u64);
        for (first, last) in spans {
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

/// The digest of a plan, fed row by row.
#[derive(Debug)]
pub(crate) struct PlanDigest {
    fields: Fields,
    rows: u64,
    skipped: u64,
}

/// One row of a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRecord<'a> {
    pub(crate) row: u64,
    pub(crate) uid: &'a str,
    pub(crate) name: &'a str,
    pub(crate) source: u64,
    pub(crate) line: u64,
    pub(crate) skipped: Option<&'a str>,
}

impl PlanDigest {
    pub(crate) fn new(settings: &PlanSettings, created_at: &str, sources: &[Source]) -> Self {
        let mut fields = Fields::of("plan");
        fields
            .text(&settings.service)
            .text(&settings.tenant)
            .maybe_text(settings.instance.as_deref())
            .maybe_text(settings.region.as_deref())
            .text(&settings.base_url)
            .maybe_text(settings.token_url.as_deref())
            .text(settings.uid_validation.as_str())
            .number(settings.max_devices)
            .text(&settings.tool)
            .text(created_at)
            .number(sources.len() as u64);
        for source in sources {
            fields
                .text(&source.name)
                .text(&source.sha256)
                .number(source.first_row)
                .number(source.rows);
        }
        Self {
            fields,
            rows: 0,
            skipped: 0,
        }
    }

    pub(crate) fn row(&mut self, row: &RowRecord<'_>) {
        self.rows += 1;
        self.skipped += u64::from(row.skipped.is_some());
        self.fields
            .number(row.row)
            .text(row.uid)
            .text(row.name)
            .number(row.source)
            .number(row.line)
            .maybe_text(row.skipped);
    }

    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) const fn skipped(&self) -> u64 {
        self.skipped
    }

    pub(crate) fn finish(mut self) -> String {
        self.fields.number(self.rows).number(self.skipped);
        crate::hash::hex(&self.fields.digest())
    }
}
