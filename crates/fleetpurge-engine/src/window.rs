//! Bounds how far a run reads ahead of the oldest device that is still open, for outcomes in the order of the input.

use std::collections::VecDeque;

/// Counts the open devices of each chunk of the input.
#[derive(Debug)]
pub(crate) struct Window {
    chunk: usize,
    chunks: usize,
    /// Open devices per chunk, the oldest first.
    open: VecDeque<usize>,
    /// Number of the oldest.
    oldest: u64,
    /// Devices in the newest.
    filled: usize,
}

impl Window {
    /// A window of `chunks` chunks of `chunk` devices.
    pub(crate) fn new(chunk: usize, chunks: usize) -> Self {
        Self {
            chunk,
            chunks,
            open: VecDeque::new(),
            oldest: 0,
            filled: chunk,
        }
    }

    /// How many more devices may be read.
    pub(crate) fn room(&self) -> usize {
        let begun = if self.open.is_empty() {
            0
        } else {
            self.chunk - self.filled
        };
        let more = self.chunks.saturating_sub(self.open.len());
        more.saturating_mul(self.chunk).saturating_add(begun)
    }

    /// A device was read; the number of its chunk.
    pub(crate) fn read(&mut self) -> u64 {
        if self.filled >= self.chunk || self.open.is_empty() {
            self.open.push_back(0);
            self.filled = 0;
        }
        self.filled += 1;
        if let Some(newest) = self.open.back_mut() {
            *newest += 1;
        }
        self.oldest + self.open.len() as u64 - 1
    }

    /// A device of that chunk has its outcome.
    pub(crate) fn done(&mut self, chunk: u64) {
        if let Some(open) = chunk
            .checked_sub(self.oldest)
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| self.open.get_mut(place))
        {
            *open -= 1;
        }
        while self.open.front() == Some(&0) {
            self.open.pop_front();
            self.oldest += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_stops_at_the_end_of_the_window_until_the_oldest_stretch_is_done() {
        let mut window = Window::new(2, 3);
        let mut chunks = Vec::new();
        while window.room() > 0 {
            chunks.push(window.read());
        }
        assert_eq!(chunks, [0, 0, 1, 1, 2, 2]);
        for chunk in [1, 1, 2, 0] {
            window.done(chunk);
            assert_eq!(window.room(), 0);
        }
        window.done(0);
        assert_eq!(window.room(), 4, "two chunks, for the second was done before");
        assert_eq!(window.read(), 3);
        assert_eq!(window.read(), 3);
        assert_eq!(window.read(), 4);
        assert_eq!(window.room(), 1);
    }
}
