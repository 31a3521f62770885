//! With nothing changed nothing moves, more often than was promised; and what moves is found. From made-up rows.

use super::*;
use crate::results::comparison::{Objective, Told};
use crate::results::{Outcome, Stratum};
use rand::SeedableRng;
use rand_distr::{Distribution, Exp, LogNormal, Normal, Poisson, Uniform};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::io::Write;

/// What is made up, in the order of the files.
const KINDS: [Kind; 13] = [
    Kind::Requests,
    Kind::Attempts,
    Kind::NearMisses,
    Kind::Lost,
    Kind::LostShare,
    Kind::ColdStarts,
    Kind::LatencyP99,
    Kind::InstancesMean,
    Kind::RolloutDuration,
    Kind::Exposure,
    Kind::OldDrained,
    Kind::OperatorSteps,
    Kind::Cost,
];

fn metrics() -> Vec<Metric> {
    KINDS.map(|kind| Metric { kind, version: None }).to_vec()
}

/// How the losses of a strategy fall.
#[derive(Clone, Copy)]
enum Losses {
    None,
    /// So many on average, one by one.
    Rare(f64),
    /// Many, in rollouts of very different luck.
    Uneven(f64),
    /// A twentieth of the rollouts loses a third of all.
    Disasters,
}

/// The figures of a rollout.
fn row(losses: Losses, slower: f64, rng: &mut Xoshiro256PlusPlus) -> Row {
    let requests: f64 = Poisson::new(50_000.0).unwrap().sample(rng);
    let lost = match losses {
        Losses::None => 0.0,
        Losses::Rare(mean) => Poisson::new(mean).unwrap().sample(rng),
        Losses::Uneven(mean) => {
            let luck: f64 = LogNormal::new(0.0, 0.8).unwrap().sample(rng);
            Poisson::new(mean * luck).unwrap().sample(rng)
        }
        Losses::Disasters if Uniform::new(0.0, 1.0).unwrap().sample(rng) < 0.05 => (requests / 3.0).round(),
        Losses::Disasters => Poisson::new(2.0).unwrap().sample(rng),
    };
    let near: f64 = Poisson::new(0.05).unwrap().sample(rng);
    let cold: f64 = Poisson::new(30.0).unwrap().sample(rng);
    let p99: f64 = LogNormal::new(5.0, 0.05).unwrap().sample(rng);
    let steps = if Uniform::new(0.0, 1.0).unwrap().sample(rng) < 0.5 { 3.0 } else { 4.0 };
    let duration = slower * Uniform::new(8.0, 10.0).unwrap().sample(rng);
    let exposure = Exp::new(0.1).unwrap().sample(rng);
    let drained = LogNormal::new(6.0, 0.5).unwrap().sample(rng);
    let (mean, cost): (f64, f64) =
        (Normal::new(33.0, 1.0).unwrap().sample(rng), Normal::new(0.2, 0.01).unwrap().sample(rng));
    let values =
        [requests, requests, near, lost, lost / requests, cold, p99, mean, duration, exposure, drained, steps, cost];
    Row { values: values.map(Some).to_vec(), censored: vec![false; KINDS.len()], first: 0.0 }
}

fn strategy(name: &str, runs: usize, losses: Losses, slower: f64, rng: &mut Xoshiro256PlusPlus) -> RecordedStrategy {
    let rows: Vec<Vec<Row>> = (0..runs).map(|_| vec![row(losses, slower, rng)]).collect();
    let mean = |place: usize| rows.iter().filter_map(|rows| rows[0].values[place]).sum::<f64>() / runs as f64;
    let told = |place| Told { mean: Some(mean(place)), replications: runs as u32, ..Told::default() };
    let told = (0..KINDS.len()).map(told).collect();
    RecordedStrategy {
        name: name.to_owned(),
        strata: vec![Stratum { name: "all".to_owned(), weight: 1.0 }],
        rows,
        told,
    }
}

/// A run whose first strategy is slower by a factor.
fn run(seed: u64, chance: u64, runs: usize, slower: f64) -> Recorded {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(chance);
    let strategies = vec![
        strategy("none", runs, Losses::None, slower, &mut rng),
        strategy("rare", runs, Losses::Rare(0.1), 1.0, &mut rng),
        strategy("uneven", runs, Losses::Uneven(40.0), 1.0, &mut rng),
        strategy("disasters", runs, Losses::Disasters, 1.0, &mut rng),
    ];
    let objective = Objective {
        name: "in-time".to_owned(),
        strategy: "none".to_owned(),
        metric: "rollout_duration_s".to_owned(),
        bound: crate::metrics::Bound::AtMost(9.5),
        outcome: Outcome::Met,
    };
    let scenario = RecordedScenario {
        name: "made-up".to_owned(),
        hash: "1".to_owned(),
        source: Some("[source]".to_owned()),
        overrides: Some(Vec::new()),
        window_s: (0.0, 60.0),
        stopped: false,
        verdict: String::new(),
        favoured: Vec::new(),
        objectives: vec![objective],
        metrics: metrics(),
        unknown: Vec::new(),
        strategies,
    };
    Recorded { version: "1".to_owned(), seed, confidence: 0.95, scenarios: vec![scenario] }
}

fn moved(found: &Comparison) -> Vec<String> {
    let figures = found.scenarios.iter().flat_map(ScenarioComparison::figures);
    figures
        .filter(|(_, figure)| figure.moved())
        .map(|(name, figure)| format!("{name} {}", figure.metric.key()))
        .collect()
}

#[test]
fn with_nothing_changed_nothing_moves_more_often_than_was_promised() {
    // CUTOVER_COMPARISONS=5000 asks for more; docs/statistics.md has what came of that.
    let often = std::env::var("CUTOVER_COMPARISONS").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    for runs in [3, 10, 20, 40] {
        let mut alarms = Vec::new();
        for chance in 0..often {
            let (before, after) = (run(1, 2 * chance, runs, 1.0), run(2, 2 * chance + 1, runs, 1.0));
            let found = compare(&before, &after, 0.0);
            assert_eq!(found.scenarios[0].pairing, Pairing::OtherSeed);
            alarms.extend((!moved(&found).is_empty()).then(|| moved(&found)));
        }
        let most = 0.05 * often as f64 + 3.0 * crate::math::sqrt(0.05 * often as f64);
        let told = format!("{runs} runs: {} of {often} comparisons tell of something: {alarms:?}", alarms.len());
        writeln!(std::io::stderr(), "{told}").unwrap();
        assert!((alarms.len() as f64) < most, "{told}");
    }
}

#[test]
fn the_same_rows_are_the_same_and_one_seed_sees_a_thousandth() {
    let before = run(1, 7, 20, 1.0);
    let found = compare(&before, &before, 0.05);
    assert_eq!(found.scenarios[0].pairing, Pairing::Paired(20));
    assert!(moved(&found).is_empty());
    assert!(found.scenarios[0].figures().all(|(_, figure)| figure.difference == Some(0.0)));
    // Uniform from 8 s to 10 s: a thousandth is lost in independent runs, and told in paired ones.
    let after = run(1, 7, 20, 1.001);
    let found = compare(&before, &after, 0.05);
    assert_eq!(moved(&found), ["none rollout_duration_s"]);
    let figure = found.scenarios[0].figures().find(|(_, figure)| figure.moved()).unwrap().1;
    let (low, high) = figure.interval.unwrap();
    assert!(figure.worse() && !figure.relevant && figure.paired && low < 0.009 && high > 0.009, "{low} {high}");
    assert!(!found.scenarios[0].worse(), "a thousandth does not count");
    assert!(moved(&compare(&before, &Recorded { seed: 2, ..after }, 0.05)).is_empty());
}

#[test]
fn independent_runs_tell_a_tenth() {
    let (before, after) = (run(1, 1, 40, 1.0), run(2, 2, 40, 1.1));
    let found = compare(&before, &after, 0.05);
    assert_eq!(moved(&found), ["none rollout_duration_s"]);
    let figure = found.scenarios[0].figures().find(|(_, figure)| figure.moved()).unwrap().1;
    let (low, high) = figure.interval.unwrap();
    assert!(!figure.paired && figure.relevant && low < 0.9 && high > 0.9, "{low} {high}");
    assert!(found.scenarios[0].worse());
}

#[test]
fn what_the_window_cuts_short_is_told_where_it_can_only_be_more() {
    let before = run(1, 3, 20, 1.0);
    let mut after = run(1, 3, 20, 2.0);
    let place = KINDS.iter().position(|&kind| kind == Kind::RolloutDuration).unwrap();
    let of = |found: &Comparison| {
        let figure = &found.scenarios[0].strategies[0].figures[place];
        (figure.verdict, figure.interval)
    };
    after.scenarios[0].strategies[0].told[place].censored = 3;
    let (verdict, interval) = of(&compare(&before, &after, 0.05));
    assert_eq!((verdict, interval.unwrap().1), (Verdict::Higher, f64::INFINITY));
    // It may be as long as the other one: nothing can be said.
    let mut short = before.clone();
    short.scenarios[0].strategies[0].told[place].censored = 3;
    assert_eq!(of(&compare(&before, &short, 0.05)), (Verdict::NotCompared, None));
}

#[test]
fn other_traffic_is_not_paired_unless_users_make_it() {
    let before = run(1, 5, 10, 1.0);
    let mut after = before.clone();
    after.scenarios[0].strategies[0].rows[3][0].values[0] = Some(49_000.0);
    let pairing = |before: &Recorded, after: &Recorded| compare(before, after, 0.05).scenarios[0].pairing;
    // The text is the same, so it is what users did.
    assert_eq!(pairing(&before, &after), Pairing::Paired(10));
    after.scenarios[0].overrides = Some(vec!["source.web.arrivals.poisson=9/s".to_owned()]);
    assert_eq!(pairing(&before, &after), Pairing::OtherTraffic);
    after.scenarios[0].overrides = None;
    after.scenarios[0].source = None;
    assert_eq!(pairing(&before, &after), Pairing::OtherTraffic);
    after = run(1, 5, 10, 1.0);
    after.scenarios[0].strategies.iter_mut().for_each(|strategy| strategy.rows.truncate(7));
    assert_eq!(pairing(&before, &after), Pairing::Paired(7));
}

#[test]
fn strategies_and_metrics_of_one_run_only_are_told() {
    let before = run(1, 5, 10, 1.0);
    let mut after = before.clone();
    let scenario = &mut after.scenarios[0];
    scenario.strategies.remove(1);
    scenario.metrics.pop();
    for strategy in &mut scenario.strategies {
        strategy.told.pop();
        strategy.rows.iter_mut().flatten().for_each(|row| row.values.truncate(KINDS.len() - 1));
    }
    let found = compare(&before, &after, 0.05);
    assert_eq!(found.scenarios[0].alone, (vec!["rare".to_owned()], Vec::new()));
    assert_eq!(found.scenarios[0].unknown, ["cost_usd"]);
    assert!(moved(&found).is_empty());
    after.scenarios[0].name = "another".to_owned();
    assert_eq!(compare(&before, &after, 0.05).alone, (vec!["made-up".to_owned()], vec!["another".to_owned()]));
}
