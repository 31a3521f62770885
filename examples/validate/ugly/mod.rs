//! Do figures keep their promise where rollouts go wrong? Laws and scenarios far from normal, whose true answer is known: how
//! often an interval holds it, how often a verdict, an objective or a choice is wrong.

mod laws;
mod percentiles;
mod selections;
mod stops;

use cutover::experiment::{self, Settings};
use cutover::platform::exact;
use cutover::results::{Estimate, Outcome, ScenarioResults, Verdict};
use cutover::scenario::{self, Options, Scenario};
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
    /// Replications on average, where what was found decided their number.
    pub replications: Option<f64>,
}

fn row(what: &'static str, asked: f64, found: impl Iterator<Item = bool>) -> Row {
    let found: Vec<bool> = found.collect();
    let right = found.iter().filter(|&&right| right).count() as f64 / found.len() as f64;
    Row { what, experiments: found.len() as u64, right, asked, replications: None }
}

fn covers(estimate: &Estimate, truth: f64) -> bool {
    estimate.interval.is_some_and(|(low, high)| low <= truth && truth <= high)
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

/// Means by so many replications that their own error does not matter.
fn truth<const N: usize>(name: &str, strategy: usize, keys: [&str; N]) -> [f64; N] {
    let results = results(&case(name, 4_000), 999_983);
    keys.map(|key| results.estimate(strategy, key).mean.unwrap())
}

const LIMIT: &str = "bursts-against-a-limit.toml";

/// Bursts that meet a limit in one window of thirty.
fn bursts(count: u64, [share, number]: [f64; 2]) -> Vec<Row> {
    let met = |results: &ScenarioResults| results.gates[0].outcome == Outcome::Met;
    let found = experiments(LIMIT, count, |results| {
        let estimate = |key| results.estimate(0, key);
        (covers(&estimate("unserved_share"), share), covers(&estimate("unserved"), number), !met(results))
    });
    let rare = "rare-bursts-one-strategy.toml";
    let verdicts = experiments(rare, count, |results| {
        let verdict = |key| results.difference(key, 0, 1).unwrap().verdict;
        let found = [verdict("unserved"), verdict("unserved_share")];
        (!found.contains(&Verdict::Lower), found[0] == Verdict::Higher)
    });
    vec![
        row("bursts at a limit: the share unserved", 0.93, found.iter().map(|found| found.0)),
        row("the same: how many", 0.93, found.iter().map(|found| found.1)),
        row("the same: an objective of a seventeenth of it is not met", 0.95, found.iter().map(|found| found.2)),
        row("the worse of two strategies, hit by bursts, is not called better", 0.95, verdicts.iter().map(|v| v.0)),
        row("the same: it is called worse", 0.9, verdicts.iter().map(|v| v.1)),
    ]
}

/// Routes that are forgotten in one rollout of a hundred, or of twenty.
fn forgotten(count: u64) -> Vec<Row> {
    let large = "one-large-route.toml";
    let scenario = case(large, REPLICATIONS);
    let found = exact::figures(&scenario.service, &scenario.strategies[1], &scenario.window).unwrap();
    let counts = found.first.counts(&scenario.service, &scenario.strategies[1]);
    let share = counts.mismatched.iter().sum::<f64>() / counts.handled.iter().sum::<f64>();
    // Each is a million requests.
    let large = experiments(large, count / 4, |results| {
        let met = results.gates[0].outcome == Outcome::Met;
        (covers(&results.estimate(1, "mismatched_share"), share), !met)
    });
    let retry = "hit-rollouts-retry.toml";
    let [attempts] = truth(retry, 1, ["incompatible"]);
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

/// All of them; of those that simulate rollouts fewer.
pub fn all(count: u64) -> Vec<Row> {
    let fewer = count * 2 / 5;
    let unserved = truth(LIMIT, 0, ["unserved_share", "unserved"]);
    let rows = [
        laws::all(count),
        stops::all(count / 2, unserved[0]),
        selections::all(count),
        bursts(fewer, unserved),
        forgotten(fewer),
        percentiles::all(fewer),
    ];
    rows.into_iter().flatten().collect()
}
