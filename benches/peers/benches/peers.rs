//! What a customer costs in NeXosim and in cutover, on the same cases in the same run: see ../../README.md.

#![allow(clippy::disallowed_methods, reason = "a bench reads the clock, and its theory may use the system's maths")]

use cutover::experiment::Replication;
use cutover::random::Seed;
use cutover::scenario::{self, Options, Scenario};
use cutover_peers::{Case, Law};
use rand_distr::{Exp, LogNormal};
use std::path::Path;
use std::time::{Duration, Instant};

const CUSTOMERS: f64 = 1e6;
const ROUNDS: usize = 5;

/// A family of service times, given by a scale in seconds.
#[derive(Clone, Copy)]
enum Family {
    /// The scale is the mean.
    Exponential,
    /// The scale is the median; the logarithm's standard deviation is `SIGMA`.
    Lognormal,
}

const SIGMA: f64 = 0.5;
/// A normal deviate that 99 % lie below.
const Z99: f64 = 2.326_347_874;

impl Family {
    fn for_nexosim(self, scale: f64) -> Law {
        match self {
            Self::Exponential => Law::Exponential(Exp::new(1.0 / scale).expect("a positive rate")),
            Self::Lognormal => Law::Lognormal(LogNormal::new(scale.ln(), SIGMA).expect("a positive deviation")),
        }
    }

    fn for_cutover(self, scale: f64) -> String {
        let ms = scale * 1e3;
        match self {
            Self::Exponential => format!("{{ exponential = {{ mean = \"{ms}ms\" }} }}"),
            Self::Lognormal => {
                let p99 = ms * (SIGMA * Z99).exp();
                format!("{{ lognormal = {{ p50 = \"{ms}ms\", p99 = \"{p99:.6}ms\" }} }}")
            }
        }
    }

    fn mean(self, scale: f64) -> f64 {
        match self {
            Self::Exponential => scale,
            Self::Lognormal => scale * (SIGMA * SIGMA / 2.0).exp(),
        }
    }
}

/// A row: a pool without limit that starts empty, in seconds and customers a second.
struct Row {
    name: &'static str,
    rate: f64,
    family: Family,
    warm: f64,
    cold: f64,
    keep_alive: f64,
}

/// What one round of one simulator took, in nanoseconds a customer, and saw.
#[derive(Clone, Copy)]
struct Round {
    ns: f64,
    customers: u64,
    busy: f64,
    cold_starts: u64,
}

impl Row {
    fn seconds(&self) -> f64 {
        (CUSTOMERS / self.rate).round()
    }

    fn nexosim(&self) -> impl FnMut() -> Round {
        let case = Case {
            gap: Law::Exponential(Exp::new(self.rate).expect("a positive rate")),
            warm: self.family.for_nexosim(self.warm),
            cold: self.family.for_nexosim(self.cold),
            keep_alive: Duration::from_secs_f64(self.keep_alive),
            length: Duration::from_secs_f64(self.seconds()),
        };
        let mut seed = 0;
        move || {
            seed += 1;
            let start = Instant::now();
            let figures = cutover_peers::simulate(&case, seed).expect("the model is sound");
            Round::new(start, figures.served, figures.busy, figures.cold_starts)
        }
    }

    fn cutover(&self) -> impl FnMut() -> Round {
        let scenario = self.scenario();
        let seconds = self.seconds();
        let mut replication = 0;
        move || {
            replication += 1;
            let start = Instant::now();
            let run = Replication::run(&scenario, &scenario.strategies[0], Seed { seed: 1, replication });
            let run = run.expect("the scenario runs");
            let busy_ns: u128 = run.levels.counted().iter().map(|levels| levels.busy).sum();
            Round::new(start, run.simulated, busy_ns as f64 / 1e9 / seconds, run.tally.counted().cold.iter().sum())
        }
    }

    fn scenario(&self) -> Scenario {
        let text = format!(
            "window = {{ warm_up = \"0s\", after = \"{}s\" }}\n\
             source.web.arrivals = {{ poisson = \"{}/s\" }}\n\
             code.service = {}\n\
             code.cold_service = {}\n\
             function.idle = {{ constant = \"{}s\" }}\n\
             strategy.none = {{ none = {{}} }}\n",
            self.seconds(),
            self.rate,
            self.family.for_cutover(self.warm),
            self.family.for_cutover(self.cold),
            self.keep_alive
        );
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers.toml");
        std::fs::write(&file, text).expect("cargo made the folder");
        match scenario::load(&[file], &Options::default()) {
            Ok(mut scenarios) => scenarios.remove(0),
            Err(diagnostics) => panic!("{}", diagnostics.render(false)),
        }
    }

    /// Ends the bench unless both simulated what the row says. M/G/infinity: on average rate x mean service are busy.
    fn check(&self, round: Round) -> Round {
        let theory = self.rate * self.family.mean(self.warm);
        assert!((round.busy / theory - 1.0).abs() < 0.03, "{}: {} busy, in theory {theory}", self.name, round.busy);
        let customers = round.customers as f64;
        assert!((customers / CUSTOMERS - 1.0).abs() < 0.01, "{}: {customers} customers", self.name);
        round
    }
}

impl Round {
    fn new(start: Instant, customers: u64, busy: f64, cold_starts: u64) -> Self {
        Self { ns: start.elapsed().as_secs_f64() * 1e9 / customers as f64, customers, busy, cold_starts }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn against_nexosim(row: &Row) {
    let (mut nexosim, mut cutover) = (row.nexosim(), row.cutover());
    let mut pair = || (row.check(nexosim()), row.check(cutover()));
    // The first pair fetches code and memory.
    pair();
    let pairs: Vec<_> = (0..ROUNDS).map(|_| pair()).collect();
    let (first, second) = pairs[0];
    println!(
        "  {:34} {:8.1} {:8.1} {:6.2}   {:5.1} / {:5.1}   {:3} / {:3}",
        row.name,
        median(pairs.iter().map(|(a, _)| a.ns)),
        median(pairs.iter().map(|(_, b)| b.ns)),
        median(pairs.iter().map(|(a, b)| a.ns / b.ns)),
        first.busy,
        second.busy,
        first.cold_starts,
        second.cold_starts,
    );
}

/// SimFaaS is not run from here: its time is taken by Python's own `timeit`.
fn alone(row: &Row) {
    let mut cutover = row.cutover();
    let mut round = || row.check(cutover()).ns;
    round();
    let ns = median((0..ROUNDS).map(|_| round()));
    println!("  {:34} {:8} {ns:8.1}          {:.1} million requests a second", row.name, "", 1e3 / ns);
}

fn main() {
    let (rate, keep_alive) = (1e3, 300.0);
    let lognormal = Family::Lognormal;
    let warm = Row { name: "warm, 1,000/s lognormal", rate, family: lognormal, warm: 0.1, cold: 0.3, keep_alive };
    let exponential = Family::Exponential;
    let heavy = Row { name: "heavy, 1,000/s exponential", family: exponential, ..warm };
    let name = "SimFaaS's case, 0.9/s exponential";
    let simfaas = Row { name, rate: 0.9, family: exponential, warm: 1.991, cold: 2.244, keep_alive: 600.0 };

    println!("ns a customer on one thread, median of {ROUNDS} alternating rounds; ratio: median of the rounds' ratios");
    println!("  {:34} {:>8} {:>8} {:>6}   {:13}   cold starts", "", "NeXosim", "cutover", "ratio", "busy instances");
    against_nexosim(&warm);
    against_nexosim(&heavy);
    alone(&simfaas);
}
