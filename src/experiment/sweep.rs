//! Sweeps: the same scenario at many points, each with some keys varied, on the same chance.

use super::batch::{Batch, Finished};
use super::journal::Journal;
use super::metrics::Metric;
use super::results::{ScenarioResults, Timeline};
use super::settings::{BatchError, Settings};
use crate::scenario::Scenario;

/// A scenario with some of its keys varied.
#[derive(Clone, Debug)]
pub struct Point {
    /// The values of the varied keys, as they were written.
    pub values: Vec<String>,
    /// The scenario with these values.
    pub scenario: Scenario,
}

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

/// Runs every point, one after the other, so that memory does not grow with their number.
///
/// # Errors
/// [`BatchError`], for the first job that had to be given up.
pub fn run(
    points: &[Point],
    settings: &Settings,
    journal: Option<&Journal>,
    finished: Finished<'_>,
) -> Result<Vec<PointResults>, BatchError> {
    let each = points.iter().enumerate().map(|(place, point)| {
        let scenario = std::slice::from_ref(&point.scenario);
        let mut batch = Batch::new(scenario, settings, journal, finished)?.from_place(place);
        batch.advance(|_, _| point.scenario.replications)?;
        let results = batch.results().into_iter().map(|mut results| {
            for strategy in &mut results.strategies {
                strategy.timeline = Timeline::default();
                strategy.rows = Vec::new();
            }
            PointResults { values: point.values.clone(), results }
        });
        Ok(results.collect::<Vec<_>>())
    });
    Ok(each.collect::<Result<Vec<_>, BatchError>>()?.into_iter().flatten().collect())
}
