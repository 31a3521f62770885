//! The titles: what the figures say, and no more than they say.

pub(super) mod handover;

use crate::metrics::Cause;
use crate::report::draw::{axis, fonts};
use crate::report::judge::{self, Contrast, Harm, contestants, half_width, mean, ranked};
use crate::report::number::{count, dollars, duration, measured, part, percent, rounded};
use crate::report::text::losses::{share_and_cause, worth};
use crate::results::{Estimate, ScenarioResults, StrategyResults};

/// The longest name of a strategy that a title spells out, in letters.
const LONGEST: usize = 24;

/// What a zero is worth, in words from many to few: `0 of 10 rollouts; up to 26 %`. Nothing where it is no zero, or cannot
/// happen by chance.
pub(super) fn unseen(scenario: &ScenarioResults, estimate: Estimate) -> Vec<String> {
    let worth = worth(scenario, estimate).filter(|_| estimate.mean == Some(0.0));
    worth.map_or_else(Vec::new, |worth| {
        let brief = ["rollouts", "rollout", "runs", "run"]
            .iter()
            .fold(worth.clone(), |text, word| text.replace(&format!(" {word};"), ";"));
        vec![worth, brief]
    })
}

/// What to say where nothing was seen, with what that is worth: `0 of 10 rollouts; up to 26 %`, else in words.
pub(super) fn none(scenario: &ScenarioResults, strategy: usize, key: &str, words: &str) -> String {
    let worth = unseen(scenario, scenario.estimate(strategy, key)).into_iter().next();
    worth.unwrap_or_else(|| words.to_owned())
}

/// The same in a title: `0 of 10 rollouts (up to 26 %)`.
fn unseen_in_title(scenario: &ScenarioResults, estimate: Estimate) -> Option<String> {
    let worth = unseen(scenario, estimate).into_iter().next()?;
    Some(worth.split_once("; ").map_or(worth.clone(), |(seen, most)| format!("{seen} ({most})")))
}

/// The finding about what a scenario is judged by.
pub(super) fn harm(scenario: &ScenarioResults) -> String {
    let harm = Harm::of(scenario);
    most(scenario, harm.key(), Some(harm.share_key()), harm.noun())
}

/// A strategy's figure with its half-width, as in `1,083 ± 60 mismatched`, then with fewer words; none if absent.
pub(super) fn figures(scenario: &ScenarioResults, strategy: usize, key: &str, noun: &str) -> Vec<String> {
    let Some(mean) = mean(scenario, strategy, key) else { return Vec::new() };
    let estimate = scenario.estimate(strategy, key);
    let unseen = unseen(scenario, estimate);
    if !unseen.is_empty() {
        return unseen;
    }
    match half_width(estimate) {
        Some(half) if half > 0.0 => {
            let (mean, half) = measured(mean, half);
            vec![format!("{mean} ± {half} {noun}"), format!("{mean} {noun}"), format!("{mean} ± {half}"), mean]
        }
        _ => vec![format!("{} {noun}", count(mean)), count(mean)],
    }
}

/// Which strategy has most of a count and which has least, as far as paired differences tell; with the share of a whole
/// that the most are.
pub(super) fn most(scenario: &ScenarioResults, key: &str, share: Option<&str>, noun: &str) -> String {
    let contestants = contestants(scenario);
    let order = ranked(scenario, key).into_iter().filter(|place| contestants.contains(place));
    let known: Vec<(usize, f64)> =
        order.filter_map(|place| mean(scenario, place, key).map(|mean| (place, mean))).collect();
    let (Some(&(first, low)), Some(&(last, high))) = (known.first(), known.last()) else {
        return format!("No figures for {noun}");
    };
    let each = if contestants.len() == scenario.strategies.len() { "strategy" } else { "deployment" };
    let (most, all) = (brief_count(scenario, last, key), of_all(scenario, last, share));
    if high == 0.0 {
        let bound = unseen_in_title(scenario, scenario.estimate(last, key));
        let unfinished = known.iter().filter_map(|&(place, _)| judge::unfinished(scenario, place)).fold(0.0, f64::max);
        let bound = match key == "lost" && unfinished > judge::MUCH_UNFINISHED {
            true => Some(format!("but up to {} not over at the end", percent(unfinished))),
            false => bound,
        };
        let bound = bound.map_or_else(String::new, |text| format!(", {text}"));
        return match known.len() {
            1 => format!("{}: no {noun}{bound}", name(scenario, first)),
            _ => format!("No {noun} under any {each}{bound}"),
        };
    }
    if known.len() == 1 {
        return format!("{}: {most} {noun} per run{all}", name(scenario, first));
    }
    match judge::contrast(scenario, key, &contestants) {
        Contrast::Differ(a, b) if (a, b) == (last, first) => apart(scenario, key, share, noun, a, b),
        // The greatest mean is too unsure to be called the most.
        Contrast::Differ(a, b) => {
            let told = apart(scenario, key, share, noun, a, b);
            let unsure = [first, last].into_iter().filter(|place| ![a, b].contains(place));
            let unsure: Vec<String> = unsure.map(|place| name(scenario, place)).collect();
            match unsure.is_empty() {
                true => told,
                false => format!("{told}; {} not told apart", unsure.join(" and ")),
            }
        }
        Contrast::NoDifference if count(low) == count(high) => format!("{most} {noun} per run{all} under every {each}"),
        Contrast::NoDifference => {
            let low = brief_count(scenario, first, key);
            format!("{low} to {most} {noun} per run{all}: no difference shown from {each} to {each}")
        }
        Contrast::Unknown if low == high => format!("{most} {noun} under every {each}{all}"),
        Contrast::Unknown => {
            let low = brief_count(scenario, first, key);
            format!("From {low} {noun} under {} to {most} under {}{all}", name(scenario, first), name(scenario, last))
        }
    }
}

/// How much of all something is, in brackets; nothing where that is not known.
fn of_all(scenario: &ScenarioResults, strategy: usize, share: Option<&str>) -> String {
    let known = share.and_then(|share| mean(scenario, strategy, share)).filter(|share| *share > 0.0);
    match (known, share) {
        (None, _) => String::new(),
        (_, Some("lost_share")) => format!(" ({})", share_and_cause(scenario, strategy)),
        (Some(share), _) => format!(" ({})", percent(share)),
    }
}

/// Strategy `a` has more than `b`: how many times as many, where both are known well enough for a ratio; else both.
fn apart(scenario: &ScenarioResults, key: &str, share: Option<&str>, noun: &str, a: usize, b: usize) -> String {
    let (high, low) = (mean(scenario, a, key).unwrap_or(0.0), mean(scenario, b, key).unwrap_or(0.0));
    let unsure = [(a, high), (b, low)].map(|(place, mean)| relative(scenario.estimate(place, key), mean));
    let unsure = unsure.into_iter().fold(0.0, f64::max);
    let (most, least) = (brief_count(scenario, a, key), brief_count(scenario, b, key));
    let all = of_all(scenario, a, share);
    let told = unseen_in_title(scenario, scenario.estimate(b, key));
    let (a, b) = (name(scenario, a), name(scenario, b));
    if low <= 0.0 {
        return format!("{a}: {most} {noun} per run{all}; {b}: {}", told.unwrap_or_else(|| "none".to_owned()));
    }
    let ratio = high / low;
    // A ratio of two means within a tenth of the truth is itself within about a seventh.
    if ratio >= 1.95 && unsure <= 0.1 {
        let times = rounded(ratio, 2);
        let times = times.strip_suffix(".0").unwrap_or(&times);
        let about = if unsure <= 0.02 { "" } else { "about " };
        return format!("{a}: {about}{times} times as many {noun} as {b}{all}");
    }
    format!("{a}: {most} {noun} per run{all}, {b}: {least}")
}

/// How far a mean may be off, as a part of it: the longer side of its interval; infinite without one.
fn relative(estimate: Estimate, mean: f64) -> f64 {
    match estimate.interval {
        Some((low, high)) if mean > 0.0 => (high - mean).max(mean - low) / mean,
        _ => f64::INFINITY,
    }
}

/// A mean count with the digits that its interval allows, at most three where it has none.
pub(super) fn brief_count(scenario: &ScenarioResults, strategy: usize, key: &str) -> String {
    let mean = mean(scenario, strategy, key).unwrap_or(0.0);
    match half_width(scenario.estimate(strategy, key)) {
        Some(half) if half > 0.0 => measured(mean, half).0,
        _ if mean.fract() == 0.0 => count(mean),
        _ => rounded(mean, if mean < 1.0 { 2 } else { 3 }),
    }
}

/// What latency came to over the whole window, and whether strategies differ in it.
pub(super) fn latency(scenario: &ScenarioResults) -> String {
    levels(scenario, "latency_p99_ms", "p99 latency", axis::span)
}

/// On hosts, what left fewest replicas available, and what most.
pub(super) fn availability(scenario: &ScenarioResults) -> String {
    let contestants = contestants(scenario);
    let order = ranked(scenario, "available_min").into_iter().filter(|place| contestants.contains(place));
    let known: Vec<(usize, f64)> =
        order.filter_map(|place| Some((place, mean(scenario, place, "available_min")?))).collect();
    let (Some(&(least, low)), Some(&(most, high))) = (known.first(), known.last()) else {
        return "Replicas of hosts".to_owned();
    };
    let told = |replicas: f64| match replicas {
        0.0 => "no replica".to_owned(),
        1.0 => "1 replica".to_owned(),
        replicas => format!("{} replicas", count(replicas)),
    };
    match low == high {
        true => format!("At the worst {} available, whatever the strategy", told(low)),
        false => {
            format!(
                "At the worst {} available under {}, {} under {}",
                told(low),
                name(scenario, least),
                told(high),
                name(scenario, most)
            )
        }
    }
}

/// What it cost.
pub(super) fn cost(scenario: &ScenarioResults) -> String {
    levels(scenario, "cost_usd", "What it costs", dollars)
}

/// Why most of the mismatches were, under the strategy that has most.
pub(super) fn cause(scenario: &ScenarioResults) -> String {
    let worst = ranked(scenario, "mismatched").pop().filter(|&place| mean(scenario, place, "mismatched") > Some(0.0));
    let Some(worst) = worst else { return "No mismatched requests".to_owned() };
    let of = |cause: Cause| judge::caused_by(scenario, worst, cause);
    let all: f64 = Cause::ALL.map(of).iter().sum();
    let main = Cause::ALL.into_iter().max_by(|a, b| of(*a).total_cmp(&of(*b))).unwrap_or(Cause::NotYet);
    let share = if all > 0.0 { of(main) / all } else { 1.0 };
    format!("{}: {} of the mismatches because of {}", name(scenario, worst), part(share), main.told())
}

/// How much was in queues at most.
pub(super) fn backlog(scenario: &ScenarioResults) -> String {
    levels(scenario, "backlog_peak", "Most events in queues at once", count)
}

/// How long it took until everybody had followed: nodes, front-ends, and whoever else there is.
pub(super) fn rollout(scenario: &ScenarioResults) -> String {
    let others = |strategy: &StrategyResults| {
        strategy.on_hosts || strategy.actions.iter().any(|action| action.what.starts_with("mapping "))
    };
    let what = if scenario.strategies.iter().any(others) {
        "Until everybody has followed"
    } else {
        "Until every node and front-end has followed"
    };
    levels(scenario, "rollout_duration_s", what, duration)
}

/// A mean under all contestants: both ends where a paired difference shows it, else that none is shown.
fn levels(scenario: &ScenarioResults, key: &str, what: &str, told: fn(f64) -> String) -> String {
    let contestants = contestants(scenario);
    let known: Vec<(usize, f64)> = ranked(scenario, key)
        .into_iter()
        .filter(|place| contestants.contains(place))
        // Where some did not get through, how long the others took says little of a strategy.
        .filter(|&place| key != "rollout_duration_s" || judge::given_up(scenario, place) == 0.0)
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

/// A strategy's name, cut in the middle if it is long.
pub(super) fn name(scenario: &ScenarioResults, strategy: usize) -> String {
    let name = judge::name(scenario, strategy);
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    fonts::middle_out(&name.chars().collect::<Vec<_>>(), LONGEST - 1)
}
