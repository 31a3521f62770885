//! Running a batch: every (scenario, strategy, replication) is a job of its own, spread over the threads.

use super::compare;
use super::describe;
use super::gate;
use super::journal::Journal;
use super::metrics::Metric;
use super::record::Record;
use super::replication::Replication;
use super::results::{Results, Row, ScenarioResults};
use super::summarise::{self, Sums};
use crate::ids::{Contract, Version};
use crate::platform::SimulationError;
use crate::random::Seed;
use crate::scenario::Scenario;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// How a batch is run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Settings {
    /// The seed of every draw.
    pub seed: u64,
    /// The confidence of every interval, as a share in (0, 1).
    pub confidence: f64,
    /// How many threads; `None` for one a core.
    pub threads: Option<usize>,
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

#[derive(Clone, Copy)]
struct Job {
    scenario: usize,
    strategy: usize,
    replication: u32,
}

/// How many jobs a batch has.
#[must_use]
pub fn jobs(scenarios: &[Scenario]) -> u64 {
    scenarios.iter().map(|scenario| scenario.strategies.len() as u64 * u64::from(scenario.replications)).sum()
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
    finished: &(dyn Fn(u64) + Sync),
) -> Result<Results, BatchError> {
    let columns: Vec<_> = scenarios.iter().map(Columns::new).collect();
    // Sums over replications are whole numbers, so that the order in which jobs add to them does not matter.
    let sums: Vec<Vec<Mutex<Option<Sums>>>> =
        scenarios.iter().map(|scenario| scenario.strategies.iter().map(|_| Mutex::new(None)).collect()).collect();
    let jobs: Vec<_> = scenarios
        .iter()
        .enumerate()
        .flat_map(|(scenario, checked)| {
            // Replications outside, strategies inside: what is finished first is comparable.
            (0..checked.replications).flat_map(move |replication| {
                (0..checked.strategies.len()).map(move |strategy| Job { scenario, strategy, replication })
            })
        })
        .collect();
    let work = |job: &Job| -> Result<Row, BatchError> {
        let scenario = &scenarios[job.scenario];
        let strategy = &scenario.strategies[job.strategy];
        let place = (job.scenario as u32, job.replication, job.strategy as u32);
        let failed = |source| {
            let path = journal.map_or_else(PathBuf::new, |journal| journal.path().to_owned());
            BatchError::Journal { path, source }
        };
        if let Some(record) = journal.map(|journal| journal.get(place)).transpose().map_err(failed)?.flatten() {
            finished(0);
            return Ok(add(&sums[job.scenario][job.strategy], record));
        }
        let seed = Seed { seed: settings.seed, replication: job.replication.into() };
        let replication = Replication::run(scenario, strategy, seed).map_err(|source| BatchError::Simulation {
            scenario: scenario.name.clone(),
            strategy: strategy.name.clone(),
            replication: job.replication,
            source,
        })?;
        let row = replication.row(scenario, strategy, &columns[job.scenario].metrics);
        let simulated = replication.simulated;
        let record = Record { row, sums: Sums::of(replication) };
        if let Some(journal) = journal {
            journal.put(place, &record).map_err(failed)?;
        }
        finished(simulated);
        Ok(add(&sums[job.scenario][job.strategy], record))
    };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(settings.threads.unwrap_or(0)).build()?;
    let rows: Vec<Row> = threads.install(|| jobs.par_iter().map(work).collect::<Result<_, _>>())?;

    let mut by_strategy: Vec<Vec<Vec<Row>>> =
        scenarios.iter().map(|scenario| vec![Vec::new(); scenario.strategies.len()]).collect();
    for (job, row) in jobs.iter().zip(rows) {
        by_strategy[job.scenario][job.strategy].push(row);
    }
    let scenarios = scenarios
        .iter()
        .zip(columns)
        .zip(by_strategy.into_iter().zip(sums))
        .map(|((scenario, columns), (rows, sums))| {
            let sums = sums.into_iter().map(|sum| sum.into_inner().unwrap_or_else(PoisonError::into_inner));
            columns.results(scenario, rows, sums.collect(), settings.confidence)
        })
        .collect();
    Ok(Results { seed: settings.seed, confidence: settings.confidence, scenarios })
}

/// Adds a replication to its strategy's sums; what is left is its row.
fn add(sums: &Mutex<Option<Sums>>, record: Record) -> Row {
    let mut known = sums.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *known {
        None => *known = Some(record.sums),
        Some(known) => known.add(&record.sums),
    }
    record.row
}

/// What the files of a scenario have columns for.
struct Columns {
    versions: Vec<Version>,
    contracts: Vec<Contract>,
    metrics: Vec<Metric>,
}

impl Columns {
    fn new(scenario: &Scenario) -> Self {
        let versions: BTreeSet<_> = scenario
            .strategies
            .iter()
            .flat_map(|strategy| [strategy.deployment.from, strategy.deployment.to])
            .collect();
        let contracts: BTreeSet<_> =
            versions.iter().map(|&version| scenario.service.release(version).contract).collect();
        let versions: Vec<_> = versions.into_iter().collect();
        Self { metrics: Metric::all(&versions), contracts: contracts.into_iter().collect(), versions }
    }

    fn results(
        self,
        scenario: &Scenario,
        rows: Vec<Vec<Row>>,
        sums: Vec<Option<Sums>>,
        confidence: f64,
    ) -> ScenarioResults {
        let differences = compare::differences(&rows, &self.metrics, confidence);
        let strategies: Vec<_> = scenario
            .strategies
            .iter()
            .zip(rows.into_iter().zip(sums))
            .map(|(strategy, (rows, sums))| {
                summarise::strategy(
                    scenario,
                    strategy,
                    rows,
                    sums.as_ref(),
                    &self.metrics,
                    (&self.contracts, &self.versions),
                    confidence,
                )
            })
            .collect();
        let means: Vec<Vec<_>> = strategies
            .iter()
            .map(|strategy| strategy.estimates.iter().map(|estimate| estimate.mean).collect())
            .collect();
        let deploys: Vec<_> = strategies.iter().map(|strategy| strategy.replaces.is_some()).collect();
        let best = compare::best(&means, &deploys, &self.metrics, &differences);
        let gates = gate::gates(&scenario.objectives, &strategies, &self.metrics);
        ScenarioResults {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            hash: scenario.hash.clone(),
            window: scenario.window,
            bin: scenario.bin,
            replications: scenario.replications,
            traffic: describe::traffic(scenario),
            compatibility: describe::compatibility(scenario),
            assumptions: describe::assumptions(scenario),
            versions: self.versions,
            contracts: self.contracts,
            metrics: self.metrics,
            strategies,
            differences,
            best,
            gates,
        }
    }
}
