//! How long something takes, as a person writes it: `24h`, `1h30m`, `2d`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// Longer than any deletion takes, and short enough that no clock runs over.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// For clap. A day has 24 hours; months and years have no fixed length.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let read = text.parse::<Span>().ok();
    let read = read.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    match read.map(Duration::try_from) {
        Some(Ok(duration)) if duration.is_zero() => Err("it must be longer than nothing".to_owned()),
        Some(Ok(duration)) if duration > LONGEST => Err("it must be no longer than 366d".to_owned()),
        Some(Ok(duration)) => Ok(duration),
        _ => Err("a number with its unit, e.g. 30s, 15m, 24h, 1h30m, 2d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_its_unit() {
        for (text, milliseconds) in [
            ("50ms", Some(50)),
            ("1s", Some(1_000)),
            ("15m", Some(900_000)),
            ("1h30m", Some(5_400_000)),
            ("24h", Some(86_400_000)),
            ("2d", Some(172_800_000)),
            ("1w", Some(604_800_000)),
            ("0s", None),
            ("-1h", None),
            ("24", None),
            ("", None),
            ("1 fortnight", None),
            ("1mo", None),
            ("1y", None),
            ("400d", None),
            ("9999999999h", None),
        ] {
            let read = duration(text).ok().map(|duration| duration.as_millis());
            assert_eq!(read, milliseconds, "{text}");
        }
    }
}
