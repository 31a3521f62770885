//! What a verdict hangs on, in a file: `sensitivity.csv`.

use super::csv;
use super::figure::figure;
use crate::report::judge;
use crate::report::text::studies::sensitivity::Report;
use crate::results::sensitivity::{Effect, Margin};
use serde_json::{Value, json};

/// `sensitivity.csv`: a row an assumption and end of its range, the strongest assumption first; before them the
/// scenario as it stands.
#[must_use]
pub fn csv(report: &Report<'_>) -> Vec<u8> {
    let head = ["key", "end", "value", "best", "next", "margin", "ci_low", "ci_high", "verdict"];
    let mut table = csv::Table::new(head);
    let best = judge::name(report.base, report.sensitivity.best);
    let row = |key: &str, end: &str, margin: &Margin| {
        let (low, high) = margin.interval.unzip();
        let texts = [key, end, &margin.value, best, judge::name(report.base, margin.rival)].map(str::to_owned);
        let [a, b, c, d, e] = texts;
        let turn = margin.turn.word().to_owned();
        [a, b, c, d, e, figure(Some(margin.margin)), figure(low), figure(high), turn]
    };
    table.row(row("", "", &report.sensitivity.base));
    for effect in &report.sensitivity.effects {
        table.row(row(&effect.key, "low", &effect.low));
        table.row(row(&effect.key, "high", &effect.high));
    }
    table.bytes()
}

/// The figures, without anything of the machine: for `--format json`.
#[must_use]
pub fn figures(report: &Report<'_>) -> Value {
    let name = |place| judge::name(report.base, place);
    let margin = |margin: &Margin| {
        let (low, high) = margin.interval.unzip();
        json!({
            "value": margin.value,
            "next": name(margin.rival),
            "margin": margin.margin,
            "ci_low": low,
            "ci_high": high,
            "verdict": margin.turn.word(),
        })
    };
    let effect =
        |effect: &Effect| json!({ "key": effect.key, "low": margin(&effect.low), "high": margin(&effect.high) });
    json!({
        "program": "cutover",
        "version": env!("CARGO_PKG_VERSION"),
        "seed": report.seed,
        "confidence": report.confidence,
        "scenario": report.base.name,
        "metric": report.metric.key(),
        "best": name(report.sensitivity.best),
        "as_it_stands": margin(&report.sensitivity.base),
        "assumptions": report.sensitivity.effects.iter().map(effect).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::study::sensitivity::sensitivity;
    use crate::metrics::Metric;
    use crate::report::text::studies::sensitivity::tests::{assumptions, points};

    #[test]
    fn the_files_are_tidy() {
        let (points, metric) = (points(), Metric::parse("incompatible").unwrap());
        let sensitivity = sensitivity(&assumptions(), &points, &metric).unwrap();
        let report =
            Report { base: &points[0].results, metric: &metric, sensitivity: &sensitivity, seed: 1, confidence: 0.95 };
        let figures = figures(&report);
        assert_eq!(
            (&figures["best"], &figures["assumptions"][0]["high"]["verdict"]),
            (&json!("pinned"), &json!("turns"))
        );
        let csv = String::from_utf8(csv(&report)).unwrap();
        assert_eq!(csv.lines().count(), 1 + 1 + 4);
        assert!(
            csv.contains("gateway.lag,high,\"{ uniform = [\"\"0s\"\", \"\"60s\"\"] }\",pinned,latest,-450.0,,,turns"),
            "{csv}"
        );
    }
}
