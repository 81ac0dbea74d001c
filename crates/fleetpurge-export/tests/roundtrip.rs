//! Everything that a CSV writer writes is read back character for character.

use std::io::Cursor;

use fleetpurge_export::{Comments, Headers, ReadOptions};
use proptest::prelude::*;

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{0,8}",
        "[ \"',;\t\r\na]{0,6}",
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        rows in prop::collection::vec((field(), field(), field()), 0..20),
        crlf in any::<bool>(),
        always in any::<bool>(),
        delimiter in prop::sample::select(b",;\t".to_vec()),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        writer.write_record(["uid", "os", "name"]).unwrap();
        for (uid, os, name) in &rows {
            writer.write_record([uid, os, name]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        // Any text may stand in any field, a `#` as well, and the uid is said to be the uid.
        let read: Vec<(String, String)> = ReadOptions::new()
            .comment(Comments::None)
            .uid_column("uid")
            .read("devices.csv", Cursor::new(bytes))
            .unwrap()
            .map(|row| row.map(|row| (row.uid, row.name)).unwrap())
            .collect();
        let written: Vec<(String, String)> = rows.into_iter().map(|(uid, _, name)| (uid, name)).collect();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (headers, start) in [
            (Headers::Nexthink, &b""[..]),
            (Headers::Nexthink, b"uid,name\n"),
            (Headers::Ubidots, b""),
            (Headers::Ubidots, b"label\n"),
        ] {
            let bytes = [start, &bytes].concat();
            for comments in ["", "#", "!"] {
                let options = ReadOptions::new().headers(headers).comment(comments.parse().unwrap_or_default());
                if let Ok(rows) = options.read("devices.csv", Cursor::new(bytes.clone())) {
                    for row in rows {
                        let _ = row;
                    }
                }
            }
        }
    }
}
