//! How a batch is run, and why it may be given up.

use crate::cure::cure;
use crate::metrics::Metric;
use crate::platform::SimulationError;
use crate::scenario::{Foreseen, MEMORY, Scenario};
use crate::shown;
use crate::units::Bytes;
use rayon::ThreadPool;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// How a batch is run.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The seed of every draw.
    pub seed: u64,
    /// The confidence of every interval, as a share in (0, 1).
    pub confidence: f64,
    /// The part of the better value below which a difference between strategies does not count.
    pub relevant: f64,
    /// How many threads; `None` for one a core.
    pub threads: Option<usize>,
    /// The memory that the run may take; what is left of it besides the results is shared by the threads.
    pub memory: Bytes,
    /// When to stop, in place of the scenarios' own numbers of replications.
    pub precision: Option<Precision>,
    /// Whether means that are known exactly are told instead of estimated, and used where they help to estimate others.
    pub exact: bool,
    /// Whether every replication is simulated twice and compared: two that differ are a defect, of cutover or the machine.
    pub twice: bool,
}

/// A difference of less than this part of the better value does not count, unless told otherwise.
pub const RELEVANT: f64 = 0.05;

impl Default for Settings {
    fn default() -> Self {
        let (threads, precision, twice) = (None, None, false);
        Self { seed: 1, confidence: 0.95, relevant: RELEVANT, threads, memory: MEMORY, precision, exact: true, twice }
    }
}

impl Settings {
    /// Whether these scenarios may be run together.
    ///
    /// # Errors
    /// [`BatchError::Memory`], where with one replication at a time they take more than there is.
    pub fn fits(&self, scenarios: &[Scenario]) -> Result<(), BatchError> {
        self.shared(scenarios).map(|_| ())
    }

    /// The threads for the replications of these scenarios, as many as there is memory for, and the memory of each.
    ///
    /// # Errors
    /// As [`Settings::fits`]; [`BatchError::Threads`].
    pub(super) fn pool(&self, scenarios: &[Scenario]) -> Result<(ThreadPool, Room), BatchError> {
        let (threads, room) = self.shared(scenarios)?;
        Ok((rayon::ThreadPoolBuilder::new().num_threads(threads).build()?, room))
    }

    fn shared(&self, scenarios: &[Scenario]) -> Result<(usize, Room), BatchError> {
        let foreseen: Vec<_> = scenarios.iter().map(Foreseen::of).collect();
        let results: u64 = foreseen.iter().map(|foreseen| foreseen.results.0).sum();
        let largest = foreseen.iter().map(|foreseen| foreseen.replication.0).max().unwrap_or(0);
        let left = self.memory.0.saturating_sub(results);
        if left < largest {
            return Err(BatchError::Memory { needed: Bytes(results.saturating_add(largest)), memory: self.memory });
        }
        let fits = usize::try_from(left / largest.max(1)).unwrap_or(usize::MAX);
        let threads = fits.clamp(1, self.threads.unwrap_or_else(rayon::current_num_threads));
        let each = left / threads as u64;
        // What begins a replication is kept while copies of it go on, one after the other.
        let forks = each / 2 >= largest;
        Ok((threads, Room { each: Bytes(if forks { each / 2 } else { each }), forks }))
    }
}

/// The memory of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Room {
    /// What the state of one replication may take.
    pub(super) each: Bytes,
    /// Whether there is room for two, so that a warm-up is simulated once for all strategies that share it.
    pub(super) forks: bool,
}

/// After how many replications a precision is first looked at.
pub const FIRST: u32 = 20;

/// How many replications are looked at next after so many: ten more, or a tenth, so that all looks together cost little more
/// than the last.
#[must_use]
pub(super) const fn next_look(runs: u32) -> u32 {
    runs + if runs > 100 { runs / 10 } else { 10 }
}

/// How narrow intervals must become, and when to give up.
#[derive(Clone, PartialEq, Debug)]
pub struct Precision {
    /// What is wanted; all of it.
    pub goals: Vec<Goal>,
    /// How many replications at most; at least [`FIRST`].
    pub most: u32,
}

/// How narrow the interval of one metric must become, under every strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct Goal {
    /// The metric.
    pub metric: Metric,
    /// The half-width wanted.
    pub width: Width,
}

/// A half-width of an interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Width {
    /// As a share of the true value.
    Relative(f64),
    /// In the metric's own unit.
    Absolute(f64),
}

/// As it is asked for: `served=5%` or `incompatible_share=0.000001`.
impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.width {
            // Without the hair that a product leaves.
            Width::Relative(share) => write!(f, "{}={}%", self.metric.key(), (share * 1e12).round() / 1e10),
            Width::Absolute(width) => write!(f, "{}={width}", self.metric.key()),
        }
    }
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
    /// The same replication was not the same a second time.
    #[error(
        "{scenario}, strategy {strategy}, replication {replication}: simulated twice, and {what} differ; this is a defect, of \
         cutover or of this machine: report it with the scenario"
    )]
    Differs {
        /// The scenario's name.
        scenario: String,
        /// The strategy's name.
        strategy: String,
        /// The replication's number, from 0.
        replication: u32,
        /// What is not the same.
        what: &'static str,
    },
    /// What was finished cannot be put down or read again.
    #[error("cannot use {}: {source}; what was finished is kept: {} and go on with --resume", shown::path(.path), cure(.source))]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A scenario's warm-up is `auto`, and its length was not looked for.
    #[error("{0}: `warm_up = \"auto\"` must be found before it is run (experiment::warm_up::find)")]
    WarmUp(String),
    /// The results of all scenarios together need more memory than there may be.
    #[error(
        "these scenarios together take about {needed} of memory, and {memory} is allowed; run them apart, or allow more by \
         --memory {}", .needed.rounded_up()
    )]
    Memory {
        /// With one replication at a time.
        needed: Bytes,
        /// What is allowed.
        memory: Bytes,
    },
    /// The threads cannot be started.
    #[error("the threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}
