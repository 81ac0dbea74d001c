//! Which columns are the uid and the name.
//!
//! An inventory has two UIDs of a device, `device.uid` and `device.collector.uid`, and both are UUIDs: the service
//! cannot detect the wrong one. So if the header is ambiguous, a person has to choose. Ubidots knows a device by its id
//! or its label; the name that it shows cannot be used to delete.

use crate::error::{Error, ErrorKind};
use crate::headers::{Headers, Meaning, plain};
use crate::visible::visible;

/// What the caller said about the columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) headers: Headers,
    pub(crate) uid: Option<String>,
    pub(crate) name: Option<String>,
}

impl Wanted {
    /// Whether text is a list of Ubidots ids, one a line and without a header.
    pub(crate) fn is_id_list(&self, head: &[u8]) -> bool {
        let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
        let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
        self.headers == Headers::Ubidots
            && self.uid.is_none()
            && self.name.is_none()
            && first.is_some_and(|line| line.len() == 24 && line.iter().all(u8::is_ascii_hexdigit))
    }
}

/// Where the two columns stand. At least one of them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) uid: Option<usize>,
    pub(crate) name: Option<usize>,
}

pub(crate) const UID_FLAG: &str = "--uid-column";
const NAME_FLAG: &str = "--name-column";

/// Finds the two columns in a header.
pub(crate) fn resolve(file: &str, headers: &[String], wanted: &Wanted) -> Result<Columns, Error> {
    let named_uid = wanted.uid.as_ref().map(|column| named(file, headers, column, UID_FLAG));
    let named_name = wanted
        .name
        .as_ref()
        .map(|column| named(file, headers, column, NAME_FLAG));
    let columns = match wanted.headers {
        Headers::Nexthink => Columns {
            uid: Some(named_uid.unwrap_or_else(|| uid(file, headers))?),
            name: Some(named_name.unwrap_or_else(|| name(file, headers))?),
        },
        Headers::Ubidots => {
            let (uid, name) = (named_uid.transpose()?, named_name.transpose()?);
            Columns {
                // A column that a person has taken for one of them is no candidate for the other.
                uid: match uid {
                    Some(_) => uid,
                    None => at_most_one(file, headers, Meaning::Uid, name)?,
                },
                name: match name {
                    Some(_) => name,
                    None => at_most_one(file, headers, Meaning::Name, uid)?,
                },
            }
        }
    };
    match columns {
        Columns {
            uid: Some(uid),
            name: Some(name),
        } if uid == name => {
            let (uid_word, name_word) = wanted.headers.words();
            Err(Error::new(
                ErrorKind::AmbiguousColumn,
                file,
                format!(
                    "column {} cannot be both the {uid_word} and the {name_word}",
                    listed([&headers[uid]])
                ),
                format!("give {UID_FLAG} and {NAME_FLAG} two different columns"),
            )
            .at_line(1))
        }
        Columns { uid: None, name: None } => Err(neither(file, headers)),
        columns => Ok(columns),
    }
}

fn uid(file: &str, headers: &[String]) -> Result<usize, Error> {
    let devices = all(Headers::Nexthink, headers, Meaning::Uid);
    let collectors = all(Headers::Nexthink, headers, Meaning::CollectorUid);
    match (devices.as_slice(), collectors.as_slice()) {
        ([only], []) => Ok(*only),
        ([], []) => Err(missing(file, headers, "uid", UID_FLAG)),
        ([], _) => Err(Error::new(
            ErrorKind::MissingColumn,
            file,
            format!(
                "the header has no device uid column, only the collector's: {}",
                listed(collectors.iter().map(|&at| &headers[at]))
            ),
            format!(
                "if this is the right UID, name it with {UID_FLAG} '{}'; otherwise export device.uid as well",
                visible(&headers[collectors[0]])
            ),
        )
        .at_line(1)),
        (_, []) => Err(doubtful(file, headers, &devices, "uid", UID_FLAG)),
        (_, _) => {
            let both: Vec<usize> = devices.iter().chain(&collectors).copied().collect();
            Err(doubtful(file, headers, &both, "uid", UID_FLAG))
        }
    }
}

fn name(file: &str, headers: &[String]) -> Result<usize, Error> {
    match all(Headers::Nexthink, headers, Meaning::Name).as_slice() {
        [only] => Ok(*only),
        [] => Err(missing(file, headers, "name", NAME_FLAG)),
        several => Err(doubtful(file, headers, several, "name", NAME_FLAG)),
    }
}

/// The column of Ubidots that stands for it, where there is one.
fn at_most_one(file: &str, headers: &[String], meaning: Meaning, taken: Option<usize>) -> Result<Option<usize>, Error> {
    let mut found = all(Headers::Ubidots, headers, meaning);
    found.retain(|&at| Some(at) != taken);
    let (uid_word, name_word) = Headers::Ubidots.words();
    match (found.as_slice(), meaning) {
        ([], _) => Ok(None),
        ([only], _) => Ok(Some(*only)),
        (several, Meaning::Uid) => Err(doubtful(file, headers, several, uid_word, UID_FLAG)),
        (several, _) => Err(doubtful(file, headers, several, name_word, NAME_FLAG)),
    }
}

/// Ubidots: no column by which a device could be deleted.
fn neither(file: &str, headers: &[String]) -> Error {
    let display = all(Headers::Ubidots, headers, Meaning::DisplayName);
    let advice = match display.first() {
        Some(&at) => format!(
            "{} is what people call a device, and several may share it; export the ids or labels too, or name their \
             column with {UID_FLAG} or {NAME_FLAG}",
            listed([&headers[at]])
        ),
        None => format!(
            "name the column of the ids with {UID_FLAG} or that of the labels with {NAME_FLAG}, or add a header row \
             that \
             has one"
        ),
    };
    Error::new(
        ErrorKind::MissingColumn,
        file,
        format!(
            "the header has no column {}; its columns are {}",
            Headers::Ubidots.needed(),
            listed(headers)
        ),
        advice,
    )
    .at_line(1)
}

/// The column a person named: as written, or else the same but for case and outer space, or else but for what separates
/// words.
fn named(file: &str, headers: &[String], column: &str, flag: &str) -> Result<usize, Error> {
    let positions = |matches: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..headers.len()).filter(|&at| matches(&headers[at])).collect()
    };
    let mut found = positions(&|header| header == column);
    if found.is_empty() {
        let folded = column.trim().to_lowercase();
        found = positions(&|header| header.trim().to_lowercase() == folded);
    }
    if found.is_empty() {
        let folded = plain(column);
        found = positions(&|header| !folded.is_empty() && plain(header) == folded);
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

fn all(names: Headers, headers: &[String], wanted: Meaning) -> Vec<usize> {
    (0..headers.len())
        .filter(|&at| names.meaning(&headers[at]) == wanted)
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
        format!("name it with {flag}, e.g. {flag} '{}'", visible(&headers[found[0]])),
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

    type Found = Result<(Option<usize>, Option<usize>), ErrorKind>;

    fn find(names: Headers, header: &str, uid: Option<&str>, name: Option<&str>) -> Found {
        let headers: Vec<String> = header.split(',').map(str::to_owned).collect();
        let wanted = Wanted {
            headers: names,
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
            let expected = expected.map(|(uid, name)| (Some(uid), Some(name)));
            assert_eq!(
                find(Headers::Nexthink, header, uid, name),
                expected,
                "{header} {uid:?} {name:?}"
            );
        }
    }

    #[test]
    fn of_ubidots_an_id_or_a_label_will_do_and_a_name_is_neither() {
        use ErrorKind::{AmbiguousColumn, MissingColumn};
        let table = [
            ("id,label", None, None, Ok((Some(0), Some(1)))),
            ("id,name,label", None, None, Ok((Some(0), Some(2)))),
            ("id", None, None, Ok((Some(0), None))),
            ("label,name", None, None, Ok((None, Some(0)))),
            ("Device ID,API Label", None, None, Ok((Some(0), Some(1)))),
            ("device.id,device_label", None, None, Ok((Some(0), Some(1)))),
            ("device_key", None, None, Ok((Some(0), None))),
            ("key", None, None, Ok((Some(0), None))),
            ("uid", None, None, Ok((Some(0), None))),
            ("name,Device Name", None, None, Err(MissingColumn)),
            ("device.uid,name", None, None, Err(MissingColumn)),
            ("5f1d7f4e4763e75a1b2c3d4e", None, None, Err(MissingColumn)),
            ("id,key,label", None, None, Err(AmbiguousColumn)),
            ("id,ID", None, None, Err(AmbiguousColumn)),
            ("id,label,api_label", None, None, Err(AmbiguousColumn)),
            ("id,key,label", Some("key"), None, Ok((Some(1), Some(2)))),
            ("id,label,api_label", None, Some("label"), Ok((Some(0), Some(1)))),
            ("id,label,api_label", Some("id"), None, Err(AmbiguousColumn)),
            ("name,id", None, Some("name"), Ok((Some(1), Some(0)))),
            ("device", Some("device"), None, Ok((Some(0), None))),
            ("device", None, Some("device"), Ok((None, Some(0)))),
            ("label", Some("label"), None, Ok((Some(0), None))),
            ("id,key", None, Some("key"), Ok((Some(0), Some(1)))),
            ("id,label", Some("id"), Some("id"), Err(AmbiguousColumn)),
            ("id,label", Some("serial"), None, Err(MissingColumn)),
            ("id,label", None, Some("serial"), Err(MissingColumn)),
        ];
        for (header, uid, name, expected) in table {
            assert_eq!(
                find(Headers::Ubidots, header, uid, name),
                expected,
                "{header} {uid:?} {name:?}"
            );
        }
    }
}
