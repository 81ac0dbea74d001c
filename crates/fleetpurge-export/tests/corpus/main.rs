//! Lists as programs and people write them: each is read correctly, or refused with its place.

#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

#[path = "../book/mod.rs"]
mod book;
mod cases;
mod compressed;
mod json;
mod text;
mod workbooks;

use book::{book, sheet, text_row};
use cases::{check, gzip, nexthink, refuses, zstd};

#[test]
fn what_is_no_list_is_named() {
    check(&[
        refuses(
            "an HTML page",
            nexthink(),
            "\n<!DOCTYPE html><html></html>",
            "list: this is an HTML page",
        ),
        refuses(
            "an HTML table",
            nexthink(),
            "<table><tr></tr></table>",
            "list: this is an HTML page",
        ),
        refuses("XML", nexthink(), "<?xml version=\"1.0\"?><a/>", "list: this is XML"),
        refuses("a PDF", nexthink(), "%PDF-1.7\n", "list: this is a PDF"),
        refuses(
            "an old XLS",
            nexthink(),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "list: this is an old or encrypted Excel workbook",
        ),
        refuses(
            "a ZIP archive",
            nexthink(),
            book::archive(&[("a.csv", "uid,name\n")]),
            "list: this is a ZIP archive and no Excel workbook",
        ),
        refuses(
            "an ODS",
            nexthink(),
            book::archive(&[("mimetype", "x"), ("content.xml", "x")]),
            "list: this is an OpenDocument file",
        ),
        refuses(
            "an XLSB",
            nexthink(),
            book::archive(&[("xl/workbook.bin", "x")]),
            "list: this is a binary Excel workbook",
        ),
        refuses(
            "an RTF",
            nexthink(),
            r"{\rtf1\ansi uid}",
            "list: this is an RTF document",
        ),
        refuses("a Parquet file", nexthink(), "PAR1\x15", "list: this is a Parquet file"),
        refuses(
            "a TAR archive in gzip",
            nexthink(),
            gzip([&[b'a'; 257][..], b"ustar\0"].concat()),
            "list: this is a TAR archive",
        ),
        refuses(
            "an Apple Numbers document",
            nexthink(),
            book::archive(&[("Index/Document.iwa", "x")]),
            "list: this is an Apple Numbers document",
        ),
        refuses("bzip2", nexthink(), "BZh91AY", "list: this is compressed with bzip2"),
        refuses("HTML in gzip", nexthink(), gzip("<html>"), "list: this is an HTML page"),
        refuses("nothing", nexthink(), "", "list: the file is empty"),
    ]);
}

#[test]
fn the_digest_is_that_of_the_file_as_it_is() {
    use sha2::{Digest as _, Sha256};
    for bytes in [
        gzip("uid,name\na,b\n"),
        zstd("uid,name\na,b\n"),
        b"\xff\xfeu\0i\0d\0,\0n\0a\0m\0e\0\n\0".to_vec(),
        br#" [{"uid":"a","name":"b"}] "#.to_vec(),
        book(&[sheet("Devices", &[text_row(1, &["uid", "name"])])]),
    ] {
        let wanted = Sha256::digest(&bytes);
        let mut rows = nexthink().read("list", std::io::Cursor::new(bytes)).unwrap();
        rows.by_ref().for_each(drop);
        assert_eq!(rows.digest().unwrap().as_bytes().as_slice(), wanted.as_slice());
    }
}
