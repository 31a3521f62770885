//! Percentiles of latencies: of a law with a heavy tail, of requests that the window cuts off, of survivors only.

use super::{Row, covers, results, row};
use cutover::results::{Outcome, ScenarioResults, Verdict};
use cutover::scenario::{self, Options, Override, Scenario};
use std::path::Path;

/// The 99th percentile of service times, in milliseconds.
const P99: f64 = 16.387;

/// The heavy tail, in which some keys are set anew.
fn heavy(keys: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/validate/ugly/heavy-tail.toml");
    let overrides = keys.iter().map(|key| Override::new(key)).collect();
    scenario::load(&[path], &Options { overrides, ..Options::default() }).unwrap().remove(0)
}

/// The same experiments, which differ in their seed alone.
fn experiments<T>(scenario: &Scenario, count: u64, found: impl Fn(&ScenarioResults) -> T) -> Vec<T> {
    (1..=count).map(|seed| found(&results(scenario, seed))).collect()
}

fn verdict(results: &ScenarioResults, key: &str) -> Verdict {
    results.difference(key, 0, 1).unwrap().verdict
}

/// Whether what is "at least" is so, or else the interval holds it, under both strategies.
fn holds(results: &ScenarioResults, key: &str, truth: f64) -> bool {
    [0, 1].map(|strategy| results.estimate(strategy, key)).iter().all(|found| match found.censored {
        0 => covers(found, truth),
        _ => found.interval.is_none_or(|(low, _)| low <= truth),
    })
}

pub fn all(count: u64) -> Vec<Row> {
    let each = count / 4;
    let (latency, answer) = ("latency_p99_ms", "answer_p99_ms");
    let told = [Verdict::Lower, Verdict::Higher];
    // Another tail beyond another median, and the same 99th percentile.
    let twins = heavy(&["version.2.code.service={ lognormal = { p50 = \"200us\", p99 = \"16387us\" } }"]);
    let twins = experiments(&twins, each, |results| {
        let is_told = |key| told.contains(&verdict(results, key));
        ([latency, answer].map(|key| covers(&results.estimate(0, key), P99)), !is_told(latency) && !is_told(answer))
    });
    let slower = heavy(&["version.2.code.service={ lognormal = { p50 = \"500us\", p99 = \"17206us\" } }"]);
    let slower =
        experiments(&slower, each, |results| ![latency, answer].map(|key| verdict(results, key)).contains(&told[0]));
    // Requests of more than 37.5 ms, the slowest in 500, fail: whoever waits for one of them waits for ever.
    let losing = heavy(&["version.2.function.timeout=\"37.5ms\""]);
    let losing = experiments(&losing, each, |results| {
        let found = ["latency_mean_ms", latency, answer].map(|key| verdict(results, key));
        (!found.contains(&told[0]), covers(&results.estimate(0, answer), P99))
    });
    // A thousand times as slow: one request in twenty is in flight at the end.
    let cut = heavy(&["code.service={ lognormal = { p50 = \"500ms\", p99 = \"16387ms\" } }"]);
    let cut = experiments(&cut, each / 4, |results| {
        (holds(results, latency, 1_000.0 * P99), verdict(results, latency) == Verdict::NotCompared)
    });
    vec![
        row("service with a heavy tail: the 99th percentile of latency", 0.95, twins.iter().map(|found| found.0[0])),
        row("the same: of answers", 0.95, twins.iter().map(|found| found.0[1])),
        row("two tails, one 99th percentile: no difference is called", 0.95, twins.iter().map(|found| found.1)),
        row("a tail 5 % longer is not called shorter", 0.95, slower.into_iter()),
        row("a strategy that loses the slowest 0.2 % is not called faster", 0.95, losing.iter().map(|found| found.0)),
        row("the same: the 99th percentile of its answers", 0.95, losing.iter().map(|found| found.1)),
        row("a heavy tail cut off by the window: at least so much, truly", 0.95, cut.iter().map(|found| found.0)),
        row("the same: not compared", 1.0, cut.iter().map(|found| found.1)),
        row("latencies cut short by the end: the objective stays undecided", 1.0, undecided(count).into_iter()),
        row("latencies of survivors are not compared", 1.0, survivors(count).into_iter()),
    ]
}

fn undecided(count: u64) -> Vec<bool> {
    super::experiments("latency-cut-at-the-end.toml", (count / 20).max(5), |results| {
        results.gates.iter().all(|gate| gate.outcome == Outcome::Undecided)
    })
}

fn survivors(count: u64) -> Vec<bool> {
    super::experiments("only-survivors-have-latency.toml", count / 4, |results| {
        ["latency_mean_ms", "latency_p50_ms", "latency_p99_ms"].map(|key| verdict(results, key))
            == [Verdict::NotCompared; 3]
    })
}
