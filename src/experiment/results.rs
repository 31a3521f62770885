//! Results: everything a writer may see, as plain data.

pub use super::decision::{Decision, Standing};
pub use super::figure::{Estimate, Method, Occurrence};
use super::metrics::{Bound, Metric};
pub use super::timeline::{Series, Timeline};
pub use super::warm_up::{Settled, WarmUpCheck};
use crate::ids::{Contract, Version};
use crate::platform::Window;
pub use crate::platform::strata::Stratum;
use crate::time::Span;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The results of a batch.
#[derive(Clone, Debug)]
pub struct Results {
    /// The seed of the batch.
    pub seed: u64,
    /// The confidence of every interval, as a share.
    pub confidence: f64,
    /// One entry a scenario, in the order given.
    pub scenarios: Vec<ScenarioResults>,
}

/// The results of one scenario.
#[derive(Clone, Debug)]
pub struct ScenarioResults {
    /// The scenario's name.
    pub name: String,
    /// What it is about, in prose.
    pub title: String,
    /// The hash of everything the figures follow from.
    pub hash: String,
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
    /// Whether load feeds back on itself (a limit, a timeout, retries, users), so that a whole rollout may go wrong at once.
    pub feeds_back: bool,
    /// The objectives, each with every strategy that it is about.
    pub gates: Vec<Gate>,
    /// The precisions that were asked for.
    pub precision: Vec<Reached>,
    /// Whether the warm-up is long enough; `None` where that was not checked.
    pub warm_up: Option<WarmUpCheck>,
}

/// A precision that was asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Reached {
    /// The metric's key.
    pub metric: String,
    /// Whether the half-width is a share of the value, or in the metric's unit.
    pub relative: bool,
    /// The half-width wanted.
    pub width: f64,
    /// The places of the strategies whose interval is still wider; empty where it is reached.
    pub open: Vec<usize>,
}

/// The results of one strategy.
#[derive(Clone, Debug)]
pub struct StrategyResults {
    /// The strategy's name.
    pub name: String,
    /// The version that it replaces; `None` where nothing is deployed.
    pub replaces: Option<Version>,
    /// The version that it brings; `None` where nothing is deployed.
    pub brings: Option<Version>,
    /// Whom the new version reached; `None` where nothing is deployed, or no attempt was run.
    pub reach: Option<Reach>,
    /// The strata of each replication, the likeliest first; their weights add up to 1. One, where chance decides nothing once
    /// a rollout with a known probability.
    pub strata: Vec<Stratum>,
    /// By replication: one row a stratum, in the order of `strata`.
    pub rows: Vec<Vec<Row>>,
    /// One estimate a metric, in the order of [`ScenarioResults::metrics`].
    pub estimates: Vec<Estimate>,
    /// Attempts by contract and version.
    pub pairs: Vec<Pair>,
    /// Means over the replications, bin by bin.
    pub timeline: Timeline,
    /// What is done on the control plane, in order of time.
    pub actions: Vec<PlannedAction>,
    /// The assumptions that its mismatches hang on, the greatest first.
    pub hangs_on: Vec<Assumption>,
    /// The waits of cold starts in all replications together: milliseconds, rising, and how many waited so long, each
    /// counted by the weight of its stratum. Each is within 0.4 % of the wait.
    pub cold_waits: Vec<(f64, f64)>,
}

/// Whom a new version reached.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reach {
    /// Whether it ran any attempt from t = 0 on, in any rollout.
    pub anybody: bool,
    /// The part of the attempts that it ran in the last tenth of the window; `None` where none was run then.
    pub at_end: Option<f64>,
}

/// Something that was assumed and could be measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumption {
    /// What it is, as in `the gateway's lag`.
    pub what: &'static str,
    /// What was assumed, as in `0 s to 10 s`.
    pub value: String,
}

/// An action on the control plane.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedAction {
    /// From when observers may learn of it, in seconds from t = 0: the mean over the replications.
    pub at_s: f64,
    /// What is done, as in `alias 10 % v2`.
    pub what: String,
}

/// One replication's values, in the order of [`ScenarioResults::metrics`]; `None` is absent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The values.
    pub values: Vec<Option<f64>>,
    /// Which of them are only known as "at least": durations that the window cut short, latencies that lack requests in flight
    /// at the end, and absent ones that are infinite.
    pub censored: Vec<bool>,
    /// How many first attempts must be mismatched on average, given this replication's adoption times, of those known
    /// beforehand.
    pub first: f64,
}

/// The paired difference of two strategies in one metric.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// The metric's place in [`ScenarioResults::metrics`].
    pub metric: usize,
    /// The first strategy's place.
    pub a: usize,
    /// The second strategy's place.
    pub b: usize,
    /// The mean of a - b; `None` where not compared.
    pub mean: Option<f64>,
    /// Its interval, corrected for all pairs of strategies; `None` where not compared.
    pub interval: Option<(f64, f64)>,
    /// What may be said.
    pub verdict: Verdict,
    /// The share of rollouts that would have to be as bad as can be under the better strategy, retries included, to turn the
    /// verdict; `None` where there is none, where nothing bounds the metric, or where not even all of them would do.
    pub turns_at: Option<f64>,
    /// The variance that the difference would have under independent chance, over the one it has: what pairing
    /// gains. `None` where not compared or constant.
    pub variance_reduction: Option<f64>,
}

/// An objective and one strategy that it is about.
#[derive(Clone, PartialEq, Debug)]
pub struct Gate {
    /// The objective's name.
    pub objective: String,
    /// The strategy's place.
    pub strategy: usize,
    /// The metric's place in [`ScenarioResults::metrics`].
    pub metric: usize,
    /// What is wanted.
    pub bound: Bound,
    /// What the interval says.
    pub outcome: Outcome,
}

/// What an interval says of an objective.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It keeps to the bound as a whole.
    Met,
    /// It lies beyond the bound as a whole.
    Missed,
    /// It holds the bound, or there is none.
    Undecided,
}

/// The best strategy in one metric.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Best {
    /// Its place: the best mean of those that deploy something, or of all if none does.
    pub strategy: usize,
    /// The places of those that cannot be told from it.
    pub alike: Vec<usize>,
}

/// What a paired difference allows one to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// a is lower than b.
    Lower,
    /// a is higher than b.
    Higher,
    /// The interval holds zero.
    NoDifference,
    /// Equal in every replication.
    Identical,
    /// Absent, censored, or fewer than two replications.
    NotCompared,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::NoDifference => "no-difference",
            Self::Identical => "identical",
            Self::NotCompared => "not-compared",
        })
    }
}

/// Attempts of one contract that one version ran, mean over the replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// The request's contract.
    pub contract: Contract,
    /// The version that ran.
    pub version: Version,
    /// The contract that this version speaks; `contract` is ahead of it or behind it, or matches.
    pub spoken: Contract,
    /// Attempts.
    pub requests: f64,
    /// Of these, attempts whose contract the version does not accept.
    pub incompatible: f64,
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
        let metric = self.metric(key)?;
        self.differences.iter().find_map(|difference| {
            (difference.metric == metric).then_some(())?;
            match (difference.a, difference.b) {
                pair if pair == (a, b) => Some(difference.clone()),
                pair if pair == (b, a) => Some(difference.reversed()),
                _ => None,
            }
        })
    }
}

impl Verdict {
    /// The verdict on b - a.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Lower => Self::Higher,
            Self::Higher => Self::Lower,
            verdict => verdict,
        }
    }
}

impl Difference {
    /// Two strategies that are not compared in a metric.
    pub(super) const fn not_compared(metric: usize, a: usize, b: usize) -> Self {
        let (mean, interval, variance_reduction) = (None, None, None);
        Self { metric, a, b, mean, interval, verdict: Verdict::NotCompared, turns_at: None, variance_reduction }
    }

    /// The same difference as b - a.
    fn reversed(&self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            mean: self.mean.map(|mean| -mean),
            interval: self.interval.map(|(low, high)| (-high, -low)),
            verdict: self.verdict.reversed(),
            ..*self
        }
    }
}
