//! One device of an export.

/// One device of an export, character for character as it stood there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// The line of the file, from 1, on which the row begins.
    pub line: u64,
    /// The uid, exactly as in its column, even if blank or malformed. Empty if there is no such column.
    pub uid: String,
    /// The name, likewise; of Ubidots, the label.
    pub name: String,
}
