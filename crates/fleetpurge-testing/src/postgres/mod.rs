//! A PostgreSQL server for tests, where the variable [`PROGRAMS`] names the folder of the server's programs.
//!
//! | file | what is there |
//! |---|---|
//! | `program.rs` | the server's programs, and who runs them |
//! | `server.rs` | a server, and its standby |
//! | `proxy.rs` | a way to it on which connections and answers are lost |

mod program;
mod proxy;
mod server;

pub use program::programs;
pub use proxy::Proxy;
pub use server::Server;

/// Names the folder with `initdb` and `postgres`, e.g. `/usr/lib/postgresql/15/bin`. With it, whatever is missing fails.
pub const PROGRAMS: &str = "FLEETPURGE_TEST_POSTGRES";

/// A test for a harness of `libtest-mimic`, which says how many it left out.
pub fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> libtest_mimic::Trial {
    let run = move || {
        test();
        Ok(())
    };
    libtest_mimic::Trial::test(name, run).with_ignored_flag(programs().is_none())
}

/// Runs the trials as `cargo test` would.
#[expect(clippy::print_stdout, reason = "what a test harness says is its result")]
#[must_use]
pub fn run(trials: Vec<libtest_mimic::Trial>) -> std::process::ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if programs().is_none() && conclusion.num_ignored > 0 {
        println!(
            "LEFT OUT: {} tests that need a PostgreSQL server: set {PROGRAMS} to the folder of its programs",
            conclusion.num_ignored
        );
    }
    conclusion.exit_code()
}
