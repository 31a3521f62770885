//! What every metric and series is: the page `docs/metrics.md`, made from the code that defines them.

use crate::metrics::{Direction, Kind, Metric, Unit};
use crate::results::timeline::GLOSSARY;
use serde::Serialize;
use std::fmt::Write;

/// The page, in Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = format!("{HEAD}{TERMS}{METRICS}");
    for Entry { key, by_version, unit, better, meaning } in entries() {
        let by_version = if by_version { ", `.vN`" } else { "" };
        let _ = writeln!(page, "| `{key}`{by_version} | {unit} | {better} | {meaning} |");
    }
    page.push_str(SERIES);
    for (key, unit, meaning) in GLOSSARY {
        let _ = writeln!(page, "| `{key}` | {unit} | {meaning} |");
    }
    page.push_str(READING);
    page
}

/// What a metric is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Entry {
    /// Its key.
    pub key: &'static str,
    /// Whether there is also one a version.
    pub by_version: bool,
    /// Its unit, in words.
    pub unit: &'static str,
    /// Of which there is better more, or less; empty where neither is.
    pub better: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every metric.
pub fn entries() -> impl Iterator<Item = Entry> {
    Kind::ALL.iter().map(|&kind| {
        let metric = Metric { kind, version: None };
        let (unit, better) = (unit(&metric), better(metric.direction()));
        Entry { key: kind.key(), by_version: kind.by_version(), unit, better, meaning: kind.meaning() }
    })
}

fn unit(metric: &Metric) -> &'static str {
    match metric.unit() {
        Unit::Share => "share, 0 to 1",
        Unit::Milliseconds => "ms",
        Unit::Seconds => "s",
        Unit::Dollars => "usd",
        Unit::Number if metric.is_whole() => "count",
        Unit::Number => "number",
    }
}

const fn better(direction: Direction) -> &'static str {
    match direction {
        Direction::Lower => "less",
        Direction::Higher => "more",
        Direction::Neither => "",
    }
}

const HEAD: &str = "\
# Metrics and series

`cutover metrics` prints this page; it is made from the code that defines them.

";

/// How metrics are to be read, in Markdown.
pub const TERMS: &str = "\
A *request* is one call of a caller, an *attempt* one passage of it through gateway and platform: with retries a request
makes several. Requests that arrive in [0, after) are counted; t = 0 is the start of the rollout. A key never changes its
meaning. `.vN` stands for the same of version N alone. An empty cell: nothing is known, or the strategy lacks the concept. Zero:
nothing happened.
";

const METRICS: &str = "
## Metrics

| key | unit | better | what it is |
|---|---|---|---|
";

const SERIES: &str = "
## Series of `timeline.csv`

Means over the replications, a row a bin; counts by the bin in which the request arrived, instances as the mean over the bin.

| key | unit | what it is |
|---|---|---|
";

const READING: &str = r#"
## Reading the files

Real numbers always have a point, counts never, and an empty cell is null: every reader finds the types by itself.
`replications.csv` has a row a replication and `stratum`: one where chance decides nothing once a rollout (`all`), else one for each
way it may go. The `weight`s of a replication add up to 1, so means are weighted; a share's is the ratio of two of them.

```python
import polars
summary = polars.read_csv("output/summary.csv", infer_schema_length=None)
lost = summary.filter((polars.col("scenario") == "lesson") & (polars.col("metric") == "lost"))
print(lost.select("strategy", "mean", "ci_low", "ci_high"))
```

```python
import pandas
runs = pandas.read_csv("output/replications.csv")
runs["lost"] *= runs["weight"]
sums = runs.groupby(["scenario", "strategy"])[["lost", "weight"]].sum()
print(sums["lost"] / sums["weight"])
```

```python
import duckdb
# The view has names that SQL reads without quotes: `handled.v1` becomes `handled_v1`.
duckdb.sql(r"""CREATE VIEW runs AS SELECT COLUMNS('^[^.]+$'), COLUMNS('^(.+)[.](v.+)$') AS '\1_\2'
               FROM read_csv('output/replications.csv', sample_size = -1)""")
print(duckdb.sql("""SELECT strategy, sum(lost * weight) / sum(weight) AS lost, sum(handled_v1 * weight) / sum(weight) AS old
                    FROM runs WHERE scenario = 'lesson' GROUP BY ALL"""))
```
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_docs_is_this_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
        if std::env::var_os("CUTOVER_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page(),
            "docs/metrics.md is stale: write it anew with cargo run -- metrics > docs/metrics.md"
        );
    }
}
