//! What the page says of each strategy: how it stands beside another, what it does, how to see one of its requests, and all of
//! its figures.

use super::{Beside, Who};
use crate::metrics::Metric;
use crate::report::charts::agenda;
use crate::report::judge::{self, Harm, name};
use crate::report::number::significant;
use crate::report::text::losses::told;
use crate::report::text::studies::comparison::signed;
use crate::report::text::studies::sweep::value;
use crate::results::{Assumption, Difference, Estimate, Method, ScenarioResults, Verdict};
use serde::Serialize;

/// A strategy.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Strategy {
    who: Who,
    /// What it loses, in words.
    loses: String,
    versus: Option<Versus>,
    /// What is done, and when all have followed.
    done: String,
    /// What its mismatches hang on: what, and what was assumed.
    hangs_on: Vec<(&'static str, String)>,
    /// The command that shows one of its requests, if there is any worth it.
    explain: Option<String>,
    /// What it tells, of one that is lost.
    story: Option<String>,
    figures: Vec<Figure>,
}

/// A strategy beside another.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Versus {
    other: String,
    rows: Vec<Compared>,
}

/// One metric of both.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Compared {
    key: String,
    mine: String,
    theirs: String,
    /// Mine less theirs, with its interval.
    difference: String,
    /// What the figures allow one to say.
    verdict: &'static str,
}

/// A figure.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Figure {
    key: String,
    /// The metric's own key, without a version.
    kind: &'static str,
    mean: String,
    interval: String,
    method: String,
}

/// What two strategies are compared in, if they differ in it or lose by it.
const COMPARED: [&str; 12] = [
    "lost",
    "near_misses",
    "sessions_flipped",
    "cold_starts",
    "latency_p99_ms",
    "message_age_p99_s",
    "rollout_duration_s",
    "old_drained_s",
    "exposure_s",
    "operator_steps",
    "operator_s",
    "cost_usd",
];

/// The strategies of a scenario in the one order.
pub fn all(scenario: &ScenarioResults, who: &[Who], beside: &Beside, explain: &str) -> Vec<Strategy> {
    let of = |&place: &usize| {
        let strategy = &scenario.strategies[place];
        let happens = |key: &str| judge::mean(scenario, place, key) > Some(0.0);
        let first = [("lost", "lost"), ("cold_starts", "cold")].into_iter().find(|(key, _)| happens(key));
        Strategy {
            who: who[place].clone(),
            loses: told(scenario, place),
            versus: versus(scenario, place),
            done: agenda(scenario, place),
            hangs_on: strategy.hangs_on.iter().map(|Assumption { what, value }| (*what, value.clone())).collect(),
            explain: first.map(|(_, first)| format!("{explain} --strategy {} --first {first}", strategy.name)),
            story: beside.stories.get(place).cloned().flatten(),
            figures: scenario.metrics.iter().zip(&strategy.estimates).filter_map(figure).collect(),
        }
    };
    judge::order(scenario).iter().map(of).collect()
}

/// The one to compare with: the best, and of the best itself the next.
fn other(scenario: &ScenarioResults, place: usize) -> Option<usize> {
    let favoured = scenario.decision.favoured();
    let order = judge::order(scenario).iter().copied();
    let mut rest = favoured.into_iter().chain(scenario.decision.runner_up).chain(order);
    rest.find(|&other| other != place)
}

/// What the paired difference of two strategies is, with its interval; `None` where they were not compared.
fn difference(metric: &Metric, found: &Difference) -> Option<String> {
    let mean = found.mean?;
    Some(match found.interval {
        Some((low, high)) if low < high => {
            format!("{} ({} to {})", signed(metric, mean, 0.0), signed(metric, low, 0.0), signed(metric, high, 0.0))
        }
        _ => signed(metric, mean, 0.0),
    })
}

/// How sure the choice is: the difference of the best from the next in what is lost.
pub fn margin(scenario: &ScenarioResults) -> Option<String> {
    let best = scenario.decision.favoured().into_iter().next()?;
    let next = scenario.decision.runner_up?;
    let key = Harm::of(scenario).key();
    let metric = scenario.metrics.get(scenario.metric(key)?)?;
    let told = difference(metric, &scenario.difference(key, next, best)?)?;
    let noun = Harm::of(scenario).noun();
    Some(format!(
        "{} against {}: {told} {noun}, paired and corrected for all pairs.",
        name(scenario, next),
        name(scenario, best)
    ))
}

fn versus(scenario: &ScenarioResults, place: usize) -> Option<Versus> {
    let other = other(scenario, place)?;
    let row = |key: &'static str| {
        let metric = scenario.metrics.get(scenario.metric(key)?)?;
        let (mine, theirs) = (scenario.estimate(place, key), scenario.estimate(other, key));
        let differs = |verdict| matches!(verdict, Verdict::Lower | Verdict::Higher);
        let found = scenario.difference(key, place, other)?;
        if key != Harm::of(scenario).key() && !differs(found.verdict) {
            return None;
        }
        let difference = difference(metric, &found).unwrap_or_else(|| "–".to_owned());
        let verdict = match found.verdict {
            Verdict::Lower => "less",
            Verdict::Higher => "more",
            Verdict::Identical => "the same",
            Verdict::NoDifference => "no difference shown",
            Verdict::NotCompared => "not compared",
        };
        let [mine, theirs] = [mine, theirs].map(|of| of.mean.map_or("–".to_owned(), |mean| value(metric, mean)));
        Some(Compared { key: key.to_owned(), mine, theirs, difference, verdict })
    };
    let rows: Vec<Compared> = COMPARED.into_iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| Versus { other: name(scenario, other).to_owned(), rows })
}

fn figure((metric, estimate): (&Metric, &Estimate)) -> Option<Figure> {
    let mean = estimate.mean.filter(|mean| mean.is_finite())?;
    let at_least = if estimate.censored > 0 { "≥ " } else { "" };
    let interval = match estimate.interval {
        Some((low, high)) if low == high => String::new(),
        Some((low, high)) => format!("{} to {}", value(metric, low), value(metric, high)),
        None => String::new(),
    };
    let seen = estimate.occurrence.filter(|seen| seen.affected == 0.0 && estimate.method != Method::Exact);
    let method = match seen {
        Some(seen) => format!("{}, up to {} % of rollouts", estimate.method, significant(seen.share.1 * 100.0, 2)),
        None => estimate.method.to_string(),
    };
    let mean = format!("{at_least}{}", value(metric, mean));
    Some(Figure { key: metric.key(), kind: metric.kind.key(), mean, interval, method })
}
