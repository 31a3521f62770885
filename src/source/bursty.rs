//! Bursts: quiet and busy times take turns.

use super::Arrivals;
use super::keys::{Around, Read};
use super::parts::weight::Weight;
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
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A Markov-modulated Poisson process of two states: Poisson arrivals at one rate, then at the other, each for an
/// exponential time. It begins in its stationary law, so that no moment is special.
///
/// Its moments: Fischer and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance
/// Evaluation 18, 1993.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bursty {
    /// Between bursts.
    pub quiet: State,
    /// Within a burst.
    pub burst: State,
}

/// One of the two states.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct State {
    /// The rate of arrivals; `None` for none at all.
    pub rate: Option<Rate>,
    /// How long it lasts on average; above zero.
    pub lasts: Span,
}

/// What is taken as given of a source's bursts, in place of what would be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bursts {
    /// None begins before the end.
    Never,
    /// One is under way at the start.
    AtStart,
    /// It is quiet at the start, and one begins before the end.
    Later,
}

/// The arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    arrivals: Xoshiro256PlusPlus,
    bursts: Xoshiro256PlusPlus,
    /// Arrivals a nanosecond, and mean length in nanoseconds, of the state that reigns and of the other.
    states: [(f64, f64); 2],
    /// How long the state that reigns still does, in nanoseconds.
    left_ns: f64,
    at: Instant,
    end: Instant,
    /// See [`super::poisson::Feed`].
    remainder: f64,
}

impl Bursty {
    /// The mean rate, in arrivals a nanosecond.
    fn mean(&self) -> f64 {
        let [quiet, burst] = [self.quiet, self.burst].map(|state| state.lasts.ns() as f64);
        (self.quiet.per_ns() * quiet + self.burst.per_ns() * burst) / (quiet + burst)
    }

    /// The mean rate, in arrivals a second.
    #[must_use]
    pub fn hz(&self) -> f64 {
        self.mean() * 1e9
    }

    /// How many times its rate changes within `span`, on average.
    #[must_use]
    pub fn changes(&self, span: Span) -> f64 {
        2.0 * span.ns() as f64 / (self.quiet.lasts.ns() as f64 + self.burst.lasts.ns() as f64)
    }

    /// Unconditional on the bursts of a replication: adoption times say nothing about them.
    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> f64 {
        self.mean() * weight.integral(from, to)
    }

    /// The probability of each way in which bursts may fall within `span`.
    #[must_use]
    pub fn chance(&self, bursts: Bursts, span: Span) -> f64 {
        let [quiet, burst] = [self.quiet, self.burst].map(|state| state.lasts.ns() as f64);
        let waits = span.ns() as f64 / quiet;
        match bursts {
            Bursts::AtStart => burst / (quiet + burst),
            Bursts::Later => quiet / (quiet + burst) * -math::expm1(-waits),
            Bursts::Never => quiet / (quiet + burst) * math::exp(-waits),
        }
    }

    pub(super) fn feed(self, seed: Seed, name: &str, (start, end): (Instant, Instant), given: Option<Bursts>) -> Feed {
        // Bursts have a stream of their own: other rates leave their times as they are.
        let mut bursts = random::sequence(seed, "bursts", name);
        let mut states = [self.quiet, self.burst].map(|state| (state.per_ns(), state.lasts.ns() as f64));
        let in_burst = states[1].1 / (states[0].1 + states[1].1);
        let is_in_burst = dist::unit(bursts.next_u64()) < in_burst;
        if given.map_or(is_in_burst, |given| given == Bursts::AtStart) {
            states.swap(0, 1);
        }
        // An exponential time has no memory: what is left of it at the start is as long as all of it.
        let drawn = states[0].1 * dist::exponential(&mut bursts);
        let span_ns = end.since(start).ns() as f64;
        let left_ns = match given {
            None | Some(Bursts::AtStart) => drawn,
            Some(Bursts::Never) => span_ns + 1e9,
            // The exponential law given that it ends within the span, inverted. Its draw is one of its own, so that all that
            // follow are the same.
            Some(Bursts::Later) => {
                let unit = dist::unit(seed.stream("first-burst", name).bits(0, 0));
                -math::ln_1p(unit * math::expm1(-span_ns / states[0].1)) * states[0].1
            }
        };
        let arrivals = random::sequence(seed, "arrivals", name);
        Feed { arrivals, bursts, states, left_ns, at: start, end, remainder: 0.0 }
    }
}

impl State {
    fn per_ns(&self) -> f64 {
        self.rate.map_or(0.0, |rate| 1.0 / rate.gap_ns())
    }
}

impl Feed {
    /// Where the rate is r, a unit of exponential "wear" is used up at r a nanosecond: one draw an arrival, whatever
    /// states it passes.
    #[inline]
    pub(super) fn advance(&mut self) -> Instant {
        let mut wear = dist::exponential(&mut self.arrivals);
        let mut gap = self.remainder;
        let room = self.end.since(self.at).ns() as f64;
        while wear >= self.left_ns * self.states[0].0 {
            wear -= self.left_ns * self.states[0].0;
            gap += self.left_ns;
            if gap > room {
                self.at = self.end;
                self.remainder = 0.0;
                return Instant::END;
            }
            self.states.swap(0, 1);
            self.left_ns = self.states[0].1 * dist::exponential(&mut self.bursts);
        }
        let step = wear / self.states[0].0;
        self.left_ns -= step;
        gap += step;
        let whole = gap as i64;
        self.remainder = gap - whole as f64;
        self.at = self.at + Span::from_ns(whole as u64);
        if self.at < self.end { self.at } else { Instant::END }
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "bursty",
    about: "Quiet times and bursts in turn: a Markov-modulated Poisson process of two states.",
    example: EXAMPLE,
    look: &Keys(&[&QUIET, &QUIET_FOR, &BURST, &BURST_FOR]),
    read,
};

const EXAMPLE: &str = "{ bursty = { quiet = \"50/s\", quiet_for = \"60s\", burst = \"500/s\", burst_for = \"5s\" } }";

const QUIET: Key<Option<Rate>> = Key::new("quiet", &kind::RATE_OR_NONE, "The rate between bursts.").defaults("0/s");
const QUIET_FOR: Key<Span> =
    Key::new("quiet_for", &kind::SPAN_ABOVE_ZERO, "How long it lasts between bursts, on average; exponential.")
        .required(EXAMPLE);
const BURST: Key<Rate> = Key::new("burst", &kind::RATE, "The rate within a burst.").required(EXAMPLE);
const BURST_FOR: Key<Span> =
    Key::new("burst_for", &kind::SPAN_ABOVE_ZERO, "How long a burst lasts, on average; exponential.").required(EXAMPLE);

fn read(item: &Item, _: &Around) -> Checked<Read> {
    let mut table = item.table(EXAMPLE)?;
    let (quiet, quiet_for) = (table.read(&QUIET), table.read(&QUIET_FOR));
    let (burst, burst_for) = (table.read(&BURST), table.read(&BURST_FOR));
    table.finish();
    let quiet = State { rate: quiet?, lasts: quiet_for? };
    let burst = State { rate: Some(burst?), lasts: burst_for? };
    Ok(Arrivals::Bursty(Bursty { quiet, burst }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(bursty: Bursty, seconds: u64, replications: u64) -> Vec<f64> {
        let end = Instant::ZERO + Span::from_s(seconds);
        let count = |replication| {
            let mut feed = bursty.feed(Seed { seed: 3, replication }, "web", (Instant::ZERO, end), None);
            std::iter::repeat_with(|| feed.advance()).take_while(|&at| at < end).count() as f64
        };
        (0..replications).map(count).collect()
    }

    /// Var N(t) / E N(t) of a stationary two-state process with rates a, b and mean times p, q: with s = 1/p + 1/q,
    /// 1 + 2 (a - b)^2 / (p q s^2 m s) (1 - (1 - e^(-s t)) / (s t)), m the mean rate (the cookbook, section 2.4).
    fn index_of_dispersion([a, b]: [f64; 2], [p, q]: [f64; 2], t: f64) -> f64 {
        let s = 1.0 / p + 1.0 / q;
        let mean = (a * p + b * q) / (p + q);
        1.0 + 2.0 * (a - b) * (a - b) / (p * q * s * s * mean * s) * (1.0 + math::expm1(-s * t) / (s * t))
    }

    #[test]
    fn mean_and_dispersion_are_those_of_the_process() {
        for (rates, lasts, t) in [([2, 40], [30, 5], 60), ([0, 50], [10, 2], 20), ([10, 10], [5, 5], 30)] {
            let state = |i: usize| State {
                rate: (rates[i] > 0).then(|| Rate::per_second(rates[i])),
                lasts: Span::from_s(lasts[i]),
            };
            let bursty = Bursty { quiet: state(0), burst: state(1) };
            let counts = counts(bursty, t, 20_000);
            let n = counts.len() as f64;
            let mean = counts.iter().sum::<f64>() / n;
            let moment =
                |power: i32| counts.iter().map(|x| (0..power).map(|_| x - mean).product::<f64>()).sum::<f64>() / n;
            let variance = moment(2);
            let expected = bursty.expected(Instant::ZERO, Instant::ZERO + Span::from_s(t), Weight(None));
            // Four standard errors each: once in 16,000 seeds.
            assert!((mean - expected).abs() < 4.0 * (variance / n).sqrt(), "{mean} {expected}");
            let error = ((moment(4) - variance * variance) / n).sqrt();
            let wanted = expected * index_of_dispersion(rates.map(|r| r as f64), lasts.map(|l| l as f64), t as f64);
            assert!((variance - wanted).abs() < 4.0 * error, "{variance} {wanted} {error}");
        }
    }

    #[test]
    fn what_is_given_of_bursts_adds_up_to_what_is_drawn() {
        let (end, span) = (Instant::ZERO + Span::from_s(60), Span::from_s(60));
        let state = |hz, s| State { rate: Some(Rate::per_second(hz)), lasts: Span::from_s(s) };
        let bursty = Bursty { quiet: state(2, 200), burst: state(50, 10) };
        let count = |given, replication| {
            let mut feed = bursty.feed(Seed { seed: 3, replication }, "web", (Instant::ZERO, end), given);
            std::iter::repeat_with(|| feed.advance()).take_while(|&at| at < end).count() as f64
        };
        let ways = [Bursts::Never, Bursts::AtStart, Bursts::Later];
        assert!((ways.map(|bursts| bursty.chance(bursts, span)).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let weighted = |replication| -> f64 {
            ways.iter().map(|&bursts| bursty.chance(bursts, span) * count(Some(bursts), replication)).sum()
        };
        let counts: Vec<f64> = (0..20_000).map(weighted).collect();
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<f64>() / n;
        let error = math::sqrt(counts.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n / n);
        let expected = bursty.expected(Instant::ZERO, end, Weight(None));
        assert!((mean - expected).abs() < 4.0 * error && error < 0.004 * expected, "{mean} {expected} {error}");
        // Without a burst there is nothing but the quiet rate: 120, give or take 11.
        assert!((0..100).all(|replication| count(Some(Bursts::Never), replication) < 190.0));
    }

    #[test]
    fn a_source_that_is_hardly_ever_awake_comes_to_an_end() {
        let rate = Some(Rate::new(1, Span::LONGEST.ns()));
        let state = State { rate, lasts: Span::from_ns(1_000_000) };
        let mut feed = Bursty { quiet: State { rate: None, ..state }, burst: state }.feed(
            Seed { seed: 1, replication: 0 },
            "web",
            (Instant::ZERO, Instant::ZERO + Span::from_s(60)),
            None,
        );
        assert_eq!(feed.advance(), Instant::END);
    }
}
