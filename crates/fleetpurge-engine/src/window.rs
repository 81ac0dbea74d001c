//! Bounds how far a run reads ahead of the oldest device that is still open, for outcomes in the order of the input.

use std::collections::VecDeque;

/// Counts the open devices of each segment of the input.
#[derive(Debug)]
pub(crate) struct Window {
    segment: usize,
    segments: usize,
    /// Open devices per segment, the oldest first.
    open: VecDeque<usize>,
    /// Number of the oldest.
    oldest: u64,
    /// Devices in the newest.
    filled: usize,
}

impl Window {
    /// A window of `segments` segments of `segment` devices.
    pub(crate) fn new(segment: usize, segments: usize) -> Self {
        Self {
            segment,
            segments,
            open: VecDeque::new(),
            oldest: 0,
            filled: segment,
        }
    }

    /// How many more devices may be read.
    pub(crate) fn room(&self) -> usize {
        let begun = if self.open.is_empty() {
            0
        } else {
            self.segment - self.filled
        };
        let more = self.segments.saturating_sub(self.open.len());
        more.saturating_mul(self.segment).saturating_add(begun)
    }

    /// A device was read; the number of its segment.
    pub(crate) fn read(&mut self) -> u64 {
        if self.filled >= self.segment || self.open.is_empty() {
            self.open.push_back(0);
            self.filled = 0;
        }
        self.filled += 1;
        if let Some(newest) = self.open.back_mut() {
            *newest += 1;
        }
        self.oldest + self.open.len() as u64 - 1
    }

    /// A device of that segment has its outcome.
    pub(crate) fn done(&mut self, segment: u64) {
        if let Some(open) = segment
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
    fn reading_stops_at_the_end_of_the_window_until_the_oldest_segment_is_done() {
        let mut window = Window::new(2, 3);
        let mut segments = Vec::new();
        while window.room() > 0 {
            segments.push(window.read());
        }
        assert_eq!(segments, [0, 0, 1, 1, 2, 2]);
        for segment in [1, 1, 2, 0] {
            window.done(segment);
            assert_eq!(window.room(), 0);
        }
        window.done(0);
        assert_eq!(window.room(), 4, "two segments, for the second was done before");
        assert_eq!(window.read(), 3);
        assert_eq!(window.read(), 3);
        assert_eq!(window.read(), 4);
        assert_eq!(window.room(), 1);
    }
}
