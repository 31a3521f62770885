//! What is asked of a selection.

use crate::experiment::metrics::{Bound, Metric};

/// What is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// The metric that is to be best; it has a direction.
    pub metric: Metric,
    /// A difference that does not matter, in the metric's unit; above zero.
    pub indifference: f64,
    /// What a strategy must keep to in order to be chosen.
    pub constraints: Vec<Constraint>,
    /// How many replications of a strategy at most.
    pub most: u32,
}

/// What the mean of a metric must keep to.
#[derive(Clone, PartialEq, Debug)]
pub struct Constraint {
    /// The metric.
    pub metric: Metric,
    /// The bound, in the metric's unit.
    pub bound: Bound,
    /// How near the bound a mean may be taken either way, in the metric's unit; above zero.
    pub tolerance: f64,
}

impl Constraint {
    /// The bound's value.
    #[must_use]
    pub const fn at(&self) -> f64 {
        match self.bound {
            Bound::AtMost(at) | Bound::AtLeast(at) => at,
        }
    }
}
