//! A sweep in files: `sweep.csv` and `run.json`.

use super::csv;
use super::figure::figure;
use super::json::{self, Timing};
use crate::results::sweep::{PointResults, Sweep};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `sweep.csv`: a row a point, strategy and metric; a column for each varied key.
#[must_use]
pub fn csv(sweep: &Sweep) -> Vec<u8> {
    let fixed = [
        "strategy",
        "metric",
        "mean",
        "ci_low",
        "ci_high",
        "replications",
        "censored",
        "method",
        "affected",
        "affected_low",
        "affected_high",
    ];
    let mut table = csv::Table::new(sweep.keys.iter().map(String::as_str).chain(fixed));
    for point in &sweep.points {
        for strategy in &point.results.strategies {
            for (metric, estimate) in point.results.metrics.iter().zip(&strategy.estimates) {
                let (low, high) = estimate.interval.unzip();
                let mut row = point.values.clone();
                row.extend([strategy.name.clone(), metric.key(), figure(estimate.mean), figure(low), figure(high)]);
                row.extend([estimate.replications, estimate.censored].map(|number| number.to_string()));
                row.push(estimate.method.to_string());
                let seen = estimate.occurrence;
                row.push(seen.map_or_else(String::new, |seen| seen.affected.to_string()));
                row.extend([seen.map(|seen| seen.share.0), seen.map(|seen| seen.share.1)].map(figure));
                table.row(row);
            }
        }
    }
    table.bytes()
}

/// `run.json` of a sweep: what was varied and each point's hash; the figures are in `sweep.csv`.
#[must_use]
pub fn run(sweep: &Sweep, files: &BTreeMap<String, String>, timing: &Timing) -> Vec<u8> {
    let point = |point: &PointResults| {
        let values = sweep.keys.iter().cloned().zip(point.values.iter().map(|value| json!(value)));
        // Where one key is moved at a time, the others are as they stand.
        let values: Map<_, _> = values.filter(|(_, value)| *value != "").collect();
        json!({
            "values": values,
            "hash": point.results.hash,
            "replications": point.results.replications,
            "warm_up_s": point.results.window.warm_up.seconds(),
            "warm_up": json::warm_up(&point.results),
        })
    };
    json::whole(head(sweep, sweep.points.iter().map(point).collect()), files, timing)
}

/// The figures of a sweep, without anything of the machine: for `--format json`.
#[must_use]
pub fn figures(sweep: &Sweep) -> Value {
    let point = |point: &PointResults| {
        let strategies = point.results.strategies.iter();
        let estimates = strategies
            .map(|strategy| json!({ "name": strategy.name, "metrics": json::metrics(&point.results, strategy) }));
        let values: Map<_, _> = sweep.keys.iter().cloned().zip(point.values.iter().map(|value| json!(value))).collect();
        json!({
            "values": values,
            "replications": point.results.replications,
            "warm_up_s": point.results.window.warm_up.seconds(),
            "strategies": estimates.collect::<Vec<_>>(),
        })
    };
    head(sweep, sweep.points.iter().map(point).collect())
}

/// What a sweep is, and what is told of its points.
fn head(sweep: &Sweep, points: Vec<Value>) -> Value {
    json!({
        "program": "cutover",
        "version": env!("CARGO_PKG_VERSION"),
        "seed": sweep.seed,
        "confidence": sweep.confidence,
        "scenario": sweep.points.first().map(|point| &point.results.name),
        "metric": sweep.metric.key(),
        "points": points,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::studies::sweep::tests::sweep;

    #[test]
    fn the_file_is_tidy() {
        let sweep = sweep();
        let text = String::from_utf8(csv(&sweep)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 2 * 2 * sweep.points[0].results.metrics.len());
        assert!(lines[0].starts_with("gateway.nodes,strategy,metric,mean,ci_low"));
        assert!(
            lines.contains(&"32,latest,incompatible,1083.0,1028.85,1137.15,40,0,student-t,40,0.9278424754944854,1.0"),
            "{text}"
        );
    }
}
