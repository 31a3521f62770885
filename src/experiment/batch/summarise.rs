//! From replications to estimates: pairs and timelines from whole-number sums.

use super::columns::Simulated;
use super::describe;
use crate::experiment::infer::disaster::Worst;
use crate::experiment::infer::estimate::estimates;
use crate::experiment::infer::impossible::Possible;
use crate::experiment::levers;
use crate::experiment::replicate::causes;
use crate::experiment::replicate::replication::Replication;
use crate::experiment::replicate::undisturbed;
use crate::ids::{Contract, Version};
use crate::metrics::{Cause, Kind, Metric};
use crate::platform::{Adopted, Bill, Bins, Cast, Cells, Plain, PoolLevels, VersionIx};
use crate::results::{Estimate, Pair, PlannedAction, Reach, Row, Series, StrategyResults, Stratum, Timeline, TooShort};
use crate::scenario::Scenario;
use crate::source::Source;
use crate::stats::{Coarse, Histogram, Percentile};
use crate::strategy::{Action, On, Strategy};
use crate::time::{Instant, NS_PER_S};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whole-number sums over the replications of one strategy.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Sums {
    replications: u32,
    cells: Cells,
    /// Integrals of the pools' levels by bin, and in each by version.
    integrals: Vec<Vec<PoolLevels>>,
    /// Those of the backlogs by bin, and in each by source; none where there is no queue.
    backlogs: Vec<u128>,
    latencies: Coarse,
    cold_waits: Histogram,
    adopted: Adopted,
    /// What is done, in how many replications, and the sum of when, in nanoseconds.
    actions: Vec<(String, u32, i128)>,
}

impl Sums {
    pub(in crate::experiment) fn of(replication: Replication, sources: &[Source]) -> Self {
        // Hosts, and nothing else, count available replicas.
        let on = if replication.available_min.is_some() { On::Hosts } else { On::Function };
        let action = |(at, action): &(Instant, Action)| (describe::action(action, on, sources), 1, i128::from(at.ns()));
        Self {
            replications: 1,
            cells: replication.tally.cells,
            integrals: replication.levels.integrals().map(<[PoolLevels]>::to_vec).collect(),
            backlogs: replication.levels.backlogs().to_vec(),
            latencies: replication.latencies,
            cold_waits: replication.tally.cold_waits,
            adopted: replication.adopted,
            actions: replication.actions.iter().map(action).collect(),
        }
    }

    pub(in crate::experiment) fn add(&mut self, other: &Self) {
        self.replications += other.replications;
        self.cells.add(&other.cells);
        for (mine, theirs) in self.integrals.iter_mut().flatten().zip(other.integrals.iter().flatten()) {
            mine.add(theirs);
        }
        self.backlogs.iter_mut().zip(&other.backlogs).for_each(|(mine, theirs)| *mine += theirs);
        self.latencies.add(&other.latencies);
        self.cold_waits.merge(&other.cold_waits);
        self.adopted.add(&other.adopted);
        // The k-th time that something is done is one action, whatever else a rollout does.
        let mut from = 0;
        for (what, count, sum) in &other.actions {
            match self.actions[from..].iter().position(|(known, ..)| known == what) {
                Some(place) => {
                    from += place + 1;
                    let (_, mine, total) = &mut self.actions[from - 1];
                    (*mine, *total) = (*mine + count, *total + sum);
                }
                None => {
                    self.actions.insert(from, (what.clone(), *count, *sum));
                    from += 1;
                }
            }
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
pub(in crate::experiment) fn strategy(
    scenario: &Scenario,
    strategy: &Strategy,
    Simulated { strata, rows, sums, known }: Simulated,
    metrics: &[Metric],
    (contracts, versions): (&[Contract], &[Version]),
    confidence: f64,
) -> StrategyResults {
    let cast = Cast::new(&scenario.service, strategy);
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
        on_hosts: strategy.on() == On::Hosts,
        replaces: strategy.rollout.deploys().then_some(strategy.deployment.from),
        brings: strategy.brings(),
        reach: sums.and_then(|sums| reach(scenario, strategy, sums)),
        too_short: too_short(scenario, strategy, &rows, metrics),
        estimates: metrics.iter().zip(estimates).zip(&known.means).map(certain).collect(),
        pairs: sums.map_or_else(Vec::new, |sums| pairs(scenario, sums, &cast, contracts, versions)),
        timeline: sums.map_or_else(Timeline::default, |sums| {
            timeline(scenario, sums, (&cast, strategy.on()), contracts, versions)
        }),
        actions: sums.map_or_else(Vec::new, |sums| actions(sums.any())),
        hangs_on: levers::hangs_on(scenario, strategy),
        cold_waits: sums.map_or_else(Vec::new, cold_waits),
        strata,
        rows,
    }
}

/// A timeout that ended every rollout.
fn too_short(scenario: &Scenario, strategy: &Strategy, rows: &[Vec<Row>], metrics: &[Metric]) -> Option<TooShort> {
    let timeout = strategy.guard.as_ref()?.timeout?.after;
    let timed_out = metrics.iter().position(|metric| metric.kind == Kind::TimedOut)?;
    let all = rows.iter().flatten().all(|row| row.values[timed_out] == Some(1.0));
    let takes = (all && !rows.is_empty()).then(|| undisturbed::takes(scenario, strategy))??;
    Some(TooShort { timeout, takes })
}

/// Whom the new version reached, over all replications together; `None` where nothing is deployed, or nothing was run.
fn reach(scenario: &Scenario, strategy: &Strategy, sums: &Strata<'_>) -> Option<Reach> {
    if !strategy.rollout.deploys() {
        return None;
    }
    let first = Bins::new(scenario.window, scenario.bin).first_counted();
    let last = sums.any().cells.len() - (sums.any().cells.len() - first).div_ceil(10);
    let cast = Cast::new(&scenario.service, strategy);
    let ran = |from: usize, version: VersionIx| {
        let attempts = |sums: &Sums| {
            let sum = sums.cells.sum(from..sums.cells.len());
            sum.attempts.iter().map(|row| row[version]).sum::<u64>()
        };
        sums.sum(|sums| attempts(sums) as f64)
    };
    let all_ran = |from| -> f64 { cast.versions().map(|(version, _)| ran(from, version)).sum() };
    let new = cast.place(strategy.deployment.to)?;
    let (ever, all) = (ran(first, new), all_ran(first));
    let (new, of) = (ran(last, new), all_ran(last));
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
    let mean = |sum: i128, count: u32| sum as f64 / f64::from(count) / NS_PER_S as f64;
    let action = |(what, count, sum): &(String, u32, i128)| PlannedAction {
        at_s: mean(*sum, *count),
        share: f64::from(*count) / f64::from(sums.replications),
        what: what.clone(),
    };
    let mut actions: Vec<PlannedAction> = sums.actions.iter().map(action).collect();
    actions.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    actions
}

fn pairs(
    scenario: &Scenario,
    sums: &Strata<'_>,
    cast: &Cast,
    contracts: &[Contract],
    versions: &[Version],
) -> Vec<Pair> {
    let first = Bins::new(scenario.window, scenario.bin).first_counted();
    let mut pairs = Vec::with_capacity(contracts.len() * versions.len());
    for &contract in contracts {
        for &version in versions {
            let counted = |cells: &Cells| {
                (first..cells.len()).map(|bin| attempts(cells, bin, cast, contract, version)).sum::<u64>()
            };
            let requests = sums.mean(|sums| counted(&sums.cells) as f64);
            let release = scenario.service.release(version);
            let incompatible = if release.accepts(contract) { 0.0 } else { requests };
            pairs.push(Pair { contract, version, spoken: release.contract, requests, incompatible });
        }
    }
    pairs
}

fn attempts(cells: &Cells, bin: usize, cast: &Cast, contract: Contract, version: Version) -> u64 {
    match (cast.contract_place(contract), cast.place(version)) {
        (Some(contract), Some(version)) => cells.attempts(bin, contract, version),
        _ => 0,
    }
}

fn timeline(
    scenario: &Scenario,
    sums: &Strata<'_>,
    (cast, on): (&Cast, On),
    contracts: &[Contract],
    versions: &[Version],
) -> Timeline {
    let bins = Bins::new(scenario.window, scenario.bin);
    let edges: Vec<_> = (0..=bins.len()).map(|i| bins.edge(i)).collect();
    let by_bin = |value: &dyn Fn(usize) -> Option<f64>| (0..bins.len()).map(value).collect::<Vec<_>>();
    let mean = |value: &dyn Fn(&Cells, usize) -> u64| -> Vec<Option<f64>> {
        by_bin(&|bin| Some(sums.mean(|sums| value(&sums.cells, bin) as f64)))
    };
    let plain = |value: fn(&Plain) -> u64| mean(&|cells, bin| value(cells.plain(bin)));
    // The attempts of those (contract, version) that a condition holds for.
    let over_pairs = |holds: &dyn Fn(Contract, Version) -> bool| {
        let chosen: Vec<_> = contracts
            .iter()
            .flat_map(|&contract| versions.iter().map(move |&version| (contract, version)))
            .filter(|&(contract, version)| holds(contract, version))
            .collect();
        mean(&|cells, bin| {
            chosen.iter().map(|&(contract, version)| attempts(cells, bin, cast, contract, version)).sum()
        })
    };
    let release = |version| scenario.service.release(version);
    let level = |version: Version, pick: fn(&PoolLevels) -> u128| -> Vec<Option<f64>> {
        let integral = |sums: &Sums, bin: usize| {
            cast.place(version).map_or(0.0, |place| pick(&sums.integrals[bin][place.number()]) as f64)
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
    let may_be =
        |cause: &Cause| scenario.strategies.iter().any(|strategy| causes::may_be(*cause, &scenario.service, strategy));
    for cause in Cause::ALL.into_iter().filter(may_be) {
        series.push((Series::Mismatched(cause), mean(&|cells, bin| cells.plain(bin).causes.of(cause))));
    }
    series.push((Series::Incompatible, over_pairs(&|contract, version| !release(version).accepts(contract))));
    series.push((Series::Failed, plain(|plain| plain.ends.failed())));
    series.push((Series::Throttled, plain(|plain| plain.ends.throttled)));
    series.push((Series::Expired, plain(|plain| plain.ends.expired)));
    series.push((Series::Retried, plain(|plain| plain.retried)));
    if scenario.service.has_users() {
        series.push((Series::SessionsFlipped, plain(|plain| plain.flipped)));
    }
    let only = |wanted: On, values: Vec<Option<f64>>| if wanted == on { values } else { vec![None; bins.len()] };
    for &version in versions {
        let cold = mean(&|cells, bin| cast.place(version).map_or(0, |place| cells.cold(bin, place)));
        let levels: [fn(&PoolLevels) -> u128; 3] =
            [|levels| levels.starting, |levels| levels.idle, |levels| levels.busy];
        let [starting, idle, busy] = levels.map(|pick| level(version, pick));
        if scenario.service.hosts.is_some() {
            series.push((Series::ReplicasStarting(version), only(On::Hosts, starting.clone())));
            series.push((Series::ReplicasReady(version), only(On::Hosts, idle.clone())));
            series.push((Series::ReplicasDraining(version), only(On::Hosts, busy.clone())));
        }
        series.push((Series::ColdStarts(version), only(On::Function, cold)));
        series.push((Series::Starting(version), only(On::Function, starting)));
        series.push((Series::Idle(version), only(On::Function, idle)));
        series.push((Series::Busy(version), only(On::Function, busy)));
    }
    if let Some(hosts) = &scenario.service.hosts {
        let ready: Vec<_> = versions.iter().map(|&version| level(version, |levels| levels.idle)).collect();
        let capacity = |bin: usize| {
            let replicas: f64 = ready.iter().filter_map(|values| values[bin]).sum();
            Some(replicas * f64::from(hosts.concurrency))
        };
        series.push((Series::CapacityReady, only(On::Hosts, by_bin(&capacity))));
    }
    let sources = &scenario.service.sources;
    for (place, queue) in sources.iter().enumerate().filter_map(|(place, of)| Some((place, of.via.queue()?))) {
        let mean = |bin: usize| {
            let integral = |sums: &Sums| sums.backlogs.get(bin * sources.len() + place).map_or(0.0, |&sum| sum as f64);
            Some(sums.mean(integral) / edges[bin + 1].since(edges[bin]).ns() as f64)
        };
        series.push((Series::Backlog(queue.name), only(On::Function, by_bin(&mean))));
    }
    let latency = |bin: usize| {
        let served = sums.sum(|sums| sums.cells.plain(bin).served as f64);
        (served > 0.0).then(|| sums.sum(|sums| sums.cells.plain(bin).latency as f64) / served / NS_PER_MS)
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
    // Nothing is billed before t = 0.
    let cost = |bin: usize| {
        let cost = |sums: &Sums| {
            let replicas = (on == On::Hosts).then(|| sums.integrals[bin].iter().map(PoolLevels::alive).sum());
            Bill::new(&sums.cells.sum(bin..bin + 1), replicas, &scenario.service, cast).usd()
        };
        (bin >= bins.first_counted()).then(|| sums.share(cost)).flatten().map(|sum| sum / sums.replications)
    };
    let prices = &scenario.service.prices;
    if prices.instance.is_some() || versions.iter().any(|&version| release(version).memory.is_some()) {
        series.push((Series::Cost, by_bin(&cost)));
    }
    Timeline { edges, series }
}
