//! What a sweep's chart says: who is best where, and who responds most.

use crate::metrics::Direction;
use crate::report::judge;
use crate::report::text::studies::sensitivity::brief;
use crate::report::text::studies::sweep::value;
use crate::results::Estimate;
use crate::results::sweep::{PointResults, Sweep};

/// The finding, of the points along an axis whose key is `axis`; several panels are told together.
pub(super) fn finding(sweep: &Sweep, axis: &str, along: usize, panels: &[Vec<&PointResults>]) -> String {
    let Some(first) = sweep.points.first() else { return String::new() };
    let response = strongest(sweep, along, panels)
        .unwrap_or_else(|| format!("{} shows no response to {axis}", sweep.metric.key()));
    match first.results.strategies.len() {
        0 | 1 => response,
        _ => format!("{response}; {}", best(sweep, along, panels)),
    }
}

/// Who is best, where that is told.
fn best(sweep: &Sweep, along: usize, panels: &[Vec<&PointResults>]) -> String {
    let key = sweep.metric.key();
    let told = |point: &PointResults| {
        let best = point.results.best(&key).filter(|best| best.alike.is_empty());
        best.map(|best| judge::name(&point.results, best.strategy).to_owned())
    };
    let all: Vec<Option<String>> = sweep.points.iter().map(told).collect();
    let mut names: Vec<&String> = all.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    let count = all.iter().flatten().count();
    match (names.as_slice(), panels) {
        ([], _) => "no strategy is told best anywhere".to_owned(),
        ([one], _) if count == all.len() => format!("{one} is best throughout"),
        ([one], _) => format!("{one} is best at {count} of {} points, none told elsewhere", all.len()),
        (_, [points]) => {
            let mut runs: Vec<(String, &PointResults, &PointResults)> = Vec::new();
            for point in points {
                let Some(name) = told(point) else { continue };
                match runs.last_mut().filter(|(known, ..)| *known == name) {
                    Some((.., to)) => *to = point,
                    None => runs.push((name, point, point)),
                }
            }
            let at = |point: &PointResults| point.values.get(along).map_or_else(String::new, |value| brief(value));
            let run = |(name, from, to): &(String, &PointResults, &PointResults)| match at(from) == at(to) {
                true => format!("{name} at {}", at(from)),
                false => format!("{name} at {} to {}", at(from), at(to)),
            };
            format!("best is {}", runs.iter().map(run).collect::<Vec<_>>().join(", "))
        }
        _ => format!("the best differs: {}", crate::report::number::listed(names.into_iter().map(String::as_str))),
    }
}

/// The strategy whose metric moves most between the ends of the axis, if its intervals there are apart.
fn strongest(sweep: &Sweep, along: usize, panels: &[Vec<&PointResults>]) -> Option<String> {
    let key = sweep.metric.key();
    let mut strongest: Option<(f64, String)> = None;
    for points in panels {
        let (first, last) = (points.first()?, points.last()?);
        for place in 0..first.results.strategies.len() {
            let (from, to) = (first.results.estimate(place, &key), last.results.estimate(place, &key));
            let (Some(a), Some(b)) = (from.mean, to.mean) else { continue };
            if !apart(from, to) || strongest.as_ref().is_some_and(|(known, _)| *known >= (b - a).abs()) {
                continue;
            }
            let verb = match (b > a, sweep.metric.direction()) {
                (true, Direction::Lower | Direction::Neither) => "rises",
                (true, Direction::Higher) => "grows",
                (false, _) => "falls",
            };
            let at = |point: &PointResults| point.values.get(along).map_or_else(String::new, |value| brief(value));
            let text = format!(
                "{key} {verb} from {} at {} to {} at {} under {}",
                value(&sweep.metric, a),
                at(first),
                value(&sweep.metric, b),
                at(last),
                judge::name(&first.results, place)
            );
            strongest = Some(((b - a).abs(), text));
        }
    }
    strongest.map(|(_, text)| text)
}

/// Whether two intervals have nothing in common; without intervals, whether the means differ.
fn apart(a: Estimate, b: Estimate) -> bool {
    match (a.interval, b.interval) {
        (Some(a), Some(b)) => a.1 < b.0 || b.1 < a.0,
        _ => a.mean != b.mean,
    }
}
