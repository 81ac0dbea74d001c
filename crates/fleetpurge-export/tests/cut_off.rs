//! A list that was cut off at any place: half a device is never read as one.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

use std::io::{Cursor, Read};

use fleetpurge_export::{Error, ErrorKind, Headers, ReadOptions, Warning, WarningKind};

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

fn read(bytes: impl Into<Vec<u8>>, headers: Headers) -> Result<(usize, Vec<Warning>), Error> {
    let mut rows = ReadOptions::new()
        .headers(headers)
        .read("devices.csv", Cursor::new(bytes.into()))?;
    let mut count = 0;
    for row in rows.by_ref() {
        row?;
        count += 1;
    }
    Ok((count, rows.warnings().to_vec()))
}

#[test]
fn a_quote_that_is_never_closed_is_refused_with_the_line_where_it_opens() {
    for (text, line) in [
        (format!("uid,name\n{A},\"PC-1"), 2),
        (format!("uid,name\n{A},\"PC-1\n{B},PC-2\n"), 2),
        (format!("uid,name\r\n{A},\"PC-1\r\n"), 2),
        // The row begins on line 2, the quote on line 3.
        (format!("uid,note,name\n{A},\"two\nlines\",\"PC-1\n{B},,PC-2\n"), 3),
        (format!("uid,name\n{A},\"PC\"\"\n"), 2),
        ("\"uid,name\n".to_owned(), 1),
        (format!("uid\tname\n{A}\t\"PC-1\n"), 2),
    ] {
        let error = read(text.as_str(), Headers::Nexthink).unwrap_err();
        assert_eq!(
            (error.kind(), error.line()),
            (ErrorKind::Malformed, Some(line)),
            "{text:?}"
        );
        let row = if line == 3 { " (row 2 in a spreadsheet)" } else { "" };
        assert_eq!(
            error.to_string(),
            format!("devices.csv, line {line}{row}: the quote that opens on this line is never closed")
        );
    }
    let error = read("label\npump-1\n\"pump-2\n", Headers::Ubidots).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::Malformed, Some(3)));
    // A later quote closes it: the line where the field began is told.
    let error = read(format!("uid,name\n{A},\"PC-1\n{B},\"PC-2\"\n"), Headers::Nexthink).unwrap_err();
    assert_eq!(error.line(), Some(3));
    assert!(error.to_string().contains("which began on line 2"), "{error}");
}

#[test]
fn a_last_row_without_a_line_end_is_reported_with_its_values() {
    let warn = |line: u64, row: &str| {
        format!(
            "devices.csv, line {line}: the last row has no line end; if the list was cut off, its last field is not whole, and \
             rows are missing. It reads {row}"
        )
    };
    let long = "x".repeat(300);
    for (headers, text, expected) in [
        (
            Headers::Nexthink,
            format!("uid,name\n{A},PC-1\n{B},PC"),
            warn(3, &format!("`{B}`, `PC`")),
        ),
        (
            Headers::Nexthink,
            format!("uid,name\r\n{A},PC\u{200b}"),
            warn(2, &format!("`{A}`, `PC\\u{{200b}}`")),
        ),
        (
            Headers::Nexthink,
            format!("uid;name\n{A};\"PC;1\""),
            warn(2, &format!("`{A}`, `PC;1`")),
        ),
        (
            Headers::Nexthink,
            format!("uid,name\n{A},"),
            warn(2, &format!("`{A}`, ``")),
        ),
        (
            Headers::Nexthink,
            format!("uid,name\n{A},{long}"),
            warn(2, &format!("`{A}`, `{}...`", &long[..120])),
        ),
        (
            Headers::Nexthink,
            format!("uid,name\n{A},PC-1\n\n{B},PC-2"),
            warn(4, &format!("`{B}`, `PC-2`")),
        ),
        (
            Headers::Nexthink,
            format!("name,uid\nPC-1,{A}"),
            warn(2, &format!("`PC-1`, `{A}`")),
        ),
        (Headers::Ubidots, "label\npump-1\npump".to_owned(), warn(3, "`pump`")),
        (
            Headers::Ubidots,
            "id,label\n5f1d7f4e4763e75a1b2c3d4e,pump".to_owned(),
            warn(2, "`5f1d7f4e4763e75a1b2c3d4e`, `pump`"),
        ),
    ] {
        let (_, warnings) = read(text.as_str(), headers).unwrap();
        let told: Vec<(WarningKind, String)> = warnings
            .iter()
            .map(|warning| (warning.kind(), warning.to_string()))
            .collect();
        assert_eq!(told, [(WarningKind::NoLineEnd, expected)], "{text:?}");
        let (_, warnings) = read(format!("{text}\n"), headers).unwrap();
        assert_eq!(warnings, [], "{text:?}");
    }
    // A comment that the file ends with is no row, and rows may be missing after it all the same.
    for (text, line, comment) in [
        (format!("#\nuid,name\n{A},PC-1\n# the la"), 4, "# the la"),
        (format!("#\nuid,name\n{A},PC-1\n#{B},PC"), 4, &*format!("#{B},PC")),
        (format!("#\nname,uid\nPC-1,{A}\n#PC-2,7c9e"), 4, "#PC-2,7c9e"),
        (format!("#\nuid,name\n{A},PC-1\n#\u{200b}"), 4, "#\\u{200b}"),
    ] {
        let (devices, warnings) = read(text.as_str(), Headers::Nexthink).unwrap();
        let told: Vec<(WarningKind, String)> = warnings.iter().map(|it| (it.kind(), it.to_string())).collect();
        let expected = format!(
            "devices.csv, line {line}: the last line is a comment and has no line end; if the list was cut off, lines are \
             missing. It reads `{comment}`"
        );
        assert_eq!(
            (devices, told),
            (1, vec![(WarningKind::NoLineEnd, expected)]),
            "{text:?}"
        );
        assert_eq!(
            read(format!("{text}\n"), Headers::Nexthink).unwrap(),
            (1, vec![]),
            "{text:?}"
        );
    }
    assert_eq!(
        read("uid,name", Headers::Nexthink).unwrap(),
        (0, vec![]),
        "no row is cut"
    );
}

#[test]
fn what_is_surely_cut_off_is_refused_with_its_line() {
    use ErrorKind::{CutOff, Empty, Encoding, FieldCount, Malformed};
    let start = format!("uid,name\n{A},PC-1\n");
    let table: Vec<(Vec<u8>, ErrorKind, Option<u64>, &str)> = vec![
        (
            format!("{start}{B}").into(),
            FieldCount,
            Some(3),
            "the file may be cut short",
        ),
        (
            format!("{start}{}", &B[..9]).into(),
            FieldCount,
            Some(3),
            "the file may be cut short",
        ),
        (
            format!("name,uid\nPC-1,{A}\nPC-2,{}", &B[..20]).into(),
            CutOff,
            Some(3),
            "7c9e6679-7425-40de-9",
        ),
        (
            format!("name,uid\nPC-1,{A}\nPC-2,{}", &B[..35]).into(),
            CutOff,
            Some(3),
            "the file ends within this row",
        ),
        (
            format!("name,uid\r\nPC-1,{A}\r\nPC-2,{}", &B[..8]).into(),
            CutOff,
            Some(3),
            "ends within this row",
        ),
        (
            [start.as_bytes(), B.as_bytes(), b",Ren\xc3"].concat(),
            CutOff,
            Some(3),
            "ends within a character: byte 0xc3",
        ),
        (
            [start.as_bytes(), B.as_bytes(), b",\xf0\x9f\x92"].concat(),
            CutOff,
            Some(3),
            "ends within a character",
        ),
        (
            [start.as_bytes(), B.as_bytes(), b",Ren\xc3\n"].concat(),
            Encoding,
            Some(3),
            "not UTF-8",
        ),
        (
            [start.as_bytes(), B.as_bytes(), b",PC-2\r"].concat(),
            Malformed,
            Some(3),
            "ends with a carriage return",
        ),
        ([start.as_bytes(), b"\0\0\0\0"].concat(), Encoding, Some(3), "NUL"),
        (
            [start.as_bytes(), B.as_bytes(), b",PC-2\0\0"].concat(),
            Encoding,
            Some(3),
            "NUL",
        ),
        ([start.as_bytes(), b"\x1a"].concat(), Malformed, Some(3), "Ctrl-Z"),
        ([start.as_bytes(), b"\x1a\r\n"].concat(), Malformed, Some(3), "Ctrl-Z"),
        (
            [start.as_bytes(), B.as_bytes(), b",PC-2\x1a"].concat(),
            Malformed,
            Some(3),
            "Ctrl-Z",
        ),
        (b"\xef\xbb\xbf".to_vec(), Empty, None, "empty"),
        (b"\xef\xbb".to_vec(), CutOff, Some(1), "ends within a character"),
    ];
    for (bytes, kind, line, part) in table {
        let error = read(bytes.as_slice(), Headers::Nexthink).unwrap_err();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!((error.kind(), error.line()), (kind, line), "{text:?}: {error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    for (text, kind) in [
        ("id\n5f1d7f4e4763e75a1b2c3d4e\n5f1d7f4e4763", CutOff),
        ("label,id\na,5f1d7f4e4763e75a1b2c3d4e\nb,5", CutOff),
        (
            "id,label\n5f1d7f4e4763e75a1b2c3d4e,a\n5f1d7f4e4763e75a1b2c3d",
            FieldCount,
        ),
        ("label\npump\n\x1a", Malformed),
    ] {
        assert_eq!(read(text, Headers::Ubidots).unwrap_err().kind(), kind, "{text:?}");
    }
}

#[test]
fn a_malformed_last_uid_is_no_sign_of_truncation_if_others_are_malformed_or_the_line_ends() {
    for text in [
        format!("name,uid\nPC-1,{A}\nPC-2,laptop\n"),
        format!("name,uid\nPC-1,{A}\nPC-2,laptop\nPC-3,other"),
        "name,uid\nPC-1,laptop".to_owned(),
        format!("uid,name\n{A},PC-1\nlaptop,PC-2"),
    ] {
        read(text.as_str(), Headers::Nexthink).unwrap();
    }
}

#[test]
fn a_field_of_several_lines_is_reported() {
    let text = format!("uid,name\n{A},\"PC-1\n{B},PC-2\"\n");
    let (count, warnings) = read(text, Headers::Nexthink).unwrap();
    assert_eq!(count, 1);
    assert_eq!(
        warnings[0].to_string(),
        format!("devices.csv, line 2: a field runs over more than one line; a quote may be missing: `PC-1\\n{B},PC-2`")
    );
    assert_eq!((warnings[0].kind(), warnings[0].line()), (WarningKind::LineBreak, 2));
    assert_eq!(warnings[0].file(), "devices.csv");
}

/// Every prefix of a list either is refused, or is told, or is whole.
#[test]
fn no_cut_goes_unnoticed_but_one_between_two_rows() {
    let id = |n: u32| format!("5f1d7f4e4763e75a{n:08x}");
    for (headers, text) in [
        (
            Headers::Nexthink,
            format!("uid,name\r\n{A},PC-1\r\n{B},\"PC, 2 é\"\r\n"),
        ),
        (Headers::Nexthink, format!("name;uid\nPC-1;{A}\n\"PC;2\";{B}\n")),
        (
            Headers::Ubidots,
            format!("id,label\n{},pump-1\n{},pump-2\n", id(1), id(2)),
        ),
        (Headers::Ubidots, format!("id\n{}\n{}\n", id(1), id(2))),
        (Headers::Ubidots, "label\npump-1\n\"pump 2\"\n".to_owned()),
    ] {
        for end in 0..text.len() {
            let bytes = &text.as_bytes()[..end];
            let Ok((count, warnings)) = read(bytes, headers) else {
                continue;
            };
            let is_between_rows = bytes.ends_with(b"\n");
            assert!(
                count == 0 || is_between_rows || warnings.iter().any(|w| w.kind() == WarningKind::NoLineEnd),
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
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
fn a_slow_pipe_shows_the_same() {
    let text = format!("# x\r\nuid,name\r\n{A},\"a\r\nb\"\r\n#{B},PC\r\n{B},PC");
    let mut rows = ReadOptions::new()
        .read("devices.csv", Drip(Cursor::new(text.into_bytes())))
        .unwrap();
    let lines: Vec<u64> = rows.by_ref().map(|row| row.unwrap().line).collect();
    assert_eq!((lines, rows.comments()), (vec![3, 6], 2));
    assert_eq!(rows.warnings().len(), 2);
}
