//! Reads device lists into rows, one at a time.
