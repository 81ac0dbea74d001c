//! The argument of the commands that address an account.

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ProfileArgs {
    /// A profile of the configuration file, for what no flag and no environment variable says
    #[arg(long, value_name = "NAME", help_heading = "Profile")]
    pub(crate) profile: Option<String>,
}
