//! The titles: what the figures say, and no more than they say.

use super::bins::last_of_old;
use super::{axis, fonts};
use crate::experiment::results::{Estimate, ScenarioResults};
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
            _ => format!("{name}: {} {noun} per run", brief_count(scenario, first, key)),
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

/// Strategy `a` has more than `b`: how many times as many, where both are known well enough for a ratio; else both.
fn apart(scenario: &ScenarioResults, key: &str, noun: &str, a: usize, b: usize) -> String {
    let (high, low) = (mean(scenario, a, key).unwrap_or(0.0), mean(scenario, b, key).unwrap_or(0.0));
    let unsure = [(a, high), (b, low)].map(|(place, mean)| relative(scenario.estimate(place, key), mean));
    let unsure = unsure.into_iter().fold(0.0, f64::max);
    let (most, least) = (brief_count(scenario, a, key), brief_count(scenario, b, key));
    let (a, b) = (name(scenario, a), name(scenario, b));
    if low <= 0.0 {
        return format!("{a}: {most} {noun} per run; {b}: none in {} runs", scenario.replications);
    }
    let ratio = high / low;
    // A ratio of two means within a tenth of the truth is itself within about a seventh.
    if ratio >= 1.95 && unsure <= 0.1 {
        let times = rounded(ratio, 2);
        let times = times.strip_suffix(".0").unwrap_or(&times);
        let about = if unsure <= 0.02 { "" } else { "about " };
        return format!("{a}: {about}{times} times as many {noun} as {b}");
    }
    format!("{a}: {most} {noun} per run, {b}: {least}")
}

/// How far a mean may be off, as a part of it: the longer side of its interval; infinite without one.
fn relative(estimate: Estimate, mean: f64) -> f64 {
    match estimate.interval {
        Some((low, high)) if mean > 0.0 => (high - mean).max(mean - low) / mean,
        _ => f64::INFINITY,
    }
}

/// A mean count with the digits that its interval allows, at most three where it has none.
fn brief_count(scenario: &ScenarioResults, strategy: usize, key: &str) -> String {
    let mean = mean(scenario, strategy, key).unwrap_or(0.0);
    match half_width(scenario.estimate(strategy, key)) {
        Some(half) if half > 0.0 => measured(mean, half).0,
        _ if mean.fract() == 0.0 => count(mean),
        _ => rounded(mean, if mean < 1.0 { 2 } else { 3 }),
    }
}

/// A strategy's count with its interval, then alone.
pub(super) fn brief(scenario: &ScenarioResults, strategy: usize, key: &str) -> Vec<String> {
    figures(scenario, strategy, key, "").iter().map(|text| text.trim_end().to_owned()).collect()
}

/// What latency came to over the whole window, and whether strategies differ in it.
pub(super) fn latency(scenario: &ScenarioResults) -> String {
    levels(scenario, "latency_p99_ms", "p99 latency", axis::span)
}

/// How long it took until every node and front-end had followed.
pub(super) fn rollout(scenario: &ScenarioResults) -> String {
    if !judge::deploys(scenario) {
        return "Nothing is deployed".to_owned();
    }
    levels(scenario, "rollout_duration_s", "Until every node and front-end has followed", duration)
}

/// A mean under all contestants: both ends where a paired difference shows it, else that none is shown.
fn levels(scenario: &ScenarioResults, key: &str, what: &str, told: fn(f64) -> String) -> String {
    let contestants = contestants(scenario);
    let known: Vec<(usize, f64)> = ranked(scenario, key)
        .into_iter()
        .filter(|place| contestants.contains(place))
        .filter_map(|place| mean(scenario, place, key).map(|mean| (place, mean)))
        .collect();
    let (Some(&(first, low)), Some(&(last, high))) = (known.first(), known.last()) else {
        return format!("{what}: no figures");
    };
    let value = |place: usize, mean: f64| {
        let least = if scenario.estimate(place, key).censored > 0 { "at least " } else { "" };
        format!("{least}{}", told(mean))
    };
    if known.len() == 1 {
        return format!("{what}: {} under {}", value(first, low), name(scenario, first));
    }
    match judge::contrast(scenario, key, &contestants) {
        Contrast::Differ(a, b) => {
            let of = |place: usize| value(place, mean(scenario, place, key).unwrap_or(0.0));
            format!("{what}: {} under {}, {} under {}", of(a), name(scenario, a), of(b), name(scenario, b))
        }
        Contrast::NoDifference if told(low) == told(high) => {
            format!("{what}: {}; no difference shown between strategies", told(high))
        }
        Contrast::NoDifference => {
            format!("{what}: {} to {}; no difference shown between strategies", told(low), told(high))
        }
        Contrast::Unknown if value(first, low) == value(last, high) => {
            format!("{what}: {} under every strategy", told(high))
        }
        Contrast::Unknown => {
            let (low, high) = (value(first, low), value(last, high));
            format!("{what}: {low} under {} to {high} under {}", name(scenario, first), name(scenario, last))
        }
    }
}

/// How long a cold start waits, and whether strategies differ in it.
pub(super) fn waits(scenario: &ScenarioResults) -> String {
    if scenario.strategies.iter().all(|strategy| strategy.cold_waits.is_empty()) {
        return "No cold start ended its wait".to_owned();
    }
    levels(scenario, "cold_wait_mean_ms", "Mean wait of a cold start", axis::span)
}

/// The median of waits and their counts, rising.
pub(super) fn median_wait(waits: &[(f64, u64)]) -> Option<f64> {
    let all: u64 = waits.iter().map(|&(_, count)| count).sum();
    let mut seen = 0;
    waits.iter().find_map(|&(wait, count)| {
        seen += count;
        (seen >= all.div_ceil(2)).then_some(wait)
    })
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
    let by = |last: f64| if last > 0.0 { format!("within {}", duration(last)) } else { "by t = 0".to_owned() };
    let (by_short, by_long) = (by(short), by(long));
    match (lasts.len() == 1, short >= end, long >= end) {
        (true, _, true) => format!("{slowest}: some traffic stays on {old} to the end"),
        (true, _, false) => format!("{slowest}: traffic has left {old} {by_long}"),
        (false, true, _) => format!("Some traffic stays on {old} to the end {all}"),
        (false, false, true) => {
            format!("Traffic has left {old} {by_short} under {quickest}; some stays to the end under {slowest}")
        }
        (false, false, false) if short == long => format!("Traffic has left {old} {by_long} {all}"),
        (false, false, false) => {
            format!("Traffic has left {old} {by_short} under {quickest}, {by_long} under {slowest}")
        }
    }
}

/// A strategy's name, cut in the middle if it is long.
fn name(scenario: &ScenarioResults, strategy: usize) -> String {
    let name = judge::name(scenario, strategy);
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    fonts::middle_out(&name.chars().collect::<Vec<_>>(), LONGEST - 1)
}
