//! A batch under way: replications are added to it, as many as are wanted of each strategy, spread over the threads.

use super::columns::Columns;
use super::journal::Journal;
use super::record::Record;
use super::replication::Replication;
use super::results::{Row, ScenarioResults};
use super::settings::{BatchError, Settings};
use super::summarise::Sums;
use super::warm_up;
use crate::random::Seed;
use crate::scenario::{Scenario, WarmUp};
use crate::units::Bytes;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What jobs tell as they finish: how many requests each simulated; from whichever thread ran it.
pub type Finished<'a> = &'a (dyn Fn(u64) + Sync);

/// Replications of every strategy of every scenario, in order from the first.
pub struct Batch<'a> {
    scenarios: &'a [Scenario],
    seed: u64,
    confidence: f64,
    relevant: f64,
    twice: bool,
    journal: Option<&'a Journal>,
    /// The place of the first scenario in the journal.
    first: usize,
    finished: Finished<'a>,
    columns: Vec<Columns>,
    /// Sums over replications are whole numbers, so that the order in which jobs add to them does not matter.
    sums: Vec<Vec<Mutex<Option<Sums>>>>,
    /// By scenario, strategy and replication.
    rows: Vec<Vec<Vec<Row>>>,
    threads: ThreadPool,
    /// What each thread's replication may take of memory.
    memory: Bytes,
}

#[derive(Clone, Copy)]
struct Job {
    scenario: usize,
    strategy: usize,
    replication: u32,
}

impl<'a> Batch<'a> {
    /// A batch without replications. What `journal` holds is not simulated again, and what is simulated is put there
    /// before it counts as finished.
    ///
    /// # Errors
    /// [`BatchError::Threads`] and [`BatchError::Memory`]; [`BatchError::WarmUp`], where a warm-up is still to be found.
    pub fn new(
        scenarios: &'a [Scenario],
        settings: &Settings,
        journal: Option<&'a Journal>,
        finished: Finished<'a>,
    ) -> Result<Self, BatchError> {
        if let Some(open) = scenarios.iter().find(|scenario| scenario.warm_up == WarmUp::Open) {
            return Err(BatchError::WarmUp(open.name.clone()));
        }
        let (threads, memory) = settings.pool(scenarios)?;
        let each = |scenario: &Scenario| scenario.strategies.iter().map(|_| Mutex::new(None)).collect();
        Ok(Self {
            scenarios,
            seed: settings.seed,
            confidence: settings.confidence,
            relevant: settings.relevant,
            twice: settings.twice,
            journal,
            first: 0,
            finished,
            columns: scenarios.iter().map(Columns::new).collect(),
            sums: scenarios.iter().map(each).collect(),
            rows: scenarios.iter().map(|scenario| vec![Vec::new(); scenario.strategies.len()]).collect(),
            threads,
            memory,
        })
    }

    /// The same batch, as a part of a larger run in whose journal its scenarios stand from place `first` on.
    #[must_use]
    pub const fn from_place(mut self, first: usize) -> Self {
        self.first = first;
        self
    }

    /// The rows of one strategy, in order of the replications.
    #[must_use]
    pub fn rows(&self, scenario: usize, strategy: usize) -> &[Row] {
        &self.rows[scenario][strategy]
    }

    /// What the rows of a scenario have columns for.
    pub(super) fn columns(&self, scenario: usize) -> &Columns {
        &self.columns[scenario]
    }

    /// Runs replications until there are as many as `wanted` of each scenario and strategy.
    ///
    /// # Errors
    /// [`BatchError`], for the first job that had to be given up.
    pub fn advance(&mut self, wanted: impl Fn(usize, usize) -> u32) -> Result<(), BatchError> {
        let mut jobs = Vec::new();
        for (scenario, checked) in self.scenarios.iter().enumerate() {
            let strategies = 0..checked.strategies.len();
            let wanted: Vec<u32> = strategies.clone().map(|strategy| wanted(scenario, strategy)).collect();
            // Replications outside, strategies inside: what is finished first is comparable.
            for replication in 0..wanted.iter().copied().max().unwrap_or(0) {
                let missing = strategies.clone().filter(|&strategy| {
                    replication < wanted[strategy] && replication as usize >= self.rows[scenario][strategy].len()
                });
                jobs.extend(missing.map(|strategy| Job { scenario, strategy, replication }));
            }
        }
        let rows: Vec<Row> =
            self.threads.install(|| jobs.par_iter().map(|job| self.work(*job)).collect::<Result<_, _>>())?;
        for (job, row) in jobs.iter().zip(rows) {
            self.rows[job.scenario][job.strategy].push(row);
        }
        Ok(())
    }

    fn work(&self, job: Job) -> Result<Row, BatchError> {
        let scenario = &self.scenarios[job.scenario];
        let strategy = &scenario.strategies[job.strategy];
        let place = ((self.first + job.scenario) as u32, job.replication, job.strategy as u32);
        let failed = |source| {
            let path = self.journal.map_or_else(PathBuf::new, |journal| journal.path().to_owned());
            BatchError::Journal { path, source }
        };
        if let Some(record) = self.journal.map(|journal| journal.get(place)).transpose().map_err(failed)?.flatten() {
            (self.finished)(0);
            return Ok(self.add(job, record));
        }
        let (record, simulated) = self.simulate(job)?;
        if self.twice
            && let Some(what) = record.difference(&self.simulate(job)?.0)
        {
            let (scenario, strategy) = (scenario.name.clone(), strategy.name.clone());
            return Err(BatchError::Differs { scenario, strategy, replication: job.replication, what });
        }
        if let Some(journal) = self.journal {
            journal.put(place, &record).map_err(failed)?;
        }
        (self.finished)(simulated);
        Ok(self.add(job, record))
    }

    /// Simulates a replication, and how many requests it took.
    fn simulate(&self, job: Job) -> Result<(Record, u64), BatchError> {
        let scenario = &self.scenarios[job.scenario];
        let strategy = &scenario.strategies[job.strategy];
        let seed = Seed { seed: self.seed, replication: job.replication.into() };
        let replication =
            Replication::within(scenario, strategy, seed, self.memory).map_err(|source| BatchError::Simulation {
                scenario: scenario.name.clone(),
                strategy: strategy.name.clone(),
                replication: job.replication,
                source,
            })?;
        let row = replication.row(scenario, strategy, &self.columns[job.scenario].metrics);
        let simulated = replication.simulated;
        Ok((Record { row, sums: Sums::of(replication) }, simulated))
    }

    /// Adds a replication to its strategy's sums; what is left is its row.
    fn add(&self, job: Job, record: Record) -> Row {
        let mut known = self.sums[job.scenario][job.strategy].lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *known {
            None => *known = Some(record.sums),
            Some(known) => known.add(&record.sums),
        }
        record.row
    }

    /// The results of every scenario, its warm-up checked.
    #[must_use]
    pub fn results(self) -> Vec<ScenarioResults> {
        let checks = self.scenarios.iter().map(|scenario| self.threads.install(|| warm_up::check(scenario, self.seed)));
        let checks: Vec<_> = checks.collect();
        let each = self.scenarios.iter().zip(self.columns).zip(self.rows.into_iter().zip(self.sums));
        let each = each.zip(checks);
        each.map(|(((scenario, columns), (rows, sums)), warm_up)| {
            let sums = sums.into_iter().map(|sum| sum.into_inner().unwrap_or_else(PoisonError::into_inner));
            ScenarioResults {
                warm_up,
                ..columns.results(scenario, rows, sums.collect(), (self.confidence, self.relevant))
            }
        })
        .collect()
    }
}
