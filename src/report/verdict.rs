//! The sentences below the table: what differs and why, what a zero is worth, and what was merely assumed.

use crate::experiment::metrics::{Metric, Unit};
use crate::experiment::results::{Best, Method, Reached, ScenarioResults, Verdict};
use crate::math::ln;
use crate::report::callers;
use crate::report::gates;
use crate::report::judge::{self, Contrast, Harm, deploys, mean, name, ranked, verdict};
use crate::report::number::{brief_percent, duration, grouped, listed, percent, significant, spoken};
use crate::report::sweep::amount;
use crate::report::warm_up;
use std::cmp::Ordering;

/// The sentences, a line each; only those that the figures support.
pub(super) fn notes(results: &ScenarioResults, confidence: f64) -> Vec<String> {
    let harm = Harm::of(results);
    let mut notes = gates::notes(results);
    notes.extend(nothing(results));
    notes.extend(warm_up::note(results));
    notes.extend(results.precision.iter().map(|reached| precision(results, reached)));
    if deploys(results) {
        notes.extend(near_misses(results, harm, confidence));
        notes.extend(compared(results, harm));
        notes.extend(zeros(results, harm, confidence));
        notes.extend(rare(results, harm, confidence));
        notes.extend(lucky(results, harm));
        notes.extend(cut_short(results));
        notes.extend(why(results, harm));
        notes.extend(callers::notes(results));
    } else {
        notes.extend(joined(differences(results)));
    }
    if results.replications == 1 {
        notes.push("One run: no intervals, and no strategy can be called better.".to_owned());
    }
    if !results.assumptions.is_empty() {
        notes.push(format!("Assumed, not measured: {}.", results.assumptions.join(", ")));
    }
    notes
}

/// Where nothing was handled, a share of it is unknown, however much it looks like a zero.
fn nothing(results: &ScenarioResults) -> Option<String> {
    let idle = (0..results.strategies.len()).filter(|&place| mean(results, place, "handled") == Some(0.0));
    let names = listed(idle.map(|place| name(results, place)));
    (!names.is_empty()).then(|| format!("No request was handled under {names}: no share of them is known."))
}

/// Whether a precision that was asked for was reached.
fn precision(results: &ScenarioResults, reached: &Reached) -> String {
    let with_unit = |metric: &Metric| matches!(metric.unit(), Unit::Milliseconds | Unit::Seconds);
    let width = match Metric::parse(&reached.metric).filter(with_unit) {
        _ if reached.relative => format!("± {} %", brief_percent(reached.width)),
        Some(metric) => format!("± {}", amount(&metric, reached.width)),
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

/// What the near misses are, and what it is worth that they are no more than that.
fn near_misses(results: &ScenarioResults, harm: Harm, confidence: f64) -> Option<String> {
    if harm != Harm::NearMisses {
        return None;
    }
    let all: Vec<usize> = (0..results.strategies.len()).collect();
    let incompatible = match none_seen(results, "incompatible", &all, confidence) {
        Some(bound) => format!("Incompatible requests: {bound}."),
        None => "No incompatible requests.".to_owned(),
    };
    Some(format!("Near misses: mismatched requests that the code could read. {incompatible}"))
}

/// Who is best, and whether the rest differs.
fn compared(results: &ScenarioResults, harm: Harm) -> Option<String> {
    let starred = !judge::best(results, harm.key()).is_empty();
    let star = match results.best(harm.key()) {
        _ if starred => Some(format!("* fewest {} (paired, corrected).", harm.noun())),
        Some(best) if !best.alike.is_empty() => {
            Some(format!("Fewest {}{} (paired, corrected).", harm.noun(), under(results, best)))
        }
        _ => None,
    };
    joined(star.into_iter().chain(differences(results)).collect())
}

/// The best strategy and those that cannot be told from it: ` under a; b and c cannot be told from it`.
fn under(results: &ScenarioResults, best: &Best) -> String {
    let alike = listed(best.alike.iter().map(|&place| name(results, place)));
    let first = name(results, best.strategy);
    if alike.is_empty() { format!(" under {first}") } else { format!(" under {first}; {alike} cannot be told from it") }
}

/// One line of several sentences; none of none.
fn joined(sentences: Vec<String>) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// What the paired differences say of cold starts and latency.
fn differences(results: &ScenarioResults) -> Vec<String> {
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
    sentences
}

/// What a zero in every run is worth: requests of one deployment share its lags and mistakes, so it is deployments
/// that are counted (guarantee G7).
fn zeros(results: &ScenarioResults, harm: Harm, confidence: f64) -> Option<String> {
    let deploying = results.strategies.iter().enumerate().filter(|(_, strategy)| strategy.replaces.is_some());
    let clean: Vec<usize> =
        deploying.map(|(place, _)| place).filter(|&place| mean(results, place, harm.key()) == Some(0.0)).collect();
    let bound = none_seen(results, harm.key(), &clean, confidence)?;
    let names = listed(clean.iter().map(|&place| name(results, place)));
    Some(format!("{names}: {}: {bound}.", harm.noun()))
}

/// Where routes may be forgotten, and too few were for a comparison.
fn lucky(results: &ScenarioResults, harm: Harm) -> Option<String> {
    let seldom =
        results.strategies.iter().filter_map(|strategy| Some(format!("{} in {}", strategy.name, strategy.forgotten?)));
    let seldom: Vec<String> = seldom.collect();
    let seldom = listed(seldom.iter().map(String::as_str));
    (results.replications > 1 && !seldom.is_empty()).then(|| {
        format!(
            "Routes were forgotten under {seldom} of {} rollouts: too few to claim fewer {} there, because a forgotten route \
             hits a whole rollout.",
            results.replications,
            harm.noun()
        )
    })
}

/// What it is worth that none of these strategies saw any such request; one run alone says too little.
fn none_seen(results: &ScenarioResults, key: &str, strategies: &[usize], confidence: f64) -> Option<String> {
    let handled = |&place: &usize| mean(results, place, "handled").map(|mean| mean * f64::from(results.replications));
    let requests = strategies.iter().filter_map(handled).reduce(f64::min)?;
    let seen = results.estimate(*strategies.first()?, key).occurrence?;
    let most = seen.share.1 * 100.0;
    // The one-sided Poisson bound for the mean of a count of which none was seen: -ln(1 - confidence) in all.
    let one_in = requests / -ln(1.0 - confidence);
    if results.replications < 2 || seen.affected > 0 || one_in < 1.0 {
        return None;
    }
    let (digits, confidence) = (if most < 1.0 { 2 } else { 1 }, brief_percent(confidence));
    let each = if strategies.len() > 1 { " each" } else { "" };
    // Of requests that fail together by a forgotten route, rollouts are all that can be counted.
    let independent = strategies.iter().all(|&place| results.strategies[place].forgotten.is_none());
    let independent =
        independent.then(|| format!("; at most 1 in {} if requests fail independently", counted(one_in, "request")));
    Some(format!(
        "none in {}{each} of {} rollouts: at most {most:.digits$} % of rollouts see any ({confidence} %){}",
        counted(requests, "request"),
        results.replications,
        independent.unwrap_or_default()
    ))
}

/// A number of things, in words; there are no parts of them.
fn counted(number: f64, thing: &str) -> String {
    // A sum of many means may lack a hair of a whole number.
    let number = if number < 1_000.0 { format!("{:.0}", (number + 1e-6).floor()) } else { spoken(number) };
    format!("{number} {thing}{}", if number == "1" { "" } else { "s" })
}

/// What few events are worth, strategy by strategy.
fn rare(results: &ScenarioResults, harm: Harm, confidence: f64) -> Vec<String> {
    let sentence = |place: usize| {
        let estimate = results.estimate(place, harm.key());
        let seen = estimate.occurrence.filter(|_| estimate.method == Method::Poisson)?;
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
            seen.affected,
            estimate.replications,
            percent(low),
            percent(high),
            brief_percent(confidence)
        ))
    };
    (0..results.strategies.len()).filter_map(sentence).collect()
}

/// Where the window was too short to see the old version go.
fn cut_short(results: &ScenarioResults) -> Option<String> {
    let key = "old_drained_s";
    let cut: Vec<_> = (0..results.strategies.len())
        .filter(|&place| results.estimate(place, key).censored > 0)
        .map(|place| format!("{} in {}", name(results, place), results.estimate(place, key).censored))
        .collect();
    let old = judge::old_name(results);
    let runs = results.replications;
    (!cut.is_empty()).then(|| {
        format!("At least: {old} was still there at the end under {} of {runs} runs; not compared.", cut.join(", "))
    })
}

/// How many of the worst strategies are explained.
const EXPLAINED: usize = 3;

/// In which direction events and code missed each other, and how long that went on.
fn why(results: &ScenarioResults, harm: Harm) -> Option<String> {
    let mut harmful: Vec<usize> = ranked(results, harm.key());
    harmful.retain(|&place| mean(results, place, harm.key()) > Some(0.0));
    harmful.reverse();
    let sides = |place: usize| {
        let pairs = results.strategies.get(place).map_or(&[][..], |strategy| &strategy.pairs);
        pairs.iter().fold((0.0, 0.0), |(ahead, behind), pair| {
            let harmed = harm.of_pair(pair);
            match pair.contract.cmp(&pair.spoken) {
                Ordering::Greater => (ahead + harmed, behind),
                Ordering::Less => (ahead, behind + harmed),
                Ordering::Equal => (ahead, behind),
            }
        })
    };
    harmful.retain(|&place| sides(place).0 + sides(place).1 > 0.0);
    let (ahead, behind) =
        harmful.iter().map(|&place| sides(place)).fold((0.0, 0.0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
    let (cause, mostly_behind) = match behind >= ahead {
        true => ("old events met new code (behind)", true),
        false => ("new events met old code (ahead)", false),
    };
    let parts: Vec<(usize, String)> = harmful
        .iter()
        .map(|&place| {
            let (ahead, behind) = sides(place);
            (place, part(if mostly_behind { behind } else { ahead } / (ahead + behind)))
        })
        .collect();
    let (_, worst) = parts.first()?;
    let text = if parts.len() > 1 && parts.iter().all(|(_, part)| part == worst) {
        format!("{worst} of the {} under every strategy that has any", harm.noun())
    } else {
        let under = |(at, (place, part)): (usize, &(usize, String))| {
            let of = if at == 0 { format!(" of the {}", harm.noun()) } else { String::new() };
            format!("{part}{of} under {}", name(results, *place))
        };
        parts.iter().take(EXPLAINED).enumerate().map(under).collect::<Vec<_>>().join(", ")
    };
    Some(format!("Why: {cause}: {text}.{}", exposure(results, &harmful).unwrap_or_default()))
}

/// A share in words that fit into a sentence.
fn part(share: f64) -> String {
    match share {
        1.0 => "all".to_owned(),
        0.0 => "none".to_owned(),
        _ if share >= 0.95 => "nearly all".to_owned(),
        _ => format!("{:.0} %", share * 100.0),
    }
}

/// How long mismatches went on under the strategies with the longest and the shortest exposure, if these differ.
fn exposure(results: &ScenarioResults, harmful: &[usize]) -> Option<String> {
    let key = "exposure_s";
    let mut known: Vec<(usize, f64)> =
        harmful.iter().filter_map(|&place| Some((place, mean(results, place, key)?))).collect();
    known.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (&(short, least), &(long, most)) = known.first().zip(known.last())?;
    let (most, least) = (duration(most), duration(least));
    (verdict(results, key, long, short) == Verdict::Higher && most != least).then(|| {
        let (long, short) = (name(results, long), name(results, short));
        format!(" Mismatches went on for {most} under {long}, {least} under {short}.")
    })
}
