//! Which of the devices that may be sent a backup does not have. Pure.

use std::path::Path;

use ubidots_devices::DeviceId;

use crate::backup::file::{Content, Flaw, Saved};
use crate::output::counted;

/// How many devices are named.
const SHOWN: usize = 5;

/// Why a device is not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The service answered 404.
    NotFound,
    NoFile,
    NotWhole(String),
    Unreadable(String),
    /// The manifest does not name its file.
    NotListed,
    /// It is not the file that the manifest was written for.
    Changed,
}

impl Lack {
    fn text(&self) -> String {
        match self {
            Self::NotFound => "was not found when the backup was made".to_owned(),
            Self::NoFile => "has no file".to_owned(),
            Self::NotWhole(why) => format!("has a file that is not whole ({why})"),
            Self::Unreadable(why) => format!("has a file that cannot be read ({why})"),
            Self::NotListed => "has a file that is not listed in backup.json".to_owned(),
            Self::Changed => "has a file that was changed: its SHA-256 is not the one in backup.json".to_owned(),
        }
    }
}

/// What is to be made of a device's file. Pure.
pub(super) fn held(looked: Result<Saved, Flaw>, recorded: Option<&str>) -> Result<(), Lack> {
    let saved = looked.map_err(|flaw| match flaw {
        Flaw::Absent => Lack::NoFile,
        Flaw::Damaged(why) => Lack::NotWhole(why),
        Flaw::Io(error) => Lack::Unreadable(error.to_string()),
    })?;
    match recorded {
        None => Err(Lack::NotListed),
        Some(sha256) if !saved.sha256.is(sha256) => Err(Lack::Changed),
        Some(_) if saved.content == Content::Missing => Err(Lack::NotFound),
        Some(_) => Ok(()),
    }
}

/// The devices that are not saved: how many, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    missing: Group,
    others: Group,
}

/// A number of devices, and the first of them, each with what it lacks.
#[derive(Debug, Default)]
struct Group {
    count: u64,
    first: Vec<String>,
}

impl Lacking {
    pub(super) fn add(&mut self, id: &DeviceId, lack: &Lack) {
        let group = match lack {
            Lack::NotFound => &mut self.missing,
            _ => &mut self.others,
        };
        group.count += 1;
        if group.first.len() < SHOWN {
            group.first.push(format!("{id} {}", lack.text()));
        }
    }

    /// Why nothing is sent of so many devices; None where everything is saved that has to be. A person may have said of
    /// how many devices it is known that they were not found.
    pub(super) fn message(&self, dir: &Path, devices: u64, accept_missing: Option<u64>) -> Option<String> {
        let is_accepted = accept_missing == Some(self.missing.count);
        let none = Group::default();
        let missing = if is_accepted { &none } else { &self.missing };
        let lacking = self.others.count + missing.count;
        let mut text = String::new();
        if lacking > 0 {
            let lines = self.others.first.iter().chain(&missing.first);
            let lines: Vec<&str> = lines.map(String::as_str).take(SHOWN).collect();
            let more = match lacking - lines.len() as u64 {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            text = format!(
                "{lacking} of the {} that may be sent {} not saved in {}: {}{more}. ",
                counted(devices, "device", "devices"),
                if lacking == 1 { "is" } else { "are" },
                dir.display(),
                lines.join("; ")
            );
        }
        if missing.count > 0 {
            text.push_str(
                "A device that was not found (404) is gone, or the token may not read it: run the backup again with a token \
                 that may, or plan without the device (--protect). ",
            );
        }
        if accept_missing.is_some() && !is_accepted {
            text.push_str("The N of --accept-missing is not the number of devices that were not found. ");
        }
        let text = text.trim_end().trim_end_matches('.');
        (!text.is_empty()).then(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::backup::checksum::Sha256Hex;

    fn id(number: usize) -> DeviceId {
        DeviceId::new(format!("{number:024x}")).unwrap()
    }

    #[test]
    fn only_the_recorded_file_of_a_device_that_was_found_holds_it() {
        const SAVED: Content = Content::Device {
            variables: 1,
            values: 2,
        };
        let saved = |content| Saved {
            content,
            sha256: Sha256Hex::of(b"a"),
        };
        let (recorded, other) = (Sha256Hex::of(b"a").to_string(), Sha256Hex::of(b"b").to_string());
        let (recorded, other) = (Some(&*recorded), Some(&*other));
        let damaged = || Err(Flaw::Damaged("it is empty".to_owned()));
        for (looked, recorded, expected) in [
            (Ok(saved(SAVED)), recorded, Ok(())),
            (Ok(saved(SAVED)), other, Err(Lack::Changed)),
            (Ok(saved(SAVED)), Some(""), Err(Lack::Changed)),
            (Ok(saved(SAVED)), None, Err(Lack::NotListed)),
            (Ok(saved(Content::Missing)), recorded, Err(Lack::NotFound)),
            (Ok(saved(Content::Missing)), other, Err(Lack::Changed)),
            (Err(Flaw::Absent), recorded, Err(Lack::NoFile)),
            (damaged(), recorded, Err(Lack::NotWhole("it is empty".to_owned()))),
            (
                Err(Flaw::Io(io::ErrorKind::PermissionDenied.into())),
                recorded,
                Err(Lack::Unreadable("permission denied".to_owned())),
            ),
        ] {
            assert_eq!(held(looked, recorded), expected);
        }
    }

    #[test]
    fn whatever_is_lacking_refuses_unless_a_person_has_counted_exactly_what_is_missing() {
        let message = |missing: usize, others: usize, accept| {
            let mut lacking = Lacking::default();
            (0..missing).for_each(|number| lacking.add(&id(number), &Lack::NotFound));
            (0..others).for_each(|number| lacking.add(&id(100 + number), &Lack::NoFile));
            lacking.message(Path::new("d"), 40, accept)
        };
        for (missing, others, accept, is_refused) in [
            (0, 0, None, false),
            (1, 0, None, true),
            (0, 1, None, true),
            (1, 0, Some(1), false),
            (1, 0, Some(0), true),
            (1, 0, Some(2), true),
            (0, 0, Some(0), false),
            (0, 0, Some(1), true),
            (2, 1, Some(2), true),
            (2, 1, Some(3), true),
        ] {
            let message = message(missing, others, accept);
            assert_eq!(
                message.is_some(),
                is_refused,
                "{missing} {others} {accept:?}: {message:?}"
            );
        }
        let long = message(9, 3, None).unwrap();
        assert!(
            long.starts_with("12 of the 40 devices that may be sent are not saved in d: "),
            "{long}"
        );
        assert!(long.contains("; and 7 more. "), "{long}");
        assert_eq!(long.matches("has no file").count(), 3, "{long}");
        assert!(!long.contains("--accept-missing"), "{long}");
    }
}
