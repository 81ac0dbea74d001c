//! What a list is read for, and which of its columns name devices.

use crate::cells;
use crate::columns::{self, Wanted};
use crate::error::{Error, ErrorKind};
use crate::headers::{Headers, Meaning};

/// The column of a plain list of protected devices: it does not say which of the two its values are.
pub(crate) const EITHER: &str = "uid or name";

/// What a list is read for.
#[derive(Clone, Debug)]
pub(crate) enum Sought {
    /// Devices, each with what the service knows it by.
    Devices(Wanted),
    /// Devices that must stay, each by anything that names it.
    Protected(Headers),
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Uid,
    Name,
    Either,
}

impl Sought {
    /// What the columns of the list are called.
    pub(crate) const fn headers(&self) -> Headers {
        match self {
            Self::Devices(wanted) => wanted.headers,
            Self::Protected(headers) => *headers,
        }
    }

    /// The columns that name devices: what stands there must not change. The headers are cells, which the reader sees as
    /// one line each.
    pub(crate) fn naming(&self, file: &str, headers: &[String]) -> Result<Vec<usize>, Error> {
        let headers: Vec<String> = headers.iter().map(|header| cells::one_line(header)).collect();
        match self {
            Self::Devices(wanted) => {
                let found = columns::resolve(file, &headers, wanted)?;
                Ok([found.uid, found.name].into_iter().flatten().collect())
            }
            Self::Protected(names) => {
                let found = protecting(*names, file, &headers)?;
                Ok(found.into_iter().map(|(at, _)| at).collect())
            }
        }
    }

    /// The column in which a lone text would stand.
    pub(crate) const fn of_texts(&self) -> Option<&'static str> {
        match self {
            Self::Devices(wanted) => match wanted.headers {
                Headers::Ubidots => Some("id"),
                Headers::Nexthink => None,
            },
            Self::Protected(_) => Some(EITHER),
        }
    }

    /// Which columns the list must have, for messages.
    pub(crate) const fn needed(&self) -> &'static str {
        match self {
            Self::Devices(wanted) => wanted.headers.needed(),
            Self::Protected(headers) => headers.protecting(),
        }
    }

    /// What says the encoding, for messages.
    pub(crate) const fn encoding_flag(&self) -> &'static str {
        match self {
            Self::Devices(_) => "--encoding",
            Self::Protected(_) => "--protect-encoding",
        }
    }

    /// What to do about what stands above what reads like the header.
    pub(crate) fn header_advice(&self, place: &str, line: u64) -> String {
        match self {
            Self::Devices(_) => {
                format!("{place} reads like the header; if it is, skip what is above it with --header-row {line}")
            }
            Self::Protected(_) => format!("{place} reads like the header; if it is, remove what is above it"),
        }
    }

    /// What a sheet does that may be the list, for messages.
    pub(crate) const fn fitting(&self) -> &'static str {
        match self {
            Self::Devices(_) => "has the columns of a device list",
            Self::Protected(_) => "may be the list of protected devices",
        }
    }

    /// What chooses the sheet, and what else may be said, for messages.
    pub(crate) const fn sheet_flags(&self) -> (&'static str, &'static str) {
        match self {
            Self::Devices(_) => (
                "--sheet",
                "name the sheet with --sheet, and the columns with --uid-column and --name-column",
            ),
            Self::Protected(_) => (
                "--protect-sheet",
                "name the sheet with --protect-sheet, or add a header row to it",
            ),
        }
    }
}

/// The columns that name devices that must stay: any of uid and name will do.
pub(crate) fn protecting(names: Headers, file: &str, headers: &[String]) -> Result<Vec<(usize, Names)>, Error> {
    if headers == [EITHER] {
        return Ok(vec![(0, Names::Either)]);
    }
    let columns: Vec<(usize, Names)> = headers
        .iter()
        .enumerate()
        .filter_map(|(at, header)| match names.meaning(header) {
            Meaning::Uid | Meaning::CollectorUid => Some((at, Names::Uid)),
            Meaning::Name => Some((at, Names::Name)),
            Meaning::DisplayName | Meaning::Other => None,
        })
        .collect();
    if columns.is_empty() {
        return Err(Error::new(
            ErrorKind::MissingColumn,
            file,
            format!(
                "a list of protected devices needs a column {}, or {}",
                names.protecting(),
                names.plain()
            ),
            format!("add a header row with {}", names.protecting()),
        )
        .at_line(1));
    }
    Ok(columns)
}
