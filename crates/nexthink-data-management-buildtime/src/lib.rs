//! The raw client generated at build time, and the proof that the committed one is the same.
