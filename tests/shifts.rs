//! CodeDeploy's predefined shifts through the code that a simulation runs: when the alias moves, and what pairs of requests, a page and
//! the call that it makes some seconds later, see of it in either direction.

mod common;

use common::{Figures, constant, deploying, ms, release, s, scenario, service};
use cutover::dist::Law;
use cutover::experiment::Replication;
use cutover::ids::{Contract, Version};
use cutover::platform::{Release, Service};
use cutover::random::Seed;
use cutover::source::{Arrivals, Source, Sticky, Users};
use cutover::strategy::{Action, Alias, GatewayMove, Rollout, Shift, Strategy};
use cutover::time::{Instant, Span};

const SCHEDULE: &str = include_str!("data/codedeploy_traffic_schedule.csv");

/// The configurations for functions, each with its rows: minutes, and the weight in per cent.
fn configurations() -> Vec<(&'static str, Vec<(f64, f64)>)> {
    let mut found: Vec<(&str, Vec<(f64, f64)>)> = Vec::new();
    for row in SCHEDULE.lines().skip(1).filter(|row| row.starts_with("CodeDeployDefault.Lambda")) {
        let cells: Vec<_> = row.split(',').collect();
        let stage = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        match found.last_mut().filter(|(name, _)| *name == cells[0]) {
            Some((_, stages)) => stages.push(stage),
            None => found.push((cells[0], vec![stage])),
        }
    }
    assert_eq!(found.len(), 9);
    found
}

fn strategy(name: &str) -> Strategy {
    let shift = Shift::by_name(name).unwrap();
    deploying("shift", Rollout::Alias(Alias { shift, gateway: GatewayMove::None, trailing: Span::ZERO }), Span::ZERO)
}

/// Both versions read everything, and take a millisecond.
fn readable(arrivals: Arrivals) -> Service {
    let web = Source { arrivals, ..common::periodic("web", s(1), Instant::ZERO) };
    let mut service = service(vec![web]);
    let both = || vec![Contract(1), Contract(2)];
    service.releases =
        [1, 2].map(|n| Release { accepts: both(), replies: both(), service: constant(ms(1)), ..release(n) }).into();
    service
}

#[test]
fn every_row_of_the_schedule_is_an_action_of_the_simulation() {
    for (name, stages) in configurations() {
        let arrivals = common::poisson("web", cutover::units::Rate::per_second(1)).arrivals;
        let scenario = scenario(readable(arrivals), vec![strategy(name)], s(1), s(2 * 3_600));
        let found = Replication::run(&scenario, &scenario.strategies[0], Seed { seed: 1, replication: 0 }).unwrap();
        let played = found.actions.iter().map(|&(at, action)| {
            let Action::UpdateAlias(target) = action else { panic!("{name} moves nothing but the alias") };
            let weight = match target.additional {
                Some((Version(2), weight)) => weight.as_f64() * 100.0,
                None if target.primary == Version(2) => 100.0,
                _ => panic!("{name}: {target:?}"),
            };
            (at.since(Instant::ZERO).seconds() / 60.0, weight)
        });
        assert_eq!(played.collect::<Vec<_>>(), stages, "{name}");
    }
}

/// The integral over time of the share of pairs whose first is on one side and whose second, so much later, on the other: new then
/// old, and old then new. `weight(t)` is level but at the stages.
fn theory(stages: &[(f64, f64)], later: f64) -> (f64, f64) {
    let weight = |t: f64| stages.iter().rev().find(|(at, _)| at * 60.0 <= t).map_or(0.0, |(_, weight)| weight / 100.0);
    let mut cuts: Vec<f64> = stages.iter().flat_map(|&(at, _)| [at * 60.0, at * 60.0 - later]).collect();
    cuts.push(-later);
    cuts.sort_by(f64::total_cmp);
    let (mut back, mut forth) = (0.0, 0.0);
    for cut in cuts.windows(2) {
        let (from, to) = (cut[0], cut[1]);
        let middle = f64::midpoint(from, to);
        let (first, second) = (weight(middle), weight(middle + later));
        back += (to - from) * first * (1.0 - second);
        forth += (to - from) * (1.0 - first) * second;
    }
    (back, forth)
}

#[test]
fn a_page_and_its_call_meet_both_versions_as_often_as_the_weights_say() {
    const USERS: u32 = 400;
    const PAUSE: u64 = 60;
    const REPLICATIONS: u64 = 3;
    for (name, stages) in configurations() {
        for apart in [5, 90] {
            let users = Users {
                count: USERS,
                think: constant(s(apart)),
                session: 2,
                pause: Law::Exponential { mean: s(PAUSE) },
                sticky: Sticky::default(),
            };
            let last = stages.last().unwrap().0 as u64 * 60;
            let scenario =
                scenario(readable(Arrivals::Users(users)), vec![strategy(name)], s(600), s(last + 2 * apart + 10));
            let (mut flipped, mut mixed) = (0.0, 0.0);
            for replication in 0..REPLICATIONS {
                let seed = Seed { seed: 8, replication };
                let found = Replication::run(&scenario, &scenario.strategies[0], seed).unwrap();
                let figures = Figures::new(&scenario, &scenario.strategies[0], &found);
                flipped += figures.get("sessions_flipped");
                mixed += figures.get("sessions_mixed");
            }
            // Two answers of a millisecond each belong to a session.
            let sessions = f64::from(USERS) / (apart as f64 + 0.002 + PAUSE as f64) * REPLICATIONS as f64;
            let (back, forth) = theory(&stages, apart as f64 + 0.001);
            for (what, found, expected) in
                [("new, then old", flipped, sessions * back), ("old, then new", mixed - flipped, sessions * forth)]
            {
                let allowed = 4.0 * expected.sqrt().max(1.0);
                assert!((found - expected).abs() <= allowed, "{name}, {apart} s, {what}: {found} for {expected}");
            }
        }
    }
}
