//! Why attempts were mismatched, worked out by hand: each cause by itself.

mod common;

use common::{Figures, SEED, alias, at, at_once, by_hand, constant, deploying, direct, latest, ms, periodic, s};
use cutover::experiment::Replication;
use cutover::metrics::Cause;
use cutover::platform::Service;
use cutover::source::{
    Backlog, Clients, Consumers, Delivery, Invocation, Producer, Queue, Resolve, Source, Target, Via,
};
use cutover::strategy::{
    Above, AtStart, ByHand, Forgetting, GatewayMove, Guard, Hooks, Order, Shift, Strategy, Wiring, Wrong,
};
use cutover::time::Span;
use cutover::units::Share;

/// How many mismatches each cause has of those that have any, which together are all.
fn causes(service: Service, strategy: Strategy, after: Span) -> Vec<(Cause, f64)> {
    let scenario = common::scenario(service, vec![strategy], s(60), after);
    let strategy = &scenario.strategies[0];
    let replication = Replication::run(&scenario, strategy, SEED).unwrap();
    let figures = Figures::new(&scenario, strategy, &replication);
    let of = |cause: Cause| {
        let key = format!("mismatched.{}", cause.key());
        if figures.absent(&key) { 0.0 } else { figures.get(&key) }
    };
    let found: Vec<(Cause, f64)> =
        Cause::ALL.map(|cause| (cause, of(cause))).into_iter().filter(|&(_, n)| n > 0.0).collect();
    assert_eq!(found.iter().map(|(_, n)| n).sum::<f64>(), figures.get("mismatched"));
    found
}

/// Ten requests a second, never at the moment of a change.
fn web() -> Source {
    periodic("web", ms(100), at(-59_950))
}

#[test]
fn a_side_that_is_not_changed_yet_and_one_that_has_not_learnt_of_it() {
    // The code changes at 0, the gateway 5 s later, and its node learns of that 3 s later.
    let mut service = common::service(vec![web()]);
    service.gateway.lag = constant(s(3));
    let strategy = deploying("latest", latest(Order::FunctionFirst), s(5));
    assert_eq!(causes(service, strategy, s(60)), [(Cause::NotYet, 50.0), (Cause::NodeLate, 30.0)]);
    // The other way round the front-end is late.
    let mut service = common::service(vec![web()]);
    service.function.latest_lag = constant(s(2));
    let strategy = deploying("latest", latest(Order::GatewayFirst), s(5));
    assert_eq!(causes(service, strategy, s(60)), [(Cause::NotYet, 50.0), (Cause::FrontEndLate, 20.0)]);
    // A producer follows 7 s late, its mapping 4 s late.
    let source = direct(web(), Span::ZERO, constant(s(7)));
    let strategy = deploying("alias", at_once(GatewayMove::None), Span::ZERO);
    assert_eq!(causes(common::service(vec![source]), strategy, s(60)), [(Cause::NodeLate, 70.0)]);
    let source = direct(web(), Span::ZERO, constant(Span::ZERO));
    let mut service = common::service(vec![source]);
    service.function.mapping_lag = constant(s(4));
    let wired = common::wired(&service.sources);
    let strategy = deploying("template", common::pinned(Wiring::Template, wired), Span::ZERO);
    assert_eq!(causes(service, strategy, s(60)), [(Cause::NodeLate, 40.0)]);
}

#[test]
fn a_split_by_weight() {
    // Half of 60 s at ten a second, by chance; then the gateway is 5 s behind.
    let shift = Shift::Canary { weight: Share::percent(50), bake: s(60) };
    let strategy = deploying("canary", alias(shift, GatewayMove::After), s(5));
    let found = causes(common::service(vec![web()]), strategy, s(120));
    let [(Cause::Weight, split), (Cause::NotYet, 50.0)] = found[..] else { panic!("{found:?}") };
    assert!((split - 300.0).abs() < 60.0);
}

#[test]
fn a_route_that_is_forgotten_or_mistaken() {
    // Its mapping keeps the old number while its producer moves on.
    let forgotten = |forgetting| {
        let sources = vec![direct(web(), Span::ZERO, constant(Span::ZERO))];
        let wired = common::wired(&sources);
        let by_hand = ByHand { forgetting, wrong: Wrong::default(), each: Span::ZERO };
        (common::service(sources), deploying("pinned", common::pinned(Wiring::ByHand(by_hand), wired), Span::ZERO))
    };
    let (service, strategy) = forgotten(Forgetting::Sources(vec![0]));
    assert_eq!(causes(service, strategy, s(10)), [(Cause::Route, 100.0)]);
    let (service, strategy) = forgotten(Forgetting::Sources(Vec::new()));
    assert_eq!(causes(service, strategy, s(10)), []);
    // Through the gateway the new revision writes the new format and asks for the old number.
    let strategy = deploying("pinned", by_hand(Forgetting::Sources(vec![0])), Span::ZERO);
    assert_eq!(causes(common::service(vec![web()]), strategy, s(10)), [(Cause::Route, 100.0)]);
}

#[test]
fn clients_that_have_not_updated() {
    let clients = Some(Clients { old: Share::WHOLE, half_life: s(1_000_000) });
    let source = Source { clients, ..web() };
    let strategy = deploying("alias", at_once(GatewayMove::None), Span::ZERO);
    let found = causes(common::service(vec![source]), strategy, s(10));
    let [(Cause::Client, n)] = found[..] else { panic!("{found:?}") };
    assert!(n >= 99.0);
}

#[test]
fn what_is_taken_back() {
    // The alias goes back at 20 s, when the alarm is seen; the gateway follows after 10 s.
    let mut service = common::service(vec![web()]);
    service.releases[1].errors = Share::WHOLE.into();
    service.releases.iter_mut().for_each(|release| release.accepts = [1, 2].map(cutover::ids::Contract).to_vec());
    service.gateway.lag = constant(Span::ZERO);
    let alarms = vec![common::alarm(Above::ErrorCount(0), s(20))];
    let guard = Guard { alarms, at_start: AtStart::Stop, watch: Some(s(60)), hooks: Hooks::default(), timeout: None };
    let strategy = deploying("alias", at_once(GatewayMove::After), s(10));
    let found = causes(service, Strategy { guard: Some(guard), ..strategy }, s(100));
    // First the alias without the gateway, then the gateway goes back 10 s before the alias.
    assert_eq!(found, [(Cause::Rollback, 100.0), (Cause::NotYet, 100.0)]);
}

#[test]
fn events_that_waited_in_a_queue() {
    let invocation = Invocation { retries: 2, after: [s(20); 2], backoff: s(1), most: s(300), max_age: s(21_600) };
    let queue = Queue {
        name: cutover::ids::Name::new("jobs"),
        delivery: Delivery::Invocation(invocation),
        resolve: Resolve::Dequeue,
        consumers: Consumers::Any,
        target: Target::AtOnce,
        backlog: Backlog { messages: 30, age: s(5) },
    };
    let producer = Producer { at: Span::ZERO, lag: constant(Span::ZERO) };
    let source = Source { via: Via::Queue(producer, queue), ..periodic("jobs", s(1_000), at(500)) };
    let mut service = common::service(vec![source]);
    service.releases[1].accepts = [1, 2].map(cutover::ids::Contract).to_vec();
    let strategy = deploying("alias", at_once(GatewayMove::None), Span::ZERO);
    assert_eq!(causes(service, strategy, s(10)), [(Cause::Queued, 30.0)]);
}

const BLUE_GREEN: &str = r#"
window = { warm_up = "1m", after = "2m" }
[source.web]
arrivals = { constant = { rate = "10/s", first = "-59.95s" } }
[gateway]
lag = { constant = "0s" }
[deployment]
step = "0s"
[code]
service = { constant = "10ms" }
[hosts]
replicas = 2
concurrency = 100
startup = "10s"
balancer = { nodes = 1, lag = { constant = "4s" } }
[strategy]
blue-green = { blue-green = { switch = "balancer", gateway = "before" } }
"#;

#[test]
fn on_hosts_the_balancer_is_late() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blue-green.toml");
    std::fs::write(&path, BLUE_GREEN).unwrap();
    let scenario = cutover::scenario::load(&[path], &cutover::scenario::Options::default()).unwrap().remove(0);
    let found = causes(scenario.service, scenario.strategies[0].clone(), s(120));
    // Gateway and balancer are told at one moment, and the balancer learns of it 4 s later.
    assert_eq!(found, [(Cause::BalancerLate, 40.0)]);
}
