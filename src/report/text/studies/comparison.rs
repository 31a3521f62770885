//! Two runs beside each other, in words: the answer in a sentence, what moved, what changed in the scenarios, notes.

mod changes;
mod notes;

pub use changes::diff;

use super::sweep::{estimate, value};
use crate::metrics::{Direction, Kind, Metric, Unit};
use crate::report::number::{listed, many, measured, percent};
use crate::report::text::look::{Look, Notes};
use crate::results::comparison::{Comparison, Moved, ScenarioComparison, Told};
use crate::results::{Estimate, Verdict};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// How many figures stand in the table, and how many lines of what changed in a scenario.
const BRIEF: usize = 12;
const LINES: usize = 40;

/// A figure with its scenario and strategy.
struct Line<'a> {
    scenario: &'a str,
    strategy: &'a str,
    figure: &'a Moved,
}

/// The comparison for a terminal.
#[must_use]
pub fn text(comparison: &Comparison, look: &Look) -> String {
    let most = if look.notes == Notes::All { usize::MAX } else { BRIEF };
    let mut parts = vec![look.strong(&look.wrap(&sentence(comparison)))];
    parts.extend(table(comparison, NOTHING, most));
    for scenario in &comparison.scenarios {
        parts.extend(changes::of(scenario, if look.notes == Notes::All { usize::MAX } else { LINES }));
    }
    let notes: Vec<_> = notes::notes(comparison).iter().map(|note| look.wrap(note)).collect();
    parts.push(notes.join("\n"));
    look.spelt(&(parts.join("\n\n").trim_end().to_owned() + "\n"))
}

/// The same for a document, such as a comment on a pull request.
#[must_use]
pub fn markdown(comparison: &Comparison, look: &Look) -> String {
    let most = if look.notes == Notes::All { usize::MAX } else { BRIEF };
    let mut parts = vec![format!("**{}**", escaped(&sentence(comparison)))];
    parts.extend(table(comparison, ASCII_MARKDOWN, most));
    for scenario in &comparison.scenarios {
        let changed = changes::of(scenario, if look.notes == Notes::All { usize::MAX } else { LINES });
        // A fence that nothing in it can end.
        let fence = |text: &str| "`".repeat(text.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1);
        parts.extend(changed.map(|text| format!("{0}diff\n{text}\n{0}", fence(&text))));
    }
    parts.push(
        notes::notes(comparison).iter().map(|note| format!("- {}", escaped(note))).collect::<Vec<_>>().join("\n"),
    );
    parts.join("\n\n").trim_end().to_owned() + "\n"
}

/// Words in which Markdown would see something.
fn escaped(text: &str) -> String {
    text.replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}

/// The answer.
#[must_use]
pub fn sentence(comparison: &Comparison) -> String {
    let scenarios = &comparison.scenarios;
    let all = many(scenarios.len() as u32, "scenario");
    let count = |holds: fn(&ScenarioComparison) -> bool| scenarios.iter().filter(|scenario| holds(scenario)).count();
    let (worse, flipped) = (count(ScenarioComparison::worse), count(ScenarioComparison::flipped));
    let better = count(|scenario| scenario.better() && !scenario.worse());
    let counted = [(worse, "worse"), (better, "better"), (flipped, "flipped")];
    let counted: Vec<_> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let counted = counted.join(", ");
    let moved = moved(comparison);
    let broken: Vec<_> = broken(comparison).collect();
    let first = |holds: fn(&Moved) -> bool| moved.iter().find(|line| line.figure.relevant && holds(line.figure));
    let mut told: Vec<String> = Vec::new();
    told.extend(first(Moved::worse).map(phrase));
    told.extend(
        (!broken.is_empty()).then(|| format!("{}, met before, missed now", listed(broken.iter().map(String::as_str)))),
    );
    if told.is_empty() && flipped > 0 {
        told.extend(scenarios.iter().find(|scenario| scenario.flipped()).map(notes::flip));
    }
    if told.is_empty() {
        told.extend(first(Moved::better).map(phrase));
    }
    if !told.is_empty() {
        return format!("{all}, {counted}: {}", told.join("; "));
    }
    if moved.is_empty() {
        let figures = scenarios.iter().flat_map(ScenarioComparison::figures).map(|(_, figure)| figure);
        let known: Vec<_> = figures.filter(|figure| figure.judged && figure.difference.is_some()).collect();
        let same =
            |figure: &&Moved| figure.verdict == Verdict::Identical || figure.difference == Some(0.0) && figure.paired;
        if !known.is_empty() && known.iter().all(same) {
            return format!("{all}: nothing moved; all figures are the same, run by run");
        }
        return format!("{all}: nothing moved beyond chance");
    }
    if let Some(line) = first(|figure| figure.metric.direction() == Direction::Neither) {
        return format!("{all}, none better or worse: {}", phrase(line));
    }
    let count = many(moved.len() as u32, "figure");
    format!("{all}: nothing moved by enough to count; {count} by less than {}", percent(comparison.relevant))
}

/// What moved beyond chance: what users lose before everything else, then the worst first.
fn moved(comparison: &Comparison) -> Vec<Line<'_>> {
    let lines = comparison.scenarios.iter().flat_map(|scenario| {
        let name = scenario.name.as_str();
        scenario.figures().map(move |(strategy, figure)| Line { scenario: name, strategy, figure })
    });
    let mut lines: Vec<_> = lines.filter(|line| line.figure.moved()).collect();
    let rank = |line: &Line<'_>| {
        let figure = line.figure;
        let lost = figure.metric == Metric { kind: Kind::Lost, version: None };
        (!lost, !figure.relevant, !figure.worse(), !figure.better())
    };
    let part = |line: &Line<'_>| {
        let size = |told: Told| told.mean.unwrap_or(0.0).abs();
        line.figure.difference.unwrap_or(0.0).abs() / size(line.figure.before).min(size(line.figure.after))
    };
    lines.sort_by(|a, b| rank(a).cmp(&rank(b)).then(part(b).total_cmp(&part(a))));
    lines
}

/// The objectives that were met and are missed, as `no-breakage of lesson under alias`.
fn broken(comparison: &Comparison) -> impl Iterator<Item = String> {
    comparison.scenarios.iter().flat_map(|scenario| {
        let broke = scenario.objectives.iter().filter(|objective| objective.broke());
        broke.map(|one| format!("{} of {} under {}", one.objective, scenario.name, one.strategy))
    })
}

/// `lesson under alias loses 1,900 instead of 950 (+940 to +960)`.
fn phrase(line: &Line<'_>) -> String {
    let Line { scenario, strategy, figure } = line;
    let (before, after) = (mean(&figure.metric, figure.before), mean(&figure.metric, figure.after));
    let interval = interval(figure).map_or_else(String::new, |interval| format!(" ({interval})"));
    match figure.metric.kind {
        Kind::Lost if figure.metric.version.is_none() => {
            format!("{scenario} under {strategy} loses {after} instead of {before}{interval}")
        }
        _ => format!("{scenario} under {strategy}: {} {after} instead of {before}{interval}", figure.metric.key()),
    }
}

/// A mean by itself; of a zero, what it is worth.
fn mean(metric: &Metric, told: Told) -> String {
    let at_least = if told.censored > 0 { "at least " } else { "" };
    let mean = told.mean.map_or_else(
        || "unknown".to_owned(),
        |mean| {
            let half = told.interval.map_or(0.0, |(low, high)| (high - mean).max(mean - low));
            match metric.unit() {
                Unit::Number if mean >= 100.0 => value(metric, mean.round()),
                Unit::Number if half > 0.0 && half.is_finite() && mean > 0.0 => measured(mean, half).0,
                _ => value(metric, mean),
            }
        },
    );
    format!("{at_least}{mean}{}", worth(told))
}

/// What a zero is worth: ` (0 of 40 rollouts; up to 7.2 % of them)`.
fn worth(told: Told) -> String {
    match told.unseen.filter(|_| told.mean == Some(0.0) && !told.exact) {
        Some(most) => format!(" (0 of {}; up to {} of them)", many(told.replications, "rollout"), percent(most)),
        None => String::new(),
    }
}

/// A mean with its interval.
fn cell(metric: &Metric, told: Told) -> String {
    let known = Estimate {
        mean: told.mean,
        interval: told.interval,
        replications: told.replications,
        censored: told.censored,
        ..Estimate::default()
    };
    estimate(metric, known) + &worth(told)
}

/// `+940 to +960`; `exactly +950`.
fn interval(figure: &Moved) -> Option<String> {
    let ((low, high), metric) = (figure.interval?, &figure.metric);
    let half = (high - low) / 2.0;
    let end = |x: f64| signed(metric, x, half);
    Some(match (low.is_finite(), high.is_finite()) {
        (true, false) => format!("at least {}", end(low)),
        (false, true) => format!("at most {}", end(high)),
        _ if low == high && figure.before.exact && figure.after.exact => format!("exactly {}", end(low)),
        _ if low == high => format!("{} in every run", end(low)),
        _ => format!("{} to {}", end(low), end(high)),
    })
}

/// An amount with its sign, and no more digits than a half-width allows.
pub(in crate::report) fn signed(metric: &Metric, x: f64, half: f64) -> String {
    let size = match metric.unit() {
        Unit::Number if half > 0.0 && half.is_finite() => measured(x.abs(), half).0,
        _ => value(metric, x.abs()),
    };
    let sign = match x {
        x if x > 0.0 => "+",
        x if x < 0.0 => "−",
        _ => "",
    };
    format!("{sign}{size}")
}

/// `+950 (+940 to +960)`.
fn difference(figure: &Moved) -> String {
    let half = figure.interval.map_or(0.0, |(low, high)| (high - low) / 2.0);
    let apart = figure.difference.map(|apart| signed(&figure.metric, apart, half));
    match (apart, interval(figure)) {
        (Some(apart), Some(interval)) if low_is_high(figure) && interval.contains(&apart) => interval,
        (Some(_), Some(interval)) if !half.is_finite() => interval,
        (Some(apart), Some(interval)) => format!("{apart} ({interval})"),
        _ => "-".to_owned(),
    }
}

fn low_is_high(figure: &Moved) -> bool {
    figure.interval.is_some_and(|(low, high)| low == high)
}

/// Which way it went, in a word.
fn word(figure: &Moved) -> &'static str {
    match () {
        () if !figure.relevant => "hardly",
        () if figure.worse() => "worse",
        () if figure.better() => "better",
        () => "other",
    }
}

/// A line a figure that moved; `None` where none did.
fn table(comparison: &Comparison, style: TableStyle, most: usize) -> Option<String> {
    let lines = moved(comparison);
    if lines.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table.load_style(style);
    // One scenario stands in the first line.
    let from = usize::from(comparison.scenarios.len() == 1);
    table.set_header(["scenario", "strategy", "figure", "before", "now", "difference", ""].into_iter().skip(from));
    for Line { scenario, strategy, figure } in lines.iter().take(most) {
        let metric = &figure.metric;
        let cells = [
            (*scenario).to_owned(),
            (*strategy).to_owned(),
            metric.key(),
            cell(metric, figure.before),
            cell(metric, figure.after),
            difference(figure),
            word(figure).to_owned(),
        ];
        table.add_row(cells.into_iter().skip(from));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(if style == NOTHING { (0, 2) } else { (1, 1) });
        let right = (3..6).contains(&(place + from));
        column.set_cell_alignment(if right { CellAlignment::Right } else { CellAlignment::Left });
    }
    let left = lines.len().saturating_sub(most);
    let more = if left > 0 { format!("\n\n({left} more moved: --notes all)") } else { String::new() };
    Some(table.trim_fmt() + &more)
}

#[cfg(test)]
mod tests;
