//! Instructions of a million requests under callgrind: repeatable on any machine, however busy.

#![allow(clippy::disallowed_methods)]

#[path = "../../speed/yardsticks.rs"]
mod yardsticks;

use cutover::experiment::Replication;
use cutover::random::Seed;
use cutover::scenario::{self, Options, Scenario};
use gungraun::{library_benchmark, library_benchmark_group, main};
use rand::SeedableRng;
use rand_distr::{Exp, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::hint::black_box;
use std::path::Path;

const REQUESTS: u64 = 1_000_000;

fn load(text: &str) -> Scenario {
    let file = std::env::temp_dir().join(format!("cutover-{}.toml", std::process::id()));
    std::fs::write(&file, text).expect("a temporary file");
    let Ok(mut scenarios) = scenario::load(std::slice::from_ref(&file), &Options::default()) else { panic!("{text}") };
    std::fs::remove_file(&file).expect("the file is ours");
    scenarios.remove(0)
}

fn steady(rate: f64, warm: &str, cold: &str, keep_alive: &str) -> Scenario {
    load(&format!(
        "window = {{ warm_up = \"0s\", after = \"{:.0}s\" }}\nsource.web.arrivals = {{ poisson = \"{rate}/s\" }}\n\
         code.service = {warm}\ncode.cold_service = {cold}\nfunction.idle = {{ constant = \"{keep_alive}\" }}\n\
         strategy.none = {{ none = {{}} }}\n",
        REQUESTS as f64 / rate
    ))
}

fn warm() -> Scenario {
    let law = |p50, p99| format!("{{ lognormal = {{ p50 = \"{p50}ms\", p99 = \"{p99}ms\" }} }}");
    steady(1000.0, &law("100", "320"), &law("300", "960"), "300s")
}

fn canonical() -> Scenario {
    let law = |mean| format!("{{ exponential = {{ mean = \"{mean}ms\" }} }}");
    steady(0.9, &law("1991"), &law("2244"), "600s")
}

/// A strategy of the lesson with a window of about a million requests.
fn lesson(strategy: &str) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/lesson.toml");
    let text = std::fs::read_to_string(file).expect("the lesson ships");
    let mut scenario = load(&text.replace("200/s", "555/s"));
    scenario.strategies.retain(|known| known.name == strategy);
    scenario
}

fn run(scenario: &Scenario) -> u64 {
    let seed = Seed { seed: 1, replication: 0 };
    black_box(Replication::run(scenario, &scenario.strategies[0], seed).expect("it runs")).simulated
}

#[library_benchmark]
#[bench::warm(warm())]
#[bench::canonical(canonical())]
#[bench::alias(lesson("alias"))]
#[bench::canary(lesson("canary"))]
fn ours(scenario: Scenario) -> u64 {
    run(&scenario)
}

#[library_benchmark]
fn toy_warm() -> (u64, u64, u128) {
    let law = |median: f64| LogNormal::new(median.ln(), 0.5).expect("valid");
    black_box(yardsticks::toy(REQUESTS, 1e3, law(0.1), law(0.3), 300.0, &mut Xoshiro256PlusPlus::seed_from_u64(7)))
}

#[library_benchmark]
fn toy_canonical() -> (u64, u64, u128) {
    let law = |mean: f64| Exp::new(1.0 / mean).expect("valid");
    black_box(yardsticks::toy(REQUESTS, 0.9, law(1.991), law(2.244), 600.0, &mut Xoshiro256PlusPlus::seed_from_u64(7)))
}

#[library_benchmark]
fn floor_lognormal() -> f64 {
    let law = LogNormal::new(0.1_f64.ln(), 0.5).expect("valid");
    black_box(yardsticks::floor(REQUESTS, 1e3, law, &mut Xoshiro256PlusPlus::seed_from_u64(7)))
}

library_benchmark_group!(name = requests; benchmarks = ours, toy_warm, toy_canonical, floor_lognormal);
main!(library_benchmark_groups = requests);
