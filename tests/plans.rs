//! Plans: several releases in one window, a rollback by hand, hooks; against what can be worked out by hand.

mod common;

use common::{Figures, constant, ms, periodic, release, s, scenario, service};
use cutover::dist::Law;
use cutover::experiment::Replication;
use cutover::ids::{Contract, Version};
use cutover::platform::{Release, Service, strata};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::source::Clients;
use cutover::strategy::{
    Above, Alarm, Alias, AtStart, AtTimeout, Deployment, GatewayMove, Guard, Hook, Hooks, Item, Missing, Plan, Rollout,
    Shift, Stage, Strategy, Task, Then, Timeout,
};
use cutover::time::{Instant, Span};
use cutover::units::Share;

/// Requests a second, of which every one takes a millisecond.
const RATE: f64 = 20.0;

fn alias(from: u16, to: u16, gateway: GatewayMove, guard: Option<Guard>) -> Task {
    let deployment = Deployment { from: Version(from), to: Version(to), step: constant(Span::ZERO), provisioned: None };
    let rollout = Rollout::Alias(Alias { shift: Shift::AllAtOnce, gateway, trailing: Span::ZERO });
    Task::Deploy(Box::new(Stage { deployment, rollout, guard }))
}

fn plan(items: Vec<(Option<u64>, Task)>) -> Strategy {
    let item = |(at, task): (Option<u64>, Task)| Item { at: at.map(|at| Instant::ZERO + s(at)), task };
    let plan = Plan { items: items.into_iter().map(item).collect() };
    let (first, last) = (plan.stages().next().unwrap().deployment, plan.stages().last().unwrap().deployment);
    let deployment = Deployment { from: first.from, ..last };
    Strategy { name: "plan".to_owned(), deployment, rollout: Rollout::Plan(plan), guard: None }
}

/// Version n speaks the first and reads the second.
fn speaking(contracts: &[(u16, &[u16])]) -> Service {
    let mut service = service(vec![periodic("web", ms(50), Instant::ZERO.before(s(10)))]);
    let list = |all: &[u16]| all.iter().copied().map(Contract).collect::<Vec<_>>();
    service.releases = (1..)
        .zip(contracts)
        .map(|(n, &(own, reads))| Release {
            contract: Contract(own),
            accepts: list(reads),
            replies: list(&[1, 2, 3]),
            service: constant(ms(1)),
            ..release(n)
        })
        .collect();
    service
}

fn run(service: Service, strategy: Strategy, after: u64) -> (Scenario, Figures) {
    let scenario = scenario(service, vec![strategy], s(10), s(after));
    let seed = Seed { seed: 3, replication: 0 };
    let found = Replication::run(&scenario, &scenario.strategies[0], seed).unwrap();
    let figures = Figures::new(&scenario, &scenario.strategies[0], &found);
    (scenario, figures)
}

const EXPAND: &[(u16, &[u16])] = &[(1, &[1]), (1, &[1, 2]), (2, &[1, 2]), (2, &[2])];

/// Expand, migrate, contract, with so many seconds between the last two.
fn expand_and_contract(wait: u64) -> Strategy {
    let pause = |seconds| Task::Wait(constant(s(seconds)));
    plan(vec![
        (None, alias(1, 2, GatewayMove::None, None)),
        (None, pause(30)),
        (None, alias(2, 3, GatewayMove::After, None)),
        (None, pause(wait)),
        (None, alias(3, 4, GatewayMove::None, None)),
    ])
}

#[test]
fn items_wait_until_everybody_has_followed() {
    // Front-ends learn after 4 s, nodes after 7: v2 is settled at 4, waited for until 34; v3 at 34 + 7; v4 at 41 + 60 + 4.
    let mut service = speaking(EXPAND);
    service.function.alias_lag = constant(s(4));
    service.gateway.lag = constant(s(7));
    let (_, figures) = run(service, expand_and_contract(60), 300);
    assert_eq!(figures.get("rollout_duration_s"), 105.0);
    assert_eq!((figures.get("incompatible"), figures.get("lost")), (0.0, 0.0));
    // Version 2 runs what arrives from 4 s on until 38 s, version 3 until 105 s.
    let handled = |version: u64| figures.get(&format!("handled.v{version}"));
    assert_eq!([1, 2, 3, 4].map(handled), [4.0 * RATE, 34.0 * RATE, 67.0 * RATE, 195.0 * RATE]);
    // From 38 s to 41 s nodes still write format 1 for version 3, which reads it.
    assert_eq!(figures.get("near_misses"), 3.0 * RATE);
    assert_eq!(figures.get("mismatched_expected"), 3.0 * RATE);
}

#[test]
fn a_wait_at_the_end_changes_nothing() {
    let items = |wait: Option<u64>| {
        let wait = wait.map(|seconds| (None, Task::Wait(constant(s(seconds)))));
        plan([(None, alias(1, 2, GatewayMove::None, None))].into_iter().chain(wait).collect())
    };
    let mut service = speaking(EXPAND);
    service.function.alias_lag = constant(s(4));
    let duration = |wait| run(service.clone(), items(wait), 60).1.get("rollout_duration_s");
    assert_eq!([duration(None), duration(Some(20))], [4.0, 4.0]);
}

#[test]
fn a_wait_cut_short_breaks_what_a_long_one_spares() {
    let clients = Clients { old: Share::WHOLE, half_life: s(10) };
    let broken = |wait| {
        let mut service = speaking(EXPAND);
        service.sources[0].clients = Some(clients);
        run(service, expand_and_contract(wait), 600).1
    };
    assert_eq!(broken(400).get("incompatible"), 0.0);
    // From 30 + 20 s on half-lives go on: a quarter of the clients is still old, and 10 s / ln 2 of them to come.
    let short = broken(20);
    let theory = RATE * 0.25 * 10.0 / core::f64::consts::LN_2;
    let found = short.get("incompatible");
    assert!((found - theory).abs() < 4.0 * theory.sqrt(), "{found} for {theory}");
    assert!((short.get("mismatched") - short.get("mismatched_expected")).abs() < 4.0 * RATE, "it checks itself");
}

#[test]
fn clients_update_through_every_release() {
    // Formats 1, 2, 3, a minute apart; half of those who have not yet do so every minute.
    let contracts: &[(u16, &[u16])] = &[(1, &[1, 2, 3]), (2, &[1, 2, 3]), (3, &[1, 2, 3])];
    let mut service = speaking(contracts);
    service.sources[0].clients = Some(Clients { old: Share::WHOLE, half_life: s(60) });
    let strategy = plan(vec![
        (None, alias(1, 2, GatewayMove::None, None)),
        (None, Task::Wait(constant(s(60)))),
        (None, alias(2, 3, GatewayMove::None, None)),
    ]);
    let (_, figures) = run(service, strategy, 120);
    // In the first minute those still at 1 meet version 2; in the second those at 1 or 2 meet version 3.
    let minute = 60.0 / core::f64::consts::LN_2 * 0.5;
    let theory = RATE * (minute + minute);
    let found = figures.get("mismatched");
    assert!((found - theory).abs() < 4.0 * theory.sqrt(), "{found} for {theory}");
    assert!((figures.get("mismatched_expected") - theory).abs() < 1.0, "{}", figures.get("mismatched_expected"));
}

#[test]
fn a_rollback_by_hand_comes_when_it_is_said_whatever_is_going_on() {
    let compatible: &[(u16, &[u16])] = &[(1, &[1]), (1, &[1])];
    let shift = Shift::Linear { weight: Share::percent(10), every: s(60) };
    let deployment = Deployment { from: Version(1), to: Version(2), step: constant(Span::ZERO), provisioned: None };
    let rollout = Rollout::Alias(Alias { shift, gateway: GatewayMove::None, trailing: Span::ZERO });
    let linear = Task::Deploy(Box::new(Stage { deployment, rollout, guard: None }));
    let mut service = speaking(compatible);
    service.releases[1].errors = Share::WHOLE.into();
    let (_, figures) = run(service, plan(vec![(None, linear), (Some(150), Task::RollBack)]), 600);
    // 10 % for a minute, 20 % for a minute, 30 % for half of one.
    let theory = RATE * (6.0 + 12.0 + 9.0);
    let found = figures.get("lost.v2");
    assert!((found - theory).abs() < 4.0 * theory.sqrt(), "{found} for {theory}");
    assert_eq!(figures.get("lost"), found);
    assert_eq!(figures.get("rolled_back"), 0.0, "no alarm did");
    assert!(figures.absent("rollout_duration_s"));
}

#[test]
fn a_hook_takes_its_time_and_fails_as_often_as_it_is_said() {
    let hook =
        |takes, fails| Hook { takes: Law::Constant(s(takes)), fails: Share::percent(fails), then: Then::RollBack };
    let guarded = |hooks| {
        let guard = Guard { alarms: Vec::new(), at_start: AtStart::Stop, watch: None, hooks, timeout: None };
        plan(vec![(None, alias(1, 2, GatewayMove::None, Some(guard)))])
    };
    let contracts: &[(u16, &[u16])] = &[(1, &[1]), (1, &[1])];
    let (before, after) = (Some(hook(30, 0)), Some(hook(20, 25)));
    let strategy = guarded(Hooks { before, after, ..Hooks::default() });
    let ways =
        strata::of(&speaking(contracts), &strategy, scenario(speaking(contracts), Vec::new(), s(10), s(60)).window);
    let found: Vec<_> = ways.iter().map(|way| (way.stratum.name.as_str(), way.stratum.weight)).collect();
    assert_eq!(found, [("none", 0.75), ("hook:2", 0.25)], "the run that never fails has none");
    let scenario = scenario(speaking(contracts), vec![strategy], s(10), s(300));
    let mut failed = 0;
    for replication in 0..400 {
        let seed = Seed { seed: 9, replication };
        let found = Replication::run(&scenario, &scenario.strategies[0], seed).unwrap();
        let figures = Figures::new(&scenario, &scenario.strategies[0], &found);
        match figures.get("rolled_back") {
            1.0 => {
                failed += 1;
                assert_eq!((figures.get("detection_s"), figures.get("rollback_s")), (20.0, 0.0));
                assert_eq!(figures.get("handled.v2"), 20.0 * RATE, "from 30 s to 50 s");
            }
            _ => assert_eq!(figures.get("handled.v2"), 270.0 * RATE),
        }
    }
    // A quarter of 400, four standard errors.
    assert!((failed as f64 - 100.0).abs() < 35.0, "{failed}");
}

#[test]
fn nobody_hears_of_a_version_before_its_first_tests_are_over() {
    let contracts: &[(u16, &[u16])] = &[(1, &[1, 2]), (2, &[1, 2])];
    let with_clients = || {
        let mut service = speaking(contracts);
        service.sources[0].clients = Some(Clients { old: Share::WHOLE, half_life: s(20) });
        service
    };
    let tests = |fails| Hooks {
        before: Some(Hook { takes: constant(s(60)), fails: Share::percent(fails), then: Then::RollBack }),
        ..Hooks::default()
    };
    let hooked = |fails| {
        let guard =
            Guard { alarms: Vec::new(), at_start: AtStart::Stop, watch: None, hooks: tests(fails), timeout: None };
        run(with_clients(), plan(vec![(None, alias(1, 2, GatewayMove::None, Some(guard)))]), 300).1
    };
    let waits = vec![(None, Task::Wait(constant(s(60)))), (None, alias(1, 2, GatewayMove::None, None))];
    let (_, waited) = run(with_clients(), plan(waits), 300);
    assert_eq!(hooked(100).get("mismatched"), 0.0, "it never came to that");
    assert_eq!(hooked(0).get("mismatched"), waited.get("mismatched"));
    assert!(waited.get("mismatched") > 0.0);
}

#[test]
fn a_deployment_that_takes_too_long_is_given_up() {
    let contracts: &[(u16, &[u16])] = &[(1, &[1]), (1, &[1])];
    let shift = || Shift::Steps(vec![(Span::ZERO, Share::percent(50)), (s(100), Share::WHOLE)]);
    let with = |timeout: Option<Timeout>| {
        let guard =
            Guard { alarms: Vec::new(), at_start: AtStart::Stop, watch: None, hooks: Hooks::default(), timeout };
        let rollout = Rollout::Alias(Alias { shift: shift(), gateway: GatewayMove::None, trailing: Span::ZERO });
        let guard = timeout.map(|_| guard);
        run(speaking(contracts), Strategy { guard, ..common::deploying("steps", rollout, Span::ZERO) }, 200).1
    };
    let after = |seconds, then| with(Some(Timeout { after: s(seconds), then }));
    let (never, late) = (with(None), after(101, AtTimeout::RollBack));
    for key in ["handled.v1", "handled.v2", "rollout_duration_s", "timed_out", "rolled_back"] {
        assert_eq!(never.get(key), late.get(key), "{key}");
    }
    // Half of 40 s of requests, about; then all go to version 1 again.
    let back = after(40, AtTimeout::RollBack);
    assert_eq!((back.get("timed_out"), back.get("rolled_back"), back.get("rollback_s")), (1.0, 0.0, 0.0));
    assert!((back.get("handled.v2") - 20.0 * RATE).abs() < 5.0 * 20.0, "{}", back.get("handled.v2"));
    assert!(back.absent("rollout_duration_s") && back.absent("detection_s"));
    // Half of them to the end.
    let half_way = after(40, AtTimeout::Stop);
    assert_eq!((half_way.get("timed_out"), half_way.get("rolled_back")), (1.0, 0.0));
    assert!((half_way.get("handled.v2") - 100.0 * RATE).abs() < 5.0 * 45.0, "{}", half_way.get("handled.v2"));
    assert!(half_way.absent("rollout_duration_s") && half_way.absent("rollback_s"));
}

#[test]
fn an_alarm_on_a_version_begins_with_it() {
    let alarm = Alarm { missing: Missing::Bad, ..common::alarm(Above::ErrorShare(Share::percent(50)), s(10)) };
    let guard = || Guard {
        alarms: vec![alarm.clone()],
        at_start: AtStart::Stop,
        watch: None,
        hooks: Hooks::default(),
        timeout: None,
    };
    let contracts: &[(u16, &[u16])] = &[(1, &[1]), (1, &[1])];
    for wait in [0, 30, 35] {
        let items = vec![(None, Task::Wait(constant(s(wait)))), (None, alias(1, 2, GatewayMove::None, Some(guard())))];
        let (_, figures) = run(speaking(contracts), plan(items), 120);
        assert_eq!(figures.get("rolled_back"), 0.0, "a period without the version says nothing, {wait} s");
        assert_eq!(figures.get("handled.v2"), (120 - wait) as f64 * RATE, "{wait} s");
    }
}

#[test]
fn a_plan_watches_before_it_goes_on_and_takes_nothing_back_that_is_over() {
    let contracts: &[(u16, &[u16])] = &[(1, &[1]), (1, &[1]), (1, &[1])];
    let alarm = common::alarm(Above::ErrorShare(Share::percent(5)), s(10));
    let watched = |watch| {
        let guard = Guard {
            alarms: vec![alarm.clone()],
            at_start: AtStart::Stop,
            watch,
            hooks: Hooks::default(),
            timeout: None,
        };
        let mut service = speaking(contracts);
        service.releases[1].errors = Share::WHOLE.into();
        let items =
            vec![(None, alias(1, 2, GatewayMove::None, Some(guard))), (None, alias(2, 3, GatewayMove::None, None))];
        run(service, plan(items), 60).1
    };
    let long = watched(Some(s(30)));
    assert_eq!((long.get("rolled_back"), long.get("detection_s"), long.get("lost")), (1.0, 10.0, 10.0 * RATE));
    let none = watched(None);
    assert_eq!((none.get("rolled_back"), none.get("lost")), (0.0, 0.0), "the next item begins at once");
}
