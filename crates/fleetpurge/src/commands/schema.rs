//! `schema`: what the records that programs read look like.

use std::io::Write;

use fleetpurge_records::Published;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(name: Option<&str>) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    match name.and_then(Published::named) {
        Some(published) => {
            out.write_all(published.text().as_bytes())?;
            tracing::info!(name = %published.name(), "a schema is printed");
        }
        None => {
            for published in Published::ALL {
                writeln!(out, "{:<15} {}", published.name(), published.about())?;
            }
            tracing::info!("the schemas are listed");
        }
    }
    out.flush()?;
    Ok(Exit::DONE)
}
