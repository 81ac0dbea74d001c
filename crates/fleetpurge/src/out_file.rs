//! Whether a result may be written to a file: it takes no other's place unless a person says so, and never a plan's.

use std::path::Path;
use std::{fmt, fs, io};

use crate::atomic_file::Name;
use crate::plan_file;

/// Why a result may not have a name.
#[derive(Debug)]
pub(crate) enum Taken {
    /// By a plan, or by what lies beside one.
    ByPlan,
    /// By a folder, a pipe or a device.
    ByNoFile,
    /// By a file, and `--force` was not given.
    ByFile,
    /// That is not known.
    Unknown(io::Error),
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByPlan => f.write_str("is a plan or belongs to one, and would be overwritten. Choose another name"),
            Self::ByNoFile => f.write_str("is no regular file. Choose another name"),
            Self::ByFile => {
                f.write_str("exists already, and was left as it is. Choose another name; --force replaces it")
            }
            Self::Unknown(error) => write!(f, "cannot be looked at: {error}"),
        }
    }
}

/// Whether a result may get this name: what is there stays unless a person says otherwise, and a plan stays always.
pub(crate) fn check(path: &Path, name: Name) -> Result<(), Taken> {
    if plan_file::belongs_to_a_plan(path) {
        return Err(Taken::ByPlan);
    }
    match fs::symlink_metadata(path) {
        // A link leads there, too. One that leads nowhere is replaced like a file.
        Ok(_) if fs::metadata(path).is_ok_and(|found| !found.is_file()) => Err(Taken::ByNoFile),
        Ok(_) if name == Name::New => Err(Taken::ByFile),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Taken::Unknown(error)),
        _ => Ok(()),
    }
}
