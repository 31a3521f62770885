//! Proves that there is one answer: whatever the threads, and whatever else stands in the scenario.

mod common;

use common::{constant, exponential, lognormal, ms, s, uniform};
use cutover::experiment::{self, Replication, Settings};
use cutover::idle::Idle;
use cutover::platform::{Attempt, ColdStart, Service};
use cutover::random::Seed;
use cutover::report::files::csv::FILES;
use cutover::results::{Results, Row};
use cutover::scenario::Scenario;
use cutover::source::{Clients, Source};
use cutover::strategy::{Forgetting, GatewayMove, Order, Shift, Strategy};
use cutover::time::{Instant, Span};
use cutover::units::{Rate, Share};
use std::collections::BTreeSet;

fn service() -> Service {
    let mut mobile = common::poisson("mobile", Rate::per_second(7));
    mobile.clients = Some(Clients { old: Share::percent(90), half_life: s(10) });
    let sources = vec![
        common::poisson("web", Rate::per_second(20)),
        mobile,
        common::periodic("cron", ms(250), Instant::ZERO.before(s(10))),
    ];
    let mut service = common::service(sources);
    (service.gateway.nodes, service.gateway.lag) = (12, uniform(Span::ZERO, s(8)));
    service.function.front_ends = 5;
    service.function.latest_lag = exponential(s(3));
    service.function.alias_lag = uniform(Span::ZERO, s(1));
    for release in &mut service.releases {
        release.service = lognormal(ms(40), ms(400));
        release.cold = ColdStart::Init(lognormal(ms(130), ms(180)));
        release.idle = Idle::After(uniform(s(2), s(4)));
        release.errors = Share::percent(2).into();
    }
    service
}

fn canary(percent: u64) -> Strategy {
    let shift = Shift::Canary { weight: Share::percent(percent), bake: s(15) };
    common::deploying(&format!("canary-{percent}"), common::alias(shift, GatewayMove::After), s(2))
}

fn strategies() -> Vec<Strategy> {
    vec![
        common::nothing(),
        common::deploying("latest", common::latest(Order::FunctionFirst), s(2)),
        common::deploying("pinned", common::by_hand(Forgetting::Chance(Share::percent(30))), s(2)),
        canary(10),
    ]
}

fn scenario(service: Service, strategies: Vec<Strategy>) -> Scenario {
    Scenario { replications: 6, ..common::scenario(service, strategies, s(10), s(30)) }
}

fn run(scenarios: &[Scenario], threads: usize) -> Results {
    let settings = Settings { seed: 11, threads: Some(threads), ..Settings::default() };
    experiment::run(scenarios, &settings, None, &|_| ()).unwrap()
}

fn watched(scenario: &Scenario, strategy: usize) -> Vec<Attempt> {
    let seed = Seed { seed: 11, replication: 3 };
    let (_, mut attempts) =
        Replication::watched(scenario, &scenario.strategies[strategy], seed, Vec::<Attempt>::new()).unwrap();
    attempts.sort_by_key(|attempt| (attempt.source, attempt.index));
    attempts
}

#[test]
fn threads_and_repetition_change_no_byte() {
    let other = Scenario { name: "other".to_owned(), ..scenario(service(), vec![canary(50)]) };
    let scenarios = [scenario(service(), strategies()), other];
    let first = run(&scenarios, 1);
    for again in [run(&scenarios, 2), run(&scenarios, 1), run(&scenarios, 3)] {
        for (name, write) in FILES {
            let bytes = write(&first);
            assert!(bytes.len() > 300, "{name}");
            assert!(bytes == write(&again), "{name} differs");
        }
    }
}

#[test]
fn another_strategy_or_scenario_changes_no_row() {
    let rows = |results: &Results, name: &str| -> Vec<Vec<Row>> {
        let strategies = &results.scenarios.last().unwrap().strategies;
        strategies.iter().find(|strategy| strategy.name == name).unwrap().rows.clone()
    };
    let few = run(&[scenario(service(), strategies())], 2);
    let mut more = strategies();
    more.insert(1, canary(50));
    more.reverse();
    let other = Scenario { name: "other".to_owned(), ..scenario(service(), vec![canary(20)]) };
    let many = run(&[other, scenario(service(), more)], 2);
    for strategy in strategies() {
        assert_eq!(rows(&few, &strategy.name), rows(&many, &strategy.name), "{}", strategy.name);
    }
}

#[test]
fn more_replications_leave_the_first_ones_as_they_were() {
    let results = run(&[scenario(service(), strategies())], 2);
    let few = run(&[Scenario { replications: 2, ..scenario(service(), strategies()) }], 2);
    for (many, few) in results.scenarios[0].strategies.iter().zip(&few.scenarios[0].strategies) {
        assert_eq!(many.rows[..2], few.rows, "{}", few.name);
        assert_ne!(many.rows[0], many.rows[1], "{}: replications differ", few.name);
    }
}

#[test]
fn another_source_leaves_the_draws_of_the_others() {
    // No waiting for instances, which sources share: what remains of a request is its own draws and its deployment's.
    let mut alone = service();
    alone.releases.iter_mut().for_each(|release| release.cold = ColdStart::Init(constant(Span::ZERO)));
    let mut joined = alone.clone();
    let newcomer: Source = common::poisson("batch", Rate::per_second(9));
    joined.sources.insert(0, newcomer);
    for strategy in 0..strategies().len() {
        let before = watched(&scenario(alone.clone(), strategies()), strategy);
        let after = watched(&scenario(joined.clone(), strategies()), strategy);
        assert!(after.iter().any(|attempt| attempt.source == 0));
        // The newcomer stands first, so that the others' places move by one. Whose instance a request finds depends on
        // all sources, so whether it is cold may change.
        let known = |attempt: &Attempt, places: u32| Attempt {
            source: attempt.source - places,
            cold: false,
            cold_wait: None,
            ..*attempt
        };
        let after: Vec<_> =
            after.iter().filter(|attempt| attempt.source > 0).map(|attempt| known(attempt, 1)).collect();
        let before: Vec<_> = before.iter().map(|attempt| known(attempt, 0)).collect();
        assert!(before.len() > 1_000);
        assert!(before == after, "strategy {strategy}");
    }
}

#[test]
fn strategies_face_the_same_arrivals_and_services() {
    let mut service = service();
    service.releases.iter_mut().for_each(|release| release.cold = ColdStart::Init(constant(Span::ZERO)));
    let scenario = scenario(service, strategies());
    let of = |strategy| -> Vec<_> {
        watched(&scenario, strategy)
            .iter()
            .map(|attempt| (attempt.source, attempt.index, attempt.arrival, attempt.end))
            .collect()
    };
    // The releases have one law, so that the same bits are the same service time under every strategy.
    let first = of(0);
    for strategy in 1..scenario.strategies.len() {
        assert!(first == of(strategy), "{}", scenario.strategies[strategy].name);
    }
}

#[test]
fn shifts_nest() {
    // Who is on the new version at 10 % is on it at 50 % too.
    let scenario = scenario(service(), vec![canary(10), canary(50)]);
    let new = |strategy| -> BTreeSet<_> {
        watched(&scenario, strategy)
            .iter()
            .filter(|attempt| attempt.version.0 == 2)
            .map(|attempt| (attempt.source, attempt.index))
            .collect()
    };
    let (few, many) = (new(0), new(1));
    assert!(few.is_subset(&many));
    assert!(few.len() < many.len());
}

#[test]
fn another_seed_is_another_answer() {
    let scenario = scenario(service(), strategies());
    let arrivals = |seed| {
        let (_, attempts) =
            Replication::watched(&scenario, &scenario.strategies[0], seed, Vec::<Attempt>::new()).unwrap();
        attempts.iter().filter(|attempt| attempt.source == 0).map(|attempt| attempt.arrival).collect::<BTreeSet<_>>()
    };
    let one = arrivals(Seed { seed: 11, replication: 0 });
    assert!(one.is_disjoint(&arrivals(Seed { seed: 12, replication: 0 })));
    assert!(one.is_disjoint(&arrivals(Seed { seed: 11, replication: 1 })));
}
