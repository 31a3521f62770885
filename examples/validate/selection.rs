//! Does a selection keep its promise? Independent experiments in configurations that are as hard as they can be, whose
//! true answer is known exactly: how many of them choose rightly? In full for the page, reduced for `tests/select.rs`.
//!
//! A function is a line; [`ALL`] lists them.

use crate::common::{self, constant, ms, s, uniform};
use cutover::experiment::study::select::{self, Contest};
use cutover::experiment::{Sample, Settings};
use cutover::ids::{Contract, Version};
use cutover::metrics::{Bound, Kind, Metric};
use cutover::results::Row as Values;
use cutover::results::selection::{Constraint, Decision, Question, Selection};
use cutover::scenario::Scenario;
use cutover::strategy::{GatewayMove, Order, Strategy};
use cutover::time::Span;
use cutover::units::{Rate, Share};
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// What is promised of each selection.
pub const CONFIDENCE: f64 = 0.95;

/// How many selections were right.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was chosen among.
    pub what: &'static str,
    /// How many experiments.
    pub experiments: u64,
    /// The share of them that chose rightly.
    pub right: f64,
    /// The share that chose nothing: not right, and said so.
    pub undecided: f64,
    /// Replications of all strategies together, on average: spent, and with as many for each.
    pub spent: f64,
    pub equal: f64,
}

/// Every line. Each is given how many experiments to make.
pub const ALL: [fn(u64) -> Row; 6] = [normal, skewed, slippage, staircase, constrained, rare];

fn row(what: &'static str, found: &[Selection], right: impl Fn(usize) -> bool) -> Row {
    let experiments = found.len() as f64;
    let share = |holds: &dyn Fn(&Selection) -> bool| {
        found.iter().filter(|selection| holds(selection)).count() as f64 / experiments
    };
    let mean = |cost: fn(&Selection) -> u64| found.iter().map(cost).sum::<u64>() as f64 / experiments;
    Row {
        what,
        experiments: found.len() as u64,
        right: share(&|selection| matches!(selection.decision, Decision::Chosen(place) if right(place))),
        undecided: share(&|selection| !matches!(selection.decision, Decision::Chosen(_))),
        spent: mean(|selection| selection.cost.spent),
        equal: mean(|selection| selection.cost.equal),
    }
}

fn question(kind: Kind, indifference: f64, constraints: Vec<Constraint>) -> Question {
    Question { metric: metric(kind), indifference, constraints, most: 20_000 }
}

fn metric(kind: Kind) -> Metric {
    Metric { kind, version: None }
}

fn experiments(scenario: &Scenario, question: &Question, count: u64) -> Vec<Selection> {
    let experiment = |seed| {
        let settings = Settings { seed, confidence: CONFIDENCE, exact: false, threads: Some(2), ..Settings::default() };
        select::run(scenario, question, &settings, None, &|_| ()).unwrap().1
    };
    (0..count).map(experiment).collect()
}

/// A selection among variables drawn by `draw`, by strategy: no rollouts, nothing but the rule itself.
fn drawn(
    question: &Question,
    strategies: u64,
    seed: u64,
    draw: impl Fn(usize, &mut Xoshiro256PlusPlus) -> Vec<f64>,
) -> Selection {
    let constrained = question.constraints.iter().map(|constraint| constraint.metric.clone());
    let metrics: Vec<Metric> = [question.metric.clone()].into_iter().chain(constrained).collect();
    let mut chance: Vec<_> =
        (0..strategies).map(|place| Xoshiro256PlusPlus::seed_from_u64(seed * strategies + place)).collect();
    let mut rows: Vec<Vec<Vec<Values>>> = vec![Vec::new(); chance.len()];
    let mut contest = Contest::new(question, &metrics, CONFIDENCE, strategies as usize);
    loop {
        for (place, wanted) in contest.wanted().into_iter().enumerate() {
            while rows[place].len() < wanted as usize {
                let values = draw(place, &mut chance[place]).into_iter().map(Some).collect();
                rows[place].push(vec![Values { values, censored: vec![false; metrics.len()], first: 0.0 }]);
            }
        }
        let samples: Vec<_> = rows.iter().map(|rows| Sample::new(rows, &[1.0], &metrics)).collect();
        if contest.look(&samples) {
            return contest.outcome(&samples);
        }
    }
}

/// Ten independent normal variables of variance 1, all but the first a fifth worse than it.
fn normal(count: u64) -> Row {
    const WORSE: f64 = 0.2;
    let question = question(Kind::LatencyMean, WORSE, Vec::new());
    let experiment = |seed| {
        drawn(&question, 10, seed, |place, chance| {
            let noise: f64 = StandardNormal.sample(chance);
            vec![10.0 + noise + if place == 0 { 0.0 } else { WORSE }]
        })
    };
    let found: Vec<Selection> = (0..count).map(experiment).collect();
    row("10 independent normal variables, 9 exactly the indifference worse", &found, |place| place == 0)
}

/// Skewed values: what is bounded is exponential (skewness 2), once exactly within the tolerance, once exactly beyond.
fn skewed(count: u64) -> Row {
    let constraint = Constraint { metric: metric(Kind::Exposure), bound: Bound::AtMost(1.0), tolerance: 0.2 };
    let question = question(Kind::LatencyMean, 1.0, vec![constraint]);
    let experiment = |seed| {
        drawn(&question, 2, seed, |place, chance| {
            let value: f64 = Exp1.sample(chance);
            vec![[10.0, 20.0][place], value * [1.2, 0.8][place]]
        })
    };
    let found: Vec<Selection> = (0..count).map(experiment).collect();
    row("2 exponential variables, one exactly the tolerance beyond its bound, one within", &found, |place| place == 1)
}

/// 50 requests a second meet rollouts with four nodes and three front-ends, lags of 0 to 4 s.
fn rollouts(strategies: Vec<Strategy>) -> Scenario {
    let mut service = common::service(vec![common::poisson("web", Rate::per_second(50))]);
    (service.gateway.nodes, service.gateway.lag) = (4, uniform(Span::ZERO, s(4)));
    (service.function.front_ends, service.function.latest_lag) = (3, uniform(Span::ZERO, s(4)));
    common::scenario(service, strategies, Span::ZERO, s(7))
}

fn latest(name: &str, order: Order, step: Span) -> Strategy {
    common::deploying(name, common::latest(order), step)
}

/// The expected mismatches of `latest`, whichever comes first: a request is mismatched between the adoptions of its node
/// and of its front-end, uniform over 4 s each and `step` apart, so that the span between is |D + step| with D
/// triangular over ±4 s: 4/3 + step^2 / 4 - step^3 / 48 on average.
fn expected(step: f64) -> f64 {
    50.0 * (4.0 / 3.0 + step * step / 4.0 - step * step * step / 48.0)
}

/// The least favourable configuration: every other strategy is exactly the indifference worse than the best.
fn slippage(count: u64) -> Row {
    let alias = common::alias(cutover::strategy::Shift::AllAtOnce, GatewayMove::After);
    // Front-ends follow the alias at once, so that the span is step + 2 s on average: as much as expected(2) / 50.
    let strategies = vec![
        latest("best", Order::FunctionFirst, ms(1_500)),
        latest("function-first", Order::FunctionFirst, s(2)),
        latest("gateway-first", Order::GatewayFirst, s(2)),
        common::deploying("alias", alias, Span::from_ns(166_666_667)),
    ];
    let question = question(Kind::Mismatched, expected(2.0) - expected(1.5), Vec::new());
    let found = experiments(&rollouts(strategies), &question, count);
    row("4 rollouts, 3 exactly the indifference worse (91 and 108 mismatches)", &found, |place| place == 0)
}

/// Each strategy is nearer to the next one than the indifference, and the last is far from the first: one must not be
/// chosen because it is near one that is near the best.
fn staircase(count: u64) -> Row {
    let orders = [Order::FunctionFirst, Order::GatewayFirst];
    let steps = [1_500, 1_700, 1_900, 2_100, 2_300];
    let strategies = steps.iter().enumerate();
    let strategies =
        strategies.map(|(place, &step)| latest(&format!("s{place}"), orders[place % 2], ms(step))).collect();
    let truth = steps.map(|step| expected(f64::from(step as u32) / 1_000.0));
    let indifference = truth[2] - truth[0];
    let found = experiments(&rollouts(strategies), &question(Kind::Mismatched, indifference, Vec::new()), count);
    row("5 rollouts, each half the indifference worse than the one before", &found, |place| {
        truth[place] <= truth[0] + indifference * (1.0 + 1e-9)
    })
}

/// The one with the best figure breaks its bound by exactly the tolerance, the next best keeps it by exactly that.
fn constrained(count: u64) -> Row {
    // Behind are those that came while the front-end was ahead of the node: half of the sum and of the difference, step.
    let behind = |step: f64| f64::midpoint(expected(step), 50.0 * step);
    let (keeps, breaks) = (behind(1.25), behind(1.75));
    let bound = Bound::AtMost(f64::midpoint(keeps, breaks));
    let constraint = Constraint { metric: metric(Kind::MismatchedBehind), bound, tolerance: (breaks - keeps) / 2.0 };
    let strategies = vec![
        latest("breaks", Order::FunctionFirst, ms(1_750)),
        latest("keeps", Order::FunctionFirst, ms(1_250)),
        latest("worse", Order::GatewayFirst, ms(1_250)),
    ];
    // Ahead: 5.9, 10.8 and 73.3 on average.
    let question = question(Kind::MismatchedAhead, 2.0, vec![constraint]);
    let found = experiments(&rollouts(strategies), &question, count);
    row("3 rollouts, the best exactly the tolerance beyond its bound, the next exactly within", &found, |place| {
        place == 1
    })
}

/// The same where failures are rare: 0.21 a rollout of 350 requests where the bound is kept, 0.42 where not.
fn rare(count: u64) -> Row {
    let mut service = common::service(vec![common::poisson("web", Rate::per_second(50))]);
    service.releases.push(common::release(3));
    for (release, (service, errors)) in service.releases.iter_mut().zip([(3, 0), (1, 12), (2, 6)]) {
        (release.contract, release.accepts) = (Contract(1), vec![Contract(1)]);
        (release.service, release.errors) = (constant(ms(service)), Share::new(errors, 10_000).into());
    }
    let to = |name: &str, version: u16| {
        let mut strategy = latest(name, Order::FunctionFirst, Span::ZERO);
        strategy.deployment.to = Version(version);
        strategy
    };
    let scenario = common::scenario(service, vec![to("breaks", 2), to("keeps", 3)], Span::ZERO, s(7));
    let constraint = Constraint { metric: metric(Kind::UnservedShare), bound: Bound::AtMost(9e-4), tolerance: 3e-4 };
    // 0.35 and 0.7 s. Mean latency would do but for the rollouts that end while one of the 350 requests is in flight.
    let found = experiments(&scenario, &question(Kind::BusyInstance, 0.1, vec![constraint]), count);
    assert!(found.iter().all(|selection| selection.few.contains(&true)), "few events are seen at first");
    row("2 rollouts with rare failures, one exactly the tolerance beyond its bound, one within", &found, |place| {
        place == 1
    })
}
