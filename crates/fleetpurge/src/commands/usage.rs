//! Wrong usage, and requests for help.

use clap::error::ErrorKind;

use crate::exit::Exit;
use crate::failure::SENT_NOTHING;
use crate::next;
pub(crate) use crate::next::help_of;
use crate::output;

/// Tells it: help and version on stdout, everything else on stderr with the next command to type.
pub(crate) fn tell(error: &clap::Error) -> Exit {
    // Nobody listening is no error.
    let _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::DONE;
    }
    if error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::note("");
        output::note(SENT_NOTHING);
    }
    output::next(&next::instead());
    Exit::USAGE
}
