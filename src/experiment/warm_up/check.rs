//! The warm-up of a run, checked: is it long enough, and if not, how long must it be?

use super::compare::{Compared, Comparison, MOST_PAIRS, round_up};
use crate::results::{Settled, WarmUpCheck};
use crate::scenario::{Scenario, WarmUp};
use crate::time::Span;

/// A check is to cost little: no more than this part of the run.
const PART: f64 = 0.25;
/// But so many requests it may simulate whatever the run has.
const ALWAYS: f64 = 1e7;
/// A difference that no length mends is told only if it is this part of the level.
const CREEPING: f64 = 0.1;
/// How many longer lengths are tried.
const TRIED: usize = 7;

/// Checks the warm-up of a scenario. The answer follows from the scenario and the seed. `None` where there is no warm-up,
/// a pilot run had to be given up, or the check would cost much of the run.
#[must_use]
pub fn check(scenario: &Scenario, seed: u64) -> Option<WarmUpCheck> {
    let length = scenario.window.warm_up;
    let comparisons = Comparison::all(scenario, seed);
    let budget = (requests(scenario) * PART).max(ALWAYS) / comparisons.len() as f64;
    if length == Span::ZERO {
        return None;
    }
    let found = comparisons.iter().map(|comparison| {
        let pairs = comparison.affordable(length, budget)?;
        Some((comparison, comparison.of(length, pairs.min(MOST_PAIRS)).ok()?))
    });
    let found: Vec<_> = found.collect::<Option<_>>()?;
    let with = |verdict| found.iter().find(|(_, compared)| compared.verdict == verdict);
    let (comparison, compared) = with(Settled::No).or_else(|| with(Settled::Open)).or_else(|| found.first())?;
    let Compared { instances, settled, difference, pairs, verdict } = *compared;
    let cure = (verdict == Settled::No).then(|| enough(comparison, length, budget)).flatten();
    let told = if cure.is_none() && comparison.knows_the_past() { without_cure(compared) } else { verdict };
    Some(WarmUpCheck {
        auto: scenario.warm_up == WarmUp::Found,
        settled: told,
        all_instances: comparison.memory.reclaims,
        instances,
        instances_settled: settled,
        difference,
        pairs,
        enough: cure,
    })
}

/// What is told where no length mends it. Where idle instances take turns, none is idle for long, and their number
/// grows for ever, a little with every doubling of time: a warning would only annoy.
fn without_cure(compared: &Compared) -> Settled {
    let creeps = (compared.instances - compared.settled).abs() < CREEPING * compared.settled;
    if compared.verdict == Settled::No && creeps { Settled::Open } else { compared.verdict }
}

/// About how many requests the run itself simulates.
fn requests(scenario: &Scenario) -> f64 {
    let (start, end) = (scenario.window.start(), scenario.window.end());
    let each: f64 = scenario.service.sources.iter().map(|source| source.arrivals.about(start, end)).sum();
    each * scenario.strategies.len() as f64 * f64::from(scenario.replications)
}

/// The next round length that passes the same check.
fn enough(comparison: &Comparison, length: Span, budget: f64) -> Option<Span> {
    let memory = comparison.memory.span;
    if !comparison.knows_the_past() {
        // A longer warm-up begins elsewhere in the trace, or before it: there is nothing to try it on.
        return (memory > length).then(|| round_up(memory));
    }
    let mut longer = round_up(memory.max(length + Span::from_ns(1)));
    let mut left = budget;
    for _ in 0..TRIED {
        let pairs = comparison.affordable(longer, left)?;
        let compared = comparison.of(longer, pairs.min(MOST_PAIRS)).ok()?;
        if compared.seems_content() {
            return Some(longer);
        }
        left -= comparison.cost(longer, compared.pairs);
        longer = round_up(longer + Span::from_ns(1));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_mends_is_told_only_if_it_is_large() {
        let told = |instances, verdict| {
            without_cure(&Compared { instances, settled: 10.0, difference: (-1.0, -0.1), pairs: 40, verdict })
        };
        assert_eq!(told(9.1, Settled::No), Settled::Open);
        assert_eq!(told(8.9, Settled::No), Settled::No);
        assert_eq!(told(9.9, Settled::Yes), Settled::Yes);
    }
}
