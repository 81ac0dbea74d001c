//! Compares the values of the columns with the header.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

use std::io::{Cursor, Read};

use fleetpurge_export::{Error, ErrorKind, Headers, ReadOptions};

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
const OTHER: &str = "5f1d7f4e4763e75a1b2c3d4f";

fn read(options: &ReadOptions, text: &str) -> Result<usize, Error> {
    let mut rows = options.read("devices.csv", Cursor::new(text.as_bytes().to_vec()))?;
    rows.try_fold(0, |count, row| row.map(|_| count + 1))
}

#[test]
fn two_columns_of_ids_are_refused_whatever_they_are_called_unless_a_person_says_which() {
    let nexthink = ReadOptions::new();
    let ubidots = ReadOptions::new().headers(Headers::Ubidots);
    for (options, text, line, shown) in [
        (
            &nexthink,
            format!("UID,Collector UUID,Name\n{A},{B},PC-1\n"),
            2,
            ["`UID`", A, "`Collector UUID`", B],
        ),
        (
            &nexthink,
            format!("uid,id,name\n{A},{B},PC-1\n"),
            2,
            ["`uid`", A, "`id`", B],
        ),
        (
            &nexthink,
            format!("id;name;uid\n{B};PC-1;{A}\n"),
            2,
            ["`uid`", A, "`id`", B],
        ),
        (
            &nexthink,
            format!("uid,name,x\n{A},PC-1,\n\n{A},PC-1,\"{B}\"\n"),
            4,
            ["`uid`", A, "`x`", B],
        ),
        (&nexthink, format!("uid,name\n{A},{B}\n"), 2, ["`uid`", A, "`name`", B]),
        (
            &nexthink,
            format!("uid,name,{{x\u{200b}}}\n{A},PC-1,{{{B}}}\n"),
            2,
            ["`uid`", A, "`{x\\u{200b}}`", B],
        ),
        (
            &ubidots,
            format!("id,organization,label\n{ID},{OTHER},pump\n"),
            2,
            ["`id`", ID, "`organization`", OTHER],
        ),
        (
            &ubidots,
            format!("key\tserial\n{ID}\t{}\n", OTHER.to_uppercase()),
            2,
            ["`key`", ID, "`serial`", "5F1D7F4E"],
        ),
        (
            &ubidots,
            format!("id,label\n{ID},{OTHER}\n"),
            2,
            ["`id`", ID, "`label`", OTHER],
        ),
    ] {
        let error = read(options, &text).unwrap_err();
        assert_eq!(
            (error.kind(), error.line()),
            (ErrorKind::AmbiguousColumn, Some(line)),
            "{text:?}"
        );
        for part in shown {
            assert!(error.to_string().contains(part), "{part} is not in: {error}");
        }
        assert!(error.advice().contains("--uid-column"), "{}", error.advice());
        let uid = shown[0].trim_matches('`');
        assert!(read(&options.clone().uid_column(uid), &text).is_ok(), "{text:?}");
    }
}

#[test]
fn columns_that_look_swapped_are_refused() {
    for (headers, text) in [
        (Headers::Nexthink, format!("name,uid\n{A},PC-1\n{B},PC-2\n")),
        (Headers::Nexthink, format!("name,uid,x\nPC-1,SN123,{A}\n")),
        (
            Headers::Nexthink,
            format!("uid,name\n00000000-0000-0000-0000-000000000000,{A}\n"),
        ),
        (Headers::Ubidots, format!("id,label\npump-1,{ID}\n")),
    ] {
        let error = read(&ReadOptions::new().headers(headers), &text).unwrap_err();
        assert_eq!(
            (error.kind(), error.line()),
            (ErrorKind::AmbiguousColumn, Some(2)),
            "{text:?}"
        );
        assert!(error.to_string().contains("the columns look swapped"), "{error}");
    }
}

#[test]
fn a_doubt_that_only_the_last_row_raises_is_reported_after_it_and_keeps_no_row_in_memory() {
    // 20,000 rows that never exist as a whole.
    let rows = (0..20_000u32).map(|n| format!("{n:08x}-0000-4000-8000-000000000000,PC-{n},x\n"));
    let many = Chunks { rows, left: Vec::new() };
    let last = Cursor::new(format!("{A},PC,{B}\n").repeat(2_500).into_bytes());
    let list = Cursor::new(b"uid,name,other\n".to_vec()).chain(many).chain(last);
    let mut rows = ReadOptions::new().read("devices.csv", list).unwrap();
    let (read, error) = rows.by_ref().fold((0, None), |(read, _), row| match row {
        Ok(_) => (read + 1, None),
        Err(error) => (read, Some(error)),
    });
    let error = error.unwrap();
    assert_eq!((read, error.line()), (22_500, Some(20_002)), "{error}");
    assert!(rows.digest().is_none());
}

struct Chunks<I> {
    rows: I,
    left: Vec<u8>,
}

impl<I: Iterator<Item = String>> Read for Chunks<I> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.left.is_empty() {
            self.left = self.rows.next().unwrap_or_default().into_bytes();
        }
        let count = self.left.len().min(buf.len());
        buf[..count].copy_from_slice(&self.left[..count]);
        self.left.drain(..count);
        Ok(count)
    }
}

#[test]
fn invisible_characters_are_escaped_wherever_they_are_printed() {
    let options = ReadOptions::new();
    for (char, written) in [
        ('\u{200b}', "\\u{200b}"),
        ('\u{ad}', "\\u{ad}"),
        ('\u{202e}', "\\u{202e}"),
        ('\u{2060}', "\\u{2060}"),
        ('\u{feff}', "\\u{feff}"),
        ('\u{a0}', "\\u{a0}"),
        ('\u{7f}', "\\u{7f}"),
        ('\u{1b}', "\\u{1b}"),
    ] {
        let hidden = format!("u{char}x");
        let shown = format!("u{written}x");
        for text in [
            format!("{hidden},name\n"),
            format!("uid,{hidden},name\n{A},{B},PC\n"),
            format!("uid,name,o\n{A}{char},PC,{B}\n"),
            format!("uid,name\n{A}\n{hidden}"),
            format!("uid,name\n#{hidden},x\n"),
            format!("uid,name,{hidden}\n{A},PC\n"),
        ] {
            let error = read(&options, &text).unwrap_err();
            let told = format!("{error} {}", error.advice());
            assert!(!told.contains(char), "{told:?}");
            if text.contains(&hidden) && !text.ends_with(&hidden) {
                assert!(told.contains(&shown), "{told:?}");
            }
        }
        let mut rows = options
            .read("devices.csv", Cursor::new(format!("uid,name\n{A},{hidden}")))
            .unwrap();
        assert_eq!(rows.by_ref().count(), 1);
        assert!(rows.warnings()[0].to_string().contains(&shown));
    }
}
