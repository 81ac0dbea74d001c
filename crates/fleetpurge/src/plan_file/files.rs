//! Which files are plans, or belong to one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::atomic_file::is_unfinished;

/// Whether a file is a plan, or lies beside one and belongs to it: then no result may take its place.
pub(crate) fn belongs_to_a_plan(path: &Path) -> bool {
    let is = |path: &Path| is_plan(path).unwrap_or(false);
    let name = path.as_os_str().to_string_lossy();
    is(path)
        || ["-wal", "-shm", "-journal", ".lock", ".backup.json"]
            .iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .any(|plan| is(Path::new(plan)))
}

/// Files of a folder that may be plans, by name. Those that have not got their name yet are passed over.
pub(crate) fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    paths.retain(|path| path.file_name().is_some_and(|name| !is_unfinished(name)) && is_plan(path).unwrap_or(false));
    Ok(paths)
}

/// Files that may be plans and lie beside this one.
pub(crate) fn beside(plan: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = match plan.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let paths = in_folder(folder)?;
    let others = paths.iter().filter_map(|path| path.file_name());
    Ok(others
        .filter(|name| plan.file_name() != Some(name))
        .map(|name| plan.with_file_name(name))
        .collect())
}

/// Whether a file is a plan, or another file of SQLite. An error of kind `NotFound` where there is no file.
pub(crate) fn is_plan(path: &Path) -> io::Result<bool> {
    const SQLITE: &[u8; 16] = b"SQLite format 3\0";
    // A pipe is not opened: that would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut head = Vec::with_capacity(SQLITE.len());
    File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut head)?;
    Ok(head == SQLITE)
}
