//! A schedule: firings at fixed instants, as timers and cron jobs do.

mod firings;

pub use firings::Firings;

use super::Arrivals;
use super::keys::BEGINNING;
use super::keys::{Around, Read};
use super::parts::Visit;
use super::parts::weight::Weight;
use super::spread::{self, Spread, Spreading};
use crate::random::{self, Seed};
use crate::text::key::Key;
use crate::text::kind::{self, Form, Keys, Whole};
use crate::text::log::{self, Checked};
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::text::{pattern, quantity};
use crate::time::{Instant, Span};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;

/// A batch of requests at every firing, each delayed by a uniform share of the jitter.
///
/// Jitter is what a flexible time window is to a scheduler: an invocation happens anywhere within the window after its
/// time ("Configuring flexible time windows", Amazon EventBridge Scheduler User Guide).
#[derive(Clone, PartialEq, Debug)]
pub struct Schedule {
    /// When it fires.
    pub firings: Firings,
    /// Requests a firing; at least 1.
    pub batch: u32,
    /// The longest delay; no longer than the gap between two firings.
    pub jitter: Span,
}

/// The requests still to come.
#[derive(Clone, Debug)]
pub struct Feed {
    schedule: Schedule,
    rng: Xoshiro256PlusPlus,
    /// The next firing.
    k: u64,
    spreading: Spreading,
    start: Instant,
    end: Instant,
}

impl Schedule {
    /// How many firings lie within `span`, at most.
    #[must_use]
    pub fn changes(&self, span: Span) -> f64 {
        match &self.firings {
            Firings::Every { every, .. } => span.ns() as f64 / every.ns() as f64 + 2.0,
            Firings::At(instants) => instants.len() as f64,
        }
    }

    pub(super) fn feed(&self, seed: Seed, name: &str, start: Instant, end: Instant) -> Feed {
        let rng = random::sequence(seed, "arrivals", name);
        let k = self.firings.last_before(start);
        Feed { schedule: self.clone(), rng, k, spreading: Spreading::NONE, start, end }
    }

    /// The batches of which some may fall into [from, to).
    fn batches(&self, from: Instant, to: Instant) -> impl Iterator<Item = (Instant, Span, u64)> {
        let firings = (self.firings.last_before(from)..).map(|k| self.firings.at(k));
        let within = firings.take_while(move |&at| at < to && at != Instant::END);
        within.map(|at| (at, self.jitter, u64::from(self.batch)))
    }

    /// The batches in [from, to), or what of them falls there.
    pub(super) fn parts(&self, from: Instant, to: Instant, visit: Visit<'_>) {
        for batch in self.batches(from, to) {
            spread::parts(batch, Spread::Random, (from, to), 1.0, visit);
        }
    }

    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> f64 {
        let walk = |from: Instant, to: Instant| -> Result<f64, core::convert::Infallible> {
            let of = |batch| spread::expected(batch, Spread::Random, (from, to), weight);
            Ok(self.batches(from, to).map(of).fold(0.0, |sum, batch| sum + batch))
        };
        let Ok(sum) = match self.firings {
            // Periodic from the first firing on, as the jitter does not reach beyond the next.
            Firings::Every { every, first } => weight.repeated(every, (from.max(first), to.max(first)), walk),
            Firings::At(_) => walk(from, to),
        };
        sum
    }
}

impl Feed {
    pub(super) fn advance(&mut self) -> Instant {
        loop {
            while self.spreading.left > 0 {
                let at = self.spreading.next(Spread::Random, &mut self.rng);
                if at >= self.start {
                    return at;
                }
            }
            let at = self.schedule.firings.at(self.k);
            if at >= self.end {
                return Instant::END;
            }
            self.k += 1;
            self.spreading = Spreading::new(at, self.schedule.jitter, self.schedule.batch.into());
        }
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "schedule",
    about: "Batches at fixed times, as timers and cron jobs send them; `every` or `at` must be written.",
    example: EXAMPLE,
    look: &Keys(&[&EVERY, &FIRST, &AT, &BATCH, &JITTER]),
    read,
};

const EXAMPLE: &str = "{ schedule = { every = \"1h\", first = \"-30m\", batch = 100 } }";

/// How many requests a firing may send.
const LARGEST_BATCH: u32 = 1_000_000_000;

const EVERY: Key<Span> = Key::new("every", &kind::SPAN_ABOVE_ZERO, "The span between two firings, such as \"1h\".");
const FIRST: Key<Instant> =
    Key::new("first", &kind::INSTANT, "With `every`: the first firing, at this time from t = 0, such as \"-30m\".")
        .otherwise(BEGINNING);
const AT: Key<Vec<Instant>> = Key::new(
    "at",
    &Form::new("list of times", at_schema, |item| {
        log::all(item.list("[\"0s\", \"5m\"]")?.iter().map(quantity::instant))
    }),
    "Times from t = 0 at which it fires, in place of `every`.",
);
const BATCH: Key<u32> = Key::new("batch", &Whole(1, LARGEST_BATCH), "How many requests a firing sends.").defaults("1");
const JITTER: Key<Span> =
    Key::new("jitter", &kind::SPAN, "Each request is delayed by a random share of this span.").defaults("0s");

fn at_schema() -> Schema {
    schema::distinct(pattern::instant().about("A time from t = 0, such as \"5m\".")).with("minItems", json!(1))
}

fn read(item: &Item, around: &Around) -> Checked<Read> {
    let (mut table, log) = (item.table(EXAMPLE)?, item.log);
    let every = table.written_at(&EVERY);
    let first = table.written_at(&FIRST);
    let at = table.written_at(&AT);
    let batch = table.read(&BATCH);
    let jitter = table.placed(&JITTER);
    table.finish();
    let firings = match (every?, at?) {
        (Some((at, every)), None) => {
            let first = first?.map(|(_, first)| first);
            if first.is_none() && around.warm_up_open {
                let reason = "with `warm_up = \"auto\"` nothing says when this schedule first fires";
                return Err(log.refuse(
                    &at,
                    reason,
                    "write `first` beside it, such as first = \"0s\"; it goes on from there",
                ));
            }
            Firings::Every { every, first: first.unwrap_or(around.window?.0) }
        }
        (None, Some((at, mut instants))) => {
            if let Some((first, _)) = first? {
                return Err(log.refuse(&first, "`first` belongs to `every`; a list has its own first", "drop it"));
            }
            instants.sort_unstable();
            if instants.is_empty() {
                return Err(log.refuse(&at, "a schedule fires once or more", "write [\"0s\", \"5m\"]"));
            }
            if instants.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(log.refuse(
                    &at,
                    "an instant stands twice",
                    "write each once; `batch` is how many requests it sends",
                ));
            }
            Firings::At(instants)
        }
        (Some(_), Some((at, _))) => {
            return Err(log.refuse(
                &at,
                "`every` and `at` exclude each other",
                "keep `every` for a rhythm, `at` for a list",
            ));
        }
        (None, None) => {
            let cure = format!("write `every` or `at`, as {EXAMPLE}");
            return Err(item.refuse("nothing says when this schedule fires", cure));
        }
    };
    let (at, jitter) = jitter?;
    if let Some(gap) = firings.shortest_gap().filter(|&gap| jitter > gap) {
        let reason = format!("the jitter is longer than the gap between two firings, {gap}");
        return Err(log.refuse(&at, reason, "write a shorter one; a rate without rhythm is `poisson`"));
    }
    Ok(Arrivals::Schedule(Schedule { firings, batch: batch?, jitter }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Instant {
        Instant::from_ns(s * 1_000_000_000)
    }

    fn arrivals(schedule: &Schedule, start: Instant, end: Instant, replication: u64) -> Vec<Instant> {
        let mut feed = schedule.feed(Seed { seed: 1, replication }, "timer", start, end);
        std::iter::repeat_with(|| feed.advance()).take_while(|&at| at < end).collect()
    }

    #[test]
    fn every_firing_sends_its_batch_at_once() {
        let firings = Firings::Every { every: Span::from_s(10), first: at(-25) };
        let schedule = Schedule { firings, batch: 2, jitter: Span::ZERO };
        assert_eq!(arrivals(&schedule, at(-15), at(6), 0), [at(-15), at(-15), at(-5), at(-5), at(5), at(5)]);
        assert_eq!(arrivals(&schedule, at(-60), at(-20), 0), [at(-25), at(-25)]);
        for (from, to, expected) in [(-60, -25, 0.0), (-60, -24, 2.0), (-15, 5, 4.0), (-15, 6, 6.0), (0, 1_000, 200.0)]
        {
            assert_eq!(schedule.expected(at(from), at(to), Weight(None)), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_list_fires_at_its_instants() {
        let schedule = Schedule { firings: Firings::At(vec![at(-3), at(0), at(7)]), batch: 1, jitter: Span::ZERO };
        assert_eq!(arrivals(&schedule, at(-2), at(100), 0), [at(0), at(7)]);
        assert_eq!(schedule.expected(at(-3), at(7), Weight(None)), 2.0);
        let decayed = schedule.expected(at(-3), at(8), Weight(Some(Span::from_s(7))));
        assert!((decayed - (crate::math::exp2(3.0 / 7.0) + 1.0 + 0.5)).abs() < 1e-12, "{decayed}");
    }

    #[test]
    fn jitter_is_uniform_and_its_expectation_exact() {
        let firings = Firings::Every { every: Span::from_s(10), first: at(-20) };
        let schedule = Schedule { firings, batch: 4, jitter: Span::from_s(8) };
        // Of the firings at -20, -10 and 0, what lies in [-15, 2): 3/8, all and 1/4 of a batch.
        let expected = schedule.expected(at(-15), at(2), Weight(None));
        assert!((expected - 4.0 * (0.375 + 1.0 + 0.25)).abs() < 1e-12, "{expected}");
        // 5,000 replications of three binomials: a standard deviation of 1.3 each, 0.018 for the mean; four of them.
        let counts: Vec<_> = (0..5_000).map(|i| arrivals(&schedule, at(-15), at(2), i)).collect();
        assert!(counts.iter().all(|list| list.is_sorted() && list.iter().all(|&t| t >= at(-15))));
        let mean = counts.iter().map(|list| list.len() as f64).sum::<f64>() / 5e3;
        assert!((mean - expected).abs() < 0.075, "{mean} {expected}");
    }

    #[test]
    fn many_firings_are_not_walked_one_by_one() {
        let firings = Firings::Every { every: Span::from_ns(1_000), first: at(0) };
        let schedule = Schedule { firings, batch: 3, jitter: Span::from_ns(500) };
        assert_eq!(schedule.expected(at(-5), at(1_000_000), Weight(None)), 3e12);
        let half = schedule.expected(at(0), at(1_000), Weight(Some(Span::from_s(1_000))));
        assert!((half / (3e6 * 1_000.0 * 0.5 / core::f64::consts::LN_2) - 1.0).abs() < 1e-8, "{half}");
    }
}
