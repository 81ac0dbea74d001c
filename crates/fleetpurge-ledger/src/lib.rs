//! Plans, attempts and outcomes of a bulk deletion in one SQLite file.
