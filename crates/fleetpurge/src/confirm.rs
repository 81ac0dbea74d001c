//! Asks for the confirmation of an `apply`.

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
    /// How many the whole plan may send, where `--confirm` may say so too, so that the same command resumes.
    pub(crate) whole: Option<u64>,
    /// A sentence on those that the service may have deleted already.
    pub(crate) unknown: Option<&'a str>,
    /// `--confirm`.
    pub(crate) given: Option<&'a str>,
}

impl Question<'_> {
    fn expected(&self) -> String {
        format!("{}/{}", self.tenant, self.count)
    }

    /// Whether `--confirm` says it. Character for character: a count that is written otherwise was not copied from here.
    fn accepts_given(&self, given: &str) -> bool {
        self.accepts_answer(given)
            || self
                .whole
                .is_some_and(|whole| given == format!("{}/{whole}", self.tenant))
    }

    /// Whether a person who was asked says it: nothing but what they were asked for. Who pastes an older confirmation has
    /// not read how many devices it is about now.
    fn accepts_answer(&self, answer: &str) -> bool {
        answer == self.expected()
    }

    /// What `--confirm` confirmed; `None` where a person can be asked.
    pub(crate) fn without_asking(&self) -> Result<Option<String>, Failure> {
        match self.given {
            Some(given) if self.accepts_given(given) => Ok(Some(given.to_owned())),
            Some(given) => Err(self.refused(&self.why_not(given))),
            None if output::can_ask() => Ok(None),
            // At a terminal, the same command asks.
            None => Err(self
                .refused("no confirmation was given, and there is no terminal to ask at")
                .may_repeat()),
        }
    }

    fn why_not(&self, answer: &str) -> String {
        match answer.rsplit_once('/') {
            _ if answer.is_empty() => "the confirmation is empty".to_owned(),
            Some((tenant, _)) if tenant != self.tenant => format!(
                "the confirmation `{}` names another tenant than the plan, which is for {}",
                answer.escape_debug(),
                self.tenant
            ),
            _ => format!("the confirmation `{}` is not the one asked for", answer.escape_debug()),
        }
    }

    /// Asks the person at the terminal. `read` brings the line that was typed, or the end that was asked for instead.
    pub(crate) fn ask(&self, read: impl FnOnce() -> Result<io::Result<String>, Failure>) -> Result<String, Failure> {
        let devices = counted(self.count, "device", "devices");
        output::note(&format!(
            "This asks {} to delete {devices}. It cannot be undone.",
            self.tenant
        ));
        if let Some(unknown) = self.unknown {
            output::note(unknown);
        }
        output::prompt(&format!("Type {} to go on: ", self.expected()));
        let why = match read()? {
            // The end of input: what follows is not to stand on the line of the prompt.
            Ok(answer) if answer.is_empty() => {
                output::note("");
                "no answer was given".to_owned()
            }
            Ok(answer) => {
                // The line's end, and what the space bar adds without being seen.
                let answer = answer.trim_matches([' ', '\t', '\r', '\n']);
                if self.accepts_answer(answer) {
                    return Ok(answer.to_owned());
                }
                self.why_not(answer)
            }
            Err(error) => format!("the answer could not be read: {error}"),
        };
        // Asked again, a person may answer otherwise.
        Err(self.refused(&why).may_repeat())
    }

    /// Names tenant and count as facts. The confirmation itself stands in no line that a script could paste.
    fn refused(&self, why: &str) -> Failure {
        Failure::new(
            Exit::REFUSED,
            format!(
                "{why}. This apply may send {} to the tenant {}; the confirmation is made of both, as `fleetpurge apply \
                 --help` shows",
                counted(self.count, "device", "devices"),
                self.tenant
            ),
            SENT_NOTHING,
            next::same_command(),
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
            count: 1234,
            whole: Some(5000),
            unknown: None,
            given: None,
        };
        let limited = Question {
            whole: None,
            ..resuming
        };
        // By `--confirm` while resuming, by `--confirm` with a limit, at the prompt.
        let table = [
            ("127.0.0.1:80/1234", true, true, true),
            ("127.0.0.1:80/5000", true, false, false),
            ("127.0.0.1:80/1235", false, false, false),
            ("127.0.0.1:80/01234", false, false, false),
            ("127.0.0.1:80/+1234", false, false, false),
            ("127.0.0.1:80/1,234", false, false, false),
            ("127.0.0.1:80/1.234", false, false, false),
            ("127.0.0.1:80/1'234", false, false, false),
            ("127.0.0.1:80/1 234", false, false, false),
            ("127.0.0.1:80/1\u{a0}234", false, false, false),
            ("127.0.0.1:80/1\u{202f}234", false, false, false),
            ("127.0.0.1:80/1234\u{200b}", false, false, false),
            ("127.0.0.1:80/\u{ff11}\u{ff12}\u{ff13}\u{ff14}", false, false, false),
            ("127.0.0.1:80/\u{661}\u{662}\u{663}\u{664}", false, false, false),
            ("127.0.0.1:80/1234.0", false, false, false),
            ("127.0.0.1:80/1e3", false, false, false),
            ("127.0.0.1:80 / 1234", false, false, false),
            ("127.0.0.1:80\u{2215}1234", false, false, false),
            ("127.0.0.1:80/", false, false, false),
            ("127.0.0.1:80", false, false, false),
            ("127.0.0.1:81/1234", false, false, false),
            ("acme/1234", false, false, false),
            ("/1234", false, false, false),
            ("1234", false, false, false),
            ("y", false, false, false),
            ("yes", false, false, false),
            ("", false, false, false),
        ];
        for (answer, while_resuming, with_a_limit, at_the_prompt) in table {
            assert_eq!(resuming.accepts_given(answer), while_resuming, "{answer:?}");
            assert_eq!(limited.accepts_given(answer), with_a_limit, "{answer:?}");
            assert_eq!(resuming.accepts_answer(answer), at_the_prompt, "{answer:?}");
        }
    }
}
