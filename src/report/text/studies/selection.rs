//! A selection in words: what was chosen, why not the others, what is promised, and what it cost.

use super::sweep::{amount, estimate, value};
use crate::metrics::{Bound, Direction, Unit};
use crate::report::judge;
use crate::report::number::{brief_percent, grouped, listed, percent};
use crate::results::ScenarioResults;
use crate::results::selection::{Constraint, Decision, Margin, Selection, Standing};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// A selection with what is needed to tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The figures of the strategies that competed.
    pub results: &'a ScenarioResults,
    /// What was chosen.
    pub selection: &'a Selection,
    /// The seed of all chance.
    pub seed: u64,
    /// The names of the strategies that deploy nothing.
    pub aside: &'a [String],
}

/// The summary for a terminal: what was decided, of what, and why.
#[must_use]
pub fn text(report: &Report<'_>) -> String {
    let mut sentences = sentences(report).into_iter();
    let mut lines: Vec<String> = sentences.next().into_iter().collect();
    lines.extend([heading(report), setting(report), String::new(), table(report, NOTHING), String::new()]);
    lines.extend(sentences);
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// The summary for a document.
#[must_use]
pub fn markdown(report: &Report<'_>) -> String {
    let mut sentences = sentences(report).into_iter();
    let mut parts = vec![format!("## {}", heading(report))];
    parts.extend(sentences.next().map(|decision| format!("**{decision}**")));
    parts.extend([setting(report), table(report, ASCII_MARKDOWN)]);
    parts.extend(sentences);
    parts.join("\n\n") + "\n"
}

fn heading(report: &Report<'_>) -> String {
    let question = &report.selection.question;
    let most = if question.metric.direction() == Direction::Higher { "highest" } else { "lowest" };
    let bounds: Vec<String> = question.constraints.iter().map(wanted).collect();
    let within = match bounds.is_empty() {
        true => String::new(),
        false => format!(" of those with {}", listed(bounds.iter().map(String::as_str))),
    };
    format!("{}: the {most} {}{within}", report.results.name, question.metric.key())
}

fn setting(report: &Report<'_>) -> String {
    let question = &report.selection.question;
    format!(
        "{} more or less does not matter; {} strategies, up to {} runs each, seed {}",
        amount(&question.metric, question.indifference),
        report.results.strategies.len(),
        grouped(f64::from(question.most), 0),
        report.seed
    )
}

/// A constraint, as in `incompatible_share at most 0.10 % (± 0.02 %)`.
fn wanted(constraint: &Constraint) -> String {
    let side = if matches!(constraint.bound, Bound::AtMost(_)) { "at most" } else { "at least" };
    let value = |x| amount(&constraint.metric, x);
    format!("{} {side} {} (± {})", constraint.metric.key(), value(constraint.at()), value(constraint.tolerance))
}

fn table(report: &Report<'_>, style: TableStyle) -> String {
    let (results, selection) = (report.results, report.selection);
    let mut table = Table::new();
    table.load_style(style);
    let mut metrics = vec![&selection.question.metric];
    for constraint in &selection.question.constraints {
        if !metrics.contains(&&constraint.metric) {
            metrics.push(&constraint.metric);
        }
    }
    let head = ["strategy", "decided"].map(str::to_owned).into_iter();
    table.set_header(head.chain(metrics.iter().map(|metric| metric.key())).chain(["runs".to_owned()]));
    for place in order(selection) {
        let star = if selection.decision == Decision::Chosen(place) { " *" } else { "" };
        let mut row = vec![format!("{}{star}", judge::name(results, place)), decided(report, place)];
        row.extend(metrics.iter().map(|metric| estimate(metric, results.estimate(place, &metric.key()))));
        row.push(grouped(f64::from(selection.runs[place]), 0));
        table.add_row(row);
    }
    let padding = if style == NOTHING { (0, 3) } else { (1, 1) };
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(padding);
        column.set_cell_alignment(if place < 2 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.trim_fmt()
}

/// The chosen one first, then those that came closest; else as in the scenario.
fn order(selection: &Selection) -> Vec<usize> {
    let rank = |place: &usize| match selection.standings[*place] {
        _ if selection.decision == Decision::Undecided(*place) => 0,
        Standing::Chosen => 0,
        Standing::Identical => 1,
        Standing::Close | Standing::Open => 2,
        Standing::Worse(_) => 3,
        Standing::Breaks(_) => 4,
        Standing::Absent(_) | Standing::CutShort(_) => 5,
    };
    let mut order: Vec<usize> = (0..selection.standings.len()).collect();
    order.sort_by_key(rank);
    order
}

/// What was decided on one strategy.
fn decided(report: &Report<'_>, place: usize) -> String {
    let selection = report.selection;
    let amount = |x: f64| value(&selection.question.metric, x);
    let than = |other: usize| match selection.decision {
        Decision::Chosen(chosen) if chosen == other => String::new(),
        _ => format!(" than {}", judge::name(report.results, other)),
    };
    let between = |margin: Margin| {
        let side = |x: f64| format!("{} {}", amount(x.abs()), if x < 0.0 { "better" } else { "worse" });
        format!(": {} to {}{}", side(margin.low), side(margin.high), than(margin.than))
    };
    let margin = selection.margins[place];
    match &selection.standings[place] {
        Standing::Chosen => "chosen".to_owned(),
        Standing::Worse(other) => {
            format!("worse by at least {}{}", amount(margin.map_or(0.0, |margin| margin.low)), than(*other))
        }
        Standing::Close => format!("not told apart{}", margin.map_or_else(String::new, between)),
        Standing::Identical => "equal in every run".to_owned(),
        Standing::Breaks(constraint) => format!("breaks {}", selection.question.constraints[*constraint].metric.key()),
        Standing::Absent(key) => format!("not judged: {key} is absent in some run"),
        Standing::CutShort(key) => format!("not judged: {key} was cut short in some run"),
        Standing::Open if selection.decision == Decision::Undecided(place) => "leads, not decided".to_owned(),
        Standing::Open => format!("not decided{}", margin.map_or_else(String::new, between)),
    }
}

/// What the table says, what is promised, and what it cost.
fn sentences(report: &Report<'_>) -> Vec<String> {
    let mut sentences = vec![verdict(report)];
    sentences.extend(caveats(report));
    sentences.push(cost(report));
    sentences
}

/// The decision with its guarantee.
#[must_use]
pub fn verdict(report: &Report<'_>) -> String {
    let (results, selection) = (report.results, report.selection);
    let question = &selection.question;
    let confidence = brief_percent(1.0 - selection.risk);
    let bounds = match question.constraints.len() {
        0 => "",
        1 => "the bound",
        _ => "all bounds",
    };
    let near = match question.constraints.as_slice() {
        [] => String::new(),
        all => {
            let zones: Vec<String> = all.iter().map(zone).collect();
            format!(" Either answer is right for {}.", listed(zones.iter().map(String::as_str)))
        }
    };
    let judged = |standing: &Standing| !matches!(standing, Standing::Absent(_) | Standing::CutShort(_));
    let all_judged = selection.standings.iter().all(judged);
    let of = match (all_judged, bounds.is_empty()) {
        (true, true) => "of these strategies".to_owned(),
        (true, false) => format!("of those that keep {bounds}"),
        (false, true) => "of those that can be judged".to_owned(),
        (false, false) => format!("of those that can be judged and keep {bounds}"),
    };
    match selection.decision {
        Decision::Chosen(place) => {
            let name = judge::name(results, place);
            let keeps = if bounds.is_empty() { String::new() } else { format!("keeps {bounds} and ") };
            let of = if all_judged && !bounds.is_empty() { "of those that do" } else { &of };
            let away = amount(&question.metric, question.indifference);
            let like = |place: &usize| matches!(selection.standings[*place], Standing::Close | Standing::Identical);
            let alike: Vec<usize> = (0..selection.standings.len()).filter(like).collect();
            let alike = match alike.is_empty() {
                true => String::new(),
                false => {
                    let names = listed(alike.iter().map(|&place| judge::name(results, place)));
                    format!(" Not told from it: {names}.")
                }
            };
            format!(
                "Chosen: {name}. With at least {confidence} % probability it {keeps}is the best {of}, or at most {away} \
                 worse than the best{}.{near}{alike}",
                unless(selection, place)
            )
        }
        Decision::Nobody if bounds.is_empty() => "Nothing chosen: no strategy can be judged.".to_owned(),
        Decision::Nobody => {
            let who = if all_judged { "no strategy keeps" } else { "no strategy that can be judged keeps" };
            format!("Nothing chosen: {who} {bounds}, with at least {confidence} % probability.{near}")
        }
        Decision::Undecided(_) => {
            let open = (0..selection.standings.len()).filter(|&place| selection.standings[place] == Standing::Open);
            let names = listed(open.map(|place| judge::name(results, place)));
            let tolerance = if bounds.is_empty() { "" } else { " or tolerance" };
            format!(
                "NOT decided in {} runs: {names} may each still be the best {of}. Give more with --max-replications, or a \
                 larger --indifference{tolerance}.",
                grouped(f64::from(question.most), 0)
            )
        }
    }
}

/// The zone about a bound in which either answer is right.
fn zone(constraint: &Constraint) -> String {
    let value = |x| amount(&constraint.metric, x);
    let (at, tolerance) = (constraint.at(), constraint.tolerance);
    format!("{} from {} to {}", constraint.metric.key(), value((at - tolerance).max(0.0)), value(at + tolerance))
}

/// What the guarantee rests on, where that is more than usual.
fn caveats(report: &Report<'_>) -> Vec<String> {
    let (results, selection) = (report.results, report.selection);
    let mut caveats = Vec::new();
    let of_rollouts = selection.question.metric.kind.of_rollouts();
    let few = (0..selection.few.len()).filter(|&place| selection.few[place] && !of_rollouts);
    let few = listed(few.map(|place| judge::name(results, place)));
    if !few.is_empty() {
        caveats.push(format!(
            "Few or no events were seen under {few}: they are bounded as if requests failed independently."
        ));
    }
    if !report.aside.is_empty() {
        let names = listed(report.aside.iter().map(String::as_str));
        caveats.push(format!("Left out: {names}, which deploys nothing."));
    }
    caveats
}

/// What would make a choice wrong and cannot be excluded: rollouts that go wrong as a whole, of which none did.
fn unless(selection: &Selection, place: usize) -> String {
    let Some((turns_at, unseen)) = selection.unguarded() else { return String::new() };
    format!(
        ", unless {} or more of its rollouts go wrong as a whole: {} without one leave up to {}",
        percent(turns_at),
        grouped(f64::from(selection.runs[place]), 0),
        percent(unseen)
    )
}

fn cost(report: &Report<'_>) -> String {
    let cost = report.selection.cost;
    let runs = |runs: u64| grouped(runs as f64, 0);
    let two_stage =
        cost.two_stage.map_or_else(String::new, |two| format!("; in two stages (Clark and Yang), {}", runs(two)));
    let equal = match cost.equal == cost.spent {
        true => ", as many for each strategy".to_owned(),
        false => format!("; with as many for each strategy, up to {}", runs(cost.equal)),
    };
    format!("Cost: {} runs{equal}{two_stage}.", runs(cost.spent))
}

/// An amount as it is written in this unit, for messages.
#[must_use]
pub const fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "0.1%",
        Unit::Milliseconds => "2ms",
        Unit::Seconds => "5s",
        Unit::Dollars => "0.50 usd",
        Unit::Number => "10",
    }
}

#[cfg(test)]
pub(in crate::report) mod tests;
