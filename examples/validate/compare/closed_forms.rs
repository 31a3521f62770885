//! What queueing theory knows exactly.

use super::{Case, Comparison, Figure, Size, Spread, against, binomial, replicate, total, values, written};
use crate::common::Figures;
use cutover::experiment::Replication;
use cutover::math;
use cutover::platform::{Attempt, Observer, Way};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::time::NS_PER_S;
use rayon::prelude::*;

/// Service laws: in words, as written, and their mean in seconds.
pub fn laws() -> [(&'static str, &'static str, f64); 4] {
    // The mean of exp(mu + sigma Z) is exp(mu + sigma^2 / 2); 2.3263... is the normal's 99th percentile.
    let sigma = math::ln(1.2 / 0.1) / 2.326_347_874_040_841;
    [
        ("constant 40 ms", r#"{ constant = "40ms" }"#, 0.04),
        ("uniform 0-500 ms", r#"{ uniform = ["0s", "500ms"] }"#, 0.25),
        ("exponential 300 ms", r#"{ exponential = { mean = "300ms" } }"#, 0.3),
        (
            "lognormal, p50 100 ms, p99 1.2 s",
            r#"{ lognormal = { p50 = "100ms", p99 = "1200ms" } }"#,
            0.1 * math::exp(sigma * sigma / 2.0),
        ),
    ]
}

fn unlimited(rate: f64, law: &str, after_s: u64) -> Scenario {
    written(&format!(
        r#"
        title = "M/G/infinity"
        window = {{ warm_up = "30s", after = "{after_s}s" }}
        source.web.arrivals = {{ poisson = "{rate}/s" }}
        code.service = {law}
        function = {{ init = {{ constant = "0s" }}, idle = "never" }}
        strategy.none.none = {{}}
        "#
    ))
}

/// Busy instances on average: rate x mean service time, whatever the law.
pub fn busy_mean(size: Size) -> Comparison {
    let rates: &[f64] = size.pick(&[0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0], &[0.5, 30.0, 2_000.0]);
    let (requests, replications) = size.pick((10_000.0, 20), (2_000.0, 10));
    let mut cases = Vec::new();
    for &rate in rates {
        for (name, law, mean) in laws() {
            // Long enough for thousands of requests, and for the longest of them to end.
            let after_s = ((requests / rate) as u64).max(20);
            let scenario = unlimited(rate, law, after_s);
            let busy: Vec<f64> =
                values(&replicate(&scenario, 0, 100 + cases.len() as u64, replications), "busy_instance_s")
                    .iter()
                    .map(|seconds| seconds / after_s as f64)
                    .collect();
            cases.push(Case {
                labels: vec![rate.to_string(), name.to_owned()],
                figures: vec![against(&busy, rate * mean)],
            });
        }
    }
    Comparison { labels: &["requests/s", "service time"], reference: "theory", figures: &["busy instances"], cases }
}

/// Counts how many instances are busy every `EVERY_NS`, far enough apart for two counts to have nothing in common.
struct Sampler(Vec<usize>);

const EVERY_S: u64 = 10;
const EVERY_NS: u64 = EVERY_S * NS_PER_S;

impl Observer for Sampler {
    fn ended(&mut self, attempt: &Attempt, _: Way) {
        // Busy within [arrival, end); sample k is taken at (k + 1) x EVERY_NS.
        let before = |ns: i64| (ns.max(1) as u64 - 1) / EVERY_NS;
        let (first, end) = (before(attempt.arrival.ns()), before(attempt.end.ns()));
        for sample in self.0.iter_mut().take(end as usize).skip(first as usize) {
            *sample += 1;
        }
    }
}

/// The whole law of the number of busy instances at an instant: Poisson, whatever the service law.
pub fn busy_law(size: Size) -> Comparison {
    // Requests a second, and samples a replication.
    let rates: &[(f64, u64)] = size.pick(&[(0.5, 1_000), (20.0, 600), (500.0, 100)], &[(20.0, 300)]);
    let replications = size.pick(20, 4);
    let mut cases = Vec::new();
    for &(rate, samples) in rates {
        for (name, law, mean) in laws() {
            let scenario = unlimited(rate, law, EVERY_S * (samples + 1));
            let number = cases.len() as u64;
            let sample = |replication| {
                let seed = Seed { seed: 200 + number, replication };
                let empty = Sampler(vec![0; samples as usize]);
                Replication::watched(&scenario, &scenario.strategies[0], seed, empty).unwrap().1.0
            };
            let counts: Vec<usize> = (0..replications).into_par_iter().flat_map_iter(sample).collect();
            let labels = vec![rate.to_string(), name.to_owned(), counts.len().to_string()];
            cases.push(Case { labels, figures: vec![fit(&counts, rate * mean)] });
        }
    }
    Comparison {
        labels: &["requests/s", "service time", "samples"],
        reference: "degrees of freedom",
        figures: &["chi-square"],
        cases,
    }
}

/// Pearson's statistic of `counts` against the Poisson law: expected to be its degrees of freedom.
fn fit(counts: &[usize], mean: f64) -> Figure {
    let n = counts.len() as f64;
    let (mut statistic, mut cells) = (0.0, 0);
    let (mut p, mut below) = (math::exp(-mean), 0.0);
    // Neighbouring values share a cell until 5 counts are expected in it, the last one all that is left.
    let (mut expected, mut observed) = (0.0, 0);
    for k in 0..=counts.iter().max().copied().unwrap_or(0) + 20 {
        expected += n * p;
        observed += counts.iter().filter(|&&count| count == k).count();
        below += p;
        p *= mean / (k + 1) as f64;
        if expected >= 5.0 && n * (1.0 - below) >= 5.0 {
            statistic += (observed as f64 - expected) * (observed as f64 - expected) / expected;
            (expected, observed, cells) = (0.0, 0, cells + 1);
        }
    }
    statistic += (observed as f64 - expected) * (observed as f64 - expected) / expected;
    let freedom = f64::from(cells);
    Figure { cutover: statistic, reference: freedom, spread: Spread::ChiSquare { freedom } }
}

/// Without service time, a request is cold with probability exp(-rate x keep-alive), and 1 - exp(-rate x keep-alive)
/// instances are alive on average.
pub fn keep_alive(size: Size) -> Comparison {
    let rates: &[f64] = size.pick(&[0.0005, 0.001, 0.003, 0.01], &[0.001, 0.004]);
    let keep_alives: &[u64] = size.pick(&[60, 300, 600, 900], &[120, 640]);
    let (requests, replications) = size.pick((10_000.0, 20), (2_000.0, 10));
    let mut cases = Vec::new();
    for &rate in rates {
        for &keep_alive in keep_alives {
            let after_s = (requests / rate) as u64;
            let scenario = written(&format!(
                r#"
                title = "keep-alive"
                window = {{ warm_up = "{}s", after = "{after_s}s" }}
                source.web.arrivals = {{ poisson = "{rate}/s" }}
                code.service = {{ constant = "0s" }}
                function = {{ init = {{ constant = "0s" }}, idle = {{ constant = "{keep_alive}s" }} }}
                strategy.none.none = {{}}
                "#,
                10 * keep_alive
            ));
            let figures = replicate(&scenario, 0, 300 + cases.len() as u64, replications);
            let cold = math::exp(-rate * keep_alive as f64);
            cases.push(Case {
                labels: vec![rate.to_string(), keep_alive.to_string()],
                figures: vec![
                    binomial(total(&figures, "cold_starts"), total(&figures, "handled"), cold),
                    against(&values(&figures, "instances_mean"), 1.0 - cold),
                ],
            });
        }
    }
    Comparison {
        labels: &["requests/s", "keep-alive s"],
        reference: "theory",
        figures: &["cold share", "instances"],
        cases,
    }
}

/// An alias of weight w sends each request to the new version with probability w, on its own.
pub fn alias_draws(size: Size) -> Comparison {
    let (after_s, replications) = size.pick((2_000, 10), (400, 4));
    let cases = [1, 5, 10, 25, 50, 90].into_iter().map(|percent: u32| {
        let scenario = written(&format!(
            r#"
            title = "alias"
            window = {{ warm_up = "0s", after = "{after_s}s" }}
            source.web.arrivals = {{ poisson = "50/s" }}
            code = {{ accepts = [1, 2], service = {{ constant = "10ms" }} }}
            function.alias_lag = {{ constant = "0s" }}
            [strategy]
            alias = {{ alias = {{ shift = {{ canary = {{ weight = "{percent}%", bake = "1h" }} }}, gateway = "none" }} }}
            "#
        ));
        let figures: Vec<Figures> = replicate(&scenario, 0, 400 + u64::from(percent), replications);
        let share = binomial(total(&figures, "handled.v2"), total(&figures, "handled"), f64::from(percent) / 100.0);
        Case { labels: vec![format!("{percent} %")], figures: vec![share] }
    });
    Comparison { labels: &["weight"], reference: "theory", figures: &["share of v2"], cases: cases.collect() }
}
