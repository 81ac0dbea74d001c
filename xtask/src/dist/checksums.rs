//! `SHA256SUMS`, for `sha256sum --check`.

use std::fmt::Write;

use sha2::{Digest, Sha256};

pub(super) const NAME: &str = "SHA256SUMS";

/// A line for each file, in the order of their names. The two spaces say that the file is read as text, which makes no
/// difference on any system of today.
pub(super) fn of(files: &[(String, Vec<u8>)]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|(name, bytes)| format!("{}  {name}\n", hexadecimal(bytes)))
        .collect();
    lines.sort_unstable_by(|one, other| one[64..].cmp(&other[64..]));
    lines.concat()
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hash, byte| {
        // A `String` takes everything.
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}
