//! Bounds on a mean that hold at every look at once, however often one looks and whenever one stops.
//!
//! Let X(r) be the sum of r independent normal values of mean m and variance v, and S2 the sample variance of the first
//! n of them. A Brownian motion without drift ever crosses the line a + b r with probability exp(-2ab / v). Taking
//! a = factor S2 / (2b), which depends on the first n values through S2 alone, and averaging over S2 (a scaled
//! chi-square variable, independent of every mean from the nth on), X(r) - m r exceeds
//!
//! ```text
//! factor S2 / (2b) + b r        for some r >= n with probability at most (1 + 2 factor / (n - 1))^(-(n - 1) / 2).
//! ```
//!
//! [`line()`] solves that for the factor; [`half_width`] is a line divided by r, or rather the least of several. Kim and
//! Nelson (ACM Transactions on Modeling and Computer Simulation 2001) go on exactly as long as such an interval excludes
//! neither end of the zone, with the factor of twice the error, which is enough if the two means are known to lie at least
//! the zone apart. Looking at some of the sums only, in place of a path in continuous time, makes no error larger
//! (Jennison, Johnstone and Turnbull 1982), because a crossing that is not looked at is no crossing.

/// The factor of a line that is crossed with probability at most `error`, in (0, 1]; `first` values gave the variance,
/// at least 2.
#[must_use]
pub fn line(error: f64, first: u32) -> f64 {
    let half = (f64::from(first) - 1.0) / 2.0;
    half * (libm::pow(error, -1.0 / half) - 1.0)
}

/// The rungs of a ladder of lines, each four times as steep as the one before, and what each has of the error. The first
/// decides where means are about a zone apart and has most; the others tell means that lie far apart early.
const LADDER: [f64; 6] = [0.8, 0.1, 0.05, 0.025, 0.0125, 0.0125];

/// Half the width of the interval about the mean of `r` values, at least `first`, of whose first the variance is: each
/// side fails at any look with probability at most `error`. It narrows to half the `zone`, which is twice the slope of
/// the first line.
#[must_use]
pub fn half_width(error: f64, first: u32, variance: f64, zone: f64, r: u32) -> f64 {
    let mut half = f64::INFINITY;
    let mut zone = zone;
    for part in LADDER {
        half = half.min(line(error * part, first) * variance / (zone * f64::from(r)) + zone / 2.0);
        zone *= 4.0;
    }
    half
}

/// The part of an error that may be spent at look `look`, counted from 1: all looks together spend no more than the
/// whole, since the sum of 1 / look^2 is pi^2 / 6.
#[must_use]
pub fn spent(error: f64, look: u32) -> f64 {
    let look = f64::from(look);
    error * 6.0 / (core::f64::consts::PI * core::f64::consts::PI * look * look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_those_of_kim_and_nelson() {
        // Their eta for k = 5, alpha = 0.05, n0 = 20: ((2 * 0.05 / 4)^(-2 / 19) - 1) / 2 = 0.23724; h2 = 2 eta 19.
        let h2 = 2.0 * line(2.0 * 0.05 / 4.0, 20);
        assert!((h2 - 2.0 * 0.237_24 * 19.0).abs() < 2e-3, "{h2}");
        // The variance known: ln(1 / error), from exp(-factor).
        assert!((line(0.05, 1_000_000) - 2.995_7).abs() < 1e-3);
        assert!(line(0.05, 20) > 2.995_7);
    }

    #[test]
    fn intervals_narrow_to_the_zone_and_begin_with_a_steeper_line() {
        assert!((LADDER.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // The first rung at r = 100: 9.5 (0.02^(-2/19) - 1) = 4.8404 times 4 / (2 * 100), and 1.
        assert!((half_width(0.025, 20, 4.0, 2.0, 100) - (4.840_4 * 0.02 + 1.0)).abs() < 1e-4);
        assert!((half_width(0.025, 20, 4.0, 2.0, 10_000_000) - 1.0).abs() < 1e-5);
        // A zone a thousand times as small: the fifth rung, 9.5 (0.0003125^(-2/19) - 1) = 12.7171 at zone 0.512.
        assert!((half_width(0.025, 20, 4.0, 0.002, 100) - (12.717_1 * 4.0 / 51.2 + 0.256)).abs() < 1e-4);
    }

    #[test]
    fn looks_spend_the_error_and_no_more() {
        let all: f64 = (1..100_000).map(|look| spent(0.05, look)).sum();
        assert!(all < 0.05 && all > 0.049_99, "{all}");
    }
}
