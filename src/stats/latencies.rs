//! Latencies by bin and in all, at the price of one histogram: while a bin is open, each latency is counted once, in
//! the buckets of [`Histogram`]; when the next bin opens, whole buckets are added to the bin's own and to the total.

use super::{Coarse, Histogram};
use crate::time::Span;
use std::ops::Range;

/// Latencies counted by bin, the bins mostly in order.
#[derive(Clone, Debug)]
pub struct Latencies {
    /// The bins that are counted in now.
    open: Range<usize>,
    counts: Vec<u64>,
    /// The longest in the open bins.
    longest: Span,
    by_bin: Coarse,
    bins: usize,
    /// The bin from which on latencies belong to the total.
    first_counted: usize,
    total: Vec<u64>,
    max: Span,
}

/// 2^7 buckets an octave, below that one a nanosecond: the layout of HdrHistogram with two digits.
const STEPS: u32 = 7;
const LINEAR: usize = 2 << STEPS;
/// For every whole number that [`Span`] can hold.
const BUCKETS: usize = bucket(u64::MAX) + 1;

/// So many buckets in a row always fall into one of [`Coarse`]'s.
const TOGETHER: usize = 4;
const _: () = assert!(BUCKETS.is_multiple_of(TOGETHER), "every bucket is in a group");

/// The bucket of a span in nanoseconds.
#[inline]
const fn bucket(ns: u64) -> usize {
    let shift = u64::BITS - STEPS - 1 - (ns | (LINEAR as u64 - 1)).leading_zeros();
    ((shift as usize) << STEPS) + (ns >> shift) as usize
}

/// The least span of a bucket, in nanoseconds.
const fn least(bucket: usize) -> u64 {
    if bucket < LINEAR {
        return bucket as u64;
    }
    let shift = (bucket >> STEPS) - 1;
    ((bucket - (shift << STEPS)) as u64) << shift
}

impl Latencies {
    /// Nothing counted yet. `by_bin` is whether each of the `bins` has percentiles of its own; the total is of the bins
    /// from `first_counted` on.
    #[must_use]
    pub fn new(bins: usize, first_counted: usize, by_bin: bool) -> Self {
        Self {
            open: 0..0,
            counts: vec![0; BUCKETS],
            longest: Span::ZERO,
            by_bin: Coarse::new(if by_bin { bins } else { 0 }),
            bins,
            first_counted,
            total: vec![0; BUCKETS],
            max: Span::ZERO,
        }
    }

    /// Opens a bin: that of [`Latencies::record_open`] from now on.
    pub fn open(&mut self, bin: usize) {
        if !self.open.contains(&bin) {
            self.close();
            self.open = self.around(bin);
        }
    }

    /// Counts a latency in the open bin; there must be one.
    #[inline(always)]
    pub fn record_open(&mut self, latency: Span) {
        debug_assert!(!self.open.is_empty(), "a bin is open");
        if let Some(count) = self.counts.get_mut(bucket(latency.ns())) {
            *count += 1;
        }
        self.longest = self.longest.max(latency);
    }

    /// Counts a latency in any bin.
    pub fn record(&mut self, bin: usize, latency: Span) {
        if self.open.contains(&bin) {
            return self.record_open(latency);
        }
        self.by_bin.record(bin, latency, 1);
        if bin >= self.first_counted {
            self.total[bucket(latency.ns())] += 1;
            self.max = self.max.max(latency);
        }
    }

    /// The bins that need not be told apart from a bin.
    fn around(&self, bin: usize) -> Range<usize> {
        if !self.by_bin.is_empty() {
            bin..bin + 1
        } else if bin < self.first_counted {
            0..self.first_counted
        } else {
            self.first_counted..self.bins
        }
    }

    /// Adds what was counted in the open bins to where it belongs.
    fn close(&mut self) {
        let bin = self.open.start;
        let is_counted = bin >= self.first_counted;
        let used = bucket(self.longest.ns()) / TOGETHER + 1;
        let groups = self.counts.chunks_exact_mut(TOGETHER).zip(self.total.chunks_exact_mut(TOGETHER));
        for (group, (counts, total)) in groups.enumerate().take(used) {
            let sum = counts.iter().sum();
            if sum == 0 {
                continue;
            }
            self.by_bin.record(bin, Span::from_ns(least(group * TOGETHER)), sum);
            if is_counted {
                total.iter_mut().zip(&*counts).for_each(|(total, count)| *total += count);
            }
            counts.fill(0);
        }
        if is_counted {
            self.max = self.max.max(self.longest);
        }
        self.longest = Span::ZERO;
    }

    /// The latencies by bin, and all that are counted, whose exact sum is `sum_ns`.
    #[must_use]
    pub fn into_histograms(mut self, sum_ns: u128) -> (Coarse, Histogram) {
        self.close();
        let buckets = self.total.iter().enumerate().filter(|(_, count)| **count > 0);
        let total = Histogram::of(buckets.map(|(place, &count)| (least(place), count)), sum_ns, self.max);
        (self.by_bin, total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn it_counts_what_two_histograms_would() {
        const BINS: usize = 40;
        const FIRST: usize = 7;
        let stream = Seed { seed: 3, replication: 0 }.stream("test", "latencies");
        for by_bin in [true, false] {
            let mut latencies = Latencies::new(BINS, FIRST, by_bin);
            let (mut coarse, mut all) = (Coarse::new(if by_bin { BINS } else { 0 }), Histogram::default());
            for i in 0..40_000 {
                // Mostly the bin that is open, at times an earlier one, and some bins are left out.
                let open = (i / 1_100 + i / 8_000) as usize;
                let bin = if stream.below(20, i, 0) == 0 {
                    open - stream.below(4, i, 1).min(open as u32) as usize
                } else {
                    open
                };
                let latency = Span::from_ns(stream.bits(i, 2) >> stream.below(64, i, 3).max(1));
                if bin == open {
                    latencies.open(bin);
                    latencies.record_open(latency);
                } else {
                    latencies.record(bin, latency);
                }
                coarse.record(bin, latency, 1);
                if bin >= FIRST {
                    all.record(latency);
                }
            }
            let (mine, total) = latencies.into_histograms(all.sum_ns());
            assert_eq!(mine, coarse);
            assert!(total.buckets().eq(all.buckets()));
            assert_eq!((total.len(), total.max()), (all.len(), all.max()));
        }
    }

    #[test]
    fn nothing_counted_is_nothing() {
        let (by_bin, total) = Latencies::new(3, 1, true).into_histograms(0);
        assert!(total.is_empty() && by_bin == Coarse::new(3));
    }
}
