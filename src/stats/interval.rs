//! Student t intervals over replications.

use super::squares;
use special::Beta;

/// A sample's mean and the half-width of its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Half the width; `None` with fewer than two values.
    pub half_width: Option<f64>,
}

/// The mean of `values` with its two-sided Student t interval; `None` without values. `confidence` lies in (0, 1).
#[must_use]
pub fn of(values: &[f64], confidence: f64) -> Option<Interval> {
    let n = values.len();
    let &first = values.first()?;
    if values.iter().all(|&value| value == first) {
        // Exactly, where a sum would round.
        return Some(Interval { mean: first, half_width: (n > 1).then_some(0.0) });
    }
    let count = n as f64;
    let mean = values.iter().sum::<f64>() / count;
    let error = libm::sqrt(squares(values) / (count - 1.0) / count);
    Some(Interval { mean, half_width: Some(student_t(count - 1.0, confidence) * error) })
}

/// The t for which a Student variable of `freedom` degrees lies in [-t, t] with probability `confidence`.
///
/// P(|T| > t) is the regularised incomplete beta function at freedom / (freedom + t^2) with (freedom / 2, 1 / 2).
#[must_use]
pub fn student_t(freedom: f64, confidence: f64) -> f64 {
    let (p, q) = (freedom / 2.0, 0.5);
    let x = (1.0 - confidence).inv_inc_beta(p, q, p.ln_beta(q));
    libm::sqrt(freedom * (1.0 - x) / x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Percentiles of Student's t: NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2.
    #[test]
    fn quantiles_agree_with_the_printed_table() {
        for (freedom, confidence, t) in [
            (1.0, 0.95, 12.706),
            (2.0, 0.95, 4.303),
            (4.0, 0.95, 2.776),
            (10.0, 0.99, 3.169),
            (39.0, 0.95, 2.023),
            (39.0, 0.998, 3.313),
            (100.0, 0.95, 1.984),
            (100_000.0, 0.95, 1.960),
        ] {
            let value = student_t(freedom, confidence);
            assert!((value - t).abs() < 6e-4, "{freedom} {confidence}: {value}");
        }
    }

    #[test]
    fn intervals_of_small_samples() {
        assert_eq!(of(&[], 0.95), None);
        assert_eq!(of(&[3.0], 0.95), Some(Interval { mean: 3.0, half_width: None }));
        assert_eq!(of(&[0.1; 7], 0.95), Some(Interval { mean: 0.1, half_width: Some(0.0) }));
        let interval = of(&[1.0, 2.0, 3.0], 0.95).unwrap();
        assert_eq!(interval.mean, 2.0);
        assert!((interval.half_width.unwrap() - 4.3027 / libm::sqrt(3.0)).abs() < 1e-4);
    }
}
