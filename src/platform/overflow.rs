//! Where attempts wait that nobody has room for: first come, first served, for a version or for any.

use super::index::{Each, VersionIx};
use super::record::{Call, Way};
use super::room::{Crowded, EVENT, MOST_WAITING, Room};
use crate::ids::Version;
use crate::time::Instant;
use std::collections::VecDeque;

/// Attempts that wait.
#[derive(Clone, Debug, Default)]
pub struct Overflow {
    /// Their handles and numbers: for any version, and for one. Those that have waited too long are left in.
    any: VecDeque<(u32, u64)>,
    of: Each<Version, VecDeque<(u32, u64)>>,
    waiting: Vec<Option<(u64, Waiting)>>,
    /// Handles that the calendar has nothing to say of: that of somebody who was served is not given away before the moment has
    /// passed until which it was for, or whoever had it next could give up in another's turn.
    free: Vec<u32>,
    /// How many have come.
    come: u64,
}

/// One attempt that waits.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// What is to be done.
    pub call: Call,
    /// Its way as far as it is known.
    pub way: Way,
    /// The node of the balancer through which it came.
    pub node: u32,
    /// Since when it waits.
    pub at: Instant,
    /// How likely it is mismatched, by the version that serves it.
    pub odds: Each<Version, f64>,
}

/// What an attempt that waits takes of memory, in bytes: with its places in lists and the calendar, and an eighth for lists that grow.
const WAITING: u64 = (size_of::<Option<(u64, Waiting)>>() + size_of::<(u32, u64)>() + 4 + EVENT) as u64 * 9 / 8;

impl Overflow {
    /// One comes that is for a version, or for any; answers its handle.
    ///
    /// # Errors
    /// [`Crowded`], when too many wait, or they do not fit into memory.
    pub fn wait(&mut self, waiting: Waiting, version: Option<VersionIx>, room: &mut Room) -> Result<u32, Crowded> {
        let number = self.come;
        self.come += 1;
        let handle = match self.free.pop() {
            Some(handle) => handle,
            None => {
                let handle = self.waiting.len() as u32;
                if handle == MOST_WAITING {
                    return Err(Crowded::Callers);
                }
                room.take(WAITING)?;
                self.waiting.push(None);
                handle
            }
        };
        self.waiting[handle as usize] = Some((number, waiting));
        match version {
            Some(version) => self.of[version].push_back((handle, number)),
            None => self.any.push_back((handle, number)),
        }
        Ok(handle)
    }

    /// Who has waited longest of those that a version may serve.
    pub fn next(&mut self, version: VersionIx) -> Option<Waiting> {
        let Self { any, of, waiting, .. } = self;
        let (any, own) = (first(any, waiting), first(&mut of[version], waiting));
        let (handle, _) = match (any, own) {
            (Some(any), Some(own)) => {
                if any.1 < own.1 {
                    any
                } else {
                    own
                }
            }
            (any, own) => any.or(own)?,
        };
        waiting[handle as usize].take().map(|(_, waiting)| waiting)
    }

    /// The version for which has waited longest of all who waits for one of these.
    pub fn longest(&mut self, is_one: impl Fn(VersionIx) -> bool) -> Option<VersionIx> {
        let Self { of, waiting, .. } = self;
        let since = |version| first(&mut of[version], waiting).map(|(_, number)| (number, version));
        let all = VersionIx::first(crate::platform::MOST_VERSIONS).filter(|&version| is_one(version));
        all.filter_map(since).min_by_key(|&(number, _)| number).map(|(_, version)| version)
    }

    /// The moment has come until which a handle was for: whoever still waits under it may not wait any longer.
    pub fn late(&mut self, handle: u32) -> Option<Waiting> {
        self.free.push(handle);
        self.waiting[handle as usize].take().map(|(_, waiting)| waiting)
    }

    /// All that wait.
    pub fn all(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter().flatten().map(|(_, waiting)| waiting)
    }
}

/// The first in a line that still waits.
fn first(line: &mut VecDeque<(u32, u64)>, waiting: &[Option<(u64, Waiting)>]) -> Option<(u32, u64)> {
    loop {
        let &(handle, number) = line.front()?;
        if waiting[handle as usize].as_ref().is_some_and(|&(other, _)| other == number) {
            return Some((handle, number));
        }
        line.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::index::ContractIx;

    const OLD: VersionIx = VersionIx::FIRST;
    const NEW: VersionIx = VersionIx::nth(1);

    fn waiting(index: u64) -> Waiting {
        let call = Call::first(0, index, Instant::ZERO, None);
        let way = Way { revision: 0, alias_view: 0, contract: ContractIx::FIRST, version: OLD };
        Waiting { call, way, node: 0, at: Instant::ZERO, odds: Each::default() }
    }

    fn next(overflow: &mut Overflow, version: VersionIx) -> Option<u64> {
        overflow.next(version).map(|waiting| waiting.call.index)
    }

    #[test]
    fn who_came_first_is_served_first_by_whoever_may() {
        let mut overflow = Overflow::default();
        for (index, version) in [(10, Some(NEW)), (11, None), (12, Some(OLD)), (13, None)] {
            overflow.wait(waiting(index), version, &mut Room::default()).unwrap();
        }
        let order = [OLD, NEW, NEW, NEW, OLD, OLD].map(|version| next(&mut overflow, version));
        assert_eq!(order, [Some(11), Some(10), Some(13), None, Some(12), None]);
    }

    #[test]
    fn who_has_waited_too_long_is_gone_and_its_handle_free() {
        let mut overflow = Overflow::default();
        let wait = |overflow: &mut Overflow, index| overflow.wait(waiting(index), Some(OLD), &mut Room::default());
        let handle = wait(&mut overflow, 1).unwrap();
        wait(&mut overflow, 2).unwrap();
        assert_eq!(overflow.late(handle).unwrap().call.index, 1);
        assert_eq!(wait(&mut overflow, 3), Ok(handle));
        assert_eq!(overflow.longest(|version| version == NEW), None);
        assert_eq!(overflow.longest(|_| true), Some(OLD));
        assert_eq!([OLD; 3].map(|version| next(&mut overflow, version)), [Some(2), Some(3), None]);
        assert_eq!(overflow.all().count(), 0);
        // It was served: nobody has its handle before its moment has passed.
        assert_ne!(wait(&mut overflow, 4), Ok(handle));
        assert!(overflow.late(handle).is_none());
        assert_eq!(wait(&mut overflow, 5), Ok(handle));
    }
}
