//! Objectives as gates: what the interval of each says.

use crate::metrics::{Bound, Kind, Metric};
use crate::results::{Estimate, Gate, Outcome, StrategyResults};
use crate::scenario::Scenario;

/// Every objective with every strategy that it is about, in the order of the scenario. Strategies that were left out
/// of the run are left out here.
pub(in crate::experiment) fn gates(scenario: &Scenario, results: &[StrategyResults], metrics: &[Metric]) -> Vec<Gate> {
    let mut gates = Vec::new();
    for objective in &scenario.objectives {
        let Some(metric) = metrics.iter().position(|metric| *metric == objective.metric) else { continue };
        for name in &objective.strategies {
            let Some(strategy) = results.iter().position(|strategy| strategy.name == *name) else { continue };
            let estimate = &results[strategy].estimates[metric];
            let bound = objective.bound;
            let outcome = match taken_back(&results[strategy], metrics, metric) {
                // A rollout that was taken back took no time in which anything went live.
                share if share >= 1.0 => Outcome::Missed,
                share if share > 0.0 && outcome(bound, estimate) == Outcome::Met => Outcome::Undecided,
                _ => outcome(bound, estimate),
            };
            let objective = objective.name.clone();
            gates.push(Gate { objective, strategy, metric, bound, outcome });
        }
    }
    gates
}

/// In which share of the rollouts a duration is absent because an alarm stopped them.
fn taken_back(strategy: &StrategyResults, metrics: &[Metric], metric: usize) -> f64 {
    if !matches!(metrics[metric].kind, Kind::RolloutDuration | Kind::OldDrained) {
        return 0.0;
    }
    let place = metrics.iter().position(|metric| metric.kind == Kind::RolledBack);
    place.and_then(|place| strategy.estimates[place].mean).unwrap_or_default()
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
