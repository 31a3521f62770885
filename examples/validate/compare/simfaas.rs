//! SimFaaS 0.2.2, run on the same grid by `docs/validation/run_simfaas.py`.

use super::{Case, Comparison, Figure, Size, Spread, estimate, project, replicate, total, values, written};
use crate::common::Figures;
use cutover::scenario::Scenario;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    rate_per_s: f64,
    keep_alive_s: u64,
    law: String,
    warm_s: f64,
    cold_s: f64,
    limit: Option<u64>,
    window_s: u64,
    replications: u64,
    cold_share: f64,
    cold_share_se: f64,
    rejected_share: f64,
    rejected_share_se: f64,
    instances: f64,
    instances_se: f64,
    busy: f64,
    busy_se: f64,
}

impl Row {
    fn scenario(&self) -> Scenario {
        let Self { rate_per_s, keep_alive_s, warm_s, cold_s, limit, window_s, .. } = *self;
        model(rate_per_s, keep_alive_s, &self.law, warm_s, cold_s, limit, window_s)
    }

    fn busy(&self, figures: &[Figures]) -> Figure {
        let busy: Vec<_> =
            values(figures, "busy_instance_s").iter().map(|seconds| seconds / self.window_s as f64).collect();
        both_estimated(&busy, self.busy, self.busy_se)
    }
}

/// SimFaaS's model: it starts empty, a cold request has a service time of its own, the newest idle instance is first.
pub fn model(
    rate: f64,
    keep_alive_s: u64,
    law: &str,
    warm_s: f64,
    cold_s: f64,
    limit: Option<u64>,
    window_s: u64,
) -> Scenario {
    let law = |seconds: f64| {
        let ms = seconds * 1e3;
        match law {
            "constant" => format!(r#"{{ constant = "{ms}ms" }}"#),
            "exponential" => format!(r#"{{ exponential = {{ mean = "{ms}ms" }} }}"#),
            _ => panic!("no law {law}"),
        }
    };
    let (warm, cold) = (law(warm_s), law(cold_s));
    let limit = limit.map_or(String::new(), |limit| format!(", concurrency = {limit}"));
    written(&format!(
        r#"
        title = "SimFaaS"
        window = {{ warm_up = "0s", after = "{window_s}s" }}
        source.web.arrivals = {{ poisson = "{rate}/s" }}
        code = {{ service = {warm}, cold_service = {cold} }}
        function = {{ idle = {{ constant = "{keep_alive_s}s" }}, choose = "newest"{limit} }}
        strategy.none.none = {{}}
        "#
    ))
}

fn rows(limited: bool) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(project("docs/validation/simfaas-0.2.2.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).filter(|row: &Row| row.limit.is_some() == limited).collect()
}

/// The rows without a limit on concurrency.
pub fn grid(size: Size) -> Comparison {
    let rows = rows(false);
    assert_eq!(rows.len(), 33);
    let every = size.pick(1, 5);
    let cases = rows.iter().enumerate().step_by(every).map(|(number, row)| {
        let figures = replicate(&row.scenario(), 0, 500 + number as u64, row.replications);
        let durations = format!("{} / {}", row.warm_s, row.cold_s);
        let labels = vec![row.law.clone(), durations, row.rate_per_s.to_string(), row.keep_alive_s.to_string()];
        let figures = vec![
            cold_share(&figures, row),
            both_estimated(&values(&figures, "instances_mean"), row.instances, row.instances_se),
            row.busy(&figures),
        ];
        Case { labels, figures }
    });
    Comparison {
        labels: &["service", "warm / cold s", "requests/s", "keep-alive s"],
        reference: "SimFaaS",
        figures: &["cold share", "instances", "busy"],
        cases: cases.collect(),
    }
}

/// The rows with one: what exceeds it is turned away.
pub fn limits(size: Size) -> Comparison {
    let rows = rows(true);
    assert_eq!(rows.len(), 13);
    let every = size.pick(1, 4);
    let cases = rows.iter().enumerate().step_by(every).map(|(number, row)| {
        let figures = replicate(&row.scenario(), 0, 550 + number as u64, row.replications);
        let shares = |key| -> Vec<_> {
            let requests = values(&figures, "requests");
            values(&figures, key).iter().zip(requests).map(|(events, requests)| events / requests).collect()
        };
        let labels = vec![
            row.limit.unwrap_or_default().to_string(),
            row.law.clone(),
            format!("{} / {}", row.warm_s, row.cold_s),
            row.rate_per_s.to_string(),
            row.keep_alive_s.to_string(),
        ];
        let figures = vec![
            both_estimated(&shares("throttled"), row.rejected_share, row.rejected_share_se),
            cold_share(&figures, row),
            row.busy(&figures),
        ];
        Case { labels, figures }
    });
    Comparison {
        labels: &["limit", "service", "warm / cold s", "requests/s", "keep-alive s"],
        reference: "SimFaaS",
        figures: &["turned away", "cold share", "busy"],
        cases: cases.collect(),
    }
}

/// Cold starts among all requests, those turned away included: 4 standard errors of the difference, a cold start among
/// n requests having a variance of 1.5 p / n at most, and what a pool that starts empty may shift.
fn cold_share(figures: &[Figures], row: &Row) -> Figure {
    let n = total(figures, "requests");
    let p = total(figures, "cold_starts") / n;
    let error = libm::sqrt(row.cold_share_se * row.cold_share_se + 1.5 * p / n);
    let spread = Spread::Given(4.0 * error + row.instances / n);
    Figure { cutover: p, reference: row.cold_share, spread }
}

/// Two means over as many replications each.
fn both_estimated(values: &[f64], reference: f64, reference_error: f64) -> Figure {
    let (cutover, error) = estimate(values);
    let both = libm::sqrt(error * error + reference_error * reference_error);
    let spread = Spread::Student { error: both, freedom: values.len() as f64 - 1.0 };
    Figure { cutover, reference, spread }
}
