//! SimFaaS 0.2.2, run on the same grid by `docs/validation/run_simfaas.py`.

use super::{Case, Comparison, Figure, Size, estimate, project, replicate, student_t, total, values, written};
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
    instances: f64,
    instances_se: f64,
    busy: f64,
    busy_se: f64,
}

/// SimFaaS's model: it starts empty, a cold request has a service time of its own, the newest idle instance is first.
pub fn model(rate: f64, keep_alive_s: u64, law: &str, warm_s: f64, cold_s: f64, window_s: u64) -> Scenario {
    let law = |seconds: f64| {
        let ms = seconds * 1e3;
        match law {
            "constant" => format!(r#"{{ constant = "{ms}ms" }}"#),
            "exponential" => format!(r#"{{ exponential = {{ mean = "{ms}ms" }} }}"#),
            _ => panic!("no law {law}"),
        }
    };
    let (warm, cold) = (law(warm_s), law(cold_s));
    written(&format!(
        r#"
        title = "SimFaaS"
        window = {{ warm_up = "0s", after = "{window_s}s" }}
        source.web.arrivals = {{ poisson = "{rate}/s" }}
        code = {{ service = {warm}, cold_service = {cold} }}
        function = {{ idle = {{ constant = "{keep_alive_s}s" }}, choose = "newest" }}
        strategy.none.none = {{}}
        "#
    ))
}

/// The grid without limits on concurrency, which cutover does not have yet.
pub fn grid(size: Size) -> Comparison {
    let mut reader = csv::Reader::from_path(project("docs/validation/simfaas-0.2.2.csv")).unwrap();
    let rows: Vec<Row> = reader.deserialize().map(Result::unwrap).filter(|row: &Row| row.limit.is_none()).collect();
    assert_eq!(rows.len(), 24);
    let every = size.pick(1, 5);
    let cases = rows.iter().enumerate().step_by(every).map(|(number, row)| {
        let scenario = model(row.rate_per_s, row.keep_alive_s, &row.law, row.warm_s, row.cold_s, row.window_s);
        let figures = replicate(&scenario, 0, 500 + number as u64, row.replications);
        let busy: Vec<_> =
            values(&figures, "busy_instance_s").iter().map(|seconds| seconds / row.window_s as f64).collect();
        let labels = vec![row.law.clone(), row.rate_per_s.to_string(), row.keep_alive_s.to_string()];
        let figures = vec![
            cold_share(&figures, row),
            both_estimated(&values(&figures, "instances_mean"), row.instances, row.instances_se),
            both_estimated(&busy, row.busy, row.busy_se),
        ];
        Case { labels, figures }
    });
    Comparison {
        labels: &["service", "requests/s", "keep-alive s"],
        reference: "SimFaaS",
        figures: &["cold share", "instances", "busy"],
        cases: cases.collect(),
    }
}

/// 4 standard errors of the difference, a cold start among n requests having a variance of 1.5 p / n at most, and
/// what a pool that starts empty may shift.
fn cold_share(figures: &[Figures], row: &Row) -> Figure {
    let n = total(figures, "handled");
    let p = total(figures, "cold_starts") / n;
    let error = libm::sqrt(row.cold_share_se * row.cold_share_se + 1.5 * p / n);
    Figure { cutover: p, reference: row.cold_share, allowed: 4.0 * error + row.instances / n }
}

/// Two means over as many replications each.
fn both_estimated(values: &[f64], reference: f64, reference_error: f64) -> Figure {
    let (cutover, error) = estimate(values);
    let both = libm::sqrt(error * error + reference_error * reference_error);
    Figure { cutover, reference, allowed: student_t(values.len()) * both }
}
