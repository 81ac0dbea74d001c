//! Archives: the same files give the same bytes, whoever packs them, in whatever order they were found.

use std::io::{Cursor, Write};

use anyhow::Context;
use flate2::{Compression, GzBuilder};
use jiff::Timestamp;
use jiff::tz::Offset;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::contents::File;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    TarGz,
    Zip,
}

impl Format {
    /// What people of that system can unpack without installing anything.
    pub(super) fn of(target: &str) -> Self {
        if target.contains("windows") {
            Self::Zip
        } else {
            Self::TarGz
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
        }
    }
}

/// All files in one folder of the archive.
pub(super) fn pack(format: Format, folder: &str, files: &[File], time: Timestamp) -> anyhow::Result<Vec<u8>> {
    let mut files: Vec<&File> = files.iter().collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    match format {
        Format::TarGz => tar_gz(folder, &files, time),
        Format::Zip => zip(folder, &files, time),
    }
}

fn tar_gz(folder: &str, files: &[&File], time: Timestamp) -> anyhow::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(u64::try_from(file.bytes.len())?);
        header.set_mode(file.kind.mode());
        header.set_mtime(u64::try_from(time.as_second()).context("the time is before 1970")?);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        tar.append_data(&mut header, format!("{folder}/{}", file.path), &file.bytes[..])?;
    }
    gzip(&tar.into_inner()?)
}

/// Without a name, a time or a system in its header.
pub(super) fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    const UNKNOWN: u8 = 255;
    let builder = GzBuilder::new().mtime(0).operating_system(UNKNOWN);
    let mut gzip = builder.write(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}

fn zip(folder: &str, files: &[&File], time: Timestamp) -> anyhow::Result<Vec<u8>> {
    let at = Offset::UTC.to_datetime(time);
    // The format counts from 1980; what is earlier is the format's first moment.
    let at = zip::DateTime::from_date_and_time(
        u16::try_from(at.year())?,
        u8::try_from(at.month())?,
        u8::try_from(at.day())?,
        u8::try_from(at.hour())?,
        u8::try_from(at.minute())?,
        u8::try_from(at.second())?,
    )
    .unwrap_or_default();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let options = SimpleFileOptions::default()
            .last_modified_time(at)
            .unix_permissions(file.kind.mode());
        zip.start_file(format!("{folder}/{}", file.path), options)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::contents::Kind;
    use super::*;

    const FORMATS: [Format; 2] = [Format::TarGz, Format::Zip];

    fn files() -> Vec<File> {
        let mut program = File::new("fleetpurge", b"\x7fELF".repeat(1000));
        program.kind = Kind::Program;
        vec![
            File::new("man/fleetpurge.1", b".TH fleetpurge 1".to_vec()),
            program,
            File::new("README.md", b"# fleetpurge".to_vec()),
        ]
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn packed(format: Format, files: &[File], time: Timestamp) -> Vec<u8> {
        pack(format, "fleetpurge-0.1.0", files, time).unwrap()
    }

    /// Path, mode, time in seconds, and contents.
    fn unpacked(format: Format, bytes: &[u8]) -> Vec<(String, u32, i64, Vec<u8>)> {
        let mut found = Vec::new();
        match format {
            Format::TarGz => {
                let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
                for entry in tar.entries().unwrap() {
                    let mut entry = entry.unwrap();
                    let header = entry.header();
                    assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
                    assert_eq!(header.username().unwrap(), Some("root"));
                    let (mode, time) = (header.mode().unwrap(), header.mtime().unwrap());
                    let path = entry.path().unwrap().to_str().unwrap().to_owned();
                    let mut contents = Vec::new();
                    entry.read_to_end(&mut contents).unwrap();
                    found.push((path, mode, i64::try_from(time).unwrap(), contents));
                }
            }
            Format::Zip => {
                let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
                for index in 0..zip.len() {
                    let mut entry = zip.by_index(index).unwrap();
                    let is = entry.last_modified().unwrap();
                    let time = jiff::civil::DateTime::new(
                        is.year().try_into().unwrap(),
                        is.month().try_into().unwrap(),
                        is.day().try_into().unwrap(),
                        is.hour().try_into().unwrap(),
                        is.minute().try_into().unwrap(),
                        is.second().try_into().unwrap(),
                        0,
                    );
                    let time = Offset::UTC.to_timestamp(time.unwrap()).unwrap().as_second();
                    let mut contents = Vec::new();
                    entry.read_to_end(&mut contents).unwrap();
                    let mode = entry.unix_mode().unwrap() & 0o777;
                    found.push((entry.name().to_owned(), mode, time, contents));
                }
            }
        }
        found
    }

    #[test]
    fn an_archive_has_every_file_with_its_mode_and_the_one_time_by_name() {
        for format in FORMATS {
            let found = unpacked(format, &packed(format, &files(), at(1_700_000_000)));
            let heads: Vec<(&str, u32)> = found.iter().map(|(path, mode, _, _)| (path.as_str(), *mode)).collect();
            assert_eq!(
                heads,
                [
                    ("fleetpurge-0.1.0/README.md", 0o644),
                    ("fleetpurge-0.1.0/fleetpurge", 0o755),
                    ("fleetpurge-0.1.0/man/fleetpurge.1", 0o644),
                ],
                "{format:?}"
            );
            assert!(found.iter().all(|(_, _, time, _)| *time == 1_700_000_000), "{format:?}");
            assert_eq!(found[1].3, b"\x7fELF".repeat(1000), "{format:?}");
        }
    }

    #[test]
    fn the_same_files_give_the_same_bytes_in_whatever_order_they_were_found() {
        for format in FORMATS {
            let mut turned = files();
            turned.reverse();
            let time = at(1_700_000_000);
            assert_eq!(
                packed(format, &files(), time),
                packed(format, &turned, time),
                "{format:?}"
            );
            assert_ne!(
                packed(format, &files(), time),
                packed(format, &files(), at(1_700_000_100)),
                "{format:?}"
            );
        }
    }

    #[test]
    fn a_time_before_the_format_begins_is_its_first_moment() {
        let found = unpacked(Format::Zip, &packed(Format::Zip, &files(), at(0)));
        assert_eq!(found[0].2, 315_532_800, "1980-01-01");
    }

    #[test]
    fn windows_gets_a_zip() {
        assert_eq!(Format::of("x86_64-pc-windows-msvc"), Format::Zip);
        assert_eq!(Format::of("aarch64-apple-darwin"), Format::TarGz);
    }
}
