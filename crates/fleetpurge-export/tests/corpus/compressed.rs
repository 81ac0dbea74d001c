//! gzip and Zstandard.

use crate::cases::{BOTH, check, gzip, nexthink, reads, refuses, text, utf16, zstd};

#[test]
fn what_is_compressed_is_read_to_its_end_or_refused() {
    let plain = text("uid,name\n<U1>,PC-1\n<U2>,PC-2\n");
    let (zipped, framed) = (gzip(&plain), zstd(&plain));
    let mut damaged = zipped.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    check(&[
        reads("gzip", nexthink(), &zipped, &BOTH),
        reads(
            "gzip in two parts",
            nexthink(),
            [gzip(&plain[..30]), gzip(&plain[30..])].concat(),
            &BOTH,
        ),
        reads(
            "gzip of UTF-16",
            nexthink(),
            gzip(utf16(&format!("\u{feff}{plain}"), u16::to_le_bytes)),
            &BOTH,
        ),
        refuses(
            "gzip that is cut",
            nexthink(),
            &zipped[..zipped.len() - 9],
            "list: the compressed file is cut short or damaged",
        ),
        refuses(
            "gzip that is damaged",
            nexthink(),
            &damaged,
            "list: the compressed file is cut short or damaged",
        ),
        refuses(
            "gzip with something after it",
            nexthink(),
            [&zipped[..], b"uid"].concat(),
            "list: the compressed file is cut short or damaged",
        ),
        refuses(
            "gzip of gzip",
            nexthink(),
            gzip(&zipped),
            "list: this is compressed twice",
        ),
        reads("Zstandard", nexthink(), &framed, &BOTH),
        reads(
            "Zstandard in two frames",
            nexthink(),
            [zstd(&plain[..30]), zstd(&plain[30..])].concat(),
            &BOTH,
        ),
        refuses(
            "Zstandard that is cut",
            nexthink(),
            &framed[..framed.len() - 6],
            "list: the compressed file is cut short or damaged",
        ),
    ]);
}
