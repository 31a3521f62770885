//! A finished run as its folder tells it: as much of it as a comparison needs.

use super::super::{Outcome, Row, Stratum};
use crate::metrics::{Bound, Metric};

/// A finished run as its folder tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// The version of the program that wrote it.
    pub version: String,
    /// The seed of the batch.
    pub seed: u64,
    /// The confidence of every interval, as a share.
    pub confidence: f64,
    /// The scenarios, in its order.
    pub scenarios: Vec<RecordedScenario>,
}

/// One scenario of a finished run.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedScenario {
    /// Its name.
    pub name: String,
    /// The hash of everything the figures follow from.
    pub hash: String,
    /// The text of its file; `None` where an older program did not record it.
    pub source: Option<String>,
    /// What the command line changed, as it was typed; `None` likewise.
    pub overrides: Option<Vec<String>>,
    /// How many seconds before and after t = 0 were simulated.
    pub window_s: (f64, f64),
    /// Whether the replications decided how many there are.
    pub stopped: bool,
    /// The sentence of its verdict.
    pub verdict: String,
    /// The strategies that the figures favour.
    pub favoured: Vec<String>,
    /// The objectives, each under one strategy.
    pub objectives: Vec<Objective>,
    /// The metrics, in the order of every row.
    pub metrics: Vec<Metric>,
    /// Keys of metrics that this program does not know.
    pub unknown: Vec<String>,
    /// The strategies, in its order.
    pub strategies: Vec<RecordedStrategy>,
}

/// One strategy of a finished run.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedStrategy {
    /// Its name.
    pub name: String,
    /// The strata of each replication, in the order of its rows.
    pub strata: Vec<Stratum>,
    /// By replication: one row a stratum. Which values were cut short is not recorded row by row.
    pub rows: Vec<Vec<Row>>,
    /// What the run told of each metric, in the order of the metrics.
    pub told: Vec<Told>,
}

/// What a run told of a figure.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Told {
    /// The mean; `None` where the metric is absent.
    pub mean: Option<f64>,
    /// Its interval at the confidence of that run, by itself.
    pub interval: Option<(f64, f64)>,
    /// How many replications have a value.
    pub replications: u32,
    /// How many of them are only known as "at least".
    pub censored: u32,
    /// Whether the mean is known without chance.
    pub exact: bool,
    /// Of events: in which share of the rollouts any may be seen; `None` where no events are counted, or some were seen.
    pub unseen: Option<f64>,
}

/// An objective under one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct Objective {
    /// Its name.
    pub name: String,
    /// The strategy.
    pub strategy: String,
    /// The metric's key.
    pub metric: String,
    /// What was wanted.
    pub bound: Bound,
    /// What came of it.
    pub outcome: Outcome,
}
