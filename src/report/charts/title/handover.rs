//! When traffic had left the old version: by how long rollouts took, not by how wide bins are.

use super::super::bins;
use super::name;
use crate::report::judge::{self, mean, old_name};
use crate::report::number::{duration, listed};
use crate::results::ScenarioResults;

/// When the old version had run its last request.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in super::super) enum Left {
    /// After so many seconds from t = 0.
    After(f64),
    /// Not within the window.
    Never,
}

/// When a strategy's old version had run its last request; `None` where it ran none, or that is not known.
pub(in super::super) fn left(scenario: &ScenarioResults, place: usize) -> Option<Left> {
    const KEY: &str = "rollout_duration_s";
    let strategy = scenario.strategies.get(place)?;
    let last = bins::last_of_old(strategy)?;
    if last >= scenario.window.after.seconds() {
        return Some(Left::Never);
    }
    // The last bin says no more than its width. A request that went astray does so before every node has followed: the
    // rollout's duration tells to the millisecond, unless something keeps traffic beyond it.
    let estimate = scenario.estimate(place, KEY);
    let longest = scenario.metric(KEY).and_then(|metric| {
        strategy.rows.iter().flatten().filter_map(|row| row.values.get(metric).copied().flatten()).reduce(f64::max)
    });
    let begins = last - scenario.bin.seconds();
    match mean(scenario, place, KEY).zip(longest) {
        _ if last <= 0.0 => Some(Left::After(0.0)),
        // Hosts may have nothing old left long before the gateway has followed.
        _ if strategy.on_hosts => Some(Left::After(last)),
        Some((mean, longest)) if estimate.censored == 0 && begins <= longest => Some(Left::After(mean)),
        _ => Some(Left::After(last)),
    }
}

/// The quickest strategy and the slowest.
pub(in super::super) fn finding(scenario: &ScenarioResults) -> String {
    let mut known: Vec<(usize, Left)> =
        (0..scenario.strategies.len()).filter_map(|place| Some((place, left(scenario, place)?))).collect();
    let rank = |left: Left| if let Left::After(seconds) = left { seconds } else { f64::INFINITY };
    known.sort_by(|a, b| rank(a.1).total_cmp(&rank(b.1)));
    let (Some(&(quickest, first)), Some(&(slowest, last))) = (known.first(), known.last()) else {
        return "Requests by the version that ran them".to_owned();
    };
    if let Some(unreached) = unreached(scenario, &known) {
        return unreached;
    }
    let old = old_name(scenario);
    let (quick, slow) = (name(scenario, quickest), name(scenario, slowest));
    let all = match known.len() {
        1 => format!("under {slow}"),
        2 => "under both strategies".to_owned(),
        n => format!("under all {n} strategies"),
    };
    let after =
        |seconds: f64| if seconds > 0.0 { format!("after {}", duration(seconds)) } else { "by t = 0".to_owned() };
    match (first, last) {
        (Left::Never, _) => format!("Some traffic stays on {old} to the end {all}"),
        (Left::After(short), Left::Never) => {
            format!("Traffic has left {old} {} under {quick}; some stays to the end under {slow}", after(short))
        }
        (Left::After(short), Left::After(long)) if after(short) == after(long) => {
            format!("Traffic has left {old} {} {all}", after(long))
        }
        (Left::After(short), Left::After(long)) => {
            format!("Traffic has left {old} {} under {quick}, {} under {slow}", after(short), after(long))
        }
    }
}

/// That no request reached the new version, under those strategies where none did.
fn unreached(scenario: &ScenarioResults, known: &[(usize, Left)]) -> Option<String> {
    let reached =
        |place: usize| scenario.strategies.get(place).and_then(|by| by.reach).is_none_or(|reach| reach.anybody);
    let stuck = known.iter().map(|&(place, _)| place).filter(|&place| !reached(place));
    let stuck: Vec<&str> = stuck.map(|place| judge::name(scenario, place)).collect();
    (!stuck.is_empty()).then(|| format!("No request reaches the new version under {}", listed(stuck.into_iter())))
}
