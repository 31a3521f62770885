//! What is known of a strategy's figures without simulating it: means that are integrals over the laws of the lags.

use crate::ids::Version;
use crate::metrics::{Kind, Metric};
use crate::platform::exact::{self, Counts};
use crate::platform::{Cast, Each};
use crate::scenario::Scenario;
use crate::strategy::Strategy;

/// What is known of a strategy.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::experiment) struct Known {
    /// By metric: its exact mean.
    pub(in crate::experiment) means: Vec<Option<f64>>,
    /// The exact mean of [`Row::first`](crate::results::Row::first).
    pub(in crate::experiment) first: Option<f64>,
    /// Whether the replications decide how many there are.
    pub(in crate::experiment) stops: bool,
}

impl Known {
    /// What is known of the columns `metrics` under `strategy`.
    pub(in crate::experiment) fn new(scenario: &Scenario, strategy: &Strategy, metrics: &[Metric]) -> Self {
        let service = &scenario.service;
        let Ok(found) = exact::figures(service, strategy, &scenario.window) else { return Self::nothing(metrics) };
        let counts = found.first.counts(service, strategy);
        let cast = Cast::new(service, strategy);
        let duration = found.duration.as_ref().and_then(|duration| duration.mean_s);
        let mean = |metric: &Metric| match metric.kind {
            Kind::RolloutDuration => duration,
            _ if !found.is_whole() => None,
            kind => {
                let counts_for = |version| metric.version.is_none_or(|wanted| wanted == version);
                let sum = |by: &ByVersion| -> f64 {
                    cast.versions().filter(|&(_, version)| counts_for(version)).map(|(place, _)| by[place]).sum()
                };
                count(kind, &counts, &sum)
            }
        };
        let first = counts.mismatched.iter().sum();
        let means = metrics.iter().map(mean).collect();
        Self { means, first: Some(first).filter(|&first| first > 0.0), stops: false }
    }

    /// Nothing.
    pub(in crate::experiment) fn nothing(metrics: &[Metric]) -> Self {
        Self { means: vec![None; metrics.len()], ..Self::default() }
    }
}

type ByVersion = Each<Version, f64>;

/// The mean of a kind of metric; `sum` takes the part of its version, or all.
fn count(kind: Kind, counts: &Counts, sum: &dyn Fn(&ByVersion) -> f64) -> Option<f64> {
    let handled: f64 = counts.handled.iter().sum();
    let share = |count: f64| (handled > 0.0).then(|| count / handled);
    match kind {
        Kind::Mismatched | Kind::MismatchedExpected => Some(sum(&counts.mismatched)),
        Kind::MismatchedAhead => Some(counts.ahead),
        Kind::MismatchedBehind => Some(counts.behind),
        Kind::Incompatible => Some(sum(&counts.incompatible)),
        Kind::NearMisses => Some(counts.near_misses),
        Kind::MismatchedShare => share(sum(&counts.mismatched)),
        Kind::IncompatibleShare => share(sum(&counts.incompatible)),
        Kind::NearMissesShare => share(counts.near_misses),
        _ => None,
    }
}
