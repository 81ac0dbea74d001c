//! Rows that a person has commented out are never devices.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

use std::io::Cursor;

use fleetpurge_export::{Comments, Entry, Error, ErrorKind, Headers, ReadOptions, Rows};

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

fn open(text: &str, headers: Headers, comments: Option<&str>) -> Result<Rows, Error> {
    let mut options = ReadOptions::new().headers(headers);
    if let Some(comments) = comments {
        options = options.comment(comments.parse().unwrap());
    }
    options.read("devices.csv", Cursor::new(text.as_bytes().to_vec()))
}

/// The names, or labels, of the devices, and how many comments there were.
fn read(text: &str, headers: Headers, comments: Option<&str>) -> Result<(Vec<String>, u64), Error> {
    let mut rows = open(text, headers, comments)?;
    let mut names = Vec::new();
    for row in rows.by_ref() {
        names.push(row?.name);
    }
    Ok((names, rows.comments()))
}

/// Lists whose second row is commented out, in each way to write it, and the line that it begins on.
fn commented_out() -> Vec<(Headers, String, u64)> {
    let mut lists = Vec::new();
    for mark in [
        "#",
        "# ",
        " #",
        "\t#",
        "\u{a0}#",
        "\u{feff}#",
        "\u{200b}#",
        "##",
        "//",
        "// ",
        "-- ",
        "::",
        "REM ",
        "rem ",
        "'",
        "/* ",
        "<!-- ",
        "%",
        "!",
        "\u{ff03}",
    ] {
        let quoted = format!("\"{mark}PC-2\"");
        let plain = format!("{mark}PC-2");
        for field in [&plain, &quoted] {
            lists.push((Headers::Nexthink, format!("name,uid\nPC-1,{A}\n{field},{B}\n"), 3));
            lists.push((Headers::Ubidots, format!("label\npump-1\n{field}\n"), 3));
            lists.push((
                Headers::Ubidots,
                format!("label,id\r\n\r\n{field},5f1d7f4e4763e75a1b2c3d4e\r\n"),
                3,
            ));
            // A tab before the mark is a field of its own where tabs separate.
            if !mark.starts_with('\t') || field == &quoted {
                lists.push((Headers::Nexthink, format!("name\tuid\nPC-1\t{A}\n{field}\t{B}\n"), 3));
            }
        }
        lists.push((Headers::Nexthink, format!("uid,name\n{A},PC-1\n{mark}{B},PC-2"), 3));
        lists.push((
            Headers::Nexthink,
            format!("name;uid\n\"PC\n1\";{A}\n\"{mark}PC\n2\";{B}\n"),
            4,
        ));
    }
    lists.push((Headers::Nexthink, format!("name,uid\nPC-1,{A}\n#N/A,{B}\n"), 3));
    lists.push((Headers::Nexthink, format!("name,uid\nPC-1,{A}\n;PC-2,{B}\n"), 3));
    lists.push((
        Headers::Nexthink,
        format!("name,uid\nPC-1,{A}\n# it's the \"boss\"\n"),
        3,
    ));
    lists
}

#[test]
fn a_row_that_begins_like_a_comment_is_refused_with_its_line() {
    for (headers, text, line) in commented_out() {
        let error = read(&text, headers, None).unwrap_err();
        assert_eq!(
            (error.kind(), error.line()),
            (ErrorKind::CommentedOut, Some(line)),
            "{text:?}: {error}"
        );
        assert!(
            error.to_string().contains("the row begins like a comment: `"),
            "{error}"
        );
        assert!(error.advice().contains("--comment-char ''"), "{}", error.advice());
        if text.contains("the \"boss\"") {
            continue;
        }
        // Another character for comments does not make it a device.
        let error = read(&text, headers, Some("$")).unwrap_err();
        assert_eq!(
            (error.kind(), error.line()),
            (ErrorKind::CommentedOut, Some(line)),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn without_a_comment_character_every_row_is_data() {
    for (headers, text, _) in commented_out() {
        if text.contains("the \"boss\"") {
            continue;
        }
        let (names, comments) = read(&text, headers, Some("")).unwrap();
        assert_eq!(comments, 0);
        assert_eq!(names.len(), if text.contains("\r\n\r\n") { 1 } else { 2 }, "{text:?}");
    }
    let text = format!("#uid,name\n{A},#PC-1\n");
    let options = ReadOptions::new().comment(Comments::None).uid_column("#uid");
    assert_eq!(options.read("devices.csv", Cursor::new(text)).unwrap().count(), 1);
}

#[test]
fn comments_are_passed_over_and_counted_where_the_file_has_one_before_its_header_or_a_person_says_so() {
    let u = |name: &str, uid: &str| format!("{name},{uid}\n");
    let (pc1, pc2) = (u("PC-1", A), u("PC-2", B));
    let header = "name,uid\n";
    let table: Vec<(&str, String, Option<&str>, u64)> = vec![
        (
            "PowerShell",
            format!("#TYPE System.Object\r\n{header}{pc1}#{pc2}"),
            None,
            2,
        ),
        ("said", format!("{header}{pc1}#{pc2}"), Some("#"), 1),
        ("another character", format!("{header}{pc1}!{pc2}"), Some("!"), 1),
        ("not ASCII", format!("{header}{pc1}\u{a7} {pc2}"), Some("\u{a7}"), 1),
        ("space before", format!("{header}{pc1}  \t# {pc2}"), Some("#"), 1),
        ("quoted", format!("{header}{pc1}\"# PC-2, old\",{B}\n"), Some("#"), 1),
        (
            "quoted, of two lines",
            format!("{header}\"# PC-2,\nold\",{B}\n{pc1}"),
            Some("#"),
            1,
        ),
        (
            "quoted before the header",
            format!("\"# made by \"\"x\"\", today\",\n{header}{pc1}\"#PC-2\",{B}\n"),
            None,
            2,
        ),
        (
            "text with quotes",
            format!("# the \"old\" 15\" ones\n{header}# don't \"\n{pc1}"),
            None,
            2,
        ),
        (
            "fields of another number",
            format!("{header}{pc1}# one, two, three\n#\n#,\n"),
            Some("#"),
            3,
        ),
        (
            "a byte order mark",
            format!("\u{feff}# x\n{header}{pc1}#{pc2}"),
            None,
            2,
        ),
        (
            "a file put behind another",
            format!("# a\n{header}{pc1}\u{feff}# b\n"),
            None,
            2,
        ),
        ("blank lines", format!("\n# x\n\n# y\n{header}\n# z\n\n{pc1}"), None, 3),
        ("a header in a comment too", format!("#{header}{header}{pc1}"), None, 1),
    ];
    for (what, text, comments, count) in table {
        let expected = (vec!["PC-1".to_owned()], count);
        assert_eq!(read(&text, Headers::Nexthink, comments).unwrap(), expected, "{what}");
        let mut rows = open(&text, Headers::Nexthink, comments).unwrap();
        while rows.next_entry().is_some() {}
        assert!(rows.warnings().is_empty(), "{what}: {:?}", rows.warnings());
    }
    let pumps = "# of hall 3\nlabel\npump-1\n#pump-2\n  # and pump-3\n";
    assert_eq!(
        read(pumps, Headers::Ubidots, None).unwrap(),
        (vec!["pump-1".to_owned()], 3)
    );
}

#[test]
fn a_comment_with_the_fields_of_a_row_is_reported_as_a_commented_out_device() {
    let text = format!("# old\nname,uid\nPC-1,{A}\n#PC-2,{B}\n# two of them\n\" # PC,3\",{B}\n");
    let mut rows = open(&text, Headers::Nexthink, None).unwrap();
    let (mut entries, mut devices) = (Vec::new(), Vec::new());
    while let Some(entry) = rows.next_entry() {
        entries.push(match entry.unwrap() {
            Entry::Device(row) => ("device", row.line, row.name, row.uid),
            Entry::CommentedOut { row, device } => {
                devices.push((device.name, device.uid));
                ("commented out", row.line, row.name, row.uid)
            }
        });
    }
    let s = str::to_owned;
    let expected = [
        ("device", 3, s("PC-1"), s(A)),
        ("commented out", 4, s("#PC-2"), s(B)),
        ("commented out", 6, s(" # PC,3"), s(B)),
    ];
    assert_eq!(entries, expected);
    assert_eq!(devices, [(s("PC-2"), s(B)), (s("PC,3"), s(B))]);
}

#[test]
fn a_commented_out_device_is_reported_without_its_mark() {
    for (headers, text, comments, expected) in [
        (Headers::Nexthink, format!("uid,name\n#{A},PC-1\n"), "#", (A, "PC-1")),
        (
            Headers::Nexthink,
            format!("uid,name\n \u{feff}## {A},#1\n"),
            "#",
            (A, "#1"),
        ),
        (
            Headers::Nexthink,
            format!("name;uid\n\"! PC-1\";{A}\n"),
            "!",
            (A, "PC-1"),
        ),
        (
            Headers::Nexthink,
            format!("os,uid,name\n#x,{A},#PC-1\n"),
            "#",
            (A, "#PC-1"),
        ),
        (Headers::Nexthink, format!("name,uid\nxx1,{A}\n"), "x", (A, "1")),
        (Headers::Ubidots, "label\n# pump\n".to_owned(), "#", ("", "pump")),
        (Headers::Ubidots, "id\n-5f1d\n".to_owned(), "-", ("5f1d", "")),
    ] {
        let mut rows = open(&text, headers, Some(comments)).unwrap();
        let Some(Ok(Entry::CommentedOut { device, .. })) = rows.next_entry() else {
            panic!("{text:?}")
        };
        assert_eq!((device.uid.as_str(), device.name.as_str()), expected, "{text:?}");
    }
}

#[test]
fn a_comment_that_may_be_something_else_is_refused_with_its_line() {
    use ErrorKind::{AmbiguousColumn, Empty, Encoding, Malformed, MissingColumn};
    let row = format!("{A},PC-1\n");
    let table: Vec<(String, Option<&str>, ErrorKind, u64, &str)> = vec![
        // The header itself.
        (
            format!("#uid,name\n{row}"),
            None,
            MissingColumn,
            1,
            "reads like the header; line 2",
        ),
        (
            format!("# uid,name\n{row}"),
            None,
            MissingColumn,
            1,
            "reads like the header",
        ),
        (
            format!("# uid;name\r\n\r\n{A};PC-1\r\n"),
            None,
            MissingColumn,
            1,
            "reads like the header; line 3",
        ),
        (
            format!("#uid,name\n{row}"),
            Some("#"),
            MissingColumn,
            1,
            "reads like the header",
        ),
        (
            format!("\"#uid\",name\n{row}"),
            None,
            MissingColumn,
            2,
            "no column `uid`",
        ),
        (
            format!("#uid,name\n{row}"),
            Some(""),
            MissingColumn,
            1,
            "its columns are `#uid`, `name`",
        ),
        (
            format!("# a\n# b\nos,name\n{row}"),
            None,
            MissingColumn,
            3,
            "no column `uid`",
        ),
        (
            format!("# a\n\nuid,uid,name\n{row}"),
            None,
            AmbiguousColumn,
            3,
            "more than one column",
        ),
        ("# a\n#b\n".to_owned(), None, Empty, 0, "comments and nothing else"),
        // A row of several lines: only its first line begins with the character.
        (
            format!("uid,name\n#{A},\"PC\n{B},PC-2\n\"\n{row}"),
            Some("#"),
            Malformed,
            2,
            "opens and does not close",
        ),
        ("# a\0\nuid,name\n".to_owned(), None, Encoding, 1, "NUL"),
    ];
    for (text, comments, kind, line, part) in table {
        let error = read(&text, Headers::Nexthink, comments).unwrap_err();
        assert_eq!(
            (error.kind(), error.line().unwrap_or(0)),
            (kind, line),
            "{text:?}: {error}"
        );
        assert!(error.to_string().contains(part), "{error}");
    }
    let bytes = b"# x\nuid,name\n# B\xfcro\n".to_vec();
    let mut rows = ReadOptions::new().read("devices.csv", Cursor::new(bytes)).unwrap();
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.line()), (Encoding, Some(3)));
}

#[test]
fn a_line_within_quotes_begins_no_comment() {
    for comments in [None, Some("#")] {
        let text = format!("name,uid\n\"PC\n# 1\",{A}\n");
        let expected = (vec!["PC\n# 1".to_owned()], 0);
        assert_eq!(
            read(&text, Headers::Nexthink, comments).unwrap(),
            expected,
            "{comments:?}"
        );
    }
}

#[test]
fn a_column_of_numbers_may_be_called_by_the_number_sign() {
    let text = format!("#,uid,name\n1,{A},PC-1\n2,{B},PC-2\n");
    let (names, comments) = read(&text, Headers::Nexthink, None).unwrap();
    assert_eq!((names.len(), comments), (2, 0));
    let error = read(&format!("{text}#3,{B},PC-3\n"), Headers::Nexthink, None).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::CommentedOut, Some(4)));
    // A person has said that it is a comment.
    assert!(read(&text, Headers::Nexthink, Some("#")).is_err());
}

#[test]
fn a_name_that_begins_with_a_number_sign_elsewhere_is_a_device_and_reported() {
    let text = format!("uid,name\n{A},#PC-1\n{B},PC-2\n11111111-2222-4333-8444-555555555555,# PC-3\n");
    let mut rows = open(&text, Headers::Nexthink, None).unwrap();
    assert_eq!(rows.by_ref().filter(Result::is_ok).count(), 3);
    let told: Vec<String> = rows.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "devices.csv, line 2: 2 names begin with `#`, in a column that is not the first; their rows are no comments; the first is `#PC-1`"
        ]
    );
}
