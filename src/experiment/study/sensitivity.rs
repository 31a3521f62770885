//! What a verdict hangs on: every assumption that nobody measured, moved over its range, one at a time.

use crate::experiment::levers::Assumption;
use crate::metrics::{Direction, Metric};
use crate::results::sensitivity::{Effect, Margin, Sensitivity, Turn};
use crate::results::sweep::PointResults;
use crate::results::{ScenarioResults, Verdict};

/// The sensitivity of a metric's verdict. `points` are the scenario as it stands, and then each assumption's lower and
/// upper end. `None` where fewer than two strategies can be compared.
#[must_use]
pub fn sensitivity(assumptions: &[Assumption], points: &[PointResults], metric: &Metric) -> Option<Sensitivity> {
    let (base, varied) = points.split_first()?;
    let contestants = contestants(&base.results);
    let sign = if metric.direction() == Direction::Higher { -1.0 } else { 1.0 };
    let key = metric.key();
    let order = |&place: &usize| base.results.estimate(place, &key).mean.map(|mean| mean * sign);
    let ranked = contestants.iter().filter(|place| order(place).is_some());
    let &best = ranked.min_by(|a, b| order(a).unwrap_or(0.0).total_cmp(&order(b).unwrap_or(0.0)))?;
    let margin = |point: &PointResults, value: &str| margin(&point.results, &key, sign, best, &contestants, value);
    let mut effects = Vec::new();
    for (assumption, ends) in assumptions.iter().zip(varied.chunks_exact(2)) {
        let (low, high) = (margin(&ends[0], assumption.low)?, margin(&ends[1], assumption.high)?);
        effects.push(Effect { key: assumption.key.clone(), low, high });
    }
    let base = margin(base, "as it stands")?;
    // The scenario need not lie between the ends, nor the ends on both sides of it.
    let reach = |effect: &Effect| {
        let margins = [base.margin, effect.low.margin, effect.high.margin];
        margins.into_iter().fold(f64::NEG_INFINITY, f64::max) - margins.into_iter().fold(f64::INFINITY, f64::min)
    };
    // What turns the verdict comes first, then what leaves it open: it hangs on them, however far they reach.
    let rank = |effect: &Effect| match (effect.low.turn, effect.high.turn) {
        (Turn::Turns, _) | (_, Turn::Turns) => 0,
        (Turn::Open, _) | (_, Turn::Open) => 1,
        (Turn::Holds, Turn::Holds) => 2,
    };
    effects.sort_by(|a, b| rank(a).cmp(&rank(b)).then(reach(b).total_cmp(&reach(a))));
    Some(Sensitivity { best, base, effects })
}

/// The strategies that deploy something, or all if none does.
fn contestants(results: &ScenarioResults) -> Vec<usize> {
    let any = results.strategies.iter().any(|strategy| strategy.replaces.is_some());
    let strategies = results.strategies.iter().enumerate();
    strategies.filter(|(_, strategy)| strategy.replaces.is_some() || !any).map(|(place, _)| place).collect()
}

fn margin(
    results: &ScenarioResults,
    key: &str,
    sign: f64,
    best: usize,
    contestants: &[usize],
    value: &str,
) -> Option<Margin> {
    let mean = |place: usize| results.estimate(place, key).mean.map(|mean| mean * sign);
    let own = mean(best)?;
    let others = contestants.iter().filter(|&&place| place != best);
    let known = others.filter_map(|&place| Some((place, mean(place)?)));
    let (rival, theirs) = known.reduce(|least, next| if next.1 < least.1 { next } else { least })?;
    let verdict = |other| results.difference(key, other, best).map_or(Verdict::NotCompared, |found| found.verdict);
    let (better, worse) =
        if sign > 0.0 { (Verdict::Lower, Verdict::Higher) } else { (Verdict::Higher, Verdict::Lower) };
    let others = || contestants.iter().filter(|&&place| place != best);
    let turn = match () {
        () if others().any(|&other| verdict(other) == better) => Turn::Turns,
        () if others().all(|&other| verdict(other) == worse) => Turn::Holds,
        () => Turn::Open,
    };
    let interval = results.difference(key, rival, best).and_then(|found| found.interval);
    let interval = interval.map(|(low, high)| if sign > 0.0 { (low, high) } else { (-high, -low) });
    Some(Margin { value: value.to_owned(), rival, margin: theirs - own, interval, turn })
}
