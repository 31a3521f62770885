//! What the fuzz targets share: a folder for files, and what must hold of a scenario that is accepted.

use cutover::experiment::{self, Replication, Settings};
use cutover::results::Results;
use cutover::metrics::Metric;
use cutover::platform::Bins;
use cutover::random::Seed;
use cutover::scenario::{Foreseen, Scenario, WarmUp};
use std::path::PathBuf;

/// A folder of this process. It stays behind: where a target runs, `TMPDIR` says.
#[must_use]
pub fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("cutover-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for files");
    folder
}

/// Puts a file into the folder; where it is.
#[must_use]
pub fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, content).expect("room for a file");
    path
}

/// Whether a replication of every strategy is done in milliseconds.
#[must_use]
pub fn is_small(scenario: &Scenario) -> bool {
    let once = Scenario { replications: 1, ..scenario.clone() };
    let foreseen = Foreseen::of(&once);
    let bins = Bins::new(scenario.window, scenario.bin).len();
    scenario.warm_up == WarmUp::Written
        && foreseen.most_attempts + foreseen.changes <= 8_000.0
        && foreseen.least().0 <= 64 << 20
        && bins * scenario.strategies.len() <= 2_000
}

/// How a scenario is run.
#[must_use]
pub fn settings() -> Settings {
    Settings { threads: Some(1), twice: true, ..Settings::default() }
}

/// Runs a scenario whose strategies must lose no request.
pub fn conserves(scenario: &Scenario) {
    let of = |key| Metric::parse(key).expect("a metric");
    let metrics = ["requests", "served", "failed", "throttled", "expired", "in_flight"].map(of);
    for strategy in &scenario.strategies {
        let seed = Seed { seed: 1, replication: 0 };
        match Replication::run(scenario, strategy, seed) {
            Ok(replication) => {
                let values = replication.row(scenario, strategy, &metrics).values;
                let values: Vec<f64> = values.into_iter().map(|value| value.expect("a count")).collect();
                assert_eq!(values[0], values[1..].iter().sum::<f64>(), "{} loses requests", strategy.name);
            }
            Err(error) => given_up(&error.to_string()),
        }
    }
}

/// A replication may be given up, but not because the model is wrong.
fn given_up(error: &str) {
    assert!(!error.contains("bug in cutover") && !error.contains("simulated twice"), "{error}");
}

/// Runs two replications, each twice over; nothing where the run is given up.
#[must_use]
pub fn results(scenario: &Scenario) -> Option<Results> {
    let scenario = Scenario { replications: 2, ..scenario.clone() };
    match experiment::run(std::slice::from_ref(&scenario), &settings(), None, &|_| ()) {
        Ok(results) => Some(results),
        Err(error) => {
            given_up(&error.to_string());
            None
        }
    }
}
