//! A limit on concurrency that turns away what exceeds it. The formulas of Erlang and Engset know only the mean of the
//! service time, not its law.

use super::{Case, Comparison, Size, against, replicate, values, written};
use crate::common::Figures;
use cutover::math;
use cutover::scenario::Scenario;

/// Service laws of about a second: in words, as written, and their exact mean in seconds.
fn laws() -> [(&'static str, &'static str, f64); 4] {
    // The mean of exp(mu + sigma Z) is exp(mu + sigma^2 / 2); 2.3263... is the normal's 99th percentile.
    let sigma = math::ln(4.0 / 0.5) / 2.326_347_874_040_841;
    [
        ("exponential", r#"{ exponential = { mean = "1s" } }"#, 1.0),
        ("constant", r#"{ constant = "1s" }"#, 1.0),
        ("lognormal", r#"{ lognormal = { p50 = "500ms", p99 = "4s" } }"#, 0.5 * math::exp(sigma * sigma / 2.0)),
        ("uniform", r#"{ uniform = ["0s", "2s"] }"#, 1.0),
    ]
}

/// The names of [`laws`], in their order.
const LAWS: [&str; 4] = ["exponential", "constant", "lognormal", "uniform"];

/// Erlang's B: the share of Poisson requests that find all of `limit` instances busy, at an offered load of `load`
/// instances. 1 / B(n) = 1 + n / (load x B(n - 1)).
pub fn erlang_b(load: f64, limit: u32) -> f64 {
    (1..=limit).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked))
}

/// The limits and loads that are compared, with Erlang's B.
fn grid(limits: &[u32], loads: &[f64]) -> Vec<(u32, f64, f64)> {
    let pairs = limits.iter().flat_map(|&limit| loads.iter().map(move |&load| (limit, load)));
    pairs.map(|(limit, load)| (limit, load, erlang_b(load, limit))).collect()
}

const LIMITS: [u32; 8] = [1, 2, 5, 10, 20, 50, 100, 200];
const LOADS: [f64; 11] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];

fn limited(arrivals: &str, law: &str, limit: u32, warm_up_s: u64, after_s: u64) -> Scenario {
    written(&format!(
        r#"
        title = "A limit"
        window = {{ warm_up = "{warm_up_s}s", after = "{after_s}s" }}
        source.web.arrivals = {arrivals}
        code.service = {law}
        function = {{ init = {{ constant = "0s" }}, idle = "never", concurrency = {limit} }}
        strategy.none.none = {{}}
        "#
    ))
}

/// `load` instances' worth of Poisson requests, and the length of the window in seconds.
fn offered(load: f64, limit: u32, (law, mean): (&str, f64), requests: f64) -> (Scenario, f64) {
    let rate = load / mean;
    let after_s = (requests / rate) as u64;
    let scenario = limited(&format!(r#"{{ poisson = "{rate:.9}/s" }}"#), law, limit, 60, after_s);
    (scenario, after_s as f64)
}

fn throttled_shares(figures: &[Figures]) -> Vec<f64> {
    let requests = values(figures, "requests");
    values(figures, "throttled").iter().zip(requests).map(|(throttled, requests)| throttled / requests).collect()
}

/// The share of requests turned away, for every pair of limit and load that turns away one in a thousand.
pub fn turned_away(size: Size) -> Comparison {
    let pairs = size.pick(grid(&LIMITS, &LOADS), grid(&[1, 4, 30], &[0.3, 3.0, 30.0]));
    let (requests, replications) = size.pick((10_000.0, 20), (4_000.0, 10));
    let mut cases = Vec::new();
    for (limit, load, blocked) in pairs.into_iter().filter(|&(.., blocked)| blocked >= 0.001) {
        let figure = |(place, (_, law, mean)): (usize, (&str, &str, f64))| {
            let (scenario, _) = offered(load, limit, (law, mean), requests);
            let seed = 1_000 + 4 * cases.len() as u64 + place as u64;
            against(&throttled_shares(&replicate(&scenario, 0, seed, replications)), blocked)
        };
        let figures = laws().into_iter().enumerate().map(figure).collect();
        cases.push(Case { labels: vec![limit.to_string(), load.to_string()], figures });
    }
    Comparison { labels: &["limit", "offered load"], reference: "Erlang B", figures: &LAWS, cases }
}

/// The instances that are busy on average, offered load x (1 - B), over the whole grid; the laws take turns.
pub fn carried(size: Size) -> Comparison {
    let pairs = size.pick(grid(&LIMITS, &LOADS), grid(&[1, 4, 30], &[0.3, 3.0, 30.0]));
    let (requests, replications) = size.pick((10_000.0, 20), (4_000.0, 10));
    let mut cases = Vec::new();
    for (number, (limit, load, blocked)) in pairs.into_iter().enumerate() {
        // Constant services in overload keep in step: they forget their start only after thousands of cycles.
        let turn = number % 4;
        let turn = if LAWS[turn] == "constant" && load > f64::from(limit) { 0 } else { turn };
        let (name, law, mean) = laws()[turn];
        let (scenario, after_s) = offered(load, limit, (law, mean), requests);
        let figures = replicate(&scenario, 0, 1_500 + number as u64, replications);
        let busy: Vec<_> = values(&figures, "busy_instance_s").iter().map(|seconds| seconds / after_s).collect();
        let labels = vec![limit.to_string(), load.to_string(), name.to_owned()];
        cases.push(Case { labels, figures: vec![against(&busy, load * (1.0 - blocked))] });
    }
    Comparison { labels: &["limit", "offered load", "service"], reference: "theory", figures: &["busy"], cases }
}

/// A closed loop at a limit: so many users, each thinking for an exponential time of this mean, in seconds.
struct Loop {
    users: u32,
    think_s: f64,
    limit: u32,
}

impl Loop {
    /// How many instances are busy on average, and how many requests arrive a second. With j busy, users - j think:
    /// P(j) is proportional to C(users, j) (service / think)^j, up to the limit.
    fn steady(&self, mean_s: f64) -> (f64, f64) {
        let (mut weight, mut all, mut busy) = (1.0, 1.0, 0.0);
        for j in 1..=self.limit.min(self.users) {
            weight *= f64::from(self.users - j + 1) / f64::from(j) * mean_s / self.think_s;
            all += weight;
            busy += f64::from(j) * weight;
        }
        let busy = busy / all;
        (busy, (f64::from(self.users) - busy) / self.think_s)
    }
}

/// Users at a limit. Each is somewhere, so requests/s = (users - busy) / think time; without a limit that is the
/// interactive response-time law, users / (think time + service time). With one it is Engset's formula.
pub fn closed_loop(size: Size) -> Comparison {
    // Users, think time in seconds, limit.
    let loops = size.pick(
        &[
            (1, 2.0, 1),
            (2, 1.0, 1),
            (5, 2.0, 2),
            (10, 5.0, 10),
            (20, 1.0, 12),
            (50, 9.0, 50),
            (50, 9.0, 6),
            (200, 1.0, 110),
            (200, 39.0, 200),
            (1_000, 99.0, 12),
        ][..],
        &[(5, 2.0, 2), (20, 4.0, 20)],
    );
    let (requests, replications) = size.pick((10_000.0, 20), (2_000.0, 10));
    let mut cases = Vec::new();
    for &(users, think_s, limit) in loops {
        for (name, law, mean_s) in laws() {
            let looped = Loop { users, think_s, limit };
            let (busy, rate) = looped.steady(mean_s);
            let after_s = (requests / rate) as u64;
            let people = format!(
                r#"{{ users = {{ count = {users}, think = {{ exponential = {{ mean = "{}ms" }} }} }} }}"#,
                think_s * 1e3
            );
            let scenario = limited(&people, law, limit, 20 * think_s as u64 + 60, after_s);
            let figures = replicate(&scenario, 0, 1_700 + cases.len() as u64, replications);
            let a_second =
                |key| -> Vec<f64> { values(&figures, key).iter().map(|total: &f64| total / after_s as f64).collect() };
            cases.push(Case {
                labels: vec![users.to_string(), format!("{think_s} s"), limit.to_string(), name.to_owned()],
                figures: vec![
                    against(&a_second("requests"), rate),
                    against(&a_second("busy_instance_s"), busy),
                    against(&throttled_shares(&figures), (1.0 - busy / mean_s / rate).max(0.0)),
                ],
            });
        }
    }
    let mut comparison = Comparison {
        labels: &["users", "think", "limit", "service"],
        reference: "theory",
        figures: &["requests/s", "busy", "turned away"],
        cases,
    };
    for case in &mut comparison.cases {
        // Nobody is turned away below the limit: theory gives 0, give or take the last bit.
        case.figures[2].slack = 1e-12;
    }
    comparison
}
