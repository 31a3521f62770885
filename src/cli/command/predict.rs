//! `cutover check --predict`: what can be told of strategies exactly, without a run.

use crate::cli::Failure;
use crate::cli::argument::appearance::Format;
use crate::platform::Cast;
use crate::platform::exact::{self, Counts, Duration, Exact, Inexact};
use crate::report::files::json;
use crate::report::number::{duration, grouped, percent, significant};
use crate::report::text::look::Look;
use crate::scenario::Scenario;
use crate::strategy::Strategy;
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table};
use serde_json::{Map, Value, json};

/// A strategy's name, and its figures or why it has none.
type Told<'a> = (&'a Strategy, Result<Exact, Inexact>);

/// The exact figures of scenarios, printed.
pub fn predict(scenarios: &[Scenario], format: Format, look: &Look) -> Result<String, Failure> {
    let all: Vec<(&Scenario, Vec<Told<'_>>)> = scenarios.iter().map(|scenario| (scenario, told(scenario))).collect();
    // A trace that cannot be read again is no matter of exactness.
    for (_, result) in all.iter().flat_map(|(_, told)| told) {
        if let Err(Inexact::Feed(error)) = result {
            return Err(Failure::Unfinished(error.to_string()));
        }
    }
    Ok(match format {
        Format::Json => json::printed(&json!({
            "program": "cutover",
            "version": env!("CARGO_PKG_VERSION"),
            "scenarios": all.iter().map(|(scenario, told)| figures(scenario, told)).collect::<Vec<_>>(),
        })),
        Format::Text => {
            let texts = all.iter().map(|(scenario, told)| look.spelt(&text(scenario, told, format, look)));
            texts.collect::<Vec<_>>().join("\n")
        }
        Format::Markdown => {
            let texts = all.iter().map(|(scenario, told)| text(scenario, told, format, look));
            texts.collect::<Vec<_>>().join("\n")
        }
    })
}

fn told(scenario: &Scenario) -> Vec<Told<'_>> {
    let of = |strategy| exact::figures(&scenario.service, strategy, &scenario.window);
    scenario.strategies.iter().map(|strategy| (strategy, of(strategy))).collect()
}

fn counts(scenario: &Scenario, strategy: &Strategy, exact: &Exact) -> Option<Counts> {
    let known = exact.sources.iter().any(Option::is_some);
    known.then(|| exact.first.counts(&scenario.service, strategy))
}

/// A table of one scenario's strategies, and in words what is not exact of it.
fn text(scenario: &Scenario, told: &[Told<'_>], format: Format, look: &Look) -> String {
    let markdown = format == Format::Markdown;
    let mut table = Table::new();
    table.load_style(if markdown { ASCII_MARKDOWN } else { NOTHING });
    table.set_header(["strategy", "incompatible", "near misses", "ahead", "behind", "rollout", "median", "p99"]);
    for (strategy, result) in told {
        table.add_row(row(scenario, strategy, result));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(if markdown { (1, 1) } else { (0, 3) });
        column.set_cell_alignment(if place == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    let mark = if markdown { "## " } else { "" };
    let heading = format!("{mark}{}: means over all rollouts, without simulation", scenario.name);
    let sentences = sentences(told);
    let wrapped = |sentence: &String| if markdown { format!("- {sentence}") } else { look.wrap(sentence) };
    let notes = sentences.iter().map(wrapped).collect::<Vec<_>>().join("\n");
    format!("{heading}\n\n{}\n\n{notes}\n", table.trim_fmt())
}

fn row(scenario: &Scenario, strategy: &Strategy, result: &Result<Exact, Inexact>) -> Vec<String> {
    let none = || "-".to_owned();
    let exact = result.as_ref().ok();
    let counts = exact.and_then(|exact| counts(scenario, strategy, exact));
    let of = |count: fn(&Counts) -> f64| counts.as_ref().map_or_else(none, |counts| number(count(counts)));
    let law = exact.and_then(|exact| exact.duration);
    let span = |seconds: Option<f64>| seconds.map_or_else(none, duration);
    vec![
        strategy.name.clone(),
        of(|counts| counts.incompatible.iter().sum()),
        of(|counts| counts.near_misses),
        of(|counts| counts.ahead),
        of(|counts| counts.behind),
        span(law.and_then(|law| law.mean_s)),
        span(law.map(|law| law.p50_s)),
        span(law.map(|law| law.p99_s)),
    ]
}

/// A mean, whose digits are all right: one decimal, three digits below 10.
fn number(x: f64) -> String {
    // Below, there is nothing but rounding.
    if x < 1e-6 {
        return "0".to_owned();
    }
    if x >= 10.0 { grouped(x, 1) } else { significant(x, 3) }
}

/// What the figures are, and what they are not.
fn sentences(told: &[Told<'_>]) -> Vec<String> {
    let mut sentences = Vec::new();
    let exact: Vec<(&Strategy, &Exact)> =
        told.iter().filter_map(|(strategy, result)| Some((*strategy, result.as_ref().ok()?))).collect();
    let Some((_, first)) = exact.first() else { return reasons(told) };
    let known = first.sources.iter().any(Option::is_some);
    if first.is_whole() {
        sentences.push("Exact: every attempt is known beforehand.".to_owned());
    } else {
        let why: Vec<String> = first.besides.iter().map(ToString::to_string).collect();
        let what = match known {
            true => "Exact for the first attempts that are known beforehand; the rest takes a run",
            false => "Attempts are not known beforehand and take a run",
        };
        sentences.push(format!("{what}: {}.", why.join("; ")));
    }
    let late =
        exact.iter().filter_map(|(strategy, exact)| Some((strategy, exact.duration?.beyond, exact.duration?.mean_s)));
    let late: Vec<String> = late
        .filter(|(.., mean)| mean.is_none())
        .map(|(strategy, beyond, _)| format!("{} {}", strategy.name, percent(beyond)))
        .collect();
    if !late.is_empty() {
        let late = late.join(", ");
        sentences
            .push(format!("Some rollouts outlast the window, and a run reports their durations cut short: {late}."));
    }
    sentences.extend(reasons(told));
    sentences
}

/// Why strategies have no figures.
fn reasons(told: &[Told<'_>]) -> Vec<String> {
    let reasons = told.iter().filter_map(|(strategy, result)| Some((strategy, result.as_ref().err()?)));
    reasons.map(|(strategy, reason)| format!("{}: no exact figures; {reason}.", strategy.name)).collect()
}

/// The figures of one scenario as JSON.
fn figures(scenario: &Scenario, told: &[Told<'_>]) -> Value {
    let strategies: Vec<Value> = told
        .iter()
        .map(|(strategy, result)| match result {
            Err(reason) => json!({ "name": strategy.name, "exact": false, "reasons": [reason.to_string()] }),
            Ok(exact) => {
                let cast = Cast::new(&scenario.service, strategy);
                let reasons: Vec<String> = exact.besides.iter().map(ToString::to_string).collect();
                let sources = scenario.service.sources.iter().zip(&exact.sources).map(|(source, means)| {
                    let of = |means: &exact::Means| means.counts(&scenario.service, strategy);
                    json!({ "name": source.name, "first_attempts": means.as_ref().map(of).map(|of| metrics(&of, &cast)) })
                });
                let first = counts(scenario, strategy, exact);
                json!({
                    "name": strategy.name,
                    "exact": exact.is_whole(),
                    "reasons": reasons,
                    "first_attempts": first.map(|counts| metrics(&counts, &cast)),
                    "sources": sources.collect::<Vec<_>>(),
                    "rollout_duration_s": exact.duration.map(law),
                })
            }
        })
        .collect();
    json!({ "name": scenario.name, "after_s": scenario.window.after.seconds(), "strategies": strategies })
}

/// Counts under the keys of the metrics.
fn metrics(counts: &Counts, cast: &Cast) -> Value {
    let mut metrics = Map::new();
    for (key, by_version) in
        [("handled", counts.handled), ("mismatched", counts.mismatched), ("incompatible", counts.incompatible)]
    {
        metrics.insert(key.to_owned(), by_version.iter().sum::<f64>().into());
        for (place, version) in cast.versions() {
            metrics.insert(format!("{key}.{version}"), by_version[place].into());
        }
    }
    for (key, count) in
        [("mismatched_ahead", counts.ahead), ("mismatched_behind", counts.behind), ("near_misses", counts.near_misses)]
    {
        metrics.insert(key.to_owned(), count.into());
    }
    Value::Object(metrics)
}

fn law(law: Duration) -> Value {
    json!({ "mean": law.mean_s, "p50": law.p50_s, "p99": law.p99_s, "beyond_window": law.beyond })
}
