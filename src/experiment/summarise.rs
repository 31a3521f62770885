//! From replications to estimates: pairs and timelines from whole-number sums.

use super::columns::Simulated;
use super::disaster::Worst;
use super::estimate::estimates;
use super::impossible::Possible;
use super::metrics::Metric;
use super::replication::{Replication, Versions};
use super::results::{Estimate, Pair, PlannedAction, Reach, Series, StrategyResults, Stratum, Timeline};
use super::{describe, levers};
use crate::ids::{Contract, Version};
use crate::platform::{Adopted, Bins, Cell, PoolLevels};
use crate::scenario::Scenario;
use crate::stats::{Coarse, Histogram, Percentile};
use crate::strategy::{Action, Strategy};
use crate::time::{Instant, NS_PER_S};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whole-number sums over the replications of one strategy.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Sums {
    replications: u32,
    cells: Vec<Cell>,
    /// Integrals of the pools' levels by bin and pool.
    integrals: Vec<[PoolLevels; 2]>,
    latencies: Coarse,
    cold_waits: Histogram,
    adopted: Adopted,
    /// What is done, and the sum of when, in nanoseconds.
    actions: Vec<(i128, String)>,
}

impl Sums {
    pub(super) fn of(replication: Replication) -> Self {
        let action = |(at, action): &(Instant, Action)| (i128::from(at.ns()), describe::action(action));
        Self {
            replications: 1,
            cells: replication.tally.cells,
            integrals: replication.levels.integrals().to_vec(),
            latencies: replication.latencies,
            cold_waits: replication.tally.cold_waits,
            adopted: replication.adopted,
            actions: replication.actions.iter().map(action).collect(),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.replications += other.replications;
        for (mine, theirs) in self.cells.iter_mut().zip(&other.cells) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.integrals.iter_mut().flatten().zip(other.integrals.iter().flatten()) {
            mine.add(theirs);
        }
        self.latencies.add(&other.latencies);
        self.cold_waits.merge(&other.cold_waits);
        self.adopted.add(&other.adopted);
        for ((sum, _), (at, _)) in self.actions.iter_mut().zip(&other.actions) {
            *sum += at;
        }
    }
}

/// The sums of every stratum of a strategy, with its weight.
struct Strata<'a> {
    each: Vec<(f64, &'a Sums)>,
    replications: f64,
}

impl<'a> Strata<'a> {
    /// `None` without replications.
    fn new(strata: &[Stratum], sums: &'a [Option<Sums>]) -> Option<Self> {
        let each: Option<Vec<_>> =
            strata.iter().zip(sums).map(|(stratum, sums)| Some((stratum.weight, sums.as_ref()?))).collect();
        let each = each.filter(|each| !each.is_empty())?;
        let replications = f64::from(each[0].1.replications);
        Some(Self { each, replications })
    }

    /// The sum of a figure over the replications.
    fn sum(&self, figure: impl Fn(&Sums) -> f64) -> f64 {
        self.each.iter().map(|(weight, sums)| weight * figure(sums)).sum()
    }

    /// The mean of a figure over the replications.
    fn mean(&self, figure: impl Fn(&Sums) -> f64) -> f64 {
        self.sum(figure) / self.replications
    }

    /// The mean of a share that is there in every stratum or in none.
    fn share(&self, share: impl Fn(&Sums) -> Option<f64>) -> Option<f64> {
        self.each.iter().map(|(weight, sums)| Some(weight * share(sums)?)).sum()
    }

    /// What is the same in every stratum.
    fn any(&self) -> &Sums {
        self.each[0].1
    }
}

/// Everything that is reported of one strategy.
pub(super) fn strategy(
    scenario: &Scenario,
    strategy: &Strategy,
    Simulated { strata, rows, sums, known }: Simulated,
    metrics: &[Metric],
    (contracts, versions): (&[Contract], &[Version]),
    confidence: f64,
) -> StrategyResults {
    let places = Versions::new(scenario, strategy);
    let possible = Possible::new(scenario, strategy);
    let certain = |((metric, estimate), mean): ((&Metric, Estimate), &Option<f64>)| {
        possible.known(metric.kind, estimate.certain(*mean))
    };
    let weights: Vec<f64> = strata.iter().map(|stratum| stratum.weight).collect();
    let sample = Worst::new(scenario).sample(&rows, &weights, metrics, &known);
    let estimates = estimates(sample, confidence);
    let sums = Strata::new(&strata, &sums);
    let sums = sums.as_ref();
    StrategyResults {
        name: strategy.name.clone(),
        replaces: strategy.rollout.deploys().then_some(strategy.deployment.from),
        brings: strategy.rollout.deploys().then_some(strategy.deployment.to),
        reach: sums.and_then(|sums| reach(scenario, strategy, sums)),
        estimates: metrics.iter().zip(estimates).zip(&known.means).map(certain).collect(),
        pairs: sums.map_or_else(Vec::new, |sums| pairs(scenario, sums, places, contracts, versions)),
        timeline: sums.map_or_else(Timeline::default, |sums| timeline(scenario, sums, places, contracts, versions)),
        actions: sums.map_or_else(Vec::new, |sums| actions(sums.any())),
        hangs_on: levers::hangs_on(scenario, strategy),
        cold_waits: sums.map_or_else(Vec::new, cold_waits),
        strata,
        rows,
    }
}

/// Whom the new version reached, over all replications together; `None` where nothing is deployed, or nothing was run.
fn reach(scenario: &Scenario, strategy: &Strategy, sums: &Strata<'_>) -> Option<Reach> {
    if !strategy.rollout.deploys() {
        return None;
    }
    let first = Bins::new(scenario.window, scenario.bin).first_counted();
    let last = sums.any().cells.len() - (sums.any().cells.len() - first).div_ceil(10);
    let ran = |from: usize, version: usize| {
        let by = |cell: &Cell| cell.attempts[0][version] + cell.attempts[1][version];
        sums.sum(|sums| sums.cells[from..].iter().map(by).sum::<u64>() as f64)
    };
    let (ever, all) = (ran(first, 1), ran(first, 0) + ran(first, 1));
    let (new, of) = (ran(last, 1), ran(last, 0) + ran(last, 1));
    let at_end = (of > 0.0).then(|| new / of);
    (all > 0.0).then_some(Reach { anybody: ever > 0.0, at_end })
}

/// The waits of cold starts, each counted by its stratum's weight.
fn cold_waits(sums: &Strata<'_>) -> Vec<(f64, f64)> {
    let mut waits: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    for (weight, sums) in &sums.each {
        for ((least, _), (ns, count)) in sums.cold_waits.buckets().zip(sums.cold_waits.midpoints()) {
            let wait = waits.entry(least).or_insert((ns / NS_PER_MS, 0.0));
            wait.1 += weight * count as f64;
        }
    }
    waits.into_values().collect()
}

const NS_PER_MS: f64 = 1e6;

fn actions(sums: &Sums) -> Vec<PlannedAction> {
    let mean = |sum: i128| sum as f64 / f64::from(sums.replications) / NS_PER_S as f64;
    let action = |(sum, what): &(i128, String)| PlannedAction { at_s: mean(*sum), what: what.clone() };
    sums.actions.iter().map(action).collect()
}

fn pairs(
    scenario: &Scenario,
    sums: &Strata<'_>,
    places: Versions,
    contracts: &[Contract],
    versions: &[Version],
) -> Vec<Pair> {
    let first = Bins::new(scenario.window, scenario.bin).first_counted();
    let mut pairs = Vec::with_capacity(contracts.len() * versions.len());
    for &contract in contracts {
        for &version in versions {
            let counted = |cell: &Cell| attempts(cell, places, contract, version);
            let requests = sums.mean(|sums| sums.cells[first..].iter().map(counted).sum::<u64>() as f64);
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
    sums: &Strata<'_>,
    places: Versions,
    contracts: &[Contract],
    versions: &[Version],
) -> Timeline {
    let bins = Bins::new(scenario.window, scenario.bin);
    let edges: Vec<_> = (0..=bins.len()).map(|i| bins.edge(i)).collect();
    let by_bin = |value: &dyn Fn(usize) -> Option<f64>| (0..bins.len()).map(value).collect::<Vec<_>>();
    let mean = |value: &dyn Fn(&Cell) -> u64| -> Vec<Option<f64>> {
        by_bin(&|bin| Some(sums.mean(|sums| value(&sums.cells[bin]) as f64)))
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
    let level = |version: Version, pick: fn(&PoolLevels) -> u128| -> Vec<Option<f64>> {
        let integral = |sums: &Sums, bin: usize| {
            places.place(version).map_or(0.0, |place| pick(&sums.integrals[bin][place]) as f64)
        };
        let width = |bin: usize| edges[bin + 1].since(edges[bin]).ns() as f64;
        by_bin(&|bin| Some(sums.mean(|sums| integral(sums, bin) / width(bin))))
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
    series.push((Series::Failed, mean(&|cell| cell.ends.failed())));
    series.push((Series::Throttled, mean(&|cell| cell.ends.throttled)));
    series.push((Series::Expired, mean(&|cell| cell.ends.expired)));
    series.push((Series::Retried, mean(&|cell| cell.retried)));
    if scenario.service.has_users() {
        series.push((Series::SessionsFlipped, mean(&|cell| cell.flipped)));
    }
    for &version in versions {
        let cold = mean(&|cell| places.place(version).map_or(0, |place| cell.cold[place]));
        series.push((Series::ColdStarts(version), cold));
        series.push((Series::Starting(version), level(version, |levels| levels.starting)));
        series.push((Series::Idle(version), level(version, |levels| levels.idle)));
        series.push((Series::Busy(version), level(version, |levels| levels.busy)));
    }
    let latency = |bin: usize| {
        let served = sums.sum(|sums| sums.cells[bin].served as f64);
        (served > 0.0).then(|| sums.sum(|sums| sums.cells[bin].latency as f64) / served / NS_PER_MS)
    };
    series.push((Series::LatencyMean, by_bin(&latency)));
    let latencies: Vec<_> = sums.each.iter().map(|(weight, sums)| (*weight, &sums.latencies)).collect();
    for (kind, p) in [(Series::LatencyP50, Percentile::new(50, 100)), (Series::LatencyP99, Percentile::new(99, 100))] {
        series.push((kind, by_bin(&|bin| Some(Coarse::percentile_of_all_ns(&latencies, bin, p)? / NS_PER_MS))));
    }
    let nodes = |bin: usize| sums.share(|sums| sums.adopted.nodes(&bins, bin, sums.replications));
    series.push((Series::NodesNewShare, by_bin(&nodes)));
    let front_ends = |bin: usize| sums.share(|sums| sums.adopted.front_ends(&bins, bin, sums.replications));
    series.push((Series::FrontEndsNewShare, by_bin(&front_ends)));
    Timeline { edges, series }
}
