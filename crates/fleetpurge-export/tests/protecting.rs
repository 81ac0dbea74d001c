//! Lists of devices that must stay.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

#[allow(dead_code, reason = "other tests use the rest of it")]
mod book;

use book::{book, cell, date, inline, number, row, row_with, sheet, text_row};
use fleetpurge_export::{Error, ErrorKind, Headers, ProtectedEntry, ProtectedValue, ReadOptions, read_protected};

const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn read(text: impl AsRef<[u8]>, names: Headers) -> Result<Vec<ProtectedEntry>, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keep.txt");
    std::fs::write(&path, text).unwrap();
    read_protected(&path, &ReadOptions::new().headers(names))?.collect()
}

/// Each entry with its line: `e` for either, `u` for a uid, `n` for a name, `w` for the whole text before its
/// comment, `f` for a field of a row that names no device.
fn told(text: impl AsRef<[u8]>, names: Headers) -> Result<Vec<String>, ErrorKind> {
    let entries = read(text, names).map_err(|error| error.kind())?;
    let told = |entry: ProtectedEntry| {
        let values = entry.values.into_iter().map(|value| match value {
            ProtectedValue::Either(text) => format!("e={text}"),
            ProtectedValue::Uid(text) => format!("u={text}"),
            ProtectedValue::Name(text) => format!("n={text}"),
        });
        let whole = entry.whole.into_iter().map(|text| format!("w={text}"));
        let fields = entry.fields.into_iter().map(|text| format!("f={text}"));
        let parts: Vec<String> = values.chain(whole).chain(fields).collect();
        format!("{}: {}", entry.line, parts.join(" "))
    };
    Ok(entries.into_iter().map(told).collect())
}

#[test]
fn protected_devices_are_a_table_or_one_value_a_line_and_never_a_guess() {
    let nexthink: [(&str, &[&str]); 34] = [
        ("PC-1\n\n PC 2 \r\n", &["1: e=PC-1", "3: e=PC 2"]),
        ("PC-1", &["1: e=PC-1"]),
        ("\u{feff}PC-1\r\n\u{feff}PC-2", &["1: e=PC-1", "2: e=\u{feff}PC-2"]),
        ("name\nPC-1\n", &["2: n=PC-1"]),
        ("\"Name\"\r\n\"PC-1\"\r\n", &["2: n=PC-1"]),
        (
            "os;uid;name\nx;u;n\ny;;m\nz;v;\nz;;\n",
            &["2: u=u n=n", "3: n=m", "4: u=v", "5: f=z"],
        ),
        // A row that names no device in a known column.
        (
            "uid,hostname\nu,PC-1\n,PC-2\n , \n\" \",\" PC-3 # boss\"",
            &["2: u=u", "3: f=PC-2", "5: f=PC-3 # boss"],
        ),
        (
            "name\tos\tsite\n\t\t\nPC-1\tx\t\n\tx\tHall 3\n",
            &["3: n=PC-1", "4: f=x f=Hall 3"],
        ),
        ("collector_uid;uid;name;os\n;;;x\nc;;;x\n", &["2: f=x", "3: u=c"]),
        ("collector_uid\tname\nu\tn\n", &["2: u=u n=n"]),
        ("collector uid\nu\n", &["2: u=u"]),
        ("hostname\nPC-1\n", &["1: e=hostname", "2: e=PC-1"]),
        // Comments.
        ("# a, \"b\"; c\n#PC-0\n \t# x\nPC-1\n", &["4: e=PC-1"]),
        ("PC-1 # boss, \"x\"; y\n", &["1: e=PC-1 w=PC-1 # boss, \"x\"; y"]),
        ("PC-1\t#boss", &["1: e=PC-1 w=PC-1\t#boss"]),
        ("PC#1\nPC# 2\n", &["1: e=PC#1", "2: e=PC# 2"]),
        ("\"PC # 1\"\n\"#2\" # x\n", &["1: e=PC # 1", "2: e=#2"]),
        ("# x\n\nuid,name # x\n#u,n\nu,n # boss\n", &["5: u=u n=n w=n # boss"]),
        ("name # x\nPC-1\n", &["2: n=PC-1"]),
        ("uid,Serial #,name\nu,1,n\n", &["2: u=u n=n"]),
        (
            "name,os\n\"PC\n# no comment\",x\n#PC-2,x\nPC-3,x\n",
            &["2: n=PC w=PC\n# no comment", "5: n=PC-3"],
        ),
        // A header of two lines.
        (
            "name,\"no\nte\"\n\"PC\n#1\",x\n#PC-2,y\nPC-3,z\n",
            &["3: n=PC w=PC\n#1", "6: n=PC-3"],
        ),
        ("name,\"no\n# te\"\nPC-1,x\n#PC-2,y\n", &["3: n=PC-1"]),
        // A tab ends a first field that is blank, and so does any other separator.
        (
            "uid\tname\n\t#PC-1\n \t#PC-2\n#u\tPC-3\n",
            &["2: n=#PC-1", "3: n=#PC-2"],
        ),
        ("uid\tname\n\"\"\t#PC-1\n  # x\n", &["2: n=#PC-1"]),
        ("uid,name\n,#PC-1\n\t#x\n", &["2: n=#PC-1"]),
        // Quotes.
        ("\"a,b\"\n\"c;\"\"d\"\"\"\n", &["1: e=a,b", "2: e=c;\"d\""]),
        ("15\" laptop\n", &["1: e=15\" laptop"]),
        // What also begins JSON.
        (
            "{0f8fad5b-d9cb-469f-a165-70867728950e}\n",
            &["1: e={0f8fad5b-d9cb-469f-a165-70867728950e}"],
        ),
        ("[ab]*\nSRV-[0-9]\n", &["1: e=[ab]*", "2: e=SRV-[0-9]"]),
        // What matches nothing later, and is told then.
        ("PC-1|boss\n", &["1: e=PC-1|boss"]),
        ("CORP\\PC-1\n", &["1: e=CORP\\PC-1"]),
        ("SRV-*\n*", &["1: e=SRV-*", "2: e=*"]),
        ("PC-1 \t\n\"\"\n", &["1: e=PC-1"]),
    ];
    for (text, entries) in nexthink {
        assert_eq!(told(text, Headers::Nexthink).unwrap(), entries, "{text:?}");
    }
    let ubidots: [(String, Vec<String>); 4] = [
        (
            format!("{ID}\n pump # x\n~fan\n"),
            vec![
                format!("1: e={ID}"),
                "2: e=pump w=pump # x".to_owned(),
                "3: e=~fan".to_owned(),
            ],
        ),
        ("label\npump\n".to_owned(), vec!["2: n=pump".to_owned()]),
        (
            format!("# x\nname;id;label\nHall;{ID};pump\nHall;;fan\n"),
            vec![format!("3: u={ID} n=pump"), "4: n=fan".to_owned()],
        ),
        (
            format!("id,name\n{ID},Pump 1\n,Pump 2\n"),
            vec![format!("2: u={ID}"), "3: f=Pump 2".to_owned()],
        ),
    ];
    for (text, entries) in ubidots {
        assert_eq!(told(&text, Headers::Ubidots).unwrap(), entries, "{text:?}");
    }
}

#[test]
fn a_list_that_could_be_misread_is_an_error_with_its_line() {
    use ErrorKind::{CutOff, Empty, Encoding, FieldCount, Malformed, MissingColumn, UnsupportedFormat};
    let latin: &[u8] = b"PC-1\nB\xfcro\n";
    let table: [(&[u8], ErrorKind, Option<u64>); 40] = [
        (b"", Empty, None),
        (b"\n \r\n\t\n", Empty, None),
        (b"# nobody\n#\n", Empty, None),
        (b"\xef\xbb\xbf# nobody", Empty, None),
        (b"name\n", Empty, None),
        (b"name\n# x\n", Empty, None),
        (b"uid,name\n,\n", Empty, None),
        (b"uid,os\n,x\n", Empty, None),
        (b"\"\"\n", Empty, None),
        (b"u-1,PC-1\nu-2,PC-2\n", MissingColumn, Some(1)),
        (b"hostname,owner\nPC-1,x\n", MissingColumn, Some(1)),
        (b"PC-1\nu-2,PC-2\n", FieldCount, Some(2)),
        (b"PC-1\n\n# x\nu-2;PC-2 # x\n", FieldCount, Some(4)),
        (b"PC-1\nu-2\tPC-2\n", FieldCount, Some(2)),
        (b"PC-1\nPC-2,\n", FieldCount, Some(2)),
        (b"uid,name\nu\n", FieldCount, Some(2)),
        (b"uid,name\n# c\nu # x, n\nv\n", FieldCount, Some(4)),
        (b"PC-1\n\"PC-2\n", Malformed, Some(2)),
        (b"PC-1\n\"PC-2\" old\n", Malformed, Some(2)),
        (b"PC-1\nPC-2\rPC-3\n", Malformed, Some(2)),
        (b"PC-1\n\x1a", Malformed, Some(2)),
        (b"PC-1\nPC-2\n\x1a\x1a\n", Malformed, Some(3)),
        (b"PC-1\nPC-2\r\rPC-3", Malformed, Some(2)),
        // What stands in a comment of a table, too: it may hide entries.
        (b"name,note\n# keep these\rPC-1,x\nPC-2,y\n", Malformed, Some(2)),
        (b"name\nPC-2\n \t#x\r\rPC-1\r\n", Malformed, Some(3)),
        (b"# x\rname\nPC-2\n", Malformed, Some(1)),
        (b"name\n# x\0\nPC-2\n", Encoding, Some(2)),
        (b"name\n# B\xfcro\nPC-2\n", Encoding, Some(2)),
        (b"name\nPC-2\n\xef\xbb\xbf#\xfc", Encoding, Some(3)),
        // And in a comment of a plain list.
        (b"PC-1\n# x\rPC-2\n", Malformed, Some(2)),
        (b"PC-1\n# x\0\n", Encoding, Some(2)),
        (b"PC-1\n# \xfc\n", Encoding, Some(2)),
        (latin, Encoding, Some(2)),
        (b"PC-1\nP\0C\n", Encoding, Some(2)),
        (b"\xff\xfeP\0C", CutOff, Some(1)),
        (b"# x\n[{\"uid\": \"x\"}]", Malformed, Some(2)),
        (b"[]", Empty, None),
        (b"[{\"uid\": \" \"}]", Empty, None),
        (b"%PDF-1.7", UnsupportedFormat, None),
        (b"PK\x03\x04", CutOff, None),
    ];
    for (text, kind, line) in table {
        let error = read(text, Headers::Nexthink).unwrap_err();
        let shown = String::from_utf8_lossy(text);
        assert_eq!((error.kind(), error.line()), (kind, line), "{shown:?}: {error}");
        assert!(error.file().ends_with("keep.txt"));
    }
}

#[test]
fn a_list_of_display_names_is_none_of_labels() {
    for text in ["name\nHall 3\n", "Device Name\nHall 3\n", "name,os\nHall 3,x\n"] {
        let error = read(text, Headers::Ubidots).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingColumn, "{text}");
        assert!(
            error.to_string().ends_with(
                "line 1: a list of protected devices needs a column `id` or `label`, or one id or label a line"
            ),
            "{error}"
        );
    }
    assert_eq!(told("pump;fan\n", Headers::Ubidots), Err(ErrorKind::MissingColumn));
    assert_eq!(told("pump\nfan;valve\n", Headers::Ubidots), Err(ErrorKind::FieldCount));
}

#[test]
fn nothing_is_read_after_an_error_and_an_endless_line_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keep.txt");
    std::fs::write(&path, format!("{UUID}\na;b\nPC-1\n")).unwrap();
    let mut entries = read_protected(&path, &ReadOptions::new()).unwrap();
    assert!(entries.next().unwrap().is_ok());
    assert!(entries.next().unwrap().is_err());
    assert!(entries.next().is_none());
    let error = read("x".repeat(3 * 1024 * 1024), Headers::Nexthink).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::TooLong, Some(1)));
}

#[test]
fn a_comment_at_the_end_of_a_list_without_a_line_end_is_reported() {
    for (text, line) in [
        ("PC-1\n# the rest of", 2),
        ("PC-1\n\n  #x", 3),
        ("uid,name\nu,PC-1\n# the rest of", 3),
        ("# x\nname\n\"PC\n1\"\n#PC-2", 5),
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (ending, told) in [("", vec![line]), ("\n", vec![]), ("\r\n", vec![])] {
            std::fs::write(file.path(), format!("{text}{ending}")).unwrap();
            let mut entries = read_protected(file.path(), &ReadOptions::new()).unwrap();
            assert_eq!(entries.by_ref().map(Result::unwrap).count(), 1, "{text:?}");
            let lines: Vec<u64> = entries
                .warnings()
                .iter()
                .map(fleetpurge_export::Warning::line)
                .collect();
            assert_eq!(lines, told, "{text:?} {ending:?}: {:?}", entries.warnings());
        }
    }
}

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
