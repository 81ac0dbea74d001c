//! XLSX.

use crate::book::{book, cell, date, formula, inline, number, row, row_with, sheet, text_row};
use crate::cases::{U1, U2, check, gzip, header_row, nexthink, reads, refuses};

/// A name of a column that is two lines is read as one.
#[test]
fn the_cells_below_a_header_of_two_lines_are_judged_by_it() {
    let with = |cells: &[String]| {
        book(&[sheet(
            "Devices",
            &[text_row(1, &["device\nuid", "device\nname"]), row(2, cells)],
        )])
    };
    check(&[
        reads(
            "texts",
            nexthink(),
            with(&[inline("A2", U1), inline("B2", "PC")]),
            &[(2, "<U1>", "PC")],
        ),
        refuses(
            "a number as a name",
            nexthink(),
            with(&[inline("A2", U1), number("B2", "123")]),
            "list, row 2 of sheet `Devices`, column `device\\nname`: cell B2 is a number, `123`",
        ),
        refuses(
            "a name of two lines",
            nexthink(),
            with(&[inline("A2", U1), inline("B2", "PC\n1")]),
            "list, row 2 of sheet `Devices`, column `device\\nname`: cell B2 is text of several lines",
        ),
        reads(
            "the sheet that has it",
            nexthink(),
            book(&[
                sheet("Other", &[text_row(1, &["a", "b"])]),
                sheet(
                    "Devices",
                    &[text_row(1, &["device\nuid", "device\nname"]), text_row(2, &[U1, "PC"])],
                ),
            ]),
            &[(2, "<U1>", "PC")],
        ),
    ]);
}

/// Whatever stands above the header, the cells below it are judged by it.
#[test]
fn a_comment_above_the_header_of_a_sheet_does_not_hide_it() {
    let noted = |comment: &str, cells: &[String]| {
        book(&[sheet(
            "Devices",
            &[
                text_row(1, &[comment]),
                text_row(2, &[comment, "uid", "name"]),
                text_row(4, &["uid", "name", "seen"]),
                row(5, cells),
            ],
        )])
    };
    let with = |cells: &[String]| noted("# as of May", cells);
    let exclaimed = || nexthink().comment("!".parse().unwrap());
    check(&[
        reads(
            "a device without the last cell",
            nexthink(),
            with(&[inline("A5", U1), inline("B5", "PC")]),
            &[(5, "<U1>", "PC")],
        ),
        refuses(
            "a number as a name",
            nexthink(),
            with(&[inline("A5", U1), number("B5", "123"), inline("C5", "x")]),
            "list, row 5 of sheet `Devices`, column `name`: cell B5 is a number, `123`",
        ),
        refuses(
            "a number as a uid",
            nexthink(),
            with(&[number("A5", "123"), inline("B5", "PC"), inline("C5", "x")]),
            "list, row 5 of sheet `Devices`, column `uid`: cell A5 is a number, `123`",
        ),
        refuses(
            "a name of two lines, which would be another name",
            nexthink(),
            with(&[inline("A5", U1), inline("B5", "PC\n1"), inline("C5", "x")]),
            "list, row 5 of sheet `Devices`, column `name`: cell B5 is text of several lines",
        ),
        refuses(
            "a formula without a value",
            nexthink(),
            with(&[inline("A5", U1), formula("B5", None), inline("C5", "x")]),
            "list, row 5 of sheet `Devices`, column `name`: cell B5 is a formula without a stored value",
        ),
        reads(
            "a name that begins like a comment, after a blank cell",
            nexthink(),
            book(&[sheet(
                "Devices",
                &[
                    text_row(1, &["# as of May"]),
                    text_row(2, &["note", "uid", "name"]),
                    row(3, &[inline("B3", U1), inline("C3", "PC-1")]),
                    row(4, &[inline("B4", "#2"), inline("C4", "#PC-2")]),
                    text_row(5, &["# x", "a", "b"]),
                ],
            )]),
            &[(3, "<U1>", "PC-1"), (4, "#2", "#PC-2")],
        ),
        refuses(
            "below a comment of another kind",
            exclaimed(),
            noted(
                "! as of May",
                &[inline("A5", U1), number("B5", "123"), inline("C5", "x")],
            ),
            "list, row 5 of sheet `Devices`, column `name`: cell B5 is a number, `123`",
        ),
        reads(
            "numbers of rows, under a header that begins with #",
            nexthink(),
            book(&[sheet(
                "Devices",
                &[
                    text_row(1, &["#", "uid", "name"]),
                    row(2, &[number("A2", "1"), inline("B2", U1), inline("C2", "PC")]),
                ],
            )]),
            &[(2, "<U1>", "PC")],
        ),
        refuses(
            "a comment alone",
            nexthink(),
            book(&[sheet("Devices", &[text_row(1, &["# nothing"])])]),
            "list: the file holds comments and nothing else",
        ),
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
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is a number, `123`",
        ),
        refuses(
            "a date as a name",
            nexthink(),
            with(&[inline("A2", U1), date("B2", "45000")]),
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is a date or time",
        ),
        refuses(
            "a number as a uid",
            nexthink(),
            of(&[
                header.clone(),
                one.clone(),
                row(17, &[number("A17", "1e36"), inline("B17", "PC")]),
            ]),
            "list, row 17 of sheet `Devices`, column `uid`: cell A17 is a number",
        ),
        refuses(
            "TRUE as a name",
            nexthink(),
            with(&[inline("A2", U1), cell("B2", "b", "1")]),
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is TRUE or FALSE",
        ),
        refuses(
            "an error as a name",
            nexthink(),
            with(&[inline("A2", U1), cell("B2", "e", "#N/A")]),
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is an error",
        ),
        refuses(
            "a formula without a value",
            nexthink(),
            with(&[inline("A2", U1), formula("B2", None)]),
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is a formula without a stored value",
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
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is text of several lines",
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
            "list, row 5 of sheet `Devices`: the row has 4 fields where the header has 3",
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
            book(&[sheet("A", &[text_row(1, &["a"])]), sheet("B", &[text_row(1, &["b"])])]),
            "list: no sheet has the columns `uid` and `name`; the sheets are `A`, `B`",
        ),
        refuses(
            "titles in a sheet",
            nexthink(),
            of(&[text_row(1, &["Old devices"]), text_row(3, &["uid", "name"])]),
            "list, row 1 of sheet `Devices`, column `uid`: the header has no column `uid`",
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
            "list, row 1 of sheet `Devices`, column `uid`: more than one column could be the uid",
        ),
        refuses("an empty sheet", nexthink(), of(&[]), "list: the file is empty"),
    ]);
}

#[test]
fn odd_workbooks_are_read_as_a_spreadsheet_shows_them() {
    let header = text_row(1, &["uid", "name"]);
    let devices = |name: &str| sheet(name, &[header.clone(), text_row(2, &[U1, "PC"])]);
    let rows: [(u64, &str, &str); 1] = [(2, "<U1>", "PC")];
    let with = |cells: &[String]| book(&[sheet("Devices", &[header.clone(), row(2, cells)])]);
    let rich = "<c r=\"B2\" t=\"inlineStr\"><is><r><t>P</t></r><r><rPr><b/></rPr><t>C</t></r></is></c>".to_owned();
    let shared = "<c r=\"B2\" t=\"str\"><f t=\"shared\" si=\"0\"/><v>PC</v></c>".to_owned();
    let mut wide: Vec<String> = (0..300).map(|at| format!("c{at}")).collect();
    wide.extend(["uid".to_owned(), "name".to_owned()]);
    let letters = |at: usize| {
        let (high, low) = (at / 26, at % 26);
        let letter = |at: usize| char::from(b'A' + u8::try_from(at).unwrap());
        if high == 0 {
            letter(low).to_string()
        } else {
            format!("{}{}", letter(high - 1), letter(low))
        }
    };
    let cells = |row: usize, texts: &[(usize, String)]| -> Vec<String> {
        texts
            .iter()
            .map(|(at, text)| inline(&format!("{}{row}", letters(*at)), text))
            .collect()
    };
    let heads: Vec<(usize, String)> = wide.into_iter().enumerate().collect();
    check(&[
        reads(
            "text in several fonts",
            nexthink(),
            with(&[inline("A2", U1), rich]),
            &rows,
        ),
        reads(
            "a shared formula with a value",
            nexthink(),
            with(&[inline("A2", U1), shared]),
            &rows,
        ),
        refuses(
            "a shared formula without a value",
            nexthink(),
            with(&[
                inline("A2", U1),
                "<c r=\"B2\"><f t=\"shared\" si=\"0\"/></c>".to_owned(),
            ]),
            "list, row 2 of sheet `Devices`, column `name`: cell B2 is a formula without a stored value",
        ),
        refuses(
            "a row of nothing but shared formulas without values",
            nexthink(),
            with(&["A2", "B2"].map(|at| format!("<c r=\"{at}\"><f t=\"shared\" si=\"0\"/></c>"))),
            "list, row 2 of sheet `Devices`, column `uid`: cell A2 is a formula without a stored value",
        ),
        reads(
            "an odd name of a sheet",
            nexthink(),
            book(&[devices("a &amp; &quot;b&quot; 日本")]),
            &rows,
        ),
        reads(
            "an odd name as said",
            nexthink().sheet("a & \"b\""),
            book(&[devices("a &amp; &quot;b&quot;"), devices("x")]),
            &rows,
        ),
        reads(
            "blank sheets beside",
            nexthink(),
            book(&[sheet("Sheet1", &[]), devices("Sheet2"), sheet("Sheet3", &[])]),
            &rows,
        ),
        refuses(
            "a header that is wrong, and blank sheets beside",
            nexthink(),
            book(&[
                sheet("Sheet1", &[text_row(1, &["id", "hostname"])]),
                sheet("Sheet2", &[]),
            ]),
            "list, row 1 of sheet `Sheet1`, column `uid`: the header has no column `uid`",
        ),
        reads(
            "hundreds of columns",
            nexthink(),
            book(&[sheet(
                "Devices",
                &[
                    row(1, &cells(1, &heads)),
                    row(2, &cells(2, &[(300, U1.to_owned()), (301, "PC".to_owned())])),
                ],
            )]),
            &rows,
        ),
        reads(
            "rows without numbers",
            nexthink(),
            book(&[(
                "Devices".to_owned(),
                format!(
                    "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row>\
                     <c t=\"inlineStr\"><is><t>uid</t></is></c><c t=\"inlineStr\"><is><t>name</t></is></c></row><row>\
                     <c t=\"inlineStr\"><is><t>{U1}</t></is></c><c t=\"inlineStr\"><is><t>PC</t></is></c></row>\
                     </sheetData></worksheet>"
                ),
            )]),
            &rows,
        ),
    ]);
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
