//! Digests and checksums: SHA-256 over fields that cannot run into each other.

use sha2::{Digest as _, Sha256};

/// How many bytes of a SHA-256 a record carries: enough against any accident, half the space.
pub(crate) const CHECKSUM_LEN: usize = 16;

/// Fields are collected here before they are hashed: many short updates cost more than the hash.
const CHUNK: usize = 8 * 1024;

/// Hashes fields, each with its length or its absence.
#[derive(Debug)]
pub(crate) struct Fields {
    hash: Sha256,
    bytes: Vec<u8>,
}

impl Fields {
    /// Starts with what is hashed: records of different tables never have the same sum.
    pub(crate) fn of(what: &str) -> Self {
        let mut fields = Self {
            hash: Sha256::new(),
            bytes: Vec::with_capacity(512),
        };
        fields.text(what);
        fields
    }

    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.bytes.push(b'n');
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes.push(b't');
        self.bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
        if self.bytes.len() > CHUNK {
            self.hash.update(&self.bytes);
            self.bytes.clear();
        }
        self
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.push(b'b');
        self.bytes.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn maybe_text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.absent(),
        }
    }

    pub(crate) fn maybe_number(&mut self, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.number(number),
            None => self.absent(),
        }
    }

    fn absent(&mut self) -> &mut Self {
        self.bytes.push(b'-');
        self
    }

    pub(crate) fn digest(mut self) -> [u8; 32] {
        self.hash.update(&self.bytes);
        self.hash.finalize().into()
    }

    pub(crate) fn checksum(self) -> [u8; CHECKSUM_LEN] {
        let mut short = [0; CHECKSUM_LEN];
        short.copy_from_slice(&self.digest()[..CHECKSUM_LEN]);
        short
    }
}

/// Lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_fields_do_not_run_into_each_other() {
        let sum = |left: &str, right: &str| {
            let mut fields = Fields::of("x");
            fields.text(left).text(right);
            fields.checksum()
        };
        assert_ne!(sum("ab", "c"), sum("a", "bc"));
        assert_ne!(sum("", "a"), sum("a", ""));
    }

    #[test]
    fn nothing_differs_from_an_empty_text_and_from_zero() {
        let sum = |add: fn(&mut Fields)| {
            let mut fields = Fields::of("x");
            add(&mut fields);
            fields.checksum()
        };
        let absent = sum(|fields| {
            fields.maybe_text(None);
        });
        assert_ne!(
            absent,
            sum(|fields| {
                fields.maybe_text(Some(""));
            })
        );
        assert_ne!(
            absent,
            sum(|fields| {
                fields.maybe_number(Some(0));
            })
        );
    }

    #[test]
    fn a_long_input_hashes_as_sha256_does() {
        let mut fields = Fields::of("x");
        let mut plain = Vec::from(*b"t\x01\0\0\0\0\0\0\0x");
        for _ in 0..1000 {
            fields.text("some twenty bytes or");
            plain.push(b't');
            plain.extend_from_slice(&20_u64.to_le_bytes());
            plain.extend_from_slice(b"some twenty bytes or");
        }
        assert_eq!(hex(&fields.digest()), hex(&Sha256::digest(&plain)));
    }

    #[test]
    fn bytes_are_written_as_lowercase_hexadecimal() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(hex(&[]), "");
    }
}
