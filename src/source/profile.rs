//! Arrivals whose rate is drawn as a line: ramps, plateaus, a day hour by hour.

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
use crate::text::log::{self, Checked};
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::text::{pattern, quantity};
use crate::time::{Instant, Span};
use crate::units::Rate;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;
use std::sync::Arc;

/// Poisson arrivals whose rate goes in straight lines from point to point.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    points: Vec<Point>,
    period: Option<Span>,
    clock: Instant,
    pieces: Arc<[Piece]>,
}

/// A point of a profile: when by the clock, and the rate there; `None` for no arrivals.
pub type Point = (Instant, Option<Rate>);

/// A straight line between two points.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Piece {
    /// Where it begins by the clock.
    begin: i64,
    end: i64,
    /// Arrivals a nanosecond at the beginning, and how they grow with every nanosecond.
    rate: f64,
    slope: f64,
}

/// The arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    pieces: Arc<[Piece]>,
    rng: Xoshiro256PlusPlus,
    piece: usize,
    /// The instant of the clock's zero, in the period that is being passed.
    zero: i64,
    period: i64,
    at: Instant,
    end: Instant,
    /// See [`super::poisson::Feed`].
    remainder: f64,
}

impl Profile {
    /// How far from its zero the clock may be read: 10 years.
    pub const FAR: Span = Span::from_ns(Span::LONGEST.ns() / 10);

    /// A profile through `points`, in order of time; two at one time are a jump. With a `period`, from the last point
    /// back to the first and so on for ever; without, the rate before the first point is the first one's, after the
    /// last the last one's. `clock` is what the clock shows at t = 0.
    ///
    /// `None` unless there is a point, they are in order, span less than the period (not zero), some rate is above
    /// zero, and nothing lies further from the clock's zero than [`Profile::FAR`].
    #[must_use]
    pub fn new(points: Vec<Point>, period: Option<Span>, clock: Instant) -> Option<Self> {
        let ((&first, &last), ordered) = (points.first().zip(points.last())?, points.is_sorted_by_key(|point| point.0));
        let far = |at: Instant| at.ns().unsigned_abs() > Self::FAR.ns();
        if far(clock) || far(first.0) || far(last.0) {
            return None;
        }
        let fits = period.is_none_or(|period| period > Span::ZERO && last.0.since(first.0) < period);
        if !ordered || !fits || points.iter().all(|(_, rate)| rate.is_none()) {
            return None;
        }
        // Beyond every time that the clock can show, and differences of two such times are still whole numbers.
        let ever = Span::from_ns(Span::LONGEST.ns() / 100 * 115);
        let mut line = points.clone();
        match period {
            Some(period) => line.push((first.0 + period, first.1)),
            None => {
                line.insert(0, (Instant::ZERO.before(ever), first.1));
                line.push((Instant::ZERO + ever, last.1));
            }
        }
        let pieces = line.windows(2).filter(|pair| pair[0].0 < pair[1].0).map(|pair| Piece::new(pair[0], pair[1]));
        let pieces = pieces.collect();
        Some(Self { points, period, clock, pieces })
    }

    /// The lowest and the highest rate of any point.
    #[must_use]
    pub fn extremes(&self) -> (Option<Rate>, Option<Rate>) {
        let slower = |a: &Option<Rate>, b: &Option<Rate>| a.map_or(0.0, Rate::hz).total_cmp(&b.map_or(0.0, Rate::hz));
        let rates = || self.points.iter().map(|point| point.1);
        (rates().min_by(slower).flatten(), rates().max_by(slower).flatten())
    }

    /// How many times its line bends within `span`, at most.
    #[must_use]
    pub fn changes(&self, span: Span) -> f64 {
        let passes = self.period.map_or(1.0, |period| span.ns() as f64 / period.ns() as f64 + 2.0);
        passes * self.pieces.len() as f64
    }

    /// The piece in which `at` lies, and the instant of the clock's zero in its period.
    fn locate(&self, at: Instant) -> (usize, i64) {
        let (time, first) = (at.ns() + self.clock.ns(), self.pieces[0].begin);
        let passed = self.period.map_or(0, |period| {
            let period = period.ns().cast_signed();
            (time - first).div_euclid(period) * period
        });
        let within = time - passed;
        let piece = self.pieces.partition_point(|piece| piece.end <= within).min(self.pieces.len() - 1);
        (piece, passed - self.clock.ns())
    }

    pub(super) fn feed(&self, seed: Seed, name: &str, start: Instant, end: Instant) -> Feed {
        let (piece, zero) = self.locate(start);
        Feed {
            pieces: Arc::clone(&self.pieces),
            rng: random::sequence(seed, "arrivals", name),
            piece,
            zero,
            period: self.period.map_or(0, |period| period.ns().cast_signed()),
            at: start,
            end,
            remainder: 0.0,
        }
    }

    /// Every line in [from, to): where it begins and ends there, the rate at its beginning, and its slope.
    fn lines(&self, from: Instant, to: Instant, mut visit: impl FnMut(Instant, Instant, f64, f64)) {
        let (mut place, mut zero) = self.locate(from);
        let mut at = from;
        while at < to {
            let piece = &self.pieces[place];
            let end = Instant::from_ns(zero + piece.end).min(to);
            let rate = piece.rate + piece.slope * (at.ns() - zero - piece.begin) as f64;
            visit(at, end, rate, piece.slope);
            at = end;
            place += 1;
            if place == self.pieces.len() {
                let Some(period) = self.period else { break };
                place = 0;
                zero += period.ns().cast_signed();
            }
        }
    }

    /// The rate in [from, to), line by line.
    pub(super) fn parts(&self, from: Instant, to: Instant, visit: Visit<'_>) {
        self.lines(from, to, |from, to, rate, slope| {
            let end = rate + slope * to.since(from).ns() as f64;
            visit(Part::Stretch { from, to, rates: [rate, end] });
        });
    }

    /// The integral over [from, to) of rate times weight.
    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> f64 {
        let walk = |from: Instant, to: Instant| -> Result<f64, core::convert::Infallible> {
            let mut sum = 0.0;
            self.lines(from, to, |at, end, rate, slope| {
                sum += rate * weight.integral(at, end) + slope * weight.moment(at, end);
            });
            Ok(sum)
        };
        let Ok(sum) = match self.period {
            Some(period) => weight.repeated(period, (from, to), walk),
            None => walk(from, to),
        };
        sum
    }
}

impl Piece {
    fn new((begin, from): Point, (end, to): Point) -> Self {
        let per_ns = |rate: Option<Rate>| rate.map_or(0.0, |rate| 1.0 / rate.gap_ns());
        let slope = (per_ns(to) - per_ns(from)) / end.since(begin).ns() as f64;
        Self { begin: begin.ns(), end: end.ns(), rate: per_ns(from), slope }
    }
}

impl Feed {
    /// Inversion (Çinlar, "Introduction to Stochastic Processes", 1975): the area under the rate from one arrival to the
    /// next is exponential; within a piece it is a quadratic in time.
    #[inline]
    pub(super) fn advance(&mut self) -> Instant {
        if self.at >= self.end {
            return Instant::END;
        }
        let mut area = dist::exponential(&mut self.rng);
        loop {
            let piece = &self.pieces[self.piece];
            let end = self.zero + piece.end;
            let passed = (self.at.ns() - self.zero - piece.begin) as f64 + self.remainder;
            let rest = (end - self.at.ns()) as f64 - self.remainder;
            let rate = piece.rate + piece.slope * passed;
            let below = rest * (rate + 0.5 * piece.slope * rest);
            if area < below {
                // The stable root of rate x + slope x^2 / 2 = area.
                let root = math::sqrt((rate * rate + 2.0 * piece.slope * area).max(0.0));
                let step = (2.0 * area / (rate + root)).clamp(0.0, rest) + self.remainder;
                let whole = step as i64;
                self.remainder = step - whole as f64;
                self.at = self.at + Span::from_ns(whole as u64);
                return if self.at < self.end { self.at } else { Instant::END };
            }
            area -= below.max(0.0);
            self.at = Instant::from_ns(end);
            self.remainder = 0.0;
            self.piece += 1;
            if self.piece == self.pieces.len() {
                self.piece = 0;
                self.zero += self.period;
            }
            if self.at >= self.end || (self.piece == 0 && self.period == 0) {
                self.at = self.end;
                return Instant::END;
            }
        }
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "profile",
    about: "Independent requests at a rate drawn from point to point: ramps, plateaus, a day hour by hour.",
    example: EXAMPLE,
    look: &Keys(&[&POINTS, &PERIOD, &CLOCK]),
    read,
};

const EXAMPLE: &str = "{ profile = { points = { 0h = \"20/s\", 8h = \"300/s\", 20h = \"80/s\" }, period = \"24h\" } }";

const POINTS: Key<()> = Key::new(
    "points",
    &kind::fitting("times and rates", points_schema),
    "Times by the clock and rates: { 0h = \"20/s\", 8h = \"300/s\" }. Between them straight lines.",
)
.required(EXAMPLE);
const PERIOD: Key<Span> = Key::new(
    "period",
    &kind::SPAN_ABOVE_ZERO,
    "After this span the line repeats, and leads from the last point back to the first.",
)
.otherwise("none; before the first point and after the last the rate stays.");

fn points_schema() -> Schema {
    let rate = pattern::rate_or_none().about("The rate at this time; \"0/s\" for no requests.");
    schema::keyed(&pattern::instant_key(), rate).with("minProperties", json!(1))
}

fn read(item: &Item, _: &Around) -> Checked<Read> {
    let (mut table, log) = (item.table(EXAMPLE)?, item.log);
    let points = table.must(&POINTS, |item| Ok((item.node.at.clone(), points(item)?)));
    let period = table.written_at(&PERIOD);
    let clock =
        table.with(&CLOCK, |item| near(CLOCK.value.read(item)?, item)).and_then(|clock| table.settle(&CLOCK, clock));
    table.finish();
    let ((at_points, points), period, clock) = (points?, period?, clock?);
    if points.iter().all(|(_, rate)| rate.is_none()) {
        return Err(log.refuse(
            &at_points,
            "no request would ever arrive",
            "write a rate above zero at one point or more",
        ));
    }
    if let (Some((at, period)), Some(first), Some(last)) = (&period, points.first(), points.last())
        && last.0.since(first.0) >= *period
    {
        let reason = format!("the points lie over {}, which is not less than a period", last.0.since(first.0));
        return Err(log.refuse(
            at,
            reason,
            "write a longer period; from the last point the line leads back to the first",
        ));
    }
    let period = period.map(|(_, period)| period);
    match Profile::new(points, period, clock) {
        Some(profile) => Ok(Arrivals::Profile(profile).into()),
        None => Err(log.refuse(&at_points, "these points are no profile", format!("write {EXAMPLE}"))),
    }
}

/// The points, in order of time however they are written.
fn points(item: &Item) -> Checked<Vec<Point>> {
    let table = item.table("{ 0h = \"20/s\", 8h = \"300/s\" }")?;
    let read = table.all().map(|(key, at, value)| {
        let instant = quantity::instant_key(key, at, table.log());
        let rate = quantity::rate_or_none(&value);
        Ok((near(instant?, &value)?, rate?, at))
    });
    let mut points = log::all(read)?;
    points.sort_by_key(|&(instant, ..)| instant);
    if let Some(pair) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let reason = "a second point at the same time";
        return Err(table.log().refuse(pair[1].2, reason, "keep one; a jump is two points 1ms apart"));
    }
    if points.is_empty() {
        return Err(item.refuse("a profile has one point or more", "write { 0h = \"20/s\", 8h = \"300/s\" }"));
    }
    Ok(points.into_iter().map(|(instant, rate, _)| (instant, rate)).collect())
}

fn near(instant: Instant, item: &Item) -> Checked<Instant> {
    if instant.ns().unsigned_abs() > Profile::FAR.ns() {
        return Err(item.refuse("this is more than 10 years from the clock's zero", "write at most \"3652d\""));
    }
    Ok(instant)
}

#[cfg(test)]
mod tests;
