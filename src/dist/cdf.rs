//! Laws as functions: how probable spans are, for whoever integrates over a law instead of drawing from it.
//!
//! Spans are taken as real numbers of nanoseconds: that draws are rounded to whole ones is left out.

use super::{Law, Lognormal};
use crate::math;
use crate::time::Span;
use core::f64::consts::{PI, SQRT_2};

impl Law {
    /// The probability of a span of `ns` nanoseconds or less. A constant's is a step, whose upper end belongs to it.
    #[must_use]
    pub fn cdf(&self, ns: f64) -> f64 {
        // No draw is longer.
        if ns >= Span::LONGEST.ns() as f64 {
            return 1.0;
        }
        match *self {
            _ if self.is_constant() => f64::from(u8::from(ns >= self.only())),
            Self::Uniform { low, high } => {
                let (low, high) = (low.ns() as f64, high.ns() as f64);
                ((ns - low) / (high - low)).clamp(0.0, 1.0)
            }
            _ if ns <= 0.0 => 0.0,
            Self::Exponential { mean } => -math::expm1(-ns / mean.ns() as f64),
            Self::Lognormal(law) => 0.5 * libm::erfc(-law.normal(ns) / SQRT_2),
            Self::Constant(_) => 1.0,
        }
    }

    /// The density at `ns` nanoseconds; zero for a constant, which has none.
    #[must_use]
    pub fn density(&self, ns: f64) -> f64 {
        match *self {
            _ if self.is_constant() => 0.0,
            Self::Uniform { low, high } => {
                let (low, high) = (low.ns() as f64, high.ns() as f64);
                if ns >= low && ns <= high { 1.0 / (high - low) } else { 0.0 }
            }
            _ if ns <= 0.0 => 0.0,
            Self::Exponential { mean } => math::exp(-ns / mean.ns() as f64) / mean.ns() as f64,
            Self::Lognormal(law) => {
                let z = law.normal(ns);
                math::exp(-0.5 * z * z) / (ns * law.sigma * math::sqrt(2.0 * PI))
            }
            Self::Constant(_) => 0.0,
        }
    }

    /// Where the law begins, may bend and ends, in nanoseconds and in order: a constant's only value, a uniform's two
    /// bounds. Beyond the last there is less than 1e-17; of an unbounded law a few spans between are named, so that no
    /// step over them misses it.
    #[must_use]
    pub fn knots(&self) -> Vec<f64> {
        match *self {
            _ if self.is_constant() => vec![self.only()],
            Self::Constant(span) => vec![span.ns() as f64],
            Self::Uniform { low, high } => vec![low.ns() as f64, high.ns() as f64],
            Self::Exponential { mean } => [0.0, 1.0, 4.0, 12.0, 40.0].map(|means| means * mean.ns() as f64).to_vec(),
            Self::Lognormal(law) => {
                let spans = [-8.6, -5.0, -2.5, 0.0, 2.5, 5.0, 8.6].map(|z| math::exp(law.mu + law.sigma * z));
                spans.map(|ns| ns.min(Span::LONGEST.ns() as f64)).to_vec()
            }
        }
    }

    /// The only value of a constant law, in nanoseconds.
    fn only(&self) -> f64 {
        match *self {
            Self::Constant(span) | Self::Exponential { mean: span } | Self::Uniform { low: span, .. } => {
                span.ns() as f64
            }
            Self::Lognormal(law) => law.p50.ns() as f64,
        }
    }
}

impl Lognormal {
    /// The standard normal number that makes a span of `ns` nanoseconds.
    fn normal(&self, ns: f64) -> f64 {
        (math::ln(ns) - self.mu) / self.sigma
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use rand_distr::Distribution;

    fn laws() -> [Law; 4] {
        let s = Span::from_s;
        [
            Law::Uniform { low: s(5), high: s(7) },
            Law::Exponential { mean: s(1_000) },
            Law::Lognormal(Lognormal::new(s(38), s(210)).unwrap()),
            Law::Uniform { low: s(0), high: s(10) },
        ]
    }

    #[test]
    fn closed_forms() {
        let [uniform, exponential, lognormal, _] = laws();
        let close = |x: f64, y: f64| assert!((x - y).abs() < 1e-14, "{x} {y}");
        close(uniform.cdf(5.5e9), 0.25);
        assert_eq!([uniform.cdf(4e9), uniform.cdf(5e9), uniform.cdf(7e9), uniform.cdf(8e9)], [0.0, 0.0, 1.0, 1.0]);
        close(exponential.cdf(1e12 * core::f64::consts::LN_2), 0.5);
        close(lognormal.cdf(38e9), 0.5);
        assert!((lognormal.cdf(210e9) - 0.99).abs() < 1e-12);
        assert_eq!([exponential.cdf(-1.0), lognormal.cdf(0.0)], [0.0, 0.0]);
        assert_eq!(exponential.cdf(Span::LONGEST.ns() as f64), 1.0);
    }

    #[test]
    fn a_constant_is_a_step_that_holds_its_end() {
        let two = Span::from_s(2);
        for law in [
            Law::Constant(two),
            Law::Uniform { low: two, high: two },
            Law::Lognormal(Lognormal::new(two, two).unwrap()),
        ] {
            assert_eq!([law.cdf(2e9 - 1.0), law.cdf(2e9)], [0.0, 1.0], "{law:?}");
            assert_eq!((law.knots(), law.density(2e9)), (vec![2e9], 0.0), "{law:?}");
        }
        assert_eq!(
            [Law::Exponential { mean: Span::ZERO }.cdf(-1.0), Law::Exponential { mean: Span::ZERO }.cdf(0.0)],
            [0.0, 1.0]
        );
    }

    #[test]
    fn draws_follow_it() {
        // Kolmogorov-Smirnov times sqrt(n): above 1.95 once in a thousand seeds.
        let stream = Seed { seed: 11, replication: 0 }.stream("test", "cdf");
        for law in laws() {
            let mut draws: Vec<f64> = (0..100_000).map(|i| law.sample(&mut stream.at(i, 0)).ns() as f64).collect();
            draws.sort_by(f64::total_cmp);
            let n = draws.len() as f64;
            let gaps = draws.iter().enumerate().map(|(i, &x)| (law.cdf(x) - (i as f64 + 0.5) / n).abs());
            let distance = gaps.fold(0.0, f64::max) * n.sqrt();
            assert!(distance < 1.95, "{law:?} {distance}");
        }
    }

    #[test]
    fn the_density_is_its_slope_and_the_knots_hold_it_all() {
        for law in laws() {
            let knots = law.knots();
            assert!(knots.is_sorted());
            let (first, last) = (knots[0], knots[knots.len() - 1]);
            assert!(law.cdf(first) < 1e-16 && 1.0 - law.cdf(last) < 1e-16, "{law:?}");
            for part in 1..40 {
                let x = law.mean_ns() * f64::from(part) / 20.0;
                let h = x * 1e-5;
                let slope = (law.cdf(x + h) - law.cdf(x - h)) / (2.0 * h);
                let kink = knots.iter().any(|knot| (knot - x).abs() < 2.0 * h);
                assert!(kink || (slope / law.density(x) - 1.0).abs() < 1e-5 || slope == law.density(x), "{law:?} {x}");
            }
        }
    }
}
