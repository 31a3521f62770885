//! What was assumed, where it comes from, and whether the strategy that loses least is still that one at the ends of its range.

use crate::report::judge::{contestants, name};
use crate::report::number::{count, rounded};
use crate::report::text::studies::sensitivity::brief;
use crate::results::ScenarioResults;
use crate::results::sensitivity::what_if::{Assumed, End, WhatIf};
use serde::Serialize;

/// The assumptions of a scenario, those that turn the order first, those that change nothing last.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Table {
    rows: Vec<Row>,
    /// Whether any has ends.
    has_ends: bool,
    /// Who loses least as the scenario stands, in words.
    base: Option<String>,
    /// Strategies of which nothing is known without a simulation.
    unknown: Vec<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct Row {
    key: String,
    about: &'static str,
    default: String,
    origin: String,
    ends: Vec<Told>,
}

/// What becomes of the strategies at an end.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Told {
    value: String,
    words: String,
    /// Whether another strategy loses least.
    turns: bool,
}

/// The table; `None` where nothing was assumed.
pub fn table(scenario: &ScenarioResults, what_if: &WhatIf) -> Option<Table> {
    let base = ranked(scenario, &what_if.base);
    let row = |assumed: &Assumed| Row {
        key: assumed.key.clone(),
        about: assumed.about,
        default: brief(assumed.default),
        origin: assumed.origin.trim_start_matches('(').trim_end_matches(')').to_owned(),
        ends: assumed.ends.iter().map(|end| told(scenario, &base, end)).collect(),
    };
    let mut rows: Vec<Row> = what_if.assumed.iter().map(row).collect();
    let weight = |row: &Row| row.ends.iter().map(|end| u8::from(end.turns) * 2 + u8::from(end.words != SAME)).max();
    rows.sort_by_key(|row| std::cmp::Reverse(weight(row)));
    let unknown = contestants(scenario).into_iter().filter(|&place| {
        let known = what_if.base.get(place).is_some_and(Option::is_some);
        !known
    });
    (!rows.is_empty()).then(|| Table {
        has_ends: rows.iter().any(|row| !row.ends.is_empty()),
        rows,
        base: words(scenario, &base),
        unknown: unknown.map(|place| name(scenario, place).to_owned()).collect(),
    })
}

/// What is said of an end that changes nothing.
const SAME: &str = "no other";

/// The strategies that deploy something, by what they lose.
fn ranked(scenario: &ScenarioResults, means: &[Option<f64>]) -> Vec<(usize, f64)> {
    let known = contestants(scenario).into_iter().filter_map(|place| Some((place, (*means.get(place)?)?)));
    let mut known: Vec<_> = known.collect();
    known.sort_by(|a, b| a.1.total_cmp(&b.1));
    known
}

fn told(scenario: &ScenarioResults, base: &[(usize, f64)], end: &End) -> Told {
    let ranked = ranked(scenario, &end.means);
    let least = ranked.first().map(|&(_, mean)| mean);
    let best = base.first().and_then(|&(best, _)| ranked.iter().find(|&&(place, _)| place == best));
    let turns = best.zip(least).is_some_and(|(&(_, mine), least)| mine > least * (1.0 + scenario.relevant));
    let told = match words(scenario, &ranked) {
        told if told == words(scenario, base) => SAME.to_owned(),
        told => told.unwrap_or_else(|| "not known".to_owned()),
    };
    Told { value: brief(end.value), words: told, turns }
}

/// `pinned 0, then latest 541`.
fn words(scenario: &ScenarioResults, ranked: &[(usize, f64)]) -> Option<String> {
    let told = |&(place, mean): &(usize, f64)| {
        // What is less is nothing but rounding.
        let mean = if mean < 1e-6 { 0.0 } else { mean };
        let figure = if mean >= 1.0 { rounded(mean, 3) } else { count(mean) };
        format!("{} {figure}", name(scenario, place))
    };
    let (first, rest) = ranked.split_first()?;
    Some(match rest.first() {
        Some(next) => format!("{}, then {}", told(first), told(next)),
        None => told(first),
    })
}
