//! The difference of two independent runs, each with its own interval.

use super::super::super::infer::estimate::{estimate, whole};
use super::super::super::infer::sample::Sample;
use crate::math;
use crate::metrics::Metric;
use crate::results::comparison::Told;
use crate::results::{Difference, Verdict};

/// One run's figure with its interval at the confidence wanted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Side {
    mean: f64,
    /// How far the interval reaches below the mean and above, measuring errors apart; `None` with fewer than two values.
    reach: Option<(f64, f64)>,
    /// How far the mean may be off for being measured in buckets.
    error: f64,
    /// How many replications have a value.
    runs: u32,
    exact: bool,
    /// Whether it is only known as "at least".
    cut: bool,
}

impl Side {
    /// `None` where the metric is absent. `bad` says that in either run some rollouts went wrong as a whole, so that others may in
    /// both.
    pub(super) fn of(sample: Sample<'_>, place: usize, told: Told, bad: bool, confidence: f64) -> Option<Self> {
        let exact = Self {
            mean: told.mean?,
            reach: Some((0.0, 0.0)),
            error: 0.0,
            runs: told.replications,
            exact: true,
            cut: false,
        };
        if told.exact {
            return Some(exact);
        }
        if sample.values(place).absent {
            // Those that have one are no sample of all.
            return None;
        }
        let found = estimate(sample, place, confidence);
        let mean = found.mean?;
        let error = sample.metrics()[place].kind.measured_within() * mean.abs();
        let metric = &sample.metrics()[place];
        let interval = if bad { whole(sample, metric, confidence).or(found.interval) } else { found.interval };
        let reach = interval.map(|(low, high)| ((mean - low - error).max(0.0), (high - mean - error).max(0.0)));
        Some(Self { mean, reach, error, runs: found.replications, exact: false, cut: told.censored > 0 })
    }

    /// Whether every replication had the same value, and it is not known why.
    fn is_constant(&self) -> bool {
        !self.exact && self.reach == Some((0.0, 0.0))
    }

    /// The same, where the values do not vary and the other run's do: by as much as those.
    fn as_wide_as(self, other: &Self) -> Self {
        let Some((down, up)) = other.reach.filter(|_| self.is_constant() && !other.exact) else { return self };
        let far = down.max(up) * math::sqrt(f64::from(other.runs) / f64::from(self.runs.max(1)));
        Self { reach: Some((far, far)), ..self }
    }
}

/// The first of two independent figures less the second.
pub(super) fn difference(place: usize, metric: &Metric, sides: [Option<Side>; 2], confidence: f64) -> Difference {
    let not_compared = Difference::not_compared(place, 0, 1);
    let [Some(a), Some(b)] = sides else { return not_compared };
    let within = metric.kind.measured_within() > 0.0;
    let apart = super::super::super::infer::compare::apart(a.mean, b.mean);
    if a.is_constant() && b.is_constant() {
        if apart == 0.0 && !a.cut && !b.cut && !within {
            return Difference {
                mean: Some(0.0),
                interval: Some((0.0, 0.0)),
                verdict: Verdict::Identical,
                ..not_compared
            };
        }
        // Two values that are equally likely come out as one only in the first run and as the other only in the second with
        // this probability.
        let by_chance = math::exp2(1.0 - 2.0 * f64::from(a.runs.min(b.runs)));
        if by_chance > 1.0 - confidence {
            return Difference { mean: Some(apart), ..not_compared };
        }
    }
    let (wide_a, wide_b) = (a.as_wide_as(&b), b.as_wide_as(&a));
    let (Some((down_a, up_a)), Some((down_b, up_b))) = (wide_a.reach, wide_b.reach) else {
        return Difference { mean: Some(apart), ..not_compared };
    };
    let far = |x: f64, y: f64| math::sqrt(x * x + y * y) + a.error + b.error;
    let low = if b.cut { f64::NEG_INFINITY } else { apart - far(down_a, up_b) };
    let high = if a.cut { f64::INFINITY } else { apart + far(up_a, down_b) };
    let verdict = match () {
        () if high < 0.0 => Verdict::Lower,
        () if low > 0.0 => Verdict::Higher,
        () if a.cut || b.cut => Verdict::NotCompared,
        () => Verdict::NoDifference,
    };
    if verdict == Verdict::NotCompared {
        return not_compared;
    }
    Difference { mean: Some(apart), interval: Some((low, high)), verdict, ..not_compared }
}
