//! What a served page says of the moment: whether the plan is being applied, and how far that is.

/// What a served page says of the moment. Every text is as a person reads it.
#[derive(Clone, Debug)]
pub(crate) struct Now {
    /// `waiting`, `under-way`, `ended` or `died`: a word for the script and the style.
    pub(crate) state: &'static str,
    /// The same in a sentence, with who and since when.
    pub(crate) text: String,
    /// How far the run is, while one is under way.
    pub(crate) progress: Option<Progress>,
    /// When the plan was read.
    pub(crate) at: String,
    /// Differs if anything was recorded since.
    pub(crate) seen: String,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) share: String,
    /// The counts, the rate, the time left.
    pub(crate) parts: Vec<String>,
}
