//! How long a reply asks to wait. Pure: the clock is an argument.

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// How long a reply with these `Retry-After` headers asks to wait; None: it does not say, or not in a readable way.
///
/// A date is compared with the reply's own `Date`: both were written by one clock, so it does not matter how wrong that
/// clock is, or ours. Where `Date` is missing or unreadable, `now` takes its place. Of several headers the longest wait
/// counts.
pub fn wait<'a>(headers: impl IntoIterator<Item = &'a str>, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    let now = date.and_then(|date| moment(date, now)).unwrap_or(now);
    headers.into_iter().filter_map(|value| parse(value, now)).max()
}

/// Reads one `Retry-After`: seconds, whole or with a fraction, or a date in one of the three forms of RFC 9110, section
/// 5.6.7, or as ISO 8601 writes it. A date that is past means now; nonsense means nothing was said.
///
/// Nexthink documents "the date and time the client should wait" for its NQL API and nothing for this one.
pub fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    // A proxy may have joined several headers into one.
    let seconds: Option<Vec<Duration>> = value.split(',').map(|part| seconds(part.trim())).collect();
    if let Some(waits) = seconds {
        return waits.into_iter().max();
    }
    let at = moment(value, now)?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// `7`, or `1.5`, which is rounded up: a wait that is too short is answered with another one.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        return None;
    }
    // More digits than a u64 holds are a long wait, not nonsense.
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    let more = fraction.is_some_and(|fraction| fraction.bytes().any(|byte| byte != b'0'));
    Some(Duration::from_secs(whole.saturating_add(u64::from(more))))
}

/// The moment of a date in any form that a server may write.
pub(crate) fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    // Zones are "GMT" by the RFC; "UTC" is the same, and asctime has none.
    let utc = ["gmt", "utc"]
        .iter()
        .find_map(|zone| text.strip_suffix(zone))
        .map(str::trim_end);
    rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(utc.map_or_else(|| text.clone(), |text| format!("{text} gmt")))
        .ok()
        .or_else(|| rfc850(utc?, now))
        .or_else(|| asctime(utc.unwrap_or(&text)))
        .or_else(|| text.parse().ok())
}

/// `sunday, 06-nov-94 08:49:37`: the obsolete form of RFC 850, with the zone taken off.
fn rfc850(text: &str, now: Timestamp) -> Option<Timestamp> {
    // The weekday says nothing that the date does not.
    let (_, date) = text.split_once(", ")?;
    if let Ok(full) = DateTime::strptime("%d-%b-%Y %H:%M:%S", date)
        && full.year() >= 1_000
    {
        return utc(full);
    }
    let short = DateTime::strptime("%d-%b-%y %H:%M:%S", date).ok()?;
    // RFC 9110, 5.6.7: a year that would be more than 50 years ahead is the last past one with the same two digits.
    let today = now.to_zoned(TimeZone::UTC).datetime();
    let century = today.year() - today.year().rem_euclid(100);
    let this = in_year(short, century + short.year().rem_euclid(100));
    let limit = today.checked_add(50.years()).ok()?;
    match this {
        Some(date) if date <= limit => utc(date),
        _ => utc(in_year(short, century - 100 + short.year().rem_euclid(100))?),
    }
}

fn in_year(date: DateTime, year: i16) -> Option<DateTime> {
    let day = Date::new(year, date.month(), date.day()).ok()?;
    Some(day.to_datetime(date.time()))
}

/// `sun nov 6 08:49:37 1994`: the obsolete form of C's `asctime()`.
fn asctime(text: &str) -> Option<Timestamp> {
    let (_, date) = text.split_once(' ')?;
    utc(DateTime::strptime("%b %d %H:%M:%S %Y", date).ok()?)
}

fn utc(date: DateTime) -> Option<Timestamp> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_nonsense_is_not() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let table: &[(&str, Option<u64>)] = &[
            ("0", Some(0)),
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("\t5", Some(5)),
            ("007", Some(7)),
            ("99999999999999999999999", Some(u64::MAX)),
            // Fractions, rounded up.
            ("1.5", Some(2)),
            ("0.001", Some(1)),
            ("2.0", Some(2)),
            ("0.0", Some(0)),
            ("99999999999999999999999.5", Some(u64::MAX)),
            // The three forms of RFC 9110, 5.6.7.
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(37)),
            ("Sun Nov  6 08:49:37 1994", Some(37)),
            // As they are written where nobody reads the RFC.
            ("sun, 06 nov 1994 08:49:37 gmt", Some(37)),
            ("SUN, 06 NOV 1994 08:49:37 GMT", Some(37)),
            ("Sun, 6 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sun, 06 Nov 1994 08:49:37 UTC", Some(37)),
            ("Sun, 06 Nov 1994 08:49:37 +0000", Some(37)),
            ("Sun, 06 Nov 1994 09:49:37 +0100", Some(37)),
            ("  Sun,  06 Nov 1994  08:49:37  GMT  ", Some(37)),
            ("sunday, 6-nov-94 08:49:37 utc", Some(37)),
            ("Sunday, 06-Nov-1994 08:49:37 GMT", Some(37)),
            ("Sun, 06-Nov-1994 08:49:37 GMT", Some(37)),
            ("sun nov 6 08:49:37 1994", Some(37)),
            ("Sun Nov 06 08:49:37 1994", Some(37)),
            // The weekday says nothing that the date does not.
            ("Mon, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Monday, 06-Nov-94 08:49:37 GMT", Some(37)),
            ("Mon Nov  6 08:49:37 1994", Some(37)),
            ("Sun, 06 Nov 1994 08:48:59 GMT", Some(0)),
            ("Sunday, 06-Nov-94 08:48:59 GMT", Some(0)),
            ("Sun Nov  6 08:48:59 1994", Some(0)),
            ("1994-11-06T08:49:37Z", Some(37)),
            ("1994-11-06t08:49:37z", Some(37)),
            ("1994-11-06T09:49:37+01:00", Some(37)),
            ("1984-11-06T08:49:37Z", Some(0)),
            ("", None),
            (" ", None),
            ("soon", None),
            ("-5", None),
            ("-1.5", None),
            ("+5", None),
            ("5.", None),
            (".5", None),
            ("1.5.5", None),
            ("1e3", None),
            ("0x10", None),
            ("5s", None),
            ("NaN", None),
            ("inf", None),
            ("\u{661}", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("Sunday, 99-Nov-94 08:49:37 GMT", None),
            ("Sun Nov 99 08:49:37 1994", None),
            ("Sun, 06 Foo 1994 08:49:37 GMT", None),
            // Whose morning?
            ("1994-11-06T08:49:37", None),
        ];
        for (value, expected) in table {
            assert_eq!(parse(value, now), expected.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (year, expected) in [
            ("26", "2026-11-25T12:00:00Z"),
            ("70", "2070-11-25T12:00:00Z"),
            ("76", "2076-11-25T12:00:00Z"),
            ("77", "1977-11-25T12:00:00Z"),
            ("94", "1994-11-25T12:00:00Z"),
            ("00", "2000-11-25T12:00:00Z"),
        ] {
            let text = format!("Wednesday, 25-Nov-{year} 12:00:00 GMT");
            assert_eq!(moment(&text, now), Some(expected.parse().unwrap()), "{text}");
        }
        // A second later than fifty years ahead.
        let moment = moment("Wednesday, 25-Nov-76 12:00:01 GMT", now);
        assert_eq!(moment, Some("1976-11-25T12:00:01Z".parse().unwrap()));
        let leap = super::moment("Tuesday, 29-Feb-28 00:00:00 GMT", now);
        assert_eq!(leap, Some("2028-02-29T00:00:00Z".parse().unwrap()));
        assert_eq!(super::moment("Monday, 29-Feb-27 00:00:00 GMT", now), None);
    }

    #[test]
    fn a_date_is_compared_with_the_date_of_its_own_reply() {
        let ours: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        const AT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        let table = [
            // No date, one that cannot be read, one that agrees with our clock.
            (None, Some(37)),
            (Some("yesterday"), Some(37)),
            (Some(""), Some(37)),
            (Some("Sun, 06 Nov 1994 08:49:00 GMT"), Some(37)),
            // Our clock is an hour slow or fast, or years.
            (Some("Sun, 06 Nov 1994 08:49:30 GMT"), Some(7)),
            (Some("Sunday, 06-Nov-94 08:49:30 GMT"), Some(7)),
            (Some("Sun Nov  6 08:49:30 1994"), Some(7)),
            (Some("sun, 6 nov 1994 08:48:37 utc"), Some(60)),
            (Some("Sun, 06 Nov 1994 09:49:37 GMT"), Some(0)),
        ];
        for (date, expected) in table {
            let wait = wait([AT], date, ours);
            assert_eq!(wait, expected.map(Duration::from_secs), "{date:?}");
            // Seconds are seconds by any clock.
            assert_eq!(super::wait(["5"], date, ours), Some(Duration::from_secs(5)), "{date:?}");
        }
        for skew in [-400_000_000, -3_600, 3_600, 400_000_000] {
            let ours = ours + jiff::SignedDuration::from_secs(skew);
            let date = "Sun, 06 Nov 1994 08:49:00 GMT";
            for at in [
                AT,
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "1994-11-06T08:49:37Z",
            ] {
                assert_eq!(
                    wait([at], Some(date), ours),
                    Some(Duration::from_secs(37)),
                    "{skew} {at}"
                );
            }
        }
    }

    #[test]
    fn of_several_headers_the_longest_wait_counts() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (headers, expected) in [
            (&["7", "9"][..], Some(9)),
            (&["9", "7"], Some(9)),
            (&["soon", "7"], Some(7)),
            (&["7", date], Some(37)),
            (&["7, 9"], Some(9)),
            (&["7,9", "8"], Some(9)),
            (&["7, soon"], None),
            (&["soon", "later"], None),
            (&[], None),
        ] {
            let wait = wait(headers.iter().copied(), None, now);
            assert_eq!(wait, expected.map(Duration::from_secs), "{headers:?}");
        }
    }
}
