//! What a run will take, foreseen before it begins: requests, attempts and memory. Of the model only means are used, so
//! that it costs nothing; what chance makes of them is seen when it happens.

mod attempts;

use super::{Scenario, WarmUp};
use crate::math;
use crate::metrics::Metric;
use crate::platform::{Bins, ColdStart, Service, Window, footprint, strata};
use crate::source::{Arrivals, Source};
use crate::strategy::{Deployment, Strategy};
use crate::text::diagnostic::Place;
use crate::text::log::{Checked, Log};
use crate::time::{Instant, Span};
use crate::units::Bytes;
use attempts::attempts;
use std::collections::BTreeSet;

/// What a scenario will take.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Foreseen {
    /// Requests in all replications under all strategies.
    pub requests: f64,
    /// Their attempts, as far as limits, timeouts and the errors that are written lead to retries.
    pub attempts: f64,
    /// What they would be if every request were tried as often as its caller may.
    pub most_attempts: f64,
    /// Changes of how requests come.
    pub changes: f64,
    /// Instances alive at once in one replication, and callers waiting, users among them.
    pub instances: f64,
    /// See there.
    pub callers: f64,
    /// The place of the source that accounts for most of both.
    pub heaviest: usize,
    /// What one replication takes.
    pub replication: Bytes,
    /// What the results of all take, and the traces.
    pub results: Bytes,
}

/// How far above its mean a number of independent things may go, in standard deviations.
const FAR: f64 = 6.0;

impl Foreseen {
    /// Foresees what a scenario takes. While its warm-up is still to be found, what comes after t = 0.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let (service, window) = (&scenario.service, scenario.window);
        let bins = Bins::new(window, scenario.bin).len() as u64;
        let mut foreseen = Self {
            requests: 0.0,
            attempts: 0.0,
            most_attempts: 0.0,
            changes: 0.0,
            instances: 0.0,
            callers: 0.0,
            heaviest: 0,
            replication: Bytes(0),
            results: results(scenario, bins),
        };
        for (place, strategy) in scenario.strategies.iter().enumerate() {
            // A warm-up is simulated once for all that replace the same version.
            let is_first = |known: &Strategy| known.begins_with() != strategy.begins_with();
            foreseen.count(scenario, strategy, scenario.strategies[..place].iter().all(is_first));
            let (instances, callers, heaviest) = crowd(service, strategy, window);
            let grown = instances * footprint::INSTANCE as f64 + callers * footprint::CALLER as f64;
            let fixed = footprint::fixed(service, strategy, bins).0 + footprint::replicas(service, strategy);
            let bytes = fixed.saturating_add(grown as u64);
            if bytes > foreseen.replication.0 {
                foreseen.replication = Bytes(bytes);
                (foreseen.instances, foreseen.callers, foreseen.heaviest) = (instances, callers, heaviest);
            }
        }
        foreseen
    }

    /// The least memory that a run needs: with one replication at a time.
    #[must_use]
    pub const fn least(&self) -> Bytes {
        Bytes(self.results.0.saturating_add(self.replication.0))
    }

    /// Adds the requests and attempts of a strategy, those of its warm-up if they are not counted yet.
    fn count(&mut self, scenario: &Scenario, strategy: &Strategy, warm_up: bool) {
        let Deployment { from, to, .. } = strategy.deployment;
        let (service, window) = (&scenario.service, scenario.window);
        let start = match scenario.warm_up {
            WarmUp::Open => Instant::ZERO,
            _ => window.start(),
        };
        let strata = strata::of(service, strategy, window);
        let times = |runs: usize| f64::from(scenario.replications) * runs as f64;
        let before = if warm_up { times(strata::traffics(&strata)) } else { 0.0 };
        let spans = [(from, start, Instant::ZERO, before), (to, Instant::ZERO, window.end(), times(strata.len()))];
        for (version, begin, end, times) in spans {
            if begin >= end {
                continue;
            }
            let changes = service.sources.iter().map(|source| source.arrivals.changes(begin, end));
            self.changes += changes.sum::<f64>() * times;
            let release = service.release(version);
            for source in attempts(service, release, (begin, end)) {
                self.requests += source.requests * times;
                self.attempts += source.requests * source.attempts * times;
                self.most_attempts += source.requests * source.most * times;
            }
        }
    }
}

/// The memory that a run may take where nothing else is said.
pub const MEMORY: Bytes = Bytes(2 << 30);

/// Refuses a scenario that will not fit into `memory`, however few replications run at once. `sources` are where its
/// sources are written, `whole` is the file.
pub(super) fn fits(scenario: &Scenario, memory: Bytes, (sources, whole): (&[Place], &Place), log: &Log) -> Checked<()> {
    let foreseen = Foreseen::of(scenario);
    let Foreseen { instances, callers, replication, results, heaviest, .. } = foreseen;
    let at = sources.get(heaviest).unwrap_or(whole);
    for (many, most, what) in [
        (instances, footprint::MOST_INSTANCES, "instances are alive"),
        (callers, footprint::MOST_CALLERS, "callers wait"),
    ] {
        if many > f64::from(most) {
            let reason = format!("about {many:.0} {what} at once; {most} is the most");
            let cure =
                "write a smaller batch, a lower rate or fewer users, or limit the instances by `function.concurrency`";
            return Err(log.refuse(at, reason, cure));
        }
    }
    if foreseen.least() <= memory {
        return Ok(());
    }
    let more = format!("or allow more by --memory {}", foreseen.least().rounded_up());
    let crowd = instances * footprint::INSTANCE as f64 + callers * footprint::CALLER as f64;
    let (at, reason, cure) = if results > replication {
        let (bins, n) = (Bins::new(scenario.window, scenario.bin).len(), scenario.strategies.len());
        let replications = scenario.replications;
        let reason =
            format!("the results take about {results}: {n} strategies in {bins} bins and {replications} replications");
        (whole, reason, format!("write a wider `timeline.bin` or fewer `replications`, {more}"))
    } else if crowd * 2.0 > replication.0 as f64 {
        let reason = format!(
            "a replication takes about {replication}: {instances:.0} instances and {callers:.0} waiting callers at once"
        );
        (at, reason, format!("write a smaller batch, a lower rate or fewer users, {more}"))
    } else {
        let reason = format!("a replication takes about {replication}, before it has an instance");
        (whole, reason, format!("write a wider `timeline.bin`, fewer stages, front-ends, nodes or replicas, {more}"))
    };
    Err(log.refuse(at, format!("{reason}; {memory} is allowed"), cure))
}

/// Instances alive and callers waiting at once under a strategy, and the place of the source that accounts for most.
fn crowd(service: &Service, strategy: &Strategy, window: Window) -> (f64, f64, usize) {
    let Deployment { from, to, .. } = strategy.deployment;
    let (start, end) = (window.start(), window.end());
    let at_work = |version| {
        let release = service.release(version);
        let cold = match &release.cold {
            ColdStart::Init(law) => law.mean_ns(),
            ColdStart::Service(_) => 0.0,
        };
        let busy = |source: &Source| Span::from_ns_f64(source.work_ns(release.service.mean_ns()) + cold);
        let each = |source: &Source| far(source, source.arrivals.surge(busy(source), start, end));
        let each: Vec<f64> = service.sources.iter().map(each).collect();
        let most = service.function.limits.concurrency.map_or(f64::INFINITY, f64::from);
        (each.iter().sum::<f64>().min(most), each)
    };
    let ((old, by_source), (new, other)) = (at_work(from), at_work(to));
    // Idle instances of the old version are still there when the new one has as many as it needs.
    let provisioned = strategy.deployment.provisioned.map_or(0, |provisioned| provisioned.most());
    let instances = old.max(service.function.warm.into()) + if from == to { 0.0 } else { new } + provisioned as f64;
    let retried = |version| attempts(service, service.release(version), (start, end)).into_iter();
    let retried: Vec<f64> = retried(from).zip(retried(to)).map(|(old, new)| old.retried.max(new.retried)).collect();
    let waiting = |(source, retried): (&Source, &f64)| match source.arrivals {
        Arrivals::Users(users) => users.count.into(),
        _ => {
            let wait = source.caller.retries.map(|retries| retries.backoff);
            let wait = wait.or(source.via.queue().map(|queue| queue.longest_wait()));
            wait.map_or(0.0, |wait| {
                far(source, source.arrivals.surge(wait.min(end.since(start)), start, end) * retried)
            })
        }
    };
    let waiting: Vec<f64> = service.sources.iter().zip(&retried).map(waiting).collect();
    let weight = |place: usize| by_source[place].max(other[place]) + waiting[place];
    let heaviest = (0..service.sources.len()).max_by(|&a, &b| weight(a).total_cmp(&weight(b))).unwrap_or(0);
    (instances, waiting.iter().sum(), heaviest)
}

/// How many there may be of so many on average; what comes by the clock comes as it is written.
fn far(source: &Source, mean: f64) -> f64 {
    match source.arrivals {
        Arrivals::Constant(_) | Arrivals::Schedule(_) | Arrivals::Trace(_) => mean,
        _ => mean + FAR * math::sqrt(mean),
    }
}

/// What is there whatever runs: the results (sums, rows, timelines, and the longest of the files while it is written) and
/// the rows of traces.
fn results(scenario: &Scenario, bins: u64) -> Bytes {
    /// A value of a row or a timeline in memory, and as text with the names before it.
    const VALUE: u64 = 16;
    const TEXT: u64 = 32;
    let versions = scenario.versions();
    let contracts: BTreeSet<_> = versions.iter().map(|&version| scenario.service.release(version).contract).collect();
    let (n, c) = (versions.len() as u64, contracts.len() as u64);
    let series = 26 + 4 * n + n * c;
    let strata = |strategy: &Strategy| strata::of(&scenario.service, strategy, scenario.window).len() as u64;
    let strata: u64 = scenario.strategies.iter().map(strata).sum();
    let timeline = bins * series * (VALUE + TEXT) * scenario.strategies.len() as u64;
    let versions_of = |strategy: &Strategy| strategy.versions().len().max(2);
    let most = scenario.strategies.iter().map(versions_of).max().unwrap_or(2);
    let sums = bins * footprint::bin(bins, most);
    let metrics = Metric::all(&versions.into_iter().collect::<Vec<_>>()).len() as u64;
    let rows = u64::from(scenario.replications) * metrics * (VALUE + 1 + TEXT / 2);
    let traces = scenario.service.sources.iter().map(|source| match &source.arrivals {
        Arrivals::Trace(trace) => trace.bytes(),
        _ => 0,
    });
    Bytes((sums + rows).saturating_mul(strata).saturating_add(timeline).saturating_add(traces.sum()))
}
