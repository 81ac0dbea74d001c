//! Bounds how far a run reads ahead of the oldest device that is still open, for outcomes in the order of the input.

use std::collections::VecDeque;

/// Counts the open devices of each stretch of the input.
#[derive(Debug)]
pub(crate) struct Window {
    stretch: usize,
    stretches: usize,
    /// Open devices per stretch, the oldest first.
    open: VecDeque<usize>,
    /// Number of the oldest.
    oldest: u64,
    /// Devices in the newest.
    filled: usize,
}

impl Window {
    /// A window of `stretches` stretches of `stretch` devices.
    pub(crate) fn new(stretch: usize, stretches: usize) -> Self {
        Self {
            stretch,
            stretches,
            open: VecDeque::new(),
            oldest: 0,
            filled: stretch,
        }
    }

    /// How many more devices may be read.
    pub(crate) fn room(&self) -> usize {
        let begun = if self.open.is_empty() {
            0
        } else {
            self.stretch - self.filled
        };
        let more = self.stretches.saturating_sub(self.open.len());
        more.saturating_mul(self.stretch).saturating_add(begun)
    }

    /// A device was read; the number of its stretch.
    pub(crate) fn read(&mut self) -> u64 {
        if self.filled >= self.stretch || self.open.is_empty() {
            self.open.push_back(0);
            self.filled = 0;
        }
        self.filled += 1;
        if let Some(newest) = self.open.back_mut() {
            *newest += 1;
        }
        self.oldest + self.open.len() as u64 - 1
    }

    /// A device of that stretch has its outcome.
    pub(crate) fn done(&mut self, stretch: u64) {
        if let Some(open) = stretch
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
        let mut stretches = Vec::new();
        while window.room() > 0 {
            stretches.push(window.read());
        }
        assert_eq!(stretches, [0, 0, 1, 1, 2, 2]);
        for stretch in [1, 1, 2, 0] {
            window.done(stretch);
            assert_eq!(window.room(), 0);
        }
        window.done(0);
        assert_eq!(window.room(), 4, "two stretches, for the second was done before");
        assert_eq!(window.read(), 3);
        assert_eq!(window.read(), 3);
        assert_eq!(window.read(), 4);
        assert_eq!(window.room(), 1);
    }
}
