//! The names of the actions; a rule has at most one.

/// All of them.
pub(super) const ACTIONS: [&str; 13] = [
    "reply",
    "edit",
    "failed",
    "poison",
    "batch_limit",
    "unauthorized",
    "refuse_everything",
    "hang",
    "close_before_read",
    "close_after_read",
    "reset",
    "h2_refused_stream",
    "h2_goaway",
];

/// Those that change a deletion and nothing else.
pub(super) const DELETIONS_ONLY: [&str; 5] = ["edit", "failed", "poison", "batch_limit", "refuse_everything"];
