//! A batch under way: replications are added to it, as many as are wanted of each strategy, spread over the threads.

mod columns;
pub(super) mod describe;
pub mod journal;
mod record;
mod summarise;

use super::infer::disaster::Worst;
use super::infer::known::Known;
use super::infer::sample::Sample;
use super::replicate::begun::Begun;
use super::settings::{BatchError, Room, Settings};
use super::warm_up;
use crate::ids::Version;
use crate::platform::strata::{self, Way};
use crate::platform::{Fate, SimulationError};
use crate::random::Seed;
use crate::results::{Row, ScenarioResults};
use crate::scenario::{Scenario, WarmUp};
use crate::strategy::{Alarm, On, Watched};
use columns::{Columns, Simulated};
use journal::{Journal, Place};
use rayon::ThreadPool;
use rayon::prelude::*;
use record::Record;
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use summarise::Sums;

/// What jobs tell as they finish, from whichever thread ran them.
pub type Finished<'a> = &'a (dyn Fn(Done) + Sync);

/// A job that has finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    /// The requests that it simulated; 0 where it was kept in the journal.
    pub requests: u64,
    /// Whether in another stratum than the likeliest.
    pub extra: bool,
}

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
    /// By scenario and strategy.
    strata: Vec<Vec<Strata>>,
    /// By scenario and strategy.
    known: Vec<Vec<Known>>,
    /// By scenario, strategy and stratum. Sums over replications are whole numbers, so that the order in which jobs add to
    /// them does not matter.
    sums: Vec<Vec<Vec<Mutex<Option<Sums>>>>>,
    /// By scenario, strategy, replication and stratum.
    rows: Vec<Vec<Vec<Vec<Row>>>>,
    threads: ThreadPool,
    room: Room,
}

/// The strata of a strategy, and their weights.
struct Strata {
    ways: Vec<Way>,
    weights: Vec<f64>,
}

/// One replication of one strategy in one stratum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Job {
    scenario: usize,
    strategy: usize,
    replication: u32,
    stratum: usize,
}

/// What makes warm-ups the same: what serves where, the requests, and the alarms that see them.
type Beginning<'a> = ((Version, On, Option<u32>), Fate, Vec<&'a Alarm>);

/// Jobs of one replication that have their warm-up in common.
type Group = Vec<Job>;

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
        let (threads, room) = settings.pool(scenarios)?;
        let of = |scenario: &Scenario| -> Vec<Strata> {
            let of = |strategy| strata::of(&scenario.service, strategy, scenario.window);
            let ways = scenario.strategies.iter().map(of);
            ways.map(|ways| Strata { weights: ways.iter().map(|way| way.stratum.weight).collect(), ways }).collect()
        };
        let strata: Vec<_> = scenarios.iter().map(of).collect();
        let columns: Vec<_> = scenarios.iter().map(Columns::new).collect();
        let known = |(scenario, columns): (&Scenario, &Columns)| {
            let each = scenario.strategies.par_iter();
            let known = each.map(|strategy| match settings.exact {
                true => Known::new(scenario, strategy, &columns.metrics),
                false => Known::nothing(&columns.metrics),
            });
            known.map(|known| Known { stops: settings.precision.is_some(), ..known }).collect()
        };
        let known = threads.install(|| scenarios.par_iter().zip(&columns).map(known).collect());
        let nothing = |strata: &Strata| strata.ways.iter().map(|_| Mutex::new(None)).collect();
        Ok(Self {
            scenarios,
            seed: settings.seed,
            confidence: settings.confidence,
            relevant: settings.relevant,
            twice: settings.twice,
            journal,
            first: 0,
            finished,
            columns,
            known,
            sums: strata.iter().map(|of| of.iter().map(nothing).collect()).collect(),
            strata,
            rows: scenarios.iter().map(|scenario| vec![Vec::new(); scenario.strategies.len()]).collect(),
            threads,
            room,
        })
    }

    /// The same batch, as a part of a larger run in whose journal its scenarios stand from place `first` on.
    #[must_use]
    pub const fn from_place(mut self, first: usize) -> Self {
        self.first = first;
        self
    }

    /// The replications of one strategy so far.
    pub(in crate::experiment) fn sample(&self, scenario: usize, strategy: usize) -> Sample<'_> {
        let (rows, weights) = (&self.rows[scenario][strategy], &self.strata[scenario][strategy].weights);
        let (metrics, known) = (&self.columns[scenario].metrics, &self.known[scenario][strategy]);
        Worst::new(&self.scenarios[scenario]).sample(rows, weights, metrics, known)
    }

    /// What the rows of a scenario have columns for.
    pub(in crate::experiment) fn columns(&self, scenario: usize) -> &Columns {
        &self.columns[scenario]
    }

    /// Runs replications until there are as many as `wanted` of each scenario and strategy.
    ///
    /// # Errors
    /// [`BatchError`], for the first job that had to be given up.
    pub fn advance(&mut self, wanted: impl Fn(usize, usize) -> u32) -> Result<(), BatchError> {
        let mut groups = Vec::new();
        for (scenario, checked) in self.scenarios.iter().enumerate() {
            let strategies = 0..checked.strategies.len();
            let wanted: Vec<u32> = strategies.clone().map(|strategy| wanted(scenario, strategy)).collect();
            // Replications outside, strategies inside: what is finished first is comparable.
            for replication in 0..wanted.iter().copied().max().unwrap_or(0) {
                let missing = strategies.clone().filter(|&strategy| {
                    replication < wanted[strategy] && replication as usize >= self.rows[scenario][strategy].len()
                });
                let each = |strategy: usize| {
                    let strata = 0..self.strata[scenario][strategy].ways.len();
                    strata.map(move |stratum| Job { scenario, strategy, replication, stratum })
                };
                groups.extend(self.groups(missing.flat_map(each).collect()));
            }
        }
        if groups.len() < self.threads.current_num_threads() {
            // Rather a warm-up twice than a thread idle.
            groups = groups.into_iter().flatten().map(|job| vec![job]).collect();
        }
        let work = || groups.par_iter().map(|group| self.work(group)).collect::<Result<Vec<_>, _>>();
        let mut rows: Vec<(Job, Row)> = self.threads.install(work)?.into_iter().flatten().collect();
        rows.sort_by_key(|(job, _)| *job);
        for (job, row) in rows {
            let of = &mut self.rows[job.scenario][job.strategy];
            of.resize_with(job.replication as usize + 1, Vec::new);
            of[job.replication as usize].push(row);
        }
        Ok(())
    }

    /// The jobs of one replication by the warm-up that they have in common: of one version, under the same requests, seen by the
    /// same alarms.
    fn groups(&self, jobs: Vec<Job>) -> Vec<Group> {
        if !self.room.forks {
            return jobs.into_iter().map(|job| vec![job]).collect();
        }
        let mut groups: Vec<(Beginning<'_>, Group)> = Vec::new();
        for job in jobs {
            let strategy = &self.scenarios[job.scenario].strategies[job.strategy];
            let traffic = self.fate(job).traffic();
            let alarms: Vec<_> =
                strategy.alarms().map(|(alarm, _)| alarm).filter(|alarm| alarm.watches == Watched::All).collect();
            let warm_up = (strategy.begins_with(), traffic, alarms);
            match groups.iter_mut().find(|(known, _)| *known == warm_up) {
                Some((_, group)) => group.push(job),
                None => groups.push((warm_up, vec![job])),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    fn seed(&self, job: Job) -> Seed {
        Seed { seed: self.seed, replication: job.replication.into() }
    }

    /// What is taken as given in a job.
    fn fate(&self, job: Job) -> Cow<'_, Fate> {
        self.strata[job.scenario][job.strategy].ways[job.stratum].fate(self.seed(job))
    }

    fn work(&self, group: &[Job]) -> Result<Vec<(Job, Row)>, BatchError> {
        let failed = |source| {
            let path = self.journal.map_or_else(PathBuf::new, |journal| journal.path().to_owned());
            BatchError::Journal { path, source }
        };
        let mut rows = Vec::with_capacity(group.len());
        let mut missing = Vec::new();
        for &job in group {
            match self.journal.map(|journal| journal.get(self.place(job))).transpose().map_err(failed)?.flatten() {
                Some(record) => {
                    (self.finished)(Done { requests: 0, extra: job.stratum > 0 });
                    rows.push((job, self.add(job, record)));
                }
                None => missing.push(job),
            }
        }
        self.simulate(&missing, |job, record, simulated| {
            if self.twice {
                self.compare(job, &record)?;
            }
            if let Some(journal) = self.journal {
                journal.put(self.place(job), &record).map_err(failed)?;
            }
            (self.finished)(Done { requests: simulated, extra: job.stratum > 0 });
            rows.push((job, self.add(job, record)));
            Ok(())
        })?;
        Ok(rows)
    }

    /// Simulates a job anew from the start, and compares it with what was found.
    fn compare(&self, job: Job, found: &Record) -> Result<(), BatchError> {
        self.simulate(&[job], |_, again, _| match found.difference(&again) {
            None => Ok(()),
            Some(what) => {
                let Job { replication, .. } = job;
                let [scenario, strategy] = self.names(job);
                Err(BatchError::Differs { scenario, strategy, replication, what })
            }
        })
    }

    /// Simulates jobs that have their warm-up in common; `done` gets each one's record, and how many requests it took.
    fn simulate(
        &self,
        jobs: &[Job],
        mut done: impl FnMut(Job, Record, u64) -> Result<(), BatchError>,
    ) -> Result<(), BatchError> {
        let Some(&first) = jobs.first() else { return Ok(()) };
        let of = |job: Job| {
            let scenario = &self.scenarios[job.scenario];
            (scenario, &scenario.strategies[job.strategy], self.fate(job))
        };
        let given_up = |job: Job| {
            let [scenario, strategy] = self.names(job);
            let replication = job.replication;
            move |source: SimulationError| BatchError::Simulation { scenario, strategy, replication, source }
        };
        let (scenario, strategy, fate) = of(first);
        let begun = Begun::new(scenario, strategy, (self.seed(first), &fate), self.room.each, ());
        let begun = begun.map_err(given_up(first))?;
        let before = begun.arrived();
        let mut begun = Some(begun);
        for (place, &job) in jobs.iter().enumerate() {
            let copy = if place + 1 < jobs.len() { begun.clone() } else { begun.take() };
            let Some(copy) = copy else { return Ok(()) };
            let (scenario, strategy, fate) = of(job);
            let (replication, ()) = copy.end(scenario, strategy, &fate).map_err(given_up(job))?;
            let row = replication.row(scenario, strategy, &self.columns[job.scenario].metrics);
            let simulated = replication.simulated - if place > 0 { before } else { 0 };
            done(job, Record { row, sums: Sums::of(replication, &scenario.service.sources) }, simulated)?;
        }
        Ok(())
    }

    /// The names of a job's scenario and strategy.
    fn names(&self, job: Job) -> [String; 2] {
        let scenario = &self.scenarios[job.scenario];
        [scenario.name.clone(), scenario.strategies[job.strategy].name.clone()]
    }

    /// Where a job stands in the journal.
    const fn place(&self, job: Job) -> Place {
        ((self.first + job.scenario) as u32, job.replication, job.strategy as u32, job.stratum as u32)
    }

    /// Adds a replication to its strategy's sums; what is left is its row.
    fn add(&self, job: Job, record: Record) -> Row {
        let sums = &self.sums[job.scenario][job.strategy][job.stratum];
        let mut known = sums.lock().unwrap_or_else(PoisonError::into_inner);
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
        let of_strategies = self.strata.into_iter().zip(self.known).zip(self.rows.into_iter().zip(self.sums));
        let each = self.scenarios.iter().zip(self.columns).zip(of_strategies).zip(checks);
        each.map(|(((scenario, columns), ((strata, known), (rows, sums))), warm_up)| {
            let of_strategies = strata.into_iter().zip(known).zip(rows.into_iter().zip(sums));
            let of_strategies = of_strategies.map(|((strata, known), (rows, sums))| {
                let sums = sums.into_iter().map(|sum| sum.into_inner().unwrap_or_else(PoisonError::into_inner));
                let strata = strata.ways.into_iter().map(|way| way.stratum).collect();
                Simulated { strata, rows, sums: sums.collect(), known }
            });
            ScenarioResults {
                warm_up,
                ..columns.results(scenario, of_strategies.collect(), (self.confidence, self.relevant))
            }
        })
        .collect()
    }
}
