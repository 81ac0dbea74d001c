//! Which arguments were typed: what was not may come from a profile.

use clap::ArgMatches;
use clap::parser::ValueSource;

/// The names of the arguments that were typed, as the fields are called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given(Vec<String>);

impl Given {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let Some((_, matches)) = matches.subcommand() else {
            return Self::default();
        };
        let is_typed = |name: &&str| matches.value_source(name) == Some(ValueSource::CommandLine);
        Self(
            matches
                .ids()
                .map(clap::Id::as_str)
                .filter(is_typed)
                .map(str::to_owned)
                .collect(),
        )
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|given| given == name)
    }
}
