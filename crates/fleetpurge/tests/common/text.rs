//! Texts of a run: without what differs from run to run, and as the records that they are.

use serde_json::Value;

/// What differs from run to run, replaced: the port, digests, times.
pub(crate) fn stable(text: &str) -> String {
    let text = replaced(text, "127.0.0.1:", digits, "127.0.0.1:PORT");
    let text = replaced(&text, "sha256 ", hex, "sha256 SHA256");
    let text = replaced(&text, "digest      ", hex, "digest      DIGEST");
    text.lines().map(|line| without_time(line) + "\n").collect()
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn hex(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

fn replaced(text: &str, before: &str, length: impl Fn(&str) -> usize, with: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(with);
        out.push_str(&part[length(part)..]);
    }
    out
}

/// `made 0 seconds ago (2026-…Z)` becomes `made AGE`.
fn without_time(line: &str) -> String {
    match (line.find(" made "), line.ends_with("Z)")) {
        (Some(at), true) => format!("{} made AGE", &line[..at]),
        _ => line.to_owned(),
    }
}

/// The record of each line.
pub(crate) fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The value of a field in the record of each line.
pub(crate) fn each(text: &str, field: &str) -> Vec<Value> {
    records(text).iter().map(|record| record[field].clone()).collect()
}
