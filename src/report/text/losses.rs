//! What users lose, in words: how many requests, what share of them, and by which cause; and what a zero is worth.

use crate::report::judge::{deploys, half_width, mean};
use crate::report::number::{count, measured, percent, range, significant};
use crate::results::{Estimate, Method, ScenarioResults};

/// A cause of losses: its metric, and what it is called in a table and in a sentence.
pub struct Cause {
    pub key: &'static str,
    /// In a word or two.
    pub word: &'static str,
    /// As in `4,600 requests lost to its own errors`.
    pub told: &'static str,
}

/// The causes, which add up to `lost`.
pub const CAUSES: [Cause; 6] = [
    Cause { key: "failed_incompatible", word: "incompatible", told: "events that the code could not read" },
    Cause { key: "failed_reply", word: "bad reply", told: "replies that the caller could not read" },
    Cause { key: "failed_own", word: "own errors", told: "errors, crashes or timeouts of the code itself" },
    Cause { key: "failed_away", word: "unreachable", told: "nodes or replicas that were away" },
    Cause { key: "throttled", word: "throttled", told: "want of capacity" },
    Cause { key: "expired", word: "expired", told: "callers who gave up waiting" },
];

/// The causes of a strategy's losses with their means, the greatest first.
pub fn causes(results: &ScenarioResults, place: usize) -> Vec<(&'static Cause, f64)> {
    let known = CAUSES.iter().filter_map(|cause| Some((cause, mean(results, place, cause.key).filter(|&n| n > 0.0)?)));
    let mut known: Vec<_> = known.collect();
    known.sort_by(|a, b| b.1.total_cmp(&a.1));
    known
}

/// The main cause in a word: `throttled`, or `mostly throttled`.
pub fn main_cause(results: &ScenarioResults, place: usize) -> Option<String> {
    let causes = causes(results, place);
    let (first, most) = causes.first()?;
    let all: f64 = causes.iter().map(|(_, n)| n).sum();
    let mostly = if causes.len() > 1 && *most < all * 0.995 { "mostly " } else { "" };
    Some(format!("{mostly}{}", first.word))
}

/// A mean with its interval: `1,095 ± 56`, `29 (2.1 to 210)`; of a zero, what it is worth.
pub fn amount(results: &ScenarioResults, place: usize, key: &str) -> String {
    let estimate = results.estimate(place, key);
    match estimate.mean {
        None => "unknown".to_owned(),
        Some(0.0) => worth(results, estimate).map_or_else(|| "0".to_owned(), |worth| format!("0 ({worth})")),
        Some(mean) => around(mean, estimate),
    }
}

/// A mean that is not zero, with its interval if there is one.
pub fn around(mean: f64, estimate: Estimate) -> String {
    match (estimate.method, half_width(estimate), estimate.interval) {
        (Method::None | Method::Constant | Method::Exact, ..) => count(mean),
        (_, Some(half), _) => {
            let (mean, half) = measured(mean, half);
            format!("{mean} ± {half}")
        }
        (_, None, Some((low, high))) => format!("{} {}", count(mean), range(low, high)),
        (_, None, None) => count(mean),
    }
}

/// What a zero of a count is worth: `0 of 40 rollouts; up to 7.2 % of them`. Requests of one rollout share its lags and mistakes, so
/// it is rollouts that are counted.
pub fn worth(results: &ScenarioResults, estimate: Estimate) -> Option<String> {
    let seen = estimate.occurrence.filter(|seen| seen.affected == 0.0)?;
    let most = seen.share.1 * 100.0;
    let what = if deploys(results) { "rollouts" } else { "runs" };
    let what = if estimate.replications == 1 { &what[..what.len() - 1] } else { what };
    Some(format!("0 of {} {what}; up to {} % of them", estimate.replications, significant(most, 2)))
}

/// A strategy's losses in full: `1,095 ± 56 requests (0.46 %, incompatible)`, or `no request (0 of 40 rollouts; up to 7.2 % of them)`.
pub fn told(results: &ScenarioResults, place: usize) -> String {
    let estimate = results.estimate(place, "lost");
    match estimate.mean {
        None => "an unknown number of requests".to_owned(),
        Some(0.0) => match worth(results, estimate) {
            Some(worth) => format!("no request ({worth})"),
            None => "no request".to_owned(),
        },
        Some(lost) => format!("{} requests ({})", around(lost, estimate), share_and_cause(results, place)),
    }
}

/// `0.46 %, incompatible`.
pub fn share_and_cause(results: &ScenarioResults, place: usize) -> String {
    let share = mean(results, place, "lost_share").map(percent);
    share.into_iter().chain(main_cause(results, place)).collect::<Vec<_>>().join(", ")
}
