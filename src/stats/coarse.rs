//! Many small histograms side by side: percentiles bin by bin, at a price that a request does not notice.
//!
//! Where [`super::Histogram`] is exact to 0.8 %, a bucket here is 1/32 of an octave wide, so that a few hundred
//! of them fit into a page of memory. The layout is that of HdrHistogram: a linear start, then equal steps an octave.

use super::Percentile;
use crate::time::Span;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Spans counted by bin, in buckets no wider than 1/32 of their least value: any place in a bucket is within
/// 3.2 % of every span in it, or within 1 us below 32 us.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coarse {
    /// Bin after bin, all buckets of one together.
    counts: Vec<u32>,
}

/// The least width of a bucket, as a power of two nanoseconds: about a microsecond.
const UNIT: u32 = 10;
/// Buckets an octave, as a power of two.
const STEPS: u32 = 5;
/// Buckets a bin: up to 2^46 ns, 19.5 hours. The last one also takes whatever is longer.
const BUCKETS: usize = 1024;

impl Coarse {
    /// Nothing counted yet in so many bins.
    #[must_use]
    pub fn new(bins: usize) -> Self {
        Self { counts: vec![0; bins * BUCKETS] }
    }

    /// Whether there is no bin.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Counts so many equal spans in a bin; in one beyond the last bin they are not counted.
    #[inline]
    pub fn record(&mut self, bin: usize, span: Span, times: u64) {
        if let Some(count) = self.counts.get_mut(bin * BUCKETS + bucket(span.ns())) {
            *count = count.saturating_add(u32::try_from(times).unwrap_or(u32::MAX));
        }
    }

    /// Adds the counts of another one with as many bins.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// The ceil(p n)-th smallest span of a bin, in nanoseconds, as if the spans of a bucket lay evenly in it; `None`
    /// while n (1 - p) < 10, beyond the longest span told apart, and where nothing is counted.
    #[must_use]
    pub fn percentile_ns(&self, bin: usize, p: Percentile) -> Option<f64> {
        let counts = self.counts.get(bin * BUCKETS..(bin + 1) * BUCKETS)?;
        let rank = p.rank(counts.iter().map(|&count| u128::from(count)).sum())?;
        let mut before = 0;
        let (place, part) = counts.iter().enumerate().find_map(|(place, &count)| {
            let part = (rank - before) as f64 - 0.5;
            before += u128::from(count);
            (before >= rank).then(|| (place, part / f64::from(count)))
        })?;
        (place + 1 < BUCKETS).then(|| inside(place, part))
    }
}

impl Coarse {
    /// The percentile of a bin over several of these together, each count times its weight; as [`Coarse::percentile_ns`] for
    /// one of weight 1.
    #[must_use]
    pub fn percentile_of_all_ns(parts: &[(f64, &Self)], bin: usize, p: Percentile) -> Option<f64> {
        if let &[(_, only)] = parts {
            return only.percentile_ns(bin, p);
        }
        let counts: Option<Vec<(f64, &[u32])>> = parts
            .iter()
            .map(|(weight, part)| Some((*weight, part.counts.get(bin * BUCKETS..(bin + 1) * BUCKETS)?)))
            .collect();
        let counts = counts?;
        let count = |place: usize| counts.iter().map(|(weight, counts)| weight * f64::from(counts[place])).sum::<f64>();
        let rank = p.rank_of_weights((0..BUCKETS).map(count).sum())?;
        let mut before = 0.0;
        let (place, part) = (0..BUCKETS).find_map(|place| {
            let (count, part) = (count(place), rank - before);
            before += count;
            (before >= rank).then(|| (place, part / count))
        })?;
        (place + 1 < BUCKETS).then(|| inside(place, part))
    }
}

/// Most buckets are empty: written are their number, and of those that are not, how many empty ones lie before and
/// the count.
impl Serialize for Coarse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut empty = 0_u32;
        let mut full = Vec::new();
        for &count in &self.counts {
            if count == 0 {
                empty += 1;
            } else {
                full.push((std::mem::take(&mut empty), count));
            }
        }
        (self.counts.len() as u64, full).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Coarse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (length, full) = <(u64, Vec<(u32, u32)>)>::deserialize(deserializer)?;
        let mut counts = vec![0; length as usize];
        let mut free = counts.iter_mut();
        for (empty, count) in full {
            if let Some(place) = free.nth(empty as usize) {
                *place = count;
            }
        }
        Ok(Self { counts })
    }
}

/// The bucket of a span in nanoseconds.
#[inline]
const fn bucket(ns: u64) -> usize {
    let units = ns >> UNIT;
    if units < 1 << STEPS {
        return units as usize;
    }
    let octave = 63 - units.leading_zeros();
    let place = ((octave - STEPS) << STEPS) as usize + (units >> (octave - STEPS)) as usize;
    if place < BUCKETS { place } else { BUCKETS - 1 }
}

/// The place in a bucket, in nanoseconds: 0 is where it begins, 1 where it ends.
fn inside(place: usize, part: f64) -> f64 {
    let steps = 1 << STEPS;
    let octave = (place / steps).saturating_sub(1);
    let least = if place < steps { place } else { steps + place % steps };
    let unit = ((1_u64 << octave) << UNIT) as f64;
    (least as f64 + part) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_close_to_every_span_in_it() {
        let mut ns = 1_u64;
        let mut last = 0;
        while ns < 1 << 45 {
            let place = bucket(ns);
            assert!(place >= last, "buckets rise with spans");
            last = place;
            let (least, most) = (inside(place, 0.0), inside(place, 1.0));
            assert!(least <= ns as f64 && (ns as f64) < most, "{ns} ns: {least} to {most}");
            assert!(most - least <= (ns as f64 / 32.0).max(1_024.0), "{ns} ns: {least} to {most}");
            ns += ns / 50 + 1;
        }
        // The last bucket ends at 2^46 ns, and takes what is longer.
        for ns in [(1 << 46) - 1, 1 << 46, u64::MAX] {
            assert_eq!(bucket(ns), BUCKETS - 1, "{ns} ns");
        }
    }

    #[test]
    fn bins_are_apart_and_percentiles_need_ten_beyond() {
        let mut coarse = Coarse::new(2);
        let p90 = Percentile::new(90, 100);
        for i in 1..=100 {
            assert_eq!(coarse.percentile_ns(1, p90), None);
            coarse.record(1, Span::from_ns(i * 1_000_000), 1);
        }
        let found = coarse.percentile_ns(1, p90).unwrap();
        assert!((found / 90e6 - 1.0).abs() < 0.032, "{found}");
        assert_eq!(coarse.percentile_ns(0, p90), None);
        coarse.record(7, Span::ZERO, 1);
        assert_eq!(coarse.percentile_ns(7, p90), None);
    }

    #[test]
    fn adding_is_counting_together_and_what_is_too_long_has_no_percentile() {
        let of = |seconds: u64, n: u64| {
            let mut coarse = Coarse::new(1);
            coarse.record(0, Span::from_s(seconds), n);
            coarse
        };
        let p50 = Percentile::new(50, 100);
        let mut both = of(1, 10);
        both.add(&of(100, 30));
        assert!((both.percentile_ns(0, p50).unwrap() / 100e9 - 1.0).abs() < 0.032);
        assert_eq!(of(86_400, 100).percentile_ns(0, p50), None);
    }

    #[test]
    fn spans_of_a_bucket_lie_evenly_in_it() {
        let mut coarse = Coarse::new(1);
        coarse.record(0, Span::from_ns(1_500), 20);
        // From 1,024 to 2,048 ns; the 10th of 20 has 9.5 of them before it.
        assert_eq!(coarse.percentile_ns(0, Percentile::new(50, 100)), Some(1_024.0 + 1_024.0 * 9.5 / 20.0));
        assert!(!coarse.is_empty() && Coarse::new(0).is_empty());
    }

    #[test]
    fn counts_of_several_have_their_weights() {
        let of = |ns: u64| {
            let mut coarse = Coarse::new(3);
            (0..3).for_each(|bin| coarse.record(bin, Span::from_ns(if bin == 1 { ns } else { 0 }), 20));
            coarse
        };
        let (early, late, too_long) = (of(1_500), of(3_500), of(u64::MAX));
        let p50 = |parts: &[(f64, &Coarse)], bin| Coarse::percentile_of_all_ns(parts, bin, Percentile::new(50, 100));
        // 20 halves and 20 times 1.5 are 40. Of the first 20, 10 lie before the bucket from 3,072 ns on, which has 30.
        let found = p50(&[(0.5, &early), (1.5, &late)], 1).unwrap();
        assert!((found - (3_072.0 + 1_024.0 / 3.0)).abs() < 1e-9, "{found}");
        assert_eq!(p50(&[(0.2, &early), (0.2, &late)], 1), None);
        assert_eq!(p50(&[(0.5, &early), (1.5, &too_long)], 1), None);
        assert_eq!(p50(&[(0.5, &early), (1.5, &late)], 3), None);
        // One alone is not weighed.
        assert_eq!(p50(&[(9.0, &early)], 1), early.percentile_ns(1, Percentile::new(50, 100)));
    }

    #[test]
    fn what_was_written_comes_back() {
        let mut coarse = Coarse::new(3);
        for i in 0..1_000 {
            coarse.record(i % 2, Span::from_ns(i as u64 * 977_777), 1);
        }
        let bytes = postcard::to_allocvec(&coarse).unwrap();
        assert!(bytes.len() < 2_000, "{}", bytes.len());
        assert_eq!(postcard::from_bytes::<Coarse>(&bytes), Ok(coarse));
    }
}
