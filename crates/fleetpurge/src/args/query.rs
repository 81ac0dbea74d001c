//! Arguments of the commands that run a saved NQL query of Nexthink: `select`, `plan` and `verify`.

use std::ops::RangeInclusive;

use clap::Args;
use nexthink_nql::QueryId;

use super::apply::seconds;

/// Which query, and what it is asked.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct QueryArgs {
    /// Run the saved NQL query of Nexthink that has this id, and take its result for the list. docs/nexthink.md has queries to
    /// save
    #[arg(long, value_name = "#ID", help_heading = "Query")]
    pub(crate) query: Option<QueryId>,

    /// A value for a parameter of the query: NAME=VALUE. May be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter, help_heading = "Query")]
    pub(crate) param: Vec<(String, String)>,

    /// Give up if the result is not there after this time, or if the service asks for a longer wait [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Query")]
    pub(crate) query_wait: Option<u64>,
}

/// What stops a query whose result is not what was meant.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct BrakeArgs {
    /// Refuse a result with another number of rows: 100..2000, 1.. or ..500
    #[arg(long, value_name = "A..B", value_parser = range, help_heading = "Query")]
    pub(crate) expect: Option<RangeInclusive<u64>>,

    /// Count the rows of this query, which lists every device, and refuse a result of more than a share of them
    #[arg(long, value_name = "#ID", help_heading = "Query")]
    pub(crate) of: Option<QueryId>,

    /// The share that --of allows, from 0 to 1 [default: 0.2]
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "of", help_heading = "Query")]
    pub(crate) max_share: Option<f64>,
}

impl QueryArgs {
    /// Refuses flags that say something of a query where there is none: a brake that does nothing is a mistake.
    ///
    /// clap's `requires` does not: it lets pass what needs an argument that conflicts with one that is given.
    pub(crate) fn check(&self, brake: &BrakeArgs) -> Result<(), String> {
        let given = [
            (!self.param.is_empty(), "--param"),
            (self.query_wait.is_some(), "--query-wait"),
            (brake.expect.is_some(), "--expect"),
            (brake.of.is_some(), "--of"),
            (brake.max_share.is_some(), "--max-share"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, flag)) if self.query.is_none() => {
                Err(format!("{flag} says something of a query, and no --query is given"))
            }
            _ => Ok(()),
        }
    }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a name, an equals sign and a value, such as days=90".to_owned()),
    }
}

fn range(text: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || "two numbers with .. between them, of which one may be left out: 100..2000, 1.. or ..500".to_owned();
    let (least, most) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str, otherwise: u64| match text {
        "" => Ok(otherwise),
        text => text.parse().map_err(|_| wrong()),
    };
    let range = number(least, 0)?..=number(most, u64::MAX)?;
    if range.is_empty() || text == ".." {
        return Err(wrong());
    }
    Ok(range)
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a number from 0 to 1, such as 0.2 for a fifth".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_or_one() {
        for (text, expected) in [
            ("100..2000", Some(100..=2000)),
            ("1..", Some(1..=u64::MAX)),
            ("..500", Some(0..=500)),
            ("5..5", Some(5..=5)),
            ("..", None),
            ("5..4", None),
            ("5", None),
            ("a..b", None),
            ("-1..5", None),
            ("", None),
        ] {
            assert_eq!(range(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_share_is_a_part_of_a_whole() {
        for (text, expected) in [
            ("0.2", Some(0.2)),
            ("0", Some(0.0)),
            ("1", Some(1.0)),
            ("20", None),
            ("20%", None),
            ("NaN", None),
        ] {
            assert_eq!(share(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_parameter_has_a_name_and_a_value() {
        assert_eq!(parameter("days=90"), Ok(("days".to_owned(), "90".to_owned())));
        assert_eq!(parameter("where=a=b"), Ok(("where".to_owned(), "a=b".to_owned())));
        assert_eq!(parameter("empty="), Ok(("empty".to_owned(), String::new())));
        assert!(parameter("days").is_err() && parameter("=90").is_err());
    }
}
