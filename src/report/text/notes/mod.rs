//! What is said below the table, the weightiest first: what hurts and does not show in the verdict, what the favoured
//! strategy costs, what to measure, what was assumed; then details.

mod why;

use super::losses::{self, amount};
use super::studies::sweep::amount as in_unit;
use super::{costs, gates, given_up, warm_up};
use crate::math::ln;
use crate::metrics::{Metric, Unit};
use crate::report::judge::{self, Contrast, Harm, mean, name, ranked};
use crate::report::number::{brief_percent, duration, grouped, listed, percent, significant, spoken};
use crate::results::{Best, Reached, ScenarioResults};

/// What a sentence is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// Objectives.
    Objectives,
    /// What hurts and does not show in the verdict.
    Harm,
    /// How far the figures are to be trusted.
    Trust,
    /// What was assumed, and what to measure.
    Assumed,
    /// What strategies cost.
    Cost,
    /// Why requests were lost, or met another version.
    Why,
}

/// The sentences, a line each, the weightiest first; only those that the figures support.
#[must_use]
pub fn notes(results: &ScenarioResults, confidence: f64) -> Vec<String> {
    by_topic(results, confidence).into_iter().map(|(_, note)| note).collect()
}

/// The same, each with what it is about.
#[must_use]
pub fn by_topic(results: &ScenarioResults, confidence: f64) -> Vec<(Topic, String)> {
    use Topic::{Assumed, Cost, Harm as Hurts, Objectives, Trust, Why};
    let harm = Harm::of(results);
    let mut notes: Vec<(Topic, String)> = Vec::new();
    let mut add = |topic: Topic, told: Vec<String>| notes.extend(told.into_iter().map(|note| (topic, note)));
    let one = |told: Option<String>| told.into_iter().collect::<Vec<_>>();
    add(Objectives, gates::unmet(results));
    add(Hurts, one(given_up::stopped(results)));
    add(Hurts, one(given_up::timed_out(results)));
    add(Hurts, one(given_up::overdue(results)));
    add(Hurts, one(nothing(results)));
    add(Hurts, one(held_up(results)));
    add(Hurts, one(unfinished(results)));
    add(Hurts, reached(results));
    add(Trust, precision_missed(results));
    add(Trust, one(warm_up::warning(results)));
    add(Hurts, one(attempts(results)));
    add(Assumed, one(assumed(results)));
    add(Cost, costs::sentences(results));
    add(Cost, one(costs::beyond_not_deploying(results)));
    add(Hurts, one(sessions(results)));
    add(Assumed, one(costs::measure(results)));
    add(Hurts, one(near_misses(results, harm)));
    add(Why, one(losses_by_cause(results)));
    add(Why, one(why::direction(results)));
    add(Why, one(why::causes(results)));
    add(Trust, cut_short(results));
    add(Objectives, gates::met(results));
    add(Trust, precision_reached(results));
    add(Trust, one(warm_up::found(results)));
    add(Trust, rare(results, harm, confidence));
    add(Trust, one(differences(results)));
    add(Trust, one(independent(results, harm, confidence)));
    notes
}

/// Where nothing was handled, a share of it is unknown, however much it looks like a zero.
fn nothing(results: &ScenarioResults) -> Option<String> {
    let idle = (0..results.strategies.len()).filter(|&place| mean(results, place, "handled") == Some(0.0));
    let names = listed(idle.map(|place| name(results, place)));
    (!names.is_empty()).then(|| format!("No request was handled under {names}: no share of them is known."))
}

/// Shards that a record held up which fails: what waits behind it is no loss, and may wait for ever.
fn held_up(results: &ScenarioResults) -> Option<String> {
    let held_up = |place: usize| mean(results, place, "blocked_s").filter(|&seconds| seconds > 0.0);
    let known = judge::order(results).iter().filter_map(|&place| Some((place, held_up(place)?)));
    let parts: Vec<String> =
        known.map(|(place, seconds)| format!("{} under {}", duration(seconds), name(results, place))).collect();
    (!parts.is_empty()).then(|| {
        let parts = listed(parts.iter().map(String::as_str));
        format!("Held up by records that fail, summed over shards: {parts}. What is behind them waits.")
    })
}

/// Requests that were unfinished at the end are no loss yet, and may become one.
fn unfinished(results: &ScenarioResults) -> Option<String> {
    let share = |place: usize| judge::unfinished(results, place).filter(|&share| share > UNFINISHED);
    let known = judge::order(results).iter().filter_map(|&place| Some((place, share(place)?)));
    let mut known: Vec<(usize, f64)> = known.collect();
    let most = 2 * NAMED;
    let more = known.len().saturating_sub(most);
    if more > 0 {
        known.sort_by(|a, b| b.1.total_cmp(&a.1));
        known.truncate(most);
    }
    let told = |&(place, share): &(usize, f64)| format!("{} under {}", percent(share), name(results, place));
    let mut parts: Vec<String> = known.iter().map(told).collect();
    parts.extend((more > 0).then(|| format!("no more under {more} others")));
    (!parts.is_empty()).then(|| {
        let parts = listed(parts.iter().map(String::as_str));
        // What is held up would not be over later either.
        let held_up = (0..results.strategies.len()).any(|place| mean(results, place, "blocked_s") > Some(0.0));
        let cure = if held_up { "" } else { " A longer window would tell." };
        format!("Unfinished at the end, neither served nor lost: {parts} of the requests.{cure}")
    })
}

/// Above this part of the requests, those unfinished at the end are spoken of.
const UNFINISHED: f64 = 0.001;
/// Above this part, the new version is taken to have reached everybody.
const EVERYBODY: f64 = 0.999;

/// Rollouts that reached nobody, or only a part, by the end.
fn reached(results: &ScenarioResults) -> Vec<String> {
    let (mut nobody, mut parts) = (Vec::new(), Vec::new());
    for &place in judge::order(results) {
        let strategy = &results.strategies[place];
        let (Some(reach), Some(version)) = (strategy.reach, strategy.brings) else { continue };
        match reach.at_end {
            _ if !reach.anybody => nobody.push(format!("{version} under {}", strategy.name)),
            // What was given up will reach nobody else.
            _ if judge::given_up(results, place) > 0.0 => {}
            Some(share) if share < EVERYBODY => {
                parts.push(format!("{} of requests reach {version} under {}", percent(share), strategy.name));
            }
            _ => {}
        }
    }
    let joined = |parts: &[String]| listed(parts.iter().map(String::as_str));
    // Where nobody was reached under any strategy, the verdict says so.
    let none = (!nobody.is_empty() && !results.decision.favoured().is_empty())
        .then(|| format!("No request reached {}: nothing is known of it.", joined(&nobody)));
    let some = (!parts.is_empty()).then(|| {
        format!("The rollout is not over: at the end {}; what the rest will meet is not seen.", joined(&parts))
    });
    none.into_iter().chain(some).collect()
}

fn precision_missed(results: &ScenarioResults) -> Vec<String> {
    results.precision.iter().filter(|reached| !is_reached(results, reached)).map(|r| precision(results, r)).collect()
}

fn precision_reached(results: &ScenarioResults) -> Vec<String> {
    results.precision.iter().filter(|reached| is_reached(results, reached)).map(|r| precision(results, r)).collect()
}

fn is_reached(results: &ScenarioResults, reached: &Reached) -> bool {
    let known = (0..results.strategies.len()).any(|place| mean(results, place, &reached.metric).is_some());
    known && reached.open.is_empty()
}

/// Whether a precision that was asked for was reached.
fn precision(results: &ScenarioResults, reached: &Reached) -> String {
    let with_unit = |metric: &Metric| matches!(metric.unit(), Unit::Milliseconds | Unit::Seconds | Unit::Dollars);
    let width = match Metric::parse(&reached.metric).filter(with_unit) {
        _ if reached.relative => format!("± {} %", brief_percent(reached.width)),
        Some(metric) => format!("± {}", in_unit(&metric, reached.width)),
        None => format!("± {}", significant(reached.width, 2)),
    };
    let (metric, runs) = (&reached.metric, results.replications);
    let known = (0..results.strategies.len()).filter(|&place| mean(results, place, metric).is_some()).count();
    let open = listed(reached.open.iter().map(|&place| name(results, place)));
    match open.is_empty() {
        _ if known == 0 => {
            format!("Precision NOT reached: {metric} is absent under every strategy, after {runs} runs.")
        }
        true if known < results.strategies.len() => {
            format!("Precision: {metric} to {width} under every strategy that has it, after {runs} runs.")
        }
        true => format!("Precision: {metric} to {width} under every strategy, after {runs} runs."),
        false => format!("Precision NOT reached in {runs} runs: {metric} to {width} is still open under {open}."),
    }
}

/// Who loses requests to what, where there is more than one cause.
fn losses_by_cause(results: &ScenarioResults) -> Option<String> {
    let order = judge::order(results);
    let mixed = |&&place: &&usize| losses::causes(results, place).len() > 1;
    let told = |&place: &usize| {
        let parts: Vec<String> = losses::causes(results, place)
            .iter()
            .map(|(cause, _)| format!("{} to {}", amount(results, place, cause.key), cause.told))
            .collect();
        format!("{}: {}", name(results, place), parts.join(", "))
    };
    let parts: Vec<String> = order.iter().filter(mixed).take(NAMED).map(told).collect();
    (!parts.is_empty()).then(|| format!("Requests lost under {}.", parts.join("; under ")))
}

/// How many strategies a sentence names.
const NAMED: usize = 3;

/// Attempts are not requests: where callers try again, what happened to both.
fn attempts(results: &ScenarioResults) -> Option<String> {
    let kinds = [("incompatible", "incompatible"), ("retried", "made again")];
    let worst =
        ranked(results, "retried").into_iter().rev().filter(|&place| mean(results, place, "retried") > Some(0.0));
    let told = |place: usize| {
        let known = kinds.iter().filter(|(key, _)| mean(results, place, key) > Some(0.0));
        let parts: Vec<String> = known.map(|(key, word)| format!("{} {word}", amount(results, place, key))).collect();
        format!("{} under {}", listed(parts.iter().map(String::as_str)), name(results, place))
    };
    let parts: Vec<String> = worst.take(NAMED).map(told).collect();
    (!parts.is_empty()).then(|| format!("Attempts, beside the requests above: {}.", parts.join("; ")))
}

/// Users who were thrown back to the old version within a session.
fn sessions(results: &ScenarioResults) -> Option<String> {
    let key = "sessions_flipped";
    let worst = ranked(results, key).into_iter().rev().filter(|&place| mean(results, place, key) > Some(0.0));
    let parts: Vec<String> = worst
        .take(NAMED)
        .map(|place| format!("{} under {}", amount(results, place, key), name(results, place)))
        .collect();
    let parts = listed(parts.iter().map(String::as_str));
    (!parts.is_empty()).then(|| format!("Sessions that saw the new version and then the old one again: {parts}."))
}

/// What nobody measured.
fn assumed(results: &ScenarioResults) -> Option<String> {
    (!results.assumptions.is_empty()).then(|| format!("Assumed, not measured: {}.", results.assumptions.join(", ")))
}

/// Near misses that a loss puts in the shade.
fn near_misses(results: &ScenarioResults, harm: Harm) -> Option<String> {
    let key = Harm::NearMisses.key();
    let worst = ranked(results, key).into_iter().rev().filter(|&place| mean(results, place, key) > Some(0.0));
    let parts: Vec<String> = worst
        .take(NAMED)
        .map(|place| format!("{} under {}", amount(results, place, key), name(results, place)))
        .collect();
    let what = "mismatched requests that the code could read";
    match harm {
        _ if parts.is_empty() => None,
        Harm::NearMisses => Some(format!("Near misses: {what}.")),
        Harm::Lost => Some(format!("Near misses, {what}: {}.", listed(parts.iter().map(String::as_str)))),
    }
}

/// The best strategy and those that cannot be told from it: ` under a; b and c cannot be told from it`.
fn under(results: &ScenarioResults, best: &Best) -> String {
    let alike = listed(best.alike.iter().map(|&place| name(results, place)));
    let first = name(results, best.strategy);
    if alike.is_empty() { format!(" under {first}") } else { format!(" under {first}; {alike} cannot be told from it") }
}

/// What the paired differences say of cold starts and latency.
fn differences(results: &ScenarioResults) -> Option<String> {
    let contestants = judge::contestants(results);
    let mut same = Vec::new();
    let mut sentences = Vec::new();
    for (key, what, least) in [("cold_starts", "Cold starts", "fewest"), ("latency_p99_ms", "p99", "lowest")] {
        match results.best(key) {
            Some(best) => sentences.push(format!("{what}: {least}{}.", under(results, best))),
            None if judge::contrast(results, key, &contestants) == Contrast::NoDifference => same.push(what),
            None => {}
        }
    }
    if !same.is_empty() {
        sentences.push(format!("{}: no difference shown.", same.join(", ")));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// What few events are worth, strategy by strategy.
fn rare(results: &ScenarioResults, harm: Harm, confidence: f64) -> Vec<String> {
    let sentence = |place: usize| {
        let estimate = results.estimate(place, harm.key());
        let seen = estimate.occurrence.filter(|_| estimate.method.is_of_few())?;
        let (low, high) = seen.share;
        let clustered = if seen.dispersion > 1.0 {
            format!(
                "; they come in clusters (dispersion {}), so the interval is approximate",
                significant(seen.dispersion, 2)
            )
        } else {
            String::new()
        };
        Some(format!(
            "{}: {}: {} in all, in {} of {} rollouts: {} to {} of rollouts see any ({} %){clustered}.",
            name(results, place),
            harm.noun(),
            grouped(seen.events, 0),
            // By the weights of strata it is no whole number.
            if seen.affected.fract() == 0.0 { grouped(seen.affected, 0) } else { significant(seen.affected, 2) },
            estimate.replications,
            percent(low),
            percent(high),
            brief_percent(confidence)
        ))
    };
    (0..results.strategies.len()).filter_map(sentence).collect()
}

/// Where the window was too short to see the old version go, or the slowest requests end.
fn cut_short(results: &ScenarioResults) -> Vec<String> {
    let told = |key: &str, what: &str| {
        let cut: Vec<_> = (0..results.strategies.len())
            .filter(|&place| results.estimate(place, key).censored > 0)
            .map(|place| format!("{} in {}", name(results, place), results.estimate(place, key).censored))
            .collect();
        let (cut, runs) = (cut.join(", "), results.replications);
        (!cut.is_empty()).then(|| format!("At least: {what} under {cut} of {runs} runs; not compared."))
    };
    let old = format!("{} was still there at the end", judge::old_name(results));
    let slow = "p99 lacks requests that were in flight at the end";
    told("old_drained_s", &old).into_iter().chain(told("latency_p99_ms", slow)).collect()
}

/// What it is worth that none was seen, if requests fail independently: less than what it is worth over rollouts.
fn independent(results: &ScenarioResults, harm: Harm, confidence: f64) -> Option<String> {
    let clean = |&place: &usize| mean(results, place, harm.key()) == Some(0.0);
    let clean: Vec<usize> = judge::contestants(results).into_iter().filter(clean).collect();
    let handled = |&place: &usize| mean(results, place, "handled").map(|mean| mean * f64::from(results.replications));
    let requests = clean.iter().filter_map(handled).reduce(f64::min)?;
    // The one-sided Poisson bound for the mean of a count of which none was seen: -ln(1 - confidence) in all.
    let one_in = requests / -ln(1.0 - confidence);
    (results.replications > 1 && one_in >= 1.0).then(|| {
        format!(
            "{}: no {} in {}: at most 1 in {} ({} %), if requests fail independently.",
            listed(clean.iter().map(|&place| name(results, place))),
            harm.noun(),
            counted(requests, "request"),
            counted(one_in, "request"),
            brief_percent(confidence)
        )
    })
}

/// A number of things, in words; there are no parts of them.
fn counted(number: f64, thing: &str) -> String {
    // A sum of many means may lack a hair of a whole number.
    let number = if number < 1_000.0 { format!("{:.0}", (number + 1e-6).floor()) } else { spoken(number) };
    format!("{number} {thing}{}", if number == "1" { "" } else { "s" })
}
