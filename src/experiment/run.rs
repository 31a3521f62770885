//! Running a batch: every (scenario, strategy, replication) is a job of its own, spread over the threads.

use super::batch::{Batch, Finished};
use super::journal::Journal;
use super::precision::{self, Precision};
use super::results::Results;
use crate::platform::SimulationError;
use crate::scenario::Scenario;
use std::io;
use std::path::PathBuf;

/// How a batch is run.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The seed of every draw.
    pub seed: u64,
    /// The confidence of every interval, as a share in (0, 1).
    pub confidence: f64,
    /// How many threads; `None` for one a core.
    pub threads: Option<usize>,
    /// When to stop, in place of the scenarios' own numbers of replications.
    pub precision: Option<Precision>,
}

/// Why a batch was given up.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A replication was.
    #[error("{scenario}, strategy {strategy}, replication {replication}: {source}")]
    Simulation {
        /// The scenario's name.
        scenario: String,
        /// The strategy's name.
        strategy: String,
        /// The replication's number, from 0.
        replication: u32,
        /// Why.
        source: SimulationError,
    },
    /// What was finished cannot be put down or read again.
    #[error("cannot use {}: {source}; what was finished is kept: make room there and go on with --resume", .path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The threads cannot be started.
    #[error("the threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// How many jobs a batch has; at most, where a precision decides.
#[must_use]
pub fn jobs(scenarios: &[Scenario], precision: Option<&Precision>) -> u64 {
    let each = |scenario: &Scenario| {
        let replications = precision.map_or(scenario.replications, |precision| precision.most);
        scenario.strategies.len() as u64 * u64::from(replications)
    };
    scenarios.iter().map(each).sum()
}

/// Runs every replication of every strategy of every scenario. `finished` is told the number of requests that each
/// finished job simulated, from whichever thread ran it. What `journal` holds is not simulated again, and what is
/// simulated is put there before it counts as finished.
///
/// # Errors
/// [`BatchError`], for the first job that had to be given up.
pub fn run(
    scenarios: &[Scenario],
    settings: &Settings,
    journal: Option<&Journal>,
    finished: Finished<'_>,
) -> Result<Results, BatchError> {
    let mut batch = Batch::new(scenarios, settings, journal, finished)?;
    match &settings.precision {
        None => batch.advance(|scenario, _| scenarios[scenario].replications)?,
        Some(precision) => precision::run(&mut batch, scenarios, precision, settings.confidence)?,
    }
    let mut results = batch.results();
    if let Some(precision) = &settings.precision {
        results.iter_mut().for_each(|results| results.precision = precision::reached(precision, results));
    }
    Ok(Results { seed: settings.seed, confidence: settings.confidence, scenarios: results })
}
