//! The bounds that a selection rests on: of one mean, and of the paired difference of two.

use crate::experiment::infer::estimate;
use crate::experiment::infer::sample::Sample;
use crate::experiment::settings::{FIRST, next_look};
use crate::stats::{sequential, squares};

/// The ends of an interval that holds at every look at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    /// Nothing is known.
    pub(super) const OPEN: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Both ends held at every look, so the narrower ones count.
    pub(super) const fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// The interval of the value with the other sign.
    pub(super) const fn turned(self) -> Self {
        Self { low: -self.high, high: -self.low }
    }

    /// The interval of a value that may be off by so much besides.
    pub(super) const fn widened(self, by: f64) -> Self {
        Self { low: self.low - by, high: self.high + by }
    }

    /// The interval of the value times a sign.
    pub(super) const fn times(self, sign: f64) -> Self {
        if sign < 0.0 { self.turned() } else { self }
    }
}

/// Values of replications in index order, summed up.
pub(super) struct Summed {
    /// How many.
    pub(super) count: u32,
    pub(super) mean: f64,
    /// The variance of the first ones, with which the bounds are exact for normal values, or that of all where it is
    /// larger: then they are wider, which harms no promise. Where values are skewed, a first variance that is too small
    /// goes with a mean that is too low.
    pub(super) variance: f64,
    /// Whether the first ones are all the same, so that they say nothing of the variance.
    pub(super) level: bool,
}

impl Summed {
    pub(super) fn of(values: &[f64]) -> Self {
        let first = variance(&values[..values.len().min(FIRST as usize)]);
        let level = first == 0.0;
        let variance = first.max(variance(values));
        let mean = if variance == 0.0 { values[0] } else { values.iter().sum::<f64>() / values.len() as f64 };
        Self { count: values.len() as u32, mean, variance, level }
    }

    /// The interval of the mean, see [`sequential::half_width`]; the mean itself where all values are the same.
    pub(super) fn bounds(&self, error: f64, zone: f64) -> Bounds {
        let half = match self.variance {
            0.0 => 0.0,
            variance => sequential::half_width(error, FIRST, variance, zone, self.count),
        };
        Bounds { low: self.mean - half, high: self.mean + half }
    }
}

/// The sample variance; exactly 0 where all values are the same.
fn variance(values: &[f64]) -> f64 {
    if values.iter().all(|value| *value == values[0]) {
        return 0.0;
    }
    squares(values) / (values.len() as f64 - 1.0)
}

/// The exact bounds of a mean of which few events were seen, each failing with `error` over all looks together.
pub(super) fn exact(sample: Sample<'_>, place: usize, error: f64) -> Option<Bounds> {
    let looks = std::iter::successors(Some(FIRST), |&runs| Some(next_look(runs)));
    let look = looks.take_while(|&runs| (runs as usize) < sample.replications()).count() as u32 + 1;
    let (low, high) = estimate::exact(sample, place, sequential::spent(error, look))?;
    Some(Bounds { low, high })
}

/// Whether a mean keeps to at most `at`, decided once one end of its interval excludes the far side of the zone of
/// `tolerance` about it; by the nearer side where both do. So do Batur and Kim (ACM Transactions on Modeling and Computer
/// Simulation 2010) check feasibility.
pub(super) fn keeps(bounds: Bounds, mean: f64, at: f64, tolerance: f64) -> Option<bool> {
    match (bounds.high <= at + tolerance, bounds.low >= at - tolerance) {
        (true, true) => Some(mean <= at),
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty values of mean 10 and variance 20/19, then more of them.
    fn values(more: usize) -> Vec<f64> {
        (0..20 + more).map(|i| if i % 2 == 0 { 9.0 } else { 11.0 }).collect()
    }

    #[test]
    fn intervals_are_those_worked_out_by_hand() {
        // Error 0.8 * 0.025: factor 19/2 (0.02^(-2/19) - 1) = 4.8404; half of it: 4.8404 * 1.052632 / (0.5 * 20) + 0.25.
        let bounds = Summed::of(&values(0)).bounds(0.025, 0.5);
        assert!((bounds.high - 10.759_52).abs() < 2e-4 && (bounds.low - 9.240_48).abs() < 2e-4, "{bounds:?}");
    }

    #[test]
    fn the_first_values_give_the_variance_unless_it_turns_out_larger() {
        assert!((Summed::of(&values(400)).variance - 20.0 / 19.0).abs() < 1e-12, "not 420/419");
        let mut values = values(2);
        values[20] = 1_000.0;
        assert!(Summed::of(&values).variance > 40_000.0);
        let mut level = vec![3.0; 21];
        assert_eq!(Summed::of(&level).bounds(5.0, 1.0), Bounds { low: 3.0, high: 3.0 });
        level[20] = 24.0;
        let sample = Summed::of(&level);
        assert!(sample.level && (sample.variance - 21.0).abs() < 1e-9, "{}", sample.variance);
    }

    #[test]
    fn a_constraint_is_decided_once_one_side_of_the_zone_is_excluded() {
        let with = |low, high| keeps(Bounds { low, high }, f64::midpoint(low, high), 1.0, 0.2);
        assert_eq!(with(0.0, 1.2), Some(true));
        assert_eq!(with(0.0, 1.3), None);
        assert_eq!(with(0.8, 1.3), Some(false));
        assert_eq!(with(0.9, 1.05), Some(true));
    }
}
