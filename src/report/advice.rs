//! The sentence of advice: which strategy, what it costs, and what to measure first. It says what the paired intervals
//! support and nothing else.

use crate::experiment::results::{Assumption, ScenarioResults, Verdict};
use crate::report::judge::{self, Contrast, Harm, deploys, half_width, mean, name, ranked, verdict};
use crate::report::number::{count, duration, listed, measured, significant};

/// A cost that strategies may differ in; of each, less is better.
struct Cost {
    key: &'static str,
    /// What more of it is called, as in `a higher p99`.
    more: &'static str,
    /// What it is called where none is shown.
    noun: &'static str,
    told: fn(f64) -> String,
}

const COSTS: [Cost; 5] = [
    Cost { key: "cold_starts", more: "more cold starts", noun: "cold starts", told: |x| significant(x, 3) },
    Cost { key: "latency_p99_ms", more: "a higher p99", noun: "p99", told: |x| format!("{} ms", significant(x, 3)) },
    Cost { key: "rollout_duration_s", more: "a longer rollout", noun: "rollout duration", told: duration },
    Cost {
        key: "sessions_flipped",
        more: "more sessions thrown back to the old version",
        noun: "sessions thrown back",
        told: |x| significant(x, 3),
    },
    Cost { key: "operator_steps", more: "more operator steps", noun: "operator steps", told: count },
];

impl Cost {
    /// Two values that differ, with as many digits as it takes to see that.
    fn apart(&self, a: f64, b: f64) -> (String, String) {
        let unit = match self.key {
            key if key.ends_with("_ms") => " ms",
            key if key.ends_with("_s") => " s",
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

/// The advice on a scenario; `None` where nothing is deployed, so that there is nothing to decide.
#[must_use]
pub fn sentence(results: &ScenarioResults) -> Option<String> {
    if !deploys(results) {
        return None;
    }
    let harm = Harm::of(results);
    let contestants = judge::contestants(results);
    let order: Vec<usize> = ranked(results, harm.key())
        .into_iter()
        .filter(|place| contestants.contains(place) && mean(results, *place, harm.key()).is_some())
        .collect();
    let (&first, rest) = order.split_first()?;
    let parts = match rest {
        _ if results.replications == 1 => {
            let once = "not from one run of each strategy, which cannot rank them: run more".to_owned();
            std::iter::once(once).chain(measure(results, &order)).collect()
        }
        [] => {
            let only = name(results, first);
            let alone = format!("none beyond {only} itself, as it is compared with no other strategy");
            std::iter::once(alone).chain(measure(results, &[first])).collect()
        }
        _ if harm == Harm::NearMisses => unharmed(results, &order),
        _ => match results.best(harm.key()) {
            Some(best) => best_of(results, harm, &order, best.strategy, &best.alike),
            None => tied(results, harm, &order),
        },
    };
    Some(format!("Advice: {}.", parts.join("; ")))
}

/// Some strategies are better than others: which, by how much, at what cost, hanging on what.
fn best_of(results: &ScenarioResults, harm: Harm, order: &[usize], best: usize, alike: &[usize]) -> Vec<String> {
    let group: Vec<usize> = std::iter::once(best).chain(alike.iter().copied()).collect();
    let others: Vec<usize> = order.iter().copied().filter(|place| !group.contains(place)).collect();
    let next = others.first().map_or(String::new(), |&next| {
        format!(", against {} under {}, the next", figure(results, next, harm.key()), name(results, next))
    });
    let has = match mean(results, best, harm.key()) {
        Some(0.0) => format!("no {} in {} runs", harm.noun(), results.replications),
        _ => format!("fewest {}: {}", harm.noun(), figure(results, best, harm.key())),
    };
    let first = name(results, best);
    let mut parts = vec![format!("{first}, with {has}{next}")];
    if !alike.is_empty() {
        parts.push(format!("{} cannot be told from {first}", listed(alike.iter().map(|&place| name(results, place)))));
    }
    if alike.is_empty() {
        parts.extend(price(results, best, &others));
    } else {
        parts.extend(among(results, &group));
    }
    let hinges: Vec<usize> = group.iter().copied().take(1).chain(others.first().copied()).collect();
    // What is not served for another reason than its format hangs on no lag.
    if harm != Harm::Unserved {
        parts.extend(measure(results, &hinges));
    }
    parts
}

/// No strategy is better than another where it matters most: perhaps where it matters less.
fn tied(results: &ScenarioResults, harm: Harm, order: &[usize]) -> Vec<String> {
    let lucky = listed(
        order.iter().filter(|&&place| results.strategies[place].forgotten.is_some()).map(|&place| name(results, place)),
    );
    let why = match judge::contrast(results, harm.key(), order) {
        _ if !lucky.is_empty() => format!("too few runs tell what forgotten routes do under {lucky}"),
        Contrast::NoDifference => "no difference is shown".to_owned(),
        _ => "not every pair could be compared".to_owned(),
    };
    let mut parts = vec![format!("none from {}, as {why}", harm.noun())];
    parts.extend(among(results, order));
    if harm != Harm::Unserved {
        parts.extend(measure(results, order));
    }
    parts
}

/// Nothing breaks: what else differs may decide.
fn unharmed(results: &ScenarioResults, order: &[usize]) -> Vec<String> {
    let clean = format!("no incompatible request in {} runs of any strategy", results.replications);
    vec![match among(results, order) {
        Some(differ) => format!("{clean}, so what else differs may decide; {differ}"),
        None => format!("{clean}, and nothing else is shown to differ"),
    }]
}

/// What the best costs more than another, and in what no higher cost is shown.
fn price(results: &ScenarioResults, best: usize, others: &[usize]) -> Vec<String> {
    let (mut higher, mut none) = (Vec::new(), Vec::new());
    for cost in &COSTS {
        let more = |other: &&usize| verdict(results, cost.key, best, **other) == Verdict::Higher;
        let known = others.iter().all(|&other| verdict(results, cost.key, best, other) != Verdict::NotCompared);
        let value = |place: usize| mean(results, place, cost.key);
        let cheapest =
            ranked(results, cost.key).into_iter().find(|place| others.iter().filter(more).any(|o| o == place));
        match cheapest.and_then(|other| Some((other, value(best)?, value(other)?))) {
            Some((other, mine, theirs)) => {
                let (mine, theirs) = cost.apart(mine, theirs);
                higher.push(format!("{} ({mine} against {theirs} under {})", cost.more, name(results, other)));
            }
            None if known => none.push(cost.noun),
            None => {}
        }
    }
    let price = (!higher.is_empty()).then(|| format!("its price: {}", higher.join(", ")));
    let free = (!none.is_empty()).then(|| format!("no higher cost shown in {}", none.join(", ")));
    price.into_iter().chain(free).collect()
}

/// What tells some strategies apart that are alike in what matters most.
fn among(results: &ScenarioResults, group: &[usize]) -> Option<String> {
    let differ = COSTS.iter().filter_map(|cost| match judge::contrast(results, cost.key, group) {
        Contrast::Differ(a, b) => {
            let (high, low) = (mean(results, a, cost.key)?, mean(results, b, cost.key)?);
            let (high, low) = cost.apart(high, low);
            Some(format!(
                "{} under {} than under {} ({high} against {low})",
                cost.more,
                name(results, a),
                name(results, b)
            ))
        }
        _ => None,
    });
    let differ: Vec<_> = differ.collect();
    (!differ.is_empty()).then(|| format!("what differs: {}", differ.join(", ")))
}

/// What to measure first: the greatest assumption that the figures of these strategies hang on. Where the first of
/// them has no mismatch, it is the others' figures that a lag decides, and the first's that rests on no mistake.
fn measure(results: &ScenarioResults, hinges: &[usize]) -> Option<String> {
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
    Some(format!("measure first {}{second}", clause(first)))
}

/// A mean with its interval.
fn figure(results: &ScenarioResults, place: usize, key: &str) -> String {
    let mean = mean(results, place, key).unwrap_or(0.0);
    match half_width(results.estimate(place, key)) {
        Some(half) if half > 0.0 => {
            let (mean, half) = measured(mean, half);
            format!("{mean} ± {half}")
        }
        _ => count(mean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Frame, Sample, scenario};

    fn advice(samples: &[Sample]) -> String {
        sentence(&scenario(&Frame::default(), samples)).unwrap_or_default()
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

    fn with(mut sample: Sample, key: &'static str, mean: f64, half: f64) -> Sample {
        sample.means.retain(|(known, ..)| *known != key);
        sample.means.push((key, mean, half));
        sample
    }

    fn hanging(sample: Sample, what: &'static str, value: &str) -> Sample {
        Sample { hangs_on: vec![Assumption { what, value: value.to_owned() }], ..sample }
    }

    #[test]
    fn the_best_with_its_price_and_what_it_hangs_on() {
        let pinned = with(Sample::new("pinned", 10.0, 0.0), "operator_steps", 1.0, 0.0);
        let pinned = hanging(pinned, "the share of forgotten routes", "0 %");
        assert_eq!(
            advice(&[Sample::new("latest", 15.0, 1_083.0), pinned, Sample::new("alias", 15.0, 1_879.0)]),
            "Advice: pinned, with no incompatible requests in 40 runs, against 1,083 ± 54 under latest, the next; its \
             price: more operator steps (1 against 0 under latest); no higher cost shown in cold starts, p99, rollout \
             duration; measure first the share of forgotten routes (assumed 0 %), on which the figure of pinned hangs, \
             then the gateway's lag (assumed 0 s to 10 s), on which the figure of latest hangs."
        );
    }

    #[test]
    fn costs_that_were_not_compared_are_not_called_equal() {
        let cut = Sample { absent: vec!["rollout_duration_s"], ..Sample::new("a", 10.0, 10.0) };
        let told = advice(&[cut, Sample::new("b", 10.0, 100.0)]);
        assert!(told.contains("no higher cost shown in cold starts, p99, operator steps"), "{told}");
        assert!(told.starts_with("Advice: a, with fewest incompatible requests: 10.00 ± 0.50, against 100"), "{told}");
        assert!(told.contains("(assumed 0 s to 10 s), on which the figures of a and b hang"), "{told}");
    }

    #[test]
    fn those_that_cannot_be_told_apart_are_named_together() {
        let samples =
            [Sample::new("a", 10.0, 1_000.0), Sample::new("b", 40.0, 1_001.0), Sample::new("c", 10.0, 9_000.0)];
        assert_eq!(
            advice(&samples),
            "Advice: a, with fewest incompatible requests: 1,000 ± 50, against 9,000 ± 450 under c, the next; b cannot be \
             told from a; what differs: a longer rollout under b than under a (50 s against 20 s); measure first the \
             gateway's lag (assumed 0 s to 10 s), on which the figures of a and c hang."
        );
    }

    #[test]
    fn ties_single_strategies_and_single_runs_get_no_advice_that_is_not_theirs() {
        let tie = [Sample::new("a", 10.0, 0.0), Sample::new("b", 10.0, 0.0)];
        let told = advice(&tie);
        assert!(
            told.starts_with("Advice: none from incompatible requests, as no difference is shown; measure"),
            "{told}"
        );
        let told = advice(&tie[..1]);
        assert!(told.starts_with("Advice: none beyond a itself, as it is compared with no other strategy;"), "{told}");
        let once = Frame { replications: 1, ..Frame::default() };
        let told = sentence(&scenario(&once, &tie)).unwrap();
        assert!(
            told.starts_with("Advice: not from one run of each strategy, which cannot rank them: run more; mea"),
            "{told}"
        );
        assert_eq!(sentence(&scenario(&Frame::default(), &[Sample::none("none")])), None);
        assert_eq!(sentence(&scenario(&Frame::default(), &[])), None);
        let absent = Sample { absent: vec!["incompatible", "mismatched"], ..Sample::new("a", 1.0, 1.0) };
        assert_eq!(sentence(&scenario(&Frame::default(), &[absent])), None);
    }

    #[test]
    fn where_nothing_breaks_something_else_may_decide() {
        let near = |name, end| {
            let mut sample = Sample::new(name, end, 1_083.0);
            sample.means.iter_mut().filter(|(key, ..)| key.starts_with("incompatible")).for_each(|(_, mean, half)| {
                (*mean, *half) = (0.0, 0.0);
            });
            sample
        };
        let start = "Advice: no incompatible request in 40 runs of any strategy, ";
        assert_eq!(advice(&[near("a", 10.0), near("b", 10.0)]), format!("{start}and nothing else is shown to differ."));
        let told = "what differs: a longer rollout under b than under a (50 s against 20 s)";
        let expected = format!("{start}so what else differs may decide; {told}.");
        assert_eq!(advice(&[near("a", 10.0), near("b", 40.0)]), expected);
    }

    #[test]
    fn a_strategy_that_hangs_on_nothing_has_nothing_to_be_measured() {
        let alone = Sample { hangs_on: Vec::new(), ..Sample::new("a", 10.0, 0.0) };
        assert!(!advice(std::slice::from_ref(&alone)).contains("measure"));
        let told = advice(&[alone, Sample::new("b", 10.0, 100.0)]);
        let end = "measure first the gateway's lag (assumed 0 s to 10 s), on which the figure of b hangs.";
        assert!(told.ends_with(end), "{told}");
    }
}
