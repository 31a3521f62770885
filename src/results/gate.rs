//! What was asked of the figures, and what became of it: objectives and precisions.

use crate::metrics::Bound;
use std::fmt;

/// An objective and one strategy that it is about.
#[derive(Clone, PartialEq, Debug)]
pub struct Gate {
    /// The objective's name.
    pub objective: String,
    /// The strategy's place.
    pub strategy: usize,
    /// The metric's place in [`ScenarioResults::metrics`](super::ScenarioResults::metrics).
    pub metric: usize,
    /// What is wanted.
    pub bound: Bound,
    /// How the rollouts did one by one, where a share of them must keep to it.
    pub rollouts: Option<Rollouts>,
    /// What the interval says.
    pub outcome: Outcome,
}

/// In which share of the rollouts something holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rollouts {
    /// The share that is wanted.
    pub wanted: f64,
    /// The share in which it did.
    pub held: f64,
    /// A bound below that share, and one above it: each holds with the confidence of the run.
    pub interval: (f64, f64),
    /// How many replications, none of which fails, show the share that is wanted; `None` where it is all of them.
    pub needs: Option<u64>,
}

/// What an interval says of an objective.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It keeps to the bound as a whole.
    Met,
    /// It lies beyond the bound as a whole.
    Missed,
    /// It holds the bound, or there is none.
    Undecided,
}

/// A precision that was asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Reached {
    /// The metric's key.
    pub metric: String,
    /// Whether the half-width is a share of the value, or in the metric's unit.
    pub relative: bool,
    /// The half-width wanted.
    pub width: f64,
    /// The places of the strategies whose interval is still wider; empty where it is reached.
    pub open: Vec<usize>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
        })
    }
}
