//! `cargo xtask contract`: the clients and the simulator against the specs, judged by tools none of us wrote.

mod apply;
mod bench;
mod driver;
mod fleet;
mod nexthink_api;
mod nql_nexthink_api;
mod nql_proxy;
mod prism;
mod prism_mock;
mod prism_proxy;
mod relay;
mod same_request;
mod schemathesis;
mod simulate;
mod spec;
mod tools;
mod ubidots_proxy;

use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};

use bench::Bench;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Ask this question alone; may be given several times
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Question>,
}

/// What is asked, in the order in which it is asked.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Question {
    /// Does what the command and the simulator say to each other satisfy the published spec?
    PrismProxy,
    /// Does the facade understand every reply that the published spec allows?
    PrismMock,
    /// Does the simulator do what the published spec says of any request?
    Schemathesis,
    /// Does a client that we did not write understand the simulator?
    NexthinkApi,
    /// Do that client and the facade send the same request for the same devices?
    SameRequest,
    /// Does what the command and the simulator say to each other about exports satisfy the published spec?
    NqlPrismProxy,
    /// Does the simulator do what the published spec of exports says of any request?
    NqlSchemathesis,
    /// Does that client export what the simulator's queries list?
    NqlNexthinkApi,
    /// Does what the command and the facade of Ubidots and the simulator say to each other satisfy the spec that we have
    /// written?
    UbidotsPrismProxy,
    /// Does the simulator do what that spec says of any request?
    UbidotsSchemathesis,
}

impl Question {
    fn ask(self, bench: &Bench) -> anyhow::Result<String> {
        match self {
            Self::PrismProxy => prism_proxy::ask(bench),
            Self::PrismMock => prism_mock::ask(bench),
            Self::Schemathesis => schemathesis::ask(bench),
            Self::NexthinkApi => nexthink_api::ask(bench),
            Self::SameRequest => same_request::ask(bench),
            Self::NqlPrismProxy => nql_proxy::ask(bench),
            Self::NqlSchemathesis => schemathesis::ask_nql(bench),
            Self::NqlNexthinkApi => nql_nexthink_api::ask(bench),
            Self::UbidotsPrismProxy => ubidots_proxy::ask(bench),
            Self::UbidotsSchemathesis => schemathesis::ask_ubidots(bench),
        }
    }
}

/// Asks every question, whatever the others' answers, and fails if one of them did.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let bench = Bench::new(root)?;
    let mut failed = Vec::new();
    for question in Question::value_variants() {
        if !arguments.only.is_empty() && !arguments.only.contains(question) {
            continue;
        }
        let name = question.to_possible_value().map(|value| value.get_name().to_owned());
        let name = name.unwrap_or_default();
        let begun = Instant::now();
        match question.ask(&bench.of(&name)?) {
            Ok(checked) => {
                writeln!(
                    stdout(),
                    "contract: {name}: ok ({checked}; {} s)",
                    begun.elapsed().as_secs()
                )?;
            }
            Err(error) => {
                writeln!(stderr(), "contract: {name}: FAILED: {error:#}")?;
                failed.push(name);
            }
        }
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    anyhow::bail!(
        "the contract does not hold, or could not be tested: {}. What the processes wrote is in target/contract/work; \
         `cargo xtask contract --only {}` asks one again",
        failed.join(", "),
        failed[0]
    )
}
