//! What there is room for: limits of the model, and memory for what grows while a replication runs.

use crate::engine::HANDLES;
use crate::units::Bytes;

/// The most instances that may be alive at once: what a calendar's handle can name, less a handle for each pool's timer.
pub const MOST_INSTANCES: u32 = HANDLES - 256;
/// The most callers that may wait at once: what a calendar's handle can name.
pub const MOST_CALLERS: u32 = HANDLES;
/// The most replicas of hosts that one replication may create, those that replace others included.
pub const MOST_REPLICAS: u32 = 1 << 20;
/// The most attempts that may wait for room at once.
pub const MOST_WAITING: u32 = (1 << 23) - 1;
/// What an event takes in the calendar, which moves it from list to list.
pub(super) const EVENT: usize = 2 * 16;

/// More of something than the model can hold: all that can go wrong while events happen. One byte, because every event
/// answers whether it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Crowded {
    /// More instances.
    #[error(
        "more than {} instances were alive at once; lower the rate of arrivals, or shorten the service or idle times",
        MOST_INSTANCES
    )]
    Instances,
    /// More callers.
    #[error(
        "more than {} callers were waiting at once; lower the rate of arrivals or the number of users, or retry less",
        MOST_CALLERS
    )]
    Callers,
    /// More replicas of hosts.
    #[error("more than {} replicas were created; they crash or are replaced too often", MOST_REPLICAS)]
    Replicas,
    /// More of both than fits into memory; see [`SimulationError::Memory`](super::SimulationError::Memory).
    #[error("more instances and callers at once than fit into memory")]
    Memory,
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
        room.take(100).unwrap();
        room.limit(Bytes(3 * 100));
        assert_eq!([100; 3].map(|bytes| room.take(bytes).is_ok()), [true, true, false]);
    }
}
