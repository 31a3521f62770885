//! The results of one strategy: its rows, and what was made of them.

use super::{Estimate, Timeline};
use crate::ids::{Contract, Version};
pub use crate::platform::strata::Stratum;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// The results of one strategy.
#[derive(Clone, Debug)]
pub struct StrategyResults {
    /// The strategy's name.
    pub name: String,
    /// The version that it replaces; `None` where nothing is deployed.
    pub replaces: Option<Version>,
    /// The version that it brings; `None` where nothing is deployed, or a plan takes it back.
    pub brings: Option<Version>,
    /// Whom the new version reached; `None` where nothing is deployed, or no attempt was run.
    pub reach: Option<Reach>,
    /// The strata of each replication, the likeliest first; their weights add up to 1. One, where chance decides nothing once
    /// a rollout with a known probability.
    pub strata: Vec<Stratum>,
    /// By replication: one row a stratum, in the order of `strata`.
    pub rows: Vec<Vec<Row>>,
    /// One estimate a metric, in the order of [`ScenarioResults::metrics`](super::ScenarioResults::metrics).
    pub estimates: Vec<Estimate>,
    /// Attempts by contract and version.
    pub pairs: Vec<Pair>,
    /// Means over the replications, bin by bin.
    pub timeline: Timeline,
    /// What is done on the control plane, in order of time.
    pub actions: Vec<PlannedAction>,
    /// Whether it runs on hosts, and not on the function platform.
    pub on_hosts: bool,
    /// The assumptions that its mismatches hang on, the greatest first.
    pub hangs_on: Vec<Assumption>,
    /// A timeout that ended every rollout, if there was one, and the rollouts would have got through.
    pub too_short: Option<TooShort>,
    /// The waits of cold starts in all replications together: milliseconds, rising, and how many waited so long, each
    /// counted by the weight of its stratum. Each is within 0.4 % of the wait.
    pub cold_waits: Vec<(f64, f64)>,
}

/// A timeout that has ended every rollout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooShort {
    /// After how long the deployment is given up.
    pub timeout: Span,
    /// How long it takes on average where nothing ends it early.
    pub takes: Span,
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
    /// From when observers may learn of it, in seconds from t = 0: the mean over the replications in which it is done.
    pub at_s: f64,
    /// In which share of them it is.
    pub share: f64,
    /// What is done, as in `alias 10 % v2`.
    pub what: String,
}

/// One replication's values, in the order of [`ScenarioResults::metrics`](super::ScenarioResults::metrics); `None` is absent.
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
