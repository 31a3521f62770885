//! The `cutover` command: parse, run, print the error, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    cutover::cli::main(cutover::cli::parse())
}
