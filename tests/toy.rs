//! The toy that the benches measure cutover by gives the same answers: a ratio of speeds would mean nothing otherwise.

mod common;
#[path = "../benches/speed/yardsticks.rs"]
#[allow(
    clippy::disallowed_methods,
    dead_code,
    reason = "the toy takes the system's maths; the floor is for the benches"
)]
mod yardsticks;

use common::{Figures, SEED, exponential, ms, s};
use cutover::idle::Idle;
use cutover::metrics::Kind;
use cutover::platform::ColdStart;
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::time::Span;
use cutover::units::Rate;
use rand::SeedableRng;
use rand_distr::Exp;
use rand_xoshiro::Xoshiro256PlusPlus;

const REPLICATIONS: u64 = 20;

/// A case of the benches: requests a second as a fraction, how many, the mean service times and the keep-alive.
struct Case {
    rate: (u64, u64),
    requests: u64,
    warm: Span,
    cold: Span,
    keep_alive: Span,
}

impl Case {
    fn per_second(&self) -> f64 {
        self.rate.0 as f64 / self.rate.1 as f64
    }

    /// Cold starts a request and seconds at work a request, as cutover counts them.
    fn ours(&self, replication: u64) -> (f64, f64) {
        let mut service =
            common::service(vec![common::poisson("web", Rate::new(self.rate.0, self.rate.1 * 1_000_000_000))]);
        let release = &mut service.releases[0];
        release.service = exponential(self.warm);
        release.cold = ColdStart::Service(exponential(self.cold));
        release.idle = Idle::After(common::constant(self.keep_alive));
        let after = s((self.requests as f64 / self.per_second()).round() as u64);
        let scenario = common::scenario(service, vec![common::nothing()], Span::ZERO, after);
        let scenario = Scenario { bin: after, ..scenario };
        let figures = Figures::of(&scenario, &scenario.strategies[0], Seed { replication, ..SEED });
        let requests = figures.get(Kind::Requests.key());
        (figures.get("cold_starts") / requests, figures.get("busy_instance_s") / requests)
    }

    /// The same as the toy counts them.
    fn toy(&self, replication: u64) -> (f64, f64) {
        let law = |mean: Span| Exp::new(1.0 / mean.seconds()).unwrap();
        let (warm, cold, keep_alive) = (law(self.warm), law(self.cold), self.keep_alive.seconds());
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(replication);
        let (cold_starts, _, busy_ns) =
            yardsticks::toy(self.requests, self.per_second(), warm, cold, keep_alive, &mut rng);
        (cold_starts as f64 / self.requests as f64, busy_ns as f64 / 1e9 / self.requests as f64)
    }

    /// Welch's statistic for two samples of 20: above 3.57 once in a thousand times at most (t with 38 degrees of freedom
    /// or fewer is not far from it: 3.88 with 19).
    fn assert_alike(&self, name: &str) {
        let both: Vec<_> =
            (0..REPLICATIONS).map(|replication| (self.ours(replication), self.toy(replication))).collect();
        for (what, pick) in [("cold starts", (|of| of.0) as fn((f64, f64)) -> f64), ("seconds at work", |of| of.1)] {
            let sample = |values: Vec<f64>| {
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                (mean, values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0) / n)
            };
            let ours = sample(both.iter().map(|(ours, _)| pick(*ours)).collect());
            let toy = sample(both.iter().map(|(_, toy)| pick(*toy)).collect());
            let apart = (ours.0 - toy.0).abs() / (ours.1 + toy.1).sqrt();
            println!("{name}, {what} a request: {} here, {} in the toy, {apart:.2} standard errors", ours.0, toy.0);
            assert!(apart < 3.88, "{name}, {what}: {} here, {} in the toy", ours.0, toy.0);
            assert!((ours.1 + toy.1).sqrt() < 0.03 * toy.0, "the comparison is sharp");
        }
    }
}

#[test]
fn simfaas_s_case_is_the_toy_s() {
    let case = Case { rate: (9, 10), requests: 100_000, warm: ms(1_991), cold: ms(2_244), keep_alive: s(600) };
    case.assert_alike("SimFaaS's case");
}

#[test]
fn the_heavy_case_is_the_toy_s() {
    let case = Case { rate: (1_000, 1), requests: 200_000, warm: ms(100), cold: ms(300), keep_alive: s(300) };
    case.assert_alike("heavy");
}
