//! `cutover check`: look for mistakes in scenarios, run nothing.

use super::predict::predict;
use crate::cli::argument::appearance::Format;
use crate::cli::{Failure, paths, say};
use crate::experiment;
use crate::report::number;
use crate::report::text::look::Look;
use crate::scenario::{self, Foreseen, Objective, Options, Override, Scenario, WarmUp};
use crate::units::Bytes;
use clap::Args;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  cutover check                      every scenario in scenarios/
  cutover check mine.toml --set gateway.nodes=64
  cutover check mine.toml --predict   mean mismatches and rollout durations at once, exactly
  generate | cutover check -         from standard input

Exact figures follow from the laws of the lags: what every rollout has on average, where requests are known beforehand.
With --format json each strategy tells whether they are of all attempts (`exact`), else the `reasons`; `first_attempts` in
all and by source, under the keys of the metrics; `rollout_duration_s`: `mean`, `p50`, `p99`, and the share of rollouts
that outlast the window (`beyond_window`).

Exit codes: 0 well-formed; 2 mistakes were found.";

/// The confidence of a run that does not say otherwise.
const CONFIDENCE: f64 = 0.95;

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
    /// The memory that a run may take, as in 8GiB
    #[arg(long, value_name = "SIZE", value_parser = crate::cli::simulating::memory, default_value = "2GiB")]
    memory: Bytes,
    /// Tell what is known exactly without a run: mean mismatches, and how long rollouts take
    #[arg(long)]
    predict: bool,
    /// How exact figures are printed
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "predict")]
    format: Format,
}

impl Check {
    pub fn run(&self, look: &Look) -> Result<(), Failure> {
        let overrides = self.overrides.iter().map(|text| Override::new(text)).collect();
        let options = Options { overrides, replications: None, memory: self.memory };
        let scenarios = scenario::load(&paths(&self.paths), &options)?;
        if self.predict {
            return say(&predict(&scenarios, self.format, look)?);
        }
        for scenario in &scenarios {
            say(&line(scenario))?;
            for text in unshown(scenario).iter().chain(&scenario.notes) {
                say(&format!("  note: {text}\n"))?;
            }
        }
        Ok(())
    }
}

/// Objectives that so few replications cannot show to be met.
fn unshown(scenario: &Scenario) -> Vec<String> {
    let of = |objective: &Objective| {
        let needs = experiment::clean_runs(scenario, objective, CONFIDENCE)?;
        let runs = scenario.replications;
        (needs > u64::from(runs)).then(|| {
            format!(
                "objective {} needs {needs} runs that all keep it, at 95 % confidence; there are {runs}",
                objective.name
            )
        })
    };
    scenario.objectives.iter().filter_map(of).collect()
}

/// What there is to say of a sound scenario.
fn line(scenario: &Scenario) -> String {
    let foreseen = Foreseen::of(scenario);
    let besides = match scenario.warm_up {
        WarmUp::Written => "",
        // Looking for it would be running something.
        WarmUp::Open | WarmUp::Found => " after t = 0, besides a warm-up that pilot runs will find",
    };
    let attempts = match foreseen.most_attempts > foreseen.requests {
        true => format!(
            ", {} attempts of them, with every retry {}",
            rounded(foreseen.attempts),
            rounded(foreseen.most_attempts)
        ),
        false => String::new(),
    };
    let changes = match foreseen.changes > 1e6 + 4.0 * foreseen.requests {
        true => format!("; their sources change {} times", rounded(foreseen.changes)),
        false => String::new(),
    };
    format!(
        "{}: well-formed; {} x {}, about {} requests to simulate{besides}{attempts}{changes}; memory: about {}, and {} \
         a thread\n",
        scenario.name,
        counted(scenario.strategies.len() as u32, "strategy", "strategies"),
        counted(scenario.replications, "replication", "replications"),
        rounded(foreseen.requests),
        foreseen.results,
        foreseen.replication
    )
}

/// A number that is only about right: its first three digits.
fn rounded(about: f64) -> String {
    let mut unit = 1.0;
    while about / unit >= 1_000.0 {
        unit *= 10.0;
    }
    number::grouped((about / unit).round() * unit, 0)
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
