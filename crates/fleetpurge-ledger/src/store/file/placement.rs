//! Where a plan lies: may it be written there, and is a write-ahead log safe there?

use std::path::Path;

use crate::model::{Error, ErrorKind};

/// Refuses a place where a run cannot be recorded.
pub(crate) fn check(plan: &Path) -> Result<(), Error> {
    let metadata = std::fs::metadata(plan)?;
    // Also for an account that may write anything: somebody marked the file so.
    if metadata.permissions().readonly() {
        return Err(Error::new(ErrorKind::ReadOnly, "the plan is marked read-only"));
    }
    may_write(plan)?;
    match network_file_system(plan) {
        Some(name) => Err(Error::new(
            ErrorKind::NetworkFileSystem,
            format!("the plan is on a network file system ({name}), where a crash could lose records"),
        )),
        None => Ok(()),
    }
}

/// Asks without opening: to close the file again would drop what locks this process has on it.
#[cfg(unix)]
fn may_write(plan: &Path) -> Result<(), Error> {
    rustix::fs::access(plan, rustix::fs::Access::WRITE_OK).map_err(|error| Error::from(std::io::Error::from(error)))
}

#[cfg(not(unix))]
fn may_write(plan: &Path) -> Result<(), Error> {
    std::fs::OpenOptions::new().append(true).open(plan)?;
    Ok(())
}

/// WAL needs memory shared by all that have the file open: <https://www.sqlite.org/wal.html>, "not over a network".
#[cfg(target_os = "linux")]
fn network_file_system(plan: &Path) -> Option<&'static str> {
    let stat = rustix::fs::statfs(plan).ok()?;
    // The type is a word of 32 bits in a field whose width and sign differ between machines.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the low 32 bits are the type"
    )]
    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_lossless,
        reason = "its type differs between machines"
    )]
    network_name(stat.f_type as u32)
}

/// Elsewhere there is no one way to tell; the README says to keep plans on a local disk.
#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> Option<&'static str> {
    None
}

/// `f_type` of the file systems in `statfs(2)` that reach over a network, or over a virtual machine's border (9p is how
/// WSL shows the disks of Windows).
#[cfg(target_os = "linux")]
fn network_name(kind: u32) -> Option<&'static str> {
    match kind {
        0x6969 => Some("NFS"),
        0x517B | 0xFE53_4D42 => Some("SMB"),
        0xFF53_4D42 => Some("CIFS"),
        0x0102_1997 => Some("9p"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        0x00C3_6400 => Some("Ceph"),
        0x7375_7245 => Some("Coda"),
        0x564C => Some("NCP"),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_type() {
        for (kind, name) in [
            (0x6969, Some("NFS")),
            (0xFF53_4D42, Some("CIFS")),
            (0xFE53_4D42, Some("SMB")),
            (0x0102_1997, Some("9p")),
            (0xEF53, None),
            (0x0102_1994, None),
            (0x9123_683E, None),
            (0x794C_7630, None),
        ] {
            assert_eq!(network_name(kind), name, "{kind:#x}");
        }
    }
}
