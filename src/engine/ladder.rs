//! Rungs: pending events sorted by time as coarsely as will do, in buckets of equal width.
//!
//! A rung covers a stretch of time. Its buckets are filled in any order and emptied from the first to the last; a
//! bucket that is too full to be sorted at once becomes a rung of its own, below. Each event is moved a few times and
//! sorted among a handful of others, so that its cost does not depend on how many are pending (Tang, Goh and Thng,
//! "Ladder queue", ACM TOMACS 2005).

use super::event::Entry;

/// Buckets over one stretch of time. The buckets keep their memory when the rung is used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Rung {
    start: u64,
    /// The first instant after the stretch.
    end: u64,
    /// A bucket is 2^shift nanoseconds wide.
    shift: u32,
    /// The first bucket that has not been emptied.
    next: usize,
    buckets: Vec<Vec<Entry>>,
}

/// How many events a bucket should hold.
const A_HANDFUL: usize = 3;

/// The most buckets of a rung.
const MOST_BUCKETS: usize = 1 << 12;

impl Rung {
    /// Covers [`start`, `end`) with buckets for so many events, and takes these.
    pub(super) fn cover(&mut self, start: u64, end: u64, entries: &[Entry]) {
        let buckets = (entries.len() / A_HANDFUL).next_power_of_two().clamp(2, MOST_BUCKETS);
        let last = end - start - 1;
        self.shift = (u64::BITS - last.leading_zeros()).saturating_sub(buckets.trailing_zeros());
        (self.start, self.end, self.next) = (start, end, 0);
        let needed = (last >> self.shift) as usize + 1;
        if self.buckets.len() < needed {
            self.buckets.resize_with(needed, Vec::new);
        }
        entries.iter().for_each(|&entry| self.push(entry));
    }

    /// The first instant after the stretch.
    #[inline]
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// Takes an event of the stretch that lies in no bucket emptied already.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        let bucket = ((entry.at - self.start) >> self.shift) as usize;
        self.buckets[bucket].push(entry);
    }

    /// What the next bucket holds.
    #[inline]
    pub(super) fn ahead(&self) -> &[Entry] {
        self.buckets.get(self.next).map_or(&[], Vec::as_slice)
    }

    /// Where the next bucket that holds anything begins and ends, and the bucket, which must be emptied; `None` when
    /// none is left.
    pub(super) fn take(&mut self) -> Option<(u64, u64, &mut Vec<Entry>)> {
        let last = ((self.end - self.start - 1) >> self.shift) as usize;
        while self.next <= last {
            let bucket = self.next;
            self.next += 1;
            if !self.buckets[bucket].is_empty() {
                let start = self.start + ((bucket as u64) << self.shift);
                let end = if bucket == last { self.end } else { start + (1 << self.shift) };
                return Some((start, end, &mut self.buckets[bucket]));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Rank;
    use super::*;
    use crate::time::Instant;

    /// So many events, evenly over 2^20 ns from t = 0 on; and where that begins for a rung.
    fn even(events: u64) -> (u64, Vec<Entry>) {
        let at = |i| Instant::from_ns(((i << 20) / events) as i64);
        let entries: Vec<_> = (0..events).map(|i| Entry::new(at(i), Rank::Arrival, i, 0)).collect();
        (entries[0].at, entries)
    }

    #[test]
    fn a_bucket_takes_a_handful_of_even_events() {
        let (start, entries) = even(48);
        let mut rung = Rung::default();
        rung.cover(start, start + (1 << 20), &entries);
        for bucket in 0..16 {
            let begin = start + (bucket << 16);
            let (of, to, found) = rung.take().unwrap();
            assert_eq!((of, to), (begin, begin + (1 << 16)));
            assert_eq!(*found, entries[3 * bucket as usize..][..3]);
            let after = entries.iter().skip(3 * (bucket as usize + 1)).take(3);
            found.clear();
            assert!(rung.ahead().iter().eq(after), "bucket {bucket}");
        }
        assert_eq!(rung.take(), None);
    }
}
