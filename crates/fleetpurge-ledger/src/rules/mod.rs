//! The rules of planning, and of what an inventory proves. Pure.
//!
//! | module | question it answers |
//! |---|---|
//! | `service_rules` | what do the rules ask of a service? |
//! | `for_service` | which rules has a service? |
//! | `nexthink` | what is a device of Nexthink? |
//! | `ubidots` | what is a device of Ubidots? |
//! | `blank` | when is a text blank? |
//! | `duplicates` | which rows of one uid repeat, and which contradict each other? |
//! | `equality` | which texts mean the same device, and which are nearly equal? |
//! | `pattern` | which texts does a protected `SRV-*` match? |
//! | `name_pattern` | which names does a person mean who types `SRV-*`? |
//! | `name_filters` | which rows are left out by their names? |
//! | `skip_reasons` | why is a row skipped, and by which rule? |
//! | `unusable_uids` | which input has no uid that could be that of a device? |
//! | `inventory` | what does a fresh inventory prove? |

mod blank;
mod duplicates;
mod equality;
mod for_service;
pub(crate) mod inventory;
mod name_filters;
pub(crate) mod name_pattern;
mod nexthink;
mod pattern;
mod service_rules;
mod skip_reasons;
mod ubidots;
mod unusable_uids;

pub(crate) use blank::is_blank;
pub(crate) use duplicates::{Duplicate, Duplicates};
pub(crate) use equality::{name_key, protect_key, skeleton};
pub(crate) use name_filters::NameFilters;
pub(crate) use pattern::{Haystack, InvalidPattern, Pattern};
pub(crate) use service_rules::{Malformed, Rules, Sent, UidKey};
pub(crate) use skip_reasons::{
    AMBIGUOUS, COMMENTED_OUT, EXCLUDED, NO_SUCH_LABEL, NOT_INCLUDED, PROTECTED, RECALLED, ambiguous, conflicting,
    excluded_with, kind_of, protected, recalled, repeats,
};
pub(crate) use unusable_uids::UidsOfInputs;
