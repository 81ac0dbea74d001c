//! The digest of a plan: what is hashed of its settings, its inputs and its rows.

use fleetpurge_text::Counted;

use crate::model::{PlanSettings, Source};
use crate::proof::fields::{self, Fields};

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

/// The digest of a plan, fed row by row.
#[derive(Debug)]
pub(crate) struct PlanDigest {
    fields: Fields,
    rows: u64,
    skipped: u64,
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
            // Plans were made before inputs said it, and their digests stay.
            if source.counted != Counted::Lines {
                fields.text(source.counted.word()).maybe_text(source.counted.sheet());
            }
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
        fields::hex(&self.fields.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Service, UidValidation};

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
            counted: Counted::Lines,
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
