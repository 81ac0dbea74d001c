//! Which columns are the uid and the name.
//!
//! An inventory knows two UIDs of a device, `device.uid` and `device.collector.uid`, and both are UUIDs: the service
//! cannot tell that it was sent the wrong one. So where a header leaves a doubt, a person has to say.

use crate::error::{Error, ErrorKind};

/// What the caller said about the columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) uid: Option<String>,
    pub(crate) name: Option<String>,
}

/// Where the two columns stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) uid: usize,
    pub(crate) name: usize,
}

/// What a header name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Uid,
    CollectorUid,
    Name,
    Other,
}

/// Reads a header name as NQL, the API and spreadsheets spell it: `uid`, `device.uid`, `Device UID`, `deviceUid`.
pub(crate) fn meaning(header: &str) -> Meaning {
    let plain: String = header
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '_' | '-' | '/' | '\u{a0}'))
        .flat_map(char::to_lowercase)
        .collect();
    match plain.as_str() {
        "uid" | "deviceuid" | "devicedeviceuid" => Meaning::Uid,
        "collectoruid" | "devicecollectoruid" | "collectorid" | "devicecollectorid" => Meaning::CollectorUid,
        "name" | "devicename" | "devicedevicename" => Meaning::Name,
        _ => Meaning::Other,
    }
}

/// Finds the two columns in a header.
pub(crate) fn resolve(file: &str, headers: &[String], wanted: &Wanted) -> Result<Columns, Error> {
    let uid = match &wanted.uid {
        Some(column) => named(file, headers, column, "--uid-column")?,
        None => uid(file, headers)?,
    };
    let name = match &wanted.name {
        Some(column) => named(file, headers, column, "--name-column")?,
        None => name(file, headers)?,
    };
    if uid == name {
        return Err(Error::new(
            ErrorKind::AmbiguousColumn,
            file,
            format!("column {} cannot be both the uid and the name", listed([&headers[uid]])),
            "give --uid-column and --name-column two different columns",
        )
        .at_line(1));
    }
    Ok(Columns { uid, name })
}

fn uid(file: &str, headers: &[String]) -> Result<usize, Error> {
    let devices = all(headers, Meaning::Uid);
    let collectors = all(headers, Meaning::CollectorUid);
    match (devices.as_slice(), collectors.as_slice()) {
        ([only], []) => Ok(*only),
        ([], []) => Err(missing(file, headers, "uid", "--uid-column")),
        ([], _) => Err(Error::new(
            ErrorKind::MissingColumn,
            file,
            format!(
                "the header has no device uid column, only the collector's: {}",
                listed(collectors.iter().map(|&at| &headers[at]))
            ),
            format!(
                "if that is the UID to delete by, say so with --uid-column '{}'; else export device.uid too",
                headers[collectors[0]]
            ),
        )
        .at_line(1)),
        (_, []) => Err(doubtful(file, headers, &devices, "uid", "--uid-column")),
        (_, _) => {
            let both: Vec<usize> = devices.iter().chain(&collectors).copied().collect();
            Err(doubtful(file, headers, &both, "uid", "--uid-column"))
        }
    }
}

fn name(file: &str, headers: &[String]) -> Result<usize, Error> {
    match all(headers, Meaning::Name).as_slice() {
        [only] => Ok(*only),
        [] => Err(missing(file, headers, "name", "--name-column")),
        several => Err(doubtful(file, headers, several, "name", "--name-column")),
    }
}

/// The column a person named: as written, or else the same but for case and outer space.
fn named(file: &str, headers: &[String], column: &str, flag: &str) -> Result<usize, Error> {
    let positions = |matches: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..headers.len()).filter(|&at| matches(&headers[at])).collect()
    };
    let mut found = positions(&|header| header == column);
    if found.is_empty() {
        let folded = column.trim().to_lowercase();
        found = positions(&|header| header.trim().to_lowercase() == folded);
    }
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(missing(file, headers, column, flag)),
        _ => Err(Error::new(
            ErrorKind::AmbiguousColumn,
            file,
            format!(
                "the header has {} columns named {}",
                found.len(),
                listed(found.iter().map(|&at| &headers[at]))
            ),
            "rename or remove the columns that are not meant",
        )
        .at_line(1)
        .in_column(column)),
    }
}

fn all(headers: &[String], wanted: Meaning) -> Vec<usize> {
    (0..headers.len())
        .filter(|&at| meaning(&headers[at]) == wanted)
        .collect()
}

fn missing(file: &str, headers: &[String], column: &str, flag: &str) -> Error {
    Error::new(
        ErrorKind::MissingColumn,
        file,
        format!(
            "the header has no column `{}`; its columns are {}",
            column.escape_debug(),
            listed(headers)
        ),
        format!("name the column with {flag}, or add a header row that has it"),
    )
    .at_line(1)
    .in_column(column)
}

fn doubtful(file: &str, headers: &[String], found: &[usize], column: &str, flag: &str) -> Error {
    Error::new(
        ErrorKind::AmbiguousColumn,
        file,
        format!(
            "more than one column could be the {column}: {}",
            listed(found.iter().map(|&at| &headers[at]))
        ),
        format!("say which with {flag}, e.g. {flag} '{}'", headers[found[0]]),
    )
    .at_line(1)
    .in_column(column)
}

/// The names as a person reads them, no more than fit a paragraph.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    const MOST: usize = 20;
    let mut names: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.escape_debug()))
        .collect();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let mut text = names.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str, uid: Option<&str>, name: Option<&str>) -> Result<(usize, usize), ErrorKind> {
        let headers: Vec<String> = header.split(',').map(str::to_owned).collect();
        let wanted = Wanted {
            uid: uid.map(str::to_owned),
            name: name.map(str::to_owned),
        };
        resolve("devices.csv", &headers, &wanted)
            .map(|columns| (columns.uid, columns.name))
            .map_err(|error| error.kind())
    }

    #[test]
    fn a_header_without_doubt_is_taken_and_a_doubt_is_never_settled_here() {
        use ErrorKind::{AmbiguousColumn, MissingColumn};
        let table = [
            ("uid,name", None, None, Ok((0, 1))),
            ("os, NAME ,Uid", None, None, Ok((2, 1))),
            ("device.uid,device.name", None, None, Ok((0, 1))),
            ("Device UID,Device name", None, None, Ok((0, 1))),
            ("deviceUid,deviceName", None, None, Ok((0, 1))),
            ("device_uid,device/name", None, None, Ok((0, 1))),
            ("os,name", None, None, Err(MissingColumn)),
            ("uid,os", None, None, Err(MissingColumn)),
            ("device.collector.uid,name", None, None, Err(MissingColumn)),
            ("device.uid,device.collector.uid,name", None, None, Err(AmbiguousColumn)),
            ("uid,collectorUid,name", None, None, Err(AmbiguousColumn)),
            ("uid,device.uid,name", None, None, Err(AmbiguousColumn)),
            ("uid,UID,name", None, None, Err(AmbiguousColumn)),
            ("uid,name,device name", None, None, Err(AmbiguousColumn)),
            ("uid,collectorUid,name", Some("collectorUid"), None, Ok((1, 2))),
            ("uid,collectorUid,name", Some(" COLLECTORUID "), None, Ok((1, 2))),
            ("uid,UID,name", Some("UID"), None, Ok((1, 2))),
            ("uid,uid,name", Some("uid"), None, Err(AmbiguousColumn)),
            ("Uid,UID,name", Some("uid"), None, Err(AmbiguousColumn)),
            ("a,b", Some("a"), Some("b"), Ok((0, 1))),
            ("a,b", Some("a"), Some("a"), Err(AmbiguousColumn)),
            ("a,b", Some("c"), Some("b"), Err(MissingColumn)),
            ("uid,name,tag,tag", None, None, Ok((0, 1))),
        ];
        for (header, uid, name, expected) in table {
            assert_eq!(find(header, uid, name), expected, "{header} {uid:?} {name:?}");
        }
    }
}
