//! Counts and shares as a person reads them.

/// A count with its thousands apart, by a space that does not break.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// A share of all, in percent.
pub(crate) fn share(count: u64, of: u64) -> String {
    if count == 0 || of == 0 {
        return "0 %".to_owned();
    }
    let percent = float(count) * 100.0 / float(of);
    match percent {
        _ if count == of => "100 %".to_owned(),
        ..0.1 => "< 0.1 %".to_owned(),
        99.9.. => "> 99.9 %".to_owned(),
        _ => format!("{percent:.1} %"),
    }
}

/// Exact up to 2^53, which is more rows than fit into a plan.
#[expect(clippy::cast_precision_loss, reason = "only lengths and shares are made of it")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_in_thousands() {
        for (count, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1\u{a0}000"),
            (1_234_567, "1\u{a0}234\u{a0}567"),
        ] {
            assert_eq!(number(count), expected);
        }
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_none() {
        for (count, of, expected) in [
            (0, 10, "0 %"),
            (1, 100_000, "< 0.1 %"),
            (99_999, 100_000, "> 99.9 %"),
            (10, 10, "100 %"),
            (1, 3, "33.3 %"),
        ] {
            assert_eq!(share(count, of), expected);
        }
    }
}
