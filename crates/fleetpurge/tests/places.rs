//! A row of a workbook or of an array is named as a person sees it, in every list that is read and in every report.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../fleetpurge-export/tests/book/mod.rs"]
mod book;
mod common;
mod rig;

use book::{book, inline, row_with, sheet, text_row};
use common::{Bench, Ended, Service, uid};
use rig::Rig;
use serde_json::{Value, json};

const URL: &str = "--base-url http://127.0.0.1:1";

fn plan(bench: &Bench, rest: &str) -> Ended {
    bench.run(&format!("plan --out devices.plan {URL} {rest}"))
}

/// A workbook whose devices stand from row 4 on.
fn workbook(names: &[&str]) -> Vec<u8> {
    let mut rows = vec![text_row(1, &["UID", "Name"])];
    rows.extend(
        (1..)
            .zip(names)
            .map(|(at, name)| text_row(at + 3, &[&uid(at as usize), name])),
    );
    book(&[sheet("Old ones", &rows)])
}

#[test]
fn reports_name_the_row_of_the_sheet_and_the_element_of_the_array() {
    let bench = Bench::new();
    bench.file("a.xlsx", workbook(&["PC-1", "PC-2"]));
    bench.file(
        "b.json",
        format!(
            r#"[{{"uid":"{}","name":"PC-3"}},{{"uid":"{}","name":""}}]"#,
            uid(3),
            uid(4)
        ),
    );
    bench.file("c.csv", format!("uid,name\n\n{},PC-5\n", uid(5)));
    plan(&bench, "a.xlsx b.json c.csv").exits(0);
    let lines: Vec<Value> = bench
        .report()
        .iter()
        .map(|row| json!([row["line"], row["source"]]))
        .collect();
    assert_eq!(
        lines,
        [
            json!([4, "a.xlsx"]),
            json!([5, "a.xlsx"]),
            json!([1, "b.json"]),
            json!([2, "b.json"]),
            json!([3, "c.csv"])
        ]
    );
    let report: Value = serde_json::from_str(&bench.run("report devices.plan --format json").exits(0).stdout).unwrap();
    let counted: Vec<Value> = (report["plan"]["sources"].as_array().unwrap().iter())
        .map(|source| json!([source["counted"], source["sheet"]]))
        .collect();
    assert_eq!(
        counted,
        [
            json!(["row", "Old ones"]),
            json!(["element", null]),
            json!(["line", null])
        ]
    );
    let text = bench.run("report devices.plan").exits(0).stdout;
    for part in [
        "row 1 (row 4 of sheet `Old ones`)",
        "row 3 (element 1)",
        "row 4 (element 2)",
        "row 5 (line 3)",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let table = bench.run("report devices.plan --format csv --raw").exits(0).stdout;
    assert!(table.starts_with("row,uid,name,outcome,detail,code,batch,attempts,request_id,trace_id,at,line,source\n"));
    assert!(table.lines().nth(1).unwrap().ends_with(",4,a.xlsx"), "{table}");
    let shown = bench.run("show devices.plan").exits(0).stdout;
    assert!(
        shown.lines().nth(1).unwrap().starts_with("  1     4  pending"),
        "{shown}"
    );
    let page = bench.run("report devices.plan --format html").exits(0).stdout;
    assert!(page.contains("[\"row \",\" of sheet `Old ones`\"]") && page.contains("[\"element \",\"\"]"));
}

#[test]
fn a_refused_plan_names_the_row_of_the_sheet() {
    let bench = Bench::new();
    let rows = [
        text_row(1, &["uid", "name"]),
        text_row(2, &[&uid(1), "PC-1"]),
        text_row(7, &[&uid(1), "PC-2"]),
    ];
    bench.file("a.xlsx", book(&[sheet("Old ones", &rows)]));
    plan(&bench, "a.xlsx")
        .exits(1)
        .says(&["a.xlsx row 7 of sheet `Old ones`: uid"]);
    bench.file(
        "a.json",
        format!(
            r#"[{{"uid":"{0}","name":"PC-1"}},{{"uid":"{0}","name":"PC-2"}}]"#,
            uid(1)
        ),
    );
    plan(&bench, "a.json").exits(1).says(&["a.json element 2: uid"]);
    bench.file("a.json", r#"[{"uid":"x","name":"PC-1"}]"#);
    plan(&bench, "a.json")
        .exits(1)
        .says(&["(element 1: uid `x`, name `PC-1`)"]);
}

#[test]
fn a_protect_list_is_read_in_any_format_and_its_entries_are_named_by_their_rows() {
    let bench = Bench::new();
    bench.file("a.xlsx", workbook(&["PC-1", "PC-2", "PC-3"]));
    let keep = |name: &str| {
        book(&[sheet(
            "Keep",
            &[text_row(1, &["Name", "Why"]), text_row(3, &[name, "x"])],
        )])
    };
    bench.file("keep.xlsx", keep("PC-2"));
    let planned = plan(&bench, "a.xlsx --protect keep.xlsx").exits(0);
    assert!(
        planned.stdout.contains("keep.xlsx: 1 entry protects 1 row"),
        "{}",
        planned.stdout
    );
    assert_eq!(bench.report()[1]["outcome"], "skipped");
    bench.file("keep.xlsx", keep("PC-9"));
    std::fs::remove_file(bench.path("devices.plan")).unwrap();
    plan(&bench, "a.xlsx --protect keep.xlsx")
        .exits(6)
        .says(&["keep.xlsx row 3 of sheet `Keep`: `PC-9` protects no row"]);
    bench.file("keep.json", r#"["PC-1", "PC-9"]"#);
    plan(&bench, "a.xlsx --protect keep.json")
        .exits(6)
        .says(&["keep.json element 2: `PC-9` protects no row"]);
    bench.file("keep.json", r#"["PC-*"]"#);
    plan(&bench, "a.xlsx --protect keep.json")
        .exits(1)
        .says(&["no row is left"]);
    let rows = [
        text_row(1, &["PC-1"]),
        row_with(2, "hidden=\"1\"", &[inline("A2", "PC-2")]),
    ];
    bench.file("keep.xlsx", book(&[sheet("Keep", &rows)]));
    plan(&bench, "a.xlsx --protect keep.xlsx")
        .exits(1)
        .says(&["1 row is hidden or filtered out in the sheet `Keep`: 2"]);
    plan(&bench, "a.xlsx --protect keep.xlsx --include-hidden").exits(0);
    let outcomes: Vec<Value> = bench.report().iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["skipped", "skipped", "pending"]);
}

#[test]
fn a_protect_list_has_a_sheet_and_an_encoding_of_its_own() {
    let bench = Bench::new();
    bench.file("a.xlsx", workbook(&["PC-1", "B\u{fc}ro"]));
    let one = |name: &str| vec![text_row(1, &["name"]), text_row(2, &[name])];
    bench.file("keep.xlsx", book(&[sheet("A", &one("PC-1")), sheet("B", &one("PC-9"))]));
    plan(&bench, "a.xlsx --protect keep.xlsx")
        .exits(1)
        .says(&["--protect-sheet"]);
    plan(&bench, "a.xlsx --protect keep.xlsx --protect-sheet A").exits(0);
    std::fs::remove_file(bench.path("devices.plan")).unwrap();
    bench.file("keep.txt", b"B\xfcro\n");
    plan(&bench, "a.xlsx --protect keep.txt")
        .exits(1)
        .says(&["keep.txt, line 1", "--protect-encoding"]);
    plan(&bench, "a.xlsx --protect keep.txt --protect-encoding windows-1252").exits(0);
    assert_eq!(bench.report()[1]["outcome"], "skipped");
    plan(&bench, "a.xlsx --protect-sheet A").exits(2);
}

#[test]
fn an_inventory_is_read_in_any_format_and_named_by_its_rows() {
    let rig = Rig::new(Service::Nexthink, 3, "");
    rig.apply().exits(0);
    let (first, second) = (&rig.devices[0], &rig.devices[1]);
    let kept = [text_row(1, &["uid", "name"]), text_row(9, &[&first.0, &first.1])];
    rig.bench.file("fresh.xlsx", book(&[sheet("All", &kept)]));
    let verified = rig
        .bench
        .run("verify devices.plan --inventory fresh.xlsx --format ndjson")
        .exits(3);
    assert_eq!(verified.stdout.matches("\"present\"").count(), 1, "{}", verified.stdout);
    let other = format!(
        r#"[{{"uid":"{}","name":"{}"}},{{"uid":"{}","name":"{}"}}]"#,
        first.0,
        first.1,
        uid(77),
        second.1
    );
    rig.bench.file("fresh.json", other);
    let verified = rig.bench.run("verify devices.plan --inventory fresh.json").exits(3);
    assert!(
        verified.stdout.contains("element 2 of the inventory has"),
        "{}",
        verified.stdout
    );
    let blank = [text_row(1, &["uid", "name"]), row_with(4, "", &[inline("B4", "PC-1")])];
    rig.bench.file("fresh.xlsx", book(&[sheet("All", &blank)]));
    rig.bench
        .run("verify devices.plan --inventory fresh.xlsx")
        .exits(1)
        .says(&["fresh.xlsx row 4 of sheet `All`: blank uid"]);
}
