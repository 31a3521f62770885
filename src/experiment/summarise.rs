//! From replications to estimates: means with intervals, paired differences, pairs and timelines.

use super::metrics::{Metric, Range};
use super::replication::{Replication, Versions};
use super::results::{Difference, Estimate, Pair, Row, Series, StrategyResults, Timeline, Verdict};
use crate::ids::{Contract, Version};
use crate::platform::{Bins, Cell, Levels};
use crate::scenario::Scenario;
use crate::stats::interval;
use crate::strategy::Strategy;

/// Whole-number sums over the replications of one strategy.
pub(super) struct Sums {
    replications: u32,
    cells: Vec<Cell>,
    levels: Levels,
}

impl Sums {
    pub(super) fn of(replication: Replication) -> Self {
        Self { replications: 1, cells: replication.tally.cells, levels: replication.levels }
    }

    pub(super) fn add(&mut self, replication: &Replication) {
        self.replications += 1;
        for (mine, theirs) in self.cells.iter_mut().zip(&replication.tally.cells) {
            mine.add(theirs);
        }
        self.levels.add(&replication.levels);
    }
}

/// Everything that is reported of one strategy.
pub(super) fn strategy(
    scenario: &Scenario,
    strategy: &Strategy,
    rows: Vec<Row>,
    sums: Option<&Sums>,
    metrics: &[Metric],
    (contracts, versions): (&[Contract], &[Version]),
    confidence: f64,
) -> StrategyResults {
    let places = Versions::new(scenario, strategy);
    StrategyResults {
        name: strategy.name.clone(),
        replaces: strategy.rollout.deploys().then_some(strategy.deployment.from),
        estimates: metrics.iter().enumerate().map(|(i, metric)| estimate(&rows, i, metric, confidence)).collect(),
        rows,
        pairs: sums.map_or_else(Vec::new, |sums| pairs(scenario, sums, places, contracts, versions)),
        timeline: sums.map_or_else(Timeline::default, |sums| timeline(scenario, sums, places, contracts, versions)),
    }
}

fn estimate(rows: &[Row], i: usize, metric: &Metric, confidence: f64) -> Estimate {
    let values: Vec<f64> = rows.iter().filter_map(|row| row.values[i]).collect();
    let censored = rows.iter().filter(|row| row.censored[i]).count() as u32;
    let Some(interval) = interval::of(&values, confidence) else {
        return Estimate { censored, ..Estimate::default() };
    };
    let (least, most) = match metric.kind.range() {
        Range::Share => (0.0, 1.0),
        Range::Positive => (0.0, f64::INFINITY),
    };
    Estimate {
        mean: Some(interval.mean),
        interval: interval
            .half_width
            .map(|half| ((interval.mean - half).clamp(least, most), (interval.mean + half).clamp(least, most))),
        replications: values.len() as u32,
        censored,
    }
}

/// The paired differences of every pair of strategies in every metric. The family for which the intervals are
/// corrected (Bonferroni) is all pairs of strategies within one metric.
pub(super) fn differences(rows: &[Vec<Row>], metrics: &[Metric], confidence: f64) -> Vec<Difference> {
    let strategies = rows.len();
    let family = (strategies * strategies.saturating_sub(1) / 2).max(1);
    let confidence = 1.0 - (1.0 - confidence) / family as f64;
    let mut differences = Vec::with_capacity(family * metrics.len());
    for metric in 0..metrics.len() {
        for a in 0..strategies {
            for b in a + 1..strategies {
                differences.push(difference(&rows[a], &rows[b], (metric, a, b), confidence));
            }
        }
    }
    differences
}

fn difference(of_a: &[Row], of_b: &[Row], (metric, a, b): (usize, usize, usize), confidence: f64) -> Difference {
    let not_compared = Difference { metric, a, b, mean: None, interval: None, verdict: Verdict::NotCompared };
    let pairs: Option<Vec<f64>> = of_a
        .iter()
        .zip(of_b)
        .map(|(a, b)| {
            let whole = !a.censored[metric] && !b.censored[metric];
            Some(a.values[metric]? - b.values[metric]?).filter(|_| whole)
        })
        .collect();
    let interval = pairs.as_deref().and_then(|values| interval::of(values, confidence));
    let (Some(values), Some(interval)) = (pairs, interval) else { return not_compared };
    let Some(half) = interval.half_width else { return not_compared };
    let (low, high) = (interval.mean - half, interval.mean + half);
    let verdict = if values.iter().all(|&value| value == 0.0) {
        Verdict::Identical
    } else if high < 0.0 {
        Verdict::Lower
    } else if low > 0.0 {
        Verdict::Higher
    } else {
        Verdict::NoDifference
    };
    Difference { mean: Some(interval.mean), interval: Some((low, high)), verdict, ..not_compared }
}

fn pairs(
    scenario: &Scenario,
    sums: &Sums,
    places: Versions,
    contracts: &[Contract],
    versions: &[Version],
) -> Vec<Pair> {
    let mut counted = Cell::default();
    sums.cells[sums.levels.bins().first_counted()..].iter().for_each(|cell| counted.add(cell));
    let mut pairs = Vec::with_capacity(contracts.len() * versions.len());
    for &contract in contracts {
        for &version in versions {
            let requests = attempts(&counted, places, contract, version) as f64 / f64::from(sums.replications);
            let release = scenario.service.release(version);
            let incompatible = if release.accepts(contract) { 0.0 } else { requests };
            pairs.push(Pair { contract, version, spoken: release.contract, requests, incompatible });
        }
    }
    pairs
}

fn attempts(cell: &Cell, places: Versions, contract: Contract, version: Version) -> u64 {
    match (places.contract_place(contract), places.place(version)) {
        (Some(contract), Some(version)) => cell.attempts[contract][version],
        _ => 0,
    }
}

fn timeline(
    scenario: &Scenario,
    sums: &Sums,
    places: Versions,
    contracts: &[Contract],
    versions: &[Version],
) -> Timeline {
    let bins: &Bins = sums.levels.bins();
    let edges: Vec<_> = (0..=bins.len()).map(|i| bins.edge(i)).collect();
    let replications = f64::from(sums.replications);
    let mean = |value: &dyn Fn(&Cell) -> u64| -> Vec<Option<f64>> {
        sums.cells.iter().map(|cell| Some(value(cell) as f64 / replications)).collect()
    };
    // The attempts of those (contract, version) that a condition holds for.
    let over_pairs = |holds: &dyn Fn(Contract, Version) -> bool| {
        let chosen: Vec<_> = contracts
            .iter()
            .flat_map(|&contract| versions.iter().map(move |&version| (contract, version)))
            .filter(|&(contract, version)| holds(contract, version))
            .collect();
        mean(&|cell| chosen.iter().map(|&(contract, version)| attempts(cell, places, contract, version)).sum())
    };
    let release = |version| scenario.service.release(version);
    let level = |version: Version, pick: fn(&crate::platform::PoolLevels) -> u128| -> Vec<Option<f64>> {
        let integral = |i: usize| places.place(version).map_or(0, |place| pick(&sums.levels.integrals()[i][place]));
        let width = |i: usize| edges[i + 1].since(edges[i]).ns() as f64;
        (0..bins.len()).map(|i| Some(integral(i) as f64 / width(i) / replications)).collect()
    };

    let mut series = Vec::new();
    for &contract in contracts {
        for &version in versions {
            let one = over_pairs(&|c, v| (c, v) == (contract, version));
            series.push((Series::Attempts(contract, version), one));
        }
    }
    series.push((Series::MismatchedAhead, over_pairs(&|contract, version| contract > release(version).contract)));
    series.push((Series::MismatchedBehind, over_pairs(&|contract, version| contract < release(version).contract)));
    series.push((Series::Incompatible, over_pairs(&|contract, version| !release(version).accepts(contract))));
    for &version in versions {
        let cold = mean(&|cell| places.place(version).map_or(0, |place| cell.cold[place]));
        series.push((Series::ColdStarts(version), cold));
        series.push((Series::Starting(version), level(version, |levels| levels.starting)));
        series.push((Series::Idle(version), level(version, |levels| levels.idle)));
        series.push((Series::Busy(version), level(version, |levels| levels.busy)));
    }
    let latency = |cell: &Cell| (cell.served > 0).then(|| cell.latency as f64 / cell.served as f64 / 1e6);
    series.push((Series::LatencyMean, sums.cells.iter().map(latency).collect()));
    Timeline { edges, series }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[Option<f64>], censored: bool) -> Vec<Row> {
        values.iter().map(|&value| Row { values: vec![value], censored: vec![censored] }).collect()
    }

    fn verdict(a: &[Row], b: &[Row]) -> Verdict {
        difference(a, b, (0, 0, 1), 0.95).verdict
    }

    #[test]
    fn differences_are_claimed_only_where_the_paired_interval_says_so() {
        let low = rows(&[Some(1.0), Some(5.0), Some(9.0)], false);
        let high = rows(&[Some(2.0), Some(6.1), Some(10.0)], false);
        assert_eq!(verdict(&low, &high), Verdict::Lower);
        assert_eq!(verdict(&high, &low), Verdict::Higher);
        assert_eq!(verdict(&low, &low), Verdict::Identical);
        assert_eq!(verdict(&low, &rows(&[Some(9.0), Some(5.0), Some(2.0)], false)), Verdict::NoDifference);
    }

    #[test]
    fn the_absent_the_censored_and_the_single_are_not_compared() {
        let whole = rows(&[Some(1.0), Some(2.0)], false);
        assert_eq!(verdict(&whole, &rows(&[Some(1.0), None], false)), Verdict::NotCompared);
        assert_eq!(verdict(&whole, &rows(&[Some(3.0), Some(4.0)], true)), Verdict::NotCompared);
        assert_eq!(verdict(&whole[..1], &whole[1..]), Verdict::NotCompared);
    }

    #[test]
    fn intervals_stay_within_what_is_possible() {
        let metric = &Metric::all(&[])[0];
        let estimate = estimate(&rows(&[Some(0.0), Some(0.0), Some(1.0)], false), 0, metric, 0.95);
        assert_eq!(estimate.interval.map(|(low, _)| low), Some(0.0));
    }
}
