//! A list, and what comes of it.

use std::io::Write as _;
use std::num::NonZeroU64;

use flate2::Compression;
use flate2::write::GzEncoder;
use fleetpurge_export::{Headers, ReadOptions};

pub(crate) const U1: &str = "3f0f1d54-1e3a-4a55-a4a3-111111111111";
pub(crate) const U2: &str = "3f0f1d54-1e3a-4a55-a4a3-222222222222";
pub(crate) const ID1: &str = "5f1d7f4e4763e75a1b2c3d41";
pub(crate) const ID2: &str = "5f1d7f4e4763e75a1b2c3d42";

/// What comes of a list: its rows by number, uid and name, or the beginning of a message.
pub(crate) enum Expected {
    Rows(Vec<(u64, String, String)>),
    Refused(String),
}

pub(crate) struct Case {
    pub(crate) title: &'static str,
    pub(crate) options: ReadOptions,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Expected,
}

pub(crate) fn text(template: &str) -> String {
    let mut text = template.to_owned();
    for (word, value) in [("U1", U1), ("U2", U2), ("ID1", ID1), ("ID2", ID2)] {
        text = text.replace(&format!("<{word}>"), value);
    }
    text
}

pub(crate) fn reads(
    title: &'static str,
    options: ReadOptions,
    bytes: impl AsRef<[u8]>,
    rows: &[(u64, &str, &str)],
) -> Case {
    let rows = rows.iter().map(|&(line, uid, name)| (line, text(uid), text(name)));
    Case {
        title,
        options,
        bytes: bytes.as_ref().to_vec(),
        expected: Expected::Rows(rows.collect()),
    }
}

pub(crate) fn refuses(title: &'static str, options: ReadOptions, bytes: impl AsRef<[u8]>, message: &str) -> Case {
    Case {
        title,
        options,
        bytes: bytes.as_ref().to_vec(),
        expected: Expected::Refused(text(message)),
    }
}

pub(crate) fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes.as_ref()).unwrap();
    gzip.finish().unwrap()
}

pub(crate) fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes.as_ref(), ruzstd::encoding::CompressionLevel::Fastest)
}

/// What a list is read as.
pub(crate) fn outcome(case: &Case) -> Result<Vec<(u64, String, String)>, String> {
    let bytes = std::io::Cursor::new(case.bytes.clone());
    let rows = case.options.read("list", bytes);
    let rows = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    rows.map(|rows| rows.into_iter().map(|row| (row.line, row.uid, row.name)).collect())
        .map_err(|error| {
            assert!(!error.advice().is_empty(), "{}", case.title);
            error.to_string()
        })
}

pub(crate) fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let found = outcome(case);
        let is_right = match (&found, &case.expected) {
            (Ok(found), Expected::Rows(rows)) => found == rows,
            (Err(found), Expected::Refused(message)) => found.starts_with(message.as_str()),
            _ => false,
        };
        if !is_right {
            let expected = match &case.expected {
                Expected::Rows(rows) => format!("{rows:?}"),
                Expected::Refused(message) => message.clone(),
            };
            wrong.push(format!("{}\n  expected {expected}\n  found    {found:?}", case.title));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

pub(crate) fn nexthink() -> ReadOptions {
    ReadOptions::new()
}

pub(crate) fn ubidots() -> ReadOptions {
    ReadOptions::new().headers(Headers::Ubidots)
}

pub(crate) fn header_row(row: u64) -> ReadOptions {
    nexthink().header_row(NonZeroU64::new(row).unwrap())
}

pub(crate) const BOTH: [(u64, &str, &str); 2] = [(2, "<U1>", "PC-1"), (3, "<U2>", "PC-2")];
