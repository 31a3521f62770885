//! `cutover keys`: what every key of the scenario file means.

use crate::cli::{Failure, say};
use crate::scenario;
use clap::Args;

/// Explain every key of the scenario file: values, units, defaults and where they come from
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cutover keys | grep lag")]
pub struct Keys {}

impl Keys {
    pub fn run(&self) -> Result<(), Failure> {
        say(&scenario::page())
    }
}
