//! Counts the results of a backup. Pure.

use std::collections::BTreeMap;

use fleetpurge_records::BackupCounts;

use super::planned::Planned;
use crate::backup::file::{Content, Saved};
use crate::backup::manifest;

/// How many missing devices are named.
const SHOWN: usize = 20;

/// What has been saved so far, in this run and before.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: BackupCounts,
    /// Missing, and nobody asked for their deletion.
    pub(super) unexpected: u64,
    /// The first of those.
    pub(super) first: Vec<String>,
    /// The checksum of each file, as the manifest has them.
    pub(super) files: BTreeMap<String, String>,
}

impl Tally {
    pub(super) fn count(&mut self, device: &Planned, saved: &Saved) {
        self.files
            .insert(manifest::name_of(&device.id), saved.sha256.to_string());
        match saved.content {
            Content::Device { variables, values } => {
                self.counts.devices += 1;
                self.counts.variables += variables;
                self.counts.values += values;
            }
            Content::Missing => {
                self.counts.missing += 1;
                if !device.is_scheduled {
                    self.unexpected += 1;
                    if self.first.len() < SHOWN {
                        self.first.push(device.id.to_string());
                    }
                }
            }
        }
    }

    /// A token of another account finds none of the devices; that is no backup.
    pub(super) fn is_of_another_account(&self) -> bool {
        self.counts.devices == 0 && self.unexpected > 0 && self.unexpected == self.counts.missing
    }
}

#[cfg(test)]
mod tests {
    use ubidots_devices::DeviceId;

    use super::*;
    use crate::backup::checksum::Sha256Hex;

    type Devices<'a> = &'a [(bool, Content)];

    fn tally(devices: Devices<'_>) -> Tally {
        let mut tally = Tally::default();
        for (number, (is_scheduled, content)) in devices.iter().enumerate() {
            let device = Planned {
                id: DeviceId::new(format!("{number:024x}")).unwrap(),
                is_scheduled: *is_scheduled,
            };
            let saved = Saved {
                content: *content,
                sha256: Sha256Hex::of(&[]),
            };
            tally.count(&device, &saved);
        }
        tally
    }

    #[test]
    fn a_missing_device_is_a_surprise_unless_this_plan_deleted_it_and_all_missing_is_another_account() {
        use Content::Missing;
        const SAVED: Content = Content::Device {
            variables: 2,
            values: 3,
        };
        let table: [(Devices<'_>, u64, bool); 6] = [
            (&[], 0, false),
            (&[(false, SAVED)], 0, false),
            (&[(false, SAVED), (false, Missing), (true, Missing)], 1, false),
            (&[(true, Missing), (true, Missing)], 0, false),
            (&[(true, Missing), (false, Missing)], 1, false),
            (&[(false, Missing), (false, Missing)], 2, true),
        ];
        for (devices, unexpected, is_of_another_account) in table {
            let tally = tally(devices);
            assert_eq!(tally.unexpected, unexpected, "{devices:?}");
            assert_eq!(tally.is_of_another_account(), is_of_another_account, "{devices:?}");
        }
        let counts = tally(&[(false, SAVED), (true, SAVED), (true, Missing)]).counts;
        assert_eq!(
            (counts.devices, counts.missing, counts.variables, counts.values),
            (2, 1, 4, 6)
        );
    }
}
