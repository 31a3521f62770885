//! The CSV files: one function a file, each from results to bytes.

use super::figure::{figure, whole};
use crate::metrics::Metric;
use crate::results::{Results, ScenarioResults, StrategyResults};
use std::collections::BTreeSet;

/// What turns results into the bytes of a file.
pub type Writer = fn(&Results) -> Vec<u8>;

/// The names of the CSV files and what writes them.
pub const FILES: [(&str, Writer); 6] = [
    ("replications.csv", replications),
    ("summary.csv", summary),
    ("differences.csv", differences),
    ("pairs.csv", pairs),
    ("timeline.csv", timeline),
    ("cold_waits.csv", cold_waits),
];

/// Rows of text fields, the first of them the header.
pub(super) struct Table(::csv::Writer<Vec<u8>>);

impl Table {
    /// A table with this header.
    pub(super) fn new<S: AsRef<[u8]>>(header: impl IntoIterator<Item = S>) -> Self {
        let mut table = Self(::csv::Writer::from_writer(Vec::new()));
        table.row(header);
        table
    }

    /// Adds a row, as long as the header.
    pub(super) fn row<S: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = S>) {
        #[expect(clippy::expect_used, reason = "memory takes every byte, and all rows of a table have one length")]
        self.0.write_record(fields).expect("a row is written to memory");
    }

    /// The file.
    pub(super) fn bytes(self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "memory takes every byte")]
        self.0.into_inner().expect("the table is in memory")
    }
}

fn strategies(results: &Results) -> impl Iterator<Item = (&ScenarioResults, &StrategyResults)> {
    results.scenarios.iter().flat_map(|scenario| scenario.strategies.iter().map(move |strategy| (scenario, strategy)))
}

/// A row per scenario, strategy, replication and stratum: every metric. The mean over the replications is that of the rows by
/// their weights.
#[must_use]
pub fn replications(results: &Results) -> Vec<u8> {
    // Scenarios may have different versions: the columns are those of all of them.
    let versions: BTreeSet<_> =
        results.scenarios.iter().flat_map(|scenario| scenario.versions.iter().copied()).collect();
    let columns = Metric::all(&versions.into_iter().collect::<Vec<_>>());
    let head = ["scenario", "strategy", "replication", "stratum", "weight"].map(str::to_owned);
    let mut table = Table::new(head.into_iter().chain(columns.iter().map(Metric::key)));
    for scenario in &results.scenarios {
        let places: Vec<_> =
            columns.iter().map(|column| scenario.metrics.iter().position(|metric| metric == column)).collect();
        for strategy in &scenario.strategies {
            let rows = strategy.rows.iter().enumerate();
            let rows = rows.flat_map(|(replication, rows)| rows.iter().map(move |row| (replication, row)));
            for ((replication, row), stratum) in rows.zip(strategy.strata.iter().cycle()) {
                let head = [
                    scenario.name.clone(),
                    strategy.name.clone(),
                    replication.to_string(),
                    stratum.name.clone(),
                    figure(Some(stratum.weight)),
                ];
                let values = columns.iter().zip(&places).map(|(column, place)| {
                    let value = place.and_then(|place| row.values[place]);
                    if column.is_whole() { whole(value) } else { figure(value) }
                });
                table.row(head.into_iter().chain(values));
            }
        }
    }
    table.bytes()
}

/// A row per scenario, strategy and metric: the mean over the replications, its interval and how that was made; for
/// events, how many replications see any, and the interval for the share of rollouts that do.
#[must_use]
pub fn summary(results: &Results) -> Vec<u8> {
    let mut table = Table::new([
        "scenario",
        "strategy",
        "metric",
        "mean",
        "ci_low",
        "ci_high",
        "confidence",
        "replications",
        "censored",
        "method",
        "affected",
        "affected_low",
        "affected_high",
        "simulated_mean",
    ]);
    for (scenario, strategy) in strategies(results) {
        for (metric, estimate) in scenario.metrics.iter().zip(&strategy.estimates) {
            let present = estimate.mean.is_some();
            let (low, high) = estimate.interval.unzip();
            let seen = estimate.occurrence;
            table.row([
                scenario.name.clone(),
                strategy.name.clone(),
                metric.key(),
                figure(estimate.mean),
                figure(low),
                figure(high),
                figure(present.then_some(results.confidence)),
                if present { estimate.replications.to_string() } else { String::new() },
                if present { estimate.censored.to_string() } else { String::new() },
                estimate.method.to_string(),
                figure(seen.map(|seen| seen.affected)),
                figure(seen.map(|seen| seen.share.0)),
                figure(seen.map(|seen| seen.share.1)),
                figure(estimate.simulated),
            ]);
        }
    }
    table.bytes()
}

/// A row per scenario, metric and pair of strategies: the paired difference and what it allows one to say; then
/// which way is better, the metric's best strategy, and those that cannot be told from it.
#[must_use]
pub fn differences(results: &Results) -> Vec<u8> {
    let mut table = Table::new([
        "scenario",
        "metric",
        "a",
        "b",
        "mean",
        "ci_low",
        "ci_high",
        "verdict",
        "turns_at",
        "better",
        "best",
        "not_told_from_best",
    ]);
    for scenario in &results.scenarios {
        for difference in &scenario.differences {
            let (low, high) = difference.interval.unzip();
            let name = |place: usize| scenario.strategies[place].name.clone();
            let best = scenario.best[difference.metric].as_ref();
            let alike: Vec<_> = best.iter().flat_map(|best| &best.alike).map(|&place| name(place)).collect();
            table.row([
                scenario.name.clone(),
                scenario.metrics[difference.metric].key(),
                scenario.strategies[difference.a].name.clone(),
                scenario.strategies[difference.b].name.clone(),
                figure(difference.mean),
                figure(low),
                figure(high),
                difference.verdict.to_string(),
                figure(difference.turns_at),
                scenario.metrics[difference.metric].direction().word().to_owned(),
                best.map_or_else(String::new, |best| name(best.strategy)),
                alike.join(" "),
            ]);
        }
    }
    table.bytes()
}

/// A row per scenario, strategy, contract and version: attempts, mean over the replications.
#[must_use]
pub fn pairs(results: &Results) -> Vec<u8> {
    let mut table = Table::new(["scenario", "strategy", "contract", "version", "requests", "incompatible"]);
    for (scenario, strategy) in strategies(results) {
        for pair in &strategy.pairs {
            table.row([
                scenario.name.clone(),
                strategy.name.clone(),
                pair.contract.0.to_string(),
                pair.version.0.to_string(),
                figure(Some(pair.requests)),
                figure(Some(pair.incompatible)),
            ]);
        }
    }
    table.bytes()
}

/// A row per scenario, strategy, bin and series: the mean over the replications.
#[must_use]
pub fn timeline(results: &Results) -> Vec<u8> {
    let mut table = Table::new(["scenario", "strategy", "bin_start_s", "metric", "mean"]);
    for (scenario, strategy) in strategies(results) {
        for (series, values) in &strategy.timeline.series {
            let key = series.to_string();
            for (edge, value) in strategy.timeline.edges.iter().zip(values) {
                table.row([&scenario.name, &strategy.name, &figure(Some(edge.seconds())), &key, &figure(*value)]);
            }
        }
    }
    table.bytes()
}

/// A row per scenario, strategy and wait of a cold start: how many waited so long, in all replications together.
#[must_use]
pub fn cold_waits(results: &Results) -> Vec<u8> {
    let mut table = Table::new(["scenario", "strategy", "wait_ms", "cold_starts"]);
    for (scenario, strategy) in strategies(results) {
        for &(wait, count) in &strategy.cold_waits {
            table.row([&scenario.name, &strategy.name, &figure(Some(wait)), &count.to_string()]);
        }
    }
    table.bytes()
}
