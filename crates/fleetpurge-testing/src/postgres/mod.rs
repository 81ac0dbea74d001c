//! A PostgreSQL server for tests, where the variable [`PROGRAMS`] names the folder of the server's programs.
//!
//! | file | what is there |
//! |---|---|
//! | `harness.rs` | tests that are left out, and counted, where there is no server |
//! | `program.rs` | the server's programs, and who runs them |
//! | `scratch.rs` | folders for servers |
//! | `proxy.rs` | a way to a server on which connections and answers are lost |
//! | `server.rs` | a server |
//! | `standby.rs` | its standby |

mod harness;
mod program;
mod proxy;
mod scratch;
mod server;
mod standby;

pub use harness::{run, trial};
pub use program::{PROGRAMS, programs};
pub use proxy::Proxy;
pub use server::Server;
pub use standby::Replication;
