//! The summary of a scenario for a terminal or a page: the verdict, what was simulated, a table, and what weighs most of the
//! rest.

use super::look::{Look, Notes};
use super::losses::{around, causes, worth};
use super::{notes, verdict};
use crate::report::judge::{self, Harm, deploys, mean, old_name};
use crate::report::number::{brief_percent, count, duration, many, percent, significant};
use crate::results::{Estimate, Method, ScenarioResults, Standing};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// Notes take no more than this many lines where the summary is to be brief.
const BRIEF: usize = 8;

/// The summary in plain text; `charts` is where to look next.
#[must_use]
pub fn text(results: &ScenarioResults, seed: u64, confidence: f64, charts: Option<&str>, look: &Look) -> String {
    let wrapped = |text: &str| look.wrap(text);
    let mut lines = vec![look.strong(&wrapped(&headline(results)))];
    lines.extend([wrapped(&title(results)), wrapped(&simulated(results, seed, confidence)), String::new()]);
    lines.push(table(results, NOTHING));
    lines.extend(zeros(results).map(|zeros| wrapped(&zeros)));
    lines.push(String::new());
    let (shown, left) = chosen(notes::notes(results, confidence), look);
    lines.extend(shown.iter().map(|note| wrapped(note)));
    lines.extend((left > 0).then(|| format!("({}: --notes all)", more(left))));
    lines.extend(charts.map(|path| format!("Next: {path}")));
    let mut text = lines.join("\n").trim_end().to_owned();
    text.push('\n');
    look.spelt(&text)
}

/// The summary in Markdown, in the same order.
#[must_use]
pub fn markdown(results: &ScenarioResults, seed: u64, confidence: f64, charts: Option<&str>, look: &Look) -> String {
    let mut parts = vec![format!("## {}", name_and_title(results)), format!("**{}**", verdict_told(results))];
    parts.extend([simulated(results, seed, confidence), table(results, ASCII_MARKDOWN)]);
    parts.extend(zeros(results));
    let (shown, left) = chosen(notes::notes(results, confidence), look);
    // A line that begins with a star would become a list.
    parts.extend(shown.iter().map(|note| note.replace('*', "\\*")));
    parts.extend((left > 0).then(|| format!("({}: `--notes all`)", more(left))));
    parts.extend(charts.map(|path| format!("Next: [{path}]({path})")));
    parts.join("\n\n") + "\n"
}

/// As many notes as may be shown, the weightiest, and how many are left out.
fn chosen(mut notes: Vec<String>, look: &Look) -> (Vec<String>, u32) {
    if look.notes == Notes::All {
        return (notes, 0);
    }
    let mut lines = 0;
    let fits = |note: &&String| {
        lines += look.wrap(note).lines().count();
        lines <= BRIEF
    };
    let shown = notes.iter().take_while(fits).count().max(1).min(notes.len());
    let left = notes.split_off(shown);
    (notes, left.len() as u32)
}

/// `3 more notes`.
fn more(left: u32) -> String {
    many(left, "more note")
}

/// The scenario, its objectives and the verdict.
fn headline(results: &ScenarioResults) -> String {
    format!("{}: {}", results.name, verdict_told(results))
}

fn verdict_told(results: &ScenarioResults) -> String {
    let gates = verdict::gates(results).map_or(String::new(), |gates| gates + ". ");
    format!("{gates}{}", verdict::sentence(results)).replace(char::is_control, " ")
}

/// The name and the title, in one line.
fn name_and_title(results: &ScenarioResults) -> String {
    format!("{}: {}", results.name, results.title).replace(char::is_control, " ")
}

fn title(results: &ScenarioResults) -> String {
    results.title.replace(char::is_control, " ")
}

/// What the zeros of the table are worth, if any is not exact.
pub(in crate::report) fn zeros(results: &ScenarioResults) -> Option<String> {
    let keys = columns(results).into_iter().filter_map(|column| column.counts);
    let zeros = keys.flat_map(|key| judge::order(results).iter().map(move |&place| results.estimate(place, key)));
    let worth = zeros.filter(|estimate| estimate.mean == Some(0.0)).find_map(|estimate| worth(results, estimate))?;
    Some(format!("0: seen in {worth} may have some."))
}

/// What was simulated, how often, and how sure the intervals are.
pub(in crate::report) fn simulated(results: &ScenarioResults, seed: u64, confidence: f64) -> String {
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
    format!("{}; {runs}, seed {seed}{intervals}.", about.join(", "))
}

/// A column: its heading, a cell for every row, the metric that it shows, empty for none, and the one whose events it counts, if
/// it does.
pub(in crate::report) struct Column {
    pub(in crate::report) heading: String,
    pub(in crate::report) cells: Vec<String>,
    pub(in crate::report) key: &'static str,
    counts: Option<&'static str>,
}

impl Column {
    fn of(heading: &str, cells: impl Iterator<Item = String>) -> Self {
        Self { heading: heading.to_owned(), cells: cells.collect(), key: "", counts: None }
    }

    /// Whether it holds words, which read from the left.
    pub(in crate::report) fn is_words(&self) -> bool {
        matches!(self.heading.as_str(), "strategy" | "on" | "lost to")
    }
}

fn table(results: &ScenarioResults, style: TableStyle) -> String {
    let columns = columns(results);
    let mut table = Table::new();
    // Two blanks between columns; a frame, where there is one, brings its own.
    let padding = if style == NOTHING { (0, 2) } else { (1, 1) };
    table.load_style(style);
    let cell = |text: &String| if style == NOTHING { text.clone() } else { text.replace('\n', " ") };
    table.set_header(columns.iter().map(|column| cell(&column.heading)));
    let rows = columns.first().map_or(0, |column| column.cells.len());
    for row in 0..rows {
        table.add_row(columns.iter().filter_map(|column| column.cells.get(row)).map(cell));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(padding);
        column.set_cell_alignment(if columns[place].is_words() { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.trim_fmt()
}

/// What users lose first, by which cause, how that compares; then what matters besides, while a version replaces another
/// or while nothing is deployed.
pub(in crate::report) fn columns(results: &ScenarioResults) -> Vec<Column> {
    let harm = Harm::of(results);
    let order = judge::order(results);
    let any = |key| order.iter().any(|&place| mean(results, place, key) > Some(0.0));
    let star = |&place: &usize| {
        let star = if judge::standing(results, place) == Standing::Recommended { " *" } else { "" };
        format!("{}{star}", judge::name(results, place))
    };
    let mut columns = vec![Column::of("strategy", order.iter().map(star))];
    let on_hosts = |place: usize| results.strategies[place].on_hosts;
    if order.iter().any(|&place| on_hosts(place) != on_hosts(order[0])) {
        let on = |&place: &usize| if on_hosts(place) { "hosts" } else { "function" }.to_owned();
        columns.push(Column::of("on", order.iter().map(on)));
    }
    columns.push(counting(results, Harm::Lost));
    if any("lost") {
        columns.push(column(results, "share", "lost_share", |share, _| {
            if share == 0.0 { "0 %".to_owned() } else { percent(share) }
        }));
        columns.push(Column::of("lost to", order.iter().map(|&place| lost_to(results, place))));
    }
    let unfinished = |place: &usize| judge::unfinished(results, *place).unwrap_or(0.0);
    if order.iter().any(|place| unfinished(place) > judge::MUCH_UNFINISHED) {
        let told = |share: f64| if share == 0.0 { "0 %".to_owned() } else { percent(share) };
        columns.push(Column::of("not over\nat the end", order.iter().map(|place| told(unfinished(place)))));
    }
    if harm == Harm::NearMisses {
        columns.push(counting(results, Harm::NearMisses));
    }
    if order.len() > 1 && any(harm.key()) {
        columns.push(Column::of("times\nthe best", order.iter().map(|&place| times_the_best(results, harm, place))));
    }
    if order.iter().any(|&place| mean(results, place, "cold_starts").is_some()) {
        columns.push(column(results, "cold\nstarts", "cold_starts", brief));
    }
    if !deploys(results) {
        columns.push(column(results, "instances", "instances_mean", brief));
    }
    // Where nobody waits for an answer there is no latency.
    let is_aged = any("message_age_p99_s");
    if !is_aged || order.iter().any(|&place| mean(results, place, "latency_p99_ms").is_some()) {
        columns.push(column(results, "p99 ms", "latency_p99_ms", |p99, _| significant(p99, 3)));
    }
    if is_aged {
        columns.push(column(results, "p99 age of\nmessages", "message_age_p99_s", |age, _| duration(age)));
    }
    if deploys(results) {
        let heading = format!("{} gone\nafter", old_name(results));
        columns.push(column(results, &heading, "old_drained_s", |mean, _| duration(mean)));
    }
    if order.iter().any(|&place| mean(results, place, "cost_usd").is_some()) {
        columns.push(column(results, "usd", "cost_usd", |usd, _| significant(usd, 3)));
    }
    columns
}

/// A column of one metric: a dash where it is absent, `≥` where the window cut it short.
fn column(
    results: &ScenarioResults,
    heading: &str,
    key: &'static str,
    text: impl Fn(f64, Estimate) -> String,
) -> Column {
    let cell = |&place: &usize| {
        let estimate = results.estimate(place, key);
        match mean(results, place, key) {
            None => "-".to_owned(),
            Some(mean) if estimate.censored > 0 => format!("≥ {}", text(mean, estimate)),
            Some(mean) => text(mean, estimate),
        }
    };
    Column { key, ..Column::of(heading, judge::order(results).iter().map(cell)) }
}

/// A column of counted harm, each with its interval.
fn counting(results: &ScenarioResults, harm: Harm) -> Column {
    // An interval that is not even is long: it has a line of its own.
    let told =
        |mean, estimate| if mean == 0.0 { "0".to_owned() } else { around(mean, estimate).replacen(" (", "\n(", 1) };
    Column { counts: Some(harm.key()), ..column(results, harm.noun(), harm.key(), told) }
}

/// A mean with the digits that its interval allows.
fn brief(mean: f64, estimate: Estimate) -> String {
    match (estimate.method, judge::half_width(estimate)) {
        (Method::None | Method::NoneSeen | Method::Constant | Method::Exact, _) | (_, None) => count(mean),
        (_, Some(half)) => crate::report::number::measured(mean, half).0,
    }
}

/// Below this part of a strategy's losses, a cause is not shown in the table.
const HARDLY: f64 = 0.005;

/// The causes of a strategy's losses, each with its number where there are several.
fn lost_to(results: &ScenarioResults, place: usize) -> String {
    let mut causes = causes(results, place);
    let all: f64 = causes.iter().map(|(_, mean)| mean).sum();
    // What is hardly anything stands in the notes.
    causes.retain(|(_, mean)| *mean >= all * HARDLY);
    match causes.as_slice() {
        [] => "-".to_owned(),
        [(cause, _)] => cause.word.to_owned(),
        several => {
            let line = |(cause, mean): &(&super::losses::Cause, f64)| format!("{} {}", about(*mean), cause.word);
            several.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// How a strategy's harm compares with the least of all: as a ratio, unless the least is none.
fn times_the_best(results: &ScenarioResults, harm: Harm, place: usize) -> String {
    let favoured = results.decision.favoured();
    match judge::standing(results, place) {
        Standing::Recommended => return "best".to_owned(),
        Standing::Alike => return "alike".to_owned(),
        Standing::Baseline => return "-".to_owned(),
        Standing::Open => return "open".to_owned(),
        Standing::Stopped => return "stopped".to_owned(),
        Standing::Behind | Standing::Refused => {}
    }
    let key = if judge::standing(results, place) == Standing::Behind { Harm::NearMisses.key() } else { harm.key() };
    let best = favoured.iter().copied().min_by(|&a, &b| {
        let value = |place| mean(results, place, key).unwrap_or(f64::INFINITY);
        value(a).total_cmp(&value(b))
    });
    let known = best.map(|best| results.estimate(best, key)).filter(is_well_known);
    match (known.and_then(|best| best.mean), mean(results, place, key)) {
        (Some(least), Some(mine)) => format!("{} x", significant(mine / least, 2)),
        _ => "more".to_owned(),
    }
}

/// Whether a mean is known well enough to be divided by: no end of its interval is twice as far as the other.
fn is_well_known(estimate: &Estimate) -> bool {
    estimate.interval.is_some_and(|(low, high)| low > 0.0 && high <= 2.0 * low)
}

/// A mean count that is not zero, and never looks like zero.
fn about(mean: f64) -> String {
    if mean < 10.0 { significant(mean, 2) } else { count(mean.round()) }
}

#[cfg(test)]
mod tests;
