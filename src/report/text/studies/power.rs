//! What a guard can see, in words: from which size of a regression on it stops a rollout, how soon, and what is lost until then;
//! and which setting of it does what is asked.

use crate::report::judge;
use crate::report::number::{count, duration, listed, many, percent};
use crate::results::ScenarioResults;
use crate::results::power::{Candidate, Solve, Verdict};
use crate::results::sweep::{PointResults, Sweep};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// A guard that stops so many of the rollouts is said to catch a regression.
const CATCHES: f64 = 0.95;

/// What guards see of a regression, for a terminal: a sentence a strategy, then the figures.
#[must_use]
pub fn text(sweep: &Sweep, solve: Option<&Solve>) -> String {
    let sentences = sentences(sweep, solve).join("\n");
    format!("{sentences}\n{}\n\n{}\n", heading(sweep), table(sweep, solve, NOTHING))
}

/// The same for a document.
#[must_use]
pub fn markdown(sweep: &Sweep, solve: Option<&Solve>) -> String {
    let sentences: Vec<String> = sentences(sweep, solve).iter().map(|sentence| format!("**{sentence}**")).collect();
    [format!("## {}", heading(sweep)), sentences.join("\n\n"), table(sweep, solve, ASCII_MARKDOWN)].join("\n\n") + "\n"
}

fn heading(sweep: &Sweep) -> String {
    let Some(first) = sweep.points.first() else { return String::new() };
    let name = &first.results.name;
    format!(
        "{name}: {}; {} each, seed {}",
        sweep.keys.join(" and "),
        many(first.results.replications, "run"),
        sweep.seed
    )
}

/// What is found, a sentence a strategy.
#[must_use]
pub fn sentences(sweep: &Sweep, solve: Option<&Solve>) -> Vec<String> {
    let Some(first) = sweep.points.first() else { return Vec::new() };
    let places = 0..first.results.strategies.len();
    match solve {
        None => places.map(|place| sees(sweep, &first.results, place)).collect(),
        Some(solve) => places.map(|place| solved(solve, &first.results, place)).collect(),
    }
}

/// In which share of the rollouts a strategy was stopped.
fn caught(point: &PointResults, place: usize) -> (f64, f64) {
    point.results.estimate(place, "rolled_back").interval.unwrap_or((0.0, 1.0))
}

fn between((low, high): (f64, f64)) -> String {
    format!("{} to {}", part(low), part(high))
}

/// A share whose ends are written whole.
fn part(share: f64) -> String {
    match share {
        0.0 => "0 %".to_owned(),
        1.0 => "100 %".to_owned(),
        share => percent(share),
    }
}

/// What a chart says: from which size on the first guard that does catches a regression.
#[must_use]
pub fn title(sweep: &Sweep, solve: Option<&Solve>) -> String {
    let Some(first) = sweep.points.first() else { return String::new() };
    if let Some(solve) = solve {
        let does = solve.candidates.iter().find(|candidate| candidate.verdict == Verdict::Does);
        return does.map_or_else(
            || format!("No {} is shown to catch {} = {}", solve.key, solve.regressed, solve.at),
            |does| {
                let name = judge::name(&first.results, does.strategy);
                format!(
                    "{name}: {} = {} is the first that catches {} = {}",
                    solve.key, does.value, solve.regressed, solve.at
                )
            },
        );
    }
    let places = 0..first.results.strategies.len();
    let catches =
        |place: &usize| sweep.points.iter().position(|point| judge::stopped(&point.results, *place) >= CATCHES);
    let best = places.filter_map(|place| Some((catches(&place)?, place))).min();
    let key = sweep.keys.first().map_or("", String::as_str);
    best.map_or_else(
        || format!("Nothing is stopped in {} of the rollouts, at any {key}", part(CATCHES)),
        |(at, place)| {
            let (point, name) = (&sweep.points[at], judge::name(&first.results, place));
            let value = point.values.first().map_or("", String::as_str);
            format!("{name} is stopped from {key} = {value} on: in {} of the rollouts", between(caught(point, place)))
        },
    )
}

/// From which size on a strategy's guard catches a regression.
fn sees(sweep: &Sweep, results: &ScenarioResults, place: usize) -> String {
    let name = judge::name(results, place);
    let value = |point: &PointResults| point.values.last().cloned().unwrap_or_default();
    let stopped = |point: &PointResults| {
        let (share, runs) = (judge::stopped(&point.results, place), point.results.replications);
        let times = (share * f64::from(runs)).round();
        let of =
            if point.results.strategies[place].strata.len() > 1 { part(share) } else { format!("{times} of {runs}") };
        format!("{of} rollouts ({})", between(caught(point, place)))
    };
    let healthy = sweep.points.iter().find(|point| is_nothing(&value(point)));
    let falsely = healthy.map_or_else(String::new, |point| {
        format!(" At {} in {}: false alarms, if nothing else is wrong.", value(point), stopped(point))
    });
    let sizes = || sweep.points.iter().filter(|point| !is_nothing(&value(point)));
    let Some(point) = sizes().find(|point| judge::stopped(&point.results, place) >= CATCHES) else {
        let share = |point: &&PointResults| judge::stopped(&point.results, place);
        let most = sizes().max_by(|a, b| share(a).total_cmp(&share(b)));
        let most =
            most.map_or_else(String::new, |point| format!("; most often at {}, in {}", value(point), stopped(point)));
        return format!("{name} is stopped in {} of the rollouts at no size{most}.{falsely}", part(CATCHES));
    };
    let mean = |key: &str| judge::mean(&point.results, place, key);
    let after = mean("detection_s").map_or_else(String::new, |s| format!(", {} after the first change", duration(s)));
    let lost = mean("lost").map_or_else(String::new, |lost| format!(", with {} requests lost", count(lost)));
    format!("{name} is stopped from {} on: in {}{after} on average{lost}.{falsely}", value(point), stopped(point))
}

/// Whether a value is a size of nothing: `0%`, `0`, `0s`.
fn is_nothing(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    number.parse::<f64>().is_ok_and(|number| number == 0.0)
}

/// Which candidate is the first that does.
fn solved(solve: &Solve, results: &ScenarioResults, place: usize) -> String {
    let name = judge::name(results, place);
    let candidates: Vec<&Candidate> = solve.candidates.iter().filter(|candidate| candidate.strategy == place).collect();
    let with = |verdict| listed(candidates.iter().filter(|one| one.verdict == verdict).map(|one| one.value.as_str()));
    let open = with(Verdict::Undecided);
    let undecided = match open.is_empty() {
        true => String::new(),
        false if solve.needs > u64::from(results.replications) => {
            format!(" Not decided: {open}; it takes {} runs or more.", solve.needs)
        }
        false => format!(" Not decided: {open}; more --replications could."),
    };
    let wanted = format!(
        "catches {} = {} in at least {} with at most {} false alarms",
        solve.regressed,
        solve.at,
        part(solve.catch),
        part(solve.false_alarms)
    );
    match candidates.iter().find(|candidate| candidate.verdict == Verdict::Does) {
        Some(does) => format!(
            "{name}: {} = {} is the first of those listed that {wanted}: {} and {}.{undecided}",
            solve.key,
            does.value,
            between(does.caught),
            between(does.falsely)
        ),
        None if open.is_empty() => format!("{name}: no {} {wanted}.", solve.key),
        None => format!("{name}: no {} is shown to do what is asked: that it {wanted}.{undecided}", solve.key),
    }
}

fn table(sweep: &Sweep, solve: Option<&Solve>, style: TableStyle) -> String {
    let Some(first) = sweep.points.first() else { return String::new() };
    let mut table = Table::new();
    table.load_style(style);
    match solve {
        None => {
            let key = sweep.keys.first().map_or("", String::as_str);
            table.set_header(["strategy", key, "rollouts stopped", "stopped after", "lost"]);
            for place in 0..first.results.strategies.len() {
                for point in &sweep.points {
                    let mean = |key: &str| judge::mean(&point.results, place, key);
                    table.add_row([
                        judge::name(&point.results, place).to_owned(),
                        point.values.first().cloned().unwrap_or_default(),
                        between(caught(point, place)),
                        mean("detection_s").map_or_else(|| "-".to_owned(), duration),
                        mean("lost").map_or_else(|| "-".to_owned(), count),
                    ]);
                }
            }
        }
        Some(solve) => {
            table.set_header([
                "strategy",
                solve.key.as_str(),
                "verdict",
                "rollouts stopped",
                "false alarms",
                "stopped after",
                "lost",
            ]);
            for candidate in &solve.candidates {
                table.add_row([
                    judge::name(&first.results, candidate.strategy).to_owned(),
                    candidate.value.clone(),
                    candidate.verdict.word().to_owned(),
                    between(candidate.caught),
                    between(candidate.falsely),
                    candidate.detection_s.map_or_else(|| "-".to_owned(), duration),
                    candidate.lost.map_or_else(|| "-".to_owned(), count),
                ]);
            }
        }
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(if style == NOTHING { (0, 3) } else { (1, 1) });
        column.set_cell_alignment(if place == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_zero_in_any_unit() {
        assert!(["0", "0%", "0.0%", "0s"].into_iter().all(is_nothing));
        assert!(["5%", "0.1%", "10ms", "", "none"].into_iter().all(|value| !is_nothing(value)));
    }
}
