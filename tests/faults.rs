//! Errors that come over time, leaks, and things that are away for a while, against what can be worked out by hand.

mod common;

use common::{Figures, constant, ms, periodic, release, s, scenario, service};
use cutover::experiment::Replication;
use cutover::faults::{Errors, Event, Fails, Trend};
use cutover::ids::Version;
use cutover::platform::{Release, Service, strata};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::stats::interval;
use cutover::time::{Instant, Span};
use cutover::units::Share;

/// The window in seconds, and requests a second.
const AFTER: u64 = 600;
const RATE: f64 = 20.0;

/// 20 requests a second to one version, which take 1 ms each.
fn steady(errors: Errors, events: Vec<Event>) -> Scenario {
    let mut service = service(vec![periodic("web", ms(50), Instant::ZERO.before(s(10)))]);
    service.releases[0] = Release { service: constant(ms(1)), errors, ..release(1) };
    service.gateway.nodes = 30;
    scenario(Service { events, ..service }, vec![common::nothing()], s(10), s(AFTER))
}

fn event(at: u64, lasts: Span, fails: Fails) -> Event {
    Event { at: Instant::ZERO + s(at), lasts, chance: Share::WHOLE, fails, share: Share::WHOLE }
}

fn each(scenario: &Scenario, replications: u64, key: &str) -> Vec<f64> {
    let of = |replication| {
        let seed = Seed { seed: 5, replication };
        let found = Replication::run(scenario, &scenario.strategies[0], seed).unwrap();
        Figures::new(scenario, &scenario.strategies[0], &found).get(key)
    };
    (0..replications).map(of).collect()
}

/// The mean of `values` agrees with theory: alpha = 0.001.
#[track_caller]
fn agrees(values: &[f64], theory: f64) {
    let estimate = interval::of(values, 0.999).unwrap();
    let allowed = estimate.half_width.unwrap().max(1e-9);
    assert!((estimate.mean - theory).abs() <= allowed, "{} ± {allowed} for {theory}", estimate.mean);
}

fn trend(points: &[(u64, u64)]) -> Trend {
    let points: Vec<_> = points.iter().map(|&(at, percent)| (s(at), Share::percent(percent))).collect();
    Trend::new(&points).unwrap()
}

#[test]
fn what_is_away_fails_exactly_as_long() {
    // 5.84 s at 20 a second from a request on: 117 of them.
    let away = Span::from_ns(5_840_000_000);
    for fails in [Fails::Permission(Version(1)), Fails::Source(0), Fails::Version(Version(1))] {
        let scenario = steady(Share::ZERO.into(), vec![event(30, away, fails)]);
        let runs = matches!(fails, Fails::Version(_));
        assert_eq!(each(&scenario, 2, "failed"), [117.0; 2], "{fails:?}");
        let handled = RATE * AFTER as f64 - if runs { 0.0 } else { 117.0 };
        assert_eq!(each(&scenario, 2, "handled"), [handled; 2], "{fails:?}");
        assert_eq!(each(&scenario, 2, "attempts"), [RATE * AFTER as f64; 2], "{fails:?}");
    }
    let elsewhere = steady(Share::ZERO.into(), vec![event(30, away, Fails::Permission(Version(2)))]);
    assert_eq!(each(&elsewhere, 2, "lost"), [0.0; 2]);
}

#[test]
fn nodes_fail_as_whole_ones() {
    // A tenth of 30 nodes and a bit are four of them.
    let some = Event { share: Share::percent(11), ..event(0, s(AFTER), Fails::Nodes) };
    agrees(&each(&steady(Share::ZERO.into(), vec![some]), 60, "lost"), RATE * AFTER as f64 * 4.0 / 30.0);
}

#[test]
fn shares_of_several_events_and_of_the_code_add_up_as_independent_ones() {
    let half = |fails| Event { share: Share::percent(50), ..event(0, s(AFTER), fails) };
    let scenario =
        steady(Share::percent(20).into(), vec![half(Fails::Version(Version(1))), half(Fails::Permission(Version(1)))]);
    agrees(&each(&scenario, 40, "lost"), RATE * AFTER as f64 * (1.0 - 0.5 * 0.5 * 0.8));
}

#[test]
fn errors_follow_the_time_since_the_start() {
    // From nothing at 100 s to 40 % at 300 s, and so to the end: 40 s and 120 s worth of requests.
    let scenario = steady(Errors::OverTime(trend(&[(100, 0), (300, 40)])), Vec::new());
    agrees(&each(&scenario, 60, "lost"), RATE * (40.0 + 120.0));
}

#[test]
fn a_leak_follows_the_age_of_the_instance() {
    // One instance, there since the first request, 10 s before t = 0: from nothing to all within 1,000 s.
    let leak = Errors::ByInstanceAge(trend(&[(0, 0), (1_000, 100)]));
    let scenario = steady(leak.clone(), Vec::new());
    let mean_age = 10.0 + AFTER as f64 / 2.0;
    agrees(&each(&scenario, 60, "lost"), RATE * AFTER as f64 * mean_age / 1_000.0);
    // Replaced every 50 s, it never gets old: 25 s on average.
    let mut young = scenario;
    young.service.releases[0].max_age = Some(constant(s(50)));
    agrees(&each(&young, 60, "lost"), RATE * AFTER as f64 * 25.0 / 1_000.0);
}

#[test]
fn an_event_that_may_happen_is_a_stratum_of_its_own() {
    let rare = Event { chance: Share::percent(2), ..event(0, s(10), Fails::Permission(Version(1))) };
    let scenario = steady(Share::ZERO.into(), vec![rare]);
    let ways = strata::of(&scenario.service, &scenario.strategies[0], scenario.window);
    let found: Vec<_> = ways.iter().map(|way| (way.stratum.name.as_str(), way.stratum.weight)).collect();
    assert_eq!(found, [("none", 0.98), ("event:1", 0.02)]);
}
