//! The outputs that SimFaaS's authors printed.

use super::simfaas::model;
use super::{Case, Comparison, Figure, Size, Spread, estimate, project, replicate, values};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    source: String,
    arrival_rate_per_s: f64,
    warm_service_s: f64,
    cold_service_s: f64,
    keep_alive_s: u64,
    simulated_s: u64,
    requests: u64,
    cold_starts: u64,
    avg_instances: f64,
    avg_running: f64,
}

/// Each printed run is one run: it must look like one of ours of the same length.
pub fn runs(size: Size) -> Comparison {
    let replications = 8;
    let mut reader = csv::Reader::from_path(project("docs/validation/simfaas-published.csv")).unwrap();
    let rows: Vec<Row> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 8);
    let short = |row: &&Row| size == Size::Full || row.requests < 100_000;
    let cases = rows.iter().filter(short).enumerate().map(|(number, row)| {
        let scenario = model(
            row.arrival_rate_per_s,
            row.keep_alive_s,
            "exponential",
            row.warm_service_s,
            row.cold_service_s,
            None,
            row.simulated_s,
        );
        let figures = replicate(&scenario, 0, 600 + number as u64, replications);
        let busy: Vec<_> =
            values(&figures, "busy_instance_s").iter().map(|seconds| seconds / row.simulated_s as f64).collect();
        Case {
            labels: vec![row.source.clone(), row.arrival_rate_per_s.to_string(), row.keep_alive_s.to_string()],
            figures: vec![
                one_more(&values(&figures, "cold_start_share"), row.cold_starts as f64 / row.requests as f64),
                one_more(&values(&figures, "instances_mean"), row.avg_instances),
                one_more(&busy, row.avg_running),
            ],
        }
    });
    Comparison {
        labels: &["printed in", "requests/s", "keep-alive s"],
        reference: "SimFaaS",
        figures: &["cold share", "instances", "busy"],
        cases: cases.collect(),
    }
}

/// Whether `reference` may be one value more of the same law: the prediction interval of Student.
fn one_more(values: &[f64], reference: f64) -> Figure {
    let n = values.len() as f64;
    let (cutover, error) = estimate(values);
    // The deviation is error x sqrt(n), and one value more deviates from the mean by sqrt(1 + 1 / n) of it.
    let spread = Spread::Student { error: error * libm::sqrt(n + 1.0), freedom: n - 1.0 };
    Figure { cutover, reference, spread }
}
