//! What guards can see, in files: `power.csv` and `solve.csv`.

use super::csv;
use super::figure::figure;
use crate::report::judge;
use crate::results::ScenarioResults;
use crate::results::power::Solve;
use crate::results::sweep::Sweep;
use serde_json::{Value, json};

/// `power.csv`: a row a strategy and size of the regression.
#[must_use]
pub fn csv(sweep: &Sweep) -> Vec<u8> {
    let mut table = csv::Table::new([
        "scenario",
        "strategy",
        "key",
        "value",
        "replications",
        "caught",
        "caught_low",
        "caught_high",
        "detection_s",
        "detection_low",
        "detection_high",
        "lost",
        "lost_low",
        "lost_high",
    ]);
    let key = sweep.keys.last().cloned().unwrap_or_default();
    for point in &sweep.points {
        for place in 0..point.results.strategies.len() {
            let mut row = vec![
                point.results.name.clone(),
                judge::name(&point.results, place).to_owned(),
                key.clone(),
                point.values.last().cloned().unwrap_or_default(),
                point.results.replications.to_string(),
            ];
            for metric in ["rolled_back", "detection_s", "lost"] {
                let estimate = point.results.estimate(place, metric);
                let (low, high) = estimate.interval.unzip();
                row.extend([estimate.mean, low, high].map(figure));
            }
            table.row(row);
        }
    }
    table.bytes()
}

/// `solve.csv`: a row a strategy and candidate.
#[must_use]
pub fn solve(results: &ScenarioResults, solve: &Solve) -> Vec<u8> {
    let mut table = csv::Table::new([
        "scenario",
        "strategy",
        "key",
        "value",
        "replications",
        "caught_low",
        "caught_high",
        "false_low",
        "false_high",
        "detection_s",
        "lost",
        "verdict",
    ]);
    for candidate in &solve.candidates {
        table.row([
            results.name.clone(),
            judge::name(results, candidate.strategy).to_owned(),
            solve.key.clone(),
            candidate.value.clone(),
            candidate.replications.to_string(),
            figure(Some(candidate.caught.0)),
            figure(Some(candidate.caught.1)),
            figure(Some(candidate.falsely.0)),
            figure(Some(candidate.falsely.1)),
            figure(candidate.detection_s),
            figure(candidate.lost),
            candidate.verdict.word().to_owned(),
        ]);
    }
    table.bytes()
}

/// What is found, for `--format json`.
#[must_use]
pub fn figures(sweep: &Sweep, solve: Option<&Solve>) -> Value {
    let mut figures = super::sweep::figures(sweep);
    if let Some(solve) = solve {
        let results = sweep.points.first().map(|point| &point.results);
        let candidate = |candidate: &crate::results::power::Candidate| {
            json!({
                "strategy": results.map(|results| judge::name(results, candidate.strategy)),
                "value": candidate.value,
                "replications": candidate.replications,
                "caught": [candidate.caught.0, candidate.caught.1],
                "false_alarms": [candidate.falsely.0, candidate.falsely.1],
                "verdict": candidate.verdict.word(),
            })
        };
        figures["solve"] = json!({
            "key": solve.key,
            "at": solve.at,
            "catch": solve.catch,
            "false_alarms": solve.false_alarms,
            "candidates": solve.candidates.iter().map(candidate).collect::<Vec<_>>(),
        });
    }
    figures
}
