//! A length of time, as an argument.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// How old a plan may be if nothing else is said: devices may come back, or be renamed, meanwhile.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3_600);

/// A number of days, hours, minutes or seconds: 30d, 12h, `1d 12h`. A day has 24 hours.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    length(text).ok_or_else(|| "a length of time such as 7d, 12h or 90m".to_owned())
}

fn length(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    // How long a month or a year is depends on which.
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        let hour = 3_600;
        for (text, expected) in [
            ("7d", Some(7 * 24 * hour)),
            ("12h", Some(12 * hour)),
            ("1d 12h", Some(36 * hour)),
            ("2w", Some(14 * 24 * hour)),
            ("90m", Some(hour + hour / 2)),
            ("30s", Some(30)),
            ("0s", Some(0)),
            ("PT1H", Some(hour)),
            ("7", None),
            ("-7d", None),
            ("1mo", None),
            ("1y", None),
            ("", None),
            ("a week", None),
        ] {
            assert_eq!(length(text).map(|length| length.as_secs()), expected, "{text}");
        }
        assert_eq!(length("7d"), Some(MAX_AGE));
    }
}
