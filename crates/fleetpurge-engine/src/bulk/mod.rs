//! Sends a list for library users: a stream in, one outcome per device out, in the order of the input.
//!
//! | file | what is there |
//! |---|---|
//! | `item.rs` | what the input may yield: devices, devices with data, results |
//! | `options.rs` | the settings |
//! | `report.rs` | outcomes and the report of all |
//! | `journal.rs` | any journal behind one type |
//! | `reader.rs` | starts the run, and says what happens in it |
//! | `stream.rs` | the stream of outcomes |
//! | `events.rs` | the stream of events |
//! | `blocking.rs` | the same for programs without an async runtime |

#[cfg(feature = "blocking")]
mod blocking;
mod events;
mod item;
mod journal;
mod options;
mod reader;
mod report;
mod stream;

#[cfg(feature = "blocking")]
pub use blocking::{BlockingOutcomes, BlockingRuntime};
pub use events::DeletionEvents;
pub use item::BulkItem;
pub use options::BulkOptions;
pub use reader::BulkEvent;
pub use report::{DeletionReport, DeviceOutcome};
pub use stream::{DeletionStream, delete_stream};
