//! Where a balancer lets requests wait that no replica has room for: first come, first served, for a version or for any.

use crate::ids::Version;
use crate::platform::index::{Each, VersionIx};
use std::collections::VecDeque;

/// Requests that wait, by their places.
#[derive(Clone, Debug, Default)]
pub struct Overflow {
    /// For any version.
    any: VecDeque<Waiting>,
    of: Each<Version, VecDeque<Waiting>>,
    /// How many have come.
    come: u64,
}

/// One request that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    place: u32,
    /// How likely it is mismatched, by the version that serves it.
    odds: Each<Version, f64>,
    /// How many came before it.
    number: u64,
}

impl Overflow {
    /// A request comes that is for a version, or for any.
    pub fn wait(&mut self, place: u32, version: Option<VersionIx>, odds: Each<Version, f64>) {
        let waiting = Waiting { place, odds, number: self.come };
        self.come += 1;
        match version {
            Some(version) => self.of[version].push_back(waiting),
            None => self.any.push_back(waiting),
        }
    }

    /// Who has waited longest of those that a version may serve, and how likely it is mismatched then.
    pub fn next(&mut self, version: VersionIx) -> Option<(u32, f64)> {
        let (any, own) = (&mut self.any, &mut self.of[version]);
        let first = |line: &VecDeque<Waiting>| line.front().map_or(u64::MAX, |waiting| waiting.number);
        let line = if first(any) < first(own) { any } else { own };
        line.pop_front().map(|waiting| (waiting.place, waiting.odds[version]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_first_is_served_first_by_whoever_may() {
        let (old, new) = (VersionIx::FIRST, VersionIx::nth(1));
        let mut overflow = Overflow::default();
        let next = |overflow: &mut Overflow, version| overflow.next(version).map(|(place, _)| place);
        for (place, version) in [(10, Some(new)), (11, None), (12, Some(old)), (13, None)] {
            overflow.wait(place, version, Each::default());
        }
        let order = [old, new, new, new, old, old].map(|version| next(&mut overflow, version));
        assert_eq!(order, [Some(11), Some(10), Some(13), None, Some(12), None]);
    }
}
