#![doc = include_str!("../README.md")]

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

/// The most memory that a Zstandard frame may ask for, in bytes.
const WINDOW: u64 = 128 * 1024 * 1024;

/// Reads all members of a gzip stream.
///
/// # Errors
///
/// A read is an error if the stream ends within a member, or if a checksum does not match. An empty stream is an error.
pub fn gzip<R: BufRead>(source: R) -> impl Read {
    MultiGzDecoder::new(source)
}

/// Reads all frames of a Zstandard stream.
///
/// # Errors
///
/// A read is an error if the stream ends within a frame, if a checksum does not match, or if a frame asks for more than
/// 128 MiB of memory. An empty stream has no frames: it reads as empty.
pub fn zstandard<R: BufRead>(source: R) -> impl Read {
    Frames::Between(source)
}

/// One frame after the other.
enum Frames<R: BufRead> {
    Between(R),
    Within(Box<StreamingDecoder<R, FrameDecoder>>),
    Over,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Self::Over) {
                Self::Over => return Ok(0),
                Self::Between(mut source) => {
                    if source.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let frame = StreamingDecoder::new_with_max_window_size(source, WINDOW).map_err(io::Error::other)?;
                    *self = Self::Within(Box::new(frame));
                }
                Self::Within(mut frame) => {
                    let count = frame.read(into)?;
                    if count > 0 {
                        *self = Self::Within(frame);
                        return Ok(count);
                    }
                    let said = frame.decoder.get_checksum_from_data();
                    if said.is_some() && said != frame.decoder.get_calculated_checksum() {
                        return Err(io::Error::other("the checksum does not match"));
                    }
                    *self = Self::Between(frame.into_inner());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
