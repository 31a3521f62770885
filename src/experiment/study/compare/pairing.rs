//! Whether the replications of two runs belong together: the same seed, and the same traffic.

use crate::metrics::{Kind, Metric};
use crate::results::comparison::{Pairing, RecordedScenario, RecordedStrategy};

/// What of a scenario's text makes its traffic.
const TRAFFIC: [&str; 4] = ["source", "queue", "stream", "window"];

/// How the replications of a scenario's two runs belong together. Those of the same seed may always be paired, because they are
/// independent of each other; it is of use where they met the same requests.
pub(super) fn of((before, after): (&RecordedScenario, &RecordedScenario), seeds: (u64, u64)) -> Pairing {
    if seeds.0 != seeds.1 {
        return Pairing::OtherSeed;
    }
    if !same_requests(before, after) && !same_text(before, after) {
        return Pairing::OtherTraffic;
    }
    let runs = |of: &RecordedScenario| of.strategies.iter().map(|strategy| strategy.rows.len()).min().unwrap_or(0);
    Pairing::Paired(runs(before).min(runs(after)) as u32)
}

/// Whether as many requests came in every replication.
fn same_requests(before: &RecordedScenario, after: &RecordedScenario) -> bool {
    let [Some(here), Some(there)] = [before, after].map(requests) else { return false };
    after.strategies.iter().all(|after| {
        let before = before.strategies.iter().find(|before| before.name == after.name);
        before.is_none_or(|before| {
            let mut both = came(before, here).zip(came(after, there));
            both.all(|(before, after)| (before - after).abs() <= 1e-9 * before.abs().max(after.abs()))
        })
    })
}

fn requests(scenario: &RecordedScenario) -> Option<usize> {
    scenario.metrics.iter().position(|metric| *metric == Metric { kind: Kind::Requests, version: None })
}

/// How many requests came, replication by replication.
fn came(strategy: &RecordedStrategy, place: usize) -> impl Iterator<Item = f64> {
    strategy.rows.iter().map(move |rows| {
        let strata = rows.iter().zip(&strategy.strata);
        strata.map(|(row, stratum)| stratum.weight * row.values[place].unwrap_or_default()).sum()
    })
}

/// Whether the text says so: users send more where they are answered sooner, and are the same users.
fn same_text(before: &RecordedScenario, after: &RecordedScenario) -> bool {
    let parse = |of: &RecordedScenario| of.source.as_deref()?.parse::<toml::Table>().ok();
    let (Some(one), Some(other)) = (parse(before), parse(after)) else { return false };
    let typed = |of: &RecordedScenario| -> Vec<String> {
        let traffic = |typed: &&String| TRAFFIC.iter().any(|table| typed.trim_start().starts_with(table));
        of.overrides.iter().flatten().filter(traffic).cloned().collect()
    };
    before.window_s == after.window_s
        && typed(before) == typed(after)
        && TRAFFIC.iter().all(|table| one.get(*table) == other.get(*table))
}
