//! Latencies: exact sum and maximum, and percentiles from a mergeable histogram.

use crate::time::Span;
use hdrhistogram::Histogram as Hdr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Spans counted in buckets no wider than 1/128 of their value, so that any place in a bucket is within 0.8 % of every
/// span in it, and its midpoint within 0.4 %.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Hdr<u64>,
    sum_ns: u128,
    max: Span,
}

/// A percentile p as a fraction, so that ranks are computed in whole numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Percentile {
    numerator: u64,
    denominator: u64,
}

impl Percentile {
    /// The percentile `numerator` / `denominator`, below 1.
    #[must_use]
    pub const fn new(numerator: u64, denominator: u64) -> Self {
        assert!(numerator < denominator, "a percentile lies below 1");
        Self { numerator, denominator }
    }

    /// The rank ceil(p n) among n observations, from 1; `None` while n (1 - p) < 10.
    pub(super) fn rank(self, n: u128) -> Option<u128> {
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        (n * (denominator - numerator) >= BEYOND * denominator).then(|| (n * numerator).div_ceil(denominator))
    }
}

impl Percentile {
    /// The same among observations that weigh so much together, one on average.
    pub(super) fn rank_of_weights(self, all: f64) -> Option<f64> {
        let p = self.numerator as f64 / self.denominator as f64;
        (all * (1.0 - p) >= BEYOND as f64).then_some(all * p)
    }
}

/// Two significant digits give 256 buckets an octave and a half, the 1/128 promised above.
const DIGITS: u8 = 2;

/// How many observations a percentile needs beyond itself to be worth reporting.
const BEYOND: u128 = 10;

impl Default for Histogram {
    fn default() -> Self {
        let longest = Span::LONGEST.ns() * 2;
        #[expect(clippy::expect_used, reason = "fixed arguments, in range: low 1, high over 2, digits below 6")]
        let buckets = Hdr::new_with_bounds(1, longest, DIGITS).expect("the bounds are valid");
        Self { buckets, sum_ns: 0, max: Span::ZERO }
    }
}

impl Histogram {
    /// The spans counted in buckets, each given by a span that it holds and its count; their exact sum and the longest.
    pub(super) fn of(buckets: impl Iterator<Item = (u64, u64)>, sum_ns: u128, max: Span) -> Self {
        let mut histogram = Self { sum_ns, max, ..Self::default() };
        buckets.for_each(|(ns, count)| histogram.buckets.saturating_record_n(ns, count));
        histogram
    }

    /// Counts one span.
    #[inline]
    pub fn record(&mut self, span: Span) {
        self.buckets.saturating_record(span.ns());
        self.sum_ns += u128::from(span.ns());
        if span > self.max {
            self.max = span;
        }
    }

    /// How many spans were counted.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.buckets.len()
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The sum of all spans, exactly, in nanoseconds.
    #[must_use]
    pub const fn sum_ns(&self) -> u128 {
        self.sum_ns
    }

    /// The mean in nanoseconds; `None` when empty.
    #[must_use]
    pub fn mean_ns(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum_ns as f64 / self.len() as f64)
    }

    /// The greatest span, exactly; `None` when empty.
    #[must_use]
    pub fn max(&self) -> Option<Span> {
        (!self.is_empty()).then_some(self.max)
    }

    /// The ceil(p n)-th smallest span, in nanoseconds, as if the spans of a bucket lay evenly in it; `None` while
    /// n (1 - p) < 10.
    #[must_use]
    pub fn percentile_ns(&self, p: Percentile) -> Option<f64> {
        self.percentile_among_ns(p, 0)
    }

    /// The same among these spans and so many `more` that are endless: infinite where one of those has the rank.
    #[must_use]
    pub fn percentile_among_ns(&self, p: Percentile, more: u64) -> Option<f64> {
        let rank = p.rank(u128::from(self.len()) + u128::from(more))?;
        let mut before = 0;
        let found = self.buckets.iter_recorded().find_map(|bucket| {
            let count = u128::from(bucket.count_at_value());
            let place = (rank - before) as f64 - 0.5;
            before += count;
            (before >= rank).then(|| self.inside_ns(bucket.value_iterated_to(), place / count as f64))
        });
        // No span lies beyond the longest, though its bucket may.
        Some(found.map_or(f64::INFINITY, |ns| ns.min(self.max.ns() as f64)))
    }

    /// The place in the bucket that holds `value`, between its least (0) and its greatest whole number (1).
    fn inside_ns(&self, value: u64, part: f64) -> f64 {
        let (low, high) = (self.buckets.lowest_equivalent(value), self.buckets.highest_equivalent(value));
        low as f64 + (high - low) as f64 * part
    }

    /// The buckets that hold anything: their least value in nanoseconds and their count, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        self.buckets
            .iter_recorded()
            .map(|bucket| (self.buckets.lowest_equivalent(bucket.value_iterated_to()), bucket.count_at_value()))
    }

    /// The buckets that hold anything: their midpoint in nanoseconds and their count, ascending.
    pub fn midpoints(&self) -> impl Iterator<Item = (f64, u64)> {
        self.buckets
            .iter_recorded()
            .map(|bucket| (self.inside_ns(bucket.value_iterated_to(), 0.5), bucket.count_at_value()))
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Self) {
        // Equal bounds: the addition cannot fail, so that nothing is lost by ignoring its answer.
        let _ = self.buckets.add(&other.buckets);
        self.sum_ns += other.sum_ns;
        self.max = self.max.max(other.max);
    }
}

/// The sum, the greatest span and the buckets that hold anything.
impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.sum_ns, self.max.ns(), self.buckets().collect::<Vec<_>>()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (sum_ns, max, full) = <(u128, u64, Vec<(u64, u64)>)>::deserialize(deserializer)?;
        Ok(Self::of(full.into_iter(), sum_ns, Span::from_ns(max)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spans: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        spans.into_iter().for_each(|ns| histogram.record(Span::from_ns(ns)));
        histogram
    }

    #[test]
    fn sum_mean_and_longest_are_exact() {
        let some = of([6, 1, 2]);
        assert_eq!((some.len(), some.is_empty(), some.sum_ns()), (3, false, 9));
        assert_eq!((some.mean_ns(), some.max()), (Some(3.0), Some(Span::from_ns(6))));
        let none = Histogram::default();
        assert_eq!((none.len(), none.is_empty(), none.sum_ns()), (0, true, 0));
        assert_eq!((none.mean_ns(), none.max()), (None, None));
    }

    #[test]
    fn midpoints_lie_between_the_whole_numbers_of_a_bucket() {
        // Buckets of 1 ns below 256 ns, then of 2.
        assert!(of([300, 5, 301, 5, 5]).midpoints().eq([(5.0, 3), (300.5, 2)]));
    }

    #[test]
    fn a_percentile_among_weights_has_a_share_of_them_and_needs_ten_beyond_it() {
        let quarter_beyond = Percentile::new(3, 4);
        assert_eq!(quarter_beyond.rank_of_weights(40.0), Some(30.0));
        assert_eq!(quarter_beyond.rank_of_weights(39.9), None);
    }

    #[test]
    fn percentiles_are_within_a_bucket_of_the_exact_rank() {
        let spans: Vec<u64> = (1..=100_000).map(|i| i * i * 37).collect();
        let histogram = of(spans.iter().copied());
        for p in [Percentile::new(50, 100), Percentile::new(99, 100), Percentile::new(999, 1000)] {
            let rank = (spans.len() as u64 * p.numerator).div_ceil(p.denominator);
            let exact = spans[rank as usize - 1] as f64;
            let error = histogram.percentile_ns(p).unwrap() / exact - 1.0;
            assert!(error.abs() < 1.0 / 128.0, "{p:?}: {error}");
        }
    }

    #[test]
    fn many_spans_that_lie_evenly_in_few_buckets_have_sharp_percentiles() {
        // Five buckets of 4,096 ns.
        let histogram = of((0..20_480).map(|i| 1_003_520 + i));
        for (p, exact) in [(Percentile::new(1, 100), 1_003_724.0), (Percentile::new(50, 100), 1_013_759.0)] {
            let error = histogram.percentile_ns(p).unwrap() - exact;
            assert!(error.abs() < 1.0, "{p:?}: {error}");
        }
    }

    #[test]
    fn no_percentile_lies_beyond_the_longest_span() {
        for ns in [1_000_003, 1_000_000_007] {
            let histogram = of([ns; 10_000]);
            for p in [Percentile::new(50, 100), Percentile::new(999, 1000)] {
                let found = histogram.percentile_ns(p).unwrap();
                assert!(found <= ns as f64 && found > ns as f64 * (1.0 - 1.0 / 128.0), "{p:?} of {ns}: {found}");
            }
        }
    }

    #[test]
    fn endless_spans_move_a_percentile_up_until_it_is_infinite() {
        let histogram = of(1..=100);
        let p50 = Percentile::new(50, 100);
        assert_eq!(histogram.percentile_among_ns(p50, 0), Some(50.0));
        assert_eq!(histogram.percentile_among_ns(p50, 50), Some(75.0));
        assert_eq!(histogram.percentile_among_ns(p50, 100), Some(100.0));
        assert_eq!(histogram.percentile_among_ns(p50, 101), Some(f64::INFINITY));
        // All together they are enough for a percentile.
        assert_eq!(of(1..=10).percentile_ns(p50), None);
        assert_eq!(of(1..=10).percentile_among_ns(p50, 10), Some(10.0));
    }

    #[test]
    fn a_percentile_needs_ten_observations_beyond_it() {
        let p90 = Percentile::new(90, 100);
        assert_eq!(of([5; 99]).percentile_ns(p90), None);
        assert_eq!(of([5; 100]).percentile_ns(p90), Some(5.0));
        assert_eq!(Histogram::default().percentile_ns(p90), None);
    }

    #[test]
    fn merging_is_counting_together() {
        let mut left = of([1, 2, 3_000_000]);
        left.merge(&of([4, 5_000_000_000]));
        let whole = of([1, 2, 3_000_000, 4, 5_000_000_000]);
        assert!(left.buckets().eq(whole.buckets()));
        assert_eq!((left.max(), left.mean_ns()), (whole.max(), whole.mean_ns()));
    }

    #[test]
    fn what_was_written_comes_back() {
        let whole = of((1..5_000).map(|i| i * i * 977));
        let bytes = postcard::to_allocvec(&whole).unwrap();
        let read: Histogram = postcard::from_bytes(&bytes).unwrap();
        assert!(read.buckets().eq(whole.buckets()));
        assert_eq!((read.max(), read.sum_ns(), read.len()), (whole.max(), whole.sum_ns(), whole.len()));
    }
}
