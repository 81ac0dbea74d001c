//! Lists in other formats than CSV in UTF-8, as the command reads them.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::io::Write as _;

use common::{Bench, Ended};
use flate2::Compression;
use flate2::write::GzEncoder;

const URL: &str = "--base-url http://127.0.0.1:1";

fn uid(last: u32) -> String {
    format!("3f0f1d54-1e3a-4a55-a4a3-{last:012}")
}

fn plan(bench: &Bench, rest: &str) -> Ended {
    bench.run(&format!("plan --out devices.plan {URL} {rest}"))
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn several_files_of_different_formats_make_one_plan() {
    let bench = Bench::new();
    bench.file("a.csv", format!("uid|name\r{}|PC-1\r", uid(1)));
    bench.file("b.txt", utf16(&format!("sep=\t\r\nName\tUID\r\nPC-2\t{}\r\n", uid(2))));
    bench.file("c.ndjson", format!("{{\"uid\":\"{}\",\"name\":\"PC-3\"}}\n", uid(3)));
    bench.file(
        "d.gz",
        gzip(&format!(
            "{{\"devices\":[{{\"uid\":\"{}\",\"name\":\"PC-4\"}}]}}",
            uid(4)
        )),
    );
    plan(&bench, "a.csv b.txt c.ndjson d.gz").exits(0);
    let names: Vec<String> = bench
        .report()
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["PC-1", "PC-2", "PC-3", "PC-4"]);
}

#[test]
fn a_list_that_says_too_little_is_read_as_the_flags_say() {
    let bench = Bench::new();
    let text = format!("Old devices\n\nuid,name\n{},Ren\u{e9}\n", uid(1));
    let windows: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    bench.file("old.csv", windows);
    plan(&bench, "old.csv")
        .exits(1)
        .says(&["old.csv, line 1", "--header-row 3"]);
    plan(&bench, "old.csv --header-row 3")
        .exits(1)
        .says(&["line 4", "column `name`", "not UTF-8", "--encoding"]);
    plan(&bench, "old.csv --header-row 3 --encoding windows-1252").exits(0);
    assert_eq!(bench.report()[0]["name"], "Ren\u{e9}");
    plan(&bench, "old.csv --encoding latin9")
        .exits(2)
        .says(&["windows-1252"]);
}

#[test]
fn flags_about_a_file_are_refused_where_no_file_is_read() {
    let bench = Bench::new();
    for flag in ["--sheet A", "--include-hidden", "--header-row 2", "--encoding utf-8"] {
        let line = format!("verify devices.plan --live {flag}");
        bench.run(&line).exits(2).says(&["--inventory"]);
    }
}
