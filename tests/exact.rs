//! Exact figures are the means of what the simulation's own expectation draws: compared over thousands of control planes,
//! none of which simulates a request. Seeds are fixed, so that a test that passes goes on passing.

mod common;

use common::{
    alias, at, by_hand, constant, deploying, exponential, latest, lognormal, ms, periodic, poisson, s, uniform,
};
use cutover::dist::Law;
use cutover::platform::control::Control;
use cutover::platform::exact::{self, Besides, Counts, Exact};
use cutover::platform::{Fate, Gateway, Service, VersionIx, Window, expected};
use cutover::random::Seed;
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::source::{Arrivals, Bursty, Clients, Firings, Schedule, Source, State};
use cutover::stats::interval;
use cutover::strategy::{Forgetting, GatewayMove, Order, Shift, Strategy};
use cutover::time::{Instant, Span};
use cutover::units::{Rate, Share};

const OLD: VersionIx = VersionIx::FIRST;
const NEW: VersionIx = VersionIx::nth(1);

fn seeds(n: u64) -> impl Iterator<Item = Seed> {
    (0..n).map(|replication| Seed { seed: 77, replication })
}

fn exactly(service: &Service, strategy: &Strategy, window: &Window) -> (Exact, Counts) {
    let exact = exact::figures(service, strategy, window).unwrap();
    let counts = exact.first.counts(service, strategy);
    (exact, counts)
}

/// Compares with the mean over `n` control planes, and the duration with when they settled; four standard errors each.
fn compare(service: &Service, strategy: &Strategy, window: &Window, n: u64) {
    let (exact, counts) = exactly(service, strategy, window);
    let wanted: f64 = counts.mismatched.iter().sum();
    let controls: Vec<Control> =
        seeds(n).map(|seed| Control::alone(service, strategy, seed, &Fate::default())).collect();
    let draw = |control| expected::mismatched(service, strategy, control, window).unwrap();
    let drawn: Vec<f64> = controls.iter().map(draw).collect();
    within(&drawn, wanted, 1e-6, &format!("{}: mismatched", strategy.name));
    let Some(duration) = exact.duration else { return };
    let settled: Vec<f64> = controls.iter().map(|control| control.settled().unwrap().seconds()).collect();
    if let Some(mean) = duration.mean_s {
        within(&settled, mean, 1e-6, &format!("{}: duration", strategy.name));
        assert!(settled.iter().all(|&settled| settled <= window.after.seconds()), "{}", strategy.name);
    }
    for (p, quantile) in [(0.5, duration.p50_s), (0.99, duration.p99_s)] {
        // An instant may be rounded either way.
        let share =
            |slack: f64| settled.iter().filter(|&&settled| settled <= quantile + slack).count() as f64 / n as f64;
        let error = 4.0 * (p * (1.0 - p) / n as f64).sqrt();
        assert!(share(2e-9) >= p - error, "{}: {p} {quantile} {}", strategy.name, share(2e-9));
        assert!(share(-2e-9) <= p + error, "{}: {p} {quantile} {}", strategy.name, share(-2e-9));
    }
}

fn within(drawn: &[f64], wanted: f64, part: f64, what: &str) {
    let n = drawn.len() as f64;
    let mean = drawn.iter().sum::<f64>() / n;
    let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let error = 4.0 * (variance / n).sqrt();
    println!("{what}: {wanted} against {mean} +- {error}");
    assert!((mean - wanted).abs() <= error + part * wanted.abs(), "{what}: {wanted} against {mean} +- {error}");
}

fn load(file: &str, set: &[&str]) -> Scenario {
    let overrides = set.iter().map(|text| Override::new(text)).collect();
    let options = Options { overrides, ..Options::default() };
    scenario::load(&[format!("scenarios/{file}").into()], &options).unwrap().remove(0)
}

#[test]
fn shipped_scenarios_agree_with_their_drawn_expectations() {
    for file in ["lesson.toml", "compatible.toml", "clients.toml", "daily.toml", "real-trace.toml"] {
        let scenario = load(file, &[]);
        for strategy in &scenario.strategies {
            println!("{file}");
            compare(&scenario.service, strategy, &scenario.window, 2_000);
        }
    }
}

#[test]
fn shipped_scenarios_with_random_delays_agree_too() {
    for set in [
        ["deployment.step={ uniform = [\"1s\", \"30s\"] }", "function.update_in_progress=5s"],
        [
            "deployment.step={ exponential = { mean = \"8s\" } }",
            "function.update_in_progress={ uniform = [\"0s\", \"20s\"] }",
        ],
        [
            "deployment.step={ lognormal = { p50 = \"5s\", p99 = \"60s\" } }",
            "function.update_in_progress={ exponential = { mean = \"9s\" } }",
        ],
    ] {
        for file in ["lesson.toml", "clients.toml", "daily.toml"] {
            let scenario = load(file, &set);
            for strategy in &scenario.strategies {
                compare(&scenario.service, strategy, &scenario.window, 2_000);
            }
        }
    }
}

#[test]
fn the_working_day_s_forgotten_routes_are_as_many_as_were_reckoned_elsewhere() {
    let scenario = load("daily.toml", &[]);
    let pinned = scenario.strategies.iter().find(|strategy| strategy.name == "pinned").unwrap();
    let (exact, counts) = exactly(&scenario.service, pinned, &scenario.window);
    let incompatible: f64 = counts.incompatible.iter().sum();
    println!("daily, pinned: incompatible {incompatible}");
    assert!((incompatible - 5_971.4).abs() < 0.5, "{incompatible}");
    assert!(exact.is_whole());
}

const STEP: Span = s(3);

fn strategies() -> Vec<Strategy> {
    let linear = |weight, every| Shift::Linear { weight: Share::percent(weight), every };
    let canary = Shift::Canary { weight: Share::percent(15), bake: s(4) };
    [
        ("function first", latest(Order::FunctionFirst)),
        ("gateway first", latest(Order::GatewayFirst)),
        ("by hand", by_hand(Forgetting::Chance(Share::percent(30)))),
        ("forgotten", by_hand(Forgetting::Sources(vec![1]))),
        ("at once", alias(Shift::AllAtOnce, GatewayMove::After)),
        ("canary", alias(canary.clone(), GatewayMove::Before)),
        ("fast steps", alias(linear(7, s(1)), GatewayMove::Before)),
        ("slow steps", alias(linear(30, s(9)), GatewayMove::After)),
        ("no gateway", alias(canary, GatewayMove::None)),
    ]
    .map(|(name, rollout)| deploying(name, rollout, STEP))
    .into()
}

/// Sources of every kind, of which one's clients update by themselves.
fn sources() -> Vec<Source> {
    let source = |name: &str, arrivals| Source { arrivals, ..poisson(name, Rate::per_second(1)) };
    let state = |rate, lasts| State { rate: Some(Rate::per_second(rate)), lasts };
    let firings = || Firings::Every { every: s(7), first: at(-3_000) };
    let instants = Firings::At(vec![at(0), at(5_000), at(12_000)]);
    let mut apps = poisson("apps", Rate::per_second(11));
    apps.clients = Some(Clients { old: Share::percent(90), half_life: s(6) });
    let mut timers = periodic("timers", ms(700), at(-200));
    timers.clients = Some(Clients { old: Share::percent(100), half_life: ms(5) });
    vec![
        poisson("web", Rate::per_second(20)),
        periodic("clock", ms(1_000), Instant::ZERO),
        apps,
        timers,
        source("bursts", Arrivals::Bursty(Bursty { quiet: state(1, s(60)), burst: state(90, s(2)) })),
        source("jobs", Arrivals::Schedule(Schedule { firings: firings(), batch: 30, jitter: s(5) })),
        source("sharp", Arrivals::Schedule(Schedule { firings: firings(), batch: 30, jitter: Span::ZERO })),
        source("list", Arrivals::Schedule(Schedule { firings: instants, batch: 9, jitter: Span::ZERO })),
        periodic("dense", ms(1), at(0)),
    ]
}

/// Every strategy, for all sources together and for each alone, where lags are these.
fn ugly(nodes: u32, front_ends: u32, lags: [Law; 3], random: Option<[Law; 2]>, n: u64) {
    let mut service = common::service(sources());
    service.gateway = Gateway { nodes, lag: lags[0] };
    service.function.front_ends = front_ends;
    (service.function.latest_lag, service.function.alias_lag) = (lags[1], lags[2]);
    let window = Window { warm_up: s(1), after: s(60) };
    for mut strategy in strategies() {
        if let Some([step, update_in_progress]) = random {
            strategy.deployment.step = step;
            service.function.update_in_progress = update_in_progress;
        }
        compare(&service, &strategy, &window, n);
        for place in 0..service.sources.len() {
            let mut alone = service.clone();
            alone.sources = vec![service.sources[place].clone()];
            if strategy.name == "forgotten" && place != 1 {
                continue;
            }
            let mut strategy =
                Strategy { name: format!("{} {}", strategy.name, alone.sources[0].name), ..strategy.clone() };
            if place == 1 && strategy.name.starts_with("forgotten") {
                strategy.rollout = by_hand(Forgetting::Sources(vec![0]));
            }
            compare(&alone, &strategy, &window, n / 4);
        }
    }
}

#[test]
fn constant_lags_are_steps() {
    // A request arrives at the very instant at which a node adopts: every second, and lags are whole seconds.
    ugly(1, 1, [constant(s(2)), constant(s(1)), constant(Span::ZERO)], None, 400);
    ugly(3, 2, [constant(Span::ZERO), constant(s(4)), constant(s(5))], None, 400);
}

#[test]
fn one_observer_of_uniform_lags() {
    ugly(1, 1, [uniform(s(0), s(10)), uniform(s(2), s(5)), uniform(s(0), s(1))], None, 2_000);
}

#[test]
fn lags_longer_than_the_gaps_between_actions() {
    ugly(4, 3, [exponential(s(8)), lognormal(s(2), s(30)), lognormal(s(3), s(20))], None, 1_600);
    ugly(2, 5, [constant(s(3)), exponential(s(30)), uniform(s(0), s(20))], None, 1_600);
}

#[test]
fn random_delays_of_the_control_plane() {
    let lags = [uniform(s(0), s(4)), lognormal(s(1), s(3)), uniform(ms(500), s(2))];
    ugly(3, 2, lags, Some([uniform(s(1), s(9)), constant(s(2))]), 1_600);
    ugly(3, 2, lags, Some([exponential(s(3)), lognormal(s(2), s(9))]), 1_600);
    // Steps of the lags, at random times.
    ugly(
        1,
        1,
        [constant(s(1)), constant(s(2)), constant(ms(300))],
        Some([uniform(s(1), s(9)), exponential(s(1))]),
        1_600,
    );
}

#[test]
fn one_node_and_a_uniform_lag_have_a_closed_form() {
    // The alias turns at 0, the node after 3 s and a uniform lag of up to 10 s: until then every request is behind, 8 s
    // on average; the duration is the later of 3 s + lag.
    let mut service = common::service(vec![poisson("web", Rate::per_second(50))]);
    service.gateway.lag = uniform(s(0), s(10));
    let strategy = deploying("alias", alias(Shift::AllAtOnce, GatewayMove::After), STEP);
    let window = Window { warm_up: s(1), after: s(60) };
    let (exact, counts) = exactly(&service, &strategy, &window);
    assert!((counts.behind - 400.0).abs() < 1e-6 && counts.ahead == 0.0, "{counts:?}");
    assert_eq!((counts.mismatched[OLD], counts.mismatched[NEW]), (0.0, counts.behind));
    assert!((counts.handled[NEW] - 3_000.0).abs() < 1e-6 && counts.handled[OLD] == 0.0, "{counts:?}");
    let duration = exact.duration.unwrap();
    assert!((duration.mean_s.unwrap() - 8.0).abs() < 1e-9, "{duration:?}");
    assert!((duration.p50_s - 8.0).abs() < 1e-6 && (duration.p99_s - 12.9).abs() < 1e-6, "{duration:?}");
    // Of 7 nodes the last comes after 7/8 of the span.
    service.gateway.nodes = 7;
    let (exact, again) = exactly(&service, &strategy, &window);
    assert!((again.behind - counts.behind).abs() < 1e-9, "nodes share the mean");
    assert!((exact.duration.unwrap().mean_s.unwrap() - 11.75).abs() < 1e-8);
    // A window that ends before does not have it.
    let (exact, counts) = exactly(&service, &strategy, &Window { after: s(8), ..window });
    let duration = exact.duration.unwrap();
    assert_eq!(duration.mean_s, None);
    assert!((duration.beyond - (1.0 - 1.0 / 128.0)).abs() < 1e-12, "{duration:?}");
    // 3 s behind, then a part that falls from 1 to 1/2.
    assert!((counts.behind - 50.0 * (3.0 + 5.0 * 0.75)).abs() < 1e-6, "{counts:?}");
}

#[test]
fn two_observers_of_uniform_lags_have_one_too() {
    // Code at 0, gateway at 0, both after a uniform lag of up to 10 s: ahead and behind are rate x 10 x 1/6 each.
    let mut service = common::service(vec![poisson("web", Rate::per_second(60))]);
    service.gateway = Gateway { nodes: 3, lag: uniform(s(0), s(10)) };
    service.function.front_ends = 5;
    service.function.latest_lag = uniform(s(0), s(10));
    let strategy = deploying("latest", latest(Order::FunctionFirst), Span::ZERO);
    let (_, counts) = exactly(&service, &strategy, &Window { warm_up: s(1), after: s(60) });
    assert!((counts.ahead - 100.0).abs() < 1e-6 && (counts.behind - 100.0).abs() < 1e-6, "{counts:?}");
    // A newer format is refused by the old version, an older one by the new.
    assert!((counts.incompatible[OLD] - 100.0).abs() < 1e-6 && (counts.incompatible[NEW] - 100.0).abs() < 1e-6);
}

#[test]
fn what_is_not_known_beforehand_is_said() {
    let scenario = load("retry-storm.toml", &[]);
    let (exact, _) = exactly(&scenario.service, &scenario.strategies[0], &scenario.window);
    assert_eq!((exact.sources, exact.besides), (vec![None], vec![Besides::Limits, Besides::Retries("web".to_owned())]));
    let scenario = load("sessions.toml", &[]);
    let (exact, counts) = exactly(&scenario.service, &scenario.strategies[0], &scenario.window);
    assert!(!exact.is_whole() && exact.sources == [None] && counts == Counts::default(), "{exact:?}");
    assert!(exact.duration.is_some(), "lags are known even so");
    let nothing = common::nothing();
    let (exact, counts) = exactly(
        &common::service(vec![poisson("web", Rate::per_second(1))]),
        &nothing,
        &Window { warm_up: s(0), after: s(9) },
    );
    assert!(
        exact.duration.is_none()
            && (counts.handled[OLD] - 9.0).abs() < 1e-9
            && counts.mismatched.iter().all(|&n| n == 0.0)
    );
}

#[test]
fn simulated_counts_agree() {
    // And not only their expectations: ahead, behind and by version, requests simulated.
    let scenario = load("lesson.toml", &["window.after=1m", "window.warm_up=1s", "source.web.arrivals.poisson=20/s"]);
    for strategy in &scenario.strategies {
        let (_, counts) = exactly(&scenario.service, strategy, &scenario.window);
        let figures: Vec<_> = seeds(300).map(|seed| common::Figures::of(&scenario, strategy, seed)).collect();
        for (key, wanted) in [
            ("mismatched_ahead", counts.ahead),
            ("mismatched_behind", counts.behind),
            ("incompatible.v1", counts.incompatible[OLD]),
            ("incompatible.v2", counts.incompatible[NEW]),
            ("handled.v1", counts.handled[OLD]),
        ] {
            let drawn: Vec<f64> = figures.iter().map(|figures| figures.get(key)).collect();
            let estimate = interval::of(&drawn, 0.999_9).unwrap();
            let allowed = estimate.half_width.unwrap_or(0.0) + 1e-6;
            assert!((estimate.mean - wanted).abs() <= allowed, "{} {key}: {wanted} {}", strategy.name, estimate.mean);
        }
    }
}

#[test]
fn many_small_steps() {
    let mut service = common::service(vec![poisson("web", Rate::per_second(20)), periodic("clock", ms(500), at(0))]);
    service.gateway.lag = exponential(s(2));
    service.function.front_ends = 2;
    let window = Window { warm_up: s(1), after: s(120) };
    let linear = |parts, every| Shift::Linear { weight: Share::new(1, parts), every };
    let strategy = |shift, gateway| deploying("steps", alias(shift, gateway), STEP);
    for lag in [lognormal(s(2), s(9)), constant(s(2)), uniform(s(0), s(5))] {
        service.function.alias_lag = lag;
        compare(&service, &strategy(linear(10_000, ms(9)), GatewayMove::Before), &window, 100);
        let mut delayed = strategy(linear(100, ms(900)), GatewayMove::Before);
        delayed.deployment.step = exponential(s(5));
        compare(&service, &delayed, &window, 1_000);
    }
    service.function.alias_lag = constant(s(2));
    let mut delayed = strategy(linear(10_000, ms(9)), GatewayMove::Before);
    delayed.deployment.step = exponential(s(5));
    let refused = exact::figures(&service, &delayed, &window);
    assert_eq!(refused.unwrap_err(), exact::Inexact::Steps);
}

#[test]
fn a_random_delay_lengthens_the_mean_by_its_own() {
    // Whatever the lags, requests behind less those ahead are the rate times the mean gap between the changes; a window
    // long enough.
    let mut service = common::service(vec![poisson("web", Rate::per_second(50))]);
    service.gateway.lag = uniform(s(0), s(10));
    service.function.latest_lag = uniform(s(0), s(10));
    let window = Window { warm_up: s(1), after: s(4_000) };
    for (step, mean) in [
        (uniform(s(1), s(9)), 5.0),
        (exponential(s(8)), 8.0),
        (lognormal(s(5), s(60)), lognormal(s(5), s(60)).mean_ns() / 1e9),
    ] {
        service.function.update_in_progress = exponential(s(4));
        for (rollout, wanted) in [
            (latest(Order::FunctionFirst), mean),
            (latest(Order::GatewayFirst), -mean - 4.0),
            (alias(Shift::AllAtOnce, GatewayMove::After), mean + 5.0),
            (alias(Shift::AllAtOnce, GatewayMove::Before), 5.0 - mean),
        ] {
            let mut strategy = deploying("random", rollout, STEP);
            strategy.deployment.step = step;
            let (exact, counts) = exactly(&service, &strategy, &window);
            let gap = (counts.behind - counts.ahead) / 50.0;
            assert!((gap - wanted).abs() < 2e-6 * wanted.abs() + 1e-7, "{strategy:?}: {gap} {wanted}");
            assert!(exact.duration.unwrap().p50_s > 5.0);
        }
    }
}
