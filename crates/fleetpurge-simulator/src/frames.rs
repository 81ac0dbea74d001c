//! HTTP/2 frames seen from outside: where one ends and the next begins. Only the nine bytes of each head are looked at.

/// The head of a frame that has passed completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) len: usize,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
}

pub(crate) const DATA: u8 = 0x0;
pub(crate) const HEADERS: u8 = 0x1;
const GOAWAY: u8 = 0x7;
const END_STREAM: u8 = 0x1;

/// The connection preface of a client; every HTTP/2 connection with prior knowledge begins with it.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

impl Frame {
    pub(crate) fn ends_stream(self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }
}

/// Follows the frames in one direction of a connection.
#[derive(Debug)]
pub(crate) struct Frames {
    skip: usize,
    head: [u8; 9],
    have: usize,
    left: usize,
}

impl Frames {
    /// `skip` bytes come before the first frame.
    pub(crate) fn after(skip: usize) -> Self {
        Self {
            skip,
            head: [0; 9],
            have: 0,
            left: 0,
        }
    }

    /// Between two frames, where another may be put.
    pub(crate) fn at_boundary(&self) -> bool {
        self.have == 0
    }

    /// Passes `bytes` by, telling `ended` of each frame that is complete with them.
    pub(crate) fn pass(&mut self, mut bytes: &[u8], mut ended: impl FnMut(Frame)) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        bytes = &bytes[skipped..];
        while !bytes.is_empty() {
            if self.have < self.head.len() {
                let take = (self.head.len() - self.have).min(bytes.len());
                self.head[self.have..self.have + take].copy_from_slice(&bytes[..take]);
                self.have += take;
                bytes = &bytes[take..];
                if self.have < self.head.len() {
                    return;
                }
                self.left = self.frame().len;
            }
            let take = self.left.min(bytes.len());
            self.left -= take;
            bytes = &bytes[take..];
            if self.left == 0 {
                self.have = 0;
                ended(self.frame());
            }
        }
    }

    fn frame(&self) -> Frame {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = self.head;
        Frame {
            len: usize::from(l0) << 16 | usize::from(l1) << 8 | usize::from(l2),
            kind,
            flags,
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & 0x7fff_ffff,
        }
    }
}

/// The bytes of a GOAWAY frame: streams above `last_stream` were not and will not be processed.
pub(crate) fn goaway(last_stream: u32, error_code: u32) -> Vec<u8> {
    let mut frame = vec![0, 0, 8, GOAWAY, 0, 0, 0, 0, 0];
    frame.extend(last_stream.to_be_bytes());
    frame.extend(error_code.to_be_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_the_bytes_are_cut() {
        let mut bytes = PREFACE.to_vec();
        bytes.extend(goaway(5, 0));
        bytes.extend([0, 0, 3, DATA, 1, 0, 0, 0, 7, b'a', b'b', b'c']);
        bytes.extend([0, 0, 0, 4, 1, 0, 0, 0, 0]);
        for size in 1..bytes.len() {
            let mut frames = Frames::after(PREFACE.len());
            let mut seen = Vec::new();
            for chunk in bytes.chunks(size) {
                frames.pass(chunk, |frame| {
                    seen.push((frame.kind, frame.len, frame.stream, frame.ends_stream()));
                });
            }
            assert_eq!(
                seen,
                [(GOAWAY, 8, 0, false), (DATA, 3, 7, true), (4, 0, 0, false)],
                "in chunks of {size}"
            );
            assert!(frames.at_boundary());
        }
    }

    #[test]
    fn the_middle_of_a_frame_is_no_boundary() {
        let mut frames = Frames::after(0);
        frames.pass(&[0, 0, 3, DATA, 1, 0, 0, 0, 7, b'a'], |_| panic!("not complete"));
        assert!(!frames.at_boundary());
    }
}
