//! Runs a program and says what it cost. A process of its own, and a small one: the peak memory of a process counts what
//! its parent had when it was started.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::Context;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// What the program writes goes here
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

/// Prints one line of JSON.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let output = File::create(&arguments.output)?;
    let [program, rest @ ..] = &arguments.program[..] else {
        anyhow::bail!("no program is named");
    };
    let begun = Instant::now();
    let status = Command::new(program)
        .args(rest)
        .stdout(output.try_clone()?)
        .stderr(output)
        .status()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let cost = cost()?;
    let line = serde_json::json!({
        "code": status.code(),
        "seconds": seconds,
        "user": cost.user,
        "system": cost.system,
        "peak_mb": cost.peak_mb,
    });
    std::io::Write::write_all(&mut std::io::stdout(), format!("{line}\n").as_bytes())?;
    Ok(())
}

struct Cost {
    user: f64,
    system: f64,
    peak_mb: f64,
}

/// Of the children that have ended: the one.
#[cfg(unix)]
fn cost() -> anyhow::Result<Cost> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeVal;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds and kilobytes of a process")]
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    // Kilobytes; on macOS bytes.
    let unit = if cfg!(target_os = "macos") {
        1024.0 * 1024.0
    } else {
        1024.0
    };
    #[expect(clippy::cast_precision_loss, reason = "kilobytes of a process")]
    let peak = usage.max_rss() as f64;
    Ok(Cost {
        user: seconds(usage.user_time()),
        system: seconds(usage.system_time()),
        peak_mb: peak / unit,
    })
}

#[cfg(not(unix))]
fn cost() -> anyhow::Result<Cost> {
    anyhow::bail!("what a process costs is measured on Unix alone")
}
