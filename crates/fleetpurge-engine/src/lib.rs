//! Batching, retry, pacing and the write-ahead journal of a bulk deletion. Knows no HTTP.
