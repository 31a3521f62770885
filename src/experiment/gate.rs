//! Objectives as gates: what the interval of each says.

use super::estimate::of_a_whole_rollout;
use super::metrics::{Bound, Kind, Metric};
use super::results::{Estimate, Gate, Method, Outcome, StrategyResults};
use crate::scenario::Scenario;
use crate::stats::rare::{binomial, none_of};
use crate::strategy::{Forgetting, Strategy};

/// Every objective with every strategy that it is about, in the order of the scenario. Strategies that were left out
/// of the run are left out here.
pub(super) fn gates(
    scenario: &Scenario,
    results: &[StrategyResults],
    metrics: &[Metric],
    confidence: f64,
) -> Vec<Gate> {
    let mut gates = Vec::new();
    for objective in &scenario.objectives {
        let Some(metric) = metrics.iter().position(|metric| *metric == objective.metric) else { continue };
        for name in &objective.strategies {
            let Some(strategy) = results.iter().position(|strategy| strategy.name == *name) else { continue };
            let found = &results[strategy];
            let mut estimate = found.estimates[metric];
            let whole = hit_as_whole_rollouts(found, metrics, &objective.metric, &estimate, confidence);
            estimate.interval = whole.or(estimate.interval);
            let (bound, outcome) = (objective.bound, outcome(objective.bound, &estimate));
            let objective = objective.name.clone();
            gates.push(Gate { objective, strategy, metric, bound, outcome, whole });
        }
    }
    gates
}

/// The interval of a metric under a strategy that may forget routes, and did so in too few rollouts to be seen in the
/// interval as it is: besides, as many more rollouts may be hit as a whole as the exact bound of their share allows.
fn hit_as_whole_rollouts(
    found: &StrategyResults,
    metrics: &[Metric],
    metric: &Metric,
    estimate: &Estimate,
    confidence: f64,
) -> Option<(f64, f64)> {
    let hit = found.forgotten.filter(|_| fails(metric.kind))? as u32;
    let (low, high) = estimate.interval?;
    let rollouts = found.rows.len() as u32;
    // Where other events are seen too, either end may be wrong: each has half of the error.
    let (otherwise, certain) = match estimate.method {
        Method::NoneSeen => (0.0, confidence),
        _ => (high, f64::midpoint(1.0, confidence)),
    };
    let share = if hit == 0 { none_of(rollouts, certain) } else { binomial(hit, rollouts, confidence).1 };
    let whole = of_a_whole_rollout(&found.rows, metrics, metric)?;
    Some((low, otherwise * (1.0 - share) + whole * share))
}

/// Whether chance may hit a whole rollout at once, so that its failures say nothing of their number elsewhere.
pub(super) fn hit_as_a_whole(strategy: &Strategy) -> bool {
    matches!(strategy.rollout.forgetting(), Some(Forgetting::Chance(share)) if !share.is_zero())
}

/// Whether a forgotten route adds to a metric.
pub(super) const fn fails(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Mismatched
            | Kind::MismatchedShare
            | Kind::MismatchedAhead
            | Kind::MismatchedBehind
            | Kind::Incompatible
            | Kind::IncompatibleShare
            | Kind::NearMisses
            | Kind::NearMissesShare
            | Kind::Lost
            | Kind::LostShare
            | Kind::Unserved
            | Kind::UnservedShare
            | Kind::Failed
            | Kind::FailedIncompatible
            | Kind::Retried
    )
}

/// Met or missed where the whole interval lies on one side of the bound. A mean that was cut short is "at least": it
/// can miss an upper bound and meet a lower one, never the reverse.
fn outcome(bound: Bound, estimate: &Estimate) -> Outcome {
    let Some((low, high)) = estimate.interval else { return Outcome::Undecided };
    let high = if estimate.censored > 0 { f64::INFINITY } else { high };
    match bound {
        Bound::AtMost(most) if high <= most => Outcome::Met,
        Bound::AtMost(most) if low > most => Outcome::Missed,
        Bound::AtLeast(least) if low >= least => Outcome::Met,
        Bound::AtLeast(least) if high < least => Outcome::Missed,
        _ => Outcome::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_interval_decides() {
        let of = |bound, interval: Option<(f64, f64)>, censored| {
            outcome(bound, &Estimate { mean: Some(5.0), interval, censored, ..Estimate::default() })
        };
        let (most, least) = (Bound::AtMost, Bound::AtLeast);
        assert_eq!(of(most(6.0), Some((4.0, 6.0)), 0), Outcome::Met);
        assert_eq!(of(most(5.5), Some((4.0, 6.0)), 0), Outcome::Undecided);
        assert_eq!(of(most(3.9), Some((4.0, 6.0)), 0), Outcome::Missed);
        assert_eq!(of(least(4.0), Some((4.0, 6.0)), 0), Outcome::Met);
        assert_eq!(of(least(6.1), Some((4.0, 6.0)), 0), Outcome::Missed);
        assert_eq!(of(most(9.0), None, 0), Outcome::Undecided, "one replication decides nothing");
    }

    #[test]
    fn at_least_is_no_upper_end() {
        let of = |bound| {
            outcome(
                bound,
                &Estimate { mean: Some(5.0), interval: Some((4.0, 6.0)), censored: 1, ..Estimate::default() },
            )
        };
        assert_eq!(of(Bound::AtMost(9.0)), Outcome::Undecided);
        assert_eq!(of(Bound::AtMost(3.0)), Outcome::Missed);
        assert_eq!(of(Bound::AtLeast(3.0)), Outcome::Met);
        assert_eq!(of(Bound::AtLeast(9.0)), Outcome::Undecided);
    }
}
