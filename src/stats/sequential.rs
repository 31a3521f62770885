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
//! [`line`] solves that for the factor; [`half_width`] is the line divided by r. Kim and Nelson (ACM Transactions on
//! Modeling and Computer Simulation 2001) go on exactly as long as such an interval excludes neither end of the zone, with the
//! factor of twice the error, which is enough if the two means are known to lie at least the zone apart. Looking at some of
//! the sums only, in place of a path in continuous time, makes no error larger (Jennison, Johnstone and Turnbull 1982),
//! because a crossing that is not looked at is no crossing.

/// The factor of a line that is crossed with probability at most `error`, in (0, 1]; `first` values gave the variance,
/// at least 2.
#[must_use]
pub fn line(error: f64, first: u32) -> f64 {
    let half = (f64::from(first) - 1.0) / 2.0;
    half * (libm::pow(error, -1.0 / half) - 1.0)
}

/// Half the width of the interval about the mean of `r` values, each side of which fails at any look with the error of
/// `factor`. `zone` is twice the slope of the line: the interval is narrowest, relative to chance, once it is about
/// `zone` wide, and never narrower than that.
#[must_use]
pub fn half_width(factor: f64, variance: f64, zone: f64, r: u32) -> f64 {
    factor * variance / (zone * f64::from(r)) + zone / 2.0
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
    fn intervals_narrow_to_the_zone() {
        // 3 * 8 / (2 * 12) + 1.
        assert_eq!(half_width(3.0, 8.0, 2.0, 12), 2.0);
        assert!((half_width(3.0, 8.0, 2.0, 1_000_000) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn looks_spend_the_error_and_no_more() {
        let all: f64 = (1..100_000).map(|look| spent(0.05, look)).sum();
        assert!(all < 0.05 && all > 0.049_99, "{all}");
    }
}
