//! What a verdict hangs on: every assumption that nobody measured, moved over its range, one at a time.

use crate::idle::Idle;
use crate::metrics::{Direction, Metric};
use crate::platform::ColdStart;
use crate::results::sensitivity::{Effect, Margin, Sensitivity, Turn};
use crate::results::sweep::PointResults;
use crate::results::{ScenarioResults, Verdict};
use crate::scenario::Scenario;
use crate::strategy::{Forgetting, Rollout};

/// A key that nobody measured, and the range within which it may well lie. The ranges are ours, and wide: published is
/// none of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumption {
    /// The key.
    pub key: String,
    /// The lower end of the range, as it is written in a scenario.
    pub low: &'static str,
    /// The upper end.
    pub high: &'static str,
}

/// The assumptions that enter a scenario's figures.
#[must_use]
pub fn assumptions(scenario: &Scenario) -> Vec<Assumption> {
    let uses = |kind: fn(&Rollout) -> bool| scenario.strategies.iter().any(|strategy| kind(&strategy.rollout));
    let deploys = uses(Rollout::deploys);
    let latest = uses(|rollout| matches!(rollout, Rollout::Latest(_)));
    let alias = uses(|rollout| matches!(rollout, Rollout::Alias(_)));
    let releases = &scenario.service.releases;
    let starts = releases.iter().all(|release| matches!(release.cold, ColdStart::Init(_)));
    let reclaims = releases.iter().all(|release| !matches!(release.idle, Idle::Never));
    let mut assumptions = Vec::new();
    let mut add = |applies: bool, key: &str, low: &'static str, high: &'static str| {
        if applies {
            assumptions.push(Assumption { key: key.to_owned(), low, high });
        }
    };
    add(deploys, "gateway.lag", "{ uniform = [\"0s\", \"2s\"] }", "{ uniform = [\"0s\", \"60s\"] }");
    add(deploys, "gateway.nodes", "4", "256");
    add(latest || alias, "deployment.step", "1s", "30s");
    add(latest || alias, "function.front_ends", "2", "64");
    add(latest, "function.latest_lag", "{ uniform = [\"0s\", \"2s\"] }", "{ uniform = [\"0s\", \"60s\"] }");
    add(alias, "function.alias_lag", "{ uniform = [\"0s\", \"100ms\"] }", "{ uniform = [\"0s\", \"10s\"] }");
    add(reclaims, "function.idle", "{ uniform = [\"3m\", \"4m\"] }", "{ uniform = [\"10m\", \"15m\"] }");
    let (quick, slow) =
        ("{ lognormal = { p50 = \"50ms\", p99 = \"100ms\" } }", "{ lognormal = { p50 = \"1s\", p99 = \"3s\" } }");
    add(starts, "function.init", quick, slow);
    for strategy in &scenario.strategies {
        let chance = matches!(strategy.rollout.forgetting(), Some(Forgetting::Chance(_)));
        add(chance, &format!("strategy.{}.pinned.forget", strategy.name), "0%", "5%");
    }
    for source in scenario.service.sources.iter().filter(|source| source.clients.is_some()) {
        add(true, &format!("source.{}.clients.half_life", source.name), "1m", "1h");
    }
    assumptions
}

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
