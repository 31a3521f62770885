//! The results of a sweep.

use super::ScenarioResults;
use crate::metrics::Metric;

/// The results of a sweep.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The seed of all points.
    pub seed: u64,
    /// The confidence of every interval, as a share.
    pub confidence: f64,
    /// The keys that were varied.
    pub keys: Vec<String>,
    /// The metric that the chart and the summary show.
    pub metric: Metric,
    /// One entry a point, in the order of the grid: the last key varies fastest.
    pub points: Vec<PointResults>,
}

/// The results at one point, without timeline and rows.
#[derive(Clone, Debug)]
pub struct PointResults {
    /// The values of the varied keys.
    pub values: Vec<String>,
    /// What came out.
    pub results: ScenarioResults,
}
