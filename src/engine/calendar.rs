//! The calendar: future events in the order (instant, rank, sequence), guarantee G8.
//!
//! A heap of four children a node, of 16-byte entries compared as one number. The four children of a node lie in one
//! cache line, and which of them is first is found without a branch, because nobody could predict it. The population
//! is what costs, so whatever can be held outside (arrivals, adoptions, the timers of idle instances) is.

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
/// Children a node.
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

/// The four children of a node. Group 0 holds the top of the heap, in its last place; the children of node i, counted
/// from the top, fill group i + 1.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Group([Entry; ARITY]);

/// What fills the places beyond the last entry: after every event.
const NOTHING: Entry = Entry { at: u64::MAX, order: u64::MAX };

/// The future event list.
#[derive(Clone, Debug)]
pub struct Calendar {
    groups: Vec<Group>,
    len: usize,
    sequence: u64,
    /// The latest instant popped: time never goes back.
    now: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { groups: vec![Group([NOTHING; ARITY])], len: 0, sequence: 0, now: 0 }
    }
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
        let node = self.len;
        self.len += 1;
        if group_of(node) == self.groups.len() {
            self.groups.push(Group([NOTHING; ARITY]));
        }
        self.rise(node, Entry { at: biased(at), order });
    }

    /// Takes the first event, if it comes before every event of (`at`, `rank`).
    #[inline]
    pub fn pop_before(&mut self, at: Instant, rank: Rank) -> Option<(Instant, Rank, u32)> {
        let first = self.groups[0].0[ARITY - 1];
        let bound = Entry { at: biased(at), order: (rank as u64) << (SEQUENCE_BITS + HANDLE_BITS) };
        if first.key() >= bound.key() {
            return None;
        }
        debug_assert!(first.at >= self.now, "time went back");
        self.now = first.at;
        self.len -= 1;
        let last = std::mem::replace(self.at_mut(self.len), NOTHING);
        if self.len > 0 {
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

    #[inline]
    fn at_mut(&mut self, node: usize) -> &mut Entry {
        &mut self.groups[group_of(node)].0[(node + ARITY - 1) % ARITY]
    }

    /// Puts `entry` where it belongs on the path from `node`, a vacant place, to the top.
    #[inline]
    fn rise(&mut self, mut node: usize, entry: Entry) {
        while node > 0 {
            let parent = *self.at_mut((node - 1) / ARITY);
            if parent.key() <= entry.key() {
                break;
            }
            *self.at_mut(node) = parent;
            node = (node - 1) / ARITY;
        }
        *self.at_mut(node) = entry;
    }

    /// Puts `entry` where it belongs below the top, which is vacant: a vacancy sinks to the bottom along the first
    /// children, and from there `entry`, which came from the bottom, seldom has far to rise.
    #[inline]
    fn sink(&mut self, entry: Entry) {
        let mut node = 0;
        while let Some(Group(children)) = self.groups.get(node + 1) {
            let left = usize::from(children[1].key() < children[0].key());
            let right = 2 + usize::from(children[3].key() < children[2].key());
            let least = if children[right].key() < children[left].key() { right } else { left };
            let child = children[least];
            if child.key() == NOTHING.key() {
                break;
            }
            *self.at_mut(node) = child;
            node = node * ARITY + 1 + least;
        }
        self.rise(node, entry);
    }

    /// Numbers the pending events anew when the sequence has used up its bits, once in 137 thousand million events.
    #[cold]
    fn renumber(&mut self) {
        let mut entries: Vec<_> = (0..self.len).map(|node| *self.at_mut(node)).collect();
        entries.sort_unstable_by_key(|entry| entry.key());
        let numbers = ((1 << SEQUENCE_BITS) - 1) << HANDLE_BITS;
        // Entries in order are a heap as they stand.
        for (node, entry) in entries.iter().enumerate() {
            let order = entry.order & !numbers | (node as u64) << HANDLE_BITS;
            *self.at_mut(node) = Entry { order, ..*entry };
        }
        self.sequence = self.len as u64;
    }
}

/// The group in which a node lies.
#[inline]
const fn group_of(node: usize) -> usize {
    node.div_ceil(ARITY)
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
