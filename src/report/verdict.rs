//! The sentences below the table: what differs and why, what a zero is worth, and what was merely assumed.

use crate::experiment::results::{ScenarioResults, Verdict};
use crate::math::pow;
use crate::report::judge::{self, Contrast, Harm, deploys, mean, name, ranked, verdict};
use crate::report::number::{brief_percent, duration};
use std::cmp::Ordering;

/// The sentences, a line each; only those that the figures support.
pub(super) fn notes(results: &ScenarioResults, confidence: f64) -> Vec<String> {
    let harm = Harm::of(results);
    let mut notes = Vec::new();
    if deploys(results) {
        notes.extend(near_misses(results, harm, confidence));
        notes.extend(compared(results, harm));
        notes.extend(zeros(results, harm, confidence));
        notes.extend(why(results, harm));
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

/// What the near misses are, and what it is worth that they are no more than that.
fn near_misses(results: &ScenarioResults, harm: Harm, confidence: f64) -> Option<String> {
    let incompatible = match bound(results.replications, confidence) {
        Some(bound) => format!("Incompatible requests {bound}."),
        None => "No incompatible requests.".to_owned(),
    };
    (harm == Harm::NearMisses)
        .then(|| format!("Near misses: mismatched requests that the code could read. {incompatible}"))
}

/// Who is best, and whether the rest differs.
fn compared(results: &ScenarioResults, harm: Harm) -> Option<String> {
    let best = judge::best(results, harm.key());
    let star = (!best.is_empty()).then(|| format!("* fewest {} (paired, corrected).", harm.noun()));
    joined(star.into_iter().chain(differences(results)).collect())
}

/// One line of several sentences; none of none.
fn joined(sentences: Vec<String>) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// What the paired differences say of cold starts and latency.
fn differences(results: &ScenarioResults) -> Vec<String> {
    let all: Vec<usize> = (0..results.strategies.len()).collect();
    let mut same = Vec::new();
    let mut sentences = Vec::new();
    for (key, what, more) in [("cold_starts", "Cold starts", "more"), ("latency_p99_ms", "p99", "higher")] {
        match judge::contrast(results, key, &all) {
            Contrast::NoDifference => same.push(what),
            Contrast::Differ(high, low) => {
                sentences.push(format!(
                    "{what}: {more} under {} than under {}.",
                    name(results, high),
                    name(results, low)
                ));
            }
            Contrast::Unknown => {}
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
    let clean = results
        .strategies
        .iter()
        .enumerate()
        .filter(|(place, strategy)| strategy.replaces.is_some() && mean(results, *place, harm.key()) == Some(0.0));
    let names: Vec<&str> = clean.map(|(_, strategy)| strategy.name.as_str()).collect();
    let bound = bound(results.replications, confidence)?;
    (!names.is_empty()).then(|| format!("{}: {} {bound}.", names.join(", "), harm.noun()))
}

/// The exact upper end of a one-sided interval for the share of deployments in which something happens that happened
/// in none of `runs`; one run alone says too little.
fn bound(runs: u32, confidence: f64) -> Option<String> {
    let most = (1.0 - pow(1.0 - confidence, 1.0 / f64::from(runs))) * 100.0;
    let (digits, confidence) = (if most < 1.0 { 2 } else { 1 }, brief_percent(confidence));
    (runs > 1).then(|| format!("in 0 of {runs} deployments; at most {most:.digits$} % of deployments, {confidence} %"))
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
