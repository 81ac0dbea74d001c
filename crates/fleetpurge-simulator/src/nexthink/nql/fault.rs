//! What can go wrong with an export.

/// What goes wrong with one export. What goes wrong with a request is a matter of the
/// [fault script](crate::FaultScript), where these requests are reads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFault {
    /// Nothing does.
    None,
    /// It ends with `ERROR` and this description.
    Failed(String),
    /// Its status has this word for ever.
    Status(String),
    /// Every answer about it is a 206: the licence allows fewer rows.
    Truncated,
    /// The first URL of its file has expired already.
    ExpiredUrl,
    /// The connection ends in the middle of its file.
    CutFile,
    /// Its file ends in the middle, without a length and as if that were all.
    ShortFile,
    /// Its file's host answers with a redirect to this service.
    Redirect,
    /// Its file's host answers the first request with this status.
    FileStatus(u16),
    /// The URL of its file is this.
    Url(String),
}
