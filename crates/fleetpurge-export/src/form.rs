//! How an input is to be read, where it does not say it itself.

use std::sync::{Arc, OnceLock};

use fleetpurge_text::Counted;

use crate::comments::Comments;
use crate::encoding::Encoding;

/// What the caller said about the form of an input.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) encoding: Option<Encoding>,
    pub(crate) sheet: Option<String>,
    pub(crate) header_row: Option<u64>,
    pub(crate) comments: Comments,
    pub(crate) include_hidden: bool,
}

/// What the rows are counted by, once it is known; lines unless it is said.
pub(crate) type Unit = Arc<OnceLock<Counted>>;
