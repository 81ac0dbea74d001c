//! Lists of devices that must stay, as text: a value a line, or a table.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

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
