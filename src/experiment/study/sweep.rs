//! Sweeps: the same scenario at many points, each with some keys varied, on the same chance.

use crate::experiment::batch::journal::Journal;
use crate::experiment::batch::{Batch, Finished};
use crate::experiment::settings::{BatchError, Settings};
use crate::results::Timeline;
use crate::results::sweep::PointResults;
use crate::scenario::Scenario;

/// A scenario with some of its keys varied.
#[derive(Clone, Debug)]
pub struct Point {
    /// The values of the varied keys, as they were written.
    pub values: Vec<String>,
    /// The scenario with these values.
    pub scenario: Scenario,
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
