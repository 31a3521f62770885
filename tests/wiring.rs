//! Sources that are wired by themselves: who re-points them, when, and what that costs, against figures worked out by hand.

mod common;

use common::{Figures, alias, at, constant, deploying, direct, latest, ms, periodic, pinned, poisson, s, wired};
use cutover::experiment::Replication;
use cutover::ids::{Contract, Version};
use cutover::platform::control::Control;
use cutover::platform::{Fate, Service, exact, expected, strata};
use cutover::random::Seed;
use cutover::scenario::{Options, Scenario, load};
use cutover::source::Source;
use cutover::strategy::{
    AtStart, ByHand, Forgetting, GatewayMove, Guard, Hook, Hooks, Order, Rollout, Shift, Strategy, Then, Wiring, Wrong,
};
use cutover::time::{Instant, Span};
use cutover::units::{Rate, Share};

const SEED: Seed = Seed { seed: 1, replication: 0 };

/// So many direct sources of 10 requests a second each, whose producers follow at 0.
fn ten_a_second(many: usize) -> Vec<Source> {
    (0..many).map(|n| direct(periodic(&format!("s{n}"), ms(100), at(50)), Span::ZERO, constant(Span::ZERO))).collect()
}

fn person(each: Span) -> ByHand {
    ByHand { forgetting: Forgetting::Sources(Vec::new()), wrong: Wrong::default(), each }
}

fn run(service: &Service, rollout: Rollout) -> (Scenario, Strategy, Replication) {
    let strategy = deploying("test", rollout, s(5));
    let scenario = common::scenario(service.clone(), vec![strategy.clone()], s(10), s(600));
    let replication = Replication::run(&scenario, &strategy, SEED).unwrap();
    (scenario, strategy, replication)
}

/// Metrics of one replication.
fn figures<const N: usize>(service: &Service, rollout: Rollout, keys: [&str; N]) -> [f64; N] {
    let (scenario, strategy, replication) = run(service, rollout);
    let figures = Figures::new(&scenario, &strategy, &replication);
    keys.map(|key| figures.get(key))
}

#[test]
fn who_re_points_sources_one_by_one_lets_the_last_wait_for_all_others() {
    for (many, each) in [(1, 30), (2, 7), (5, 30), (9, 11)] {
        let service = common::service(ten_a_second(many));
        let by_hand = pinned(Wiring::ByHand(person(s(each))), wired(&service.sources));
        let keys = ["mismatched_ahead", "mismatched_behind", "operator_steps", "operator_s", "rollout_duration_s"];
        let k = many as f64;
        let ahead = 10.0 * each as f64 * k * (k - 1.0) / 2.0;
        let last = each as f64 * (k - 1.0);
        assert_eq!(figures(&service, by_hand, keys), [ahead, 0.0, k, k * each as f64, last], "{many} x {each}");
        let template = pinned(Wiring::Template, wired(&service.sources));
        assert_eq!(figures(&service, template, keys), [0.0; 5]);
        // An alias spares the work; it moves with all that ask for it.
        let alias = alias(Shift::AllAtOnce, GatewayMove::None);
        assert_eq!(figures(&service, alias, keys), [0.0; 5]);
    }
}

#[test]
fn mappings_and_producers_follow_each_after_their_own_lag() {
    let mut service = common::service(vec![direct(periodic("s", ms(100), at(50)), s(20), constant(s(4)))]);
    service.function.mapping_lag = constant(s(9));
    let keys = ["mismatched_ahead", "mismatched_behind", "rollout_duration_s"];
    // The mapping follows at 9 s, its producer at 24 s.
    let template = pinned(Wiring::Template, wired(&service.sources));
    assert_eq!(figures(&service, template.clone(), keys), [0.0, 150.0, 9.0]);
    assert_eq!(figures(&service, alias(Shift::AllAtOnce, GatewayMove::None), keys), [0.0, 240.0, 0.0]);
    assert_eq!(figures(&service, latest(Order::FunctionAlone), keys), [0.0, 240.0, 0.0]);
    service.sources = vec![direct(periodic("s", ms(100), at(50)), Span::ZERO, constant(s(4)))];
    assert_eq!(figures(&service, template, keys), [50.0, 0.0, 9.0]);
}

#[test]
fn beside_a_gateway_only_direct_sources_take_their_turns() {
    let mut sources = vec![periodic("web", ms(100), at(50))];
    sources.extend(ten_a_second(3));
    let service = common::service(sources);
    let by_hand = pinned(Wiring::ByHand(person(s(6))), wired(&service.sources));
    let keys = ["mismatched_ahead", "operator_steps", "operator_s", "cost_gateway_usd"];
    let [ahead, steps, seconds, gateway] = figures(&service, by_hand, keys);
    assert_eq!([ahead, steps, seconds], [10.0 * 6.0 * 3.0, 4.0, 24.0]);
    // Only what passes the gateway pays for it: 6,000 requests.
    let price = service.prices.gateway.of(6_000);
    assert!(price > 0.0 && (gateway - price).abs() < 1e-12, "{gateway} for {price}");
}

#[test]
fn what_nobody_times_takes_nobody_knows_how_long() {
    let service = common::service(ten_a_second(2));
    let untimed = pinned(Wiring::ByHand(person(Span::ZERO)), wired(&service.sources));
    let (scenario, strategy, replication) = run(&service, untimed);
    let figures = Figures::new(&scenario, &strategy, &replication);
    assert_eq!((figures.get("operator_steps"), figures.absent("operator_s")), (2.0, true));
}

#[test]
fn a_forgotten_mapping_stays_and_a_mistaken_one_asks_for_another_version() {
    let mut service = common::service(ten_a_second(1));
    service.releases.push(common::release(3));
    let slip = |forgetting, wrong| ByHand { forgetting, wrong, each: Span::ZERO };
    let wrong = |other| Wrong { chance: Share::WHOLE, others: vec![Version(other)] };
    let [forgets, nothing] = [vec![0], Vec::new()].map(Forgetting::Sources);
    // Everything is asked of one version, and nothing of the deployed one.
    let all_to = |key: &str, steps, by_hand| {
        let by_hand = pinned(Wiring::ByHand(by_hand), wired(&service.sources));
        let found = figures(&service, by_hand, [key, "handled.v2", "mismatched", "operator_steps"]);
        assert_eq!(found, [6_000.0, 0.0, 6_000.0, steps]);
    };
    all_to("handled.v1", 0.0, slip(forgets.clone(), Wrong::default()));
    all_to("handled.v3", 1.0, slip(nothing.clone(), wrong(3)));
    all_to("handled.v1", 1.0, slip(nothing, wrong(1)));
    // What is forgotten is not mistaken.
    all_to("handled.v1", 0.0, slip(forgets, wrong(3)));
}

#[test]
fn every_slip_has_a_stratum_and_the_weights_are_exact() {
    let service = common::service(ten_a_second(1));
    let wrong = Wrong { chance: Share::percent(10), others: vec![Version(1)] };
    let by_hand = ByHand { forgetting: Forgetting::Chance(Share::percent(20)), wrong, each: Span::ZERO };
    let strategy = deploying("test", pinned(Wiring::ByHand(by_hand), wired(&service.sources)), s(5));
    let scenario = common::scenario(service, vec![strategy], s(10), s(60));
    let ways = strata::of(&scenario.service, &scenario.strategies[0], scenario.window);
    let found: Vec<_> = ways.iter().map(|way| (way.stratum.name.as_str(), way.stratum.weight)).collect();
    let expected = [("none", 0.72), ("forgotten:s0", 0.2), ("wrong:s0", 0.08)];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((name, weight), (wanted, chance)) in found.iter().zip(expected) {
        assert!(*name == wanted && (weight - chance).abs() < 1e-12, "{found:?}");
    }
}

#[test]
fn the_exact_mean_of_direct_sources_is_the_mean_of_many_control_planes() {
    let uniform = |low, high| common::uniform(s(low), s(high));
    let sources = vec![
        poisson("web", Rate::per_second(9)),
        direct(poisson("a", Rate::per_second(20)), Span::ZERO, uniform(0, 30)),
        direct(poisson("b", Rate::per_second(7)), s(12), common::exponential(s(8))),
        direct(periodic("c", ms(500), at(0)), s(40), constant(Span::ZERO)),
    ];
    let mut service = common::service(sources);
    service.releases.push(common::release(3));
    service.releases[2].contract = Contract(2);
    (service.gateway.nodes, service.gateway.lag) = (3, uniform(0, 10));
    (service.function.front_ends, service.function.alias_lag) = (2, uniform(0, 4));
    service.function.latest_lag = uniform(0, 8);
    service.function.mapping_lag = uniform(0, 20);
    let wrong = Wrong { chance: Share::percent(30), others: vec![Version(1), Version(3)] };
    let slips = ByHand { forgetting: Forgetting::Chance(Share::percent(25)), wrong, each: s(7) };
    let rollouts = [
        ("template", pinned(Wiring::Template, wired(&service.sources))),
        ("by hand", pinned(Wiring::ByHand(slips), wired(&service.sources))),
        ("timed", pinned(Wiring::ByHand(person(s(11))), wired(&service.sources))),
        ("alias", alias(Shift::AllAtOnce, GatewayMove::After)),
        ("latest", latest(Order::GatewayFirst)),
    ];
    for (name, rollout) in rollouts {
        let strategy = deploying(name, rollout, s(3));
        let scenario = common::scenario(service.clone(), vec![strategy.clone()], s(1), s(90));
        let figures = exact::figures(&service, &strategy, &scenario.window).unwrap();
        let counts = figures.first.counts(&service, &strategy);
        let wanted: f64 = counts.mismatched.iter().sum();
        let drawn = (0..3_000).map(|replication| {
            let control = Control::alone(&service, &strategy, Seed { seed: 7, replication }, &Fate::default());
            expected::mismatched(&service, &strategy, &control, &scenario.window).unwrap()
        });
        let drawn: Vec<f64> = drawn.collect();
        let n = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / n;
        let error = 4.0 * (drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n).sqrt();
        assert!((mean - wanted).abs() <= error + 1e-6 * wanted, "{name}: {wanted} against {mean} +- {error}");
    }
}

/// What is said of a scenario with a direct source, whose strategy is this.
#[track_caller]
fn refused(strategy: &str, reason: &str, cure: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("direct.toml");
    let text = format!(
        "source.jobs = {{ via = \"direct\", arrivals = {{ poisson = \"1/s\" }} }}\ncode.service = {{ constant = \"1s\" }}\n\
         hosts = {{ replicas = 1, concurrency = 1 }}\nfunction.warm = 0\nversion.3 = {{}}\nstrategy.it = {strategy}\n"
    );
    std::fs::write(&path, text).unwrap();
    let diagnostics = load(&[path], &Options::default()).unwrap_err().render(false);
    assert!(diagnostics.contains(reason) && diagnostics.contains(cure), "{diagnostics}");
}

#[test]
fn what_needs_a_gateway_is_refused_where_no_source_passes_it() {
    for strategy in ["{ alias = { gateway = \"after\" } }", "{ rolling = { gateway = \"before\" } }"] {
        refused(strategy, "no source passes the gateway", "write `via = \"gateway\"` at a source");
    }
    refused("{ blue-green = { switch = \"gateway\" } }", "passes no gateway that could name its stack", "\"balancer\"");
    let plan = "{ plan = [{ to = 2, pinned = { wiring = \"template\" } }, { to = 3, alias = {} }] }";
    refused(plan, "would go on asking", "write the same kind in all items");
}

#[test]
fn what_is_taken_back_is_re_pointed_one_by_one_again() {
    let service = common::service(ten_a_second(3));
    let mut strategy = deploying("test", pinned(Wiring::ByHand(person(s(10))), wired(&service.sources)), Span::ZERO);
    let fails = Hook { takes: constant(Span::ZERO), fails: Share::WHOLE, then: Then::RollBack };
    let hooks = Hooks { after: Some(fails), ..Hooks::default() };
    strategy.guard = Some(Guard { alarms: Vec::new(), at_start: AtStart::Stop, watch: None, hooks, timeout: None });
    let scenario = common::scenario(service, vec![strategy.clone()], s(10), s(100));
    let replication = Replication::run(&scenario, &strategy, SEED).unwrap();
    let figures = Figures::new(&scenario, &strategy, &replication);
    let instants: Vec<_> = replication.actions.iter().map(|&(at, _)| at).collect();
    let seconds = |n| Instant::ZERO + s(n);
    // There in 0, 10 and 20 s, and back from then on.
    assert_eq!(instants, [0, 10, 20, 20, 30, 40].map(seconds));
    assert_eq!(figures.get("handled.v2"), (20.0 + 20.0 + 20.0) * 10.0);
    // Producers stay.
    assert_eq!(figures.get("mismatched_ahead"), 3_000.0 - 600.0);
}
