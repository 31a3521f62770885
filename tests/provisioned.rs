//! Environments that are kept ready: when they can be used, what spills over, what they take of the limits and what they cost, worked
//! out by hand.

mod common;

use common::{Figures, SEED, alias, at, at_once, attempts, constant, deploying, ms, periodic, s, template};
use cutover::ids::Version;
use cutover::platform::{Attempt, ColdStart, Outcome, Service};
use cutover::source::Source;
use cutover::strategy::{
    Above, Action, AtStart, GatewayMove, Guard, Holder, Hooks, Moves, Order, Provisioned, Shift, Strategy,
};
use cutover::time::{Instant, Span};
use cutover::units::{Bytes, Rate, Share};

/// A minute of preparation, then 100 a second, as AWS Lambda allocates at most.
const fn provisioned(environments: u32) -> Provisioned {
    let prepare = constant(s(60));
    Provisioned { environments, on: Holder::Version, prepare, rate: Rate::per_second(100), moves: Moves::Before }
}

/// Requests of 100 ms to code that takes 2 s to be initialised; nothing idle stays that is not kept ready.
fn service(sources: Vec<Source>, provisioned: Option<Provisioned>) -> Service {
    let mut service = common::service(sources);
    service.function.provisioned = provisioned;
    for release in &mut service.releases {
        (release.service, release.cold) = (constant(ms(100)), ColdStart::Init(constant(s(2))));
        release.accepts = vec![cutover::ids::Contract(1), cutover::ids::Contract(2)];
    }
    service
}

fn run(service: Service, mut strategy: Strategy, after: Span) -> (Figures, Vec<Attempt>, Vec<(Instant, Action)>) {
    if let Some(provisioned) = &service.function.provisioned {
        assert!(strategy.provision(provisioned));
    }
    let scenario = common::scenario(service, vec![strategy], Span::ZERO, after);
    let (replication, attempts) = attempts(&scenario);
    (Figures::new(&scenario, &scenario.strategies[0], &replication), attempts, replication.actions)
}

fn every_second() -> Vec<Source> {
    vec![periodic("web", s(1), at(0))]
}

/// So many requests at this moment.
fn together(requests: usize, first: Instant) -> Vec<Source> {
    (0..requests).map(|n| periodic(&format!("web-{n}"), s(100_000), first)).collect()
}

fn switch() -> Strategy {
    deploying("alias", at_once(GatewayMove::None), s(5))
}

#[test]
fn nothing_can_be_used_before_all_is_allocated_and_initialised() {
    for (environments, ready) in [(1, ms(62_010)), (50, ms(62_500)), (6_000, s(122))] {
        let service = service(every_second(), Some(provisioned(environments)));
        let (figures, attempts, _) = run(service, switch(), s(300));
        // Requests wait for it: the switch comes then, and no request of either version is cold.
        assert_eq!(figures.get("rollout_duration_s"), ready.seconds());
        let first =
            attempts.iter().filter(|attempt| attempt.version == Version(2)).map(|attempt| attempt.arrival).min();
        assert_eq!(first, Some(Instant::ZERO + Span::from_s(ready.ns().div_ceil(1_000_000_000))));
        assert_eq!(["cold_starts", "spilled", "lost"].map(|key| figures.get(key)), [0.0; 3]);
        // Both versions hold all of them until a call later.
        let held = f64::from(environments) * (300.0 + ready.seconds() + 5.0);
        assert!((figures.get("provisioned_instance_s") - held).abs() < 1e-6, "{held}");
        assert_eq!(figures.get("instances_peak"), f64::from(2 * environments));
    }
}

#[test]
fn of_a_template_that_is_late_the_new_version_has_none() {
    let late = Provisioned { moves: Moves::Late, ..provisioned(20) };
    let (figures, ..) = run(service(every_second(), Some(late)), switch(), s(300));
    // Until the first has been initialised, two more come.
    assert_eq!(["cold_starts.v1", "cold_starts.v2", "rollout_duration_s"].map(|key| figures.get(key)), [0.0, 3.0, 0.0]);
    // They go on being paid for, and the old version is never drained.
    assert_eq!(figures.get("provisioned_instance_s"), 20.0 * 300.0);
    assert!(figures.censored("old_drained_s"));
}

#[test]
fn what_exceeds_them_spills_over_and_is_cold() {
    let (figures, attempts, _) = run(service(together(5, at(1_000)), Some(provisioned(3))), switch(), s(30));
    assert_eq!((figures.get("spilled"), figures.get("cold_starts")), (2.0, 2.0));
    assert!(attempts.iter().filter(|attempt| !attempt.cold).all(|attempt| attempt.end == at(1_100)));
    assert!(attempts.iter().filter(|attempt| attempt.cold).all(|attempt| attempt.end == at(3_100)));
}

#[test]
fn they_count_against_concurrency_also_when_idle() {
    for (environments, throttled) in [(None, 0), (Some(3), 1), (Some(5), 3)] {
        let late = environments.map(|environments| Provisioned { moves: Moves::Late, ..provisioned(environments) });
        let mut service = service(together(3, at(1_000)), late);
        service.function.limits.concurrency = Some(5);
        // All ask for the new version, which has none.
        let (figures, attempts, _) = run(service, switch(), s(30));
        let turned_away = attempts.iter().filter(|attempt| attempt.outcome == Outcome::Throttled).count();
        assert_eq!((turned_away, figures.get("throttled")), (throttled, throttled as f64), "{environments:?}");
    }
    // The old one's requests reach them, and two others besides.
    let mut service = service(together(6, at(1_000)), Some(provisioned(3)));
    service.function.limits.concurrency = Some(8);
    // From t = 0 on the new version's count too, which are not there yet.
    let (figures, ..) = run(service, switch(), s(30));
    assert_eq!(["served", "throttled", "spilled"].map(|key| figures.get(key)), [5.0, 1.0, 2.0]);
}

#[test]
fn the_versions_of_an_alias_share_them() {
    let on_alias = Provisioned { on: Holder::Alias, ..provisioned(8) };
    let shift = Shift::Canary { weight: Share::percent(25), bake: s(300) };
    let canary = deploying("canary", alias(shift, GatewayMove::None), s(5));
    let (figures, _, actions) = run(service(every_second(), Some(on_alias)), canary, s(1_000));
    // 2 of 8 for a quarter, which take 60 + 0.02 + 2 s, 6 more 300 s later.
    let (first, second) = (62_020, 62_020 + 300_000);
    let found: Vec<(Instant, u16, u32)> = actions
        .iter()
        .filter_map(|&(at, action)| match action {
            Action::Provision { version, environments } => Some((at, version.0, environments)),
            _ => None,
        })
        .collect();
    let ready = second + 62_060;
    assert_eq!(found, [(at(0), 2, 2), (at(first), 1, 6), (at(second), 2, 8), (at(ready), 1, 0)]);
    let seconds = |ms: i64| ms as f64 / 1e3;
    let held =
        8.0 * seconds(first) + 6.0 * seconds(ready - first) + 2.0 * seconds(second) + 8.0 * (1_000.0 - seconds(second));
    assert!((figures.get("provisioned_instance_s") - held).abs() < 1e-6, "{held}");
    assert_eq!(figures.get("rollout_duration_s"), seconds(ready));
}

#[test]
fn held_and_run_they_are_paid_for_by_prices_of_their_own() {
    let cost = |moves, after| {
        let mut service = service(every_second(), Some(Provisioned { moves, ..provisioned(10) }));
        service.releases.iter_mut().for_each(|release| release.memory = Some(Bytes(1 << 30)));
        let (figures, ..) = run(service, switch(), after);
        (figures.get("cost_provisioned_usd"), figures.get("cost_compute_usd"), figures.get("cost_usd"))
    };
    // 10 x 1,000 s; all requests go elsewhere, 100 ms each, and three of them wait for 2 s.
    let (held, run) = (4.1667e-6, 9.7222e-6);
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
    let (provisioned, compute, all) = cost(Moves::Late, s(1_000));
    close(provisioned, 1e4 * held);
    close(compute, 1_000.0 * 0.1 * 16.6667e-6 + 6.0 * 16.6667e-6);
    close(all, provisioned + compute + 1_000.0 * 3.7e-6);
    // The old version's go after 62.1 + 5 s, which is billed as 300; the new version's are held to the end. All requests run on them.
    let (provisioned, compute, _) = cost(Moves::Before, s(1_000));
    close(provisioned, (1e4 + 10.0 * 300.0) * held + 1_000.0 * 0.1 * run);
    assert_eq!(compute, 0.0);
    // What is held at the end is not rounded.
    let (provisioned, ..) = cost(Moves::Before, s(60));
    close(provisioned, 2.0 * 10.0 * 60.0 * held + 60.0 * 0.1 * run);
}

#[test]
fn a_rollout_that_is_taken_back_gives_them_back() {
    let mut service = service(every_second(), Some(provisioned(10)));
    service.releases[1].errors = Share::WHOLE.into();
    let alarm = common::alarm(Above::ErrorCount(0), s(20));
    let guard = |watch| Guard {
        alarms: vec![alarm.clone()],
        at_start: AtStart::Stop,
        watch,
        hooks: Hooks::default(),
        timeout: None,
    };
    let strategy = Strategy { guard: Some(guard(Some(s(60)))), ..switch() };
    let (figures, _, actions) = run(service, strategy, s(600));
    assert_eq!(figures.get("rolled_back"), 1.0);
    // After the switch at 62.1 s and a call of 5 s the old version has none; the first look after 62 s is at 80 s. The alias goes back
    // at once, and what was provisioned a call later.
    let provision = |version, environments| Action::Provision { version: Version(version), environments };
    let found: Vec<_> = actions.into_iter().filter(|(_, action)| matches!(action, Action::Provision { .. })).collect();
    let back = [(at(85_000), provision(1, 10)), (at(85_000), provision(2, 0))];
    assert_eq!(found, [&[(at(0), provision(2, 10)), (at(67_100), provision(1, 0))], &back[..]].concat());
    // Meanwhile the old version's requests are cold or on what those have left.
    assert!(figures.get("cold_starts.v1") > 0.0);
}

#[test]
fn only_who_asks_for_what_holds_them_has_them() {
    let provisions = |rollout, on| {
        let mut strategy = deploying("any", rollout, Span::ZERO);
        strategy.provision(&Provisioned { on, ..provisioned(5) })
    };
    for on in [Holder::Version, Holder::Alias] {
        assert!(!provisions(common::latest(Order::FunctionFirst), on), "$LATEST cannot have any");
        assert!(provisions(at_once(GatewayMove::None), on));
        assert_eq!(provisions(template(), on), on == Holder::Version);
    }
}

#[test]
fn instances_are_warm_when_their_version_goes_live() {
    for (warm, cold) in [(None, 4.0), (Some(3), 1.0), (Some(4), 0.0)] {
        let mut service = service(together(4, at(1_000)), None);
        service.releases[1].warm = warm;
        let (figures, ..) = run(service, switch(), s(30));
        assert_eq!(figures.get("cold_starts.v2"), cold);
        assert_eq!(figures.get("instances_started"), cold);
    }
    // A version that serves before has its own number too.
    let mut service = service(together(4, at(1_000)), None);
    (service.function.warm, service.releases[0].warm) = (1, Some(2));
    let scenario = common::scenario(service, vec![common::nothing()], Span::ZERO, s(30));
    assert_eq!(Figures::of(&scenario, &scenario.strategies[0], SEED).get("cold_starts"), 2.0);
}
