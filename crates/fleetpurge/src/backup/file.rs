//! The file of a device: written as a stream, and read back to check that it is complete, with its checksum.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use fleetpurge_records::BackupLine;
use jiff::Timestamp;
use serde::Deserialize;
use ubidots_devices::RawJson;

use crate::atomic_file::AtomicFile;
use crate::backup::checksum::{Sha256Hex, Summing};

/// What a whole file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Device { variables: u64, values: u64 },
    Missing,
}

/// A whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) content: Content,
    /// Of its bytes as they are on the disk.
    pub(crate) sha256: Sha256Hex,
}

/// A file under way. Dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub(crate) struct DeviceFile {
    gzip: GzEncoder<Summing<AtomicFile>>,
    line: Vec<u8>,
    variables: u64,
    values: u64,
}

impl DeviceFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            gzip: GzEncoder::new(Summing::new(AtomicFile::create(path)?), Compression::default()),
            line: Vec::new(),
            variables: 0,
            values: 0,
        })
    }

    pub(crate) fn device(&mut self, id: &str, until: Timestamp, device: &RawJson) -> io::Result<()> {
        let until = until.to_string();
        self.write(&BackupLine::Device {
            id,
            until,
            device: device.as_raw(),
        })
    }

    pub(crate) fn variable(&mut self, id: &str, variable: &RawJson) -> io::Result<()> {
        self.variables += 1;
        self.write(&BackupLine::Variable {
            id,
            variable: variable.as_raw(),
        })
    }

    pub(crate) fn value(&mut self, variable: &str, value: &RawJson) -> io::Result<()> {
        self.values += 1;
        self.write(&BackupLine::Value {
            variable,
            value: value.as_raw(),
        })
    }

    /// Ends the file, syncs it, and gives it its name.
    pub(crate) fn finish(mut self, id: &str, at: Timestamp) -> io::Result<Saved> {
        let (variables, values) = (self.variables, self.values);
        self.write(&BackupLine::End {
            id,
            variables,
            values,
            at: at.to_string(),
        })?;
        self.close(Content::Device { variables, values })
    }

    fn close(self, content: Content) -> io::Result<Saved> {
        let (file, sha256) = self.gzip.finish()?.into_parts();
        file.finish()?;
        Ok(Saved { content, sha256 })
    }

    fn write(&mut self, line: &BackupLine<'_>) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        // What the service wrote may lie on several lines. Within a text of JSON no line breaks, so that these mean nothing.
        for byte in &mut self.line {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        self.line.push(b'\n');
        self.gzip.write_all(&self.line)
    }
}

/// The file of a device that the account does not have.
pub(crate) fn write_missing(path: &Path, id: &str, at: Timestamp) -> io::Result<Saved> {
    let mut file = DeviceFile::create(path)?;
    file.write(&BackupLine::Missing { id, at: at.to_string() })?;
    file.close(Content::Missing)
}

/// Why a file is not a device's.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// There is none.
    Absent,
    /// It was cut or altered after it had its name, or is another device's.
    Damaged(String),
    /// It cannot be read.
    Io(io::Error),
}

/// The first or the last line, as far as it says whether the file is whole.
#[derive(Deserialize)]
struct Frame {
    r#type: String,
    id: String,
    variables: Option<u64>,
    values: Option<u64>,
}

/// Reads all of a file: its checksum, its first and last line, and how many lines there are. Memory stays flat.
///
/// Reading it takes a small part of the time in which the service gave it, and is the only way to know that it can be
/// read.
pub(crate) fn look(path: &Path, id: &str) -> Result<Saved, Flaw> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Flaw::Absent,
        _ => Flaw::Io(error),
    })?;
    let mut lines = BufReader::new(MultiGzDecoder::new(BufReader::new(Summing::new(file))));
    let (mut line, mut last) = (Vec::new(), Vec::new());
    let mut first = None;
    let mut count: u64 = 0;
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                return Err(match error.kind() {
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                        Flaw::Damaged(error.to_string())
                    }
                    _ => Flaw::Io(error),
                });
            }
        }
        count += 1;
        if first.is_none() {
            first = Some(frame(&line, id)?);
        }
        std::mem::swap(&mut line, &mut last);
    }
    let damaged = |why: &str| Flaw::Damaged(why.to_owned());
    let first = first.ok_or_else(|| damaged("it is empty"))?;
    let content = match (first.r#type.as_str(), count) {
        ("missing", 1) => Content::Missing,
        ("device", 2..) => match frame(&last, id)? {
            Frame {
                r#type,
                variables: Some(variables),
                values: Some(values),
                ..
            } if r#type == "end" && variables.checked_add(values) == Some(count - 2) => {
                Content::Device { variables, values }
            }
            _ => return Err(damaged("its last line does not agree with the others")),
        },
        _ => return Err(damaged("it has no end")),
    };
    // The decoder has come to the end of the file, or it would have said that something follows that it does not know.
    let (_, sha256) = lines.into_inner().into_inner().into_inner().into_parts();
    Ok(Saved { content, sha256 })
}

fn frame(line: &[u8], id: &str) -> Result<Frame, Flaw> {
    match serde_json::from_slice::<Frame>(line) {
        Ok(frame) if frame.id.eq_ignore_ascii_case(id) => Ok(frame),
        Ok(frame) => Err(Flaw::Damaged(format!("it is of the device {:?}", frame.id))),
        Err(_) => Err(Flaw::Damaged(
            "its first or last line says nothing of a device".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flate2::bufread::GzDecoder;
    use serde_json::json;

    use super::*;

    const ID: &str = "6e309da44fc8455a9cceb5aa";

    fn json(value: &serde_json::Value) -> RawJson {
        RawJson::from(&*serde_json::value::to_raw_value(value).unwrap())
    }

    fn written(path: &Path) -> Saved {
        let mut file = DeviceFile::create(path).unwrap();
        file.device(ID, Timestamp::UNIX_EPOCH, &json(&json!({"id": ID})))
            .unwrap();
        file.variable("v", &json(&json!({"id": "v"}))).unwrap();
        for value in 0..100 {
            file.value("v", &json(&json!({"value": value}))).unwrap();
        }
        file.finish(ID, Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn what_was_written_is_found_whole_and_whatever_is_cut_or_altered_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ndjson.gz");
        let saved = written(&path);
        assert_eq!(saved.sha256, Sha256Hex::of(&fs::read(&path).unwrap()));
        assert_eq!(
            saved.content,
            Content::Device {
                variables: 1,
                values: 100
            }
        );
        assert_eq!(look(&path, ID).unwrap(), saved);
        assert_eq!(look(&path, &ID.to_uppercase()).unwrap(), saved);
        assert!(matches!(look(&path, &"0".repeat(24)), Err(Flaw::Damaged(_))));
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(matches!(look(&path, ID), Err(Flaw::Damaged(_))), "{length}");
        }
        // The bytes of the header say nothing of the content.
        for at in 10..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            fs::write(&path, &altered).unwrap();
            assert!(matches!(look(&path, ID), Err(Flaw::Damaged(_))), "{at}");
        }
        fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
        assert!(matches!(look(&path, ID), Err(Flaw::Damaged(_))));
        fs::remove_file(&path).unwrap();
        assert!(matches!(look(&path, ID), Err(Flaw::Absent)));
    }

    #[test]
    fn lines_that_do_not_make_a_device_are_no_file_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ndjson.gz");
        let device = format!(r#"{{"type":"device","id":"{ID}"}}"#);
        let end = format!(r#"{{"type":"end","id":"{ID}","variables":1,"values":0}}"#);
        let missing = format!(r#"{{"type":"missing","id":"{ID}"}}"#);
        let table = [
            (vec![&*device, "{}", &*end], true),
            (vec![&*missing], true),
            (vec![&*device, &*end], false),
            (vec![&*device, "{}", "{}", &*end], false),
            (vec![&*device], false),
            (vec![&*end], false),
            (vec![&*device, "{}", &*device], false),
            (vec![&*missing, &*end], false),
            (vec![], false),
            (vec!["x"], false),
        ];
        for (lines, is_whole) in table {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(lines.join("\n").as_bytes()).unwrap();
            fs::write(&path, gzip.finish().unwrap()).unwrap();
            assert_eq!(look(&path, ID).is_ok(), is_whole, "{lines:?}");
        }
    }

    #[test]
    fn a_file_under_way_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ndjson.gz");
        let mut file = DeviceFile::create(&path).unwrap();
        file.device(ID, Timestamp::UNIX_EPOCH, &json(&json!({}))).unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(
            write_missing(&path, ID, Timestamp::UNIX_EPOCH).unwrap().content,
            Content::Missing
        );
        assert_eq!(look(&path, ID).unwrap().content, Content::Missing);
        let line = io::read_to_string(GzDecoder::new(&*fs::read(&path).unwrap())).unwrap();
        assert_eq!(
            line,
            format!("{{\"type\":\"missing\",\"id\":\"{ID}\",\"at\":\"1970-01-01T00:00:00Z\"}}\n")
        );
    }
}
