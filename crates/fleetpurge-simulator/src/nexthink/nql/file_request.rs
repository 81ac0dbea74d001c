//! What the other host was told.

use http::{HeaderMap, Uri};

/// A request to the host of the files, as it came.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FileRequest {
    /// The path, and the query that came with it.
    pub uri: Uri,
    /// Every header as received.
    pub headers: HeaderMap,
}
