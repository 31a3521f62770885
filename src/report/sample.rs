//! Results made up for tests.

use crate::experiment::infer::compare;
use crate::experiment::infer::decision::decide;
use crate::experiment::settings::RELEVANT;
use crate::ids::{Contract, Version};
use crate::metrics::Metric;
use crate::platform::Window;
use crate::results::{
    Assumption, Difference, Estimate, Method, Occurrence, Pair, PlannedAction, Reach, Row, ScenarioResults, Series,
    StrategyResults, Stratum, Timeline, Verdict,
};
use crate::stats::rare::none_of;
use crate::time::{Instant, Span};

/// What one made-up strategy does.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub name: String,
    pub deploys: bool,
    /// The mean of each metric by its key, and half its interval; others are 0 with no interval.
    pub means: Vec<(&'static str, f64, f64)>,
    /// The keys that are absent.
    pub absent: Vec<&'static str>,
    /// Whether the old version outlives the window.
    pub censored: bool,
    /// When the shift of traffic to the newest version starts and ends, in seconds.
    pub shift: (f64, f64),
    /// Requests per second that are ahead or behind during the shift.
    pub mismatched: (f64, f64),
    /// What its mismatches hang on.
    pub hangs_on: Vec<Assumption>,
}

impl Sample {
    /// A strategy that shifts from 0 to `end` and has so many incompatible requests, nine tenths of them behind.
    pub(crate) fn new(name: &str, end: f64, incompatible: f64) -> Self {
        let half = incompatible * 0.05;
        let mut means = vec![("cold_starts", 29.0, 1.2), ("cold_start_share", 0.000_12, 0.0)];
        means.extend([
            ("handled", 240_000.0, 100.0),
            ("latency_p99_ms", 210.3, 2.0),
            ("cold_wait_mean_ms", 140.0, 3.0),
            ("rollout_duration_s", end + 10.0, 1.0),
            ("old_drained_s", 416.0 + end, 3.0),
        ]);
        for key in ["incompatible", "mismatched", "lost", "unserved", "failed", "failed_incompatible"] {
            means.push((key, incompatible, half));
        }
        for key in ["incompatible_share", "lost_share", "unserved_share"] {
            means.push((key, incompatible / 240_000.0, half / 240_000.0));
        }
        means.push(("requests", 240_000.0, 100.0));
        means.extend([("mismatched_share", incompatible / 240_000.0, half / 240_000.0)]);
        means.extend([("mismatched_ahead", incompatible * 0.1, 1.0), ("mismatched_behind", incompatible * 0.9, 1.0)]);
        means.extend([("exposure_s", end, 1.0), ("instances_mean", 9.5, 0.2), ("reclaimed", 12.0, 1.0)]);
        let rate = if end > 0.0 { incompatible / end } else { 0.0 };
        Self {
            name: name.to_owned(),
            deploys: true,
            means,
            absent: Vec::new(),
            censored: false,
            shift: (0.0, end),
            mismatched: (rate * 0.1, rate * 0.9),
            hangs_on: vec![Assumption { what: "the gateway's lag", value: "0 s to 10 s".to_owned() }],
        }
    }

    /// The same where the code can read what it meets: near misses, and nothing is lost.
    pub(crate) fn near(name: &str, end: f64, near_misses: f64) -> Self {
        let mut sample = Self::new(name, end, near_misses);
        let harmless =
            ["mismatched", "exposure", "old", "rollout", "latency", "cold", "handled", "requests", "instances"];
        sample.means.retain(|(key, ..)| harmless.iter().any(|start| key.starts_with(start)));
        sample.with("near_misses", near_misses, near_misses * 0.05).with(
            "near_misses_share",
            near_misses / 240_000.0,
            0.0,
        )
    }

    /// The same with another mean of a metric, and half of its interval.
    pub(crate) fn with(mut self, key: &'static str, mean: f64, half: f64) -> Self {
        self.means.retain(|(known, ..)| *known != key);
        self.means.push((key, mean, half));
        self
    }

    /// A strategy that deploys nothing.
    pub(crate) fn none(name: &str) -> Self {
        let sample = Self { deploys: false, shift: (f64::INFINITY, f64::INFINITY), ..Self::new(name, 0.0, 0.0) };
        Self { absent: vec!["old_drained_s", "rollout_duration_s"], ..sample }
    }
}

/// The frame of made-up results.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub warm_up: Span,
    pub after: Span,
    pub bins: u64,
    pub rate: f64,
    pub versions: u16,
    pub replications: u32,
}

impl Default for Frame {
    fn default() -> Self {
        let (warm_up, after) = (Span::from_s(600), Span::from_s(1_200));
        Self { warm_up, after, bins: 360, rate: 200.0, versions: 2, replications: 40 }
    }
}

/// Results with these strategies. Two differ in a metric if their intervals are apart.
pub(crate) fn scenario(frame: &Frame, samples: &[Sample]) -> ScenarioResults {
    let versions: Vec<Version> = (1..=frame.versions).map(Version).collect();
    let metrics = Metric::all(&versions);
    let strategies: Vec<StrategyResults> = samples.iter().map(|sample| strategy(frame, sample, &metrics)).collect();
    let mut differences = Vec::new();
    for metric in 0..metrics.len() {
        for b in 1..strategies.len() {
            differences.extend((0..b).map(|a| difference(&strategies, metric, a, b)));
        }
    }
    let means: Vec<Vec<_>> =
        strategies.iter().map(|strategy| strategy.estimates.iter().map(|estimate| estimate.mean).collect()).collect();
    let deploys: Vec<_> = strategies.iter().map(|strategy| strategy.replaces.is_some()).collect();
    let best = compare::best(&means, &deploys, &metrics, &differences);
    let decision = decide(&strategies, &metrics, &differences, RELEVANT);
    ScenarioResults {
        name: "lesson".to_owned(),
        title: "Orders API v1 -> v2, breaking event format".to_owned(),
        hash: "0".to_owned(),
        source: String::new(),
        overrides: Vec::new(),
        window: Window { warm_up: frame.warm_up, after: frame.after },
        bin: Span::from_ns((frame.warm_up.ns() + frame.after.ns()) / frame.bins.max(1)),
        replications: frame.replications,
        traffic: "200 req/s".to_owned(),
        compatibility: "v2 cannot read v1 events".to_owned(),
        assumptions: vec!["gateway 0 s to 10 s".to_owned(), "idle 5 min to 7 min".to_owned()],
        contracts: versions.iter().map(|version| Contract(version.0)).collect(),
        versions,
        metrics,
        strategies,
        differences,
        best,
        decision,
        relevant: RELEVANT,
        unseen: none_of(frame.replications, 0.95),
        feeds_back: false,
        gates: Vec::new(),
        precision: Vec::new(),
        warm_up: None,
    }
}

fn strategy(frame: &Frame, sample: &Sample, metrics: &[Metric]) -> StrategyResults {
    let value = |metric: &Metric| {
        let key = metric.key();
        let known = sample.means.iter().find(|(known, ..)| *known == key);
        let (_, mean, half) = known.copied().unwrap_or(("", 0.0, 0.0));
        // No user has sessions unless a sample says so.
        let absent = sample.absent.contains(&key.as_str()) || (known.is_none() && key.starts_with("sessions"));
        (!absent).then_some((mean, half))
    };
    let censored = |metric: &Metric| sample.censored && metric.key() == "old_drained_s";
    let estimate = |metric: &Metric| Estimate {
        mean: value(metric).map(|(mean, _)| mean),
        simulated: value(metric).map(|(mean, _)| mean),
        interval: value(metric).filter(|_| frame.replications > 1).map(|(mean, half)| (mean - half, mean + half)),
        replications: if value(metric).is_some() { frame.replications } else { 0 },
        censored: if censored(metric) { frame.replications.div_ceil(2) } else { 0 },
        method: if frame.replications > 1 { Method::StudentT } else { Method::None },
        occurrence: occurrence(frame, metric, value(metric).map_or(0.0, |(mean, _)| mean)),
    };
    let row = Row {
        values: metrics.iter().map(|metric| value(metric).map(|(mean, _)| mean)).collect(),
        censored: metrics.iter().map(censored).collect(),
        first: 0.0,
    };
    StrategyResults {
        name: sample.name.clone(),
        replaces: sample.deploys.then_some(Version(1)),
        brings: sample.deploys.then_some(Version(2)),
        reach: sample.deploys.then_some(Reach { anybody: true, at_end: Some(1.0) }),
        strata: vec![Stratum { name: "all".to_owned(), weight: 1.0 }],
        rows: vec![vec![row]; frame.replications as usize],
        estimates: metrics.iter().map(estimate).collect(),
        pairs: pairs(&|key| sample.means.iter().find(|(known, ..)| *known == key).map_or(0.0, |&(_, mean, _)| mean)),
        timeline: timeline(frame, sample),
        actions: actions(sample),
        hangs_on: sample.hangs_on.clone(),
        too_short: None,
        on_hosts: false,
        cold_waits: (0_u32..40).map(|i| (120.0 + f64::from(i) * 1.5, f64::from(1 + i % 7))).collect(),
    }
}

/// The code at the start of the shift, the gateway at its end.
fn actions(sample: &Sample) -> Vec<PlannedAction> {
    let action = |at_s, what: &str| PlannedAction { at_s, share: 1.0, what: what.to_owned() };
    let (start, end) = sample.shift;
    if sample.deploys { vec![action(start, "$LATEST v2"), action(end, "gateway")] } else { Vec::new() }
}

/// Every rollout has its share of the events, or none has any.
fn occurrence(frame: &Frame, metric: &Metric, mean: f64) -> Option<Occurrence> {
    let affected = if mean > 0.0 { f64::from(frame.replications) } else { 0.0 };
    let most = none_of(frame.replications, 0.95);
    let share = if mean > 0.0 { (1.0 - most, 1.0) } else { (0.0, most) };
    metric.kind.counts_events().then(|| Occurrence {
        events: mean * f64::from(frame.replications),
        affected,
        share,
        dispersion: 1.0,
    })
}

/// Attempts ahead (new event, old code) and behind; all of them incompatible, if any is.
fn pairs(mean: &dyn Fn(&str) -> f64) -> Vec<Pair> {
    let pair = |contract, version, key| {
        let requests = mean(key);
        let incompatible = if mean("incompatible") > 0.0 { requests } else { 0.0 };
        Pair {
            contract: Contract(contract),
            version: Version(version),
            spoken: Contract(version),
            requests,
            incompatible,
        }
    };
    vec![pair(2, 1, "mismatched_ahead"), pair(1, 2, "mismatched_behind")]
}

fn difference(strategies: &[StrategyResults], metric: usize, a: usize, b: usize) -> Difference {
    let (first, second) = (strategies[a].estimates[metric], strategies[b].estimates[metric]);
    let comparable = first.censored + second.censored == 0;
    let ends = first.interval.zip(second.interval).filter(|_| comparable);
    let verdict = match ends {
        None => Verdict::NotCompared,
        Some((first, second)) if first == second => Verdict::Identical,
        Some((first, second)) if first.1 < second.0 => Verdict::Lower,
        Some((first, second)) if first.0 > second.1 => Verdict::Higher,
        Some(_) => Verdict::NoDifference,
    };
    Difference { metric, a, b, mean: None, interval: None, verdict, turns_at: None, variance_reduction: None }
}

/// Traffic that shifts evenly from the first version to the last, with instances in proportion.
fn timeline(frame: &Frame, sample: &Sample) -> Timeline {
    let (start, width) = (-(frame.warm_up.ns() as i64), (frame.warm_up.ns() + frame.after.ns()) / frame.bins.max(1));
    let edges: Vec<Instant> = (0..=frame.bins).map(|i| Instant::from_ns(start + (i * width) as i64)).collect();
    let middles: Vec<f64> = edges.windows(2).map(|pair| (pair[0].seconds() + pair[1].seconds()) / 2.0).collect();
    let seconds = Span::from_ns(width).seconds();
    let shifted = |t: f64| match sample.shift {
        (from, _) if t < from => 0.0,
        (_, to) if t >= to => 1.0,
        (from, to) => (t - from) / (to - from),
    };
    let during = |t: f64| t >= sample.shift.0 && t < sample.shift.1;
    let values = |of: &dyn Fn(f64) -> f64| middles.iter().map(|&t| Some(of(t))).collect::<Vec<_>>();
    let mut series = vec![
        (Series::MismatchedAhead, values(&|t| if during(t) { sample.mismatched.0 * seconds } else { 0.0 })),
        (Series::MismatchedBehind, values(&|t| if during(t) { sample.mismatched.1 * seconds } else { 0.0 })),
        (
            Series::Incompatible,
            values(&|t| if during(t) { (sample.mismatched.0 + sample.mismatched.1) * seconds } else { 0.0 }),
        ),
        (
            Series::Attempts(Contract(2), Version(1)),
            values(&|t| if during(t) { sample.mismatched.0 * seconds } else { 0.0 }),
        ),
        (
            Series::Attempts(Contract(1), Version(2)),
            values(&|t| if during(t) { sample.mismatched.1 * seconds } else { 0.0 }),
        ),
        (Series::LatencyP50, values(&|_| 38.0)),
        (Series::LatencyP99, values(&|t| if during(t) { 260.0 } else { 210.0 })),
        (Series::NodesNewShare, values(&shifted)),
        (Series::FrontEndsNewShare, values(&shifted)),
    ];
    // What is counted for the whole run happens evenly during the shift.
    let length = (sample.shift.1 - sample.shift.0).max(seconds);
    for (kind, key) in [
        (Series::Failed, "failed"),
        (Series::Throttled, "throttled"),
        (Series::Expired, "expired"),
        (Series::Retried, "retried"),
        (Series::SessionsFlipped, "sessions_flipped"),
    ] {
        let all = sample.means.iter().find(|(known, ..)| *known == key).map_or(0.0, |&(_, mean, _)| mean);
        series.push((kind, values(&|t| if during(t) { all * seconds / length } else { 0.0 })));
    }
    for number in 1..=frame.versions {
        let version = Version(number);
        let share = |t: f64| match number {
            1 => 1.0 - shifted(t),
            2 if frame.versions == 2 => shifted(t),
            last if last == frame.versions => shifted(t) * 0.9,
            _ => shifted(t) * 0.1 / f64::from(frame.versions.saturating_sub(2).max(1)),
        };
        let busy = frame.rate * 0.05;
        let fresh = |t: f64| if during(t) && number > 1 { busy / (sample.shift.1 - sample.shift.0) } else { 0.0 };
        series.extend([
            (Series::Attempts(Contract(number), version), values(&|t| frame.rate * seconds * share(t))),
            (Series::ColdStarts(version), values(&|t| fresh(t) * seconds)),
            (Series::Busy(version), values(&|t| busy * share(t))),
            (Series::Idle(version), values(&|t| busy * (share(t) * 0.8 + 0.2 * share(t - 400.0)))),
            (Series::Starting(version), values(&|t| fresh(t) * 2.0)),
        ]);
    }
    Timeline { edges, series }
}
