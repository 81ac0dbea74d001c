//! Whether a person wants exactly this.

use std::io;

use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::output::{self, counted};

/// What has to be typed, and what was typed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) tenant: &'a str,
    /// How many devices this apply may send.
    pub(crate) count: u64,
    /// How many the whole plan may send, where that is accepted too, so that the same command resumes.
    pub(crate) whole: Option<u64>,
    /// `--confirm`.
    pub(crate) given: Option<&'a str>,
}

impl Question<'_> {
    fn expected(&self) -> String {
        format!("{}/{}", self.tenant, self.count)
    }

    fn accepts(&self, answer: &str) -> bool {
        answer.rsplit_once('/').is_some_and(|(tenant, count)| {
            let whole = self.whole.map(|whole| whole.to_string());
            tenant == self.tenant && (count == self.count.to_string() || whole.as_deref() == Some(count))
        })
    }

    /// What `--confirm` confirmed; `None` where a person can be asked.
    pub(crate) fn without_asking(&self) -> Result<Option<String>, Failure> {
        match self.given {
            Some(given) => self.judged(given).map(Some),
            None if output::can_ask() => Ok(None),
            None => Err(self.refused("no confirmation was given, and there is no terminal to ask at")),
        }
    }

    fn judged(&self, answer: &str) -> Result<String, Failure> {
        if self.accepts(answer) {
            return Ok(answer.to_owned());
        }
        Err(self.refused(&match answer.rsplit_once('/') {
            Some((tenant, _)) if tenant != self.tenant => format!(
                "the confirmation `{}` names another tenant than the plan, which is for {}",
                answer.escape_debug(),
                self.tenant
            ),
            _ => format!("the confirmation `{}` is not the one asked for", answer.escape_debug()),
        }))
    }

    /// Asks the person at the terminal. `read` brings the line that was typed, or the end that was asked for instead.
    pub(crate) fn ask(&self, read: impl FnOnce() -> Result<io::Result<String>, Failure>) -> Result<String, Failure> {
        let devices = counted(self.count, "device", "devices");
        output::note(&format!(
            "This asks {} to delete {devices}. It cannot be undone.",
            self.tenant
        ));
        output::prompt(&format!("Type {} to go on: ", self.expected()));
        match read()? {
            Ok(answer) => self.judged(answer.trim()),
            Err(error) => Err(self.refused(&format!("the answer could not be read: {error}"))),
        }
    }

    fn refused(&self, why: &str) -> Failure {
        let expected = self.expected();
        let devices = counted(self.count, "device", "devices");
        let next = next::same_command_with(&[("--confirm", Some(&expected))]);
        Failure::new(
            Exit::REFUSED,
            format!(
                "{why}. This apply may send {devices} to {}: confirm with {expected}",
                self.tenant
            ),
            SENT_NOTHING,
            next,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenant_and_a_count_that_may_be_sent_confirm() {
        let resuming = Question {
            tenant: "127.0.0.1:80",
            count: 7,
            whole: Some(1250),
            given: None,
        };
        let limited = Question {
            whole: None,
            ..resuming
        };
        let table = [
            ("127.0.0.1:80/7", true, true),
            ("127.0.0.1:80/1250", true, false),
            ("127.0.0.1:80/8", false, false),
            ("127.0.0.1:80/07", false, false),
            ("127.0.0.1:80/", false, false),
            ("127.0.0.1:80", false, false),
            ("127.0.0.1:81/7", false, false),
            ("acme/7", false, false),
            ("/7", false, false),
            ("y", false, false),
            ("", false, false),
        ];
        for (answer, while_resuming, with_a_limit) in table {
            assert_eq!(resuming.accepts(answer), while_resuming, "{answer:?}");
            assert_eq!(limited.accepts(answer), with_a_limit, "{answer:?}");
        }
    }
}
