//! Text: separators, encodings, line ends, headers.

use crate::cases::{BOTH, U1, check, header_row, nexthink, reads, refuses, text, ubidots, utf16};

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
            "list: this is text in UTF-16LE without a byte order mark",
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
            "list, line 2 (row 1 in a spreadsheet), column `uid`: the header has no column",
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
fn rows_are_told_as_a_spreadsheet_numbers_them() {
    let broken = text("uid,note,name\n<U1>,\"a\nb\nc\",PC-1\n<U2>,,PC-2\nx\n");
    check(&[
        refuses(
            "below a break in quotes",
            nexthink(),
            &broken,
            "list, line 6 (row 4 in a spreadsheet), column `note`: the row has 1 field",
        ),
        refuses(
            "below sep=, which a spreadsheet does not show",
            nexthink(),
            "sep=;\nuid;name\na\n",
            "list, line 3 (row 2 in a spreadsheet), column `name`: the row has 1 field",
        ),
        refuses(
            "above any break",
            nexthink(),
            "uid,name\nx\na,\"b\nc\"\n",
            "list, line 2, column `name`: the row has 1 field",
        ),
        refuses(
            "within a row of several lines, not UTF-8",
            nexthink(),
            b"uid,note,name\nA,\"x\nRen\xe9\nz\",PC\n",
            "list, line 3 (row 2 in a spreadsheet), column `note`: the text is not UTF-8",
        ),
        refuses(
            "within a row of several lines that ends the file, not UTF-8",
            nexthink(),
            b"uid,note,name\n,\"x\ny\",\nA,\"x\nRen\xe9\",PC",
            "list, line 5 (row 3 in a spreadsheet), column `note`: the text is not UTF-8",
        ),
        refuses(
            "within a row of several lines, a stray quote",
            nexthink(),
            "uid,name\na,\"b\nc\"\nd,\"e\nf\"g\n",
            "list, line 5 (row 3 in a spreadsheet): a stray quote",
        ),
        refuses(
            "within a row of several lines, a quote that is never closed",
            nexthink(),
            "uid,note,name\na,\"b\nc\",\"d\ne",
            "list, line 3 (row 2 in a spreadsheet): the quote that opens on this line is never closed",
        ),
        refuses(
            "below a break in quotes above the header",
            header_row(3),
            "\"Old\ndevices\"\nuid,name\na,\"b\nc\"\nx\n",
            "list, line 6, column `name`: the row has 1 field",
        ),
        refuses(
            "UTF-16 BE without a mark",
            nexthink(),
            utf16("uid,name\n", u16::to_be_bytes),
            "list: this is text in UTF-16BE without a byte order mark",
        ),
    ]);
}

/// Where lines end with a carriage return alone, these are counted.
#[test]
fn what_is_no_text_of_its_encoding_is_told_by_its_line() {
    let windows = || nexthink().encoding("windows-1252".parse().unwrap());
    for ending in ["\n", "\r\n", "\r"] {
        let lines = format!("uid,name{ending}a,b{ending}c,");
        let mut cut = utf16(&format!("\u{feff}{lines}"), u16::to_le_bytes);
        cut.extend([0x00, 0xd8, 0x41, 0x00]);
        check(&[
            refuses(
                "Windows-1252",
                windows(),
                [lines.as_bytes(), b"\x81", ending.as_bytes()].concat(),
                "list, line 3: the text is not windows-1252",
            ),
            refuses("UTF-16", nexthink(), cut, "list, line 3: the text is not UTF-16LE"),
        ]);
    }
}

#[test]
fn a_header_below_titles_is_told() {
    let text = format!("Old devices\n\nuid,name\n{U1},PC-1\n");
    let error = nexthink().read("list", std::io::Cursor::new(text)).unwrap_err();
    assert_eq!(
        error.advice(),
        "line 3 reads like the header; if it is, skip what is above it with --header-row 3"
    );
}
