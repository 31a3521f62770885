//! What there is to say besides what moved: flips, objectives, how runs were compared, what only one of them has.

use crate::metrics::Bound;
use crate::metrics::Metric;
use crate::report::number::{brief_percent, grouped, listed, many};
use crate::report::text::studies::sweep::amount;
use crate::results::comparison::{Comparison, Moved, ObjectiveComparison, Pairing, ScenarioComparison};
use crate::results::{Outcome, Verdict};

/// Every note, those on flips first.
pub(super) fn notes(comparison: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    for scenario in &comparison.scenarios {
        notes.extend(verdict(scenario));
        notes.extend(scenario.objectives.iter().filter_map(|objective| told(scenario, objective)));
    }
    comparison.scenarios.iter().for_each(|scenario| notes.extend(not_compared(scenario)));
    let only = |what: &str, (gone, come): &(Vec<String>, Vec<String>)| {
        let told = |names: &[String], when: &str| {
            (!names.is_empty()).then(|| format!("Only {when}: {what} {}.", listed(names.iter().map(String::as_str))))
        };
        [told(gone, "before"), told(come, "now")]
    };
    let several = |names: &(Vec<String>, Vec<String>)| if names.0.len().max(names.1.len()) > 1 { "s" } else { "" };
    notes.extend(only(&format!("scenario{}", several(&comparison.alone)), &comparison.alone).into_iter().flatten());
    for scenario in &comparison.scenarios {
        let what = format!("{} has strategy", scenario.name);
        notes.extend(only(&what, &scenario.alone).into_iter().flatten());
        if !scenario.unknown.is_empty() {
            let keys = listed(scenario.unknown.iter().map(String::as_str));
            notes.push(format!("{}: not in both runs, or unknown to this program: {keys}.", scenario.name));
        }
        notes.extend(unseen_change(scenario));
    }
    notes.extend(cut(comparison));
    notes.extend(pairing(comparison));
    let (before, now) = &comparison.versions;
    if before != now {
        notes.push(format!(
            "Written by cutover {before} before, {now} now: the program may have changed what figures are."
        ));
    }
    notes.push(format!(
        "{} judged; intervals hold all together at {} %, half of the error for lost, near misses and objectives. A figure counts \
         where it moved beyond that and by more than {} %.",
        many(comparison.judged as u32, "figure"),
        brief_percent(comparison.confidence),
        brief_percent(comparison.relevant)
    ));
    notes
}

/// What flipped in a scenario, in a few words: `lesson favours pinned instead of alias`.
pub(super) fn flip(scenario: &ScenarioComparison) -> String {
    if scenario.favours_others() {
        let moved = scenario.figures().any(|(_, figure)| figure.moved());
        let though = if moved { "" } else { ", though no figure moved beyond chance" };
        return favours(scenario) + though;
    }
    let objective = scenario.objectives.iter().find(|objective| objective.flipped());
    objective.and_then(|objective| told(scenario, objective)).unwrap_or_default().trim_end_matches('.').to_owned()
}

fn favours(scenario: &ScenarioComparison) -> String {
    let names = |names: &[String]| match names {
        [] => "none".to_owned(),
        names => listed(names.iter().map(String::as_str)),
    };
    format!("{} favours {} instead of {}", scenario.name, names(&scenario.favoured.1), names(&scenario.favoured.0))
}

fn verdict(scenario: &ScenarioComparison) -> Option<String> {
    let (before, now) = &scenario.verdicts;
    scenario.favours_others().then(|| {
        let chance = match scenario.figures().any(|(_, figure)| figure.moved()) {
            false => " No figure moved beyond chance, so this may be chance too.",
            true => "",
        };
        format!("{}. Before: {before} Now: {now}{chance}", favours(scenario))
    })
}

/// What became of an objective, where that changed.
fn told(scenario: &ScenarioComparison, one: &ObjectiveComparison) -> Option<String> {
    let name = format!("Objective {} of {} under {}", one.objective, scenario.name, one.strategy);
    let bound = |bound: Bound| {
        let (word, x) = match bound {
            Bound::AtMost(x) => ("at most", x),
            Bound::AtLeast(x) => ("at least", x),
        };
        let x = Metric::parse(&one.metric).map_or_else(|| grouped(x, 3), |metric| amount(&metric, x));
        format!("{word} {x}")
    };
    match (one.before, one.after) {
        (Some((wanted, before)), Some((wants, now))) if before != now || wanted != wants => {
            let changed = if wanted == wants {
                String::new()
            } else {
                format!(" ({} before, {} now)", bound(wanted), bound(wants))
            };
            let outcome =
                if before == now { format!("{now} as before") } else { format!("{before} before, {now} now") };
            Some(format!("{name}: {outcome}{changed}."))
        }
        (None, Some((wants, now))) => Some(format!("{name}, {}, is new: {now}.", bound(wants))),
        (Some((_, before)), None) => Some(format!("{name} is gone; it was {before}.")),
        // What is missed in both stays a failure.
        (Some(_), Some((_, Outcome::Missed))) => Some(format!("{name}: missed as before.")),
        _ => None,
    }
}

/// Whether the window cut a figure short in both runs, as it would again.
const fn is_cut(figure: &Moved) -> bool {
    let both = figure.before.mean.is_some() && figure.after.mean.is_some();
    both && figure.before.censored > 0 && figure.after.censored > 0
}

/// How many judged figures the window cut short in both runs; nobody is to miss them, nor to read them every time.
fn cut(comparison: &Comparison) -> Option<String> {
    let figures = comparison.scenarios.iter().flat_map(ScenarioComparison::figures);
    let found = figures.filter(|(_, figure)| figure.judged && is_cut(figure)).count() as u32;
    (found > 0).then(|| {
        let figures = many(found, "figure");
        format!("Not compared: {figures} that the window cut short in both runs; --format json has them. A longer window would show them.")
    })
}

/// Judged figures that could not be compared, each with why and under which strategies.
fn not_compared(scenario: &ScenarioComparison) -> Vec<String> {
    if scenario.replications.0.min(scenario.replications.1) < 2 {
        return vec![format!(
            "{}: one run alone has no interval; nothing but exact figures can be compared.",
            scenario.name
        )];
    }
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for (strategy, figure) in scenario.figures() {
        let known = figure.before.mean.is_some() || figure.after.mean.is_some();
        if !figure.judged || figure.verdict != Verdict::NotCompared || !known || is_cut(figure) {
            continue;
        }
        let why = match (figure.before, figure.after) {
            (_, after) if after.mean.is_none() => "absent now",
            (before, _) if before.mean.is_none() => "absent before",
            (_, after) if after.censored > 0 => "cut short by the window now",
            (before, _) if before.censored > 0 => "cut short by the window before",
            _ if figure.metric.kind.bears_losses().is_some() => "those lost have none, and their number moved",
            _ => "absent in some runs, or in too few",
        };
        let what = format!("{} ({why})", figure.metric.key());
        match found.iter_mut().find(|(known, _)| *known == what) {
            Some((_, strategies)) => strategies.push(strategy),
            None => found.push((what, vec![strategy])),
        }
    }
    let told = found.into_iter().map(|(what, strategies)| {
        format!("{}: not compared under {}: {what}.", scenario.name, listed(strategies.into_iter()))
    });
    told.collect()
}

/// What changed that no text shows.
fn unseen_change(scenario: &ScenarioComparison) -> Option<String> {
    let (Some(before), Some(now)) = &scenario.sources else {
        return Some(format!(
            "{}: an older cutover did not record the scenario's text; what changed in it cannot be shown.",
            scenario.name
        ));
    };
    (!scenario.same && before == now && scenario.overrides.0 == scenario.overrides.1).then(|| {
        format!(
            "{}: its text is the same, but what figures follow from is not: a trace, or the length found for its warm-up.",
            scenario.name
        )
    })
}

/// How replications were compared, scenarios alike together.
fn pairing(comparison: &Comparison) -> Vec<String> {
    let names = |wanted: &dyn Fn(Pairing) -> bool| -> Option<String> {
        let found: Vec<&str> =
            comparison.scenarios.iter().filter(|one| wanted(one.pairing)).map(|one| one.name.as_str()).collect();
        match found.len() {
            0 => None,
            n if n == comparison.scenarios.len() => Some("all scenarios".to_owned()),
            _ => Some(listed(found.into_iter())),
        }
    };
    let (before, now) = comparison.seeds;
    let mut notes = Vec::new();
    notes.extend(names(&|pairing| matches!(pairing, Pairing::Paired(_))).map(|names| {
        format!("Paired, replication by replication ({names}): the same seed, {now}, and the same traffic.")
    }));
    notes.extend(names(&|pairing| pairing == Pairing::OtherSeed).map(|names| {
        format!("Unpaired ({names}): seeds differ, {before} before and {now} now, so that intervals are wider than with one seed.")
    }));
    notes.extend(names(&|pairing| pairing == Pairing::OtherTraffic).map(|names| {
        format!(
            "Unpaired ({names}): the seed is the same, but sources or the window changed, so that other requests came."
        )
    }));
    for scenario in &comparison.scenarios {
        let (before, now) = scenario.replications;
        if before != now {
            let used = match scenario.pairing {
                Pairing::Paired(n) => format!("; the first {} of both are paired", grouped(f64::from(n), 0)),
                _ => String::new(),
            };
            notes.push(format!(
                "{}: {} before, {} now{used}.",
                scenario.name,
                many(before, "run"),
                grouped(f64::from(now), 0)
            ));
        }
    }
    notes
}
