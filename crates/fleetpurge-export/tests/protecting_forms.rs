//! Lists of devices that must stay, in every form of an export: workbooks, JSON, other encodings, compressed.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

#[allow(dead_code, reason = "other tests use the rest of it")]
mod book;

use book::{book, cell, date, inline, number, row, row_with, sheet, text_row};
use fleetpurge_export::{Headers, ProtectedEntry, ProtectedValue, ReadOptions, read_protected};

const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";

fn read_as(bytes: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Vec<String>, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keep");
    std::fs::write(&path, bytes).unwrap();
    let entries = read_protected(&path, options).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    entries
        .map(|entries| entries.into_iter().map(|entry| tell(&entry)).collect())
        .map_err(|error| {
            assert!(!error.advice().is_empty());
            error.to_string().replace(&path.display().to_string(), "keep")
        })
}

fn tell(entry: &ProtectedEntry) -> String {
    let values = entry.values.iter().map(|value| match value {
        ProtectedValue::Either(text) => format!("e={text}"),
        ProtectedValue::Uid(text) => format!("u={text}"),
        ProtectedValue::Name(text) => format!("n={text}"),
    });
    let fields = entry.fields.iter().map(|text| format!("f={text}"));
    let parts: Vec<String> = values.chain(fields).collect();
    format!("{}: {}", entry.line, parts.join(" "))
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes.as_ref()).unwrap();
    gzip.finish().unwrap()
}

/// What it is, how it is read, its bytes, and its entries or the beginning of a message.
type Case<'a> = (&'a str, ReadOptions, Vec<u8>, Result<&'a [&'a str], &'a str>);

#[test]
fn a_list_is_read_in_any_form_of_an_export_with_the_same_care() {
    let plain = ReadOptions::new;
    let windows = || plain().encoding("windows-1252".parse().unwrap());
    let of = |rows: &[String]| book(&[sheet("Keep", rows)]);
    let table = [
        text_row(1, &["Name", "Why"]),
        text_row(2, &["SRV-*", "boss"]),
        text_row(4, &["PC-7 # x", ""]),
    ];
    let lone = [text_row(1, &["PC-1"]), text_row(2, &["# old"]), text_row(3, &["PC-2"])];
    let hidden = row_with(2, "hidden=\"1\"", &[inline("A2", "PC-2")]);
    let two = [text_row(1, &["name"]), text_row(2, &["PC-1"])];
    let utf16: Vec<u8> = "\u{feff}PC-1\r\nB\u{fc}ro\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: Vec<Case<'_>> = vec![
        ("a workbook", plain(), of(&table), Ok(&["2: n=SRV-*", "4: n=PC-7"])),
        (
            "a workbook in gzip",
            plain(),
            gzip(of(&table)),
            Ok(&["2: n=SRV-*", "4: n=PC-7"]),
        ),
        ("a sheet of values", plain(), of(&lone), Ok(&["1: e=PC-1", "3: e=PC-2"])),
        (
            "a number as a name",
            plain(),
            of(&[text_row(1, &["name"]), row(2, &[number("A2", "123")])]),
            Err("keep, row 2 of sheet `Keep`, column `name`: cell A2 is a number, `123`"),
        ),
        (
            "a number among values",
            plain(),
            of(&[text_row(1, &["PC-1"]), row(2, &[number("B2", "123")])]),
            Err("keep, row 2 of sheet `Keep`: cell B2 is a number, `123`"),
        ),
        (
            "a date first",
            plain(),
            of(&[row(1, &[date("A1", "45000")])]),
            Err("keep, row 1 of sheet `Keep`: cell A1 is a date or time"),
        ),
        (
            "two values in a row",
            plain(),
            of(&[text_row(1, &["PC-1"]), text_row(2, &["PC-2", "PC-3"])]),
            Err("keep, row 2 of sheet `Keep`: the row holds more than one value"),
        ),
        (
            "columns that are not known",
            plain(),
            of(&[text_row(1, &["Host", "Why"]), text_row(2, &["PC-2", "x"])]),
            Err("keep, row 1 of sheet `Keep`: a list of protected devices needs a column `uid` or `name`"),
        ),
        (
            "a row that names no device",
            plain(),
            of(&[
                text_row(1, &["name", "host"]),
                row(2, &[inline("B2", "PC-2")]),
                text_row(3, &["PC-1"]),
            ]),
            Ok(&["2: f=PC-2", "3: n=PC-1"]),
        ),
        (
            "a name that begins like a comment, after a blank cell",
            plain(),
            of(&[
                text_row(1, &["uid", "name"]),
                row(2, &[inline("B2", "#PC-1")]),
                text_row(3, &["#u", "PC-2"]),
                text_row(4, &[" # x"]),
            ]),
            Ok(&["2: n=#PC-1"]),
        ),
        (
            "a value that begins like a comment, in the second column",
            plain(),
            of(&[text_row(1, &["PC-1"]), row(2, &[inline("B2", "#PC-2")])]),
            Ok(&["1: e=PC-1", "2: e=#PC-2"]),
        ),
        (
            "a formula that failed before a name",
            plain(),
            of(&[
                text_row(1, &["Owner", "name"]),
                row(2, &[cell("A2", "e", "#N/A"), inline("B2", "PC-1")]),
            ]),
            Ok(&["2: n=PC-1"]),
        ),
        (
            "a formula that failed in the first row",
            plain(),
            of(&[row(1, &[cell("A1", "e", "#N/A")]), text_row(2, &["PC-1"])]),
            Err("keep, row 1 of sheet `Keep`: cell A1 is an error, `#N/A`"),
        ),
        (
            "a formula that failed where a name stands",
            plain(),
            of(&[
                text_row(1, &["name", "uid"]),
                row(2, &[cell("A2", "e", "#N/A"), inline("B2", "u")]),
            ]),
            Err("keep, row 2 of sheet `Keep`, column `name`: cell A2 is an error, `#N/A`"),
        ),
        (
            "a hidden row",
            plain(),
            of(&[text_row(1, &["PC-1"]), hidden.clone()]),
            Err("keep: 1 row is hidden or filtered out in the sheet `Keep`: 2"),
        ),
        (
            "a hidden row as said",
            plain().include_hidden(),
            of(&[text_row(1, &["PC-1"]), hidden]),
            Ok(&["1: e=PC-1", "2: e=PC-2"]),
        ),
        (
            "two sheets that fit",
            plain(),
            book(&[sheet("A", &two), sheet("B", &two)]),
            Err("keep: more than one sheet may be the list of protected devices: `A`, `B`"),
        ),
        (
            "a sheet of values, and one with a header",
            plain(),
            book(&[sheet("A", &lone), sheet("B", &two)]),
            Err("keep: more than one sheet may be the list of protected devices: `A`, `B`"),
        ),
        (
            "a sheet with a header, and one of values below a comment",
            plain(),
            book(&[
                sheet("A", &two),
                sheet("B", &[text_row(1, &["# old", "x"]), row(2, &[inline("C2", "PC-2")])]),
            ]),
            Err("keep: more than one sheet may be the list of protected devices: `A`, `B`"),
        ),
        (
            "two sheets of values",
            plain(),
            book(&[sheet("A", &lone), sheet("B", &lone)]),
            Err("keep: more than one sheet may be the list of protected devices: `A`, `B`"),
        ),
        (
            "a sheet of values, and one of unknown columns",
            plain(),
            book(&[sheet("A", &lone), sheet("B", &[text_row(1, &["Host", "Why"])])]),
            Err("keep: no sheet has the columns `uid` or `name`; the sheets are `A`, `B`"),
        ),
        (
            "a sheet with a header among others",
            plain(),
            book(&[
                sheet("A", &[text_row(1, &["Host", "Why"])]),
                sheet("B", &two),
                sheet("C", &[text_row(1, &["# name"])]),
                sheet("D", &[]),
            ]),
            Ok(&["2: n=PC-1"]),
        ),
        (
            "a sheet of values among blank ones",
            plain(),
            book(&[sheet("A", &[]), sheet("B", &lone)]),
            Ok(&["1: e=PC-1", "3: e=PC-2"]),
        ),
        (
            "a comment that reads like a header",
            plain(),
            book(&[
                sheet("A", &two),
                sheet("B", &[text_row(1, &["# was", "name"]), text_row(2, &["x", "y"])]),
            ]),
            Ok(&["2: n=PC-1"]),
        ),
        (
            "a sheet as said",
            plain().sheet("B"),
            book(&[sheet("A", &two), sheet("B", &two)]),
            Ok(&["2: n=PC-1"]),
        ),
        ("a sheet of nothing", plain(), of(&[]), Err("keep: the file is empty")),
        (
            "NDJSON",
            plain(),
            b"{\"name\":\"PC-1\"}\n\n{\"name\":\"#2\"}\n".to_vec(),
            Ok(&["1: n=PC-1", "3: n=#2"]),
        ),
        (
            "an array of objects",
            plain(),
            br#"[{"uid":"u","name":"n","os":"x"},{"uid":null,"name":"m"}]"#.to_vec(),
            Ok(&["1: u=u n=n", "2: n=m"]),
        ),
        (
            "an array of texts",
            plain(),
            br#" ["PC-1", "SRV-*"]"#.to_vec(),
            Ok(&["1: e=PC-1", "2: e=SRV-*"]),
        ),
        (
            "an array of texts in gzip",
            plain(),
            gzip(br#"["PC-1"]"#),
            Ok(&["1: e=PC-1"]),
        ),
        (
            "texts and objects",
            plain(),
            br#"["PC-1", {"name":"PC-2"}]"#.to_vec(),
            Err("keep, element 2: the key `name` is not in the first object, and may name a device, too"),
        ),
        (
            "a number in an array",
            plain(),
            br#"[{"name":"PC-1"},{"name":17}]"#.to_vec(),
            Err("keep, element 2, column `name`: `17` is no text"),
        ),
        (
            "another key later",
            plain(),
            br#"[{"name":"PC-1"},{"uid":"u"}]"#.to_vec(),
            Err("keep, element 2: the key `uid` is not in the first object"),
        ),
        (
            "a device that is named by another key",
            plain(),
            br#"[{"name":"PC-1"},{},{"host":"PC-2","n":null}]"#.to_vec(),
            Err("keep, element 3: the key `host` is not in the first object, and nothing else names a device"),
        ),
        (
            "a device that is named by another key, in NDJSON",
            plain(),
            b"{\"name\":\"PC-1\"}\n{\"name\":\" \",\"host\":\"PC-2\"}\n".to_vec(),
            Err("keep, line 2: the key `host` is not in the first object, and nothing else names a device"),
        ),
        (
            "another key beside a name, and one that is blank",
            plain(),
            br#"[{"name":"PC-1"},{"name":"PC-2","host":"x"},{"host":" "}]"#.to_vec(),
            Ok(&["1: n=PC-1", "2: n=PC-2"]),
        ),
        (
            "a request body",
            plain(),
            br#"{"devices":[{"uid":"u","name":"n"}]}"#.to_vec(),
            Ok(&["1: u=u n=n"]),
        ),
        (
            "an empty array",
            plain(),
            b"[\n]".to_vec(),
            Err("keep: the file is empty"),
        ),
        (
            "JSON that is cut",
            plain(),
            br#"["PC-1", "PC"#.to_vec(),
            Err("keep, element 2: this is not valid JSON"),
        ),
        (
            "patterns",
            plain(),
            b"[ab]*\n{x}\n".to_vec(),
            Ok(&["1: e=[ab]*", "2: e={x}"]),
        ),
        ("UTF-16", plain(), utf16, Ok(&["1: e=PC-1", "2: e=B\u{fc}ro"])),
        (
            "Windows-1252",
            windows(),
            b"B\xfcro\n".to_vec(),
            Ok(&["1: e=B\u{fc}ro"]),
        ),
        (
            "Windows-1252 as UTF-8",
            plain(),
            b"B\xfcro\n".to_vec(),
            Err("keep, line 1: the text is not UTF-8"),
        ),
        (
            "sep=",
            plain(),
            b"sep=;\nname;why\nPC-1;x\n".to_vec(),
            Ok(&["3: n=PC-1"]),
        ),
        (
            "titles above a table",
            plain(),
            of(&[text_row(1, &["Keep", "these"]), text_row(2, &["name", "why"])]),
            Err("keep, row 1 of sheet `Keep`: a list of protected devices needs a column"),
        ),
        (
            "an HTML page",
            plain(),
            b"<html>".to_vec(),
            Err("keep: this is an HTML page"),
        ),
    ];
    for (title, options, bytes, expected) in cases {
        match (read_as(bytes, &options), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{title}"),
            (Err(found), Err(expected)) => assert!(found.starts_with(expected), "{title}: {found}"),
            (found, expected) => panic!("{title}: {found:?} for {expected:?}"),
        }
    }
}

#[test]
fn a_sheet_of_ubidots_devices_is_read_by_id_or_label() {
    let options = ReadOptions::new().headers(Headers::Ubidots);
    let keep = book(&[sheet(
        "Keep",
        &[text_row(1, &["label", "name"]), text_row(2, &["pump", "Pump"])],
    )]);
    assert_eq!(read_as(keep, &options).unwrap(), ["2: n=pump"]);
    let ids = format!(r#"["{ID}"]"#);
    assert_eq!(read_as(ids, &options).unwrap(), [format!("1: e={ID}")]);
    let names = book(&[sheet(
        "Keep",
        &[text_row(1, &["name", "site"]), text_row(2, &["Pump", "x"])],
    )]);
    assert!(
        read_as(names, &options)
            .unwrap_err()
            .starts_with("keep, row 1 of sheet `Keep`: a list of protected")
    );
}

/// A flag of the other kind of list would change nothing, or the devices that are planned.
#[test]
fn the_advice_about_a_list_names_the_flags_for_that_kind_of_list() {
    const OF_DEVICES: [&str; 6] = [
        "--encoding",
        "--sheet",
        "--header-row",
        "--uid-column",
        "--name-column",
        "--comment-char",
    ];
    const OF_PROTECTED: [&str; 2] = ["--protect-encoding", "--protect-sheet"];
    let plain = ReadOptions::new;
    let said = |encoding: &str| plain().encoding(encoding.parse().unwrap());
    let two = [text_row(1, &["uid", "name"]), text_row(2, &["u", "PC-1"])];
    let titles = [text_row(1, &["To keep", "x"]), text_row(2, &["uid", "name"])];
    let twins = book(&[sheet("A", &two), sheet("B", &two)]);
    type Case<'a> = (&'a str, ReadOptions, Vec<u8>, Option<&'a str>, Option<&'a str>);
    let cases: [Case<'_>; 11] = [
        (
            "not UTF-8 in a row",
            plain(),
            b"uid,name\nu,B\xfcro\n".to_vec(),
            Some("--encoding"),
            Some("--protect-encoding"),
        ),
        (
            "not UTF-8 in the header",
            plain(),
            b"uid,name,\xfc\nu,B,x\n".to_vec(),
            Some("--encoding"),
            Some("--protect-encoding"),
        ),
        (
            "not what was said",
            said("utf-16le"),
            b"u\0i\0d\0,\0n\0a\0m\0e\0\n\0\x00\xd8x\0\n\0".to_vec(),
            Some("--encoding"),
            Some("--protect-encoding"),
        ),
        (
            "no character of Windows-1252",
            said("windows-1252"),
            b"uid,name\nu,\x81\n".to_vec(),
            Some("--encoding"),
            Some("--protect-encoding"),
        ),
        (
            "another byte order mark",
            said("windows-1252"),
            b"\xff\xfeu\0".to_vec(),
            Some("--encoding"),
            Some("--protect-encoding"),
        ),
        (
            "UTF-16 without a mark",
            plain(),
            b"u\0i\0d\0,\0".to_vec(),
            Some("--encoding"),
            Some("--protect-encoding"),
        ),
        (
            "two sheets",
            plain(),
            twins.clone(),
            Some("--sheet"),
            Some("--protect-sheet"),
        ),
        (
            "no such sheet",
            plain().sheet("C"),
            twins,
            Some("--sheet"),
            Some("--protect-sheet"),
        ),
        (
            "titles",
            plain(),
            b"To keep,x\nuid,name\nu,PC-1\n".to_vec(),
            Some("--header-row"),
            None,
        ),
        (
            "titles of a sheet",
            plain(),
            book(&[sheet("A", &titles)]),
            Some("--header-row"),
            None,
        ),
        (
            "no columns",
            plain(),
            b"a,b\nu,PC-1\n".to_vec(),
            Some("--uid-column"),
            None,
        ),
    ];
    for (title, options, bytes, of_devices, of_protected) in cases {
        let devices = options
            .read("list", std::io::Cursor::new(bytes.clone()))
            .and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let protected = read_protected(file.path(), &options).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let devices = devices.unwrap_err();
        let protected = protected.unwrap_err();
        for (error, expected) in [(devices, of_devices), (protected, of_protected)] {
            let words: Vec<&str> = error
                .advice()
                .split(|c: char| !(c.is_alphanumeric() || c == '-'))
                .collect();
            let named = |flags: &[&'static str]| flags.iter().copied().find(|flag| words.contains(flag));
            let found = named(&OF_DEVICES).or_else(|| named(&OF_PROTECTED));
            assert_eq!(found, expected, "{title}: {error}: {}", error.advice());
        }
    }
}
