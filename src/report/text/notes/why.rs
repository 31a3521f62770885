//! Why events and code did not belong together.

use crate::metrics::Cause;
use crate::report::judge::{caused_by, mean, name, ranked, verdict};
use crate::report::number::{duration, listed, part};
use crate::results::{Pair, ScenarioResults, Verdict};
use std::cmp::Ordering;

/// How many of the worst strategies are explained.
const EXPLAINED: usize = 3;

/// In which direction events and code missed each other, and how long that went on.
pub(super) fn direction(results: &ScenarioResults) -> Option<String> {
    let breaks = (0..results.strategies.len()).any(|place| mean(results, place, "incompatible") > Some(0.0));
    let (key, noun) = if breaks { ("incompatible", "incompatible attempts") } else { ("mismatched", "mismatches") };
    let of_pair = |pair: &Pair| if breaks { pair.incompatible } else { pair.requests };
    let sides = |place: usize| {
        let pairs = results.strategies.get(place).map_or(&[][..], |strategy| &strategy.pairs);
        pairs.iter().fold((0.0, 0.0), |(ahead, behind), pair| match pair.contract.cmp(&pair.spoken) {
            Ordering::Greater => (ahead + of_pair(pair), behind),
            Ordering::Less => (ahead, behind + of_pair(pair)),
            Ordering::Equal => (ahead, behind),
        })
    };
    let mut harmful: Vec<usize> = ranked(results, key);
    harmful.retain(|&place| sides(place).0 + sides(place).1 > 0.0);
    harmful.reverse();
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
        format!("{worst} of the {noun} under every strategy that has any")
    } else {
        let under = |(at, (place, part)): (usize, &(usize, String))| {
            let of = if at == 0 { format!(" of the {noun}") } else { String::new() };
            format!("{part}{of} under {}", name(results, *place))
        };
        parts.iter().take(EXPLAINED).enumerate().map(under).collect::<Vec<_>>().join(", ")
    };
    Some(format!("Why: {cause}: {text}.{}", exposure(results, &harmful).unwrap_or_default()))
}

/// Why the mismatches of the worst strategies were, the main causes of each.
pub(super) fn causes(results: &ScenarioResults) -> Option<String> {
    let mut worst = ranked(results, "mismatched");
    worst.retain(|&place| mean(results, place, "mismatched") > Some(0.0));
    worst.reverse();
    let told = |&place: &usize| {
        let mut known = Cause::ALL.map(|cause| (cause, caused_by(results, place, cause))).to_vec();
        let all: f64 = known.iter().map(|(_, n)| n).sum();
        known.retain(|&(_, n)| n / all >= LEAST_CAUSE);
        known.sort_by(|a, b| b.1.total_cmp(&a.1));
        let parts: Vec<String> =
            known.iter().map(|(cause, n)| format!("{} ({})", cause.told(), part(n / all))).collect();
        (!parts.is_empty())
            .then(|| format!("under {} {}", name(results, place), listed(parts.iter().map(String::as_str))))
    };
    let parts: Vec<String> = worst.iter().take(EXPLAINED).filter_map(told).collect();
    (!parts.is_empty()).then(|| format!("Causes of the mismatches: {}.", parts.join("; ")))
}

/// Causes with less of the mismatches are not named.
const LEAST_CAUSE: f64 = 0.01;

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
