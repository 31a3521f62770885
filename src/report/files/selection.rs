//! A selection in files: `selection.csv` and `run.json`.

use super::csv;
use super::figure::figure;
use super::json::{self, Timing};
use crate::metrics::Bound;
use crate::report::judge;
use crate::report::text::studies::selection::{Report, verdict};
use crate::results::selection::{Constraint, Decision};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `selection.csv`: a row a strategy for the metric that is to be best, and one for each constraint.
#[must_use]
pub fn csv(report: &Report<'_>) -> Vec<u8> {
    let (results, selection) = (report.results, report.selection);
    let mut table = csv::Table::new([
        "scenario",
        "strategy",
        "metric",
        "role",
        "verdict",
        "than",
        "worse_low",
        "worse_high",
        "at_most",
        "at_least",
        "tolerance",
        "mean",
        "replications",
    ]);
    let question = &selection.question;
    for (place, strategy) in results.strategies.iter().enumerate() {
        let mean = |key: &str| figure(results.estimate(place, key).mean);
        let (name, runs) = (strategy.name.clone(), selection.runs[place].to_string());
        let margin = selection.margins[place];
        table.row([
            results.name.clone(),
            name.clone(),
            question.metric.key(),
            "goal".to_owned(),
            selection.standings[place].word().to_owned(),
            margin.map_or_else(String::new, |margin| judge::name(results, margin.than).to_owned()),
            figure(margin.map(|margin| margin.low)),
            figure(margin.map(|margin| margin.high)),
            String::new(),
            String::new(),
            figure(Some(question.indifference)),
            mean(&question.metric.key()),
            runs.clone(),
        ]);
        for (constraint, keeps) in question.constraints.iter().zip(&selection.keeps[place]) {
            let (most, least) = ends(constraint);
            table.row([
                results.name.clone(),
                name.clone(),
                constraint.metric.key(),
                "constraint".to_owned(),
                kept(*keeps).to_owned(),
                String::new(),
                String::new(),
                String::new(),
                figure(most),
                figure(least),
                figure(Some(constraint.tolerance)),
                mean(&constraint.metric.key()),
                runs.clone(),
            ]);
        }
    }
    table.bytes()
}

const fn kept(keeps: Option<bool>) -> &'static str {
    match keeps {
        Some(true) => "keeps",
        Some(false) => "breaks",
        None => "open",
    }
}

const fn ends(constraint: &Constraint) -> (Option<f64>, Option<f64>) {
    match constraint.bound {
        Bound::AtMost(most) => (Some(most), None),
        Bound::AtLeast(least) => (None, Some(least)),
    }
}

/// The figures of a selection, without anything of the machine: for `--format json`.
#[must_use]
pub fn figures(report: &Report<'_>) -> Value {
    let (results, selection) = (report.results, report.selection);
    let question = &selection.question;
    let constraint = |constraint: &Constraint| {
        let (most, least) = ends(constraint);
        json!({
            "metric": constraint.metric.key(),
            "at_most": most,
            "at_least": least,
            "tolerance": constraint.tolerance,
        })
    };
    let standing = |(place, strategy): (usize, _)| {
        let strategy: &crate::results::StrategyResults = strategy;
        let margin = selection.margins[place];
        json!({
            "name": strategy.name,
            "standing": selection.standings[place].word(),
            "than": margin.map(|margin| judge::name(results, margin.than)),
            "worse_low": margin.map(|margin| margin.low),
            "worse_high": margin.map(|margin| margin.high),
            "subject_to": selection.keeps[place].iter().map(|keeps| kept(*keeps)).collect::<Vec<_>>(),
            "replications": selection.runs[place],
        })
    };
    let (decision, chosen) = match selection.decision {
        Decision::Chosen(place) => ("chosen", Some(judge::name(results, place))),
        Decision::Nobody => ("nobody", None),
        Decision::Undecided(_) => ("undecided", None),
    };
    let strategies = results.strategies.iter();
    let estimates = strategies
        .clone()
        .map(|strategy| json!({ "name": strategy.name, "metrics": json::metrics(results, strategy) }));
    json!({
        "program": "cutover",
        "version": env!("CARGO_PKG_VERSION"),
        "seed": report.seed,
        "confidence": 1.0 - selection.risk,
        "scenario": results.name,
        "title": results.title,
        "hash": results.hash,
        "selection": {
            "metric": question.metric.key(),
            "better": question.metric.direction().word(),
            "indifference": question.indifference,
            "subject_to": question.constraints.iter().map(constraint).collect::<Vec<_>>(),
            "max_replications": question.most,
            "decision": decision,
            "chosen": chosen,
            "turns_at": selection.turns_at,
            "unseen": selection.unseen,
            "guarantee": verdict(report),
            "strategies": strategies.enumerate().map(standing).collect::<Vec<_>>(),
            "left_out": report.aside,
            "replications": selection.cost.spent,
            "replications_equal": selection.cost.equal,
            "replications_two_stage": selection.cost.two_stage,
        },
        "strategies": estimates.collect::<Vec<_>>(),
    })
}

/// The whole of `run.json`: the figures, the hash of every CSV file by name, and the timing.
#[must_use]
pub fn run(report: &Report<'_>, files: &BTreeMap<String, String>, timing: &Timing) -> Vec<u8> {
    json::whole(figures(report), files, timing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::studies::selection::tests::{constraint, results, selection};

    #[test]
    fn the_files_are_tidy() {
        let (results, selection) = (results(), selection(vec![constraint()]));
        let report = Report { results: &results, selection: &selection, seed: 1, aside: &[] };
        let table = String::from_utf8(csv(&report)).unwrap();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 1 + 3 * 2);
        assert!(
            lines.contains(&"lesson,latest,incompatible,goal,worse,pinned,900.0,1200.0,,,10.0,1083.0,20"),
            "{table}"
        );
        assert!(
            lines.contains(&"lesson,alias,cold_start_share,constraint,keeps,,,,0.001,,0.0002,0.00012,60"),
            "{table}"
        );
        let figures = figures(&report);
        assert_eq!(figures["selection"]["chosen"], "pinned");
        assert_eq!(figures["selection"]["strategies"][0]["worse_low"], 900.0);
        assert_eq!(figures["selection"]["subject_to"][0]["at_most"], 0.001);
        assert_eq!(figures["strategies"][1]["metrics"]["incompatible"]["mean"], 0.0);
    }
}
