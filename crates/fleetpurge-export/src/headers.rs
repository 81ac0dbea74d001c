//! What the names in a header stand for, service by service.

/// Which names a header has for the two columns, and which of them must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Headers {
    /// `uid` and `name`, or what is plainly the same. Both must be there.
    #[default]
    Nexthink,
    /// The uid is called `id`, `device_id`, `key`, `device_key` or `uid`, the name `label`, `device_label` or
    /// `api_label`. One of them must be there. A column `name` is neither: it is what people call the device.
    Ubidots,
}

impl Headers {
    /// What the columns are called in messages.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Nexthink => ("uid", "name"),
            Self::Ubidots => ("id", "label"),
        }
    }

    /// Which columns a list must have, for messages.
    pub(crate) const fn needed(self) -> &'static str {
        match self {
            Self::Nexthink => "`uid` and `name`",
            Self::Ubidots => "`id` or `label`",
        }
    }

    /// Which columns a list of protected devices may have, for messages.
    pub(crate) const fn protecting(self) -> &'static str {
        match self {
            Self::Nexthink => "`uid` or `name`",
            Self::Ubidots => "`id` or `label`",
        }
    }

    /// What a plain list holds on each line, for messages.
    pub(crate) const fn plain(self) -> &'static str {
        match self {
            Self::Nexthink => "one uid or name a line",
            Self::Ubidots => "one id or label a line",
        }
    }

    /// Reads a header name as NQL, the API and spreadsheets spell it: `uid`, `device.uid`, `Device UID`, `deviceUid`.
    pub(crate) fn meaning(self, header: &str) -> Meaning {
        let plain = plain(header);
        match self {
            Self::Nexthink => match plain.as_str() {
                "uid" | "deviceuid" | "devicedeviceuid" => Meaning::Uid,
                "collectoruid" | "devicecollectoruid" | "collectorid" | "devicecollectorid" => Meaning::CollectorUid,
                "name" | "devicename" | "devicedevicename" => Meaning::Name,
                _ => Meaning::Other,
            },
            Self::Ubidots => match plain.as_str() {
                "id" | "deviceid" | "key" | "devicekey" | "uid" => Meaning::Uid,
                "label" | "devicelabel" | "apilabel" => Meaning::Name,
                "name" | "devicename" | "displayname" => Meaning::DisplayName,
                _ => Meaning::Other,
            },
        }
    }
}

/// A header name without case and what separates its words.
pub(crate) fn plain(header: &str) -> String {
    header
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '_' | '-' | '/' | '\u{a0}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// What a header name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Uid,
    CollectorUid,
    Name,
    /// What people call a device whose service knows it by something else.
    DisplayName,
    Other,
}
