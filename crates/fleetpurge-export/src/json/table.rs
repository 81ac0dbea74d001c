//! Which objects are rows.
//!
//! NDJSON, an array of objects, the service's own request body (`devices`) and a page of a listing (`results`); of Ubidots
//! and of protected devices also texts. One element is in memory at a time.

use std::io::{self, Read};

use fleetpurge_text::Counted;
use serde::de::Deserialize;
use serde_json::Value;

use super::row::{Keys, Members, Refused, refuse_repeated};
use super::values::{Trouble, Values};
use crate::cells;
use crate::error::{Error, ErrorKind};
use crate::form::Unit;
use crate::grammar::LONGEST_ROW;
use crate::headers::Headers;
use crate::sought::Sought;
use crate::visible::sample;

/// Rows are counted by the lines of NDJSON, and by the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    Lines,
    Array { is_first: bool },
    Over,
}

/// JSON as CSV, whose header is on line 0.
pub(crate) struct Json {
    name: String,
    sought: Sought,
    values: Values,
    at: At,
    /// Whether the array is in an object, which then ends after it.
    is_wrapped: bool,
    /// How many rows were written: elements, or lines of NDJSON.
    written: u64,
    /// The line on which the value begins that is read now.
    begins: u64,
    keys: Option<Keys>,
    out: Vec<u8>,
    given: usize,
    unit: Unit,
}

impl Json {
    pub(crate) fn new(name: &str, sought: &Sought, bytes: Box<dyn Read + Send>, unit: Unit) -> Self {
        Self {
            name: name.to_owned(),
            sought: sought.clone(),
            values: Values::new(bytes),
            at: At::Start,
            is_wrapped: false,
            written: 0,
            begins: 1,
            keys: None,
            out: Vec::new(),
            given: 0,
            unit,
        }
    }

    const fn counted(&self) -> Counted {
        match self.at {
            At::Array { .. } => Counted::Elements,
            At::Start | At::Lines | At::Over => Counted::Lines,
        }
    }

    fn error(&self, message: impl Into<String>, advice: &str) -> io::Error {
        let line = match self.at {
            At::Array { .. } => self.written + 1,
            At::Start | At::Lines => self.begins,
            At::Over => self.values.line(),
        };
        let error = Error::new(ErrorKind::Malformed, &self.name, message, advice);
        io::Error::other(error.at_line(line).counted_in(&self.counted()))
    }

    fn broken(&self, message: &str) -> io::Error {
        self.error(
            format!("this is not valid JSON: {message}"),
            "export the list again: it may be cut short",
        )
    }

    fn too_long(&self, message: &str) -> io::Error {
        self.error(message, "export the list again, with fewer columns")
    }

    fn placed<T>(&self, found: Result<T, Trouble>) -> io::Result<T> {
        found.map_err(|trouble| match trouble {
            Trouble::Read(error) => error,
            Trouble::Broken(message) => self.broken(&message),
            Trouble::TooLong(message) => self.too_long(message),
        })
    }

    fn value(&mut self) -> io::Result<Vec<u8>> {
        let value = self.values.value();
        self.placed(value)
    }

    fn expect(&mut self, wanted: u8) -> io::Result<()> {
        let found = self.values.expect(wanted);
        self.placed(found)
    }

    fn parsed<'de, T: Deserialize<'de>>(&self, value: &'de [u8]) -> io::Result<T> {
        serde_json::from_slice(value).map_err(|error| {
            let message = error.to_string();
            self.broken(message.split(" at line").next().unwrap_or_default())
        })
    }

    /// Reads the members of an object up to a list of devices, or to its end.
    fn members(&mut self, seen: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            let key = self.value()?;
            let name: String = self.parsed(&key)?;
            self.expect(b':')?;
            let is_list = matches!(name.as_str(), "devices" | "results") && self.values.next()? == Some(b'[');
            if is_list {
                if self.is_wrapped {
                    return Err(self.error(
                        "the object has more than one list of devices",
                        "keep the one that is meant",
                    ));
                }
                self.values.take()?;
                return Ok(true);
            }
            let value = self.value()?;
            if name == "next" && value != b"null" && (self.is_wrapped || self.sought.headers() == Headers::Ubidots) {
                return Err(self.error(
                    "this is one page of a longer list: its `next` names another page",
                    "list all pages, or use `fleetpurge select`",
                ));
            }
            if seen.len() > 1 {
                seen.push(b',');
            }
            seen.extend_from_slice(&key);
            seen.push(b':');
            seen.extend_from_slice(&value);
            if seen.len() > LONGEST_ROW {
                return Err(self.too_long("one object is longer than 1 MiB"));
            }
            match self.values.next()? {
                Some(b',') => {
                    self.values.take()?;
                }
                Some(b'}') => {
                    self.values.take()?;
                    seen.push(b'}');
                    return Ok(false);
                }
                _ => return Err(self.broken("an object does not end")),
            }
        }
    }

    fn begin_array(&mut self) {
        self.at = At::Array { is_first: true };
        self.unit.set(Counted::Elements).ok();
    }

    /// Writes the next row; nothing at the end.
    fn step(&mut self) -> io::Result<()> {
        match self.at {
            At::Over => {}
            At::Start => self.start()?,
            At::Lines => match self.values.next()? {
                None => self.at = At::Over,
                Some(_) => {
                    let line = self.values.line();
                    self.begins = line;
                    if line <= self.written {
                        return Err(self.error(
                            "two values stand on one line",
                            "write one object a line, or an array: [{..}, {..}]",
                        ));
                    }
                    let value = self.value()?;
                    self.row(&value, line)?;
                }
            },
            At::Array { is_first } => {
                match (self.values.next()?, is_first) {
                    (Some(b']'), _) => {
                        self.values.take()?;
                        return self.end();
                    }
                    (Some(b','), false) => {
                        self.values.take()?;
                    }
                    (Some(_), true) => {}
                    (None, _) => return Err(self.broken("the array does not end")),
                    (Some(_), false) => return Err(self.broken("a comma is missing between two elements")),
                }
                self.at = At::Array { is_first: false };
                let value = self.value()?;
                self.row(&value, self.written + 1)?;
            }
        }
        Ok(())
    }

    /// Tells an array, an object with a list in it, and one object a line.
    fn start(&mut self) -> io::Result<()> {
        if self.values.next()? == Some(b'[') {
            self.values.take()?;
            self.begin_array();
            return Ok(());
        }
        let line = self.values.line();
        self.begins = line;
        self.expect(b'{')?;
        if self.values.next()? == Some(b'}') {
            return Err(self.error("the object has no keys", "export the list again"));
        }
        let mut seen = vec![b'{'];
        if self.members(&mut seen)? {
            self.is_wrapped = true;
            self.begin_array();
        } else {
            self.at = At::Lines;
            self.row(&seen, line)?;
        }
        Ok(())
    }

    /// After the array: the rest of the object, and nothing else.
    fn end(&mut self) -> io::Result<()> {
        self.at = At::Over;
        if self.is_wrapped {
            match self.values.next()? {
                Some(b',') => {
                    self.values.take()?;
                    self.members(&mut vec![b'{'])?;
                }
                _ => self.expect(b'}')?,
            }
        }
        if self.values.next()?.is_some() {
            return Err(self.broken("text follows its end"));
        }
        Ok(())
    }

    /// Writes a value as the row of this number.
    fn row(&mut self, value: &[u8], number: u64) -> io::Result<()> {
        let members = self.members_of(value, number)?;
        let counted = self.counted();
        let refused = |refused| refusal(&self.name, number, &counted, refused);
        refuse_repeated(&members).map_err(refused)?;
        if self.keys.is_none() {
            let keys = Keys::of(&members, &self.name, &self.sought);
            cells::write(&mut self.out, keys.iter());
            self.keys = Some(keys);
        }
        let Some(keys) = &mut self.keys else { return Ok(()) };
        let texts = keys.cells(&members, &self.name, &self.sought).map_err(refused)?;
        while self.written + 1 < number {
            self.out.push(b'\n');
            self.written += 1;
        }
        self.written = number;
        cells::write(&mut self.out, texts.iter().map(AsRef::as_ref));
        Ok(())
    }

    /// The members of an object, or those of the object that a text stands for.
    fn members_of(&self, value: &[u8], number: u64) -> io::Result<Vec<(String, Value)>> {
        let refused = |message: String, advice| {
            let refused = Refused::new(message, advice);
            Err(refusal(&self.name, number, &self.counted(), refused))
        };
        match (value.first(), self.sought.of_texts()) {
            (Some(b'{'), _) => Ok(self.parsed::<Members>(value)?.0),
            (Some(b'"'), Some(column)) => {
                let is_mixed = self.keys.as_ref().is_some_and(|keys| !keys.iter().eq([column]));
                if is_mixed {
                    return refused(
                        "a text stands here, and the first element is an object".to_owned(),
                        "write all devices as objects, or all as texts",
                    );
                }
                Ok(vec![(column.to_owned(), Value::String(self.parsed(value)?))])
            }
            (Some(b'"'), None) => refused(
                "a text stands here where an object is needed".to_owned(),
                "a device needs both: {\"uid\": \"..\", \"name\": \"..\"}",
            ),
            _ => refused(
                format!("`{}` is no device", sample(&String::from_utf8_lossy(value))),
                "each element is an object with the columns as its keys",
            ),
        }
    }
}

fn refusal(name: &str, number: u64, counted: &Counted, refused: Refused) -> io::Error {
    let error = Error::new(ErrorKind::Malformed, name, refused.message, refused.advice)
        .at_line(number)
        .counted_in(counted);
    io::Error::other(match refused.key {
        Some(key) => error.in_column(key),
        None => error,
    })
}

impl Read for Json {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() && self.at != At::Over {
            self.out.clear();
            self.given = 0;
            self.step()?;
        }
        let count = buf.len().min(self.out.len() - self.given);
        buf[..count].copy_from_slice(&self.out[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
