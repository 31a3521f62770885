//! The summary of a scenario for a terminal or a page: what it was about, a table, and what the figures say.

use crate::experiment::results::{Estimate, Method, ScenarioResults};
use crate::math::log10;
use crate::report::judge::{self, Harm, deploys, half_width, mean, old_name};
use crate::report::number::{brief_percent, count, duration, many, measured, percent, range, significant};
use crate::report::{advice, verdict};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// The summary in plain text; `charts` is where to look next.
#[must_use]
pub fn text(results: &ScenarioResults, seed: u64, confidence: f64, charts: Option<&str>) -> String {
    let mut lines = vec![heading(results), setting(results, seed, confidence)];
    lines.extend([String::new(), table(results, NOTHING), String::new()]);
    lines.extend(advice::sentence(results));
    lines.extend(verdict::notes(results, confidence));
    lines.extend(charts.map(|path| format!("Next: {path}")));
    let mut text = lines.join("\n").trim_end().to_owned();
    text.push('\n');
    text
}

/// The summary in Markdown.
#[must_use]
pub fn markdown(results: &ScenarioResults, seed: u64, confidence: f64, charts: Option<&str>) -> String {
    let mut parts = vec![format!("## {}", heading(results)), setting(results, seed, confidence)];
    parts.push(table(results, ASCII_MARKDOWN));
    parts.extend(advice::sentence(results));
    // A line that begins with a star would become a list.
    parts.extend(verdict::notes(results, confidence).iter().map(|note| note.replace('*', "\\*")));
    parts.extend(charts.map(|path| format!("Next: [{path}]({path})")));
    parts.join("\n\n") + "\n"
}

/// The name and the title, in one line.
fn heading(results: &ScenarioResults) -> String {
    format!("{}: {}", results.name, results.title).replace(char::is_control, " ")
}

/// What was simulated, how often, and how sure the intervals are.
fn setting(results: &ScenarioResults, seed: u64, confidence: f64) -> String {
    let counted = if deploys(results) { "after the start" } else { "counted" };
    let window = format!("{} {counted}", results.window.after);
    let about: Vec<&str> = [results.traffic.as_str(), &window, &results.compatibility]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let runs = many(results.replications, "run");
    let intervals = match results.replications {
        1 => String::new(),
        _ => format!(", {} % intervals", brief_percent(confidence)),
    };
    format!("{}; {runs}, seed {seed}{intervals}", about.join(", "))
}

/// A column: its heading, and a cell for every row.
type Column = (String, Vec<String>);

fn table(results: &ScenarioResults, style: TableStyle) -> String {
    let columns = if deploys(results) { deployment(results) } else { steady(results) };
    let mut table = Table::new();
    // Three blanks between columns; a frame, where there is one, brings its own.
    let padding = if style == NOTHING { (0, 3) } else { (1, 1) };
    table.load_style(style);
    table.set_header(columns.iter().map(|(heading, _)| heading));
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    for row in 0..rows {
        table.add_row(columns.iter().filter_map(|(_, cells)| cells.get(row)));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(padding);
        // The strategy, and the figure with its bar, read from the left.
        let left = place == 0 || (place == 1 && deploys(results));
        column.set_cell_alignment(if left { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.trim_fmt()
}

/// What matters while a version replaces another, the least harmful strategy first.
fn deployment(results: &ScenarioResults) -> Vec<Column> {
    let harm = Harm::of(results);
    let order = judge::order(results, harm.key());
    let best = judge::best(results, harm.key());
    let strategy = |place: &usize| {
        let star = if best.contains(place) { " *" } else { "" };
        format!("{}{star}", judge::name(results, *place))
    };
    let old = old_name(results);
    vec![
        ("strategy".to_owned(), order.iter().map(strategy).collect()),
        (harm.noun().to_owned(), harms(results, harm, &order)),
        column(results, &order, "share", harm.share_key(), |mean, _| percent(mean)),
        column(results, &order, "cold starts", "cold_starts", plus_minus),
        column(results, &order, "p99 ms", "latency_p99_ms", |mean, _| significant(mean, 3)),
        column(results, &order, &format!("{old} gone after"), "old_drained_s", |mean, _| duration(mean)),
    ]
}

/// What matters while nothing is deployed.
fn steady(results: &ScenarioResults) -> Vec<Column> {
    let order: Vec<usize> = (0..results.strategies.len()).collect();
    let names = order.iter().map(|&place| judge::name(results, place).to_owned());
    vec![
        ("strategy".to_owned(), names.collect()),
        column(results, &order, "cold starts", "cold_starts", plus_minus),
        column(results, &order, "cold start share", "cold_start_share", |mean, _| percent(mean)),
        column(results, &order, "instances", "instances_mean", plus_minus),
        column(results, &order, "reclaimed", "reclaimed", plus_minus),
        column(results, &order, "p99 ms", "latency_p99_ms", |mean, _| significant(mean, 3)),
    ]
}

/// A column of one metric: a dash where it is absent, "at least" where the window cut it short.
fn column(
    results: &ScenarioResults,
    order: &[usize],
    heading: &str,
    key: &str,
    text: impl Fn(f64, Estimate) -> String,
) -> Column {
    let cell = |&place: &usize| {
        let estimate = results.estimate(place, key);
        match mean(results, place, key) {
            None => "-".to_owned(),
            Some(mean) if estimate.censored > 0 => format!("at least {}", text(mean, estimate)),
            Some(mean) => text(mean, estimate),
        }
    };
    (heading.to_owned(), order.iter().map(cell).collect())
}

/// A mean with its interval, if there is one.
fn plus_minus(mean: f64, estimate: Estimate) -> String {
    match around(mean, estimate) {
        (mean, Some(interval)) => format!("{mean} {interval}"),
        (mean, None) => mean,
    }
}

/// A mean, and its interval in words that follow it.
fn around(mean: f64, estimate: Estimate) -> (String, Option<String>) {
    match (estimate.method, half_width(estimate), estimate.interval) {
        (Method::None | Method::NoneSeen, ..) => (count(mean), None),
        (Method::Constant, ..) => (count(mean), Some("constant".to_owned())),
        (_, Some(half), _) => {
            let (mean, half) = measured(mean, half);
            (mean, Some(format!("± {half}")))
        }
        (_, None, interval) => (count(mean), interval.map(|(low, high)| range(low, high))),
    }
}

/// The cells of the figure that strategies are judged by: mean, half-width and bar, each aligned by itself.
fn harms(results: &ScenarioResults, harm: Harm, order: &[usize]) -> Vec<String> {
    let parts: Vec<(String, String, String)> = order.iter().map(|&place| harm_parts(results, harm, place)).collect();
    let widest = |part: fn(&(String, String, String)) -> &String| {
        parts.iter().map(|parts| part(parts).chars().count()).max().unwrap_or(0)
    };
    let (means, halves) = (widest(|parts| &parts.0), widest(|parts| &parts.1));
    let cell = |(mean, half, rest): &(String, String, String)| match half.is_empty() {
        true => format!("{mean:>means$}  {rest}"),
        false => format!("{mean:>means$} {half:<halves$}   {rest}"),
    };
    parts.iter().map(cell).collect()
}

/// The mean, its interval, and what follows: a bar, or for a zero in how many runs it was one.
fn harm_parts(results: &ScenarioResults, harm: Harm, place: usize) -> (String, String, String) {
    let Some(mean) = mean(results, place, harm.key()) else { return ("-".to_owned(), String::new(), String::new()) };
    if mean == 0.0 {
        let runs = results.replications;
        let rest = if runs > 1 { format!("in {runs} of {runs} runs") } else { String::new() };
        return ("0".to_owned(), String::new(), rest);
    }
    let (mean_text, interval) = around(mean, results.estimate(place, harm.key()));
    (mean_text, interval.unwrap_or_default(), bar(mean))
}

/// A logarithmic bar: two signs for every power of ten.
fn bar(mean: f64) -> String {
    "#".repeat((log10(mean) * 2.0).round().clamp(1.0, 40.0) as usize)
}

#[cfg(test)]
mod tests;
