//! The results of one scenario, and how to find a figure in them.

use super::{Best, Decision, Difference, Estimate, Gate, Reached, StrategyResults, WarmUpCheck};
use crate::ids::{Contract, Version};
use crate::metrics::Metric;
use crate::platform::Window;
use crate::time::Span;

/// The results of one scenario.
#[derive(Clone, Debug)]
pub struct ScenarioResults {
    /// The scenario's name.
    pub name: String,
    /// What it is about, in prose.
    pub title: String,
    /// The hash of everything the figures follow from.
    pub hash: String,
    /// The text of the scenario's file, as it was read.
    pub source: String,
    /// What the command line changed in it, as it was typed.
    pub overrides: Vec<String>,
    /// What was simulated and counted.
    pub window: Window,
    /// The width of a timeline bin.
    pub bin: Span,
    /// How many replications of each strategy.
    pub replications: u32,
    /// The traffic in words, as in `200 req/s`.
    pub traffic: String,
    /// Whether the versions read each other's events, in words.
    pub compatibility: String,
    /// The lags and laws that were assumed, in words, as in `gateway 0 s to 10 s`.
    pub assumptions: Vec<String>,
    /// The versions that serve before or after some strategy, ascending.
    pub versions: Vec<Version>,
    /// The contracts of those versions, ascending, each once.
    pub contracts: Vec<Contract>,
    /// The metrics, in the order of every row.
    pub metrics: Vec<Metric>,
    /// One entry a strategy, in the order of the scenario.
    pub strategies: Vec<StrategyResults>,
    /// The paired differences: every pair of strategies for every metric.
    pub differences: Vec<Difference>,
    /// The best strategy of each metric, in the order of `metrics`; `None` where no way is better, or nothing is told
    /// apart.
    pub best: Vec<Option<Best>>,
    /// Which strategy the figures favour.
    pub decision: Decision,
    /// The part of the better value below which a difference does not count.
    pub relevant: f64,
    /// What share of rollouts may go wrong though none of those that were run did: the one-sided bound at 95 %.
    pub unseen: f64,
    /// Whether load feeds back on itself (a limit, a timeout, retries, users), so that a whole rollout may go wrong at once.
    pub feeds_back: bool,
    /// The objectives, each with every strategy that it is about.
    pub gates: Vec<Gate>,
    /// The precisions that were asked for.
    pub precision: Vec<Reached>,
    /// Whether the warm-up is long enough; `None` where that was not checked.
    pub warm_up: Option<WarmUpCheck>,
}

impl ScenarioResults {
    /// The place of a metric by its key.
    #[must_use]
    pub fn metric(&self, key: &str) -> Option<usize> {
        self.metrics.iter().position(|metric| metric.key() == key)
    }

    /// A strategy's estimate of a metric by its key; empty if there is no such metric.
    #[must_use]
    pub fn estimate(&self, strategy: usize, key: &str) -> Estimate {
        self.metric(key).map_or_else(Estimate::default, |metric| self.strategies[strategy].estimates[metric])
    }

    /// The best strategy in a metric by its key.
    #[must_use]
    pub fn best(&self, key: &str) -> Option<&Best> {
        self.best.get(self.metric(key)?)?.as_ref()
    }

    /// The paired difference between strategies `a` and `b`, in either order; `None` if there is none.
    #[must_use]
    pub fn difference(&self, key: &str, a: usize, b: usize) -> Option<Difference> {
        Difference::between(&self.differences, self.metric(key)?, a, b)
    }
}
