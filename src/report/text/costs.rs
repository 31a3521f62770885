//! What the favoured strategy costs beside the next, and what to measure first. It says what the paired intervals support
//! and nothing else.

use crate::report::judge::{self, Contrast, mean, name, verdict};
use crate::report::number::{count, dollars, duration, listed, significant};
use crate::results::{Assumption, ScenarioResults, Verdict};

/// A cost that strategies may differ in; of each, less is better.
struct Cost {
    key: &'static str,
    /// What more of it is called, as in `a higher p99`.
    more: &'static str,
    told: fn(f64) -> String,
}

const COSTS: [Cost; 7] = [
    Cost { key: "cold_starts", more: "more cold starts", told: |x| significant(x, 3) },
    Cost { key: "latency_p99_ms", more: "a higher p99", told: |x| format!("{} ms", significant(x, 3)) },
    Cost { key: "rollout_duration_s", more: "a longer rollout", told: duration },
    Cost { key: "sessions_flipped", more: "more sessions thrown back to the old version", told: |x| significant(x, 3) },
    Cost { key: "operator_steps", more: "more operator steps", told: count },
    Cost { key: "operator_s", more: "more of an operator's time", told: duration },
    Cost { key: "cost_usd", more: "a higher bill", told: dollars },
];

impl Cost {
    /// Two values that differ, with as many digits as it takes to see that.
    fn apart(&self, a: f64, b: f64) -> (String, String) {
        let unit = match self.key {
            key if key.ends_with("_ms") => " ms",
            key if key.ends_with("_s") => " s",
            key if key.ends_with("_usd") => " usd",
            _ => "",
        };
        let sharper = (4..10).map(|digits| [a, b].map(|x| significant(x, digits) + unit));
        let [a, b] = std::iter::once([a, b].map(self.told))
            .chain(sharper)
            .find(|[a, b]| a != b)
            .unwrap_or_else(|| [a, b].map(self.told));
        (a, b)
    }
}

/// What the favoured strategies cost beside the next best one: one recommended against the runner-up, or several that are
/// alike against one another. Only what is both significant and relevant; none of it decides.
#[must_use]
pub fn sentences(results: &ScenarioResults) -> Vec<String> {
    let decision = &results.decision;
    match decision.favoured().as_slice() {
        &[best] => decision.runner_up.map_or_else(Vec::new, |next| price(results, best, next)),
        [] => Vec::new(),
        group => among(results, group).into_iter().collect(),
    }
}

/// What the best costs more than the next, and what less.
fn price(results: &ScenarioResults, best: usize, next: usize) -> Vec<String> {
    let (more, less) = (higher(results, best, next), higher(results, next, best));
    let against = name(results, next);
    let price = match more.is_empty() {
        true => format!("No higher cost shown against {against}."),
        false => format!("Price of {} against {against}: {}.", name(results, best), more.join(", ")),
    };
    let gain = (!less.is_empty()).then(|| format!("Against that, {against} has {}.", less.join(", ")));
    std::iter::once(price).chain(gain).collect()
}

/// Every cost of which `a` has significantly and relevantly more than `b`.
fn higher(results: &ScenarioResults, a: usize, b: usize) -> Vec<String> {
    let differs = |cost: &&Cost| verdict(results, cost.key, a, b) == Verdict::Higher;
    let told = |cost: &Cost| {
        let (mine, theirs) = (mean(results, a, cost.key)?, mean(results, b, cost.key)?);
        let is_relevant = mine - theirs > results.relevant * theirs;
        let (mine, theirs) = cost.apart(mine, theirs);
        is_relevant.then(|| format!("{} ({mine} against {theirs})", cost.more))
    };
    COSTS.iter().filter(differs).filter_map(told).collect()
}

/// What tells some strategies apart that are alike in what matters most.
fn among(results: &ScenarioResults, group: &[usize]) -> Option<String> {
    let differ = COSTS.iter().filter_map(|cost| match judge::contrast(results, cost.key, group) {
        Contrast::Differ(a, b) => {
            let (high, low) = (mean(results, a, cost.key)?, mean(results, b, cost.key)?);
            let is_relevant = high - low > results.relevant * low;
            let (high, low) = cost.apart(high, low);
            let [a, b] = [a, b].map(|place| name(results, place));
            is_relevant.then(|| format!("{} under {a} than under {b} ({high} against {low})", cost.more))
        }
        _ => None,
    });
    let differ: Vec<_> = differ.collect();
    (!differ.is_empty()).then(|| format!("What differs: {}.", differ.join(", ")))
}

/// What rollouts cost beyond not deploying, which is a strategy in the same scenario: of those that surely differ from it.
#[must_use]
pub fn beyond_not_deploying(results: &ScenarioResults) -> Option<String> {
    const KEY: &str = "cost_usd";
    // Each is compared with doing nothing on the same platform.
    let told: Vec<String> =
        [false, true].into_iter().filter_map(|on_hosts| beyond_on(results, KEY, on_hosts)).collect();
    (!told.is_empty()).then(|| told.join(" "))
}

fn beyond_on(results: &ScenarioResults, key: &str, on_hosts: bool) -> Option<String> {
    let here = |place: usize| results.strategies[place].on_hosts == on_hosts;
    let is_none = |&place: &usize| results.strategies[place].replaces.is_none() && here(place);
    let none = (0..results.strategies.len()).find(is_none)?;
    let whole = mean(results, none, key)?;
    let told = judge::order(results).iter().filter(|&&place| here(place)).filter_map(|&place| {
        let more = match verdict(results, key, place, none) {
            Verdict::Higher => "more",
            Verdict::Lower => "less",
            Verdict::NoDifference | Verdict::Identical | Verdict::NotCompared => return None,
        };
        let beyond = mean(results, place, key)? - whole;
        Some(format!("{} {} {more}", name(results, place), dollars(beyond.abs())))
    });
    let told: Vec<String> = told.collect();
    let listed = || listed(told.iter().map(String::as_str));
    let mixed = results.strategies.iter().any(|strategy| strategy.on_hosts != on_hosts);
    let place = match (mixed, on_hosts) {
        (false, _) => "",
        (true, true) => " on hosts",
        (true, false) => " on functions",
    };
    (!told.is_empty()).then(|| format!("Not deploying costs {}{place}; {}.", dollars(whole), listed()))
}

/// What to measure first: the greatest assumption that the mismatches of the best strategy and of the next hang on. Where the
/// best has none, it is the next one's figure that a lag decides, and the best's that rests on no mistake.
#[must_use]
pub fn measure(results: &ScenarioResults) -> Option<String> {
    let favoured = results.decision.favoured();
    let hinges: Vec<usize> = favoured.iter().copied().take(2).chain(results.decision.runner_up).collect();
    let mismatches = |&place: &usize| mean(results, place, "mismatched") > Some(0.0);
    if !(0..results.strategies.len()).any(|place| mismatches(&place)) {
        return None;
    }
    let greatest = |place: usize| results.strategies.get(place)?.hangs_on.first().map(|assumption| (place, assumption));
    let all: Vec<(usize, &Assumption)> = hinges.iter().filter_map(|&place| greatest(place)).collect();
    let (_, first) = all.first()?;
    let on =
        |what: &str| -> Vec<usize> { all.iter().filter(|(_, a)| a.what == what).map(|&(place, _)| place).collect() };
    let clause = |assumption: &Assumption| {
        let places = on(assumption.what);
        let verb = if places.len() == 1 { "hangs" } else { "hang" };
        let figures = if places.len() == 1 { "figure" } else { "figures" };
        format!(
            "{} (assumed {}), on which the {figures} of {} {verb}",
            assumption.what,
            assumption.value,
            listed(places.iter().map(|&place| name(results, place)))
        )
    };
    let other = all.iter().find(|(_, assumption)| assumption.what != first.what);
    let second = other.map_or(String::new(), |(_, assumption)| format!(", then {}", clause(assumption)));
    Some(format!("Measure first {}{second}.", clause(first)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Frame, Sample, scenario};

    fn said(samples: &[Sample]) -> String {
        sentences(&scenario(&Frame::default(), samples)).join(" ")
    }

    #[test]
    fn values_that_differ_are_told_apart() {
        let cost = |key| COSTS.iter().find(|cost| cost.key == key).unwrap();
        let of = |key, a, b| cost(key).apart(a, b);
        assert_eq!(of("latency_p99_ms", 102.41, 102.12), ("102.4 ms".to_owned(), "102.1 ms".to_owned()));
        assert_eq!(of("latency_p99_ms", 103.0, 102.0), ("103 ms".to_owned(), "102 ms".to_owned()));
        assert_eq!(of("rollout_duration_s", 61.4, 60.8), ("61.40 s".to_owned(), "60.80 s".to_owned()));
        assert_eq!(of("cold_starts", 5.0, 5.0), ("5.00".to_owned(), "5.00".to_owned()));
    }

    #[test]
    fn the_best_has_its_price_against_the_runner_up() {
        let pinned = Sample::new("pinned", 10.0, 0.0).with("operator_steps", 1.0, 0.0);
        let told = said(&[Sample::new("latest", 15.0, 1_083.0), pinned, Sample::new("alias", 15.0, 1_879.0)]);
        assert_eq!(
            told,
            "Price of pinned against latest: more operator steps (1 against 0). Against that, latest has a longer rollout (25 s against 20 \
             s)."
        );
    }

    #[test]
    fn a_difference_too_small_to_matter_is_no_price() {
        let best = Sample::new("a", 10.0, 0.0).with("latency_p99_ms", 103.0, 0.1);
        let next = Sample::new("b", 10.0, 100.0).with("latency_p99_ms", 100.0, 0.1);
        assert_eq!(said(&[best.clone(), next.clone()]), "No higher cost shown against b.");
        let slow = best.with("latency_p99_ms", 106.0, 0.1);
        assert_eq!(said(&[slow, next]), "Price of a against b: a higher p99 (106 ms against 100 ms).");
    }

    #[test]
    fn what_a_rollout_costs_beyond_not_deploying_is_told() {
        let none = Sample::none("none").with("cost_usd", 4.5, 0.001);
        let dear = Sample::new("canary", 15.0, 10.0).with("cost_usd", 4.62, 0.001);
        let alike = Sample::new("latest", 15.0, 10.0).with("cost_usd", 4.5, 0.001);
        let told = |samples: &[Sample]| beyond_not_deploying(&scenario(&Frame::default(), samples));
        let both = told(&[dear.clone(), none.clone(), alike.clone()]).unwrap();
        assert_eq!(both, "Not deploying costs 4.50 usd; canary 0.120 usd more.");
        assert_eq!((told(&[none, alike.clone()]), told(&[dear, alike])), (None, None));
    }

    #[test]
    fn what_to_measure_first_is_what_the_best_and_the_next_hang_on() {
        let pinned = Sample {
            hangs_on: vec![Assumption { what: "the share of forgotten routes", value: "0 %".to_owned() }],
            ..Sample::new("pinned", 10.0, 0.0)
        };
        let told = measure(&scenario(&Frame::default(), &[Sample::new("latest", 15.0, 1_083.0), pinned])).unwrap();
        assert_eq!(
            told,
            "Measure first the share of forgotten routes (assumed 0 %), on which the figure of pinned hangs, then the \
             gateway's lag (assumed 0 s to 10 s), on which the figure of latest hangs."
        );
        let clean = [Sample::new("a", 10.0, 0.0), Sample::new("b", 10.0, 0.0)];
        assert_eq!(measure(&scenario(&Frame::default(), &clean)), None, "nothing hangs on a lag");
    }
}
