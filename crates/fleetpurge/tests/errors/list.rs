//! Lists of devices that cannot be read, or that refuse a plan.

use crate::book::{book, inline, number, row, row_with, sheet, text_row};
use crate::common::uid;
use crate::entry::{Entry, Section};

const PLAN: &str = "plan devices.csv --instance acme --region eu --out acme.plan";

pub(crate) fn sections() -> Vec<Section> {
    vec![
        Section {
            title: "Reading a list",
            about: "`plan`, `select` and `verify` read lists of devices. Nothing is planned from a list of which any row is in doubt.",
            entries: read(),
        },
        Section {
            title: "Planning",
            about: "The list could be read, and the plan is refused. No plan is written.",
            entries: refused(),
        },
    ]
}

fn csv(rows: &[(&str, &str)]) -> String {
    let rows: String = rows.iter().map(|(uid, name)| format!("{uid},{name}\n")).collect();
    format!("uid,name\n{rows}")
}

fn of_csv(title: &str, shows: &'static [&'static str], text: &[u8]) -> Entry {
    Entry::local(title, shows, &[("devices.csv", text)], PLAN)
}

fn of_book(title: &str, shows: &'static [&'static str], book: &[u8]) -> Entry {
    let plan = PLAN.replace("devices.csv", "devices.xlsx");
    Entry::local(title, shows, &[("devices.xlsx", book)], &plan)
}

fn read() -> Vec<Entry> {
    let (one, two) = (uid(1), uid(2));
    let long = format!("uid,name\n{one},\"{}\n", "x".repeat(2_000_000));
    let numbered = book(&[sheet(
        "Old",
        &[
            text_row(1, &["uid", "name"]),
            row(2, &[inline("A2", &one), number("B2", "17")]),
        ],
    )]);
    let hidden = book(&[sheet(
        "Old",
        &[
            text_row(1, &["uid", "name"]),
            text_row(2, &[&one, "PC-1"]),
            row_with(3, "hidden=\"1\"", &[inline("A3", &two), inline("B3", "PC-2")]),
        ],
    )]);
    let rows = [text_row(1, &["uid", "name"]), text_row(2, &[&one, "PC-1"])];
    let two_sheets = book(&[sheet("Berlin", &rows), sheet("Paris", &rows)]);
    vec![
        Entry::local("There is no such file", &["list::NotFound"], &[], PLAN),
        Entry::local(
            "The path is a folder",
            &["list::NotAFile"],
            &[],
            &PLAN.replace("devices.csv", "."),
        ),
        of_csv("The file is empty", &["list::Empty"], b""),
        of_csv(
            "The file is a PDF, a web page, an old workbook",
            &["list::UnsupportedFormat"],
            b"%PDF-1.7\n%",
        ),
        of_csv(
            "A byte is not of the encoding",
            &["list::Encoding"],
            &[csv(&[(&one, "PC-1")]).as_bytes(), two.as_bytes(), b",Ren\xe9\n"].concat(),
        ),
        of_csv(
            "A column is missing",
            &["list::MissingColumn"],
            format!("uid,hostname\n{one},PC-1\n").as_bytes(),
        ),
        of_csv(
            "Two columns could be the uid",
            &["list::AmbiguousColumn"],
            format!("device.uid,device.collector.uid,name\n{one},{two},PC-1\n").as_bytes(),
        ),
        of_csv(
            "A row has another number of fields",
            &["list::FieldCount"],
            csv(&[(&one, "PC-1"), (&two, "PC-2,Berlin")]).as_bytes(),
        ),
        of_csv(
            "A quote stands where none can",
            &["list::Malformed"],
            csv(&[(&one, "\"PC\" 1")]).as_bytes(),
        ),
        of_csv(
            "A row looks commented out",
            &["list::CommentedOut"],
            csv(&[(&one, "PC-1"), (&format!("#{two}"), "PC-2")]).as_bytes(),
        ),
        of_csv(
            "The last row is cut off",
            &["list::CutOff"],
            format!("uid,name\n{one},PC-1\n{}", &two[..20]).as_bytes(),
        ),
        of_csv("A quote is never closed", &["list::TooLong"], long.as_bytes()),
        of_book("A cell of a workbook is a number", &["list::Cell"], &numbered),
        of_book("Rows of a workbook are hidden", &["list::Hidden"], &hidden),
        of_book("Two sheets of a workbook fit", &["list::Sheet"], &two_sheets),
    ]
}

fn refused() -> Vec<Entry> {
    let (one, two, three) = (uid(1), uid(2), uid(3));
    let list = csv(&[(&one, "PC-1"), (&two, "PC-2"), (&three, "SRV-1")]);
    let with = |title: &str, flags: &str, more: &[(&str, &[u8])]| {
        let mut files = vec![("devices.csv", list.as_bytes())];
        files.extend_from_slice(more);
        Entry::local(title, &[], &files, &format!("{PLAN} {flags}"))
    };
    vec![
        of_csv(
            "One uid has two names",
            &[],
            csv(&[(&one, "PC-1"), (&one, "SRV-1")]).as_bytes(),
        ),
        with("More devices than --max-devices allows", "--max-devices 2", &[]),
        with(
            "A protected device is not in the list",
            "--protect vip.txt",
            &[("vip.txt", b"SRV-1\nBOSS-1\n")],
        ),
        with("A name pattern matches nothing", "--exclude-name DC-*", &[]),
        with("The protect list is empty", "--protect vip.txt", &[("vip.txt", b"")]),
        with(
            "Every device is protected",
            "--protect vip.txt",
            &[("vip.txt", b"PC-*\nSRV-*\n")],
        ),
        of_csv(
            "The columns look swapped",
            &[],
            format!("uid,name\nPC-1,{one}\nPC-2,{two}\n").as_bytes(),
        ),
        of_csv(
            "No uid is one of a device",
            &[],
            csv(&[("17", "PC-1"), ("18", "PC-2")]).as_bytes(),
        ),
        Entry::local(
            "A uid is malformed, with --uid-validation strict",
            &[],
            &[("devices.csv", csv(&[(&one, "PC-1"), ("17", "PC-2")]).as_bytes())],
            &format!("{PLAN} --uid-validation strict"),
        ),
        of_csv("The list has a header and no rows", &[], b"uid,name\n"),
        Entry::local(
            "The plan's name is that of another file",
            &["plan::Exists"],
            &[("devices.csv", list.as_bytes()), ("acme.plan", b"notes")],
            PLAN,
        ),
    ]
}
