//! Do figures keep their promise where rollouts go wrong? Laws and scenarios far from normal, whose true answer is known: how
//! often an interval holds it, how often a verdict, an objective or a choice is wrong.

use cutover::experiment::infer::estimate::estimate;
use cutover::experiment::study::select;
use cutover::experiment::{self, Sample, Settings};
use cutover::metrics::{Kind, Metric};
use cutover::platform::exact;
use cutover::results::selection::{Decision, Question};
use cutover::results::{Estimate, Outcome, Row as Values, ScenarioResults, Verdict};
use cutover::scenario::{self, Options, Scenario};
use rand_distr::{Distribution, Exp1, StandardNormal, StandardUniform};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::path::Path;

const CONFIDENCE: f64 = 0.95;
const REPLICATIONS: u32 = 40;

/// How one promise was kept.
pub struct Row {
    /// What was asked.
    pub what: &'static str,
    /// How often.
    pub experiments: u64,
    /// The share of the experiments that were right.
    pub right: f64,
    /// What was asked of it, at least.
    pub asked: f64,
}

fn row(what: &'static str, asked: f64, found: impl Iterator<Item = bool>) -> Row {
    let found: Vec<bool> = found.collect();
    let right = found.iter().filter(|&&right| right).count() as f64 / found.len() as f64;
    Row { what, experiments: found.len() as u64, right, asked }
}

fn covers(estimate: &Estimate, truth: f64) -> bool {
    estimate.interval.is_some_and(|(low, high)| low <= truth && truth <= high)
}

type Chance = Xoshiro256PlusPlus;

fn uniform(chance: &mut Chance) -> f64 {
    StandardUniform.sample(chance)
}

/// The estimate of a metric whose values are drawn: no rollouts, nothing but the rules themselves.
fn drawn(kind: Kind, seed: u64, draw: impl Fn(&mut Chance) -> f64) -> Estimate {
    const REQUESTS: f64 = 10_000.0;
    let metrics = [Kind::Requests, Kind::Lost, kind].map(|kind| Metric { kind, version: None });
    let mut chance = Chance::seed_from_u64(seed);
    let mut value = || {
        let value = draw(&mut chance);
        let lost = if kind == Kind::LostShare { value * REQUESTS } else { 0.0 };
        vec![Values { values: vec![Some(REQUESTS), Some(lost), Some(value)], censored: vec![false; 3], first: 0.0 }]
    };
    let rows: Vec<_> = (0..REPLICATIONS).map(|_| value()).collect();
    estimate(Sample::new(&rows, &[1.0], &metrics), 2, CONFIDENCE)
}

/// Values without a bound, or between 0 and 1, of laws far from normal.
fn laws(count: u64) -> Vec<Row> {
    let lognormal = |sigma: f64| {
        move |chance: &mut Chance| {
            let normal: f64 = StandardNormal.sample(chance);
            cutover::math::exp(sigma * normal)
        }
    };
    let mean = |sigma: f64| cutover::math::exp(sigma * sigma / 2.0);
    let unbounded =
        |sigma: f64| (0..count).map(move |seed| covers(&drawn(Kind::LatencyP50, seed, lognormal(sigma)), mean(sigma)));
    let share = |probability: f64, size: fn(&mut Chance) -> f64, mean: f64| {
        let hit = move |chance: &mut Chance| if uniform(chance) < probability { size(chance) } else { 0.0 };
        let each = (0..count).map(move |seed| drawn(Kind::LostShare, seed, hit));
        // After none seen there is no interval that could hold it and be of any use: what `turns_at` is for.
        each.filter(|found| found.mean != Some(0.0)).map(move |found| covers(&found, probability * mean))
    };
    vec![
        row("a lognormal mean, sigma 0.5", 0.93, unbounded(0.5)),
        row("a lognormal mean, sigma 1.5: `student-t-approximate`", 0.9, unbounded(1.5)),
        row("a rollout in 20 loses everything, where any was seen", 0.95, share(0.05, |_| 1.0, 1.0)),
        row("a rollout in 5 loses everything", 0.94, share(0.2, |_| 1.0, 1.0)),
        row("a rollout in 10 loses a part, uniform", 0.95, share(0.1, uniform, 0.5)),
        row("a rollout in 10 loses a part, exponential of mean 20 %", 0.95, share(0.1, exponential, FIFTH)),
    ]
}

/// The mean of an exponential part of mean 0.2, cut at 1.
const FIFTH: f64 = 0.198_652_410_600_182_9;

fn exponential(chance: &mut Chance) -> f64 {
    let part: f64 = Exp1.sample(chance);
    (part / 5.0).min(1.0)
}

fn case(name: &str, replications: u32) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let options = Options { replications: Some(replications), ..Options::default() };
    scenario::load(&[path], &options).unwrap().remove(0)
}

fn settings(seed: u64) -> Settings {
    Settings { seed, confidence: CONFIDENCE, threads: Some(2), exact: false, ..Settings::default() }
}

fn results(scenario: &Scenario, seed: u64) -> ScenarioResults {
    experiment::run(std::slice::from_ref(scenario), &settings(seed), None, &|_| ()).unwrap().scenarios.remove(0)
}

/// The same experiments on a case, which differ in their seed alone.
fn experiments<T>(name: &str, count: u64, found: impl Fn(&ScenarioResults) -> T) -> Vec<T> {
    let scenario = case(name, REPLICATIONS);
    (1..=count).map(|seed| found(&results(&scenario, seed))).collect()
}

/// A mean by so many replications that its own error does not matter.
fn truth(name: &str, strategy: usize, key: &str) -> f64 {
    results(&case(name, 4_000), 999_983).estimate(strategy, key).mean.unwrap()
}

/// Bursts that meet a limit in one window of thirty.
fn bursts(count: u64) -> Vec<Row> {
    let limit = "bursts-against-a-limit.toml";
    let (share, number) = (truth(limit, 0, "unserved_share"), truth(limit, 0, "unserved"));
    let met = |results: &ScenarioResults| results.gates[0].outcome == Outcome::Met;
    let found = experiments(limit, count, |results| {
        let estimate = |key| results.estimate(0, key);
        (covers(&estimate("unserved_share"), share), covers(&estimate("unserved"), number), !met(results))
    });
    let rare = "rare-bursts-one-strategy.toml";
    let verdicts = experiments(rare, count, |results| {
        let verdict = |key| results.difference(key, 0, 1).unwrap().verdict;
        let found = [verdict("unserved"), verdict("unserved_share")];
        (!found.contains(&Verdict::Lower), found[0] == Verdict::Higher)
    });
    let question = Question {
        metric: Metric { kind: Kind::Unserved, version: None },
        indifference: 10.0,
        constraints: Vec::new(),
        most: 1_000,
    };
    let scenario = case(rare, REPLICATIONS);
    let choice = |seed| select::run(&scenario, &question, &settings(seed), None, &|_| ()).unwrap().1.decision;
    vec![
        row("bursts at a limit: the share unserved", 0.93, found.iter().map(|found| found.0)),
        row("the same: how many", 0.93, found.iter().map(|found| found.1)),
        row("the same: an objective of a seventeenth of it is not met", 0.95, found.iter().map(|found| found.2)),
        row("the worse of two strategies, hit by bursts, is not called better", 0.95, verdicts.iter().map(|v| v.0)),
        row("the same: it is called worse", 0.9, verdicts.iter().map(|v| v.1)),
        row(
            "the same: it is not chosen by `select`",
            0.95,
            (0..count / 5).map(|seed| choice(seed) != Decision::Chosen(0)),
        ),
    ]
}

/// Routes that are forgotten in one rollout of a hundred, or of twenty.
fn forgotten(count: u64) -> Vec<Row> {
    let large = "one-large-route.toml";
    let scenario = case(large, REPLICATIONS);
    let found = exact::figures(&scenario.service, &scenario.strategies[1], &scenario.window).unwrap();
    let counts = found.first.counts(&scenario.service, &scenario.strategies[1].deployment);
    let share = counts.mismatched.iter().sum::<f64>() / counts.handled.iter().sum::<f64>();
    // Each is a million requests.
    let large = experiments(large, count / 4, |results| {
        let met = results.gates[0].outcome == Outcome::Met;
        (covers(&results.estimate(1, "mismatched_share"), share), !met)
    });
    let retry = "hit-rollouts-retry.toml";
    let attempts = truth(retry, 1, "incompatible");
    let retry = experiments(retry, count, |results| {
        let met = results.gates[0].outcome == Outcome::Met;
        (covers(&results.estimate(1, "incompatible"), attempts), !met)
    });
    vec![
        row(
            "one large route and 24 small ones, 1 % forgotten each: the share mismatched",
            0.93,
            large.iter().map(|l| l.0),
        ),
        row("the same: an objective of half of it is not met", 0.95, large.iter().map(|l| l.1)),
        row("a forgotten route whose callers retry: attempts", 0.93, retry.iter().map(|r| r.0)),
        row("the same: an objective of half of them is not met", 0.95, retry.iter().map(|r| r.1)),
    ]
}

/// Latencies of some requests only.
fn latencies(count: u64) -> Vec<Row> {
    let cut = experiments("latency-cut-at-the-end.toml", (count / 20).max(5), |results| {
        results.gates.iter().all(|gate| gate.outcome == Outcome::Undecided)
    });
    let survivors = experiments("only-survivors-have-latency.toml", count / 4, |results| {
        let verdict = |key| results.difference(key, 0, 1).unwrap().verdict;
        ["latency_mean_ms", "latency_p50_ms", "latency_p99_ms"].map(verdict) == [Verdict::NotCompared; 3]
    });
    vec![
        row("latencies cut short by the end: the objective stays undecided", 1.0, cut.into_iter()),
        row("latencies of survivors are not compared", 1.0, survivors.into_iter()),
    ]
}

/// All of them; of those that simulate rollouts fewer.
pub fn all(count: u64) -> Vec<Row> {
    let fewer = count * 2 / 5;
    [laws(count), bursts(fewer), forgotten(fewer), latencies(fewer)].into_iter().flatten().collect()
}
