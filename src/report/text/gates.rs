//! Objectives, in words: what was reached and what was wanted.

use super::studies::sweep::{amount, value};
use crate::metrics::Bound;
use crate::report::judge;
use crate::report::number::percent;
use crate::results::{Gate, Method, Outcome, ScenarioResults};

/// A line for every objective and strategy that is missed, then undecided.
pub(in crate::report) fn unmet(results: &ScenarioResults) -> Vec<String> {
    [Outcome::Missed, Outcome::Undecided].into_iter().flat_map(|outcome| lines(results, outcome)).collect()
}

/// A line for every objective and strategy that is met.
pub(in crate::report) fn met(results: &ScenarioResults) -> Vec<String> {
    lines(results, Outcome::Met)
}

fn lines(results: &ScenarioResults, outcome: Outcome) -> Vec<String> {
    let gates = results.gates.iter().filter(|gate| gate.outcome == outcome);
    gates.map(|gate| sentence(results, gate)).collect()
}

/// An outcome as a summary writes it.
const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "PASS",
        Outcome::Missed => "FAIL",
        Outcome::Undecided => "UNDECIDED",
    }
}

/// Every objective that has one of these outcomes, as `no-breakage of lesson under alias`.
#[must_use]
pub fn with_outcome(results: &ScenarioResults, outcome: Outcome) -> Vec<String> {
    let gates = results.gates.iter().filter(|gate| gate.outcome == outcome);
    gates
        .map(|gate| format!("{} of {} under {}", gate.objective, results.name, judge::name(results, gate.strategy)))
        .collect()
}

/// What came of an objective under a strategy, and what was wanted.
pub(in crate::report) fn sentence(results: &ScenarioResults, gate: &Gate) -> String {
    let metric = &results.metrics[gate.metric];
    let value = |x: f64| value(metric, x);
    let wanted = match gate.bound {
        Bound::AtMost(most) => format!("at most {}", amount(metric, most)),
        Bound::AtLeast(least) => format!("at least {}", amount(metric, least)),
    };
    let (name, word) = (judge::name(results, gate.strategy), word(gate.outcome));
    if let Some(rollouts) = gate.rollouts {
        let (low, high) = rollouts.interval;
        let needs = match rollouts.needs {
            Some(needs) if gate.outcome == Outcome::Undecided && needs > u64::from(results.replications) => {
                format!("; {needs} runs that all keep it would show that")
            }
            None if gate.outcome == Outcome::Undecided => "; no number of runs can show all".to_owned(),
            _ => String::new(),
        };
        return format!(
            "{word} {}: {} under {name} is {wanted} in {} of the rollouts ({} to {}); wanted in {}{needs}.",
            gate.objective,
            metric.key(),
            percent(rollouts.held),
            percent(low),
            percent(high),
            percent(rollouts.wanted)
        );
    }
    let estimate = results.strategies[gate.strategy].estimates[gate.metric];
    let at_least = if estimate.censored > 0 { "at least " } else { "" };
    let found = match (estimate.mean, estimate.interval) {
        (None, _) => "absent".to_owned(),
        (Some(mean), None) => format!("{at_least}{}, no interval", value(mean)),
        (Some(mean), _) if estimate.method == Method::Exact => format!("exactly {}", value(mean)),
        (Some(mean), Some((low, high))) if low == high => {
            format!("{at_least}{} in every run", value(mean))
        }
        (Some(mean), Some((low, high))) => {
            format!("{at_least}{} ({} to {})", value(mean), value(low), value(high))
        }
    };
    format!("{word} {}: {} under {name} is {found}; wanted {wanted}.", gate.objective, metric.key())
}
