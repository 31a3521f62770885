//! `cutover check`: look for mistakes in scenarios, run nothing.

use super::{Failure, paths, say};
use crate::report::number;
use crate::scenario::{self, Options, Override, WarmUp};
use crate::time::Instant;
use clap::Args;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  cutover check                      every scenario in scenarios/
  cutover check mine.toml --set gateway.nodes=64
  generate | cutover check -         from standard input

Exit codes: 0 well-formed; 2 mistakes were found.";

/// Look for mistakes in scenarios without running them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Check {
    /// Scenario files, folders of them, or - for standard input [default: scenarios]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Override a key of every scenario, as in gateway.nodes=64
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

impl Check {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let overrides = self.overrides.iter().map(|text| Override::new(text)).collect();
        let scenarios = scenario::load(&paths(&self.paths), &Options { overrides, replications: None })?;
        for scenario in &scenarios {
            let window = scenario.window;
            let sources = &scenario.service.sources;
            let start = if scenario.warm_up == WarmUp::Written { window.start() } else { Instant::ZERO };
            let each: f64 = sources.iter().map(|source| source.arrivals.about(start, window.end())).sum();
            let (strategies, replications) = (scenario.strategies.len() as u32, scenario.replications);
            let besides = match scenario.warm_up {
                WarmUp::Written => "",
                // Looking for it would be running something.
                WarmUp::Open | WarmUp::Found => " after t = 0, besides a warm-up that pilot runs will find",
            };
            say(&format!(
                "{}: well-formed; {} x {}, about {} requests to simulate{besides}\n",
                scenario.name,
                counted(strategies, "strategy", "strategies"),
                counted(replications, "replication", "replications"),
                number::grouped(each * f64::from(strategies) * f64::from(replications), 0)
            ))?;
            for text in &scenario.notes {
                say(&format!("  note: {text}\n"))?;
            }
        }
        Ok(())
    }
}

/// A number of things, in words.
fn counted(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let strategies = |n| counted(n, "strategy", "strategies");
        assert_eq!([strategies(1), strategies(5)], ["1 strategy", "5 strategies"]);
    }
}
