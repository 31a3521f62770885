//! What the figures allow one to say: which count matters, who has most of it, and who differs with confidence.

use crate::ids::Version;
use crate::metrics::Cause;
use crate::results::{Estimate, ScenarioResults, Standing, Verdict};

/// What a scenario is judged by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Harm {
    /// Requests that users lost, for whatever cause.
    Lost,
    /// Mismatched attempts that the code could read all the same: no strategy loses any request.
    NearMisses,
}

impl Harm {
    /// Lost requests, if there are any; else near misses, if there are any.
    pub(super) fn of(results: &ScenarioResults) -> Self {
        let happens = |key| (0..results.strategies.len()).any(|strategy| mean(results, strategy, key) > Some(0.0));
        if !happens("lost") && happens("near_misses") { Self::NearMisses } else { Self::Lost }
    }

    /// The metric that counts them.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::NearMisses => "near_misses",
        }
    }

    /// The metric of their share.
    pub(super) const fn share_key(self) -> &'static str {
        match self {
            Self::Lost => "lost_share",
            Self::NearMisses => "near_misses_share",
        }
    }

    /// What they are called, many of them.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Lost => "lost requests",
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

/// In which share of its rollouts an alarm or a hook stopped a strategy.
pub(super) fn stopped(results: &ScenarioResults, strategy: usize) -> f64 {
    mean(results, strategy, "rolled_back").unwrap_or_default()
}

/// In which share of its rollouts a strategy took too long and was given up.
pub(super) fn timed_out(results: &ScenarioResults, strategy: usize) -> f64 {
    mean(results, strategy, "timed_out").unwrap_or_default()
}

/// How many mismatches of a strategy have a cause; 0 where there is no such cause.
pub(super) fn caused_by(results: &ScenarioResults, strategy: usize, cause: Cause) -> f64 {
    mean(results, strategy, &format!("mismatched.{}", cause.key())).unwrap_or(0.0)
}

/// In which share of its rollouts a strategy did not get through, for either reason.
pub(super) fn given_up(results: &ScenarioResults, strategy: usize) -> f64 {
    stopped(results, strategy) + timed_out(results, strategy)
}

/// How far an estimate's interval reaches to its wider side, if it reaches about as far to the other.
pub(super) fn half_width(estimate: Estimate) -> Option<f64> {
    let (mean, (low, high)) = (estimate.mean?, estimate.interval?);
    let (down, up) = (mean - low, high - mean);
    let half = down.max(up);
    (half.is_finite() && half - down.min(up) <= half / 4.0).then_some(half)
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

/// The strategies in the one order of tables and charts, the favoured first.
pub(super) fn order(results: &ScenarioResults) -> &[usize] {
    &results.decision.order
}

/// How a strategy stands beside the others.
pub(super) fn standing(results: &ScenarioResults, strategy: usize) -> Standing {
    results.decision.standings.get(strategy).copied().unwrap_or(Standing::Open)
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

/// Above this part of the requests, those that were not over at the end are told before any loss: it may be to come.
pub const MUCH_UNFINISHED: f64 = 0.01;

/// Which part of a strategy's requests was not over at the end.
#[must_use]
pub fn unfinished(results: &ScenarioResults, place: usize) -> Option<f64> {
    let requests = mean(results, place, "requests").filter(|&requests| requests > 0.0)?;
    Some(mean(results, place, "in_flight")? / requests)
}
