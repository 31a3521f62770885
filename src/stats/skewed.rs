//! Intervals for means of values that lean to one side.
//!
//! Student's t covers less than it promises where values are skewed: after 40 lognormal values with sigma 1.5, 79 % instead of
//! 95 %. Willink's interval (Communications in Statistics: Theory and Methods 34, 2005) bends it by the third moment; it is Hall's
//! transformation (Journal of the Royal Statistical Society B 54, 1992) with a quantile of Student's. `docs/statistics.md` has
//! what it covers.

use super::interval::student_t;
use super::squares;

/// A sample's mean and its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Skewed {
    /// The mean.
    pub mean: f64,
    /// The ends of the interval; `None` with fewer than two values.
    pub ends: Option<(f64, f64)>,
    /// The skewness of the mean, as the sample has it: that of the values over the root of their number; 0 with fewer than
    /// four values.
    pub lean: f64,
}

/// How finely what values may lean is looked at: the more they lean, the further an interval reaches, but only up to a point.
const STEPS: u32 = 8;

/// Below so many values their third moment says nothing.
const FEWEST: usize = 4;

/// The mean of `values` with its two-sided interval; `None` without values. `confidence` lies in (0, 1).
#[must_use]
pub fn of(values: &[f64], confidence: f64) -> Option<Skewed> {
    understated(values, confidence, 1.0)
}

/// The same, where values may lean up to so many `times` as much as these show: the widest of these intervals.
#[must_use]
pub fn understated(values: &[f64], confidence: f64, times: f64) -> Option<Skewed> {
    let &first = values.first()?;
    if values.iter().all(|&value| value == first) {
        // Exactly, where a sum would round.
        return Some(Skewed { mean: first, ends: (values.len() > 1).then_some((first, first)), lean: 0.0 });
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = deviation(values);
    let error = deviation / libm::sqrt(n);
    let q = student_t(n - 1.0, confidence);
    let lean = lean_about(values, mean, deviation);
    let steps = if times > 1.0 { STEPS } else { 0 };
    let sixths = (0..=steps).map(|step| lean / 6.0 * (1.0 + (times - 1.0) * f64::from(step) / f64::from(STEPS)));
    let down = sixths.clone().map(|sixth| bent(q, sixth)).fold(f64::NEG_INFINITY, f64::max);
    let up = sixths.map(|sixth| bent(-q, sixth)).fold(f64::INFINITY, f64::min);
    let ends = (mean - down * error, mean - up * error);
    Some(Skewed { mean, ends: Some(ends), lean: lean.abs() })
}

/// The skewness of the mean of `values`, as [`Skewed::lean`] has it, with its sign.
#[must_use]
pub fn lean(values: &[f64]) -> f64 {
    lean_about(values, values.iter().sum::<f64>() / values.len() as f64, deviation(values))
}

fn lean_about(values: &[f64], mean: f64, deviation: f64) -> f64 {
    let n = values.len() as f64;
    if values.len() < FEWEST || deviation == 0.0 {
        return 0.0;
    }
    let cubes: f64 = values.iter().map(|value| (value - mean) * (value - mean) * (value - mean)).sum();
    let third = n / ((n - 1.0) * (n - 2.0)) * cubes;
    third / (deviation * deviation * deviation) / libm::sqrt(n)
}

/// How many standard errors above the mean an interval reaches that would reach `q` if values did not lean.
#[must_use]
pub fn reach(q: f64, lean: f64) -> f64 {
    -bent(-q, lean / 6.0)
}

fn deviation(values: &[f64]) -> f64 {
    libm::sqrt(squares(values) / (values.len() as f64 - 1.0))
}

/// Where Hall's cubic of the t statistic reaches `r`, for a sixth of the mean's skewness.
fn bent(r: f64, a: f64) -> f64 {
    if a.abs() < 1e-4 {
        return r - a * (2.0 * r * r + 1.0);
    }
    (libm::cbrt(1.0 + 6.0 * a * (r - a)) - 1.0) / (2.0 * a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_skewness_it_is_student_s() {
        let values: Vec<f64> = (-20..=20).map(f64::from).collect();
        let (low, high) = of(&values, 0.95).unwrap().ends.unwrap();
        let student = super::super::interval::of(&values, 0.95).unwrap().half_width.unwrap();
        assert!((high - student).abs() < 1e-9 && (low + student).abs() < 1e-9, "{low} {high} {student}");
        // Three values have no third moment worth the name.
        let (low, high) = of(&[0.0, 0.0, 3.0], 0.95).unwrap().ends.unwrap();
        assert!((high - 1.0 - (1.0 - low)).abs() < 1e-12);
    }

    #[test]
    fn the_cubic_is_inverted() {
        // Hall's transformation of t: t + a (2 t^2 + 1) + 4/3 a^2 t^3, with a a sixth of the mean's skewness.
        for a in [-0.3, -0.05, -2e-4, 1e-5, 0.05, 0.2] {
            for t in [-3.0, -1.0, 0.0, 0.7, 2.5] {
                let r = t + a * (2.0 * t * t + 1.0) + 4.0 / 3.0 * a * a * t * t * t;
                assert!((bent(r, a) - t).abs() < 1e-6, "{a} {t}: {}", bent(r, a));
            }
        }
    }

    #[test]
    fn it_reaches_further_to_the_side_that_values_lean_to() {
        let mut values = vec![1.0; 38];
        values.extend([10.0, 20.0]);
        let found = of(&values, 0.95).unwrap();
        let (low, high) = found.ends.unwrap();
        assert!(high - found.mean > 2.0 * (found.mean - low), "{found:?}");
        let mirrored: Vec<f64> = values.iter().map(|value| -value).collect();
        let (other_low, other_high) = of(&mirrored, 0.95).unwrap().ends.unwrap();
        assert!((low + other_high).abs() < 1e-12 && (high + other_low).abs() < 1e-12);
    }

    #[test]
    fn what_may_be_understated_reaches_further_and_nowhere_less() {
        let further = |values: Vec<f64>| {
            let (plain, wide) = (of(&values, 0.95).unwrap(), understated(&values, 0.95, 2.5).unwrap());
            assert_eq!((plain.mean, plain.lean), (wide.mean, wide.lean));
            let ((low, high), (wide_low, wide_high)) = (plain.ends.unwrap(), wide.ends.unwrap());
            assert_eq!(low, wide_low);
            (wide_high - wide.mean) / (high - plain.mean)
        };
        // The squares lean by 0.11: 2.19 standard errors, and 2.6 where they lean by 0.27.
        let squares = further((0..40).map(|i| f64::from(i * i)).collect());
        assert!(squares > 1.15 && squares < 1.25, "{squares}");
        // One that leans as much as any of forty can: there is no further to reach.
        assert_eq!(further([&[1.0; 39][..], &[20.0]].concat()), 1.0);
    }

    #[test]
    fn what_reaches_so_far_without_skewness_reaches_further_to_the_side_of_it() {
        assert!((reach(2.0, 0.0) - 2.0).abs() < 1e-12);
        // The cube root of 1 + 0.6 (-2 - 0.1) = -0.26 is -0.638251: 1.638251 / 0.2.
        assert!((reach(2.0, 0.6) - 8.191_25).abs() < 1e-4, "{}", reach(2.0, 0.6));
        assert!(reach(2.0, -0.6) < 2.0);
        let values = [1.0, 1.0, 1.0, 1.0, 6.0];
        // The third moment about 2 is 60, the variance 5: 5/12 * 60 / 5^1.5 / 5^0.5.
        assert!((lean(&values) - 1.0).abs() < 1e-12 && (lean(&values.map(|value| -value)) + 1.0).abs() < 1e-12);
        // Four are enough: 24 about 2, the variance 4: 4/6 * 24 / 4^1.5 / 4^0.5.
        assert!((lean(&[1.0, 1.0, 1.0, 5.0]) - 1.0).abs() < 1e-12);
        assert_eq!((lean(&[3.0; 9]), lean(&[0.0, 0.0, 3.0])), (0.0, 0.0));
    }

    #[test]
    fn equal_values_and_single_ones() {
        assert_eq!(of(&[], 0.95), None);
        assert_eq!(of(&[3.0], 0.95), Some(Skewed { mean: 3.0, ends: None, lean: 0.0 }));
        assert_eq!(of(&[0.1; 7], 0.95).unwrap().ends, Some((0.1, 0.1)));
    }
}
