//! Paired differences of strategies, and what they allow one to say.

use std::fmt;

/// The paired difference of two strategies in one metric.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// The metric's place in [`ScenarioResults::metrics`](super::ScenarioResults::metrics).
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

/// The best strategy in one metric.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Best {
    /// Its place: the best mean of those that deploy something, or of all if none does.
    pub strategy: usize,
    /// The places of those that cannot be told from it.
    pub alike: Vec<usize>,
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
    pub(crate) const fn not_compared(metric: usize, a: usize, b: usize) -> Self {
        let (mean, interval, variance_reduction) = (None, None, None);
        Self { metric, a, b, mean, interval, verdict: Verdict::NotCompared, turns_at: None, variance_reduction }
    }

    /// The difference between strategies `a` and `b` in the metric at a place, in either order; `None` if there is none.
    #[must_use]
    pub fn between(differences: &[Self], metric: usize, a: usize, b: usize) -> Option<Self> {
        let found = differences.iter().find(|d| d.metric == metric && [(a, b), (b, a)].contains(&(d.a, d.b)))?;
        Some(if found.a == a { found.clone() } else { found.reversed() })
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
