//! Where a request begins and ends.

use std::io::{Error, ErrorKind};

/// A request that has arrived whole, as places in the buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) what: What,
    /// Where the value of `x-request-id` is.
    pub(super) id: Option<(usize, usize)>,
    pub(super) body: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Nexthink,
    Ubidots,
    /// A page of Ubidots' list of devices: which one, from 1.
    Page(u64),
    Token,
    Counts,
}

/// The request at the beginning of these bytes; none if they end too early.
pub(super) fn parse(bytes: &[u8]) -> std::io::Result<Option<Request>> {
    let Some(head) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let mut lines = bytes[..head].split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let mut at = first.len() + 1;
    let what = if first.starts_with(b"POST /api/v1/data-management/device/deletions") {
        What::Nexthink
    } else if first.starts_with(b"POST /api/v2.0/devices/_/bulk/delete/") {
        What::Ubidots
    } else if let Some(query) = first.strip_prefix(b"GET /api/v2.0/devices/?") {
        What::Page(page(query).ok_or_else(|| Error::new(ErrorKind::InvalidData, "which page is not said"))?)
    } else if memchr::memmem::find(first, b"/v1/token").is_some() {
        What::Token
    } else if first.starts_with(b"GET /counts") {
        What::Counts
    } else {
        let line = String::from_utf8_lossy(first);
        return Err(Error::new(ErrorKind::InvalidData, format!("unexpected: {line}")));
    };
    let (mut id, mut length) = (None, 0);
    for line in lines {
        if let Some(colon) = memchr::memchr(b':', line) {
            let value = line[colon + 1..].trim_ascii();
            if line[..colon].eq_ignore_ascii_case(b"content-length") {
                length = std::str::from_utf8(value)
                    .ok()
                    .and_then(|value| value.parse().ok())
                    .ok_or_else(|| Error::new(ErrorKind::InvalidData, "content-length is no number"))?;
            } else if line[..colon].eq_ignore_ascii_case(b"x-request-id") {
                let start = at + colon + 1 + (line.len() - colon - 1 - line[colon + 1..].trim_ascii_start().len());
                id = Some((start, start + value.len()));
            }
        }
        at += line.len() + 1;
    }
    let body = head + 4;
    let end = body + length;
    Ok((bytes.len() >= end).then_some(Request { what, id, body, end }))
}

/// The page that a query asks for.
fn page(query: &[u8]) -> Option<u64> {
    let mut parts = query.split(|&byte| byte == b'&' || byte == b' ');
    let page = parts.find_map(|part| part.strip_prefix(b"page="))?;
    std::str::from_utf8(page).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_its_number() {
        let bytes = b"GET /api/v2.0/devices/?fields=id&page_size=200&page=17&sort_by=label HTTP/1.1\r\n\r\n";
        assert_eq!(parse(bytes).unwrap().unwrap().what, What::Page(17));
        parse(b"GET /api/v2.0/devices/?page_size=200 HTTP/1.1\r\n\r\n").unwrap_err();
    }

    #[test]
    fn a_request_is_found_once_it_is_whole() {
        let bytes = b"POST /api/v1/data-management/device/deletions HTTP/1.1\r\nX-Request-Id:  abc \r\ncontent-length: 2\r\n\r\n{}GET";
        for cut in 0..bytes.len() - 3 {
            assert!(parse(&bytes[..cut]).unwrap().is_none(), "{cut}");
        }
        let request = parse(bytes).unwrap().unwrap();
        assert_eq!(request.what, What::Nexthink);
        let (start, end) = request.id.unwrap();
        assert_eq!(&bytes[start..end], b"abc");
        assert_eq!(&bytes[request.body..request.end], b"{}");
    }
}
