//! `replications.csv` read back: a row a replication and stratum.

use crate::metrics::Metric;
use crate::results::Row;
use crate::results::comparison::{Recorded, RecordedScenario};
use std::collections::BTreeMap;

/// The columns that say what a row is of.
const HEAD: [&str; 5] = ["scenario", "strategy", "replication", "stratum", "weight"];

/// Gives every strategy of `recorded` its rows; or says what is wrong with them.
pub(super) fn read(content: &[u8], recorded: &mut Recorded) -> Result<(), String> {
    let mut reader = csv::Reader::from_reader(content);
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    if !headers.iter().take(HEAD.len()).eq(HEAD) {
        return Err(format!("its columns do not begin with {}, as an older program wrote it", HEAD.join(", ")));
    }
    let columns: BTreeMap<&str, usize> = headers.iter().enumerate().map(|(place, name)| (name, place)).collect();
    let mut scenarios = Vec::with_capacity(recorded.scenarios.len());
    for scenario in &recorded.scenarios {
        let place = |metric: &Metric| {
            columns.get(metric.key().as_str()).copied().ok_or_else(|| format!("it has no column {}", metric.key()))
        };
        scenarios.push(scenario.metrics.iter().map(place).collect::<Result<Vec<usize>, String>>()?);
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        let line = record.position().map_or(0, csv::Position::line);
        add(&record, recorded, &scenarios).map_err(|why| format!("line {line}: {why}"))?;
    }
    recorded.scenarios.iter().try_for_each(whole)
}

fn add(record: &csv::StringRecord, recorded: &mut Recorded, columns: &[Vec<usize>]) -> Result<(), String> {
    let cell = |place: usize| record.get(place).unwrap_or_default();
    let scenario = recorded.scenarios.iter().position(|scenario| scenario.name == cell(0));
    let scenario = scenario.ok_or("its scenario is not in run.json")?;
    let columns = &columns[scenario];
    let strategies = &mut recorded.scenarios[scenario].strategies;
    let strategy = strategies.iter_mut().find(|strategy| strategy.name == cell(1));
    let strategy = strategy.ok_or("its strategy is not in run.json")?;
    let value = |&place: &usize| match cell(place) {
        "" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(Some(value)),
            _ => Err("a figure is no number from 0 up"),
        },
    };
    let values = columns.iter().map(value).collect::<Result<Vec<_>, _>>()?;
    let row = Row { censored: vec![false; values.len()], values, first: 0.0 };
    let strata = strategy.strata.len();
    match strategy.rows.last_mut().filter(|rows| rows.len() < strata) {
        Some(rows) => rows.push(row),
        None => strategy.rows.push(vec![row]),
    }
    let (replication, stratum) = (strategy.rows.len() - 1, strategy.rows.last().map_or(0, Vec::len) - 1);
    if cell(2) != replication.to_string() {
        return Err("a replication or a stratum is missing before it".to_owned());
    }
    // The first replication tells their order.
    let left = &mut strategy.strata[stratum..];
    match left.iter().position(|known| known.name == cell(3)) {
        Some(place) if place == 0 || replication == 0 => left.swap(0, place),
        _ => return Err("its stratum is not the one that is expected".to_owned()),
    }
    match cell(4).parse::<f64>() {
        Ok(weight) if (weight - left[0].weight).abs() < 1e-9 => Ok(()),
        _ => Err("its weight is not the one in run.json".to_owned()),
    }
}

/// Whether every strategy has rows, and each replication all of its strata.
fn whole(scenario: &RecordedScenario) -> Result<(), String> {
    for strategy in &scenario.strategies {
        if strategy.rows.last().is_none_or(|rows| rows.len() != strategy.strata.len()) {
            return Err(format!("rows of {} under {} are missing", scenario.name, strategy.name));
        }
    }
    Ok(())
}
