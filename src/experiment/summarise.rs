//! From replications to estimates: pairs and timelines from whole-number sums.

use super::estimate::{FEW_AFFECTED, estimates};
use super::impossible::Possible;
use super::metrics::{Kind, Metric};
use super::replication::{Replication, Versions};
use super::results::{Estimate, Pair, PlannedAction, Reach, Row, Series, StrategyResults, Timeline};
use super::{describe, gate, hangs_on};
use crate::ids::{Contract, Version};
use crate::platform::{Adopted, Bins, Cell, PoolLevels};
use crate::scenario::Scenario;
use crate::stats::{Coarse, Histogram, Percentile};
use crate::strategy::{Action, Strategy};
use crate::time::{Instant, NS_PER_S};
use serde::{Deserialize, Serialize};

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
    let possible = Possible::new(scenario, strategy);
    let known = |(metric, estimate): (&Metric, Estimate)| possible.known(metric.kind, estimate);
    StrategyResults {
        name: strategy.name.clone(),
        replaces: strategy.rollout.deploys().then_some(strategy.deployment.from),
        brings: strategy.rollout.deploys().then_some(strategy.deployment.to),
        reach: sums.and_then(|sums| reach(scenario, strategy, sums)),
        estimates: metrics.iter().zip(estimates(&rows, metrics, confidence)).map(known).collect(),
        forgotten: (gate::hit_as_a_whole(strategy))
            .then(|| forgotten(scenario, &rows, metrics))
            .filter(|&rollouts| rollouts < FEW_AFFECTED),
        rows,
        pairs: sums.map_or_else(Vec::new, |sums| pairs(scenario, sums, places, contracts, versions)),
        timeline: sums.map_or_else(Timeline::default, |sums| timeline(scenario, sums, places, contracts, versions)),
        actions: sums.map_or_else(Vec::new, actions),
        hangs_on: hangs_on::assumptions(scenario, strategy),
        cold_waits: sums.map_or_else(Vec::new, |sums| {
            sums.cold_waits.midpoints().map(|(ns, count)| (ns / NS_PER_MS, count)).collect()
        }),
    }
}

/// Whom the new version reached, over all replications together; `None` where nothing is deployed, or nothing was run.
fn reach(scenario: &Scenario, strategy: &Strategy, sums: &Sums) -> Option<Reach> {
    if !strategy.rollout.deploys() {
        return None;
    }
    let counted = &sums.cells[Bins::new(scenario.window, scenario.bin).first_counted()..];
    let ran = |cells: &[Cell]| {
        let by = |version: usize| cells.iter().map(|cell| cell.attempts[0][version] + cell.attempts[1][version]).sum();
        let [old, new]: [u64; 2] = [by(0), by(1)];
        (new, old + new)
    };
    let last = &counted[counted.len() - counted.len().div_ceil(10)..];
    let ((ever, all), (new, of)) = (ran(counted), ran(last));
    let at_end = (of > 0).then(|| new as f64 / of as f64);
    (all > 0).then_some(Reach { anybody: ever > 0, at_end })
}

/// Rollouts in which fewer routes were re-pointed than there are.
fn forgotten(scenario: &Scenario, rows: &[Row], metrics: &[Metric]) -> usize {
    let routes = scenario.service.sources.len() as f64;
    let steps = metrics.iter().position(|metric| metric.kind == Kind::OperatorSteps);
    rows.iter().filter(|row| steps.and_then(|place| row.values[place]).is_some_and(|steps| steps < routes)).count()
}

const NS_PER_MS: f64 = 1e6;

fn actions(sums: &Sums) -> Vec<PlannedAction> {
    let mean = |sum: i128| sum as f64 / f64::from(sums.replications) / NS_PER_S as f64;
    let action = |(sum, what): &(i128, String)| PlannedAction { at_s: mean(*sum), what: what.clone() };
    sums.actions.iter().map(action).collect()
}

fn pairs(
    scenario: &Scenario,
    sums: &Sums,
    places: Versions,
    contracts: &[Contract],
    versions: &[Version],
) -> Vec<Pair> {
    let mut counted = Cell::default();
    sums.cells[Bins::new(scenario.window, scenario.bin).first_counted()..].iter().for_each(|cell| counted.add(cell));
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
    let bins = Bins::new(scenario.window, scenario.bin);
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
    let level = |version: Version, pick: fn(&PoolLevels) -> u128| -> Vec<Option<f64>> {
        let integral = |i: usize| places.place(version).map_or(0, |place| pick(&sums.integrals[i][place]));
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
    let latency = |cell: &Cell| (cell.served > 0).then(|| cell.latency as f64 / cell.served as f64 / NS_PER_MS);
    series.push((Series::LatencyMean, sums.cells.iter().map(latency).collect()));
    let by_bin = |value: &dyn Fn(usize) -> Option<f64>| (0..bins.len()).map(value).collect::<Vec<_>>();
    for (kind, p) in [(Series::LatencyP50, Percentile::new(50, 100)), (Series::LatencyP99, Percentile::new(99, 100))] {
        series.push((kind, by_bin(&|bin| Some(sums.latencies.percentile_ns(bin, p)? / NS_PER_MS))));
    }
    series.push((Series::NodesNewShare, by_bin(&|bin| sums.adopted.nodes(&bins, bin, sums.replications))));
    series.push((Series::FrontEndsNewShare, by_bin(&|bin| sums.adopted.front_ends(&bins, bin, sums.replications))));
    Timeline { edges, series }
}
