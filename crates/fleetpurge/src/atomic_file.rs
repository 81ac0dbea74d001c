//! Files that appear under their name when they are complete.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How the names begin of files that have not got theirs yet.
const UNFINISHED: &str = ".fleetpurge-";

/// Whether this is the name of an [`AtomicFile`] that is not finished, or whose writer died.
pub(crate) fn is_unfinished(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
}

/// Whether a file may take the name of one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// It replaces that one.
    Replaced,
    /// It does not.
    New,
}

/// A file that appears under its name once all of it is there.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    writer: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl AtomicFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What any new file gets: the process' mask is taken off.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).map_err(|error| match error.kind() {
            // Otherwise it would name the file that has not got its name yet.
            io::ErrorKind::NotFound => io::Error::new(
                io::ErrorKind::NotFound,
                format!("the folder {} does not exist", folder.display()),
            ),
            _ => error,
        })?;
        Ok(Self {
            writer: BufWriter::new(file),
            path: path.to_owned(),
        })
    }

    /// Syncs the file and gives it its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.finish_as(Name::Replaced)
    }

    /// Likewise. A name that must be new is taken by nobody in between: an error of kind `AlreadyExists`.
    pub(crate) fn finish_as(self, name: Name) -> io::Result<()> {
        let file = self.writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        keep_permissions(file.as_file(), &self.path)?;
        match name {
            Name::Replaced => file.persist(&self.path),
            Name::New => file.persist_noclobber(&self.path),
        }
        .map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Who may read a file does not change because it is replaced.
fn keep_permissions(file: &File, replaced: &Path) -> io::Result<()> {
    match fs::metadata(replaced) {
        Ok(before) => file.set_permissions(before.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
