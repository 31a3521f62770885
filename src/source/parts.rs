//! How a source's arrivals lie in time on average, piece by piece: for whoever weighs them with what changes within
//! a stretch, where a count of the whole would not do.

pub(super) mod weight;

use super::{Arrivals, FeedError};
use crate::time::{Instant, Span};
use weight::Weight;

/// A piece of the arrivals that a source is expected to have.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Part {
    /// So many at one instant.
    Point {
        /// When.
        at: Instant,
        /// How many, on average.
        requests: f64,
    },
    /// Anywhere in [from, to), at a rate that goes in a straight line.
    Stretch {
        /// Where it begins.
        from: Instant,
        /// Where it ends.
        to: Instant,
        /// The rates at both ends, in arrivals a nanosecond.
        rates: [f64; 2],
    },
}

/// More pieces than these are not told one by one, where they repeat.
const MOST: f64 = 200_000.0;

/// Into how many equal parts a stretch of more pieces is cut.
const CELLS: u64 = 4_096;

/// More arrivals at equal distances than these are told as two ends and a rate.
const MOST_POINTS: u64 = 4_096;

/// Who is told.
pub(super) type Visit<'a> = &'a mut dyn FnMut(Part);

impl Arrivals {
    /// Tells `visit` of every piece of the arrivals expected in [from, to), in no particular order. They add up to
    /// [`Arrivals::expected`], but for the bend of a cosine (1e-7 of it). A source that repeats itself more than 100,000
    /// times is told in a few thousand stretches of even rate.
    ///
    /// # Errors
    /// [`FeedError`], where a trace that is not held in memory cannot be read again.
    pub fn parts(&self, from: Instant, to: Instant, visit: Visit<'_>) -> Result<(), FeedError> {
        if from >= to {
            return Ok(());
        }
        let whole = |rate: f64| Part::Stretch { from, to, rates: [rate; 2] };
        if self.pieces(to.since(from)) > MOST {
            return self.cells(from, to, visit);
        }
        match self {
            Self::Constant(constant) => constant.parts(from, to, visit),
            Self::Poisson(poisson) => visit(whole(1.0 / poisson.rate.gap_ns())),
            Self::Diurnal(diurnal) => diurnal.parts(from, to, visit),
            Self::Profile(profile) => profile.parts(from, to, visit),
            Self::Bursty(bursty) => visit(whole(bursty.hz() / 1e9)),
            Self::Schedule(schedule) => schedule.parts(from, to, visit),
            Self::Trace(trace) => trace.parts(from, to, visit)?,
            Self::Users(_) => {}
        }
        Ok(())
    }

    /// How many pieces of what repeats lie within `span`, at most.
    fn pieces(&self, span: Span) -> f64 {
        match self {
            Self::Constant(_) | Self::Poisson(_) | Self::Bursty(_) | Self::Users(_) => 1.0,
            Self::Diurnal(diurnal) => diurnal.lines(span),
            Self::Profile(profile) => profile.changes(span),
            Self::Schedule(schedule) => schedule.changes(span),
            Self::Trace(trace) if trace.period.is_none() => 1.0,
            Self::Trace(trace) => trace.changes(span),
        }
    }

    /// The same in equal parts, each with its number of requests at an even rate.
    fn cells(&self, from: Instant, to: Instant, visit: Visit<'_>) -> Result<(), FeedError> {
        let length = u128::from(to.since(from).ns());
        // Within 64 bits, because the whole is.
        let end = |cell: u64| from + Span::from_ns((length * u128::from(cell) / u128::from(CELLS)) as u64);
        for cell in 0..CELLS {
            let (from, to) = (end(cell), end(cell + 1));
            if from < to {
                let rate = self.weighted(from, to, Weight(None))? / to.since(from).ns() as f64;
                visit(Part::Stretch { from, to, rates: [rate; 2] });
            }
        }
        Ok(())
    }
}

/// `n` points at equal distances, point k at `at(k)`, each of `weight` requests. Many of them are a rate and half a point
/// at each end: the trapezoid rule, which is exact where what they are weighed with is straight between two of them.
pub(super) fn evenly(n: u64, at: impl Fn(u64) -> Instant, weight: f64, visit: Visit<'_>) {
    if n <= MOST_POINTS {
        (0..n).for_each(|k| visit(Part::Point { at: at(k), requests: weight }));
        return;
    }
    let (from, to) = (at(0), at(n - 1));
    visit(Part::Point { at: from, requests: weight / 2.0 });
    visit(Part::Point { at: to, requests: weight / 2.0 });
    if from < to {
        let rate = weight * (n - 1) as f64 / to.since(from).ns() as f64;
        visit(Part::Stretch { from, to, rates: [rate; 2] });
    }
}

#[cfg(test)]
mod tests;
