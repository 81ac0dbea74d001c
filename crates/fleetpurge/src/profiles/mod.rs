//! Profiles: accounts, credentials and settings in a configuration file.
//!
//! | file | question it answers |
//! |---|---|
//! | `location` | where is the file? |
//! | `reading` | what stands in it, and who else can read it? |
//! | `trouble` | which line and key is wrong? |
//! | `profile` | which profile is meant? |
//! | `secret` | where does a secret of a profile come from? |
//! | `keyring` | what does the system's keyring hold? |

mod keyring;
mod location;
mod profile;
mod reading;
mod secret;
mod trouble;

pub(crate) use location::Location;
pub(crate) use profile::{Chosen, Profile, choose};
pub(crate) use reading::read;
