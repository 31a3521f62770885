//! The calendar: future events in the order (instant, rank, sequence), guarantee G8.
//!
//! The next few events stand in a sorted list. What lies beyond its horizon is only roughly in order: in the buckets
//! of a ladder of rungs, and beyond these in a pile of everything far away. A small calendar is the list alone.

use super::event::{Bound, Entry, HANDLES, Rank, SEQUENCE_BITS};
use super::ladder::Rung;
use super::near::{self, Near};
use crate::time::Instant;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many events the sorted list may take at once, and to how many it may grow.
const FEW: usize = 16;
const MANY: usize = 48;

const _: () = assert!(MANY < near::MOST, "the list has room");

/// The future event list.
#[derive(Clone, Debug)]
pub struct Calendar {
    near: Near,
    /// Only events before it stand in the sorted list, and all of them.
    horizon: u64,
    /// The rungs in use, the lowest and earliest last; each ends where the one before it goes on.
    rungs: Vec<Rung>,
    /// Rungs not in use.
    spare: Vec<Rung>,
    /// The events after every rung, in any order.
    far: Vec<Entry>,
    /// Events scheduled for the present instant while the list is full of such: a list would take them slowly.
    crowd: BinaryHeap<Reverse<Entry>>,
    scratch: Vec<Entry>,
    sequence: u64,
    /// The latest instant popped: time never goes back.
    now: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            near: Near::default(),
            horizon: u64::MAX,
            rungs: Vec::new(),
            spare: Vec::new(),
            far: Vec::new(),
            crowd: BinaryHeap::new(),
            scratch: Vec::new(),
            sequence: 0,
            now: 0,
        }
    }
}

impl Calendar {
    /// Schedules an event.
    #[inline(always)]
    pub fn push(&mut self, at: Instant, rank: Rank, handle: u32) {
        debug_assert!(handle < HANDLES, "handle {handle} does not fit");
        if self.sequence >> SEQUENCE_BITS != 0 {
            self.renumber();
        }
        let entry = Entry::new(at, rank, self.sequence, handle);
        self.sequence += 1;
        debug_assert!(entry.at >= self.now, "an event is scheduled in the past");
        if entry.at >= self.horizon {
            self.put_off(entry);
        } else if self.near.len() < MANY {
            self.near.insert(entry);
        } else {
            self.insert_crowded(entry);
        }
    }

    /// Takes the first event, if it comes before `bound`. `foresee` is told handles of events that will come soon, where
    /// there are many: time enough to fetch from memory what they will need.
    #[inline]
    pub fn pop_before(&mut self, bound: Bound, foresee: impl Fn(u32)) -> Option<(Instant, Rank, u32)> {
        if !self.crowd.is_empty() {
            return self.pop_crowded(bound).map(Entry::parts);
        }
        let first = self.near.first();
        if first.key() >= bound.0 {
            // An empty list, whose first event never happens, may only have to be filled.
            if self.near.len() == 0 && self.horizon != u64::MAX {
                return self.pop_refilled(bound, foresee);
            }
            return None;
        }
        self.near.pop();
        debug_assert!(first.at >= self.now, "time went back");
        self.now = first.at;
        Some(first.parts())
    }

    /// The list is empty, and events lie beyond its horizon.
    #[cold]
    fn pop_refilled(&mut self, bound: Bound, foresee: impl Fn(u32)) -> Option<(Instant, Rank, u32)> {
        self.refill(&foresee);
        self.pop_before(bound, foresee)
    }

    /// The list has grown long: what is not for the present instant is put off beyond a nearer horizon.
    #[cold]
    fn insert_crowded(&mut self, entry: Entry) {
        if entry.at == self.now {
            return self.crowd.push(Reverse(entry));
        }
        self.draw_in();
        if entry.at < self.horizon {
            self.near.insert(entry);
        } else {
            self.put_off(entry);
        }
    }

    #[cold]
    fn pop_crowded(&mut self, bound: Bound) -> Option<Entry> {
        let Reverse(crowded) = *self.crowd.peek()?;
        let first = self.near.first().min(crowded);
        if first.key() >= bound.0 {
            return None;
        }
        if first == crowded {
            self.crowd.pop();
        } else {
            self.near.pop();
        }
        self.now = first.at;
        Some(first)
    }

    /// Puts an event beyond the horizon into the lowest rung that reaches far enough.
    #[inline(never)]
    fn put_off(&mut self, entry: Entry) {
        match self.rungs.iter_mut().rev().find(|rung| entry.at < rung.end()) {
            Some(rung) => rung.push(entry),
            None => self.far.push(entry),
        }
    }

    /// Draws the horizon in, as far as to the next instant if need be, and puts off what then lies beyond it. Events of
    /// one instant stay together.
    fn draw_in(&mut self) {
        let end = self.horizon;
        let entries = self.near.entries();
        self.horizon = entries[MANY / 2].at.max(self.now + 1);
        let beyond = entries.partition_point(|entry| entry.at >= self.horizon);
        if self.rungs.is_empty() && end == u64::MAX {
            self.far.extend(&entries[..beyond]);
        } else if self.horizon < end {
            let mut rung = self.spare.pop().unwrap_or_default();
            rung.cover(self.horizon, end, &entries[..beyond]);
            self.rungs.push(rung);
        }
        self.near.drop_last_to_happen(beyond);
    }

    /// The list is empty: fills it with the next few events, if there are any.
    fn refill(&mut self, foresee: &impl Fn(u32)) {
        while let Some(rung) = self.rungs.last_mut() {
            let Some((start, end, bucket)) = rung.take() else {
                self.spare.extend(self.rungs.pop());
                continue;
            };
            if bucket.len() <= FEW {
                self.horizon = end;
                bucket.drain(..).for_each(|entry| self.near.insert(entry));
                rung.ahead().iter().for_each(|entry| foresee(entry.parts().2));
                return;
            }
            if end - start == 1 {
                self.horizon = end;
                self.crowd.extend(bucket.drain(..).map(Reverse));
                return;
            }
            std::mem::swap(bucket, &mut self.scratch);
            self.spawn(start, end);
        }
        // No rung is left: what was far away is next.
        if self.far.len() <= FEW {
            self.horizon = u64::MAX;
            self.far.drain(..).for_each(|entry| self.near.insert(entry));
            return;
        }
        std::mem::swap(&mut self.far, &mut self.scratch);
        let (first, last) = self.scratch.iter().fold((u64::MAX, 0), |(a, b), entry| (a.min(entry.at), b.max(entry.at)));
        self.horizon = first;
        self.spawn(first, last + 1);
        self.refill(foresee);
    }

    /// Makes the events at hand, too many to be sorted, a rung of their own.
    fn spawn(&mut self, start: u64, end: u64) {
        let mut rung = self.spare.pop().unwrap_or_default();
        rung.cover(start, end, &self.scratch);
        self.rungs.push(rung);
        self.scratch.clear();
    }

    /// Numbers the pending events anew when the sequence has used up its bits, once in 137 thousand million events.
    #[cold]
    fn renumber(&mut self) {
        let mut entries = std::mem::take(&mut self.near).entries().to_vec();
        entries.extend(self.crowd.drain().map(|Reverse(entry)| entry));
        while let Some(mut rung) = self.rungs.pop() {
            while let Some((.., bucket)) = rung.take() {
                entries.append(bucket);
            }
            self.spare.push(rung);
        }
        entries.append(&mut self.far);
        entries.sort_unstable_by_key(|entry| entry.key());
        for (sequence, entry) in (0..).zip(&mut entries) {
            *entry = entry.renumbered(sequence);
        }
        self.sequence = entries.len() as u64;
        // All of them are far away, and the horizon is now; the next pop sorts them out.
        self.horizon = self.now;
        self.far = entries;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    fn drain(calendar: &mut Calendar) -> Vec<(i64, Rank, u32)> {
        std::iter::from_fn(|| calendar.pop_before(Bound::new(Instant::END, Rank::Expiry), |_| ()))
            .map(|(at, rank, handle)| (at.ns(), rank, handle))
            .collect()
    }

    #[test]
    fn events_come_by_instant_then_rank_then_sequence() {
        let mut calendar = Calendar::default();
        for (at, rank, handle) in [
            (5, Rank::Expiry, 1),
            (5, Rank::Completion, 4),
            (-3, Rank::Expiry, 3),
            (5, Rank::Completion, 2),
            (5, Rank::Control, 5),
        ] {
            calendar.push(Instant::from_ns(at), rank, handle);
        }
        let handles: Vec<_> = drain(&mut calendar).into_iter().map(|(.., handle)| handle).collect();
        assert_eq!(handles, [3, 4, 2, 5, 1]);
    }

    #[test]
    fn the_bound_is_exclusive() {
        let mut calendar = Calendar::default();
        calendar.push(Instant::ZERO, Rank::Expiry, 1);
        assert_eq!(calendar.pop_before(Bound::new(Instant::ZERO, Rank::Arrival), |_| ()), None);
        calendar.push(Instant::ZERO, Rank::Completion, 2);
        assert_eq!(
            calendar.pop_before(Bound::new(Instant::ZERO, Rank::Arrival), |_| ()),
            Some((Instant::ZERO, Rank::Completion, 2))
        );
    }

    const RANKS: [Rank; 4] = [Rank::Completion, Rank::Control, Rank::Arrival, Rank::Expiry];

    /// Pushes and pops in random turns, beside a plain sorted list: every pop must be the list's first. Handles fall, so that
    /// events of one instant and rank cannot be told apart by them.
    fn compare(name: &str, mut calendar: Calendar, delay: impl Fn(u64) -> i64) {
        let stream = Seed { seed: 1, replication: 0 }.stream("test", name);
        let mut pending = std::collections::BTreeMap::new();
        let mut now = 0;
        for i in 0..40_000_u32 {
            // Growing at first, then shrinking, with small swings all along.
            let pushes = stream.below(if i < 20_000 { 4 } else { 2 }, i.into(), 0);
            for k in 0..pushes {
                let number = i * 4 + k;
                let (at, rank) =
                    (now + delay(stream.bits(number.into(), 1)), RANKS[stream.below(4, number.into(), 2) as usize]);
                calendar.push(Instant::from_ns(at), rank, HANDLES - 1 - number);
                pending.insert((at, rank, number), HANDLES - 1 - number);
            }
            let popped = calendar.pop_before(Bound::new(Instant::END, Rank::Expiry), |_| ());
            let expected = pending.pop_first().map(|((at, rank, _), handle)| (Instant::from_ns(at), rank, handle));
            assert_eq!(popped, expected, "{name}, step {i}");
            now = popped.map_or(now, |(at, ..)| at.ns());
        }
        let rest: Vec<_> = pending.into_iter().map(|((at, rank, _), handle)| (at, rank, handle)).collect();
        assert_eq!(drain(&mut calendar), rest, "{name}");
    }

    #[test]
    fn it_agrees_with_a_sorted_list_whatever_the_delays() {
        let seconds = |bits: u64| (bits % 1_000_000_000) as i64;
        compare("spread", Calendar::default(), seconds);
        let ties = |bits: u64| (bits % 3) as i64 * 100;
        compare("ties", Calendar::default(), ties);
        compare("present", Calendar::default(), |bits| i64::from(bits % 100 == 0));
        compare(
            "skewed",
            Calendar::default(),
            move |bits| if bits % 50 == 0 { 300_000_000_000 } else { seconds(bits) / 1000 },
        );
        compare("wide", Calendar::default(), |bits| 1 << (bits % 60));
        let used_up = || Calendar { sequence: (1 << SEQUENCE_BITS) - 10_000, ..Calendar::default() };
        compare("renumbered", used_up(), seconds);
        compare("ties renumbered", used_up(), ties);
    }

    /// One event a nanosecond, each under its instant as handle.
    fn push_all(calendar: &mut Calendar, instants: std::ops::Range<u32>) {
        instants.for_each(|at| calendar.push(Instant::from_ns(at.into()), Rank::Completion, at));
    }

    #[test]
    fn a_list_that_is_full_keeps_its_nearer_half() {
        let mut calendar = Calendar::default();
        push_all(&mut calendar, 0..MANY as u32);
        assert_eq!((calendar.near.len(), calendar.far.len()), (48, 0));
        push_all(&mut calendar, 48..49);
        // Of the 48, the 25th from behind happens at 23: the horizon.
        assert_eq!((calendar.near.len(), calendar.far.len()), (23, 26));
        assert_eq!(drain(&mut calendar).len(), 49);
    }

    #[test]
    fn it_foresees_the_bucket_behind_those_that_it_sorts() {
        let mut calendar = Calendar::default();
        push_all(&mut calendar, 0..49);
        let foreseen = std::cell::RefCell::new(Vec::new());
        for at in 0..24 {
            assert!(foreseen.borrow().is_empty(), "{at}");
            let bound = Bound::new(Instant::END, Rank::Expiry);
            let popped = calendar.pop_before(bound, |handle| foreseen.borrow_mut().push(handle));
            assert_eq!(popped, Some((Instant::from_ns(at), Rank::Completion, at as u32)));
        }
        // The 26 events from 23 on lie in buckets of 4 ns. The first was sorted, the second is foreseen.
        let mut foreseen = foreseen.into_inner();
        foreseen.sort_unstable();
        assert_eq!(foreseen, [27, 28, 29, 30]);
    }

    #[test]
    fn the_end_of_time_is_an_instant_like_others() {
        let mut calendar = Calendar::default();
        calendar.push(Instant::END, Rank::Completion, 300);
        push_all(&mut calendar, 0..200);
        for at in 0..200 {
            let popped = calendar.pop_before(Bound::new(Instant::END, Rank::Completion), |_| ());
            assert_eq!(popped, Some((Instant::from_ns(at), Rank::Completion, at as u32)));
        }
        assert_eq!(calendar.pop_before(Bound::new(Instant::END, Rank::Completion), |_| ()), None);
        // The rung that ends with time is emptied now, and must take nothing more: these would fall into several of its buckets.
        for i in 0..100 {
            calendar.push(Instant::from_ns(200 + (i << 55)), Rank::Completion, 200 + i as u32);
        }
        let handles: Vec<_> = drain(&mut calendar).into_iter().map(|(.., handle)| handle).collect();
        assert!(handles.iter().copied().eq(200..=300), "{handles:?}");
    }

    #[test]
    fn a_crowd_at_one_instant_takes_no_longer_than_others() {
        let mut calendar = Calendar::default();
        let n = 300_000;
        (0..n).for_each(|i| calendar.push(Instant::from_ns(5), Rank::Completion, i));
        // Each event of the crowd schedules another for the same instant, behind all that wait already.
        for i in 0..n {
            assert_eq!(
                calendar.pop_before(Bound::new(Instant::END, Rank::Expiry), |_| ()),
                Some((Instant::from_ns(5), Rank::Completion, i))
            );
            calendar.push(Instant::from_ns(5), Rank::Completion, n + i);
        }
        assert!(drain(&mut calendar).iter().map(|&(.., handle)| handle).eq(n..2 * n));
    }
}
