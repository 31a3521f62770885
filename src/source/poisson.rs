//! Poisson arrivals: independent exponential gaps.

use super::Arrivals;
use super::keys::{Around, Read};
use super::parts::weight::Weight;
use crate::dist;
use crate::random::{self, Seed};
use crate::text::kind;
use crate::text::quantity;
use crate::text::shelf::Variant;
use crate::time::{Instant, Span};
use crate::units::Rate;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Arrivals at `rate`, the number in any span independent of every other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Poisson {
    /// Mean arrivals per unit of time.
    pub rate: Rate,
}

/// The Poisson arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    rng: Xoshiro256PlusPlus,
    gap_ns: f64,
    at: Instant,
    /// What rounding to whole nanoseconds has left over, so that gaps of a few nanoseconds keep their mean.
    remainder: f64,
}

impl Poisson {
    pub(super) fn feed(self, seed: Seed, name: &str, start: Instant) -> Feed {
        Feed { rng: random::sequence(seed, "arrivals", name), gap_ns: self.rate.gap_ns(), at: start, remainder: 0.0 }
    }

    /// The integral of rate times weight over [from, to).
    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> f64 {
        weight.integral(from, to) / self.rate.gap_ns()
    }
}

impl Feed {
    #[inline(always)]
    pub(super) fn advance(&mut self) -> Instant {
        let gap = self.gap_ns * dist::exponential(&mut self.rng) + self.remainder;
        let whole = Span::from_ns_f64(gap - 0.5);
        self.remainder = gap - whole.ns() as i64 as f64;
        self.at = self.at + whole;
        self.at
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "poisson",
    about: "Independent requests at this mean rate, such as \"200/s\": many users.",
    example: "{ poisson = \"200/s\" }",
    look: &kind::RATE,
    read: |item, _| Ok(Arrivals::Poisson(Poisson { rate: quantity::rate(item)? }).into()),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_a_request_a_nanosecond_keeps_its_rate() {
        let rate = Rate::per_second(1_000_000_000);
        let mut feed = Poisson { rate }.feed(Seed { seed: 1, replication: 0 }, "web", Instant::ZERO);
        let last = std::iter::repeat_with(|| feed.advance()).nth(999_999).unwrap();
        // The sum of a million exponential gaps of 1 ns: 1e6 ns with a standard deviation of 1e3.
        assert!((last.ns() as f64 - 1e6).abs() < 4e3, "{last:?}");
    }

    #[test]
    fn decay_integrates_to_its_closed_form() {
        let poisson = Poisson { rate: Rate::per_second(2) };
        let end = Instant::ZERO + Span::from_s(300);
        let half = poisson.expected(Instant::ZERO, end, Weight(Some(Span::from_s(300))));
        assert!((half - 2.0 * 300.0 * 0.5 / core::f64::consts::LN_2).abs() < 1e-9);
    }
}
