//! The services, for the rest of the command: the tenant, the credentials, and the device of a row.
//!
//! Each service has a module of its own; the rest of the command uses this one.
//!
//! | module | question it answers |
//! |---|---|
//! | `tenant` | who is addressed, and where? |
//! | `applies` | what does an `apply` need of a service beside sending batches? |
//! | `nexthink`, `ubidots` | how does one service do it? |
//! | `taken` | what would be sent, if nothing is? |
//! | `choice` | which of the two is it? |
//! | `of_plan` | where does a plan lead? |
//! | `login` | which credentials are for this tenant? |
//! | `wording` | what does an outcome mean to a service, and what may help? |

mod applies;
mod choice;
mod login;
pub(crate) mod nexthink;
mod of_plan;
mod taken;
mod tenant;
pub(crate) mod ubidots;
mod wording;

pub(crate) use applies::Applies;
pub(crate) use choice::{Client, Credentials};
pub(crate) use login::{address_of, check_profile, of_nexthink, of_ubidots, service_of};
pub(crate) use nexthink_data_management::{Error, ErrorKind, Uuid};
pub(crate) use of_plan::address_of_plan;
pub(crate) use tenant::Tenant;
pub(crate) use wording::{ask_support, check_permission, knows_request_ids, meaning};
