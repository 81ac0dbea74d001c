//! Whether a result is as large as was meant: a query that was changed by mistake lists the whole fleet.

use super::answer::Answer;
use super::asking::Asking;
use crate::args::BrakeArgs;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT};
use crate::next;
use crate::output::{self, counted};

/// The share of a fleet that a list to be deleted may be, if nothing else was said.
const USUAL_SHARE: f64 = 0.2;

impl Asking {
    /// Refuses a result that is not as large as was said.
    pub(crate) async fn check(&self, answer: &Answer, brake: &BrakeArgs) -> Result<(), Failure> {
        if let Some(range) = &brake.expect
            && !range.contains(&answer.rows)
        {
            let most = match *range.end() {
                u64::MAX => String::new(),
                most => most.to_string(),
            };
            return Err(refused(
                &format!(
                    "{} has {}, and --expect {}..{most} was said",
                    answer.name,
                    counted(answer.rows, "row", "rows"),
                    range.start()
                ),
                "Look at the query in Nexthink; if the result is right, say so with --expect.",
            ));
        }
        let Some(of) = &brake.of else {
            if brake.expect.is_none() {
                output::note(
                    "Nothing says how many rows the result may have; --expect A..B or --of '#all_devices' refuses one that is \
                     too large.",
                );
            }
            return Ok(());
        };
        let all = self.count(of).await?;
        let most = brake.max_share.unwrap_or(USUAL_SHARE);
        if is_more(answer.rows, all, most) {
            return Err(refused(
                &format!(
                    "{} has {}, more than {most} of the {all} of {of}",
                    answer.name,
                    counted(answer.rows, "row", "rows")
                ),
                "Look at the query in Nexthink; if the result is right, allow a larger share with --max-share.",
            ));
        }
        output::note(&format!(
            "{} of the {} of {of}: within the share of {most}.",
            answer.rows,
            counted(all, "row", "rows")
        ));
        Ok(())
    }
}

/// Whether so many are more than a share of all.
#[expect(clippy::cast_precision_loss, reason = "a fleet is far below 2^53")]
fn is_more(rows: u64, all: u64, share: f64) -> bool {
    rows as f64 > all as f64 * share
}

fn refused(why: &str, advice: &str) -> Failure {
    Failure::new(Exit::REFUSED, format!("{why}. {advice}"), NOTHING_SENT, next::instead())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_all() {
        for (rows, all, share, expected) in [
            (20, 100, 0.2, false),
            (21, 100, 0.2, true),
            (0, 0, 0.2, false),
            (1, 0, 0.2, true),
            (100, 100, 1.0, false),
            (1, 100, 0.0, true),
        ] {
            assert_eq!(is_more(rows, all, share), expected, "{rows} of {all}");
        }
    }
}
