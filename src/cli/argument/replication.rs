//! One replication of one strategy, as a user names it.

use crate::cli::Failure;
use crate::random::Seed;
use crate::scenario::{self, Options, Override, Scenario};
use crate::strategy::Strategy;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct OneReplication {
    /// The scenario file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The strategy, by its name; may be left out where there is only one
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Which replication, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub replication: u64,
    /// Override a key of the scenario, as in gateway.nodes=64
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl OneReplication {
    /// Its scenario, for a command of this name.
    pub fn scenario(&self, command: &str) -> Result<Scenario, Failure> {
        let overrides = self.overrides.iter().map(|text| Override::new(text)).collect();
        let options = Options { overrides, ..Options::default() };
        if self.file.is_dir() {
            return Err(Failure::Refused(format!("{command} is about one scenario: give its file, not a folder")));
        }
        let mut scenarios = scenario::load(std::slice::from_ref(&self.file), &options)?;
        match (scenarios.pop(), &scenarios[..]) {
            (Some(scenario), []) => Ok(scenario),
            _ => Err(Failure::Refused(format!("{command} is about one scenario: give its file"))),
        }
    }

    /// Its strategy.
    pub fn strategy<'a>(&self, scenario: &'a Scenario) -> Result<&'a Strategy, Failure> {
        let names = || scenario.strategies.iter().map(|strategy| strategy.name.as_str()).collect::<Vec<_>>().join(", ");
        match (&self.strategy, &scenario.strategies[..]) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Failure::Refused(format!("--strategy: say which of {}", names()))),
            (Some(name), all) => all
                .iter()
                .find(|strategy| strategy.name == *name)
                .ok_or_else(|| Failure::Refused(format!("--strategy: there is no `{name}`; there are {}", names()))),
        }
    }

    /// Its seed and its number.
    pub const fn seed(&self) -> Seed {
        Seed { seed: self.seed, replication: self.replication }
    }
}
