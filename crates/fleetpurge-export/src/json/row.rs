//! The cells of an object.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::cells;
use crate::sought::Sought;
use crate::visible::sample;

/// How many keys are remembered that only later objects have.
const EXTRA: usize = 1000;

/// The members of an object, repeated keys among them.
pub(super) struct Members(pub(super) Vec<(String, Value)>);

/// Why an object is no row.
#[derive(Debug)]
pub(super) struct Refused {
    /// The key whose value is at fault.
    pub(super) key: Option<String>,
    pub(super) message: String,
    pub(super) advice: &'static str,
}

impl Refused {
    pub(super) fn new(message: impl Into<String>, advice: &'static str) -> Self {
        Self {
            key: None,
            message: message.into(),
            advice,
        }
    }
}

/// The keys of the first object: the columns.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<String>,
    /// Which of them name devices; empty if they do not say.
    naming: Vec<usize>,
    /// Keys of later objects that name no device either.
    others: HashSet<String>,
}

impl Keys {
    /// Takes the keys of the first object, which are no longer than it.
    pub(super) fn of(members: &[(String, Value)], file: &str, sought: &Sought) -> Self {
        let keys: Vec<String> = members.iter().map(|(key, _)| key.clone()).collect();
        Self {
            naming: sought.naming(file, &keys).unwrap_or_default(),
            keys,
            others: HashSet::new(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    /// The cells of an object, column by column.
    pub(super) fn cells<'m>(
        &mut self,
        members: &'m [(String, Value)],
        file: &str,
        sought: &Sought,
    ) -> Result<Vec<Cow<'m, str>>, Refused> {
        let is_in_order = members.len() == self.keys.len() && members.iter().zip(&self.keys).all(|((a, _), b)| a == b);
        if is_in_order {
            let values = members.iter().enumerate();
            return values.map(|(at, (_, value))| self.cell(at, Some(value))).collect();
        }
        for (key, _) in members {
            self.refuse_naming(key, file, sought)?;
        }
        let cells: Vec<Cow<'m, str>> = (self.keys.iter().enumerate())
            .map(|(at, key)| {
                let member = members.iter().find(|(other, _)| other == key);
                self.cell(at, member.map(|(_, value)| value))
            })
            .collect::<Result<_, _>>()?;
        if matches!(sought, Sought::Protected(_)) {
            self.refuse_nameless(members, &cells)?;
        }
        Ok(cells)
    }

    /// Refuses an object that may name its device by a key that the first object has not: it would protect nothing, and
    /// the columns do not show it. In another list the row is left out for that, and told.
    fn refuse_nameless(&self, members: &[(String, Value)], cells: &[Cow<'_, str>]) -> Result<(), Refused> {
        let is_blank = |at: &usize| cells.get(*at).is_none_or(|cell| cell.trim().is_empty());
        if !self.naming.iter().all(is_blank) {
            return Ok(());
        }
        let says_nothing = |value: &Value| match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            _ => false,
        };
        let unknown = |key: &String| !self.keys.contains(key);
        match members.iter().find(|(key, value)| unknown(key) && !says_nothing(value)) {
            Some((key, _)) => Err(Refused::new(
                format!(
                    "the key `{}` is not in the first object, and nothing else names a device",
                    sample(key)
                ),
                "give every object the same keys",
            )),
            None => Ok(()),
        }
    }

    /// Refuses a key that the first object has not, if with it the columns would be others.
    fn refuse_naming(&mut self, key: &str, file: &str, sought: &Sought) -> Result<(), Refused> {
        if self.keys.iter().any(|known| known == key) || self.others.contains(key) {
            return Ok(());
        }
        let mut all = self.keys.clone();
        all.push(key.to_owned());
        if sought.naming(file, &all).unwrap_or_default() != self.naming {
            return Err(Refused::new(
                format!(
                    "the key `{}` is not in the first object, and may name a device, too",
                    sample(key)
                ),
                "give every object the same keys",
            ));
        }
        if self.others.len() < EXTRA {
            self.others.insert(key.to_owned());
        }
        Ok(())
    }

    fn cell<'m>(&self, at: usize, value: Option<&'m Value>) -> Result<Cow<'m, str>, Refused> {
        let names = self.naming.contains(&at);
        let refused = |message: String| Refused {
            key: self.keys.get(at).cloned(),
            message,
            advice: "write the uid and the name as text, in quotes, exactly as the service has them",
        };
        Ok(match value {
            None | Some(Value::Null) => Cow::Borrowed(""),
            Some(Value::String(text)) if names && cells::breaks(text) => {
                return Err(refused("the text has a line break or a NUL".to_owned()));
            }
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Some(value) if names => return Err(refused(format!("`{}` is no text", sample(&value.to_string())))),
            Some(value) => Cow::Owned(value.to_string()),
        })
    }
}

/// Refuses an object that has a key twice: programs disagree about which of the two is valid.
pub(super) fn refuse_repeated(members: &[(String, Value)]) -> Result<(), Refused> {
    let mut seen = HashSet::with_capacity(members.len());
    match members.iter().find(|(key, _)| !seen.insert(key.as_str())) {
        Some((key, _)) => Err(Refused::new(
            format!("the key `{}` stands here twice", sample(key)),
            "keep the one that is right",
        )),
        None => Ok(()),
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}
