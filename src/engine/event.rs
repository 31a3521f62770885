//! Events: what the calendar orders, 16 bytes each.

use crate::time::Instant;
use std::cmp::Ordering;

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
/// How many bits number the events of one calendar.
pub(super) const SEQUENCE_BITS: u32 = 37;

/// An entry: the instant, and below it rank (3 bits), sequence (37 bits) and handle (24 bits).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// The instant, biased so that it is never negative.
    pub(super) at: u64,
    order: u64,
}

/// A point in the order of events.
#[derive(Clone, Copy, Debug)]
pub struct Bound(pub(super) u128);

impl Bound {
    /// Before every event of `rank` at `at`, after all that come before those.
    #[inline]
    #[must_use]
    pub const fn new(at: Instant, rank: Rank) -> Self {
        Self(Entry::new(at, rank, 0, 0).key())
    }
}

/// Maps the signed instant onto unsigned numbers in the same order, leaving the greatest free.
#[inline]
const fn biased(at: Instant) -> u64 {
    let biased = at.ns() as u64 ^ (1 << 63);
    if biased == u64::MAX { u64::MAX - 1 } else { biased }
}

impl Entry {
    /// After every event.
    pub(super) const NEVER: Self = Self { at: u64::MAX, order: u64::MAX };

    /// Event number `sequence`.
    #[inline]
    pub(super) const fn new(at: Instant, rank: Rank, sequence: u64, handle: u32) -> Self {
        let rank = (rank as u64) << (SEQUENCE_BITS + HANDLE_BITS);
        Self { at: biased(at), order: rank | sequence << HANDLE_BITS | handle as u64 }
    }

    /// The same event under another number.
    pub(super) const fn renumbered(self, sequence: u64) -> Self {
        let numbers = ((1 << SEQUENCE_BITS) - 1) << HANDLE_BITS;
        Self { order: self.order & !numbers | sequence << HANDLE_BITS, ..self }
    }

    /// What it is ordered by.
    #[inline]
    pub(super) const fn key(self) -> u128 {
        (self.at as u128) << 64 | self.order as u128
    }

    /// When, in which rank, and to whom it happens.
    #[inline]
    pub(super) const fn parts(self) -> (Instant, Rank, u32) {
        const RANKS: [Rank; 4] = [Rank::Completion, Rank::Control, Rank::Arrival, Rank::Expiry];
        let rank = RANKS[(self.order >> (SEQUENCE_BITS + HANDLE_BITS)) as usize % RANKS.len()];
        (Instant::from_ns((self.at ^ (1 << 63)) as i64), rank, self.order as u32 & (HANDLES - 1))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
