//! What is hashed of a verification: all its fields, its sightings, and the checksum of the verification before it.

use crate::proof::checksums::Checksum;
use crate::proof::fields::Fields;

/// A verification, all its fields but its sightings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerificationHead<'a> {
    pub(crate) verification: u64,
    pub(crate) at: &'a str,
    pub(crate) who: &'a str,
    pub(crate) host: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) source: &'a str,
    pub(crate) sha256: Option<&'a str>,
    pub(crate) listed: Option<u64>,
    pub(crate) looked_for: u64,
}

/// What was seen of the devices of some contiguous rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SightingRecord<'a> {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) found: &'a str,
    pub(crate) detail: Option<&'a str>,
}

/// The checksum of a verification, fed sighting by sighting in row order: there may be millions.
#[derive(Debug)]
pub(crate) struct VerificationDigest {
    fields: Fields,
    sightings: u64,
}

impl VerificationDigest {
    /// `before` is the checksum of the verification before it.
    pub(crate) fn new(plan: &str, before: Option<&Checksum>, head: &VerificationHead<'_>) -> Self {
        let mut fields = Fields::of("verification");
        fields
            .text(plan)
            .maybe_text(before.map(hex).as_deref())
            .number(head.verification)
            .text(head.at)
            .text(head.who)
            .text(head.host)
            .text(head.kind)
            .text(head.source)
            .maybe_text(head.sha256)
            .maybe_number(head.listed)
            .number(head.looked_for);
        Self { fields, sightings: 0 }
    }

    pub(crate) fn sighting(&mut self, sighting: &SightingRecord<'_>) {
        self.sightings += 1;
        self.fields
            .number(sighting.first)
            .number(sighting.last)
            .text(sighting.found)
            .maybe_text(sighting.detail);
    }

    pub(crate) fn finish(mut self) -> Checksum {
        self.fields.number(self.sightings);
        self.fields.checksum()
    }
}

/// How many verifications there are, and the last of them: what finds one that is missing at the end.
pub(crate) fn verifications_checksum(plan: &str, count: u64, last: &Checksum) -> Checksum {
    let mut fields = Fields::of("verifications");
    fields.text(plan).number(count).text(&hex(last));
    fields.checksum()
}

fn hex(checksum: &Checksum) -> String {
    crate::proof::fields::hex(checksum)
}
