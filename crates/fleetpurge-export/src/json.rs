//! Reads JSON as a table: an object is a row, its keys are the columns.
//!
//! NDJSON, an array of objects, the service's own request body (`devices`) and a page of a listing (`results`); of Ubidots
//! also ids as strings. One element is in memory at a time.

use std::fmt;
use std::io::{self, BufReader, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::cells;
use crate::columns::{self, Columns, Wanted};
use crate::error::{Error, ErrorKind};
use crate::form::Unit;
use crate::grammar::LONGEST_ROW;
use crate::headers::Headers;

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
    wanted: Wanted,
    bytes: io::Bytes<BufReader<Box<dyn Read + Send>>>,
    peeked: Option<u8>,
    /// The line of the next byte.
    line: u64,
    at: At,
    /// Whether the array is in an object, which then ends after it.
    is_wrapped: bool,
    /// How many rows were written: elements, or lines of NDJSON.
    written: u64,
    keys: Option<Vec<String>>,
    columns: Option<Columns>,
    out: Vec<u8>,
    given: usize,
    unit: Unit,
}

impl Json {
    pub(crate) fn new(name: &str, wanted: &Wanted, bytes: Box<dyn Read + Send>, unit: Unit) -> Self {
        Self {
            name: name.to_owned(),
            wanted: wanted.clone(),
            bytes: BufReader::with_capacity(64 * 1024, bytes).bytes(),
            peeked: None,
            line: 1,
            at: At::Start,
            is_wrapped: false,
            written: 0,
            keys: None,
            columns: None,
            out: Vec::new(),
            given: 0,
            unit,
        }
    }

    fn error(&self, message: impl Into<String>, advice: &str) -> io::Error {
        let error = Error::new(ErrorKind::Malformed, &self.name, message, advice);
        io::Error::other(match self.at {
            At::Array { .. } => error.at_line(self.written + 1).counted_in("element"),
            At::Start | At::Lines | At::Over => error.at_line(self.line).counted_in("line"),
        })
    }

    fn broken(&self, message: &str) -> io::Error {
        self.error(
            format!("this is not valid JSON: {message}"),
            "export the list again: it may be cut short",
        )
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.peeked.is_none() {
            self.peeked = self.bytes.next().transpose()?;
        }
        Ok(self.peeked)
    }

    fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        self.peeked = None;
        self.line += u64::from(byte == Some(b'\n'));
        Ok(byte)
    }

    /// The next byte that is no space.
    fn next(&mut self) -> io::Result<Option<u8>> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek()? {
            self.take()?;
        }
        self.peek()
    }

    fn expect(&mut self, wanted: u8) -> io::Result<()> {
        if self.next()? == Some(wanted) {
            self.take()?;
            return Ok(());
        }
        Err(self.broken(&format!("`{}` is missing", char::from(wanted))))
    }

    /// One value as it stands.
    fn value(&mut self) -> io::Result<Vec<u8>> {
        let mut value = Vec::new();
        let mut depth = 0_usize;
        let mut in_string = false;
        let mut is_escaped = false;
        self.next()?;
        while let Some(byte) = self.peek()? {
            if in_string {
                in_string = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
                self.push(&mut value)?;
                if !in_string && depth == 0 {
                    return Ok(value);
                }
                continue;
            }
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Ok(value),
                b'}' | b']' => {
                    depth -= 1;
                    self.push(&mut value)?;
                    if depth == 0 {
                        return Ok(value);
                    }
                    continue;
                }
                _ => {}
            }
            self.push(&mut value)?;
        }
        if in_string || depth > 0 {
            return Err(self.broken("it ends too early"));
        }
        Ok(value)
    }

    fn push(&mut self, value: &mut Vec<u8>) -> io::Result<()> {
        value.extend(self.take()?);
        if value.len() > LONGEST_ROW {
            return Err(self.error(
                "one value is longer than 1 MiB",
                "export the list again, with fewer columns",
            ));
        }
        Ok(())
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
            let is_list = matches!(name.as_str(), "devices" | "results") && self.next()? == Some(b'[');
            if is_list {
                if self.is_wrapped {
                    return Err(self.error(
                        "the object has more than one list of devices",
                        "keep the one that is meant",
                    ));
                }
                self.take()?;
                return Ok(true);
            }
            let value = self.value()?;
            if name == "next" && value != b"null" && (self.is_wrapped || self.wanted.headers == Headers::Ubidots) {
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
                return Err(self.error(
                    "one object is longer than 1 MiB",
                    "export the list again, with fewer columns",
                ));
            }
            match self.next()? {
                Some(b',') => {
                    self.take()?;
                }
                Some(b'}') => {
                    self.take()?;
                    seen.push(b'}');
                    return Ok(false);
                }
                _ => return Err(self.broken("an object does not end")),
            }
        }
    }

    fn begin_array(&mut self) {
        self.at = At::Array { is_first: true };
        self.unit.set("element").ok();
    }

    /// Writes the next row; nothing at the end.
    fn step(&mut self) -> io::Result<()> {
        match self.at {
            At::Over => {}
            At::Start => self.start()?,
            At::Lines => match self.next()? {
                None => self.at = At::Over,
                Some(_) => {
                    let line = self.line;
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
                match (self.next()?, is_first) {
                    (Some(b']'), _) => {
                        self.take()?;
                        return self.end();
                    }
                    (Some(b','), false) => {
                        self.take()?;
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
        if self.next()? == Some(b'[') {
            self.take()?;
            self.begin_array();
            return Ok(());
        }
        let line = self.line;
        self.expect(b'{')?;
        if self.next()? == Some(b'}') {
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
            match self.next()? {
                Some(b',') => {
                    self.take()?;
                    self.members(&mut vec![b'{'])?;
                }
                _ => self.expect(b'}')?,
            }
        }
        if self.next()?.is_some() {
            return Err(self.broken("text follows its end"));
        }
        Ok(())
    }

    /// Writes a value as the row of this number.
    fn row(&mut self, value: &[u8], number: u64) -> io::Result<()> {
        let Row(members) = match value.first() {
            Some(b'{') => self.parsed(value)?,
            Some(b'"') if self.wanted.headers == Headers::Ubidots => {
                Row(vec![("id".to_owned(), Value::String(self.parsed(value)?))])
            }
            Some(b'"') => {
                return Err(self.refused(
                    number,
                    "a text stands here where an object is needed",
                    "a device needs both: {\"uid\": \"..\", \"name\": \"..\"}",
                ));
            }
            _ => {
                return Err(self.refused(
                    number,
                    &format!("`{}` is no device", sample(&String::from_utf8_lossy(value))),
                    "each element is an object with the columns as its keys",
                ));
            }
        };
        let repeated = |at: usize| members[..at].iter().any(|(other, _)| *other == members[at].0);
        if let Some(key) = (0..members.len()).find(|&at| repeated(at)).map(|at| &members[at].0) {
            return Err(self.refused(
                number,
                &format!("the key `{}` stands here twice", sample(key)),
                "keep the one that is right",
            ));
        }
        if self.keys.is_none() {
            let keys: Vec<String> = members.iter().map(|(key, _)| key.clone()).collect();
            self.columns = columns::resolve(&self.name, &keys, &self.wanted).ok();
            cells::write(&mut self.out, keys.iter().map(String::as_str));
            self.keys = Some(keys);
        }
        let keys = self.keys.clone().unwrap_or_default();
        let is_key = |key: &str| {
            let mut all = keys.clone();
            if !all.iter().any(|known| known == key) {
                all.push(key.to_owned());
            }
            columns::resolve(&self.name, &all, &self.wanted).ok() != self.columns
        };
        if let Some((key, _)) = members.iter().find(|(key, _)| !keys.contains(key) && is_key(key)) {
            return Err(self.refused(
                number,
                &format!(
                    "the key `{}` is not in the first object, and may name a device, too",
                    sample(key)
                ),
                "give every object the same keys",
            ));
        }
        let mut texts = Vec::with_capacity(keys.len());
        for (at, key) in keys.iter().enumerate() {
            let value = members.iter().find(|(other, _)| other == key).map(|(_, value)| value);
            let names = self
                .columns
                .is_some_and(|found| [found.uid, found.name].contains(&Some(at)));
            texts.push(match value {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) if names && cells::breaks(text) => {
                    return Err(self.in_column(number, key, "the text has a line break or a NUL"));
                }
                Some(Value::String(text)) => text.clone(),
                Some(value) if names => {
                    let message = format!("`{}` is no text", sample(&value.to_string()));
                    return Err(self.in_column(number, key, &message));
                }
                Some(value) => value.to_string(),
            });
        }
        while self.written + 1 < number {
            self.out.push(b'\n');
            self.written += 1;
        }
        self.written = number;
        cells::write(&mut self.out, texts.iter().map(String::as_str));
        Ok(())
    }

    fn refused(&self, number: u64, message: &str, advice: &str) -> io::Error {
        io::Error::other(self.at_row(number, message, advice))
    }

    fn in_column(&self, number: u64, key: &str, message: &str) -> io::Error {
        let advice = "write the uid and the name as text, in quotes, exactly as the service has them";
        io::Error::other(self.at_row(number, message, advice).in_column(key))
    }

    fn at_row(&self, number: u64, message: &str, advice: &str) -> Error {
        Error::new(ErrorKind::Malformed, &self.name, message, advice)
            .at_line(number)
            .counted_in(match self.at {
                At::Array { .. } => "element",
                At::Start | At::Lines | At::Over => "line",
            })
    }
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

/// The members of an object, repeated keys among them.
struct Row(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Row(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
