//! Which charts of a scenario are worth writing: the one that decides, the comparison, the rollout, and what else is news.
//! Four at most. A chart that would say "no difference" is not written.

use super::ChartKind;
use super::frontier;
use super::title::handover::{self, Left};
use crate::report::judge::{self, Contrast, contestants, contrast, mean};
use crate::results::ScenarioResults;

/// So many at most.
const MOST: usize = 4;

/// The charts to write, the deciding one first.
#[must_use]
pub fn chosen(scenario: &ScenarioResults) -> Vec<ChartKind> {
    let deploys = judge::deploys(scenario);
    let mut chosen = vec![deciding(scenario)];
    let mut add = |kind: ChartKind, news: bool| {
        if news && !chosen.contains(&kind) {
            chosen.push(kind);
        }
    };
    add(ChartKind::Comparison, scenario.strategies.len() > 1);
    // Where queues come into it, what waits in them shows how much of it is over.
    add(ChartKind::Backlog, happens(scenario, "blocked_s") || happens(scenario, "queued_mismatched"));
    add(ChartKind::Spend, is_a_matter_of_cost(scenario));
    // Hosts are judged by what is there; when it was called for stands in the same panels.
    let on_hosts = scenario.strategies.iter().any(|strategy| strategy.on_hosts);
    add(ChartKind::Replicas, on_hosts);
    add(ChartKind::Rollout, deploys);
    add(ChartKind::Traffic, stays(scenario));
    add(ChartKind::Latency, differs(scenario, "latency_p99_ms"));
    add(ChartKind::Causes, happens(scenario, "mismatched"));
    add(ChartKind::Mismatches, happens(scenario, "mismatched"));
    add(ChartKind::Instances, !deploys && happens(scenario, "cold_starts") || differs(scenario, "cold_starts"));
    chosen.truncate(MOST);
    chosen
}

/// Whether there is anything to show of a scenario in such a chart.
#[must_use]
pub fn applies(scenario: &ScenarioResults, kind: ChartKind) -> bool {
    match kind {
        ChartKind::Mismatches | ChartKind::Causes | ChartKind::Rollout => judge::deploys(scenario),
        ChartKind::Sessions => (0..scenario.strategies.len()).any(|place| mean(scenario, place, "sessions").is_some()),
        ChartKind::Replicas => scenario.strategies.iter().any(|strategy| strategy.on_hosts),
        ChartKind::Backlog => {
            (0..scenario.strategies.len()).any(|place| mean(scenario, place, "backlog_peak").is_some())
        }
        ChartKind::Frontier => frontier::Cost::of(scenario).is_some(),
        ChartKind::Spend => (0..scenario.strategies.len()).any(|place| mean(scenario, place, "cost_usd").is_some()),
        ChartKind::Lost | ChartKind::Comparison | ChartKind::Traffic | ChartKind::Latency | ChartKind::Instances => {
            true
        }
    }
}

/// The chart over time of what strategies are judged by. Where all that is lost is lost to formats, that of mismatches
/// says the same and why; where nothing is lost, who was thrown back to the old version comes before near misses.
fn deciding(scenario: &ScenarioResults) -> ChartKind {
    match () {
        () if happens(scenario, "lost") && is_lost_to_formats(scenario) => ChartKind::Mismatches,
        () if happens(scenario, "lost") => ChartKind::Lost,
        () if happens(scenario, "blocked_s") => ChartKind::Backlog,
        () if nobody_moves(scenario) => ChartKind::Traffic,
        () if happens(scenario, "sessions_flipped") => ChartKind::Sessions,
        () if happens(scenario, "near_misses") => ChartKind::Mismatches,
        () if differs(scenario, "latency_p99_ms") => ChartKind::Latency,
        () if judge::deploys(scenario) => ChartKind::Rollout,
        () => ChartKind::Instances,
    }
}

/// Whether every attempt that met code that cannot read it lost its request, and nothing else did.
fn is_lost_to_formats(scenario: &ScenarioResults) -> bool {
    (0..scenario.strategies.len()).all(|place| {
        let of = |key: &str| mean(scenario, place, key).unwrap_or(0.0);
        let near = |key: &str| (of(key) - of("lost")).abs() <= of("lost") * 0.01;
        near("failed_incompatible") && near("incompatible")
    })
}

/// Whether no request reaches the new version under some strategy.
fn nobody_moves(scenario: &ScenarioResults) -> bool {
    scenario.strategies.iter().any(|strategy| strategy.reach.is_some_and(|reach| !reach.anybody))
}

fn happens(scenario: &ScenarioResults, key: &str) -> bool {
    (0..scenario.strategies.len()).any(|place| mean(scenario, place, key) > Some(0.0))
}

fn differs(scenario: &ScenarioResults, key: &str) -> bool {
    matches!(contrast(scenario, key, &contestants(scenario)), Contrast::Differ(..))
}

/// Whether strategies that are alike in what matters most differ in what they cost.
fn is_a_matter_of_cost(scenario: &ScenarioResults) -> bool {
    let alike = scenario.decision.favoured();
    alike.len() > 1 && matches!(contrast(scenario, "cost_usd", &alike), Contrast::Differ(..))
}

/// Whether traffic stays on the old version under some strategy.
fn stays(scenario: &ScenarioResults) -> bool {
    (0..scenario.strategies.len()).any(|place| handover::left(scenario, place) == Some(Left::Never))
}
