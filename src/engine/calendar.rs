//! The calendar: future events in the order (instant, rank, sequence), guarantee G8.
//!
//! A heap of four children a node, of 16-byte entries compared as one number. Its population is what costs, so
//! whatever can be held outside (arrivals, adoptions, the timers of idle instances) is.

use crate::time::Instant;

/// The order among events of one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// A request is done, or an instance is ready.
    Completion,
    /// An action of the control plane, or its adoption.
    Control,
    /// A request or a retry arrives.
    Arrival,
    /// Something has been idle for too long.
    Expiry,
}

/// One more than the greatest handle of an event.
pub const HANDLES: u32 = 1 << HANDLE_BITS;

const HANDLE_BITS: u32 = 24;
const SEQUENCE_BITS: u32 = 37;
const ARITY: usize = 4;

/// An entry: the instant, and below it rank (3 bits), sequence (37 bits) and handle (24 bits).
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    order: u64,
}

impl Entry {
    #[inline]
    const fn key(self) -> u128 {
        (self.at as u128) << 64 | self.order as u128
    }
}

/// The future event list.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    heap: Vec<Entry>,
    sequence: u64,
    /// The latest instant popped: time never goes back.
    now: u64,
}

/// Maps the signed instant onto unsigned numbers in the same order.
#[inline]
const fn biased(at: Instant) -> u64 {
    at.ns() as u64 ^ (1 << 63)
}

impl Calendar {
    /// Schedules an event.
    #[inline]
    pub fn push(&mut self, at: Instant, rank: Rank, handle: u32) {
        debug_assert!(handle < HANDLES, "handle {handle} does not fit");
        debug_assert!(biased(at) >= self.now, "an event is scheduled in the past");
        if self.sequence >> SEQUENCE_BITS != 0 {
            self.renumber();
        }
        let order = (rank as u64) << (SEQUENCE_BITS + HANDLE_BITS) | self.sequence << HANDLE_BITS | u64::from(handle);
        self.sequence += 1;
        let entry = Entry { at: biased(at), order };
        self.heap.push(entry);
        self.rise(self.heap.len() - 1, entry);
    }

    /// Takes the first event, if it comes before every event of (`at`, `rank`).
    #[inline]
    pub fn pop_before(&mut self, at: Instant, rank: Rank) -> Option<(Instant, Rank, u32)> {
        let first = *self.heap.first()?;
        let bound = Entry { at: biased(at), order: (rank as u64) << (SEQUENCE_BITS + HANDLE_BITS) };
        if first.key() >= bound.key() {
            return None;
        }
        debug_assert!(first.at >= self.now, "time went back");
        self.now = first.at;
        if let Some(last) = self.heap.pop()
            && !self.heap.is_empty()
        {
            self.sink(last);
        }
        let rank = match first.order >> (SEQUENCE_BITS + HANDLE_BITS) {
            0 => Rank::Completion,
            1 => Rank::Control,
            2 => Rank::Arrival,
            _ => Rank::Expiry,
        };
        Some((Instant::from_ns((first.at ^ (1 << 63)) as i64), rank, first.order as u32 & (HANDLES - 1)))
    }

    /// Puts `entry` where it belongs on the path from `hole` to the top.
    #[inline]
    fn rise(&mut self, mut hole: usize, entry: Entry) {
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent].key() <= entry.key() {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    /// Puts `entry` where it belongs below the vacant top.
    #[inline]
    fn sink(&mut self, entry: Entry) {
        let mut hole = 0;
        loop {
            let first = hole * ARITY + 1;
            let children = match self.heap.get(first..) {
                None | Some([]) => break,
                Some(rest) => &rest[..rest.len().min(ARITY)],
            };
            let (mut least, mut key) = (0, children[0].key());
            for (i, child) in children.iter().enumerate().skip(1) {
                if child.key() < key {
                    (least, key) = (i, child.key());
                }
            }
            if key >= entry.key() {
                break;
            }
            self.heap[hole] = children[least];
            hole = first + least;
        }
        self.heap[hole] = entry;
    }

    /// Numbers the pending events anew when the sequence has used up its bits, once in 137 thousand million events.
    #[cold]
    fn renumber(&mut self) {
        self.heap.sort_unstable_by_key(|entry| entry.key());
        let numbers = ((1 << SEQUENCE_BITS) - 1) << HANDLE_BITS;
        for (sequence, entry) in self.heap.iter_mut().enumerate() {
            entry.order = entry.order & !numbers | (sequence as u64) << HANDLE_BITS;
        }
        self.sequence = self.heap.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    fn drain(calendar: &mut Calendar) -> Vec<(i64, Rank, u32)> {
        std::iter::from_fn(|| calendar.pop_before(Instant::END, Rank::Expiry))
            .map(|(at, rank, handle)| (at.ns(), rank, handle))
            .collect()
    }

    #[test]
    fn events_come_by_instant_then_rank_then_sequence() {
        let mut calendar = Calendar::default();
        for (at, rank, handle) in [
            (5, Rank::Expiry, 1),
            (5, Rank::Completion, 2),
            (-3, Rank::Expiry, 3),
            (5, Rank::Completion, 4),
            (5, Rank::Control, 5),
        ] {
            calendar.push(Instant::from_ns(at), rank, handle);
        }
        let handles: Vec<_> = drain(&mut calendar).into_iter().map(|(.., handle)| handle).collect();
        assert_eq!(handles, [3, 2, 4, 5, 1]);
    }

    #[test]
    fn the_bound_is_exclusive() {
        let mut calendar = Calendar::default();
        calendar.push(Instant::ZERO, Rank::Expiry, 1);
        assert_eq!(calendar.pop_before(Instant::ZERO, Rank::Arrival), None);
        calendar.push(Instant::ZERO, Rank::Completion, 2);
        assert_eq!(calendar.pop_before(Instant::ZERO, Rank::Arrival), Some((Instant::ZERO, Rank::Completion, 2)));
    }

    #[test]
    fn it_sorts_like_a_sort_also_across_a_renumbering() {
        let stream = Seed { seed: 1, replication: 0 }.stream("test", "calendar");
        let mut calendar = Calendar { sequence: (1 << SEQUENCE_BITS) - 500, ..Calendar::default() };
        let mut expected: Vec<_> = (0..1_000_u32)
            .map(|i| {
                let at = i64::from(stream.below(50, i.into(), 0)) - 25;
                let rank = [Rank::Completion, Rank::Control, Rank::Arrival, Rank::Expiry]
                    [stream.below(4, i.into(), 1) as usize];
                calendar.push(Instant::from_ns(at), rank, i);
                (at, rank, i)
            })
            .collect();
        expected.sort_by_key(|&(at, rank, i)| (at, rank, i));
        assert_eq!(drain(&mut calendar), expected);
    }
}
