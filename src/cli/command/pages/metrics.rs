//! `cutover metrics`: what every metric and series is.

use crate::cli::{Failure, say};
use crate::report::text::glossary;
use clap::Args;

/// Explain every metric and series: keys, units, definitions
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cutover metrics | grep latency")]
pub struct Metrics {}

impl Metrics {
    pub fn run(&self) -> Result<(), Failure> {
        say(&glossary::page())
    }
}
