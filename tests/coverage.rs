//! Do intervals keep their promise? A thousand independent experiments whose true answer is known exactly: 95 %
//! intervals must cover it in 93 % to 97 % of them.
//!
//! `cargo test --release --test coverage -- --nocapture` prints the figures that stand in `docs/statistics.md`.

mod common;

use common::{constant, ms, s, uniform};
use cutover::experiment::metrics::{Kind, Metric};
use cutover::experiment::results::{Estimate, Method};
use cutover::experiment::settings::{Goal, Width};
use cutover::experiment::{self, Precision, Settings};
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::stats::interval;
use cutover::strategy::Order;
use cutover::time::Span;
use cutover::units::{Rate, Share};
use std::path::Path;

const EXPERIMENTS: u64 = 1_000;

/// 50 requests a second meet a rollout of `latest`: four nodes and three front-ends, lags of 0 to 4 s, a step of 1 s.
fn rollout(replications: u32) -> Scenario {
    let mut service = common::service(vec![common::poisson("web", Rate::per_second(50))]);
    (service.gateway.nodes, service.gateway.lag) = (4, uniform(Span::ZERO, s(4)));
    (service.function.front_ends, service.function.latest_lag) = (3, uniform(Span::ZERO, s(4)));
    let strategy = common::deploying("latest", common::latest(Order::FunctionFirst), s(1));
    Scenario { replications, ..common::scenario(service, vec![strategy], Span::ZERO, s(6)) }
}

/// The expected mismatches of that rollout. A request is mismatched if its node has the new revision and its front-end
/// not the new code, or the reverse; they are chosen independently, so the size of the fleets does not matter.
fn expected() -> f64 {
    let front_end = |t: f64| (t / 4.0).clamp(0.0, 1.0);
    let node = |t: f64| ((t - 1.0) / 4.0).clamp(0.0, 1.0);
    let share = |t: f64| node(t) * (1.0 - front_end(t)) + (1.0 - node(t)) * front_end(t);
    // Simpson's rule is exact on each piece, where the share is a parabola.
    let pieces = [(0.0, 1.0), (1.0, 4.0), (4.0, 5.0)];
    50.0 * pieces.map(|(a, b)| (b - a) / 6.0 * (share(a) + 4.0 * share((a + b) / 2.0) + share(b))).iter().sum::<f64>()
}

/// The estimate of a metric in each of the experiments, which differ in their seed alone.
fn estimates(scenario: &Scenario, kind: Kind, precision: Option<&Precision>) -> Vec<Estimate> {
    experiments(scenario, kind, precision).into_iter().map(|(estimate, _)| estimate).collect()
}

/// The same, with the values of the replications.
fn experiments(scenario: &Scenario, kind: Kind, precision: Option<&Precision>) -> Vec<(Estimate, Vec<f64>)> {
    let scenario = std::slice::from_ref(scenario);
    let experiment = |seed| {
        let settings = Settings { seed, confidence: 0.95, threads: Some(2), precision: precision.cloned() };
        let results = experiment::run(scenario, &settings, None, &|_| ()).unwrap();
        let place = results.scenarios[0].metric(kind.key()).unwrap();
        let rows = &results.scenarios[0].strategies[0].rows;
        let values = rows.iter().map(|row| row.values[place].unwrap()).collect();
        (results.scenarios[0].estimate(0, kind.key()), values)
    };
    (0..EXPERIMENTS).map(experiment).collect()
}

/// The share of intervals that hold the true value.
fn coverage(estimates: &[Estimate], truth: f64) -> f64 {
    let covers = |estimate: &&Estimate| estimate.interval.is_some_and(|(low, high)| low <= truth && truth <= high);
    estimates.iter().filter(covers).count() as f64 / estimates.len() as f64
}

#[test]
fn student_s_intervals_cover_the_mismatch_integral() {
    let found = estimates(&rollout(20), Kind::Mismatched, None);
    let coverage = coverage(&found, expected());
    println!("Student t, 20 replications, {} expected mismatches: {:.1} %", expected(), coverage * 100.0);
    assert!(found.iter().all(|estimate| estimate.method == Method::StudentT));
    assert!((0.93..=0.97).contains(&coverage), "{coverage}");
}

#[test]
fn so_does_the_sequential_rule() {
    let goal = Goal { metric: Metric { kind: Kind::Mismatched, version: None }, width: Width::Relative(0.08) };
    let precision = Precision { goals: vec![goal], most: 1_000 };
    let found = estimates(&rollout(1), Kind::Mismatched, Some(&precision));
    let replications: Vec<u32> = found.iter().map(|estimate| estimate.replications).collect();
    let mean = f64::from(replications.iter().sum::<u32>()) / replications.len() as f64;
    let coverage = coverage(&found, expected());
    println!("--precision mismatched=8%: {:.1} % with {mean:.0} replications on average", coverage * 100.0);
    assert!(replications.iter().all(|&n| n >= 20 && n % 10 == 0 && n < 1_000), "reached, at a look");
    assert!(mean > 25.0, "{mean}: it does not stop at the first look as a rule");
    assert!((0.93..=0.97).contains(&coverage), "{coverage}");
    // And the half-width wanted is an upper bound of the true relative error as often.
    let close = |estimate: &&Estimate| (estimate.mean.unwrap() - expected()).abs() <= 0.08 * expected();
    let share = found.iter().filter(close).count() as f64 / found.len() as f64;
    assert!(share >= 0.93, "{share}");
}

#[test]
fn rare_counts_are_covered_where_student_t_would_not_do() {
    // Two failures in ten thousand requests: 0.06 a rollout of 300, on average 2.4 in forty rollouts.
    let mut scenario = rollout(40);
    scenario.strategies = vec![common::nothing()];
    scenario.service.releases[0].errors = Share::new(2, 10_000);
    scenario.service.releases[0].service = constant(ms(1));
    let truth = 50.0 * 6.0 * 2.0 / 10_000.0;
    let experiments = experiments(&scenario, Kind::Failed, None);
    let by_t = experiments.iter().filter(|(_, values)| {
        let student = interval::of(values, 0.95).unwrap();
        (student.mean - truth).abs() <= student.half_width.unwrap()
    });
    let by_t = by_t.count() as f64 / experiments.len() as f64;
    assert!(by_t < 0.93, "Student's t would have done: {by_t}");
    let found: Vec<Estimate> = experiments.into_iter().map(|(estimate, _)| estimate).collect();
    let none = found.iter().filter(|estimate| estimate.method == Method::NoneSeen).count();
    let rare = found.iter().filter(|estimate| estimate.method == Method::Poisson).count();
    assert_eq!(none + rare, found.len());
    let coverage = coverage(&found, truth);
    println!("Poisson, 40 replications, {truth} expected failures each: {:.1} %, {none} saw none", coverage * 100.0);
    println!("Student t on the same experiments: {:.1} %", by_t * 100.0);
    assert!(coverage >= 0.93, "{coverage}");
    // The share of rollouts that see any: 1 - exp(-mean).
    let share = 1.0 - cutover::math::exp(-truth);
    let holds =
        |estimate: &&Estimate| estimate.occurrence.is_some_and(|seen| seen.share.0 <= share && share <= seen.share.1);
    let coverage = found.iter().filter(holds).count() as f64 / found.len() as f64;
    println!("Binomial over rollouts: {:.1} %", coverage * 100.0);
    assert!(coverage >= 0.93, "{coverage}");
}

#[test]
fn pairing_cuts_the_variance_of_close_strategies_tenfold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lesson.toml");
    let twelve =
        Override::new("strategy.twelve={ alias = { shift = { canary = { weight = \"12%\", bake = \"5m\" } } } }");
    let options = Options { overrides: vec![twelve], replications: Some(40) };
    let mut scenario = scenario::load(&[path], &options).unwrap().remove(0);
    scenario.strategies.retain(|strategy| ["canary", "twelve"].contains(&strategy.name.as_str()));
    let settings = Settings { seed: 1, confidence: 0.95, threads: Some(2), precision: None };
    let results = experiment::run(&[scenario], &settings, None, &|_| ()).unwrap();
    let gain = results.scenarios[0].difference("mismatched", 0, 1).unwrap().variance_reduction.unwrap();
    println!("canary 10 % against 12 %, mismatched requests: pairing cuts the variance {gain:.0} times");
    assert!(gain >= 10.0, "{gain}");
}
