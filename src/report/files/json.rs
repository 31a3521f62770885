//! `run.json`: what was run and what came out. Everything that depends on the machine or the hour lies under
//! `timing`; the rest is the same wherever it is run.

use super::figure::Figures;
use crate::metrics::{Bound, Metric};
use crate::report::text::{notes, verdict};
use crate::results::{Estimate, Gate, Reach, Results, ScenarioResults, Settled, Standing, StrategyResults, Stratum};
use crate::time::Span;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a run took, and where; never part of the figures.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Timing {
    /// When the run began, in seconds since 1970-01-01 UTC.
    pub started_unix_s: u64,
    /// How long the simulation took, in seconds.
    pub simulation_s: f64,
    /// Requests simulated, warm-up included.
    pub requests_simulated: u64,
    /// Requests simulated besides, in other strata than the likeliest.
    pub requests_of_strata: u64,
    /// How many threads simulated.
    pub threads: usize,
    /// The operating system and processor architecture.
    pub host: String,
    /// The hash of every chart, by path; charts are the same bytes on one machine only.
    pub charts: BTreeMap<String, String>,
}

/// The figures of a run, without anything of the machine: for `--format json`.
#[must_use]
pub fn figures(results: &Results) -> Value {
    let scenarios: Vec<_> = results
        .scenarios
        .iter()
        .map(|scenario| {
            let strategies: Vec<_> = scenario
                .strategies
                .iter()
                .map(|strategy| {
                    let actions: Vec<_> = strategy
                        .actions
                        .iter()
                        .map(|action| json!({ "at_s": action.at_s, "share": action.share, "action": action.what }))
                        .collect();
                    json!({
                        "name": strategy.name,
                        "actions": actions,
                        "reach": strategy.reach.map(reach),
                        "strata": strategy.strata.iter().map(stratum).collect::<Map<_, _>>(),
                        "metrics": metrics(scenario, strategy),
                    })
                })
                .collect();
            json!({
                "name": scenario.name,
                "title": scenario.title,
                "hash": scenario.hash,
                "source": scenario.source,
                "overrides": scenario.overrides,
                "replications": scenario.replications,
                "warm_up_s": scenario.window.warm_up.seconds(),
                "warm_up": warm_up(scenario),
                "after_s": scenario.window.after.seconds(),
                "assumptions": scenario.assumptions,
                "verdict": verdict::sentence(scenario),
                "decision": decision(scenario),
                "notes": notes::notes(scenario, results.confidence),
                "best": best(scenario),
                "objectives": objectives(scenario),
                "precision": precision(scenario),
                "variance_reduction": variance_reduction(scenario),
                "strategies": strategies,
            })
        })
        .collect();
    json!({
        "program": "cutover",
        "version": env!("CARGO_PKG_VERSION"),
        "seed": results.seed,
        "confidence": results.confidence,
        "scenarios": scenarios,
    })
}

/// A stratum's name and weight.
fn stratum(stratum: &Stratum) -> (String, Value) {
    (stratum.name.clone(), json!(stratum.weight))
}

/// Whom the new version reached.
fn reach(reach: Reach) -> Value {
    json!({ "anybody": reach.anybody, "share_at_end": reach.at_end })
}

/// Which strategy the figures favour: how each stands, in the one order of tables and charts.
fn decision(scenario: &ScenarioResults) -> Value {
    let name = |place: usize| scenario.strategies[place].name.as_str();
    let standing = |&place: &usize| (name(place).to_owned(), json!(scenario.decision.standings[place].word()));
    let recommended = scenario.decision.standing(Standing::Recommended).next();
    json!({
        "recommended": recommended.map(name),
        "standings": scenario.decision.order.iter().map(standing).collect::<Map<_, _>>(),
        "runner_up": scenario.decision.runner_up.map(name),
        "relevant": scenario.relevant,
    })
}

/// What the check of the warm-up found.
pub(super) fn warm_up(scenario: &ScenarioResults) -> Option<Value> {
    let check = scenario.warm_up?;
    let verdict = match check.settled {
        Settled::Yes => "enough",
        Settled::No => "too-short",
        Settled::Open => "undecided",
    };
    Some(json!({
        "auto": check.auto,
        "verdict": verdict,
        "of": if check.all_instances { "instances" } else { "instances at work" },
        "at_end": check.instances,
        "settled": check.instances_settled,
        "difference_low": check.difference.0,
        "difference_high": check.difference.1,
        "pilot_pairs": check.pairs,
        "suggested_s": check.enough.map(Span::seconds),
    }))
}

/// The estimates of a strategy by the metric's key.
pub(super) fn metrics(scenario: &ScenarioResults, strategy: &StrategyResults) -> Map<String, Value> {
    let figures = |(metric, estimate): (&Metric, &Estimate)| {
        let (low, high) = estimate.interval.unzip();
        let figures = json!({
            "mean": estimate.mean,
            "simulated_mean": estimate.simulated,
            "ci_low": low,
            "ci_high": high,
            "replications": estimate.replications,
            "censored": estimate.censored,
            "method": estimate.method.to_string(),
            "affected": estimate.occurrence.map(|seen| seen.affected),
            "affected_low": estimate.occurrence.map(|seen| seen.share.0),
            "affected_high": estimate.occurrence.map(|seen| seen.share.1),
        });
        (metric.key(), figures)
    };
    scenario.metrics.iter().zip(&strategy.estimates).map(figures).collect()
}

/// The precisions that were asked for.
fn precision(scenario: &ScenarioResults) -> Vec<Value> {
    let known = |key: &str| (0..scenario.strategies.len()).any(|place| scenario.estimate(place, key).mean.is_some());
    let each = scenario.precision.iter().map(|reached| {
        let open: Vec<_> = reached.open.iter().map(|&place| &scenario.strategies[place].name).collect();
        json!({
            "metric": reached.metric,
            "relative": reached.relative,
            "half_width": reached.width,
            "reached": open.is_empty() && known(&reached.metric),
            "open": open,
        })
    });
    each.collect()
}

/// The objectives, each with every strategy that it is about.
fn objectives(scenario: &ScenarioResults) -> Vec<Value> {
    let gate = |gate: &Gate| {
        let (at_most, at_least) = match gate.bound {
            Bound::AtMost(most) => (Some(most), None),
            Bound::AtLeast(least) => (None, Some(least)),
        };
        json!({
            "objective": gate.objective,
            "strategy": scenario.strategies[gate.strategy].name,
            "metric": scenario.metrics[gate.metric].key(),
            "at_most": at_most,
            "at_least": at_least,
            "rollouts": gate.rollouts.map(|rollouts| json!({
                "wanted": rollouts.wanted,
                "share": rollouts.held,
                "share_low": rollouts.interval.0,
                "share_high": rollouts.interval.1,
                "needs": rollouts.needs,
            })),
            "outcome": gate.outcome.to_string(),
        })
    };
    scenario.gates.iter().map(gate).collect()
}

/// The best strategy of each metric and those that cannot be told from it, by the metric's key.
fn best(scenario: &ScenarioResults) -> Map<String, Value> {
    let name = |place: usize| scenario.strategies[place].name.as_str();
    let known = scenario.metrics.iter().zip(&scenario.best);
    known
        .filter_map(|(metric, best)| {
            let best = best.as_ref()?;
            let alike: Vec<_> = best.alike.iter().map(|&place| name(place)).collect();
            Some((metric.key(), json!({ "strategy": name(best.strategy), "not_told_from_it": alike })))
        })
        .collect()
}

/// How many times smaller the variance of each paired difference is than independent chance would make it, by metric
/// and pair of strategies.
fn variance_reduction(scenario: &ScenarioResults) -> Map<String, Value> {
    let name = |place: usize| scenario.strategies[place].name.as_str();
    let mut by_metric = Map::new();
    for difference in &scenario.differences {
        let Some(gain) = difference.variance_reduction else { continue };
        let pairs = by_metric.entry(scenario.metrics[difference.metric].key()).or_insert_with(|| json!({}));
        pairs[format!("{} - {}", name(difference.a), name(difference.b))] = json!(gain);
    }
    by_metric
}

/// The whole of `run.json`: the figures, the hash of every CSV file by name, and the timing.
#[must_use]
pub fn run(results: &Results, files: &BTreeMap<String, String>, timing: &Timing) -> Vec<u8> {
    whole(figures(results), files, timing)
}

/// A `run.json`: what it tells, the hash of every CSV file by name, and the timing.
pub(super) fn whole(mut run: Value, files: &BTreeMap<String, String>, timing: &Timing) -> Vec<u8> {
    run["files"] = json!(files);
    run["timing"] = json!(timing);
    text(&run)
}

/// The same as [`text`], to be printed.
#[must_use]
pub fn printed(value: &Value) -> String {
    String::from_utf8_lossy(&text(value)).into_owned()
}

/// JSON text with a final line break.
#[must_use]
pub fn text(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Figures::default());
    #[expect(clippy::expect_used, reason = "memory takes every byte, and the keys are strings")]
    value.serialize(&mut serializer).expect("JSON is written to memory");
    bytes.push(b'\n');
    bytes
}
