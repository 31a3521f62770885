//! Strictly periodic arrivals.

use super::Arrivals;
use super::keys::BEGINNING;
use super::keys::{Around, Read};
use super::parts::weight::Weight;
use super::parts::{self, Visit};
use crate::math;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form};
use crate::text::log::Checked;
use crate::text::pattern;
use crate::text::quantity;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::time::{Instant, Span};
use crate::units::Rate;

/// Arrival k at `first` + k / `rate`, to the nearest nanosecond: no drift.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Constant {
    /// Arrivals per unit of time.
    pub rate: Rate,
    /// The first arrival. Arrivals before the start of the warm-up are skipped.
    pub first: Instant,
}

/// The periodic arrivals still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    constant: Constant,
    k: u64,
}

impl Constant {
    pub(super) fn feed(self, start: Instant) -> Feed {
        Feed { constant: self, k: self.first_from(start) }
    }

    /// The number of the first arrival at or after `at`.
    fn first_from(&self, at: Instant) -> u64 {
        self.rate.due_before(at.since(self.first).ns())
    }

    fn due(&self, k: u64) -> Instant {
        match u64::try_from(self.rate.due_ns(k)) {
            Ok(ns) => self.first + Span::from_ns(ns),
            Err(_) => Instant::END,
        }
    }

    /// Arrivals in [from, to).
    fn count(&self, from: Instant, to: Instant) -> u64 {
        self.first_from(to).saturating_sub(self.first_from(from))
    }

    /// The sum of the weights of the arrivals in [from, to): a geometric series, exact but for the rounding of each
    /// instant to a nanosecond.
    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> f64 {
        let n = self.count(from, to) as f64;
        let exponent = -self.rate.gap_ns() * weight.decay();
        if n == 0.0 || exponent == 0.0 {
            return n;
        }
        // sum of q^k for k < n with q = e^exponent; expm1 keeps its digits where q is close to 1.
        weight.at(self.due(self.first_from(from))) * math::expm1(n * exponent) / math::expm1(exponent)
    }

    /// The arrivals in [from, to), one by one.
    pub(super) fn parts(&self, from: Instant, to: Instant, visit: Visit<'_>) {
        let first = self.first_from(from);
        parts::evenly(self.count(from, to), |k| self.due(first + k), 1.0, visit);
    }
}

impl Feed {
    #[inline]
    pub(super) fn advance(&mut self) -> Instant {
        let at = self.constant.due(self.k);
        self.k += 1;
        at
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "constant",
    about: "Evenly spaced requests: a rate such as \"1/s\", or { rate, first }.",
    example: "{ constant = \"1/s\" }",
    look: &Form { words: "rate or table", schema, keys: &[&RATE, &FIRST], read: |_| Ok(()) },
    read,
};

const RATE: Key<Rate> = Key::new("rate", &kind::RATE, "A rate above zero, such as \"200/s\"; at most 1e9 a second.")
    .required("rate = \"1/s\"");
const FIRST: Key<Instant> =
    Key::new("first", &kind::INSTANT, "The first request arrives at this time from t = 0, such as \"-10s\".")
        .otherwise(BEGINNING);

fn schema() -> Schema {
    let settings = schema::of_keys(&[&RATE, &FIRST]).about("A rate, and when the first request arrives.");
    schema::any([pattern::rate(), settings])
}

fn read(item: &Item, around: &Around) -> Checked<Read> {
    let (rate, first) = match item.node.value {
        Value::Table(_) => {
            let mut table = item.table("{ constant = { rate = \"1/s\" } }")?;
            let (rate, first) = (table.read(&RATE), table.written(&FIRST));
            table.finish();
            (rate?, first?)
        }
        _ => (quantity::rate(item)?, None),
    };
    let first = first.unwrap_or(around.window?.0);
    Ok(Arrivals::Constant(Constant { rate, first }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_decay_agree_with_the_feed() {
        let constant = Constant { rate: Rate::per_second(3), first: Instant::from_ns(-700_000_000) };
        let weight = Weight(Some(Span::from_s(5)));
        let (from, to) = (Instant::ZERO, Instant::ZERO + Span::from_s(20));
        let mut feed = constant.feed(Instant::from_ns(-500_000_000));
        let arrivals: Vec<_> = std::iter::repeat_with(|| feed.advance()).take_while(|&at| at < to).collect();
        assert_eq!(arrivals[0].ns(), -366_666_667);
        let inside: Vec<_> = arrivals.into_iter().filter(|&at| at >= from).collect();
        assert_eq!(constant.count(from, to), inside.len() as u64);
        let sum: f64 = inside.iter().map(|&at| weight.at(at)).sum();
        assert!((constant.expected(from, to, weight) / sum - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_first_arrival_after_the_start_waits() {
        let constant = Constant { rate: Rate::per_second(1), first: Instant::ZERO + Span::from_s(3) };
        assert_eq!(constant.feed(Instant::from_ns(-5)).advance(), Instant::ZERO + Span::from_s(3));
    }
}
