//! Precision on demand: replications are added until every interval is narrow enough.
//!
//! The rule is Chow and Robbins' (Annals of Mathematical Statistics 1965) with Student's quantiles: stop at the first
//! look at which every strategy's half-width is at most what is wanted. It looks after 20 replications, then after ten more
//! or a tenth more, in index order, at the same number for all strategies, so that they stay paired. A relative width r is
//! asked of the estimate as r / (1 + r), so that it holds of the true value (Nadas, Annals of Mathematical Statistics
//! 1969; Law, Simulation Modeling and Analysis, section 9.4.1). Looking repeatedly costs a little coverage;
//! `docs/statistics.md` says how much.

use super::batch::Batch;
use super::infer::estimate;
use super::settings::{BatchError, FIRST, Goal, Precision, Width, next_look};
use crate::metrics::Metric;
use crate::results::{Estimate, Reached, ScenarioResults};
use crate::scenario::Scenario;

/// Runs until the goals are reached in every scenario, each for itself.
pub(super) fn run(
    batch: &mut Batch<'_>,
    scenarios: &[Scenario],
    precision: &Precision,
    confidence: f64,
) -> Result<(), BatchError> {
    let mut wanted = vec![FIRST.min(precision.most); scenarios.len()];
    loop {
        batch.advance(|scenario, _| wanted[scenario])?;
        let mut done = true;
        for (place, scenario) in scenarios.iter().enumerate() {
            if wanted[place] >= precision.most {
                continue;
            }
            let narrow = (0..scenario.strategies.len()).all(|strategy| {
                let sample = batch.sample(place, strategy);
                let estimate = |metric| estimate::estimate(sample, metric, confidence);
                let known = |goal: &Goal| column(goal, sample.metrics()).map(estimate).unwrap_or_default();
                precision.goals.iter().all(|goal| is_narrow(goal, known(goal)))
            });
            if !narrow {
                wanted[place] = next_look(wanted[place]).min(precision.most);
                done = false;
            }
        }
        if done {
            return Ok(());
        }
    }
}

/// The goals in a scenario's results: whether each is reached, and under which strategy the interval is widest.
pub(super) fn reached(precision: &Precision, results: &ScenarioResults) -> Vec<Reached> {
    let goal = |goal: &Goal| {
        let each = results.strategies.iter().enumerate();
        let open: Vec<usize> = each
            .filter(|(_, strategy)| {
                let known = column(goal, &results.metrics).map(|metric| strategy.estimates[metric]);
                !is_narrow(goal, known.unwrap_or_default())
            })
            .map(|(place, _)| place)
            .collect();
        let (relative, width) = match goal.width {
            Width::Relative(width) => (true, width),
            Width::Absolute(width) => (false, width),
        };
        Reached { metric: goal.metric.key(), relative, width, open }
    };
    precision.goals.iter().map(goal).collect()
}

fn column(goal: &Goal, metrics: &[Metric]) -> Option<usize> {
    metrics.iter().position(|metric| *metric == goal.metric)
}

/// Whether an interval is narrow enough; what is absent is no wider than wanted.
fn is_narrow(goal: &Goal, estimate: Estimate) -> bool {
    let (Some(mean), Some((low, high))) = (estimate.mean, estimate.interval) else { return estimate.mean.is_none() };
    let half = (high - mean).max(mean - low);
    match goal.width {
        Width::Relative(width) => half <= width / (1.0 + width) * mean.abs(),
        Width::Absolute(width) => half <= width,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Kind;

    fn narrow(width: Width, mean: f64, interval: (f64, f64)) -> bool {
        let goal = Goal { metric: Metric { kind: Kind::Incompatible, version: None }, width };
        is_narrow(&goal, Estimate { mean: Some(mean), interval: Some(interval), ..Estimate::default() })
    }

    #[test]
    fn the_wider_side_of_an_interval_counts() {
        assert!(narrow(Width::Absolute(2.0), 10.0, (9.0, 12.0)));
        assert!(!narrow(Width::Absolute(1.9), 10.0, (9.0, 12.0)));
        // 5 % of the true value is 4.76 % of the estimate.
        assert!(narrow(Width::Relative(0.05), 100.0, (95.3, 104.7)));
        assert!(!narrow(Width::Relative(0.05), 100.0, (95.2, 104.8)));
    }

    #[test]
    fn never_seen_is_never_known_relatively() {
        assert!(!narrow(Width::Relative(0.5), 0.0, (0.0, 0.1)));
        assert!(narrow(Width::Absolute(0.1), 0.0, (0.0, 0.1)));
    }
}
