//! The text of the progress. Pure: the numbers and the columns of the terminal are arguments.

use std::time::Duration;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Rows,
    Listed,
    Devices,
}

impl Unit {
    const fn word(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Listed | Self::Devices => "devices",
        }
    }

    /// What has become of them, where no total says it.
    const fn done(self) -> &'static str {
        match self {
            Self::Rows => "rows read",
            Self::Listed => "devices listed",
            Self::Devices => "devices",
        }
    }
}

/// All that can be said at a moment.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) elapsed: Duration,
    pub(super) done: u64,
    pub(super) total: Option<u64>,
    pub(super) unit: Unit,
    /// How many a second.
    pub(super) rate: Option<f64>,
    pub(super) message: String,
    /// Nothing is started for so long.
    pub(super) waiting: Option<Duration>,
}

/// The bar's longest and shortest useful length.
const BAR: std::ops::RangeInclusive<usize> = 10..=30;

/// One line of fewer than `width` columns, since a terminal may go on to the next line after its last column. What
/// matters least is left out first: the bar, the clock, the rate, the time left, and then the message from its end.
pub(super) fn line(width: usize, view: &View) -> String {
    let room = width.saturating_sub(1);
    let count = count(view);
    let clock = format!("[{}]", clock(view.elapsed));
    let message = message(view);
    let rate = view.rate.map(|rate| format!("{}/s", number(rate)));
    let left = left(view).map(|left| format!("about {left} left"));
    let all = |parts: &[&Option<String>]| -> String {
        let said: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
        said.join(", ")
    };
    let whole = Some(message.join(", ")).filter(|text| !text.is_empty());
    let after = all(&[&whole, &rate, &left]);
    let with_bar = joined(&[&clock, &count, &after]);
    if let (Some(total), true) = (view.total, with_bar.len() + BAR.start() + 3 <= room) {
        let length = (room - with_bar.len() - 3).min(*BAR.end());
        return joined(&[&clock, &bar(view.done, total, length), &count, &after]);
    }
    let mut lines = vec![
        with_bar,
        joined(&[&count, &after]),
        joined(&[&count, &all(&[&whole, &left])]),
    ];
    let short = percent(view).unwrap_or_else(|| count.clone());
    for parts in (0..=message.len()).rev() {
        let some = message.get(..parts).unwrap_or_default().join(", ");
        lines.push(joined(&[&count, &some]));
        lines.push(joined(&[&short, &some]));
    }
    // A whole message rather than a whole count, but never a message that was cut in the middle of a word.
    lines
        .into_iter()
        .find(|line| line.len() <= room)
        .unwrap_or_else(|| short.chars().take(room).collect())
}

/// A line for a log: everything, in words.
pub(super) fn sentence(view: &View) -> String {
    let word = view.unit.word();
    let mut text = match (view.total, percent(view)) {
        (Some(total), Some(percent)) => format!("progress: {} of {total} {word} ({percent})", view.done),
        _ => format!("progress: {} {}", view.done, view.unit.done()),
    };
    text.push_str(&format!(" in {}", length(view.elapsed)));
    let message = message(view).join(", ");
    if !message.is_empty() {
        text.push_str(&format!(": {message}"));
    }
    match view.rate {
        Some(rate) => text.push_str(&format!("; {} {word} a second", number(rate))),
        None => text.push_str("; nothing done lately"),
    }
    if let Some(left) = left(view) {
        text.push_str(&format!(", about {left} left"));
    }
    text
}

/// The parts of the message, and that the service asked to wait.
fn message(view: &View) -> Vec<String> {
    let mut parts: Vec<String> = view
        .message
        .split(", ")
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(wait) = view.waiting {
        parts.push(format!("waiting {} s", wait.as_secs() + 1));
    }
    parts
}

fn joined(parts: &[&str]) -> String {
    let said: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    said.join(" ")
}

fn count(view: &View) -> String {
    match view.total {
        Some(total) => format!("{}/{total}", view.done),
        None => format!("{} {}", view.done, view.unit.done()),
    }
}

/// Rounded down: 100 % is all of it.
fn percent(view: &View) -> Option<String> {
    let total = view.total.filter(|total| *total > 0)?;
    let percent = u128::from(view.done.min(total)) * 100 / u128::from(total);
    Some(format!("{percent}%"))
}

fn bar(done: u64, total: u64, length: usize) -> String {
    let filled = u128::from(done.min(total)) * length as u128 / u128::from(total.max(1));
    let filled = usize::try_from(filled).unwrap_or(length);
    format!("[{:<length$}]", "=".repeat(filled))
}

/// How long it will take at this rate.
fn left(view: &View) -> Option<String> {
    let more = view.total?.checked_sub(view.done)?;
    time_left(more, view.rate?)
}

/// How long so many more will take at this rate. `None` if there are none.
pub(super) fn time_left(more: u64, rate: f64) -> Option<String> {
    let more = u32::try_from(more).map_or(f64::from(u32::MAX), f64::from);
    let seconds = Some(more / rate).filter(|_| more > 0.0)?;
    Duration::try_from_secs_f64(seconds.ceil()).ok().map(length)
}

fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Two units at most: nobody needs the seconds of an hour.
fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let (large, one, small, other) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3_600 => (seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => (seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => (seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    };
    if small == 0 {
        format!("{large} {one}")
    } else {
        format!("{large} {one} {small} {other}")
    }
}

/// With a decimal where it says something.
pub(super) fn number(rate: f64) -> String {
    if rate > 0.0 && rate < 0.1 {
        "less than 0.1".to_owned()
    } else if rate < 10.0 {
        format!("{rate:.1}")
    } else {
        format!("{rate:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View {
            elapsed: Duration::from_secs(80),
            done: 1200,
            total: Some(5000),
            unit: Unit::Devices,
            rate: Some(15.0),
            message: "100 unknown, 1098 scheduled, 2 invalid".to_owned(),
            waiting: None,
        }
    }

    #[test]
    fn a_line_is_one_line_at_any_width_and_keeps_what_matters_most() {
        let table = [
            (
                140,
                "[00:01:20] [=======                       ] 1200/5000 100 unknown, 1098 scheduled, 2 invalid, 15/s, about 4 min 14 s left",
            ),
            (
                80,
                "1200/5000 100 unknown, 1098 scheduled, 2 invalid, 15/s, about 4 min 14 s left",
            ),
            (70, "1200/5000 100 unknown, 1098 scheduled, 2 invalid"),
            (40, "1200/5000 100 unknown, 1098 scheduled"),
            (30, "1200/5000 100 unknown"),
            (20, "24% 100 unknown"),
            (10, "1200/5000"),
            (5, "24%"),
            (2, "2"),
            (1, ""),
            (0, ""),
        ];
        for (width, expected) in table {
            assert_eq!(line(width, &view()), expected, "{width}");
        }
        let mut long = view();
        long.total = Some(u64::MAX);
        long.done = u64::MAX - 1;
        long.waiting = Some(Duration::from_secs(599));
        for width in 0..200 {
            for view in [&view(), &long] {
                let line = line(width, view);
                assert!(line.len() < width.max(1), "{width}: {line}");
                assert!(!line.contains('\n') && line.is_ascii());
            }
        }
    }

    #[test]
    fn what_has_no_total_is_counted() {
        let rows = View {
            total: None,
            unit: Unit::Rows,
            message: String::new(),
            ..view()
        };
        assert_eq!(line(80, &rows), "[00:01:20] 1200 rows read 15/s");
        assert_eq!(line(20, &rows), "1200 rows read 15/s");
        assert_eq!(line(15, &rows), "1200 rows read");
        assert_eq!(
            sentence(&rows),
            "progress: 1200 rows read in 1 min 20 s; 15 rows a second"
        );
    }

    #[test]
    fn a_log_gets_rate_counts_and_time_left() {
        assert_eq!(
            sentence(&view()),
            "progress: 1200 of 5000 devices (24%) in 1 min 20 s: 100 unknown, 1098 scheduled, 2 invalid; 15 devices a \
             second, about 4 min 14 s left"
        );
        let stuck = View {
            rate: None,
            waiting: Some(Duration::from_secs(11)),
            message: "3 scheduled".to_owned(),
            ..view()
        };
        assert_eq!(
            sentence(&stuck),
            "progress: 1200 of 5000 devices (24%) in 1 min 20 s: 3 scheduled, waiting 12 s; nothing done lately"
        );
    }

    #[test]
    fn a_length_of_time_has_two_units_at_most() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3_600, "1 h"),
            (3_661, "1 h 1 min"),
            (86_400, "1 d"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(length(Duration::from_secs(seconds)), expected);
        }
    }
}
