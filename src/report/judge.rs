//! What the figures allow one to say: which count matters, who has most of it, and who differs with confidence.

use crate::experiment::metrics::Direction;
use crate::experiment::results::{Estimate, Pair, ScenarioResults, Verdict};
use crate::ids::Version;

/// The count of requests that a scenario is judged by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Harm {
    /// Attempts that the code could not read.
    Incompatible,
    /// Requests without a good answer, for other reasons than their format: every strategy breaks nothing, but some
    /// lose more requests than others.
    Unserved,
    /// Mismatched attempts that the code could read all the same: every strategy breaks nothing.
    NearMisses,
}

impl Harm {
    /// Incompatible requests, if there are any; else requests not served, if strategies differ in them; else mismatched
    /// requests, if there are any.
    pub(super) fn of(results: &ScenarioResults) -> Self {
        let happens = |key| (0..results.strategies.len()).any(|strategy| mean(results, strategy, key) > Some(0.0));
        let differ = |key| matches!(contrast(results, key, &contestants(results)), Contrast::Differ(..));
        match () {
            () if happens("incompatible") => Self::Incompatible,
            () if differ(Self::Unserved.key()) => Self::Unserved,
            () if happens("mismatched") => Self::NearMisses,
            () => Self::Incompatible,
        }
    }

    /// The metric that counts them.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Incompatible => "incompatible",
            Self::Unserved => "unserved",
            Self::NearMisses => "mismatched",
        }
    }

    /// How many of a pair's attempts they are.
    pub(super) fn of_pair(self, pair: &Pair) -> f64 {
        match self {
            Self::Incompatible => pair.incompatible,
            // Not for their format.
            Self::Unserved => 0.0,
            Self::NearMisses => pair.requests,
        }
    }

    /// The metric of their share.
    pub(super) const fn share_key(self) -> &'static str {
        match self {
            Self::Incompatible => "incompatible_share",
            Self::Unserved => "unserved_share",
            Self::NearMisses => "mismatched_share",
        }
    }

    /// What they are called, many of them.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Incompatible => "incompatible requests",
            Self::Unserved => "requests not served",
            Self::NearMisses => "near misses",
        }
    }
}

/// Whether any strategy deploys anything.
pub(super) fn deploys(results: &ScenarioResults) -> bool {
    results.strategies.iter().any(|strategy| strategy.replaces.is_some())
}

/// A strategy's mean of a metric, where there is one that can be drawn or compared.
pub(super) fn mean(results: &ScenarioResults, strategy: usize, key: &str) -> Option<f64> {
    results.estimate(strategy, key).mean.filter(|mean| mean.is_finite())
}

/// Half the width of an estimate's interval, if it reaches as far up as down.
pub(super) fn half_width(estimate: Estimate) -> Option<f64> {
    let (mean, (low, high)) = (estimate.mean?, estimate.interval?);
    let half = (high - low) / 2.0;
    (half.is_finite() && (high - mean - half).abs() <= half * 1e-6).then_some(half)
}

/// The name of a strategy by its place.
pub(super) fn name(results: &ScenarioResults, strategy: usize) -> &str {
    results.strategies.get(strategy).map_or("", |strategy| &strategy.name)
}

/// The strategies by ascending mean, ties in the order of the scenario, those without a mean last.
pub(super) fn ranked(results: &ScenarioResults, key: &str) -> Vec<usize> {
    let order = |strategy| mean(results, strategy, key).unwrap_or(f64::INFINITY);
    let mut places: Vec<usize> = (0..results.strategies.len()).collect();
    places.sort_by(|&a, &b| order(a).total_cmp(&order(b)));
    places
}

/// The strategies in the order of the table: by the first objective's metric, if there is one, the better ones first;
/// else by `key`.
pub(super) fn order(results: &ScenarioResults, key: &str) -> Vec<usize> {
    let Some(gate) = results.gates.first() else { return ranked(results, key) };
    let metric = &results.metrics[gate.metric];
    let mut order = ranked(results, &metric.key());
    if metric.direction() == Direction::Higher {
        // Those without a mean stay last.
        let known = order.iter().filter(|&&place| mean(results, place, &metric.key()).is_some()).count();
        order[..known].reverse();
    }
    order
}

/// The verdict on a - b; not compared where there is no such pair.
pub(super) fn verdict(results: &ScenarioResults, key: &str, a: usize, b: usize) -> Verdict {
    results.difference(key, a, b).map_or(Verdict::NotCompared, |difference| difference.verdict)
}

/// The strategies that deploy something, or all if none does: that nothing breaks while nothing changes is no news.
pub(super) fn contestants(results: &ScenarioResults) -> Vec<usize> {
    let any = deploys(results);
    let strategies = results.strategies.iter().enumerate().filter(|(_, strategy)| strategy.replaces.is_some() || !any);
    strategies.map(|(place, _)| place).collect()
}

/// The contestants that are lower than every other one, or identical to it, and lower than some.
pub(super) fn best(results: &ScenarioResults, key: &str) -> Vec<usize> {
    let contestants = contestants(results);
    let against = |a: usize| {
        let others = contestants.iter().filter(move |&&b| a != b);
        others.map(move |&b| verdict(results, key, a, b))
    };
    let wins = |a: usize| {
        against(a).all(|verdict| matches!(verdict, Verdict::Lower | Verdict::Identical))
            && against(a).any(|verdict| verdict == Verdict::Lower)
    };
    contestants.iter().copied().filter(|&place| wins(place)).collect()
}

/// What all pairs of strategies say about a metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Contrast {
    /// Fewer than two strategies, or some pair was not compared and no other differs.
    Unknown,
    /// Every pair was compared, and none differs.
    NoDifference,
    /// The first is higher than the second, and no pair that differs is further apart.
    Differ(usize, usize),
}

/// The contrast of some of the strategies in a metric.
pub(super) fn contrast(results: &ScenarioResults, key: &str, among: &[usize]) -> Contrast {
    let order: Vec<usize> = ranked(results, key).into_iter().filter(|place| among.contains(place)).collect();
    let mut widest: Option<(f64, usize, usize)> = None;
    let mut all_compared = order.len() > 1;
    for (rank, &low) in order.iter().enumerate() {
        for &high in &order[rank + 1..] {
            match verdict(results, key, high, low) {
                Verdict::Higher => {
                    let gap = mean(results, high, key).unwrap_or(0.0) - mean(results, low, key).unwrap_or(0.0);
                    if widest.is_none_or(|(known, ..)| gap > known) {
                        widest = Some((gap, high, low));
                    }
                }
                Verdict::NotCompared => all_compared = false,
                Verdict::Lower | Verdict::NoDifference | Verdict::Identical => {}
            }
        }
    }
    match widest {
        Some((_, high, low)) => Contrast::Differ(high, low),
        None if all_compared => Contrast::NoDifference,
        None => Contrast::Unknown,
    }
}

/// The version that deployments replace, if it is the same under every strategy.
pub(super) fn old_version(results: &ScenarioResults) -> Option<Version> {
    let mut versions = results.strategies.iter().filter_map(|strategy| strategy.replaces);
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(first)
}

/// What the old version is called at the head of a column.
pub(super) fn old_name(results: &ScenarioResults) -> String {
    old_version(results).map_or_else(|| "old version".to_owned(), |version| version.to_string())
}
