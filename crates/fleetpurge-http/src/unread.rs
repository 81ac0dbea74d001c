//! What is wrong with a reply that is not valid HTTP, in words that follow "a reply that".

use std::error::Error as StdError;
use std::io;

/// What was wrong, if that is why the exchange failed; None: the connection was lost, or anything else.
pub(crate) fn why(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(why) = hyper(error).or_else(|| h2(error)).or_else(|| body(error)) {
            return Some(why);
        }
        next = error.source();
    }
    None
}

/// Its kinds are its own; only its words tell most of them apart.
fn hyper(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    let error = error.downcast_ref::<hyper::Error>()?;
    let words = error.to_string();
    if error.is_parse_status() {
        return Some("has a status line that is not valid HTTP");
    }
    if !error.is_parse() {
        return words
            .contains("unexpected message")
            .then_some("arrived before the request");
    }
    let table = [
        ("too large", "has more than 100 headers, or headers that are too long"),
        ("content-length", "has a Content-Length that is not a number"),
        ("transfer-encoding", "has a Transfer-Encoding that it may not have"),
        ("version", "is not HTTP/1.1, as far as its first line tells"),
        ("status", "has a status line that is not valid HTTP"),
        (
            "header",
            "has a header that is not valid HTTP, such as one folded over two lines",
        ),
    ];
    let known = table.iter().find(|(word, _)| words.contains(word));
    Some(known.map_or("is not valid HTTP", |(_, why)| why))
}

/// This side found an error in what came; one that the other side announces says nothing of a reply.
fn h2(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    let error = error.downcast_ref::<h2::Error>()?;
    (!error.is_remote() && !error.is_io() && error.reason().is_some())
        .then_some("breaks the rules of HTTP/2, or has headers that are too long")
}

/// Chunks are read with the body.
fn body(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    let error = error.downcast_ref::<io::Error>()?;
    // An error of TLS is wrapped in this kind, too.
    let is_tls = matches!(error.get_ref(), Some(inner) if inner.is::<rustls::Error>());
    (matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) && !is_tls)
        .then_some("has a chunk that is not valid HTTP")
}
