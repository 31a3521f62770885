//! Is the warm-up long enough? The check is compared with closed forms, and asked about good and short warm-ups many
//! times; a length that is found is the same whoever looks for it.
//!
//! `CUTOVER_SEEDS=200 cargo test --release --test warm_up -- --nocapture` prints the rates that stand in
//! `docs/warm-up.md`.

mod common;

use common::{constant, exponential, ms, s};
use cutover::experiment::warm_up::{check, find};
use cutover::experiment::{self, BatchError, Settings};
use cutover::idle::Idle;
use cutover::math;
use cutover::platform::Choice;
use cutover::results::{Settled, WarmUpCheck};
use cutover::scenario::{self, Options, Override, Scenario, WarmUp};
use cutover::stats::interval;
use cutover::time::{NS_PER_S, Span};
use cutover::units::Rate;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How many seeds each question is asked with.
fn seeds(usual: u64) -> std::ops::RangeInclusive<u64> {
    1..=std::env::var("CUTOVER_SEEDS").map_or(usual, |seeds| seeds.parse().unwrap())
}

fn settings(seed: u64, threads: usize) -> Settings {
    Settings { seed, threads: Some(threads), ..Settings::default() }
}

/// One source and one release: `rate` a second, with this service and this keep-alive.
fn steady(rate: Rate, service: cutover::dist::Law, idle: Idle, warm_up: Span) -> Scenario {
    let mut all = common::service(vec![common::poisson("web", rate)]);
    let release = &mut all.releases[0];
    (release.service, release.idle) = (service, idle);
    Scenario { replications: 40, ..common::scenario(all, vec![common::nothing()], warm_up, s(1_200)) }
}

/// The mean of `values` agrees with theory: alpha = 0.001.
fn assert_agrees(values: &[f64], theory: f64, what: &str) {
    let estimate = interval::of(values, 0.999).unwrap();
    let allowed = estimate.half_width.unwrap();
    assert!((estimate.mean - theory).abs() <= allowed, "{what}: {} ± {allowed} for {theory}", estimate.mean);
}

/// The mean of 1 - exp(-t / unit) for t from `from` to `to`.
fn filled(unit: f64, from: f64, to: f64) -> f64 {
    1.0 - unit / (to - from) * (math::exp(-from / unit) - math::exp(-to / unit))
}

/// Instances that go when they are done are the requests in service: M/G/infinity, begun empty, has on average
/// rate x (integral of P(service > u) for u from 0 to t) of them after t.
#[test]
fn an_empty_start_fills_up_as_in_theory() {
    let at = |warm_up| steady(Rate::per_second(1), exponential(s(60)), Idle::After(constant(Span::ZERO)), warm_up);
    let checks: Vec<WarmUpCheck> = seeds(20).map(|seed| check(&at(s(60)), seed).unwrap()).collect();
    let figures = |figure: fn(&WarmUpCheck) -> f64| checks.iter().map(figure).collect::<Vec<_>>();
    assert_agrees(&figures(|check| check.instances), 60.0 * filled(60.0, 54.0, 60.0), "begun with the warm-up");
    // The other run began one memory earlier: the 99th percentile of the service, 4.6 times its mean.
    let earlier = 60.0 + 60.0 * -math::ln(0.01);
    assert_agrees(
        &figures(|check| check.instances_settled),
        60.0 * filled(60.0, earlier - 6.0, earlier),
        "begun before it",
    );
    for (seed, check) in seeds(20).zip(checks) {
        assert_eq!(check.settled, Settled::No, "{seed}: {check:?}");
        let (low, high) = check.difference;
        assert!(low < -21.0 && high > -23.5, "{seed}: {check:?}");
        // After five means 0.7 % are missing.
        let enough = check.enough.unwrap();
        assert!((s(300)..=s(1_000)).contains(&enough), "{seed}: {enough}");
        assert_ne!(self::check(&at(enough), seed).unwrap().settled, Settled::No, "{seed}: {enough}");
    }
}

/// Requests so short that they never meet keep one instance alive, for the keep-alive after each: at t after an empty
/// start there is one with probability 1 - exp(-rate x min(t, keep-alive)).
#[test]
fn a_pool_is_full_after_one_keep_alive_as_in_theory() {
    let rate = Rate::new(1, 100 * NS_PER_S);
    let at = |warm_up| steady(rate, constant(ms(1)), Idle::After(constant(s(100))), s(warm_up));
    let short: Vec<_> = seeds(40).map(|seed| check(&at(50), seed).unwrap()).collect();
    let figures = |figure: fn(&WarmUpCheck) -> f64| short.iter().map(figure).collect::<Vec<_>>();
    assert_agrees(&figures(|check| check.instances), filled(100.0, 45.0, 50.0), "half a keep-alive");
    assert_agrees(&figures(|check| check.instances_settled), 1.0 - math::exp(-1.0), "begun a keep-alive before it");
    for seed in seeds(40) {
        let check = check(&at(120), seed).unwrap();
        // Not nearly: after one keep-alive the two runs are the same run.
        assert_eq!((check.settled, check.difference), (Settled::Yes, (0.0, 0.0)), "{seed}: {check:?}");
    }
}

/// Instances that are never reclaimed never settle in number; those at work do.
#[test]
fn where_nothing_is_reclaimed_only_instances_at_work_are_looked_at() {
    let at = |warm_up| steady(Rate::per_second(1), exponential(s(60)), Idle::Never, s(warm_up));
    let (short, long) = (check(&at(60), 1).unwrap(), check(&at(1_000), 1).unwrap());
    assert!(!short.all_instances && short.settled == Settled::No, "{short:?}");
    assert!(long.settled != Settled::No && (50.0..70.0).contains(&long.instances), "{long:?}");
}

#[test]
fn instances_warm_from_the_start_must_be_gone_or_in_use() {
    let warm = |warm_up| {
        let mut scenario = steady(Rate::per_second(10), exponential(s(1)), Idle::After(constant(s(300))), s(warm_up));
        scenario.service.function.warm = 100;
        scenario
    };
    let (short, long) = (check(&warm(60), 1).unwrap(), check(&warm(400), 1).unwrap());
    assert_eq!((short.settled, short.instances), (Settled::No, 100.0), "{short:?}");
    assert!(short.instances_settled < 30.0 && short.enough == Some(s(500)), "{short:?}");
    assert_eq!(long.settled, Settled::Yes, "{long:?}");
}

#[test]
fn no_warm_up_is_not_checked() {
    assert_eq!(check(&steady(Rate::per_second(1), constant(ms(1)), Idle::Never, Span::ZERO), 1), None);
}

/// How often a check says that the warm-up is long enough, that it is too short, and neither.
fn rates(scenario: &Scenario, usual: u64) -> [u64; 3] {
    let mut rates = [0; 3];
    for seed in seeds(usual) {
        let check = check(scenario, seed).unwrap();
        rates[match check.settled {
            Settled::Yes => 0,
            Settled::No => 1,
            Settled::Open => 2,
        }] += 1;
        if let Some(enough) = check.enough {
            assert!(enough > scenario.window.warm_up, "{}: {enough}", scenario.name);
            if seed <= 2 {
                let mut longer = scenario.clone();
                longer.window.warm_up = enough;
                assert_ne!(self::check(&longer, seed).unwrap().settled, Settled::No, "{}: {enough}", scenario.name);
            }
        }
    }
    rates
}

fn shipped(name: &str, warm_up: &str) -> Scenario {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).with_extension("toml");
    let overrides = if warm_up.is_empty() { Vec::new() } else { vec![format!("window.warm_up={warm_up}")] };
    let overrides = overrides.iter().map(|text| Override::new(text)).collect();
    scenario::load(&[path], &Options { overrides, replications: None, ..Options::default() }).unwrap().remove(0)
}

#[test]
fn no_shipped_scenario_is_warned_of() {
    let names = ["clients", "compatible", "daily", "lesson", "real-trace", "retry-storm", "sessions", "steady"];
    for name in names {
        let [enough, short, open] = rates(&shipped(name, ""), 4);
        println!("{name} as shipped: enough {enough}, too short {short}, undecided {open}");
        // Where chance is not paired, a bias below what can be seen may once in many seeds be shown by accident.
        let most = if name == "sessions" { (short + enough + open) / 20 } else { 0 };
        assert!(short <= most, "{name}: {short}");
    }
}

#[test]
fn a_short_warm_up_is_found_out() {
    for (name, warm_up) in
        [("lesson", "5m"), ("lesson", "1m"), ("compatible", "5m"), ("clients", "5m"), ("retry-storm", "1m")]
    {
        let [enough, short, open] = rates(&shipped(name, warm_up), 4);
        println!("{name}, {warm_up}: enough {enough}, too short {short}, undecided {open}");
        assert!(enough == 0 && short >= open * 9, "{name} {warm_up}: {short} of {}", short + open);
    }
}

/// Rare bursts hide much of a transient; what is shown must not be wrong.
#[test]
fn bursts_make_a_check_careful() {
    for warm_up in ["150s", "5m"] {
        let [enough, short, open] = rates(&shipped("daily", warm_up), 2);
        println!("daily, {warm_up}: enough {enough}, too short {short}, undecided {open}");
        assert!(short * 20 <= enough + short + open, "{warm_up}: {short}");
    }
}

/// Users in a closed loop lose their pairing: a large transient is seen all the same.
#[test]
fn users_make_a_check_careful() {
    let [enough, short, open] = rates(&shipped("sessions", "450s"), 2);
    println!("sessions, 450s: enough {enough}, too short {short}, undecided {open}");
    assert!(enough == 0 && short >= open * 9);
    let [enough, short, open] = rates(&shipped("sessions", "30m"), 2);
    println!("sessions, 30m: enough {enough}, too short {short}, undecided {open}");
    assert!(short * 20 <= enough + short + open, "{short}");
}

/// Traffic that nearly doubles while the warm-up lasts, and instances that follow it: no level place, and nothing wrong.
#[test]
fn traffic_that_grows_is_no_transient() {
    const GROWING: &str = r#"
    [source.web.arrivals.profile]
    points = { 0h = "20/s", 1h = "200/s" }
    clock = "50m"
    [code]
    service = { exponential = { mean = "1s" } }
    [function]
    idle = { constant = "60s" }
    [strategy]
    none = { none = {} }
    "#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.toml");
    let at = |warm_up: &str| {
        std::fs::write(&path, format!("window = {{ warm_up = \"{warm_up}\" }}\n{GROWING}")).unwrap();
        scenario::load(std::slice::from_ref(&path), &Options::default()).unwrap().remove(0)
    };
    let [enough, short, open] = rates(&at("25m"), 10);
    println!("growing traffic, 25 min: enough {enough}, too short {short}, undecided {open}");
    assert_eq!((short, open), (0, 0));
    let [enough, short, open] = rates(&at("2s"), 10);
    println!("growing traffic, 2 s: enough {enough}, too short {short}, undecided {open}");
    assert!(enough == 0 && open * 9 <= short, "{short} of {}", short + open);
}

/// A length is found from the scenario and the seed alone, and passes the check.
#[test]
fn a_length_is_the_same_whoever_looks_for_it() {
    for choose in [Choice::MostRecent, Choice::Newest] {
        let mut scenario = steady(Rate::per_second(5), exponential(s(1)), Idle::After(constant(s(30))), Span::ZERO);
        scenario.service.function.choose = choose;
        for seed in seeds(5) {
            let lengths = [1, 2, 3].map(|threads| find(&scenario, &settings(seed, threads)).unwrap());
            assert!(lengths.iter().all(|&length| length == lengths[0] && length >= s(50)), "{choose:?}: {lengths:?}");
            scenario.window.warm_up = lengths[0];
            assert_ne!(check(&scenario, seed).unwrap().settled, Settled::No, "{choose:?}: {lengths:?}");
        }
    }
}

#[test]
fn a_length_that_cannot_be_found_is_said() {
    let endless = steady(Rate::per_second(1_000_000), constant(ms(1)), Idle::After(constant(s(1_000_000))), Span::ZERO);
    let refused = find(&endless, &settings(1, 2)).unwrap_err().to_string();
    assert!(refused.contains("would simulate 3e13 requests to try 23 d 3 h"), "{refused}");

    // Idle instances that take turns are never idle for a keep-alive: there are as many as were ever needed at once.
    let mut growing = steady(Rate::per_second(5), exponential(s(1)), Idle::After(constant(s(30))), s(100));
    growing.service.function.choose = Choice::LeastRecent;
    let refused = find(&growing, &settings(1, 2)).unwrap_err().to_string();
    assert!(refused.contains("finds no length: after 1 h 23 min there are"), "{refused}");
    let check = check(&growing, 1).unwrap();
    assert!(check.settled == Settled::No && check.instances < check.instances_settled, "{check:?}");
    assert!(check.enough.is_none_or(|enough| enough > s(1_000)), "{check:?}");
}

#[test]
fn a_warm_up_that_was_not_looked_for_is_not_run() {
    let scenario = steady(Rate::per_second(1), constant(ms(1)), Idle::Never, s(60));
    let open = [Scenario { warm_up: WarmUp::Open, ..scenario }];
    let refused = experiment::run(&open, &settings(1, 2), None, &|_| ());
    assert!(matches!(refused, Err(BatchError::WarmUp(name)) if name == "test"));
}

#[test]
fn auto_is_read_and_takes_the_length_that_was_found() {
    let lesson = shipped("lesson", "auto");
    assert_eq!(lesson.warm_up, WarmUp::Open);
    let found = find(&lesson, &settings(1, 2)).unwrap();
    assert_eq!(found, s(500));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/lesson.toml");
    let options =
        Options { overrides: vec![Override::new("window.warm_up=auto")], replications: None, ..Options::default() };
    let found = BTreeMap::from([("lesson".to_owned(), found)]);
    let loaded = scenario::load_with(&[path], &options, &found).unwrap().remove(0);
    assert_eq!((loaded.warm_up, loaded.window.warm_up), (WarmUp::Found, s(500)));
    assert_ne!(loaded.hash, lesson.hash, "the figures follow from the length");
    let written = shipped("lesson", "500s");
    assert_eq!((loaded.bin, &loaded.service), (written.bin, &written.service));
}
