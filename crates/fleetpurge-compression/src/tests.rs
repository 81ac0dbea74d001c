//! Whole streams, and all that is none.

use std::io::Write as _;

use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

const TEXT: &[u8] = b"uid,name\n1,PC-1\n2,PC-2\n3,PC-3\n";

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

type Pack = fn(&[u8]) -> Vec<u8>;
type Unpack = fn(&[u8]) -> io::Result<Vec<u8>>;

fn read(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    from.read_to_end(&mut text)?;
    Ok(text)
}

const FORMS: [(Pack, Unpack); 2] = [
    (gzipped, |bytes| read(gzip(bytes))),
    (zstd, |bytes| read(zstandard(bytes))),
];

#[test]
fn every_part_is_read() {
    for (pack, unpack) in FORMS {
        for cut in [0, 1, 17, TEXT.len()] {
            let parts = [pack(&TEXT[..cut]), pack(&TEXT[cut..])].concat();
            assert_eq!(unpack(&parts).unwrap(), TEXT, "{cut}");
        }
    }
}

#[test]
fn a_stream_that_was_cut_anywhere_within_a_part_is_an_error() {
    for (pack, unpack) in FORMS {
        let first = pack(&TEXT[..17]);
        let all = [first.clone(), pack(&TEXT[17..])].concat();
        for cut in (1..all.len()).filter(|cut| *cut != first.len()) {
            assert!(unpack(&all[..cut]).is_err(), "{cut} of {}", all.len());
        }
    }
}

#[test]
fn a_stream_in_which_a_byte_of_the_text_was_altered_is_an_error() {
    for (pack, unpack) in FORMS {
        let whole = pack(TEXT);
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            // A field that says nothing of the text, such as the time, may be altered; the text may not.
            assert!(unpack(&altered).map_or(true, |text| text == TEXT), "{at}");
        }
    }
}

#[test]
fn an_empty_stream_is_told_by_gzip_alone() {
    let [gzip, zstandard] = FORMS.map(|(_, unpack)| unpack(b""));
    assert!(gzip.is_err());
    assert_eq!(zstandard.unwrap(), b"");
}

/// A frame whose header asks for a window of 2 GiB.
#[test]
fn a_frame_that_asks_for_too_much_memory_is_an_error() {
    let asks = |exponent: u8| [b"\x28\xb5\x2f\xfd\x00".as_slice(), &[exponent << 3], b"\x01\x00\x00"].concat();
    assert_eq!(read(zstandard(asks(17).as_slice())).unwrap(), b"");
    assert!(read(zstandard(asks(21).as_slice())).is_err());
}
