//! What callers went through, in the sentences below the table: turned away, tried again, thrown back to the old version,
//! left with a reply they cannot read.

use crate::experiment::results::ScenarioResults;
use crate::report::judge::{half_width, mean, name, ranked};
use crate::report::number::{count, listed, measured};

/// The sentences, a line each; none of what did not happen.
pub(super) fn notes(results: &ScenarioResults) -> Vec<String> {
    let sessions = under(results, "sessions_flipped", "sessions that saw the new version and then the old one again");
    let replies = under(results, "replies_incompatible", "replies that their client cannot read");
    [sessions, replies, turned_away(results)].into_iter().flatten().collect()
}

/// How many strategies are named, those with most first.
const NAMED: usize = 4;

/// `Callers met: 997 ± 11 sessions ... under linear, 771 ± 14 under canary.`
fn under(results: &ScenarioResults, key: &str, what: &str) -> Option<String> {
    let parts: Vec<String> = most_first(results, key)
        .into_iter()
        .enumerate()
        .map(|(at, place)| {
            let what = if at == 0 { format!(" {what}") } else { String::new() };
            format!("{}{what} under {}", amount(results, place, key), name(results, place))
        })
        .collect();
    (!parts.is_empty()).then(|| format!("Callers met, a run: {}.", parts.join(", ")))
}

/// Throttles, callers who gave up, and how often they tried again.
fn turned_away(results: &ScenarioResults) -> Option<String> {
    let kinds = [("throttled", "requests throttled"), ("expired", "given up"), ("retried", "attempts made again")];
    let busiest = most_first(results, "retried").into_iter().chain(most_first(results, "unserved"));
    let mut places: Vec<usize> = Vec::new();
    for place in busiest {
        let happens = kinds.iter().any(|(key, _)| mean(results, place, key) > Some(0.0));
        if happens && !places.contains(&place) {
            places.push(place);
        }
    }
    let told = |&place: &usize| {
        let parts: Vec<String> = kinds
            .iter()
            .filter(|(key, _)| mean(results, place, key) > Some(0.0))
            .map(|(key, what)| format!("{} {what}", amount(results, place, key)))
            .collect();
        format!("under {} {}", name(results, place), listed(parts.iter().map(String::as_str)))
    };
    let parts: Vec<String> = places.iter().take(NAMED).map(told).collect();
    (!parts.is_empty()).then(|| format!("Callers met, a run: {}.", parts.join("; ")))
}

/// The strategies in which this happens, most first.
fn most_first(results: &ScenarioResults, key: &str) -> Vec<usize> {
    let mut places = ranked(results, key);
    places.retain(|&place| mean(results, place, key) > Some(0.0));
    places.reverse();
    places.truncate(NAMED);
    places
}

/// A mean with its half-width, if there is one.
fn amount(results: &ScenarioResults, place: usize, key: &str) -> String {
    let estimate = results.estimate(place, key);
    let mean = estimate.mean.unwrap_or(0.0);
    match half_width(estimate) {
        Some(half) => {
            let (mean, half) = measured(mean, half);
            format!("{mean} ± {half}")
        }
        None => count(mean),
    }
}
