//! The command line. Nothing else in the library imports this.

mod argument;
mod command;
mod parse;
mod simulating;

use crate::experiment::BatchError;
use crate::experiment::warm_up::FindError;
use crate::report::files::FolderError;
use crate::scenario::Diagnostics;
use argument::appearance::{Appearance, HowManyNotes};
use clap::{Parser, Subcommand};
use command::pages::{completions, keys, man, metrics, schema};
use command::{check, compare, explain, new, power, run, select, selftest, sweep, trace};
pub use parse::parse;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulates rolling deployments: what will users see while the new version goes live, and which way of going live is
/// best?
#[derive(Debug, Parser)]
#[command(name = "cutover", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    appearance: Appearance,
}

const EXAMPLES: &str = "\
Examples:
  cutover new mine.toml              write a commented scenario to be filled in
  cutover run mine.toml              simulate it; summary here, files and charts in output/
  cutover run scenarios -o results   every scenario of a folder
  cutover run mine.toml --set gateway.nodes=64 --only 'alias*'
  cutover sweep mine.toml --vary gateway.nodes=8,32,128
  cutover select mine.toml --metric latency_p99_ms --indifference 2ms
  cutover power mine.toml --regress version.2.code.errors=0%..10%
  cutover compare baseline output    what moved between two runs, beyond chance
  cutover explain mine.toml --strategy alias   one request that went wrong, and why
  cutover trace mine.toml --strategy alias -o alias.pftrace   all of them, for the Perfetto viewer
  cutover check mine.toml            only look for mistakes
  cutover keys                       what every key of a scenario is
  cutover metrics                    what every metric is
  generate | cutover run -           a scenario from standard input
  cutover schema > cutover.schema.json   for completion in an editor

Exit codes: 0 done; 1 done, an objective was missed; 2 refused before anything ran; 3 could not finish.";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Sweep(sweep::Sweep),
    Select(select::Select),
    Power(power::Power),
    Compare(compare::Compare),
    Check(check::Check),
    Explain(explain::Explain),
    Trace(trace::Trace),
    New(new::New),
    Keys(keys::Keys),
    Metrics(metrics::Metrics),
    Schema(schema::Schema),
    Selftest(selftest::Selftest),
    Completions(completions::Completions),
    Man(man::Manual),
}

impl Command {
    /// Whether it was asked to print errors only.
    const fn is_quiet(&self) -> bool {
        match self {
            Self::Run(command) => command.common.quiet,
            Self::Sweep(command) => command.common.quiet,
            Self::Select(command) => command.common.quiet,
            Self::Power(command) => command.common.quiet,
            _ => false,
        }
    }
}

/// What ends a command early, with its exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The input is wrong, in one or many places.
    #[error("the input is wrong")]
    Input(#[from] Diagnostics),
    /// Anything else that is refused before work begins.
    #[error("{0}")]
    Refused(String),
    /// The output cannot be opened.
    #[error(transparent)]
    Output(FolderError),
    /// No length was found for a warm-up.
    #[error(transparent)]
    WarmUp(#[from] FindError),
    /// The simulation was given up.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The run is done, and some objective was missed, or undecided where that counts as missed.
    #[error("{0}")]
    Missed(String),
    /// The results could not be written.
    #[error("{0}")]
    Unfinished(String),
}

impl Failure {
    const fn code(&self) -> u8 {
        match self {
            Self::Missed(_) => 1,
            Self::Input(_) | Self::Refused(_) | Self::Output(_) => 2,
            Self::Batch(BatchError::Memory { .. }) | Self::WarmUp(FindError::Threads(BatchError::Memory { .. })) => 2,
            Self::WarmUp(FindError::TooMuch { .. } | FindError::None { .. }) => 2,
            Self::WarmUp(FindError::Simulation { .. } | FindError::Threads(_)) => 3,
            Self::Batch(_) | Self::Unfinished(_) => 3,
        }
    }
}

/// Runs the command and prints what went wrong, if anything did.
#[must_use]
pub fn main(cli: Cli) -> ExitCode {
    simulating::signals::outlive_full_files();
    simulating::reading::show(cli.command.is_quiet());
    let done = match &cli.command {
        Command::Run(command) => command.run(cli.appearance),
        Command::Sweep(command) => command.run(&cli.appearance.look(HowManyNotes::Brief)),
        Command::Select(command) => command.run(&cli.appearance.look(HowManyNotes::Brief)),
        Command::Power(command) => command.run(&cli.appearance.look(HowManyNotes::Brief)),
        Command::Compare(command) => command.run(cli.appearance),
        Command::Check(command) => command.run(&cli.appearance.look(HowManyNotes::Brief)),
        Command::Explain(command) => command.run(&cli.appearance.look(HowManyNotes::Brief)),
        Command::Trace(command) => command.run(),
        Command::New(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::Metrics(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Selftest(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match &failure {
                Failure::Input(diagnostics) => note(&diagnostics.render(cli.appearance.colour_of_mistakes())),
                other => note(&format!("error: {other}")),
            }
            ExitCode::from(failure.code())
        }
    }
}

/// Prints to stdout. A reader that has gone away (`cutover run | head`) is no error.
fn say(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Unfinished(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line to stderr; there is no one to tell if that fails.
fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Where scenarios lie if no path is given.
fn paths(given: &[PathBuf]) -> Vec<PathBuf> {
    if given.is_empty() { vec![PathBuf::from("scenarios")] } else { given.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_has_an_example_that_can_be_parsed() {
        let cli = Cli::command();
        cli.clone().debug_assert();
        let examples = |command: &clap::Command| command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let mut parsed = 0;
        for command in cli.get_subcommands().chain([&cli]) {
            let shown = examples(command).replace(" \\\n", " ");
            let wanted = if command.get_name() == "cutover" { "run" } else { command.get_name() };
            assert!(shown.contains(&format!("cutover {wanted}")), "{wanted} shows how it is called:\n{shown}");
            for line in shown.lines().filter_map(|line| Some(&line[line.find("cutover ")?..])) {
                let line = line.split(" >").next().unwrap_or(line);
                let line = line.split(" | ").next().unwrap_or(line);
                let words = line.split("   ").next().unwrap_or(line).replace(['\'', '"'], "");
                if line.starts_with("cutover check` all") {
                    continue;
                }
                let outcome = Cli::try_parse_from(words.split_whitespace());
                assert!(outcome.is_ok(), "{words}\n{}", outcome.unwrap_err());
                parsed += 1;
            }
        }
        assert!(parsed > 20, "{parsed}");
    }
}
