//! Decodes the body of a reply to JSON text: decompressed, UTF-8, without a byte order mark. Pure.
//!
//! No request asks for an encoding, and JSON is UTF-8 without a mark (RFC 8259, 8.1). Gateways and frameworks send both
//! nevertheless, and the bytes show which one it is.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// What a body is once it is unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unpacked {
    /// It can be read as far as encodings go.
    Text(Bytes),
    /// It is longer than the limit; as much of it.
    OverLimit(Bytes),
    /// As it came, and why it is not read.
    Not(Bytes, String),
}

/// How often a body may be packed.
const LAYERS: usize = 3;

/// Unpacks a whole body to at most `limit` bytes, and takes the marks of its encoding off.
pub(crate) fn unpack(body: Bytes, headers: &HeaderMap, limit: usize) -> Unpacked {
    let mut body = body;
    let mut layers = 0;
    // The header may be missing, or be left over from where something has unpacked the body.
    while is_gzip(&body) && layers < LAYERS {
        layers += 1;
        let mut unpacked = Vec::new();
        let room = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        if MultiGzDecoder::new(&*body)
            .take(room)
            .read_to_end(&mut unpacked)
            .is_err()
        {
            return Unpacked::Not(body, "is gzip and cannot be unpacked".to_owned());
        }
        if unpacked.len() > limit {
            unpacked.truncate(limit);
            return Unpacked::OverLimit(unpacked.into());
        }
        body = unpacked.into();
    }
    if is_text(&body) {
        return Unpacked::Text(unmarked(body));
    }
    match unknown_coding(headers) {
        Some(coding) => {
            let why = format!("has the Content-Encoding {coding:?}, which was not asked for and is not read");
            Unpacked::Not(body, why)
        }
        None => Unpacked::Text(unmarked(body)),
    }
}

/// No text of any kind begins like this.
fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b, 8])
}

/// Whether it can be JSON as it is, whatever the headers say.
fn is_text(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'"')) || body.starts_with(b"\xef\xbb\xbf")
}

/// The first coding of the header that is not read.
fn unknown_coding(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .find(|coding| !matches!(&**coding, "" | "identity" | "gzip" | "x-gzip"))
        .map(|coding| coding.chars().take(40).collect())
}

/// The body in UTF-8 and without a byte order mark. Bytes that are no UTF-8 stay.
fn unmarked(body: Bytes) -> Bytes {
    let utf16 = |to_unit: fn([u8; 2]) -> u16| {
        let units = body.chunks_exact(2).map(|pair| to_unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        // Half a unit at the end is not whole.
        let rest = if body.len().is_multiple_of(2) { "" } else { "\u{fffd}" };
        Bytes::from(format!("{}{rest}", text.trim_start_matches('\u{feff}')))
    };
    match &*body {
        // JSON begins with a character of ASCII, and holds no NUL.
        [0xff, 0xfe, ..] => return utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return utf16(u16::from_be_bytes),
        [first, 0, second, 0, ..] if *first > 0 && *second > 0 => return utf16(u16::from_le_bytes),
        [0, first, 0, second, ..] if *first > 0 && *second > 0 => return utf16(u16::from_be_bytes),
        _ => {}
    }
    let mut body = body;
    while body.starts_with(b"\xef\xbb\xbf") {
        body = body.slice(3..);
    }
    body
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use reqwest::header::HeaderValue;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder
            .write_all(text)
            .and_then(|()| encoder.finish())
            .unwrap_or_default()
    }

    fn unpacked(body: &[u8], encoding: &str) -> Unpacked {
        let mut headers = HeaderMap::new();
        if !encoding.is_empty() {
            headers.insert(
                CONTENT_ENCODING,
                HeaderValue::from_str(encoding).unwrap_or_else(|error| panic!("{error}")),
            );
        }
        unpack(Bytes::copy_from_slice(body), &headers, 100)
    }

    #[test]
    fn a_body_is_read_by_its_own_bytes_and_the_header_explains_what_is_not() {
        let text = Unpacked::Text(Bytes::from_static(b"{}"));
        for (body, encoding) in [
            (b"{}".to_vec(), ""),
            (b"{}".to_vec(), "br"),
            (b"\xef\xbb\xbf{}".to_vec(), ""),
            (b"\xef\xbb\xbf\xef\xbb\xbf{}".to_vec(), "deflate"),
            (b"\xff\xfe{\0}\0".to_vec(), ""),
            (b"\xfe\xff\0{\0}".to_vec(), ""),
            (b"{\0}\0".to_vec(), ""),
            (b"\0{\0}".to_vec(), ""),
            (gzip(b"{}"), "gzip"),
            (gzip(b"\xef\xbb\xbf{}"), ""),
            (gzip(&gzip(b"{}")), "gzip, X-GZIP"),
            ([gzip(b"{"), gzip(b"}")].concat(), "gzip"),
        ] {
            assert_eq!(unpacked(&body, encoding), text, "{body:x?} {encoding}");
        }
        for (body, encoding, why) in [
            (b"\x0b\x80".to_vec(), "br", "\"br\""),
            (b"\x28\xb5\x2f\xfd".to_vec(), "gzip, Zstd", "\"zstd\""),
            (b"\x78\x9c".to_vec(), "deflate", "\"deflate\""),
            (gzip(b"{}")[..12].to_vec(), "", "gzip"),
            ([gzip(b"{}"), b"more".to_vec()].concat(), "", "gzip"),
        ] {
            let found = unpacked(&body, encoding);
            assert!(
                matches!(&found, Unpacked::Not(_, text) if text.contains(why)),
                "{found:?}"
            );
        }
        assert_eq!(unpacked(b"", "br"), Unpacked::Text(Bytes::new()));
        assert_eq!(unpacked(b"<h1>", ""), Unpacked::Text(Bytes::from_static(b"<h1>")));
    }

    #[test]
    fn the_limit_is_one_of_the_unpacked_body() {
        assert!(matches!(unpacked(&gzip(&[b' '; 100]), ""), Unpacked::Text(body) if body.len() == 100));
        assert!(matches!(unpacked(&gzip(&[b' '; 101]), ""), Unpacked::OverLimit(body) if body.len() == 100));
        assert!(matches!(
            unpacked(&gzip(&gzip(&[b' '; 1_000_000])), ""),
            Unpacked::OverLimit(_)
        ));
    }

    #[test]
    fn half_a_unit_of_utf_16_is_not_whole() {
        assert_eq!(
            unpacked(b"\xff\xfe{\0}\0x", ""),
            Unpacked::Text(Bytes::from_static("{}\u{fffd}".as_bytes()))
        );
    }
}
