//! What an inventory proves, and when it proves nothing.

use std::time::Duration;

use fleetpurge_engine::OutcomeKind;
use jiff::Timestamp;

use crate::model::SightingKind;
use crate::rules::blank::is_blank;
use crate::rules::service_rules::{Rules, UidKey};

/// How many findings of a kind are kept with their lines.
const SHOWN: usize = 5;

/// The clock of the machine that wrote the file may differ by so much from that of the one that asked.
const CLOCKS_DIFFER_BY: Duration = Duration::from_secs(5 * 60);

/// Whether `verify` looks for a device of this outcome: the service may have been asked to delete it, and may have done so.
#[must_use]
pub const fn is_looked_for(outcome: OutcomeKind) -> bool {
    matches!(outcome, OutcomeKind::Scheduled | OutcomeKind::Unknown)
}

/// What a uid of an inventory is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Blank,
    /// It names no device that a service could hold.
    Malformed,
    Device(UidKey<'a>),
}

/// Outer space does not count, and any spelling of a UUID will do.
pub(crate) fn cell<'a>(rules: &dyn Rules, uid: &'a str) -> Cell<'a> {
    if is_blank(uid) {
        return Cell::Blank;
    }
    if rules.is_device(uid) {
        Cell::Device(rules.key(uid.trim()))
    } else {
        Cell::Malformed
    }
}

/// Whether a comment that has the fields of a row is free text all the same, as every comment of a list with one column
/// may be: several words, none of which is a uid, and no name.
pub(crate) fn is_free_text(rules: &dyn Rules, uid: &str, name: &str) -> bool {
    is_blank(name)
        && uid.trim().contains(char::is_whitespace)
        && !uid.split_whitespace().any(|word| rules.is_device(word))
}

/// Rows of one kind: their number, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedRows {
    /// How many rows.
    pub count: u64,
    /// The first few: the line of the file, and the uid, unchanged.
    pub first: Vec<(u64, String)>,
}

impl CountedRows {
    pub(crate) fn add(&mut self, line: u64, uid: &str) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push((line, uid.to_owned()));
        }
    }
}

/// Where an inventory comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// SHA-256 of its bytes, in lowercase hexadecimal.
    pub sha256: Option<String>,
    /// When its file was last written. `None` for a pipe.
    pub written_at: Option<Timestamp>,
}

/// A summary of an inventory, compared with a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// How many rows it has.
    pub rows: u64,
    /// Rows without a uid.
    pub blank: CountedRows,
    /// Rows with an invalid uid: not in the service's form, or all zeros.
    pub malformed: CountedRows,
    /// Rows that are commented out, which are not among `rows`: their devices may be there.
    pub commented_out: CountedRows,
    /// The number of devices: rows with the same uid are one device.
    pub devices: u64,
    /// The number of these devices whose uid is in the plan, whatever their outcome: skipped and pending rows count.
    pub in_plan: u64,
    /// The number of the others that have the name of a row of the plan. Counted only if `in_plan` is zero.
    pub names_in_plan: u64,
    /// The input of the plan that is the same file, byte for byte.
    pub is_input: Option<String>,
    /// Whether that is the plan's only input. Then every device of the plan is in it, and none can count as gone.
    pub is_only_input: bool,
    /// When its file was last written.
    pub written_at: Option<Timestamp>,
    /// When the service was last asked for a deletion.
    pub asked_at: Option<Timestamp>,
}

/// Whether an inventory must share a device with the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// It must: otherwise it may be of another tenant, or have another column of uids.
    Required,
    /// It need not, by a person's decision: every device of the plan is gone.
    NotRequired,
}

/// Why an inventory proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// It has no rows.
    Empty,
    /// Rows have no uid, and could be any device.
    Blank,
    /// Rows have a malformed uid, and could be any device.
    Malformed,
    /// Rows are commented out: it is not known whether their devices exist.
    CommentedOut,
    /// It shares no device with the plan.
    NoOverlap,
    /// It is one of several inputs of the plan, made before any request: devices of the other inputs would count as
    /// gone.
    Input,
    /// Its file was written before the service was last asked for a deletion.
    Older,
}

impl Survey {
    /// The reasons why it proves nothing; empty if it is reliable. [`Overlap::NotRequired`] lifts
    /// [`Doubt::NoOverlap`], and [`Doubt::Empty`] for a tenant without devices. It lifts nothing else.
    #[must_use]
    pub fn doubts(&self, overlap: Overlap) -> Vec<Doubt> {
        let required = overlap == Overlap::Required;
        let older = self.written_at.zip(self.asked_at).is_some_and(|(written, asked)| {
            // A time beyond the last that can be told is later than any.
            written.checked_add(CLOCKS_DIFFER_BY).is_ok_and(|latest| latest < asked)
        });
        [
            (Doubt::Empty, self.rows == 0 && required),
            (Doubt::Blank, self.blank.count > 0),
            (Doubt::Malformed, self.malformed.count > 0),
            (Doubt::CommentedOut, self.commented_out.count > 0),
            // Where no row has a uid that is one, that is the reason.
            (Doubt::NoOverlap, self.devices > 0 && self.in_plan == 0 && required),
            (Doubt::Input, self.is_input.is_some() && !self.is_only_input),
            (Doubt::Older, older),
        ]
        .into_iter()
        .filter_map(|(doubt, holds)| holds.then_some(doubt))
        .collect()
    }

    /// The number of rows that repeat the uid of another row.
    #[must_use]
    pub const fn repeats(&self) -> u64 {
        self.rows
            .saturating_sub(self.blank.count)
            .saturating_sub(self.malformed.count)
            .saturating_sub(self.devices)
    }

    /// Whether its number of rows looks like a limit: a multiple of a thousand, or the maximum of a spreadsheet. In
    /// an inventory that was cut off there, many devices would look gone.
    #[must_use]
    pub const fn may_be_cut(&self) -> bool {
        // The rows of a sheet in both formats of Excel, less the header.
        self.rows > 0 && (self.rows.is_multiple_of(1_000) || matches!(self.rows, 65_535 | 1_048_575))
    }
}

/// What an inventory shows of a device that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sighting {
    /// It is there.
    Present,
    /// It is not there.
    Gone,
    /// Its uid is missing, and its name has another uid, which the plan does not have under that name: it may be the
    /// same device, if the export has another column of uids, or another device of the same name.
    AnotherUid(Namesake),
    /// Its uid is malformed, so no inventory could show it.
    NotKnown,
}

impl Sighting {
    /// What is kept of it in the ledger.
    #[must_use]
    pub const fn kind(&self) -> SightingKind {
        match self {
            Self::Present => SightingKind::Present,
            Self::Gone => SightingKind::Gone,
            Self::AnotherUid(_) => SightingKind::AnotherUid,
            Self::NotKnown => SightingKind::NotKnown,
        }
    }
}

/// A device of an inventory with the name of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namesake {
    /// The line of the file.
    pub line: u64,
    /// Its uid, in one spelling.
    pub uid: String,
}

/// What the inventory says of a device with this uid.
pub(crate) fn sighting(cell: &Cell<'_>, is_listed: bool, namesake: Option<Namesake>) -> Sighting {
    match (cell, is_listed, namesake) {
        (_, true, _) => Sighting::Present,
        (_, false, Some(namesake)) => Sighting::AnotherUid(namesake),
        (Cell::Device(_), false, None) => Sighting::Gone,
        (Cell::Blank | Cell::Malformed, false, None) => Sighting::NotKnown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Service;

    #[test]
    fn a_uid_of_an_inventory_is_a_device_in_any_spelling_or_none() {
        const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
        const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
        let kind = |service: Service, uid: &str| match cell(service.rules(), uid) {
            Cell::Blank => "blank".to_owned(),
            Cell::Malformed => "malformed".to_owned(),
            Cell::Device(key) => key.spelled().into_owned(),
        };
        for (service, uid, expected) in [
            (Service::Nexthink, UUID, UUID),
            (Service::Nexthink, " 0F8FAD5B-D9CB-469F-A165-70867728950E\t", UUID),
            (Service::Nexthink, "\u{a0}{0f8fad5b-d9cb-469f-a165-70867728950e}", UUID),
            (Service::Nexthink, "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", UUID),
            (Service::Nexthink, "0f8fad5bd9cb469fa16570867728950e", UUID),
            (Service::Nexthink, "", "blank"),
            (Service::Nexthink, " \u{2003}", "blank"),
            (Service::Nexthink, "PC-1", "malformed"),
            (Service::Nexthink, ID, "malformed"),
            (Service::Nexthink, "00000000-0000-0000-0000-000000000000", "malformed"),
            (
                Service::Nexthink,
                "0f8fad5b-d9cb-469f-a165-70867728950e\u{200b}",
                "malformed",
            ),
            (Service::Ubidots, ID, ID),
            (Service::Ubidots, " 5F1D7F4E4763E75A1B2C3D4E ", ID),
            (Service::Ubidots, " ", "blank"),
            (Service::Ubidots, "~pump", "malformed"),
            (Service::Ubidots, UUID, "malformed"),
            (Service::Ubidots, "000000000000000000000000", "malformed"),
        ] {
            assert_eq!(kind(service, uid), expected, "{service} {uid:?}");
        }
    }

    #[test]
    fn an_inventory_that_proves_nothing_says_why() {
        use Doubt::{Blank, CommentedOut, Empty, Input, Malformed, NoOverlap, Older};
        let at = |second| Timestamp::from_second(second).ok();
        let some = |count| CountedRows {
            count,
            first: Vec::new(),
        };
        let good = Survey {
            rows: 7,
            devices: 7,
            in_plan: 2,
            asked_at: at(10_000),
            written_at: at(10_100),
            ..Survey::default()
        };
        let table: [(Survey, &[Doubt], &[Doubt]); 14] = [
            (good.clone(), &[], &[]),
            (Survey::default(), &[Empty], &[]),
            (
                Survey {
                    in_plan: 0,
                    ..good.clone()
                },
                &[NoOverlap],
                &[],
            ),
            (
                Survey {
                    blank: some(1),
                    ..good.clone()
                },
                &[Blank],
                &[Blank],
            ),
            (
                Survey {
                    malformed: some(1),
                    in_plan: 0,
                    ..good.clone()
                },
                &[Malformed, NoOverlap],
                &[Malformed],
            ),
            (
                Survey {
                    malformed: some(7),
                    devices: 0,
                    in_plan: 0,
                    ..good.clone()
                },
                &[Malformed],
                &[Malformed],
            ),
            (
                Survey {
                    is_input: Some("a.csv".to_owned()),
                    ..good.clone()
                },
                &[Input],
                &[Input],
            ),
            (
                Survey {
                    is_input: Some("a.csv".to_owned()),
                    is_only_input: true,
                    ..good.clone()
                },
                &[],
                &[],
            ),
            (
                Survey {
                    written_at: at(9_699),
                    ..good.clone()
                },
                &[Older],
                &[Older],
            ),
            // Within what two clocks may differ by.
            (
                Survey {
                    written_at: at(9_700),
                    ..good.clone()
                },
                &[],
                &[],
            ),
            (
                Survey {
                    written_at: None,
                    ..good.clone()
                },
                &[],
                &[],
            ),
            // The end of time, as broken clocks and archives have it.
            (
                Survey {
                    written_at: Some(Timestamp::MAX),
                    ..good.clone()
                },
                &[],
                &[],
            ),
            (
                Survey {
                    commented_out: some(1),
                    ..good.clone()
                },
                &[CommentedOut],
                &[CommentedOut],
            ),
            (Survey { asked_at: None, ..good }, &[], &[]),
        ];
        for (survey, required, not_required) in table {
            assert_eq!(survey.doubts(Overlap::Required), required, "{survey:?}");
            assert_eq!(survey.doubts(Overlap::NotRequired), not_required, "{survey:?}");
        }
    }

    #[test]
    fn as_many_rows_as_a_limit_leaves_are_noticed() {
        for (rows, expected) in [
            (0, false),
            (1, false),
            (999, false),
            (1_000, true),
            (1_001, false),
            (10_000, true),
            (50_000, true),
            (65_535, true),
            (65_536, false),
            (1_048_575, true),
            (1_000_000, true),
        ] {
            let survey = Survey {
                rows,
                ..Survey::default()
            };
            assert_eq!(survey.may_be_cut(), expected, "{rows}");
        }
    }

    #[test]
    fn a_device_is_gone_only_if_neither_its_uid_nor_its_name_is_there() {
        let device = || Cell::Device(UidKey::Uuid([1; 16]));
        let namesake = || {
            Some(Namesake {
                line: 3,
                uid: "x".to_owned(),
            })
        };
        let another = || Sighting::AnotherUid(namesake().unwrap());
        for (cell, is_listed, namesake, expected) in [
            (device(), true, None, Sighting::Present),
            (device(), true, namesake(), Sighting::Present),
            (device(), false, None, Sighting::Gone),
            (device(), false, namesake(), another()),
            (Cell::Malformed, false, None, Sighting::NotKnown),
            (Cell::Malformed, false, namesake(), another()),
            (Cell::Blank, false, None, Sighting::NotKnown),
        ] {
            assert_eq!(sighting(&cell, is_listed, namesake), expected, "{cell:?} {is_listed}");
        }
    }

    #[test]
    fn what_may_be_deleted_is_looked_for() {
        let looked_for: Vec<_> = OutcomeKind::ALL
            .into_iter()
            .filter(|&kind| is_looked_for(kind))
            .collect();
        assert_eq!(looked_for, [OutcomeKind::Scheduled, OutcomeKind::Unknown]);
    }
}
