//! Lists as programs and people write them: each is read correctly, or refused with its place.

#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod book;

use std::io::Write as _;
use std::num::NonZeroU64;

use book::{book, cell, date, formula, inline, number, row, row_with, sheet, text_row};
use flate2::Compression;
use flate2::write::GzEncoder;
use fleetpurge_export::{Headers, ReadOptions};

const U1: &str = "3f0f1d54-1e3a-4a55-a4a3-111111111111";
const U2: &str = "3f0f1d54-1e3a-4a55-a4a3-222222222222";
const ID1: &str = "5f1d7f4e4763e75a1b2c3d41";
const ID2: &str = "5f1d7f4e4763e75a1b2c3d42";

/// What comes of a list: its rows by number, uid and name, or the beginning of a message.
enum Expected {
    Rows(Vec<(u64, String, String)>),
    Refused(String),
}

struct Case {
    title: &'static str,
    options: ReadOptions,
    bytes: Vec<u8>,
    expected: Expected,
}

fn text(template: &str) -> String {
    let mut text = template.to_owned();
    for (word, value) in [("U1", U1), ("U2", U2), ("ID1", ID1), ("ID2", ID2)] {
        text = text.replace(&format!("<{word}>"), value);
    }
    text
}

fn reads(title: &'static str, options: ReadOptions, bytes: impl AsRef<[u8]>, rows: &[(u64, &str, &str)]) -> Case {
    let rows = rows.iter().map(|&(line, uid, name)| (line, text(uid), text(name)));
    Case {
        title,
        options,
        bytes: bytes.as_ref().to_vec(),
        expected: Expected::Rows(rows.collect()),
    }
}

fn refuses(title: &'static str, options: ReadOptions, bytes: impl AsRef<[u8]>, message: &str) -> Case {
    Case {
        title,
        options,
        bytes: bytes.as_ref().to_vec(),
        expected: Expected::Refused(text(message)),
    }
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes.as_ref()).unwrap();
    gzip.finish().unwrap()
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes.as_ref(), ruzstd::encoding::CompressionLevel::Fastest)
}

/// What a list is read as.
fn outcome(case: &Case) -> Result<Vec<(u64, String, String)>, String> {
    let bytes = std::io::Cursor::new(case.bytes.clone());
    let rows = case.options.read("list", bytes);
    let rows = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    rows.map(|rows| rows.into_iter().map(|row| (row.line, row.uid, row.name)).collect())
        .map_err(|error| {
            assert!(!error.advice().is_empty(), "{}", case.title);
            error.to_string()
        })
}

fn check(cases: &[Case]) {
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

fn nexthink() -> ReadOptions {
    ReadOptions::new()
}

fn ubidots() -> ReadOptions {
    ReadOptions::new().headers(Headers::Ubidots)
}

fn header_row(row: u64) -> ReadOptions {
    nexthink().header_row(NonZeroU64::new(row).unwrap())
}

const BOTH: [(u64, &str, &str); 2] = [(2, "<U1>", "PC-1"), (3, "<U2>", "PC-2")];

#[test]
fn text_is_read_whatever_its_separators_encoding_and_line_ends() {
    let plain = text("uid,name\n<U1>,PC-1\n<U2>,PC-2\n");
    let with = |from: &str, to: &str| plain.replace(from, to);
    let windows = || nexthink().encoding("windows-1252".parse().unwrap());
    check(&[
        reads("comma", nexthink(), &plain, &BOTH),
        reads("semicolon", nexthink(), with(",", ";"), &BOTH),
        reads("tab", nexthink(), with(",", "\t"), &BOTH),
        reads("vertical bar", nexthink(), with(",", "|"), &BOTH),
        reads("CRLF", nexthink(), with("\n", "\r\n"), &BOTH),
        reads("CR", nexthink(), with("\n", "\r"), &BOTH),
        reads("LF and CRLF", nexthink(), plain.replacen('\n', "\r\n", 1), &BOTH),
        refuses(
            "CR and LF",
            nexthink(),
            plain.replacen('\n', "\r", 1),
            "list, line 1: a carriage return",
        ),
        reads("UTF-8 with a mark", nexthink(), with("uid", "\u{feff}uid"), &BOTH),
        reads(
            "UTF-16 LE with a mark",
            nexthink(),
            utf16(&with("uid", "\u{feff}uid"), u16::to_le_bytes),
            &BOTH,
        ),
        reads(
            "UTF-16 BE with a mark",
            nexthink(),
            utf16(&with("uid", "\u{feff}uid"), u16::to_be_bytes),
            &BOTH,
        ),
        reads(
            "Excel's Unicode text",
            nexthink(),
            utf16(
                &with(",", "\t").replace("uid", "\u{feff}uid").replace('\n', "\r\n"),
                u16::to_le_bytes,
            ),
            &BOTH,
        ),
        refuses(
            "UTF-16 without a mark",
            nexthink(),
            utf16(&plain, u16::to_le_bytes),
            "list, line 1: a NUL byte",
        ),
        reads(
            "UTF-16 as said",
            nexthink().encoding("utf-16le".parse().unwrap()),
            utf16(&plain, u16::to_le_bytes),
            &BOTH,
        ),
        refuses(
            "UTF-16 within a character",
            nexthink(),
            &utf16(&with("uid", "\u{feff}uid"), u16::to_le_bytes)[..21],
            "list, line 2: the file ends within a character of UTF-16LE",
        ),
        refuses(
            "half a surrogate pair",
            nexthink(),
            b"\xff\xfeu\0\n\0\x00\xd8a\0",
            "list, line 2: the text is not UTF-16LE",
        ),
        reads(
            "Windows-1252 as said",
            windows(),
            b"uid,name\n1,Ren\xe9 \x80\n",
            &[(2, "1", "René €")],
        ),
        refuses(
            "Windows-1252 as UTF-8",
            nexthink(),
            b"uid,name\n1,Ren\xe9\n",
            "list, line 2, column `name`: the text is not UTF-8",
        ),
        refuses(
            "no character of Windows-1252",
            windows(),
            b"uid,name\n1,a\n2,\x81\n",
            "list, line 3: the text is not windows-1252",
        ),
        refuses(
            "another mark than was said",
            windows(),
            with("uid", "\u{feff}uid"),
            "list: the file begins with the byte order mark of UTF-8",
        ),
        reads(
            "a break in quotes",
            nexthink(),
            text("uid,note,name\n<U1>,\"a\nb\",PC-1\n<U2>,,PC-2\n"),
            &[(2, "<U1>", "PC-1"), (4, "<U2>", "PC-2")],
        ),
        reads(
            "blank lines",
            nexthink(),
            with("\n<U2>", "\n\n<U2>").replacen('\n', "\n\n", 1),
            &[(3, "<U1>", "PC-1"), (4, "<U2>", "PC-2")],
        ),
        reads(
            "comments",
            nexthink(),
            format!("# by hand\n{plain}# end\n"),
            &[(3, "<U1>", "PC-1"), (4, "<U2>", "PC-2")],
        ),
        reads(
            "sep=;",
            nexthink(),
            format!("sep=;\r\n{}", with(",", ";")),
            &[(3, "<U1>", "PC-1"), (4, "<U2>", "PC-2")],
        ),
        refuses(
            "a separator that is not read",
            nexthink(),
            "sep=:\nuid:name\n",
            "list, line 1: the separator",
        ),
        refuses(
            "another separator than the file says",
            nexthink(),
            format!("sep=;\n{plain}"),
            "list, line 2, column `uid`: the header has no column",
        ),
        reads(
            "#TYPE of PowerShell",
            nexthink(),
            format!("#TYPE System.Object\r\n{plain}"),
            &[(3, "<U1>", "PC-1"), (4, "<U2>", "PC-2")],
        ),
        reads(
            "a row commented out below #TYPE",
            nexthink(),
            format!("#TYPE System.Object\r\n{plain}#{U1},PC-3\n"),
            &[(3, "<U1>", "PC-1"), (4, "<U2>", "PC-2")],
        ),
        refuses(
            "titles",
            nexthink(),
            format!("Old devices\nof 2026\n{plain}"),
            "list, line 1, column `uid`: the header has no column",
        ),
        reads(
            "titles as said",
            header_row(3),
            format!("Old devices\nof 2026\n{plain}"),
            &[(4, "<U1>", "PC-1"), (5, "<U2>", "PC-2")],
        ),
        reads(
            "more columns",
            nexthink(),
            text("os,UID,last seen,Name\nW,<U1>,,PC-1\n"),
            &[(2, "<U1>", "PC-1")],
        ),
        reads(
            "headings in any spelling",
            nexthink(),
            text("DEVICE_UID,Device.Name\n<U1>,PC-1\n"),
            &[(2, "<U1>", "PC-1")],
        ),
        refuses(
            "both UIDs",
            nexthink(),
            "device.uid,device.collector.uid,name\n",
            "list, line 1, column `uid`: more than one column could be the uid",
        ),
        reads(
            "a column as said, in another spelling",
            nexthink().uid_column("Collector UID"),
            text("uid,collector_uid,name\n<U1>,<U2>,PC-1\n"),
            &[(2, "<U2>", "PC-1")],
        ),
        reads(
            "no line end",
            nexthink(),
            text("uid,name\n<U1>,PC-1"),
            &[(2, "<U1>", "PC-1")],
        ),
        reads(
            "ids of Ubidots, one a line",
            ubidots(),
            text("<ID1>\n<ID2>\n"),
            &[(1, "<ID1>", ""), (2, "<ID2>", "")],
        ),
        reads(
            "ids of Ubidots under a heading",
            ubidots(),
            text("id\n<ID1>\n"),
            &[(2, "<ID1>", "")],
        ),
        refuses(
            "names of Ubidots",
            ubidots(),
            "name\nPump\n",
            "list, line 1: the header has no column `id` or `label`",
        ),
    ]);
}

#[test]
fn json_is_read_with_its_keys_as_columns() {
    let both = text(r#"{"uid":"<U1>","name":"PC-1"},{"uid":"<U2>","name":"PC-2"}"#);
    let lines = both.replace("},{", "}\n{");
    let numbered = [(1, "<U1>", "PC-1"), (2, "<U2>", "PC-2")];
    check(&[
        reads("NDJSON", nexthink(), &lines, &numbered),
        reads(
            "NDJSON with a blank line",
            nexthink(),
            lines.replace('\n', "\n\n"),
            &[numbered[0], (3, "<U2>", "PC-2")],
        ),
        reads("NDJSON with a mark", nexthink(), format!("\u{feff}{lines}"), &numbered),
        refuses(
            "two objects on a line",
            nexthink(),
            lines.replace('\n', " "),
            "list, line 1: two values stand on one line",
        ),
        reads("an array", nexthink(), format!("[{both}]"), &numbered),
        reads(
            "an array over lines",
            nexthink(),
            format!(" [\n {both}\n]\n"),
            &numbered,
        ),
        reads(
            "the request body",
            nexthink(),
            format!(r#"{{"devices":[{both}]}}"#),
            &numbered,
        ),
        refuses(
            "a cut array",
            nexthink(),
            format!("[{both}"),
            "list, element 3: this is not valid JSON: the array does not end",
        ),
        refuses(
            "a cut object",
            nexthink(),
            &lines[..lines.len() - 3],
            "list, line 2: this is not valid JSON: it ends too early",
        ),
        refuses("a comma too many", nexthink(), format!("[{both},]"), "list, element 3"),
        refuses(
            "text after the array",
            nexthink(),
            format!("[{both}] x"),
            "list, line 1: this is not valid JSON: text follows",
        ),
        refuses(
            "a number as a name",
            nexthink(),
            r#"[{"uid":"a","name":17}]"#,
            "list, element 1, column `name`: `17` is no text",
        ),
        refuses(
            "a number as a uid",
            nexthink(),
            "{\"uid\":\"a\",\"name\":\"b\"}\n{\"uid\":1e3,\"name\":\"b\"}",
            "list, line 2, column `uid`: `1000.0` is no text",
        ),
        reads("a null", nexthink(), r#"[{"uid":"a","name":null}]"#, &[(1, "a", "")]),
        reads(
            "a key less",
            nexthink(),
            r#"[{"uid":"a","name":"b"},{"uid":"c"}]"#,
            &[(1, "a", "b"), (2, "c", "")],
        ),
        reads(
            "nested values beside",
            nexthink(),
            r#"[{"uid":"a","tags":["x"],"name":"b,\"c"}]"#,
            &[(1, "a", "b,\"c")],
        ),
        refuses(
            "a key twice",
            nexthink(),
            r#"[{"uid":"a","name":"b","uid":"c"}]"#,
            "list, element 1: the key `uid` stands here twice",
        ),
        refuses(
            "another UID later",
            nexthink(),
            r#"[{"uid":"a","name":"b"},{"uid":"a","collector.uid":"c","name":"b"}]"#,
            "list, element 2: the key `collector.uid` is not in the first",
        ),
        refuses(
            "both UIDs as keys",
            nexthink(),
            r#"[{"uid":"a","collectorUid":"c","name":"b"}]"#,
            "list, element 1, column `uid`: more than one column",
        ),
        refuses(
            "a break in a name",
            nexthink(),
            r#"[{"uid":"a","name":"b\nc"}]"#,
            "list, element 1, column `name`: the text has a line break",
        ),
        refuses(
            "texts without names",
            nexthink(),
            r#"["a"]"#,
            "list, element 1: a text stands here where an object is needed",
        ),
        refuses("numbers", nexthink(), "[1]", "list, element 1: `1` is no device"),
        refuses("an empty array", nexthink(), "[]", "list: the file is empty"),
        reads(
            "ids of Ubidots",
            ubidots(),
            text(r#"["<ID1>", "<ID2>"]"#),
            &[(1, "<ID1>", ""), (2, "<ID2>", "")],
        ),
        reads(
            "one id of Ubidots",
            ubidots(),
            text(r#"{"id": "<ID1>"}"#),
            &[(1, "<ID1>", "")],
        ),
        reads(
            "all of a listing",
            ubidots(),
            text(r#"{"count":1,"next":null,"results":[{"id":"<ID1>","label":"p"}]}"#),
            &[(1, "<ID1>", "p")],
        ),
        refuses(
            "a page of a listing",
            ubidots(),
            r#"{"next":"http://x/?page=2","results":[{"id":"a"}]}"#,
            "list, line 1: this is one page of a longer list",
        ),
        refuses(
            "a page of a listing, told at its end",
            ubidots(),
            r#"{"results":[{"id":"a"}],"next":"http://x/?page=2"}"#,
            "list, line 1: this is one page of a longer list",
        ),
        reads(
            "JSON in UTF-16",
            nexthink(),
            utf16(&format!("\u{feff}[{both}]"), u16::to_le_bytes),
            &numbered,
        ),
    ]);
}

#[test]
fn what_is_compressed_is_read_to_its_end_or_refused() {
    let plain = text("uid,name\n<U1>,PC-1\n<U2>,PC-2\n");
    let (zipped, framed) = (gzip(&plain), zstd(&plain));
    let mut damaged = zipped.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    check(&[
        reads("gzip", nexthink(), &zipped, &BOTH),
        reads(
            "gzip in two parts",
            nexthink(),
            [gzip(&plain[..30]), gzip(&plain[30..])].concat(),
            &BOTH,
        ),
        reads(
            "gzip of UTF-16",
            nexthink(),
            gzip(utf16(&format!("\u{feff}{plain}"), u16::to_le_bytes)),
            &BOTH,
        ),
        refuses(
            "gzip that is cut",
            nexthink(),
            &zipped[..zipped.len() - 9],
            "list: the compressed file is cut short or damaged",
        ),
        refuses(
            "gzip that is damaged",
            nexthink(),
            &damaged,
            "list: the compressed file is cut short or damaged",
        ),
        refuses(
            "gzip with something after it",
            nexthink(),
            [&zipped[..], b"uid"].concat(),
            "list: the compressed file is cut short or damaged",
        ),
        refuses(
            "gzip of gzip",
            nexthink(),
            gzip(&zipped),
            "list: this is compressed twice",
        ),
        reads("Zstandard", nexthink(), &framed, &BOTH),
        reads(
            "Zstandard in two frames",
            nexthink(),
            [zstd(&plain[..30]), zstd(&plain[30..])].concat(),
            &BOTH,
        ),
        refuses(
            "Zstandard that is cut",
            nexthink(),
            &framed[..framed.len() - 6],
            "list: the compressed file is cut short or damaged",
        ),
    ]);
}

#[test]
fn what_is_no_list_is_named() {
    check(&[
        refuses(
            "an HTML page",
            nexthink(),
            "\n<!DOCTYPE html><html></html>",
            "list: this is an HTML page",
        ),
        refuses(
            "an HTML table",
            nexthink(),
            "<table><tr></tr></table>",
            "list: this is an HTML page",
        ),
        refuses("XML", nexthink(), "<?xml version=\"1.0\"?><a/>", "list: this is XML"),
        refuses("a PDF", nexthink(), "%PDF-1.7\n", "list: this is a PDF"),
        refuses(
            "an old XLS",
            nexthink(),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "list: this is an old or encrypted Excel workbook",
        ),
        refuses(
            "a ZIP archive",
            nexthink(),
            book::archive(&[("a.csv", "uid,name\n")]),
            "list: this is a ZIP archive and no Excel workbook",
        ),
        refuses(
            "an ODS",
            nexthink(),
            book::archive(&[("mimetype", "x"), ("content.xml", "x")]),
            "list: this is an OpenDocument file",
        ),
        refuses(
            "an XLSB",
            nexthink(),
            book::archive(&[("xl/workbook.bin", "x")]),
            "list: this is a binary Excel workbook",
        ),
        refuses("bzip2", nexthink(), "BZh91AY", "list: this is compressed with bzip2"),
        refuses("HTML in gzip", nexthink(), gzip("<html>"), "list: this is an HTML page"),
        refuses("nothing", nexthink(), "", "list: the file is empty"),
    ]);
}

#[test]
fn a_workbook_is_read_by_its_text_cells_and_anything_else_is_refused_by_its_cell() {
    let header = text_row(1, &["uid", "name", "seen"]);
    let one = text_row(2, &[U1, "00123", "x"]);
    let devices = || sheet("Devices", &[header.clone(), one.clone()]);
    let of = |rows: &[String]| book(&[sheet("Devices", rows)]);
    let rows: [(u64, &str, &str); 1] = [(2, "<U1>", "00123")];
    let with = |cells: &[String]| of(&[header.clone(), row(2, cells)]);
    let whole = of(&[header.clone(), one.clone()]);
    check(&[
        reads("a workbook", nexthink(), &whole, &rows),
        reads("a workbook in gzip", nexthink(), gzip(&whole), &rows),
        refuses(
            "a cut workbook",
            nexthink(),
            &whole[..whole.len() / 2],
            "list: the workbook cannot be read",
        ),
        reads(
            "numbers and dates beside",
            nexthink(),
            with(&[inline("A2", U1), inline("B2", "PC"), date("C2", "45000")]),
            &[(2, "<U1>", "PC")],
        ),
        refuses(
            "a number as a name",
            nexthink(),
            with(&[inline("A2", U1), number("B2", "123")]),
            "list, row 2, column `name`: cell B2 of the sheet `Devices` is a number, `123`",
        ),
        refuses(
            "a date as a name",
            nexthink(),
            with(&[inline("A2", U1), date("B2", "45000")]),
            "list, row 2, column `name`: cell B2 of the sheet `Devices` is a date or time",
        ),
        refuses(
            "a number as a uid",
            nexthink(),
            of(&[
                header.clone(),
                one.clone(),
                row(17, &[number("A17", "1e36"), inline("B17", "PC")]),
            ]),
            "list, row 17, column `uid`: cell A17 of the sheet `Devices` is a number",
        ),
        refuses(
            "TRUE as a name",
            nexthink(),
            with(&[inline("A2", U1), cell("B2", "b", "1")]),
            "list, row 2, column `name`: cell B2 of the sheet `Devices` is TRUE or FALSE",
        ),
        refuses(
            "an error as a name",
            nexthink(),
            with(&[inline("A2", U1), cell("B2", "e", "#N/A")]),
            "list, row 2, column `name`: cell B2 of the sheet `Devices` is an error",
        ),
        refuses(
            "a formula without a value",
            nexthink(),
            with(&[inline("A2", U1), formula("B2", None)]),
            "list, row 2, column `name`: cell B2 of the sheet `Devices` is a formula without a stored value",
        ),
        reads(
            "a formula with a value",
            nexthink(),
            with(&[inline("A2", U1), formula("B2", Some("PC-1"))]),
            &[(2, "<U1>", "PC-1")],
        ),
        refuses(
            "a break in a name",
            nexthink(),
            with(&[inline("A2", U1), inline("B2", "a\nb")]),
            "list, row 2, column `name`: cell B2 of the sheet `Devices` is text of several lines",
        ),
        reads(
            "a break beside",
            nexthink(),
            with(&[inline("A2", U1), inline("B2", "PC"), inline("C2", "a\nb")]),
            &[(2, "<U1>", "PC")],
        ),
        reads(
            "an empty cell",
            nexthink(),
            with(&[inline("A2", U1)]),
            &[(2, "<U1>", "")],
        ),
        reads(
            "blank rows",
            nexthink(),
            of(&[header.clone(), text_row(9, &[U1, "PC"])]),
            &[(9, "<U1>", "PC")],
        ),
        refuses(
            "a cell beside the table",
            nexthink(),
            of(&[header.clone(), text_row(5, &[U1, "PC", "x", "y"])]),
            "list, row 5: the row has 4 fields where the header has 3",
        ),
        refuses(
            "a hidden row",
            nexthink(),
            of(&[
                header.clone(),
                one.clone(),
                row_with(3, "hidden=\"1\"", &[inline("A3", U2), inline("B3", "PC")]),
            ]),
            "list: 1 row is hidden or filtered out in the sheet `Devices`: 3",
        ),
        reads(
            "a hidden row as said",
            nexthink().include_hidden(),
            of(&[
                header.clone(),
                one.clone(),
                row_with(3, "hidden=\"1\"", &[inline("A3", U2), inline("B3", "PC")]),
            ]),
            &[rows[0], (3, "<U2>", "PC")],
        ),
        reads(
            "a hidden row without cells",
            nexthink(),
            of(&[header.clone(), one.clone(), row_with(3, "hidden=\"1\"", &[])]),
            &rows,
        ),
        refuses(
            "a row of no height",
            nexthink(),
            of(&[
                header.clone(),
                row_with(
                    2,
                    "ht=\"0\" customHeight=\"1\"",
                    &[inline("A2", U2), inline("B2", "PC")],
                ),
            ]),
            "list: 1 row is hidden",
        ),
        reads(
            "the sheet that fits",
            nexthink(),
            book(&[sheet("Notes", &[text_row(1, &["a"])]), devices()]),
            &rows,
        ),
        refuses(
            "two sheets that fit",
            nexthink(),
            book(&[devices(), sheet("Old", std::slice::from_ref(&header))]),
            "list: more than one sheet has the columns of a device list: `Devices`, `Old`",
        ),
        reads(
            "a sheet as said",
            nexthink().sheet("Devices"),
            book(&[devices(), sheet("Old", std::slice::from_ref(&header))]),
            &rows,
        ),
        refuses(
            "no such sheet",
            nexthink().sheet("devices"),
            &whole,
            "list: the workbook has no sheet `devices`; its sheets are `Devices`",
        ),
        refuses(
            "no sheet that fits",
            nexthink(),
            book(&[sheet("A", &[text_row(1, &["a"])]), sheet("B", &[])]),
            "list: no sheet has the columns `uid` and `name`; the sheets are `A`, `B`",
        ),
        refuses(
            "titles in a sheet",
            nexthink(),
            of(&[text_row(1, &["Old devices"]), text_row(3, &["uid", "name"])]),
            "list, row 1, column `uid`: the header has no column `uid`",
        ),
        reads(
            "titles in a sheet as said",
            header_row(3),
            of(&[
                text_row(1, &["Old devices"]),
                text_row(3, &["uid", "name"]),
                text_row(4, &[U1, "PC"]),
            ]),
            &[(4, "<U1>", "PC")],
        ),
        refuses(
            "both UIDs in a sheet",
            nexthink(),
            of(&[text_row(1, &["device.uid", "collector.uid", "name"])]),
            "list, row 1, column `uid`: more than one column could be the uid",
        ),
        refuses("an empty sheet", nexthink(), of(&[]), "list: the file is empty"),
    ]);
}

#[test]
fn a_header_below_titles_is_told() {
    let text = format!("Old devices\n\nuid,name\n{U1},PC-1\n");
    let error = nexthink().read("list", std::io::Cursor::new(text)).unwrap_err();
    assert_eq!(
        error.advice(),
        "line 3 reads like the header; if it is, skip the lines above it with --header-row 3"
    );
}

#[test]
fn hidden_rows_that_are_read_are_told() {
    let hidden = row_with(2, "hidden=\"1\"", &[inline("A2", U1), inline("B2", "PC")]);
    let bytes = book(&[sheet("Devices", &[text_row(1, &["uid", "name"]), hidden])]);
    let mut rows = nexthink()
        .include_hidden()
        .read("list", std::io::Cursor::new(bytes))
        .unwrap();
    assert_eq!(rows.by_ref().count(), 1);
    let warnings: Vec<String> = rows.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("hidden or filtered out"), "{warnings:?}");
}

#[test]
fn the_digest_is_that_of_the_file_as_it_is() {
    use sha2::{Digest as _, Sha256};
    for bytes in [
        gzip("uid,name\na,b\n"),
        zstd("uid,name\na,b\n"),
        b"\xff\xfeu\0i\0d\0,\0n\0a\0m\0e\0\n\0".to_vec(),
        br#" [{"uid":"a","name":"b"}] "#.to_vec(),
        book(&[sheet("Devices", &[text_row(1, &["uid", "name"])])]),
    ] {
        let wanted = Sha256::digest(&bytes);
        let mut rows = nexthink().read("list", std::io::Cursor::new(bytes)).unwrap();
        rows.by_ref().for_each(drop);
        assert_eq!(rows.digest().unwrap().as_bytes().as_slice(), wanted.as_slice());
    }
}
