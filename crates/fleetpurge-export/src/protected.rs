//! What a list of devices that must stay says.

use fleetpurge_text::Counted;

use crate::remark::comment;
use crate::visible::sample;
use crate::warning::{Warning, WarningKind};

/// One line of a list of devices that must stay, or one row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProtectedEntry {
    /// The line of the file, from 1, on which it begins; of a workbook the row, of a JSON array the element.
    pub line: u64,
    /// What it names devices by. Each of them protects: what protects should match rather too much than too little. None in
    /// a row of a table without uid and name, which protects nothing: its device is named in another column, or not at all.
    pub values: Vec<ProtectedValue>,
    /// The text of a value before a comment was taken off it. A device that is called exactly so must stay, too.
    pub whole: Vec<String>,
    /// The fields of a row without uid and name, to be shown; blank ones are left out. Empty for any other entry.
    pub fields: Vec<String>,
}

/// What a protected device is named by, without the space around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProtectedValue {
    /// The device with this uid; of Ubidots, with this id.
    Uid(String),
    /// Every device of this name; of Ubidots, the device with this label.
    Name(String),
    /// Every device with this uid or name: a line of a plain list does not say which it is.
    Either(String),
}

impl ProtectedValue {
    /// The uid or name itself.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Uid(text) | Self::Name(text) | Self::Either(text) => text,
        }
    }
}

impl ProtectedEntry {
    /// One that names nothing yet.
    pub(crate) const fn at(line: u64) -> Self {
        Self {
            line,
            values: Vec::new(),
            whole: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// What is said of it if the file ends with it, and without a line end.
    pub(crate) fn cut(&self, file: &str) -> Warning {
        let values = self.values.iter().map(|value| match value {
            ProtectedValue::Uid(text) | ProtectedValue::Name(text) | ProtectedValue::Either(text) => text,
        });
        let values = values.chain(&self.fields).map(|text| format!("`{}`", sample(text)));
        Warning {
            kind: WarningKind::NoLineEnd,
            file: file.to_owned(),
            line: self.line,
            counted: Counted::Lines,
            message: format!(
                "the last entry has no line end; if the list was cut off, it protects by half a name, and entries \
                 are missing. \
                 It reads {}",
                values.collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// Adds what a text names, with and without its comment.
    pub(crate) fn add(&mut self, text: &str, of: fn(String) -> ProtectedValue) {
        let text = text.trim();
        let value = comment(text).map_or(text, |at| text[..at].trim_end());
        if value.is_empty() {
            return;
        }
        self.values.push(of(value.to_owned()));
        if value != text {
            self.whole.push(text.to_owned());
        }
    }
}
