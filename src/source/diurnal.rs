//! Arrivals that rise and fall with the time of day.

use super::Arrivals;
use super::keys::CLOCK;
use super::keys::{Around, Read};
use super::parts::weight::Weight;
use super::parts::{Part, Visit};
use crate::dist;
use crate::math;
use crate::random::{self, Seed};
use crate::text::key::Key;
use crate::text::kind::{self, Keys};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;
use crate::time::{Instant, Span};
use crate::units::Rate;
use core::f64::consts::TAU;
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Poisson arrivals whose rate follows a cosine: mean + (peak - mean) cos(2 pi (clock + t - `peak_at`) / period).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Diurnal {
    /// The mean rate over a period.
    pub mean: Rate,
    /// The highest rate: from the mean to twice the mean, at which the lowest is zero.
    pub peak: Rate,
    /// When the rate is highest, by the clock.
    pub peak_at: Instant,
    /// After which span it repeats; above zero.
    pub period: Span,
    /// What the clock shows at t = 0.
    pub clock: Instant,
}

/// How many straight lines are as good as a period of the cosine: they differ by (2 pi / 8,192)^2 / 8 = 7e-8.
const LINES: u64 = 8_192;

/// The arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    diurnal: Diurnal,
    rng: Xoshiro256PlusPlus,
    gap_ns: f64,
    /// The mean and the lowest rate in units of the highest.
    mean: f64,
    lowest: f64,
    at: Instant,
    end: Instant,
    /// See [`super::poisson::Feed`].
    remainder: f64,
}

impl Diurnal {
    pub(super) fn feed(self, seed: Seed, name: &str, start: Instant, end: Instant) -> Feed {
        let gap_ns = self.peak.gap_ns();
        let mean = gap_ns / self.mean.gap_ns();
        let rng = random::sequence(seed, "arrivals", name);
        Feed { diurnal: self, rng, gap_ns, mean, lowest: 2.0 * mean - 1.0, at: start, end, remainder: 0.0 }
    }

    /// The cosine's argument at `at`, reduced to one turn in whole numbers.
    fn angle(&self, at: Instant) -> f64 {
        let since_peak = i128::from(at.ns()) + i128::from(self.clock.ns()) - i128::from(self.peak_at.ns());
        let period = i128::from(self.period.ns());
        since_peak.rem_euclid(period) as f64 / period as f64 * TAU
    }

    /// The integral over [from, to) of rate times weight. With z = i w - k, the integral of e^(z x) over [0, L) is
    /// (e^(z L) - 1) / z; its numerator is taken apart so that short stretches keep their digits.
    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> f64 {
        let mean = 1.0 / self.mean.gap_ns();
        let swing = 1.0 / self.peak.gap_ns() - mean;
        let (length, k, w) = (to.since(from).ns() as f64, weight.decay(), TAU / self.period.ns() as f64);
        // Whole turns drop out.
        let turn = (to.since(from).ns() % self.period.ns()) as f64 * w;
        let half = math::sin(turn / 2.0);
        let (left, grown) = (math::exp(-k * length), math::expm1(-k * length));
        let (real, imaginary) = (grown * math::cos(turn) - 2.0 * half * half, left * math::sin(turn));
        // (real + i imaginary) / (i w - k), times e^(i angle): its real part.
        let square = k * k + w * w;
        let (over_real, over_imaginary) = ((imaginary * w - real * k) / square, (-real * w - imaginary * k) / square);
        let angle = self.angle(from);
        let cosine = over_real * math::cos(angle) - over_imaginary * math::sin(angle);
        mean * weight.integral(from, to) + swing * weight.at(from) * cosine
    }

    /// How many straight lines its cosine is within `span`.
    pub(super) fn lines(&self, span: Span) -> f64 {
        span.ns() as f64 / self.period.ns() as f64 * LINES as f64
    }

    /// The rate in [from, to) as straight lines.
    pub(super) fn parts(&self, from: Instant, to: Instant, visit: Visit<'_>) {
        let mean = 1.0 / self.mean.gap_ns();
        let swing = 1.0 / self.peak.gap_ns() - mean;
        let rate = |at| mean + swing * math::cos(self.angle(at));
        let line = Span::from_ns(self.period.ns().div_ceil(LINES));
        let mut at = from;
        while at < to {
            let next = (at + line).min(to);
            visit(Part::Stretch { from: at, to: next, rates: [rate(at), rate(next)] });
            at = next;
        }
    }
}

impl Feed {
    /// Thinning (Lewis and Shedler, "Simulation of nonhomogeneous Poisson processes by thinning", 1979): candidates come
    /// at the highest rate, and each stays with the probability rate / highest.
    #[inline]
    pub(super) fn advance(&mut self) -> Instant {
        loop {
            let gap = self.gap_ns * dist::exponential(&mut self.rng) + self.remainder;
            let whole = gap as i64;
            self.remainder = gap - whole as f64;
            self.at = self.at + Span::from_ns(whole as u64);
            if self.at >= self.end {
                return Instant::END;
            }
            let height = dist::unit(self.rng.next_u64());
            // Below the lowest rate no cosine is needed.
            if height < self.lowest || height < self.mean + (1.0 - self.mean) * math::cos(self.diurnal.angle(self.at)) {
                return self.at;
            }
        }
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "diurnal",
    about: "Independent requests at a rate that follows the time of day, as a cosine.",
    example: EXAMPLE,
    look: &Keys(&[&MEAN, &PEAK, &PEAK_AT, &PERIOD, &CLOCK]),
    read,
};

const EXAMPLE: &str = "{ diurnal = { mean = \"200/s\", peak = \"340/s\", peak_at = \"14h\", clock = \"10h\" } }";

const MEAN: Key<Rate> = Key::new("mean", &kind::RATE, "The mean rate, such as \"200/s\".").required(EXAMPLE);
const PEAK: Key<Rate> =
    Key::new("peak", &kind::RATE, "The highest rate: from the mean to twice the mean. It falls as far below the mean.")
        .required(EXAMPLE);
const PEAK_AT: Key<Instant> =
    Key::new("peak_at", &kind::INSTANT, "When the rate is highest, by the clock, such as \"14h\".").defaults("0s");
const PERIOD: Key<Span> =
    Key::new("period", &kind::SPAN_ABOVE_ZERO, "After this span the rate repeats.").defaults("24h");

fn read(item: &Item, _: &Around) -> Checked<Read> {
    let mut table = item.table(EXAMPLE)?;
    let mean = table.read(&MEAN);
    let peak = table.placed(&PEAK);
    let peak_at = table.read(&PEAK_AT);
    let period = table.read(&PERIOD);
    let clock = table.read(&CLOCK);
    table.finish();
    let (mean, (at, peak)) = (mean?, peak?);
    // Gaps, because a rate as a double may differ in its last digit from twice another.
    if peak.gap_ns() > mean.gap_ns() {
        return Err(item.log.refuse(&at, "the peak is below the mean", "write a rate from the mean to twice the mean"));
    }
    if peak.gap_ns() * 2.0 < mean.gap_ns() * (1.0 - 1e-12) {
        let reason = "the peak is more than twice the mean, so that the rate would fall below zero";
        let cure = "write at most twice the mean; `profile` draws any shape, as { profile = { points = { 0h = \"5/s\", \
                    12h = \"90/s\" }, period = \"24h\" } }";
        return Err(item.log.refuse(&at, reason, cure));
    }
    let diurnal = Diurnal { mean, peak, peak_at: peak_at?, period: period?, clock: clock? };
    Ok(Arrivals::Diurnal(diurnal).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;

    fn diurnal() -> Diurnal {
        Diurnal {
            mean: Rate::per_second(2),
            peak: Rate::new(36, 10_000_000_000),
            peak_at: Instant::ZERO + Span::from_s(14 * HOUR),
            period: Span::from_s(24 * HOUR),
            clock: Instant::ZERO + Span::from_s(8 * HOUR),
        }
    }

    fn at(hours: f64) -> Instant {
        Instant::from_ns((hours * 3_600e9) as i64)
    }

    #[test]
    fn the_expectation_is_the_integral_of_the_rate() {
        let diurnal = diurnal();
        for half_life in [None, Some(Span::from_s(4 * HOUR)), Some(Span::from_s(HOUR))] {
            let weight = Weight(half_life);
            for (from, to) in [(0.0, 1.0), (-3.0, 50.0), (0.0, 24.0), (5.0, 5.000_001), (3.0, 100.0)] {
                let (from, to) = (at(from), at(to));
                let n = 200_000;
                let step = to.since(from).ns() as f64 / f64::from(n);
                let sum: f64 = (0..n)
                    .map(|i| {
                        let at = from + Span::from_ns(((f64::from(i) + 0.5) * step) as u64);
                        (2.0 + 1.6 * math::cos(diurnal.angle(at))) * weight.at(at) * step / 1e9
                    })
                    .sum();
                let exact = diurnal.expected(from, to, weight);
                assert!((exact / sum - 1.0).abs() < 1e-6, "{half_life:?} {from:?} {to:?} {exact} {sum}");
            }
        }
    }

    #[test]
    fn arrivals_follow_the_rate() {
        // Four days in hours: chi-square with 96 degrees of freedom exceeds 147.0 once in a thousand seeds (the
        // Wilson-Hilferty quantile).
        let (start, end) = (at(-10.0), at(86.0));
        let mut feed = diurnal().feed(Seed { seed: 1, replication: 0 }, "web", start, end);
        let mut counts = [0.0; 96];
        let mut last = start;
        loop {
            let arrival = feed.advance();
            if arrival == Instant::END {
                break;
            }
            assert!(arrival >= last && arrival < end);
            last = arrival;
            counts[(arrival.since(start).ns() / (HOUR * 1_000_000_000)) as usize] += 1.0;
        }
        let chi2: f64 = (0..96)
            .map(|hour| {
                let from = start + Span::from_s(hour * HOUR);
                let expected = diurnal().expected(from, from + Span::from_s(HOUR), Weight(None));
                (counts[hour as usize] - expected) * (counts[hour as usize] - expected) / expected
            })
            .sum();
        assert!(chi2 < 147.0, "chi-square {chi2}");
        assert_eq!(feed.advance(), Instant::END);
    }
}
