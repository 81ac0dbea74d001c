//! Tests that are left out, and counted, where there is no server.

use super::program::{PROGRAMS, programs};

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

/// The trials of these tests, each named as its function.
#[macro_export]
macro_rules! trials {
    ($($test:ident),* $(,)?) => {
        vec![$($crate::postgres::trial(stringify!($test), $test)),*]
    };
    ($($module:ident::$test:ident),* $(,)?) => {
        vec![$($crate::postgres::trial(stringify!($test), $module::$test)),*]
    };
}
