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

/// The head of a plan. Its words are as they stand in the ledger, also those that this program has never heard of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadRecord<'a> {
    pub(crate) service: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) instance: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) base_url: &'a str,
    pub(crate) token_url: Option<&'a str>,
    pub(crate) uid_validation: &'a str,
    pub(crate) max_devices: u64,
    pub(crate) tool: &'a str,
    pub(crate) created_at: &'a str,
}

impl<'a> HeadRecord<'a> {
    pub(crate) fn of(settings: &'a PlanSettings, created_at: &'a str) -> Self {
        Self {
            service: settings.service.as_str(),
            tenant: &settings.tenant,
            instance: settings.instance.as_deref(),
            region: settings.region.as_deref(),
            base_url: &settings.base_url,
            token_url: settings.token_url.as_deref(),
            uid_validation: settings.uid_validation.as_str(),
            max_devices: settings.max_devices,
            tool: &settings.tool,
            created_at,
        }
    }
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
    pub(crate) fn new(head: &HeadRecord<'_>, sources: &[Source]) -> Self {
        let mut fields = Fields::of("plan");
        fields
            .text(head.service)
            .text(head.tenant)
            .maybe_text(head.instance)
            .maybe_text(head.region)
            .text(head.base_url)
            .maybe_text(head.token_url)
            .text(head.uid_validation)
            .number(head.max_devices)
            .text(head.tool)
            .text(head.created_at)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Service, UidValidation};

    #[test]
    fn the_digest_of_a_plan_is_the_same_in_every_version() {
        let settings = PlanSettings {
            service: Service::Nexthink,
            tenant: "acme".to_owned(),
            instance: Some("acme".to_owned()),
            region: Some("eu".to_owned()),
            base_url: "https://acme.api.eu.nexthink.cloud".to_owned(),
            token_url: Some("https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token".to_owned()),
            uid_validation: UidValidation::Warn,
            max_devices: 10_000,
            tool: "fleetpurge 0.1.0".to_owned(),
        };
        let source = Source {
            name: "devices.csv".to_owned(),
            sha256: "e3b0".to_owned(),
            first_row: 1,
            rows: 2,
        };
        let head = HeadRecord::of(&settings, "2026-01-02T03:04:05.000006Z");
        let mut digest = PlanDigest::new(&head, &[source]);
        for (row, skipped) in [(1, None), (2, Some("repeats row 1"))] {
            digest.row(&RowRecord {
                row,
                uid: "0f8fad5b-d9cb-469f-a165-70867728950e",
                name: "pc-1",
                source: 1,
                line: row + 1,
                skipped,
            });
        }
        // As it was when the service was not an enum yet: a plan from then is still applied.
        assert_eq!(
            digest.finish(),
            "941fe89bc561e7e97d5c94de675657cf040516cdc5fec79a1a57c9c1ff7c5374"
        );
    }
}
