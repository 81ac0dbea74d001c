//! A device, whichever service has it.

/// A device as it is logged: its uid and name, or whatever the service has in their place.
pub(crate) type Device = (String, String);
