//! The exit codes of the command, and which one is used if several apply.

use std::process::ExitCode;

/// An exit code of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit(u8);

impl Exit {
    /// Done, every planned device scheduled.
    pub(crate) const DONE: Self = Self(0);
    /// An error before the first attempt, or of this machine.
    pub(crate) const ERROR: Self = Self(1);
    /// Wrong usage.
    pub(crate) const USAGE: Self = Self(2);
    /// Done, but some are invalid, failed or rejected.
    pub(crate) const SOME_BAD: Self = Self(3);
    /// Done, but some are unknown.
    pub(crate) const SOME_UNKNOWN: Self = Self(4);
    /// Stopped early; pending devices remain.
    pub(crate) const STOPPED: Self = Self(5);
    /// Refused: altered plan, wrong tenant, cap exceeded, confirmation missing or wrong.
    pub(crate) const REFUSED: Self = Self(6);
    /// Interrupted; the ledger is whole.
    pub(crate) const INTERRUPTED: Self = Self(130);

    pub(crate) const fn code(self) -> u8 {
        self.0
    }

    /// Whether the command stopped on its way, so that the same command goes on. After any other code it would do no
    /// more than it did.
    pub(crate) const fn resumes(self) -> bool {
        matches!(self, Self::STOPPED | Self::INTERRUPTED)
    }

    /// Among several that hold, the one that is returned.
    const PRECEDENCE: [Self; 7] = [
        Self::INTERRUPTED,
        Self::REFUSED,
        Self::ERROR,
        Self::STOPPED,
        Self::SOME_UNKNOWN,
        Self::SOME_BAD,
        Self::DONE,
    ];
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

/// What holds at the end of an `apply`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) interrupted: bool,
    pub(crate) machine_error: bool,
    pub(crate) pending: bool,
    pub(crate) unknown: bool,
    /// Some are invalid, failed or rejected.
    pub(crate) bad: bool,
}

impl Standing {
    pub(crate) fn exit(self) -> Exit {
        let holds = |exit: Exit| match exit {
            Exit::INTERRUPTED => self.interrupted,
            Exit::ERROR => self.machine_error,
            Exit::STOPPED => self.pending,
            Exit::SOME_UNKNOWN => self.unknown,
            Exit::SOME_BAD => self.bad,
            Exit::DONE => true,
            _ => false,
        };
        Exit::PRECEDENCE
            .into_iter()
            .find(|&exit| holds(exit))
            .unwrap_or(Exit::ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_that_hold_the_first_of_130_6_1_5_4_3_0_is_told() {
        for bits in 0..32_u8 {
            let bit = |at: u8| bits & (1 << at) != 0;
            let standing = Standing {
                interrupted: bit(0),
                machine_error: bit(1),
                pending: bit(2),
                unknown: bit(3),
                bad: bit(4),
            };
            let expected = match () {
                () if standing.interrupted => 130,
                () if standing.machine_error => 1,
                () if standing.pending => 5,
                () if standing.unknown => 4,
                () if standing.bad => 3,
                () => 0,
            };
            assert_eq!(standing.exit().code(), expected, "{standing:?}");
        }
    }

    #[test]
    fn the_codes_are_those_of_the_contract() {
        let codes = Exit::PRECEDENCE.map(Exit::code);
        assert_eq!(codes, [130, 6, 1, 5, 4, 3, 0]);
        assert_eq!(Exit::USAGE.code(), 2);
    }
}
