//! Alarms against closed forms: when they fire, what is lost until then, and how often they do for nothing.

mod common;

use common::{Figures, constant, deploying, ms, periodic, release, s, scenario, service};
use cutover::experiment::Replication;
use cutover::math;
use cutover::platform::{Release, Service};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::stats::interval;
use cutover::strategy::{Above, Alarm, Alias, AtStart, GatewayMove, Guard, Hooks, Rollout, Shift, Strategy};
use cutover::time::{Instant, Span};
use cutover::units::Share;

/// An alarm on errors above 1 %: `periods` minutes in succession.
fn errors(periods: u32, phase: Option<Span>) -> Alarm {
    Alarm { phase, breach: periods, of: periods, ..common::alarm(Above::ErrorShare(Share::percent(1)), s(60)) }
}

/// A shift of the alias that begins with `weight` and stays there for an hour, under these alarms. Nothing lags.
fn canary(weight: u64, alarms: Vec<Alarm>) -> Strategy {
    let shift = Shift::Canary { weight: Share::percent(weight), bake: s(3_600) };
    let alias = Alias { shift, gateway: GatewayMove::None, trailing: Span::ZERO };
    let guard = Some(Guard { alarms, at_start: AtStart::Stop, watch: None, hooks: Hooks::default(), timeout: None });
    Strategy { guard, ..deploying("canary", Rollout::Alias(alias), Span::ZERO) }
}

/// 20 requests a second that take no time, of which the new version fails this share.
fn failing(share: Share) -> Service {
    let readable = |n, errors| Release {
        accepts: vec![cutover::ids::Contract(1), cutover::ids::Contract(2)],
        replies: vec![cutover::ids::Contract(1), cutover::ids::Contract(2)],
        service: constant(ms(1)),
        errors: Share::into(errors),
        ..release(n)
    };
    let mut service = service(vec![periodic("web", ms(50), Instant::ZERO.before(s(10)))]);
    service.releases = vec![readable(1, Share::ZERO), readable(2, share)];
    service
}

fn watched(service: Service, strategy: Strategy) -> Scenario {
    scenario(service, vec![strategy], s(10), s(1_800))
}

fn figures(scenario: &Scenario, replications: u64) -> Vec<Figures> {
    let of = |replication| {
        let seed = Seed { seed: 12, replication };
        let found = Replication::run(scenario, &scenario.strategies[0], seed).unwrap();
        Figures::new(scenario, &scenario.strategies[0], &found)
    };
    (0..replications).map(of).collect()
}

/// The mean of `values` agrees with theory: alpha = 0.001.
fn agrees(values: &[f64], theory: f64, what: &str) {
    let estimate = interval::of(values, 0.999).unwrap();
    let allowed = estimate.half_width.unwrap().max(1e-9);
    assert!((estimate.mean - theory).abs() <= allowed, "{what}: {} ± {allowed} for {theory}", estimate.mean);
}

#[test]
fn a_version_that_always_fails_is_stopped_after_so_many_periods() {
    for (periods, weight) in [(1, 10), (2, 10), (3, 40)] {
        let scenario = watched(failing(Share::WHOLE), canary(weight, vec![errors(periods, Some(Span::ZERO))]));
        let found = figures(&scenario, 40);
        let (seconds, share) = (60.0 * f64::from(periods), weight as f64 / 100.0);
        assert!(found.iter().all(|of| of.get("rolled_back") == 1.0 && of.get("detection_s") == seconds));
        assert!(found.iter().all(|of| of.get("rollback_s") == 0.0 && of.absent("rollout_duration_s")));
        let lost: Vec<f64> = found.iter().map(|of| of.get("lost")).collect();
        agrees(&lost, 20.0 * share * seconds, "lost");
    }
}

#[test]
fn where_a_period_begins_is_drawn_evenly() {
    let scenario = watched(failing(Share::WHOLE), canary(50, vec![errors(2, None)]));
    let found: Vec<f64> = figures(&scenario, 400).iter().map(|of| of.get("detection_s")).collect();
    // On ((n - 1) p, n p]; the first cut period needs an attempt in it.
    assert!(found.iter().all(|&at| at > 60.0 && at <= 120.5), "{found:?}");
    agrees(&found, 90.0, "detection");
}

#[test]
fn a_healthy_version_is_stopped_as_often_as_its_errors_do_so_by_chance() {
    // 1,200 attempts a period, all of the new version, each failing with 0.7 %: more than 12 of them are a bad period.
    let error = 0.007;
    let scenario = watched(failing(Share::new(7, 1_000)), canary(100, vec![errors(1, Some(Span::ZERO))]));
    let (mut below, mut term) = (0.0, math::pow(1.0 - error, 1_200.0));
    for k in 0..=12 {
        below += term;
        term *= f64::from(1_200 - k) / f64::from(k + 1) * error / (1.0 - error);
    }
    // 29 periods end within half an hour; the one that ends with it is not looked at any more.
    let aborted = 1.0 - math::pow(below, 29.0);
    let found: Vec<f64> = figures(&scenario, 300).iter().map(|of| of.get("rolled_back")).collect();
    agrees(&found, aborted, "false aborts");
}

#[test]
fn an_alarm_that_cannot_fire_changes_nothing_else() {
    let quiet = Alarm { above: Above::ErrorCount(u64::MAX), ..errors(1, None) };
    let scenario = watched(failing(Share::percent(3)), canary(10, vec![quiet]));
    let mut without = scenario.clone();
    without.strategies[0].guard = None;
    for (with, without) in figures(&scenario, 3).iter().zip(figures(&without, 3)) {
        for ((key, with, _), (_, without, _)) in with.rows().zip(without.rows()) {
            // That something could have been taken back is all that is new.
            let without = if key == "mismatched.rollback" { Some(0.0) } else { without };
            assert_eq!(with, without, "{key}");
        }
    }
}
