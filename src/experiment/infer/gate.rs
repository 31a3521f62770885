//! Objectives as gates: what the interval of each says.

use crate::math;
use crate::metrics::{Bound, Kind, Metric};
use crate::platform::strata;
use crate::results::{Estimate, Gate, Outcome, Rollouts, Row, StrategyResults, Stratum};
use crate::scenario::{Objective, Scenario};
use crate::stats::rare;
use crate::units::Share;

/// Every objective with every strategy that it is about, in the order of the scenario. Strategies that were left out
/// of the run are left out here.
pub(in crate::experiment) fn gates(
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
            let estimate = &results[strategy].estimates[metric];
            let bound = objective.bound;
            let outcome = match taken_back(&results[strategy], metrics, metric) {
                // A rollout that was taken back took no time in which anything went live.
                share if share >= 1.0 => Outcome::Missed,
                _ if is_never_through(&results[strategy], scenario, metrics, metric, bound) => Outcome::Missed,
                share if share > 0.0 && outcome(bound, estimate) == Outcome::Met => Outcome::Undecided,
                _ => outcome(bound, estimate),
            };
            let wanted = objective.within.map(Share::as_f64);
            let rollouts = wanted.and_then(|wanted| {
                rollouts((&results[strategy].strata, &results[strategy].rows), metric, (bound, wanted), confidence)
            });
            let outcome = rollouts.map_or(outcome, |rollouts| in_rollouts(&rollouts));
            let objective = objective.name.clone();
            gates.push(Gate { objective, strategy, metric, bound, rollouts, outcome });
        }
    }
    gates
}

/// Whether no rollout was through by the end of the window, and that is later than a duration may be.
fn is_never_through(
    strategy: &StrategyResults,
    scenario: &Scenario,
    metrics: &[Metric],
    metric: usize,
    bound: Bound,
) -> bool {
    let later = matches!(bound, Bound::AtMost(most) if scenario.window.after.seconds() > most);
    let open = |row: &Row| row.censored[metric];
    let all = !strategy.rows.is_empty() && strategy.rows.iter().flatten().all(open);
    metrics[metric].kind == Kind::RolloutDuration && later && all
}

/// In which share of the rollouts a duration is absent because an alarm stopped them, or their time.
fn taken_back(strategy: &StrategyResults, metrics: &[Metric], metric: usize) -> f64 {
    if !matches!(metrics[metric].kind, Kind::RolloutDuration | Kind::OldDrained) {
        return 0.0;
    }
    let share = |kind| {
        let place = metrics.iter().position(|metric| metric.kind == kind);
        place.and_then(|place| strategy.estimates[place].mean).unwrap_or_default()
    };
    share(Kind::RolledBack) + share(Kind::TimedOut)
}

/// In which share of the rollouts a metric keeps to a bound: the exact binomial bounds of every stratum, each by its weight.
/// `None` without rollouts.
fn rollouts(
    (strata, rows): (&[Stratum], &[Vec<Row>]),
    metric: usize,
    (bound, wanted): (Bound, f64),
    confidence: f64,
) -> Option<Rollouts> {
    let keeps = |row: &Row| match (bound, row.values[metric]) {
        (_, None) => false,
        // What is known as "at least" may be more.
        (Bound::AtMost(most), Some(value)) => value <= most && !row.censored[metric],
        (Bound::AtLeast(least), Some(value)) => value >= least,
    };
    let runs = rows.len() as u32;
    if runs == 0 {
        return None;
    }
    let error = (1.0 - confidence) / strata.len() as f64;
    let mut found = Rollouts { wanted, held: 0.0, interval: (0.0, 0.0), needs: needs(wanted, error) };
    for (place, stratum) in strata.iter().enumerate() {
        let kept = rows.iter().filter(|rows| keeps(&rows[place])).count() as u32;
        let weight = stratum.weight;
        // One bound at a time: either side may err.
        let (low, high) = rare::binomial(kept, runs, 1.0 - 2.0 * error);
        found.held += weight * f64::from(kept) / f64::from(runs);
        found.interval = (found.interval.0 + weight * low, found.interval.1 + weight * high);
    }
    Some(found)
}

/// How many rollouts, all of which keep to it, an objective needs that must hold in a share of them; `None` where it is about the
/// mean, or no number would do.
#[must_use]
pub fn clean_runs(scenario: &Scenario, objective: &Objective, confidence: f64) -> Option<u64> {
    let wanted = objective.within?.as_f64();
    let named = scenario.strategies.iter().filter(|strategy| objective.strategies.contains(&strategy.name));
    let strata = named.map(|strategy| strata::of(&scenario.service, strategy, scenario.window).len());
    needs(wanted, (1.0 - confidence) / strata.max()? as f64)
}

/// How many rollouts, none of which fails, show at this error that a share of them does not; `None` where that is all of them.
#[must_use]
pub fn needs(wanted: f64, error: f64) -> Option<u64> {
    (wanted < 1.0).then(|| (math::ln(error) / math::ln(wanted)).ceil() as u64)
}

fn in_rollouts(Rollouts { wanted, interval: (low, high), .. }: &Rollouts) -> Outcome {
    match () {
        () if low >= wanted => Outcome::Met,
        () if high < wanted => Outcome::Missed,
        () => Outcome::Undecided,
    }
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
    fn a_share_of_rollouts_has_exact_bounds_and_absence_fails() {
        let row = |value, censored| vec![Row { values: vec![value], censored: vec![censored], first: 0.0 }];
        let of = |rows: Vec<Vec<Row>>, bound, wanted| {
            let strata = [Stratum { name: "all".to_owned(), weight: 1.0 }];
            rollouts((&strata, &rows), 0, (bound, wanted), 0.95).unwrap()
        };
        let (most, clean) = (Bound::AtMost(10.0), |n: usize| vec![row(Some(9.0), false); n]);
        // 99 % needs 299 clean rollouts.
        assert_eq!(of(clean(20), most, 0.99).needs, Some(299));
        let outcomes = [298, 299].map(|n| in_rollouts(&of(clean(n), most, 0.99)));
        assert_eq!(outcomes, [Outcome::Undecided, Outcome::Met]);
        let mut mixed = clean(6);
        mixed.extend([row(None, false), row(Some(9.0), true), row(Some(11.0), false), row(Some(10.0), false)]);
        let found = of(mixed.clone(), most, 0.99);
        assert_eq!((found.held, in_rollouts(&found)), (0.7, Outcome::Missed));
        assert_eq!(of(mixed, Bound::AtLeast(9.0), 0.5).held, 0.9);
        assert_eq!(of(clean(5), most, 1.0).needs, None);
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
