//! Two runs beside each other, as JSON.

use crate::metrics::Bound;
use crate::report::text::studies::comparison::{diff, sentence};
use crate::results::Outcome;
use crate::results::comparison::{Comparison, Moved, Pairing, ScenarioComparison, Told};
use serde_json::{Map, Value, json};

/// Every figure that both runs have, and what became of scenarios, verdicts and objectives.
#[must_use]
pub fn comparison(comparison: &Comparison) -> Value {
    json!({
        "program": "cutover",
        "version": env!("CARGO_PKG_VERSION"),
        "answer": sentence(comparison),
        "versions": pair(&comparison.versions),
        "seeds": pair(&comparison.seeds),
        "confidence": comparison.confidence,
        "relevant": comparison.relevant,
        "judged": comparison.judged,
        "only_before": comparison.alone.0,
        "only_now": comparison.alone.1,
        "scenarios": comparison.scenarios.iter().map(scenario).collect::<Vec<_>>(),
    })
}

fn pair<T: serde::Serialize>((before, now): &(T, T)) -> Value {
    json!({ "before": before, "now": now })
}

fn scenario(scenario: &ScenarioComparison) -> Value {
    let (paired, why) = match scenario.pairing {
        Pairing::Paired(n) => (Some(n), None),
        Pairing::OtherSeed => (None, Some("seed")),
        Pairing::OtherTraffic => (None, Some("traffic")),
    };
    let strategies = scenario.strategies.iter().map(|strategy| {
        let figures: Map<String, Value> =
            strategy.figures.iter().map(|moved| (moved.metric.key(), figure(moved))).collect();
        json!({ "name": strategy.name, "metrics": figures })
    });
    let outcome = |told: Option<(Bound, Outcome)>| {
        told.map(|(bound, outcome)| match bound {
            Bound::AtMost(most) => json!({ "at_most": most, "outcome": outcome.to_string() }),
            Bound::AtLeast(least) => json!({ "at_least": least, "outcome": outcome.to_string() }),
        })
    };
    let objectives = scenario.objectives.iter().map(|one| {
        json!({
            "objective": one.objective,
            "strategy": one.strategy,
            "metric": one.metric,
            "before": outcome(one.before),
            "now": outcome(one.after),
            "flipped": one.flipped(),
        })
    });
    json!({
        "name": scenario.name,
        "same": scenario.same,
        "worse": scenario.worse(),
        "better": scenario.better(),
        "flipped": scenario.flipped(),
        "paired": paired,
        "unpaired_because_of": why,
        "replications": pair(&scenario.replications),
        "verdict": pair(&scenario.verdicts),
        "favoured": pair(&scenario.favoured),
        "overrides": pair(&scenario.overrides),
        "diff": diff(scenario),
        "only_before": scenario.alone.0,
        "only_now": scenario.alone.1,
        "metrics_in_one_only": scenario.unknown,
        "objectives": objectives.collect::<Vec<_>>(),
        "strategies": strategies.collect::<Vec<_>>(),
    })
}

fn figure(moved: &Moved) -> Value {
    let told = |told: Told| {
        let (low, high) = told.interval.unzip();
        json!({ "mean": told.mean, "ci_low": low, "ci_high": high, "censored": told.censored })
    };
    let (low, high) = moved.interval.unzip();
    let effect = match () {
        () if !moved.judged => None,
        () if moved.worse() => Some("worse"),
        () if moved.better() => Some("better"),
        () if moved.moved() => Some("moved"),
        () => Some("none"),
    };
    json!({
        "before": told(moved.before),
        "now": told(moved.after),
        "difference": moved.difference,
        "ci_low": low,
        "ci_high": high,
        "verdict": moved.verdict.to_string(),
        "paired": moved.paired,
        "better": moved.metric.direction().word(),
        "judged": moved.judged,
        "effect": effect,
        "relevant": moved.relevant,
    })
}
