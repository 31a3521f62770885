//! Poisson arrivals: independent exponential gaps.

use super::Arrival;
use crate::dist;
use crate::math;
use crate::random::{self, Seed};
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

    pub(super) fn expected(&self, from: Instant, to: Instant) -> f64 {
        to.since(from).ns() as f64 / self.rate.gap_ns()
    }

    /// The integral of rate x 2^(-t / `half_life`) over [from, to).
    pub(super) fn decayed(&self, from: Instant, to: Instant, half_life: Span) -> f64 {
        let half_life = half_life.ns() as f64;
        let weight = |at: Instant| math::exp2(-(at.ns() as f64) / half_life);
        (weight(from) - weight(to)) * half_life / core::f64::consts::LN_2 / self.rate.gap_ns()
    }
}

impl Feed {
    #[inline]
    pub(super) fn advance(&mut self) -> Arrival {
        let gap = self.gap_ns * dist::exponential(&mut self.rng) + self.remainder;
        let whole = gap as u64;
        self.remainder = gap - whole as f64;
        self.at = self.at + Span::from_ns(whole);
        Arrival { at: self.at, service: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_a_request_a_nanosecond_keeps_its_rate() {
        let rate = Rate::per_second(1_000_000_000);
        let mut feed = Poisson { rate }.feed(Seed { seed: 1, replication: 0 }, "web", Instant::ZERO);
        let last = std::iter::repeat_with(|| feed.advance().at).nth(999_999).unwrap();
        // The sum of a million exponential gaps of 1 ns: 1e6 ns with a standard deviation of 1e3.
        assert!((last.ns() as f64 - 1e6).abs() < 4e3, "{last:?}");
    }

    #[test]
    fn decay_integrates_to_its_closed_form() {
        let poisson = Poisson { rate: Rate::per_second(2) };
        let end = Instant::ZERO + Span::from_s(300);
        let half = poisson.decayed(Instant::ZERO, end, Span::from_s(300));
        assert!((half - 2.0 * 300.0 * 0.5 / core::f64::consts::LN_2).abs() < 1e-9);
    }
}
