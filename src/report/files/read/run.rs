//! `run.json` read back: everything but the rows.

use super::ReadError;
use crate::metrics::{Bound, Metric};
use crate::results::comparison::{Objective, Recorded, RecordedScenario, RecordedStrategy, Told};
use crate::results::{Method, Outcome, Standing, Stratum};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// As much of the file as is needed. What newer programs add is passed over; what older ones did not write may be absent.
#[derive(Deserialize)]
struct Run {
    program: Option<String>,
    #[serde(default)]
    version: String,
    seed: Option<u64>,
    confidence: Option<f64>,
    scenarios: Option<Vec<Scenario>>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    #[serde(default)]
    hash: String,
    source: Option<String>,
    overrides: Option<Vec<String>>,
    #[serde(default)]
    warm_up_s: f64,
    #[serde(default)]
    after_s: f64,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    decision: Decision,
    #[serde(default)]
    objectives: Vec<Gate>,
    #[serde(default)]
    precision: Vec<Value>,
    strategies: Vec<Strategy>,
}

#[derive(Deserialize, Default)]
struct Decision {
    #[serde(default)]
    standings: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Gate {
    objective: String,
    strategy: String,
    metric: String,
    at_most: Option<f64>,
    at_least: Option<f64>,
    outcome: String,
}

#[derive(Deserialize)]
struct Strategy {
    name: String,
    /// The weights by name.
    #[serde(default)]
    strata: BTreeMap<String, f64>,
    metrics: BTreeMap<String, Figure>,
}

#[derive(Deserialize)]
struct Figure {
    mean: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    #[serde(default)]
    replications: u32,
    #[serde(default)]
    censored: u32,
    #[serde(default)]
    method: String,
    affected: Option<f64>,
    affected_high: Option<f64>,
}

/// What `run.json` tells, without rows, and the hash of the file that has them.
pub(super) fn read(path: &Path, content: &[u8]) -> Result<(Recorded, Option<String>), ReadError> {
    let foreign = |why: &str| ReadError::Foreign { path: path.to_owned(), why: why.to_owned() };
    let damaged = |why: String| ReadError::Damaged { path: path.to_owned(), why };
    let value: Value = serde_json::from_slice(content).map_err(|error| damaged(format!("it is not JSON ({error})")))?;
    if !value.is_object() || value["program"] != "cutover" {
        return Err(foreign("it does not name cutover as its program"));
    }
    if value.get("scenarios").is_none() {
        return Err(foreign("it is of a sweep, a selection or another study"));
    }
    let run: Run = serde_json::from_value(value)
        .map_err(|error| damaged(format!("something in it is not as cutover writes it ({error})")))?;
    let (Some(_), Some(seed), Some(confidence), Some(scenarios)) =
        (run.program, run.seed, run.confidence, run.scenarios)
    else {
        return Err(damaged("it lacks its seed or its confidence".to_owned()));
    };
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(damaged("its confidence is no share".to_owned()));
    }
    let scenarios = scenarios.into_iter().map(scenario).collect::<Result<_, _>>().map_err(damaged)?;
    let hash = run.files.get(super::ROWS).cloned();
    Ok((Recorded { version: run.version, seed, confidence, scenarios }, hash))
}

fn scenario(read: Scenario) -> Result<RecordedScenario, String> {
    let keys: Vec<&String> = read.strategies.first().iter().flat_map(|strategy| strategy.metrics.keys()).collect();
    let unknown = keys.iter().filter(|key| Metric::parse(key).is_none()).map(|&key| key.clone()).collect();
    // In the order of every file, and not of their names.
    let mut metrics: Vec<Metric> = keys.iter().filter_map(|key| Metric::parse(key)).collect();
    metrics.sort_by_key(|metric| (metric.kind, metric.version));
    let favours = [Standing::Recommended, Standing::Alike].map(Standing::word);
    let favoured = read.decision.standings.iter().filter(|(_, word)| favours.contains(&word.as_str()));
    let favoured = favoured.map(|(name, _)| name.clone()).collect();
    let strategies = read.strategies.iter().map(|read| strategy(read, &metrics)).collect::<Result<_, _>>()?;
    Ok(RecordedScenario {
        name: read.name,
        hash: read.hash,
        source: read.source,
        overrides: read.overrides,
        window_s: (read.warm_up_s, read.after_s),
        stopped: !read.precision.is_empty(),
        verdict: read.verdict,
        favoured,
        objectives: read.objectives.iter().map(objective).collect::<Result<_, _>>()?,
        metrics,
        unknown,
        strategies,
    })
}

fn strategy(read: &Strategy, metrics: &[Metric]) -> Result<RecordedStrategy, String> {
    if read.strata.is_empty() {
        return Err(format!("{} has no strata", read.name));
    }
    let stratum = |(name, &weight): (&String, &f64)| match (0.0..=1.0).contains(&weight) {
        true => Ok(Stratum { name: name.clone(), weight }),
        false => Err(format!("the weight of {name} is no share")),
    };
    let strata = read.strata.iter().map(stratum).collect::<Result<_, String>>()?;
    let told = metrics.iter().map(|metric| read.metrics.get(&metric.key()).map_or_else(Told::default, told));
    Ok(RecordedStrategy { name: read.name.clone(), strata, rows: Vec::new(), told: told.collect() })
}

fn told(figure: &Figure) -> Told {
    Told {
        mean: figure.mean,
        interval: figure.ci_low.zip(figure.ci_high),
        replications: figure.replications,
        censored: figure.censored,
        exact: figure.method == Method::Exact.to_string(),
        unseen: figure.affected_high.filter(|_| figure.affected == Some(0.0)),
    }
}

fn objective(gate: &Gate) -> Result<Objective, String> {
    let bound = match (gate.at_most, gate.at_least) {
        (Some(most), _) => Bound::AtMost(most),
        (None, Some(least)) => Bound::AtLeast(least),
        (None, None) => return Err(format!("the objective {} has no bound", gate.objective)),
    };
    let outcomes = [Outcome::Met, Outcome::Missed, Outcome::Undecided];
    let outcome = outcomes.into_iter().find(|outcome| outcome.to_string() == gate.outcome);
    Ok(Objective {
        name: gate.objective.clone(),
        strategy: gate.strategy.clone(),
        metric: gate.metric.clone(),
        bound,
        outcome: outcome.ok_or_else(|| format!("the objective {} has an unknown outcome", gate.objective))?,
    })
}
