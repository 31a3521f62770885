//! Do intervals keep their promise? Independent experiments whose true answer is known exactly: how many of the 95 %
//! intervals hold it? In full for the page and for `tests/coverage.rs`.

use crate::common::{self, constant, ms, s, uniform};
use cutover::experiment::settings::{Goal, Width};
use cutover::experiment::{self, Precision, Settings};
use cutover::metrics::{Kind, Metric};
use cutover::results::{Estimate, Method};
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::stats::interval;
use cutover::strategy::Order;
use cutover::time::Span;
use cutover::units::{Rate, Share};
use std::path::Path;

const CONFIDENCE: f64 = 0.95;

/// The intervals of one kind.
pub struct Row {
    /// What was estimated, and how.
    pub what: &'static str,
    /// Replications of one experiment, on average.
    pub replications: f64,
    /// The share of experiments whose interval holds the true value.
    pub covered: f64,
}

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

/// The estimate of a metric in each of the experiments, which differ in their seed alone, with the values of its
/// replications.
fn experiments(
    scenario: &Scenario,
    kind: Kind,
    precision: Option<&Precision>,
    count: u64,
) -> Vec<(Estimate, Vec<f64>)> {
    let scenario = std::slice::from_ref(scenario);
    let experiment = |seed| {
        let settings = Settings {
            seed,
            confidence: CONFIDENCE,
            threads: Some(2),
            precision: precision.cloned(),
            exact: false,
            ..Settings::default()
        };
        let results = experiment::run(scenario, &settings, None, &|_| ()).unwrap();
        let place = results.scenarios[0].metric(kind.key()).unwrap();
        let rows = &results.scenarios[0].strategies[0].rows;
        let values = rows.iter().map(|rows| rows[0].values[place].unwrap()).collect();
        (results.scenarios[0].estimate(0, kind.key()), values)
    };
    (0..count).map(experiment).collect()
}

/// The share of the experiments of which something holds.
fn share(found: &[(Estimate, Vec<f64>)], holds: impl Fn(&Estimate, &[f64]) -> bool) -> f64 {
    found.iter().filter(|(estimate, values)| holds(estimate, values)).count() as f64 / found.len() as f64
}

fn covers(estimate: &Estimate, truth: f64) -> bool {
    estimate.interval.is_some_and(|(low, high)| low <= truth && truth <= high)
}

fn mean_replications(found: &[(Estimate, Vec<f64>)]) -> f64 {
    found.iter().map(|(estimate, _)| f64::from(estimate.replications)).sum::<f64>() / found.len() as f64
}

/// Student's t, with a number of replications that is written down beforehand.
pub fn student(count: u64) -> Vec<Row> {
    let found = experiments(&rollout(20), Kind::Mismatched, None, count);
    assert!(found.iter().all(|(estimate, _)| estimate.method == Method::StudentT));
    let covered = share(&found, |estimate, _| covers(estimate, expected()));
    vec![Row {
        what: "mismatched requests, 78.1 expected: `student-t`",
        replications: mean_replications(&found),
        covered,
    }]
}

/// The sequential rule.
pub fn sequential(count: u64) -> Vec<Row> {
    const WIDTH: f64 = 0.08;
    let goal = Goal { metric: Metric { kind: Kind::Mismatched, version: None }, width: Width::Relative(WIDTH) };
    let precision = Precision { goals: vec![goal], most: 1_000 };
    let found = experiments(&rollout(1), Kind::Mismatched, Some(&precision), count);
    let reached = |estimate: &Estimate| (20..1_000).contains(&estimate.replications);
    assert!(found.iter().all(|(estimate, _)| reached(estimate)), "the width is reached");
    let replications = mean_replications(&found);
    let close = |estimate: &Estimate| (estimate.mean.unwrap() - expected()).abs() <= WIDTH * expected();
    vec![
        Row {
            what: "the same with `--precision mismatched=8%`: the interval at the stop",
            replications,
            covered: share(&found, |estimate, _| covers(estimate, expected())),
        },
        Row {
            what: "the same: off by 8 % of the true value at most",
            replications,
            covered: share(&found, |estimate, _| close(estimate)),
        },
    ]
}

/// Events so rare that Student's t does not do: the last row.
pub fn rare(count: u64) -> Vec<Row> {
    // Two failures in ten thousand requests: 0.06 a rollout of 300, on average 2.4 in forty rollouts.
    let mut scenario = rollout(40);
    scenario.strategies = vec![common::nothing()];
    scenario.service.releases[0].errors = Share::new(2, 10_000).into();
    scenario.service.releases[0].service = constant(ms(1));
    let truth = 50.0 * 6.0 * 2.0 / 10_000.0;
    let found = experiments(&scenario, Kind::Failed, None, count);
    assert!(found.iter().all(|(estimate, _)| estimate.method == Method::NoneSeen || estimate.method.is_of_few()));
    // The share of rollouts that see any: 1 - exp(-mean).
    let affected = 1.0 - cutover::math::exp(-truth);
    let by_rollout =
        |estimate: &Estimate| estimate.occurrence.is_some_and(|seen| (seen.share.0..=seen.share.1).contains(&affected));
    let by_t = |values: &[f64]| {
        let student = interval::of(values, CONFIDENCE).unwrap();
        (student.mean - truth).abs() <= student.half_width.unwrap()
    };
    let replications = mean_replications(&found);
    vec![
        Row {
            what: "failures, 0.06 a rollout: `poisson` and `none-seen`",
            replications,
            covered: share(&found, |estimate, _| covers(estimate, truth)),
        },
        Row {
            what: "the share of rollouts that see one: binomial",
            replications,
            covered: share(&found, |estimate, _| by_rollout(estimate)),
        },
        Row {
            what: "the same failures by Student's t, for comparison",
            replications,
            covered: share(&found, |_, values| by_t(values)),
        },
    ]
}

/// How many times smaller pairing makes the variance of the difference in mismatched requests between canaries of 10 %
/// and of 12 %, 5 minutes both, on the lesson.
pub fn pairing() -> f64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lesson.toml");
    let twelve =
        Override::new("strategy.twelve={ alias = { shift = { canary = { weight = \"12%\", bake = \"5m\" } } } }");
    let options = Options { overrides: vec![twelve], replications: Some(40), ..Options::default() };
    let mut scenario = scenario::load(&[path], &options).unwrap().remove(0);
    scenario.strategies.retain(|strategy| ["canary", "twelve"].contains(&strategy.name.as_str()));
    let settings = Settings { seed: 1, confidence: CONFIDENCE, exact: false, threads: Some(2), ..Settings::default() };
    let results = experiment::run(&[scenario], &settings, None, &|_| ()).unwrap();
    results.scenarios[0].difference("mismatched", 0, 1).unwrap().variance_reduction.unwrap()
}
