//! Arguments of the commands that log in to Nexthink.

use std::path::PathBuf;

use clap::Args;

/// Where the client secret is. Never the secret itself.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CredentialArgs {
    /// A file that contains the client secret. No other user may have access to it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "client_secret_command",
        help_heading = "Credentials"
    )]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// A command that prints the client secret, run by the shell
    #[arg(long, value_name = "COMMAND", help_heading = "Credentials")]
    pub(crate) client_secret_command: Option<String>,
}

impl CredentialArgs {
    /// The flag that was given, if one was. A secret that would not be used is a mistake.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let file = self.client_secret_file.as_ref().map(|_| "--client-secret-file");
        file.or_else(|| self.client_secret_command.as_ref().map(|_| "--client-secret-command"))
    }
}
