//! What is read from an export, and what is refused.

use std::error::Error as _;
use std::io::{Cursor, Read};

use fleetpurge_export::{Error, ErrorKind, ReadOptions, Row};

fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<Row>, Error> {
    let bytes = bytes.as_ref().to_vec();
    ReadOptions::new().read("devices.csv", Cursor::new(bytes))?.collect()
}

fn row(line: u64, uid: &str, name: &str) -> Row {
    Row {
        line,
        uid: uid.to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn rows_are_read_character_for_character_with_the_line_they_begin_on() {
    let table: [(&str, &[u8], Vec<Row>); 14] = [
        ("plain", b"uid,name\na,b\n", vec![row(2, "a", "b")]),
        ("no newline at the end", b"uid,name\na,b", vec![row(2, "a", "b")]),
        (
            "CRLF",
            b"uid,name\r\na,b\r\nc,d\r\n",
            vec![row(2, "a", "b"), row(3, "c", "d")],
        ),
        (
            "byte order mark",
            b"\xef\xbb\xbfuid,name\na,b\n",
            vec![row(2, "a", "b")],
        ),
        ("quoted header", b"\"uid\",\"name\"\na,b\n", vec![row(2, "a", "b")]),
        (
            "other columns and order",
            b"os,name,uid\nx,b,a\n",
            vec![row(2, "a", "b")],
        ),
        ("semicolons", b"uid;name\na;b,c\n", vec![row(2, "a", "b,c")]),
        ("tabs", b"uid\tname\na\tb c\n", vec![row(2, "a", "b c")]),
        (
            "outer space is kept",
            b"uid , name\n a ,\" b \"\n",
            vec![row(2, " a ", " b ")],
        ),
        (
            "quotes, commas and lines within quotes",
            b"uid,name\na,\"15\"\" \r\nx, y\"\nc,d\n",
            vec![row(2, "a", "15\" \r\nx, y"), row(4, "c", "d")],
        ),
        (
            "blank lines are no rows",
            b"\nuid,name\n\n\r\na,b\n\n",
            vec![row(5, "a", "b")],
        ),
        (
            "blank fields are",
            b"uid,name\n,\n\"\",b\n",
            vec![row(2, "", ""), row(3, "", "b")],
        ),
        ("a header alone", b"uid,name\n", vec![]),
        (
            "a byte order mark within the file is text",
            b"uid,name\n\xef\xbb\xbfa,b\n",
            vec![row(2, "\u{feff}a", "b")],
        ),
    ];
    for (what, bytes, expected) in table {
        assert_eq!(read(bytes).unwrap(), expected, "{what}");
    }
}

#[test]
fn composed_and_decomposed_letters_and_emoji_stay_as_they_are() {
    let names = ["caf\u{e9}", "cafe\u{301}", "💻 of Zoë", "\u{202e}PC", "Ｆｕｌｌ"];
    let text = names
        .iter()
        .fold("uid,name\n".to_owned(), |text, name| text + "u," + name + "\n");
    let read: Vec<String> = read(text).unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(read, names);
}

#[test]
fn a_file_that_is_not_a_list_of_devices_is_refused_with_the_position() {
    use ErrorKind::{
        AmbiguousColumn, CutOff, Empty, Encoding, FieldCount, Malformed, MissingColumn, UnsupportedFormat,
    };
    #[rustfmt::skip]
    let table: &[(&[u8], ErrorKind, &str)] = &[
        (b"", Empty, "devices.csv: the file is empty"),
        (b"\xef\xbb\xbf", Empty, "devices.csv: the file is empty"),
        (b"\n\r\n", Empty, "devices.csv: the file is empty"),
        (b"os,name\n", MissingColumn, "devices.csv, line 1, column `uid`: the header has no column `uid`; its columns are `os`, `name`"),
        (b"uid;os\n", MissingColumn, "devices.csv, line 1, column `name`: the header has no column `name`; its columns are `uid`, `os`"),
        (b"uid,uid,name\n", AmbiguousColumn, "devices.csv, line 1, column `uid`: more than one column could be the uid: `uid`, `uid`"),
        (b"device.uid,device.collector.uid,name\n", AmbiguousColumn, "devices.csv, line 1, column `uid`: more than one column could be the uid: `device.uid`, `device.collector.uid`"),
        (b"collector uid,name\n", MissingColumn, "devices.csv, line 1: the header has no device uid column, only the collector's: `collector uid`"),
        (b"uid,name,os\na,b,c\nd\n", FieldCount, "devices.csv, line 3, column `name`: the row has 1 field where the header has 3; missing: `name`, `os`"),
        (b"uid,name\na,b,c\n", FieldCount, "devices.csv, line 2: the row has 3 fields where the header has 2"),
        (b"uid,name\na,b\nc,Ren\xe9\n", Encoding, "devices.csv, line 3, column `name`: the text is not UTF-8: byte 0xe9 at offset 18 of the file"),
        (b"uid,name\na,\"b\nRen\xe9\"\n", Encoding, "devices.csv, line 3 (row 2 in a spreadsheet), column `name`: the text is not UTF-8: byte 0xe9 at offset 17 of the file"),
        (b"uid,\xe9,name\n", Encoding, "devices.csv, line 1: the text is not UTF-8: byte 0xe9 at offset 4 of the file"),
        (b"u\0i\0d\0", Encoding, "devices.csv, line 1: a NUL byte stands here, as in UTF-16 text or a damaged file"),
        (b"uid,name\na,b\nc,a \"b\"\n", Malformed, "devices.csv, line 3: a stray quote stands within a field that does not begin with one"),
        (b"uid,name\n\"a\"x,b\n", Malformed, "devices.csv, line 2: a stray quote: text follows the quote that ends its field"),
        (b"uid,name\na,\"b\nc,d\n", Malformed, "devices.csv, line 2: the quote that opens on this line is never closed"),
        (b"uid,name\ra,b\nc,d\n", Malformed, "devices.csv, line 1: a carriage return without a line feed ends no line"),
        (b"PK\x03\x04....", CutOff, "devices.csv: the workbook cannot be read: invalid Zip archive: Could not find EOCD"),
        (b"\x1f\x8b\x08", CutOff, "devices.csv: the compressed file is cut short or damaged"),
        (b"SQLite format 3\0", UnsupportedFormat, "devices.csv: this is a database, as a plan is, and not a list of devices"),
    ];
    for (bytes, kind, message) in table {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.to_string(), *message);
        assert_eq!(error.kind(), *kind, "{message}");
        assert!(!error.advice().is_empty(), "{message}");
    }
}

#[test]
fn an_explicit_column_is_taken_and_a_wrong_one_is_named() {
    let text = "device.uid,device.collector.uid,name\na,b,c\n";
    let options = ReadOptions::new().uid_column("device.collector.uid");
    let mut rows = options.read("devices.csv", text.as_bytes()).unwrap();
    assert_eq!(
        (rows.uid_column(), rows.name_column()),
        (Some("device.collector.uid"), Some("name"))
    );
    assert_eq!(rows.next().unwrap().unwrap(), row(2, "b", "c"));

    let error = ReadOptions::new()
        .uid_column("id")
        .read("devices.csv", text.as_bytes())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingColumn);
    assert_eq!(error.column(), Some("id"));
    assert!(error.advice().contains("--uid-column"), "{}", error.advice());
}

#[test]
fn a_quote_that_is_never_closed_does_not_read_the_whole_file_into_memory() {
    let header = Cursor::new(b"uid,name\n\"".to_vec());
    let endless = header.chain(std::io::repeat(b'x'));
    let mut rows = ReadOptions::new().read("devices.csv", endless).unwrap();
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::TooLong, Some(2)));
    assert!(rows.next().is_none(), "a reader that failed goes on");
    assert!(
        rows.digest().is_none(),
        "a file that was not read to its end has a digest"
    );
}

#[test]
fn the_digest_is_that_of_the_file_byte_order_mark_included() {
    let mut rows = ReadOptions::new()
        .read("x", &b"\xef\xbb\xbfuid,name\r\na,b\r\n"[..])
        .unwrap();
    assert!(rows.digest().is_none(), "the digest is there before the end");
    assert_eq!(rows.by_ref().count(), 1);
    assert_eq!(
        rows.digest().unwrap().to_string(),
        "37df3a38e67f620b913d7d4959b7ec734d4c883bddc0bf550cfb8d43f58b6f81"
    );
}

/// Hands over one byte at a time, as a slow pipe may.
struct Drip(Cursor<Vec<u8>>);

impl Read for Drip {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let length = buf.len().min(1);
        self.0.read(&mut buf[..length])
    }
}

#[test]
fn a_pipe_that_gives_one_byte_at_a_time_is_read_the_same() {
    let rows: Vec<Row> = ReadOptions::new()
        .read(
            "x",
            Drip(Cursor::new(b"\xef\xbb\xbfuid,name\r\na,\"b\r\nc\"\r\n".to_vec())),
        )
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows, [row(2, "a", "b\r\nc")]);
    let error = ReadOptions::new()
        .read("x", Drip(Cursor::new(b"PK\x03\x04".to_vec())))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CutOff);
}

#[test]
fn a_missing_file_and_a_directory_have_different_errors() {
    let dir = tempfile::tempdir().unwrap();
    let error = ReadOptions::new().open(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAFile);
    let error = ReadOptions::new().open(dir.path().join("none.csv")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.file().ends_with("none.csv"));
    assert!(error.source().is_some());
}
