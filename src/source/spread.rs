//! Requests of one moment spread over a stretch of time: at random, or evenly.

use super::parts::weight::Weight;
use super::parts::{self, Part, Visit};
use crate::dist;
use crate::math;
use crate::time::{Instant, Span};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How requests of which only the number is known lie within their stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Spread {
    /// Each anywhere, independently of the others.
    #[default]
    Random,
    /// At equal distances, in the middle of as many equal parts.
    Even,
}

/// The requests of one stretch still to come, in order of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spreading {
    start: Instant,
    width: Span,
    count: u64,
    /// How many are still to come.
    pub left: u64,
    /// How far the last one lies from the start, in nanoseconds.
    reached: f64,
}

impl Spreading {
    /// Nothing to come.
    pub const NONE: Self = Self { start: Instant::END, width: Span::ZERO, count: 0, left: 0, reached: 0.0 };

    /// `count` requests within [`start`, `start` + `width`).
    pub fn new(start: Instant, width: Span, count: u64) -> Self {
        Self { start, width, count, left: count, reached: 0.0 }
    }

    /// The next of them.
    ///
    /// The least of n independent uniform draws from what is left of the stretch leaves the (1 - U^(1/n))-th part of it
    /// behind (Devroye, "Non-Uniform Random Variate Generation", 1986, chapter V.3), and U is exp(-E): one exponential
    /// draw a request, in order, and nothing to store or to sort.
    #[inline]
    pub fn next(&mut self, spread: Spread, rng: &mut Xoshiro256PlusPlus) -> Instant {
        let width = self.width.ns();
        let offset = match spread {
            _ if width == 0 => 0,
            Spread::Random => {
                let part = -math::expm1(-dist::exponential(rng) / self.left as f64);
                self.reached += (width as f64 - self.reached) * part;
                (self.reached as u64).min(width - 1)
            }
            Spread::Even => place(self.count - self.left, self.count, width),
        };
        self.left -= 1;
        self.start + Span::from_ns(offset)
    }
}

/// The middle of part `k` of `n` equal parts of `width`.
fn place(k: u64, n: u64, width: u64) -> u64 {
    ((2 * u128::from(k) + 1) * u128::from(width) / (2 * u128::from(n))) as u64
}

/// The first of `count` even requests, within a stretch of `width`, that lies `after` its beginning or later: the middle
/// of part k does where 2 k + 1 >= 2 n x / width.
fn first_place(after: Span, width: Span, count: u64) -> u64 {
    let x = u128::from(after.ns()) * 2 * u128::from(count);
    ((x.div_ceil(u128::from(width.ns())) / 2) as u64).min(count)
}

/// The requests that are expected in [from, to) of `count` spread over [start, start + width), each counted `weight`
/// times.
pub(super) fn parts(
    (start, width, count): (Instant, Span, u64),
    spread: Spread,
    (from, to): (Instant, Instant),
    weight: f64,
    visit: Visit<'_>,
) {
    let (low, high) = (start.max(from), (start + width).min(to));
    match spread {
        _ if count == 0 => {}
        _ if width == Span::ZERO => {
            if start >= from && start < to {
                visit(Part::Point { at: start, requests: count as f64 * weight });
            }
        }
        _ if low >= high => {}
        Spread::Random => {
            let rate = count as f64 * weight / width.ns() as f64;
            visit(Part::Stretch { from: low, to: high, rates: [rate; 2] });
        }
        Spread::Even => {
            let (low, high) = [low, high].map(|at| first_place(at.since(start), width, count)).into();
            let at = |k| start + Span::from_ns(place(low + k, count, width.ns()));
            parts::evenly(high.saturating_sub(low), at, weight, visit);
        }
    }
}

/// The expected weight of `count` requests spread over [start, start + width) that fall into [from, to).
pub(super) fn expected(
    (start, width, count): (Instant, Span, u64),
    spread: Spread,
    (from, to): (Instant, Instant),
    weight: Weight,
) -> f64 {
    let (low, high) = (start.max(from), (start + width).min(to));
    match spread {
        _ if width == Span::ZERO => {
            if start >= from && start < to {
                count as f64 * weight.at(start)
            } else {
                0.0
            }
        }
        _ if low >= high => 0.0,
        Spread::Random => count as f64 * weight.integral(low, high) / width.ns() as f64,
        Spread::Even => {
            let (low, high) = [low, high].map(|at| first_place(at.since(start), width, count)).into();
            match weight {
                Weight(None) => high.saturating_sub(low) as f64,
                _ => (low..high).map(|k| weight.at(start + Span::from_ns(place(k, count, width.ns())))).sum(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{self, Seed};

    fn spread(count: u64, spread: Spread, replication: u64) -> Vec<i64> {
        let mut rng = random::sequence(Seed { seed: 1, replication }, "test", "spread");
        let mut spreading = Spreading::new(Instant::ZERO, Span::from_s(1), count);
        (0..count).map(|_| spreading.next(spread, &mut rng).ns()).collect()
    }

    #[test]
    fn even_is_in_the_middle_of_equal_parts() {
        assert_eq!(spread(4, Spread::Even, 0), [125_000_000, 375_000_000, 625_000_000, 875_000_000]);
    }

    #[test]
    fn the_expectation_of_even_requests_is_their_count() {
        let width = Span::from_ns(1_003);
        for count in [1, 2, 7, 400, 1_500] {
            let places: Vec<_> = (0..count).map(|k| place(k, count, width.ns()) as i64).collect();
            for (from, to) in [(-5, 2_000), (0, 1), (0, 501), (501, 502), (502, 700), (143, 144), (77, 1_003)] {
                let inside = places.iter().filter(|&&at| at >= from && at < to).count();
                let stretch = (Instant::from_ns(from), Instant::from_ns(to));
                let expected = expected((Instant::ZERO, width, count), Spread::Even, stretch, Weight(None));
                assert_eq!(expected, inside as f64, "{count} {from} {to}");
            }
        }
    }

    #[test]
    fn random_is_uniform_and_in_order() {
        // 10,000 stretches of 8 requests over 16 cells: chi-square with 15 degrees of freedom exceeds 37.7 once in a
        // thousand seeds.
        let mut cells = [0_u32; 16];
        for replication in 0..10_000 {
            let offsets = spread(8, Spread::Random, replication);
            assert!(offsets.is_sorted() && offsets[7] < 1_000_000_000);
            offsets.iter().for_each(|&ns| cells[(ns / 62_500_000) as usize] += 1);
        }
        let chi2: f64 = cells.iter().map(|&n| (f64::from(n) - 5e3) * (f64::from(n) - 5e3) / 5e3).sum();
        assert!(chi2 < 37.7, "chi-square {chi2}");
    }

    #[test]
    fn the_least_of_five_has_its_mean() {
        // 1/6, with a standard deviation of sqrt(5 / 252) = 0.141 a draw: 0.0056 is four of the mean's over 10,000.
        let mean = (0..10_000).map(|i| spread(5, Spread::Random, i)[0] as f64 / 1e9).sum::<f64>() / 1e4;
        assert!((mean - 1.0 / 6.0).abs() < 0.0056, "{mean}");
    }
}
