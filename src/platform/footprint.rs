//! What a replication takes of memory, in bytes: what is known beforehand, and a bound on what grows while it runs.

use super::callers::{Call, User};
use super::cells::Cells;
use super::error::Crowded;
use super::instance::{Instance, Rest};
use super::tally::MOST_LATENCY_BINS;
use super::{PoolLevels, Service};
use crate::source::Arrivals;
use crate::strategy::{Rollout, Strategy};
use crate::units::Bytes;

/// The most instances that a replication can tell apart.
pub const MOST_INSTANCES: u32 = super::instance::MOST;
/// The most callers that may wait.
pub const MOST_CALLERS: u32 = super::callers::MOST;
/// An event in the calendar, which moves it from list to list.
const EVENT: usize = 2 * 16;
/// An instance: its two halves, its places in the line and the calendar, and an eighth for lists that grow.
pub const INSTANCE: u64 = (size_of::<Instance>() + size_of::<Rest>() + size_of::<u32>() + EVENT) as u64 * 9 / 8;
/// A caller who waits, likewise.
pub const CALLER: u64 = (size_of::<Option<Call>>() + size_of::<u32>() + EVENT) as u64 * 9 / 8;
/// A user, besides the caller that every user is.
const USER: u64 = size_of::<User>() as u64;
/// An adoption of a change by a node or a front-end.
const ADOPTION: u64 = 24;
/// Histograms, lists that are never empty, and what is packed for the journal.
const FIXED: u64 = 1 << 20;
/// A bin's percentiles.
const LATENCIES: u64 = 4_096;

/// What a bin of the timeline takes, of so many.
#[must_use]
pub const fn bin(bins: u64) -> u64 {
    let percentiles = if bins <= MOST_LATENCY_BINS as u64 { LATENCIES } else { 0 };
    (Cells::bin_size(2, 2) + 2 * size_of::<PoolLevels>() + 2 * size_of::<u128>()) as u64 + percentiles
}

/// What a replication of `strategy` in so many bins takes before the first request.
#[must_use]
pub fn fixed(service: &Service, strategy: &Strategy, bins: u64) -> Bytes {
    let users = service.sources.iter().map(|source| match &source.arrivals {
        Arrivals::Users(users) => u64::from(users.count) * USER,
        _ => 0,
    });
    let stages = match &strategy.rollout {
        Rollout::Alias(alias) => alias.shift.stages().count() as u64,
        _ => 1,
    };
    let adoptions = u64::from(service.gateway.nodes) + u64::from(service.function.front_ends) * stages;
    // Counts are kept twice while a record is made of them.
    Bytes(FIXED + 2 * bins * bin(bins) + users.sum::<u64>() + adoptions * ADOPTION)
}

/// The memory that a replication may still take for instances and callers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    most: u64,
    taken: u64,
}

impl Default for Room {
    /// As much as there is.
    fn default() -> Self {
        Self { most: u64::MAX, taken: 0 }
    }
}

impl Room {
    /// From now on there are no more than so many, those taken before included.
    pub const fn limit(&mut self, bytes: Bytes) {
        self.most = bytes.0;
    }

    /// How many there are in all.
    #[must_use]
    pub const fn most(&self) -> Bytes {
        Bytes(self.most)
    }

    /// Takes some.
    ///
    /// # Errors
    /// [`Crowded::Memory`], where there is no more.
    pub(super) const fn take(&mut self, bytes: u64) -> Result<(), Crowded> {
        self.taken += bytes;
        if self.taken > self.most { Err(Crowded::Memory) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_more_room_than_given() {
        let mut room = Room::default();
        room.take(INSTANCE).unwrap();
        room.limit(Bytes(3 * INSTANCE));
        assert_eq!([INSTANCE; 3].map(|bytes| room.take(bytes).is_ok()), [true, true, false]);
    }
}
