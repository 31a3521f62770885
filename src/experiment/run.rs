//! Running a batch: every (scenario, strategy, replication) is a job of its own, spread over the threads.

use super::batch::journal::Journal;
use super::batch::{Batch, Finished};
use super::precision;
use super::settings::{BatchError, Precision, Settings};
use crate::platform::strata;
use crate::results::Results;
use crate::scenario::Scenario;

/// How many jobs a batch has, one a replication, strategy and stratum; at most, where a precision decides.
#[must_use]
pub fn jobs(scenarios: &[Scenario], precision: Option<&Precision>) -> u64 {
    let each = |scenario: &Scenario| {
        let replications = precision.map_or(scenario.replications, |precision| precision.most);
        let strata = scenario.strategies.iter();
        let strata = strata.map(|strategy| strata::of(&scenario.service, strategy, scenario.window).len() as u64);
        strata.sum::<u64>() * u64::from(replications)
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
