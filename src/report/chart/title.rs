//! The titles: what the figures say, and no more than they say.

use super::bins::last_of_old;
use crate::experiment::results::ScenarioResults;
use crate::report::judge::{self, Contrast, contestants, half_width, mean, old_version, ranked};
use crate::report::number::{count, duration, measured, rounded};

/// The longest name of a strategy that a title spells out, in letters.
const LONGEST: usize = 24;

/// A strategy's figure with its half-width, as in `1,083 ± 60 mismatched`, then with fewer words; none if absent.
pub(super) fn figures(scenario: &ScenarioResults, strategy: usize, key: &str, noun: &str) -> Vec<String> {
    let Some(mean) = mean(scenario, strategy, key) else { return Vec::new() };
    match half_width(scenario.estimate(strategy, key)) {
        Some(half) if half > 0.0 => {
            let (mean, half) = measured(mean, half);
            vec![format!("{mean} ± {half} {noun}"), format!("{mean} {noun}"), format!("{mean} ± {half}"), mean]
        }
        _ => vec![format!("{} {noun}", count(mean)), count(mean)],
    }
}

/// Which strategy has most of a count and which has least, where a paired difference shows it.
pub(super) fn most(scenario: &ScenarioResults, key: &str, noun: &str) -> String {
    let contestants = contestants(scenario);
    let order = ranked(scenario, key).into_iter().filter(|place| contestants.contains(place));
    let known: Vec<(usize, f64)> =
        order.filter_map(|place| mean(scenario, place, key).map(|mean| (place, mean))).collect();
    let (Some(&(first, low)), Some(&(last, high))) = (known.first(), known.last()) else {
        return format!("No figures for {noun}");
    };
    let each = if contestants.len() == scenario.strategies.len() { "strategy" } else { "deployment" };
    let runs = scenario.replications;
    if known.len() == 1 {
        let name = name(scenario, first);
        return match high {
            0.0 => format!("{name}: no {noun} in {runs} of {runs} runs"),
            _ => format!("{name}: {} {noun} per run", rounded(high, 3)),
        };
    }
    match judge::contrast(scenario, key, &contestants) {
        _ if high == 0.0 => format!("No {noun} under any {each} in {runs} of {runs} runs"),
        Contrast::Differ(a, b) => apart(scenario, key, noun, a, b),
        Contrast::NoDifference => format!("No difference shown in {noun} from {each} to {each}"),
        Contrast::Unknown if low == high => format!("{} {noun} under every {each}", count(high)),
        Contrast::Unknown => {
            let (low, high) = (count(low), count(high));
            format!("From {low} {noun} under {} to {high} under {}", name(scenario, first), name(scenario, last))
        }
    }
}

/// Strategy `a` has more than `b`: how many times as many.
fn apart(scenario: &ScenarioResults, key: &str, noun: &str, a: usize, b: usize) -> String {
    let (high, low) = (mean(scenario, a, key).unwrap_or(0.0), mean(scenario, b, key).unwrap_or(0.0));
    let (a, b) = (name(scenario, a), name(scenario, b));
    if low <= 0.0 {
        return format!("{a}: {} {noun} per run; {b}: none", rounded(high, 3));
    }
    let ratio = high / low;
    if ratio >= 1.95 {
        let times = rounded(ratio, 2);
        let times = times.strip_suffix(".0").unwrap_or(&times);
        format!("{a}: {times} times as many {noun} as {b}")
    } else {
        format!("{a}: {} % more {noun} than {b}", rounded((ratio - 1.0) * 100.0, 2))
    }
}

/// When the old version had run its last request, under the quickest strategy and the slowest.
pub(super) fn handover(scenario: &ScenarioResults) -> String {
    let mut lasts: Vec<(usize, f64)> =
        scenario.strategies.iter().enumerate().filter_map(|(place, by)| Some((place, last_of_old(by)?))).collect();
    lasts.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(&(quickest, short)), Some(&(slowest, long))) = (lasts.first(), lasts.last()) else {
        return "Requests by the version that ran them".to_owned();
    };
    let old = match old_version(scenario) {
        Some(version) => version.to_string(),
        None => "the old version".to_owned(),
    };
    let (quickest, slowest) = (name(scenario, quickest), name(scenario, slowest));
    let all = format!("under all {} strategies", lasts.len());
    let end = scenario.window.after.seconds();
    let (after_short, after_long) = (duration(short), duration(long));
    match (lasts.len() == 1, short >= end, long >= end) {
        (true, _, true) => format!("{slowest}: some traffic stays on {old} to the end"),
        (true, _, false) => format!("{slowest}: traffic has left {old} after {after_long}"),
        (false, true, _) => format!("Some traffic stays on {old} to the end {all}"),
        (false, false, true) => {
            format!(
                "Traffic has left {old} after {after_short} under {quickest}; some stays to the end under {slowest}"
            )
        }
        (false, false, false) if short == long => format!("Traffic has left {old} after {after_long} {all}"),
        (false, false, false) => {
            format!("Traffic has left {old} after {after_short} under {quickest}, after {after_long} under {slowest}")
        }
    }
}

/// A strategy's name, cut if it is long.
fn name(scenario: &ScenarioResults, strategy: usize) -> String {
    let name = judge::name(scenario, strategy);
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}
