//! The `cutover` command: parse, run, print the error, exit.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cutover::cli::main(cutover::cli::Cli::parse())
}
